//! The routes of the server: GraphQL, health, version and the pages.
//!
//! The program opens the stores and gives the verifier of tokens. The routes are built here, so that
//! tests serve the same routes as the program.

use std::sync::Arc;

use coordination::application::Application;

use crate::documents::Documents;
use crate::graphql;
use crate::health::Health;
use crate::http::HttpEndpoint;
use crate::live::Live;
use crate::operations::Operations;
use crate::pages::{self, Pages, Shared, TextsProblem};
use crate::router::Router;
use crate::session::{Clock, SignedIn};
use crate::shape::SchemaProblem;
use crate::sign_in::Verifier;
use crate::trace::TraceId;
use crate::transport::GraphQl;
use crate::websocket::SocketTimes;

/// Why a server has no routes.
#[derive(Debug, thiserror::Error)]
pub enum RoutesProblem {
    /// The definition of the schema cannot be parsed.
    #[error(transparent)]
    Schema(#[from] SchemaProblem),
    /// The texts of a language cannot be used.
    #[error(transparent)]
    Texts(#[from] TextsProblem),
}

/// What is served, and how much of it.
pub struct Served {
    /// The pages, besides the API.
    pub pages: Option<Pages>,
    /// How many commands one person may give in a minute.
    pub commands_a_minute: u64,
}

/// All routes of a server for this application and the persons whose tokens `verifier` accepts. The server
/// is not ready after [`Live::stop`], which the program calls before it stops.
///
/// Without `pages` there is only the API, and cookies are never read.
///
/// # Errors
/// If the definition of the schema or a file of texts cannot be parsed. Any test that builds the routes finds this.
pub fn routes(
    application: Arc<Application>,
    verifier: Verifier,
    clock: Clock,
    live: Arc<Live>,
    Served { pages, commands_a_minute }: Served,
) -> Result<HttpEndpoint, RoutesProblem> {
    let documents = Documents::new(graphql::schema, &graphql::scalars::CHECKED)?;
    let (watched, accepting) = (Arc::clone(&application), Arc::clone(&live));
    let health = Arc::new(Health::new(move || {
        let readiness = watched.readiness();
        let (readable, writable) = (&readiness.readable, &readiness.writable);
        vec![
            ("accepting", accepting.is_accepting()),
            ("following", readiness.stopped.is_none()),
            ("journal", readiness.journal_confirmed && readable.care_log.is_none()),
            ("access-log", readiness.access_log_answers && readable.access_log.is_none()),
            (
                "access-index",
                !readiness.access_index_late && readable.access_index.is_none() && writable.access_index.is_none(),
            ),
            ("read-models", !readiness.read_models_late && readable.read_models.is_none()),
            ("keys", readable.keys.is_none()),
            ("clock", readiness.clock_is_right),
            ("care-log-writable", writable.care_log.is_none()),
            ("access-log-writable", writable.access_log.is_none()),
            ("read-models-writable", writable.read_models.is_none()),
            ("keys-writable", writable.keys.is_none()),
        ]
    }));
    let session = SignedIn::new(application, verifier.clone(), Arc::clone(&clock));
    let operations = Arc::new(Operations::new(documents, session, commands_a_minute));
    let routes = Router::default()
        .at("/health/live", Arc::clone(&health))
        .at("/health/ready", Arc::clone(&health))
        .at("/version", health);
    let api = GraphQl::new(Arc::clone(&operations), Arc::clone(&live), SocketTimes::default());
    let routes = match pages {
        Some(pages) => pages::mount(routes, pages, Shared { operations, api, verifier, clock, live })?,
        None => routes.at("/graphql", api),
    };
    Ok(HttpEndpoint::new(routes, TraceId::random))
}
