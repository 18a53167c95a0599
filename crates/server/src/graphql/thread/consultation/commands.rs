//! Commands to consultations: request, assign, ask for an assignment, hand over, advise, record the plan, inform the patient, close. Each has an input,
//! a payload, a mutation, and the reading of its input.

use std::collections::BTreeSet;

use async_graphql::{Context, ID, InputObject, Object, OneofObject, Result};
use care::conversation::{Opening, Owner};
use care::lifecycle::OpenLifecycle;
use care::lifecycle::consultation::{
    Advise, AskForAssignment, Assign, CloseConsultation, Consent, ConsultationCommand, Disposed, HandOverRequest,
    InformPatient, Recommended, RecordPlan, RequestConsultation, Survey,
};
use care::thread::{Thread, ThreadCommand};
use serde::{Deserialize, Serialize};

use super::{Consultation, after};
use crate::graphql::id::decode_id;
use crate::graphql::inputs::conversation::MessageInput;
use crate::graphql::inputs::{CommandInput, CommandOf, Fields, command_inputs};
use crate::graphql::mutation_input::mutate;
use crate::graphql::payload::payload;
use crate::graphql::scalars::Instant;
use crate::graphql::words::{
    Certainty, ClosingOutcome, Confidentiality, ConsentException, ConsentMethod, Disposition, InformMethod,
    ReassignReason, RecommendationKind, Sensitivity, Topic, Urgency,
};

command_inputs! {
    /// A new consultation.
    RequestConsultationInput (draft) {
        /// The patient.
        pub patient_id: ID,
        /// The pool to ask.
        pub pool_id: ID,
        /// Its topic.
        pub topic: Topic,
        /// A line that says what it is about.
        pub subject: String,
        /// The question.
        pub question: String,
        /// How quickly an answer is needed.
        pub urgency: Urgency,
        /// The patient's consent, or the reason why there is none.
        pub consent: ConsentInput,
        /// Whether the specialist may turn it into a referral.
        pub may_convert: bool,
        /// How confidential.
        #[graphql(default_with = "Confidentiality::Normal")]
        #[serde(default = "normal")]
        pub confidentiality: Confidentiality,
        /// Its sensitive subjects.
        #[graphql(default)]
        #[serde(default)]
        pub sensitivities: Vec<Sensitivity>,
        /// Whether those who help the patient do not notice it. Null or left out: they do. Of a minor from the first age gate
        /// on whom a parent helps, it is their own answer, which is recorded as theirs; without it the problem is
        /// `HIDING_NOT_ANSWERED`.
        #[serde(default)]
        pub hidden_from_delegates: Option<bool>,
    }
}

/// The patient's consent, or the exception from it: exactly one.
#[derive(Debug, Clone, OneofObject, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ConsentInput {
    /// The patient agreed.
    Given(GivenConsentInput),
    /// The consultation is requested without consent.
    Exception(ConsentExceptionInput),
}

/// The patient's consent.
#[derive(Debug, Clone, InputObject, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GivenConsentInput {
    /// The method.
    pub method: ConsentMethod,
    /// When; not in the future, and at most ten years back. Up to two minutes ahead count as now.
    pub at: Instant,
}

/// The exception from the patient's consent.
#[derive(Debug, Clone, InputObject, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ConsentExceptionInput {
    /// Why.
    pub reason: ConsentException,
}

command_inputs! {
    /// An assignment within the owning pool.
    AssignConsultationInput (version) {
        /// The member to whom it is assigned. Null for any member.
        pub to: Option<ID>,
        /// Why it is assigned again.
        pub reason: Option<ReassignReason>,
    }

    /// A question to the answering side that it assign the consultation.
    AskForAssignmentInput {
        /// Why.
        pub reason: String,
    }

    /// The duties of who asks, for another physician of the asking side.
    HandOverRequestInput (version) {
        /// Who asks from then on.
        pub to: ID,
        /// Why.
        pub reason: String,
    }

    /// The answer to a consultation.
    AdviseConsultationInput (draft, version) {
        /// What is recommended: one to twenty.
        pub recommendations: Vec<RecommendationInput>,
        /// When the patient should come back, or what to watch for.
        pub come_back_when: Option<String>,
        /// The minutes that the answer took.
        pub minutes_spent: i32,
    }
}

/// One recommendation.
#[derive(Debug, Clone, InputObject, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RecommendationInput {
    /// Its kind.
    pub kind: RecommendationKind,
    /// How certain you are.
    pub certainty: Certainty,
    /// In words.
    pub text: String,
}

command_inputs! {
    /// The plan: your decision about each recommendation of an answer.
    RecordPlanInput (draft, version) {
        /// One decision for each recommendation.
        pub dispositions: Vec<DispositionInput>,
        /// The plan in words.
        pub note: Option<String>,
    }
}

/// The decision about one recommendation.
#[derive(Debug, Clone, InputObject, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DispositionInput {
    /// The recommendation.
    pub recommendation_id: ID,
    /// The decision.
    pub disposition: Disposition,
    /// Why. Required unless the recommendation is accepted.
    pub reason: Option<String>,
}

command_inputs! {
    /// How and when the patient was informed.
    InformPatientInput (draft, version) {
        /// The method.
        pub method: InformMethod,
        /// When; not in the future, and not before the answer. Up to two minutes ahead count as now.
        pub told_at: Instant,
        /// A message that is posted in the same act, before the step. Null: none.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub message: Option<MessageInput>,
    }

    /// The outcome of a consultation.
    CloseConsultationInput (draft, version) {
        /// The outcome.
        pub outcome: ClosingOutcome,
        /// How helpful it was, 1 to 5.
        pub helpful: i32,
        /// How educational it was, 1 to 5.
        pub educational: i32,
        /// A message that is posted in the same act, before the step. Null: none.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub message: Option<MessageInput>,
    }
}

payload! {
    {
        /// The consultation as it is now. Null if there is none that you may see.
        consultation: Consultation
    }
    /// The result of `requestConsultation`.
    RequestConsultationPayload
    /// The result of `assignConsultation`.
    AssignConsultationPayload
    /// The result of `askForAssignment`.
    AskForAssignmentPayload
    /// The result of `handOverRequest`.
    HandOverRequestPayload
    /// The result of `adviseConsultation`.
    AdviseConsultationPayload
    /// The result of `recordPlan`.
    RecordPlanPayload
    /// The result of `informPatient`.
    InformPatientPayload
    /// The result of `closeConsultation`.
    CloseConsultationPayload
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
    ) -> Option<Result<RequestConsultationPayload>> {
        Some(mutate(context, None, &input, after).await.map(Into::into))
    }

    /// Accept a consultation for its pool, and assign it to one member if `to` names one.
    async fn assign_consultation(
        &self,
        context: &Context<'_>,
        consultation_id: ID,
        input: AssignConsultationInput,
    ) -> Option<Result<AssignConsultationPayload>> {
        Some(mutate(context, Some(decode_id(&consultation_id)), &input, after).await.map(Into::into))
    }

    /// Ask the answering side to assign a consultation. It decides; it can be asked again after a working day.
    async fn ask_for_assignment(
        &self,
        context: &Context<'_>,
        consultation_id: ID,
        input: AskForAssignmentInput,
    ) -> Option<Result<AskForAssignmentPayload>> {
        Some(mutate(context, Some(decode_id(&consultation_id)), &input, after).await.map(Into::into))
    }

    /// Give the duties of who asks to another physician of the asking side. A coordinator does it for a requester who
    /// cannot act or has left the patient's care team.
    async fn hand_over_request(
        &self,
        context: &Context<'_>,
        consultation_id: ID,
        input: HandOverRequestInput,
    ) -> Option<Result<HandOverRequestPayload>> {
        Some(mutate(context, Some(decode_id(&consultation_id)), &input, after).await.map(Into::into))
    }

    /// Answer a consultation.
    async fn advise_consultation(
        &self,
        context: &Context<'_>,
        consultation_id: ID,
        input: AdviseConsultationInput,
    ) -> Option<Result<AdviseConsultationPayload>> {
        Some(mutate(context, Some(decode_id(&consultation_id)), &input, after).await.map(Into::into))
    }

    /// Record the plan: your decision about each recommendation.
    async fn record_plan(
        &self,
        context: &Context<'_>,
        consultation_id: ID,
        input: RecordPlanInput,
    ) -> Option<Result<RecordPlanPayload>> {
        Some(mutate(context, Some(decode_id(&consultation_id)), &input, after).await.map(Into::into))
    }

    /// Record that the patient was informed.
    async fn inform_patient(
        &self,
        context: &Context<'_>,
        consultation_id: ID,
        input: InformPatientInput,
    ) -> Option<Result<InformPatientPayload>> {
        Some(mutate(context, Some(decode_id(&consultation_id)), &input, after).await.map(Into::into))
    }

    /// Close a consultation, with its outcome.
    async fn close_consultation(
        &self,
        context: &Context<'_>,
        consultation_id: ID,
        input: CloseConsultationInput,
    ) -> Option<Result<CloseConsultationPayload>> {
        Some(mutate(context, Some(decode_id(&consultation_id)), &input, after).await.map(Into::into))
    }
}

impl From<&ConsentInput> for Consent {
    fn from(consent: &ConsentInput) -> Self {
        match consent {
            ConsentInput::Given(given) => Self::Given { method: given.method.into(), at: given.at.into() },
            ConsentInput::Exception(exception) => Self::Exception { reason: exception.reason.into() },
        }
    }
}

fn recommended(fields: &mut Fields, index: usize, each: &RecommendationInput) -> Option<Recommended> {
    let text = fields.body(&["input", "recommendations", &index.to_string(), "text"], &each.text)?;
    Some(Recommended { kind: each.kind.into(), certainty: each.certainty.into(), text })
}

/// All of them, or nothing when one was wrong; each is read, so that all problems come at once.
fn all<T>(read: impl Iterator<Item = Option<T>>) -> Option<Vec<T>> {
    read.collect::<Vec<_>>().into_iter().collect()
}

impl CommandInput for RequestConsultationInput {
    type Target = Thread;

    fn read(&self, fields: &mut Fields) -> Option<CommandOf<Self>> {
        let Self {
            client_mutation_id: _,
            draft: _,
            patient_id,
            pool_id,
            topic,
            subject,
            question,
            urgency,
            consent,
            may_convert,
            confidentiality,
            sensitivities,
            hidden_from_delegates,
        } = self;
        let subject = fields.line(&["input", "subject"], subject);
        let question = fields.body(&["input", "question"], question);
        let opening = Opening {
            patient: Some(decode_id(patient_id)),
            organization: None,
            topic: (*topic).into(),
            subject: subject?,
            confidentiality: (*confidentiality).into(),
            sensitivities: sensitivities.iter().copied().map(Into::into).collect(),
            owner: Owner::Pool(decode_id(pool_id)),
            pools: BTreeSet::new(),
            hidden_from_delegates: *hidden_from_delegates,
        };
        let request = RequestConsultation {
            question: question?,
            urgency: (*urgency).into(),
            consent: Consent::from(consent),
            may_convert: *may_convert,
        };
        Some(ThreadCommand::Open(Box::new(opening), Box::new(OpenLifecycle::Consultation(request))))
    }
}

impl CommandInput for AssignConsultationInput {
    type Target = Thread;

    fn read(&self, _fields: &mut Fields) -> Option<CommandOf<Self>> {
        let Self { client_mutation_id: _, expected_version: _, to, reason } = self;
        let assign = Assign { to: to.as_ref().map(decode_id), reason: reason.map(Into::into) };
        Some(ConsultationCommand::from(assign).into())
    }
}

impl CommandInput for AskForAssignmentInput {
    type Target = Thread;

    fn read(&self, fields: &mut Fields) -> Option<CommandOf<Self>> {
        let Self { client_mutation_id: _, reason } = self;
        let reason = fields.body(&["input", "reason"], reason)?;
        Some(ConsultationCommand::from(AskForAssignment { reason }).into())
    }
}

impl CommandInput for HandOverRequestInput {
    type Target = Thread;

    fn read(&self, fields: &mut Fields) -> Option<CommandOf<Self>> {
        let Self { client_mutation_id: _, expected_version: _, to, reason } = self;
        let reason = fields.body(&["input", "reason"], reason)?;
        Some(ConsultationCommand::from(HandOverRequest { to: decode_id(to), reason }).into())
    }
}

impl CommandInput for AdviseConsultationInput {
    type Target = Thread;

    fn read(&self, fields: &mut Fields) -> Option<CommandOf<Self>> {
        let Self {
            client_mutation_id: _,
            draft: _,
            expected_version: _,
            recommendations,
            come_back_when,
            minutes_spent,
        } = self;
        let recommendations =
            all(recommendations.iter().enumerate().map(|(index, each)| recommended(fields, index, each)));
        let come_back_when = fields.body_if_any(&["input", "comeBackWhen"], come_back_when.as_deref());
        let minutes_spent = fields.number(&["input", "minutesSpent"], *minutes_spent);
        let advise = Advise {
            recommendations: recommendations?,
            come_back_when: come_back_when?,
            minutes_spent: minutes_spent?,
        };
        Some(ConsultationCommand::from(advise).into())
    }
}

impl CommandInput for RecordPlanInput {
    type Target = Thread;

    fn read(&self, fields: &mut Fields) -> Option<CommandOf<Self>> {
        let Self { client_mutation_id: _, draft: _, expected_version: _, dispositions, note } = self;
        let dispositions = all(dispositions.iter().enumerate().map(|(index, each)| {
            let DispositionInput { recommendation_id, disposition, reason } = each;
            let path = ["input", "dispositions", &index.to_string(), "reason"];
            let reason = fields.body_if_any(&path, reason.as_deref())?;
            Some(Disposed { recommendation: decode_id(recommendation_id), disposition: (*disposition).into(), reason })
        }));
        let note = fields.body_if_any(&["input", "note"], note.as_deref());
        Some(ConsultationCommand::from(RecordPlan { dispositions: dispositions?, note: note? }).into())
    }
}

impl CommandInput for InformPatientInput {
    type Target = Thread;

    fn read(&self, fields: &mut Fields) -> Option<CommandOf<Self>> {
        let Self { client_mutation_id: _, draft: _, expected_version: _, method, told_at, message } = self;
        let message = MessageInput::read_if_any(message.as_ref(), fields)?;
        let step = ConsultationCommand::from(InformPatient { method: (*method).into(), told_at: (*told_at).into() });
        Some(ThreadCommand::from(step).with_message(message))
    }
}

impl CommandInput for CloseConsultationInput {
    type Target = Thread;

    fn read(&self, fields: &mut Fields) -> Option<CommandOf<Self>> {
        let Self { client_mutation_id: _, draft: _, expected_version: _, outcome, helpful, educational, message } =
            self;
        let helpful = fields.number(&["input", "helpful"], *helpful);
        let educational = fields.number(&["input", "educational"], *educational);
        let message = MessageInput::read_if_any(message.as_ref(), fields);
        let survey = Survey { outcome: (*outcome).into(), helpful: helpful?, educational: educational? };
        let step = ConsultationCommand::from(CloseConsultation { survey });
        Some(ThreadCommand::from(step).with_message(message?))
    }
}

fn normal() -> Confidentiality {
    Confidentiality::Normal
}
