//! Inputs of commands to the conversation of a thread: claim, post, mark read.

use async_graphql::{ID, InputObject};
use care::conversation::{Addressed, Claim, ConversationCommand, MarkRead, PostMessage};
use care::thread::Thread;
use serde::{Deserialize, Serialize};

use super::form::DraftReferenceInput;
use super::{CommandInput, CommandOf, Fields};
use crate::graphql::id::decode_id;
use crate::graphql::scalars::Version;
use crate::graphql::words::Audience;

/// Claims a thread from its pool for you.
#[derive(Debug, Clone, InputObject, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ClaimThreadInput {
    /// Your key for this request. A repeat with the same key has no further effect.
    #[serde(skip_serializing)]
    pub client_mutation_id: ID,
    /// The version that the command relies on.
    #[serde(skip_serializing)]
    pub expected_version: Version,
}

/// A new message.
#[derive(Debug, Clone, InputObject, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PostMessageInput {
    /// Your key for this request. A repeat with the same key has no further effect.
    #[serde(skip_serializing)]
    pub client_mutation_id: ID,
    /// The draft of this form. It ends when the command is carried out.
    #[serde(default, skip_serializing)]
    pub draft: Option<DraftReferenceInput>,
    /// The version that the command relies on, if it relies on one.
    #[serde(default, skip_serializing)]
    pub expected_version: Option<Version>,
    /// Who may read it. By default, professionals write to the clinical team and patients to everyone.
    pub audience: Option<Audience>,
    /// The persons who may read it in addition to you. They can read the thread. Given only with the audience
    /// `NAMED`.
    #[graphql(default)]
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub to: Vec<ID>,
    /// The audience if none is named. It follows from the thread, so no client sends it.
    #[graphql(skip)]
    #[serde(skip)]
    pub default_audience: Option<Audience>,
    /// The text, of at most 32768 characters. It is stored in Unicode's form NFC, without blank lines before it and white
    /// space after it.
    pub body: String,
}

/// How far you have read.
#[derive(Debug, Clone, InputObject, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct MarkThreadReadInput {
    /// Your key for this request. A repeat with the same key has no further effect.
    #[serde(skip_serializing)]
    pub client_mutation_id: ID,
    /// The version that the command relies on, if it relies on one.
    #[serde(default, skip_serializing)]
    pub expected_version: Option<Version>,
    /// The newest message that you have read.
    pub message_id: ID,
}

impl CommandInput for ClaimThreadInput {
    type Target = Thread;

    sender_fields!(client_mutation_id, expected_version);

    fn read(&self, _fields: &mut Fields) -> Option<CommandOf<Self>> {
        let Self { client_mutation_id: _, expected_version: _ } = self;
        Some(ConversationCommand::from(Claim).into())
    }
}

impl CommandInput for PostMessageInput {
    type Target = Thread;

    sender_fields!(client_mutation_id, expected_version, draft);

    fn read(&self, fields: &mut Fields) -> Option<CommandOf<Self>> {
        let Self { client_mutation_id: _, draft: _, expected_version: _, audience, to, default_audience, body } = self;
        let body = fields.body(&["input", "body"], body);
        let addressed = match (audience.or(*default_audience), to.is_empty()) {
            (Some(Audience::Everyone), true) => Some(Addressed::Everyone),
            (Some(Audience::ClinicalTeam), true) => Some(Addressed::ClinicalTeam),
            (Some(Audience::Named), false) => Some(Addressed::Named(to.iter().map(decode_id).collect())),
            (Some(Audience::Named), true) | (None, _) => {
                fields.parsed(&["input", "to"], Err("an audience of named persons names them"))
            }
            (Some(Audience::Everyone | Audience::ClinicalTeam), false) => {
                fields.parsed(&["input", "to"], Err("persons are named with the audience NAMED only"))
            }
        };
        Some(ConversationCommand::from(PostMessage { addressed: addressed?, body: body? }).into())
    }
}

impl CommandInput for MarkThreadReadInput {
    type Target = Thread;

    sender_fields!(client_mutation_id, expected_version);

    fn read(&self, _fields: &mut Fields) -> Option<CommandOf<Self>> {
        let Self { client_mutation_id: _, expected_version: _, message_id } = self;
        Some(ConversationCommand::from(MarkRead { message: decode_id(message_id) }).into())
    }
}
