//! The application layer: executes commands, keeps the authorization state and read models, answers queries, seals and
//! opens.
//!
//! Every command goes through [`application::Application::execute`] in `command_handler.rs`. Every query goes through a
//! [`reader::Reader`], whose methods are grouped by concept under `reader/` and use the queries under `read_models/`.
//! Raw rows never leave this crate, only `Visible` rows that were made under a permit, with their texts opened and
//! recorded as read.

mod access;
mod access_head;
mod access_index;
mod aggregate_cache;
pub mod allowance;
pub mod answer;
mod appending;
pub mod application;
mod authorization;
mod caller;
pub mod clock;
mod command_context;
mod command_handler;
mod command_order;
mod destroyed_keys;
mod drafts;
pub mod erasure;
pub mod fault;
pub mod following;
mod head;
mod invitation_code;
mod lag;
mod live;
mod lock;
mod memory_use;
mod meter;
mod name_order;
pub mod opening;
mod operator;
mod outside_messages;
mod pace;
mod processes;
mod projector;
mod read_models;
pub mod reader;
pub mod rebuilding;
mod recorded_event;
mod refused_tries;
pub mod restoring;
mod rounds;
mod sealing;
pub mod seldom;
mod sha256;
mod sqlite_error;
mod store_check;
mod tokens;
mod waiting;
mod written_event;

pub use access::SEEN_BYTES_MAX;
pub use access_index::{FILE as ACCESS_INDEX_FILE, OpenAccessIndexError};
pub use caller::{CallerKept, Origin};
pub use command_context::{CommandContext, CommandOutcome, SentDraft};
pub use invitation_code::InvitationCode;
pub use journal::Position;
pub use processes::LooseEnd;
pub use read_models::care_teams::{ConflictRow, MemberRow, QuestionRow};
pub use read_models::delegations::{
    DelegationNoteKind, DelegationRow, DelegationStepKind, HelpInvitationRow, NoteAbout, StepRow, StepSaid,
};
pub use read_models::directives::DirectiveRow;
pub use read_models::drafts::DraftRow;
pub use read_models::legal_authorities::{AuthorityRow, AuthoritySaid, AuthorityStepKind, AuthorityStepRow};
pub use read_models::lifecycle::{self, LifecycleView};
pub use read_models::messages::{MessageRow, ReadReceiptRow};
pub use read_models::organizations::{OrganizationRow, PoolRow};
pub use read_models::outside_messages::{OutsideMessageRow, OutsideNoteRow};
pub use read_models::participants::{InvitationRow, ParticipantRow};
pub use read_models::patients::{CorrectionRow, PatientRow, ProposalRow};
pub use read_models::people::PersonRow;
pub use read_models::threads::{Labels, ThreadRow, WaitingRow};
pub use read_models::timeline::{PeriodRow, PeriodSaid, TimelineReason};
pub use read_models::{FILE as READ_MODELS_FILE, OpenReadModelsError};
pub use recorded_event::Unreadable;
pub use refused_tries::TRIES_A_MINUTE_MAX;
pub use sealing::{SealedCell, SealingFault, TextCell};
pub use store_check::{EachStore, Reason};
pub use tokens::{Cursor, CursorToken, GivenPosition, PositionToken, VersionToken};
