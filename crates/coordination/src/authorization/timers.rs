//! The timers of a thread, folded beside the facts that decide who may, so that they are there again
//! after a start.

use std::collections::BTreeMap;

use care::conversation::ConversationEvent;
use care::ids::EventId;
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
