//! The outermost endpoint, which wraps every route of the server.
//!
//! It gives each request a trace id, refuses a foreign `Host`, turns a panic into a plain 500 and sets the
//! headers that every response has. CORS headers are set only for the origins that the program was given, by
//! their exact names; without them, no page of another origin can read an answer.
//!
//! There is only the demonstration server yet, which listens on loopback. A page on the internet could
//! reach it through a DNS name that resolves to 127.0.0.1 (DNS rebinding), so only the names of this
//! machine are answered, and those that the program was given, such as the name that an emulator has for it. Each response has a header with the mode of the server.

use std::fmt;
use std::panic::AssertUnwindSafe;
use std::str::FromStr;

use futures_util::FutureExt;
use poem::http::{HeaderName, HeaderValue, Method, StatusCode, header};
use poem::{Endpoint, Request};

use crate::response::Response;
use crate::router::Router;
pub use crate::trace::TraceId;

/// Wraps the routes of the server.
pub struct HttpEndpoint {
    inside: Router,
    next_trace: fn() -> TraceId,
    hosts: Vec<HostName>,
    origins: Vec<Origin>,
}

/// A further name of this machine in the `Host` header, without a port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostName(String);

/// An origin whose pages may read answers, as a browser sends it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin(String);

/// Whether no page sent a request, or a page of this server or of an origin that was allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct IsFromOwnOrigin(pub bool);

impl IsFromOwnOrigin {
    fn of(request: &Request, is_allowed: bool) -> Self {
        let mut given = request.headers().get_all(header::ORIGIN).iter();
        let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok());
        let is_own = match (given.next().map(HeaderValue::to_str), given.next()) {
            (None, _) => true,
            (Some(Ok(origin)), None) => is_allowed || host.is_some_and(|host| is_of_host(origin, host)),
            (Some(_), _) => false,
        };
        Self(is_own)
    }
}

/// Whether an origin is that of a server with this name and port.
pub(crate) fn is_of_host(origin: &str, host: &str) -> bool {
    let named = origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://"));
    named.is_some_and(|named| named.eq_ignore_ascii_case(host))
}

/// The text is no exact name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NameProblem {
    /// It is not the name of a host.
    #[error("a host is one exact name or address without a port, such as 10.0.2.2; there are no wildcards")]
    Host,
    /// It is not an origin.
    #[error(
        "an origin is http:// or https://, a lower-case host and perhaps a port, such as http://localhost:5173; there are no wildcards"
    )]
    Origin,
}

impl FromStr for HostName {
    type Err = NameProblem;

    fn from_str(text: &str) -> Result<Self, NameProblem> {
        let named = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'.' || byte == b'-';
        let fits = !text.is_empty() && text.len() <= 253 && text.bytes().all(named);
        if fits { Ok(Self(text.to_owned())) } else { Err(NameProblem::Host) }
    }
}

impl FromStr for Origin {
    type Err = NameProblem;

    fn from_str(text: &str) -> Result<Self, NameProblem> {
        let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://")).ok_or(NameProblem::Origin)?;
        let (host, port) = rest.split_once(':').map_or((rest, None), |(host, port)| (host, Some(port)));
        let lower = !host.bytes().any(|byte| byte.is_ascii_uppercase());
        let fits = lower && HostName::from_str(host).is_ok() && port.is_none_or(is_port);
        if fits { Ok(Self(text.to_owned())) } else { Err(NameProblem::Origin) }
    }
}

impl fmt::Display for HostName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl HttpEndpoint {
    /// `next_trace` is [`TraceId::random`], except in tests.
    pub const fn new(inside: Router, next_trace: fn() -> TraceId) -> Self {
        Self { inside, next_trace, hosts: Vec::new(), origins: Vec::new() }
    }

    /// The same, which also answers to these names.
    #[must_use]
    pub fn with_hosts(self, hosts: Vec<HostName>) -> Self {
        Self { hosts, ..self }
    }

    /// The same, whose answers pages of these origins may read.
    #[must_use]
    pub fn with_origins(self, origins: Vec<Origin>) -> Self {
        Self { origins, ..self }
    }

    /// The origin of the request as a header, if it is one of the list.
    ///
    /// `poem::middleware::Cors` (3.1) is not used: it refuses every request of an origin that is not listed, also those of
    /// the server's own pages, to which browsers add their origin; for a list of exact names it sets no `Vary`; and it
    /// takes the first of several `Origin` headers.
    fn allowed_origin(&self, request: &Request) -> Option<HeaderValue> {
        let mut given = request.headers().get_all(header::ORIGIN).iter();
        let (Some(origin), None) = (given.next(), given.next()) else { return None };
        self.origins.iter().any(|allowed| *origin == allowed.0).then(|| origin.clone())
    }

    /// HTTP/1.1 names the host in a header, HTTP/2 in the request's own URI.
    fn names_this_machine(&self, request: &Request) -> bool {
        let is_ours = |host: &str| is_this_machine(host, &self.hosts);
        let mut named = request.headers().get_all(header::HOST).iter();
        match (named.next(), named.next(), request.uri().authority()) {
            (Some(host), None, None) => host.to_str().is_ok_and(is_ours),
            (None, None, Some(authority)) => is_ours(authority.as_str()),
            (Some(host), None, Some(authority)) => host.to_str().is_ok_and(is_ours) && is_ours(authority.as_str()),
            (None, None, None) | (_, Some(_), _) => false,
        }
    }
}

fn is_preflight(request: &Request) -> bool {
    *request.method() == Method::OPTIONS && request.headers().contains_key(header::ACCESS_CONTROL_REQUEST_METHOD)
}

/// The headers of the answer to a preflight of an allowed origin.
const PREFLIGHT: [(HeaderName, HeaderValue); 3] = [
    (header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("GET, POST")),
    (
        header::ACCESS_CONTROL_ALLOW_HEADERS,
        HeaderValue::from_static("authorization, content-type, accept, x-read-after, traceparent"),
    ),
    (header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("600")),
];

impl Endpoint for HttpEndpoint {
    type Output = poem::Response;

    async fn call(&self, mut request: Request) -> poem::Result<poem::Response> {
        let trace = (self.next_trace)();
        request.set_data(trace);
        let origin = self.allowed_origin(&request);
        request.set_data(IsFromOwnOrigin::of(&request, origin.is_some()));
        let preflight = origin.is_some() && is_preflight(&request);
        let mut response = if !self.names_this_machine(&request) {
            Response::plain(
                StatusCode::MISDIRECTED_REQUEST,
                "this server does not answer to this host; `--host NAME` at its start adds a name",
            )
            .into_http()
        } else if preflight {
            Response::status(StatusCode::NO_CONTENT).into_http()
        } else {
            // Handlers share state only behind locks, and each lock handles poisoning, so a panic
            // leaves no partial state that a later request could see.
            match AssertUnwindSafe(self.inside.respond(request)).catch_unwind().await {
                Ok(answer) => answer.unwrap_or_else(|error| error.into_response()),
                Err(_panic) => {
                    tracing::error!(error_id = %trace, "a handler panicked");
                    Response::plain(StatusCode::INTERNAL_SERVER_ERROR, "internal error").into_http()
                }
            }
        };
        let headers = response.headers_mut();
        for (name, value) in EVERY_RESPONSE {
            headers.entry(name).or_insert(value);
        }
        if !self.origins.is_empty() {
            headers.insert(header::VARY, HeaderValue::from_static("origin"));
        }
        if let Some(origin) = origin {
            headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
            headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static("x-request-id"));
        }
        if preflight {
            headers.extend(PREFLIGHT);
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

/// Whether `host` is a name of this machine or one of `further`, with or without a port.
fn is_this_machine(host: &str, further: &[HostName]) -> bool {
    let further = further.iter().map(|name| name.0.as_str());
    // A name with a last dot is the same name, written absolutely.
    ["localhost.", "localhost", "127.0.0.1", "[::1]"].into_iter().chain(further).any(|name| {
        let Some((given, rest)) = host.split_at_checked(name.len()) else {
            return false;
        };
        given.eq_ignore_ascii_case(name) && (rest.is_empty() || rest.strip_prefix(':').is_some_and(is_port))
    })
}

fn is_port(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit()) && text.parse::<u16>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_names_of_this_machine_are_accepted() {
        for host in
            ["localhost", "localhost.", "LocalHost.:80", "LocalHost:80", "127.0.0.1:4000", "[::1]", "[::1]:65535"]
        {
            assert!(is_this_machine(host, &[]), "{host}");
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
            assert!(!is_this_machine(host, &[]), "{host}");
        }
    }

    #[test]
    fn a_further_name_adds_itself_and_nothing_else() {
        let further = ["10.0.2.2".parse().unwrap()];
        assert!(is_this_machine("10.0.2.2:8080", &further) && is_this_machine("localhost", &further));
        for host in ["10.0.2.20", "10.0.2.2.evil.example", "10.0.2", "10.0.2.2:x", "evil.example"] {
            assert!(!is_this_machine(host, &further), "{host}");
        }
        for text in ["*", "", "10.0.2.2:80", "*.example", "http://a", "a b", "a/b", "[::]"] {
            assert_eq!(text.parse::<HostName>(), Err(NameProblem::Host), "{text}");
        }
        for text in [
            "*",
            "null",
            "localhost",
            "http://",
            "http://*",
            "https://A.example",
            "http://a/",
            "http://a:x",
            "http://a:",
        ] {
            assert_eq!(text.parse::<Origin>(), Err(NameProblem::Origin), "{text}");
        }
        assert!("http://localhost:5173".parse::<Origin>().is_ok() && "https://a.example".parse::<Origin>().is_ok());
    }
}
