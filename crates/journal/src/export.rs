//! Exports a log as lines of JSON, which every backend and other programs can read.
//!
//! An export is a line that says which log it is of, a line for each event in the order of the log, and a line that ends
//! it, so that a file that was cut is noticed. Several exports may follow each other in one file:
//!
//! ```json
//! {"log":{"format":1,"namespace":"care","id":"…","epoch":"…","head":2}}
//! {"event":{"position":1,"stream":"thread-7","revision":0,"id":"…","event_type":"a.b","data":"…","meta":"…","digest":"…","stored_at":"…"}}
//! {"end":{"events":2,"digests":"…","lines":"…"}}
//! ```
//!
//! `data` and `meta` are base64, `digest` is that of [`Digest`] in hex. `digests` is the SHA-256 over the digests of all
//! events, one after the other: what two equal logs have in common wherever they lie. `lines` is the SHA-256 over every
//! byte of the export before its last line. No sum covers the last line, so it is written exactly as above. Position and
//! `stored_at` are what the log said, for the record, the time as RFC 3339 in UTC with microseconds; a log that the
//! export is imported into has its own.
//!
//! Contents are as sealed, or as open, as they are in the log. `import.rs` reads what is written here.

use std::io::Write;

use aws_lc_rs::digest::{Context, SHA256};
use chrono::{DateTime, SecondsFormat, Utc};
use data_encoding::{BASE64, HEXLOWER};
use serde::{Deserialize, Serialize, Serializer};
use thiserror::Error;
use uuid::Uuid;

use crate::log_scan::LogScan;
use crate::{Digest, Journal, Namespace, ReadError, Recorded};

/// The format that is written, and the one that is read.
pub(crate) const FORMAT: u32 = 1;
/// How many events are between two reports of progress.
pub(crate) const PROGRESS_EVENTS: u64 = 100;

/// What was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exported {
    /// How many events.
    pub events: u64,
    /// The SHA-256 over their digests, in hex.
    pub digests: String,
}

/// Why a log was not exported completely.
#[derive(Debug, Error)]
pub enum ExportProblem {
    /// The log could not be read; a damaged event is named by its position.
    #[error(transparent)]
    Log(#[from] ReadError),
    /// The output could not be written.
    #[error("the export cannot be written")]
    Out(#[from] std::io::Error),
}

/// Exports a log up to the head that it has at the start. `progress` is called with the last position exported and the head.
///
/// Works beside a running writer and holds a page of events at a time. Writing blocks the thread that it is called on.
/// Every event is compared with its digest. [`crate::verify()`] also proves that streams have no holes.
pub async fn export(
    source: &dyn Journal,
    namespace: &Namespace,
    out: &mut (dyn Write + Send),
    progress: &mut (dyn FnMut(u64, u64) + Send),
) -> Result<Exported, ExportProblem> {
    let identity = source.identity().await?;
    let mut scan = LogScan::start(source).await?;
    let head = scan.until().map(|head| head.0);
    let mut out = Summed { out, sum: Context::new(&SHA256) };
    let namespace = namespace.to_string();
    out.line(&Line::Log(Header { format: FORMAT, namespace, id: identity.log, epoch: identity.epoch, head }))?;
    let mut running = Running::default();
    while let Some(event) = scan.next().await? {
        let digest = Digest::of(&event);
        out.line(&Line::Event(Box::new(Written::of(&event, &digest))))?;
        running.add(&digest);
        if running.events.is_multiple_of(PROGRESS_EVENTS) {
            progress(event.position.0, head.unwrap_or(0));
        }
    }
    progress(head.unwrap_or(0), head.unwrap_or(0));
    let (events, digests) = (running.events, HEXLOWER.encode(&running.sum()));
    let lines = HEXLOWER.encode(out.sum.clone().finish().as_ref());
    out.line(&Line::End(Trailer { events, digests: digests.clone(), lines }))?;
    out.out.flush()?;
    Ok(Exported { events, digests })
}

/// A line of an export.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Line {
    Log(Header),
    Event(Box<Written>),
    End(Trailer),
}

impl Line {
    /// The line as it is written, with its end.
    pub(crate) fn written(&self) -> serde_json::Result<Vec<u8>> {
        let mut bytes = serde_json::to_vec(self)?;
        bytes.push(b'\n');
        Ok(bytes)
    }
}

/// Unknown fields are let through, so that a newer format is called by its name.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Header {
    pub format: u32,
    pub namespace: String,
    pub id: Uuid,
    pub epoch: Uuid,
    pub head: Option<u64>,
}

/// An event as it is written; `import.rs` parses what it says.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Written {
    pub position: u64,
    pub stream: String,
    pub revision: u64,
    pub id: Uuid,
    pub event_type: String,
    pub data: String,
    pub meta: String,
    pub digest: String,
    #[serde(serialize_with = "with_microseconds")]
    pub stored_at: DateTime<Utc>,
}

/// Every instant of an export has one width and one zone.
fn with_microseconds<S: Serializer>(instant: &DateTime<Utc>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&instant.to_rfc3339_opts(SecondsFormat::Micros, true))
}

#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Trailer {
    pub events: u64,
    pub digests: String,
    pub lines: String,
}

impl Written {
    fn of(event: &Recorded, digest: &Digest) -> Self {
        Self {
            position: event.position.0,
            stream: event.stream.to_string(),
            revision: event.revision.0,
            id: event.id,
            event_type: event.event_type.to_string(),
            data: BASE64.encode(&event.data),
            meta: BASE64.encode(&event.meta),
            digest: HEXLOWER.encode(digest.as_bytes()),
            stored_at: event.stored_at,
        }
    }
}

/// The sum over the digests of the events so far.
pub(crate) struct Running {
    pub events: u64,
    digests: Context,
}

impl Default for Running {
    fn default() -> Self {
        Self { events: 0, digests: Context::new(&SHA256) }
    }
}

impl Running {
    pub(crate) fn add(&mut self, digest: &Digest) {
        self.events += 1;
        self.digests.update(digest.as_bytes());
    }

    /// The SHA-256 of what was added.
    pub(crate) fn sum(&self) -> Vec<u8> {
        self.digests.clone().finish().as_ref().to_vec()
    }
}

/// Writes lines and sums their bytes.
struct Summed<'a> {
    out: &'a mut (dyn Write + Send),
    sum: Context,
}

impl Summed<'_> {
    fn line(&mut self, line: &Line) -> std::io::Result<()> {
        let bytes = line.written()?;
        self.sum.update(&bytes);
        self.out.write_all(&bytes)
    }
}
