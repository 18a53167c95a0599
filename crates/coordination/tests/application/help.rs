//! How help begins in these tests: from the invitation to the consent, and with a document where it rests on the law.

use std::sync::atomic::{AtomicU64, Ordering};

use care::consent_text::{self, ShownText};
use care::delegation::{
    AcceptDelegation, Checks, Delegation, DelegationCommand, InviteDelegate, PassSafeguarding, PatientSays,
    RecordConsent, Scope, TopicVerbs, VerifyIdentity,
};
use care::ids::{AuthorityId, DelegationId, OrganizationId, PatientId, PersonId};
use care::legal_authority::{AuthorityLimits, LegalAuthority, LegalAuthorityCommand, RecordAuthority, VerifyAuthority};
use care::lifecycle::ThreadKind;
use care::shown::{Digest, TextVersion};
use care::words::{
    AskedAlone, AuthorityGround, AuthorityKind, ConsentBasis, ConsentMethod, ConsentTextKind, DelegationHistory,
    DelegationKind, IdentityLevel, IdentityMethod, InvitationGround, OwnWord, Relationship, TextLanguage, Topic,
};
use chrono::{DateTime, TimeDelta, Utc};

use crate::clinic::{Clinic, context, give, now, sent_by, signed_in, text};

/// The version of the list of what would open while there is no thread about the patient: the hash of nothing.
fn of_nothing() -> Digest {
    Digest::parse("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855").expect("a digest")
}

/// A key that no other command of this process has.
fn new_key() -> String {
    static SENT: AtomicU64 = AtomicU64::new(0);
    format!("key-{}", SENT.fetch_add(1, Ordering::Relaxed))
}

/// The text of the consent to the help, as it is shown.
pub fn shown() -> ShownText {
    consent_text::current(ConsentTextKind::Help, TextLanguage::En).shown()
}

pub fn version() -> TextVersion {
    TextVersion::parse("2026-11").expect("a version")
}

/// Consultations about clinical advice and about results, to read and to write.
pub fn scope() -> Scope {
    of_topics([(Topic::ClinicalAdvice, TopicVerbs::WRITE), (Topic::Results, TopicVerbs::WRITE)])
}

fn of_topics(topics: [(Topic, TopicVerbs); 2]) -> Scope {
    Scope {
        topics: topics.into(),
        kinds: [ThreadKind::Consultation].into(),
        threads: [].into(),
        sensitivities: [].into(),
        history: DelegationHistory::All,
        manages_helpers: false,
    }
}

/// Who helps whom, and how it begins.
pub struct Help {
    pub helper: PersonId,
    pub patient: PatientId,
    pub kind: DelegationKind,
    pub relationship: Relationship,
    pub scope: Scope,
    pub until: DateTime<Utc>,
    /// Where a professional helper works.
    pub organization: Option<OrganizationId>,
    pub authority: Option<AuthorityId>,
    /// What the patient says to an access that the law gives.
    pub patient_says: Option<OwnWord>,
}

impl Help {
    /// The stranger helps the patient: they read clinical advice and scheduling.
    pub fn of(clinic: &Clinic, kind: DelegationKind) -> Self {
        Self {
            helper: clinic.stranger,
            patient: clinic.patient,
            kind,
            relationship: Relationship::OtherFamily,
            scope: of_topics([(Topic::ClinicalAdvice, TopicVerbs::READ), (Topic::Scheduling, TopicVerbs::READ)]),
            until: now() + TimeDelta::days(60),
            organization: None,
            authority: None,
            patient_says: None,
        }
    }

    /// The patient has a child help them, who reads and writes.
    pub fn by_child(clinic: &Clinic, helper: PersonId) -> Self {
        let (relationship, scope) = (Relationship::Child, scope());
        Self { helper, relationship, scope, ..Self::of(clinic, DelegationKind::PatientAuthorised) }
    }

    /// The invitation of the helper by name.
    pub fn invitation(&self) -> InviteDelegate {
        InviteDelegate {
            patient: self.patient,
            answers: None,
            person: Some(self.helper),
            code: None,
            contact: None,
            kind: self.kind,
            relationship: self.relationship,
            scope: self.scope.clone(),
            until: self.until,
            organization: self.organization,
            authority: self.authority,
            ground: self.is_by_law().then_some(InvitationGround::Law),
            is_relative: false,
        }
    }

    fn is_by_law(&self) -> bool {
        self.authority.is_some()
    }

    /// Who invites and consents: the patient, or staff where the law says so.
    fn begun_by(&self, clinic: &Clinic) -> PersonId {
        if self.is_by_law() { clinic.nurse } else { clinic.patient_person }
    }
}

/// A document about a patient and a person, and what it is for.
pub struct Document {
    pub patient: PatientId,
    pub person: PersonId,
    pub kind: AuthorityKind,
    pub ground: AuthorityGround,
    pub until: Option<DateTime<Utc>>,
    pub limits: AuthorityLimits,
}

impl Document {
    /// Of the stranger, who may read clinical advice and scheduling.
    pub fn of(clinic: &Clinic, patient: PatientId, kind: AuthorityKind, ground: AuthorityGround) -> Self {
        let Help { helper: person, scope, .. } = Help::of(clinic, DelegationKind::LegalRepresentative);
        let limits = AuthorityLimits { topics: scope.topics, sensitivities: [].into(), manages_helpers: false };
        Self { patient, person, kind, ground, until: None, limits }
    }
}

impl Clinic {
    pub async fn to_delegation(
        &self,
        by: PersonId,
        target: Option<DelegationId>,
        command: DelegationCommand,
    ) -> DelegationId {
        let key = context(&new_key());
        let given = give::<Delegation>(&self.application, sent_by(&signed_in(by), &key), target, command).await;
        given.expect("not refused").target
    }

    pub async fn invite_helper(&self, help: &Help) -> DelegationId {
        self.to_delegation(help.begun_by(self), None, help.invitation().into()).await
    }

    /// A delegation of which the consent is to be recorded. There is no thread about the patient yet.
    pub async fn checked_help(&self, help: &Help) -> DelegationId {
        let to = Some(self.invite_helper(help).await);
        let accept = AcceptDelegation { code: None, terms_version: version(), own_account: true };
        self.to_delegation(help.helper, to, accept.into()).await;
        let verify = VerifyIdentity {
            method: IdentityMethod::InPerson,
            level: IdentityLevel::High,
            evidence: Some(text("Their passport.")),
            authority: None,
            employment: None,
            is_relative: false,
        };
        self.to_delegation(self.nurse, to, verify.into()).await;
        let asked_alone = match help.kind {
            DelegationKind::ParentOfMinor | DelegationKind::Executor => AskedAlone::NotNeeded,
            DelegationKind::PatientAuthorised
            | DelegationKind::ProfessionalHelper
            | DelegationKind::LegalRepresentative => AskedAlone::Asked,
        };
        let checks = Checks { necessary: true, relevant: true, safe: true, asked_alone };
        let (seen, accepted) = (of_nothing(), [].into());
        let pass = PassSafeguarding { scope: None, checks, seen, accepted, is_relative: false };
        self.to_delegation(self.nurse, to, pass.into()).await
    }

    /// A delegation that is active from [`now`] on. There is no thread about the patient yet.
    pub async fn helped(&self, help: &Help) -> DelegationId {
        let to = Some(self.checked_help(help).await);
        let consent = RecordConsent {
            basis: if help.is_by_law() { ConsentBasis::Law } else { ConsentBasis::Patient },
            method: ConsentMethod::Written,
            text: shown(),
            scope: help.scope.clone(),
            at: now(),
            patient_says: help.patient_says.map(|word| PatientSays { word, note: None }),
            witness: None,
        };
        self.to_delegation(help.begun_by(self), to, consent.into()).await
    }

    pub async fn to_authority(
        &self,
        by: PersonId,
        target: Option<AuthorityId>,
        command: LegalAuthorityCommand,
    ) -> AuthorityId {
        let key = context(&new_key());
        let given = give::<LegalAuthority>(&self.application, sent_by(&signed_in(by), &key), target, command).await;
        given.expect("not refused").target
    }

    /// A verified legal authority.
    pub async fn authority(&self, document: Document) -> AuthorityId {
        let Document { patient, person, kind, ground, until, limits } = document;
        let record = RecordAuthority { patient, person, kind, ground, document: text("A decree.") };
        let authority = self.to_authority(self.coordinator, None, record.into()).await;
        let from = now() - TimeDelta::days(30);
        let verify = VerifyAuthority { limits, from, until, evidence: text("The stamp is genuine.") };
        self.to_authority(self.nurse, Some(authority), verify.into()).await
    }
}
