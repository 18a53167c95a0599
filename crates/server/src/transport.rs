//! The endpoint `/graphql`: from an HTTP request to the executor and back.
//!
//! The cheap checks come first: method and content type, the credential, the body, the document
//! (see `documents`). Then `operations` executes it and returns a [`Recorded`] answer, so the access record is durable
//! before data leaves.
//!
//! The credential is sent in a header and never in a cookie, so a browser adds no credential to a
//! request from a page of another origin, and the origin need not be checked.

use std::net::SocketAddr;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use async_graphql::parser::types::OperationType;
use async_graphql::{Executor, Response as Executed, ServerError, Value};
use care::words::Channel;
use coordination::answer::Recorded;
use futures_util::FutureExt;
use poem::Request;
use poem::http::{HeaderValue, Method, StatusCode, header};
use serde::Serialize;

use crate::answer_limits::{ANSWER_BYTES_MAX, BoundedBytes};
use crate::event_stream;
use crate::fault::{ErrorCode, Refused};
use crate::graphql_request::{BadRequest, GraphqlRequest, ResponseMediaType};
use crate::live::Live;
use crate::operations::{Admitted, Asked, Operations, Session};
use crate::quotas::{HeldAnswer, OfPerson};
use crate::response::Response;
use crate::router::Handler;
use crate::trace::TraceId;
use crate::websocket::{SocketTimes, Sockets, is_upgrade};

/// The GraphQL endpoint.
pub struct GraphQl<E, S> {
    operations: Arc<Operations<E, S>>,
    sockets: Sockets<E, S>,
}

/// The longest time for the body to arrive.
pub(crate) const BODY_TIME_MAX: Duration = Duration::from_secs(10);

impl<E: Executor, S: Session> GraphQl<E, S> {
    /// An endpoint that executes these operations, on a server whose streams are counted.
    pub fn new(operations: Arc<Operations<E, S>>, live: Arc<Live>, times: SocketTimes) -> Self {
        let sockets = Sockets { operations: Arc::clone(&operations), live, times };
        Self { operations, sockets }
    }

    async fn answer(&self, request: &mut Request, accepted: Accepted, trace: TraceId) -> Result<Answer, Failed> {
        GraphqlRequest::check_headers(request)?;
        let Admitted { caller, person, time_left } = self.operations.authenticate(request.headers()).await?;
        let body = request.take_body();
        let Ok(read) = tokio::time::timeout(BODY_TIME_MAX, GraphqlRequest::read(request, body)).await else {
            return Err(BadRequest::new(StatusCode::REQUEST_TIMEOUT, "the body did not arrive in time").into());
        };
        let GraphqlRequest { query, operation_name, variables, .. } = read?;
        let document = self.operations.read(&query).await?;
        let operation = document.operation(operation_name.as_deref())?;
        let address = request.remote_addr().as_socket_addr().map(SocketAddr::ip);
        let asked = Asked { headers: request.headers(), address, trace, channel: Channel::GraphQl, variables };
        match operation.kind {
            OperationType::Subscription if accepted.events => {
                let live = &self.sockets.live;
                let place = live.place(person)?;
                let notices = self.operations.subscribe(caller, operation, asked)?;
                let events = event_stream::of_subscription(notices, time_left, live.stopped(), place, trace);
                return Ok(Answer::Events(Response::events(events)));
            }
            OperationType::Subscription => {
                let how = "a subscription is sent over a WebSocket (graphql-transport-ws), or with `accept: text/event-stream`";
                return Err(Refused::new(ErrorCode::BadUserInput, how).into());
            }
            OperationType::Query | OperationType::Mutation if !accepted.json => {
                let how = "only a subscription is answered by events: accept application/graphql-response+json";
                return Err(BadRequest::new(StatusCode::NOT_ACCEPTABLE, how).into());
            }
            OperationType::Mutation if *request.method() != Method::POST => {
                return Err(BadRequest::new(StatusCode::METHOD_NOT_ALLOWED, "send mutations by POST").into());
            }
            OperationType::Query | OperationType::Mutation => {}
        }
        let used = self.operations.used_by(person);
        let executed = self.operations.execute(caller, &used, operation, asked).await?;
        Ok(Answer::Whole(executed, used))
    }
}

/// What a client takes: the results of queries and mutations, or the notices of a subscription as events (graphql-sse,
/// "distinct connections mode"). Some clients take both with every request.
#[derive(Clone, Copy)]
struct Accepted {
    json: bool,
    events: bool,
}

/// What a request is answered with.
enum Answer {
    Whole(Recorded<Executed>, Arc<OfPerson>),
    /// Notices, which have no content.
    Events(Response),
}

impl<E: Executor, S: Session> Handler for GraphQl<E, S> {
    async fn respond(&self, mut request: Request) -> Response {
        let trace = TraceId::of(&request);
        if is_upgrade(request.headers()) {
            return self.sockets.respond(&request, trace).await;
        }
        let media_type = ResponseMediaType::negotiate(request.headers());
        let accepted = Accepted { json: media_type.is_some(), events: event_stream::is_accepted(request.headers()) };
        if !accepted.json && !accepted.events {
            let message = "accept application/json or application/graphql-response+json";
            let unacceptable = BadRequest::new(StatusCode::NOT_ACCEPTABLE, message);
            return Failed::from(unacceptable).into_response(ResponseMediaType::Json, trace);
        }
        let media_type = media_type.unwrap_or(ResponseMediaType::GraphqlResponse);
        // A resolver that panics drops its own state. The state of the session must stay valid after a
        // panic, as it must after an answer that was dropped.
        let answer = AssertUnwindSafe(self.answer(&mut request, accepted, trace)).catch_unwind().await;
        match answer {
            Ok(Ok(Answer::Whole(executed, used))) => to_response(executed, used, media_type, trace),
            Ok(Ok(Answer::Events(response))) => response,
            Ok(Err(failed)) => failed.into_response(media_type, trace),
            Err(_panic) => {
                let refused = Refused::new(ErrorCode::Internal, "a resolver panicked");
                Failed::from(refused).into_response(media_type, trace)
            }
        }
    }
}

/// A request that was refused as a whole.
struct Failed {
    /// The status if the HTTP request was wrong; otherwise error code and media type give the status.
    status: Option<StatusCode>,
    refused: Refused,
}

impl From<BadRequest> for Failed {
    fn from(BadRequest { status, message }: BadRequest) -> Self {
        Self { status: Some(status), refused: Refused::new(ErrorCode::BadUserInput, message) }
    }
}

impl From<Refused> for Failed {
    fn from(refused: Refused) -> Self {
        Self { status: None, refused }
    }
}

impl Failed {
    fn into_response(self, media_type: ResponseMediaType, trace: TraceId) -> Response {
        let code = self.refused.code();
        let status = match (self.status, media_type) {
            (Some(status), _) => status,
            (None, ResponseMediaType::Json) if code.is_about_the_document() => StatusCode::OK,
            (None, ResponseMediaType::Json | ResponseMediaType::GraphqlResponse) => code.status(),
        };
        let retry_after = self.refused.retry_after();
        let response = Response::refused(status, self.refused, trace).with_content_type(media_type.header_value());
        let response = match retry_after {
            Some(seconds) => response.with_header(header::RETRY_AFTER, HeaderValue::from(seconds)),
            None => response,
        };
        match status {
            StatusCode::METHOD_NOT_ALLOWED => {
                response.with_header(header::ALLOW, HeaderValue::from_static("GET, POST"))
            }
            StatusCode::UNAUTHORIZED => {
                response.with_header(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"))
            }
            _ => response,
        }
    }
}

/// The body of a response.
#[derive(Serialize)]
struct Body<'a> {
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    errors: &'a [ServerError],
    data: &'a Value,
    extensions: &'a std::collections::BTreeMap<String, Value>,
}

/// An answer of this many bytes is larger than an answer may be.
fn too_large(bytes: usize) -> Refused {
    let [asked, max] = [bytes, ANSWER_BYTES_MAX].map(|bytes| u64::try_from(bytes).unwrap_or(u64::MAX));
    Refused::too_large("bytes", asked, max)
}

/// An answer as its response has it, with line breaks for people.
///
/// # Errors
/// If it is larger than an answer may be.
pub(crate) fn for_people(Executed { errors, data, extensions, .. }: &Executed) -> Result<String, Refused> {
    let mut bytes = BoundedBytes::default();
    let internal = |error: String| Refused::with_message(ErrorCode::Internal, error);
    serde_json::to_writer_pretty(&mut bytes, &Body { errors, data, extensions })
        .map_err(|error| internal(error.to_string()))?;
    String::from_utf8(bytes.finish().map_err(too_large)?).map_err(|error| internal(error.to_string()))
}

fn to_response(
    executed: Recorded<Executed>,
    used: Arc<OfPerson>,
    media_type: ResponseMediaType,
    trace: TraceId,
) -> Response {
    let serialized = executed.map(|Executed { errors, data, extensions, .. }| {
        let mut bytes = BoundedBytes::default();
        serde_json::to_writer(&mut bytes, &Body { errors: &errors, data: &data, extensions: &extensions })?;
        Ok::<_, serde_json::Error>(bytes.finish())
    });
    match serialized.transpose().map(Recorded::transpose) {
        Ok(Ok(bytes)) => {
            let held = bytes.map(|bytes| HeldAnswer::new(bytes, used));
            Response::from(held).with_content_type(media_type.header_value())
        }
        Ok(Err(bytes)) => Failed::from(too_large(bytes)).into_response(media_type, trace),
        Err(error) => {
            tracing::error!(%error, "an answer could not be serialized");
            Response::status(StatusCode::INTERNAL_SERVER_ERROR)
        }
    }
}
