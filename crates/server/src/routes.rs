//! The routes of the server, put together: GraphQL, health and version.
//!
//! The root of the program opens the stores and says who may sign in; what it serves is built
//! here, so that a test serves the same.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use coordination::application::Application;

use crate::documents::Documents;
use crate::graphql;
use crate::health::Health;
use crate::http::HttpEndpoint;
use crate::router::Router;
use crate::session::{Clock, SignedIn};
use crate::shape::SchemaProblem;
use crate::sign_in::Verifier;
use crate::trace::TraceId;
use crate::transport::GraphQl;

/// All routes of a server of this application, for the persons whom `verifier` accepts. It is ready while
/// `accepting` holds, which ends when the program is told to stop, before it stops.
///
/// # Errors
/// If the schema's own text cannot be read back, which a test would show.
pub fn routes(
    application: Arc<Application>,
    verifier: Verifier,
    clock: Clock,
    accepting: Arc<AtomicBool>,
) -> Result<HttpEndpoint, SchemaProblem> {
    let documents = Documents::new(graphql::schema)?;
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
    let routes = Router::default()
        .at("/graphql", GraphQl::new(documents, SignedIn::new(application, verifier, clock)))
        .at("/health/live", Arc::clone(&health))
        .at("/health/ready", Arc::clone(&health))
        .at("/version", health);
    Ok(HttpEndpoint::new(routes, TraceId::random))
}
