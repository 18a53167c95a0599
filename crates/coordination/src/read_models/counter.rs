//! What is counted and dated apart within a thread: what is addressed to an audience, what names a
//! person, and what changes the thread for everybody who finds it.
//!
//! Who may read an audience, the policy says; a counter says which messages that would be.

use std::collections::BTreeSet;

use care::conversation::Addressed;
use care::ids::PersonId;
use care::words::Audience;

/// The messages of an audience, as far as they concern one reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Counter {
    /// What everybody who finds the thread may notice: its turns and its owner, and no message.
    Changes,
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

    /// Everything that can concern a reader.
    pub fn all_for(reader: PersonId) -> impl Iterator<Item = Self> {
        std::iter::once(Self::Changes).chain(Audience::ALL.iter().map(move |audience| Self::of(*audience, reader)))
    }

    /// The audience whose messages it counts; none where it counts no messages.
    pub fn audience(self) -> Option<Audience> {
        match self {
            Self::Changes => None,
            Self::Everyone => Some(Audience::Everyone),
            Self::ClinicalTeam => Some(Audience::ClinicalTeam),
            Self::Named(_) => Some(Audience::Named),
        }
    }

    /// The order of an inbox that it belongs to.
    pub fn order(self) -> &'static str {
        self.audience().map_or("changes", Audience::word)
    }

    /// Whose own counter it is; none if it is everybody's.
    pub fn person(self) -> Option<PersonId> {
        match self {
            Self::Changes | Self::Everyone | Self::ClinicalTeam => None,
            Self::Named(person) => Some(person),
        }
    }

    /// As it lies in a column.
    pub fn text(self) -> String {
        match self {
            Self::Changes | Self::Everyone | Self::ClinicalTeam => self.order().to_owned(),
            Self::Named(person) => format!("{}:{person}", self.order()),
        }
    }
}
