//! How an event is encoded in KurrentDB, and decoded.
//!
//! - The stream is `<namespace>.<stream>`. No namespace contains a dot, so no namespace is a prefix of another's streams.
//!   The part before the first dash is the category, as in the store's own projections.
//! - The data are the event's bytes. They are marked as JSON only where they are JSON.
//! - The metadata are one flat JSON object of strings: `digest` in hexadecimal, `stored_at` in microseconds since 1970,
//!   and the writer's metadata as `meta`, or as `meta64` in Base64 if they are not text.
//!
//! An event in another form was not written by this program, and is reported as damage.

use std::collections::BTreeMap;

use chrono::DateTime;
use data_encoding::{BASE64, HEXLOWER};
use eventstore::{EventData, RecordedEvent};
use serde_json::value::RawValue;

use crate::{
    Append, AppendError, Digest, EventType, Fatal, Measured, Namespace, NewEvent, Position, Recorded, Revision,
    StreamName,
};

/// The server's default limit for one append, in bytes.
const STORED_BYTES_MAX: usize = 1024 * 1024;

/// The highest position or revision of the store. It gives higher numbers a special meaning: the highest of all stands
/// for the revision of a missing stream.
pub(super) const NUMBER_MAX: u64 = i64::MAX as u64;

const DIGEST: &str = "digest";
const STORED_AT: &str = "stored_at";
const META: &str = "meta";
const META_BASE64: &str = "meta64";

/// The names of a namespace's streams in the store.
#[derive(Clone)]
pub(crate) struct StreamNames {
    namespace: Namespace,
    /// The prefix of its streams.
    pub prefix: String,
    /// The prefix of the streams with the retention settings of its streams.
    pub retention_prefix: String,
    /// The stream with the identity of the log.
    pub identity: String,
}

impl StreamNames {
    pub(crate) fn of(namespace: Namespace) -> Self {
        Self {
            prefix: format!("{namespace}."),
            retention_prefix: retention_of(&format!("{namespace}.")),
            identity: format!("carefold_identity-{namespace}"),
            namespace,
        }
    }

    pub(super) fn namespace(&self) -> &Namespace {
        &self.namespace
    }

    pub(super) fn of_stream(&self, stream: &StreamName) -> String {
        format!("{}{stream}", self.prefix)
    }
}

/// The stream with the retention settings of a stream.
pub(super) fn retention_of(stream: &str) -> String {
    format!("$${stream}")
}

/// The events of an append as they are stored. The first gets the first revision of the append.
pub(super) fn encode(append: &Append, stored_at_us: i64) -> Result<Vec<EventData>, AppendError> {
    let mut events = Vec::with_capacity(append.events.len());
    let mut size = 0_usize;
    for (revision, event) in (append.expected.first().0..).zip(&append.events) {
        let meta = metadata(&append.stream, Revision(revision), event, stored_at_us)?;
        // The server counts two bytes for each character of the event type.
        size = size.saturating_add(event.data.len() + meta.len() + 2 * event.event_type.as_str().len());
        events.push(content(event)?.id(event.id).metadata(meta.into()));
    }
    if size > STORED_BYTES_MAX {
        return Err(AppendError::TooLarge { what: Measured::AppendBytes, size, size_max: STORED_BYTES_MAX });
    }
    Ok(events)
}

fn content(event: &NewEvent) -> Result<EventData, AppendError> {
    let json = serde_json::from_slice::<&RawValue>(&event.data).ok();
    // The store would drop white space around a value.
    match json.filter(|json| json.get().len() == event.data.len()) {
        Some(json) => EventData::json(event.event_type.as_str(), &json).map_err(unwritable),
        None => Ok(EventData::binary(event.event_type.as_str(), event.data.clone())),
    }
}

fn metadata(
    stream: &StreamName,
    revision: Revision,
    event: &NewEvent,
    stored_at_us: i64,
) -> Result<Vec<u8>, AppendError> {
    let digest = HEXLOWER.encode(Digest::of_new(stream, revision, event).as_bytes());
    let (key, meta) = match std::str::from_utf8(&event.meta) {
        Ok(text) => (META, text.to_owned()),
        Err(_) => (META_BASE64, BASE64.encode(&event.meta)),
    };
    serde_json::to_vec(&BTreeMap::from([(DIGEST, digest), (STORED_AT, stored_at_us.to_string()), (key, meta)]))
        .map_err(unwritable)
}

fn unwritable(error: serde_json::Error) -> AppendError {
    AppendError::Unavailable { reason: format!("the event cannot be written as JSON: {error}") }
}

/// Decodes an event. The error names the part that this program would not write so.
pub(super) fn decode(names: &StreamNames, event: &RecordedEvent) -> Result<Recorded, Fatal> {
    let position = Position(event.position.commit);
    decode_parts(names, event).map_err(|detail| Fatal::Corrupt { position: Some(position), detail: detail.into() })
}

fn decode_parts(names: &StreamNames, event: &RecordedEvent) -> Result<Recorded, &'static str> {
    if event.position.commit != event.position.prepare {
        return Err("its commit position differs from its prepare position");
    }
    let stream = event.stream_id().strip_prefix(&names.prefix).and_then(|name| StreamName::parse(name).ok());
    let mut meta: BTreeMap<String, String> =
        serde_json::from_slice(&event.custom_metadata).map_err(|_| "its metadata are not ours")?;
    let mut part = |key: &str| meta.remove(key);
    let (digest, stored_at) = (part(DIGEST), part(STORED_AT));
    let said = match (part(META), part(META_BASE64)) {
        (Some(text), None) => text.into_bytes(),
        (None, Some(text)) => BASE64.decode(text.as_bytes()).map_err(|_| "its metadata are not ours")?,
        (Some(_), Some(_)) | (None, None) => return Err("its metadata are not ours"),
    };
    if !meta.is_empty() {
        return Err("its metadata are not ours");
    }
    let recorded = Recorded {
        position: Position(event.position.commit),
        stream: stream.ok_or("its stream has no name of ours")?,
        revision: Revision(event.revision),
        id: event.id,
        event_type: EventType::parse(&event.event_type).map_err(|_| "its event type is none of ours")?,
        data: event.data.clone(),
        meta: said.into(),
        stored_at: stored_at
            .and_then(|text| text.parse().ok())
            .and_then(DateTime::from_timestamp_micros)
            .ok_or("it has no time of storing")?,
    };
    if digest != Some(HEXLOWER.encode(Digest::of(&recorded).as_bytes())) {
        return Err("its digest does not fit");
    }
    Ok(recorded)
}

/// Whether these stream settings allow the store to remove events.
pub(super) fn allows_removal(metadata: &RecordedEvent) -> bool {
    match serde_json::from_slice::<serde_json::Value>(&metadata.data) {
        Ok(said) => {
            ["$tb", "$maxCount", "$maxAge"].iter().any(|rule| said.get(rule).is_some_and(|value| !value.is_null()))
        }
        Err(_) => false,
    }
}
