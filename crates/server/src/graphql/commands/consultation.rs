//! Commands to consultations: request, assign, advise, record the plan, inform the patient, close.

use async_graphql::{Context, ID, Object, Result};
use care::ids::ThreadId;

use crate::graphql::consultation::Consultation;
use crate::graphql::id::decode_id;
use crate::graphql::inputs::consultation::{
    AdviseConsultationInput, AssignConsultationInput, CloseConsultationInput, InformPatientInput, RecordPlanInput,
    RequestConsultationInput,
};
use crate::graphql::mutation_input::MutationInput;
use crate::graphql::payload::{
    AdviseConsultationPayload, AssignConsultationPayload, CloseConsultationPayload, InformPatientPayload,
    RecordPlanPayload, RequestConsultationPayload,
};

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
        let mut mutation = MutationInput::open(context, &input)?;
        let Some((metadata, request)) = mutation.read(&input) else { return Ok(mutation.refused().into()) };
        let request_context = mutation.request_context();
        let outcome =
            request_context.application.request_consultation(&request_context.identity, &metadata, request).await;
        let answer = mutation.answer(outcome, |reader, outcome| {
            let view = reader.thread(outcome.command.creates(0))?;
            Ok(view.map(|view| Consultation::of(reader, view)))
        });
        Ok(answer.await?.into())
    }

    /// Accept a consultation for its pool, perhaps for one member of it.
    async fn assign_consultation(
        &self,
        context: &Context<'_>,
        consultation_id: ID,
        input: AssignConsultationInput,
    ) -> Result<AssignConsultationPayload> {
        let mut mutation = MutationInput::open(context, &input)?;
        let Some((metadata, assignment)) = mutation.read(&input) else { return Ok(mutation.refused().into()) };
        let thread: ThreadId = decode_id(&consultation_id);
        let request_context = mutation.request_context();
        let outcome = request_context
            .application
            .assign_consultation((&request_context.identity, &metadata), thread, assignment)
            .await;
        Ok(mutation.thread(thread, outcome).await?.into())
    }

    /// Answer a consultation.
    async fn advise_consultation(
        &self,
        context: &Context<'_>,
        consultation_id: ID,
        input: AdviseConsultationInput,
    ) -> Result<AdviseConsultationPayload> {
        let mut mutation = MutationInput::open(context, &input)?;
        let Some((metadata, advice)) = mutation.read(&input) else { return Ok(mutation.refused().into()) };
        let thread: ThreadId = decode_id(&consultation_id);
        let request_context = mutation.request_context();
        let outcome = request_context.application.advise((&request_context.identity, &metadata), thread, advice).await;
        Ok(mutation.thread(thread, outcome).await?.into())
    }

    /// Record the plan: your decision about each recommendation.
    async fn record_plan(
        &self,
        context: &Context<'_>,
        consultation_id: ID,
        input: RecordPlanInput,
    ) -> Result<RecordPlanPayload> {
        let mut mutation = MutationInput::open(context, &input)?;
        let Some((metadata, plan)) = mutation.read(&input) else { return Ok(mutation.refused().into()) };
        let thread: ThreadId = decode_id(&consultation_id);
        let request_context = mutation.request_context();
        let outcome =
            request_context.application.record_plan((&request_context.identity, &metadata), thread, plan).await;
        Ok(mutation.thread(thread, outcome).await?.into())
    }

    /// Record that the patient was told.
    async fn inform_patient(
        &self,
        context: &Context<'_>,
        consultation_id: ID,
        input: InformPatientInput,
    ) -> Result<InformPatientPayload> {
        let mut mutation = MutationInput::open(context, &input)?;
        let Some((metadata, told)) = mutation.read(&input) else { return Ok(mutation.refused().into()) };
        let thread: ThreadId = decode_id(&consultation_id);
        let request_context = mutation.request_context();
        let outcome =
            request_context.application.inform_patient((&request_context.identity, &metadata), thread, told).await;
        Ok(mutation.thread(thread, outcome).await?.into())
    }

    /// End a consultation, with what came of it.
    async fn close_consultation(
        &self,
        context: &Context<'_>,
        consultation_id: ID,
        input: CloseConsultationInput,
    ) -> Result<CloseConsultationPayload> {
        let mut mutation = MutationInput::open(context, &input)?;
        let Some((metadata, survey)) = mutation.read(&input) else { return Ok(mutation.refused().into()) };
        let thread: ThreadId = decode_id(&consultation_id);
        let request_context = mutation.request_context();
        let outcome = request_context
            .application
            .close_consultation((&request_context.identity, &metadata), thread, survey)
            .await;
        Ok(mutation.thread(thread, outcome).await?.into())
    }
}
