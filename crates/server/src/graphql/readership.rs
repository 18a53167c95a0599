//! Who may read a message of a thread now.

use std::sync::Arc;

use async_graphql::{Enum, Object, Result, SimpleObject};
use coordination::fault::Fault;
use coordination::reader::{self, Extent, Page, Reader, ThreadView};
use policy::words::Standing;

use super::access_record::AccessDelegation;
use super::connection::{connections, page};
use super::person::Person;
use super::scalars::Instant;
use super::words::{Purpose, Role};

/// Who may read a message to an audience.
pub struct MessageReaders {
    pub(super) reader: Arc<Reader>,
    pub(super) view: Arc<ThreadView>,
    pub(super) found: reader::MessageReaders,
}

/// The persons who may read a message to an audience that is posted now, by today's roles and memberships.
#[Object]
impl MessageReaders {
    /// How many they are, you included if you are one of them.
    fn count(&self) -> usize {
        self.found.count()
    }

    /// How many they are without you.
    fn others(&self) -> usize {
        self.found.others()
    }

    /// Whether persons whom the patient chose may read it beside these. To a delegate that is said of every message to
    /// everyone, whether or not there are any; false for everybody else, who is told of them.
    fn may_include_others(&self) -> bool {
        self.found.may_include_others()
    }

    /// Whether the patient is one of them.
    fn includes_patient(&self) -> bool {
        self.found.includes_patient()
    }

    /// The persons: the patient first, then those who are in the thread by name, then the care team, the pools and the
    /// organizations.
    fn persons(&self, first: Option<i32>, after: Option<String>) -> Option<Result<MessageReaderConnection>> {
        let asked = Page::from_start(first, after);
        let found = || {
            page(self.reader.listed_readers(&self.view, &self.found, &asked)?, |row| {
                let Extent { sees_from, until, delegation } = row.extent;
                Ok::<_, Fault>(MessageReader {
                    person: row.person.map(Person),
                    is_viewer: row.is_viewer,
                    role: row.role.into(),
                    reason: row.standing.into(),
                    purpose: row.purpose.into(),
                    sees_from: sees_from.map(Into::into),
                    until: until.map(Into::into),
                    delegation: delegation.map(Into::into),
                })
            })
        };
        Some(found())
    }
}

/// A person who may read a message, and why.
#[derive(SimpleObject)]
pub struct MessageReader {
    /// The person. Null if you may not know their name; they count nevertheless.
    person: Option<Person>,
    /// Whether it is you.
    is_viewer: bool,
    /// The role in which they may read it; `PERSON` for the patient and for who helps them.
    role: Role,
    /// Why they may read it.
    reason: ReaderReason,
    /// For which purpose the policy lets them read it.
    purpose: Purpose,
    /// From when on they see the thread. Null if they see all of it, and if you may not know.
    sees_from: Option<Instant>,
    /// When the delegation of who helps the patient ends. Null for everybody else, and if you may not know.
    until: Option<Instant>,
    /// That delegation. Null for everybody else, and if you may not know.
    delegation: Option<AccessDelegation>,
}

/// Why a person may read a message. Of several reasons it is the one by which the policy decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ReaderReason {
    /// The patient.
    Patient,
    /// Opened the thread.
    OpenedIt,
    /// Owns the thread.
    Owner,
    /// Takes part in the thread by name.
    Participant,
    /// Helps the patient under a delegation.
    Delegate,
    /// Is on the patient's care team.
    CareTeam,
    /// Is in a pool that owns the thread or takes part in it.
    PoolMember,
    /// Is in the pool from which the owner has the thread.
    OwnersPool,
    /// Works at the organization for which the thread was opened.
    RequestingOrganization,
    /// Works at the organization of the owner.
    ReceivingOrganization,
    /// Another reason that the policy gives.
    Other,
}

impl From<Standing> for ReaderReason {
    fn from(standing: Standing) -> Self {
        match standing {
            Standing::Self_ => Self::Patient,
            Standing::Requester => Self::OpenedIt,
            Standing::Assignee => Self::Owner,
            Standing::Participant => Self::Participant,
            Standing::Delegate => Self::Delegate,
            Standing::CareTeam | Standing::Joined => Self::CareTeam,
            Standing::PoolMember => Self::PoolMember,
            Standing::OwnersPool => Self::OwnersPool,
            Standing::RequestingOrganization => Self::RequestingOrganization,
            Standing::ReceivingOrganization => Self::ReceivingOrganization,
            Standing::Invited
            | Standing::Proposed
            | Standing::Representative
            | Standing::Author
            | Standing::Organization
            | Standing::LastResort
            | Standing::StandIn
            | Standing::Installation
            | Standing::Involved
            | Standing::Employed
            | Standing::Process
            | Standing::Blocked
            | Standing::None => Self::Other,
        }
    }
}

connections! {
    /// A page of the persons who may read a message.
    MessageReaderConnection, MessageReaderEdge of MessageReader;
}
