//! The pages are a client of the GraphQL API inside the process: each screen runs one named operation through the same
//! execution as `/graphql`, with the same permissions, limits and access record.

use std::net::IpAddr;

use async_graphql::parser::types::OperationType;
use async_graphql::{Response as Executed, Schema, Variables};
use care::ids::Id;
use care::words::Channel;
use coordination::answer::Recorded;
use futures_util::StreamExt;
use futures_util::stream::BoxStream;
use graphql_client::{GraphQLQuery, QueryBody};
use poem::http::{HeaderMap, HeaderValue, header};
use policy::identity::Identity;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::outcome::{Done, Outcome};
use crate::fault::{ErrorCode, Refused};
use crate::graphql::Query;
use crate::graphql::commands::Mutation;
use crate::graphql::subscription::Subscription;
use crate::operations::{Asked, Operations};
use crate::session::SignedIn;
use crate::trace::TraceId;
use crate::transport::GraphQl;

/// The operations of the server, which the pages share with `/graphql`.
pub type ServerOperations = Operations<Schema<Query, Mutation, Subscription>, SignedIn>;

/// The endpoint of the API on these operations.
pub type ServerApi = GraphQl<Schema<Query, Mutation, Subscription>, SignedIn>;

/// For whom a page runs its operation.
pub(crate) struct Caller<'a> {
    pub identity: Identity,
    pub headers: &'a HeaderMap,
    pub address: Option<IpAddr>,
    pub trace: TraceId,
    /// How far the browser has read and written.
    pub position: Option<&'a str>,
}

/// The answer to a query of a page.
#[derive(Debug)]
pub(crate) struct Answer<T> {
    pub data: T,
    /// Whether all of it is there and up to date.
    pub is_whole: bool,
    /// How far it has read.
    pub position: Option<String>,
}

/// Runs a query of a page.
///
/// # Errors
/// If it was refused as a whole, or nothing of it can be shown.
pub(crate) async fn ask<Q: GraphQLQuery>(
    operations: &ServerOperations,
    caller: &Caller<'_>,
    variables: Q::Variables,
) -> Result<Recorded<Answer<Q::ResponseData>>, Refused> {
    run(operations, caller, Q::build_query(variables)).await
}

/// Runs a mutation of a page.
///
/// # Errors
/// If it was refused as a whole, or its outcome is unknown.
pub(crate) async fn act<Q: GraphQLQuery>(
    operations: &ServerOperations,
    caller: &Caller<'_>,
    variables: Q::Variables,
) -> Result<Outcome, Refused> {
    let done = run::<Done>(operations, caller, Q::build_query(variables)).await?;
    let unknown = || Refused::new(ErrorCode::Unavailable, "the outcome is unknown");
    done.read(|answer| answer.data.done.clone()).ok_or_else(unknown)
}

/// Starts a subscription of a page. After an error nothing more comes.
///
/// # Errors
/// If it was refused as a whole.
pub(crate) async fn subscribe<Q: GraphQLQuery>(
    operations: &ServerOperations,
    caller: &Caller<'_>,
    variables: Q::Variables,
) -> Result<BoxStream<'static, Result<Q::ResponseData, Refused>>, Refused> {
    let internal = |error: serde_json::Error| Refused::with_message(ErrorCode::Internal, error.to_string());
    let QueryBody { variables, query, operation_name } = Q::build_query(variables);
    let variables = Variables::from_json(serde_json::to_value(variables).map_err(internal)?);
    let document = operations.read(query).await?;
    let operation = document.operation(Some(operation_name))?;
    let headers = headers_of(caller);
    let asked = asked(caller, &headers, variables);
    let notices = operations.subscribe(caller.identity, operation, asked)?;
    Ok(notices.map(|executed| answer(executed).map(|answer| answer.data)).boxed())
}

async fn run<T: DeserializeOwned>(
    operations: &ServerOperations,
    caller: &Caller<'_>,
    body: QueryBody<impl Serialize>,
) -> Result<Recorded<Answer<T>>, Refused> {
    let internal = |error: serde_json::Error| Refused::with_message(ErrorCode::Internal, error.to_string());
    let variables = Variables::from_json(serde_json::to_value(body.variables).map_err(internal)?);
    let typed = Typed { query: body.query, operation_name: Some(body.operation_name), variables };
    execute(operations, caller, typed).await?.map(answer).transpose()
}

/// A document as somebody typed it, or as a page has it.
pub(crate) struct Typed<'a> {
    pub query: &'a str,
    pub operation_name: Option<&'a str>,
    pub variables: Variables,
}

/// Executes an operation of a document.
///
/// # Errors
/// If it was refused as a whole.
pub(crate) async fn execute(
    operations: &ServerOperations,
    caller: &Caller<'_>,
    Typed { query, operation_name, variables }: Typed<'_>,
) -> Result<Recorded<Executed>, Refused> {
    let document = operations.read(query).await?;
    let operation = document.operation(operation_name)?;
    if operation.kind == OperationType::Subscription {
        return Err(Refused::new(
            ErrorCode::BadUserInput,
            "a page runs queries and mutations; subscribe over a WebSocket or as events",
        ));
    }
    let headers = headers_of(caller);
    // Who has signed in to the pages is a person.
    let used = operations.used_by(caller.identity.person().map(Id::uuid).unwrap_or_default());
    operations.execute(caller.identity, &used, operation, asked(caller, &headers, variables)).await
}

fn asked<'a>(caller: &Caller<'_>, headers: &'a HeaderMap, variables: Variables) -> Asked<'a> {
    Asked { headers, address: caller.address, trace: caller.trace, channel: Channel::Pages, variables }
}

/// The headers of an operation.
fn headers_of(caller: &Caller<'_>) -> HeaderMap {
    let mut headers = HeaderMap::new();
    if let Some(client) = caller.headers.get(header::USER_AGENT) {
        headers.insert(header::USER_AGENT, client.clone());
    }
    if let Some(position) = caller.position.and_then(|position| HeaderValue::from_str(position).ok()) {
        headers.insert("x-read-after", position);
    }
    headers
}

/// How far an answer has read.
pub(crate) fn position_of(executed: &Executed) -> Option<String> {
    match executed.extensions.get("position") {
        Some(async_graphql::Value::String(token)) => Some(token.clone()),
        Some(_) | None => None,
    }
}

/// The typed answer. An error beside data makes it partial; an error that leaves no data refuses it.
fn answer<T: DeserializeOwned>(executed: Executed) -> Result<Answer<T>, Refused> {
    let position = position_of(&executed);
    let Executed { data, errors, extensions, .. } = executed;
    let is_whole = errors.is_empty() && !extensions.contains_key("stale");
    match async_graphql::from_value(data) {
        Ok(data) => Ok(Answer { data, is_whole, position }),
        Err(_) if !errors.is_empty() => {
            Err(Refused::new(ErrorCode::Unavailable, "a part of the answer could not be read"))
        }
        Err(error) => Err(Refused::with_message(ErrorCode::Internal, error.to_string())),
    }
}
