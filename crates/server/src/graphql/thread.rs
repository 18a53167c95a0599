//! Threads of all kinds: the one list of kinds in the schema.
//!
//! To add a kind: 1. its object in a file under `thread/`, a `MergedObject` of [`ThreadFields`] and its
//! own fields that dereferences to [`ThreadFields`], with its query, its mutations with their inputs, and its refusals as
//! problems; 2. in this file a variant of [`Thread`], and of `Node` in `node.rs`, and the arms that the compiler asks for,
//! and its place in [`KindQueries`] and [`KindCommands`]; 3. its mutations in `mutation_name.rs`, and in `problem.rs` the
//! argument that names its pool; 4. if a page of a patient offers to open one, whether the viewer can, in `patient.rs`;
//! 5. bless the schema.

pub mod consultation;
pub(crate) mod fields;
mod lifecycle;
pub mod team_thread;

use std::sync::Arc;

use async_graphql::{ID, Interface, MergedObject, Result};
use care::ids::ThreadId;
use care::lifecycle::LifecycleRefusal;
use coordination::CommandOutcome;
use coordination::fault::Fault;
use coordination::reader::{Reader, ThreadView};

use super::connection::connections;
use super::invitation::Invitation;
use super::organization::Pool;
use super::patient::Patient;
use super::permission::Permission;
use super::person::Person;
use super::problem::{AsProblem, Problem};
use super::readership::MessageReaders;
use super::scalars::{Instant, PersonalText, Version};
pub use super::thread_kind::ThreadKind;
use super::words::{Audience, Confidentiality, Sensitivity, ThreadStatus, Topic};
use consultation::Consultation;
pub use consultation::Recommendation;
pub use fields::{MessageConnection, Owner, ParticipantConnection, ThreadDelegates, ThreadFields, WaitingOn};
use team_thread::TeamThread;

/// One conversation, about one patient or about none. Each kind of thread adds its lifecycle.
#[derive(Interface)]
#[expect(clippy::duplicated_attributes, reason = "fields of one type, and arguments of one name, are no mistake here")]
#[graphql(
    field(name = "id", ty = "ID", desc = "The id of the thread."),
    field(name = "version", ty = "Version", desc = "The version, for the next command that relies on it."),
    field(name = "kind", ty = "ThreadKind", desc = "The kind of the thread. It never changes."),
    field(name = "created_at", ty = "Instant", desc = "When the thread was opened."),
    field(name = "closed_at", ty = "Option<Instant>", desc = "When the thread was closed. Null while it is open."),
    field(
        name = "closing_note",
        ty = "Option<PersonalText>",
        desc = "The outcome in words, as given when the thread was closed. Null while the thread is open, and if none was given."
    ),
    field(name = "updated_at", ty = "Instant", desc = "The newest activity that you may know of."),
    field(
        name = "patient",
        ty = "Option<Result<Patient>>",
        desc = "The patient whom the thread is about. Null if it is about no patient, and if you may not know."
    ),
    field(
        name = "is_about_patient",
        ty = "Option<bool>",
        desc = "Whether the thread is about a patient. Null if you may not read its content."
    ),
    field(name = "status", ty = "ThreadStatus", desc = "Whether the thread is open."),
    field(
        name = "owner",
        ty = "Option<Result<Owner>>",
        desc = "Who is accountable for the thread. Null if you may not know."
    ),
    field(
        name = "waiting_on",
        ty = "Option<Result<WaitingOn>>",
        desc = "Whose turn it is. Null once the thread is closed, and if you may not know."
    ),
    field(
        name = "opened_by",
        ty = "Option<Result<Person>>",
        desc = "The person who opened the thread. Null if you may not know."
    ),
    field(
        name = "topic",
        ty = "Option<Topic>",
        desc = "The one topic of the thread. Null if you may not read its content."
    ),
    field(name = "subject", ty = "PersonalText", desc = "A line that says what the thread is about."),
    field(
        name = "confidentiality",
        ty = "Option<Confidentiality>",
        desc = "How confidential the thread is. Null if you may not read its content."
    ),
    field(
        name = "sensitivities",
        ty = "Option<Vec<Sensitivity>>",
        desc = "The sensitive subjects of the thread. Null if you may not read its content."
    ),
    field(
        name = "hidden_from_delegates",
        ty = "Option<bool>",
        desc = "Whether those who help the patient do not notice the thread. Null if you may not know."
    ),
    field(
        name = "delegates",
        ty = "Option<Result<ThreadDelegates>>",
        desc = "Whom it concerns to hide the thread from those who help the patient, or to show it to them. Null if you may do neither."
    ),
    field(
        name = "participants",
        ty = "Option<Result<ParticipantConnection>>",
        arg(name = "first", ty = "Option<i32>", desc = "Rows from the start: 1 to 100; 20 without `first`."),
        arg(name = "after", ty = "Option<String>", desc = "The cursor after which the rows begin."),
        desc = "The current and former participants, the person who opened it first. Empty if you may not know."
    ),
    field(
        name = "pools",
        ty = "Result<Vec<Pool>>",
        desc = "The pools that take part in addition to the owner. Empty if there are none, and if you may not know."
    ),
    field(
        name = "invitations",
        ty = "Option<Result<Vec<Invitation>>>",
        desc = "The invitations that can still be accepted, the oldest first. Empty if you may not know."
    ),
    field(
        name = "viewer_invitation",
        ty = "Option<Result<Invitation>>",
        desc = "Your own invitation, without its reason. Null if you have none that you can still accept."
    ),
    field(
        name = "messages",
        ty = "Option<Result<MessageConnection>>",
        arg(
            name = "first",
            ty = "Option<i32>",
            desc = "Rows from the start: 1 to 100; 20 without `first` and `last`."
        ),
        arg(name = "after", ty = "Option<String>", desc = "The cursor after which the rows begin."),
        arg(name = "last", ty = "Option<i32>", desc = "Rows from the end: 1 to 100; not together with `first`."),
        arg(name = "before", ty = "Option<String>", desc = "The cursor before which the rows end."),
        desc = "The messages that you may read, in the order in which they were posted."
    ),
    field(
        name = "unread_count",
        ty = "i64",
        desc = "The number of messages by others that you may read and that are newer than your read receipt."
    ),
    field(
        name = "is_put_away",
        ty = "Result<bool>",
        desc = "Whether you have put the thread away from your inbox and nothing has arrived for you since."
    ),
    field(
        name = "default_audience",
        ty = "Option<Audience>",
        desc = "Your default audience: that of a message of yours that names none. Null if you have to name one."
    ),
    field(
        name = "readers",
        ty = "Option<MessageReaders>",
        arg(name = "audience", ty = "Option<Audience>"),
        arg(name = "to", ty = "Option<Vec<ID>>"),
        desc = "Who may read a message to this audience that is posted now; without an audience, to your default audience. With `to`, which belongs to `NAMED`: those of these persons who may read it, and you. Without `to`, `NAMED` answers whom you can name. `TEAM_AND_ME` answers the clinical team and one person: you, unless you are of the team; else the one in `to`; else the patient. Null if you may not read messages to this audience."
    ),
    field(
        name = "viewer_can_post",
        ty = "Result<Permission>",
        arg(name = "audience", ty = "Option<Audience>"),
        desc = "Whether you can post to this audience now. Without an audience: to your default audience, or to everyone if you have none."
    ),
    field(
        name = "viewer_can_add_participant",
        ty = "Result<Permission>",
        desc = "Whether you can add a participant now."
    ),
    field(
        name = "viewer_can_invite_participant",
        ty = "Result<Permission>",
        desc = "Whether you can invite a person of another organization now."
    ),
    field(
        name = "viewer_can_accept_invitation",
        ty = "Result<Permission>",
        desc = "Whether you can accept your invitation now."
    ),
    field(
        name = "viewer_can_decline_invitation",
        ty = "Result<Permission>",
        desc = "Whether you can decline your invitation now."
    ),
    field(name = "viewer_can_leave", ty = "Result<Permission>", desc = "Whether you can leave the thread now."),
    field(
        name = "viewer_can_remove_participant",
        ty = "Result<Permission>",
        desc = "Whether you can end the participation or the invitation of another person now."
    ),
    field(
        name = "viewer_can_change_history_window",
        ty = "Result<Permission>",
        desc = "Whether you can change now how much a participant sees."
    ),
    field(name = "viewer_can_claim", ty = "Result<Permission>", desc = "Whether you can claim the thread now."),
    field(
        name = "viewer_can_release",
        ty = "Result<Permission>",
        desc = "Whether you can return the thread to its pool now."
    ),
    field(
        name = "viewer_can_transfer",
        ty = "Result<Permission>",
        desc = "Whether you can make somebody else the owner now."
    ),
    field(
        name = "viewer_can_take_over",
        ty = "Result<Permission>",
        desc = "Whether you can make yourself the owner now, in place of an owner who does not act."
    ),
    field(
        name = "viewer_can_set_waiting_on",
        ty = "Result<Permission>",
        desc = "Whether you can set now whom the thread waits for."
    ),
    field(name = "viewer_can_pass_turn", ty = "Result<Permission>", desc = "Whether you can pass the turn on now."),
    field(name = "viewer_can_close", ty = "Result<Permission>", desc = "Whether you can close the thread now."),
    field(name = "viewer_can_reopen", ty = "Result<Permission>", desc = "Whether you can open the thread again now."),
    field(
        name = "viewer_can_hide_from_delegates",
        ty = "Result<Permission>",
        desc = "Whether you can hide the thread now from those who help the patient."
    ),
    field(
        name = "viewer_can_show_to_delegates",
        ty = "Result<Permission>",
        desc = "Whether you can show the thread now to those who help the patient."
    )
)]
pub enum Thread {
    /// A consultation.
    Consultation(Consultation),
    /// A team thread.
    TeamThread(TeamThread),
}

impl Thread {
    /// The type of the schema that a thread has, by its kind: here and nowhere else.
    pub(super) fn of(reader: &Arc<Reader>, view: ThreadView) -> Self {
        match view.kind {
            care::lifecycle::ThreadKind::Consultation => Self::Consultation(Consultation::of(reader, view)),
            care::lifecycle::ThreadKind::TeamThread => Self::TeamThread(TeamThread::of(reader, view)),
        }
    }

    /// The thread that a command was given to, as it is now.
    pub(super) fn after(reader: &Arc<Reader>, outcome: CommandOutcome<ThreadId>) -> Result<Option<Self>, Fault> {
        Ok(reader.thread(outcome.target)?.map(|view| Self::of(reader, view)))
    }
}

/// The queries of all kinds.
#[derive(MergedObject, Default)]
pub struct KindQueries(consultation::ConsultationQueries, team_thread::TeamThreadQueries);

/// The mutations of all kinds.
#[derive(MergedObject, Default)]
pub struct KindCommands(consultation::commands::ConsultationCommands, team_thread::TeamThreadCommands);

impl AsProblem for LifecycleRefusal {
    fn problem(&self) -> Problem {
        match self {
            Self::Consultation(refusal) => refusal.problem(),
            Self::TeamThread(refusal) => refusal.problem(),
        }
    }
}

connections! {
    /// A page of threads.
    ThreadConnection, ThreadEdge of Thread;
}
