//! Stream boundaries: which history each thing has. One stream per thread, whatever its kind.
//!
//! A stream's name is `<category>-<id>` and holds no personal data and no outside id, since a
//! name can never be destroyed. Boundaries cannot change once there is data.

use std::fmt;

use crate::ids::{Id, NotAnId, OrganizationId, PatientId, PersonId, ThreadId};

/// A stream of events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stream {
    /// An organization with its pools and calendar.
    Organization(OrganizationId),
    /// A person with their roles.
    Person(PersonId),
    /// A patient's identity.
    Patient(PatientId),
    /// The care team around a patient.
    CareTeam(PatientId),
    /// A conversation with the lifecycle that embeds it.
    Thread(ThreadId),
    /// The policy versions of this installation.
    PolicyRoot,
}

impl Stream {
    /// Reads a stream's name.
    ///
    /// # Errors
    /// [`NotAnId`] when the category is unknown or the rest is not an id.
    pub fn parse(name: &str) -> Result<Self, NotAnId> {
        let (category, id) = name.split_once('-').ok_or(NotAnId)?;
        match category {
            "organization" => OrganizationId::parse(id).map(Self::Organization),
            "person" => PersonId::parse(id).map(Self::Person),
            "patient" => PatientId::parse(id).map(Self::Patient),
            "care_team" => PatientId::parse(id).map(Self::CareTeam),
            "thread" => ThreadId::parse(id).map(Self::Thread),
            "policy" if id == "root" => Ok(Self::PolicyRoot),
            _ => Err(NotAnId),
        }
    }
}

impl fmt::Display for Stream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Organization(id) => write!(f, "organization-{}", id.uuid().simple()),
            Self::Person(id) => write!(f, "person-{}", id.uuid().simple()),
            Self::Patient(id) => write!(f, "patient-{}", id.uuid().simple()),
            Self::CareTeam(id) => write!(f, "care_team-{}", id.uuid().simple()),
            Self::Thread(id) => write!(f, "thread-{}", id.uuid().simple()),
            Self::PolicyRoot => f.write_str("policy-root"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn every_stream_reads_back() {
        let bits = Uuid::from_u128(0x0123_4567_89ab_cdef);
        for stream in [
            Stream::Organization(OrganizationId::from_uuid(bits)),
            Stream::Person(PersonId::from_uuid(bits)),
            Stream::Patient(PatientId::from_uuid(bits)),
            Stream::CareTeam(PatientId::from_uuid(bits)),
            Stream::Thread(ThreadId::from_uuid(bits)),
            Stream::PolicyRoot,
        ] {
            assert_eq!(Stream::parse(&stream.to_string()), Ok(stream));
        }
    }

    #[test]
    fn a_foreign_name_is_refused() {
        for name in ["", "thread", "thread-", "thread-xyz", "policy-other", "$all-0"] {
            assert_eq!(Stream::parse(name), Err(NotAnId), "{name}");
        }
    }
}
