//! What can have happened to a delegation. Texts are sealed under the patient's key.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::calendar::Due;
use crate::consent_text::WordsShown;
use crate::envelope::Actor;
use crate::event_set::{events, no_text};
use crate::ids::{AuthorityId, DelegationId, OrganizationId, PatientId, PersonId, ThreadId};
use crate::scope::Scope;
use crate::shown::{Digest, TextVersion};
use crate::text::{EachText, FieldTag, PersonalText};
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

/// Visits a text that may be absent.
fn visit_optional(
    tag: &'static str,
    text: &mut Option<PersonalText>,
    visit: &mut dyn FnMut(FieldTag, &mut PersonalText),
) {
    if let Some(text) = text {
        visit(FieldTag(tag), text);
    }
}

impl EachText for Invited {
    fn each_text(&mut self, visit: &mut dyn FnMut(FieldTag, &mut PersonalText)) {
        let Self {
            delegation: _,
            patient: _,
            person: _,
            code: _,
            contact,
            kind: _,
            relationship: _,
            scope: _,
            until: _,
            by: _,
            role: _,
            ground: _,
            expires_at: _,
            organization: _,
            authority: _,
        } = self;
        visit_optional("delegation.contact", contact, visit);
    }
}

impl EachText for IdentityVerified {
    fn each_text(&mut self, visit: &mut dyn FnMut(FieldTag, &mut PersonalText)) {
        let Self {
            by: _,
            role: _,
            method: _,
            level: _,
            evidence_of: _,
            evidence,
            authority: _,
            employment,
            at: _,
            check_by: _,
        } = self;
        visit_optional("delegation.evidence", evidence, visit);
        visit_optional("delegation.employment", employment, visit);
    }
}

impl AccessCheck {
    /// Each reason why a sensitive thread is to open, under the tag of the event.
    fn each_reason(&mut self, tag: FieldTag, visit: &mut dyn FnMut(FieldTag, &mut PersonalText)) {
        let Self { by: _, role: _, asked_alone: _, seen: _, accepted, scope: _, at: _ } = self;
        for OpenedOnPurpose { thread: _, reason } in accepted {
            visit(tag, reason);
        }
    }
}

impl EachText for SafeguardingPassed {
    fn each_text(&mut self, visit: &mut dyn FnMut(FieldTag, &mut PersonalText)) {
        let Self { check } = self;
        check.each_reason(FieldTag("delegation.opened_reason"), visit);
    }
}

impl EachText for WideningChecked {
    fn each_text(&mut self, visit: &mut dyn FnMut(FieldTag, &mut PersonalText)) {
        let Self { check } = self;
        check.each_reason(FieldTag("delegation.checked_reason"), visit);
    }
}

impl EachText for Consented {
    fn each_text(&mut self, visit: &mut dyn FnMut(FieldTag, &mut PersonalText)) {
        let Self {
            by: _,
            role: _,
            basis: _,
            method: _,
            text_version: _,
            words_shown: _,
            scope: _,
            at: _,
            authority: _,
            own_word: _,
            own_word_note,
            witness: _,
        } = self;
        visit_optional("delegation.own_word", own_word_note, visit);
    }
}

impl EachText for Widened {
    fn each_text(&mut self, visit: &mut dyn FnMut(FieldTag, &mut PersonalText)) {
        let Self { by: _, scope: _, seen: _, accepted, agreed_by: _, legal_basis, own_word: _, own_word_note } = self;
        for OpenedOnPurpose { thread: _, reason } in accepted {
            visit(FieldTag("delegation.widened_opened_reason"), reason);
        }
        visit_optional("delegation.widened_basis", legal_basis, visit);
        visit_optional("delegation.widened_own_word", own_word_note, visit);
    }
}

impl EachText for Suspended {
    fn each_text(&mut self, visit: &mut dyn FnMut(FieldTag, &mut PersonalText)) {
        let Self { by: _, role: _, cause: _, reason, review_by: _ } = self;
        visit_optional("delegation.suspended_reason", reason, visit);
    }
}

impl EachText for Resumed {
    fn each_text(&mut self, visit: &mut dyn FnMut(FieldTag, &mut PersonalText)) {
        let Self { by: _, role: _, reason, asked_alone: _, patient_word } = self;
        visit(FieldTag("delegation.resumed_reason"), reason);
        visit_optional("delegation.resumed_patient_word", patient_word, visit);
    }
}

impl EachText for Ended {
    fn each_text(&mut self, visit: &mut dyn FnMut(FieldTag, &mut PersonalText)) {
        let Self { reason: _, by: _, role: _, note } = self;
        visit_optional("delegation.ended_note", note, visit);
    }
}

no_text! {
    Offered { delegation, patient, person, kind, relationship, at }
    Accepted { person, terms_version, at, verify_by }
    Activated { scope, from, until }
    Narrowed { by, scope }
    Renewed { by, until, basis, method, text_version, words_shown }
    Reminded { by, of, at }
}
