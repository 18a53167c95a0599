//! Inputs of commands to drafts.

use async_graphql::{ID, InputObject};
use care::command_name::CommandName;
use care::draft::{DiscardDraft, DraftCommand, Drafts, FieldsProblem, Form, FormFields, SaveDraft, UnfitFields};
use serde::{Deserialize, Serialize};

use super::form::{DraftReferenceInput, FormSubjectInput};
use super::{CommandInput, CommandOf, Fields, SentInput};
use crate::graphql::problem::{self, ProblemCode};
use crate::graphql::scalars::Version;

/// The text of a form, to be kept.
#[derive(Debug, Clone, InputObject, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SaveDraftInput {
    /// Your key for this command. A repeat with the same key has no further effect; with another input it is
    /// `IDEMPOTENCY_MISMATCH`.
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

command_inputs! {
    /// Discards a draft. Its text cannot be read any more.
    DiscardDraftInput {
        /// The draft.
        pub draft: DraftReferenceInput,
    }
}

impl SentInput for SaveDraftInput {
    fn key(&self) -> &ID {
        &self.client_mutation_id
    }

    fn expected_version(&self) -> Option<&Version> {
        self.expected_version.as_ref()
    }
}

impl CommandInput for SaveDraftInput {
    type Target = Drafts;

    fn read(&self, fields: &mut Fields) -> Option<CommandOf<Self>> {
        let Self { client_mutation_id: _, expected_version: _, draft, command, about, fields: typed, leaving } = self;
        let draft = fields.draft(draft);
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
        let (draft, form, content) = (draft?, form?, content?.into());
        // Only a key of the sender begins a draft.
        let may_begin = draft.may_be_unsaved;
        let (draft, leaving) = (draft.id, *leaving);
        Some(SaveDraft { draft, may_begin, form, content, expected: None, same_as: None, leaving }.into())
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

    fn read(&self, fields: &mut Fields) -> Option<CommandOf<Self>> {
        let Self { client_mutation_id: _, draft } = self;
        let draft = fields.draft(draft)?.id;
        Some(DraftCommand::from(DiscardDraft { draft }))
    }
}
