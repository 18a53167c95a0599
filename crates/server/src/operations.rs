//! The execution of one operation: its cost, its session, its time limit. The endpoint `/graphql` and the pages both
//! execute their operations here, so that permission, limits and the access record are the same for both.

use std::net::IpAddr;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use async_graphql::parser::types::OperationType;
use async_graphql::{Data, Executor, Request as Execution, Response as Executed, Variables, value};
use care::words::Channel;
use coordination::answer::Recorded;
use futures_util::StreamExt;
use futures_util::stream::BoxStream;
use poem::http::HeaderMap;
use uuid::Uuid;

use crate::answer_limits::Deadline;
use crate::documents::{Document, Documents, Operation};
use crate::fault::{ErrorCode, Refused, refusal_of_all, sanitize};
use crate::query_cost::COST_MAX;
use crate::quotas::{ASIDE_FROM, OfPerson, Quotas, Turn, bytes_of};
use crate::trace::TraceId;

/// Authenticates requests, and executes one operation in the context of its caller.
///
/// The future of [`answer`](Self::answer) is dropped on a timeout or when the client disconnects.
pub trait Session: Send + Sync + 'static {
    /// An authenticated caller.
    type Caller: Clone + Send + Sync + 'static;

    /// Authenticates the caller before the body is read. A missing or wrong credential is refused, usually
    /// with [`ErrorCode::Unauthenticated`].
    fn authenticate(&self, headers: &HeaderMap)
    -> impl Future<Output = Result<Admitted<Self::Caller>, Refused>> + Send;

    /// Executes the operation by `run`, with the data that resolvers find in their context. May
    /// add to the response's `extensions`. The access record of the answer is durable when this returns.
    fn answer<F>(
        &self,
        caller: Self::Caller,
        call: &Call<'_>,
        run: impl FnOnce(Data) -> F + Send,
    ) -> impl Future<Output = Result<Recorded<Executed>, Refused>> + Send
    where
        F: Future<Output = Executed> + Send;

    /// The data that the resolvers of a subscription find in their context. A subscription shows no content, so no
    /// access record is made.
    ///
    /// # Errors
    /// If the session refuses.
    fn subscription(&self, caller: Self::Caller, call: &Call<'_>) -> Result<Data, Refused>;
}

/// A caller whose credential was accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Admitted<C> {
    /// Who.
    pub caller: C,
    /// The id of the person, by which their streams are counted.
    pub person: Uuid,
    /// How long until the credential expires.
    pub time_left: Duration,
}

/// One operation before its execution.
pub struct Call<'a> {
    /// The headers of the HTTP request.
    pub headers: &'a HeaderMap,
    /// The address that the request came from.
    pub address: Option<IpAddr>,
    /// The id of the request; the response has it as `x-request-id`.
    pub trace: TraceId,
    /// How it came: as a GraphQL request, or from a page.
    pub channel: Channel,
    /// Query, mutation or subscription.
    pub kind: OperationType,
    /// The cost of the operation, as published in `extensions.cost.requested`.
    pub cost: u64,
    /// When the time for the answer is over.
    pub deadline: Deadline,
}

/// The documents of a schema and the session in which their operations are executed.
pub struct Operations<E, S> {
    documents: Documents<E>,
    session: S,
    quotas: Quotas,
}

/// What a caller sends along with an operation.
pub(crate) struct Asked<'a> {
    pub headers: &'a HeaderMap,
    pub address: Option<IpAddr>,
    pub trace: TraceId,
    pub channel: Channel,
    pub variables: Variables,
}

impl<E: Executor, S: Session> Operations<E, S> {
    /// Executes operations of `documents` for the callers that `session` authenticates, each of whom may give so many
    /// commands in a minute.
    pub fn new(documents: Documents<E>, session: S, commands_a_minute: u64) -> Self {
        Self { documents, session, quotas: Quotas::new(commands_a_minute) }
    }

    /// What a person uses of the server.
    pub(crate) fn used_by(&self, person: Uuid) -> Arc<OfPerson> {
        self.quotas.of(person)
    }

    /// The session in which operations are executed.
    pub(crate) const fn session(&self) -> &S {
        &self.session
    }

    /// The caller of a request, by its headers.
    ///
    /// # Errors
    /// If there is no credential, or it is not accepted.
    pub(crate) async fn authenticate(&self, headers: &HeaderMap) -> Result<Admitted<S::Caller>, Refused> {
        self.session.authenticate(headers).await
    }

    /// The document with this text.
    ///
    /// # Errors
    /// If it does not parse, exceeds a limit, or is invalid for the schema.
    pub(crate) async fn read(&self, text: &str) -> Result<Arc<Document>, Refused> {
        self.documents.read(text).await
    }

    /// Executes an operation for a caller, with what the person has used. The access record of the answer is durable when this returns.
    ///
    /// # Errors
    /// If a variable does not fit its type, the cost exceeds its limit, the answer is not ready in time or too large, or
    /// the session refuses.
    #[expect(
        clippy::manual_async_fn,
        reason = "`Send` is declared here, where the session is any session: the compiler cannot prove it for a certain one"
    )]
    pub(crate) fn execute<'a>(
        &'a self,
        caller: S::Caller,
        used: &'a OfPerson,
        operation: &'a Operation,
        asked: Asked<'a>,
    ) -> impl Future<Output = Result<Recorded<Executed>, Refused>> + Send + 'a
    where
        S::Caller: 'a,
    {
        async move {
            let Asked { headers, address, trace, channel, variables } = asked;
            let cost = self.documents.cost(operation, &variables)?;
            let (kind, deadline) = (operation.kind, Deadline::from_now());
            if kind == OperationType::Mutation {
                let bytes = bytes_of(&variables).saturating_add(operation.document_bytes);
                self.quotas.write(used, operation.commands(), bytes)?;
            }
            let call = Call { headers, address, trace, channel, kind, cost, deadline };
            let run = |data| async move {
                let mut execution = Execution::new("").variables(variables);
                execution.data = data;
                let mut response = self.documents.execute(operation, execution).await;
                sanitize(&mut response.errors, trace);
                response.extensions.insert("cost".to_owned(), value!({ "requested": cost, "max": COST_MAX }));
                response
            };
            let timeout = |_| Err(Refused::new(ErrorCode::Timeout, "the answer was not ready in time"));
            let is_short = cost < ASIDE_FROM;
            let in_turn = async {
                if kind == OperationType::Mutation && is_short {
                    return self.session.answer(caller, &call, run).await;
                }
                let Turn { of_person, of_all } = self.quotas.turn(used, cost).await?;
                let run_in_turn = |data| async move {
                    let executed = if is_short { run(data).await } else { self.quotas.watched(run(data), cost).await };
                    // Others need not wait until the access record is durable.
                    drop(of_all);
                    executed
                };
                let answer = self.session.answer(caller, &call, run_in_turn).await;
                drop(of_person);
                answer
            };
            let answer = tokio::time::timeout_at(deadline.instant(), in_turn).await;
            let whole = |executed: Executed| refusal_of_all(&executed.errors).map_or(Ok(executed), Err);
            answer.unwrap_or_else(timeout)?.map(whole).transpose()
        }
    }

    /// Starts a subscription for a caller. Each item is what one notice is sent as; the end of the stream is the end of
    /// the subscription. An item with errors and without data is the last one.
    ///
    /// # Errors
    /// If a variable does not fit its type, the cost exceeds its limit, or the session refuses.
    pub(crate) fn subscribe(
        &self,
        caller: S::Caller,
        operation: &Operation,
        asked: Asked<'_>,
    ) -> Result<BoxStream<'static, Executed>, Refused> {
        let Asked { headers, address, trace, channel, variables } = asked;
        let cost = self.documents.cost(operation, &variables)?;
        let (kind, deadline) = (operation.kind, Deadline::from_now());
        let call = Call { headers, address, trace, channel, kind, cost, deadline };
        let mut execution = Execution::new("").variables(variables);
        execution.data = self.session.subscription(caller, &call)?;
        // A resolver that panics drops its own state, and nothing follows. Without an error here, a client would wait for
        // ever for notices that no task sends.
        let notices = AssertUnwindSafe(self.documents.subscribe(operation, execution)).catch_unwind();
        let sanitized = notices.map(move |notice| match notice {
            Ok(mut response) => {
                sanitize(&mut response.errors, trace);
                response
            }
            Err(_panic) => {
                let refused = Refused::new(ErrorCode::Internal, "a resolver panicked");
                Executed::from_errors(refused.into_errors(trace))
            }
        });
        Ok(sanitized.boxed())
    }
}
