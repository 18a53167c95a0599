//! Commands by which people come to a care team by their own word, and by which a patient blocks people.

use async_graphql::{Context, ID, Object, Result};

use crate::graphql::id::decode_id;
use crate::graphql::inputs::care_team::{
    AcceptCareTeamPlaceInput, BlockPersonInput, DeclineCareTeamPlaceInput, EndBlockInput, JoinCareTeamInput,
    WithdrawCareTeamQuestionInput,
};
use crate::graphql::mutation_input::{mutate, patient};
use crate::graphql::patient::Patient;
use crate::graphql::payload::{Answer, payload};
use crate::graphql::problem::not_found_at;

payload! {
    {
        /// The patient as registered now. Null if there is none that you may see.
        patient: Patient
    }
    /// The result of `joinCareTeam`.
    JoinCareTeamPayload
    /// The result of `acceptCareTeamPlace`.
    AcceptCareTeamPlacePayload
    /// The result of `declineCareTeamPlace`.
    DeclineCareTeamPlacePayload
    /// The result of `withdrawCareTeamQuestion`.
    WithdrawCareTeamQuestionPayload
    /// The result of `blockPerson`.
    BlockPersonPayload
    /// The result of `endBlock`.
    EndBlockPayload
}

/// The input that ends a block calls the directive its block.
fn of_block(mut answer: Answer<Patient>) -> Answer<Patient> {
    let missing = not_found_at(&["input", "directiveId"]);
    for problem in answer.problems.iter_mut().filter(|problem| **problem == missing) {
        *problem = not_found_at(&["input", "blockId"]);
    }
    answer
}

/// The mutations of this file.
#[derive(Default)]
pub struct CareTeamCommands;

#[Object]
impl CareTeamCommands {
    /// Add yourself to a care team, with a reason. For the first day you read ordinary conversations only, each of your reads is
    /// marked for review, and your place stays visible to the patient and the team after it has ended.
    async fn join_care_team(
        &self,
        context: &Context<'_>,
        patient_id: ID,
        mut input: JoinCareTeamInput,
    ) -> Option<Result<JoinCareTeamPayload>> {
        input.patient_id = patient_id.clone();
        Some(mutate(context, Some(decode_id(&patient_id)), &input, patient).await.map(Into::into))
    }

    /// Accept a place on a care team to which another organization asks you.
    async fn accept_care_team_place(
        &self,
        context: &Context<'_>,
        patient_id: ID,
        mut input: AcceptCareTeamPlaceInput,
    ) -> Option<Result<AcceptCareTeamPlacePayload>> {
        input.patient_id = patient_id.clone();
        Some(mutate(context, Some(decode_id(&patient_id)), &input, patient).await.map(Into::into))
    }

    /// Decline a place on a care team to which another organization asks you.
    async fn decline_care_team_place(
        &self,
        context: &Context<'_>,
        patient_id: ID,
        mut input: DeclineCareTeamPlaceInput,
    ) -> Option<Result<DeclineCareTeamPlacePayload>> {
        input.patient_id = patient_id.clone();
        Some(mutate(context, Some(decode_id(&patient_id)), &input, patient).await.map(Into::into))
    }

    /// Take back the question to a person of another organization whether they join a care team.
    async fn withdraw_care_team_question(
        &self,
        context: &Context<'_>,
        patient_id: ID,
        mut input: WithdrawCareTeamQuestionInput,
    ) -> Option<Result<WithdrawCareTeamQuestionPayload>> {
        input.patient_id = patient_id.clone();
        Some(mutate(context, Some(decode_id(&patient_id)), &input, patient).await.map(Into::into))
    }

    /// Block a person from everything about a patient, from now on. They read and do nothing there any more, and are told
    /// nothing; what they had to do goes to others.
    async fn block_person(
        &self,
        context: &Context<'_>,
        patient_id: ID,
        mut input: BlockPersonInput,
    ) -> Option<Result<BlockPersonPayload>> {
        input.patient_id = patient_id.clone();
        Some(mutate(context, Some(decode_id(&patient_id)), &input, patient).await.map(Into::into))
    }

    /// End a block. A block that the patient gave is ended by the patient.
    async fn end_block(
        &self,
        context: &Context<'_>,
        patient_id: ID,
        mut input: EndBlockInput,
    ) -> Option<Result<EndBlockPayload>> {
        input.patient_id = patient_id.clone();
        let answer = mutate(context, Some(decode_id(&patient_id)), &input, patient).await;
        Some(answer.map(|answer| of_block(answer).into()))
    }
}
