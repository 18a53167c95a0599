//! The messages of a thread that a person may read: for each audience, from which message on.
//!
//! The queries of messages, counts and read receipts use it, so that unreadable messages are never counted, sorted or
//! paged. It is made by [`Viewer::readable_messages`](crate::decide::Viewer::readable_messages).

use care::words::Audience;

use crate::reach::Reach;

/// The widest reach that allows the messages of each audience; no reach where none may be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReadableMessages([Option<Reach>; Audience::ALL.len()]);

impl ReadableMessages {
    /// No message at all.
    pub const NONE: Self = Self([None; Audience::ALL.len()]);

    pub(crate) fn of(allowed: impl Fn(Audience) -> Option<Reach>) -> Self {
        let mut reaches = Self::NONE;
        for (slot, audience) in reaches.0.iter_mut().zip(Audience::ALL) {
            *slot = allowed(*audience);
        }
        reaches
    }

    /// The audiences of which messages may be read, each with its reach.
    pub fn audiences(&self) -> impl Iterator<Item = (Audience, Reach)> + use<> {
        Audience::ALL.iter().zip(self.0).filter_map(|(audience, reach)| Some((*audience, reach?)))
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

    /// Whether a message of an audience may be read that has this number in its thread.
    #[must_use]
    pub fn shows(&self, audience: Audience, number: u32) -> bool {
        self.reach(audience).is_some_and(|reach| reach.covers(number))
    }
}
