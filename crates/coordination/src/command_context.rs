//! A command's sender and metadata, and the outcome of its execution.

use care::idempotency::IdempotencyKey;
use care::ids::{CommandId, DraftId, EventId};
use care::words::{Channel, ProcessName};
use chrono::{DateTime, Utc};
use journal::Position;
use policy::identity::Identity;

use crate::caller::Origin;
use crate::fault::Fault;

/// The sender of a command, and its metadata.
#[derive(Debug, Clone)]
pub struct CommandContext {
    /// The sender.
    pub identity: Identity,
    /// The sender's idempotency key; for a process, what follows from the event that woke it.
    pub key: IdempotencyKey,
    /// The input in its canonical form, to tell a repeat from a reuse of the key.
    pub input: Vec<u8>,
    /// The version that the sender relied on; none if on none.
    pub expected: Option<String>,
    /// The draft whose form the command sends, and which ends by that; none if it sends none.
    pub draft: Option<SentDraft>,
    /// Where the command came from.
    pub origin: Origin,
    /// The event that caused it; none for a person's.
    pub causation: Option<EventId>,
    /// The time of the command, by the program's clock.
    pub now: DateTime<Utc>,
}

impl CommandContext {
    /// The context of a command that a process gives because of an event. The key follows from that event, so that the
    /// command takes effect once.
    pub(crate) fn of_process(
        process: ProcessName,
        key: &str,
        cause: EventId,
        now: DateTime<Utc>,
    ) -> Result<Self, Fault> {
        Ok(Self {
            identity: Identity::process(process),
            key: IdempotencyKey::parse(key).map_err(|_| Fault::Row("a cause"))?,
            input: Vec::new(),
            expected: None,
            draft: None,
            origin: Origin::of(Channel::Process),
            causation: Some(cause),
            now,
        })
    }
}

/// A draft whose form is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SentDraft {
    /// The draft.
    pub id: DraftId,
    /// Whether it may be unsaved: its sender made its key, and the first save may still be on the way.
    pub may_be_unsaved: bool,
}

/// The outcome of an executed command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CommandOutcome<I> {
    /// The command's id, from which the ids of what it created follow.
    pub command: CommandId,
    /// Its target, or what it created.
    pub target: I,
    /// The position of its last event in the log, or of the record that it had no effect; the head where nothing was
    /// recorded.
    pub position: Option<Position>,
    /// Whether it had been executed before.
    pub replayed: bool,
    /// Whether it appended events now.
    pub has_effect: bool,
    /// Whether the read models had not folded it yet when the wait for them ended.
    pub stale: bool,
}
