//! One list of all events, with the stream and the aggregate of each.
//!
//! To add an aggregate: 1. its file, with commands, events, refusals; 2. a line in the list below;
//! 3. follow the compiler through authorization, read models and API; 4. bless its golden file.

use std::fmt;

use crate::accepted::AcceptedEvent;
use crate::aggregate::Aggregate;
use crate::care_team::{CareTeam, CareTeamEvent};
use crate::command_name::{Command, CommandName};
use crate::consent_directive::{DirectiveEvent, Directives};
use crate::delegation::{Delegation, DelegationEvent};
use crate::draft::{DraftEvent, Drafts};
use crate::event_set::event_union;
pub use crate::event_set::{EventProblem, EventSet};
use crate::ids::{
    AuthorityId, DelegationId, Id, NotAnId, OrganizationId, OutsideMessageId, PatientId, PersonId, PolicyId, ThreadId,
};
use crate::key::KeyEvent;
use crate::legal_authority::{LegalAuthority, LegalAuthorityEvent};
use crate::organization::{Organization, OrganizationEvent};
use crate::outside_message::{OutsideMessage, OutsideMessageEvent};
use crate::patient::{Patient, PatientEvent};
use crate::person::{Person, PersonEvent};
use crate::policy_root::{PolicyEvent, PolicyRoot};
use crate::thread::{Thread, ThreadEvent};

/// An aggregate that has a stream of its own.
pub trait Addressed: Aggregate {
    /// The id that names its stream.
    type Id: Id + Send + Sync;

    /// Its stream.
    fn stream(id: Self::Id) -> Stream;
}

/// Makes the set of all events, the streams with their names, and the way from an aggregate to its
/// stream.
macro_rules! aggregates {
    ($($(#[$meta:meta])* $variant:ident = $aggregate:ty, $event:ty, $category:literal, $id:ty;)+) => {
        event_union! {
            /// Anything that can have happened.
            Event {
                $($(#[$meta])* $variant($event),)+
                /// A command that had no effect, in any stream.
                Accepted(AcceptedEvent),
                /// What happened to the key of a stream, in that stream.
                Key(KeyEvent),
            }
        }

        /// A stream of events. Its name is `<category>-<id>`; it holds no personal data and no
        /// outside id, since a name can never be destroyed. Streams cannot be cut anew once there
        /// is data.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Stream { $($(#[$meta])* $variant($id)),+ }

        impl Stream {
            /// Reads a stream's name.
            ///
            /// # Errors
            /// [`NotAnId`] when the category is unknown or the rest is not an id.
            pub fn parse(name: &str) -> Result<Self, NotAnId> {
                let (category, id) = name.split_once('-').ok_or(NotAnId)?;
                match category {
                    $($category => <$id>::parse(id).map(Self::$variant),)+
                    _ => Err(NotAnId),
                }
            }

            /// The 128 bits of the id that names it.
            #[must_use]
            pub fn uuid(self) -> uuid::Uuid {
                match self { $(Self::$variant(id) => id.uuid()),+ }
            }
        }

        impl fmt::Display for Stream {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self { $(Self::$variant(id) => write!(f, "{}-{id}", $category)),+ }
            }
        }

        $(impl Addressed for $aggregate {
            type Id = $id;
            fn stream(id: $id) -> Stream { Stream::$variant(id) }
        }

        impl TryFrom<Event> for $event {
            type Error = Event;
            fn try_from(event: Event) -> Result<Self, Event> {
                if let Event::$variant(event) = event { Ok(event) } else { Err(event) }
            }
        })+

        /// The names of all commands, in the order of the list.
        pub(crate) fn command_names() -> Vec<CommandName> {
            [$(<<$aggregate as Aggregate>::Command as Command>::names()),+].concat()
        }

        #[cfg(test)]
        fn one_of_each() -> Vec<Stream> {
            vec![$(Stream::$variant(<$id>::from_uuid(uuid::Uuid::from_u128(0x0123_4567_89ab_cdef)))),+]
        }
    };
}

aggregates! {
    /// An organization with its pools and calendar.
    Organization = Organization, OrganizationEvent, "organization", OrganizationId;
    /// A person with their roles.
    Person = Person, PersonEvent, "person", PersonId;
    /// A patient's identity.
    Patient = Patient, PatientEvent, "patient", PatientId;
    /// The care team around a patient.
    CareTeam = CareTeam, CareTeamEvent, "care_team", PatientId;
    /// The directives of a patient.
    Directives = Directives, DirectiveEvent, "consent_directive", PatientId;
    /// A conversation with the lifecycle that its kind adds.
    Thread = Thread, ThreadEvent, "thread", ThreadId;
    /// A person's help to a patient.
    Delegation = Delegation, DelegationEvent, "delegation", DelegationId;
    /// A fact of law about a person and a patient.
    LegalAuthority = LegalAuthority, LegalAuthorityEvent, "legal_authority", AuthorityId;
    /// What a person without access sends to an organization about a patient.
    OutsideMessage = OutsideMessage, OutsideMessageEvent, "outside_message", OutsideMessageId;
    /// The drafts of a person.
    Drafts = Drafts, DraftEvent, "drafts", PersonId;
    /// The policy versions of this installation.
    Policy = PolicyRoot, PolicyEvent, "policy", PolicyId;
}

impl Event {
    /// Reads a stored event.
    ///
    /// # Errors
    /// [`EventProblem::Unknown`] for a kind, version or word of newer software, which is never
    /// skipped; [`EventProblem::Malformed`] for data that does not fit.
    pub fn read(kind: &str, version: u16, data: &[u8]) -> Result<Self, EventProblem> {
        Self::decode(kind, version, data)
            .unwrap_or_else(|| Err(EventProblem::Unknown { kind: kind.to_owned(), version }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_stream_reads_back() {
        for stream in one_of_each() {
            assert_eq!(Stream::parse(&stream.to_string()), Ok(stream));
        }
    }

    #[test]
    fn a_foreign_name_is_refused() {
        for name in ["", "thread", "thread-", "thread-xyz", "policy-root", "$all-0"] {
            assert_eq!(Stream::parse(name), Err(NotAnId), "{name}");
        }
    }

    #[test]
    fn no_kind_of_event_is_declared_twice() {
        let mut kinds = Event::kinds();
        kinds.sort_unstable();
        let count = kinds.len();
        kinds.dedup();
        assert_eq!(kinds.len(), count);
    }
}
