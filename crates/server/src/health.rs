//! Liveness, readiness and version, for a supervisor. They need no credential and contain no personal data.

use poem::Request;
use poem::http::{Method, StatusCode};

use crate::response::{Report, Response};
use crate::router::Handler;

/// The name of a part of the server, and whether it is ready.
pub type Part = (&'static str, bool);

/// Handles `/health/live`, `/health/ready` and `/version`; mount it at each of these paths.
pub struct Health<F> {
    parts: F,
}

impl<F: Fn() -> Vec<Part> + Send + Sync> Health<F> {
    /// `parts` is called for each readiness request, so it must be fast: it reads known state and calls no
    /// store.
    pub const fn new(parts: F) -> Self {
        Self { parts }
    }

    /// 200 if every part is ready, else 503; the body names each part.
    fn ready(&self) -> Response {
        let parts: std::collections::BTreeMap<_, _> = (self.parts)().into_iter().collect();
        let ready = parts.values().all(|works| *works);
        let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
        Response::health(status, &Report::Ready { ready, parts })
    }
}

impl<F: Fn() -> Vec<Part> + Send + Sync + 'static> Handler for Health<F> {
    async fn respond(&self, request: Request) -> Response {
        // The server sends the answer to HEAD without its body.
        if !matches!(*request.method(), Method::GET | Method::HEAD) {
            return Response::only("GET, HEAD");
        }
        match request.original_uri().path() {
            "/health/live" => Response::health(StatusCode::OK, &Report::Live { live: true }),
            "/health/ready" => self.ready(),
            "/version" => Response::health(StatusCode::OK, &Report::Version { version: env!("CARGO_PKG_VERSION") }),
            _ => Response::status(StatusCode::NOT_FOUND),
        }
    }
}
