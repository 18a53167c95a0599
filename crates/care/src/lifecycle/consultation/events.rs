//! What can have happened in a consultation, beside what happens in every conversation.
//!
//! To add an event: 1. its struct and its line in the list here; 2. its arm in `Consultation::evolve`; 3. its sample in the
//! scenarios.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::calendar::Due;
use crate::envelope::Actor;
use crate::event_set::{PersonalTexts, events, no_text, texts};
use crate::ids::{PersonId, RecommendationId};
use crate::text::PersonalText;
use crate::words::{
    Certainty, ClosingOutcome, ConsentException, ConsentMethod, Disposition, InformMethod, ReassignReason,
    RecommendationKind, Urgency,
};

/// The patient's consent to the consultation, or the recorded exception from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Consent {
    /// The patient agreed.
    Given {
        /// How.
        method: ConsentMethod,
        /// When.
        #[serde(with = "crate::instant")]
        at: DateTime<Utc>,
    },
    /// It was requested without consent.
    Exception {
        /// Why.
        reason: ConsentException,
    },
}

/// One recommendation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recommendation {
    /// Its id.
    pub recommendation: RecommendationId,
    /// Its kind.
    pub kind: RecommendationKind,
    /// How sure the adviser is.
    pub certainty: Certainty,
    /// In words, under the thread's content key.
    pub text: PersonalText,
}

/// What is done with one recommendation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Disposed {
    /// Which.
    pub recommendation: RecommendationId,
    /// What is done with it.
    pub disposition: Disposition,
    /// Why, when it is not simply accepted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<PersonalText>,
}

/// The survey at the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Survey {
    /// The outcome.
    pub outcome: ClosingOutcome,
    /// How helpful it was, 1 to 5.
    pub helpful: u8,
    /// How educational it was, 1 to 5.
    pub educational: u8,
}

events! {
    /// The events of a consultation.
    ConsultationEvent {
        "consultation.submitted" v 1 => Submitted,
        "consultation.assigned" v 1 => Assigned,
        "consultation.assignment_requested" v 1 => AssignmentRequested,
        "consultation.review_started" v 1 => ReviewStarted,
        "consultation.advised" v 1 => Advised,
        "consultation.plan_recorded" v 1 => PlanRecorded,
        "consultation.patient_informed" v 1 => PatientInformed,
        "consultation.surveyed" v 1 => Surveyed,
    }
}

/// A consultation was requested. It follows `thread.opened` in the same append.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Submitted {
    /// The question, under the thread's content key.
    pub question: PersonalText,
    /// The urgency.
    pub urgency: Urgency,
    /// Consent or exception.
    pub consent: Consent,
    /// Whether it may become a referral.
    pub may_convert: bool,
    /// The due time of the answer.
    pub due: Due,
}

/// A member of the pool took it on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReviewStarted {
    /// Who.
    pub by: Actor,
}

/// The pool accepted it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assigned {
    /// By whom.
    pub by: Actor,
    /// The member to whom it is assigned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<PersonId>,
    /// Why it was assigned again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<ReassignReason>,
}

/// The asking side asked the answering side to assign it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AssignmentRequested {
    /// By whom.
    pub by: Actor,
    /// Why, under the thread's content key.
    pub reason: PersonalText,
    /// When.
    #[serde(with = "crate::instant")]
    pub at: DateTime<Utc>,
    /// From when on it can be asked again.
    #[serde(with = "crate::instant")]
    pub again_from: DateTime<Utc>,
}

/// It was answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Advised {
    /// By whom.
    pub by: Actor,
    /// The recommendations.
    pub recommendations: Vec<Recommendation>,
    /// When to come back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub come_back_when: Option<PersonalText>,
    /// Minutes that answering took.
    pub minutes_spent: u16,
    /// When; events that were stored without it are from before it was needed.
    #[serde(default, with = "crate::instant::optional", skip_serializing_if = "Option::is_none")]
    pub at: Option<DateTime<Utc>>,
}

/// The requester recorded what is done with the advice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanRecorded {
    /// By whom.
    pub by: Actor,
    /// What is done with each recommendation.
    pub dispositions: Vec<Disposed>,
    /// The plan in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<PersonalText>,
}

/// The patient was informed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PatientInformed {
    /// Who recorded it.
    pub by: Actor,
    /// How.
    pub method: InformMethod,
    /// When.
    #[serde(with = "crate::instant")]
    pub told_at: DateTime<Utc>,
}

/// The survey at the end was answered. `thread.closed` follows in the same append.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Surveyed {
    /// By whom.
    pub by: Actor,
    /// The survey.
    pub survey: Survey,
}

impl PersonalTexts for Recommendation {
    fn texts(&mut self) -> impl Iterator<Item = &mut PersonalText> {
        let Self { recommendation: _, kind: _, certainty: _, text } = self;
        std::iter::once(text)
    }
}

impl PersonalTexts for Disposed {
    fn texts(&mut self) -> impl Iterator<Item = &mut PersonalText> {
        let Self { recommendation: _, disposition: _, reason } = self;
        reason.iter_mut()
    }
}

texts! {
    Submitted { question: "consultation.question"; urgency, consent, may_convert, due }
    AssignmentRequested { reason: "consultation.assignment_reason"; by, at, again_from }
    Advised {
        recommendations: "consultation.recommendation", come_back_when: "consultation.come_back_when";
        by, minutes_spent, at
    }
    PlanRecorded { dispositions: "consultation.disposition_reason", note: "consultation.plan_note"; by }
}

no_text! {
    Assigned { by, to, reason }
    ReviewStarted { by }
    PatientInformed { by, method, told_at }
    Surveyed { by, survey }
}
