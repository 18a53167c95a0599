//! Consultations: a question to a pool of specialists, its answer, and the plan.
//!
//! What everybody who finds the thread may know is read without its content. The content is read
//! once, when the first field of it is asked for, so that nothing is recorded as read that was not
//! shown.

use std::sync::{Arc, OnceLock};

use async_graphql::{MergedObject, Object, Result};
use care::command_name::Named;
use care::consultation::{Advise, Assign, CloseConsultation, InformPatient, RecordPlan};
use care::ids::ThreadId;
use chrono::{DateTime, Utc};
use coordination::fault::Fault;
use coordination::reader::{Reader, ThreadView};
use coordination::{ConsultationContent, ConsultationRow, LifecycleView};
use policy::visible::Visible;

use super::advice::Advice;
use super::organization::{Organization, Pool};
use super::permission::Permission;
use super::person::Person;
use super::scalars::PersonalText;
use super::thread::{Thread, ThreadFields};
use super::words::{ClosingOutcome, ConsultationState, Urgency};

/// A question that a clinician puts to a pool of specialists, with the conversation around it.
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
        let fields = || ThreadFields::of(reader, &view, CloseConsultation::NAME);
        Self(fields(), ConsultationFields { thread: fields(), header: OnceLock::new(), content: OnceLock::new() })
    }

    /// The consultation of an id, if the reader may find it.
    pub(super) fn found(reader: &Arc<Reader>, id: ThreadId) -> Result<Option<Self>, Fault> {
        let thread = reader.thread(id)?.map(|view| Thread::of(reader, view));
        Ok(thread.map(|thread| match thread {
            Thread::Consultation(consultation) => consultation,
        }))
    }
}

/// What a consultation adds to a thread.
pub struct ConsultationFields {
    thread: ThreadFields,
    header: OnceLock<Option<Visible<LifecycleView>>>,
    content: OnceLock<Option<Visible<LifecycleView>>>,
}

/// Reads a part once.
fn once(
    cell: &OnceLock<Option<Visible<LifecycleView>>>,
    read: impl FnOnce() -> Result<Option<Visible<LifecycleView>>, Fault>,
) -> Result<Option<&ConsultationRow>, Fault> {
    if cell.get().is_none() {
        // Fields of one object are resolved one after the other, so nothing is read twice.
        let read = read()?;
        cell.get_or_init(|| read);
    }
    Ok(cell.get().and_then(Option::as_ref).map(|view| match &**view {
        LifecycleView::Consultation(row) => row,
    }))
}

impl ConsultationFields {
    fn header(&self) -> Result<&ConsultationRow, Fault> {
        let header = once(&self.header, || self.thread.reader.lifecycle_header(&self.thread.view))?;
        header.ok_or(Fault::Row("a thread without its lifecycle"))
    }

    /// The content; none if this viewer may not read it.
    fn content(&self) -> Result<Option<&ConsultationContent>, Fault> {
        let row = once(&self.content, || self.thread.reader.lifecycle(&self.thread.view))?;
        Ok(row.and_then(|row| row.content.as_ref()))
    }

    fn answer(&self) -> Result<Option<Advice>> {
        let Some(content) = self.content()? else { return Ok(None) };
        let Some(advice) = content.advice.as_ref() else { return Ok(None) };
        let planner = content.plan.as_ref().and_then(|plan| plan.by.person());
        let (adviser, planner) = (self.thread.person(advice.by.person())?, self.thread.person(planner)?);
        Ok(Some(Advice::of(content, advice, adviser, planner)))
    }
}

#[Object]
impl ConsultationFields {
    /// The state of the consultation.
    fn state(&self) -> Result<ConsultationState> {
        Ok(self.header()?.state.into())
    }

    /// The person who requested it.
    fn requester(&self) -> Option<Result<Person>> {
        self.thread.person(self.thread.view.opened_by.person()).map_err(Into::into).transpose()
    }

    /// The organization for which it was requested.
    fn requesting_organization(&self) -> Option<Result<Organization>> {
        self.thread.organization(self.thread.view.organization).map_err(Into::into).transpose()
    }

    /// The organization of the pool that is asked.
    fn receiving_organization(&self) -> Option<Result<Organization>> {
        self.thread.organization(self.thread.view.owning_organization).map_err(Into::into).transpose()
    }

    /// The pool that is asked.
    fn pool(&self) -> Option<Result<Pool>> {
        self.thread.pool(self.thread.view.owner_pool).map_err(Into::into).transpose()
    }

    /// The member of the pool who claimed it. Null while nobody has.
    fn assignee(&self) -> Option<Result<Person>> {
        self.thread.person(self.thread.view.owner_person).map_err(Into::into).transpose()
    }

    /// The member of the pool to whom it was assigned. Null if to none in particular.
    fn assigned_to(&self) -> Option<Result<Person>> {
        let found = || Ok(self.thread.person(self.header()?.assigned_to)?);
        found().transpose()
    }

    /// How quickly an answer is needed.
    fn urgency(&self) -> Result<Urgency> {
        Ok(self.header()?.urgency.into())
    }

    /// The instant until which the pool promised an answer, by the calendar of its organization.
    fn due_at(&self) -> Result<DateTime<Utc>> {
        Ok(self.header()?.due_at)
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

    /// The answer. Null until there is one that you may read.
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
        self.thread.can(Assign::NAME)
    }

    /// Whether you can answer it now.
    fn viewer_can_advise(&self) -> Result<Permission> {
        self.thread.can(Advise::NAME)
    }

    /// Whether you can record the plan now.
    fn viewer_can_record_plan(&self) -> Result<Permission> {
        self.thread.can(RecordPlan::NAME)
    }

    /// Whether you can record now that the patient was told.
    fn viewer_can_inform_patient(&self) -> Result<Permission> {
        self.thread.can(InformPatient::NAME)
    }
}
