//! The service for writes and reads; the writes are in this file.

use std::fmt::Display;

use tonic::{Code, Request, Response, Status, Streaming};

use super::access::{internal_error, refusal, refused, stream_deleted};
use super::endpoint::Endpoint;
use super::log::{Expected, Outcome, Proposed};
use super::message::{Answers, event, id, invalid, name, size};
use super::wire::event_store::client::Empty;
use super::wire::event_store::client::streams::append_req::options::ExpectedStreamRevision;
use super::wire::event_store::client::streams::append_req::{Content, ProposedMessage};
use super::wire::event_store::client::streams::append_resp::success::{CurrentRevisionOption, PositionOption};
use super::wire::event_store::client::streams::append_resp::wrong_expected_version as wrong;
use super::wire::event_store::client::streams::append_resp::{
    Position, Result as Answer, Success, WrongExpectedVersion,
};
use super::wire::event_store::client::streams::streams_server::Streams;
use super::wire::event_store::client::streams::{
    AppendReq, AppendResp, BatchAppendReq, BatchAppendResp, DeleteReq, DeleteResp, ReadReq, ReadResp, TombstoneReq,
    TombstoneResp, delete_req, delete_resp, tombstone_req, tombstone_resp,
};
use super::{batch, reading};

#[tonic::async_trait]
impl Streams for Endpoint {
    type ReadStream = Answers<ReadResp>;
    type BatchAppendStream = Answers<BatchAppendResp>;

    async fn read(&self, request: Request<ReadReq>) -> Result<Response<Self::ReadStream>, Status> {
        let caller = self.admit(request.metadata()).await?;
        reading::answer(self, caller, request.into_inner()).map(Response::new)
    }

    async fn append(&self, request: Request<Streaming<AppendReq>>) -> Result<Response<AppendResp>, Status> {
        let caller = self.admit(request.metadata()).await?;
        let mut messages = request.into_inner();
        let Some(Content::Options(options)) = messages.message().await?.and_then(|message| message.content) else {
            return Err(internal_error());
        };
        let stream = name(options.stream_identifier)?;
        let said = options.expected_stream_revision.ok_or_else(|| invalid("expected_stream_revision"))?;
        caller.may_use(&stream)?;
        let mut events = Vec::new();
        let mut bytes = 0;
        while let Some(message) = messages.message().await? {
            let Some(Content::ProposedMessage(message)) = message.content else { return Err(internal_error()) };
            let event = proposed(message)?;
            bytes += size(&event);
            if bytes > self.cluster.options.append_bytes_max {
                return Err(append_too_large(self.cluster.options.append_bytes_max));
            }
            events.push(event);
        }
        let expected = expected(&said);
        match self.write(&stream, expected, events).await? {
            Outcome::Written { last, position } => Ok(success(last, position)),
            Outcome::WrongVersion { current } => Ok(wrong_version(expected, current)),
            Outcome::Closed => Err(stream_deleted(&stream)),
        }
        .map(|answer| Response::new(AppendResp { result: Some(answer) }))
    }

    async fn batch_append(
        &self,
        request: Request<Streaming<BatchAppendReq>>,
    ) -> Result<Response<Self::BatchAppendStream>, Status> {
        let caller = self.admit(request.metadata()).await?;
        Ok(Response::new(batch::answer(self.clone(), caller, request.into_inner())))
    }

    async fn delete(&self, request: Request<DeleteReq>) -> Result<Response<DeleteResp>, Status> {
        use delete_req::options::ExpectedStreamRevision as Said;
        let caller = self.admit(request.metadata()).await?;
        let options = request.into_inner().options.ok_or_else(internal_error)?;
        let stream = name(options.stream_identifier)?;
        let expected = match options.expected_stream_revision {
            Some(Said::Revision(revision)) => Expected::Revision(revision),
            Some(Said::NoStream(_)) => Expected::NoStream,
            Some(Said::Any(_)) => Expected::Any,
            Some(Said::StreamExists(_)) => Expected::StreamExists,
            None => return Err(invalid("expected_stream_revision")),
        };
        caller.may_use(&stream)?;
        let position = self.delete_stream(&stream, expected, false)?;
        let position = delete_resp::Position { commit_position: position, prepare_position: position };
        let position_option = Some(delete_resp::PositionOption::Position(position));
        Ok(Response::new(DeleteResp { position_option }))
    }

    async fn tombstone(&self, request: Request<TombstoneReq>) -> Result<Response<TombstoneResp>, Status> {
        use tombstone_req::options::ExpectedStreamRevision as Said;
        let caller = self.admit(request.metadata()).await?;
        let options = request.into_inner().options.ok_or_else(internal_error)?;
        let stream = name(options.stream_identifier)?;
        let expected = match options.expected_stream_revision {
            Some(Said::Revision(revision)) => Expected::Revision(revision),
            Some(Said::NoStream(_)) => Expected::NoStream,
            Some(Said::Any(_)) => Expected::Any,
            Some(Said::StreamExists(_)) => Expected::StreamExists,
            None => return Err(invalid("expected_stream_revision")),
        };
        caller.may_use(&stream)?;
        let position = self.delete_stream(&stream, expected, true)?;
        let position = tombstone_resp::Position { commit_position: position, prepare_position: position };
        let position_option = Some(tombstone_resp::PositionOption::Position(position));
        Ok(Response::new(TombstoneResp { position_option }))
    }
}

impl Endpoint {
    fn delete_stream(&self, stream: &str, expected: Expected, for_good: bool) -> Result<u64, Status> {
        if let Some(reason) = self.cluster.faults().refusal {
            return Err(refusal(reason));
        }
        let outcome = self.cluster.log().delete(stream, expected, for_good);
        self.cluster.notify();
        match outcome {
            Outcome::Written { position, .. } => position.ok_or_else(internal_error),
            Outcome::WrongVersion { current } => Err(delete_failed(stream, expected, current)),
            Outcome::Closed => Err(stream_deleted(stream)),
        }
    }
}

fn proposed(message: ProposedMessage) -> Result<Proposed, Status> {
    event(id(message.id)?, message.metadata, message.data, message.custom_metadata)
}

fn append_too_large(bytes_max: usize) -> Status {
    let words = format!("Maximum Append Size of {bytes_max} Exceeded.");
    let trailers: [(&'static str, &dyn Display); 2] =
        [("exception", &"maximum-append-size-exceeded"), ("maximum-append-size", &bytes_max)];
    refused(Code::InvalidArgument, &words, &trailers)
}

fn delete_failed(stream: &str, expected: Expected, current: Option<u64>) -> Status {
    let (expected, current) = (number(expected), current.map_or(-1, u64::cast_signed));
    let words = format!(
        "Delete failed due to WrongExpectedVersion. \
         Stream: {stream}, Expected version: {expected}, Actual version: {current}"
    );
    let trailers: [(&'static str, &dyn Display); 4] = [
        ("exception", &"wrong-expected-version"),
        ("stream-name", &stream),
        ("expected-version", &expected),
        ("actual-version", &current),
    ];
    refused(Code::FailedPrecondition, &words, &trailers)
}

/// The server's number for an expected state.
fn number(expected: Expected) -> i64 {
    match expected {
        Expected::Any => -2,
        Expected::StreamExists => -4,
        Expected::NoStream => -1,
        Expected::Revision(revision) => revision.cast_signed(),
    }
}

fn expected(said: &ExpectedStreamRevision) -> Expected {
    match said {
        ExpectedStreamRevision::Revision(revision) => Expected::Revision(*revision),
        ExpectedStreamRevision::NoStream(_) => Expected::NoStream,
        ExpectedStreamRevision::Any(_) => Expected::Any,
        ExpectedStreamRevision::StreamExists(_) => Expected::StreamExists,
    }
}

fn success(last: Option<u64>, position: Option<u64>) -> Answer {
    let current_revision_option = match last {
        Some(last) => CurrentRevisionOption::CurrentRevision(last),
        None => CurrentRevisionOption::NoStream(Empty {}),
    };
    let position_option = match position {
        Some(at) => PositionOption::Position(Position { commit_position: at, prepare_position: at }),
        None => PositionOption::NoPosition(Empty {}),
    };
    Answer::Success(Success {
        current_revision_option: Some(current_revision_option),
        position_option: Some(position_option),
    })
}

/// The refusal, in the fields of current clients and of clients before 20.6.1.
fn wrong_version(expected: Expected, current: Option<u64>) -> Answer {
    use wrong::{CurrentRevisionOption as Current, CurrentRevisionOption2060 as OldCurrent};
    use wrong::{ExpectedRevisionOption as Now, ExpectedRevisionOption2060 as Old};
    let (old, now) = match expected {
        Expected::Any => (Old::Any2060(Empty {}), Now::ExpectedAny(Empty {})),
        Expected::StreamExists => (Old::StreamExists2060(Empty {}), Now::ExpectedStreamExists(Empty {})),
        Expected::NoStream => (Old::ExpectedRevision2060(u64::MAX), Now::ExpectedNoStream(Empty {})),
        Expected::Revision(revision) => (Old::ExpectedRevision2060(revision), Now::ExpectedRevision(revision)),
    };
    let (old_current, current) = match current {
        Some(current) => (OldCurrent::CurrentRevision2060(current), Current::CurrentRevision(current)),
        None => (OldCurrent::NoStream2060(Empty {}), Current::CurrentNoStream(Empty {})),
    };
    Answer::WrongExpectedVersion(WrongExpectedVersion {
        current_revision_option_20_6_0: Some(old_current),
        expected_revision_option_20_6_0: Some(old),
        current_revision_option: Some(current),
        expected_revision_option: Some(now),
    })
}
