//! Inputs of commands about who takes part in a thread: add, invite, accept, decline, change the
//! history, leave, remove.

use async_graphql::ID;
use care::conversation::{
    AcceptInvitation, AddParticipant, ChangeHistoryWindow, ConversationCommand, DeclineInvitation, InviteParticipant,
    Leave, RemoveParticipant,
};
use care::thread::Thread;
use care::words::RemovalReason;

use super::{CommandInput, CommandOf, Fields};
use crate::graphql::id::decode_id;
use crate::graphql::inputs::parties::{HistoryInput, PlaceInput};

command_inputs! {
    /// A new participant of a thread.
    AddParticipantInput (draft, version_if_any) {
        /// The person: a member of the patient's care team, or anybody who holds `place`.
        pub person_id: ID,
        /// The role in which they take part, at an organization that takes part already. Null: as on the patient's
        /// care team. A consultation takes only members of the care team, without a place.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub place: Option<PlaceInput>,
        /// How much of the history before their joining they see.
        #[graphql(default_with = "HistoryInput::full()")]
        #[serde(default = "HistoryInput::full", skip_serializing_if = "HistoryInput::is_full")]
        pub history: HistoryInput,
        /// Why. Required if the person is not on the care team of the thread's patient.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub reason: Option<String>,
    }

    /// An invitation of a person of an organization that does not take part yet.
    InviteParticipantInput (draft, version_if_any) {
        /// The person.
        pub person_id: ID,
        /// The role in which they would take part.
        pub place: PlaceInput,
        /// How much of the history before their joining they would see.
        #[graphql(default_with = "HistoryInput::full()")]
        #[serde(default = "HistoryInput::full", skip_serializing_if = "HistoryInput::is_full")]
        pub history: HistoryInput,
        /// Why. Shown only to persons who may read the thread's content.
        pub reason: String,
    }

    /// Accepts your invitation to a thread.
    AcceptInvitationInput (version_if_any) {}

    /// Declines your invitation to a thread.
    DeclineInvitationInput (version_if_any) {}

    /// How much a participant sees from now on.
    ChangeHistoryWindowInput (draft, version_if_any) {
        /// The participant; not yourself.
        pub person_id: ID,
        /// How much of the thread they see from now on.
        pub history: HistoryInput,
        /// Why. Shown only to persons who may read the thread's content.
        pub reason: String,
    }

    /// Ends your participation in a thread.
    LeaveThreadInput (version_if_any) {}

    /// The end of the participation, or of the invitation, of another person.
    RemoveParticipantInput (draft, version_if_any) {
        /// The person.
        pub person_id: ID,
        /// Why. Shown only to persons who may read the thread's content.
        pub note: String,
    }
}

impl CommandInput for AddParticipantInput {
    type Target = Thread;

    fn read(&self, fields: &mut Fields) -> Option<CommandOf<Self>> {
        let Self { client_mutation_id: _, draft: _, expected_version: _, person_id, place, history, reason } = self;
        let history = history.read(fields, &["input", "history"]);
        let reason = fields.body_if_any(&["input", "reason"], reason.as_deref());
        let place = place.as_ref().map(PlaceInput::read);
        let add = AddParticipant { person: decode_id(person_id), place, history: history?, reason: reason? };
        Some(ConversationCommand::from(add).into())
    }
}

impl CommandInput for InviteParticipantInput {
    type Target = Thread;

    fn read(&self, fields: &mut Fields) -> Option<CommandOf<Self>> {
        let Self { client_mutation_id: _, draft: _, expected_version: _, person_id, place, history, reason } = self;
        let history = history.read(fields, &["input", "history"]);
        let reason = fields.body(&["input", "reason"], reason);
        let (person, place) = (decode_id(person_id), place.read());
        let invite = InviteParticipant { person, place, history: history?, reason: reason? };
        Some(ConversationCommand::from(invite).into())
    }
}

impl CommandInput for AcceptInvitationInput {
    type Target = Thread;

    fn read(&self, _fields: &mut Fields) -> Option<CommandOf<Self>> {
        let Self { client_mutation_id: _, expected_version: _ } = self;
        Some(ConversationCommand::from(AcceptInvitation).into())
    }
}

impl CommandInput for DeclineInvitationInput {
    type Target = Thread;

    fn read(&self, _fields: &mut Fields) -> Option<CommandOf<Self>> {
        let Self { client_mutation_id: _, expected_version: _ } = self;
        Some(ConversationCommand::from(DeclineInvitation).into())
    }
}

impl CommandInput for ChangeHistoryWindowInput {
    type Target = Thread;

    fn read(&self, fields: &mut Fields) -> Option<CommandOf<Self>> {
        let Self { client_mutation_id: _, draft: _, expected_version: _, person_id, history, reason } = self;
        let history = history.read(fields, &["input", "history"]);
        let reason = fields.body(&["input", "reason"], reason);
        let change = ChangeHistoryWindow { person: decode_id(person_id), history: history?, reason: reason? };
        Some(ConversationCommand::from(change).into())
    }
}

impl CommandInput for LeaveThreadInput {
    type Target = Thread;

    fn read(&self, _fields: &mut Fields) -> Option<CommandOf<Self>> {
        let Self { client_mutation_id: _, expected_version: _ } = self;
        Some(ConversationCommand::from(Leave).into())
    }
}

impl CommandInput for RemoveParticipantInput {
    type Target = Thread;

    fn read(&self, fields: &mut Fields) -> Option<CommandOf<Self>> {
        let Self { client_mutation_id: _, draft: _, expected_version: _, person_id, note } = self;
        let note = fields.body(&["input", "note"], note);
        // The other words say that somebody left or that a role ended, which no other person says.
        let (person, reason) = (decode_id(person_id), RemovalReason::Removed);
        Some(ConversationCommand::from(RemoveParticipant { person, reason, note: Some(note?) }).into())
    }
}
