//! The order that the events of a log must have, and what is found where they do not.

use std::collections::HashMap;

use thiserror::Error;

use crate::{OpenError, Position, Recorded, Revision, StreamName};

/// How many events are between two reports of progress.
pub(crate) const PROGRESS_EVENTS: u64 = 1_000;

/// What was proved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verified {
    /// How many events the log has.
    pub events: u64,
    /// The position of the last.
    pub head: Option<Position>,
}

/// The first damage found.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Damage {
    /// The log could not be opened, so nothing was proved.
    #[error(transparent)]
    NotOpened(#[from] OpenError),
    /// The log could not be read to its end, so nothing was proved.
    #[error("the log could not be read: {reason}")]
    Unreadable {
        /// What the system said.
        reason: String,
    },
    /// This is the first event that is not as it was written, or is gone.
    #[error("the event at position {position} is damaged: {detail}")]
    Event {
        /// Its position, or the position that is missing.
        position: Position,
        /// What does not fit.
        detail: String,
    },
    /// What holds the events is damaged.
    #[error("the store of the log is damaged{}: {detail}", .page.map_or_else(String::new, |page| format!(" at page {page}")))]
    Structure {
        /// The page of its file, from 1, where the store names one.
        page: Option<u64>,
        /// What the store says, or what does not fit.
        detail: String,
    },
}

/// What a store promises beyond the port.
#[derive(Debug, Clone, Copy)]
pub(crate) struct OrderGuarantees {
    /// Positions are 1, 2, 3 …
    pub dense: bool,
    /// The time of storing never goes back.
    pub timed: bool,
}

/// Checks the order of the events of a log, one after the other.
pub(crate) struct Sequence {
    pub events: u64,
    last: Position,
    guarantees: OrderGuarantees,
    stored_at_us: i64,
    streams: HashMap<StreamName, Revision>,
}

impl Sequence {
    pub(crate) fn new(guarantees: OrderGuarantees) -> Self {
        Self { events: 0, last: Position(0), guarantees, stored_at_us: i64::MIN, streams: HashMap::new() }
    }

    /// The position after the last: that of the next event, where positions have no holes.
    pub(crate) fn next(&self) -> Position {
        Position(self.last.0.saturating_add(1))
    }

    /// Takes the next event, or says what is wrong with its place.
    pub(crate) fn step(&mut self, event: Recorded) -> Result<(), Damage> {
        let position = event.position;
        if self.guarantees.dense && position != self.next() {
            return Err(damaged(self.next(), "it is not there"));
        }
        if self.events > 0 && position <= self.last {
            return Err(damaged(position, "it comes after a later one"));
        }
        let stored_at_us = event.stored_at.timestamp_micros();
        if self.guarantees.timed && stored_at_us < self.stored_at_us {
            return Err(damaged(position, "it was stored before the event before it"));
        }
        let next = self.streams.get(&event.stream).map_or(Revision(0), |last| Revision(last.0 + 1));
        if event.revision != next {
            return Err(damaged(position, "its revision is not the next of its stream"));
        }
        self.streams.insert(event.stream, event.revision);
        self.stored_at_us = stored_at_us;
        self.last = position;
        self.events += 1;
        Ok(())
    }

    /// What was proved by all that was taken.
    pub(crate) fn proved(&self) -> Verified {
        Verified { events: self.events, head: Some(self.last).filter(|_| self.events > 0) }
    }
}

/// Damage of one event.
pub(crate) fn damaged(position: Position, detail: &str) -> Damage {
    Damage::Event { position, detail: detail.into() }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use chrono::DateTime;
    use uuid::Uuid;

    use super::*;
    use crate::EventType;

    fn event(position: u64, stream: &str, revision: u64, stored_at_us: i64) -> Recorded {
        Recorded {
            position: Position(position),
            stream: StreamName::parse(stream).expect("a name"),
            revision: Revision(revision),
            id: Uuid::from_u128(position.into()),
            event_type: EventType::parse("note.taken").expect("an event type"),
            data: Bytes::new(),
            meta: Bytes::new(),
            stored_at: DateTime::from_timestamp_micros(stored_at_us).expect("a time"),
        }
    }

    /// The position that is named when these come one after the other.
    fn first_damaged(guarantees: OrderGuarantees, events: &[Recorded]) -> Option<u64> {
        let mut sequence = Sequence::new(guarantees);
        events.iter().find_map(|event| match sequence.step(event.clone()) {
            Ok(()) => None,
            Err(Damage::Event { position, .. }) => Some(position.0),
            Err(other) => panic!("{other}"),
        })
    }

    #[test]
    fn only_the_order_that_a_store_guarantees_is_checked() {
        let strict = OrderGuarantees { dense: true, timed: true };
        let shared = OrderGuarantees { dense: false, timed: false };
        let whole = [event(1, "a-1", 0, 5), event(2, "b-1", 0, 5), event(3, "a-1", 1, 6)];
        let hole = [event(1, "a-1", 0, 5), event(3, "b-1", 0, 5)];
        let back = [event(1, "a-1", 0, 5), event(2, "b-1", 0, 4)];
        let turned = [event(2, "a-1", 0, 5), event(1, "b-1", 0, 5)];
        let skipped = [event(1, "a-1", 0, 5), event(2, "a-1", 2, 5)];
        for (events, by_strict, by_shared) in [
            (&whole[..], None, None),
            (&hole, Some(2), None),
            (&back, Some(2), None),
            (&turned, Some(1), Some(1)),
            (&skipped, Some(2), Some(2)),
        ] {
            assert_eq!((first_damaged(strict, events), first_damaged(shared, events)), (by_strict, by_shared));
        }
    }
}
