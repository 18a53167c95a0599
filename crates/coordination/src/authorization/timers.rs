//! The timers of threads, delegations, legal authorities and directives, folded beside the facts that decide who may, so that
//! they are there again after a start. The ages of a minor are in none of them: they follow from a sealed date of birth.

use std::collections::BTreeMap;

use care::consent_directive::{self, DirectiveEvent};
use care::conversation::ConversationEvent;
use care::delegation::{self, DelegationEvent};
use care::ids::{DirectiveId, EventId};
use care::legal_authority::{self, LegalAuthorityEvent};
use care::process::Timers;
use care::words::ProcessName;
use serde::{Deserialize, Serialize};

use super::entity::Entity;
use super::index::Mark;

/// What each process on a thread waits for, and the event that made it wait.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct ThreadTimers {
    pub timers: Timers,
    /// The cause that a process names when it acts, so that it acts once.
    pub causes: BTreeMap<ProcessName, EventId>,
}

impl Entity for ThreadTimers {
    const TABLE: &'static str = "timers";
    const SHAPE: u32 = 1;

    fn marks(&self) -> Vec<Mark> {
        self.timers.wake().into_iter().map(|(_, at)| Mark::Wakes(at)).collect()
    }
}

impl ThreadTimers {
    pub fn fold(this: Option<Self>, event: &ConversationEvent, id: EventId) -> Self {
        let Self { mut timers, mut causes } = this.unwrap_or_default();
        let before = timers.wake();
        timers.evolve(event);
        let after = timers.wake();
        for (process, at) in &after {
            if !before.contains(&(*process, *at)) {
                causes.insert(*process, id);
            }
        }
        causes.retain(|process, _| after.iter().any(|(each, _)| each == process));
        Self { timers, causes }
    }
}

/// When a delegation needs its process, as far as its events say.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct DelegationTimers {
    pub deadlines: delegation::Deadlines,
}

impl Entity for DelegationTimers {
    const TABLE: &'static str = "delegation_timers";
    const SHAPE: u32 = 2;
}

impl DelegationTimers {
    pub fn fold(this: Option<Self>, event: &DelegationEvent) -> Self {
        let Self { mut deadlines } = this.unwrap_or_default();
        deadlines.evolve(event);
        Self { deadlines }
    }
}

/// When the directives of a patient need their process: those that have anything ahead.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct DirectiveTimers {
    pub deadlines: BTreeMap<DirectiveId, consent_directive::Deadlines>,
    /// The newest event: the cause that the process names when it acts.
    pub last: EventId,
}

impl Entity for DirectiveTimers {
    const TABLE: &'static str = "consent_directive_timers";
    const SHAPE: u32 = 2;
}

impl DirectiveTimers {
    pub fn fold(this: Option<Self>, event: &DirectiveEvent, last: EventId) -> Self {
        let mut deadlines = this.map(|this| this.deadlines).unwrap_or_default();
        let of_one = deadlines.entry(event.directive()).or_default();
        of_one.evolve(event);
        if of_one.ahead().is_empty() {
            deadlines.remove(&event.directive());
        }
        Self { deadlines, last }
    }
}

/// When a legal authority needs its process.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct AuthorityTimers {
    pub deadlines: legal_authority::Deadlines,
    /// The newest event: the cause that the process names when it acts.
    pub last: EventId,
}

impl Entity for AuthorityTimers {
    const TABLE: &'static str = "legal_authority_timers";
    const SHAPE: u32 = 1;
}

impl AuthorityTimers {
    pub fn fold(this: Option<Self>, event: &LegalAuthorityEvent, last: EventId) -> Self {
        let mut deadlines = this.map(|this| this.deadlines).unwrap_or_default();
        deadlines.evolve(event);
        Self { deadlines, last }
    }
}
