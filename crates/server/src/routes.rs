//! The routes of the server: GraphQL, health, version and the page at `/`.
//!
//! The program opens the stores and gives the verifier of tokens. The routes are built here, so that
//! tests serve the same routes as the program.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use coordination::application::Application;

use crate::documents::Documents;
use crate::front_page::FrontPage;
use crate::graphql;
use crate::health::Health;
use crate::http::HttpEndpoint;
use crate::operations::Operations;
use crate::router::Router;
use crate::session::{Clock, SignedIn};
use crate::shape::SchemaProblem;
use crate::sign_in::Verifier;
use crate::trace::TraceId;
use crate::transport::GraphQl;

/// All routes of a server for this application and the persons whose tokens `verifier` accepts. The server
/// is not ready when `accepting` is false; the program sets it to false before it stops.
///
/// # Errors
/// If the definition of the schema cannot be parsed. Any test that builds the schema finds this.
pub fn routes(
    application: Arc<Application>,
    verifier: Verifier,
    clock: Clock,
    accepting: Arc<AtomicBool>,
) -> Result<HttpEndpoint, SchemaProblem> {
    let documents = Documents::new(graphql::schema, &graphql::scalars::CHECKED)?;
    let watched = Arc::clone(&application);
    let health = Arc::new(Health::new(move || {
        let condition = watched.condition();
        vec![
            ("accepting", accepting.load(Ordering::Relaxed)),
            ("following", condition.stopped.is_none()),
            ("journal", condition.journal_confirmed),
            ("read-models", !condition.read_models_late),
        ]
    }));
    let operations = Arc::new(Operations::new(documents, SignedIn::new(application, verifier, clock)));
    let routes = Router::default()
        .at("/graphql", GraphQl::new(operations))
        .at("/health/live", Arc::clone(&health))
        .at("/health/ready", Arc::clone(&health))
        .at("/version", health)
        .at("/", FrontPage);
    Ok(HttpEndpoint::new(routes, TraceId::random))
}
