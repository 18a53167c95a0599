//! The head of the access log, as far as this installation knows it. It is kept beside the checkpoint of the care log in
//! the read models, so that the loss of the access log's end is noticed.
//!
//! It is noted whenever something is folded, every few seconds if there is something new, and at the stop: never for a
//! read alone. So what was recorded in the last seconds before a kill can be lost unnoticed, and nothing before that.

use std::sync::Mutex;

use journal::{LogIdentity, Position};
use uuid::Uuid;

use crate::lock::locked;

/// A record of the access log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AccessHead {
    /// In which log.
    pub identity: LogIdentity,
    /// Where.
    pub position: Position,
    /// The id of the record.
    pub event: Uuid,
}

/// The newest head that is known, and whether it is noted in the read models.
#[derive(Default)]
pub(crate) struct KnownHead(Mutex<Known>);

#[derive(Default, Clone, Copy)]
struct Known {
    newest: Option<AccessHead>,
    noted: Option<AccessHead>,
}

impl KnownHead {
    /// A record is durable. Records of other sessions may have been stored after it and are known already.
    pub fn saw(&self, head: AccessHead) {
        let mut known = locked(&self.0);
        let is_newer =
            known.newest.is_none_or(|newest| newest.identity != head.identity || newest.position < head.position);
        if is_newer {
            known.newest = Some(head);
        }
    }

    /// The position of the newest head that is known in a log.
    pub fn position_in(&self, identity: LogIdentity) -> Option<Position> {
        locked(&self.0).newest.filter(|newest| newest.identity == identity).map(|newest| newest.position)
    }

    /// The head that is to be noted; none if it is noted.
    pub fn to_note(&self) -> Option<AccessHead> {
        let known = locked(&self.0);
        known.newest.filter(|newest| known.noted != Some(*newest))
    }

    /// It is noted.
    pub fn is_noted(&self, head: AccessHead) {
        locked(&self.0).noted = Some(head);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_newer_head_is_to_be_noted() {
        let identity = LogIdentity { log: Uuid::from_u128(1), epoch: Uuid::from_u128(2) };
        let at = |position| AccessHead { identity, position: Position(position), event: Uuid::from_u128(9) };
        let known = KnownHead::default();
        assert_eq!(known.to_note(), None);
        known.saw(at(4));
        known.saw(at(3));
        assert_eq!(known.to_note(), Some(at(4)));
        known.is_noted(at(4));
        assert_eq!(known.to_note(), None);
        known.saw(at(5));
        assert_eq!(known.to_note(), Some(at(5)));
        let restored = AccessHead { identity: LogIdentity { epoch: Uuid::from_u128(3), ..identity }, ..at(1) };
        known.saw(restored);
        assert_eq!(known.to_note(), Some(restored), "a new epoch");
    }
}
