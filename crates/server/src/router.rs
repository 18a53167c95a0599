//! The router: paths and their handlers. A handler answers with a [`Response`], so what it sends
//! is recorded; a poem endpoint cannot be mounted.
//!
//! To add a handler: 1. implement [`Handler`]; 2. make its content in
//! [`Application::answer`](coordination::application::Application::answer); 3. mount it in `routes`.

use std::sync::Arc;

use poem::{Endpoint, Request, Route};

use crate::response::Response;

/// Answers the requests of a path.
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

    /// The response to a request; an error when there is no such path.
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
