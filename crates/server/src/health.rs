//! What a supervisor asks: does the process live, may it be sent requests, which
//! version is it. These three are answered to anyone and say nothing of anyone.

use poem::Request;
use poem::http::{Method, StatusCode};

use crate::response::{Report, Response};
use crate::router::Handler;

/// One part of the server, and whether it can do its work now.
pub type Part = (&'static str, bool);

/// Answers `/health/live`, `/health/ready` and `/version`; mount it at each of
/// the three.
pub struct Health<F> {
    parts: F,
}

impl<F: Fn() -> Vec<Part> + Send + Sync> Health<F> {
    /// `parts` is called for each question of readiness, so it must be quick:
    /// it looks at what is known, and tries nothing.
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
        if request.method() != Method::GET {
            return Response::status(StatusCode::METHOD_NOT_ALLOWED);
        }
        match request.original_uri().path() {
            "/health/live" => Response::health(StatusCode::OK, &Report::Live { live: true }),
            "/health/ready" => self.ready(),
            "/version" => Response::health(StatusCode::OK, &Report::Version { version: env!("CARGO_PKG_VERSION") }),
            _ => Response::status(StatusCode::NOT_FOUND),
        }
    }
}
