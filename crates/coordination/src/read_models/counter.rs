//! What is counted and dated apart within a thread: what is addressed to an audience, what concerns one
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
    /// Those that the clinical team shares with one person each, all of them: as the team reads them.
    TeamAndAnybody,
    /// Those that the clinical team shares with this person: as the person reads them.
    TeamAnd(PersonId),
}

impl Counter {
    /// How many can concern a reader: changes, and one for each audience, of which one is read in two ways.
    pub const COUNT: usize = 2 + Audience::ALL.len();

    /// The counter of an audience for a reader, who reads it as one of the clinical team or not.
    pub fn of(audience: Audience, reader: PersonId, is_of_team: bool) -> Self {
        match audience {
            Audience::Everyone => Self::Everyone,
            Audience::ClinicalTeam => Self::ClinicalTeam,
            Audience::Named => Self::Named(reader),
            Audience::TeamAndMe if is_of_team => Self::TeamAndAnybody,
            Audience::TeamAndMe => Self::TeamAnd(reader),
        }
    }

    /// The counters of everybody who may read what is addressed so, its author included.
    pub fn all_of(addressed: &Addressed, author: Option<PersonId>) -> BTreeSet<Self> {
        match addressed {
            Addressed::Everyone => BTreeSet::from([Self::Everyone]),
            Addressed::ClinicalTeam => BTreeSet::from([Self::ClinicalTeam]),
            Addressed::Named(named) => named.iter().copied().chain(author).map(Self::Named).collect(),
            // Who wrote it for the team reads it as one of the team, or no more.
            Addressed::TeamAnd(person) => BTreeSet::from([Self::TeamAndAnybody, Self::TeamAnd(*person)]),
        }
    }

    /// Everything that can concern a reader who works somewhere.
    pub fn all_for(reader: PersonId) -> [Self; Self::COUNT] {
        [
            Self::Changes,
            Self::Everyone,
            Self::ClinicalTeam,
            Self::Named(reader),
            Self::TeamAndAnybody,
            Self::TeamAnd(reader),
        ]
    }

    /// Everything that can concern a reader who works nowhere, and so is on no clinical team.
    pub fn all_for_lay(reader: PersonId) -> [Self; 4] {
        [Self::Changes, Self::Everyone, Self::Named(reader), Self::TeamAnd(reader)]
    }

    /// The audience whose messages it counts; none where it counts no messages.
    pub fn audience(self) -> Option<Audience> {
        match self {
            Self::Changes => None,
            Self::Everyone => Some(Audience::Everyone),
            Self::ClinicalTeam => Some(Audience::ClinicalTeam),
            Self::Named(_) => Some(Audience::Named),
            Self::TeamAndAnybody | Self::TeamAnd(_) => Some(Audience::TeamAndMe),
        }
    }

    /// The order of an inbox that it belongs to.
    pub fn order(self) -> &'static str {
        match self {
            Self::Changes => "changes",
            Self::Everyone => Audience::Everyone.word(),
            Self::ClinicalTeam => Audience::ClinicalTeam.word(),
            Self::Named(_) => Audience::Named.word(),
            Self::TeamAndAnybody => Audience::TeamAndMe.word(),
            Self::TeamAnd(_) => "team_and",
        }
    }

    /// Whose own counter it is; none if it is everybody's.
    pub fn person(self) -> Option<PersonId> {
        match self {
            Self::Changes | Self::Everyone | Self::ClinicalTeam | Self::TeamAndAnybody => None,
            Self::Named(person) | Self::TeamAnd(person) => Some(person),
        }
    }

    /// As it lies in a column.
    pub fn text(self) -> String {
        match self.person() {
            None => self.order().to_owned(),
            Some(person) => format!("{}:{person}", self.order()),
        }
    }
}
