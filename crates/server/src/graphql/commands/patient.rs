//! Commands to patients' records and care teams: register, correct, link to a person, add or remove a member.

use async_graphql::{Context, ID, Object, Result};

use crate::graphql::id::decode_id;
use crate::graphql::inputs::patient::{
    AcceptPatientLinkInput, AddCareTeamMemberInput, CorrectPatientDetailsInput, DeclinePatientLinkInput,
    EndPatientLinkInput, ProposePatientLinkInput, RegisterPatientInput, RemoveCareTeamMemberInput,
    WithdrawPatientLinkInput,
};
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
    /// The result of `correctPatientDetails`.
    CorrectPatientDetailsPayload {
        /// The patient as registered now. Null if there is none that you may see.
        patient: Patient
    }
}

payload! {
    /// The result of `proposePatientLink`.
    ProposePatientLinkPayload {
        /// The patient as registered now. Null if there is none that you may see.
        patient: Patient
    }
}

payload! {
    /// The result of `withdrawPatientLink`.
    WithdrawPatientLinkPayload {
        /// The patient as registered now. Null if there is none that you may see.
        patient: Patient
    }
}

payload! {
    /// The result of `acceptPatientLink`.
    AcceptPatientLinkPayload {
        /// The patient as registered now. Null if there is none that you may see.
        patient: Patient
    }
}

payload! {
    /// The result of `declinePatientLink`.
    DeclinePatientLinkPayload {
        /// The patient as registered now. Null if there is none that you may see.
        patient: Patient
    }
}

payload! {
    /// The result of `endPatientLink`.
    EndPatientLinkPayload {
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

    /// Correct the name or the date of birth of a patient. The record keeps what they were.
    async fn correct_patient_details(
        &self,
        context: &Context<'_>,
        patient_id: ID,
        input: CorrectPatientDetailsInput,
    ) -> Result<Option<CorrectPatientDetailsPayload>> {
        Ok(Some(mutate(context, Some(decode_id(&patient_id)), &input, patient).await?.into()))
    }

    /// Propose a record to a person as their own. It is theirs once they accept, within fourteen days.
    async fn propose_patient_link(
        &self,
        context: &Context<'_>,
        patient_id: ID,
        input: ProposePatientLinkInput,
    ) -> Result<Option<ProposePatientLinkPayload>> {
        Ok(Some(mutate(context, Some(decode_id(&patient_id)), &input, patient).await?.into()))
    }

    /// Take back a proposal that the person has not answered.
    async fn withdraw_patient_link(
        &self,
        context: &Context<'_>,
        patient_id: ID,
        input: WithdrawPatientLinkInput,
    ) -> Result<Option<WithdrawPatientLinkPayload>> {
        Ok(Some(mutate(context, Some(decode_id(&patient_id)), &input, patient).await?.into()))
    }

    /// Accept a record that was proposed to you as your own.
    async fn accept_patient_link(
        &self,
        context: &Context<'_>,
        patient_id: ID,
        input: AcceptPatientLinkInput,
    ) -> Result<Option<AcceptPatientLinkPayload>> {
        Ok(Some(mutate(context, Some(decode_id(&patient_id)), &input, patient).await?.into()))
    }

    /// Decline a record that was proposed to you as your own.
    async fn decline_patient_link(
        &self,
        context: &Context<'_>,
        patient_id: ID,
        input: DeclinePatientLinkInput,
    ) -> Result<Option<DeclinePatientLinkPayload>> {
        Ok(Some(mutate(context, Some(decode_id(&patient_id)), &input, patient).await?.into()))
    }

    /// End the link of a record to the person who accepted it.
    async fn end_patient_link(
        &self,
        context: &Context<'_>,
        patient_id: ID,
        input: EndPatientLinkInput,
    ) -> Result<Option<EndPatientLinkPayload>> {
        Ok(Some(mutate(context, Some(decode_id(&patient_id)), &input, patient).await?.into()))
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
