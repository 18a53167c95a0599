//! What can have happened to a delegation. Texts are sealed under the patient's key.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::calendar::Due;
use crate::consent_text::WordsShown;
use crate::envelope::Actor;
use crate::event_set::{PersonalTexts, events, no_text, texts};
use crate::ids::{AuthorityId, DelegationId, OrganizationId, PatientId, PersonId, ThreadId};
use crate::scope::Scope;
use crate::shown::{Digest, TextVersion};
use crate::text::PersonalText;
use crate::words::{
    AskedAlone, ConsentBasis, ConsentMethod, DelegationEnd, DelegationKind, DelegationReminder, IdentityLevel,
    IdentityMethod, InvitationGround, OwnWord, Relationship, Role, SuspensionCause,
};

events! {
    /// What can have happened to a delegation.
    DelegationEvent {
        "delegation.offered" v 1 => Offered,
        "delegation.invited" v 1 => Invited,
        "delegation.accepted" v 1 => Accepted,
        "delegation.identity_verified" v 1 => IdentityVerified,
        "delegation.safeguarding_passed" v 1 => SafeguardingPassed,
        "delegation.consented" v 1 => Consented,
        "delegation.activated" v 1 => Activated,
        "delegation.narrowed" v 1 => Narrowed,
        "delegation.widening_checked" v 1 => WideningChecked,
        "delegation.widened" v 2 => Widened from v 1 WidenedV1,
        "delegation.renewed" v 1 => Renewed,
        "delegation.suspended" v 1 => Suspended,
        "delegation.resumed" v 1 => Resumed,
        "delegation.ended" v 1 => Ended,
        "delegation.reminded" v 1 => Reminded,
    }
}

/// A person offered to help.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offered {
    /// The delegation.
    pub delegation: DelegationId,
    /// The patient.
    pub patient: PatientId,
    /// Who offered.
    pub person: PersonId,
    /// The kind.
    pub kind: DelegationKind,
    /// What they are to the patient.
    pub relationship: Relationship,
    /// When.
    #[serde(with = "crate::instant")]
    pub at: DateTime<Utc>,
}

/// A person was invited. What they are to reach is not theirs yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invited {
    /// The delegation.
    pub delegation: DelegationId,
    /// The patient.
    pub patient: PatientId,
    /// Who is invited, where they are known; nobody else can accept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<PersonId>,
    /// The hash of the code by which a person who is not known here accepts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<Digest>,
    /// Where the invitation goes; under the patient's key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact: Option<PersonalText>,
    /// The kind.
    pub kind: DelegationKind,
    /// What they are to the patient.
    pub relationship: Relationship,
    /// What they are to reach.
    pub scope: Scope,
    /// When their access is to end.
    #[serde(with = "crate::instant")]
    pub until: DateTime<Utc>,
    /// Who invited.
    pub by: Actor,
    /// In which role; `person` for the patient and a representative.
    pub role: Role,
    /// On what ground staff invited.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ground: Option<InvitationGround>,
    /// Until when they can accept.
    #[serde(with = "crate::instant")]
    pub expires_at: DateTime<Utc>,
    /// The organization that a professional helper works for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organization: Option<OrganizationId>,
    /// The legal authority that it is to rest on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authority: Option<AuthorityId>,
}

/// The invited person accepted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Accepted {
    /// Who.
    pub person: PersonId,
    /// The terms that they were shown.
    pub terms_version: TextVersion,
    /// When.
    #[serde(with = "crate::instant")]
    pub at: DateTime<Utc>,
    /// When who they are is to be verified; none where the organization has no calendar.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verify_by: Option<Due>,
}

/// It was verified who the person is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IdentityVerified {
    /// By whom.
    pub by: Actor,
    /// In which role.
    pub role: Role,
    /// How.
    pub method: IdentityMethod,
    /// How sure it is.
    pub level: IdentityLevel,
    /// The delegation whose evidence of the same person serves again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evidence_of: Option<DelegationId>,
    /// What was seen; under the patient's key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evidence: Option<PersonalText>,
    /// The legal authority that it rests on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authority: Option<AuthorityId>,
    /// How the organization of a professional helper confirmed that they work there; under the patient's key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub employment: Option<PersonalText>,
    /// When.
    #[serde(with = "crate::instant")]
    pub at: DateTime<Utc>,
    /// When the access is to be checked; none where the organization has no calendar.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub check_by: Option<Due>,
}

/// A sensitive thread that is to open, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenedOnPurpose {
    /// The thread.
    pub thread: ThreadId,
    /// Why; under the patient's key.
    pub reason: PersonalText,
}

/// A check that an access is necessary, fits and is safe.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessCheck {
    /// By whom.
    pub by: Actor,
    /// In which role.
    pub role: Role,
    /// Whether the patient was asked without the person.
    pub asked_alone: AskedAlone,
    /// The list of what would open that was seen.
    pub seen: Digest,
    /// The sensitive threads that are to open, or can.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub accepted: Vec<OpenedOnPurpose>,
    /// What was checked.
    pub scope: Scope,
    /// When.
    #[serde(with = "crate::instant")]
    pub at: DateTime<Utc>,
}

/// It was checked that the access is necessary, fits and is safe.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SafeguardingPassed {
    /// The check.
    pub check: AccessCheck,
}

/// A consent, or what the law says instead, was recorded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Consented {
    /// By whom it was recorded.
    pub by: Actor,
    /// In which role; `person` for the patient.
    pub role: Role,
    /// On whose word.
    pub basis: ConsentBasis,
    /// How it was given.
    pub method: ConsentMethod,
    /// The text that was shown.
    pub text_version: TextVersion,
    /// The words that were shown; none where only the version was recorded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub words_shown: Option<WordsShown>,
    /// To what.
    pub scope: Scope,
    /// When it was given.
    #[serde(with = "crate::instant")]
    pub at: DateTime<Utc>,
    /// The authority by law.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authority: Option<AuthorityId>,
    /// What the patient says where the basis is the law.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub own_word: Option<OwnWord>,
    /// What they said or what was found; under the patient's key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub own_word_note: Option<PersonalText>,
    /// Who heard the word of a patient without an account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub witness: Option<PersonId>,
}

/// The delegate has access from now on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Activated {
    /// To what.
    pub scope: Scope,
    /// From when on.
    #[serde(with = "crate::instant")]
    pub from: DateTime<Utc>,
    /// Until when.
    #[serde(with = "crate::instant")]
    pub until: DateTime<Utc>,
}

/// The scope became narrower.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Narrowed {
    /// By whom; the process at an age gate.
    pub by: Actor,
    /// The scope as it is.
    pub scope: Scope,
}

/// Staff checked that an active delegation can reach more: within this scope the patient can widen it, until it changes
/// or the check is too old.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct WideningChecked {
    /// The check.
    pub check: AccessCheck,
}

/// The scope became wider.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Widened {
    /// By whom.
    pub by: Actor,
    /// The scope as it is.
    pub scope: Scope,
    /// The list of what would open that was seen.
    pub seen: Digest,
    /// The sensitive threads that are to open, where the law gives it and they were not accepted before.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub accepted: Vec<OpenedOnPurpose>,
    /// The other member of staff who agreed, where the law gives it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agreed_by: Option<PersonId>,
    /// What the law says about it; under the patient's key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub legal_basis: Option<PersonalText>,
    /// What the patient says where the law gives it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub own_word: Option<OwnWord>,
    /// What they said or what was found; under the patient's key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub own_word_note: Option<PersonalText>,
}

/// As it was when the law opened no sensitive thread by a wider scope.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WidenedV1 {
    by: Actor,
    scope: Scope,
    seen: Digest,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    agreed_by: Option<PersonId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    legal_basis: Option<PersonalText>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    own_word: Option<OwnWord>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    own_word_note: Option<PersonalText>,
}

impl From<WidenedV1> for Widened {
    fn from(old: WidenedV1) -> Self {
        let WidenedV1 { by, scope, seen, agreed_by, legal_basis, own_word, own_word_note } = old;
        Self { by, scope, seen, accepted: Vec::new(), agreed_by, legal_basis, own_word, own_word_note }
    }
}

/// It ends later.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Renewed {
    /// By whom.
    pub by: Actor,
    /// The end as it is.
    #[serde(with = "crate::instant")]
    pub until: DateTime<Utc>,
    /// On whose word.
    pub basis: ConsentBasis,
    /// How the consent was given.
    pub method: ConsentMethod,
    /// The text that was shown.
    pub text_version: TextVersion,
    /// The words that were shown; none where only the version was recorded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub words_shown: Option<WordsShown>,
}

/// The access is off until somebody else has looked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suspended {
    /// By whom.
    pub by: Actor,
    /// In which role; `person` for the patient.
    pub role: Role,
    /// Why, where a process did it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause: Option<SuspensionCause>,
    /// Why, where a person did it; under the patient's key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<PersonalText>,
    /// When somebody is to have looked; none where the organization has no calendar.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub review_by: Option<Due>,
}

/// The access is on again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resumed {
    /// By whom.
    pub by: Actor,
    /// In which role.
    pub role: Role,
    /// Why; under the patient's key.
    pub reason: PersonalText,
    /// Whether the patient was asked without the delegate.
    pub asked_alone: AskedAlone,
    /// What the patient said; under the patient's key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub patient_word: Option<PersonalText>,
}

/// It ended. The delegate learns that, and nothing of the reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ended {
    /// Why.
    pub reason: DelegationEnd,
    /// By whom.
    pub by: Actor,
    /// In which role; `person` for the patient, a representative and the delegate.
    pub role: Role,
    /// What was said about it; under the patient's key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<PersonalText>,
}

/// Somebody was reminded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reminded {
    /// By the process.
    pub by: Actor,
    /// Of what.
    pub of: DelegationReminder,
    /// When.
    #[serde(with = "crate::instant")]
    pub at: DateTime<Utc>,
}

/// The sensitive threads that are to open, as the event holds them.
pub(super) fn on_purpose(accepted: BTreeMap<ThreadId, PersonalText>) -> Vec<OpenedOnPurpose> {
    accepted.into_iter().map(|(thread, reason)| OpenedOnPurpose { thread, reason }).collect()
}

impl PersonalTexts for OpenedOnPurpose {
    fn texts(&mut self) -> impl Iterator<Item = &mut PersonalText> {
        let Self { thread: _, reason } = self;
        std::iter::once(reason)
    }
}

impl PersonalTexts for AccessCheck {
    fn texts(&mut self) -> impl Iterator<Item = &mut PersonalText> {
        let Self { by: _, role: _, asked_alone: _, seen: _, accepted, scope: _, at: _ } = self;
        accepted.texts()
    }
}

texts! {
    Invited {
        contact: "delegation.contact";
        delegation, patient, person, code, kind, relationship, scope, until, by, role, ground, expires_at, organization,
        authority
    }
    IdentityVerified {
        evidence: "delegation.evidence", employment: "delegation.employment";
        by, role, method, level, evidence_of, authority, at, check_by
    }
    SafeguardingPassed { check: "delegation.opened_reason"; }
    WideningChecked { check: "delegation.checked_reason"; }
    Consented {
        own_word_note: "delegation.own_word";
        by, role, basis, method, text_version, words_shown, scope, at, authority, own_word, witness
    }
    Widened {
        accepted: "delegation.widened_opened_reason", legal_basis: "delegation.widened_basis",
        own_word_note: "delegation.widened_own_word";
        by, scope, seen, agreed_by, own_word
    }
    Suspended { reason: "delegation.suspended_reason"; by, role, cause, review_by }
    Resumed {
        reason: "delegation.resumed_reason", patient_word: "delegation.resumed_patient_word";
        by, role, asked_alone
    }
    Ended { note: "delegation.ended_note"; reason, by, role }
}

no_text! {
    Offered { delegation, patient, person, kind, relationship, at }
    Accepted { person, terms_version, at, verify_by }
    Activated { scope, from, until }
    Narrowed { by, scope }
    Renewed { by, until, basis, method, text_version, words_shown }
    Reminded { by, of, at }
}
