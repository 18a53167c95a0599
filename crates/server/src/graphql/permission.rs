//! Whether a button is on: what the viewer can do to a thing now.

use async_graphql::{Enum, SimpleObject};
use coordination::fault::Problem;
use coordination::reader::Can;

/// Whether you can do something now. The answer comes from the same functions that decide about the command.
#[derive(Debug, Clone, PartialEq, Eq, SimpleObject)]
pub struct Permission {
    /// Whether you can.
    allowed: bool,
    /// Why not. Null if you can.
    reason: Option<DenialReason>,
    /// The reason in words. Null if you can.
    message: Option<String>,
}

/// Why something cannot be done now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum DenialReason {
    /// Your role or your place in the thread does not permit it.
    NotYourRole,
    /// The state of the thread does not allow it.
    NotInState,
    /// It has a text, and the texts there were erased.
    Erased,
}

impl Permission {
    fn denied(reason: DenialReason, message: String) -> Self {
        Self { allowed: false, reason: Some(reason), message: Some(message) }
    }
}

impl From<Can> for Permission {
    fn from(can: Can) -> Self {
        match can {
            Can::Yes => Self { allowed: true, reason: None, message: None },
            Can::NotPermitted => {
                Self::denied(DenialReason::NotYourRole, "this is for another role than yours".to_owned())
            }
            Can::Refused(refusal) => Self::denied(DenialReason::NotInState, refusal.to_string()),
            Can::Erased => Self::denied(DenialReason::Erased, Problem::Erased.to_string()),
        }
    }
}
