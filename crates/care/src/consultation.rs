//! The consultation: one clinician asks, a pool of specialists answers, and it is known what
//! became of the advice.
//!
//! The main road: submitted, assigned, claimed (in review), answered, plan recorded, patient
//! informed, closed. Every other command is refused by naming the state. Further states of the
//! full lifecycle (draft, information requested, follow-up, returned, declined, converted,
//! withdrawn, reopened) are variants of [`Lifecycle`] to come: a variant, its arms, its events.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::calendar::{Calendar, Due};
use crate::conversation::{
    Conversation, ConversationCommand, ConversationEvent, ConversationRefusal, Embedding, Refused,
};
use crate::decide::Acting;
use crate::ids::{OrganizationId, PatientId, PersonId, PoolId, RecommendationId};
use crate::kinds::{events, no_text};
use crate::text::{EachText, FieldTag, PersonalText};
use crate::words::{
    Certainty, ClosingOutcome, Confidentiality, ConsentException, ConsentMethod, ConsultationState, Disposition,
    InformMethod, ReassignReason, RecommendationKind, Role, Sensitivity, Topic, Urgency,
};

/// What can be asked of a consultation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ConsultationCommand {
    /// Ask: opens the thread.
    Request(Box<RequestConsultation>),
    /// Accept it for the pool, perhaps for one member of it.
    Assign(Assign),
    /// Answer.
    Advise(Advise),
    /// Say what becomes of each recommendation.
    RecordPlan(RecordPlan),
    /// Note that the patient was told.
    InformPatient(InformPatient),
    /// End it, with a survey.
    Close(Survey),
}

/// Ask a pool of specialists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestConsultation {
    /// The patient it is about.
    pub patient: PatientId,
    /// The organization that asks.
    pub organization: OrganizationId,
    /// Who answers, looked up before.
    pub answering: AnsweringPool,
    /// The one topic.
    pub topic: Topic,
    /// A line that says what it is about.
    pub subject: PersonalText,
    /// The question.
    pub question: PersonalText,
    /// How quickly an answer is needed.
    pub urgency: Urgency,
    /// The patient's consent, or why it could not be had.
    pub consent: Consent,
    /// Whether the specialist may turn it into a referral. There is no default: the requester says.
    pub may_convert: bool,
    /// How confidential the thread is.
    pub confidentiality: Confidentiality,
    /// What it touches.
    pub sensitivities: Vec<Sensitivity>,
}

/// The pool that will answer, and the calendar it promises by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnsweringPool {
    /// The pool's organization.
    pub organization: OrganizationId,
    /// The pool.
    pub pool: PoolId,
    /// The version of the calendar.
    pub calendar_version: u32,
    /// The calendar in force.
    pub calendar: Calendar,
}

/// The patient's consent to the consultation, or the recorded exception from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Consent {
    /// The patient agreed.
    Given {
        /// How.
        method: ConsentMethod,
        /// When.
        at: DateTime<Utc>,
    },
    /// It was asked without consent.
    Exception {
        /// Why.
        reason: ConsentException,
    },
}

/// Accept a consultation for its pool.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Assign {
    /// The member it is meant for, if it is meant for one.
    pub to: Option<PersonId>,
    /// Whether that person is a physician of the pool now, looked up before.
    pub is_member: bool,
    /// Why it is assigned again; needed once it was assigned before.
    pub reason: Option<ReassignReason>,
}

/// Answer a consultation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Advise {
    /// One or more recommendations, twenty at most.
    pub recommendations: Vec<Recommendation>,
    /// When the patient should come back, or what to watch for.
    pub come_back_when: Option<PersonalText>,
    /// Minutes that answering took.
    pub minutes_spent: u16,
}

/// One recommendation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recommendation {
    /// Its id.
    pub recommendation: RecommendationId,
    /// What it asks for.
    pub kind: RecommendationKind,
    /// How sure the adviser is.
    pub certainty: Certainty,
    /// In words, under the thread's content key.
    pub text: PersonalText,
}

/// Say what becomes of the advice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordPlan {
    /// One for each recommendation.
    pub dispositions: Vec<Disposed>,
    /// The plan in words.
    pub note: Option<PersonalText>,
}

/// What becomes of one recommendation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Disposed {
    /// Which.
    pub recommendation: RecommendationId,
    /// What becomes of it.
    pub disposition: Disposition,
    /// Why, when it is not simply accepted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<PersonalText>,
}

/// Note that the patient was told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InformPatient {
    /// How.
    pub method: InformMethod,
    /// When, not in the future.
    pub told_at: DateTime<Utc>,
}

/// The survey at the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Survey {
    /// What came of it.
    pub outcome: ClosingOutcome,
    /// How helpful it was, 1 to 5.
    pub helpful: u8,
    /// How much was learnt, 1 to 5.
    pub educational: u8,
}

/// We refuse because …
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConsultationRefusal {
    /// … the state does not allow it.
    #[error("the consultation is {}", .state.word())]
    NotInState {
        /// The state it is in.
        state: ConsultationState,
    },
    /// … it exists already.
    #[error("the consultation exists already")]
    Exists,
    /// … consent cannot have been given in the future.
    #[error("consent cannot lie in the future")]
    ConsentInFuture,
    /// … the answering pool has no staffed hour to promise.
    #[error("the answering pool promises no answer: its calendar has no staffed hour")]
    NoStaffedHour,
    /// … it is meant for another member of the pool.
    #[error("the consultation is assigned to another member of the pool")]
    AssignedToAnother,
    /// … that person is not a physician of the pool.
    #[error("that person does not answer for the pool")]
    NotInPool,
    /// … assigning again needs a reason.
    #[error("assigning again needs a reason")]
    ReasonMissing,
    /// … advice without a recommendation is none, and more than twenty is a book.
    #[error("advice holds one to twenty recommendations")]
    RecommendationCount,
    /// … two recommendations under one id could not be disposed of one by one.
    #[error("each recommendation needs an id of its own")]
    RecommendationRepeated,
    /// … each recommendation needs exactly one disposition, and only its own.
    #[error("each recommendation needs exactly one disposition")]
    NotAllDisposed,
    /// … what is not simply accepted needs a reason.
    #[error("a modified or rejected recommendation needs a reason")]
    DispositionReasonMissing,
    /// … the patient cannot have been told in the future.
    #[error("the patient cannot have been told in the future")]
    ToldInFuture,
    /// … ratings go from 1 to 5.
    #[error("ratings go from 1 to 5")]
    RatingOutOfRange,
    /// … only a clinician signs a request.
    #[error("only a clinician can request a consultation")]
    NotAClinician,
}

events! {
    /// What can have happened to a consultation.
    ConsultationEvent {
        "consultation.submitted" v 1 => Submitted(Box<Submitted>),
        "consultation.assigned" v 1 => Assigned(Assigned),
        "consultation.advised" v 1 => Advised(Advised),
        "consultation.plan_recorded" v 1 => PlanRecorded(PlanRecorded),
        "consultation.patient_informed" v 1 => PatientInformed(PatientInformed),
        "consultation.surveyed" v 1 => Surveyed(Surveyed),
    }
}

/// A consultation was asked for: the first event of its thread.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Submitted {
    /// The patient.
    pub patient: PatientId,
    /// Who signed it.
    pub requester: PersonId,
    /// In which role.
    pub requester_role: Role,
    /// For which organization.
    pub organization: OrganizationId,
    /// The organization that answers.
    pub receiving: OrganizationId,
    /// The pool that owns the thread from here on.
    pub pool: PoolId,
    /// The topic.
    pub topic: Topic,
    /// What it is about, under the thread's content key.
    pub subject: PersonalText,
    /// The question, likewise.
    pub question: PersonalText,
    /// The urgency.
    pub urgency: Urgency,
    /// Consent or exception.
    pub consent: Consent,
    /// Whether it may become a referral.
    pub may_convert: bool,
    /// How confidential.
    pub confidentiality: Confidentiality,
    /// What it touches.
    pub sensitivities: Vec<Sensitivity>,
    /// By when the pool promised an answer.
    pub due: Due,
}

/// The pool accepted it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assigned {
    /// By whom.
    pub by: PersonId,
    /// The member it is meant for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<PersonId>,
    /// Why again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<ReassignReason>,
}

/// It was answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Advised {
    /// By whom.
    pub by: PersonId,
    /// The recommendations.
    pub recommendations: Vec<Recommendation>,
    /// When to come back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub come_back_when: Option<PersonalText>,
    /// Minutes that answering took.
    pub minutes_spent: u16,
}

/// The requester said what becomes of the advice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanRecorded {
    /// By whom.
    pub by: PersonId,
    /// What becomes of each recommendation.
    pub dispositions: Vec<Disposed>,
    /// The plan in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<PersonalText>,
}

/// The patient was told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PatientInformed {
    /// Who noted it.
    pub by: PersonId,
    /// How.
    pub method: InformMethod,
    /// When.
    pub told_at: DateTime<Utc>,
}

/// It ended, and this came of it. `thread.closed` follows in the same append.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Surveyed {
    /// By whom.
    pub by: PersonId,
    /// The survey.
    pub survey: Survey,
}

impl EachText for Box<Submitted> {
    fn each_text(&mut self, visit: &mut dyn FnMut(FieldTag, &mut PersonalText)) {
        let Submitted {
            patient: _,
            requester: _,
            requester_role: _,
            organization: _,
            receiving: _,
            pool: _,
            topic: _,
            subject,
            question,
            urgency: _,
            consent: _,
            may_convert: _,
            confidentiality: _,
            sensitivities: _,
            due: _,
        } = &mut **self;
        visit(FieldTag("consultation.subject"), subject);
        visit(FieldTag("consultation.question"), question);
    }
}

impl EachText for Advised {
    fn each_text(&mut self, visit: &mut dyn FnMut(FieldTag, &mut PersonalText)) {
        let Self { by: _, recommendations, come_back_when, minutes_spent: _ } = self;
        for Recommendation { recommendation: _, kind: _, certainty: _, text } in recommendations {
            visit(FieldTag("consultation.recommendation"), text);
        }
        if let Some(text) = come_back_when {
            visit(FieldTag("consultation.come_back_when"), text);
        }
    }
}

impl EachText for PlanRecorded {
    fn each_text(&mut self, visit: &mut dyn FnMut(FieldTag, &mut PersonalText)) {
        let Self { by: _, dispositions, note } = self;
        for Disposed { recommendation: _, disposition: _, reason } in dispositions {
            if let Some(text) = reason {
                visit(FieldTag("consultation.disposition_reason"), text);
            }
        }
        if let Some(text) = note {
            visit(FieldTag("consultation.plan_note"), text);
        }
    }
}

no_text! {
    Assigned { by, to, reason }
    PatientInformed { by, method, told_at }
    Surveyed { by, survey }
}

impl From<ConsultationRefusal> for Refused<ConsultationRefusal> {
    fn from(refusal: ConsultationRefusal) -> Self {
        Self::Lifecycle(refusal)
    }
}

/// Most recommendations in one answer.
const RECOMMENDATIONS_MAX: usize = 20;

/// A consultation, folded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Consultation {
    conversation: Conversation,
    lifecycle: Lifecycle,
}

/// Where a consultation stands, with what is known there and nowhere else.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Lifecycle {
    Submitted,
    Assigned { to: Option<PersonId> },
    InReview,
    Answered { recommendations: Vec<RecommendationId> },
    PlanRecorded,
    PatientInformed,
    Closed,
}

impl Lifecycle {
    fn state(&self) -> ConsultationState {
        match self {
            Self::Submitted => ConsultationState::Submitted,
            Self::Assigned { .. } => ConsultationState::Assigned,
            Self::InReview => ConsultationState::InReview,
            Self::Answered { .. } => ConsultationState::Answered,
            Self::PlanRecorded => ConsultationState::PlanRecorded,
            Self::PatientInformed => ConsultationState::PatientInformed,
            Self::Closed => ConsultationState::Closed,
        }
    }
}

impl Consultation {
    /// Opens a consultation, if everything that it needs is there.
    ///
    /// # Errors
    /// The reason why it is not opened.
    pub fn request(request: &RequestConsultation, acting: &Acting) -> Result<ConsultationEvent, ConsultationRefusal> {
        let requester = acting.by.person().ok_or(ConsultationRefusal::NotAClinician)?;
        let RequestConsultation {
            patient,
            organization,
            answering,
            topic,
            subject,
            question,
            urgency,
            consent,
            may_convert,
            confidentiality,
            sensitivities,
        } = request.clone();
        if matches!(consent, Consent::Given { at, .. } if at > acting.now) {
            return Err(ConsultationRefusal::ConsentInFuture);
        }
        let requester_role = acting.capacity.clinician().ok_or(ConsultationRefusal::NotAClinician)?;
        let due = answering
            .calendar
            .due(answering.calendar_version, urgency, acting.now)
            .ok_or(ConsultationRefusal::NoStaffedHour)?;
        Ok(ConsultationEvent::Submitted(Box::new(Submitted {
            patient,
            requester,
            requester_role,
            organization,
            receiving: answering.organization,
            pool: answering.pool,
            topic,
            subject,
            question,
            urgency,
            consent,
            may_convert,
            confidentiality,
            sensitivities,
            due,
        })))
    }

    /// The consultation that an opening event opens.
    #[must_use]
    pub(crate) fn opened(event: &ConsultationEvent) -> Option<Self> {
        match event {
            ConsultationEvent::Submitted(submitted) => Some(Self {
                conversation: Conversation::opened(submitted.requester, submitted.pool, submitted.due.clone()),
                lifecycle: Lifecycle::Submitted,
            }),
            ConsultationEvent::Assigned(_)
            | ConsultationEvent::Advised(_)
            | ConsultationEvent::PlanRecorded(_)
            | ConsultationEvent::PatientInformed(_)
            | ConsultationEvent::Surveyed(_) => None,
        }
    }

    /// The state by name.
    #[must_use]
    pub fn state(&self) -> ConsultationState {
        self.lifecycle.state()
    }

    /// The conversation within.
    #[must_use]
    pub fn conversation(&self) -> &Conversation {
        &self.conversation
    }

    fn not_in_state(&self) -> Refused<ConsultationRefusal> {
        ConsultationRefusal::NotInState { state: self.lifecycle.state() }.into()
    }

    pub(crate) fn decide_conversation(
        &self,
        command: &ConversationCommand,
        acting: &Acting,
    ) -> Result<Vec<Embedding<ConsultationEvent>>, Refused<ConsultationRefusal>> {
        match command {
            ConversationCommand::Claim => match &self.lifecycle {
                Lifecycle::Assigned { to: None } => {}
                Lifecycle::Assigned { to: Some(person) } if Some(*person) == acting.by.person() => {}
                Lifecycle::Assigned { to: Some(_) } => return Err(ConsultationRefusal::AssignedToAnother.into()),
                // Whoever comes second hears that it is claimed, not which state that is.
                Lifecycle::InReview => return Err(ConversationRefusal::AlreadyClaimed.into()),
                Lifecycle::Submitted
                | Lifecycle::Answered { .. }
                | Lifecycle::PlanRecorded
                | Lifecycle::PatientInformed
                | Lifecycle::Closed => return Err(self.not_in_state()),
            },
            ConversationCommand::AddParticipant(_)
            | ConversationCommand::PostMessage(_)
            | ConversationCommand::MarkRead(_) => {}
        }
        let events = self.conversation.decide(command, acting)?;
        Ok(events.into_iter().map(Embedding::Conversation).collect())
    }

    pub(crate) fn decide(
        &self,
        command: &ConsultationCommand,
        acting: &Acting,
    ) -> Result<Vec<Embedding<ConsultationEvent>>, Refused<ConsultationRefusal>> {
        let by = acting.by.person().ok_or(ConversationRefusal::NotAPerson)?;
        let event = match (command, &self.lifecycle) {
            (ConsultationCommand::Request(_), _) => return Err(ConsultationRefusal::Exists.into()),
            (ConsultationCommand::Assign(assign), Lifecycle::Submitted) => {
                ConsultationEvent::Assigned(assigned(assign, by)?)
            }
            (ConsultationCommand::Assign(assign), Lifecycle::Assigned { to }) => {
                if assign.to == *to {
                    return Ok(vec![]);
                }
                assign.reason.ok_or(ConsultationRefusal::ReasonMissing)?;
                ConsultationEvent::Assigned(assigned(assign, by)?)
            }
            (ConsultationCommand::Advise(advise), Lifecycle::InReview) => {
                ConsultationEvent::Advised(advised(advise, by)?)
            }
            (ConsultationCommand::RecordPlan(plan), Lifecycle::Answered { recommendations }) => {
                ConsultationEvent::PlanRecorded(plan_recorded(plan, recommendations, by)?)
            }
            (ConsultationCommand::InformPatient(InformPatient { method, told_at }), Lifecycle::PlanRecorded) => {
                if *told_at > acting.now {
                    return Err(ConsultationRefusal::ToldInFuture.into());
                }
                ConsultationEvent::PatientInformed(PatientInformed { by, method: *method, told_at: *told_at })
            }
            (ConsultationCommand::Close(survey), Lifecycle::PatientInformed) => {
                if ![survey.helpful, survey.educational].iter().all(|rating| (1..=5).contains(rating)) {
                    return Err(ConsultationRefusal::RatingOutOfRange.into());
                }
                let closed = self.conversation.close(by)?;
                let surveyed = ConsultationEvent::Surveyed(Surveyed { by, survey: *survey });
                return Ok(vec![Embedding::Lifecycle(surveyed), Embedding::Conversation(closed)]);
            }
            (
                ConsultationCommand::Assign(_)
                | ConsultationCommand::Advise(_)
                | ConsultationCommand::RecordPlan(_)
                | ConsultationCommand::InformPatient(_)
                | ConsultationCommand::Close(_),
                // Every state by name, so that a new one asks which commands it takes.
                Lifecycle::Submitted
                | Lifecycle::Assigned { .. }
                | Lifecycle::InReview
                | Lifecycle::Answered { .. }
                | Lifecycle::PlanRecorded
                | Lifecycle::PatientInformed
                | Lifecycle::Closed,
            ) => return Err(self.not_in_state()),
        };
        Ok(vec![Embedding::Lifecycle(event)])
    }

    pub(crate) fn evolve(mut self, event: &ConsultationEvent) -> Self {
        self.lifecycle = match event {
            ConsultationEvent::Submitted(_) => Lifecycle::Submitted,
            ConsultationEvent::Assigned(assigned) => Lifecycle::Assigned { to: assigned.to },
            ConsultationEvent::Advised(advised) => Lifecycle::Answered {
                recommendations: advised.recommendations.iter().map(|each| each.recommendation).collect(),
            },
            ConsultationEvent::PlanRecorded(_) => Lifecycle::PlanRecorded,
            ConsultationEvent::PatientInformed(_) => Lifecycle::PatientInformed,
            ConsultationEvent::Surveyed(_) => Lifecycle::Closed,
        };
        self
    }

    pub(crate) fn evolve_conversation(mut self, event: &ConversationEvent) -> Self {
        self.conversation = self.conversation.evolve(event);
        match event {
            ConversationEvent::Claimed(_) => self.lifecycle = Lifecycle::InReview,
            ConversationEvent::ParticipantAdded(_)
            | ConversationEvent::MessagePosted(_)
            | ConversationEvent::ReadMarked(_)
            | ConversationEvent::Closed(_) => {}
        }
        self
    }
}

fn assigned(assign: &Assign, by: PersonId) -> Result<Assigned, ConsultationRefusal> {
    if assign.to.is_some() && !assign.is_member {
        return Err(ConsultationRefusal::NotInPool);
    }
    Ok(Assigned { by, to: assign.to, reason: assign.reason })
}

fn advised(advise: &Advise, by: PersonId) -> Result<Advised, ConsultationRefusal> {
    let Advise { recommendations, come_back_when, minutes_spent } = advise.clone();
    if !(1..=RECOMMENDATIONS_MAX).contains(&recommendations.len()) {
        return Err(ConsultationRefusal::RecommendationCount);
    }
    let mut seen = BTreeSet::new();
    if !recommendations.iter().all(|each| seen.insert(each.recommendation)) {
        return Err(ConsultationRefusal::RecommendationRepeated);
    }
    Ok(Advised { by, recommendations, come_back_when, minutes_spent })
}

fn plan_recorded(
    plan: &RecordPlan,
    recommendations: &[RecommendationId],
    by: PersonId,
) -> Result<PlanRecorded, ConsultationRefusal> {
    let mut open: BTreeSet<RecommendationId> = recommendations.iter().copied().collect();
    let each_once = plan.dispositions.iter().all(|disposed| open.remove(&disposed.recommendation));
    if !each_once || !open.is_empty() {
        return Err(ConsultationRefusal::NotAllDisposed);
    }
    let unexplained = |disposed: &Disposed| disposed.disposition != Disposition::Accepted && disposed.reason.is_none();
    if plan.dispositions.iter().any(unexplained) {
        return Err(ConsultationRefusal::DispositionReasonMissing);
    }
    let RecordPlan { dispositions, note } = plan.clone();
    Ok(PlanRecorded { by, dispositions, note })
}

#[cfg(test)]
pub(crate) mod scenarios;
