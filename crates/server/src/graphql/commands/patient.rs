//! Commands to patients' records and care teams: register, take onto the team, let leave.

use async_graphql::{Context, ID, Object, Result};
use care::ids::PatientId;

use crate::graphql::id::decode_id;
use crate::graphql::inputs::patient::{AddCareTeamMemberInput, RegisterPatientInput, RemoveCareTeamMemberInput};
use crate::graphql::mutation_input::MutationInput;
use crate::graphql::patient::Patient;
use crate::graphql::payload::{AddCareTeamMemberPayload, RegisterPatientPayload, RemoveCareTeamMemberPayload};

#[derive(Default)]
pub struct PatientCommands;

#[Object]
impl PatientCommands {
    /// Put a patient on record.
    async fn register_patient(
        &self,
        context: &Context<'_>,
        input: RegisterPatientInput,
    ) -> Result<RegisterPatientPayload> {
        let mut mutation = MutationInput::open(context, &input)?;
        let Some((metadata, patient)) = mutation.read(&input) else { return Ok(mutation.refused().into()) };
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
        let mut mutation = MutationInput::open(context, &input)?;
        let Some((metadata, member)) = mutation.read(&input) else { return Ok(mutation.refused().into()) };
        let patient: PatientId = decode_id(&patient_id);
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
        let mut mutation = MutationInput::open(context, &input)?;
        let Some((metadata, member)) = mutation.read(&input) else { return Ok(mutation.refused().into()) };
        let patient: PatientId = decode_id(&patient_id);
        let request_context = mutation.request_context();
        let outcome = request_context
            .application
            .remove_care_team_member((&request_context.identity, &metadata), patient, member)
            .await;
        let answer =
            mutation.answer(outcome, |reader, _| Ok(reader.patient(patient)?.map(|view| Patient::of(reader, view))));
        Ok(answer.await?.into())
    }
}
