//! The answer to a consultation, and what was decided about it.

use async_graphql::{ID, SimpleObject};
use coordination::lifecycle::consultation::{AdviceRow, ConsultationContent, RecommendationRow};

use crate::graphql::id::encode_id;
use crate::graphql::person::Person;
use crate::graphql::scalars::{Instant, PersonalText};
use crate::graphql::words::{Certainty, Disposition, InformMethod, RecommendationKind};

/// The answer to a consultation.
#[derive(SimpleObject)]
pub struct Advice {
    /// The person who answered.
    adviser: Option<Person>,
    /// When.
    advised_at: Instant,
    /// What is recommended.
    recommendations: Vec<Recommendation>,
    /// When the patient should come back, or what to watch for.
    come_back_when: Option<PersonalText>,
    /// The requester's decisions about it.
    plan: Option<Plan>,
    /// How and when the patient was informed.
    informed: Option<Informed>,
}

/// One recommendation, and the decision of the requester about it.
#[derive(SimpleObject)]
pub struct Recommendation {
    /// Its id within the advice.
    id: ID,
    /// Its kind.
    kind: RecommendationKind,
    /// How certain the adviser is.
    certainty: Certainty,
    /// In words.
    text: PersonalText,
    /// The decision about it. Null until the plan is recorded.
    disposition: Option<Disposition>,
    /// Why.
    reason: Option<PersonalText>,
}

/// The requester's decisions about an answer.
#[derive(SimpleObject)]
pub struct Plan {
    /// The person.
    by: Option<Person>,
    /// When.
    at: Instant,
    /// In words.
    note: Option<PersonalText>,
}

/// How and when the patient was informed.
#[derive(SimpleObject)]
pub struct Informed {
    /// The method.
    method: InformMethod,
    /// When.
    told_at: Instant,
}

impl Advice {
    /// The advice as it is shown, with the names of the persons in it, and what followed it.
    pub(super) fn of(
        content: &ConsultationContent,
        row: &AdviceRow,
        adviser: Option<Person>,
        planner: Option<Person>,
    ) -> Self {
        Self {
            adviser,
            advised_at: row.at.into(),
            recommendations: row.recommendations.iter().map(Recommendation::of).collect(),
            come_back_when: row.come_back_when.as_ref().map(PersonalText::from),
            plan: content.plan.as_ref().map(|plan| Plan {
                by: planner,
                at: plan.at.into(),
                note: plan.note.as_ref().map(PersonalText::from),
            }),
            informed: content
                .informed
                .as_ref()
                .map(|informed| Informed { method: informed.method.into(), told_at: informed.told_at.into() }),
        }
    }
}

impl Recommendation {
    fn of(row: &RecommendationRow) -> Self {
        Self {
            id: encode_id(row.recommendation),
            kind: row.kind.into(),
            certainty: row.certainty.into(),
            text: PersonalText::from(&row.text),
            disposition: row.disposition.map(Into::into),
            reason: row.reason.as_ref().map(PersonalText::from),
        }
    }
}
