//! A legal authority: a fact of law about a person and a patient, such as parental responsibility or a guardianship.
//!
//! It gives no access. A delegation of a kind by law rests on one, lies within its limits, is suspended while it is
//! disputed, and ends with it.

mod commands;
mod events;

use uuid::Uuid;

use crate::aggregate::{Acting, Aggregate};
use crate::ids::{AuthorityId, CommandId, Id as _};
use crate::words::AuthorityState;

pub use crate::scope::AuthorityLimits;
pub use commands::*;
pub use events::*;

/// We refuse because …
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LegalAuthorityRefusal {
    /// … there is no such authority.
    #[error("there is no such legal authority")]
    Missing,
    /// … it is recorded already.
    #[error("the legal authority is recorded already")]
    Exists,
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
    #[error("the end lies ahead, and after the beginning")]
    UntilNotAhead,
    /// … the instant is in the future.
    #[error("the instant lies in the future")]
    InFuture,
    /// … it is not time for it.
    #[error("it is not time for that")]
    NotDue,
}

/// A legal authority, folded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LegalAuthority {
    /// Nothing happened yet.
    Unknown,
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
        _: &LegalAuthorityCommand,
        _: &Acting<'_>,
    ) -> Result<Vec<LegalAuthorityEvent>, LegalAuthorityRefusal> {
        Err(LegalAuthorityRefusal::Missing)
    }

    fn evolve(self, _: &LegalAuthorityEvent) -> Self {
        self
    }

    fn created_by(command: &LegalAuthorityCommand, id: CommandId) -> Option<Uuid> {
        begins(command).then(|| id.creates::<AuthorityId>(0).uuid())
    }

    fn is_transition(_: &LegalAuthorityEvent) -> bool {
        false
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
