//! Inputs that several commands share: a place, a window of the history, an owner, and whom a thread
//! waits for. The opening of a thread takes them as the commands to its conversation do.

use async_graphql::{ID, InputObject, OneofObject};
use care::command_name::{Command, CommandName};
use care::conversation::{self, Owner, Party, Place, WaitingOn};
use care::thread::ThreadCommand;
use serde::{Deserialize, Serialize};

use super::Fields;
use crate::graphql::id::decode_id;
use crate::graphql::scalars::Instant;
use crate::graphql::words::{HistoryWindow, Role};

/// A role at an organization.
#[derive(Debug, Clone, InputObject, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PlaceInput {
    /// The role, which the person holds there.
    pub role: Role,
    /// The organization.
    pub organization_id: ID,
}

/// How much of the history before their joining a person sees.
#[derive(Debug, Clone, PartialEq, Eq, InputObject, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct HistoryInput {
    /// How much.
    pub window: HistoryWindow,
    /// The first message that they see. Given only with the window `FROM_MESSAGE`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from_message_id: Option<ID>,
}

/// Who becomes accountable for a thread: exactly one pool, or exactly one person.
#[derive(Debug, Clone, OneofObject, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum OwnerInput {
    /// A person.
    Person(OwningPersonInput),
    /// A pool; any member may claim the thread.
    PoolId(ID),
}

/// A person who becomes accountable for a thread.
#[derive(Debug, Clone, InputObject, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct OwningPersonInput {
    /// The person.
    pub person_id: ID,
    /// The pool from which they have the thread, and to which it goes back. Null if they have it from none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pool_id: Option<ID>,
}

/// A party that a thread can wait for: exactly one person, or a pool, or its coordinators.
#[derive(Debug, Clone, OneofObject, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum PartyInput {
    /// A person who takes part.
    PersonId(ID),
    /// Any member of a pool that takes part.
    PoolId(ID),
    /// Any coordinator among the members of a pool that takes part.
    CoordinatorOfPoolId(ID),
}

/// Whom a thread waits for, for which command and until when.
#[derive(Debug, Clone, InputObject, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct WaitingOnInput {
    /// Whose turn it is.
    pub party: PartyInput,
    /// The command that is awaited of them, by its name in the policy, as `thread.post`.
    #[graphql(default_with = "post()")]
    #[serde(default = "post")]
    pub action: String,
    /// The instant until which it is awaited, in the future. Null if there is no target.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due_at: Option<Instant>,
}

fn post() -> String {
    <conversation::PostMessage as care::command_name::Named>::NAME.word().to_owned()
}

impl PlaceInput {
    /// The place; the decision asks whether the person holds it.
    pub(in crate::graphql) fn read(&self) -> Place {
        let Self { role, organization_id } = self;
        Place { role: (*role).into(), organization: decode_id(organization_id) }
    }
}

impl HistoryInput {
    /// All of the history.
    pub(in crate::graphql) fn full() -> Self {
        Self { window: HistoryWindow::Full, from_message_id: None }
    }

    /// Whether it says what is used when nothing is said.
    pub(in crate::graphql) fn is_full(&self) -> bool {
        *self == Self::full()
    }

    /// The window, at `path` of the arguments.
    pub(in crate::graphql) fn read(&self, fields: &mut Fields, path: &[&str]) -> Option<conversation::HistoryWindow> {
        let Self { window, from_message_id } = self;
        let path = [path, &["fromMessageId"]].concat();
        match (window, from_message_id) {
            (HistoryWindow::Full, None) => Some(conversation::HistoryWindow::Full),
            (HistoryWindow::FromJoin, None) => Some(conversation::HistoryWindow::FromJoin),
            (HistoryWindow::FromMessage, Some(id)) => Some(conversation::HistoryWindow::FromMessage(decode_id(id))),
            (HistoryWindow::FromMessage, None) => {
                fields.parsed(&path, Err("a window that begins with a message names it"))
            }
            (HistoryWindow::Full | HistoryWindow::FromJoin, Some(_)) => {
                fields.parsed(&path, Err("a message is named with the window FROM_MESSAGE only"))
            }
        }
    }
}

impl OwnerInput {
    /// The owner; the decision asks whether they can be.
    pub(in crate::graphql) fn read(&self) -> Owner {
        match self {
            Self::Person(OwningPersonInput { person_id, pool_id }) => {
                Owner::Person { person: decode_id(person_id), pool: pool_id.as_ref().map(decode_id) }
            }
            Self::PoolId(pool) => Owner::Pool(decode_id(pool)),
        }
    }
}

impl PartyInput {
    /// The party; the decision asks whether it can be waited for.
    pub(in crate::graphql) fn read(&self) -> Party {
        match self {
            Self::PersonId(person) => Party::Person(decode_id(person)),
            Self::PoolId(pool) => Party::Pool(decode_id(pool)),
            Self::CoordinatorOfPoolId(pool) => Party::PoolCoordinator(decode_id(pool)),
        }
    }
}

impl WaitingOnInput {
    /// Whom it names, for which command and until when, at `path` of the arguments.
    pub(in crate::graphql) fn read(&self, fields: &mut Fields, path: &[&str]) -> Option<WaitingOn> {
        let Self { party, action, due_at } = self;
        let of_a_thread = |name: &CommandName| ThreadCommand::names().contains(name);
        let name = CommandName::parse(action).ok().filter(of_a_thread).ok_or("is not the name of a thread command");
        let action = fields.parsed(&[path, &["action"]].concat(), name)?;
        Some(WaitingOn { party: party.read(), action, due: due_at.map(Into::into) })
    }
}
