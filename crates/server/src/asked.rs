//! What a GraphQL request asks, read from HTTP: method, media types and members.
//!
//! Only `application/json` is taken by POST, since forms, multipart and plain text
//! can be sent by any page without asking first. GET serves queries. What an HTTP
//! client did wrong is answered in HTTP's own terms, here; what the document says
//! wrong comes later, in GraphQL's.

use async_graphql::Variables;
use poem::error::ReadBodyError;
use poem::http::header::{ACCEPT, CONTENT_TYPE};
use poem::http::{HeaderMap, Method, StatusCode};
use poem::{Body, Request};
use serde::Deserialize;

/// The members of a request. Others are passed over, as the transport's draft has it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Asked {
    /// The document.
    pub query: String,
    /// Which of its operations.
    #[serde(default)]
    pub operation_name: Option<String>,
    /// Their values.
    #[serde(default)]
    pub variables: Variables,
    /// An object if given; nothing in it is known here.
    #[serde(default, rename = "extensions")]
    _extensions: Option<serde_json::Map<String, serde_json::Value>>,
}

/// The media type of the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Media {
    /// `application/json`: 200 whatever the document's fate.
    Json,
    /// `application/graphql-response+json`: the status tells.
    GraphqlResponse,
}

impl Media {
    /// As a response header has it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Json => "application/json; charset=utf-8",
            Self::GraphqlResponse => "application/graphql-response+json; charset=utf-8",
        }
    }

    /// The one the client likes best, the first it names among equals; without
    /// an `accept` header, JSON. `None` if it takes neither.
    pub(crate) fn accepted(headers: &HeaderMap) -> Option<Self> {
        if !headers.contains_key(ACCEPT) {
            return Some(Self::Json);
        }
        let mut best: Option<(Self, f32)> = None;
        for value in headers.get_all(ACCEPT) {
            for range in value.to_str().unwrap_or_default().split(',') {
                let mut parts = range.split(';').map(str::trim);
                let media = match parts.next().unwrap_or_default().to_ascii_lowercase().as_str() {
                    "application/graphql-response+json" => Self::GraphqlResponse,
                    "application/json" | "application/*" | "*/*" => Self::Json,
                    _ => continue,
                };
                let weight = parts
                    .filter_map(|part| part.split_once('='))
                    .find(|(name, _)| name.eq_ignore_ascii_case("q"))
                    .map_or(1.0, |(_, weight)| weight.parse::<f32>().unwrap_or(0.0));
                if weight > 0.0 && best.is_none_or(|(_, known)| weight > known) {
                    best = Some((media, weight));
                }
            }
        }
        best.map(|(media, _)| media)
    }
}

/// A request that is wrong as HTTP: the status, and words for its author.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Unreadable(pub StatusCode, pub &'static str);

/// Of the body of a request.
pub(crate) const BODY_BYTES_MAX: usize = 256 * 1024;

impl Asked {
    /// Refuses a method or content type before the body is looked at.
    pub(crate) fn refuse_early(request: &Request) -> Result<(), Unreadable> {
        match *request.method() {
            Method::GET => Ok(()),
            Method::POST if is_json(request.headers()) => Ok(()),
            Method::POST => Err(Unreadable(StatusCode::UNSUPPORTED_MEDIA_TYPE, "send application/json in UTF-8")),
            _ => Err(Unreadable(StatusCode::METHOD_NOT_ALLOWED, "use POST, or GET for queries")),
        }
    }

    /// Reads a request whose method and content type are good.
    pub(crate) async fn read(request: &Request, body: Body) -> Result<Self, Unreadable> {
        if *request.method() == Method::GET {
            return Self::from_address(request);
        }
        let bytes = body.into_bytes_limit(BODY_BYTES_MAX).await.map_err(|error| {
            if matches!(error, ReadBodyError::PayloadTooLarge) {
                Unreadable(StatusCode::PAYLOAD_TOO_LARGE, "the body is longer than 256 KiB")
            } else {
                Unreadable(StatusCode::BAD_REQUEST, "the body broke off")
            }
        })?;
        // The derived reader would take an array as the members in their order.
        if bytes.iter().find(|byte| !byte.is_ascii_whitespace()) != Some(&b'{') {
            return Err(Unreadable(StatusCode::BAD_REQUEST, "the body must be one JSON object; batches are not taken"));
        }
        serde_json::from_slice(&bytes).map_err(|_| {
            Unreadable(
                StatusCode::BAD_REQUEST,
                "the body must have a string `query`, and objects as `variables` and `extensions`",
            )
        })
    }

    fn from_address(request: &Request) -> Result<Self, Unreadable> {
        let wrong = Unreadable(
            StatusCode::BAD_REQUEST,
            "the address must have a `query`, and JSON objects as `variables` and `extensions`",
        );
        let given: Address = request.params().map_err(|_| wrong)?;
        Ok(Self {
            query: given.query,
            operation_name: given.operation_name,
            variables: object(given.variables.as_deref()).map_err(|_| wrong)?.unwrap_or_default(),
            _extensions: object(given.extensions.as_deref()).map_err(|_| wrong)?,
        })
    }
}

/// The members of a request as they stand in its address.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Address {
    query: String,
    operation_name: Option<String>,
    variables: Option<String>,
    extensions: Option<String>,
}

fn object<T: serde::de::DeserializeOwned>(text: Option<&str>) -> serde_json::Result<Option<T>> {
    text.map(serde_json::from_str).transpose()
}

fn is_json(headers: &HeaderMap) -> bool {
    let mut given = headers.get_all(CONTENT_TYPE).iter();
    let (Some(value), None) = (given.next(), given.next()) else {
        return false;
    };
    let mut parts = value.to_str().unwrap_or_default().split(';').map(str::trim);
    let json = parts.next().is_some_and(|kind| kind.eq_ignore_ascii_case("application/json"));
    json && parts.filter_map(|part| part.split_once('=')).all(|(name, value)| {
        !name.trim().eq_ignore_ascii_case("charset") || value.trim().trim_matches('"').eq_ignore_ascii_case("utf-8")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accepted(values: &[&str]) -> Option<Media> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(ACCEPT, value.parse().unwrap());
        }
        Media::accepted(&headers)
    }

    #[test]
    fn the_liked_media_type_is_answered() {
        let graphql = "application/graphql-response+json";
        assert_eq!(accepted(&[]), Some(Media::Json));
        assert_eq!(accepted(&["*/*"]), Some(Media::Json));
        assert_eq!(accepted(&[graphql]), Some(Media::GraphqlResponse));
        assert_eq!(
            accepted(&["Application/JSON;q=0.9, application/graphql-response+json"]),
            Some(Media::GraphqlResponse)
        );
        assert_eq!(accepted(&["application/graphql-response+json;q=0.2, */*;q=0.3"]), Some(Media::Json));
        assert_eq!(accepted(&["text/html", graphql]), Some(Media::GraphqlResponse));
        assert_eq!(accepted(&["text/html"]), None);
        assert_eq!(accepted(&["application/json;q=0"]), None);
        assert_eq!(accepted(&["application/json;q=NaN"]), None);
    }

    #[test]
    fn only_json_in_utf8_is_taken() {
        let taken = |values: &[&str]| {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append(CONTENT_TYPE, value.parse().unwrap());
            }
            is_json(&headers)
        };
        for good in ["application/json", "Application/Json; charset=UTF-8", "application/json;charset=\"utf-8\""] {
            assert!(taken(&[good]), "{good}");
        }
        for bad in [
            "text/plain",
            "application/x-www-form-urlencoded",
            "multipart/form-data; boundary=x",
            "application/json; charset=utf-16",
            "application/jsonp",
            "text/plain; application/json",
            "",
        ] {
            assert!(!taken(&[bad]), "{bad}");
        }
        assert!(!taken(&[]));
        assert!(!taken(&["application/json", "text/plain"]));
    }
}
