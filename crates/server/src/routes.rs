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
    front_page: FrontPage,
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
            ("care-log-writable", condition.writable.care_log),
            ("access-log-writable", condition.writable.access_log),
            ("read-models-writable", condition.writable.read_models),
            ("keys-writable", condition.writable.keys),
        ]
    }));
    let routes = Router::default()
        .at("/graphql", GraphQl::new(documents, SignedIn::new(application, verifier, clock)))
        .at("/health/live", Arc::clone(&health))
        .at("/health/ready", Arc::clone(&health))
        .at("/version", health)
        .at("/", front_page);
    Ok(HttpEndpoint::new(routes, TraceId::random))
}
