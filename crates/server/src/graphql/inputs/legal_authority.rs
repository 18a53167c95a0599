//! Inputs of commands to legal authorities.

use async_graphql::ID;
use care::legal_authority::{
    DisputeAuthority, EndAuthority, LegalAuthority, LegalAuthorityCommand, RecordAuthority, RejectAuthority,
    UpholdAuthority, VerifyAuthority,
};

use super::scope::AuthorityLimitsInput;
use super::{CommandInput, CommandOf, Fields};
use crate::graphql::delegation_words::{AuthorityGround, AuthorityKind};
use crate::graphql::id::decode_id;
use crate::graphql::scalars::Instant;

command_inputs! {
    /// A document that says that a person may act for a patient by law.
    RecordLegalAuthorityInput {
        /// The patient.
        pub patient_id: ID,
        /// The person who is to have the authority.
        pub person_id: ID,
        /// The kind.
        pub kind: AuthorityKind,
        /// Why the patient needs somebody.
        pub ground: AuthorityGround,
        /// Which document it is and where it is kept.
        pub document: String,
    }

    /// What a document says that you have checked.
    VerifyLegalAuthorityInput {
        /// How far it goes.
        pub limits: AuthorityLimitsInput,
        /// From when it holds.
        pub from: Instant,
        /// Until when it holds. Null if the document names no end.
        pub until: Option<Instant>,
        /// What was seen.
        pub evidence: String,
    }

    /// Why a document does not hold.
    RejectLegalAuthorityInput {
        /// Why.
        pub reason: String,
    }

    /// Why a legal authority is said not to hold.
    DisputeLegalAuthorityInput {
        /// Why.
        pub reason: String,
    }

    /// Why a disputed legal authority holds.
    UpholdLegalAuthorityInput {
        /// Why.
        pub reason: String,
    }

    /// The end of a legal authority.
    EndLegalAuthorityInput {
        /// Why it ended.
        pub reason: String,
        /// When it ended.
        pub ended_at: Instant,
    }
}

impl CommandInput for RecordLegalAuthorityInput {
    type Target = LegalAuthority;

    fn read(&self, fields: &mut Fields) -> Option<CommandOf<Self>> {
        let Self { client_mutation_id: _, patient_id, person_id, kind, ground, document } = self;
        let document = fields.body(&["input", "document"], document)?;
        let (patient, person) = (decode_id(patient_id), decode_id(person_id));
        let (kind, ground) = ((*kind).into(), (*ground).into());
        Some(LegalAuthorityCommand::from(RecordAuthority { patient, person, kind, ground, document }))
    }
}

impl CommandInput for VerifyLegalAuthorityInput {
    type Target = LegalAuthority;

    fn read(&self, fields: &mut Fields) -> Option<CommandOf<Self>> {
        let Self { client_mutation_id: _, limits, from, until, evidence } = self;
        let limits = limits.read(fields, &["input", "limits"]);
        let evidence = fields.body(&["input", "evidence"], evidence);
        let (from, until) = ((*from).into(), until.map(Into::into));
        let verify = VerifyAuthority { limits: limits?, from, until, evidence: evidence? };
        Some(LegalAuthorityCommand::from(verify))
    }
}

impl CommandInput for RejectLegalAuthorityInput {
    type Target = LegalAuthority;

    fn read(&self, fields: &mut Fields) -> Option<CommandOf<Self>> {
        let Self { client_mutation_id: _, reason } = self;
        let reason = fields.body(&["input", "reason"], reason)?;
        Some(LegalAuthorityCommand::from(RejectAuthority { reason }))
    }
}

impl CommandInput for DisputeLegalAuthorityInput {
    type Target = LegalAuthority;

    fn read(&self, fields: &mut Fields) -> Option<CommandOf<Self>> {
        let Self { client_mutation_id: _, reason } = self;
        let reason = fields.body(&["input", "reason"], reason)?;
        Some(LegalAuthorityCommand::from(DisputeAuthority { reason }))
    }
}

impl CommandInput for UpholdLegalAuthorityInput {
    type Target = LegalAuthority;

    fn read(&self, fields: &mut Fields) -> Option<CommandOf<Self>> {
        let Self { client_mutation_id: _, reason } = self;
        let reason = fields.body(&["input", "reason"], reason)?;
        Some(LegalAuthorityCommand::from(UpholdAuthority { reason }))
    }
}

impl CommandInput for EndLegalAuthorityInput {
    type Target = LegalAuthority;

    fn read(&self, fields: &mut Fields) -> Option<CommandOf<Self>> {
        let Self { client_mutation_id: _, reason, ended_at } = self;
        let reason = fields.body(&["input", "reason"], reason)?;
        let ended_at = (*ended_at).into();
        Some(LegalAuthorityCommand::from(EndAuthority { reason, ended_at }))
    }
}
