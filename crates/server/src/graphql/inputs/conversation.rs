//! Inputs of commands to the conversation of a thread: claim, post, mark read, add a participant.

use async_graphql::{ID, InputObject};
use care::ids::{MessageId, PersonId};
use coordination::commands::NewMessage;
use serde::{Deserialize, Serialize};

use super::{CommandInput, Fields};
use crate::graphql::id::decode_id;
use crate::graphql::scalars::Version;
use crate::graphql::words::Audience;

/// That you take a thread on.
#[derive(Debug, Clone, InputObject, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ClaimThreadInput {
    /// Your key for this request: a repeat with it is carried out once.
    #[serde(skip_serializing)]
    pub client_mutation_id: ID,
    /// The version that you rely on.
    #[serde(skip_serializing)]
    pub expected_version: Version,
}

/// A message to be posted.
#[derive(Debug, Clone, InputObject, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PostMessageInput {
    /// Your key for this request: a repeat with it is carried out once.
    #[serde(skip_serializing)]
    pub client_mutation_id: ID,
    /// The version that you rely on, if you do.
    #[serde(default, skip_serializing)]
    pub expected_version: Option<Version>,
    /// Who may read it. By default, professionals write to the clinical team and patients to everyone.
    pub audience: Option<Audience>,
    /// What it says.
    pub body: String,
}

/// How far you have read.
#[derive(Debug, Clone, InputObject, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct MarkThreadReadInput {
    /// Your key for this request: a repeat with it is carried out once.
    #[serde(skip_serializing)]
    pub client_mutation_id: ID,
    /// The version that you rely on, if you do.
    #[serde(default, skip_serializing)]
    pub expected_version: Option<Version>,
    /// The newest message that you have read.
    pub message_id: ID,
}

/// Somebody to be taken into a thread.
#[derive(Debug, Clone, InputObject, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AddParticipantInput {
    /// Your key for this request: a repeat with it is carried out once.
    #[serde(skip_serializing)]
    pub client_mutation_id: ID,
    /// The version that you rely on, if you do.
    #[serde(default, skip_serializing)]
    pub expected_version: Option<Version>,
    /// A member of the patient's care team.
    pub person_id: ID,
}

impl CommandInput for ClaimThreadInput {
    const NAME: &'static str = "claimThread";
    type Command = ();

    fn key(&self) -> &ID {
        &self.client_mutation_id
    }

    fn expected_version(&self) -> Option<&Version> {
        Some(&self.expected_version)
    }

    fn read(&self, _fields: &mut Fields) -> Option<Self::Command> {
        let Self { client_mutation_id: _, expected_version: _ } = self;
        Some(())
    }
}

impl CommandInput for PostMessageInput {
    const NAME: &'static str = "postMessage";
    type Command = NewMessage;

    fn key(&self) -> &ID {
        &self.client_mutation_id
    }

    fn expected_version(&self) -> Option<&Version> {
        self.expected_version.as_ref()
    }

    fn read(&self, fields: &mut Fields) -> Option<Self::Command> {
        let Self { client_mutation_id: _, expected_version: _, audience, body } = self;
        let body = fields.body(&["input", "body"], body)?;
        Some(NewMessage { audience: audience.map(Into::into), body })
    }
}

impl CommandInput for MarkThreadReadInput {
    const NAME: &'static str = "markThreadRead";
    type Command = MessageId;

    fn key(&self) -> &ID {
        &self.client_mutation_id
    }

    fn expected_version(&self) -> Option<&Version> {
        self.expected_version.as_ref()
    }

    fn read(&self, _fields: &mut Fields) -> Option<Self::Command> {
        let Self { client_mutation_id: _, expected_version: _, message_id } = self;
        Some(decode_id(message_id))
    }
}

impl CommandInput for AddParticipantInput {
    const NAME: &'static str = "addParticipant";
    type Command = PersonId;

    fn key(&self) -> &ID {
        &self.client_mutation_id
    }

    fn expected_version(&self) -> Option<&Version> {
        self.expected_version.as_ref()
    }

    fn read(&self, _fields: &mut Fields) -> Option<Self::Command> {
        let Self { client_mutation_id: _, expected_version: _, person_id } = self;
        Some(decode_id(person_id))
    }
}
