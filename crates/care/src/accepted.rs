//! What is recorded of a command that was accepted and had no effect, because it was already so.
//!
//! Without it a later repeat of the same command would be taken for a new one: a role that is granted
//! again with the same key after it was ended would be held again. It lies in the stream that the
//! command was aimed at, and its metadata name the command. It changes nothing.

use serde::{Deserialize, Serialize};

use crate::event_set::{events, no_text};

events! {
    /// What can have happened to a command itself.
    AcceptedEvent {
        "command.without_effect" v 1 => WithoutEffect,
    }
}

/// A command was accepted and had no effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct WithoutEffect {}

no_text! { WithoutEffect {} }
