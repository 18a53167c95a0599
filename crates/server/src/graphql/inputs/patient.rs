//! Inputs of commands to patients and care teams: register, take onto the team, let leave.

use async_graphql::{ID, InputObject};
use care::care_team::{AddMember, CareTeam, CareTeamCommand, RemoveMember};
use care::patient::{Patient, PatientCommand, RegisterPatient};
use serde::{Deserialize, Serialize};

use super::{CommandInput, CommandOf, Fields};
use crate::graphql::id::decode_id;
use crate::graphql::words::Role;

/// A new patient.
#[derive(Debug, Clone, InputObject, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RegisterPatientInput {
    /// Your key for this command. A repeat with the same key has no further effect; with another input it is
    /// `IDEMPOTENCY_MISMATCH`.
    #[serde(skip_serializing)]
    pub client_mutation_id: ID,
    /// The organization that keeps the record.
    pub organization_id: ID,
    /// The person that the patient is, if they sign in.
    pub person_id: Option<ID>,
    /// Their name: one line of at most 400 characters.
    pub name: String,
    /// Their date of birth, as ISO 8601: 1958-03-04, or 1958-03 or 1958 if only that is known.
    pub birth_date: String,
}

/// A new member of a care team.
#[derive(Debug, Clone, InputObject, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AddCareTeamMemberInput {
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
    /// The role.
    pub role: Role,
    /// The organization at which the person holds the role.
    pub organization_id: ID,
}

/// A member who leaves a care team.
#[derive(Debug, Clone, InputObject, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RemoveCareTeamMemberInput {
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
}

impl CommandInput for RegisterPatientInput {
    type Target = Patient;

    sender_fields!(client_mutation_id);

    fn read(&self, fields: &mut Fields) -> Option<CommandOf<Self>> {
        let Self { client_mutation_id: _, organization_id, person_id, name, birth_date } = self;
        let name = fields.line(&["input", "name"], name);
        let birth_date = fields.birth_date(&["input", "birthDate"], birth_date);
        let person = person_id.as_ref().map(decode_id);
        let organization = decode_id(organization_id);
        Some(PatientCommand::from(RegisterPatient { organization, person, name: name?, birth_date: birth_date? }))
    }
}

impl CommandInput for AddCareTeamMemberInput {
    type Target = CareTeam;

    sender_fields!(client_mutation_id);

    fn read(&self, _fields: &mut Fields) -> Option<CommandOf<Self>> {
        let Self { client_mutation_id: _, patient_id, person_id, role, organization_id } = self;
        let (patient, person, organization) = (decode_id(patient_id), decode_id(person_id), decode_id(organization_id));
        Some(CareTeamCommand::from(AddMember { patient, person, role: (*role).into(), organization }))
    }
}

impl CommandInput for RemoveCareTeamMemberInput {
    type Target = CareTeam;

    sender_fields!(client_mutation_id);

    fn read(&self, _fields: &mut Fields) -> Option<CommandOf<Self>> {
        let Self { client_mutation_id: _, patient_id, person_id } = self;
        let (patient, person) = (decode_id(patient_id), decode_id(person_id));
        Some(CareTeamCommand::from(RemoveMember { patient, person }))
    }
}
