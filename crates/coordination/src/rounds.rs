//! What one round of processes leaves to the next: which threads are to be looked at, which commands
//! had no effect, and which threads are left alone for a moment. A start begins without it.

pub(crate) mod due;

use std::collections::{BTreeSet, HashMap, HashSet};

use care::command_name::{Command, CommandName};
use care::ids::{Id, PersonId, ThreadId};
use care::words::ProcessName;
use chrono::{DateTime, TimeDelta, Utc};

use crate::authorization::AuthorizationState;
use crate::authorization::delegation::DelegationFacts;
use crate::authorization::index::Mark;
use crate::live::hub::Hub;
use due::{Due, woken};

/// How often every open thread is looked at, whatever changed.
const EVERYTHING_EVERY: TimeDelta = TimeDelta::hours(1);
/// How long a thread is left alone after the first fault; it doubles with each.
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
    pauses: HashMap<ThreadId, Pause>,
}

/// The last round.
#[derive(Debug, Clone, Copy)]
struct Last {
    at: DateTime<Utc>,
    authority: u64,
}

/// A thread that is left alone until an instant, after a fault.
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
            || state.index.role_changes(last.at, now).next().is_some()
            || state.index.access_ends(last.at, now).next().is_some()
            || state.index.under(Mark::SentDrafts).next().is_some()
            || self.pauses.values().any(|pause| pause.until <= now)
            || woken(state, now).iter().any(|due| self.is_to_be_given(due, now))
    }

    fn is_everything_due(&self, now: DateTime<Utc>) -> bool {
        self.everything_at.is_none_or(|at| at + EVERYTHING_EVERY <= now)
    }

    /// Tells those who follow that roles and delegations have begun or ended by themselves since the last round.
    pub(crate) fn tell_of_changed_roles(&self, live: &Hub, state: &AuthorizationState, now: DateTime<Utc>) {
        let Some(last) = self.last else { return };
        let mut is_changed = now < last.at;
        for person in state.index.role_changes(last.at, now) {
            is_changed = true;
            live.person_changed(PersonId::from_uuid(person), state);
        }
        for delegation in state.index.access_ends(last.at, now) {
            is_changed = true;
            if let Some(helper) = state.entity::<DelegationFacts>(delegation).and_then(|facts| facts.person) {
                live.person_changed(helper, state);
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
        let mut may_have_effect = self.last.is_none_or(|last| last.authority != state.authority);
        let mut everything = changes.everything || self.is_everything_due(now);
        if let Some(last) = self.last {
            // A clock that was set back makes roles begin and end anew.
            everything |= now < last.at;
            for person in state.index.role_changes(last.at, now) {
                may_have_effect = true;
                self.pending.extend(state.threads_resting_on(PersonId::from_uuid(person)));
            }
        }
        if everything {
            may_have_effect = true;
            self.pending.extend(state.open_threads().map(|(thread, _)| thread));
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
        !was_given && self.pauses.get(&due.thread).is_none_or(|pause| pause.until <= now)
    }

    /// Remembers that a command had no effect.
    pub(crate) fn had_no_effect(&mut self, due: &Due) {
        self.without_effect.entry(due.thread).or_default().insert(Given::of(due));
    }

    /// Leaves a thread alone for a moment, after a fault.
    pub(crate) fn pause(&mut self, thread: ThreadId, now: DateTime<Utc>) {
        let length = self.pauses.get(&thread).map_or(PAUSE, |pause| (pause.length * 2).min(PAUSE_MAX));
        self.pauses.insert(thread, Pause { until: now + length, length });
    }
}
