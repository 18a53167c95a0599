//! Reads of one stream or of all streams, forwards or backwards, with a limit or as a subscription.
//!
//! A forward read includes the position that a reader names; a subscription begins after it. A filtered read does not
//! report the events that it skipped; a filtered subscription does, with checkpoints. Its pages are those of the server,
//! since they decide the positions of checkpoints.

use std::pin::Pin;
use std::time::{SystemTime, UNIX_EPOCH};

use futures_util::stream;
use regex::Regex;
use tokio::sync::mpsc::{self, Sender};
use tonic::{Code, Status};

use super::access::{Caller, internal_error, refused, stream_deleted};
use super::endpoint::Endpoint;
use super::log::{Found, Log, Record};
use super::message::{Answers, invalid, name};
use super::wire::event_store::client::streams::read_req::options::all_options::AllOption;
use super::wire::event_store::client::streams::read_req::options::filter_options::{Expression, Filter, Window};
use super::wire::event_store::client::streams::read_req::options::stream_options::RevisionOption;
use super::wire::event_store::client::streams::read_req::options::uuid_option::Content as IdForm;
use super::wire::event_store::client::streams::read_req::options::{
    AllOptions, CountOption, FilterOption, FilterOptions, ReadDirection, StreamOption,
};
use super::wire::event_store::client::streams::read_resp::read_event::{self, RecordedEvent};
use super::wire::event_store::client::streams::read_resp::{
    CaughtUp, Checkpoint, Content, Position, ReadEvent, StreamNotFound, SubscriptionConfirmation,
};
use super::wire::event_store::client::streams::{ReadReq, ReadResp};
use super::wire::event_store::client::{StreamIdentifier, Uuid as WireUuid, uuid};

/// How many events the server reads from its files at once.
const PAGE: u32 = 32;

/// The start of a read.
#[derive(Clone, Copy, Debug)]
enum From {
    Start,
    At(u64),
    End,
}

/// The form of the answers to a reader, and the filter.
struct Query {
    ids_as_text: bool,
    /// The filter; `None` for all events.
    filter: Option<Passes>,
    /// How many events may be scanned for one page.
    window: u64,
    /// After how many scanned events a checkpoint is due.
    interval: u64,
}

/// The condition of a filter.
enum Passes {
    StreamPrefix(Vec<String>),
    StreamRegex(Regex),
    TypePrefix(Vec<String>),
    TypeRegex(Regex),
}

/// Answers a read.
pub fn answer(endpoint: &Endpoint, caller: Caller, request: ReadReq) -> Result<Answers<ReadResp>, Status> {
    let options = request.options.ok_or_else(internal_error)?;
    let form = options.uuid_option.ok_or_else(|| Status::invalid_argument("'uuidOption' is a required argument"))?;
    let direction = ReadDirection::try_from(options.read_direction).map_err(|_| combination())?;
    let compatibility = options.control_option.map_or(0, |control| control.compatibility);
    if options.resolve_links {
        return Err(Status::unimplemented("this stand-in does not resolve links"));
    }
    let filtered = match options.filter_option.ok_or_else(combination)? {
        FilterOption::Filter(filter) => Some(filter),
        FilterOption::NoFilter(_) => None,
    };
    let ids_as_text = matches!(form.content, Some(IdForm::String(_)));
    let count = options.count_option.ok_or_else(combination)?;
    match options.stream_option.ok_or_else(|| invalid("stream_option"))? {
        StreamOption::Stream(stream) => {
            let from = match stream.revision_option.ok_or_else(|| invalid("revision_option"))? {
                RevisionOption::Revision(revision) if revision <= i64::MAX as u64 => From::At(revision),
                RevisionOption::Start(_) => From::Start,
                RevisionOption::Revision(_) | RevisionOption::End(_) => From::End,
            };
            let stream = name(stream.stream_identifier)?;
            caller.may_use(&stream)?;
            let query = Query::new(ids_as_text, None)?;
            match (count, direction, filtered) {
                (CountOption::Count(count), direction, None) => {
                    let log = endpoint.cluster.log();
                    read_stream(&log, &stream, StreamRead { from, direction, count, compatibility }, &query)
                        .map(all_at_once)
                }
                (CountOption::Subscription(_), ReadDirection::Forwards, None) => {
                    Ok(one_by_one(endpoint, |endpoint, out| async move {
                        follow_stream(&endpoint, &stream, from, &query, &out).await
                    }))
                }
                _ => Err(combination()),
            }
        }
        StreamOption::All(all) => {
            caller.may_use("$all")?;
            let from = all_from(&endpoint.cluster.log(), all)?;
            let query = Query::new(ids_as_text, filtered)?;
            match (count, direction) {
                (CountOption::Count(count), direction) => {
                    let mut found = read_all(&endpoint.cluster.log(), from, direction, count, &query);
                    if let (Some(_), Some(end_after)) = (&query.filter, endpoint.cluster.faults().search_end_after) {
                        found.truncate(end_after);
                    }
                    Ok(all_at_once(found))
                }
                (CountOption::Subscription(_), ReadDirection::Forwards) => Ok(one_by_one(
                    endpoint,
                    |endpoint, out| async move { follow_all(&endpoint, from, &query, &out).await },
                )),
                (CountOption::Subscription(_), ReadDirection::Backwards) => Err(combination()),
            }
        }
    }
}

/// A request to read a stream.
struct StreamRead {
    from: From,
    direction: ReadDirection,
    count: u64,
    compatibility: u32,
}

fn read_stream(log: &Log, stream: &str, read: StreamRead, query: &Query) -> Result<Vec<ReadResp>, Status> {
    let StreamRead { from, direction, count, compatibility } = read;
    let events = match log.read(stream) {
        Found::Nothing => {
            let stream_identifier = Some(StreamIdentifier { stream_name: stream.as_bytes().to_vec() });
            return Ok(vec![said(Content::StreamNotFound(StreamNotFound { stream_identifier }))]);
        }
        Found::Closed => return Err(stream_deleted(stream)),
        Found::Events(events) => events,
    };
    let is_in = |record: &Record| match (from, direction) {
        (From::Start, ReadDirection::Forwards) | (From::End, ReadDirection::Backwards) => true,
        (From::End, ReadDirection::Forwards) => false,
        (From::Start, ReadDirection::Backwards) => record.revision == 0,
        (From::At(revision), ReadDirection::Forwards) => record.revision >= revision,
        (From::At(revision), ReadDirection::Backwards) => record.revision <= revision,
    };
    let mut found: Vec<&Record> = events.iter().copied().filter(|record| is_in(record)).collect();
    if direction == ReadDirection::Backwards {
        found.reverse();
    }
    let mut answers: Vec<ReadResp> = found
        .into_iter()
        .take(usize::try_from(count).unwrap_or(usize::MAX))
        .map(|record| query.event(record))
        .collect();
    if let Some(last) = events.last().filter(|_| compatibility >= 1) {
        answers.push(said(Content::LastStreamPosition(last.revision)));
    }
    Ok(answers)
}

fn read_all(log: &Log, from: From, direction: ReadDirection, count: u64, query: &Query) -> Vec<ReadResp> {
    let count = usize::try_from(count).unwrap_or(usize::MAX);
    let records = log.records();
    let at = match from {
        From::Start => 0,
        From::At(position) => log.at_or_after(position),
        From::End => records.len(),
    };
    let (before, after) = records.split_at(at);
    let passed = |record: &&Record| query.passes(record);
    match direction {
        ReadDirection::Forwards => after.iter().filter(passed).take(count).map(|record| query.event(record)).collect(),
        // In a backward read, a position is the end of a record, so the event at the position is not included.
        ReadDirection::Backwards => {
            before.iter().rev().filter(passed).take(count).map(|record| query.event(record)).collect()
        }
    }
}

/// Ends when the caller disconnects, when the stream is closed, or when a test ends it.
async fn follow_stream(endpoint: &Endpoint, stream: &str, from: From, query: &Query, out: &Out) -> Result<(), Gone> {
    let mut changes = endpoint.cluster.changes();
    out.say(Content::Confirmation(confirmation())).await?;
    let mut next = match (from, endpoint.cluster.log().read(stream)) {
        (From::Start, _) => 0,
        (From::At(revision), _) => revision + 1,
        (From::End, Found::Events(events)) => events.last().map_or(0, |last| last.revision + 1),
        (From::End, Found::Nothing | Found::Closed) => 0,
    };
    let (mut sent, mut caught_up) = (0, false);
    loop {
        let found = match endpoint.cluster.log().read(stream) {
            Found::Nothing => Ok(Vec::new()),
            Found::Closed => Err(stream_deleted(stream)),
            Found::Events(events) => {
                Ok(events.into_iter().filter(|record| record.revision >= next).cloned().collect::<Vec<_>>())
            }
        };
        let found = match found {
            Ok(found) => found,
            Err(closed) => return out.fail(closed).await,
        };
        for record in &found {
            if out.is_over(endpoint, sent) {
                return Ok(());
            }
            out.send(query.event(record)).await?;
            sent += 1;
            next = record.revision + 1;
        }
        if !caught_up {
            caught_up = true;
            let stream_revision = next.checked_sub(1).map(u64::cast_signed);
            out.say(Content::CaughtUp(CaughtUp { timestamp: now(), stream_revision, position: None })).await?;
        }
        if out.is_over(endpoint, sent) || changes.changed().await.is_err() {
            return Ok(());
        }
    }
}

/// Ends when the caller disconnects, or when a test ends it.
async fn follow_all(endpoint: &Endpoint, from: From, query: &Query, out: &Out) -> Result<(), Gone> {
    let mut changes = endpoint.cluster.changes();
    out.say(Content::Confirmation(confirmation())).await?;
    let last = endpoint.cluster.log().last();
    // The last event or checkpoint that was sent, and the last checkpoint.
    let mut told = match from {
        From::Start => None,
        From::At(position) => Some(position),
        From::End => last,
    };
    let (mut checkpoint, mut sent, mut looked_at) = (None, 0, 0);
    let mut next = told.unwrap_or(0);
    if told < last {
        loop {
            let page = page(&endpoint.cluster.log(), next, query);
            // Only the first event of the first page can be known to the reader.
            let had = told;
            for record in page.passed.iter().filter(|record| had.is_none_or(|had| record.position > had)) {
                if out.is_over(endpoint, sent) {
                    return Ok(());
                }
                out.send(query.event(record)).await?;
                sent += 1;
                told = Some(record.position);
            }
            if told.is_none_or(|told| told < next) && next < page.next {
                told = Some(next);
            }
            looked_at += page.looked_at;
            let due = looked_at >= query.interval;
            looked_at %= query.interval;
            if query.filter.is_some() && (page.is_end || due) && told > checkpoint {
                checkpoint = told;
                out.checkpoint(told).await?;
            }
            if page.is_end {
                break;
            }
            next = page.next;
        }
    }
    let position = told.map(|at| Position { commit_position: at, prepare_position: at });
    out.say(Content::CaughtUp(CaughtUp { timestamp: now(), stream_revision: None, position })).await?;
    // Live events begin after the existing ones, and after the reader's position.
    let mut seen = told.max(last);
    looked_at = 0;
    loop {
        let fresh = {
            let log = endpoint.cluster.log();
            let at = seen.map_or(0, |seen| log.at_or_after(seen + 1));
            log.records().iter().skip(at).cloned().collect::<Vec<_>>()
        };
        for record in &fresh {
            if out.is_over(endpoint, sent) {
                return Ok(());
            }
            looked_at += 1;
            seen = Some(record.position);
            if query.passes(record) {
                out.send(query.event(record)).await?;
                sent += 1;
            }
            if query.filter.is_some() && looked_at >= query.interval {
                looked_at = 0;
                out.checkpoint(seen).await?;
            }
        }
        if out.is_over(endpoint, sent) || changes.changed().await.is_err() {
            return Ok(());
        }
    }
}

/// The result of one read of the files.
struct Page {
    passed: Vec<Record>,
    looked_at: u64,
    /// Where the next page begins.
    next: u64,
    is_end: bool,
}

fn page(log: &Log, from: u64, query: &Query) -> Page {
    let mut page = Page { passed: Vec::new(), looked_at: 0, next: from, is_end: true };
    for record in log.records().iter().skip(log.at_or_after(from)) {
        if page.looked_at >= query.window || page.passed.len() >= PAGE as usize {
            page.is_end = false;
            page.next = record.position;
            return page;
        }
        page.looked_at += 1;
        page.next = record.position + 1;
        if query.passes(record) {
            page.passed.push(record.clone());
        }
    }
    page
}

impl Query {
    fn new(ids_as_text: bool, filter: Option<FilterOptions>) -> Result<Self, Status> {
        let Some(filter) = filter else {
            return Ok(Self { ids_as_text, filter: None, window: u64::from(PAGE), interval: u64::from(PAGE) });
        };
        let window = match filter.window.ok_or_else(|| invalid("window"))? {
            Window::Max(max) => max,
            Window::Count(_) => PAGE,
        };
        if filter.checkpoint_interval_multiplier == 0 || window == 0 {
            return Err(internal_error());
        }
        let interval = u64::from(window) * u64::from(filter.checkpoint_interval_multiplier);
        let passes = match filter.filter.ok_or_else(|| invalid("filter"))? {
            Filter::StreamIdentifier(Expression { regex, prefix }) => match regex.is_empty() {
                true => Passes::StreamPrefix(prefix),
                false => Passes::StreamRegex(pattern(&regex)?),
            },
            Filter::EventType(Expression { regex, prefix }) => match regex.is_empty() {
                true => Passes::TypePrefix(prefix),
                false => Passes::TypeRegex(pattern(&regex)?),
            },
        };
        Ok(Self { ids_as_text, filter: Some(passes), window: u64::from(window), interval })
    }

    fn passes(&self, record: &Record) -> bool {
        let begins = |text: &str, prefixes: &[String]| prefixes.iter().any(|prefix| text.starts_with(prefix.as_str()));
        match &self.filter {
            None => true,
            Some(Passes::StreamPrefix(prefixes)) => begins(&record.stream, prefixes),
            Some(Passes::StreamRegex(regex)) => regex.is_match(&record.stream),
            Some(Passes::TypePrefix(prefixes)) => begins(&record.event.event_type, prefixes),
            Some(Passes::TypeRegex(regex)) => regex.is_match(&record.event.event_type),
        }
    }

    fn event(&self, record: &Record) -> ReadResp {
        let id = match self.ids_as_text {
            true => uuid::Value::String(record.event.id.to_string()),
            false => {
                let (most, least) = record.event.id.as_u64_pair();
                uuid::Value::Structured(uuid::Structured {
                    most_significant_bits: most.cast_signed(),
                    least_significant_bits: least.cast_signed(),
                })
            }
        };
        let metadata = [
            ("type", record.event.event_type.clone()),
            ("content-type", record.event.content_type.clone()),
            ("created", record.ticks.to_string()),
        ];
        let event = RecordedEvent {
            id: Some(WireUuid { value: Some(id) }),
            stream_identifier: Some(StreamIdentifier { stream_name: record.stream.clone().into_bytes() }),
            stream_revision: record.revision,
            prepare_position: record.position,
            commit_position: record.position,
            metadata: metadata.map(|(key, value)| (key.to_owned(), value)).into(),
            custom_metadata: record.event.metadata.clone(),
            data: record.event.data.clone(),
        };
        let position = Some(read_event::Position::CommitPosition(record.position));
        said(Content::Event(ReadEvent { event: Some(event), link: None, position }))
    }
}

fn pattern(regex: &str) -> Result<Regex, Status> {
    Regex::new(regex).map_err(|_| internal_error())
}

/// The start of a read of all streams; a position at which no record begins is refused.
fn all_from(log: &Log, all: AllOptions) -> Result<From, Status> {
    match all.all_option.ok_or_else(|| invalid("all_option"))? {
        AllOption::Start(_) => Ok(From::Start),
        AllOption::End(_) => Ok(From::End),
        AllOption::Position(position) if position.commit_position == u64::MAX => Ok(From::End),
        AllOption::Position(position) => {
            let is_there = position.prepare_position <= position.commit_position;
            if !is_there || !log.is_boundary(position.commit_position) {
                return Err(refused(Code::InvalidArgument, "Trying to read from an invalid position.", &[]));
            }
            Ok(From::At(position.commit_position))
        }
    }
}

fn combination() -> Status {
    Status::invalid_argument("The combination of options is invalid.")
}

fn said(content: Content) -> ReadResp {
    ReadResp { content: Some(content) }
}

fn confirmation() -> SubscriptionConfirmation {
    SubscriptionConfirmation { subscription_id: "00000000-0000-4000-8000-0000000000ff".to_owned() }
}

fn now() -> Option<prost_types::Timestamp> {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Some(prost_types::Timestamp { seconds: since.as_secs().cast_signed(), nanos: since.subsec_nanos().cast_signed() })
}

fn all_at_once(answers: Vec<ReadResp>) -> Answers<ReadResp> {
    Box::pin(stream::iter(answers.into_iter().map(Ok)))
}

/// The caller has disconnected.
struct Gone;

/// The caller's end of a subscription.
struct Out(Sender<Result<ReadResp, Status>>);

impl Out {
    async fn send(&self, answer: ReadResp) -> Result<(), Gone> {
        self.0.send(Ok(answer)).await.map_err(|_| Gone)
    }

    async fn say(&self, content: Content) -> Result<(), Gone> {
        self.send(said(content)).await
    }

    async fn checkpoint(&self, at: Option<u64>) -> Result<(), Gone> {
        let Some(at) = at else { return Ok(()) };
        self.say(Content::Checkpoint(Checkpoint { commit_position: at, prepare_position: at, timestamp: now() })).await
    }

    async fn fail(&self, status: Status) -> Result<(), Gone> {
        self.0.send(Err(status)).await.map_err(|_| Gone)
    }

    /// Whether a test ends it after fewer events than were sent.
    fn is_over(&self, endpoint: &Endpoint, sent: u64) -> bool {
        self.0.is_closed() || endpoint.cluster.faults().end_after.is_some_and(|after| sent >= after)
    }
}

/// Runs a subscription until its caller disconnects; it ends without an error.
fn one_by_one<F, R>(endpoint: &Endpoint, run: F) -> Answers<ReadResp>
where
    F: FnOnce(Endpoint, Out) -> R,
    R: Future<Output = Result<(), Gone>> + Send + 'static,
{
    let (out, answers) = mpsc::channel(16);
    let running = run(endpoint.clone(), Out(out));
    tokio::spawn(async move {
        // Most of them end when the caller disconnects.
        let _ = running.await;
    });
    let answers: Pin<Box<_>> =
        Box::pin(stream::unfold(answers, |mut answers| async { answers.recv().await.map(|answer| (answer, answers)) }));
    answers
}
