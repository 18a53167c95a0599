//! A delegation: a person helps a patient within a scope, until an end.
//!
//! Five kinds take the same steps and differ in what a step needs and in what ends them. The delegate has access only
//! while it is active and before its end, which every use compares with the clock: no process has to have ended it.
//! A step that failed or lapsed ends it; to begin again is to begin a new one. The delegate is told that it ended,
//! never why.
//!
//! To add a step: 1. its command and its event; 2. its row in `delegation/table.txt`; 3. follow the compiler.

mod begin;
mod changes;
mod commands;
mod deadlines;
mod events;
mod grant;
mod refusals;
mod requirements;
mod steps;
mod timed;

use uuid::Uuid;

use crate::aggregate::{Acting, Aggregate};
use crate::ids::{CommandId, DelegationId, Id as _};
use crate::words::DelegationState;

pub use crate::scope::{Scope, TopicVerbs};
pub(crate) use begin::check_offer;
pub use commands::*;
pub use deadlines::{Deadline, Deadlines};
pub use events::*;
pub use grant::Grant;
pub use refusals::DelegationRefusal;
pub(crate) use requirements::Giver;

/// A delegation, folded.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::large_enum_variant, reason = "it is unknown only for the moment before its first event")]
pub enum Delegation {
    /// Nothing happened yet.
    Unknown,
    /// It has begun.
    Known(Grant),
}

impl Delegation {
    /// The state; none before the first event.
    #[must_use]
    pub fn state(&self) -> Option<DelegationState> {
        match self {
            Self::Unknown => None,
            Self::Known(grant) => Some(grant.state),
        }
    }
}

impl Grant {
    fn decide(
        &self,
        command: &DelegationCommand,
        acting: &Acting<'_>,
    ) -> Result<Vec<DelegationEvent>, DelegationRefusal> {
        if !self.takes(command) {
            return Err(DelegationRefusal::NotInState { state: self.state });
        }
        if goes_on(command) && self.deadlines.is_over(acting.now) {
            return Err(DelegationRefusal::Expired);
        }
        match command {
            DelegationCommand::InviteDelegate(invite) => begin::invite(invite, Some(self), acting),
            // It begins a delegation, so no state takes it.
            DelegationCommand::AskToHelp(_) => Err(DelegationRefusal::NotInState { state: self.state }),
            DelegationCommand::RefuseOffer(refuse) => self.refuse_offer(refuse, acting),
            DelegationCommand::AcceptDelegation(accept) => self.accept(accept, acting),
            DelegationCommand::DeclineDelegation(decline) => self.decline(*decline, acting),
            DelegationCommand::VerifyIdentity(verify) => self.verify_identity(verify, acting),
            DelegationCommand::FailIdentity(fail) => self.fail_identity(fail, acting),
            DelegationCommand::PassSafeguarding(pass) => self.pass_safeguarding(pass, acting),
            DelegationCommand::FailSafeguarding(fail) => self.fail_safeguarding(fail, acting),
            DelegationCommand::RecordConsent(record) => self.record_consent(record, acting),
            DelegationCommand::NarrowDelegation(narrow) => self.narrow(narrow, acting),
            DelegationCommand::WidenDelegation(widen) => self.widen(widen, acting),
            DelegationCommand::WidenByLaw(widen) => self.widen_by_law(widen, acting),
            DelegationCommand::RenewDelegation(renew) => self.renew(renew, acting),
            DelegationCommand::SuspendDelegation(suspend) => Ok(self.suspend(suspend, acting)),
            DelegationCommand::ResumeDelegation(resume) => self.resume(resume, acting),
            DelegationCommand::RevokeDelegation(revoke) => self.revoke(revoke, acting),
            DelegationCommand::RemindOfDelegation(remind) => self.remind(*remind, acting),
            DelegationCommand::ExpireDelegation(_) => self.expire(acting),
            DelegationCommand::EndDelegationBy(end) => self.end_by(*end, acting),
            DelegationCommand::SuspendDelegationBy(suspend) => self.suspend_by(*suspend, acting),
            DelegationCommand::NarrowAtAge(_) => self.narrow_at_age(acting),
            DelegationCommand::EndAtAge(_) => self.end_at_age(acting),
        }
    }
}

impl Aggregate for Delegation {
    type Command = DelegationCommand;
    type Event = DelegationEvent;
    type Refusal = DelegationRefusal;

    fn initial() -> Self {
        Self::Unknown
    }

    fn decide(
        &self,
        command: &DelegationCommand,
        acting: &Acting<'_>,
    ) -> Result<Vec<DelegationEvent>, DelegationRefusal> {
        match (self, command) {
            (Self::Known(grant), command) => grant.decide(command, acting),
            (Self::Unknown, DelegationCommand::InviteDelegate(invite)) if invite.answers.is_none() => {
                begin::invite(invite, None, acting)
            }
            (Self::Unknown, DelegationCommand::AskToHelp(ask)) => begin::ask(ask, acting),
            (Self::Unknown, _) => Err(DelegationRefusal::Missing),
        }
    }

    fn evolve(self, event: &DelegationEvent) -> Self {
        match (self, event) {
            (Self::Known(grant), event) => Self::Known(grant.evolve(event)),
            (Self::Unknown, DelegationEvent::Offered(offered)) => Self::Known(Grant::offered(offered)),
            (Self::Unknown, DelegationEvent::Invited(invited)) => Self::Known(Grant::invited(invited)),
            // The first event of a stream is one of these two; `decide` sees to it.
            (
                Self::Unknown,
                DelegationEvent::Accepted(_)
                | DelegationEvent::IdentityVerified(_)
                | DelegationEvent::SafeguardingPassed(_)
                | DelegationEvent::WideningChecked(_)
                | DelegationEvent::Consented(_)
                | DelegationEvent::Activated(_)
                | DelegationEvent::Narrowed(_)
                | DelegationEvent::Widened(_)
                | DelegationEvent::Renewed(_)
                | DelegationEvent::Suspended(_)
                | DelegationEvent::Resumed(_)
                | DelegationEvent::Ended(_)
                | DelegationEvent::Reminded(_),
            ) => Self::Unknown,
        }
    }

    fn created_by(command: &DelegationCommand, id: CommandId) -> Option<Uuid> {
        begins(command).then(|| id.creates::<DelegationId>(0).uuid())
    }

    fn is_transition(event: &DelegationEvent) -> bool {
        match event {
            DelegationEvent::Offered(_)
            | DelegationEvent::Invited(_)
            | DelegationEvent::Accepted(_)
            | DelegationEvent::IdentityVerified(_)
            | DelegationEvent::SafeguardingPassed(_)
            | DelegationEvent::WideningChecked(_)
            | DelegationEvent::Consented(_)
            | DelegationEvent::Activated(_)
            | DelegationEvent::Narrowed(_)
            | DelegationEvent::Widened(_)
            | DelegationEvent::Renewed(_)
            | DelegationEvent::Suspended(_)
            | DelegationEvent::Resumed(_)
            | DelegationEvent::Ended(_) => true,
            DelegationEvent::Reminded(_) => false,
        }
    }
}

/// Whether the command leads on, so that it is refused once the end has come. Who accepts is told of the invitation.
fn goes_on(command: &DelegationCommand) -> bool {
    match command {
        DelegationCommand::InviteDelegate(_)
        | DelegationCommand::AskToHelp(_)
        | DelegationCommand::VerifyIdentity(_)
        | DelegationCommand::PassSafeguarding(_)
        | DelegationCommand::RecordConsent(_)
        | DelegationCommand::WidenDelegation(_)
        | DelegationCommand::WidenByLaw(_)
        | DelegationCommand::RenewDelegation(_)
        | DelegationCommand::ResumeDelegation(_) => true,
        DelegationCommand::AcceptDelegation(_)
        | DelegationCommand::RefuseOffer(_)
        | DelegationCommand::DeclineDelegation(_)
        | DelegationCommand::FailIdentity(_)
        | DelegationCommand::FailSafeguarding(_)
        | DelegationCommand::NarrowDelegation(_)
        | DelegationCommand::SuspendDelegation(_)
        | DelegationCommand::RevokeDelegation(_)
        | DelegationCommand::RemindOfDelegation(_)
        | DelegationCommand::ExpireDelegation(_)
        | DelegationCommand::EndDelegationBy(_)
        | DelegationCommand::SuspendDelegationBy(_)
        | DelegationCommand::NarrowAtAge(_)
        | DelegationCommand::EndAtAge(_) => false,
    }
}

/// Whether the command begins a delegation.
fn begins(command: &DelegationCommand) -> bool {
    match command {
        DelegationCommand::InviteDelegate(invite) => invite.answers.is_none(),
        DelegationCommand::AskToHelp(_) => true,
        DelegationCommand::RefuseOffer(_)
        | DelegationCommand::AcceptDelegation(_)
        | DelegationCommand::DeclineDelegation(_)
        | DelegationCommand::VerifyIdentity(_)
        | DelegationCommand::FailIdentity(_)
        | DelegationCommand::PassSafeguarding(_)
        | DelegationCommand::FailSafeguarding(_)
        | DelegationCommand::RecordConsent(_)
        | DelegationCommand::NarrowDelegation(_)
        | DelegationCommand::WidenDelegation(_)
        | DelegationCommand::WidenByLaw(_)
        | DelegationCommand::RenewDelegation(_)
        | DelegationCommand::SuspendDelegation(_)
        | DelegationCommand::ResumeDelegation(_)
        | DelegationCommand::RevokeDelegation(_)
        | DelegationCommand::RemindOfDelegation(_)
        | DelegationCommand::ExpireDelegation(_)
        | DelegationCommand::EndDelegationBy(_)
        | DelegationCommand::SuspendDelegationBy(_)
        | DelegationCommand::NarrowAtAge(_)
        | DelegationCommand::EndAtAge(_) => false,
    }
}

#[cfg(test)]
pub(crate) mod scenarios;
