//! What can be asked of a legal authority.

use chrono::{DateTime, Utc};

use crate::command_name::commands;
use crate::ids::{PatientId, PersonId};
use crate::scope::AuthorityLimits;
use crate::text::PersonalText;
use crate::words::{AuthorityGround, AuthorityKind, AuthorityReminder};

commands! {
    /// What can be asked of a legal authority.
    LegalAuthorityCommand, LegalAuthorityAct {
        "legal_authority.record" => RecordAuthority,
        "legal_authority.verify" => VerifyAuthority,
        "legal_authority.reject" => RejectAuthority,
        "legal_authority.dispute" => DisputeAuthority,
        "legal_authority.uphold" => UpholdAuthority,
        "legal_authority.end" => EndAuthority,
        "legal_authority.remind" => RemindOfAuthority,
        "legal_authority.expire" => ExpireAuthority,
    }
    where
    fn at_patient(&self) -> Option<PatientId> {
        if let Self::RecordAuthority(record) = self { Some(record.patient) } else { None }
    }
}

impl LegalAuthorityAct {
    /// Whether a command of this act always has a text, so that it cannot be given once the patient's texts were erased.
    #[must_use]
    pub fn needs_text(self) -> bool {
        match self {
            Self::RecordAuthority
            | Self::VerifyAuthority
            | Self::RejectAuthority
            | Self::DisputeAuthority
            | Self::UpholdAuthority
            | Self::EndAuthority => true,
            Self::RemindOfAuthority | Self::ExpireAuthority => false,
        }
    }
}

/// Records that a document says so. Its id is the first that the command creates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordAuthority {
    /// The patient.
    pub patient: PatientId,
    /// Who is to have the authority.
    pub person: PersonId,
    /// The kind.
    pub kind: AuthorityKind,
    /// Why the patient needs somebody.
    pub ground: AuthorityGround,
    /// Which document it is and where it is kept.
    pub document: PersonalText,
}

/// Records that the document was checked: how far it goes, from when and until when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifyAuthority {
    /// How far it goes.
    pub limits: AuthorityLimits,
    /// From when it holds.
    pub from: DateTime<Utc>,
    /// Until when; none if the document names no end.
    pub until: Option<DateTime<Utc>>,
    /// What was seen.
    pub evidence: PersonalText,
}

/// Records that the document does not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RejectAuthority {
    /// Why.
    pub reason: PersonalText,
}

/// Says that it does not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DisputeAuthority {
    /// Why.
    pub reason: PersonalText,
}

/// Decides that it holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UpholdAuthority {
    /// Why.
    pub reason: PersonalText,
}

/// Records that it ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EndAuthority {
    /// Why.
    pub reason: PersonalText,
    /// When it ended.
    pub ended_at: DateTime<Utc>,
}

/// The process reminds somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RemindOfAuthority {
    /// Of what.
    pub of: AuthorityReminder,
}

/// The process ends what has reached its own end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ExpireAuthority;
