//! The instants of one directive: when the patient is reminded, when staff are to ask, when its period begins and ends.

use chrono::{DateTime, Duration, Utc};
use serde::{Deserialize, Serialize};

use super::commands::{BeginDirective, DirectiveCommand, ExpireDirective, RemindOfDirective};
use super::events::DirectiveEvent;
use crate::ids::{DirectiveId, PatientId};
use crate::words::{DirectiveEffect, DirectiveReminder};

/// Days in which the patient confirms what staff wrote down.
pub(super) const CONFIRM_DAYS: i64 = 14;
/// Days before the last of them on which the patient is reminded.
const REMIND_DAYS: i64 = 7;
/// Days before the end of a period on which the patient is told.
const AHEAD_DAYS: i64 = 30;

/// The instants of a directive, folded from its events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Deadlines {
    /// Until when the patient can or is to confirm it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    confirm_by: Option<DateTime<Utc>>,
    /// Whether a permission ends if it is not confirmed; a deny stays.
    lapses: bool,
    /// Whether the patient has still to be reminded.
    reminds: bool,
    /// Whether it has still to be noted that nobody confirmed a deny in time.
    notes: bool,
    /// When its period begins, while that is not recorded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    begins: Option<DateTime<Utc>>,
    /// When its period ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    until: Option<DateTime<Utc>>,
    /// Whether the end has still to be announced.
    announces: bool,
}

/// What is due to a directive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deadline {
    /// To remind somebody.
    Remind(DirectiveReminder),
    /// To record that its period has begun.
    Begin,
    /// To end it: its period is over, or nobody confirmed it.
    Expire,
}

impl Deadline {
    /// The command by which it is done.
    #[must_use]
    pub fn command(self, patient: PatientId, directive: DirectiveId) -> DirectiveCommand {
        match self {
            Self::Remind(of) => RemindOfDirective { patient, directive, of }.into(),
            Self::Begin => BeginDirective { patient, directive }.into(),
            Self::Expire => ExpireDirective { patient, directive }.into(),
        }
    }
}

impl Deadlines {
    /// The instants after an event of the directive.
    pub fn evolve(&mut self, event: &DirectiveEvent) {
        match event {
            DirectiveEvent::DirectiveProposed(proposed) => {
                *self = Self {
                    confirm_by: Some(proposed.confirm_by),
                    lapses: true,
                    reminds: true,
                    notes: true,
                    begins: proposed.terms.from,
                    until: proposed.terms.until,
                    announces: true,
                };
            }
            DirectiveEvent::DirectiveActivated(activated) => {
                *self = Self {
                    confirm_by: activated.confirm_by,
                    lapses: activated.effect == DirectiveEffect::Permit,
                    reminds: true,
                    notes: true,
                    begins: activated.terms.from,
                    until: activated.terms.until,
                    announces: true,
                };
            }
            DirectiveEvent::DirectiveConfirmed(_) => (self.confirm_by, self.lapses) = (None, false),
            DirectiveEvent::DirectiveTightened(tightened) => {
                // What has begun does not begin again.
                self.begins = self.begins.and(tightened.terms.from);
                if self.until != tightened.terms.until {
                    (self.until, self.announces) = (tightened.terms.until, true);
                }
            }
            DirectiveEvent::DirectiveWasRefused(_)
            | DirectiveEvent::DirectiveEnded(_)
            | DirectiveEvent::DirectiveVoided(_) => *self = Self::default(),
            DirectiveEvent::ConfirmationReminded(_) => self.reminds = false,
            // It is still to be confirmed.
            DirectiveEvent::ConfirmationOverdueNoted(_) => (self.reminds, self.notes) = (false, false),
            DirectiveEvent::DirectiveTookEffect(_) => self.begins = None,
            DirectiveEvent::DirectiveEndAnnounced(_) => self.announces = false,
        }
    }

    /// Since when the patient is told that its period ends soon; none if that was not announced.
    #[must_use]
    pub fn end_announced_at(&self) -> Option<DateTime<Utc>> {
        self.until.filter(|_| !self.announces && self.confirm_by.is_none()).map(end_told_at)
    }

    /// All that is to happen, each with its instant; an end comes first. While the patient is to confirm it, nothing else
    /// is announced; of a permission that is not confirmed, no period begins or ends.
    #[must_use]
    pub fn ahead(&self) -> Vec<(DateTime<Utc>, Deadline)> {
        let is_confirmed = self.confirm_by.is_none();
        let lapse = self.confirm_by.filter(|_| self.lapses).map(|at| (at, Deadline::Expire));
        let end = self.until.filter(|_| is_confirmed || !self.lapses).map(|at| (at, Deadline::Expire));
        let reminder = self
            .confirm_by
            .filter(|_| self.reminds)
            .map(|at| (at - Duration::days(REMIND_DAYS), Deadline::Remind(DirectiveReminder::Confirmation)));
        let overdue = self.confirm_by.filter(|_| !self.lapses && self.notes);
        let overdue = overdue.map(|at| (at, Deadline::Remind(DirectiveReminder::ConfirmationOverdue)));
        let begin = self.begins.filter(|_| is_confirmed).map(|at| (at, Deadline::Begin));
        let end_ahead = self.until.filter(|_| self.announces && is_confirmed);
        let end_ahead = end_ahead.map(|at| (end_told_at(at), Deadline::Remind(DirectiveReminder::EndAhead)));
        [end, lapse, begin, overdue, reminder, end_ahead].into_iter().flatten().collect()
    }

    /// Whether this is due at the instant.
    pub(super) fn is_due(&self, due: Deadline, now: DateTime<Utc>) -> bool {
        self.ahead().into_iter().any(|(at, each)| each == due && at <= now)
    }
}

/// When the patient is to be told of an end.
fn end_told_at(end: DateTime<Utc>) -> DateTime<Utc> {
    end.checked_sub_signed(Duration::days(AHEAD_DAYS)).unwrap_or(end)
}
