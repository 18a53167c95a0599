//! A legal authority: a fact of law about a person and a patient, such as parental responsibility or a guardianship.
//!
//! It gives no access. A delegation of a kind by law rests on one, lies within its limits, is suspended while it is
//! disputed, and ends with it.

mod commands;
mod deadlines;
mod events;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::aggregate::{Acting, Aggregate};
use crate::command_name::Acts as _;
use crate::envelope::Actor;
use crate::ids::{AuthorityId, CommandId, Id as _, PatientId, PersonId};
use crate::text::PersonalText;
use crate::words::{AuthorityEnd, AuthorityGround, AuthorityKind, AuthorityState};

pub use crate::scope::AuthorityLimits;
pub use commands::*;
pub use deadlines::{Deadline, Deadlines};
pub use events::*;

/// We refuse because …
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LegalAuthorityRefusal {
    /// … there is no such authority.
    #[error("there is no such legal authority")]
    Missing,
    /// … the state does not take the command.
    #[error("the legal authority is {}", .state.word())]
    NotInState {
        /// The state.
        state: AuthorityState,
    },
    /// … the sender would decide about themself.
    #[error("nobody decides about their own legal authority")]
    SelfNotAllowed,
    /// … the person is the patient.
    #[error("nobody has a legal authority over themself")]
    OwnRecord,
    /// … another person has to do it.
    #[error("another person has to do this than the one before")]
    SamePerson,
    /// … it covers nothing.
    #[error("the limits cover nothing")]
    LimitsEmpty,
    /// … its end is before its beginning, or has passed.
    #[error("the end has to be in the future, and after the beginning")]
    UntilNotAhead,
    /// … the instant is in the future.
    #[error("the instant is in the future")]
    InFuture,
    /// … such a right has another ground.
    #[error("the kind and the ground do not fit")]
    OtherGroundNeeded,
    /// … its end has passed.
    #[error("the end has passed")]
    Expired,
    /// … it is not time for it.
    #[error("it is not time for that")]
    NotDue,
}

/// A legal authority, folded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LegalAuthority {
    /// Nothing happened yet.
    Unknown,
    /// It was recorded.
    Known(Held),
}

/// A legal authority that was recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Held {
    patient: PatientId,
    person: PersonId,
    state: AuthorityState,
    recorded_by: Actor,
    disputed_by: Option<Actor>,
    deadlines: Deadlines,
}

impl LegalAuthority {
    /// The state; none before the first event.
    #[must_use]
    pub fn state(&self) -> Option<AuthorityState> {
        match self {
            Self::Unknown => None,
            Self::Known(held) => Some(held.state),
        }
    }
}

/// What a document says, which nobody has checked.
fn record(record: &RecordAuthority, acting: &Acting<'_>) -> Result<Vec<LegalAuthorityEvent>, LegalAuthorityRefusal> {
    let RecordAuthority { patient, person, kind, ground, document } = record.clone();
    check_not_oneself(patient, person, acting)?;
    if acting.lookups.is_patient(patient, person) {
        return Err(LegalAuthorityRefusal::OwnRecord);
    }
    let fits = match kind {
        AuthorityKind::ParentalResponsibility => ground == AuthorityGround::Minority,
        AuthorityKind::Estate => ground == AuthorityGround::Death,
        AuthorityKind::Guardianship | AuthorityKind::HealthPowerOfAttorney | AuthorityKind::CourtAppointment => {
            ground != AuthorityGround::Death
        }
    };
    if !fits {
        return Err(LegalAuthorityRefusal::OtherGroundNeeded);
    }
    let (authority, decide_by) = (acting.command.creates(0), acting.staff_due(patient));
    let (by, role) = (acting.by, acting.role);
    Ok(vec![Recorded { authority, patient, person, kind, ground, document, by, role, decide_by }.into()])
}

/// Whether the sender is neither the patient nor the person with the authority.
fn check_not_oneself(patient: PatientId, person: PersonId, acting: &Acting<'_>) -> Result<(), LegalAuthorityRefusal> {
    let is_patient = acting.by.person().is_some_and(|sender| acting.lookups.is_patient(patient, sender));
    if is_patient || acting.by == Actor::Person(person) {
        return Err(LegalAuthorityRefusal::SelfNotAllowed);
    }
    Ok(())
}

impl Held {
    fn ended(
        how: AuthorityEnd,
        at: DateTime<Utc>,
        reason: Option<PersonalText>,
        acting: &Acting<'_>,
    ) -> LegalAuthorityEvent {
        Ended { how, by: acting.by, role: acting.role, at, reason }.into()
    }

    fn decide(
        &self,
        command: &LegalAuthorityCommand,
        acting: &Acting<'_>,
    ) -> Result<Vec<LegalAuthorityEvent>, LegalAuthorityRefusal> {
        if !command.act().is_taken_in(self.state) {
            return Err(LegalAuthorityRefusal::NotInState { state: self.state });
        }
        let (by, role) = (acting.by, acting.role);
        let is_due = |due| self.deadlines.is_due(due, acting.now);
        let event = match command.clone() {
            // It begins a legal authority, so no state takes it.
            LegalAuthorityCommand::RecordAuthority(_) => {
                return Err(LegalAuthorityRefusal::NotInState { state: self.state });
            }
            LegalAuthorityCommand::VerifyAuthority(VerifyAuthority { limits, from, until, evidence }) => {
                check_not_oneself(self.patient, self.person, acting)?;
                if by == self.recorded_by {
                    return Err(LegalAuthorityRefusal::SamePerson);
                }
                if is_due(Deadline::Expire) {
                    return Err(LegalAuthorityRefusal::Expired);
                }
                if limits.are_empty() {
                    return Err(LegalAuthorityRefusal::LimitsEmpty);
                }
                if until.is_some_and(|until| until <= acting.now || until <= from) {
                    return Err(LegalAuthorityRefusal::UntilNotAhead);
                }
                Verified { by, role, limits, from, until, evidence }.into()
            }
            LegalAuthorityCommand::RejectAuthority(RejectAuthority { reason }) => {
                check_not_oneself(self.patient, self.person, acting)?;
                Self::ended(AuthorityEnd::Rejected, acting.now, Some(reason), acting)
            }
            LegalAuthorityCommand::DisputeAuthority(DisputeAuthority { reason }) => {
                Disputed { by, role, reason, decide_by: acting.staff_due(self.patient) }.into()
            }
            LegalAuthorityCommand::UpholdAuthority(UpholdAuthority { reason }) => {
                check_not_oneself(self.patient, self.person, acting)?;
                if self.disputed_by == Some(by) {
                    return Err(LegalAuthorityRefusal::SamePerson);
                }
                if is_due(Deadline::Expire) {
                    return Err(LegalAuthorityRefusal::Expired);
                }
                Upheld { by, role, reason }.into()
            }
            LegalAuthorityCommand::EndAuthority(EndAuthority { reason, ended_at }) => {
                let at = acting.past(ended_at).ok_or(LegalAuthorityRefusal::InFuture)?;
                Self::ended(AuthorityEnd::Ended, at, Some(reason), acting)
            }
            LegalAuthorityCommand::RemindOfAuthority(RemindOfAuthority { of }) => {
                if !is_due(Deadline::Remind(of)) {
                    return Err(LegalAuthorityRefusal::NotDue);
                }
                Reminded { by, of }.into()
            }
            LegalAuthorityCommand::ExpireAuthority(ExpireAuthority) => {
                if !is_due(Deadline::Expire) {
                    return Err(LegalAuthorityRefusal::NotDue);
                }
                Self::ended(AuthorityEnd::Expired, acting.now, None, acting)
            }
        };
        Ok(vec![event])
    }

    fn evolve(mut self, event: &LegalAuthorityEvent) -> Self {
        self.deadlines.evolve(event);
        match event {
            // A stream begins once: `decide` sees to it.
            LegalAuthorityEvent::Recorded(_) | LegalAuthorityEvent::Reminded(_) => {}
            LegalAuthorityEvent::Verified(_) | LegalAuthorityEvent::Upheld(_) => self.state = AuthorityState::Verified,
            LegalAuthorityEvent::Disputed(disputed) => {
                self.state = AuthorityState::Disputed;
                self.disputed_by = Some(disputed.by);
            }
            LegalAuthorityEvent::Ended(_) => self.state = AuthorityState::Ended,
        }
        self
    }
}

impl LegalAuthorityAct {
    /// Whether a legal authority in this state takes a command of this act, whatever else it needs.
    #[must_use]
    pub fn is_taken_in(self, state: AuthorityState) -> bool {
        match (self, state) {
            (Self::VerifyAuthority | Self::RemindOfAuthority, AuthorityState::Recorded | AuthorityState::Verified)
            | (Self::RejectAuthority, AuthorityState::Recorded)
            | (Self::DisputeAuthority, AuthorityState::Verified)
            | (Self::UpholdAuthority | Self::RemindOfAuthority, AuthorityState::Disputed)
            | (Self::EndAuthority, AuthorityState::Recorded | AuthorityState::Verified | AuthorityState::Disputed)
            | (Self::ExpireAuthority, AuthorityState::Verified | AuthorityState::Disputed) => true,
            (
                Self::RecordAuthority
                | Self::VerifyAuthority
                | Self::RejectAuthority
                | Self::DisputeAuthority
                | Self::UpholdAuthority
                | Self::EndAuthority
                | Self::RemindOfAuthority
                | Self::ExpireAuthority,
                AuthorityState::Recorded | AuthorityState::Verified | AuthorityState::Disputed | AuthorityState::Ended,
            ) => false,
        }
    }
}

impl Aggregate for LegalAuthority {
    type Command = LegalAuthorityCommand;
    type Event = LegalAuthorityEvent;
    type Refusal = LegalAuthorityRefusal;

    fn initial() -> Self {
        Self::Unknown
    }

    fn decide(
        &self,
        command: &LegalAuthorityCommand,
        acting: &Acting<'_>,
    ) -> Result<Vec<LegalAuthorityEvent>, LegalAuthorityRefusal> {
        match (self, command) {
            (Self::Known(held), command) => held.decide(command, acting),
            (Self::Unknown, LegalAuthorityCommand::RecordAuthority(document)) => record(document, acting),
            (Self::Unknown, _) => Err(LegalAuthorityRefusal::Missing),
        }
    }

    fn evolve(self, event: &LegalAuthorityEvent) -> Self {
        match (self, event) {
            (Self::Known(held), event) => Self::Known(held.evolve(event)),
            (Self::Unknown, LegalAuthorityEvent::Recorded(recorded)) => {
                let mut deadlines = Deadlines::default();
                deadlines.evolve(event);
                Self::Known(Held {
                    patient: recorded.patient,
                    person: recorded.person,
                    state: AuthorityState::Recorded,
                    recorded_by: recorded.by,
                    disputed_by: None,
                    deadlines,
                })
            }
            // The first event of a stream is `legal_authority.recorded`; `decide` sees to it.
            (
                Self::Unknown,
                LegalAuthorityEvent::Verified(_)
                | LegalAuthorityEvent::Disputed(_)
                | LegalAuthorityEvent::Upheld(_)
                | LegalAuthorityEvent::Ended(_)
                | LegalAuthorityEvent::Reminded(_),
            ) => Self::Unknown,
        }
    }

    fn created_by(command: &LegalAuthorityCommand, id: CommandId) -> Option<Uuid> {
        begins(command).then(|| id.creates::<AuthorityId>(0).uuid())
    }

    fn is_transition(event: &LegalAuthorityEvent) -> bool {
        match event {
            LegalAuthorityEvent::Recorded(_)
            | LegalAuthorityEvent::Verified(_)
            | LegalAuthorityEvent::Disputed(_)
            | LegalAuthorityEvent::Upheld(_)
            | LegalAuthorityEvent::Ended(_) => true,
            LegalAuthorityEvent::Reminded(_) => false,
        }
    }
}

/// Whether the command begins a legal authority.
fn begins(command: &LegalAuthorityCommand) -> bool {
    match command {
        LegalAuthorityCommand::RecordAuthority(_) => true,
        LegalAuthorityCommand::VerifyAuthority(_)
        | LegalAuthorityCommand::RejectAuthority(_)
        | LegalAuthorityCommand::DisputeAuthority(_)
        | LegalAuthorityCommand::UpholdAuthority(_)
        | LegalAuthorityCommand::EndAuthority(_)
        | LegalAuthorityCommand::RemindOfAuthority(_)
        | LegalAuthorityCommand::ExpireAuthority(_) => false,
    }
}

#[cfg(test)]
mod scenarios;
