//! The instants of one message from outside: by when staff have to act on it, when an offer lapses, and when it is erased.

use chrono::{DateTime, Duration, Utc};
use serde::{Deserialize, Serialize};

use super::events::OutsideMessageEvent;
use crate::words::OutsideWish;

/// After how long an offer that nobody answers ends. What was told waits until somebody has looked.
const OFFER_LAPSES_DAYS: i64 = 60;
/// How long after its end the texts of a message are kept, so that an error can be found.
const KEPT_DAYS: i64 = 90;

/// The instants of a message from outside, folded from its events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Deadlines {
    /// By when staff have to act on it; none once it has ended, and where the organization has no calendar.
    due: Option<DateTime<Utc>>,
    /// What the process does next, and when.
    next: Option<(DateTime<Utc>, Deadline)>,
}

/// What is due to a message from outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Deadline {
    /// To end it.
    Expire,
    /// To erase its texts.
    Erase,
}

impl Deadlines {
    /// The instants after an event.
    pub fn evolve(&mut self, event: &OutsideMessageEvent) {
        match event {
            OutsideMessageEvent::Sent(sent) => {
                let lapses = (sent.wish == OutsideWish::Help).then(|| sent.at + Duration::days(OFFER_LAPSES_DAYS));
                *self =
                    Self { due: sent.due.as_ref().map(|due| due.at), next: lapses.map(|at| (at, Deadline::Expire)) };
            }
            OutsideMessageEvent::Claimed(_) => {}
            OutsideMessageEvent::Matched(matched) => *self = Self::ended(matched.at),
            OutsideMessageEvent::Attached(attached) => *self = Self::ended(attached.at),
            OutsideMessageEvent::Closed(closed) => *self = Self::ended(closed.at),
            OutsideMessageEvent::Erased(_) => *self = Self::default(),
        }
    }

    fn ended(at: DateTime<Utc>) -> Self {
        Self { due: None, next: Some((at + Duration::days(KEPT_DAYS), Deadline::Erase)) }
    }

    /// By when staff have to act on it.
    #[must_use]
    pub fn due_at(&self) -> Option<DateTime<Utc>> {
        self.due
    }

    /// What the process does next, and when.
    #[must_use]
    pub fn ahead(&self) -> Option<(DateTime<Utc>, Deadline)> {
        self.next
    }
}
