//! What a supervisor asks: does the process live, may it be sent requests, which
//! version is it. These three are answered to anyone and say nothing of anyone.

use poem::http::{Method, StatusCode};
use poem::{Endpoint, Request, Response};
use serde_json::{Map, Value, json};

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
        let parts = (self.parts)();
        let ready = parts.iter().all(|(_, works)| *works);
        let named: Map<String, Value> =
            parts.into_iter().map(|(name, works)| (name.to_owned(), Value::Bool(works))).collect();
        let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
        answer(status, &json!({ "ready": ready, "parts": named }))
    }
}

impl<F: Fn() -> Vec<Part> + Send + Sync> Endpoint for Health<F> {
    type Output = Response;

    async fn call(&self, request: Request) -> poem::Result<Response> {
        if request.method() != Method::GET {
            return Err(StatusCode::METHOD_NOT_ALLOWED.into());
        }
        Ok(match request.original_uri().path() {
            "/health/live" => answer(StatusCode::OK, &json!({ "live": true })),
            "/health/ready" => self.ready(),
            "/version" => answer(StatusCode::OK, &json!({ "version": env!("CARGO_PKG_VERSION") })),
            _ => return Err(StatusCode::NOT_FOUND.into()),
        })
    }
}

fn answer(status: StatusCode, body: &Value) -> Response {
    Response::builder().status(status).content_type("application/json").body(body.to_string())
}
