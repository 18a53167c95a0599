//! The outermost endpoint, which wraps every route of the server.
//!
//! It gives each request a trace id, refuses a foreign `Host`, turns a panic into a plain 500 and sets the
//! headers that every response has. Neither it nor any route sets a CORS header, so no page of another
//! origin can read an answer.
//!
//! There is only the demonstration server yet, which listens on loopback. A page on the internet could
//! reach it through a DNS name that resolves to 127.0.0.1 (DNS rebinding), so only the names of this
//! machine are answered. Each response has a header with the mode of the server.

use std::panic::AssertUnwindSafe;

use futures_util::FutureExt;
use poem::http::{HeaderName, HeaderValue, StatusCode, header};
use poem::{Endpoint, Request};

use crate::response::Response;
use crate::router::Router;
pub use crate::trace::TraceId;

/// Wraps the routes of the server.
pub struct HttpEndpoint {
    inside: Router,
    next_trace: fn() -> TraceId,
}

impl HttpEndpoint {
    /// `next_trace` is [`TraceId::random`], except in tests.
    pub const fn new(inside: Router, next_trace: fn() -> TraceId) -> Self {
        Self { inside, next_trace }
    }
}

impl Endpoint for HttpEndpoint {
    type Output = poem::Response;

    async fn call(&self, mut request: Request) -> poem::Result<poem::Response> {
        let trace = (self.next_trace)();
        request.set_data(trace);
        let mut response = if names_this_machine(&request) {
            // Handlers share state only behind locks, and each lock handles poisoning, so a panic
            // leaves no partial state that a later request could see.
            match AssertUnwindSafe(self.inside.respond(request)).catch_unwind().await {
                Ok(answer) => answer.unwrap_or_else(|error| error.into_response()),
                Err(_panic) => {
                    tracing::error!(error_id = %trace, "a handler panicked");
                    Response::plain(StatusCode::INTERNAL_SERVER_ERROR, "internal error").into_http()
                }
            }
        } else {
            Response::plain(StatusCode::MISDIRECTED_REQUEST, "this server answers to localhost only").into_http()
        };
        let headers = response.headers_mut();
        for (name, value) in EVERY_RESPONSE {
            headers.entry(name).or_insert(value);
        }
        if let Ok(value) = HeaderValue::from_str(&trace.to_string()) {
            headers.insert("x-request-id", value);
        }
        Ok(response)
    }
}

/// Set unless the route set the header itself: an asset may be cached, an answer may not.
const EVERY_RESPONSE: [(HeaderName, HeaderValue); 4] = [
    (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    (HeaderName::from_static("x-carefold-mode"), HeaderValue::from_static("demo")),
];

/// HTTP/1.1 names the host in a header, HTTP/2 in the request's own URI.
fn names_this_machine(request: &Request) -> bool {
    let mut named = request.headers().get_all(header::HOST).iter();
    match (named.next(), named.next(), request.uri().authority()) {
        (Some(host), None, None) => host.to_str().is_ok_and(is_this_machine),
        (None, None, Some(authority)) => is_this_machine(authority.as_str()),
        (Some(host), None, Some(authority)) => {
            host.to_str().is_ok_and(is_this_machine) && is_this_machine(authority.as_str())
        }
        (None, None, None) | (_, Some(_), _) => false,
    }
}

fn is_this_machine(host: &str) -> bool {
    // A name with a last dot is the same name, written absolutely.
    ["localhost.", "localhost", "127.0.0.1", "[::1]"].into_iter().any(|name| {
        let Some((given, rest)) = host.split_at_checked(name.len()) else {
            return false;
        };
        given.eq_ignore_ascii_case(name)
            && (rest.is_empty()
                || rest
                    .strip_prefix(':')
                    .is_some_and(|port| port.bytes().all(|byte| byte.is_ascii_digit()) && port.parse::<u16>().is_ok()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_names_of_this_machine_are_accepted() {
        for host in
            ["localhost", "localhost.", "LocalHost.:80", "LocalHost:80", "127.0.0.1:4000", "[::1]", "[::1]:65535"]
        {
            assert!(is_this_machine(host), "{host}");
        }
        for host in [
            "",
            "localhost..",
            "127.0.0.1.",
            "localhost.evil.example",
            "evil.example",
            "127.0.0.2",
            "localhost:",
            "localhost:99999",
            "localhost:80@evil.example",
            "127.0.0.1.nip.io",
            "::1",
            "user@localhost",
            "localhost:+80",
        ] {
            assert!(!is_this_machine(host), "{host}");
        }
    }
}
