//! The door: everything between a socket and an answer.
//!
//! `listen` holds the socket, `edge` surrounds every route, `health` tells a
//! supervisor, `sign_in` reads bearer tokens. `transport` is the endpoint
//! `/graphql`: it reads a request (`asked`), has its document read once and kept
//! (`documents`, with `gate`, `shape` and `variables`), and runs it within a
//! `Session`. Top-level errors are the closed set in `fault`.
//!
//! The whole is put together so:
//!
//! ```ignore
//! let documents = Documents::new(|| Schema::build(Query, Mutation, EmptySubscription))?;
//! let health = Arc::new(Health::new(move || vec![("journal", journal.is_there())]));
//! let routes = Route::new()
//!     .at("/graphql", GraphQl::new(documents, session))
//!     .at("/health/live", Arc::clone(&health))
//!     .at("/health/ready", Arc::clone(&health))
//!     .at("/version", health);
//! Bound::bind(address).await?.run(Edge::new(routes, TraceId::random), stop).await?;
//! ```

mod asked;
pub mod documents;
pub mod edge;
pub mod fault;
pub mod gate;
pub mod health;
pub mod listen;
mod shape;
pub mod sign_in;
pub mod transport;
mod variables;
