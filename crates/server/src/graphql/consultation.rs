//! Consultations: a question to a pool of specialists, its answer, and what was decided about it.
//!
//! What everybody who finds the thread may know is there at once; its content is read once, when
//! the first field of it is asked for, so that nothing is recorded as read that was not shown.

use std::sync::{Arc, OnceLock};

use async_graphql::{ID, Object, Result};
use care::ids::{OrganizationId, PersonId};
use chrono::{DateTime, Utc};
use coordination::ConsultationRow;
use coordination::fault::Fault;
use coordination::reader::{Page, Reader, ThreadView};
use policy::visible::Visible;
use policy::words::Action;

use super::advice::Advice;
use super::connection::{MessageConnection, ParticipantConnection, page};
use super::id::encode_id;
use super::message::{Marks, Message};
use super::organization::{Organization, Pool};
use super::patient::Patient;
use super::permission::Permission;
use super::person::Person;
use super::scalars::{PersonalText, Version};
use super::thread::{Owner, Participant};
use super::words::{Audience, ClosingOutcome, Confidentiality, ConsultationState, ThreadStatus, Topic, Urgency};

/// A consultation.
pub struct Consultation {
    reader: Arc<Reader>,
    view: ThreadView,
    content: OnceLock<Option<Visible<ConsultationRow>>>,
}

impl Consultation {
    pub(super) fn of(reader: &Arc<Reader>, view: ThreadView) -> Self {
        Self { reader: Arc::clone(reader), view, content: OnceLock::new() }
    }

    /// The content; nothing while this viewer may not read it.
    fn content(&self) -> Result<Option<&Visible<ConsultationRow>>, Fault> {
        if self.content.get().is_none() {
            let read = self.reader.consultation(&self.view)?;
            return Ok(self.content.get_or_init(|| read).as_ref());
        }
        Ok(self.content.get().and_then(Option::as_ref))
    }

    fn someone(&self, person: PersonId) -> Result<Option<Person>, Fault> {
        Ok(self.reader.person_in(&self.view, person)?.map(Person))
    }

    fn one_of(&self, person: Option<PersonId>) -> Option<Result<Person>> {
        person.and_then(|person| self.someone(person).map_err(Into::into).transpose())
    }

    fn organization(&self, id: OrganizationId) -> Result<Option<Organization>, Fault> {
        Ok(self.reader.organization_in(&self.view, id)?.map(|row| Organization::of(&self.reader, row)))
    }

    fn owning_pool(&self) -> Result<Option<Pool>, Fault> {
        Ok(self.reader.pool_in(&self.view)?.map(|row| Pool::of(&self.reader, row)))
    }

    fn owned(&self) -> Result<Option<Owner>> {
        let Some(pool) = self.owning_pool()? else { return Ok(None) };
        let person = match self.view.assignee {
            Some(person) => self.someone(person)?,
            None => None,
        };
        Ok(Some(Owner { pool, person }))
    }

    fn page_of_messages(&self, asked: &Page) -> Result<MessageConnection> {
        let marks = Marks::of(&self.reader, &self.view)?;
        let found = self.reader.messages(&self.view, asked)?;
        page(found, |row| Message::of((&self.reader, &self.view), &marks, row))
    }

    fn page_of_participants(&self, asked: &Page) -> Result<ParticipantConnection> {
        page(self.reader.participants(&self.view, asked)?, |row| {
            Ok(Participant {
                person: self.someone(row.person)?,
                role: row.role.into(),
                organization: self.organization(row.organization)?,
            })
        })
    }

    fn may(&self, action: Action) -> Permission {
        Permission::from(self.reader.may(&self.view, action, None))
    }
}

/// A question that a clinician puts to a pool of specialists, with the conversation around it.
#[Object]
impl Consultation {
    /// Its id.
    pub(super) async fn id(&self) -> ID {
        encode_id(self.view.thread)
    }

    /// Its version, for the next command that relies on it.
    pub(super) async fn version(&self) -> Result<Version> {
        Ok(self.reader.version(&self.view)?.into())
    }

    /// When it was asked for.
    pub(super) async fn created_at(&self) -> DateTime<Utc> {
        self.view.opened_at
    }

    /// The newest activity that you may know of.
    pub(super) async fn updated_at(&self) -> DateTime<Utc> {
        self.view.updated_at
    }

    /// Whom it is about.
    pub(super) async fn patient(&self) -> Option<Result<Patient>> {
        let found = self.reader.patient_of(&self.view).map_err(Into::into);
        found.map(|view| view.map(|view| Patient::of(&self.reader, view))).transpose()
    }

    /// Whether it goes on.
    pub(super) async fn status(&self) -> ThreadStatus {
        self.view.state.into()
    }

    /// Where it stands.
    fn state(&self) -> ConsultationState {
        self.view.state.into()
    }

    /// Who has to see to it.
    pub(super) async fn owner(&self) -> Option<Result<Owner>> {
        self.owned().transpose()
    }

    /// Who asked.
    fn requester(&self) -> Option<Result<Person>> {
        self.one_of(Some(self.view.requester))
    }

    /// The organization that asked.
    fn requesting_organization(&self) -> Option<Result<Organization>> {
        self.organization(self.view.requesting).map_err(Into::into).transpose()
    }

    /// The organization that is asked.
    fn receiving_organization(&self) -> Option<Result<Organization>> {
        self.organization(self.view.receiving).map_err(Into::into).transpose()
    }

    /// The pool that is asked.
    fn pool(&self) -> Option<Result<Pool>> {
        self.owning_pool().map_err(Into::into).transpose()
    }

    /// Who has taken it on.
    fn assignee(&self) -> Option<Result<Person>> {
        self.one_of(self.view.assignee)
    }

    /// Whom the pool meant it for.
    fn assigned_to(&self) -> Option<Result<Person>> {
        self.one_of(self.view.assigned_to)
    }

    /// Its topic.
    fn topic(&self) -> Topic {
        self.view.topic.into()
    }

    /// How quickly an answer is needed.
    fn urgency(&self) -> Urgency {
        self.view.urgency.into()
    }

    /// By when an answer is promised.
    fn due_at(&self) -> DateTime<Utc> {
        self.view.due_at
    }

    /// A line that says what it is about.
    pub(super) async fn subject(&self) -> PersonalText {
        PersonalText::from(&self.view.subject)
    }

    /// The question.
    fn question(&self) -> Result<PersonalText> {
        Ok(self.content()?.map_or(PersonalText::WITHHELD, |content| PersonalText::from(&content.question)))
    }

    /// How confidential; null for who may not read the content.
    fn confidentiality(&self) -> Option<Result<Confidentiality>> {
        let read = self.content().map_err(Into::into);
        read.map(|content| content.map(|content| content.confidentiality.into())).transpose()
    }

    /// Whether the specialist may turn it into a referral; null for who may not read the content.
    fn may_convert(&self) -> Option<Result<bool>> {
        let read = self.content().map_err(Into::into);
        read.map(|content| content.map(|content| content.may_convert)).transpose()
    }

    /// The answer; null until there is one that you may read.
    fn advice(&self) -> Option<Result<Advice>> {
        let advice = || {
            let Some(row) = self.content()?.and_then(|content| content.advice.as_ref()) else { return Ok(None) };
            let planner = match row.plan.as_ref() {
                Some(plan) => self.someone(plan.by)?,
                None => None,
            };
            Ok(Some(Advice::of(row, self.someone(row.adviser)?, planner)))
        };
        advice().transpose()
    }

    /// What came of it; null until it is closed, and for who may not read the content.
    fn outcome(&self) -> Option<Result<ClosingOutcome>> {
        let read = self.content().map_err(Into::into);
        read.map(|content| content.and_then(|content| content.outcome).map(Into::into)).transpose()
    }

    /// Who takes part, the requester first; nobody for who may not know.
    pub(super) async fn participants(
        &self,
        first: Option<i32>,
        after: Option<String>,
    ) -> Option<Result<ParticipantConnection>> {
        Some(self.page_of_participants(&Page { first, after, last: None, before: None }))
    }

    /// The messages that you may read, in the order in which they were posted.
    #[expect(clippy::too_many_arguments, reason = "a page in both directions is asked for by four")]
    pub(super) async fn messages(
        &self,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Option<Result<MessageConnection>> {
        Some(self.page_of_messages(&Page { first, after, last, before }))
    }

    /// How many of them by others are newer than your mark.
    pub(super) async fn unread_count(&self) -> Result<i64> {
        Ok(self.reader.unread(&self.view)?)
    }

    /// Whether you may write to this audience, by default to the one that you would write to.
    pub(super) async fn viewer_can_post(&self, audience: Option<Audience>) -> Permission {
        let audience = audience.map_or_else(|| self.reader.default_audience(&self.view), Into::into);
        Permission::from(self.reader.may(&self.view, Action::ThreadPost, Some(audience)))
    }

    /// Whether you may take somebody in.
    pub(super) async fn viewer_can_invite(&self) -> Permission {
        self.may(Action::ThreadInvite)
    }

    /// Whether you may take it on.
    fn viewer_can_claim(&self) -> Permission {
        self.may(Action::ThreadClaim)
    }

    /// Whether you may assign it.
    fn viewer_can_assign(&self) -> Permission {
        self.may(Action::ConsultationAssign)
    }

    /// Whether you may answer it.
    fn viewer_can_advise(&self) -> Permission {
        self.may(Action::ConsultationAdvise)
    }

    /// Whether you may record the plan.
    fn viewer_can_record_plan(&self) -> Permission {
        self.may(Action::ConsultationRecordPlan)
    }

    /// Whether you may note that the patient was told.
    fn viewer_can_inform_patient(&self) -> Permission {
        self.may(Action::ConsultationInformPatient)
    }

    /// Whether you may end it.
    pub(super) async fn viewer_can_close(&self) -> Permission {
        self.may(Action::ConsultationClose)
    }
}
