//! The log of the stand-in: one sequence of records, read as a whole or by stream.
//!
//! It decides about an append by the rules of the server's index: whether the stream has the expected revision, and when
//! a repeat gets the first answer again. Positions grow like byte offsets into files, so the next position cannot be
//! predicted; system records lie between those of programs.

use std::collections::HashMap;
use std::time::{SystemTime, UNIX_EPOCH};

use uuid::Uuid;

/// The event type that marks a stream as permanently deleted.
const TOMBSTONE: &str = "$streamDeleted";
/// The revision of a tombstone, and the mark of a stream that is deleted for now.
const LAST: u64 = i64::MAX as u64;

/// An event as a program proposes it.
#[derive(Clone, Debug)]
pub struct Proposed {
    /// Identifies a repeat.
    pub id: Uuid,
    /// The type of the event.
    pub event_type: String,
    /// The media type of its data.
    pub content_type: String,
    /// The data.
    pub data: Vec<u8>,
    /// The writer's metadata.
    pub metadata: Vec<u8>,
}

/// An event in the log.
#[derive(Clone, Debug)]
pub struct Record {
    /// Its position in the log, which is both its prepare and its commit position.
    pub position: u64,
    /// Its stream.
    pub stream: String,
    /// Its revision in that stream, from 0.
    pub revision: u64,
    /// Since 1970, in units of 100 ns.
    pub ticks: u64,
    /// The proposed event.
    pub event: Proposed,
}

/// The state of the stream that a writer expects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expected {
    /// Any state.
    Any,
    /// It has events.
    StreamExists,
    /// It has no events.
    NoStream,
    /// Its last event has this revision.
    Revision(u64),
}

/// The outcome of an append.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is in the log, now or since an earlier append; `last` is `None` only if the stream never had an event.
    Written {
        /// The revision of its last event.
        last: Option<u64>,
        /// The position of its last event; `None` for an empty append.
        position: Option<u64>,
    },
    /// The stream is not in the expected state.
    WrongVersion {
        /// The revision of its last event.
        current: Option<u64>,
    },
    /// The stream has been closed permanently.
    Closed,
}

/// The content of a stream.
pub enum Found<'log> {
    /// None, or deleted.
    Nothing,
    /// The stream has been closed permanently.
    Closed,
    /// Its readable events, in order.
    Events(Vec<&'log Record>),
}

#[derive(Default)]
struct Stream {
    /// Which records of the log are its events; the place in this list is the revision.
    events: Vec<usize>,
    /// The revision of the first readable event.
    first: u64,
    /// Deleted until the next write.
    gone: bool,
    closed: bool,
}

impl Stream {
    fn current(&self) -> Option<u64> {
        (self.events.len() as u64).checked_sub(1)
    }

    fn is_gone(&self) -> bool {
        self.gone || self.events.is_empty()
    }
}

/// The log.
pub struct Log {
    records: Vec<Record>,
    streams: HashMap<String, Stream>,
    /// The position of the next record.
    next: u64,
    /// Whether the system writes its own records between those of programs.
    noisy: bool,
    appends: u64,
}

impl Log {
    /// An empty log whose first record has the position `first` or one shortly after it.
    pub fn new(first: u64, noisy: bool) -> Self {
        let mut log = Self { records: Vec::new(), streams: HashMap::new(), next: first, noisy, appends: 0 };
        if noisy {
            log.write("$users", system("$UserCreated", "{}"));
        }
        log
    }

    /// All records, in order of their positions.
    pub fn records(&self) -> &[Record] {
        &self.records
    }

    /// Whether a record begins at this position, so that a reader may start there.
    pub fn is_boundary(&self, position: u64) -> bool {
        let found = self.records.binary_search_by_key(&position, |record| record.position);
        position == 0 || position >= self.next || found.is_ok()
    }

    /// The index in [`records`](Self::records) of the first record at or after this position.
    pub fn at_or_after(&self, position: u64) -> usize {
        self.records.partition_point(|record| record.position < position)
    }

    /// The position of the last record.
    pub fn last(&self) -> Option<u64> {
        self.records.last().map(|record| record.position)
    }

    /// The events of a stream.
    pub fn read(&self, name: &str) -> Found<'_> {
        match self.streams.get(name) {
            Some(stream) if stream.closed => Found::Closed,
            Some(stream) if !stream.is_gone() => {
                let kept = stream.events.iter().skip(stream.first as usize);
                Found::Events(kept.map(|at| self.record(*at)).collect())
            }
            Some(_) | None => Found::Nothing,
        }
    }

    /// Appends all of the events or none of them.
    pub fn append(&mut self, name: &str, expected: Expected, events: Vec<Proposed>) -> Outcome {
        let ids: Vec<Uuid> = events.iter().map(|event| event.id).collect();
        if let Some(known) = self.judge(name, expected, &ids) {
            return known;
        }
        let stream = self.streams.entry(name.to_owned()).or_default();
        if stream.gone {
            stream.gone = false;
            stream.first = stream.events.len() as u64;
        }
        let written = events.into_iter().map(|event| self.write(name, event)).last();
        self.appends += 1;
        if self.noisy {
            self.murmur(name);
        }
        match written {
            Some((last, position)) => Outcome::Written { last: Some(last), position: Some(position) },
            None => Outcome::Written { last: self.streams.get(name).and_then(Stream::current), position: None },
        }
    }

    /// Deletes a stream until the next write, or permanently.
    pub fn delete(&mut self, name: &str, expected: Expected, for_good: bool) -> Outcome {
        if let Some(known) = self.judge(name, expected, &[Uuid::nil()]) {
            return known;
        }
        let position = if for_good {
            self.streams.entry(name.to_owned()).or_default().closed = true;
            self.put(name, LAST, system(TOMBSTONE, ""))
        } else {
            self.streams.entry(name.to_owned()).or_default().gone = true;
            self.write(&format!("$${name}"), system("$metadata", &format!("{{\"$tb\":{LAST}}}"))).1
        };
        Outcome::Written { last: self.streams.get(name).and_then(Stream::current), position: Some(position) }
    }

    /// Changes one byte of the event at this position, like a failing disk; false if there is no event.
    pub fn flip(&mut self, position: u64) -> bool {
        let at = self.at_or_after(position);
        let byte = self.records.get_mut(at).filter(|record| record.position == position);
        let byte = byte.and_then(|record| record.event.data.last_mut());
        let found = byte.is_some();
        if let Some(byte) = byte {
            *byte ^= 1;
        }
        found
    }

    /// Removes everything from this position on, like a restored backup.
    pub fn cut(&mut self, position: u64) {
        let kept = self.at_or_after(position);
        let lost = self.records.split_off(kept);
        self.next = lost.first().map_or(self.next, |record| record.position);
        for record in &lost {
            let stream = self.streams.entry(record.stream.clone()).or_default();
            if record.event.event_type == TOMBSTONE {
                stream.closed = false;
            } else {
                stream.events.retain(|at| *at < kept);
            }
            if let Some(deleted) = record.stream.strip_prefix("$$").and_then(|name| self.streams.get_mut(name)) {
                deleted.gone = false;
            }
        }
    }

    /// An answer that needs no write: a refusal, or the answer to a repeat.
    fn judge(&self, name: &str, expected: Expected, ids: &[Uuid]) -> Option<Outcome> {
        let empty = Stream::default();
        let stream = self.streams.get(name).unwrap_or(&empty);
        let current = stream.current();
        let wrong = Some(Outcome::WrongVersion { current });
        if stream.closed {
            return Some(Outcome::Closed);
        }
        let from = match expected {
            Expected::StreamExists if stream.is_gone() => return wrong,
            // The server uses a cache of recent ids, which is limited; this one is not.
            Expected::Any | Expected::StreamExists => {
                let first = stream.events.iter().position(|at| ids.first() == Some(&self.record(*at).event.id));
                first? as u64
            }
            Expected::Revision(revision) if Some(revision) == current => return None,
            Expected::Revision(revision) if current.is_none_or(|current| revision > current) => return wrong,
            Expected::Revision(revision) => revision + 1,
            Expected::NoStream if stream.events.is_empty() => return None,
            Expected::NoStream => 0,
        };
        let places = stream.events.iter().skip(from as usize).map(|at| self.record(*at));
        let again: Vec<&Record> =
            places.zip(ids).filter(|(record, id)| record.event.id == **id).map(|(r, _)| r).collect();
        match again.last() {
            Some(last) if again.len() == ids.len() => {
                Some(Outcome::Written { last: Some(last.revision), position: Some(last.position) })
            }
            None if expected == Expected::NoStream && stream.gone => None,
            Some(_) | None => wrong,
        }
    }

    fn write(&mut self, name: &str, event: Proposed) -> (u64, u64) {
        let stream = self.streams.entry(name.to_owned()).or_default();
        let revision = stream.events.len() as u64;
        stream.events.push(self.records.len());
        (revision, self.put(name, revision, event))
    }

    fn put(&mut self, name: &str, revision: u64, event: Proposed) -> u64 {
        let position = self.next;
        let bytes = event.data.len() + event.metadata.len() + event.event_type.len() + 2 * name.len();
        // Records have headers and footers, and files have chunk boundaries.
        self.next += 103 + bytes as u64 + if self.records.len() % 7 == 6 { 4096 } else { 0 };
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let ticks = (since.as_nanos() / 100) as u64;
        self.records.push(Record { position, stream: name.to_owned(), revision, ticks, event });
        position
    }

    /// The records that the system and its projections write after a program's append.
    fn murmur(&mut self, name: &str) {
        if name.starts_with('$') {
            return;
        }
        let last = self.streams.get(name).and_then(Stream::current).unwrap_or_default();
        if self.appends.is_multiple_of(2) {
            let category = name.split('-').next().unwrap_or(name);
            self.write(&format!("$ce-{category}"), system("$>", &format!("{last}@{name}")));
        }
        if self.appends.is_multiple_of(5) {
            self.write("$stats-127.0.0.1:2113", system("$statsCollected", "{\"proc-mem\":1}"));
        }
        if self.appends.is_multiple_of(7) {
            self.write("$$$settings", system("$metadata", "{}"));
        }
    }

    #[expect(clippy::indexing_slicing, reason = "streams hold places of records, and nothing else")]
    fn record(&self, at: usize) -> &Record {
        &self.records[at]
    }
}

/// An event of the system, with an arbitrary id.
fn system(event_type: &str, data: &str) -> Proposed {
    let content_type = if event_type == "$>" { "application/octet-stream" } else { "application/json" };
    Proposed {
        id: Uuid::new_v5(&Uuid::NAMESPACE_OID, format!("{event_type} {data}").as_bytes()),
        event_type: event_type.to_owned(),
        content_type: content_type.to_owned(),
        data: data.as_bytes().to_vec(),
        metadata: Vec::new(),
    }
}
