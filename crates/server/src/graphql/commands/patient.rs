//! Commands to patients' records and care teams: register, add a member, remove a member.

use async_graphql::{Context, ID, Object, Result};

use crate::graphql::id::decode_id;
use crate::graphql::inputs::patient::{AddCareTeamMemberInput, RegisterPatientInput, RemoveCareTeamMemberInput};
use crate::graphql::mutation_input::{mutate, patient};
use crate::graphql::patient::Patient;
use crate::graphql::payload::payload;

payload! {
    /// The result of `registerPatient`.
    RegisterPatientPayload {
        /// The patient as registered now. Null if there is none that you may see.
        patient: Patient
    }
}

payload! {
    /// The result of `addCareTeamMember`.
    AddCareTeamMemberPayload {
        /// The patient as registered now. Null if there is none that you may see.
        patient: Patient
    }
}

payload! {
    /// The result of `removeCareTeamMember`.
    RemoveCareTeamMemberPayload {
        /// The patient as registered now. Null if there is none that you may see.
        patient: Patient
    }
}

/// The mutations of this file.
#[derive(Default)]
pub struct PatientCommands;

#[Object]
impl PatientCommands {
    /// Register a patient.
    async fn register_patient(
        &self,
        context: &Context<'_>,
        input: RegisterPatientInput,
    ) -> Result<Option<RegisterPatientPayload>> {
        Ok(Some(mutate(context, None, &input, patient).await?.into()))
    }

    /// Add a person to a patient's care team.
    async fn add_care_team_member(
        &self,
        context: &Context<'_>,
        patient_id: ID,
        mut input: AddCareTeamMemberInput,
    ) -> Result<Option<AddCareTeamMemberPayload>> {
        input.patient_id = patient_id.clone();
        Ok(Some(mutate(context, Some(decode_id(&patient_id)), &input, patient).await?.into()))
    }

    /// End a person's membership of a patient's care team.
    async fn remove_care_team_member(
        &self,
        context: &Context<'_>,
        patient_id: ID,
        mut input: RemoveCareTeamMemberInput,
    ) -> Result<Option<RemoveCareTeamMemberPayload>> {
        input.patient_id = patient_id.clone();
        Ok(Some(mutate(context, Some(decode_id(&patient_id)), &input, patient).await?.into()))
    }
}
