//! The access log: who read which content of a patient, why and by which rules.
//!
//! A record names events, never what they say, and is durable before the bytes leave. Each
//! sign-in on a node has a stream of its own in the second log, with one appender that merges the
//! answers which wait for it. What a session has read before is not recorded again. Tries that
//! were refused are recorded off the answer's path, missing and forbidden alike.

use std::collections::HashSet;
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use care::ids::{EventId, Id, PatientId, PersonId, SessionId, ThreadId};
use chrono::{DateTime, Utc};
use journal::{Append, AppendError, EventType, Expected, Journal, NewEvent, StreamName};
use lru::LruCache;
use policy::decide::Permit;
use policy::words::Action;
use serde::Serialize;
use tokio::time::timeout;
use uuid::Uuid;

use crate::fault::Fault;

/// Sessions whose streams are kept open on a node.
const SESSIONS_MAX: NonZeroUsize = NonZeroUsize::MIN.saturating_add(16_383);
/// Events that a session is remembered to have read; beyond, it begins again and records twice.
const SEEN_MAX: usize = 100_000;
/// Events named by one record, which keeps it far below the journal's limit.
const NAMED_MAX: usize = 2_000;
/// Records appended at once, and their bytes: below the limits of the journal's port.
const MERGED_MAX: usize = 50;
const MERGED_BYTES_MAX: usize = 512 * 1024;
/// Records of one session that may wait to be written. Beyond, a refused try is not recorded, and
/// a read waits until those before it are written.
const WAITING_MAX: usize = 1_000;
/// Longest wait of an answer until it is recorded, in milliseconds. What is late is recorded all the same, or by the
/// next read of the session; the answer stays in.
const RECORDED_MS_MAX: u64 = 2_000;

/// Whose content was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Subject {
    Thread(ThreadId),
    Patient(PatientId),
}

/// What was shown of one subject under one permit.
#[derive(Debug)]
pub(crate) struct Shown {
    subject: Subject,
    criteria: Grounds,
    events: Vec<EventId>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct Grounds {
    action: &'static str,
    standing: &'static str,
    role: &'static str,
    purpose: &'static str,
    rules: String,
    policy: String,
}

impl Shown {
    pub fn new(subject: Subject, permit: &Permit, events: Vec<EventId>) -> Self {
        let criteria = Grounds {
            action: permit.action().word(),
            standing: permit.standing().word(),
            role: permit.role().word(),
            purpose: permit.purpose().word(),
            rules: permit.rules().collect::<Vec<_>>().join(" "),
            policy: permit.policy_version().to_owned(),
        };
        Self { subject, criteria, events }
    }

    /// Takes in what was shown of the same subject on the same grounds; says whether it did.
    pub fn merge(&mut self, other: &Self) -> bool {
        let same = self.subject == other.subject && self.criteria == other.criteria;
        if same {
            self.events.extend(&other.events);
        }
        same
    }
}

/// Who reads, in which sign-in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Reading {
    pub person: PersonId,
    pub session: SessionId,
}

#[derive(Serialize)]
struct ReadRecord<'a> {
    person: PersonId,
    #[serde(skip_serializing_if = "Option::is_none")]
    thread: Option<ThreadId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    patient: Option<PatientId>,
    #[serde(flatten)]
    criteria: &'a Grounds,
    events: &'a [EventId],
}

#[derive(Serialize)]
struct RefusedRecord {
    person: PersonId,
    action: &'static str,
    target: String,
}

struct Entry {
    kind: &'static str,
    at: DateTime<Utc>,
    data: Vec<u8>,
}

/// One sign-in's stream.
struct Session {
    reading: Reading,
    stream: StreamName,
    seen: Mutex<HashSet<(Subject, EventId)>>,
    waiting: Mutex<Waiting>,
    writer: tokio::sync::Mutex<Writer>,
}

#[derive(Default)]
struct Waiting {
    entries: Vec<Entry>,
    /// How many entries were ever put here: each waits until that many are written.
    put: u64,
}

struct Writer {
    expected: Expected,
    written: u64,
    /// Taken up and not known to be written, as after a failure or when a request is dropped
    /// midway. It is tried again as it is before anything else: the ids of its events follow from
    /// their places, so another batch in its place would pass for it.
    pending: Vec<Entry>,
}

/// The access log of one node.
pub(crate) struct AccessLog {
    journal: Arc<dyn Journal>,
    /// Of this start of the node, so that a stream has one appender for ever.
    node: Uuid,
    sessions: Mutex<LruCache<Reading, Arc<Session>>>,
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl AccessLog {
    pub fn new(journal: Arc<dyn Journal>, node: Uuid) -> Self {
        Self { journal, node, sessions: Mutex::new(LruCache::new(SESSIONS_MAX)) }
    }

    fn session(&self, reading: Reading) -> Result<Arc<Session>, Fault> {
        if let Some(session) = locked(&self.sessions).get(&reading) {
            return Ok(Arc::clone(session));
        }
        // The start's id counts into the name, so an evicted session that returns begins a stream
        // of its own as well.
        let life =
            Uuid::new_v5(&self.node, &[reading.person.uuid().as_bytes().as_slice(), self.turn().as_bytes()].concat());
        let name = format!("access-{}-{}", reading.session, life.simple());
        let session = Arc::new(Session {
            reading,
            stream: StreamName::parse(&name).map_err(|_| Fault::Row("a stream's name"))?,
            seen: Mutex::default(),
            waiting: Mutex::default(),
            writer: tokio::sync::Mutex::new(Writer { expected: Expected::NoStream, written: 0, pending: Vec::new() }),
        });
        let mut sessions = locked(&self.sessions);
        Ok(Arc::clone(sessions.get_or_insert(reading, || session)))
    }

    fn turn(&self) -> Uuid {
        use std::sync::atomic::{AtomicU64, Ordering};
        static TURN: AtomicU64 = AtomicU64::new(0);
        Uuid::from_u128(u128::from(TURN.fetch_add(1, Ordering::Relaxed)))
    }

    /// Records what an answer shows, and returns when that is durable. What this session has seen
    /// before costs nothing.
    pub async fn read(&self, reading: Reading, shown: &[Shown], now: DateTime<Utc>) -> Result<(), Fault> {
        if shown.is_empty() {
            return Ok(());
        }
        let session = self.session(reading)?;
        let new = session.unseen(shown);
        if new.is_empty() {
            return Ok(());
        }
        let recorded = timeout(Duration::from_millis(RECORDED_MS_MAX), self.record(&session, reading, &new, now)).await;
        recorded.map_err(|_| Fault::Unavailable("the access log"))??;
        // Only what is durable counts as recorded: a failed append is tried again by the next read.
        let mut seen = locked(&session.seen);
        if seen.len() > SEEN_MAX {
            seen.clear();
        }
        for shown in new {
            seen.extend(shown.events.into_iter().map(|event| (shown.subject, event)));
        }
        Ok(())
    }

    /// Appends what a session has not seen before, after what waits too long already.
    async fn record(
        &self,
        session: &Session,
        reading: Reading,
        new: &[Shown],
        now: DateTime<Utc>,
    ) -> Result<(), Fault> {
        if let Some(ticket) = session.backlog() {
            self.flush(session, ticket).await?;
        }
        let mut entries = Vec::new();
        for shown in new {
            for events in shown.events.chunks(NAMED_MAX) {
                let (thread, patient) = match shown.subject {
                    Subject::Thread(thread) => (Some(thread), None),
                    Subject::Patient(patient) => (None, Some(patient)),
                };
                let record = ReadRecord { person: reading.person, thread, patient, criteria: &shown.criteria, events };
                let data = serde_json::to_vec(&record).map_err(|_| Fault::Row("an access record"))?;
                entries.push(Entry { kind: "access.read", at: now, data });
            }
        }
        let ticket = session.put(entries);
        self.flush(session, ticket).await
    }

    /// Records a refused try, without making the answer wait: it is the same whether the thing is
    /// missing or forbidden.
    pub fn refused(self: &Arc<Self>, reading: Reading, (action, target): (Action, Uuid), now: DateTime<Utc>) {
        let record =
            RefusedRecord { person: reading.person, action: action.word(), target: target.simple().to_string() };
        let (Ok(session), Ok(data)) = (self.session(reading), serde_json::to_vec(&record)) else {
            return tracing::error!("a refused try could not be recorded");
        };
        if session.backlog().is_some() {
            return tracing::warn!("too many refused tries of one session: not recorded");
        }
        let ticket = session.put(vec![Entry { kind: "access.refused", at: now, data }]);
        let log = Arc::clone(self);
        tokio::spawn(async move {
            if log.flush(&session, ticket).await.is_err() {
                tracing::error!("a refused try could not be recorded");
            }
        });
    }

    /// Writes what waits, until everything up to `ticket` is durable. The task that holds the writer
    /// takes along what others have put meanwhile, and what was left by who was dropped midway.
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

    /// Appends what is pending.
    async fn append(&self, session: &Session, writer: &mut Writer) -> Result<(), Fault> {
        let first = writer.expected.first();
        let kind = |kind| EventType::parse(kind).map_err(|_| Fault::Row("a kind"));
        let mut events = Vec::with_capacity(writer.pending.len());
        for (index, entry) in (0_u64..).zip(&writer.pending) {
            let place = first.0.saturating_add(index).to_be_bytes();
            let name = [session.stream.as_str().as_bytes(), &place].concat();
            let meta = format!(
                r#"{{"actor":"person-{}","at":"{}","v":"1"}}"#,
                session.reading.person,
                entry.at.to_rfc3339_opts(chrono::SecondsFormat::Micros, true)
            );
            events.push(NewEvent {
                id: Uuid::new_v5(&self.node, &name),
                event_type: kind(entry.kind)?,
                data: Bytes::from(entry.data.clone()),
                meta: Bytes::from(meta),
            });
        }
        let append = Append { stream: session.stream.clone(), expected: writer.expected, events };
        let appended = match self.journal.append(append.clone()).await {
            // Unknown whether it was written: the same ids again say so.
            Err(AppendError::Indeterminate { .. }) => self.journal.append(append).await,
            outcome => outcome,
        };
        match appended {
            Ok(appended) => {
                writer.expected = Expected::Exact(appended.last);
                let count = u64::try_from(writer.pending.len()).unwrap_or(u64::MAX);
                writer.written = writer.written.saturating_add(count);
                writer.pending.clear();
                Ok(())
            }
            Err(AppendError::Unavailable { .. } | AppendError::Indeterminate { .. }) => {
                Err(Fault::Unavailable("the access log"))
            }
            Err(
                error @ (AppendError::Conflict { .. }
                | AppendError::IdReused { .. }
                | AppendError::Empty
                | AppendError::TooLarge { .. }
                | AppendError::Fatal(_)),
            ) => Err(Fault::Append(error)),
        }
    }
}

impl Session {
    fn unseen(&self, shown: &[Shown]) -> Vec<Shown> {
        let seen = locked(&self.seen);
        let mut new: Vec<Shown> = Vec::new();
        for Shown { subject, criteria, events } in shown {
            let unseen = events.iter().filter(|event| !seen.contains(&(*subject, **event)));
            let events: Vec<EventId> = unseen.copied().collect();
            if events.is_empty() {
                continue;
            }
            match new.iter_mut().find(|known| known.subject == *subject && known.criteria == *criteria) {
                Some(known) => known.events.extend(events),
                None => new.push(Shown { subject: *subject, criteria: criteria.clone(), events }),
            }
        }
        for shown in &mut new {
            shown.events.sort_unstable();
            shown.events.dedup();
        }
        new
    }

    /// The ticket of all that waits, if that is too much for more to be put to it.
    fn backlog(&self) -> Option<u64> {
        let waiting = locked(&self.waiting);
        (waiting.entries.len() >= WAITING_MAX).then_some(waiting.put)
    }

    /// What is appended next: as much as fits, and one record at least.
    fn take(&self) -> Vec<Entry> {
        let mut waiting = locked(&self.waiting);
        let mut bytes = 0_usize;
        let fits = waiting.entries.iter().take(MERGED_MAX).take_while(|entry| {
            bytes = bytes.saturating_add(entry.data.len());
            bytes <= MERGED_BYTES_MAX
        });
        let count = fits.count().max(1).min(waiting.entries.len());
        waiting.entries.drain(..count).collect()
    }

    fn put(&self, entries: Vec<Entry>) -> u64 {
        let mut waiting = locked(&self.waiting);
        waiting.put = waiting.put.saturating_add(u64::try_from(entries.len()).unwrap_or(u64::MAX));
        waiting.entries.extend(entries);
        waiting.put
    }
}
