//! The HTTP and GraphQL server.
//!
//! `listen` binds the socket and serves its connections (`connections`, `counted_socket`, `exchange`), `http` wraps every
//! route, `health` answers health checks, `sign_in` verifies bearer tokens. `transport` is the endpoint `/graphql`: it
//! parses the request (`graphql_request`), parses and validates its document, which is cached (`documents`, with
//! `query_cost`, `shape`, `strings` and `input_values`), and `operations` executes it within a `Session`. `answer_limits`
//! bounds what is produced, `quotas` what a person uses. The codes of top-level errors are the closed set in `fault`.
//!
//! `router` mounts handlers, which return a `response` made of a recorded answer.
//!
//! `pages` are what people see in a browser; they run their operations through `operations` as well.
//!
//! `routes` builds the whole server: `graphql` is the schema, `session` the context of a signed-in request.
//!
//! ```ignore
//! let routes = server::routes::routes(application, signer.verifier(), clock, live, served)?;
//! Bound::bind(address).await?.run(routes, stop).await?;
//! ```

pub mod answer_limits;
mod compression;
pub mod connections;
mod counted_socket;
pub mod documents;
mod event_stream;
mod exchange;
pub mod fault;
pub mod graphql;
mod graphql_request;
pub mod health;
pub mod http;
mod input_values;
pub mod listen;
pub mod live;
mod lock;
pub mod operations;
pub mod pages;
pub mod query_cost;
pub mod quotas;
pub mod response;
pub mod router;
pub mod routes;
pub mod schema_changes;
pub mod session;
pub mod shape;
pub mod sign_in;
mod strings;
mod trace;
pub mod transport;
mod upgrade;
pub mod websocket;
