//! The application layer: takes commands, keeps the authorization state and read models, answers questions, seals and opens.
//!
//! A command comes in through [`application::Application`]'s method of its concept under `commands/`, and goes
//! through `command_handler.rs`. A question goes through a [`reader::Reader`], whose methods lie by concept
//! under `reader/` and ask the queries under `read_models/`. Raw rows never leave this crate: what
//! leaves is a `Visible` that the policy's permit made, its texts opened and recorded as read.

mod access;
mod aggregate_cache;
pub mod answer;
pub mod application;
mod authorization_state;
mod command_handler;
pub mod commands;
pub mod fault;
mod head;
mod projector;
mod read_models;
pub mod reader;
mod recorded_event;
mod sealing;
mod standing;
mod tokens;

pub use command_handler::{CommandMetadata, CommandOutcome};
pub use journal::Position;
pub use read_models::OpenReadModelsError;
pub use read_models::patient::{MemberRow, PatientRow};
pub use read_models::people::{OrganizationRow, PersonRow, PoolRow};
pub use read_models::thread::{
    AdviceRow, ConsultationRow, MessageRow, ParticipantRow, PlanRow, ReadMarkRow, RecommendationRow, ThreadRow,
};
pub use recorded_event::Unreadable;
pub use sealing::{SealedCell, SealingFault, TextCell};
pub use tokens::{CursorToken, PositionToken, VersionToken};
