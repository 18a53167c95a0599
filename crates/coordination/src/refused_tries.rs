//! The refused tries of one session, between the try and its record: the first at each target is recorded by itself and at
//! once; those that are equal to it are counted, and their number is recorded soon after. So who tries the same again and
//! again hides no other try, and fills no log.

use std::collections::HashMap;
use std::time::Duration;

use care::ids::OrganizationId;
use chrono::{DateTime, TimeDelta, Utc};
use policy::words::Action;
use uuid::Uuid;

use crate::allowance::Allowance;

/// How many tries of one session are refused in a minute before its further requests are refused as a whole.
pub const TRIES_A_MINUTE_MAX: u64 = 600;
/// How long equal tries are counted before their number is recorded.
pub(crate) const MERGED_FOR: Duration = Duration::from_secs(10);
/// Until a try counts as the first of its target again.
const KNOWN_FOR: TimeDelta = TimeDelta::minutes(10);
/// Targets of which it is known that they were tried. More are known only while they are within the minute.
const KNOWN_MAX: usize = 1_000;

/// What was tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Tried {
    pub action: Action,
    pub target: Uuid,
    /// The organization that a command names beside its target.
    pub organization: Option<OrganizationId>,
}

/// The refused tries of one session.
#[derive(Default)]
pub(crate) struct RefusedTries {
    allowance: Allowance,
    known: HashMap<Tried, Known>,
    /// Tries that could not be recorded, since the last record.
    unrecorded: u64,
}

struct Known {
    since: DateTime<Utc>,
    merged: u64,
}

/// What becomes of a try.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Noted {
    /// It is the first of its target.
    First,
    /// It is equal to one before, and the first that was counted: its number is to be recorded later.
    Counted,
    /// It is counted with others.
    CountedWithOthers,
}

impl RefusedTries {
    pub fn note(&mut self, tried: Tried, at: DateTime<Utc>) -> Noted {
        // One request may have many.
        self.allowance.spend(since_epoch(at), 1, TRIES_A_MINUTE_MAX);
        if self.known.len() >= KNOWN_MAX {
            let recent = |known: &Known| at.signed_duration_since(known.since) < TimeDelta::minutes(1);
            self.known.retain(|_, known| known.merged > 0 || recent(known));
        }
        match self.known.get_mut(&tried) {
            Some(known) if at.signed_duration_since(known.since) < KNOWN_FOR || known.merged > 0 => {
                known.merged = known.merged.saturating_add(1);
                if known.merged == 1 { Noted::Counted } else { Noted::CountedWithOthers }
            }
            Some(_) | None => {
                self.known.insert(tried, Known { since: at, merged: 0 });
                Noted::First
            }
        }
    }

    /// Whether the session may go on to ask, and if not, how long it waits.
    pub fn allowed(&self, at: DateTime<Utc>) -> Result<(), Duration> {
        self.allowance.has_some(since_epoch(at))
    }

    /// How many equal tries were counted, to be recorded.
    pub fn take_merged(&mut self, tried: Tried) -> u64 {
        self.known.get_mut(&tried).map_or(0, |known| std::mem::take(&mut known.merged))
    }

    /// Tries that were not recorded.
    pub fn add_unrecorded(&mut self, count: u64) {
        self.unrecorded = self.unrecorded.saturating_add(count);
    }

    pub fn take_unrecorded(&mut self) -> u64 {
        std::mem::take(&mut self.unrecorded)
    }
}

fn since_epoch(at: DateTime<Utc>) -> Duration {
    Duration::from_millis(u64::try_from(at.timestamp_millis()).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use policy::words::Read;

    use super::*;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_795_000_000 + seconds, 0).expect("an instant")
    }

    fn target(number: u128) -> Tried {
        Tried { action: Action::Read(Read::ThreadFind), target: Uuid::from_u128(number), organization: None }
    }

    #[test]
    fn the_first_of_each_target_is_kept_and_equal_ones_are_counted() {
        let mut tries = RefusedTries::default();
        assert_eq!(tries.note(target(1), at(0)), Noted::First);
        assert_eq!(tries.note(target(1), at(0)), Noted::Counted);
        for number in 0..100_000 {
            assert_eq!(tries.note(target(1), at(1)), Noted::CountedWithOthers);
            if number % 1_000 == 0 {
                assert_eq!(tries.note(target(2 + number), at(1)), Noted::First, "it does not drown in others");
            }
        }
        assert_eq!(
            tries.note(Tried { action: Action::Read(Read::ThreadRead), ..target(1) }, at(1)),
            Noted::First,
            "another action"
        );
        assert_eq!((tries.take_merged(target(1)), tries.take_merged(target(1))), (100_001, 0));
        assert_eq!(tries.note(target(1), at(2)), Noted::Counted);
        assert_eq!(tries.take_merged(target(1)), 1);
        assert_eq!(tries.note(target(1), at(1_000)), Noted::First);
    }

    #[test]
    fn a_session_that_tries_too_often_waits() {
        let mut tries = RefusedTries::default();
        for number in 0..TRIES_A_MINUTE_MAX {
            assert!(tries.allowed(at(0)).is_ok(), "{number}");
            tries.note(target(u128::from(number)), at(0));
        }
        assert!(tries.allowed(at(0)).is_err());
        assert!(tries.allowed(at(30)).is_ok());
    }
}
