//! The answer to a consultation, and what was decided about it.

use async_graphql::{ID, Object, SimpleObject};
use care::ids::RecommendationId;
use coordination::LifecycleView;
use coordination::fault::Fault;
use coordination::lifecycle::consultation::{AdviceRow, ConsultationContent, RecommendationRow};
use coordination::reader::{ContentInThread, Reader};

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
pub struct Recommendation {
    id: RecommendationId,
    kind: RecommendationKind,
    certainty: Certainty,
    text: PersonalText,
    disposition: Option<Disposition>,
    reason: Option<PersonalText>,
}

/// One recommendation, and the decision of the requester about it.
#[Object]
impl Recommendation {
    /// Its id.
    pub(in crate::graphql) async fn id(&self) -> ID {
        encode_id(self.id)
    }

    /// Its kind.
    fn kind(&self) -> RecommendationKind {
        self.kind
    }

    /// How certain the adviser is.
    fn certainty(&self) -> Certainty {
        self.certainty
    }

    /// In words.
    fn text(&self) -> &PersonalText {
        &self.text
    }

    /// The decision about it. Null until the plan is recorded.
    fn disposition(&self) -> Option<Disposition> {
        self.disposition
    }

    /// Why.
    fn reason(&self) -> Option<&PersonalText> {
        self.reason.as_ref()
    }
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
    /// The recommendation of an id, if its thread shows it to the viewer.
    pub(in crate::graphql) fn found(reader: &Reader, id: RecommendationId) -> Result<Option<Self>, Fault> {
        let Some(ContentInThread { thread: _, content }) = reader.content_with(id)? else { return Ok(None) };
        // Only a consultation has recommendations.
        let LifecycleView::Consultation(row) = &*content else { return Ok(None) };
        let advice = row.content.as_ref().and_then(|content| content.advice.as_ref());
        let each = advice.into_iter().flat_map(|advice| &advice.recommendations);
        Ok(each.into_iter().find(|row| row.recommendation == id).map(Self::of))
    }

    fn of(row: &RecommendationRow) -> Self {
        Self {
            id: row.recommendation,
            kind: row.kind.into(),
            certainty: row.certainty.into(),
            text: PersonalText::from(&row.text),
            disposition: row.disposition.map(Into::into),
            reason: row.reason.as_ref().map(PersonalText::from),
        }
    }
}
