//! Whether a button is on: what the viewer may do to a thing.

use async_graphql::{Enum, SimpleObject};

/// Whether you may do something. It is decided by the very function that decides the command, and
/// says nothing of the state: what you may do can still come too early or too late.
#[derive(Debug, Clone, Copy, PartialEq, Eq, SimpleObject)]
pub struct Permission {
    /// Whether you may.
    allowed: bool,
    /// Why not, as far as your own roles go.
    reason: Option<DenialReason>,
    /// The reason in words.
    message: Option<&'static str>,
}

/// Why something is not allowed, as far as the viewer's own roles go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum DenialReason {
    /// It belongs to another role, or to another place in the thread.
    NotYourRole,
}

impl From<bool> for Permission {
    fn from(allowed: bool) -> Self {
        let denied = !allowed;
        Self {
            allowed,
            reason: denied.then_some(DenialReason::NotYourRole),
            message: denied.then_some("this is for another role than yours"),
        }
    }
}
