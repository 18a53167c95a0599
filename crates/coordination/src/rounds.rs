//! What one round of processes leaves to the next: which threads, delegations, legal authorities, directives and messages
//! from outside are to be looked at, which commands had no effect, and what is left alone for a moment. A start begins
//! without it.

pub(crate) mod birth_dates;
pub(crate) mod due;
pub(crate) mod schedule;

use std::collections::{BTreeSet, HashMap, HashSet};

use care::command_name::{Command, CommandName};
use care::ids::{AuthorityId, DelegationId, Id, OutsideMessageId, PatientId, PersonId, ThreadId};
use care::words::{AuthorityState, OutsideState, ProcessName};
use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use crate::authorization::AuthorizationState;
use crate::authorization::delegation::DelegationFacts;
use crate::authorization::index::Mark;
use crate::authorization::legal_authority::LegalAuthorityFacts;
use crate::authorization::outside_message::OutsideMessageFacts;
use crate::authorization::timers::DirectiveTimers;
use crate::live::hub::Hub;
use birth_dates::BirthDates;
use due::{Due, woken};
use schedule::{Schedule, Timed};

/// How often every open thread is looked at, whatever changed.
const EVERYTHING_EVERY: TimeDelta = TimeDelta::hours(1);
/// How long something is left alone after the first fault; it doubles with each.
const PAUSE: TimeDelta = TimeDelta::seconds(1);
const PAUSE_MAX: TimeDelta = TimeDelta::minutes(1);

/// What the rounds of processes remember.
#[derive(Debug, Default)]
pub(crate) struct Rounds {
    last: Option<Last>,
    everything_at: Option<DateTime<Utc>>,
    /// Whether the last round was broken off, or left something to do.
    is_unfinished: bool,
    /// The threads to look at: what changed, and those that a command of a process waits for.
    pub(crate) pending: BTreeSet<ThreadId>,
    /// The commands that were refused or had no effect, until something changes.
    without_effect: HashMap<ThreadId, HashSet<Given>>,
    pauses: HashMap<Uuid, Pause>,
    /// The delegations, legal authorities, directives and messages from outside to look at.
    schedule: Schedule,
    /// The dates of birth of minors with helpers.
    pub(crate) birth_dates: BirthDates,
}

/// The last round.
#[derive(Debug, Clone, Copy)]
struct Last {
    at: DateTime<Utc>,
    authority: u64,
}

/// How long something is left alone, after a fault.
#[derive(Debug, Clone, Copy)]
struct Pause {
    until: DateTime<Utc>,
    length: TimeDelta,
}

/// A command of a process on a thread.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Given {
    process: ProcessName,
    name: CommandName,
    person: Option<PersonId>,
}

impl Given {
    fn of(due: &Due) -> Self {
        Self { process: due.process, name: due.command.name(), person: due.person() }
    }
}

impl Rounds {
    /// Whether a round has anything to look at.
    pub(crate) fn is_due(&self, state: &AuthorizationState, now: DateTime<Utc>) -> bool {
        let Some(last) = self.last else { return true };
        self.is_unfinished
            || !state.changes.is_empty()
            || state.authority != last.authority
            || now < last.at
            || self.is_everything_due(now)
            || state.index.between(Mark::RoleChanges, last.at, now).next().is_some()
            || state.index.between(Mark::AccessEnds, last.at, now).next().is_some()
            || state.index.between(Mark::DirectiveChanges, last.at, now).next().is_some()
            || state.index.under(Mark::SentDrafts).next().is_some()
            || self.pauses.values().any(|pause| pause.until <= now)
            || self.schedule.is_due(now)
            || woken(state, now).iter().any(|due| self.is_to_be_given(due, now))
    }

    fn is_everything_due(&self, now: DateTime<Utc>) -> bool {
        self.everything_at.is_none_or(|at| at + EVERYTHING_EVERY <= now)
    }

    /// Tells those who follow that roles, delegations and directives have begun or ended by themselves since the last
    /// round.
    pub(crate) fn tell_of_changed_roles(&self, live: &Hub, state: &AuthorizationState, now: DateTime<Utc>) {
        let Some(last) = self.last else { return };
        let mut is_changed = now < last.at;
        for person in state.index.between(Mark::RoleChanges, last.at, now) {
            is_changed = true;
            live.person_changed(PersonId::from_uuid(person), state);
        }
        for delegation in state.index.between(Mark::AccessEnds, last.at, now) {
            is_changed = true;
            if let Some(helper) = state.entity::<DelegationFacts>(delegation).and_then(|facts| facts.person) {
                live.person_changed(helper, state);
            }
        }
        for patient in state.index.between(Mark::DirectiveChanges, last.at, now) {
            is_changed = true;
            for person in state.directed_between(PatientId::from_uuid(patient), last.at, now) {
                live.person_changed(person, state);
            }
        }
        if is_changed {
            live.recheck();
        }
    }

    /// Begins a round, or goes on with it: takes what changed since. Returns whether everything is looked at.
    pub(crate) fn begin(&mut self, state: &mut AuthorizationState, now: DateTime<Utc>) -> bool {
        let changes = std::mem::take(&mut state.changes);
        for thread in &changes.threads {
            self.without_effect.remove(thread);
        }
        self.pending.extend(changes.threads);
        self.schedule.look_at(changes.delegations.into_iter().map(Timed::Delegation));
        self.schedule.look_at(changes.authorities.into_iter().map(Timed::Authority));
        self.schedule.look_at(changes.directives.into_iter().map(Timed::Directives));
        self.schedule.look_at(changes.outside_messages.into_iter().map(Timed::OutsideMessage));
        let mut may_have_effect = self.last.is_none_or(|last| last.authority != state.authority);
        let mut everything = changes.everything || self.is_everything_due(now);
        if let Some(last) = self.last {
            // A clock that was set back makes roles begin and end anew.
            everything |= now < last.at;
            for person in state.index.between(Mark::RoleChanges, last.at, now) {
                may_have_effect = true;
                let person = PersonId::from_uuid(person);
                self.pending.extend(state.threads_resting_on(person));
                self.schedule.look_at(state.delegations_to(person).map(|(id, _)| Timed::Delegation(id)));
            }
            for delegation in state.index.between(Mark::AccessEnds, last.at, now) {
                may_have_effect = true;
                self.pending.extend(state.threads_of_helper(DelegationId::from_uuid(delegation)));
            }
            for patient in state.index.between(Mark::DirectiveChanges, last.at, now) {
                may_have_effect = true;
                self.pending.extend(state.open_threads_about(PatientId::from_uuid(patient)));
            }
        }
        if everything {
            may_have_effect = true;
            self.pending.extend(state.open_threads().map(|(thread, _)| thread));
            self.schedule.look_at(state.open_delegations().map(Timed::Delegation));
            let authorities = state.all::<LegalAuthorityFacts>();
            let open = authorities.filter(|(_, facts)| facts.state != AuthorityState::Ended);
            self.schedule.look_at(open.map(|(id, _)| Timed::Authority(AuthorityId::from_uuid(id))));
            let directed = state.all::<DirectiveTimers>().map(|(id, _)| Timed::Directives(PatientId::from_uuid(id)));
            self.schedule.look_at(directed);
            // At a start also those that were erased: the node may have been killed before it destroyed the key.
            let is_start = self.last.is_none();
            let messages = state.all::<OutsideMessageFacts>();
            let messages = messages.filter(|(_, facts)| is_start || facts.state != OutsideState::Erased);
            self.schedule.look_at(messages.map(|(id, _)| Timed::OutsideMessage(OutsideMessageId::from_uuid(id))));
            // What nobody needs any more is kept no longer than this.
            self.birth_dates = BirthDates::default();
            self.everything_at = Some(now);
        }
        if may_have_effect {
            self.without_effect.clear();
        }
        self.last = Some(Last { at: now, authority: state.authority });
        self.is_unfinished = true;
        everything
    }

    /// Ends a round; `is_done` says that it left nothing to do.
    pub(crate) fn end(&mut self, now: DateTime<Utc>, is_done: bool) {
        self.is_unfinished = !is_done;
        self.pauses.retain(|_, pause| pause.until > now);
    }

    /// Whether a command is worth giving now.
    pub(crate) fn is_to_be_given(&self, due: &Due, now: DateTime<Utc>) -> bool {
        let was_given = self.without_effect.get(&due.thread).is_some_and(|given| given.contains(&Given::of(due)));
        !was_given && !self.is_paused(due.thread.uuid(), now)
    }

    fn is_paused(&self, id: Uuid, now: DateTime<Utc>) -> bool {
        self.pauses.get(&id).is_some_and(|pause| now < pause.until)
    }

    /// The delegations, legal authorities, directives and messages from outside to look at now, without those that are left
    /// alone.
    pub(crate) fn timed(&self, now: DateTime<Utc>) -> Vec<Timed> {
        let due = self.schedule.due(now).into_iter();
        due.filter(|timed| !self.is_paused(timed.uuid(), now)).collect()
    }

    /// One of them was looked at, and is to be again at an instant; none: when it changes.
    pub(crate) fn looked_at(&mut self, timed: Timed, wakes_at: Option<DateTime<Utc>>) {
        self.schedule.looked_at(timed, wakes_at);
    }

    /// Leaves one of them alone for a moment, after a fault.
    pub(crate) fn pause_timed(&mut self, timed: Timed, now: DateTime<Utc>) {
        self.schedule.failed(timed);
        self.pause(timed.uuid(), now);
    }

    /// Remembers that a command had no effect.
    pub(crate) fn had_no_effect(&mut self, due: &Due) {
        self.without_effect.entry(due.thread).or_default().insert(Given::of(due));
    }

    /// Leaves the thing with an id alone for a moment, after a fault.
    pub(crate) fn pause(&mut self, id: Uuid, now: DateTime<Utc>) {
        let length = self.pauses.get(&id).map_or(PAUSE, |pause| (pause.length * 2).min(PAUSE_MAX));
        self.pauses.insert(id, Pause { until: now + length, length });
    }
}
