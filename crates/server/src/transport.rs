//! The endpoint `/graphql`: from an HTTP request to the executor and back.
//!
//! In this order, the cheap before the dear: method and content type, the
//! credential, the body, the document (see `documents`), its price, and only then
//! the operation runs within the session. The session returns a [`Recorded`] answer,
//! so what must be on record before data is shown is on record.
//!
//! Only a header carries the credential here, never a cookie; so a page of another
//! origin has nothing to send along, and there is no origin to check.

use std::panic::AssertUnwindSafe;
use std::time::Duration;

use async_graphql::parser::types::OperationType;
use async_graphql::{Data, Executor, Request as Execution, Response as Executed, ServerError, Value, value};
use coordination::answer::Recorded;
use futures_util::FutureExt;
use poem::Request;
use poem::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use serde::Serialize;

use crate::asked::{Asked, Media, Unreadable};
use crate::documents::Documents;
use crate::fault::{ErrorCode, Refused, settle};
use crate::query_cost::COST_MAX;
use crate::response::Response;
use crate::router::Handler;
use crate::trace::TraceId;

/// Who may ask, and what surrounds the execution of one operation.
///
/// When the time for an answer runs out, or the client goes away, the future of
/// [`answer`](Self::answer) is dropped.
pub trait Session: Send + Sync + 'static {
    /// Someone whose credential is good.
    type Caller: Send;

    /// Who calls. Everything but a good credential is refused, with
    /// [`ErrorCode::Unauthenticated`] as a rule; the request is not read then.
    fn admit(&self, headers: &HeaderMap) -> impl Future<Output = Result<Self::Caller, Refused>> + Send;

    /// Executes the operation by `run`, with the data that resolvers find in their context. May
    /// add to the response's `extensions`. What is returned is on record.
    fn answer<F>(
        &self,
        caller: Self::Caller,
        call: &Call<'_>,
        run: impl FnOnce(Data) -> F + Send,
    ) -> impl Future<Output = Result<Recorded<Executed>, Refused>> + Send
    where
        F: Future<Output = Executed> + Send;
}

/// One operation about to run.
pub struct Call<'a> {
    /// Of the HTTP request.
    pub headers: &'a HeaderMap,
    /// In the response as `x-request-id`.
    pub trace: TraceId,
    /// Whether it asks or changes.
    pub kind: OperationType,
    /// What it may cost at most, as published in `extensions.cost`.
    pub cost: u64,
}

/// The endpoint. See the head of this file.
pub struct GraphQl<E, S> {
    documents: Documents<E>,
    session: S,
}

/// For the operation to run and its answer to be recorded.
pub const ANSWER_TIME_MAX: Duration = Duration::from_secs(10);
/// For a body to arrive.
const BODY_TIME_MAX: Duration = Duration::from_secs(10);

impl<E: Executor, S: Session> GraphQl<E, S> {
    /// Answers with `documents` what `session` admits.
    pub const fn new(documents: Documents<E>, session: S) -> Self {
        Self { documents, session }
    }

    async fn answer(&self, request: &mut Request, trace: TraceId) -> Result<Recorded<Executed>, Failed> {
        Asked::refuse_early(request)?;
        let caller = self.session.admit(request.headers()).await?;
        let body = request.take_body();
        let Ok(asked) = tokio::time::timeout(BODY_TIME_MAX, Asked::read(request, body)).await else {
            return Err(Unreadable(StatusCode::REQUEST_TIMEOUT, "the body did not arrive in time").into());
        };
        let asked = asked?;
        let document = self.documents.read(&asked.query).await?;
        let operation = document.operation(asked.operation_name.as_deref())?;
        match operation.kind {
            OperationType::Query => {}
            OperationType::Mutation if *request.method() == Method::POST => {}
            OperationType::Mutation => {
                return Err(Unreadable(StatusCode::METHOD_NOT_ALLOWED, "send mutations by POST").into());
            }
            OperationType::Subscription => {
                return Err(Refused::new(ErrorCode::BadUserInput, "subscriptions are not served here").into());
            }
        }
        let cost = self.documents.price(operation, &asked.variables)?;
        let call = Call { headers: request.headers(), trace, kind: operation.kind, cost };
        let run = |data| async move {
            let mut execution = Execution::new("").variables(asked.variables);
            execution.data = data;
            let mut response = self.documents.execute(operation, execution).await;
            settle(&mut response.errors, trace);
            response.extensions.insert("cost".to_owned(), value!({ "requested": cost, "max": COST_MAX }));
            response
        };
        let late = |_| Err(Refused::new(ErrorCode::Timeout, "the answer was not ready in time"));
        let answer = tokio::time::timeout(ANSWER_TIME_MAX, self.session.answer(caller, &call, run)).await;
        Ok(answer.unwrap_or_else(late)?)
    }
}

impl<E: Executor, S: Session> Handler for GraphQl<E, S> {
    async fn respond(&self, mut request: Request) -> Response {
        let trace = TraceId::of(&request);
        let Some(media) = Media::accepted(request.headers()) else {
            let unacceptable =
                Unreadable(StatusCode::NOT_ACCEPTABLE, "accept application/json or application/graphql-response+json");
            return Failed::from(unacceptable).write(Media::Json, trace);
        };
        // A resolver that panics has dropped what it held; the session's own
        // state must survive its panics, as it must survive a dropped answer.
        let answered = AssertUnwindSafe(self.answer(&mut request, trace)).catch_unwind().await;
        match answered {
            Ok(Ok(executed)) => write(executed, media),
            Ok(Err(failed)) => failed.write(media, trace),
            Err(_panic) => Failed::from(Refused::new(ErrorCode::Internal, "a resolver panicked")).write(media, trace),
        }
    }
}

/// A request without an answer, and the status it gets.
struct Failed {
    /// Set if the fault lies in HTTP, where the media type has no say.
    status: Option<StatusCode>,
    refused: Refused,
}

impl From<Unreadable> for Failed {
    fn from(Unreadable(status, message): Unreadable) -> Self {
        Self { status: Some(status), refused: Refused::new(ErrorCode::BadUserInput, message) }
    }
}

impl From<Refused> for Failed {
    fn from(refused: Refused) -> Self {
        Self { status: None, refused }
    }
}

impl Failed {
    fn write(self, media: Media, trace: TraceId) -> Response {
        let code = self.refused.code();
        let status = match (self.status, media) {
            (Some(status), _) => status,
            (None, Media::Json) if code.is_about_the_document() => StatusCode::OK,
            (None, Media::Json | Media::GraphqlResponse) => code.status(),
        };
        let response = Response::refused(status, self.refused, trace).with_content_type(media.name());
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

/// A response as it is written.
#[derive(Serialize)]
struct Body<'a> {
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    errors: &'a [ServerError],
    data: &'a Value,
    extensions: &'a std::collections::BTreeMap<String, Value>,
}

fn write(executed: Recorded<Executed>, media: Media) -> Response {
    let written = executed.map(|Executed { errors, data, extensions, .. }| {
        serde_json::to_vec(&Body { errors: &errors, data: &data, extensions: &extensions })
    });
    match written.transpose() {
        Ok(bytes) => Response::from(bytes).with_content_type(media.name()),
        Err(error) => {
            tracing::error!(%error, "an answer could not be written");
            Response::status(StatusCode::INTERNAL_SERVER_ERROR)
        }
    }
}
