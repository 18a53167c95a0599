//! The messages of a thread that a person may read: for each audience, from which message on.
//!
//! The queries of messages, counts and read receipts use it, so that unreadable messages are never counted, sorted or
//! paged. It is made by [`Viewer::readable_messages`](crate::decide::Viewer::readable_messages).

use care::conversation::Since;
use care::words::Audience;

use crate::reach::{HeldStanding, Reach};

/// The widest reach that allows the messages of each audience; no reach where none may be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReadableMessages {
    reaches: [Option<Reach>; Audience::ALL.len()],
    is_of_team: bool,
}

impl ReadableMessages {
    /// No message at all.
    pub const NONE: Self = Self { reaches: [None; Audience::ALL.len()], is_of_team: false };

    /// The standing that allows the messages of each audience.
    pub(crate) fn of(allowed: impl Fn(Audience) -> Option<HeldStanding>) -> Self {
        let mut readable = Self::NONE;
        for (slot, audience) in readable.reaches.iter_mut().zip(Audience::ALL) {
            let held = allowed(*audience);
            readable.is_of_team |= *audience == Audience::TeamAndMe && held.is_some_and(|held| held.is_of_team());
            *slot = held.map(|held| held.reach);
        }
        readable
    }

    /// Whether all messages to `team_and_me` are meant, as the clinical team reads them. Otherwise those alone that the
    /// team shares with the reader.
    #[must_use]
    pub fn is_of_team(&self) -> bool {
        self.is_of_team
    }

    /// The audiences of which messages may be read, each with its reach.
    pub fn audiences(&self) -> impl Iterator<Item = (Audience, Reach)> + use<> {
        Audience::ALL.iter().zip(self.reaches).filter_map(|(audience, reach)| Some((*audience, reach?)))
    }

    /// The reach that allows the messages of an audience.
    #[must_use]
    pub fn reach(&self, audience: Audience) -> Option<Reach> {
        self.audiences().find_map(|(each, reach)| (each == audience).then_some(reach))
    }

    /// Whether messages of an audience may be read.
    #[must_use]
    pub fn contains(&self, audience: Audience) -> bool {
        self.reach(audience).is_some()
    }

    /// Whether a message of an audience may be read that has this place in its thread.
    #[must_use]
    pub fn shows(&self, audience: Audience, message: Since) -> bool {
        self.reach(audience).is_some_and(|reach| reach.covers(message))
    }
}
