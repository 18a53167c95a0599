//! Inputs of commands about who owns a thread and whose turn it is: release, transfer, take over, set
//! or pass the turn, close, open again.

use care::conversation::{Close, ConversationCommand, PassTurn, Release, Reopen, SetWaitingOn, TakeOver, Transfer};
use care::thread::{Thread, ThreadCommand};

use super::{CommandInput, CommandOf, Fields};
use crate::graphql::inputs::conversation::MessageInput;
use crate::graphql::inputs::parties::{OwnerInput, WaitingOnInput};

command_inputs! {
    /// Returns a thread to the pool from which you have it.
    ReleaseThreadInput (draft, version) {
        /// Why. Shown only to persons who may read the thread's content.
        pub reason: String,
    }

    /// A new owner for a thread.
    TransferThreadInput (draft, version) {
        /// The new owner.
        pub to: OwnerInput,
        /// Why. Shown only to persons who may read the thread's content.
        pub reason: String,
    }

    /// Makes you the owner of a thread whose owner can no longer act, or is late.
    TakeOverThreadInput (draft, version) {
        /// Why. Shown only to persons who may read the thread's content.
        pub reason: String,
    }

    /// Whose turn it is, if the kind of the thread does not derive it.
    SetWaitingOnInput (draft, version) {
        /// Whom the thread waits for.
        pub to: WaitingOnInput,
        /// What is expected of them, in words. Null if the awaited command says it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub note: Option<String>,
        /// A message that is posted in the same act, before the step. Null: none.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub message: Option<MessageInput>,
    }

    /// Whose turn it is, set by the party that was asked to do so because nobody else could act.
    PassTurnInput (draft, version) {
        /// Whom the thread waits for.
        pub to: WaitingOnInput,
        /// What is expected of them, in words. Null if the awaited command says it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub note: Option<String>,
    }

    /// The closing of a thread, with its outcome.
    CloseThreadInput (draft, version) {
        /// The outcome, in words.
        pub outcome: String,
        /// A message that is posted in the same act, before the step. Null: none.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub message: Option<MessageInput>,
    }

    /// Opens a closed thread again, at most ninety days after it was closed.
    ReopenThreadInput (draft, version) {
        /// Why. Shown only to persons who may read the thread's content.
        pub reason: String,
        /// Whom the thread waits for afterwards.
        pub to: WaitingOnInput,
        /// What is expected of them, in words. Null if the awaited command says it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub note: Option<String>,
    }
}

impl CommandInput for ReleaseThreadInput {
    type Target = Thread;

    fn read(&self, fields: &mut Fields) -> Option<CommandOf<Self>> {
        let Self { client_mutation_id: _, draft: _, expected_version: _, reason } = self;
        let reason = fields.body(&["input", "reason"], reason)?;
        Some(ConversationCommand::from(Release { reason }).into())
    }
}

impl CommandInput for TransferThreadInput {
    type Target = Thread;

    fn read(&self, fields: &mut Fields) -> Option<CommandOf<Self>> {
        let Self { client_mutation_id: _, draft: _, expected_version: _, to, reason } = self;
        let reason = fields.body(&["input", "reason"], reason)?;
        Some(ConversationCommand::from(Transfer { to: to.read(), reason }).into())
    }
}

impl CommandInput for TakeOverThreadInput {
    type Target = Thread;

    fn read(&self, fields: &mut Fields) -> Option<CommandOf<Self>> {
        let Self { client_mutation_id: _, draft: _, expected_version: _, reason } = self;
        let reason = fields.body(&["input", "reason"], reason)?;
        Some(ConversationCommand::from(TakeOver { reason }).into())
    }
}

impl CommandInput for SetWaitingOnInput {
    type Target = Thread;

    fn read(&self, fields: &mut Fields) -> Option<CommandOf<Self>> {
        let Self { client_mutation_id: _, draft: _, expected_version: _, to, note, message } = self;
        let to = to.read(fields, &["input", "to"]);
        let note = fields.body_if_any(&["input", "note"], note.as_deref());
        let message = MessageInput::read_if_any(message.as_ref(), fields);
        let step = ConversationCommand::from(SetWaitingOn { to: to?, note: note? });
        Some(ThreadCommand::from(step).with_message(message?))
    }
}

impl CommandInput for PassTurnInput {
    type Target = Thread;

    fn read(&self, fields: &mut Fields) -> Option<CommandOf<Self>> {
        let Self { client_mutation_id: _, draft: _, expected_version: _, to, note } = self;
        let to = to.read(fields, &["input", "to"]);
        let note = fields.body_if_any(&["input", "note"], note.as_deref());
        Some(ConversationCommand::from(PassTurn { to: to?, note: note? }).into())
    }
}

impl CommandInput for CloseThreadInput {
    type Target = Thread;

    fn read(&self, fields: &mut Fields) -> Option<CommandOf<Self>> {
        let Self { client_mutation_id: _, draft: _, expected_version: _, outcome, message } = self;
        let outcome = fields.body(&["input", "outcome"], outcome);
        let message = MessageInput::read_if_any(message.as_ref(), fields);
        let step = ConversationCommand::from(Close { outcome: outcome? });
        Some(ThreadCommand::from(step).with_message(message?))
    }
}

impl CommandInput for ReopenThreadInput {
    type Target = Thread;

    fn read(&self, fields: &mut Fields) -> Option<CommandOf<Self>> {
        let Self { client_mutation_id: _, draft: _, expected_version: _, reason, to, note } = self;
        let reason = fields.body(&["input", "reason"], reason);
        let to = to.read(fields, &["input", "to"]);
        let note = fields.body_if_any(&["input", "note"], note.as_deref());
        Some(ConversationCommand::from(Reopen { reason: reason?, to: to?, note: note? }).into())
    }
}
