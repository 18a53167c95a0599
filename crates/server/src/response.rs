//! HTTP responses. A [`Response`] with content can be made only from a [`Recorded`] answer. The other
//! constructors take errors and texts that are there before anything is read, never content.

use std::collections::BTreeMap;

use askama::Template;
use coordination::answer::Recorded;
use poem::http::{HeaderName, HeaderValue, StatusCode, header};
use serde::Serialize;

use crate::compression::Coding;
use crate::fault::Refused;
use crate::quotas::HeldAnswer;
use crate::trace::TraceId;

/// A body that is sent without authentication.
#[derive(Serialize)]
#[serde(untagged)]
pub(crate) enum Report {
    Live { live: bool },
    Ready { ready: bool, parts: BTreeMap<&'static str, bool> },
    Version { version: &'static str },
}

/// A page without content of the clinic, which needs no record. The pages have one such type.
pub(crate) trait WithoutContent: Template {}

/// The response of a handler.
#[derive(Debug)]
pub struct Response(poem::Response);

impl From<Recorded<Vec<u8>>> for Response {
    fn from(answer: Recorded<Vec<u8>>) -> Self {
        Self(poem::Response::builder().body(answer.into_inner()))
    }
}

impl From<Recorded<HeldAnswer>> for Response {
    fn from(answer: Recorded<HeldAnswer>) -> Self {
        Self(poem::Response::builder().body(answer.into_inner().into_bytes()))
    }
}

/// The GraphQL response of a request that was refused as a whole.
#[derive(Serialize)]
struct Errors<'a> {
    errors: &'a [async_graphql::ServerError],
}

impl Response {
    /// A status without a body.
    #[must_use]
    pub fn status(status: StatusCode) -> Self {
        Self(status.into())
    }

    /// The refusal of a method other than these, such as `GET, HEAD`.
    #[must_use]
    pub fn only(methods: &'static str) -> Self {
        Self::status(StatusCode::METHOD_NOT_ALLOWED).with_header(header::ALLOW, HeaderValue::from_static(methods))
    }

    /// The beginning of a socket or an event stream, which carry notices and no content.
    pub(crate) const fn of_notices(answer: poem::Response) -> Self {
        Self(answer)
    }

    /// A file that is part of the program.
    #[must_use]
    pub fn asset(media_type: &'static str, bytes: &'static [u8]) -> Self {
        Self(poem::Response::builder().content_type(media_type).body(bytes))
    }

    /// A page without content of the clinic.
    pub(crate) fn without_content(status: StatusCode, page: &impl WithoutContent, coding: Coding) -> Self {
        let body = page.render().and_then(|html| coding.encode(html.into_bytes()).map_err(askama::Error::custom));
        match body {
            Ok(body) => Self(poem::Response::builder().status(status).body(body)).with_coding(coding),
            Err(error) => {
                tracing::error!(%error, "a page could not be written");
                Self::status(StatusCode::INTERNAL_SERVER_ERROR)
            }
        }
    }

    /// The same with another status.
    #[must_use]
    pub fn with_status(mut self, status: StatusCode) -> Self {
        self.0.set_status(status);
        self
    }

    /// A status and a constant text.
    #[must_use]
    pub fn plain(status: StatusCode, text: &'static str) -> Self {
        Self(poem::Response::builder().status(status).content_type("text/plain; charset=utf-8").body(text))
    }

    /// The errors of a request that was refused as a whole.
    pub(crate) fn refused(status: StatusCode, refused: Refused, trace: TraceId) -> Self {
        Self::json(status, &Errors { errors: &refused.into_errors(trace) })
    }

    /// A health report or the version.
    pub(crate) fn health(status: StatusCode, report: &Report) -> Self {
        Self::json(status, report)
    }

    fn json(status: StatusCode, body: &impl Serialize) -> Self {
        match serde_json::to_vec(body) {
            Ok(bytes) => Self(poem::Response::builder().status(status).content_type("application/json").body(bytes)),
            Err(error) => {
                tracing::error!(%error, "a body could not be serialized");
                Self::status(StatusCode::INTERNAL_SERVER_ERROR)
            }
        }
    }

    /// The same with another content type.
    #[must_use]
    pub fn with_content_type(self, media_type: &'static str) -> Self {
        self.with_header(header::CONTENT_TYPE, HeaderValue::from_static(media_type))
    }

    /// The same with a header.
    #[must_use]
    pub fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.0.headers_mut().insert(name, value);
        self
    }

    /// The same, whose body is encoded so.
    #[must_use]
    pub(crate) fn with_coding(self, coding: Coding) -> Self {
        match coding {
            Coding::Plain => self,
            Coding::Gzip => self.with_header(header::CONTENT_ENCODING, HeaderValue::from_static("gzip")),
        }
    }

    /// The poem response, which the router sends.
    pub(crate) fn into_http(self) -> poem::Response {
        self.0
    }
}
