//! Consultations: a question to a pool of specialists, its answer, and the plan.

mod advice;
pub mod commands;

use std::sync::Arc;

use async_graphql::{Context, ID, MergedObject, Object, Result};
use care::command_name::Named;
use care::ids::ThreadId;
use care::lifecycle::ThreadKind;
use care::lifecycle::consultation::{
    Advise, AskForAssignment, Assign, ConsultationRefusal, HandOverRequest, InformPatient, RecordPlan,
};
use coordination::fault::Fault;
use coordination::lifecycle::consultation::{ConsultationContent, ConsultationRow};
use coordination::reader::{Reader, ThreadView};
use coordination::{CommandOutcome, LifecycleView};

use super::ThreadFields;
use super::lifecycle::LifecycleOnce;
use crate::graphql::id::decode_id;
use crate::graphql::organization::{Organization, Pool};
use crate::graphql::permission::Permission;
use crate::graphql::person::Person;
use crate::graphql::problem::{AsProblem, Path, Problem, ProblemCode, not_in_state, rule};
use crate::graphql::scalars::{Instant, PersonalText};
use crate::graphql::words::{ClosingOutcome, ConsultationState, Urgency};
use advice::Advice;
pub use advice::Recommendation;

/// A clinician's question to a pool of specialists, with its conversation.
#[derive(MergedObject)]
pub struct Consultation(ThreadFields, ConsultationFields);

impl std::ops::Deref for Consultation {
    type Target = ThreadFields;
    fn deref(&self) -> &ThreadFields {
        &self.0
    }
}

impl Consultation {
    /// A thread whose kind is a consultation.
    pub(super) fn of(reader: &Arc<Reader>, view: ThreadView) -> Self {
        let view = Arc::new(view);
        let fields = || ThreadFields::of(reader, &view);
        Self(fields(), ConsultationFields { lifecycle: LifecycleOnce::of(fields()) })
    }

    /// The consultation of an id, if the reader may find it.
    fn found(reader: &Arc<Reader>, id: ThreadId) -> Result<Option<Self>, Fault> {
        let view = reader.thread(id)?.filter(|view| view.kind == ThreadKind::Consultation);
        Ok(view.map(|view| Self::of(reader, view)))
    }
}

/// The queries of this file.
#[derive(Default)]
pub struct ConsultationQueries;

#[Object]
impl ConsultationQueries {
    /// A consultation.
    async fn consultation(&self, context: &Context<'_>, id: ID) -> Option<Result<Consultation>> {
        let found = |reader| Ok(Consultation::found(reader, decode_id(&id))?);
        context.data::<Arc<Reader>>().and_then(found).transpose()
    }
}

/// What a consultation adds to a thread.
pub struct ConsultationFields {
    lifecycle: LifecycleOnce,
}

impl ConsultationFields {
    fn thread(&self) -> &ThreadFields {
        &self.lifecycle.thread
    }

    fn header(&self) -> Result<&ConsultationRow, Fault> {
        row(self.lifecycle.header()?)
    }

    /// The content; none if this viewer may not read it.
    fn content(&self) -> Result<Option<&ConsultationContent>, Fault> {
        let view = self.lifecycle.content()?;
        Ok(view.map(row).transpose()?.and_then(|row| row.content.as_ref()))
    }

    fn answer(&self) -> Result<Option<Advice>> {
        let Some(content) = self.content()? else { return Ok(None) };
        let Some(advice) = content.advice.as_ref() else { return Ok(None) };
        let planner = content.plan.as_ref().and_then(|plan| plan.by.person());
        let (adviser, planner) = (self.thread().person(advice.by.person())?, self.thread().person(planner)?);
        Ok(Some(Advice::of(content, advice, adviser, planner)))
    }
}

#[Object]
impl ConsultationFields {
    /// The state of the consultation.
    fn state(&self) -> Result<ConsultationState> {
        Ok(self.header()?.state.into())
    }

    /// The person who asks: who requested it, or to whom the request was handed over. Null if you may not know.
    fn requester(&self) -> Option<Result<Person>> {
        self.thread().person(self.thread().view.requester.and_then(|by| by.person())).map_err(Into::into).transpose()
    }

    /// The organization for which it was requested. Null if you may not know.
    fn requesting_organization(&self) -> Option<Result<Organization>> {
        self.thread().organization(self.thread().view.organization).map_err(Into::into).transpose()
    }

    /// The organization of the pool that is asked. Null if you may not know.
    fn receiving_organization(&self) -> Option<Result<Organization>> {
        self.thread().organization(self.thread().view.owning_organization).map_err(Into::into).transpose()
    }

    /// The pool that is asked. Null if you may not know.
    fn pool(&self) -> Option<Result<Pool>> {
        self.thread().pool(self.thread().view.owner_pool).map_err(Into::into).transpose()
    }

    /// The member of the pool who claimed it. Null while nobody has, and if you may not know.
    fn assignee(&self) -> Option<Result<Person>> {
        self.thread().person(self.thread().view.owner_person).map_err(Into::into).transpose()
    }

    /// The member of the pool to whom it was assigned. Null if it was assigned to no particular member, and if you
    /// may not know.
    fn assigned_to(&self) -> Option<Result<Person>> {
        let found = || Ok(self.thread().person(self.header()?.assigned_to)?);
        found().transpose()
    }

    /// When the asking side last asked the answering side to assign it. Null if it has not, and if you may not know.
    fn assignment_asked_at(&self) -> Option<Result<Instant>> {
        let read = self.header().map_err(Into::into);
        read.map(|row| row.assignment_asked_at.map(Into::into)).transpose()
    }

    /// Why it asked then. Null if it has not, and if you may not assign it; withheld if you may not read the content.
    fn assignment_asked_reason(&self) -> Option<Result<PersonalText>> {
        let thread = self.thread();
        let read = thread.reader.assignment_reason(&thread.view).map_err(Into::into);
        read.map(|row| row.map(|row| PersonalText::from(&row.reason))).transpose()
    }

    /// How quickly an answer is needed.
    fn urgency(&self) -> Result<Urgency> {
        Ok(self.header()?.urgency.into())
    }

    /// The instant at which the answer is due, by the calendar of the pool's organization.
    fn due_at(&self) -> Result<Instant> {
        Ok(self.header()?.due_at.into())
    }

    /// The version of the time zone rules by which `dueAt` was computed, such as 2026a, or 2026a (bundled) if they were
    /// part of the program; unknown if the rules did not say it. It stays when rules change later, and so does `dueAt`.
    fn due_zone_rules(&self) -> Result<String> {
        Ok(self.header()?.due_zone_rules.clone())
    }

    /// The question.
    fn question(&self) -> Result<PersonalText> {
        Ok(self.content()?.map_or(PersonalText::WITHHELD, |content| PersonalText::from(&content.question)))
    }

    /// Whether the specialist may convert it to a referral. Null if you may not read the content.
    fn may_convert(&self) -> Option<Result<bool>> {
        let read = self.content().map_err(Into::into);
        read.map(|content| content.map(|content| content.may_convert)).transpose()
    }

    /// The answer. Null as long as there is none that you may read.
    fn advice(&self) -> Option<Result<Advice>> {
        self.answer().transpose()
    }

    /// The outcome. Null until it is closed, and if you may not read the content.
    fn outcome(&self) -> Option<Result<ClosingOutcome>> {
        let read = self.content().map_err(Into::into);
        read.map(|content| content.and_then(|content| content.outcome).map(Into::into)).transpose()
    }

    /// Whether you can assign it now.
    fn viewer_can_assign(&self) -> Result<Permission> {
        self.thread().can(Assign::NAME)
    }

    /// Whether you can ask the answering side now to assign it.
    fn viewer_can_ask_for_assignment(&self) -> Result<Permission> {
        self.thread().can(AskForAssignment::NAME)
    }

    /// Whether you can hand the request over to another physician now.
    fn viewer_can_hand_over_request(&self) -> Result<Permission> {
        self.thread().can(HandOverRequest::NAME)
    }

    /// Whether you can answer it now.
    fn viewer_can_advise(&self) -> Result<Permission> {
        self.thread().can(Advise::NAME)
    }

    /// Whether you can record the plan now.
    fn viewer_can_record_plan(&self) -> Result<Permission> {
        self.thread().can(RecordPlan::NAME)
    }

    /// Whether you can record now that the patient was informed.
    fn viewer_can_inform_patient(&self) -> Result<Permission> {
        self.thread().can(InformPatient::NAME)
    }
}

fn row(view: &LifecycleView) -> Result<&ConsultationRow, Fault> {
    let LifecycleView::Consultation(row) = view else { return Err(Fault::Row("a consultation of another kind")) };
    Ok(row)
}

/// The consultation that a command was given to, as it is now.
fn after(reader: &Arc<Reader>, outcome: CommandOutcome<ThreadId>) -> Result<Option<Consultation>, Fault> {
    Consultation::found(reader, outcome.target)
}

impl AsProblem for ConsultationRefusal {
    fn problem(&self) -> Problem {
        let message = self.to_string();
        let (code, names): (_, Path<'_>) = match self {
            Self::NotInState { state } => {
                return not_in_state(state.word(), message);
            }
            Self::NoPatient => (ProblemCode::NoPatient, &["input", "patientId"]),
            Self::NotAPool => (ProblemCode::NotAPool, &["input", "poolId"]),
            Self::ConsentTooOld => (ProblemCode::OutOfRange, &["input", "consent", "given", "at"]),
            Self::ConsentInFuture => (ProblemCode::InFuture, &["input", "consent", "given", "at"]),
            Self::NoStaffedHour => (ProblemCode::NoStaffedHour, &["input", "poolId"]),
            Self::AssignedToAnother => (ProblemCode::AssignedToAnother, &[]),
            Self::NotInPool => (ProblemCode::NotInPool, &["input", "to"]),
            Self::ReasonMissing => (ProblemCode::ReasonMissing, &["input", "reason"]),
            Self::RecommendationCount => (ProblemCode::RecommendationCount, &["input", "recommendations"]),
            Self::NotAllDisposed => (ProblemCode::NotAllDisposed, &["input", "dispositions"]),
            Self::DispositionReasonMissing => (ProblemCode::ReasonMissing, &["input", "dispositions"]),
            Self::ToldBeforeAnswer => (ProblemCode::EndsBeforeItBegins, &["input", "toldAt"]),
            Self::ToldInFuture => (ProblemCode::InFuture, &["input", "toldAt"]),
            Self::RatingOutOfRange => (ProblemCode::OutOfRange, &["input"]),
            Self::NotAClinician => (ProblemCode::NotAClinician, &[]),
            Self::AskedToday => (ProblemCode::AskedToday, &[]),
            Self::RequesterPresent => (ProblemCode::RequesterPresent, &[]),
            Self::SameRequester => (ProblemCode::SameOwner, &["input", "to"]),
        };
        rule(code, names, message)
    }
}
