//! Inputs of commands by which people come to a care team by their own word, and by which a patient blocks people.

use async_graphql::{ID, InputObject};
use care::care_team::{AcceptPlace, CareTeam, CareTeamCommand, DeclinePlace, JoinCareTeam, WithdrawPlace};
use care::consent_directive::{Deny, DirectiveCommand, Directives, EndDirective};
use serde::{Deserialize, Serialize};

use super::{CommandInput, CommandOf, Fields};
use crate::graphql::id::decode_id;
use crate::graphql::words::Role;

/// Your own place on a care team.
#[derive(Debug, Clone, InputObject, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct JoinCareTeamInput {
    /// Your key for this command. A repeat with the same key has no further effect; with another input it is
    /// `IDEMPOTENCY_MISMATCH`.
    #[serde(skip_serializing)]
    pub client_mutation_id: ID,
    /// The patient, who is an argument of the mutation and no field of the input.
    #[graphql(skip)]
    #[serde(skip)]
    pub patient_id: ID,
    /// The role, which you hold at the organization that keeps the record.
    pub role: Role,
    /// Why. The patient and the care team read it.
    pub reason: String,
}

/// A place on a care team that you accept.
#[derive(Debug, Clone, InputObject, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AcceptCareTeamPlaceInput {
    /// Your key for this command. A repeat with the same key has no further effect; with another input it is
    /// `IDEMPOTENCY_MISMATCH`.
    #[serde(skip_serializing)]
    pub client_mutation_id: ID,
    /// The patient, who is an argument of the mutation and no field of the input.
    #[graphql(skip)]
    #[serde(skip)]
    pub patient_id: ID,
}

/// A place on a care team that you decline.
#[derive(Debug, Clone, InputObject, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DeclineCareTeamPlaceInput {
    /// Your key for this command. A repeat with the same key has no further effect; with another input it is
    /// `IDEMPOTENCY_MISMATCH`.
    #[serde(skip_serializing)]
    pub client_mutation_id: ID,
    /// The patient, who is an argument of the mutation and no field of the input.
    #[graphql(skip)]
    #[serde(skip)]
    pub patient_id: ID,
}

/// A question that you take back.
#[derive(Debug, Clone, InputObject, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct WithdrawCareTeamQuestionInput {
    /// Your key for this command. A repeat with the same key has no further effect; with another input it is
    /// `IDEMPOTENCY_MISMATCH`.
    #[serde(skip_serializing)]
    pub client_mutation_id: ID,
    /// The patient, who is an argument of the mutation and no field of the input.
    #[graphql(skip)]
    #[serde(skip)]
    pub patient_id: ID,
    /// The person who was asked.
    pub person_id: ID,
}

/// Whom a patient blocks.
#[derive(Debug, Clone, InputObject, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct BlockPersonInput {
    /// Your key for this command. A repeat with the same key has no further effect; with another input it is
    /// `IDEMPOTENCY_MISMATCH`.
    #[serde(skip_serializing)]
    pub client_mutation_id: ID,
    /// The patient, who is an argument of the mutation and no field of the input.
    #[graphql(skip)]
    #[serde(skip)]
    pub patient_id: ID,
    /// The person.
    pub person_id: ID,
    /// What the patient said, if you write it down for them.
    pub patient_word: Option<String>,
}

/// A block that ends.
#[derive(Debug, Clone, InputObject, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct EndBlockInput {
    /// Your key for this command. A repeat with the same key has no further effect; with another input it is
    /// `IDEMPOTENCY_MISMATCH`.
    #[serde(skip_serializing)]
    pub client_mutation_id: ID,
    /// The patient, who is an argument of the mutation and no field of the input.
    #[graphql(skip)]
    #[serde(skip)]
    pub patient_id: ID,
    /// The block.
    pub block_id: ID,
}

impl CommandInput for JoinCareTeamInput {
    type Target = CareTeam;

    sender_fields!(client_mutation_id);

    fn read(&self, fields: &mut Fields) -> Option<CommandOf<Self>> {
        let Self { client_mutation_id: _, patient_id, role, reason } = self;
        let reason = fields.body(&["input", "reason"], reason)?;
        Some(CareTeamCommand::from(JoinCareTeam { patient: decode_id(patient_id), role: (*role).into(), reason }))
    }
}

impl CommandInput for AcceptCareTeamPlaceInput {
    type Target = CareTeam;

    sender_fields!(client_mutation_id);

    fn read(&self, _fields: &mut Fields) -> Option<CommandOf<Self>> {
        let Self { client_mutation_id: _, patient_id } = self;
        Some(CareTeamCommand::from(AcceptPlace { patient: decode_id(patient_id) }))
    }
}

impl CommandInput for DeclineCareTeamPlaceInput {
    type Target = CareTeam;

    sender_fields!(client_mutation_id);

    fn read(&self, _fields: &mut Fields) -> Option<CommandOf<Self>> {
        let Self { client_mutation_id: _, patient_id } = self;
        Some(CareTeamCommand::from(DeclinePlace { patient: decode_id(patient_id) }))
    }
}

impl CommandInput for WithdrawCareTeamQuestionInput {
    type Target = CareTeam;

    sender_fields!(client_mutation_id);

    fn read(&self, _fields: &mut Fields) -> Option<CommandOf<Self>> {
        let Self { client_mutation_id: _, patient_id, person_id } = self;
        let (patient, person) = (decode_id(patient_id), decode_id(person_id));
        Some(CareTeamCommand::from(WithdrawPlace { patient, person }))
    }
}

impl CommandInput for BlockPersonInput {
    type Target = Directives;

    sender_fields!(client_mutation_id);

    fn read(&self, fields: &mut Fields) -> Option<CommandOf<Self>> {
        let Self { client_mutation_id: _, patient_id, person_id, patient_word } = self;
        let patient_word = fields.body_if_any(&["input", "patientWord"], patient_word.as_deref())?;
        let (patient, person) = (decode_id(patient_id), decode_id(person_id));
        Some(DirectiveCommand::from(Deny::of_person(patient, person, patient_word)))
    }
}

impl CommandInput for EndBlockInput {
    type Target = Directives;

    sender_fields!(client_mutation_id);

    fn read(&self, _fields: &mut Fields) -> Option<CommandOf<Self>> {
        let Self { client_mutation_id: _, patient_id, block_id } = self;
        let (patient, directive) = (decode_id(patient_id), decode_id(block_id));
        Some(DirectiveCommand::from(EndDirective { patient, directive }))
    }
}
