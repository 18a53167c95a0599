//! The given-when-then form of every scenario: past events, a command, and the expected events or refusal.

use super::{Acting, Aggregate, Fixed, ReadableAudiences, folded};
use crate::envelope::Actor;
use crate::ids::{CommandId, Id};
use crate::words::{Capacity, Role};
use uuid::Uuid;

/// The installation, on the day of every scenario.
pub fn by_the_installation(lookups: &Fixed) -> Acting<'_> {
    Acting {
        by: Actor::Installation,
        role: Role::Service,
        capacity: Capacity::Installation,
        command: CommandId::from_uuid(Uuid::from_u128(900)),
        now: "2026-11-23T08:00:00Z".parse().expect("a time"),
        readable: ReadableAudiences::ALL,
        grant: None,
        thread: None,
        lookups,
        time_zones: &crate::clinic::TIME_ZONES,
    }
}

pub struct Given<A: Aggregate>(A);

pub fn given<A: Aggregate>(events: &[A::Event]) -> Given<A> {
    Given(folded(events))
}

pub struct When<A: Aggregate>(Result<Vec<A::Event>, A::Refusal>);

impl<A: Aggregate> Given<A> {
    pub fn when(&self, command: &A::Command, acting: &Acting<'_>) -> When<A> {
        When(self.0.decide(command, acting))
    }
}

impl<A: Aggregate> When<A>
where
    A::Event: std::fmt::Debug + PartialEq,
    A::Refusal: PartialEq,
{
    #[track_caller]
    pub fn then(self, events: &[A::Event]) {
        assert_eq!(self.0.expect("not refused"), events);
    }

    #[track_caller]
    pub fn then_refused(self, refusal: &A::Refusal) {
        assert_eq!(&self.0.expect_err("refused"), refusal);
    }

    #[track_caller]
    pub fn events(self) -> Vec<A::Event> {
        self.0.expect("not refused")
    }
}
