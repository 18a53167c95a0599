//! Inputs of commands to delegations.

use std::collections::BTreeMap;

use async_graphql::{ID, InputObject};
use care::delegation::{
    AcceptDelegation, Checks, DeclineDelegation, Delegation, DelegationCommand, FailIdentity, FailSafeguarding,
    InviteDelegate, NarrowDelegation, PassSafeguarding, PatientSays, RecordConsent, RefuseOffer, RenewDelegation,
    ResumeDelegation, RevokeDelegation, SuspendDelegation, VerifyIdentity, WidenByLaw, WidenDelegation,
};
use care::ids::ThreadId;
use care::shown::{Digest, TextVersion};
use care::text::PersonalText;
use coordination::InvitationCode;
use serde::{Deserialize, Serialize};

use super::scope::DelegationScopeInput;
use super::{CommandInput, CommandOf, Fields};
use crate::graphql::delegation_words::{
    AskedAlone, ConsentBasis, DelegationKind, IdentityLevel, IdentityMethod, InvitationGround, OwnWord, Relationship,
};
use crate::graphql::id::decode_id;
use crate::graphql::scalars::Instant;
use crate::graphql::words::{ConsentMethod, TextLanguage};

/// The hash of a code that somebody typed.
fn hash_of(code: &str) -> Digest {
    InvitationCode::typed(code).hash()
}

/// What is asked before a helper gets access.
#[derive(Debug, Clone, InputObject, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ChecksInput {
    /// Whether the access is necessary.
    pub necessary: bool,
    /// Whether it fits what it is for.
    pub relevant: bool,
    /// Whether it is safe for the patient.
    pub safe: bool,
    /// Whether the patient was asked without the helper.
    pub asked_alone: AskedAlone,
}

/// A sensitive thread that is to open.
#[derive(Debug, Clone, InputObject, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct OpenedThreadInput {
    /// The thread.
    pub thread_id: ID,
    /// Why.
    pub reason: String,
}

/// What the patient says to an access that the law gives.
#[derive(Debug, Clone, InputObject, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct OwnWordInput {
    /// What.
    pub word: OwnWord,
    /// What they said, or what was found; needed where a minor is not competent.
    pub note: Option<String>,
}

command_inputs! {
    /// A person whom you invite to help a patient.
    InviteDelegateInput {
        /// The patient.
        pub patient_id: ID,
        /// The offer to help that you answer. Null if nobody offered.
        pub offer_id: Option<ID>,
        /// The person, where they are known here: nobody else can accept. Null: the person who has the code of the invitation.
        pub person_id: Option<ID>,
        /// Where the invitation goes, such as an address. Needed for a person who is not known here.
        pub contact: Option<String>,
        /// The kind.
        pub kind: DelegationKind,
        /// What the person is to the patient.
        pub relationship: Relationship,
        /// What they are to reach.
        pub scope: DelegationScopeInput,
        /// When their access is to end.
        pub until: Instant,
        /// The organization that a professional helper works for.
        pub organization_id: Option<ID>,
        /// The legal authority that it is to rest on, where it is recorded already.
        pub legal_authority_id: Option<ID>,
        /// On what ground you invite as staff. Null for the patient and a representative.
        pub ground: Option<InvitationGround>,
        /// Whether you, as staff, are a relative of the person.
        #[graphql(default)]
        #[serde(default)]
        pub is_relative: bool,
    }

    /// An invitation to help that you accept.
    AcceptDelegationInput {
        /// The code of the invitation. Null if it names you.
        pub code: Option<String>,
        /// The version of the terms that you were shown.
        pub terms_version: String,
        /// Whether nobody else signs in with your account.
        pub own_account: bool,
    }

    /// An invitation to help that you decline, or a delegation of yours that you end before it is active.
    DeclineDelegationInput {
        /// The code of the invitation. Null if it names you.
        pub code: Option<String>,
    }

    /// How it was verified who a helper is.
    VerifyDelegateIdentityInput {
        /// How.
        pub method: IdentityMethod,
        /// How sure it is.
        pub level: IdentityLevel,
        /// What was seen. Null where evidence of the same person from the last twelve months serves again.
        pub evidence: Option<String>,
        /// The legal authority that it rests on. Null for that of the invitation.
        pub legal_authority_id: Option<ID>,
        /// How the organization of a professional helper confirmed that they work there. Null where the helper holds a role there.
        pub employment: Option<String>,
        /// Whether you are a relative of the helper.
        #[graphql(default)]
        #[serde(default)]
        pub is_relative: bool,
    }

    /// Why it could not be verified who a helper is.
    FailDelegateIdentityInput {
        /// Why.
        pub reason: String,
    }

    /// What was checked before a helper gets access, or more of it.
    PassSafeguardingInput {
        /// What was checked.
        pub checks: ChecksInput,
        /// The wider scope that you checked, of an active delegation: for 30 days, and until the delegation changes, the
        /// patient can widen it so far. Null before it is active.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub scope: Option<DelegationScopeInput>,
        /// The `version` of the list of what would open that you have seen.
        pub seen_version: String,
        /// The sensitive threads of that list which are to open. Those that were accepted before for an active delegation need none.
        #[graphql(default)]
        #[serde(default)]
        pub accepted: Vec<OpenedThreadInput>,
        /// Whether you are a relative of the helper.
        #[graphql(default)]
        #[serde(default)]
        pub is_relative: bool,
    }

    /// Why an access would not be safe.
    FailSafeguardingInput {
        /// Why.
        pub reason: String,
    }

    /// The consent by which a delegation becomes active, or what the law says instead.
    RecordDelegationConsentInput {
        /// On whose word.
        pub basis: ConsentBasis,
        /// How it was given.
        pub method: ConsentMethod,
        /// The version of the text that was shown: the current one of `consentTexts` for `HELP`, else `TEXT_NOT_SHOWN`.
        pub text_version: String,
        /// The language in which it was shown. A command without it is `TEXT_NOT_SHOWN`.
        pub text_language: Option<TextLanguage>,
        /// What is consented to: what was checked, or less.
        pub scope: DelegationScopeInput,
        /// When it was given.
        pub given_at: Instant,
        /// What the patient says, where the basis is the law.
        pub own_word: Option<OwnWordInput>,
        /// Another member of staff, who heard the word of a patient without an account.
        pub witness_id: Option<ID>,
    }

    /// A narrower scope.
    NarrowDelegationInput {
        /// The scope as it is to be. A scope that reaches nothing is refused: end the delegation instead. A listed thread that
        /// you may not know of is not in it, and stays listed.
        pub scope: DelegationScopeInput,
    }

    /// A wider scope, to which the patient consents.
    WidenDelegationInput {
        /// The scope as it is to be.
        pub scope: DelegationScopeInput,
        /// How the consent was given.
        pub method: ConsentMethod,
        /// The version of the text that was shown: the current one of `consentTexts` for `HELP`, else `TEXT_NOT_SHOWN`.
        pub text_version: String,
        /// The language in which it was shown. A command without it is `TEXT_NOT_SHOWN`.
        pub text_language: Option<TextLanguage>,
        /// The `version` of the list of what would open that you have seen.
        pub seen_version: String,
    }

    /// A wider scope where the law gives the access.
    WidenDelegationByLawInput {
        /// The scope as it is to be.
        pub scope: DelegationScopeInput,
        /// What the law says about it.
        pub basis: String,
        /// Another member of staff, who agrees.
        pub agreed_by_id: ID,
        /// What the patient says.
        pub own_word: Option<OwnWordInput>,
        /// The `version` of the list of what would open that you have seen.
        pub seen_version: String,
        /// The sensitive threads of that list which are to open. Those that were accepted before need none.
        #[graphql(default)]
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        pub accepted: Vec<OpenedThreadInput>,
    }

    /// A later end of a delegation.
    RenewDelegationInput {
        /// The end as it is to be.
        pub until: Instant,
        /// How the consent was given.
        pub method: ConsentMethod,
        /// The version of the text that was shown: the current one of `consentTexts` for `HELP`, else `TEXT_NOT_SHOWN`.
        pub text_version: String,
        /// The language in which it was shown. A command without it is `TEXT_NOT_SHOWN`.
        pub text_language: Option<TextLanguage>,
    }

    /// Why an access is taken away until somebody else has looked.
    SuspendDelegationInput {
        /// Why. The helper never reads it.
        pub reason: String,
    }

    /// Why an access is given back.
    ResumeDelegationInput {
        /// Why. The helper never reads it.
        pub reason: String,
        /// What was checked anew.
        pub checks: ChecksInput,
        /// What the patient said; needed where the patient took the access away.
        pub patient_word: Option<String>,
    }

    /// The end of a delegation.
    RevokeDelegationInput {
        /// Why; needed from staff. The helper never reads it.
        pub reason: Option<String>,
    }

    /// An offer to help that you refuse.
    RefuseHelpOfferInput {
        /// Why; needed from staff. The person never reads it.
        pub reason: Option<String>,
    }
}

impl ChecksInput {
    fn read(&self) -> Checks {
        let Self { necessary, relevant, safe, asked_alone } = self;
        Checks { necessary: *necessary, relevant: *relevant, safe: *safe, asked_alone: (*asked_alone).into() }
    }
}

impl OpenedThreadInput {
    /// The threads, each with the reason. One without a valid reason is told of and left out.
    fn read_all(all: &[Self], fields: &mut Fields) -> BTreeMap<ThreadId, PersonalText> {
        let mut opened = BTreeMap::new();
        for (index, Self { thread_id, reason }) in all.iter().enumerate() {
            let index = index.to_string();
            if let Some(reason) = fields.body(&["input", "accepted", index.as_str(), "reason"], reason) {
                opened.insert(decode_id(thread_id), reason);
            }
        }
        opened
    }
}

impl OwnWordInput {
    /// What the patient says, if anything: the outer `None` means that it is invalid.
    fn read_any(given: Option<&Self>, fields: &mut Fields) -> Option<Option<PatientSays>> {
        let Some(Self { word, note }) = given else { return Some(None) };
        let note = fields.body_if_any(&["input", "ownWord", "note"], note.as_deref())?;
        Some(Some(PatientSays { word: (*word).into(), note }))
    }
}

impl CommandInput for InviteDelegateInput {
    type Target = Delegation;

    fn read(&self, fields: &mut Fields) -> Option<CommandOf<Self>> {
        let Self {
            client_mutation_id: _,
            patient_id,
            offer_id,
            person_id,
            contact,
            kind,
            relationship,
            scope,
            until,
            organization_id,
            legal_authority_id,
            ground,
            is_relative,
        } = self;
        let contact = match contact {
            Some(contact) => fields.line(&["input", "contact"], contact).map(Some),
            None => Some(None),
        };
        let scope = scope.read(fields, &["input", "scope"]);
        let (contact, scope) = (contact?, scope?);
        let invite = InviteDelegate {
            patient: decode_id(patient_id),
            answers: offer_id.as_ref().map(decode_id),
            person: person_id.as_ref().map(decode_id),
            // It follows from the id of the command.
            code: None,
            contact,
            kind: (*kind).into(),
            relationship: (*relationship).into(),
            scope,
            until: (*until).into(),
            organization: organization_id.as_ref().map(decode_id),
            authority: legal_authority_id.as_ref().map(decode_id),
            ground: ground.map(Into::into),
            is_relative: *is_relative,
        };
        Some(DelegationCommand::from(invite))
    }
}

impl CommandInput for AcceptDelegationInput {
    type Target = Delegation;

    fn read(&self, fields: &mut Fields) -> Option<CommandOf<Self>> {
        let Self { client_mutation_id: _, code, terms_version, own_account } = self;
        let terms_version = fields.parsed(&["input", "termsVersion"], TextVersion::parse(terms_version))?;
        let code = code.as_deref().map(hash_of);
        Some(DelegationCommand::from(AcceptDelegation { code, terms_version, own_account: *own_account }))
    }
}

impl CommandInput for DeclineDelegationInput {
    type Target = Delegation;

    fn read(&self, _fields: &mut Fields) -> Option<CommandOf<Self>> {
        let Self { client_mutation_id: _, code } = self;
        let code = code.as_deref().map(hash_of);
        Some(DelegationCommand::from(DeclineDelegation { code }))
    }
}

impl CommandInput for VerifyDelegateIdentityInput {
    type Target = Delegation;

    fn read(&self, fields: &mut Fields) -> Option<CommandOf<Self>> {
        let Self { client_mutation_id: _, method, level, evidence, legal_authority_id, employment, is_relative } = self;
        let evidence = fields.body_if_any(&["input", "evidence"], evidence.as_deref());
        let employment = fields.body_if_any(&["input", "employment"], employment.as_deref());
        let (evidence, employment) = (evidence?, employment?);
        let verify = VerifyIdentity {
            method: (*method).into(),
            level: (*level).into(),
            evidence,
            authority: legal_authority_id.as_ref().map(decode_id),
            employment,
            is_relative: *is_relative,
        };
        Some(DelegationCommand::from(verify))
    }
}

impl CommandInput for FailDelegateIdentityInput {
    type Target = Delegation;

    fn read(&self, fields: &mut Fields) -> Option<CommandOf<Self>> {
        let Self { client_mutation_id: _, reason } = self;
        let reason = fields.body(&["input", "reason"], reason)?;
        Some(DelegationCommand::from(FailIdentity { reason }))
    }
}

impl CommandInput for PassSafeguardingInput {
    type Target = Delegation;

    fn read(&self, fields: &mut Fields) -> Option<CommandOf<Self>> {
        let Self { client_mutation_id: _, checks, scope, seen_version, accepted, is_relative } = self;
        let scope = match scope {
            Some(scope) => scope.read(fields, &["input", "scope"]).map(Some),
            None => Some(None),
        };
        let seen = fields.parsed(&["input", "seenVersion"], Digest::parse(seen_version));
        let pass = PassSafeguarding {
            scope: scope?,
            checks: checks.read(),
            seen: seen?,
            accepted: OpenedThreadInput::read_all(accepted, fields),
            is_relative: *is_relative,
        };
        Some(DelegationCommand::from(pass))
    }
}

impl CommandInput for FailSafeguardingInput {
    type Target = Delegation;

    fn read(&self, fields: &mut Fields) -> Option<CommandOf<Self>> {
        let Self { client_mutation_id: _, reason } = self;
        let reason = fields.body(&["input", "reason"], reason)?;
        Some(DelegationCommand::from(FailSafeguarding { reason }))
    }
}

impl CommandInput for RecordDelegationConsentInput {
    type Target = Delegation;

    fn read(&self, fields: &mut Fields) -> Option<CommandOf<Self>> {
        let Self {
            client_mutation_id: _,
            basis,
            method,
            text_version,
            text_language,
            scope,
            given_at,
            own_word,
            witness_id,
        } = self;
        let text = fields.shown(text_version, *text_language);
        let scope = scope.read(fields, &["input", "scope"]);
        let patient_says = OwnWordInput::read_any(own_word.as_ref(), fields);
        let record = RecordConsent {
            basis: (*basis).into(),
            method: (*method).into(),
            text: text?,
            scope: scope?,
            at: (*given_at).into(),
            patient_says: patient_says?,
            witness: witness_id.as_ref().map(decode_id),
        };
        Some(DelegationCommand::from(record))
    }
}

impl CommandInput for NarrowDelegationInput {
    type Target = Delegation;

    fn read(&self, fields: &mut Fields) -> Option<CommandOf<Self>> {
        let Self { client_mutation_id: _, scope } = self;
        let scope = scope.read(fields, &["input", "scope"])?;
        Some(DelegationCommand::from(NarrowDelegation { scope }))
    }
}

impl CommandInput for WidenDelegationInput {
    type Target = Delegation;

    fn read(&self, fields: &mut Fields) -> Option<CommandOf<Self>> {
        let Self { client_mutation_id: _, scope, method, text_version, text_language, seen_version } = self;
        let text = fields.shown(text_version, *text_language);
        let scope = scope.read(fields, &["input", "scope"]);
        let seen = fields.parsed(&["input", "seenVersion"], Digest::parse(seen_version));
        let widen = WidenDelegation { scope: scope?, method: (*method).into(), text: text?, seen: seen? };
        Some(DelegationCommand::from(widen))
    }
}

impl CommandInput for WidenDelegationByLawInput {
    type Target = Delegation;

    fn read(&self, fields: &mut Fields) -> Option<CommandOf<Self>> {
        let Self { client_mutation_id: _, scope, basis, agreed_by_id, own_word, seen_version, accepted } = self;
        let scope = scope.read(fields, &["input", "scope"]);
        let seen = fields.parsed(&["input", "seenVersion"], Digest::parse(seen_version));
        let basis = fields.body(&["input", "basis"], basis);
        let patient_says = OwnWordInput::read_any(own_word.as_ref(), fields);
        let accepted = OpenedThreadInput::read_all(accepted, fields);
        let widen = WidenByLaw {
            scope: scope?,
            basis: basis?,
            agreed_by: decode_id(agreed_by_id),
            patient_says: patient_says?,
            seen: seen?,
            accepted,
        };
        Some(DelegationCommand::from(widen))
    }
}

impl CommandInput for RenewDelegationInput {
    type Target = Delegation;

    fn read(&self, fields: &mut Fields) -> Option<CommandOf<Self>> {
        let Self { client_mutation_id: _, until, method, text_version, text_language } = self;
        let text = fields.shown(text_version, *text_language)?;
        let (until, method) = ((*until).into(), (*method).into());
        Some(DelegationCommand::from(RenewDelegation { until, method, text }))
    }
}

impl CommandInput for SuspendDelegationInput {
    type Target = Delegation;

    fn read(&self, fields: &mut Fields) -> Option<CommandOf<Self>> {
        let Self { client_mutation_id: _, reason } = self;
        let reason = fields.body(&["input", "reason"], reason)?;
        Some(DelegationCommand::from(SuspendDelegation { reason }))
    }
}

impl CommandInput for ResumeDelegationInput {
    type Target = Delegation;

    fn read(&self, fields: &mut Fields) -> Option<CommandOf<Self>> {
        let Self { client_mutation_id: _, reason, checks, patient_word } = self;
        let reason = fields.body(&["input", "reason"], reason);
        let patient_word = fields.body_if_any(&["input", "patientWord"], patient_word.as_deref());
        let (reason, patient_word) = (reason?, patient_word?);
        Some(DelegationCommand::from(ResumeDelegation { reason, checks: checks.read(), patient_word }))
    }
}

impl CommandInput for RevokeDelegationInput {
    type Target = Delegation;

    fn read(&self, fields: &mut Fields) -> Option<CommandOf<Self>> {
        let Self { client_mutation_id: _, reason } = self;
        let reason = fields.body_if_any(&["input", "reason"], reason.as_deref())?;
        Some(DelegationCommand::from(RevokeDelegation { reason }))
    }
}

impl CommandInput for RefuseHelpOfferInput {
    type Target = Delegation;

    fn read(&self, fields: &mut Fields) -> Option<CommandOf<Self>> {
        let Self { client_mutation_id: _, reason } = self;
        let reason = fields.body_if_any(&["input", "reason"], reason.as_deref())?;
        Some(DelegationCommand::from(RefuseOffer { reason }))
    }
}
