//! Who helps the patients of the demo clinic, and what people without access write about them: how it is written in
//! `families.yaml`, as `check.rs` checks it.
//!
//! A step says what somebody does with one delegation. Its command is made in `player/family.rs`.
//!
//! To add a step word: 1. its shape here and its line in `step_words!`; 2. the state to which it leads, in `check.rs`;
//! 3. its command where the compiler asks for it; 4. its line in `examples/clinic/README.md`.

use std::collections::{BTreeMap, BTreeSet};

use care::lifecycle::ThreadKind;
use care::scope::{Scope, TopicVerbs};
use care::words::{
    AskedAlone, AuthorityGround, AuthorityKind, ConsentBasis, ConsentMethod, DelegationHistory, DelegationKind,
    DelegationState, IdentityLevel, IdentityMethod, InvitationGround, Relationship, Topic,
};
use serde::Deserialize;

use crate::seed::written::{Body, Line, Minutes, Word, step_words};

/// A delegation: who helps whom with what, and how it came to its state.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Help {
    /// A word of its own. The id of the delegation follows from it.
    pub key: String,
    /// Whole days before the clinic's day at which it begins.
    pub begins_days_ago: u16,
    /// Days from its beginning to its end.
    pub lasts_days: u16,
    /// The state to which its steps lead.
    pub state: Word<DelegationState>,
    /// Key of the patient.
    pub patient: String,
    /// Handle of the person who helps.
    pub helper: String,
    pub kind: Word<DelegationKind>,
    pub relationship: Word<Relationship>,
    /// Key of the organization that a professional helper works for.
    pub organization: Option<String>,
    pub scope: Reach,
    pub steps: Vec<Step>,
}

/// A message from outside: what a person without access sends to an organization about a patient whom they name.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Outside {
    /// A word of its own. The id of the message follows from it.
    pub key: String,
    /// Whole days before the clinic's day at which it is sent.
    pub begins_days_ago: u16,
    /// Handle of who sends it.
    pub sender: String,
    /// Key of the organization.
    pub organization: String,
    /// The name of the patient as the sender knows it.
    pub patient_name: Line,
    /// The date of birth, or a part of it.
    pub birth_date: Option<Line>,
    pub relationship: Word<Relationship>,
    /// The kind of help that is offered. `None` where something is told.
    pub kind: Option<Word<DelegationKind>>,
    pub text: Body,
    /// Who found the patient of an offer. `None` if nobody has looked.
    pub matched: Option<Found>,
}

/// Who found the patient of an offer, an hour after it was sent.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Found {
    /// Handle of the member of staff.
    pub by: String,
    /// Key of the patient.
    pub patient: String,
}

/// What the helper reaches in consultations of normal confidentiality. A topic stands in one list.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Reach {
    /// Topics to read.
    #[serde(default)]
    pub read: Vec<Word<Topic>>,
    /// Topics to read and write.
    #[serde(default)]
    pub write: Vec<Word<Topic>>,
    /// Topics to read, write and act.
    #[serde(default)]
    pub act: Vec<Word<Topic>>,
    pub history: Word<DelegationHistory>,
    #[serde(default)]
    pub manages_helpers: bool,
}

impl Reach {
    /// It as the delegation has it.
    pub fn scope(&self) -> Scope {
        let lists = [(&self.read, TopicVerbs::READ), (&self.write, TopicVerbs::WRITE), (&self.act, TopicVerbs::ACT)];
        let topics: BTreeMap<_, _> =
            lists.into_iter().flat_map(|(topics, verbs)| topics.iter().map(move |topic| (topic.0, verbs))).collect();
        Scope {
            topics,
            kinds: BTreeSet::from([ThreadKind::Consultation]),
            history: self.history.0,
            manages_helpers: self.manages_helpers,
            ..Scope::nothing()
        }
    }
}

step_words! {
    record_authority => RecordAuthority,
    verify_authority => VerifyAuthority,
    invite => Invite,
    accept => Accept,
    verify_identity => VerifyIdentity,
    pass_safeguarding => PassSafeguarding,
    consent => Consent,
    suspend => Suspend,
    revoke => Revoke,
}

/// A document says that the helper has a right by law.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RecordAuthority {
    pub kind: Word<AuthorityKind>,
    pub ground: Word<AuthorityGround>,
    pub document: Body,
}

/// The document was checked. It covers what the helper is to reach.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct VerifyAuthority {
    pub evidence: Body,
}

/// The helper is invited.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Invite {
    /// On what ground staff invite. `None` for the patient.
    pub ground: Option<Word<InvitationGround>>,
}

/// The helper accepts.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Accept {}

/// It was verified who the helper is.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct VerifyIdentity {
    pub method: Word<IdentityMethod>,
    pub level: Word<IdentityLevel>,
    pub evidence: Body,
}

/// The access is necessary, fits and is safe.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PassSafeguarding {
    pub asked_alone: Word<AskedAlone>,
}

/// The consent, with which the access begins.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Consent {
    pub basis: Word<ConsentBasis>,
    pub method: Word<ConsentMethod>,
    /// Handle of the member of staff who heard the word of a patient without an account.
    pub witness: Option<String>,
    /// What a minor said who consents to what the law gives.
    pub patient_says: Option<Body>,
}

/// The access is taken away until somebody else has looked.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Suspend {
    pub reason: Body,
}

/// It is ended.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Revoke {
    /// Why. `None` where the patient does it, who need not say.
    pub reason: Option<Body>,
}
