//! Commands to consultations: request, assign, advise, record the plan, inform the patient, close.

use async_graphql::{Context, ID, InputObject, Object, OneofObject, Result};
use care::consultation::{Consent, Survey};
use care::ids::ThreadId;
use chrono::{DateTime, Utc};
use coordination::commands::{Advice, Assignment, Plan, Recommended, Request};

use crate::graphql::consultation::Consultation;
use crate::graphql::id::decode_id;
use crate::graphql::mutation_input::MutationInput;
use crate::graphql::payload::{
    AdviseConsultationPayload, AssignConsultationPayload, CloseConsultationPayload, InformPatientPayload,
    RecordPlanPayload, RequestConsultationPayload,
};
use crate::graphql::scalars::Version;
use crate::graphql::words::{
    Certainty, ClosingOutcome, Confidentiality, ConsentException, ConsentMethod, Disposition, InformMethod,
    ReassignReason, RecommendationKind, Sensitivity, Topic, Urgency,
};

#[derive(Default)]
pub struct ConsultationCommands;

/// A consultation to be asked for.
#[derive(InputObject)]
struct RequestConsultationInput {
    /// Your key for this request: a repeat with it is carried out once.
    client_mutation_id: ID,
    /// About whom.
    patient_id: ID,
    /// Whom to ask.
    pool_id: ID,
    /// Its topic.
    topic: Topic,
    /// A line that says what it is about.
    subject: String,
    /// The question.
    question: String,
    /// How quickly an answer is needed.
    urgency: Urgency,
    /// The patient's consent, or why it could not be had.
    consent: ConsentInput,
    /// Whether the specialist may turn it into a referral.
    may_convert: bool,
    /// How confidential.
    #[graphql(default_with = "Confidentiality::Normal")]
    confidentiality: Confidentiality,
    /// What it touches.
    #[graphql(default)]
    sensitivities: Vec<Sensitivity>,
}

/// The patient's consent, or the exception from it: exactly one.
#[derive(OneofObject)]
enum ConsentInput {
    /// The patient agreed.
    Given(GivenConsentInput),
    /// It is asked without consent.
    Exception(ConsentExceptionInput),
}

/// That the patient agreed.
#[derive(InputObject)]
struct GivenConsentInput {
    /// How.
    method: ConsentMethod,
    /// When; not in the future.
    at: DateTime<Utc>,
}

/// That it is asked without consent.
#[derive(InputObject)]
struct ConsentExceptionInput {
    /// Why.
    reason: ConsentException,
}

impl From<&ConsentInput> for Consent {
    fn from(consent: &ConsentInput) -> Self {
        match consent {
            ConsentInput::Given(given) => Self::Given { method: given.method.into(), at: given.at },
            ConsentInput::Exception(exception) => Self::Exception { reason: exception.reason.into() },
        }
    }
}

/// An assignment within the owning pool.
#[derive(InputObject)]
struct AssignConsultationInput {
    /// Your key for this request: a repeat with it is carried out once.
    client_mutation_id: ID,
    /// The version that you rely on.
    expected_version: Version,
    /// The member it is meant for, if it is for one.
    to: Option<ID>,
    /// Why it is assigned again.
    reason: Option<ReassignReason>,
}

/// An answer.
#[derive(InputObject)]
struct AdviseConsultationInput {
    /// Your key for this request: a repeat with it is carried out once.
    client_mutation_id: ID,
    /// The version that you rely on.
    expected_version: Version,
    /// What is recommended: one to twenty.
    recommendations: Vec<RecommendationInput>,
    /// When the patient should come back, or what to watch for.
    come_back_when: Option<String>,
    /// Minutes that answering took.
    minutes_spent: i32,
}

/// One recommendation.
#[derive(InputObject)]
struct RecommendationInput {
    /// What it asks for.
    kind: RecommendationKind,
    /// How sure you are.
    certainty: Certainty,
    /// In words.
    text: String,
}

/// What becomes of an answer.
#[derive(InputObject)]
struct RecordPlanInput {
    /// Your key for this request: a repeat with it is carried out once.
    client_mutation_id: ID,
    /// The version that you rely on.
    expected_version: Version,
    /// For each recommendation, what becomes of it.
    dispositions: Vec<DispositionInput>,
    /// The plan in words.
    note: Option<String>,
}

/// What becomes of one recommendation.
#[derive(InputObject)]
struct DispositionInput {
    /// Which.
    recommendation_id: ID,
    /// What becomes of it.
    disposition: Disposition,
    /// Why, when it is not simply accepted.
    reason: Option<String>,
}

/// That the patient was told.
#[derive(InputObject)]
struct InformPatientInput {
    /// Your key for this request: a repeat with it is carried out once.
    client_mutation_id: ID,
    /// The version that you rely on.
    expected_version: Version,
    /// How.
    method: InformMethod,
    /// When; not in the future.
    told_at: DateTime<Utc>,
}

/// What came of a consultation.
#[derive(InputObject)]
struct CloseConsultationInput {
    /// Your key for this request: a repeat with it is carried out once.
    client_mutation_id: ID,
    /// The version that you rely on.
    expected_version: Version,
    /// What came of it.
    outcome: ClosingOutcome,
    /// How helpful it was, 1 to 5.
    helpful: i32,
    /// How much you learnt, 1 to 5.
    educational: i32,
}

fn recommended(mutation: &mut MutationInput, (index, each): (usize, &RecommendationInput)) -> Option<Recommended> {
    let text = mutation.body(&["input", "recommendations", &index.to_string(), "text"], &each.text)?;
    Some(Recommended { kind: each.kind.into(), certainty: each.certainty.into(), text })
}

/// All of them, or nothing when one was wrong; each is read, so that all problems come at once.
fn all<T>(read: impl Iterator<Item = Option<T>>) -> Option<Vec<T>> {
    read.collect::<Vec<_>>().into_iter().collect()
}

#[Object]
impl ConsultationCommands {
    /// Ask a pool of specialists about a patient.
    async fn request_consultation(
        &self,
        context: &Context<'_>,
        input: RequestConsultationInput,
    ) -> Result<RequestConsultationPayload> {
        let mut mutation = MutationInput::open(context, "requestConsultation", &input)?;
        let subject = mutation.line(&["input", "subject"], &input.subject);
        let question = mutation.body(&["input", "question"], &input.question);
        let (Some(subject), Some(question), Some(metadata)) = (subject, question, mutation.metadata()) else {
            return Ok(mutation.refused().into());
        };
        let request = Request {
            patient: decode_id(&input.patient_id),
            pool: decode_id(&input.pool_id),
            topic: input.topic.into(),
            subject,
            question,
            urgency: input.urgency.into(),
            consent: Consent::from(&input.consent),
            may_convert: input.may_convert,
            confidentiality: input.confidentiality.into(),
            sensitivities: input.sensitivities.into_iter().map(Into::into).collect(),
        };
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
        let mut mutation = MutationInput::open(context, "assignConsultation", &input)?;
        let Some(metadata) = mutation.metadata() else { return Ok(mutation.refused().into()) };
        let thread: ThreadId = decode_id(&consultation_id);
        let assignment = Assignment { to: input.to.as_ref().map(decode_id), reason: input.reason.map(Into::into) };
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
        let mut mutation = MutationInput::open(context, "adviseConsultation", &input)?;
        let recommendations =
            all(input.recommendations.iter().enumerate().map(|each| recommended(&mut mutation, each)));
        let come_back_when = mutation.body_if_any(&["input", "comeBackWhen"], input.come_back_when.as_deref());
        let minutes_spent = mutation.number(&["input", "minutesSpent"], input.minutes_spent);
        let (Some(recommendations), Some(come_back_when), Some(minutes_spent), Some(metadata)) =
            (recommendations, come_back_when, minutes_spent, mutation.metadata())
        else {
            return Ok(mutation.refused().into());
        };
        let thread: ThreadId = decode_id(&consultation_id);
        let advice = Advice { recommendations, come_back_when, minutes_spent };
        let request_context = mutation.request_context();
        let outcome = request_context.application.advise((&request_context.identity, &metadata), thread, advice).await;
        Ok(mutation.thread(thread, outcome).await?.into())
    }

    /// Record what becomes of an answer.
    async fn record_plan(
        &self,
        context: &Context<'_>,
        consultation_id: ID,
        input: RecordPlanInput,
    ) -> Result<RecordPlanPayload> {
        let mut mutation = MutationInput::open(context, "recordPlan", &input)?;
        let dispositions = all(input.dispositions.iter().enumerate().map(|(index, each)| {
            let path = ["input", "dispositions", &index.to_string(), "reason"];
            let reason = mutation.body_if_any(&path, each.reason.as_deref())?;
            Some((decode_id(&each.recommendation_id), each.disposition.into(), reason))
        }));
        let note = mutation.body_if_any(&["input", "note"], input.note.as_deref());
        let (Some(dispositions), Some(note), Some(metadata)) = (dispositions, note, mutation.metadata()) else {
            return Ok(mutation.refused().into());
        };
        let thread: ThreadId = decode_id(&consultation_id);
        let request_context = mutation.request_context();
        let outcome = request_context
            .application
            .record_plan((&request_context.identity, &metadata), thread, Plan { dispositions, note })
            .await;
        Ok(mutation.thread(thread, outcome).await?.into())
    }

    /// Record that the patient was told.
    async fn inform_patient(
        &self,
        context: &Context<'_>,
        consultation_id: ID,
        input: InformPatientInput,
    ) -> Result<InformPatientPayload> {
        let mut mutation = MutationInput::open(context, "informPatient", &input)?;
        let Some(metadata) = mutation.metadata() else { return Ok(mutation.refused().into()) };
        let thread: ThreadId = decode_id(&consultation_id);
        let told = (input.method.into(), input.told_at);
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
        let mut mutation = MutationInput::open(context, "closeConsultation", &input)?;
        let helpful = mutation.number(&["input", "helpful"], input.helpful);
        let educational = mutation.number(&["input", "educational"], input.educational);
        let (Some(helpful), Some(educational), Some(metadata)) = (helpful, educational, mutation.metadata()) else {
            return Ok(mutation.refused().into());
        };
        let thread: ThreadId = decode_id(&consultation_id);
        let survey = Survey { outcome: input.outcome.into(), helpful, educational };
        let request_context = mutation.request_context();
        let outcome = request_context
            .application
            .close_consultation((&request_context.identity, &metadata), thread, survey)
            .await;
        Ok(mutation.thread(thread, outcome).await?.into())
    }
}
