//! Which delegations and legal authorities are to be looked at, and when each next needs that. It is in memory alone: the
//! instants at which a minor grows up are among it, and their date of birth would follow from them.

use std::collections::{BTreeMap, BTreeSet};

use care::ids::{AuthorityId, DelegationId, Id};
use chrono::{DateTime, Utc};
use uuid::Uuid;

/// What has instants of its own beside threads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Timed {
    /// A legal authority. It is looked at first, since delegations rest on it.
    Authority(AuthorityId),
    /// A delegation.
    Delegation(DelegationId),
}

impl Timed {
    pub fn uuid(self) -> Uuid {
        match self {
            Self::Authority(authority) => authority.uuid(),
            Self::Delegation(delegation) => delegation.uuid(),
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

    /// Whether an instant has come. What is pending was left alone, or has a reason of its own for a round.
    pub fn is_due(&self, now: DateTime<Utc>) -> bool {
        self.wakes.values().any(|at| *at <= now)
    }

    /// Takes what is to be looked at now.
    pub fn take(&mut self, now: DateTime<Utc>) -> BTreeSet<Timed> {
        let woken = self.wakes.iter().filter(|(_, at)| **at <= now).map(|(timed, _)| *timed);
        let mut taken = std::mem::take(&mut self.pending);
        taken.extend(woken);
        self.wakes.retain(|timed, _| !taken.contains(timed));
        taken
    }

    /// Has one looked at again at an instant; none: when it changes.
    pub fn wake(&mut self, timed: Timed, at: Option<DateTime<Utc>>) {
        match at {
            Some(at) => self.wakes.insert(timed, at),
            None => self.wakes.remove(&timed),
        };
    }
}
