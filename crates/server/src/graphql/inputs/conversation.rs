//! Inputs of commands to the conversation of a thread: claim, post, mark read.

use async_graphql::{ID, InputObject};
use care::conversation::{
    Addressed, Claim, ConversationCommand, HideFromDelegates, MarkRead, PostMessage, PutAway, ShowToDelegates,
};
use care::shown::Digest;
use care::thread::Thread;
use serde::{Deserialize, Serialize};

use super::{CommandInput, CommandOf, Fields};
use crate::graphql::id::decode_id;
use crate::graphql::words::Audience;

command_inputs! {
    /// Claims a thread from its pool for you.
    ClaimThreadInput (version) {}

    /// A new message.
    PostMessageInput (draft, version_if_any) {
        /// Who may read it. By default, professionals write to the clinical team and patients to everyone. Who helps the
        /// patient names it: without it, the problem is `AUDIENCE_MISSING`.
        pub audience: Option<Audience>,
        /// The persons who may read it in addition to you, with the audience `NAMED`. They can read the thread. With
        /// `TEAM_AND_ME`, the one person whom the clinical team answers; who writes to the team for themself names nobody.
        #[graphql(default)]
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        pub to: Vec<ID>,
        /// The audience if none is named, and if there is one. It follows from the thread, so no client sends it.
        #[graphql(skip)]
        #[serde(skip)]
        pub default_audience: Option<Audience>,
        /// The text, of at most 32768 characters. It is stored in Unicode's form NFC, without blank lines before it and white
        /// space after it.
        pub body: String,
    }
}

/// A message that is posted together with what the command does, as one act: both happen or neither.
#[derive(Debug, Clone, InputObject, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct MessageInput {
    /// Who may read it.
    pub audience: Audience,
    /// The persons who may read it in addition to you, with the audience `NAMED`. They can read the thread. With
    /// `TEAM_AND_ME`, the one person whom the clinical team answers.
    #[graphql(default)]
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub to: Vec<ID>,
    /// The text, of at most 32768 characters.
    pub body: String,
}

impl MessageInput {
    /// The message at `input.message`, if there is one: the outer `None` means that it is invalid.
    pub(in crate::graphql) fn read_if_any(message: Option<&Self>, fields: &mut Fields) -> Option<Option<PostMessage>> {
        let Some(Self { audience, to, body }) = message else { return Some(None) };
        let body = fields.body(&["input", "message", "body"], body);
        let addressed = addressed(fields, &["input", "message", "to"], Some(*audience), to);
        Some(Some(PostMessage { addressed: addressed?, body: body? }))
    }
}

/// To whom a message is addressed: persons are named with the audience `NAMED`, one is with `TEAM_AND_ME`, where none is
/// the sender, and none with any other.
fn addressed(fields: &mut Fields, path: &[&str], audience: Option<Audience>, to: &[ID]) -> Option<Addressed> {
    match (audience, to) {
        (Some(Audience::Everyone), []) => Some(Addressed::Everyone),
        (Some(Audience::ClinicalTeam), []) => Some(Addressed::ClinicalTeam),
        (Some(Audience::Named), [_, ..]) => Some(Addressed::Named(to.iter().map(decode_id).collect())),
        (Some(Audience::TeamAndMe), [one]) => Some(Addressed::TeamAnd(decode_id(one))),
        (Some(Audience::TeamAndMe), []) => {
            let sender = fields.sender().ok_or("only a person writes for themself");
            fields.parsed(path, sender).map(Addressed::TeamAnd)
        }
        (Some(Audience::TeamAndMe), [_, _, ..]) => fields.parsed(path, Err("the clinical team answers one person")),
        (Some(Audience::Named), []) | (None, _) => fields.parsed(path, Err("an audience of named persons names them")),
        (Some(Audience::Everyone | Audience::ClinicalTeam), [_, ..]) => {
            fields.parsed(path, Err("persons are named with the audiences NAMED and TEAM_AND_ME only"))
        }
    }
}

command_inputs! {
    /// Whether a thread is put away from your inbox.
    PutThreadAwayInput {
        /// False takes it back.
        #[graphql(default = true)]
        #[serde(default = "yes")]
        pub away: bool,
    }
}

const fn yes() -> bool {
    true
}

impl CommandInput for PutThreadAwayInput {
    type Target = Thread;

    fn read(&self, _fields: &mut Fields) -> Option<CommandOf<Self>> {
        let Self { client_mutation_id: _, away } = self;
        Some(ConversationCommand::from(PutAway { away: *away }).into())
    }
}

command_inputs! {
    /// Hides a thread from those who help the patient. For them it is not there.
    HideThreadFromDelegatesInput (version_if_any) {
        /// Why. Everybody but the patient gives it. Shown to nobody outside the record.
        pub basis: Option<String>,
        /// Those who know of the thread, as `delegates { knownTo }` shows them: you confirm that you were shown them. If it
        /// were others, the problem is `DELEGATE_HAS_READ`.
        #[graphql(default)]
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        pub known_to: Vec<ID>,
    }

    /// Shows a hidden thread again to those who help the patient, each within their scope.
    ShowThreadToDelegatesInput (version_if_any) {
        /// The version of the list of who would see it, as `delegates { version }` shows it. If others would see it by now, the
        /// problem is `LIST_CHANGED`.
        pub delegates: String,
    }
}

impl CommandInput for HideThreadFromDelegatesInput {
    type Target = Thread;

    fn read(&self, fields: &mut Fields) -> Option<CommandOf<Self>> {
        let Self { client_mutation_id: _, expected_version: _, basis, known_to } = self;
        let basis = match basis {
            Some(basis) => Some(fields.body(&["input", "basis"], basis)?),
            None => None,
        };
        let known_to = known_to.iter().map(decode_id).collect();
        Some(ConversationCommand::from(HideFromDelegates { basis, known_to }).into())
    }
}

impl CommandInput for ShowThreadToDelegatesInput {
    type Target = Thread;

    fn read(&self, fields: &mut Fields) -> Option<CommandOf<Self>> {
        let Self { client_mutation_id: _, expected_version: _, delegates } = self;
        let shown = fields.parsed(&["input", "delegates"], Digest::parse(delegates))?;
        Some(ConversationCommand::from(ShowToDelegates { shown }).into())
    }
}

command_inputs! {
    /// How far you have read.
    MarkThreadReadInput (version_if_any) {
        /// The newest message that you have read.
        pub message_id: ID,
    }
}

impl CommandInput for ClaimThreadInput {
    type Target = Thread;

    fn read(&self, _fields: &mut Fields) -> Option<CommandOf<Self>> {
        let Self { client_mutation_id: _, expected_version: _ } = self;
        Some(ConversationCommand::from(Claim).into())
    }
}

impl CommandInput for PostMessageInput {
    type Target = Thread;

    fn read(&self, fields: &mut Fields) -> Option<CommandOf<Self>> {
        let Self { client_mutation_id: _, draft: _, expected_version: _, audience, to, default_audience, body } = self;
        let body = fields.body(&["input", "body"], body);
        let audience = fields.audience(audience.or(*default_audience));
        let addressed = addressed(fields, &["input", "to"], Some(audience?), to);
        Some(ConversationCommand::from(PostMessage { addressed: addressed?, body: body? }).into())
    }
}

impl CommandInput for MarkThreadReadInput {
    type Target = Thread;

    fn read(&self, _fields: &mut Fields) -> Option<CommandOf<Self>> {
        let Self { client_mutation_id: _, expected_version: _, message_id } = self;
        Some(ConversationCommand::from(MarkRead { message: decode_id(message_id) }).into())
    }
}
