//! The endpoint `/graphql`: from an HTTP request to the executor and back.
//!
//! In this order, the cheap before the dear: method and content type, the
//! credential, the body, the document (see `documents`), its price, and only then
//! the session is opened and the operation runs. Nothing of an answer is sent
//! before [`Session::finish`] has returned, so what must be on record before data
//! is shown is on record.
//!
//! Only a header carries the credential here, never a cookie; so a page of another
//! origin has nothing to send along, and there is no origin to check.

use std::panic::AssertUnwindSafe;
use std::time::Duration;

use async_graphql::parser::types::OperationType;
use async_graphql::{Data, Executor, Request as Execution, Response as Executed, ServerError, Value, value};
use futures_util::FutureExt;
use poem::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use poem::{Endpoint, Request, Response};
use serde::Serialize;

use crate::asked::{Asked, Media, Unreadable};
use crate::documents::Documents;
use crate::fault::{ErrorCode, Refused, settle};
use crate::http::TraceId;
use crate::query_cost::COST_MAX;

/// What surrounds the execution of one operation.
///
/// The calls come in this order: `admit`, and if the request is well formed
/// `begin`, and if the operation was executed `finish`. When the time for an
/// answer runs out, or the client goes away, the ticket is dropped instead.
pub trait Session: Send + Sync + 'static {
    /// Someone whose credential is good.
    type Caller: Send;
    /// What `finish` needs of `begin`.
    type Ticket: Send;

    /// Who calls. Everything but a good credential is refused, with
    /// [`ErrorCode::Unauthenticated`] as a rule; the request is not read then.
    fn admit(&self, headers: &HeaderMap) -> impl Future<Output = Result<Self::Caller, Refused>> + Send;

    /// Opens what the resolvers use. The data returned is what they find in
    /// their context.
    fn begin(
        &self,
        caller: Self::Caller,
        call: &Call<'_>,
    ) -> impl Future<Output = Result<(Self::Ticket, Data), Refused>> + Send;

    /// Ends the request: may add to the response's `extensions`, and completes
    /// what must be durable before the answer leaves. If it refuses, nothing of
    /// the answer leaves.
    fn finish(&self, ticket: Self::Ticket, response: &mut Executed)
    -> impl Future<Output = Result<(), Refused>> + Send;
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

/// From the opening of the session until its end.
pub const ANSWER_TIME_MAX: Duration = Duration::from_secs(10);
/// For a body to arrive.
const BODY_TIME_MAX: Duration = Duration::from_secs(10);

impl<E: Executor, S: Session> GraphQl<E, S> {
    /// Answers with `documents` what `session` admits.
    pub const fn new(documents: Documents<E>, session: S) -> Self {
        Self { documents, session }
    }

    async fn answer(&self, request: &mut Request, trace: TraceId) -> Result<Executed, Failed> {
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
        let run = async {
            let (ticket, data) = self.session.begin(caller, &call).await?;
            let mut execution = Execution::new("").variables(asked.variables);
            execution.data = data;
            let mut response = self.documents.execute(operation, execution).await;
            settle(&mut response.errors, trace);
            response.extensions.insert("cost".to_owned(), value!({ "requested": cost, "max": COST_MAX }));
            self.session.finish(ticket, &mut response).await?;
            Ok(response)
        };
        tokio::time::timeout(ANSWER_TIME_MAX, run)
            .await
            .unwrap_or_else(|_| Err(Refused::new(ErrorCode::Timeout, "the answer was not ready in time").into()))
    }
}

impl<E: Executor, S: Session> Endpoint for GraphQl<E, S> {
    type Output = Response;

    async fn call(&self, mut request: Request) -> poem::Result<Response> {
        let trace = TraceId::of(&request);
        let Some(media) = Media::accepted(request.headers()) else {
            let unacceptable =
                Unreadable(StatusCode::NOT_ACCEPTABLE, "accept application/json or application/graphql-response+json");
            return Ok(Failed::from(unacceptable).write(Media::Json, trace));
        };
        // A resolver that panics has dropped what it held; the session's own
        // state must survive its panics, as it must survive a dropped ticket.
        let answered = AssertUnwindSafe(self.answer(&mut request, trace)).catch_unwind().await;
        Ok(match answered {
            Ok(Ok(executed)) => write(StatusCode::OK, media, &Body::of(&executed)),
            Ok(Err(failed)) => failed.write(media, trace),
            Err(_panic) => Failed::from(Refused::new(ErrorCode::Internal, "a resolver panicked")).write(media, trace),
        })
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
        let errors = self.refused.into_errors(trace);
        let mut response = write(status, media, &Body { errors: &errors, data: None, extensions: None });
        let headers = response.headers_mut();
        if status == StatusCode::METHOD_NOT_ALLOWED {
            headers.insert(header::ALLOW, HeaderValue::from_static("GET, POST"));
        }
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

/// A response as it is written. Without `data`, no field was executed.
#[derive(Serialize)]
struct Body<'a> {
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    errors: &'a [ServerError],
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<&'a Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    extensions: Option<&'a std::collections::BTreeMap<String, Value>>,
}

impl<'a> Body<'a> {
    fn of(executed: &'a Executed) -> Self {
        Self { errors: &executed.errors, data: Some(&executed.data), extensions: Some(&executed.extensions) }
    }
}

fn write(status: StatusCode, media: Media, body: &Body<'_>) -> Response {
    match serde_json::to_vec(body) {
        Ok(bytes) => Response::builder().status(status).content_type(media.name()).body(bytes),
        Err(error) => {
            tracing::error!(%error, "an answer could not be written");
            StatusCode::INTERNAL_SERVER_ERROR.into()
        }
    }
}
