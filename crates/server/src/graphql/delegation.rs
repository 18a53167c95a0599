//! Delegations: who helps a patient, what one's own delegation is, an invitation by its code, and what a scope would open.

use std::sync::Arc;

use async_graphql::{ID, Object, Result, SimpleObject};
use care::command_name::Named as _;
use care::delegation::{
    DeclineDelegation, DelegationRefusal, FailIdentity, FailSafeguarding, NarrowDelegation, PassSafeguarding,
    RecordConsent, RefuseOffer, RenewDelegation, ResumeDelegation, RevokeDelegation, SuspendDelegation, VerifyIdentity,
    WidenByLaw, WidenDelegation,
};
use care::ids::PersonId;
use coordination::reader::{DelegationView, OpenedListView, OpenedThreadRow, Page, Reader};
use coordination::{HelpInvitationRow, StepRow, StepSaid};
use policy::visible::Visible;

use super::consent_text::ConsentText;
use super::delegation_words::{
    AskedAlone, ConsentBasis, DelegationEnd, DelegationKind, DelegationNoteKind, DelegationState, DelegationStepKind,
    IdentityLevel, IdentityMethod, InvitationGround, OwnWord, Relationship, SuspensionCause,
};
use super::id::encode_id;
use super::message::MessageDelegate;
use super::organization::Organization;
use super::patient::Patient;
use super::permission::Permission;
use super::person::Person;
use super::preview::{PreviewConnection, previewed};
use super::problem::{AsProblem, Problem, ProblemCode, not_found_at, not_in_state, rule};
use super::scalars::{Instant, PersonalText};
use super::scope::{DelegationScope, TopicAccess, topics};
use super::thread::{Thread, ThreadKind};
use super::words::{Confidentiality, ConsentMethod, Role, Sensitivity, Topic};

/// A person helps a patient, as those who look after it see it.
pub struct Delegation {
    reader: Arc<Reader>,
    view: DelegationView,
}

/// A patient whom the viewer helps.
pub struct OwnDelegation {
    reader: Arc<Reader>,
    view: DelegationView,
}

/// A step of a delegation: what was done, by whom and when. What does not belong to the step is null.
#[derive(SimpleObject)]
pub struct DelegationStep {
    /// The step.
    kind: DelegationStepKind,
    /// When it was recorded.
    at: Instant,
    /// Who did it. Null if it was no person.
    by: Option<Person>,
    /// The role in which they did it; `PERSON` for the patient, a representative and the helper.
    role: Option<Role>,
    /// How they help the patient. Null if they did not do it as a delegate.
    delegate: Option<MessageDelegate>,
    /// What the access was to reach from then on.
    scope: Option<DelegationScope>,
    /// When the access was to end from then on.
    until: Option<Instant>,
    /// Until when an invitation could be accepted.
    expires_at: Option<Instant>,
    /// On what ground staff invited.
    ground: Option<InvitationGround>,
    /// How it was verified who the helper is.
    identity_method: Option<IdentityMethod>,
    /// How sure it is who the helper is.
    identity_level: Option<IdentityLevel>,
    /// Whether the patient was asked without the helper. Null also if you may not read the evidence.
    asked_alone: Option<AskedAlone>,
    /// On whose word the helper has access.
    basis: Option<ConsentBasis>,
    /// How the consent was given.
    method: Option<ConsentMethod>,
    /// When the consent was given.
    given_at: Option<Instant>,
    /// The version of the text that was shown.
    text_version: Option<String>,
    /// The words that were shown. Null if only their version was recorded, and for the terms of the helper.
    consent_text: Option<ConsentText>,
    /// What the patient says to an access that the law gives. Null also if you may not read the evidence.
    own_word: Option<OwnWord>,
    /// Who heard the word of a patient without an account, or the other member of staff who agreed.
    witness: Option<Person>,
    /// Why the software suspended it. Null also if you may not read the evidence.
    cause: Option<SuspensionCause>,
    /// Why it ended. Null also if you may not read the evidence.
    end: Option<DelegationEnd>,
    /// What was written about it. Null if you may not read the evidence.
    notes: Option<Vec<DelegationNote>>,
}

/// A text of a step of a delegation.
#[derive(SimpleObject)]
pub struct DelegationNote {
    /// What it is about.
    kind: DelegationNoteKind,
    /// The text.
    text: PersonalText,
    /// The id of the thread that it is about. Null if it is about none.
    thread_id: Option<ID>,
}

impl Delegation {
    pub(super) fn of(reader: &Arc<Reader>, view: DelegationView) -> Self {
        Self { reader: Arc::clone(reader), view }
    }

    fn named(&self, person: Option<PersonId>) -> Result<Option<Person>> {
        let Some(person) = person else { return Ok(None) };
        Ok(self.reader.person_in_delegation(&self.view, person)?.map(Person))
    }

    fn step(&self, row: &StepRow) -> Result<DelegationStep> {
        let StepRow { at, said, texts } = row;
        let StepSaid {
            kind,
            by,
            role,
            under: _,
            scope,
            until,
            expires_at,
            ground,
            identity_method,
            identity_level,
            asked_alone,
            basis,
            method,
            given_at,
            text_version,
            words_shown,
            own_word,
            witness,
            cause,
            end,
            notes,
        } = said;
        let note = |(about, text): (&coordination::NoteAbout, &coordination::TextCell)| DelegationNote {
            kind: about.kind.into(),
            text: PersonalText::from(text),
            thread_id: about.thread.map(encode_id),
        };
        let written = notes.iter().zip(texts).map(note).collect();
        Ok(DelegationStep {
            kind: (*kind).into(),
            at: (*at).into(),
            by: self.named(by.person())?,
            role: role.map(Into::into),
            delegate: self.reader.delegate_of(row).map(Into::into),
            scope: scope.as_ref().map(Into::into),
            until: until.map(Into::into),
            expires_at: expires_at.map(Into::into),
            ground: ground.map(Into::into),
            identity_method: identity_method.map(Into::into),
            identity_level: identity_level.map(Into::into),
            asked_alone: asked_alone.map(Into::into),
            basis: basis.map(Into::into),
            method: method.map(Into::into),
            given_at: given_at.map(Into::into),
            text_version: text_version.as_ref().map(|version| version.as_str().to_owned()),
            consent_text: words_shown.as_ref().and_then(ConsentText::of),
            own_word: own_word.map(Into::into),
            witness: self.named(*witness)?,
            cause: cause.map(Into::into),
            end: end.map(Into::into),
            notes: self.reader.reads_evidence(&self.view).then_some(written),
        })
    }

    fn all_steps(&self) -> Result<Option<Vec<DelegationStep>>> {
        let Some(rows) = self.reader.delegation_steps(&self.view)? else { return Ok(None) };
        rows.iter().map(|row| self.step(row)).collect::<Result<_>>().map(Some)
    }
}

/// A person helps a patient within a scope, until an end: as the patient and those who look after it see it. The helper
/// sees `OwnDelegation`.
#[Object]
impl Delegation {
    /// Its id.
    fn id(&self) -> ID {
        encode_id(self.view.delegation)
    }

    /// The id of the patient.
    fn patient_id(&self) -> ID {
        encode_id(self.view.patient)
    }

    /// The patient. Null if you look after helpers and may not know who the patient is.
    fn patient(&self) -> Option<Result<Patient>> {
        let found = self.reader.patient_in_delegation(&self.view).map_err(Into::into);
        found.map(|view| view.map(|view| Patient::of(&self.reader, view))).transpose()
    }

    /// The helper. Null while an invitation names nobody, and if they are not registered.
    fn person(&self) -> Option<Result<Person>> {
        self.named(self.view.person).transpose()
    }

    /// The kind.
    fn kind(&self) -> DelegationKind {
        self.view.kind.into()
    }

    /// What the helper is to the patient.
    fn relationship(&self) -> Relationship {
        self.view.relationship.into()
    }

    /// The state.
    fn state(&self) -> DelegationState {
        self.view.state.into()
    }

    /// The topics that it reaches, or is to reach.
    fn topics(&self) -> Vec<TopicAccess> {
        topics(&self.view.scope.topics)
    }

    /// All that it reaches, or is to reach. Null if you may not read its steps.
    fn scope(&self) -> Option<DelegationScope> {
        self.view.has_scope.then(|| (&self.view.scope).into())
    }

    /// When the access ends. Null for an offer.
    fn until(&self) -> Option<Instant> {
        self.view.until.map(Into::into)
    }

    /// When the next step is due: the patient or staff answer an offer, the invited person accepts, staff verify,
    /// check or review, the patient or staff record the consent. Null where it waits for nobody, and where the
    /// organization has no calendar.
    fn due_at(&self) -> Option<Instant> {
        self.view.due.map(Into::into)
    }

    /// The organization that a professional helper works for.
    fn organization(&self) -> Option<Result<Organization>> {
        let id = self.view.organization?;
        let found = self.reader.organization_in_delegation(&self.view, id).map_err(Into::into);
        found.map(|row| row.map(|row| Organization::of(&self.reader, row))).transpose()
    }

    /// The id of the legal authority that it rests on. Null if it rests on none, and if you may not read its steps.
    fn legal_authority_id(&self) -> Option<ID> {
        self.view.authority.map(encode_id)
    }

    /// What was done, the oldest first. Null if you may not read its steps.
    fn steps(&self) -> Option<Result<Vec<DelegationStep>>> {
        self.all_steps().transpose()
    }

    /// The words of the newest consent. Null if there is none, if only the version of its text was recorded, and if you may
    /// not read its steps.
    fn consent_text(&self) -> Option<Result<ConsentText>> {
        let newest = self.reader.newest_consent(&self.view).map(|row| row.and_then(|row| ConsentText::of(&row.words)));
        newest.map_err(Into::into).transpose()
    }

    /// What the helper sees of the conversations about the patient now, the newest first. Null if you are not the
    /// patient. Empty if it gives no access now. An access record says that you looked.
    fn preview(
        &self,
        #[graphql(desc = "Rows from the start: 1 to 100; 20 without `first`.")] first: Option<i32>,
        #[graphql(desc = "The cursor after which the rows begin.")] after: Option<String>,
    ) -> Option<Result<PreviewConnection>> {
        previewed(self.reader.preview(&self.view, &Page::from_start(first, after))).transpose()
    }

    /// Whether you can refuse the offer to help.
    fn viewer_can_refuse_offer(&self) -> Result<Permission> {
        Ok(self.reader.can_change_delegation(&self.view, RefuseOffer::NAME)?.into())
    }

    /// Whether you can record that it was verified who the helper is.
    fn viewer_can_verify_identity(&self) -> Result<Permission> {
        Ok(self.reader.can_change_delegation(&self.view, VerifyIdentity::NAME)?.into())
    }

    /// Whether you can record that it could not be verified who the helper is.
    fn viewer_can_fail_identity(&self) -> Result<Permission> {
        Ok(self.reader.can_change_delegation(&self.view, FailIdentity::NAME)?.into())
    }

    /// Whether you can record that the access is safe.
    fn viewer_can_pass_safeguarding(&self) -> Result<Permission> {
        Ok(self.reader.can_change_delegation(&self.view, PassSafeguarding::NAME)?.into())
    }

    /// Whether you can record that the access would not be safe.
    fn viewer_can_fail_safeguarding(&self) -> Result<Permission> {
        Ok(self.reader.can_change_delegation(&self.view, FailSafeguarding::NAME)?.into())
    }

    /// Whether you can record the consent.
    fn viewer_can_record_consent(&self) -> Result<Permission> {
        Ok(self.reader.can_change_delegation(&self.view, RecordConsent::NAME)?.into())
    }

    /// Whether you can make the scope narrower.
    fn viewer_can_narrow(&self) -> Result<Permission> {
        Ok(self.reader.can_change_delegation(&self.view, NarrowDelegation::NAME)?.into())
    }

    /// Whether you, as the patient, can make the scope wider.
    fn viewer_can_widen(&self) -> Result<Permission> {
        Ok(self.reader.can_change_delegation(&self.view, WidenDelegation::NAME)?.into())
    }

    /// Whether you can make the scope wider where the law gives the access.
    fn viewer_can_widen_by_law(&self) -> Result<Permission> {
        Ok(self.reader.can_change_delegation(&self.view, WidenByLaw::NAME)?.into())
    }

    /// Whether you can let it end later.
    fn viewer_can_renew(&self) -> Result<Permission> {
        Ok(self.reader.can_change_delegation(&self.view, RenewDelegation::NAME)?.into())
    }

    /// Whether you can take the access away until somebody else has looked.
    fn viewer_can_suspend(&self) -> Result<Permission> {
        Ok(self.reader.can_change_delegation(&self.view, SuspendDelegation::NAME)?.into())
    }

    /// Whether you can give the access back.
    fn viewer_can_resume(&self) -> Result<Permission> {
        Ok(self.reader.can_change_delegation(&self.view, ResumeDelegation::NAME)?.into())
    }

    /// Whether you can end it.
    fn viewer_can_revoke(&self) -> Result<Permission> {
        Ok(self.reader.can_change_delegation(&self.view, RevokeDelegation::NAME)?.into())
    }
}

impl OwnDelegation {
    pub(super) fn of(reader: &Arc<Reader>, view: DelegationView) -> Self {
        Self { reader: Arc::clone(reader), view }
    }
}

/// A patient whom you help, or are to help: what you are told of your own delegation.
#[Object]
impl OwnDelegation {
    /// Its id.
    fn id(&self) -> ID {
        encode_id(self.view.delegation)
    }

    /// The patient. Null while you have no access.
    fn patient(&self) -> Option<Result<Patient>> {
        if !self.view.is_active {
            return None;
        }
        let found = self.reader.patient(self.view.patient).map_err(Into::into);
        found.map(|view| view.map(|view| Patient::of(&self.reader, view))).transpose()
    }

    /// The organization that keeps the patient's record.
    fn record_keeper(&self) -> Option<Result<Organization>> {
        let found = self.reader.record_keeper(&self.view).map_err(Into::into);
        found.map(|row| row.map(|row| Organization::of(&self.reader, row))).transpose()
    }

    /// The kind.
    fn kind(&self) -> DelegationKind {
        self.view.kind.into()
    }

    /// What you are to the patient.
    fn relationship(&self) -> Relationship {
        self.view.relationship.into()
    }

    /// The state. You are not told why it was suspended or has ended.
    fn state(&self) -> DelegationState {
        self.view.state.into()
    }

    /// What you reach, or are to reach. Null for an offer.
    fn scope(&self) -> Option<DelegationScope> {
        self.view.until.map(|_| (&self.view.scope).into())
    }

    /// When the access ends. Null for an offer.
    fn until(&self) -> Option<Instant> {
        self.view.until.map(Into::into)
    }

    /// Whether you have access now.
    fn is_active(&self) -> bool {
        self.view.is_active
    }

    /// Whether you can give it back before it is active.
    fn viewer_can_decline(&self) -> Result<Permission> {
        Ok(self.reader.can_change_delegation(&self.view, DeclineDelegation::NAME)?.into())
    }

    /// Whether you can make the scope narrower.
    fn viewer_can_narrow(&self) -> Result<Permission> {
        Ok(self.reader.can_change_delegation(&self.view, NarrowDelegation::NAME)?.into())
    }

    /// Whether you can give it back.
    fn viewer_can_revoke(&self) -> Result<Permission> {
        Ok(self.reader.can_change_delegation(&self.view, RevokeDelegation::NAME)?.into())
    }
}

/// An invitation to help a patient. It does not say whom.
#[derive(SimpleObject)]
pub struct HelpInvitation {
    /// The id of the delegation, for your answer.
    delegation_id: ID,
    /// The organization that keeps the patient's record.
    record_keeper: Option<Organization>,
    /// The kind.
    kind: DelegationKind,
    /// What you are to the patient.
    relationship: Relationship,
    /// The topics that you are to reach.
    topics: Vec<TopicAccess>,
    /// When the access is to end.
    until: Instant,
    /// The role of who invited you; `PERSON` for the patient and a representative.
    invited_by_role: Role,
    /// When you were invited.
    invited_at: Instant,
    /// The instant at which the invitation ends by itself.
    expires_at: Instant,
}

impl HelpInvitation {
    pub(super) fn of(reader: &Arc<Reader>, row: &Visible<HelpInvitationRow>) -> Result<Self> {
        Ok(Self {
            delegation_id: encode_id(row.delegation),
            record_keeper: reader.organization_inviting(row)?.map(|row| Organization::of(reader, row)),
            kind: row.kind.into(),
            relationship: row.relationship.into(),
            topics: topics(&row.scope.topics),
            until: row.until.into(),
            invited_by_role: row.role.into(),
            invited_at: row.invited_at.into(),
            expires_at: row.expires_at.into(),
        })
    }
}

/// What a scope would open now, as it is shown before a check and a consent.
#[derive(SimpleObject)]
pub struct OpenedList {
    /// The version of the list, for `seenVersion`. It changes with the threads, their confidentiality and their sensitive subjects.
    version: String,
    /// The threads.
    threads: Vec<OpenedThread>,
}

impl OpenedList {
    pub(super) fn of(reader: &Arc<Reader>, list: OpenedListView) -> Self {
        let OpenedListView { version, threads } = list;
        let threads = threads.into_iter().map(|row| OpenedThread::of(reader, row));
        Self { version: version.to_string(), threads: threads.collect() }
    }
}

impl OpenedThread {
    pub(super) fn of(reader: &Arc<Reader>, row: Visible<OpenedThreadRow>) -> Self {
        Self { reader: Arc::clone(reader), row }
    }
}

/// A thread that a scope would open.
pub struct OpenedThread {
    reader: Arc<Reader>,
    row: Visible<OpenedThreadRow>,
}

/// A thread that a scope would open.
#[Object]
impl OpenedThread {
    /// Its id.
    fn thread_id(&self) -> ID {
        encode_id(self.row.thread)
    }

    /// The thread. Null if you may not know more of it.
    async fn thread(&self) -> Option<Result<Thread>> {
        let found = self.reader.thread(self.row.thread).map_err(Into::into);
        found.map(|view| view.map(|view| Thread::of(&self.reader, view))).transpose()
    }

    /// Its kind.
    fn kind(&self) -> ThreadKind {
        self.row.kind.into()
    }

    /// Its topic.
    fn topic(&self) -> Topic {
        self.row.topic.into()
    }

    /// How confidential it is.
    fn confidentiality(&self) -> Confidentiality {
        self.row.confidentiality.into()
    }

    /// Its sensitive subjects.
    fn sensitivities(&self) -> Vec<Sensitivity> {
        self.row.sensitivities.iter().map(|code| (*code).into()).collect()
    }

    /// Whether it is sensitive, by its confidentiality or its subjects: then somebody decides about it by itself.
    fn is_sensitive(&self) -> bool {
        self.row.is_sensitive
    }
}

impl AsProblem for DelegationRefusal {
    fn problem(&self) -> Problem {
        let person: &[&str] = &["input", "personId"];
        let scope: &[&str] = &["input", "scope"];
        let until: &[&str] = &["input", "until"];
        let basis: &[&str] = &["input", "basis"];
        let (code, names): (_, &[&str]) = match self {
            // Who has no invitation, or one that came too late, is told the same as of none.
            Self::Missing | Self::NotTheInvited | Self::InvitationExpired => return not_found_at(&["delegationId"]),
            Self::NotInState { state } => return not_in_state(state.word(), self.to_string()),
            // Each is a problem of its own: `refused` takes them apart.
            Self::Several(_) => (ProblemCode::NotAdmitted, &[]),
            Self::OwnRecord => (ProblemCode::OwnRecord, &[]),
            Self::SelfNotAllowed => (ProblemCode::SelfNotAllowed, &[]),
            Self::RelativeNotAllowed => (ProblemCode::RelativeNotAllowed, &["input", "isRelative"]),
            Self::NotAPerson => (ProblemCode::NotAPerson, &[]),
            Self::PatientNotPresent => (ProblemCode::PatientNotPresent, &["input", "ground"]),
            Self::OnwardNotAllowed => (ProblemCode::OnwardNotAllowed, &[]),
            Self::PatientAlive => (ProblemCode::PatientAlive, &[]),
            Self::PatientDeceased => (ProblemCode::PatientDeceased, &[]),
            Self::PatientAdult => (ProblemCode::PatientAdult, &[]),
            Self::BirthDateUnknown => (ProblemCode::BirthDateUnknown, &[]),
            Self::AlreadyDelegate => (ProblemCode::AlreadyDelegate, person),
            Self::ScopeEmpty => (ProblemCode::ScopeEmpty, scope),
            Self::ScopeTooWide => (ProblemCode::ScopeTooWide, scope),
            Self::ContactMissing => (ProblemCode::ContactMissing, &["input", "contact"]),
            Self::OrganizationMismatch => (ProblemCode::OrganizationMismatch, &["input", "organizationId"]),
            Self::UntilNotAhead => (ProblemCode::UntilNotAhead, until),
            Self::UntilTooFar { .. } | Self::UntilBeyondAdultAge => (ProblemCode::UntilTooFar, until),
            Self::StaffReasonMissing => (ProblemCode::ReasonMissing, &["input", "reason"]),
            Self::SharedAccount => (ProblemCode::SharedAccount, &["input", "ownAccount"]),
            Self::EvidenceMissing => (ProblemCode::EvidenceMissing, &["input", "evidence"]),
            Self::AuthorityNotVerified => (ProblemCode::AuthorityNotVerified, &[]),
            Self::AuthorityTooNarrow => (ProblemCode::AuthorityTooNarrow, &[]),
            Self::EmploymentNotVerified => (ProblemCode::EmploymentNotVerified, &["input", "employment"]),
            Self::ChecksNotPassed => (ProblemCode::ChecksNotPassed, &["input", "checks"]),
            Self::NotAskedAlone => (ProblemCode::NotAskedAlone, &["input", "checks", "askedAlone"]),
            Self::OpenedListChanged => (ProblemCode::OpenedListChanged, &["input", "seenVersion"]),
            // Which threads these are, the list of what would open says.
            Self::SensitiveUnlabelled(_) => (ProblemCode::SensitiveUnlabelled, &["input", "accepted"]),
            Self::ProtectionNote => (ProblemCode::ProtectionNote, &[]),
            Self::ConsentByDelegate => (ProblemCode::ConsentByDelegate, &[]),
            Self::StaffCannotConsent => (ProblemCode::StaffCannotConsent, basis),
            Self::OtherBasisNeeded => (ProblemCode::OtherBasisNeeded, basis),
            Self::WitnessMissing => (ProblemCode::WitnessMissing, &["input", "witnessId"]),
            Self::OwnWordMissing => (ProblemCode::OwnWordMissing, &["input", "ownWord"]),
            Self::TextNotShown(_) => (ProblemCode::TextNotShown, &["input", "textVersion"]),
            Self::ScopeChanged => (ProblemCode::ScopeChanged, scope),
            Self::ConsentInFuture => (ProblemCode::InFuture, &["input", "givenAt"]),
            Self::PatientLacksCapacity => (ProblemCode::PatientLacksCapacity, basis),
            Self::NotNarrower => (ProblemCode::NotNarrower, scope),
            Self::NotWider => (ProblemCode::NotWider, scope),
            Self::SafeguardingNeeded => (ProblemCode::SafeguardingNeeded, scope),
            Self::MinorCannotWiden => (ProblemCode::MinorCannotWiden, &[]),
            Self::KindNotByLaw => (ProblemCode::KindNotByLaw, &[]),
            Self::SamePerson => (ProblemCode::SamePerson, &[]),
            Self::PatientSuspended => (ProblemCode::PatientSuspended, &["input", "patientWord"]),
            Self::Expired => (ProblemCode::Expired, &[]),
            Self::NotTheirs => (ProblemCode::OtherRepresentative, &[]),
            Self::NotDue | Self::NotSo => (ProblemCode::NotDue, &[]),
        };
        rule(code, names, self.to_string())
    }
}
