//! The errors of the application: refusals that a user can act on, and internal faults.
//!
//! A [`Problem`] is data for the client: a closed set of codes without personal text. A [`Fault`] is an internal
//! error: the client learns only that the request failed, and the program's log has the reason. Neither holds
//! personal data.

use care::care_team::CareTeamRefusal;
use care::consent_directive::DirectiveRefusal;
use care::conversation::ConversationRefusal;
use care::delegation::DelegationRefusal;
use care::draft::DraftRefusal;
use care::legal_authority::LegalAuthorityRefusal;
use care::lifecycle::consultation::ConsultationRefusal;
use care::organization::OrganizationRefusal;
use care::outside_message::OutsideMessageRefusal;
use care::patient::PatientRefusal;
use care::person::PersonRefusal;
use care::policy_root::PolicyRefusal;
use care::thread::ThreadRefusal;

use crate::recorded_event::Unreadable;
use crate::sealing::SealingFault;
use crate::sqlite_error::is_of_file;

/// Why a command had no effect, for its sender.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// The target does not exist, or this person may not know of it: both give the same answer.
    #[error("there is no such thing")]
    NotFound,
    /// This person may know of the target, but may not do this.
    #[error("that is not permitted")]
    NotPermitted,
    /// The idempotency key was used for another input.
    #[error("this key was used with another input")]
    IdempotencyMismatch,
    /// Something happened since the version that the command relied on.
    #[error("it has changed since that version")]
    VersionConflict,
    /// The version does not belong to the target.
    #[error("the expected version is not one of this object")]
    InvalidVersion,
    /// The key of the target was destroyed, so no text can be written there any more. A later try has the same answer.
    #[error("its texts were erased, and no text can be written there any more")]
    Erased,
    /// The rules of care refuse it.
    #[error(transparent)]
    Refused(#[from] Refusal),
}

/// Why the rules of care refuse a command.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(transparent)]
pub enum Refusal {
    /// By the rules of an organization.
    Organization(#[from] OrganizationRefusal),
    /// By those of a person's record.
    Person(#[from] PersonRefusal),
    /// By those of a patient's record.
    Patient(#[from] PatientRefusal),
    /// By those of a care team.
    CareTeam(#[from] CareTeamRefusal),
    /// By those of a thread.
    Thread(ThreadRefusal),
    /// By those of a patient's directives.
    Directive(#[from] DirectiveRefusal),
    /// By those of a delegation.
    Delegation(#[from] DelegationRefusal),
    /// By those of a legal authority.
    LegalAuthority(#[from] LegalAuthorityRefusal),
    /// By those of a message from outside.
    OutsideMessage(#[from] OutsideMessageRefusal),
    /// By those of drafts.
    Draft(#[from] DraftRefusal),
    /// By those of the policy.
    Policy(#[from] PolicyRefusal),
}

impl From<ThreadRefusal> for Refusal {
    fn from(refusal: ThreadRefusal) -> Self {
        Self::Thread(refusal)
    }
}

impl From<ConsultationRefusal> for Problem {
    fn from(refusal: ConsultationRefusal) -> Self {
        Self::Refused(Refusal::Thread(refusal.into()))
    }
}

impl From<ConversationRefusal> for Problem {
    fn from(refusal: ConversationRefusal) -> Self {
        Self::Refused(Refusal::Thread(refusal.into()))
    }
}

/// An internal fault.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// A part is not available now; a later try may succeed. There is no partial effect.
    #[error("unavailable: {0}")]
    Unavailable(&'static str),
    /// The log holds something that this software cannot read.
    #[error(transparent)]
    Unreadable(#[from] Unreadable),
    /// Text could not be sealed or opened.
    #[error(transparent)]
    Sealing(SealingFault),
    /// The read models failed.
    #[error("the read models failed")]
    ReadModels(#[source] rusqlite::Error),
    /// The index of the access log failed.
    #[error("the index of the access log failed")]
    AccessIndex(#[source] rusqlite::Error),
    /// A row of the read models cannot be read.
    #[error("a row of the read models is malformed: {0}")]
    Row(&'static str),
    /// The journal refused an append; this is an error of this software.
    #[error("the journal refused")]
    Append(#[source] journal::AppendError),
    /// The journal cannot be read.
    #[error("the journal cannot be read")]
    Read(#[source] journal::ReadError),
    /// The answer is complete and recorded; nothing more is read for it.
    #[error("the answer has ended; nothing more is read for it")]
    Ended,
    /// The time for the answer is over.
    #[error("the answer was not ready in time")]
    OverTime,
    /// The answer reads more than one answer may.
    #[error("the answer takes {asked} {of} or more; one answer may take {max}")]
    TooMuch {
        /// Rows, or bytes.
        of: &'static str,
        /// How many there were when the reading stopped.
        asked: u64,
        /// How many there may be.
        max: u64,
    },
    /// Something was done too often; later it can be done again.
    #[error("there were too many {what}; wait {} s", seconds(*.wait))]
    TooOften {
        /// What was done.
        what: &'static str,
        /// How long to wait.
        wait: std::time::Duration,
    },
    /// An event could not be written.
    #[error(transparent)]
    Event(#[from] care::event::EventProblem),
}

/// Whole seconds, at least one.
pub fn seconds(wait: std::time::Duration) -> u64 {
    wait.as_secs().saturating_add(u64::from(wait.subsec_nanos() > 0)).max(1)
}

impl Failed {
    /// The failure of writing texts. That their key was destroyed is for the sender to know; the rest is internal.
    pub(crate) fn of_sealing(fault: Fault) -> Self {
        if matches!(fault, Fault::Sealing(SealingFault::Destroyed)) { Problem::Erased.into() } else { fault.into() }
    }
}

impl From<rusqlite::Error> for Fault {
    fn from(error: rusqlite::Error) -> Self {
        if is_of_file(&error) { Self::Unavailable("the read models") } else { Self::ReadModels(error) }
    }
}

impl From<vault::Error> for Fault {
    fn from(error: vault::Error) -> Self {
        SealingFault::from(error).into()
    }
}

impl From<SealingFault> for Fault {
    fn from(fault: SealingFault) -> Self {
        match fault {
            SealingFault::Vault(vault::Error::Store(error)) if is_of_file(&error) => Self::Unavailable("the key store"),
            fault @ (SealingFault::Destroyed
            | SealingFault::NoKey
            | SealingFault::Vault(_)
            | SealingFault::Malformed) => Self::Sealing(fault),
        }
    }
}

impl From<journal::ReadError> for Fault {
    fn from(error: journal::ReadError) -> Self {
        match error {
            journal::ReadError::Unavailable { .. } => Self::Unavailable("the journal"),
            error @ (journal::ReadError::EpochChanged { .. } | journal::ReadError::Fatal(_)) => Self::Read(error),
        }
    }
}

impl From<std::convert::Infallible> for Fault {
    fn from(never: std::convert::Infallible) -> Self {
        match never {}
    }
}

/// Why a command was not executed.
#[derive(Debug, thiserror::Error)]
pub enum Failed {
    /// For a reason that the sender can act on.
    #[error(transparent)]
    Problem(#[from] Problem),
    /// For an internal fault.
    #[error(transparent)]
    Fault(#[from] Fault),
}

#[cfg(test)]
mod tests {
    use rusqlite::ffi;

    use super::*;

    #[test]
    fn a_store_that_cannot_be_read_is_unavailable_and_a_damaged_key_is_not() {
        let failed = |code| rusqlite::Error::SqliteFailure(ffi::Error::new(code), None);
        // SQLite calls a file malformed also where the disk does not read it.
        for code in [ffi::SQLITE_IOERR, ffi::SQLITE_CANTOPEN, ffi::SQLITE_BUSY, ffi::SQLITE_CORRUPT] {
            let of_keys = Fault::from(vault::Error::Store(failed(code)));
            assert!(matches!(of_keys, Fault::Unavailable("the key store")), "{of_keys}");
            let of_read_models = Fault::from(failed(code));
            assert!(matches!(of_read_models, Fault::Unavailable("the read models")), "{of_read_models}");
        }
        assert!(matches!(Fault::from(vault::Error::Damaged), Fault::Sealing(_)));
        assert!(matches!(Fault::from(failed(ffi::SQLITE_CONSTRAINT)), Fault::ReadModels(_)));
    }
}
