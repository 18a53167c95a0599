//! Commands to consultations: request, assign, advise, record the plan, inform the patient, close.

use async_graphql::{Context, ID, Object, Result};

use super::inputs::{
    AdviseConsultationInput, AssignConsultationInput, CloseConsultationInput, InformPatientInput, RecordPlanInput,
    RequestConsultationInput,
};
use super::{Consultation, after};
use crate::graphql::id::decode_id;
use crate::graphql::mutation_input::mutate;
use crate::graphql::payload::payload;

payload! {
    /// The result of `requestConsultation`.
    RequestConsultationPayload {
        /// The consultation as it is now. Null if there is none that you may see.
        consultation: Consultation
    }
}

payload! {
    /// The result of `assignConsultation`.
    AssignConsultationPayload {
        /// The consultation as it is now. Null if there is none that you may see.
        consultation: Consultation
    }
}

payload! {
    /// The result of `adviseConsultation`.
    AdviseConsultationPayload {
        /// The consultation as it is now. Null if there is none that you may see.
        consultation: Consultation
    }
}

payload! {
    /// The result of `recordPlan`.
    RecordPlanPayload {
        /// The consultation as it is now. Null if there is none that you may see.
        consultation: Consultation
    }
}

payload! {
    /// The result of `informPatient`.
    InformPatientPayload {
        /// The consultation as it is now. Null if there is none that you may see.
        consultation: Consultation
    }
}

payload! {
    /// The result of `closeConsultation`.
    CloseConsultationPayload {
        /// The consultation as it is now. Null if there is none that you may see.
        consultation: Consultation
    }
}

/// The mutations of this file.
#[derive(Default)]
pub struct ConsultationCommands;

#[Object]
impl ConsultationCommands {
    /// Ask a pool of specialists about a patient.
    async fn request_consultation(
        &self,
        context: &Context<'_>,
        input: RequestConsultationInput,
    ) -> Result<RequestConsultationPayload> {
        Ok(mutate(context, None, &input, after).await?.into())
    }

    /// Accept a consultation for its pool, and assign it to one member if `to` names one.
    async fn assign_consultation(
        &self,
        context: &Context<'_>,
        consultation_id: ID,
        input: AssignConsultationInput,
    ) -> Result<AssignConsultationPayload> {
        Ok(mutate(context, Some(decode_id(&consultation_id)), &input, after).await?.into())
    }

    /// Answer a consultation.
    async fn advise_consultation(
        &self,
        context: &Context<'_>,
        consultation_id: ID,
        input: AdviseConsultationInput,
    ) -> Result<AdviseConsultationPayload> {
        Ok(mutate(context, Some(decode_id(&consultation_id)), &input, after).await?.into())
    }

    /// Record the plan: your decision about each recommendation.
    async fn record_plan(
        &self,
        context: &Context<'_>,
        consultation_id: ID,
        input: RecordPlanInput,
    ) -> Result<RecordPlanPayload> {
        Ok(mutate(context, Some(decode_id(&consultation_id)), &input, after).await?.into())
    }

    /// Record that the patient was informed.
    async fn inform_patient(
        &self,
        context: &Context<'_>,
        consultation_id: ID,
        input: InformPatientInput,
    ) -> Result<InformPatientPayload> {
        Ok(mutate(context, Some(decode_id(&consultation_id)), &input, after).await?.into())
    }

    /// Close a consultation, with its outcome.
    async fn close_consultation(
        &self,
        context: &Context<'_>,
        consultation_id: ID,
        input: CloseConsultationInput,
    ) -> Result<CloseConsultationPayload> {
        Ok(mutate(context, Some(decode_id(&consultation_id)), &input, after).await?.into())
    }
}
