//! Commands to patients' records and care teams: register, take onto the team, let leave.

use async_graphql::{Context, ID, InputObject, Object, Result};
use care::ids::PatientId;
use chrono::NaiveDate;
use coordination::commands::{NewMember, NewPatient};

use crate::graphql::id::decode_id;
use crate::graphql::mutation_input::MutationInput;
use crate::graphql::patient::Patient;
use crate::graphql::payload::{AddCareTeamMemberPayload, RegisterPatientPayload, RemoveCareTeamMemberPayload};
use crate::graphql::words::Role;

#[derive(Default)]
pub struct PatientCommands;

/// A patient to be put on record.
#[derive(InputObject)]
struct RegisterPatientInput {
    /// Your key for this request: a repeat with it is carried out once.
    client_mutation_id: ID,
    /// The organization that keeps the record.
    organization_id: ID,
    /// The person that the patient is, if they sign in.
    person_id: Option<ID>,
    /// Their name.
    name: String,
    /// Their date of birth, as ISO 8601: 1958-03-04.
    birth_date: String,
}

/// Somebody to be taken onto a care team.
#[derive(InputObject)]
struct AddCareTeamMemberInput {
    /// Your key for this request: a repeat with it is carried out once.
    client_mutation_id: ID,
    /// Who.
    person_id: ID,
    /// In which role.
    role: Role,
    /// Of which organization.
    organization_id: ID,
}

/// Somebody who leaves a care team.
#[derive(InputObject)]
struct RemoveCareTeamMemberInput {
    /// Your key for this request: a repeat with it is carried out once.
    client_mutation_id: ID,
    /// Who.
    person_id: ID,
}

#[Object]
impl PatientCommands {
    /// Put a patient on record.
    async fn register_patient(
        &self,
        context: &Context<'_>,
        input: RegisterPatientInput,
    ) -> Result<RegisterPatientPayload> {
        let mut mutation = MutationInput::open(context, "registerPatient", &input)?;
        let name = mutation.line(&["input", "name"], &input.name);
        let day = NaiveDate::parse_from_str(&input.birth_date, "%Y-%m-%d");
        let birth_date = mutation
            .parsed(&["input", "birthDate"], day)
            .and_then(|day| mutation.line(&["input", "birthDate"], &day.format("%Y-%m-%d").to_string()));
        let (Some(name), Some(birth_date), Some(metadata)) = (name, birth_date, mutation.metadata()) else {
            return Ok(mutation.refused().into());
        };
        let organization = decode_id(&input.organization_id);
        let patient = NewPatient { organization, person: input.person_id.as_ref().map(decode_id), name, birth_date };
        let request_context = mutation.request_context();
        let outcome = request_context.application.register_patient(&request_context.identity, &metadata, patient).await;
        let answer = mutation.answer(outcome, |reader, outcome| {
            let view = reader.patient(outcome.command.creates(0))?;
            Ok(view.map(|view| Patient::of(reader, view)))
        });
        Ok(answer.await?.into())
    }

    /// Take a person onto a patient's care team.
    async fn add_care_team_member(
        &self,
        context: &Context<'_>,
        patient_id: ID,
        input: AddCareTeamMemberInput,
    ) -> Result<AddCareTeamMemberPayload> {
        let mut mutation = MutationInput::open(context, "addCareTeamMember", &input)?;
        let Some(metadata) = mutation.metadata() else { return Ok(mutation.refused().into()) };
        let patient: PatientId = decode_id(&patient_id);
        let (person, organization) = (decode_id(&input.person_id), decode_id(&input.organization_id));
        let member = NewMember { person, role: input.role.into(), organization };
        let request_context = mutation.request_context();
        let outcome = request_context
            .application
            .add_care_team_member((&request_context.identity, &metadata), patient, member)
            .await;
        let answer =
            mutation.answer(outcome, |reader, _| Ok(reader.patient(patient)?.map(|view| Patient::of(reader, view))));
        Ok(answer.await?.into())
    }

    /// Let a person leave a patient's care team.
    async fn remove_care_team_member(
        &self,
        context: &Context<'_>,
        patient_id: ID,
        input: RemoveCareTeamMemberInput,
    ) -> Result<RemoveCareTeamMemberPayload> {
        let mut mutation = MutationInput::open(context, "removeCareTeamMember", &input)?;
        let Some(metadata) = mutation.metadata() else { return Ok(mutation.refused().into()) };
        let patient: PatientId = decode_id(&patient_id);
        let request_context = mutation.request_context();
        let member = decode_id(&input.person_id);
        let outcome = request_context
            .application
            .remove_care_team_member((&request_context.identity, &metadata), patient, member)
            .await;
        let answer =
            mutation.answer(outcome, |reader, _| Ok(reader.patient(patient)?.map(|view| Patient::of(reader, view))));
        Ok(answer.await?.into())
    }
}
