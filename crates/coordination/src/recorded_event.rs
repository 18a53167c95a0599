//! A recorded event: decoded, with its position and its envelope.
//!
//! Every fold of the log (aggregates, authorization state, read models) decodes events here, so an event of newer
//! software stops all of them.

use care::envelope::{Metadata, UnreadableMetadata};
use care::event::{Event, EventProblem, Stream};
use care::ids::{EventId, Id};
use journal::{Position, Recorded, Revision};

/// One event of the care log.
#[derive(Debug, Clone)]
pub(crate) struct RecordedEvent {
    pub position: Position,
    pub stream: Stream,
    pub revision: Revision,
    pub id: EventId,
    pub metadata: Metadata,
    pub event: Event,
}

/// Why a recorded event cannot be folded. Positions are numbers of the log, not personal data.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// Newer software wrote the event; no fold may skip it.
    #[error("the event at position {position} has kind {kind} v{version}, which needs newer software")]
    Unknown {
        /// Where it is.
        position: u64,
        /// Its kind as stored.
        kind: String,
        /// Its version as stored.
        version: u16,
    },
    /// Newer software wrote the metadata of the event; no fold may skip it.
    #[error("the metadata of the event at position {position} of kind {kind} needs newer software")]
    NewerMetadata {
        /// Where it is.
        position: u64,
        /// Its kind as stored.
        kind: String,
    },
    /// The event has a known kind and malformed data.
    #[error("the event at position {position} cannot be read")]
    Malformed {
        /// Where it is.
        position: u64,
    },
}

impl RecordedEvent {
    /// Decodes a recorded event.
    pub fn read(stored: &Recorded) -> Result<Self, Unreadable> {
        let position = stored.position.0;
        let malformed = || Unreadable::Malformed { position };
        let (metadata, version) = Metadata::decode(&stored.meta).map_err(|problem| match problem {
            UnreadableMetadata::Newer => {
                Unreadable::NewerMetadata { position, kind: stored.event_type.as_str().to_owned() }
            }
            UnreadableMetadata::Malformed => malformed(),
        })?;
        let event =
            Event::read(stored.event_type.as_str(), version, &stored.data).map_err(|problem| match problem {
                EventProblem::Unknown { kind, version } => Unreadable::Unknown { position, kind, version },
                EventProblem::Malformed { .. } | EventProblem::NotSealed { .. } => malformed(),
            })?;
        Ok(Self {
            position: stored.position,
            stream: Stream::parse(stored.stream.as_str()).map_err(|_| malformed())?,
            revision: stored.revision,
            id: EventId::from_uuid(stored.id),
            metadata,
            event,
        })
    }
}
