//! Which delegations, legal authorities, directives and messages from outside are to be looked at, and when each next needs
//! that. It is in memory alone: the instants at which a minor grows up are among it, and their date of birth would follow
//! from them.

use std::collections::{BTreeMap, BTreeSet};

use care::ids::{AuthorityId, DelegationId, Id, OutsideMessageId, PatientId};
use chrono::{DateTime, Utc};
use uuid::Uuid;

/// What has instants of its own beside threads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Timed {
    /// A legal authority. It is looked at first, since delegations rest on it.
    Authority(AuthorityId),
    /// A delegation.
    Delegation(DelegationId),
    /// The directives of a patient.
    Directives(PatientId),
    /// A message from outside.
    OutsideMessage(OutsideMessageId),
}

impl Timed {
    pub fn uuid(self) -> Uuid {
        match self {
            Self::Authority(authority) => authority.uuid(),
            Self::Delegation(delegation) => delegation.uuid(),
            Self::Directives(patient) => patient.uuid(),
            Self::OutsideMessage(message) => message.uuid(),
        }
    }
}

/// What is to be looked at.
#[derive(Default)]
pub(crate) struct Schedule {
    /// What is to be looked at now.
    pending: BTreeSet<Timed>,
    /// When something is to be looked at though nothing happened to it.
    wakes: BTreeMap<Timed, DateTime<Utc>>,
}

impl std::fmt::Debug for Schedule {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // An instant can be the birthday of a minor.
        write!(f, "{} to be looked at, {} later", self.pending.len(), self.wakes.len())
    }
}

impl Schedule {
    /// Has them looked at.
    pub fn look_at(&mut self, timed: impl IntoIterator<Item = Timed>) {
        self.pending.extend(timed);
    }

    /// Whether an instant has come. For what is pending a round has reasons of its own.
    pub fn is_due(&self, now: DateTime<Utc>) -> bool {
        self.wakes.values().any(|at| *at <= now)
    }

    /// What is to be looked at now. It stays so until it was looked at, since a round can be broken off.
    pub fn due(&self, now: DateTime<Utc>) -> BTreeSet<Timed> {
        let woken = self.wakes.iter().filter(|(_, at)| **at <= now).map(|(timed, _)| *timed);
        self.pending.iter().copied().chain(woken).collect()
    }

    /// One was looked at, and is to be again at an instant; none: when it changes.
    pub fn looked_at(&mut self, timed: Timed, wakes_at: Option<DateTime<Utc>>) {
        self.pending.remove(&timed);
        match wakes_at {
            Some(at) => self.wakes.insert(timed, at),
            None => self.wakes.remove(&timed),
        };
    }

    /// One could not be looked at. It has no instant meanwhile: [`Rounds`](super::Rounds) pauses it, and says until when.
    pub fn failed(&mut self, timed: Timed) {
        self.pending.insert(timed);
        self.wakes.remove(&timed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_changed_and_what_has_come_is_due_until_it_was_looked_at() {
        let at = |hour: i64| DateTime::<Utc>::UNIX_EPOCH + chrono::TimeDelta::hours(hour);
        let one = Timed::Delegation(DelegationId::from_uuid(Uuid::from_u128(1)));
        let two = Timed::Authority(AuthorityId::from_uuid(Uuid::from_u128(2)));
        let mut schedule = Schedule::default();
        schedule.look_at([one]);
        schedule.looked_at(two, Some(at(2)));
        assert!(!schedule.is_due(at(1)));
        for _ in 0..2 {
            assert_eq!(schedule.due(at(1)), [one].into());
        }
        assert_eq!(schedule.due(at(2)), [two, one].into());
        schedule.looked_at(one, None);
        assert!(schedule.is_due(at(2)));
        assert_eq!(schedule.due(at(2)), [two].into());
        // What failed is looked at again, and its instant alone wakes nobody meanwhile.
        schedule.failed(two);
        assert!(!schedule.is_due(at(2)));
        assert_eq!(schedule.due(at(2)), [two].into());
        schedule.looked_at(two, Some(at(3)));
        assert_eq!(schedule.due(at(2)), [].into());
        schedule.looked_at(two, None);
        assert!(!schedule.is_due(at(3)));
    }
}
