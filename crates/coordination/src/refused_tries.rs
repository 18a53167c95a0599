//! Refused tries between the try and its record: of one session, the first at each target is recorded by itself and at once;
//! those that are equal to it are counted, and their number is recorded soon after. So who tries the same again and again
//! hides no other try, and fills no log. Of an action with many targets only the first are told: further tries of it are
//! counted for each organization that they name, whether or not there is such a target.
//!
//! What is only counted is recorded at an orderly stop too. A node that is killed loses the numbers of at most
//! [`MERGED_FOR`], and no first try.

use std::collections::hash_map::Entry;
use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

use care::ids::OrganizationId;
use chrono::{DateTime, TimeDelta, Utc};
use policy::words::Action;
use uuid::Uuid;

use crate::allowance::Allowance;
use crate::caller::{CLIENT_CHARS_MAX, Origin, Reading};
use crate::memory_use::{MemoryUse, PartOfMemory};

/// How many tries of one session are refused in a minute before its further requests are refused as a whole.
pub const TRIES_A_MINUTE_MAX: u64 = 600;
/// Bytes of the refused tries of all sessions. Beyond this number, those that are counted are recorded at once, and the
/// targets of the sessions that were idle the longest are forgotten: further tries of them count as the first.
pub(crate) const TRIES_BYTES_MAX: usize = 16 * 1024 * 1024;
/// Of one target of a session; of one try that is counted, with its caller's name; and of each organization at which the
/// person worked who tried, about.
const TARGET_BYTES: usize = 96;
const COUNTED_BYTES: usize = 640 + 4 * CLIENT_CHARS_MAX;
const WORKPLACE_BYTES: usize = 200;
/// How long equal tries are counted before their number is recorded.
pub(crate) const MERGED_FOR: Duration = Duration::from_secs(10);
/// Until a try counts as the first of its target again.
const KNOWN_FOR: TimeDelta = TimeDelta::minutes(10);
/// Targets of one session and action that are recorded within [`KNOWN_FOR`], and organizations for each of which further
/// tries are counted. Nobody who does their work tries so many that are missing or not for them to do.
pub(crate) const TARGETS_TOLD_MAX: usize = 20;
/// Targets of one session that are known before those are forgotten that were tried long ago.
const KNOWN_MAX: usize = 1_000;

/// What was tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Tried {
    pub action: Action,
    /// None if there is none, or if these are tries at many.
    pub target: Option<Uuid>,
    /// The organization that a command names beside its target.
    pub organization: Option<OrganizationId>,
}

/// A try to do something to what is missing or not for the person to do.
pub(crate) struct RefusedTry {
    pub reading: Reading,
    pub origin: Origin,
    pub tried: Tried,
    /// The organizations at which the person works: theirs are told of it.
    pub works_at: BTreeSet<OrganizationId>,
    pub at: DateTime<Utc>,
}

/// What a try is recorded as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RecordedAs {
    /// By itself and at once.
    First,
    /// As one more of these.
    OneMore(Tried),
}

/// The refused tries of one session.
pub(crate) struct RefusedTries {
    allowance: Allowance,
    /// Since when each target is known to be tried; without a target, since when tries at many are counted.
    known: HashMap<Tried, DateTime<Utc>>,
    /// Tries that could not be recorded, since the last record.
    unrecorded: u64,
    memory: PartOfMemory,
}

impl RefusedTries {
    pub fn new(all: &MemoryUse) -> Self {
        Self { allowance: Allowance::default(), known: HashMap::new(), unrecorded: 0, memory: all.part() }
    }

    /// Takes one more try.
    pub fn add(&mut self, tried: Tried, at: DateTime<Utc>) -> RecordedAs {
        // One request may have many.
        self.allowance.spend(since_epoch(at), 1, TRIES_A_MINUTE_MAX);
        if self.known.len() >= KNOWN_MAX {
            self.known.retain(|_, since| is_recent(*since, at));
            self.known.shrink_to_fit();
        }
        let recorded_as = self.recorded_as(tried, at);
        self.memory.set(self.known.capacity().saturating_mul(TARGET_BYTES));
        recorded_as
    }

    fn recorded_as(&mut self, tried: Tried, at: DateTime<Utc>) -> RecordedAs {
        if self.is_known(&tried, at) {
            return RecordedAs::OneMore(tried);
        }
        if self.has_room(&tried, at) {
            self.known.insert(tried, at);
            return RecordedAs::First;
        }
        let of_organization = Tried { target: None, ..tried };
        if self.is_known(&of_organization, at) {
            return RecordedAs::OneMore(of_organization);
        }
        if self.has_room(&of_organization, at) {
            self.known.insert(of_organization, at);
            return RecordedAs::OneMore(of_organization);
        }
        RecordedAs::OneMore(Tried { organization: None, ..of_organization })
    }

    fn is_known(&self, tried: &Tried, at: DateTime<Utc>) -> bool {
        self.known.get(tried).is_some_and(|since| is_recent(*since, at))
    }

    /// Whether one more of the action may be told from the others: by its target, or by its organization alone.
    fn has_room(&self, tried: &Tried, at: DateTime<Utc>) -> bool {
        let alike = |other: &Tried| other.action == tried.action && other.target.is_some() == tried.target.is_some();
        let known = self.known.iter().filter(|(other, since)| alike(other) && is_recent(**since, at));
        known.count() < TARGETS_TOLD_MAX
    }

    /// Forgets what was tried. How often something was tried is still known.
    pub fn forget(&mut self) {
        self.known = HashMap::new();
        self.memory.set(0);
    }

    /// Whether the session may go on to ask, and if not, how long it waits.
    pub fn allowed(&self, at: DateTime<Utc>) -> Result<(), Duration> {
        self.allowance.has_some(since_epoch(at))
    }

    /// Tries that were not recorded.
    pub fn add_unrecorded(&mut self, count: u64) {
        self.unrecorded = self.unrecorded.saturating_add(count);
    }

    pub const fn unrecorded(&self) -> u64 {
        self.unrecorded
    }

    pub fn take_unrecorded(&mut self) -> u64 {
        std::mem::take(&mut self.unrecorded)
    }
}

/// The tries of all sessions that are only counted so far.
pub(crate) struct CountedTries {
    tries: HashMap<(Reading, Tried), Counted>,
    memory: PartOfMemory,
}

/// Equal tries: how many they are, and the first of them, which says of all where they came from, when, and where the
/// person worked.
pub(crate) struct Counted {
    pub first: RefusedTry,
    pub times: u64,
}

impl CountedTries {
    pub fn new(all: &MemoryUse) -> Self {
        Self { tries: HashMap::new(), memory: all.part() }
    }

    /// Counts one more. Whether nothing was counted before: then all is to be taken after [`MERGED_FOR`].
    pub fn count(&mut self, refused: RefusedTry) -> bool {
        let was_empty = self.tries.is_empty();
        match self.tries.entry((refused.reading, refused.tried)) {
            Entry::Occupied(mut counted) => {
                let times = &mut counted.get_mut().times;
                *times = times.saturating_add(1);
            }
            Entry::Vacant(place) => {
                let of_workplaces = refused.works_at.len().saturating_mul(WORKPLACE_BYTES);
                self.memory.add(COUNTED_BYTES.saturating_add(of_workplaces));
                place.insert(Counted { first: refused, times: 1 });
            }
        }
        was_empty
    }

    /// All of them, to be recorded.
    pub fn take(&mut self) -> HashMap<(Reading, Tried), Counted> {
        self.memory.set(0);
        std::mem::take(&mut self.tries)
    }
}

fn is_recent(since: DateTime<Utc>, at: DateTime<Utc>) -> bool {
    at.signed_duration_since(since) < KNOWN_FOR
}

fn since_epoch(at: DateTime<Utc>) -> Duration {
    Duration::from_millis(u64::try_from(at.timestamp_millis()).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use care::ids::{Id, PersonId, SessionId};
    use care::words::Channel;
    use policy::words::Read;

    use super::*;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_795_000_000 + seconds, 0).expect("an instant")
    }

    fn target(number: u128) -> Tried {
        Tried { action: Action::Read(Read::ThreadFind), target: Some(Uuid::from_u128(number)), organization: None }
    }

    fn tries() -> RefusedTries {
        RefusedTries::new(&MemoryUse::default())
    }

    #[test]
    fn the_first_of_each_target_is_told_from_others() {
        let mut tries = tries();
        assert_eq!(tries.add(target(1), at(0)), RecordedAs::First);
        for number in 0..10_000 {
            assert_eq!(tries.add(target(1), at(1)), RecordedAs::OneMore(target(1)));
            if number % 1_000 == 0 {
                assert_eq!(tries.add(target(2 + number), at(1)), RecordedAs::First, "it does not drown in others");
            }
        }
        let another = Tried { action: Action::Read(Read::ThreadRead), ..target(1) };
        assert_eq!(tries.add(another, at(1)), RecordedAs::First, "another action");
        assert_eq!(tries.add(target(1), at(599)), RecordedAs::OneMore(target(1)));
        assert_eq!(tries.add(target(1), at(600)), RecordedAs::First);
    }

    #[test]
    fn of_many_targets_the_first_are_told_and_the_others_counted_for_each_of_so_many_organizations() {
        let mut tries = tries();
        let told = u128::try_from(TARGETS_TOLD_MAX).expect("few");
        for number in 0..told {
            assert_eq!(tries.add(target(number), at(0)), RecordedAs::First);
        }
        let many = Tried { target: None, ..target(0) };
        assert_eq!(tries.add(target(told), at(0)), RecordedAs::OneMore(many));
        assert_eq!(tries.add(target(0), at(0)), RecordedAs::OneMore(target(0)), "what was told is known");
        let at_organization = |tried: Tried, number| Tried {
            organization: Some(OrganizationId::from_uuid(Uuid::from_u128(number))),
            ..tried
        };
        // Those without an organization are counted as those of one.
        for number in 1..told {
            let counted = RecordedAs::OneMore(at_organization(many, number));
            assert_eq!(tries.add(at_organization(target(told), number), at(0)), counted);
            assert_eq!(tries.add(at_organization(target(told + 1), number), at(0)), counted);
        }
        assert_eq!(tries.add(at_organization(target(told), told), at(599)), RecordedAs::OneMore(many));
        let another = Tried { action: Action::Read(Read::ThreadRead), ..target(told) };
        assert_eq!(tries.add(another, at(599)), RecordedAs::First, "another action");
        assert_eq!(tries.add(target(told), at(600)), RecordedAs::First);
    }

    #[test]
    fn what_is_known_counts_as_memory_and_can_be_forgotten() {
        let all = MemoryUse::default();
        let mut tries = RefusedTries::new(&all);
        for number in 0..2_000 {
            tries.add(target(number), at(0));
        }
        assert!((TARGETS_TOLD_MAX * TARGET_BYTES..100 * TARGET_BYTES).contains(&all.bytes()), "{}", all.bytes());
        tries.forget();
        assert_eq!(all.bytes(), 0);
        assert_eq!(tries.add(target(0), at(1)), RecordedAs::First);
    }

    #[test]
    fn equal_tries_are_counted_with_where_the_first_came_from_and_the_person_worked_until_they_are_taken() {
        let all = MemoryUse::default();
        let mut counted = CountedTries::new(&all);
        let reading = |person| Reading {
            person: PersonId::from_uuid(Uuid::from_u128(person)),
            session: SessionId::from_uuid(Uuid::from_u128(9)),
        };
        let organizations = |ids: &[u128]| {
            ids.iter().map(|id| OrganizationId::from_uuid(Uuid::from_u128(*id))).collect::<BTreeSet<_>>()
        };
        let refused = |person, channel, workplaces: &[u128], seconds| RefusedTry {
            reading: reading(person),
            origin: Origin::of(channel),
            tried: target(1),
            works_at: organizations(workplaces),
            at: at(seconds),
        };
        assert!(counted.count(refused(1, Channel::GraphQl, &[5, 6], 0)));
        assert!(!counted.count(refused(1, Channel::Cli, &[7], 5)));
        assert!(!counted.count(refused(2, Channel::Cli, &[], 5)), "of another session");
        assert_eq!(all.bytes(), 2 * COUNTED_BYTES + 2 * WORKPLACE_BYTES);
        let mut taken = counted.take();
        let Counted { first, times } = taken.remove(&(reading(1), target(1))).expect("counted");
        assert_eq!((first.origin.channel(), first.at, times, taken.len()), (Channel::GraphQl, at(0), 2, 1));
        assert_eq!(first.works_at, organizations(&[5, 6]));
        assert!(all.bytes() == 0 && counted.take().is_empty());
        assert!(counted.count(refused(1, Channel::GraphQl, &[], 6)), "they are counted anew");
    }

    #[test]
    fn a_session_that_tries_too_often_waits() {
        let mut tries = tries();
        for number in 0..TRIES_A_MINUTE_MAX {
            assert!(tries.allowed(at(0)).is_ok(), "{number}");
            tries.add(target(u128::from(number)), at(0));
        }
        assert!(tries.allowed(at(0)).is_err());
        assert!(tries.allowed(at(30)).is_ok());
    }
}
