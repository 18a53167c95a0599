//! The HTTP and GraphQL server: everything between a socket and an answer.
//!
//! `listen` holds the socket, `http` surrounds every route, `health` tells a
//! supervisor, `sign_in` reads bearer tokens. `transport` is the endpoint
//! `/graphql`: it reads a request (`asked`), has its document read once and kept
//! (`documents`, with `query_cost`, `shape` and `variables`), and runs it within a
//! `Session`. Top-level errors are the closed set in `fault`.
//!
//! `router` mounts handlers, which answer with the `response` of a recorded answer.
//!
//! `routes` puts the whole together: `graphql` is the schema, `session` opens and ends a
//! signed-in request.
//!
//! ```ignore
//! let routes = server::routes::routes(application, signer.verifier(), clock, accepting)?;
//! Bound::bind(address).await?.run(routes, stop).await?;
//! ```

mod asked;
pub mod documents;
pub mod fault;
pub mod graphql;
pub mod health;
pub mod http;
pub mod listen;
pub mod query_cost;
pub mod response;
pub mod router;
pub mod routes;
pub mod session;
mod shape;
pub mod sign_in;
mod trace;
pub mod transport;
mod variables;
