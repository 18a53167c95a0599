//! The access log: who read which content of a patient, why and by which rules. `access/record.rs` has what a record says; here
//! it is queued and written.
//!
//! A record names events without their content, and is durable before the answer leaves. Each sign-in on a
//! node has its own stream in the second log, with one appender that merges the records of the answers that
//! wait for it. A second read of the same event by the same session on the same grounds is not recorded again.
//! Refused tries are recorded without delaying the answer, the same way for missing and forbidden (see `refused_tries`).

mod record;
mod stored;

use std::collections::{HashMap, HashSet};
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, Weak};
use std::time::Duration;

use bytes::Bytes;
use care::ids::{EventId, Id};
use care::instant;
use chrono::{DateTime, Utc};
use journal::{Append, AppendError, EventType, Expected, Journal, LogIdentity, NewEvent, StreamName};
use lru::LruCache;
use tokio::time::{Instant, timeout};
use uuid::Uuid;

use crate::access_head::{AccessHead, KnownHead};
use crate::caller::{Caller, CallerKept, Origin, Reading};
use crate::fault::Fault;
use crate::lock::locked;
use crate::memory_use::{MemoryUse, PartOfMemory};
use crate::pace::Pace;
use crate::refused_tries::{Counted, CountedTries, MERGED_FOR, RecordedAs, RefusedTries, RefusedTry, TRIES_BYTES_MAX};
use crate::seldom::Seldom;

pub(crate) use record::{About, Shown};
use record::{Access, Entry, Grounds, Tries, read_entry, refused_entry};
pub(crate) use stored::{Said, StoredRecord};

/// Sessions whose streams are kept open on a node.
const SESSIONS_MAX: NonZeroUsize = NonZeroUsize::MIN.saturating_add(16_383);
/// Events that are remembered as read by a session. Beyond this number they are forgotten, and further reads of them
/// are recorded again.
const SEEN_MAX: usize = 100_000;
/// Bytes of what all sessions have read. Beyond this number it is forgotten for those that were idle the longest.
pub const SEEN_BYTES_MAX: usize = 64 * 1024 * 1024;
/// Of one event and of one set of grounds among them, about.
const SEEN_EVENT_BYTES: usize = 40;
const SEEN_GROUNDS_BYTES: usize = 1_000;
/// Events named by one record, which keeps it far below the journal's limit.
const NAMED_MAX: usize = 2_000;
/// Records appended at once, and their bytes: below the limits of the journal's port.
const MERGED_MAX: usize = 50;
const MERGED_BYTES_MAX: usize = 512 * 1024;
/// How often it is said that tries are not recorded.
const SAID_EVERY: Duration = Duration::from_secs(60);
/// Records of one session that may wait to be written. Beyond this number a refused try is only counted, and a
/// read waits until the records before it are written.
const WAITING_MAX: usize = 1_000;
/// Bytes of the records of all sessions that wait to be written. Beyond this number it is as if each session had as many
/// records as may wait.
const QUEUED_BYTES_MAX: usize = 16 * 1024 * 1024;
/// Of one of them beside its data, about.
const ENTRY_BYTES: usize = 200;
/// Longest wait of an answer until it is recorded, in milliseconds. After that the answer is not sent; its record is
/// still written, at the latest by the next read of the session.
pub(crate) const RECORDED_MS_MAX: u64 = 2_000;
/// How often the log is asked whether it answers, in milliseconds.
const ASKED_MS: u64 = 1_000;
/// Longest wait for that answer, in milliseconds.
const ANSWER_MS_MAX: u64 = 2_000;

/// The stream of one sign-in.
struct Session {
    reading: Reading,
    stream: StreamName,
    seen: Mutex<Seen>,
    tries: Mutex<RefusedTries>,
    waiting: Mutex<Waiting>,
    /// Of what waits to be written of all sessions.
    queued: MemoryUse,
    writer: tokio::sync::Mutex<Writer>,
}

/// The events that a session has read, by grounds and caller: a session that appears elsewhere is recorded again.
struct Seen {
    events: HashMap<(About, Grounds, Caller), HashSet<EventId>>,
    /// The total number of these events.
    count: usize,
    memory: PartOfMemory,
}

impl Seen {
    fn new(all: &MemoryUse) -> Self {
        Self { events: HashMap::new(), count: 0, memory: all.part() }
    }

    fn unseen(&self, shown: &Shown, caller: &Caller) -> Vec<EventId> {
        let key = (shown.about, shown.grounds.clone(), caller.clone());
        let seen = self.events.get(&key);
        shown.events.iter().filter(|event| !seen.is_some_and(|seen| seen.contains(event))).copied().collect()
    }

    fn add(&mut self, Shown { about, grounds, events }: Shown, caller: Caller) {
        let seen = self.events.entry((about, grounds, caller)).or_default();
        let before = seen.len();
        seen.extend(events);
        let added = seen.len().saturating_sub(before);
        self.count = self.count.saturating_add(added);
        let of_grounds = if before == 0 { SEEN_GROUNDS_BYTES } else { 0 };
        self.memory.add(added.saturating_mul(SEEN_EVENT_BYTES).saturating_add(of_grounds));
    }
}

/// A record until it is written.
struct Queued {
    entry: Entry,
    _memory: PartOfMemory,
}

#[derive(Default)]
struct Waiting {
    entries: Vec<Queued>,
    /// How many entries were ever queued. An entry's ticket is this number, and its read waits until so many are written.
    put: u64,
}

struct Writer {
    expected: Expected,
    written: u64,
    /// A batch whose append began and is not known to be written, after a failure or when a request was dropped.
    /// It is appended again unchanged before any other batch: the ids of its events follow from their places, so a
    /// different batch in its place would be taken for a repeat.
    pending: Vec<Queued>,
}

/// The access log of one node.
pub(crate) struct AccessLog {
    journal: Arc<dyn Journal>,
    identity: LogIdentity,
    head: Arc<KnownHead>,
    /// The id of this start of the node. It is part of the stream names, so that a stream never has two appenders.
    node: Uuid,
    sessions: Mutex<LruCache<Reading, Arc<Session>>>,
    seen: MemoryUse,
    seen_bytes_max: usize,
    counted: Mutex<CountedTries>,
    /// Of the refused tries of all sessions.
    tries: MemoryUse,
    tries_bytes_max: usize,
    queued: MemoryUse,
    queued_bytes_max: usize,
    unrecorded: Mutex<Seldom>,
    /// All is kept until the installation says otherwise.
    kept: OnceLock<CallerKept>,
    /// Whether the log answered when it was asked last.
    answers: AtomicBool,
    /// How long answers wait for their records.
    pub pace: Arc<Pace>,
}

impl AccessLog {
    /// `head` is told of each record that is durable in the log of this identity.
    pub fn new(journal: Arc<dyn Journal>, identity: LogIdentity, head: Arc<KnownHead>, node: Uuid) -> Self {
        let tries = MemoryUse::default();
        Self {
            journal,
            identity,
            head,
            node,
            sessions: Mutex::new(LruCache::new(SESSIONS_MAX)),
            seen: MemoryUse::default(),
            seen_bytes_max: SEEN_BYTES_MAX,
            counted: Mutex::new(CountedTries::new(&tries)),
            tries,
            tries_bytes_max: TRIES_BYTES_MAX,
            queued: MemoryUse::default(),
            queued_bytes_max: QUEUED_BYTES_MAX,
            unrecorded: Mutex::new(Seldom::every(SAID_EVERY)),
            kept: OnceLock::new(),
            answers: AtomicBool::new(true),
            pace: Arc::default(),
        }
    }

    /// Whether the log answers, as far as is known: without it no content is given out.
    pub fn answers(&self) -> bool {
        self.answers.load(Ordering::Relaxed)
    }

    /// Asks the log every second whether it answers, until this is dropped. It says so when that changes.
    pub async fn watch(weak: Weak<Self>) {
        loop {
            let Some(log) = weak.upgrade() else { return };
            let journal = Arc::clone(&log.journal);
            let asked = timeout(Duration::from_millis(ANSWER_MS_MAX), journal.head()).await;
            let answers = matches!(asked, Ok(Ok(_)));
            if log.answers.swap(answers, Ordering::Relaxed) != answers {
                match asked {
                    Ok(Ok(_)) => tracing::info!("the access log answers again"),
                    Ok(Err(error)) => {
                        tracing::error!(%error, "the access log does not answer; no content is given out")
                    }
                    Err(_) => tracing::error!("the access log does not answer in time; no content is given out"),
                }
            }
            if answers && log.queued.bytes() > log.queued_bytes_max / 2 {
                // Of sessions that ask no more nothing is written otherwise.
                _ = timeout(Duration::from_millis(RECORDED_MS_MAX), log.write_waiting()).await;
            }
            drop(log);
            tokio::time::sleep(Duration::from_millis(ASKED_MS)).await;
        }
    }

    /// Whether a session may go on to ask.
    ///
    /// # Errors
    /// [`Fault::TooOften`] if too many of its tries were refused.
    pub fn check_tries(&self, reading: Reading, at: DateTime<Utc>) -> Result<(), Fault> {
        let session = locked(&self.sessions).get(&reading).cloned();
        let Some(session) = session else { return Ok(()) };
        let allowed = locked(&session.tries).allowed(at);
        allowed.map_err(|wait| Fault::TooOften { what: "refused tries", wait })
    }

    /// Forgets by `forget` what there is of sessions, of those first that were idle the longest, until all takes half of its
    /// bound, if it takes more than that.
    fn forget(&self, all: &MemoryUse, bytes_max: usize, forget: impl Fn(&Session)) {
        if all.bytes() <= bytes_max {
            return;
        }
        let sessions: Vec<_> = locked(&self.sessions).iter().rev().map(|(_, session)| Arc::clone(session)).collect();
        for session in sessions {
            if all.bytes() <= bytes_max / 2 {
                return;
            }
            forget(&session);
        }
    }

    /// Says what is kept of callers, before the first of them. What was said first stays.
    pub fn keep(&self, kept: CallerKept) {
        self.kept.get_or_init(|| kept);
    }

    fn kept(&self) -> CallerKept {
        self.kept.get().copied().unwrap_or(CallerKept::ALL)
    }

    fn session(&self, reading: Reading) -> Result<Arc<Session>, Fault> {
        if let Some(session) = locked(&self.sessions).get(&reading) {
            return Ok(Arc::clone(session));
        }
        // The start's id counts into the name, so an evicted session that returns begins a stream
        // of its own as well.
        let life = Uuid::new_v5(
            &self.node,
            &[reading.person.uuid().as_bytes().as_slice(), next_session().as_bytes()].concat(),
        );
        let name = format!("access-{}-{}", reading.session, life.simple());
        let session = Arc::new(Session {
            reading,
            stream: StreamName::parse(&name).map_err(|_| Fault::Row("a stream's name"))?,
            seen: Mutex::new(Seen::new(&self.seen)),
            tries: Mutex::new(RefusedTries::new(&self.tries)),
            waiting: Mutex::default(),
            queued: self.queued.clone(),
            writer: tokio::sync::Mutex::new(Writer { expected: Expected::NoStream, written: 0, pending: Vec::new() }),
        });
        let mut sessions = locked(&self.sessions);
        Ok(Arc::clone(sessions.get_or_insert(reading, || session)))
    }

    /// Records what an answer shows, and returns when the record is durable. Events that this session has read before
    /// are not recorded again.
    pub async fn read(
        &self,
        reading: Reading,
        origin: Origin,
        shown: &[Shown],
        at: DateTime<Utc>,
    ) -> Result<(), Fault> {
        if shown.is_empty() {
            return Ok(());
        }
        let session = self.session(reading)?;
        let origin = origin.kept(self.kept());
        let new = session.unseen(shown, &origin.caller);
        if new.is_empty() {
            return Ok(());
        }
        let access = Access { reading, origin: &origin, at };
        let began = Instant::now();
        let recorded = timeout(Duration::from_millis(RECORDED_MS_MAX), self.record(&session, &access, &new)).await;
        if recorded.is_err() {
            self.pace.took(began, Instant::now());
        }
        recorded.map_err(|_| Fault::Unavailable("the access log"))??;
        // Only what is durable counts as recorded: a failed append is tried again by the next read.
        {
            let mut seen = locked(&session.seen);
            if seen.count > SEEN_MAX {
                *seen = Seen::new(&self.seen);
            }
            for shown in new {
                seen.add(shown, origin.caller.clone());
            }
        }
        self.forget(&self.seen, self.seen_bytes_max, |session| *locked(&session.seen) = Seen::new(&self.seen));
        Ok(())
    }

    /// Queues the events that the session has not read before and waits for their append.
    async fn record(&self, session: &Session, access: &Access<'_>, new: &[Shown]) -> Result<(), Fault> {
        if let Some(ticket) = self.backlog(session) {
            self.flush(session, ticket).await?;
        }
        let mut entries = Vec::new();
        for shown in new {
            for events in shown.events.chunks(NAMED_MAX) {
                entries.push(read_entry(access, shown, events)?);
            }
        }
        let ticket = session.put(entries);
        self.flush(session, ticket).await
    }

    /// Records a refused try in the background, so that the answer takes the same time for a missing and a
    /// forbidden target.
    pub fn refused(self: &Arc<Self>, refused: RefusedTry) {
        let refused = RefusedTry { origin: refused.origin.kept(self.kept()), ..refused };
        let Ok(session) = self.session(refused.reading) else {
            return tracing::error!("a refused try could not be recorded");
        };
        let recorded_as = locked(&session.tries).add(refused.tried, refused.at);
        match recorded_as {
            RecordedAs::First => self.record_refused(&session, &refused, 1),
            RecordedAs::OneMore(tried) => {
                if locked(&self.counted).count(RefusedTry { tried, ..refused }) {
                    let log = Arc::clone(self);
                    tokio::spawn(async move {
                        tokio::time::sleep(MERGED_FOR).await;
                        log.record_counted();
                    });
                }
            }
        }
        if self.tries.bytes() > self.tries_bytes_max {
            self.record_counted();
            self.forget(&self.tries, self.tries_bytes_max, |session| locked(&session.tries).forget());
        }
    }

    /// Records the tries that were only counted so far.
    fn record_counted(self: &Arc<Self>) {
        let counted = locked(&self.counted).take();
        for Counted { first, times } in counted.into_values() {
            let Ok(session) = self.session(first.reading) else {
                tracing::error!("refused tries could not be recorded");
                continue;
            };
            self.record_refused(&session, &first, times);
        }
    }

    /// Records the tries that were only counted so far, and returns when all records are durable, or after two seconds.
    pub async fn finish(self: &Arc<Self>) {
        self.record_counted();
        let all_written = timeout(Duration::from_millis(RECORDED_MS_MAX), self.write_waiting()).await;
        if !matches!(all_written, Ok(true)) {
            tracing::warn!("the last records of the access log could not be written");
        }
    }

    /// Writes what waits of all sessions. Whether all of it is written.
    async fn write_waiting(&self) -> bool {
        let sessions: Vec<_> = locked(&self.sessions).iter().map(|(_, session)| Arc::clone(session)).collect();
        let mut are_written = true;
        for session in &sessions {
            let ticket = locked(&session.waiting).put;
            are_written &= self.flush(session, ticket).await.is_ok();
        }
        are_written
    }

    /// The ticket of all queued records of a session, if no more of them may wait.
    fn backlog(&self, session: &Session) -> Option<u64> {
        let waiting = locked(&session.waiting);
        let is_full = waiting.entries.len() >= WAITING_MAX || self.queued.bytes() >= self.queued_bytes_max;
        is_full.then_some(waiting.put)
    }

    /// Records that something was tried so many times.
    fn record_refused(self: &Arc<Self>, session: &Arc<Session>, refused: &RefusedTry, times: u64) {
        if self.backlog(session).is_some() {
            locked(&session.tries).add_unrecorded(times);
            if let Some(count) = locked(&self.unrecorded).say(Instant::now()) {
                tracing::warn!(count, "refused tries wait to be recorded, and further ones are only counted");
            }
            return;
        }
        let unrecorded = locked(&session.tries).take_unrecorded();
        let Ok(entry) = refused_entry(refused, Tries { times, unrecorded }) else {
            return tracing::error!("a refused try could not be recorded");
        };
        let ticket = session.put(vec![entry]);
        let (log, session) = (Arc::clone(self), Arc::clone(session));
        tokio::spawn(async move {
            // What is not written now is written before the next record of the session.
            if log.flush(&session, ticket).await.is_err()
                && let Some(count) = locked(&log.unrecorded).say(Instant::now())
            {
                tracing::error!(count, "a refused try could not be recorded");
            }
        });
    }

    /// Appends queued records until everything up to `ticket` is durable. The task that holds the writer also appends
    /// the records that others have queued meanwhile, and the batch of a request that was dropped.
    async fn flush(&self, session: &Session, ticket: u64) -> Result<(), Fault> {
        let mut writer = session.writer.lock().await;
        while writer.written < ticket {
            if writer.pending.is_empty() {
                writer.pending = session.take();
            }
            self.append(session, &mut writer).await?;
        }
        Ok(())
    }

    /// Appends the pending batch.
    async fn append(&self, session: &Session, writer: &mut Writer) -> Result<(), Fault> {
        let first = writer.expected.first();
        let kind = |kind| EventType::parse(kind).map_err(|_| Fault::Row("a kind"));
        let mut events = Vec::with_capacity(writer.pending.len());
        for (index, Queued { entry, .. }) in (0_u64..).zip(&writer.pending) {
            let place = first.0.saturating_add(index).to_be_bytes();
            let name = [session.stream.as_str().as_bytes(), &place].concat();
            let meta = format!(
                r#"{{"actor":"person-{}","at":"{}","v":"1"}}"#,
                session.reading.person,
                instant::write(entry.at)
            );
            events.push(NewEvent {
                id: Uuid::new_v5(&self.node, &name),
                event_type: kind(entry.kind)?,
                data: Bytes::from(entry.data.clone()),
                meta: Bytes::from(meta),
            });
        }
        let last = events.last().map(|event| event.id);
        let append = Append { stream: session.stream.clone(), expected: writer.expected, events };
        let began = Instant::now();
        let appended = match self.journal.append(append.clone()).await {
            // It is unknown whether the batch was written, so it is repeated with the same ids.
            Err(AppendError::Indeterminate { .. }) => self.journal.append(append).await,
            outcome => outcome,
        };
        match appended {
            Ok(appended) => {
                self.pace.took(began, Instant::now());
                writer.expected = Expected::Exact(appended.last);
                if let Some(event) = last {
                    self.head.saw(AccessHead { identity: self.identity, position: appended.position, event });
                }
                let count = u64::try_from(writer.pending.len()).unwrap_or(u64::MAX);
                writer.written = writer.written.saturating_add(count);
                writer.pending.clear();
                Ok(())
            }
            Err(AppendError::Unavailable { .. } | AppendError::Indeterminate { .. }) => {
                Err(Fault::Unavailable("the access log"))
            }
            // Readiness says so too. The batch stays first in the queue, so nothing is lost if an operator mends the log.
            Err(AppendError::Fatal(error)) => {
                tracing::error!(%error, "the access log cannot be written until an operator acts");
                Err(Fault::Unavailable("the access log"))
            }
            Err(
                error @ (AppendError::Conflict { .. }
                | AppendError::IdReused { .. }
                | AppendError::Empty
                | AppendError::TooLarge { .. }),
            ) => Err(Fault::Append(error)),
        }
    }
}

/// The number of the next session of this start.
fn next_session() -> Uuid {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    Uuid::from_u128(u128::from(NEXT.fetch_add(1, Ordering::Relaxed)))
}

impl Session {
    fn unseen(&self, shown: &[Shown], caller: &Caller) -> Vec<Shown> {
        let seen = locked(&self.seen);
        let mut new: Vec<Shown> = Vec::new();
        for shown in shown {
            let events = seen.unseen(shown, caller);
            if events.is_empty() {
                continue;
            }
            let shown = Shown { about: shown.about, grounds: shown.grounds.clone(), events };
            if !new.iter_mut().any(|known| known.merge(&shown)) {
                new.push(shown);
            }
        }
        for shown in &mut new {
            shown.events.sort_unstable();
            shown.events.dedup();
        }
        new
    }

    /// The next batch: as many records as fit, and at least one.
    fn take(&self) -> Vec<Queued> {
        let mut waiting = locked(&self.waiting);
        let mut bytes = 0_usize;
        let fits = waiting.entries.iter().take(MERGED_MAX).take_while(|queued| {
            bytes = bytes.saturating_add(queued.entry.data.len());
            bytes <= MERGED_BYTES_MAX
        });
        let count = fits.count().max(1).min(waiting.entries.len());
        waiting.entries.drain(..count).collect()
    }

    fn put(&self, entries: Vec<Entry>) -> u64 {
        let mut waiting = locked(&self.waiting);
        waiting.put = waiting.put.saturating_add(u64::try_from(entries.len()).unwrap_or(u64::MAX));
        waiting.entries.extend(entries.into_iter().map(|entry| {
            let mut memory = self.queued.part();
            memory.set(entry.data.len().saturating_add(ENTRY_BYTES));
            Queued { entry, _memory: memory }
        }));
        waiting.put
    }

    /// Refused tries that are in no record so far.
    fn unwritten_tries(&mut self) -> u64 {
        let unrecorded = locked(&self.tries).unrecorded();
        let waiting = locked(&self.waiting);
        let queued = waiting.entries.iter().chain(&self.writer.get_mut().pending);
        queued.fold(unrecorded, |tries, queued| tries.saturating_add(queued.entry.tries))
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        let count = self.unwritten_tries();
        if count > 0 {
            tracing::warn!(count, "refused tries of a session that is forgotten are in no record");
        }
    }
}

#[cfg(test)]
mod tests;
