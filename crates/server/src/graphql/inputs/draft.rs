//! Inputs of commands to drafts, and how a command names the draft of its form.

use async_graphql::{ID, InputObject, OneofObject};
use care::command_name::CommandName;
use care::draft::{DiscardDraft, DraftCommand, Drafts, FieldsProblem, Form, FormFields, SaveDraft, UnfitFields};
use care::idempotency::IdempotencyKey;
use care::ids::DraftId;
use care::party::FormSubject;
use coordination::SentDraft;
use serde::{Deserialize, Serialize};

use super::{CommandInput, CommandOf, Fields};
use crate::graphql::id::decode_id;
use crate::graphql::problem::{self, ProblemCode};
use crate::graphql::scalars::Version;

/// A draft of yours: by the key that your program chose, or by its id. Exactly one.
#[derive(Debug, Clone, OneofObject, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum DraftReferenceInput {
    /// The key that your program chose when the form was opened, 1 to 128 printable ASCII characters without personal
    /// data. Only your own keys count, so it need not be secret.
    Key(ID),
    /// The id of a draft that you have read.
    Id(ID),
}

/// What a form is about. Exactly one.
#[derive(Debug, Clone, OneofObject, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum FormSubjectInput {
    /// The thread that the form is sent to.
    ThreadId(ID),
    /// The patient about whom it opens a thread.
    PatientId(ID),
    /// The organization for which it opens a thread about no patient.
    OrganizationId(ID),
}

/// The text of a form, to be kept.
#[derive(Debug, Clone, InputObject, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SaveDraftInput {
    /// Your key for this request. A repeat with the same key has no further effect.
    #[serde(skip_serializing)]
    pub client_mutation_id: ID,
    /// The version of the draft that you have changed. Null for the first save.
    #[serde(default, skip_serializing)]
    pub expected_version: Option<Version>,
    /// The draft. A key that was not used yet begins one.
    pub draft: DraftReferenceInput,
    /// The command that sends the form, by its name in the policy: `thread.post`. It never changes.
    pub command: String,
    /// What the form is about. It never changes.
    pub about: FormSubjectInput,
    /// All fields of the form: 100 at most, of 192 KiB together. A field without text is left out.
    pub fields: Vec<DraftFieldInput>,
    /// Whether the form is being left, so that the text would be lost if it had to wait: then it is accepted also within
    /// ten seconds of the save before.
    #[graphql(default)]
    #[serde(default)]
    pub leaving: bool,
}

/// A field of a form.
#[derive(Debug, Clone, InputObject, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DraftFieldInput {
    /// Its name: 1 to 80 letters, digits, dots and underscores.
    pub name: String,
    /// Its text. It is kept in Unicode's form NFC, without blank lines before it and white space after it.
    pub text: String,
}

/// Discards a draft. Its text cannot be read any more.
#[derive(Debug, Clone, InputObject, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DiscardDraftInput {
    /// Your key for this request. A repeat with the same key has no further effect.
    #[serde(skip_serializing)]
    pub client_mutation_id: ID,
    /// The draft.
    pub draft: DraftReferenceInput,
}

impl DraftReferenceInput {
    /// The draft that it names.
    pub(in crate::graphql) fn read(&self, fields: &mut Fields) -> Option<SentDraft> {
        let path: &[&str] = &["input", "draft"];
        match self {
            Self::Id(id) => Some(SentDraft { id: decode_id(id), may_be_unsaved: false }),
            Self::Key(key) => {
                let key = fields.parsed(path, IdempotencyKey::parse(key))?;
                let author = fields.parsed(path, fields.person.ok_or("only a person has drafts"))?;
                Some(SentDraft { id: DraftId::of(author, &key), may_be_unsaved: true })
            }
        }
    }
}

impl FormSubjectInput {
    /// What it names.
    pub(in crate::graphql) fn read(&self) -> FormSubject {
        match self {
            Self::ThreadId(id) => FormSubject::Thread(decode_id(id)),
            Self::PatientId(id) => FormSubject::Patient(decode_id(id)),
            Self::OrganizationId(id) => FormSubject::Organization(decode_id(id)),
        }
    }
}

impl CommandInput for SaveDraftInput {
    type Target = Drafts;

    sender_fields!(client_mutation_id, expected_version);

    fn read(&self, fields: &mut Fields) -> Option<CommandOf<Self>> {
        let Self { client_mutation_id: _, expected_version: _, draft, command, about, fields: typed, leaving } = self;
        let draft = draft.read(fields);
        let command = fields.parsed(&["input", "command"], CommandName::parse(command));
        let form = command.and_then(|command| fields.parsed(&["input", "about"], Form::of(command, about.read())));
        let typed = FormFields::of(typed.iter().map(|field| (field.name.as_str(), field.text.as_str())));
        let content = match typed {
            Ok(typed) => fields.parsed(&["input", "fields"], typed.to_text()),
            Err(unfit) => {
                fields.problems.push(unfit_fields(unfit));
                None
            }
        };
        let (draft, form, content) = (draft?.id, form?, content?.into());
        Some(SaveDraft { draft, form, content, expected: None, same_as: None, leaving: *leaving }.into())
    }
}

/// The problem of fields, at the field that has it.
fn unfit_fields(UnfitFields { place, problem }: UnfitFields) -> problem::Problem {
    let (code, name) = match problem {
        FieldsProblem::Empty => (ProblemCode::Empty, ""),
        FieldsProblem::TooMany | FieldsProblem::TooLong => (ProblemCode::TooLong, ""),
        FieldsProblem::Name | FieldsProblem::Twice => (ProblemCode::Malformed, "name"),
        FieldsProblem::Text(problem) => {
            return problem::text(problem, &path_of(place, "text").each_ref().map(String::as_str));
        }
    };
    match place {
        Some(_) => problem::input(code, &path_of(place, name).each_ref().map(String::as_str), &problem.to_string()),
        None => problem::input(code, &["input", "fields"], &problem.to_string()),
    }
}

fn path_of(place: Option<usize>, name: &str) -> [String; 4] {
    ["input", "fields", &place.unwrap_or_default().to_string(), name].map(str::to_owned)
}

impl CommandInput for DiscardDraftInput {
    type Target = Drafts;

    sender_fields!(client_mutation_id);

    fn read(&self, fields: &mut Fields) -> Option<CommandOf<Self>> {
        let Self { client_mutation_id: _, draft } = self;
        let draft = draft.read(fields)?.id;
        Some(DraftCommand::from(DiscardDraft { draft }))
    }
}
