//! What can have happened to the key that seals the texts of a stream.
//!
//! The event is in the stream whose texts become unreadable, and in no other: the key of a patient also seals what is about
//! the patient. It is carried out again at each start, so a key store that was restored from an older copy does not bring
//! a destroyed key back.

use serde::{Deserialize, Serialize};

use crate::event_set::{events, no_text};

events! {
    /// What can have happened to a key.
    KeyEvent {
        "key.destroyed" v 1 => KeyDestroyed,
    }
}

/// The key of the stream was destroyed, and all keys below it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyDestroyed {}

no_text! { KeyDestroyed {} }
