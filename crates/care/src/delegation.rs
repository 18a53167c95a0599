//! A delegation: a person helps a patient within a scope, until an end.
//!
//! Five kinds take the same steps and differ in what a step needs and in what ends them. The delegate has access only
//! while it is active and before its end, which every use compares with the clock: no process has to have ended it.
//! A step that failed or lapsed ends it, and whoever begins again begins a new one. The delegate is told that it ended,
//! never why.
//!
//! To add a step: 1. its command and its event; 2. its row in `delegation/table.txt`; 3. follow the compiler.

mod commands;
mod events;
mod refusals;

use uuid::Uuid;

use crate::aggregate::{Acting, Aggregate};
use crate::ids::{CommandId, DelegationId, Id as _};

pub use crate::scope::{Scope, TopicVerbs};
pub use commands::*;
pub use events::*;
pub use refusals::DelegationRefusal;

/// A delegation, folded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Delegation {
    /// Nothing happened yet.
    Unknown,
}

impl Aggregate for Delegation {
    type Command = DelegationCommand;
    type Event = DelegationEvent;
    type Refusal = DelegationRefusal;

    fn initial() -> Self {
        Self::Unknown
    }

    fn decide(&self, _: &DelegationCommand, _: &Acting<'_>) -> Result<Vec<DelegationEvent>, DelegationRefusal> {
        Err(DelegationRefusal::Missing)
    }

    fn evolve(self, _: &DelegationEvent) -> Self {
        self
    }

    fn created_by(command: &DelegationCommand, id: CommandId) -> Option<Uuid> {
        begins(command).then(|| id.creates::<DelegationId>(0).uuid())
    }

    fn is_transition(_: &DelegationEvent) -> bool {
        false
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
