//! Threads, whatever their kind: what all of them have in common, and who takes part.
//!
//! To add a kind: give its object every field of [`Thread`] (they are `async` because an interface
//! awaits them), and a variant here.

use async_graphql::{ID, Interface, Result, SimpleObject};
use chrono::{DateTime, Utc};

use super::connection::{MessageConnection, ParticipantConnection};
use super::consultation::Consultation;
use super::organization::{Organization, Pool};
use super::patient::Patient;
use super::permission::Permission;
use super::person::Person;
use super::scalars::{PersonalText, Version};
use super::words::{Audience, Role, ThreadStatus};

/// One conversation about one patient; each kind of thread adds its lifecycle.
#[derive(Interface)]
#[expect(clippy::duplicated_attributes, reason = "fields of one type, and arguments of one name, are no mistake here")]
#[graphql(
    field(name = "id", ty = "ID", desc = "Its id."),
    field(name = "version", ty = "Version", desc = "Its version, for the next command that relies on it."),
    field(name = "created_at", ty = "DateTime<Utc>", desc = "When it was opened."),
    field(name = "updated_at", ty = "DateTime<Utc>", desc = "The newest activity that you may know of."),
    field(name = "patient", ty = "Option<Result<Patient>>", desc = "Whom it is about."),
    field(name = "status", ty = "ThreadStatus", desc = "Whether it goes on."),
    field(name = "owner", ty = "Option<Result<Owner>>", desc = "Who has to see to it."),
    field(name = "subject", ty = "PersonalText", desc = "A line that says what it is about."),
    field(
        name = "participants",
        ty = "Option<Result<ParticipantConnection>>",
        arg(name = "first", ty = "Option<i32>"),
        arg(name = "after", ty = "Option<String>"),
        desc = "Who takes part, the requester first; nobody for who may not know."
    ),
    field(
        name = "messages",
        ty = "Option<Result<MessageConnection>>",
        arg(name = "first", ty = "Option<i32>"),
        arg(name = "after", ty = "Option<String>"),
        arg(name = "last", ty = "Option<i32>"),
        arg(name = "before", ty = "Option<String>"),
        desc = "The messages that you may read, in the order in which they were posted."
    ),
    field(name = "unread_count", ty = "i64", desc = "How many of them by others are newer than your mark."),
    field(
        name = "viewer_can_post",
        ty = "Permission",
        arg(name = "audience", ty = "Option<Audience>"),
        desc = "Whether you may write to this audience, by default to the one that you would write to."
    ),
    field(name = "viewer_can_invite", ty = "Permission", desc = "Whether you may take somebody in."),
    field(name = "viewer_can_close", ty = "Permission", desc = "Whether you may end it.")
)]
pub enum Thread {
    /// A consultation.
    Consultation(Consultation),
}

/// Who has to see to a thread: a pool, and within it perhaps one person.
#[derive(SimpleObject)]
pub struct Owner {
    /// The pool.
    pub(super) pool: Pool,
    /// Who of the pool has taken it on.
    pub(super) person: Option<Person>,
}

/// Somebody who takes part in a thread.
#[derive(SimpleObject)]
pub struct Participant {
    /// Who.
    pub(super) person: Option<Person>,
    /// In which role.
    pub(super) role: Role,
    /// Of which organization.
    pub(super) organization: Option<Organization>,
}
