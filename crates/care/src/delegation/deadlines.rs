//! The instants of one delegation: when somebody is reminded, when it ends, and what changes as a minor grows up.
//!
//! They follow from its events, but for the ages of the patient, which are computed from a sealed date of birth and are
//! given by the caller.

use chrono::{DateTime, Duration, Utc};
use serde::{Deserialize, Serialize};

use super::events::{Activated, DelegationEvent};
use crate::age::AgeInstants;
use crate::words::{DelegationKind, DelegationReminder, DelegationState, SuspensionCause};

/// How long before its end an invited person is reminded.
const INVITATION_REMINDED_DAYS: i64 = 7;
/// After how long the practice is reminded of an offer to help.
const OFFER_DAYS: i64 = 14;
/// After how long an offer to help that nobody answers ends.
const OFFER_LAPSES_DAYS: i64 = 60;
/// After how long everybody is reminded of a consent that is not recorded.
const CONSENT_DAYS: i64 = 14;
/// How long the steps from accepting to the first access may take.
const UNFINISHED_DAYS: i64 = 90;
/// How long before the end, or before an age, people are reminded.
const AHEAD_DAYS: i64 = 30;
/// A delegation of at most so many days is a short one …
pub(super) const SHORT_DAYS: i64 = 90;
/// … of whose end people are reminded so long before.
const SHORT_AHEAD_DAYS: i64 = 14;

/// A reminder that has not been given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Reminder {
    of: DelegationReminder,
    at: DateTime<Utc>,
}

/// The instants of a delegation, folded from its events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Deadlines {
    /// None before the first event.
    state: Option<DelegationState>,
    /// The reminder of the present state; none once it was given.
    reminder: Option<Reminder>,
    /// When the next step of the present state is due; none where it waits for nobody, or a calendar is missing.
    due: Option<DateTime<Utc>>,
    /// When it ends if nothing happens until then.
    ends_at: Option<DateTime<Utc>>,
    /// Since when there has been access, suspended or not.
    active_from: Option<DateTime<Utc>>,
    is_short: bool,
    end_announced: bool,
    age_announced: Option<DateTime<Utc>>,
    narrowed_at_age: bool,
    reviewed_at_age: bool,
}

/// What is due to a delegation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deadline {
    /// To remind somebody.
    Remind(DelegationReminder),
    /// To end it.
    Expire,
    /// To cut it to what a parent keeps.
    NarrowAtAge,
    /// To suspend it until it was reviewed with the minor.
    ReviewAtAge,
    /// To end it, since the patient is of adult age.
    EndAtAge,
}

impl Deadlines {
    /// The instants after an event.
    pub fn evolve(&mut self, event: &DelegationEvent) {
        let after = |at: DateTime<Utc>, days| at + Duration::days(days);
        let remind = |of, at: Option<DateTime<Utc>>| at.map(|at| Reminder { of, at });
        match event {
            DelegationEvent::Offered(offered) => {
                self.state = Some(DelegationState::Asked);
                self.due = Some(after(offered.at, OFFER_DAYS));
                self.reminder = remind(DelegationReminder::Offer, self.due);
                self.ends_at = Some(after(offered.at, OFFER_LAPSES_DAYS));
            }
            DelegationEvent::Invited(invited) => {
                let at = invited.expires_at - Duration::days(INVITATION_REMINDED_DAYS);
                self.state = Some(DelegationState::Invited);
                self.due = Some(invited.expires_at);
                self.reminder = remind(DelegationReminder::Invitation, Some(at));
                self.ends_at = Some(invited.expires_at);
                self.is_short = invited.kind == DelegationKind::ProfessionalHelper;
            }
            DelegationEvent::Accepted(accepted) => {
                self.state = Some(DelegationState::Accepted);
                self.due = accepted.verify_by.as_ref().map(|due| due.at);
                self.reminder = remind(DelegationReminder::Verification, self.due);
                self.ends_at = Some(after(accepted.at, UNFINISHED_DAYS));
            }
            DelegationEvent::IdentityVerified(verified) => {
                self.state = Some(DelegationState::IdentityVerified);
                self.due = verified.check_by.as_ref().map(|due| due.at);
                self.reminder = remind(DelegationReminder::Verification, self.due);
            }
            DelegationEvent::SafeguardingPassed(passed) => {
                self.state = Some(DelegationState::SafeguardingChecked);
                self.due = Some(after(passed.check.at, CONSENT_DAYS));
                self.reminder = remind(DelegationReminder::Consent, self.due);
            }
            DelegationEvent::Activated(Activated { scope: _, from, until }) => {
                self.state = Some(DelegationState::Active);
                self.active_from = Some(*from);
                self.is_short |= *until - *from <= Duration::days(SHORT_DAYS);
                self.ends_at = Some(*until);
                self.due = None;
                self.reminder = self.end_ahead();
            }
            DelegationEvent::Renewed(renewed) => {
                self.ends_at = Some(renewed.until);
                self.end_announced = false;
                self.reminder = self.end_ahead();
            }
            DelegationEvent::Suspended(suspended) => {
                self.state = Some(DelegationState::Suspended);
                self.due = suspended.review_by.as_ref().map(|due| due.at);
                self.reminder = remind(DelegationReminder::Review, self.due);
                self.reviewed_at_age |= suspended.cause == Some(SuspensionCause::ReviewAge);
            }
            DelegationEvent::Resumed(_) => {
                self.state = Some(DelegationState::Active);
                self.due = None;
                self.reminder = self.end_ahead();
            }
            DelegationEvent::Narrowed(narrowed) => self.narrowed_at_age |= narrowed.by.is_process(),
            DelegationEvent::Reminded(reminded) => match reminded.of {
                DelegationReminder::AgeGateAhead => self.age_announced = Some(reminded.at),
                DelegationReminder::EndAhead => {
                    self.end_announced = true;
                    self.reminder = None;
                }
                DelegationReminder::Offer
                | DelegationReminder::Invitation
                | DelegationReminder::Verification
                | DelegationReminder::Consent
                | DelegationReminder::Review => self.reminder = None,
            },
            DelegationEvent::Ended(_) => *self = Self { state: Some(DelegationState::Ended), ..Self::default() },
            DelegationEvent::Consented(_) | DelegationEvent::WideningChecked(_) | DelegationEvent::Widened(_) => {}
        }
    }

    /// Whether its end has come.
    #[must_use]
    pub fn is_over(&self, now: DateTime<Utc>) -> bool {
        self.ends_at.is_some_and(|at| at <= now)
    }

    /// When the next step is due. A reminder does not change it.
    #[must_use]
    pub fn due_at(&self) -> Option<DateTime<Utc>> {
        self.due
    }

    /// Whether people were reminded of an invitation that nobody answered, or of a consent that nobody recorded.
    #[must_use]
    pub fn is_reminded(&self) -> bool {
        let waits = [DelegationState::Invited, DelegationState::SafeguardingChecked];
        self.reminder.is_none() && self.state.is_some_and(|state| waits.contains(&state))
    }

    /// Since when people are told that the access ends soon; none if that was not announced, or there is no access.
    #[must_use]
    pub fn end_announced_at(&self) -> Option<DateTime<Utc>> {
        let is_announced = self.end_announced && self.state == Some(DelegationState::Active);
        let at = self.end_told_at().filter(|_| is_announced)?;
        Some(self.active_from.map_or(at, |from| from.max(at)))
    }

    /// Since when people are told that the patient comes of an age at which the access changes; none if that was not
    /// announced, if there is no access, or once it has changed.
    #[must_use]
    pub fn age_announced_at(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let is_ahead = |at: &DateTime<Utc>| now < *at + Duration::days(AHEAD_DAYS);
        self.age_announced.filter(is_ahead).filter(|_| self.state == Some(DelegationState::Active))
    }

    /// All that is to happen, each with its instant; what ends it comes first. `ages` are those of a patient whose
    /// delegate has access by reason of minority, else none.
    #[must_use]
    pub fn ahead(&self, ages: Option<AgeInstants>) -> Vec<(DateTime<Utc>, Deadline)> {
        let reminder = self.reminder.map(|Reminder { of, at }| (at, Deadline::Remind(of)));
        let of_ages = match (ages, self.active_from) {
            (Some(ages), Some(from)) => self.at_ages(ages, from),
            (Some(_) | None, _) => vec![],
        };
        // What ends at adult age ends for that reason, also where its own end is the same instant.
        let is_by_age = |end: DateTime<Utc>| of_ages.iter().any(|(at, due)| *due == Deadline::EndAtAge && *at <= end);
        let ends = self.ends_at.filter(|end| !is_by_age(*end)).map(|at| (at, Deadline::Expire));
        ends.into_iter().chain(of_ages).chain(reminder).collect()
    }

    /// Whether an age has come at which the access is cut, suspended or ended, and no event says yet that it was. The ages
    /// are those of a patient whose delegate has access by reason of minority.
    #[must_use]
    pub fn is_age_due(&self, ages: AgeInstants, now: DateTime<Utc>) -> bool {
        let of_ages = self.active_from.map_or_else(Vec::new, |from| self.at_ages(ages, from));
        of_ages.into_iter().any(|(at, due)| at <= now && !matches!(due, Deadline::Remind(_)))
    }

    /// Whether this is due at the instant.
    pub(super) fn is_due(&self, due: Deadline, now: DateTime<Utc>, ages: Option<AgeInstants>) -> bool {
        self.ahead(ages).into_iter().any(|(at, each)| each == due && at <= now)
    }

    fn at_ages(&self, ages: AgeInstants, from: DateTime<Utc>) -> Vec<(DateTime<Utc>, Deadline)> {
        let is_active = match self.state {
            Some(DelegationState::Active) => true,
            Some(DelegationState::Suspended) => false,
            Some(
                DelegationState::Asked
                | DelegationState::Invited
                | DelegationState::Accepted
                | DelegationState::IdentityVerified
                | DelegationState::SafeguardingChecked
                | DelegationState::Ended,
            )
            | None => return vec![],
        };
        let AgeInstants { first, review, adult } = ages;
        let mut ahead = vec![(adult, Deadline::EndAtAge)];
        if !is_active {
            return ahead;
        }
        // Who was competent when the access began has been asked then.
        let first = Some(first).filter(|at| from < *at && !self.narrowed_at_age);
        let review = review.filter(|at| from < *at && !self.reviewed_at_age);
        ahead.extend(first.map(|at| (at, Deadline::NarrowAtAge)));
        ahead.extend(review.map(|at| (at, Deadline::ReviewAtAge)));
        let announced = first.into_iter().chain(review).chain([adult]).map(|gate| gate - Duration::days(AHEAD_DAYS));
        let announced = announced.filter(|at| self.age_announced.is_none_or(|given| given < *at));
        ahead.extend(announced.map(|at| (at, Deadline::Remind(DelegationReminder::AgeGateAhead))));
        ahead
    }

    /// When people are to be told that it ends.
    fn end_told_at(&self) -> Option<DateTime<Utc>> {
        let days = if self.is_short { SHORT_AHEAD_DAYS } else { AHEAD_DAYS };
        Some(self.ends_at? - Duration::days(days))
    }

    /// The reminder of the end of what is active.
    fn end_ahead(&self) -> Option<Reminder> {
        let at = self.end_told_at()?;
        (!self.end_announced).then_some(Reminder { of: DelegationReminder::EndAhead, at })
    }
}
