//! Commands to patients' records and care teams: register, correct, link to a person, record a death or a protection note,
//! add or remove a member.

use async_graphql::{Context, ID, Object, Result};

use crate::graphql::id::decode_id;
use crate::graphql::inputs::patient::{
    AcceptPatientLinkInput, AddCareTeamMemberInput, CorrectPatientDetailsInput, DeclinePatientLinkInput,
    EndPatientLinkInput, LiftProtectionNoteInput, ProposePatientLinkInput, RecordPatientDeathInput,
    RecordProtectionNoteInput, RegisterPatientInput, RemoveCareTeamMemberInput, VoidPatientDeathInput,
    WithdrawPatientLinkInput,
};
use crate::graphql::mutation_input::{mutate, patient};
use crate::graphql::patient::Patient;
use crate::graphql::payload::payload;

payload! {
    {
        /// The patient as registered now. Null if there is none that you may see.
        patient: Patient
    }
    /// The result of `registerPatient`.
    RegisterPatientPayload
    /// The result of `correctPatientDetails`.
    CorrectPatientDetailsPayload
    /// The result of `proposePatientLink`.
    ProposePatientLinkPayload
    /// The result of `withdrawPatientLink`.
    WithdrawPatientLinkPayload
    /// The result of `acceptPatientLink`.
    AcceptPatientLinkPayload
    /// The result of `declinePatientLink`.
    DeclinePatientLinkPayload
    /// The result of `endPatientLink`.
    EndPatientLinkPayload
    /// The result of `recordPatientDeath`.
    RecordPatientDeathPayload
    /// The result of `voidPatientDeath`.
    VoidPatientDeathPayload
    /// The result of `recordProtectionNote`.
    RecordProtectionNotePayload
    /// The result of `liftProtectionNote`.
    LiftProtectionNotePayload
    /// The result of `addCareTeamMember`.
    AddCareTeamMemberPayload
    /// The result of `removeCareTeamMember`.
    RemoveCareTeamMemberPayload
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
    ) -> Option<Result<RegisterPatientPayload>> {
        Some(mutate(context, None, &input, patient).await.map(Into::into))
    }

    /// Correct the name or the date of birth of a patient. The record keeps what they were.
    async fn correct_patient_details(
        &self,
        context: &Context<'_>,
        patient_id: ID,
        input: CorrectPatientDetailsInput,
    ) -> Option<Result<CorrectPatientDetailsPayload>> {
        Some(mutate(context, Some(decode_id(&patient_id)), &input, patient).await.map(Into::into))
    }

    /// Propose a record to a person as their own. It is theirs once they accept, within fourteen days.
    async fn propose_patient_link(
        &self,
        context: &Context<'_>,
        patient_id: ID,
        input: ProposePatientLinkInput,
    ) -> Option<Result<ProposePatientLinkPayload>> {
        Some(mutate(context, Some(decode_id(&patient_id)), &input, patient).await.map(Into::into))
    }

    /// Take back a proposal that the person has not answered.
    async fn withdraw_patient_link(
        &self,
        context: &Context<'_>,
        patient_id: ID,
        input: WithdrawPatientLinkInput,
    ) -> Option<Result<WithdrawPatientLinkPayload>> {
        Some(mutate(context, Some(decode_id(&patient_id)), &input, patient).await.map(Into::into))
    }

    /// Accept a record that was proposed to you as your own.
    async fn accept_patient_link(
        &self,
        context: &Context<'_>,
        patient_id: ID,
        input: AcceptPatientLinkInput,
    ) -> Option<Result<AcceptPatientLinkPayload>> {
        Some(mutate(context, Some(decode_id(&patient_id)), &input, patient).await.map(Into::into))
    }

    /// Decline a record that was proposed to you as your own.
    async fn decline_patient_link(
        &self,
        context: &Context<'_>,
        patient_id: ID,
        input: DeclinePatientLinkInput,
    ) -> Option<Result<DeclinePatientLinkPayload>> {
        Some(mutate(context, Some(decode_id(&patient_id)), &input, patient).await.map(Into::into))
    }

    /// End the link of a record to the person who accepted it.
    async fn end_patient_link(
        &self,
        context: &Context<'_>,
        patient_id: ID,
        input: EndPatientLinkInput,
    ) -> Option<Result<EndPatientLinkPayload>> {
        Some(mutate(context, Some(decode_id(&patient_id)), &input, patient).await.map(Into::into))
    }

    /// Record that a patient died. Every access of their helpers ends by that, except an executor's.
    async fn record_patient_death(
        &self,
        context: &Context<'_>,
        patient_id: ID,
        input: RecordPatientDeathInput,
    ) -> Option<Result<RecordPatientDeathPayload>> {
        Some(mutate(context, Some(decode_id(&patient_id)), &input, patient).await.map(Into::into))
    }

    /// Record that the record of a patient's death was an error. The access of executors ends; that of other helpers does not
    /// come back.
    async fn void_patient_death(
        &self,
        context: &Context<'_>,
        patient_id: ID,
        input: VoidPatientDeathInput,
    ) -> Option<Result<VoidPatientDeathPayload>> {
        Some(mutate(context, Some(decode_id(&patient_id)), &input, patient).await.map(Into::into))
    }

    /// Write down that a person is a danger to a patient. Their access as a helper is suspended, and none is given while there
    /// is a note. They are not told of it.
    async fn record_protection_note(
        &self,
        context: &Context<'_>,
        patient_id: ID,
        input: RecordProtectionNoteInput,
    ) -> Option<Result<RecordProtectionNotePayload>> {
        Some(mutate(context, Some(decode_id(&patient_id)), &input, patient).await.map(Into::into))
    }

    /// Take a protection note back. An access that it suspended is given back by nobody but a person.
    async fn lift_protection_note(
        &self,
        context: &Context<'_>,
        patient_id: ID,
        input: LiftProtectionNoteInput,
    ) -> Option<Result<LiftProtectionNotePayload>> {
        Some(mutate(context, Some(decode_id(&patient_id)), &input, patient).await.map(Into::into))
    }

    /// Add another person to a patient's care team. Who works for another organization than the one that keeps the record is
    /// asked, and is on the team once they accept, within fourteen days.
    async fn add_care_team_member(
        &self,
        context: &Context<'_>,
        patient_id: ID,
        mut input: AddCareTeamMemberInput,
    ) -> Option<Result<AddCareTeamMemberPayload>> {
        input.patient_id = patient_id.clone();
        Some(mutate(context, Some(decode_id(&patient_id)), &input, patient).await.map(Into::into))
    }

    /// End a person's membership of a patient's care team.
    async fn remove_care_team_member(
        &self,
        context: &Context<'_>,
        patient_id: ID,
        mut input: RemoveCareTeamMemberInput,
    ) -> Option<Result<RemoveCareTeamMemberPayload>> {
        input.patient_id = patient_id.clone();
        Some(mutate(context, Some(decode_id(&patient_id)), &input, patient).await.map(Into::into))
    }
}
