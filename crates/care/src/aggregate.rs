//! The shape of every aggregate: commands in, events or a refusal out.
//!
//! `decide` takes state and command and returns events or a refusal; `evolve` applies an event and cannot fail. Both are
//! synchronous and pure. A decision gets information outside its own state from [`Lookups`], whose answers are in memory
//! and belong to one position of the log.

#[cfg(any(test, feature = "testing"))]
mod fixed;
mod lookups;
#[cfg(test)]
pub(crate) mod scenario;

use chrono::{DateTime, Duration, NaiveDate, Utc};
use uuid::Uuid;

use crate::age::AgeInstants;
use crate::calendar::{CalendarInForce, Due};
use crate::command_name::Command;
use crate::envelope::Actor;
use crate::event::Event;
use crate::ids::{CommandId, DelegationId, OrganizationId, PatientId, ThreadId};
use crate::time_zone::TimeZones;
use crate::words::{Audience, Capacity, Role};

#[cfg(any(test, feature = "testing"))]
pub use fixed::Fixed;
pub use lookups::*;

/// One aggregate: the history of one stream, folded.
pub trait Aggregate: Clone + Send + Sync + 'static {
    /// Its commands.
    type Command: Command;
    /// Its events.
    type Event: Clone + Into<Event> + TryFrom<Event> + Send + Sync;
    /// Why a command is refused; each variant completes the sentence "refused because …".
    type Refusal: std::error::Error + Send + Sync;

    /// The state before the first event.
    fn initial() -> Self;

    /// Decides about `command`: returns the events to append, or none if the command changes nothing.
    ///
    /// # Errors
    /// The reason why the command is refused.
    fn decide(&self, command: &Self::Command, acting: &Acting<'_>) -> Result<Vec<Self::Event>, Self::Refusal>;

    /// The state after `event`.
    #[must_use]
    fn evolve(self, event: &Self::Event) -> Self;

    /// The id of the stream that a command begins; none for a command to a stream that is there.
    fn created_by(command: &Self::Command, id: CommandId) -> Option<Uuid>;

    /// Whether the event is a transition: a command that relied on the state before it is refused.
    fn is_transition(event: &Self::Event) -> bool;
}

/// Folds events onto the initial state.
pub fn folded<'a, A: Aggregate>(events: impl IntoIterator<Item = &'a A::Event>) -> A
where
    A::Event: 'a,
{
    events.into_iter().fold(A::initial(), A::evolve)
}

/// The context of a decision: the actor with role and capacity, the command, the time, and the lookups.
#[derive(Clone, Copy)]
pub struct Acting<'a> {
    /// Who acts.
    pub by: Actor,
    /// The role in which the policy permitted it.
    pub role: Role,
    /// The capacity in which the policy permitted it.
    pub capacity: Capacity,
    /// The command's id, from which the ids of what it creates follow.
    pub command: CommandId,
    /// The time, from the program's clock.
    pub now: DateTime<Utc>,
    /// Which messages of the thread the policy lets the actor read.
    pub readable: ReadableAudiences,
    /// The delegation under which a delegate acts; none for everybody else.
    pub grant: Option<DelegationId>,
    /// The thread that the command is to; none for one that begins it, and for what is no thread.
    pub thread: Option<ThreadId>,
    /// The lookups outside the aggregate.
    pub lookups: &'a dyn Lookups,
    /// The rules of time zones, as the program has them.
    pub time_zones: &'a TimeZones,
}

/// How far the clock of a client may be ahead of the program's.
pub const CLOCK_SKEW_MAX: Duration = Duration::minutes(2);
/// Days in which a person answers what was proposed to them, or to what they were invited.
const ANSWER_DAYS: i64 = 14;
/// Business days in which the staff of a patient's practice look at what waits for them.
const STAFF_DAYS: u32 = 5;

impl Acting<'_> {
    /// A time that the sender gives for something that has happened, at most now; none if it is in the future. A time that a
    /// client's clock explains is now.
    #[must_use]
    pub fn past(&self, at: DateTime<Utc>) -> Option<DateTime<Utc>> {
        (at <= self.now + CLOCK_SKEW_MAX).then(|| at.min(self.now))
    }

    /// The calendar by which an organization promises something now; none if it has none.
    #[must_use]
    pub fn calendar(&self, organization: OrganizationId) -> Option<CalendarInForce> {
        let (version, calendar) = self.lookups.calendar(organization)?;
        let zone = self.time_zones.zone(&calendar.zone)?;
        Some(CalendarInForce { calendar, version, zone })
    }

    /// Until when a person can answer what is proposed to them now.
    #[must_use]
    pub fn answer_by(&self) -> DateTime<Utc> {
        self.now + Duration::days(ANSWER_DAYS)
    }

    /// When staff are to have looked at what waits for them from now on; none where the organization that keeps the record
    /// of the patient has no calendar.
    #[must_use]
    pub fn staff_due(&self, patient: PatientId) -> Option<Due> {
        self.calendar(self.lookups.record_keeper(patient)?)?.business_days(STAFF_DAYS, self.now)
    }

    /// When a patient reaches the ages that the organization set which keeps the record; none where the date of birth is
    /// not known to the day.
    #[must_use]
    pub fn age_instants(&self, patient: PatientId) -> Option<AgeInstants> {
        age_instants(patient, self.lookups.birth_date(patient)?, self.lookups, self.time_zones)
    }
}

/// When a patient who was born on the day reaches the ages that the organization set which keeps the record. Without a
/// calendar of the organization, midnight is that of Coordinated Universal Time. None where there is no such record.
#[must_use]
pub fn age_instants(
    patient: PatientId,
    born: NaiveDate,
    lookups: &dyn Lookups,
    time_zones: &TimeZones,
) -> Option<AgeInstants> {
    let keeper = lookups.record_keeper(patient)?;
    let own = lookups.calendar(keeper).and_then(|(_, calendar)| time_zones.zone(&calendar.zone));
    let zone = own.or_else(|| time_zones.zone("UTC"))?;
    lookups.age_gates(keeper).instants(born, &zone)
}

/// For each audience, the number of the first message that somebody may read, none where they may read none, and up to which
/// instant they read.
/// The policy says it: a decision treats what the actor may not read as it treats what is not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReadableAudiences {
    firsts: [Option<u32>; Audience::ALL.len()],
    until: Option<DateTime<Utc>>,
    is_of_team: bool,
}

impl ReadableAudiences {
    /// Nothing.
    pub const NONE: Self = Self { firsts: [None; Audience::ALL.len()], until: None, is_of_team: false };
    /// Every message, of whatever audience.
    pub const ALL: Self = Self { firsts: [Some(0); Audience::ALL.len()], until: None, is_of_team: true };

    /// Asks for each audience from which number on its messages may be read. Of those that the clinical team shares with
    /// one person, only the actor's own.
    pub fn of(first: impl Fn(Audience) -> Option<u32>) -> Self {
        let mut readable = Self::NONE;
        for (slot, audience) in readable.firsts.iter_mut().zip(Audience::ALL) {
            *slot = first(*audience);
        }
        readable
    }

    /// The same, of an actor who reads as one of the clinical team, or not.
    #[must_use]
    pub fn of_team(self, is_of_team: bool) -> Self {
        Self { is_of_team, ..self }
    }

    /// The same, of an actor who reads nothing that was posted after an instant; none: all that comes.
    #[must_use]
    pub fn until(self, until: Option<DateTime<Utc>>) -> Self {
        Self { until, ..self }
    }

    /// Whether the actor reads what the clinical team shares with whichever person.
    #[must_use]
    pub fn is_of_team(&self) -> bool {
        self.is_of_team
    }

    /// Whether the message of this number, posted at this instant, may be read if it is addressed to the audience.
    #[must_use]
    pub fn shows(&self, audience: Audience, number: u32, at: DateTime<Utc>) -> bool {
        let mut firsts = Audience::ALL.iter().zip(self.firsts);
        let is_before_end = self.until.is_none_or(|until| at <= until);
        is_before_end && firsts.any(|(each, first)| *each == audience && first.is_some_and(|first| first <= number))
    }
}
