//! What can have happened to a legal authority. Texts are sealed under the patient's key.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::calendar::Due;
use crate::envelope::Actor;
use crate::event_set::{events, no_text, texts};
use crate::ids::{AuthorityId, PatientId, PersonId};
use crate::scope::AuthorityLimits;
use crate::text::PersonalText;
use crate::words::{AuthorityEnd, AuthorityGround, AuthorityKind, AuthorityReminder, Role};

events! {
    /// What can have happened to a legal authority.
    LegalAuthorityEvent {
        "legal_authority.recorded" v 1 => Recorded,
        "legal_authority.verified" v 1 => Verified,
        "legal_authority.disputed" v 1 => Disputed,
        "legal_authority.upheld" v 1 => Upheld,
        "legal_authority.ended" v 1 => Ended,
        "legal_authority.reminded" v 1 => Reminded,
    }
}

/// A document says so, which nobody has checked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recorded {
    /// The legal authority.
    pub authority: AuthorityId,
    /// The patient.
    pub patient: PatientId,
    /// Who is to have it.
    pub person: PersonId,
    /// The kind.
    pub kind: AuthorityKind,
    /// Why the patient needs somebody.
    pub ground: AuthorityGround,
    /// Which document it is and where it is kept; under the patient's key.
    pub document: PersonalText,
    /// Who recorded it.
    pub by: Actor,
    /// In which role.
    pub role: Role,
    /// When it is to be checked; none where the organization has no calendar.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decide_by: Option<Due>,
}

/// The document was checked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verified {
    /// By whom.
    pub by: Actor,
    /// In which role.
    pub role: Role,
    /// How far it goes.
    pub limits: AuthorityLimits,
    /// From when it holds.
    #[serde(with = "crate::instant")]
    pub from: DateTime<Utc>,
    /// Until when; none if the document names no end.
    #[serde(default, with = "crate::instant::optional", skip_serializing_if = "Option::is_none")]
    pub until: Option<DateTime<Utc>>,
    /// What was seen; under the patient's key.
    pub evidence: PersonalText,
}

/// Somebody said that it does not hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Disputed {
    /// Who.
    pub by: Actor,
    /// In which role; `person` for the patient.
    pub role: Role,
    /// Why; under the patient's key.
    pub reason: PersonalText,
    /// When it is to be decided; none where the organization has no calendar.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decide_by: Option<Due>,
}

/// It holds after all.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Upheld {
    /// Who decided.
    pub by: Actor,
    /// In which role.
    pub role: Role,
    /// Why; under the patient's key.
    pub reason: PersonalText,
}

/// It ended, or was found not to hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ended {
    /// How.
    pub how: AuthorityEnd,
    /// Who recorded it.
    pub by: Actor,
    /// In which role.
    pub role: Role,
    /// When it ended.
    #[serde(with = "crate::instant")]
    pub at: DateTime<Utc>,
    /// Why, where a person said it; under the patient's key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<PersonalText>,
}

/// Somebody was reminded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reminded {
    /// By the process.
    pub by: Actor,
    /// Of what.
    pub of: AuthorityReminder,
}

texts! {
    Recorded { document: "legal_authority.document"; authority, patient, person, kind, ground, by, role, decide_by }
    Verified { evidence: "legal_authority.evidence"; by, role, limits, from, until }
    Disputed { reason: "legal_authority.disputed_reason"; by, role, decide_by }
    Upheld { reason: "legal_authority.upheld_reason"; by, role }
    Ended { reason: "legal_authority.ended_reason"; how, by, role, at }
}

no_text! {
    Reminded { by, of }
}
