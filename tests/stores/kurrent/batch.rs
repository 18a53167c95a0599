//! Appends to several streams over one call, each with its own answer.
//!
//! Our adapter does not use this call. The official Python client uses it for every append of a list.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use futures_util::stream;
use prost::Message;
use prost_types::Any;
use tokio::sync::mpsc;
use tonic::{Code, Status, Streaming};
use uuid::Uuid;

use super::access::Caller;
use super::endpoint::Endpoint;
use super::log::{Expected, Outcome, Proposed};
use super::message::{Answers, event, id, invalid, name, size};
use super::wire::event_store::client::streams::batch_append_req::options::ExpectedStreamPosition;
use super::wire::event_store::client::streams::batch_append_resp::success::{CurrentRevisionOption, PositionOption};
use super::wire::event_store::client::streams::batch_append_resp::{Result as Answer, Success};
use super::wire::event_store::client::streams::{BatchAppendReq, BatchAppendResp};
use super::wire::event_store::client::wrong_expected_version::{
    CurrentStreamRevisionOption, ExpectedStreamPositionOption,
};
use super::wire::event_store::client::{self as shared, AllStreamPosition, StreamIdentifier};
use super::wire::google::rpc;

/// An append whose parts have not all arrived.
struct Pending {
    stream: String,
    expected: Expected,
    events: Vec<Proposed>,
    bytes: usize,
}

/// Answers each append when its last part has arrived.
pub fn answer(endpoint: Endpoint, caller: Caller, mut requests: Streaming<BatchAppendReq>) -> Answers<BatchAppendResp> {
    let (out, answers) = mpsc::channel(16);
    tokio::spawn(async move {
        let mut pending = HashMap::new();
        loop {
            let answered = match requests.message().await {
                Ok(Some(request)) => part(&endpoint, caller, &mut pending, request).await,
                Ok(None) => return,
                Err(status) => Err(status),
            };
            match answered {
                Ok(None) => {}
                Ok(Some(answer)) => {
                    if out.send(Ok(answer)).await.is_err() {
                        return;
                    }
                }
                Err(status) => {
                    // The caller may have disconnected.
                    let _ = out.send(Err(status)).await;
                    return;
                }
            }
        }
    });
    Box::pin(stream::unfold(answers, |mut answers| async { answers.recv().await.map(|answer| (answer, answers)) }))
}

/// Receives one part; returns an answer if it decides the append.
async fn part(
    endpoint: &Endpoint,
    caller: Caller,
    pending: &mut HashMap<Uuid, Pending>,
    request: BatchAppendReq,
) -> Result<Option<BatchAppendResp>, Status> {
    let correlation = id(request.correlation_id.clone())?;
    if let Some(options) = request.options {
        let stream_identifier = options.stream_identifier.clone();
        let opened = name(options.stream_identifier).and_then(|stream| {
            caller.may_use(&stream)?;
            let expected = expected(options.expected_stream_position)?;
            Ok(Pending { stream, expected, events: Vec::new(), bytes: 0 })
        });
        match opened {
            Ok(opened) => drop(pending.insert(correlation, opened)),
            Err(status) => {
                let result = Some(Answer::Error(failed(&status)));
                let correlation_id = request.correlation_id;
                let answer = BatchAppendResp { correlation_id, result, stream_identifier, ..Default::default() };
                return Ok(Some(answer));
            }
        }
    }
    // A further part of an append that was refused already.
    let Entry::Occupied(mut entry) = pending.entry(correlation) else { return Ok(None) };
    let append = entry.get_mut();
    let mut refused = None;
    for proposed in request.proposed_messages {
        let event =
            id(proposed.id).and_then(|id| event(id, proposed.metadata, proposed.data, proposed.custom_metadata));
        match event {
            Ok(event) => {
                append.bytes += size(&event);
                append.events.push(event);
            }
            Err(status) => refused = Some(failed(&status)),
        }
    }
    let bytes_max = endpoint.cluster.options.append_bytes_max;
    if append.bytes > bytes_max {
        let max = shared::MaximumAppendSizeExceeded { max_append_size: bytes_max as u32 };
        refused = Some(error(Code::InvalidArgument, "MaximumAppendSizeExceeded", &max));
    }
    if refused.is_none() && !request.is_final {
        return Ok(None);
    }
    let append = entry.remove();
    let identifier = StreamIdentifier { stream_name: append.stream.clone().into_bytes() };
    let result = match refused {
        Some(error) => Answer::Error(error),
        None => {
            decided(&identifier, append.expected, endpoint.write(&append.stream, append.expected, append.events).await)?
        }
    };
    Ok(Some(BatchAppendResp {
        correlation_id: request.correlation_id,
        result: Some(result),
        stream_identifier: Some(identifier),
        ..Default::default()
    }))
}

fn expected(said: Option<ExpectedStreamPosition>) -> Result<Expected, Status> {
    match said {
        Some(ExpectedStreamPosition::StreamPosition(revision)) => Ok(Expected::Revision(revision)),
        Some(ExpectedStreamPosition::NoStream(())) => Ok(Expected::NoStream),
        Some(ExpectedStreamPosition::Any(())) => Ok(Expected::Any),
        Some(ExpectedStreamPosition::StreamExists(())) => Ok(Expected::StreamExists),
        None => Err(invalid("expected_stream_position")),
    }
}

fn decided(stream: &StreamIdentifier, expected: Expected, outcome: Result<Outcome, Status>) -> Result<Answer, Status> {
    match outcome {
        Ok(Outcome::Written { last, position }) => {
            let position = position.map(|at| AllStreamPosition { commit_position: at, prepare_position: at });
            Ok(Answer::Success(Success {
                current_revision_option: Some(
                    last.map_or(CurrentRevisionOption::NoStream(()), CurrentRevisionOption::CurrentRevision),
                ),
                position_option: Some(position.map_or(PositionOption::NoPosition(()), PositionOption::Position)),
            }))
        }
        Ok(Outcome::WrongVersion { current }) => {
            let wrong = shared::WrongExpectedVersion {
                current_stream_revision_option: Some(current.map_or(
                    CurrentStreamRevisionOption::CurrentNoStream(()),
                    CurrentStreamRevisionOption::CurrentStreamRevision,
                )),
                expected_stream_position_option: Some(match expected {
                    Expected::Any => ExpectedStreamPositionOption::ExpectedAny(()),
                    Expected::StreamExists => ExpectedStreamPositionOption::ExpectedStreamExists(()),
                    Expected::NoStream => ExpectedStreamPositionOption::ExpectedNoStream(()),
                    Expected::Revision(revision) => ExpectedStreamPositionOption::ExpectedStreamPosition(revision),
                }),
            };
            Ok(Answer::Error(error(Code::AlreadyExists, "WrongExpectedVersion", &wrong)))
        }
        Ok(Outcome::Closed) => {
            let deleted = shared::StreamDeleted { stream_identifier: Some(stream.clone()) };
            Ok(Answer::Error(error(Code::NotFound, "StreamDeleted", &deleted)))
        }
        Err(status) if [Code::PermissionDenied, Code::Aborted].contains(&status.code()) => {
            Ok(Answer::Error(failed(&status)))
        }
        // If a node cannot write, the whole call fails.
        Err(status) => Err(status),
    }
}

/// A refusal in the form of this call.
fn failed(status: &Status) -> rpc::Status {
    if status.code() == Code::PermissionDenied {
        return error(Code::PermissionDenied, "AccessDenied", &shared::AccessDenied {});
    }
    if status.code() == Code::Aborted {
        return error(Code::DeadlineExceeded, "Timeout", &shared::Timeout {});
    }
    let bad = shared::BadRequest { message: status.message().to_owned() };
    error(Code::InvalidArgument, "BadRequest", &bad)
}

/// The type URL of a detail.
fn error(code: Code, message: &str, detail: &impl Message) -> rpc::Status {
    let type_url = format!("type.googleapis.com/event_store.client.{message}");
    let details = Some(Any { type_url, value: detail.encode_to_vec() });
    rpc::Status { code: code.into(), message: message.to_owned(), details }
}
