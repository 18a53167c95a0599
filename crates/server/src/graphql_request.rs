//! Parsing a GraphQL over HTTP request: method, media types and parameters.
//!
//! POST accepts only `application/json`, because a page of any origin can send forms, multipart and
//! plain text without a CORS preflight. GET accepts queries only. Errors of the HTTP request are
//! reported here with an HTTP status; errors of the document are reported later as GraphQL errors.

use async_graphql::Variables;
use poem::error::ReadBodyError;
use poem::http::header::{ACCEPT, CONTENT_TYPE};
use poem::http::{HeaderMap, Method, StatusCode};
use poem::{Body, Request};
use serde::Deserialize;

/// The parameters of a request. Unknown parameters are ignored, as the GraphQL over HTTP draft requires.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct GraphqlRequest {
    /// The text of the document.
    pub query: String,
    /// The operation to execute; needed if the document has several.
    #[serde(default)]
    pub operation_name: Option<String>,
    /// The values of the variables.
    #[serde(default)]
    pub variables: Variables,
    /// Must be an object if it is present. This server knows no request extension and ignores its content.
    #[serde(default, rename = "extensions")]
    _extensions: Option<serde_json::Map<String, serde_json::Value>>,
}

/// The media type of the response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ResponseMediaType {
    /// `application/json`: the status is 200 even if the document has errors.
    Json,
    /// `application/graphql-response+json`: the status says whether the document was accepted.
    GraphqlResponse,
}

impl ResponseMediaType {
    /// The value of the `content-type` header.
    pub(crate) const fn header_value(self) -> &'static str {
        match self {
            Self::Json => "application/json; charset=utf-8",
            Self::GraphqlResponse => "application/graphql-response+json; charset=utf-8",
        }
    }

    /// Content negotiation: the media type with the highest quality value, the first one if several are
    /// equal. Without an `accept` header it is JSON. `None` if the client accepts neither.
    pub(crate) fn negotiate(headers: &HeaderMap) -> Option<Self> {
        if !headers.contains_key(ACCEPT) {
            return Some(Self::Json);
        }
        let mut best: Option<(Self, f32)> = None;
        for value in headers.get_all(ACCEPT) {
            for range in value.to_str().unwrap_or_default().split(',') {
                let mut parts = range.split(';').map(str::trim);
                let media_type = match parts.next().unwrap_or_default().to_ascii_lowercase().as_str() {
                    "application/graphql-response+json" => Self::GraphqlResponse,
                    "application/json" | "application/*" | "*/*" => Self::Json,
                    _ => continue,
                };
                let weight = parts
                    .filter_map(|part| part.split_once('='))
                    .find(|(name, _)| name.eq_ignore_ascii_case("q"))
                    .map_or(1.0, |(_, weight)| weight.parse::<f32>().unwrap_or(0.0));
                if weight > 0.0 && best.is_none_or(|(_, known)| weight > known) {
                    best = Some((media_type, weight));
                }
            }
        }
        best.map(|(media_type, _)| media_type)
    }
}

/// An error of the HTTP request: the status of the response, and a message for the author of the client.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BadRequest {
    /// The status of the response.
    pub status: StatusCode,
    /// The message of the GraphQL error in its body.
    pub message: &'static str,
}

impl BadRequest {
    /// An error with this status and message.
    pub(crate) const fn new(status: StatusCode, message: &'static str) -> Self {
        Self { status, message }
    }
}

/// The longest body of a request.
pub(crate) const BODY_BYTES_MAX: usize = 256 * 1024;

impl GraphqlRequest {
    /// Checks method and content type before the body is read.
    pub(crate) fn check_headers(request: &Request) -> Result<(), BadRequest> {
        match *request.method() {
            Method::GET => Ok(()),
            Method::POST if is_json(request.headers()) => Ok(()),
            Method::POST => Err(BadRequest::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "send application/json in UTF-8")),
            _ => Err(BadRequest::new(StatusCode::METHOD_NOT_ALLOWED, "use POST, or GET for queries")),
        }
    }

    /// Reads a request whose method and content type were accepted.
    pub(crate) async fn read(request: &Request, body: Body) -> Result<Self, BadRequest> {
        if *request.method() == Method::GET {
            return Self::from_query_string(request);
        }
        let bytes = body.into_bytes_limit(BODY_BYTES_MAX).await.map_err(|error| {
            if matches!(error, ReadBodyError::PayloadTooLarge) {
                BadRequest::new(StatusCode::PAYLOAD_TOO_LARGE, "the body is longer than 256 KiB")
            } else {
                BadRequest::new(StatusCode::BAD_REQUEST, "the body ended too early")
            }
        })?;
        // The derived deserializer would accept an array with the parameters in the order of the fields.
        if bytes.iter().find(|byte| !byte.is_ascii_whitespace()) != Some(&b'{') {
            return Err(BadRequest::new(
                StatusCode::BAD_REQUEST,
                "the body must be one JSON object; batches are not supported",
            ));
        }
        serde_json::from_slice(&bytes).map_err(|_| {
            BadRequest::new(
                StatusCode::BAD_REQUEST,
                "the body must have a string `query`, and objects as `variables` and `extensions`",
            )
        })
    }

    fn from_query_string(request: &Request) -> Result<Self, BadRequest> {
        let wrong = BadRequest::new(
            StatusCode::BAD_REQUEST,
            "the query string must have a `query`, and JSON objects as `variables` and `extensions`",
        );
        let given: QueryString = request.params().map_err(|_| wrong)?;
        Ok(Self {
            query: given.query,
            operation_name: given.operation_name,
            variables: object(given.variables.as_deref()).map_err(|_| wrong)?.unwrap_or_default(),
            _extensions: object(given.extensions.as_deref()).map_err(|_| wrong)?,
        })
    }
}

/// The parameters of a GET request.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct QueryString {
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

    fn negotiate(values: &[&str]) -> Option<ResponseMediaType> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(ACCEPT, value.parse().unwrap());
        }
        ResponseMediaType::negotiate(&headers)
    }

    #[test]
    fn the_accepted_media_type_with_the_highest_quality_is_chosen() {
        let graphql = "application/graphql-response+json";
        assert_eq!(negotiate(&[]), Some(ResponseMediaType::Json));
        assert_eq!(negotiate(&["*/*"]), Some(ResponseMediaType::Json));
        assert_eq!(negotiate(&[graphql]), Some(ResponseMediaType::GraphqlResponse));
        assert_eq!(
            negotiate(&["Application/JSON;q=0.9, application/graphql-response+json"]),
            Some(ResponseMediaType::GraphqlResponse)
        );
        assert_eq!(negotiate(&["application/graphql-response+json;q=0.2, */*;q=0.3"]), Some(ResponseMediaType::Json));
        assert_eq!(negotiate(&["text/html", graphql]), Some(ResponseMediaType::GraphqlResponse));
        assert_eq!(negotiate(&["text/html"]), None);
        assert_eq!(negotiate(&["application/json;q=0"]), None);
        assert_eq!(negotiate(&["application/json;q=NaN"]), None);
    }

    #[test]
    fn only_json_in_utf8_is_accepted() {
        let accepts = |values: &[&str]| {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append(CONTENT_TYPE, value.parse().unwrap());
            }
            is_json(&headers)
        };
        for good in ["application/json", "Application/Json; charset=UTF-8", "application/json;charset=\"utf-8\""] {
            assert!(accepts(&[good]), "{good}");
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
            assert!(!accepts(&[bad]), "{bad}");
        }
        assert!(!accepts(&[]));
        assert!(!accepts(&["application/json", "text/plain"]));
    }
}
