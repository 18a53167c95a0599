//! A process follows the events of a thread, of a delegation, of a legal authority or of a message from outside, and gives a
//! command when nobody acts in time.
//!
//! A timer is not set and cancelled: it is a function of the state. The event that makes a timer
//! pointless also ends it, and folding the events again gives the same timers.
//!
//! To add a process: 1. its name in `words.rs`; 2. a file beside these that implements [`Process`](follow::Process);
//! 3. its line in [`timers`]; 4. its command's rows in the policy, with the standing `process`.

pub mod delegations;
pub mod follow;
pub mod invitations;
pub mod outside_messages;
pub mod reviews;
pub mod unclaimed;

use chrono::{DateTime, Utc};

use crate::conversation::ConversationEvent;
use crate::thread::ThreadCommand;
use crate::words::ProcessName;
use follow::Process;

/// Makes the state of all processes on one thread.
macro_rules! timers {
    ($($field:ident: $process:ty,)+) => {
        /// The timers of one thread, folded from its events.
        #[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
        pub struct Timers { $($field: $process),+ }

        impl Timers {
            /// The timers after an event of the conversation.
            pub fn evolve(&mut self, event: &ConversationEvent) {
                $(Process::evolve(&mut self.$field, event);)+
            }

            /// When each process that waits for something is to act.
            #[must_use]
            pub fn wake(&self) -> Vec<(ProcessName, DateTime<Utc>)> {
                let wakes = [$((<$process as Process>::NAME, self.$field.wakes_at())),+];
                wakes.into_iter().filter_map(|(name, at)| at.map(|at| (name, at))).collect()
            }

            /// The commands that are due at an instant, each with its process.
            #[must_use]
            pub fn due(&self, now: DateTime<Utc>) -> Vec<(ProcessName, ThreadCommand)> {
                let mut due = Vec::new();
                $(if self.$field.wakes_at().is_some_and(|at| at <= now)
                    && let Some(command) = self.$field.woken(now)
                {
                    due.push((<$process as Process>::NAME, command));
                })+
                due
            }
        }
    };
}

timers! {
    unclaimed: unclaimed::Unclaimed,
    invitations: invitations::Invitations,
    reviews: reviews::Reviews,
}

#[cfg(test)]
mod scenarios;
