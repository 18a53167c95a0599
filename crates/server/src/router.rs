//! The router: paths and their handlers. A handler returns a [`Response`], whose content is recorded; a
//! poem endpoint cannot be mounted, because its response might not be recorded.
//!
//! To add a handler: 1. implement [`Handler`]; 2. make its content in
//! [`Application::answer`](coordination::application::Application::answer); 3. mount it in `routes`.

use std::sync::Arc;

use poem::{Endpoint, Request, Route};

use crate::response::Response;

/// Handles the requests to a path.
pub trait Handler: Send + Sync + 'static {
    /// The response to one request.
    fn respond(&self, request: Request) -> impl Future<Output = Response> + Send;
}

impl<H: Handler> Handler for Arc<H> {
    async fn respond(&self, request: Request) -> Response {
        H::respond(self, request).await
    }
}

/// Paths and their handlers.
#[derive(Default)]
pub struct Router(Route);

impl Router {
    /// The same with a handler at `path`.
    #[must_use]
    pub fn at(self, path: &'static str, handler: impl Handler) -> Self {
        Self(self.0.at(path, Mounted(handler)))
    }

    /// The response to a request; an error if no handler is mounted at its path.
    pub(crate) async fn respond(&self, request: Request) -> poem::Result<poem::Response> {
        self.0.call(request).await
    }
}

struct Mounted<H>(H);

impl<H: Handler> Endpoint for Mounted<H> {
    type Output = poem::Response;

    async fn call(&self, request: Request) -> poem::Result<poem::Response> {
        Ok(self.0.respond(request).await.into_http())
    }
}
