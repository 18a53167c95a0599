//! The desk: takes commands, keeps authority and views, answers questions, seals and opens.
//!
//! A command comes in through [`desk::Desk`]'s method of its concept under `commands/`, and goes
//! through `submit.rs`. A question goes through a [`reader::Reader`], whose methods lie by concept
//! under `reader/` and ask the queries under `views/`. Raw rows never leave this crate: what
//! leaves is a `Visible` that the policy's permit made, its texts opened and recorded as read.

mod access;
pub mod answer;
mod authority;
pub mod commands;
pub mod desk;
pub mod fault;
mod happened;
mod head;
mod projection;
pub mod reader;
mod sealing;
mod shelf;
mod standing;
mod submit;
mod tokens;
mod views;

pub use happened::Unreadable;
pub use journal::Position;
pub use sealing::{SealedCell, SealingFault, TextCell};
pub use submit::{Done, Sent};
pub use tokens::{CursorToken, PositionToken, VersionToken};
pub use views::OpenViewsError;
pub use views::patient::{MemberRow, PatientRow};
pub use views::people::{OrganizationRow, PersonRow, PoolRow};
pub use views::thread::{
    AdviceRow, ConsultationRow, MessageRow, ParticipantRow, PlanRow, ReadMarkRow, RecommendationRow, ThreadRow,
};
