//! The identity of a namespace's log. The store has no such concept, so the identity is kept in a separate stream.
//!
//! Its first event is written when the log is created, before any event of the log. Each restore appends an event with a
//! new epoch. The last event is the current identity.

use std::collections::BTreeMap;

use eventstore::{EventData, RecordedEvent};
use uuid::Uuid;

use super::connection::Connection;
use super::encoding::StreamNames;
use super::failure::Failure;
use crate::{Direction, Expected, Fatal, LogIdentity, OpenError, Revision};

/// The one format that is written and understood.
const FORMAT: i64 = 1;
const EVENT_TYPE: &str = "carefold.identity";

/// The content of the identity stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Known {
    pub identity: LogIdentity,
    /// The last revision of the stream.
    pub revision: Revision,
    /// Where the log was made: all of it comes after.
    pub made_at: u64,
}

/// Reads it. `None` where there is no log.
pub(super) async fn read(connection: &Connection, names: &StreamNames) -> Result<Option<Known>, Unread> {
    let first = match connection.stream(&names.identity, None, Direction::Forward, 1).await {
        Ok(piece) => piece.events.into_iter().next(),
        Err(Failure::Missing) => return Ok(None),
        Err(other) => return Err(other.into()),
    };
    let (Some(first), Some(last)) = (first, connection.last_of(&names.identity).await?) else {
        return Err(Unread::Damaged("its identity was deleted".into()));
    };
    if first.revision != 0 {
        return Err(Unread::Damaged("the beginning of its identity was deleted".into()));
    }
    let identity = parsed(&last, names)?;
    if parsed(&first, names)?.log != identity.log {
        return Err(Unread::Damaged("it was made as another log".into()));
    }
    Ok(Some(Known { identity, revision: Revision(last.revision), made_at: first.position.commit }))
}

/// Whether the log still has the same identity; reads only the last event.
pub(super) async fn now(connection: &Connection, names: &StreamNames) -> Result<LogIdentity, Failure> {
    let last = connection.last_of(&names.identity).await?;
    let gone = |detail: &str| Fatal::Corrupt { position: None, detail: detail.into() };
    let last = last.ok_or_else(|| gone("its identity was deleted"))?;
    parsed(&last, names).map_err(|_| gone("its identity is not understood").into())
}

/// Says which log this is: a new one, or a new epoch after a revision.
pub(super) async fn write(
    connection: &Connection,
    names: &StreamNames,
    identity: LogIdentity,
    expected: Expected,
) -> Result<(), Failure> {
    let said = BTreeMap::from([
        ("format", FORMAT.to_string()),
        ("namespace", names.namespace().to_string()),
        ("log", identity.log.to_string()),
        ("epoch", identity.epoch.to_string()),
    ]);
    let event = EventData::json(EVENT_TYPE, &said).map_err(|error| Failure::Refused(error.to_string()))?;
    // The epoch is new each time, and so is the id; a repeat has the same.
    let written = connection.append(names.identity.clone(), expected, vec![event.id(identity.epoch)]).await?;
    if written.next_expected_version != expected.first().0 {
        let detail = "the beginning of its identity was deleted".into();
        return Err(Fatal::Corrupt { position: None, detail }.into());
    }
    Ok(())
}

/// Why an identity was not read.
pub(super) enum Unread {
    Failed(Failure),
    Foreign(String),
    Format(i64),
    Damaged(String),
}

impl From<Failure> for Unread {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

impl Unread {
    /// What it means for opening the log.
    pub(super) fn of_open(self, place: &str) -> OpenError {
        match self {
            Self::Failed(failure) => of_open(failure),
            Self::Foreign(found) => OpenError::Foreign { place: place.into(), found },
            Self::Format(found) => OpenError::Format { found, known: FORMAT },
            Self::Damaged(detail) => OpenError::Damaged { detail },
        }
    }
}

/// What a failure means for opening the log.
pub(super) fn of_open(failure: Failure) -> OpenError {
    match failure.of_read() {
        crate::ReadError::Unavailable { reason } => OpenError::Unavailable { reason },
        crate::ReadError::Fatal(Fatal::Denied { reason }) => OpenError::Denied { reason },
        crate::ReadError::Fatal(Fatal::Corrupt { detail, .. }) => OpenError::Damaged { detail },
        error @ (crate::ReadError::EpochChanged { .. }
        | crate::ReadError::Fatal(Fatal::LostTail { .. } | Fatal::ReadOnly | Fatal::Ended { .. })) => {
            OpenError::Damaged { detail: error.to_string() }
        }
    }
}

fn parsed(event: &RecordedEvent, names: &StreamNames) -> Result<LogIdentity, Unread> {
    let foreign = |found: &str| Unread::Foreign(found.into());
    if event.event_type != EVENT_TYPE {
        return Err(foreign("a stream of another kind"));
    }
    let said: BTreeMap<String, String> =
        serde_json::from_slice(&event.data).map_err(|_| foreign("an identity in another form"))?;
    let part = |key: &str| said.get(key).map(String::as_str).unwrap_or_default();
    match part("format").parse() {
        Ok(FORMAT) => {}
        Ok(other) => return Err(Unread::Format(other)),
        Err(_) => return Err(foreign("an identity without a format")),
    }
    if part("namespace") != names.namespace().as_str() {
        return Err(foreign("the log of another namespace"));
    }
    match (Uuid::parse_str(part("log")), Uuid::parse_str(part("epoch"))) {
        (Ok(log), Ok(epoch)) => Ok(LogIdentity { log, epoch }),
        (Err(_), _) | (_, Err(_)) => Err(foreign("an identity without its ids")),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use test_stores::kurrent::{Options, StandIn};

    use super::*;
    use crate::{Access, Namespace, open};

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_foreign_stream_another_log_and_another_version_are_distinguished_and_not_written() {
        let identity = |format: &str, namespace: &str, id: &str| {
            format!(r#"{{"format":"{format}","namespace":"{namespace}","log":"{id}","epoch":"{id}"}}"#)
        };
        let id = Uuid::from_u128(1).to_string();
        let foreign = |found: &str| Unread::Foreign(found.into());
        for (event_type, said, expected) in [
            ("note.taken", identity("1", "care", &id), foreign("a stream of another kind")),
            (EVENT_TYPE, "[]".into(), foreign("an identity in another form")),
            (EVENT_TYPE, identity("one", "care", &id), foreign("an identity without a format")),
            (EVENT_TYPE, identity("1", "access", &id), foreign("the log of another namespace")),
            (EVENT_TYPE, identity("1", "care", "x"), foreign("an identity without its ids")),
            (EVENT_TYPE, identity("0", "care", &id), Unread::Format(0)),
            (EVENT_TYPE, identity("2", "care", &id), Unread::Format(2)),
        ] {
            let stand_in = StandIn::start(Options::default());
            stand_in.append_foreign("carefold_identity-care", event_type, said.as_bytes());
            let place = format!("care of {}", stand_in.address(0));
            let (written, expected) = (stand_in.records().len(), expected.of_open(&place));
            for access in [Access::Write, Access::ReadOnly] {
                let care = Namespace::parse("care").expect("a namespace");
                let opened = open(&stand_in.url(), care, access, Arc::new(chrono::Utc::now)).await;
                assert_eq!(opened.map(drop), Err(expected.clone()));
            }
            assert_eq!(stand_in.records().len(), written, "nothing is written into it");
        }
    }
}
