//! Who could see something of a patient, from when to when and why; and what one helper sees, as the patient is shown it.

use async_graphql::{ID, Result, SimpleObject};
use coordination::fault::Fault;
use coordination::reader::{self, Connection, PageProblem, TimelineView};

use super::access_record::AccessDelegation;
use super::connection::{connections, page};
use super::delegation::DelegationScope;
use super::delegation_words::{DelegationStepKind, TimelineReason};
use super::id::encode_id;
use super::message::MessageDelegate;
use super::person::Person;
use super::scalars::{Instant, PersonalText};
use super::thread::ThreadKind;
use super::words::{Capacity, Role};

/// A period in which a person could see something of a patient, or was shut out. What does not belong to its reason is null.
#[derive(SimpleObject)]
pub struct TimelineEntry {
    /// From when on.
    from: Instant,
    /// When it ended. Null while it goes on.
    ended_at: Option<Instant>,
    /// When the access of a helper ends by itself, or was to.
    until: Option<Instant>,
    /// The person. Null if they are not registered here, and if you do not meet them.
    person: Option<Person>,
    /// Why.
    reason: TimelineReason,
    /// In which role.
    role: Option<Role>,
    /// The name of the organization for which they worked.
    organization_name: Option<String>,
    /// The id of the conversation.
    thread_id: Option<ID>,
    /// From when on they saw the conversation. Null if they saw all of it.
    sees_from: Option<Instant>,
    /// The delegation of a helper.
    delegation: Option<AccessDelegation>,
    /// What the helper reached. Without threads that you may not know of.
    scope: Option<DelegationScope>,
    /// The step of the delegation that ended it. A helper whose scope changed has another period after it.
    ended_by: Option<DelegationStepKind>,
}

impl From<TimelineView> for TimelineEntry {
    fn from(view: TimelineView) -> Self {
        Self {
            from: view.from.into(),
            ended_at: view.ended_at.map(Into::into),
            until: view.said.until.map(Into::into),
            reason: view.said.reason.into(),
            role: view.said.role.map(Into::into),
            organization_name: view.organization.as_ref().map(|row| row.name.clone()),
            thread_id: view.thread().map(encode_id),
            sees_from: view.said.sees_from.map(Into::into),
            delegation: view.under.map(Into::into),
            scope: view.scope.as_ref().map(Into::into),
            ended_by: view.ended_by.map(Into::into),
            person: view.person.map(Person),
        }
    }
}

/// A conversation as a helper sees it.
#[derive(SimpleObject)]
pub struct PreviewedThread {
    /// The id of the thread.
    thread_id: ID,
    /// Its kind.
    kind: ThreadKind,
    /// What it is about, as far as the helper reads it.
    subject: PersonalText,
    /// When it was opened.
    opened_at: Instant,
    /// Whether the helper reads what was asked and answered, and not only the messages.
    reads_answer: bool,
    /// The newest messages that the helper reads, at most 20, the oldest of them first. Without what the helper and the
    /// clinical team say to each other alone.
    messages: Vec<PreviewedMessage>,
    /// Whether the helper reads older messages too.
    has_older_messages: bool,
}

/// A message as a helper sees it.
#[derive(SimpleObject)]
pub struct PreviewedMessage {
    /// The author.
    author: Option<Person>,
    /// The capacity in which the author wrote it, as it was then.
    capacity: Capacity,
    /// How the author helps the patient. Null if they did not write it as a delegate.
    delegate: Option<MessageDelegate>,
    /// The text.
    body: PersonalText,
    /// When it was posted.
    posted_at: Instant,
}

impl From<reader::PreviewedMessage> for PreviewedMessage {
    fn from(message: reader::PreviewedMessage) -> Self {
        Self {
            capacity: message.capacity.into(),
            delegate: message.delegate.map(Into::into),
            body: PersonalText::from(&message.body),
            posted_at: message.posted_at.into(),
            author: message.author.map(Person),
        }
    }
}

impl From<reader::PreviewedThread> for PreviewedThread {
    fn from(thread: reader::PreviewedThread) -> Self {
        Self {
            thread_id: encode_id(thread.thread),
            kind: thread.kind.into(),
            subject: PersonalText::from(&thread.subject),
            opened_at: thread.opened_at.into(),
            reads_answer: thread.reads_answer,
            has_older_messages: thread.has_older,
            messages: thread.messages.into_iter().map(Into::into).collect(),
        }
    }
}

/// The page that a reader gave; none if the viewer may not know who could see what.
pub(super) fn periods(
    found: Result<Result<Option<Connection<TimelineView>>, PageProblem>, Fault>,
) -> Result<Option<TimelineConnection>> {
    match found?? {
        Some(found) => page(Ok(found), |view| Ok(TimelineEntry::from(view))).map(Some),
        None => Ok(None),
    }
}

/// The page that a reader gave; none if the viewer is not the patient.
pub(super) fn previewed(
    found: Result<Result<Option<Connection<reader::PreviewedThread>>, PageProblem>, Fault>,
) -> Result<Option<PreviewConnection>> {
    match found?? {
        Some(found) => page(Ok(found), |thread| Ok(PreviewedThread::from(thread))).map(Some),
        None => Ok(None),
    }
}

connections! {
    /// A page of the periods in which people could see something of a patient.
    TimelineConnection, TimelineEdge of TimelineEntry;
    /// A page of the conversations that a helper sees.
    PreviewConnection, PreviewEdge of PreviewedThread;
}
