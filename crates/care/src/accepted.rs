//! What is recorded of a command that was accepted and had no effect, because it was already so.
//!
//! Without it a later repeat of the same command would be taken for a new one: a repeated grant of a role
//! that was ended meanwhile would give the role again. The event is in the stream of the command's target,
//! its metadata name the command, and it changes nothing.

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
