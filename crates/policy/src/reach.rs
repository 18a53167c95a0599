//! What somebody is to a thing, and how far that reaches.
//!
//! A [`HeldStanding`] is computed where standings are looked up; the policy decides by it. A scope by topic, code,
//! kind or listed threads is applied there: a standing that does not reach the thing is not held at all.

use std::cmp::Reverse;

use care::conversation::Since;
use care::ids::{DelegationId, PersonId};
use care::words::{Purpose, Role};
use chrono::{DateTime, Utc};

use crate::words::{Standing, Verb};

/// A standing that somebody holds now, the role it is held in, and how far it reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct HeldStanding {
    /// What the person is to the thing.
    pub standing: Standing,
    /// A role held at the organization that the standing comes from; [`Role::Person`] for the patient.
    pub role: Role,
    /// How far it reaches.
    pub reach: Reach,
}

impl HeldStanding {
    /// A standing without limits.
    #[must_use]
    pub const fn full(standing: Standing, role: Role) -> Self {
        Self { standing, role, reach: Reach::FULL }
    }

    /// Whether it is held in a role at an organization. Who holds it as a person alone, such as the patient, is on no
    /// clinical team: of what the team shares with one person each, they read their own.
    #[must_use]
    pub fn is_of_team(&self) -> bool {
        self.role != Role::Person
    }

    /// Its place among standings that allow the same: the greatest is the one that is used and recorded. A wider
    /// reach is greater, one without an end before any other; of equal reaches, the standing and role that are declared
    /// first.
    pub(crate) fn preference(&self) -> impl Ord + use<> {
        let Self { standing, role, reach } = *self;
        let Reach { since, until, verbs: _, on_behalf_of, grant, denied: _, permitted: _ } = reach;
        let end = (until.is_none(), until);
        let width = (end, since.is_none(), Reverse(since), grant.is_none() && on_behalf_of.is_none());
        (width, Reverse((standing, role, on_behalf_of, grant)))
    }
}

/// How far a standing reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Reach {
    /// From where on content is seen; `None`: all of it.
    pub since: Option<Since>,
    /// Up to which instant content is seen, this one included; `None`: all that comes. An executor sees what there was when
    /// the patient died.
    pub until: Option<DateTime<Utc>>,
    /// What may be done.
    pub verbs: Verbs,
    /// The person for whom it is done, if not for oneself. A patient without an account is none.
    pub on_behalf_of: Option<PersonId>,
    /// The delegation that it rests on; none for everybody but a delegate.
    pub grant: Option<DelegationId>,
    /// The purposes for which a directive of the patient denies the person everything: no rule allows anything for them.
    pub denied: PurposeSet,
    /// The purposes for which the patient permits what a rule asks a permission for.
    pub permitted: PurposeSet,
}

impl Reach {
    /// Everything, for oneself.
    pub const FULL: Self = Self {
        since: None,
        until: None,
        verbs: Verbs::ALL,
        on_behalf_of: None,
        grant: None,
        denied: PurposeSet::NONE,
        permitted: PurposeSet::NONE,
    };

    /// Whether a message is seen. A window is a number, not an instant: clocks go back. Its end is an instant, since a death
    /// is recorded after it.
    #[must_use]
    pub fn covers(&self, message: Since) -> bool {
        self.since.is_none_or(|since| since.number <= message.number) && self.is_before_end(message.at)
    }

    /// Whether what was written at an instant is seen, of everything but messages. What has the very instant of a grant was
    /// before it.
    #[must_use]
    pub fn covers_at(&self, at: DateTime<Utc>) -> bool {
        let is_after = |since: Since| if self.grant.is_some() { since.at < at } else { since.at <= at };
        self.since.is_none_or(is_after) && self.is_before_end(at)
    }

    /// Whether what was written when a thread was opened is seen. Of a thread that was opened under a grant there is no
    /// window, and where the window begins after a message it begins after the opening.
    #[must_use]
    pub fn covers_opening(&self, opened_at: DateTime<Utc>) -> bool {
        let is_later = |since: Since| self.grant.is_some() || since.number > 1;
        !self.since.is_some_and(is_later) && self.covers_at(opened_at)
    }

    /// Whether an instant lies before the end of what is seen.
    fn is_before_end(&self, at: DateTime<Utc>) -> bool {
        self.until.is_none_or(|until| at <= until)
    }
}

/// A set of purposes. It is for memory only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct PurposeSet(u8);

const _: () = assert!(Purpose::ALL.len() <= u8::BITS as usize, "every purpose has its bit");

impl PurposeSet {
    /// No purpose.
    pub const NONE: Self = Self(0);

    /// The purposes of both.
    #[must_use]
    pub const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// The purposes that are in each of both.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// Whether the purpose is in the set.
    #[must_use]
    pub const fn contains(self, purpose: Purpose) -> bool {
        self.0 & (1 << purpose as u8) != 0
    }
}

impl FromIterator<Purpose> for PurposeSet {
    fn from_iter<I: IntoIterator<Item = Purpose>>(purposes: I) -> Self {
        Self(purposes.into_iter().fold(0, |bits, purpose| bits | 1 << purpose as u8))
    }
}

/// What a standing lets somebody do, if a rule allows it too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Verbs {
    /// See that something is there, and read it.
    pub read: bool,
    /// Write messages.
    pub write: bool,
    /// Give every other command.
    pub act: bool,
}

impl Verbs {
    /// Every verb.
    pub const ALL: Self = Self { read: true, write: true, act: true };

    /// Whether a verb is among them.
    #[must_use]
    pub const fn contains(self, verb: Verb) -> bool {
        match verb {
            Verb::Read => self.read,
            Verb::Write => self.write,
            Verb::Act => self.act,
        }
    }
}

#[cfg(test)]
mod tests {
    use care::ids::Id;
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;

    fn since(number: i64) -> Option<Since> {
        let at = DateTime::from_timestamp(number, 0)?;
        Some(Since { number: u32::try_from(number).ok()?, at })
    }

    fn reaching(since: Option<Since>, on_behalf_of: Option<u128>) -> HeldStanding {
        let on_behalf_of = on_behalf_of.map(|number| PersonId::from_uuid(Uuid::from_u128(number)));
        HeldStanding {
            reach: Reach { since, on_behalf_of, ..Reach::FULL },
            ..HeldStanding::full(Standing::Participant, Role::Nurse)
        }
    }

    #[test]
    fn no_start_is_wider_than_a_start_and_an_earlier_one_than_a_later_one_and_own_than_another_s() {
        let widest_first = [
            reaching(None, None),
            reaching(None, Some(1)),
            reaching(since(1), None),
            reaching(since(1), Some(1)),
            reaching(since(2), None),
        ];
        assert!(widest_first.is_sorted_by(|one, other| one.preference() > other.preference()));
    }

    #[test]
    fn of_equal_reaches_the_first_declared_standing_is_preferred() {
        let first = HeldStanding::full(Standing::Self_, Role::Person);
        let other = HeldStanding::full(Standing::Assignee, Role::Physician);
        assert!(first.preference() > other.preference());
    }

    #[test]
    fn content_is_seen_from_the_start_of_the_window_on() {
        let reach = reaching(since(5), None).reach;
        let covers = |reach: &Reach, number| since(number).is_some_and(|message| reach.covers(message));
        assert!(!covers(&reach, 4) && covers(&reach, 5) && covers(&reach, 6));
        assert!(covers(&Reach::FULL, 0));
    }

    #[test]
    fn what_is_no_message_is_seen_from_the_instant_of_the_window_on_and_after_that_of_a_grant() {
        let at = |seconds| DateTime::from_timestamp(seconds, 0).unwrap_or_default();
        let taking_part = reaching(since(5), None).reach;
        let helping = Reach { grant: Some(DelegationId::from_uuid(Uuid::from_u128(1))), ..taking_part };
        let seen = |reach: Reach| [4, 5, 6].map(|seconds| reach.covers_at(at(seconds)));
        assert_eq!((seen(taking_part), seen(helping)), ([false, true, true], [false, false, true]));
        assert_eq!(seen(Reach::FULL), [true; 3]);
    }

    #[test]
    fn the_opening_is_before_each_window_that_begins_after_a_message_or_with_a_grant() {
        let at = |seconds| DateTime::from_timestamp(seconds, 0).unwrap_or_default();
        let from_first = reaching(since(1), None).reach;
        assert!(!from_first.covers_opening(at(0)) && from_first.covers_opening(at(1)));
        assert!(!reaching(since(2), None).reach.covers_opening(at(9)));
        let helping = Reach { grant: Some(DelegationId::from_uuid(Uuid::from_u128(1))), ..from_first };
        assert!(!helping.covers_opening(at(9)), "the clock went back");
        assert!(Reach { since: None, ..helping }.covers_opening(at(0)));
    }

    #[test]
    fn what_has_an_end_is_seen_up_to_it_and_is_less_than_what_has_none() {
        let until = since(5).map(|since| since.at);
        let reach = Reach { until, ..Reach::FULL };
        let seen = |number| {
            let message = since(number).unwrap_or(Since { number: 0, at: DateTime::UNIX_EPOCH });
            (reach.covers(message), reach.covers_at(message.at), reach.covers_opening(message.at))
        };
        assert_eq!([4, 5, 6].map(seen), [(true, true, true), (true, true, true), (false, false, false)]);
        let ended = HeldStanding { reach, ..reaching(None, None) };
        assert!(reaching(since(2), None).preference() > ended.preference());
    }

    proptest! {
        #[test]
        fn two_standings_of_other_width_are_never_equal(
            one in (proptest::option::of(0_i64..3), proptest::option::of(0_u128..3)),
            other in (proptest::option::of(0_i64..3), proptest::option::of(0_u128..3)),
        ) {
            let held = |(start, person): (Option<i64>, Option<u128>)| reaching(start.and_then(since), person);
            prop_assert_eq!(held(one).preference() == held(other).preference(), one == other);
        }
    }
}
