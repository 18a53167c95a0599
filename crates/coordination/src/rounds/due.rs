//! A command that is due by a process, and the commands of timers whose instant has come.

use std::collections::BTreeSet;

use care::ids::{EventId, Id, PersonId, ThreadId};
use care::thread::ThreadCommand;
use care::words::ProcessName;
use chrono::{DateTime, Utc};

use crate::authorization::AuthorizationState;
use crate::authorization::timers::ThreadTimers;

/// A command that a process has to give.
#[derive(Debug, Clone)]
pub(crate) struct Due {
    pub process: ProcessName,
    pub thread: ThreadId,
    pub cause: EventId,
    pub command: ThreadCommand,
    /// Whether it is given only if no other command on the thread had an effect.
    pub is_fallback: bool,
}

impl Due {
    pub fn person(&self) -> Option<PersonId> {
        match &self.command {
            ThreadCommand::Conversation(command) => command.person(),
            ThreadCommand::Open(..) | ThreadCommand::Lifecycle(_) | ThreadCommand::Reply(_) => None,
        }
    }

    /// The key of the command: its cause, and what distinguishes it from others of that cause.
    pub fn key(&self) -> String {
        match self.person() {
            Some(person) => format!("{}/{person}", self.cause),
            None => self.cause.to_string(),
        }
    }
}

/// The commands of timers whose instant has come.
pub(crate) fn woken(state: &AuthorizationState, now: DateTime<Utc>) -> Vec<Due> {
    let mut due = Vec::new();
    let threads: BTreeSet<_> = state.index.woken(now).collect();
    for id in threads {
        let Some(timers) = state.entity::<ThreadTimers>(id) else { continue };
        for (process, command) in timers.timers.due(now) {
            if let Some(cause) = timers.causes.get(&process).copied() {
                let thread = ThreadId::from_uuid(id);
                due.push(Due { process, thread, cause, command, is_fallback: false });
            }
        }
    }
    due
}
