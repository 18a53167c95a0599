//! The instants of one legal authority: when somebody is reminded, and when it ends.

use chrono::{DateTime, Duration, Utc};
use serde::{Deserialize, Serialize};

use super::events::LegalAuthorityEvent;
use crate::words::AuthorityReminder;

/// How long before the document's end people are reminded.
const AHEAD_DAYS: i64 = 30;

/// The instants of a legal authority, folded from its events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Deadlines {
    /// When a decision is overdue that nobody was reminded of.
    decide_by: Option<DateTime<Utc>>,
    /// When the document ends.
    until: Option<DateTime<Utc>>,
    /// Whether the end has still to be announced.
    announces: bool,
}

/// What is due to a legal authority.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deadline {
    /// To remind somebody.
    Remind(AuthorityReminder),
    /// To end it.
    Expire,
}

impl Deadlines {
    /// The instants after an event.
    pub fn evolve(&mut self, event: &LegalAuthorityEvent) {
        match event {
            LegalAuthorityEvent::Recorded(recorded) => {
                self.decide_by = recorded.decide_by.as_ref().map(|due| due.at);
            }
            LegalAuthorityEvent::Verified(verified) => {
                *self = Self { decide_by: None, until: verified.until, announces: true };
            }
            LegalAuthorityEvent::Disputed(disputed) => {
                self.decide_by = disputed.decide_by.as_ref().map(|due| due.at);
            }
            LegalAuthorityEvent::Upheld(_) => self.decide_by = None,
            LegalAuthorityEvent::Reminded(reminded) => match reminded.of {
                AuthorityReminder::Decision => self.decide_by = None,
                AuthorityReminder::EndAhead => self.announces = false,
            },
            LegalAuthorityEvent::Ended(_) => *self = Self::default(),
        }
    }

    /// Since when people are told that the document ends soon; none if that was not announced.
    #[must_use]
    pub fn end_announced_at(&self) -> Option<DateTime<Utc>> {
        self.until.filter(|_| !self.announces).map(|at| at - Duration::days(AHEAD_DAYS))
    }

    /// All that is to happen, each with its instant; the end comes first.
    #[must_use]
    pub fn ahead(&self) -> Vec<(DateTime<Utc>, Deadline)> {
        let ends = self.until.map(|at| (at, Deadline::Expire));
        let decision = self.decide_by.map(|at| (at, Deadline::Remind(AuthorityReminder::Decision)));
        let end_ahead = self.until.filter(|_| self.announces).map(|at| at - Duration::days(AHEAD_DAYS));
        let end_ahead = end_ahead.map(|at| (at, Deadline::Remind(AuthorityReminder::EndAhead)));
        ends.into_iter().chain(decision).chain(end_ahead).collect()
    }

    /// Whether this is due at the instant.
    pub(super) fn is_due(&self, due: Deadline, now: DateTime<Utc>) -> bool {
        self.ahead().into_iter().any(|(at, each)| each == due && at <= now)
    }
}
