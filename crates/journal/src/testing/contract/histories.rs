//! A case of everything at once: clients that race, lose answers, repeat and give up, and a history of all that they were
//! told, which must be one that a log with one order could have told.
//!
//! What each client chooses follows from a seed; how they meet does not. The history is judged afterwards (`judged`):
//! - The log holds each acknowledged append once, where it was said to be; nothing of what was refused; of what nobody
//!   knows, all or nothing.
//! - Each stream is linearizable: its appends in the order of their revisions, and each conflict and each read in the
//!   place where what it was told is true, agree with the order in which they were asked and answered.
//! - What was answered before another was asked has the lower position, whatever their streams.
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

pub(super) async fn what_many_were_told_is_what_one_log_could_have_told(site: Arc<dyn Site>) {
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
    let mut done: Vec<Asked> = clients.join_all().await.into_iter().flatten().collect();

    // Whatever is still on its way is in the log before this.
    let mut last = Client::new(&shared, seed, CLIENTS);
    let end = last.settled(append("end-1", Expected::NoStream, [u128::MAX])).await;
    let Told::Appended(end) = end else { panic!("seed {seed}: {end:?}") };
    done.extend(last.done);
    let (_, journal) = shared.journal().await;
    let log = read_all(&journal).await;
    judged(&log, &done).unwrap_or_else(|wrong| panic!("seed {seed}: {wrong}"));
    let seen = until(follower, end.position).await;
    assert!(seen == log[..seen.len()] && seen.len() + 1 >= log.len(), "seed {seed}: the follower saw another log");
}

/// What the clients share: the journal, which a client that finds it ended opens again, and a clock that only counts.
struct Shared {
    site: Arc<dyn Site>,
    journal: Mutex<(u64, Arc<dyn Journal>)>,
    clock: AtomicU64,
    faults: std::sync::Mutex<Faults>,
}

/// When a fault is armed next. One that is armed while another still waits takes its place.
struct Faults {
    chance: Chance,
    at: u64,
}

impl Shared {
    async fn new(site: Arc<dyn Site>, seed: u64) -> Self {
        let journal = Mutex::new((0, opened(&site).await));
        let faults = Faults { chance: Chance(seed << 32), at: 0 };
        Self { site, journal, clock: AtomicU64::new(0), faults: faults.into() }
    }

    /// The next moment, in which something may begin to go wrong.
    fn now(&self) -> u64 {
        let now = self.clock.fetch_add(1, Ordering::SeqCst);
        let mut faults = self.faults.lock().expect("no panic while it is held");
        if now >= faults.at {
            faults.at = now + 30 + faults.chance.below(80);
            let lost = faults.chance.below(2) == 0;
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

/// Numbers that follow from a seed: xorshift.
struct Chance(u64);

impl Chance {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % bound
    }
}

/// Something that a client asked, and what came of it.
struct Asked {
    from: u64,
    /// `u64::MAX` when nothing was heard.
    to: u64,
    what: What,
}

enum What {
    Append(Append, Told),
    /// A stream had so many events.
    Length(String, u64),
    Head(Option<Position>),
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Told {
    Appended(Appended),
    /// The stream had so many events.
    Conflict(u64),
    /// It was not written for another reason.
    NotWritten,
    Nothing,
}

struct Client {
    shared: Arc<Shared>,
    chance: Chance,
    number: u64,
    next_id: u128,
    /// How long it believes the streams to be.
    lengths: [u64; STREAMS as usize],
    done: Vec<Asked>,
}

impl Client {
    fn new(shared: &Arc<Shared>, seed: u64, number: u64) -> Self {
        let chance = Chance((seed * 1_000 + number + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let (shared, lengths) = (Arc::clone(shared), [0; STREAMS as usize]);
        Self { shared, chance, number, next_id: 0, lengths, done: Vec::new() }
    }

    async fn step(&mut self) {
        let which = self.chance.below(STREAMS);
        match self.chance.below(10) {
            0 => self.read(which).await,
            1 => self.head().await,
            2 => self.again().await,
            _ => {
                let append = self.proposed(which);
                let told = match self.chance.below(8) {
                    0 => self.left(append).await,
                    _ => self.settled(append).await,
                };
                match told {
                    Told::Appended(appended) => self.lengths[which as usize] = appended.last.0 + 1,
                    Told::Conflict(length) => self.lengths[which as usize] = length,
                    Told::NotWritten | Told::Nothing => {}
                }
            }
        }
    }

    /// New events where it believes the stream to end, or somewhere near.
    fn proposed(&mut self, which: u64) -> Append {
        let known = self.lengths[which as usize];
        let length = match self.chance.below(8) {
            0 => known.saturating_sub(1),
            1 => known + 1,
            2 => 0,
            _ => known,
        };
        let first = u128::from(self.number) << 64 | self.next_id << 8;
        self.next_id += 1;
        let expected = length.checked_sub(1).map_or(Expected::NoStream, at);
        append(&format!("s-{which}"), expected, first..=first + u128::from(self.chance.below(3)))
    }

    /// Asks until it is known what became of it, or now and then gives up before.
    async fn settled(&mut self, append: Append) -> Told {
        let from = self.shared.now();
        let mut told = self.asked(&append).await;
        let unsure = told == Told::Nothing;
        let last = self.number == CLIENTS;
        // That a repeat was not written says nothing of the tries before it.
        while matches!(told, Told::Nothing | Told::NotWritten) && (last || unsure && self.chance.below(4) > 0) {
            told = self.asked(&append).await;
        }
        if unsure && told == Told::NotWritten {
            told = Told::Nothing;
        }
        let to = if told == Told::Nothing { u64::MAX } else { self.shared.now() };
        self.done.push(Asked { from, to, what: What::Append(append, told.clone()) });
        told
    }

    /// Asks, and does not wait for the answer.
    async fn left(&mut self, append: Append) -> Told {
        let from = self.shared.now();
        let patience = self.chance.below(20);
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
        self.done.push(Asked { from, to: u64::MAX, what: What::Append(append, Told::Nothing) });
        Told::Nothing
    }

    /// Repeats an append of before, which is answered as then. The answer is a second one to the same question.
    async fn again(&mut self) {
        let known = self.done.iter().filter_map(|asked| match &asked.what {
            What::Append(append, Told::Appended(appended)) => Some((append, *appended)),
            What::Append(..) | What::Length(..) | What::Head(_) => None,
        });
        let known: Vec<_> = known.collect();
        if known.is_empty() {
            return;
        }
        let (append, before) = known[self.chance.below(known.len() as u64) as usize];
        match self.asked(append).await {
            Told::Appended(appended) => assert_eq!(appended, before, "a repeat is answered like the first time"),
            told @ Told::Conflict(_) => panic!("a repeat of what is there: {told:?}"),
            Told::NotWritten | Told::Nothing => {}
        }
    }

    async fn asked(&self, append: &Append) -> Told {
        let (opened, journal) = self.shared.journal().await;
        match journal.append(append.clone()).await {
            Ok(appended) => Told::Appended(appended),
            Err(AppendError::Conflict { actual, .. }) => Told::Conflict(actual.map_or(0, |last| last.0 + 1)),
            Err(AppendError::Indeterminate { .. }) => {
                if self.shared.site.traits().ends_when_unsure {
                    self.shared.reopen(opened).await;
                }
                Told::Nothing
            }
            // Nothing of this try was written; whether an earlier one was, the next will say.
            Err(AppendError::Fatal(Fatal::Ended { .. })) => {
                self.shared.reopen(opened).await;
                Told::Nothing
            }
            Err(AppendError::Unavailable { .. }) => Told::NotWritten,
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
        let from = self.shared.now();
        let (_, journal) = self.shared.journal().await;
        let page = journal.read_stream(&stream(&name), None, Direction::Backward, many(1)).await;
        let Ok(page) = available(page) else { return };
        let length = page.events.first().map_or(0, |last| last.revision.0 + 1);
        self.lengths[which as usize] = length;
        self.done.push(Asked { from, to: self.shared.now(), what: What::Length(name, length) });
    }

    async fn head(&mut self) {
        let from = self.shared.now();
        let (_, journal) = self.shared.journal().await;
        let Ok(head) = available(journal.head().await) else { return };
        self.done.push(Asked { from, to: self.shared.now(), what: What::Head(head) });
    }
}

/// What was read; nothing where the journal ended, or its store is away for a moment.
fn available<T>(read: Result<T, ReadError>) -> Result<T, ()> {
    match read {
        Ok(read) => Ok(read),
        Err(ReadError::Fatal(Fatal::Ended { .. }) | ReadError::Unavailable { .. }) => Err(()),
        Err(error @ (ReadError::Fatal(_) | ReadError::EpochChanged { .. })) => panic!("{error}"),
    }
}

/// Follows the log through whatever happens to the journal.
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
            while let Some(Ok(told)) = feed.next().await.map(available) {
                if let Feed::Event(event) = told {
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

/// Whether the log and the history fit.
fn judged(log: &[Recorded], history: &[Asked]) -> Result<(), String> {
    assert_sound(log);
    let places: HashMap<_, _> = log.iter().enumerate().map(|(index, event)| (event.id, index)).collect();
    let mut written = Vec::new();
    for asked in history {
        let What::Append(append, told) = &asked.what else { continue };
        let indices: Vec<_> = append.events.iter().filter_map(|event| places.get(&event.id).copied()).collect();
        let there = indices.len() == append.events.len();
        match told {
            Told::Appended(_) if !there => return Err(format!("{append:?} was acknowledged and is not there")),
            Told::Conflict(_) | Told::NotWritten if !indices.is_empty() => {
                return Err(format!("{append:?} was refused and is there"));
            }
            Told::Nothing if !there && !indices.is_empty() => return Err(format!("half of {append:?} is there")),
            Told::Appended(_) | Told::Conflict(_) | Told::NotWritten | Told::Nothing => {}
        }
        let (Some(first), Some(last)) = (indices.first(), indices.last()) else { continue };
        let neighbours = indices.windows(2).all(|pair| pair[1] == pair[0] + 1);
        let (first, last) = (&log[*first], &log[*last]);
        if !neighbours || first.stream != append.stream || first.revision != append.expected.first() {
            return Err(format!("{append:?} is not where it was to be"));
        }
        let found = Appended { first: first.revision, last: last.revision, position: last.position };
        if let Told::Appended(said) = told
            && *said != found
        {
            return Err(format!("{append:?} is at {found:?}, and {said:?} was told"));
        }
        written.push(Written {
            asked,
            stream: append.stream.to_string(),
            last: last.revision,
            position: last.position,
        });
    }
    let events: u64 = written.iter().map(|one| one.events()).sum();
    if events != log.len() as u64 {
        return Err("the log has events that nobody asked for".into());
    }
    in_real_order(&written)?;
    for name in (0..STREAMS).map(|which| format!("s-{which}")) {
        linearizable(&name, &written, history)?;
    }
    for asked in history {
        let What::Head(head) = &asked.what else { continue };
        if written.iter().any(|one| one.asked.to < asked.from && Some(one.position) > *head) {
            return Err(format!("the head was {head:?} after a later position was told"));
        }
    }
    Ok(())
}

/// An append that is in the log.
struct Written<'a> {
    asked: &'a Asked,
    stream: String,
    last: Revision,
    position: Position,
}

impl Written<'_> {
    fn events(&self) -> u64 {
        match &self.asked.what {
            What::Append(append, _) => append.events.len() as u64,
            What::Length(..) | What::Head(_) => 0,
        }
    }
}

fn in_real_order(written: &[Written<'_>]) -> Result<(), String> {
    for one in written {
        if let Some(other) =
            written.iter().find(|other| one.asked.to < other.asked.from && one.position > other.position)
        {
            return Err(format!("{} was answered before {} was asked", one.position, other.position));
        }
    }
    Ok(())
}

/// The moments of one stream, in the only order that its revisions allow: an append ends at a length, and what was told
/// a length comes after the append that made it and before the next. Among those told the same there is no order.
fn linearizable(name: &str, written: &[Written<'_>], history: &[Asked]) -> Result<(), String> {
    // (length, whether it is told of and not made, asked, answered)
    let mut moments: Vec<(u64, bool, u64, u64)> = Vec::new();
    let made = written.iter().filter(|one| one.stream == name);
    moments.extend(made.map(|one| (one.last.0 + 1, false, one.asked.from, one.asked.to)));
    let lengths: Vec<u64> = moments.iter().map(|moment| moment.0).collect();
    for asked in history {
        let told = match &asked.what {
            What::Length(of, length) if of == name => *length,
            What::Append(append, Told::Conflict(length)) if append.stream.as_str() == name => *length,
            What::Append(..) | What::Length(..) | What::Head(_) => continue,
        };
        if told != 0 && !lengths.contains(&told) {
            return Err(format!("{name} was told to have {told} events, which is within an append"));
        }
        moments.push((told, true, asked.from, asked.to));
    }
    moments.sort();
    for (index, one) in moments.iter().enumerate() {
        let later = moments.iter().skip(index + 1).filter(|other| (other.0, other.1) != (one.0, one.1));
        if let Some(other) = later.into_iter().find(|other| other.3 < one.2) {
            return Err(format!("of {name}, {other:?} was answered before {one:?} was asked"));
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

    /// The event at a position was appended between these moments.
    fn appended(during: std::ops::Range<u64>, event: &Recorded) -> Asked {
        let expected = event.revision.0.checked_sub(1).map_or(Expected::NoStream, at);
        let append = append(event.stream.as_str(), expected, [u128::from(event.position.0)]);
        let told = Appended { first: event.revision, last: event.revision, position: event.position };
        Asked { from: during.start, to: during.end, what: What::Append(append, Told::Appended(told)) }
    }

    fn length(during: std::ops::Range<u64>, length: u64) -> Asked {
        Asked { from: during.start, to: during.end, what: What::Length("s-0".into(), length) }
    }

    #[test]
    fn only_what_one_log_could_have_told_is_let_through() {
        let log = [recorded(1, "s-0", 0), recorded(2, "s-1", 0), recorded(3, "s-0", 1)];
        let whole = |more: Vec<Asked>| {
            let mut history = vec![appended(0..10, &log[0]), appended(5..15, &log[1]), appended(20..30, &log[2])];
            history.extend(more);
            judged(&log, &history)
        };
        let head = |from, head| Asked { from, to: from + 1, what: What::Head(head) };
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
        assert!(judged(&log, &late).is_err(), "what was answered first has the higher position");
        assert!(judged(&log[..2], &[appended(0..10, &log[0])]).is_err(), "an event that nobody asked for");
        let lost = [appended(0..10, &log[0]), appended(5..15, &log[1])];
        assert!(judged(&log[..1], &lost).is_err(), "an acknowledged event is gone");
    }
}
