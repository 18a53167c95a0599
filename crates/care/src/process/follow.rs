//! What a process on one thread is: it follows the thread's events, and says when it acts and how.

use chrono::{DateTime, Utc};

use crate::conversation::ConversationEvent;
use crate::thread::ThreadCommand;
use crate::words::ProcessName;

/// A process that follows one thread.
pub trait Process: Default {
    /// Its name.
    const NAME: ProcessName;

    /// The state after an event of the conversation.
    fn evolve(&mut self, event: &ConversationEvent);

    /// When it is to act if nothing happens until then; none if it waits for nothing.
    fn wakes_at(&self) -> Option<DateTime<Utc>>;

    /// The command that it gives then.
    fn woken(&self, now: DateTime<Utc>) -> Option<ThreadCommand>;
}
