//! What is counted and dated apart within a thread: what is addressed to an audience, and what
//! names a person.
//!
//! Who may read an audience, the policy says; a counter says which messages that would be.

use std::collections::BTreeSet;

use care::conversation::Addressed;
use care::ids::PersonId;
use care::words::Audience;

/// The messages of an audience, as far as they concern one reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Counter {
    Everyone,
    ClinicalTeam,
    /// Those that name this person, or that they wrote to others by name.
    Named(PersonId),
}

impl Counter {
    /// The counter of an audience for a reader.
    pub fn of(audience: Audience, reader: PersonId) -> Self {
        match audience {
            Audience::Everyone => Self::Everyone,
            Audience::ClinicalTeam => Self::ClinicalTeam,
            Audience::Named => Self::Named(reader),
        }
    }

    /// The counters of everybody who may read what is addressed so, its author included.
    pub fn all_of(addressed: &Addressed, author: Option<PersonId>) -> BTreeSet<Self> {
        match addressed {
            Addressed::Everyone => BTreeSet::from([Self::Everyone]),
            Addressed::ClinicalTeam => BTreeSet::from([Self::ClinicalTeam]),
            Addressed::Named(named) => named.iter().copied().chain(author).map(Self::Named).collect(),
        }
    }

    pub fn audience(self) -> Audience {
        match self {
            Self::Everyone => Audience::Everyone,
            Self::ClinicalTeam => Audience::ClinicalTeam,
            Self::Named(_) => Audience::Named,
        }
    }

    /// Whose own counter it is; none if it is everybody's.
    pub fn person(self) -> Option<PersonId> {
        match self {
            Self::Everyone | Self::ClinicalTeam => None,
            Self::Named(person) => Some(person),
        }
    }

    /// As it lies in a column.
    pub fn text(self) -> String {
        match self {
            Self::Everyone | Self::ClinicalTeam => self.audience().word().to_owned(),
            Self::Named(person) => format!("{}:{person}", self.audience().word()),
        }
    }
}
