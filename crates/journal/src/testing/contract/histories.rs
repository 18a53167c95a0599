//! A case of concurrent clients that lose answers, repeat appends and give up. The history of all their operations must
//! be possible for one log with a total order.
//!
//! The choices of each client follow from a seed; the interleaving does not. The history is checked afterwards
//! (`check_history`):
//! - The log holds each acknowledged append once, at the place that was acknowledged; it holds nothing of a refused
//!   append; of an append with unknown outcome it holds all events or none.
//! - Each stream is linearizable: the order of its appends by revision, and of each conflict and each read between them,
//!   agrees with the order in which the operations were called and returned.
//! - An append that returned before another was called has the lower position, even in another stream.
//! - Each follower saw exactly the log.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use futures_util::StreamExt;
use tokio::sync::Mutex;
use tokio::task::{JoinHandle, JoinSet, yield_now};

use super::{Site, append, assert_sound, at, fixed_clock, many, opened, read_all, stream};
use crate::testing::fault::Fault;
use crate::{
    Access, Append, AppendError, Appended, Direction, Expected, Fatal, Feed, Journal, Position, ReadError, Recorded,
    Revision,
};

const CLIENTS: u64 = 8;
const STREAMS: u64 = 3;
const STEPS: u64 = 40;
const SEEDS: u64 = 4;
const SEEDS_SOAK: u64 = 40;
/// How long a journal that ended may keep another from being opened.
const REOPEN_WAIT_MAX: Duration = Duration::from_secs(20);

pub(super) async fn the_answers_to_concurrent_clients_are_possible_for_one_log_with_one_order(site: Arc<dyn Site>) {
    let soaking = std::env::var_os("CAREFOLD_SOAK").is_some_and(|value| value == "1");
    for seed in 1..=if soaking { SEEDS_SOAK } else { SEEDS } {
        history(site.fresh(), seed).await;
    }
}

async fn history(site: Arc<dyn Site>, seed: u64) {
    let shared = Arc::new(Shared::new(site, seed).await);
    let follower = follow(&shared);
    let mut clients = JoinSet::new();
    for client in 0..CLIENTS {
        let mut client = Client::new(&shared, seed, client);
        clients.spawn(async move {
            for _ in 0..STEPS {
                client.step().await;
            }
            client.done
        });
    }
    let mut done: Vec<Operation> = clients.join_all().await.into_iter().flatten().collect();

    // Every append that is still running is in the log before this one.
    let mut last = Client::new(&shared, seed, CLIENTS);
    let end = last.append_until_known(append("end-1", Expected::NoStream, [u128::MAX])).await;
    let Outcome::Appended(end) = end else { panic!("seed {seed}: {end:?}") };
    done.extend(last.done);
    let (_, journal) = shared.journal().await;
    let log = read_all(&journal).await;
    check_history(&log, &done).unwrap_or_else(|wrong| panic!("seed {seed}: {wrong}"));
    let seen = until(follower, end.position).await;
    assert!(seen == log[..seen.len()] && seen.len() + 1 >= log.len(), "seed {seed}: the follower saw another log");
}

/// The shared state of the clients: the journal, which a client opens again when it has ended, and a logical clock.
struct Shared {
    site: Arc<dyn Site>,
    journal: Mutex<(u64, Arc<dyn Journal>)>,
    clock: AtomicU64,
    faults: std::sync::Mutex<Faults>,
}

/// When the next fault is armed. It replaces an armed fault that has not happened yet.
struct Faults {
    random: Random,
    at: u64,
}

impl Shared {
    async fn new(site: Arc<dyn Site>, seed: u64) -> Self {
        let journal = Mutex::new((0, opened(&site).await));
        let faults = Faults { random: Random(seed << 32), at: 0 };
        Self { site, journal, clock: AtomicU64::new(0), faults: faults.into() }
    }

    /// The next logical time. Arms a fault now and then.
    fn now(&self) -> u64 {
        let now = self.clock.fetch_add(1, Ordering::SeqCst);
        let mut faults = self.faults.lock().expect("no panic while it is held");
        if now >= faults.at {
            faults.at = now + 30 + faults.random.below(80);
            let lost = faults.random.below(2) == 0;
            self.site.arm(if lost { Fault::AcknowledgementLost } else { Fault::CommitLost });
        }
        now
    }

    /// The journal, and how often it was opened before.
    async fn journal(&self) -> (u64, Arc<dyn Journal>) {
        self.journal.lock().await.clone()
    }

    /// Opens the journal again, unless somebody else already did.
    async fn reopen(&self, ended: u64) {
        let mut journal = self.journal.lock().await;
        if journal.0 != ended {
            return;
        }
        let began = Instant::now();
        loop {
            match self.site.open_as("care", Access::Write, fixed_clock()).await {
                Ok(opened) => break *journal = (ended + 1, opened),
                Err(error) => assert!(began.elapsed() < REOPEN_WAIT_MAX, "{error}"),
            }
            yield_now().await;
        }
    }
}

/// Pseudo-random numbers from a seed: xorshift.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % bound
    }
}

/// An operation of a client, with its outcome.
struct Operation {
    /// The logical time of the call.
    called: u64,
    /// The logical time of the answer; `u64::MAX` if there was none.
    returned: u64,
    call: Call,
}

enum Call {
    Append(Append, Outcome),
    /// A read found this number of events in the stream.
    Length(String, u64),
    Head(Option<Position>),
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Outcome {
    Appended(Appended),
    /// The stream had this number of events.
    Conflict(u64),
    /// The append was not written for another reason.
    NotWritten,
    /// There was no answer, or the store does not know.
    Unknown,
}

struct Client {
    shared: Arc<Shared>,
    random: Random,
    number: u64,
    next_id: u128,
    /// The lengths of the streams, as far as the client knows them.
    lengths: [u64; STREAMS as usize],
    done: Vec<Operation>,
}

impl Client {
    fn new(shared: &Arc<Shared>, seed: u64, number: u64) -> Self {
        let random = Random((seed * 1_000 + number + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let (shared, lengths) = (Arc::clone(shared), [0; STREAMS as usize]);
        Self { shared, random, number, next_id: 0, lengths, done: Vec::new() }
    }

    async fn step(&mut self) {
        let which = self.random.below(STREAMS);
        match self.random.below(10) {
            0 => self.read(which).await,
            1 => self.head().await,
            2 => self.repeat().await,
            _ => {
                let append = self.next_append(which);
                let outcome = match self.random.below(8) {
                    0 => self.append_and_abandon(append).await,
                    _ => self.append_until_known(append).await,
                };
                match outcome {
                    Outcome::Appended(appended) => self.lengths[which as usize] = appended.last.0 + 1,
                    Outcome::Conflict(length) => self.lengths[which as usize] = length,
                    Outcome::NotWritten | Outcome::Unknown => {}
                }
            }
        }
    }

    /// New events at the end of the stream that the client knows, or near it.
    fn next_append(&mut self, which: u64) -> Append {
        let known = self.lengths[which as usize];
        let length = match self.random.below(8) {
            0 => known.saturating_sub(1),
            1 => known + 1,
            2 => 0,
            _ => known,
        };
        let first = u128::from(self.number) << 64 | self.next_id << 8;
        self.next_id += 1;
        let expected = length.checked_sub(1).map_or(Expected::NoStream, at);
        append(&format!("s-{which}"), expected, first..=first + u128::from(self.random.below(3)))
    }

    /// Repeats an append until its outcome is known, or sometimes gives up before.
    async fn append_until_known(&mut self, append: Append) -> Outcome {
        let called = self.shared.now();
        let mut outcome = self.try_append(&append).await;
        let unsure = outcome == Outcome::Unknown;
        let last = self.number == CLIENTS;
        // A repeat that was not written says nothing about the attempts before it.
        while matches!(outcome, Outcome::Unknown | Outcome::NotWritten) && (last || unsure && self.random.below(4) > 0)
        {
            outcome = self.try_append(&append).await;
        }
        if unsure && outcome == Outcome::NotWritten {
            outcome = Outcome::Unknown;
        }
        let returned = if outcome == Outcome::Unknown { u64::MAX } else { self.shared.now() };
        self.done.push(Operation { called, returned, call: Call::Append(append, outcome.clone()) });
        outcome
    }

    /// Appends without waiting for the answer.
    async fn append_and_abandon(&mut self, append: Append) -> Outcome {
        let called = self.shared.now();
        let patience = self.random.below(20);
        let waiting = async {
            for _ in 0..patience {
                yield_now().await;
            }
        };
        let (_, journal) = self.shared.journal().await;
        tokio::select! {
            biased;
            _ = journal.append(append.clone()) => {}
            () = waiting => {}
        }
        self.done.push(Operation { called, returned: u64::MAX, call: Call::Append(append, Outcome::Unknown) });
        Outcome::Unknown
    }

    /// Repeats an earlier append, which must be answered like the first time.
    async fn repeat(&mut self) {
        let known = self.done.iter().filter_map(|operation| match &operation.call {
            Call::Append(append, Outcome::Appended(appended)) => Some((append, *appended)),
            Call::Append(..) | Call::Length(..) | Call::Head(_) => None,
        });
        let known: Vec<_> = known.collect();
        if known.is_empty() {
            return;
        }
        let (append, before) = known[self.random.below(known.len() as u64) as usize];
        match self.try_append(append).await {
            Outcome::Appended(appended) => assert_eq!(appended, before, "a repeat is answered like the first time"),
            outcome @ Outcome::Conflict(_) => panic!("a repeat of an append that is in the log: {outcome:?}"),
            Outcome::NotWritten | Outcome::Unknown => {}
        }
    }

    async fn try_append(&self, append: &Append) -> Outcome {
        let (opened, journal) = self.shared.journal().await;
        match journal.append(append.clone()).await {
            Ok(appended) => Outcome::Appended(appended),
            Err(AppendError::Conflict { actual, .. }) => Outcome::Conflict(actual.map_or(0, |last| last.0 + 1)),
            Err(AppendError::Indeterminate { .. }) => Outcome::Unknown,
            // This attempt was not written; the next one shows whether an earlier attempt was.
            Err(AppendError::Fatal(Fatal::Ended { .. })) => {
                self.shared.reopen(opened).await;
                Outcome::Unknown
            }
            Err(AppendError::Unavailable { .. }) => Outcome::NotWritten,
            Err(
                error @ (AppendError::IdReused { .. }
                | AppendError::Empty
                | AppendError::TooLarge { .. }
                | AppendError::Fatal(_)),
            ) => panic!("{error}"),
        }
    }

    async fn read(&mut self, which: u64) {
        let name = format!("s-{which}");
        let called = self.shared.now();
        let (_, journal) = self.shared.journal().await;
        let page = journal.read_stream(&stream(&name), None, Direction::Backward, many(1)).await;
        let Ok(page) = available(page) else { return };
        let length = page.events.first().map_or(0, |last| last.revision.0 + 1);
        self.lengths[which as usize] = length;
        self.done.push(Operation { called, returned: self.shared.now(), call: Call::Length(name, length) });
    }

    async fn head(&mut self) {
        let called = self.shared.now();
        let (_, journal) = self.shared.journal().await;
        let Ok(head) = available(journal.head().await) else { return };
        self.done.push(Operation { called, returned: self.shared.now(), call: Call::Head(head) });
    }
}

/// The result of a read; an error if the journal ended or its store is unavailable for a moment.
fn available<T>(read: Result<T, ReadError>) -> Result<T, ()> {
    match read {
        Ok(read) => Ok(read),
        Err(ReadError::Fatal(Fatal::Ended { .. }) | ReadError::Unavailable { .. }) => Err(()),
        Err(error @ (ReadError::Fatal(_) | ReadError::EpochChanged { .. })) => panic!("{error}"),
    }
}

/// Follows the log, also when the journal ends and is opened again.
fn follow(shared: &Arc<Shared>) -> JoinHandle<Vec<Recorded>> {
    let shared = Arc::clone(shared);
    tokio::spawn(async move {
        let mut seen = Vec::<Recorded>::new();
        loop {
            let (_, journal) = shared.journal().await;
            let after = seen.last().map(|last| last.position);
            let Ok(mut feed) = available(journal.follow(after).await) else {
                yield_now().await;
                continue;
            };
            drop(journal);
            while let Some(Ok(item)) = feed.next().await.map(available) {
                if let Feed::Event(event) = item {
                    let is_last = event.stream == stream("end-1");
                    seen.push(event);
                    if is_last {
                        return seen;
                    }
                }
            }
        }
    })
}

async fn until(follower: JoinHandle<Vec<Recorded>>, end: Position) -> Vec<Recorded> {
    let seen = follower.await.expect("the follower ends");
    assert_eq!(seen.last().map(|last| last.position), Some(end));
    seen
}

/// Checks that the history is possible for the log.
fn check_history(log: &[Recorded], history: &[Operation]) -> Result<(), String> {
    assert_sound(log);
    let places: HashMap<_, _> = log.iter().enumerate().map(|(index, event)| (event.id, index)).collect();
    let mut written = Vec::new();
    for operation in history {
        let Call::Append(append, outcome) = &operation.call else { continue };
        let indices: Vec<_> = append.events.iter().filter_map(|event| places.get(&event.id).copied()).collect();
        let there = indices.len() == append.events.len();
        match outcome {
            Outcome::Appended(_) if !there => return Err(format!("{append:?} was acknowledged and is not there")),
            Outcome::Conflict(_) | Outcome::NotWritten if !indices.is_empty() => {
                return Err(format!("{append:?} was refused and is there"));
            }
            Outcome::Unknown if !there && !indices.is_empty() => return Err(format!("half of {append:?} is there")),
            Outcome::Appended(_) | Outcome::Conflict(_) | Outcome::NotWritten | Outcome::Unknown => {}
        }
        let (Some(first), Some(last)) = (indices.first(), indices.last()) else { continue };
        let neighbours = indices.windows(2).all(|pair| pair[1] == pair[0] + 1);
        let (first, last) = (&log[*first], &log[*last]);
        if !neighbours || first.stream != append.stream || first.revision != append.expected.first() {
            return Err(format!("{append:?} is not where it was expected"));
        }
        let found = Appended { first: first.revision, last: last.revision, position: last.position };
        if let Outcome::Appended(said) = outcome
            && *said != found
        {
            return Err(format!("{append:?} is at {found:?}, but {said:?} was acknowledged"));
        }
        written.push(Written {
            operation,
            stream: append.stream.to_string(),
            last: last.revision,
            position: last.position,
        });
    }
    let events: u64 = written.iter().map(|one| one.events()).sum();
    if events != log.len() as u64 {
        return Err("the log has events that no client appended".into());
    }
    in_real_order(&written)?;
    for name in (0..STREAMS).map(|which| format!("s-{which}")) {
        linearizable(&name, &written, history)?;
    }
    for operation in history {
        let Call::Head(head) = &operation.call else { continue };
        if written.iter().any(|one| one.operation.returned < operation.called && Some(one.position) > *head) {
            return Err(format!("the head was {head:?} after a later position was acknowledged"));
        }
    }
    Ok(())
}

/// An append that is in the log.
struct Written<'a> {
    operation: &'a Operation,
    stream: String,
    last: Revision,
    position: Position,
}

impl Written<'_> {
    fn events(&self) -> u64 {
        match &self.operation.call {
            Call::Append(append, _) => append.events.len() as u64,
            Call::Length(..) | Call::Head(_) => 0,
        }
    }
}

fn in_real_order(written: &[Written<'_>]) -> Result<(), String> {
    for one in written {
        if let Some(other) = written
            .iter()
            .find(|other| one.operation.returned < other.operation.called && one.position > other.position)
        {
            return Err(format!("{} returned before {} was called", one.position, other.position));
        }
    }
    Ok(())
}

/// An operation on one stream, with the length of the stream after it (an append) or at it (a read or conflict).
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Interval {
    length: u64,
    observes: bool,
    called: u64,
    returned: u64,
}

/// Orders the operations of one stream in the only way that its revisions allow: an append gives a length, and an operation
/// that observed this length comes after that append and before the next. Observations of the same length are unordered.
fn linearizable(name: &str, written: &[Written<'_>], history: &[Operation]) -> Result<(), String> {
    let appends = written.iter().filter(|one| one.stream == name);
    let mut intervals: Vec<Interval> = appends
        .map(|one| Interval {
            length: one.last.0 + 1,
            observes: false,
            called: one.operation.called,
            returned: one.operation.returned,
        })
        .collect();
    let lengths: Vec<u64> = intervals.iter().map(|interval| interval.length).collect();
    for operation in history {
        let length = match &operation.call {
            Call::Length(of, length) if of == name => *length,
            Call::Append(append, Outcome::Conflict(length)) if append.stream.as_str() == name => *length,
            Call::Append(..) | Call::Length(..) | Call::Head(_) => continue,
        };
        if length != 0 && !lengths.contains(&length) {
            return Err(format!("{name} was observed with {length} events, which is within an append"));
        }
        let (called, returned) = (operation.called, operation.returned);
        intervals.push(Interval { length, observes: true, called, returned });
    }
    intervals.sort();
    for (index, one) in intervals.iter().enumerate() {
        let place = (one.length, one.observes);
        let mut later = intervals.iter().skip(index + 1).filter(|other| (other.length, other.observes) != place);
        if let Some(other) = later.find(|other| other.returned < one.called) {
            return Err(format!("of {name}, {other:?} returned before {one:?} was called"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Utc};

    use super::*;

    fn recorded(position: u64, name: &str, revision: u64) -> Recorded {
        let event = super::super::event(position.into());
        let (id, event_type, data, meta) = (event.id, event.event_type, event.data, event.meta);
        let stored_at = DateTime::<Utc>::UNIX_EPOCH;
        Recorded {
            position: Position(position),
            stream: stream(name),
            revision: Revision(revision),
            id,
            event_type,
            data,
            meta,
            stored_at,
        }
    }

    /// The append of an event, called and returned at these logical times.
    fn appended(during: std::ops::Range<u64>, event: &Recorded) -> Operation {
        let expected = event.revision.0.checked_sub(1).map_or(Expected::NoStream, at);
        let append = append(event.stream.as_str(), expected, [u128::from(event.position.0)]);
        let appended = Appended { first: event.revision, last: event.revision, position: event.position };
        Operation {
            called: during.start,
            returned: during.end,
            call: Call::Append(append, Outcome::Appended(appended)),
        }
    }

    fn length(during: std::ops::Range<u64>, length: u64) -> Operation {
        Operation { called: during.start, returned: during.end, call: Call::Length("s-0".into(), length) }
    }

    #[test]
    fn only_a_history_that_is_possible_for_one_log_is_accepted() {
        let log = [recorded(1, "s-0", 0), recorded(2, "s-1", 0), recorded(3, "s-0", 1)];
        let whole = |more: Vec<Operation>| {
            let mut history = vec![appended(0..10, &log[0]), appended(5..15, &log[1]), appended(20..30, &log[2])];
            history.extend(more);
            check_history(&log, &history)
        };
        let head = |called, head| Operation { called, returned: called + 1, call: Call::Head(head) };
        for possible in [
            vec![],
            vec![length(0..1, 0), length(8..12, 0), length(8..9, 1), length(22..23, 1), length(22..24, 2)],
            vec![head(14, Some(Position(1))), head(16, Some(Position(2))), head(21, Some(Position(3)))],
        ] {
            assert_eq!(whole(possible), Ok(()));
        }
        for impossible in [
            vec![length(11..12, 0)],
            vec![length(31..32, 1)],
            vec![length(2..3, 2)],
            vec![length(40..41, 3)],
            vec![length(8..9, 1), length(9..10, 0), length(10..11, 0)],
            vec![head(16, Some(Position(1)))],
            vec![head(16, None)],
        ] {
            assert!(whole(impossible).is_err());
        }
        let late = [appended(20..30, &log[0]), appended(0..10, &log[1]), appended(40..50, &log[2])];
        assert!(check_history(&log, &late).is_err(), "the append that returned first has the higher position");
        assert!(check_history(&log[..2], &[appended(0..10, &log[0])]).is_err(), "an event that no client appended");
        let lost = [appended(0..10, &log[0]), appended(5..15, &log[1])];
        assert!(check_history(&log[..1], &lost).is_err(), "an acknowledged event is gone");
    }
}
