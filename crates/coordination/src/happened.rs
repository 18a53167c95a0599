//! An event as it is read back: decoded, with its place and its envelope.
//!
//! Everything that folds the log (aggregates, authority, views) reads through here, so an event
//! of newer software stops all of them alike.

use care::envelope::Metadata;
use care::event::{Event, EventProblem};
use care::ids::{EventId, Id};
use care::stream::Stream;
use journal::{Position, Recorded, Revision};

/// One event of the care log.
#[derive(Debug, Clone)]
pub(crate) struct Happened {
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
    /// Newer software wrote it; nobody may skip it.
    #[error("the event at position {position} has kind {kind} v{version}, which needs newer software")]
    Unknown {
        /// Where it is.
        position: u64,
        /// Its kind as stored.
        kind: String,
        /// Its version as stored.
        version: u16,
    },
    /// It is of a known kind and does not fit.
    #[error("the event at position {position} cannot be read")]
    Malformed {
        /// Where it is.
        position: u64,
    },
}

impl Happened {
    /// Decodes a recorded event.
    pub fn read(recorded: &Recorded) -> Result<Self, Unreadable> {
        let position = recorded.position.0;
        let malformed = || Unreadable::Malformed { position };
        let (metadata, version) = Metadata::decode(&recorded.meta).map_err(|_| malformed())?;
        let event =
            Event::decode(recorded.kind.as_str(), version, &recorded.data).map_err(|problem| match problem {
                EventProblem::Unknown { kind, version } => Unreadable::Unknown { position, kind, version },
                EventProblem::Malformed { .. } | EventProblem::NotSealed { .. } => malformed(),
            })?;
        Ok(Self {
            position: recorded.position,
            stream: Stream::parse(recorded.stream.as_str()).map_err(|_| malformed())?,
            revision: recorded.revision,
            id: EventId::from_uuid(recorded.id),
            metadata,
            event,
        })
    }
}
