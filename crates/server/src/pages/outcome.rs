//! The outcome of a command, read from the field `done` of each mutation of the pages.

use chrono::{DateTime, Utc};
use serde::Deserialize;

use crate::graphql::problem::ProblemCode;
use crate::graphql::scalars::{Position, Version};

/// The answer of a mutation.
#[derive(Debug, Deserialize)]
pub(crate) struct Done {
    pub done: Option<Outcome>,
}

/// What came of a command. It holds codes and ids and no content.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Outcome {
    pub position: Option<Position>,
    pub problems: Vec<Problem>,
    /// The message that was posted, if it was a message.
    pub message: Option<Made>,
    /// The thread that was opened, if one was.
    pub opened: Option<Made>,
    /// What it was done to, where the operation asks for it. None if the sender may not see it any more.
    pub seen: Option<Made>,
    /// The draft as it is now, if the command was about one.
    pub draft: Option<SavedDraft>,
    /// The person who was registered, or whose role it is, where the operation asks for it.
    pub person_id: Option<String>,
    /// The code of an invitation to help, which nothing else tells.
    pub invitation_code: Option<String>,
}

/// The id of what a command made or changed.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Made {
    pub id: String,
}

/// The newest save of a draft.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SavedDraft {
    pub version: Version,
    pub saved_at: DateTime<Utc>,
}

/// Why a command had no effect.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Problem {
    pub code: ProblemCode,
    path: Option<Vec<String>>,
    /// What the page knows beyond the code.
    #[serde(skip)]
    pub note: Option<Note>,
}

/// What is wrong with a field, where the page can say more than the code does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Note {
    DayMissing,
    TimeMissing,
    /// The month has no such day.
    NoSuchDay,
    /// The year is not a number of four digits.
    YearForm,
    /// The time is not written as hours and minutes.
    TimeForm,
    /// The patient would have been informed before there was an answer.
    ToldBeforeAnswer,
    /// What was said to reach the patient through the portal is kept from them.
    PortalWithoutPatient,
    /// The patient reads nothing here.
    PatientReadsNothing,
    /// An age is below the one before it.
    AgesInOrder,
    /// There is a protection note about the person.
    AlreadyProtected,
    /// There is no protection note about the person.
    NoProtection,
}

impl Outcome {
    /// A command that the page did not give.
    pub fn refused(problem: Problem) -> Self {
        Self::of(vec![problem])
    }

    /// A command that the page did not give for these reasons.
    pub const fn of(problems: Vec<Problem>) -> Self {
        Self {
            position: None,
            problems,
            message: None,
            opened: None,
            seen: None,
            draft: None,
            person_id: None,
            invitation_code: None,
        }
    }
}

impl Problem {
    /// A problem that the API found.
    pub const fn of(code: ProblemCode, path: Option<Vec<String>>) -> Self {
        Self { code, path, note: None }
    }

    /// A problem of one field that the page itself found.
    pub fn of_field(code: ProblemCode, field: &str) -> Self {
        Self { code, path: Some(vec!["input".to_owned(), field.to_owned()]), note: None }
    }

    /// The same with what the page knows beyond the code.
    #[must_use]
    pub fn noted(self, note: Note) -> Self {
        Self { note: Some(note), ..self }
    }

    /// The name of the field of the form: the path within the input, joined by dots.
    pub fn field(&self) -> Option<String> {
        match self.path.as_deref()? {
            [input, rest @ ..] if input == "input" && !rest.is_empty() => Some(rest.join(".")),
            _ => None,
        }
    }

    /// Whether it is about a control of this name, or about a part of its value.
    pub fn is_about(&self, control: &str) -> bool {
        let field = self.field();
        let rest = field.as_deref().and_then(|field| field.strip_prefix(control));
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    }

    /// The same about a control of another name, if it is about `from`.
    #[must_use]
    pub fn renamed(self, from: &str, to: &str) -> Self {
        if self.is_about(from) { Self { note: self.note, ..Self::of_field(self.code, to) } } else { self }
    }
}
