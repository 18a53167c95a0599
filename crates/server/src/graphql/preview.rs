//! What one helper sees of the conversations about a patient, as the patient is shown it.

use async_graphql::{ID, Result, SimpleObject};
use coordination::fault::Fault;
use coordination::reader::{self, Connection, PageProblem};

use super::connection::{connections, page};
use super::id::encode_id;
use super::message::MessageDelegate;
use super::person::Person;
use super::scalars::{Instant, PersonalText};
use super::thread_kind::ThreadKind;
use super::words::Capacity;

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
    /// The newest messages that the helper reads, at most 20, the oldest of them first. Messages between the helper
    /// and the clinical team alone are left out.
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
    /// A page of the conversations that a helper sees.
    PreviewConnection, PreviewEdge of PreviewedThread;
}
