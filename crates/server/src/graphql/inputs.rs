//! The inputs of commands, for every transport: one struct for each command, with the sender's key, its canonical form,
//! and the conversion of its fields into the command of care.
//!
//! A GraphQL mutation, an HTML form and the command line fill the same struct, so a command that is sent over one
//! transport and repeated over another is recognised as the same command.
//!
//! To add one: 1. the struct in its concept's file under `inputs/`, by [`command_inputs`]; 2. implement [`CommandInput`],
//! destructuring the struct without `..`; 3. its mutation under `commands/`. Parts that several inputs share are in
//! `parties.rs`.

/// Declares inputs of commands, and what they say of how they are sent: each has the sender's key, before its own fields and
/// before those that it shares with others.
///
/// `draft`: the draft of the form, if a person types text for the command. `version`: the version that the command relies
/// on. `version_if_any`: the same, if it relies on one. `directive`: its own field `directive_id` says at what it is aimed.
macro_rules! command_inputs {
    (@input $head:tt [draft $($more:ident)*] [$($shared:tt)*] [$($methods:tt)*] $own:tt) => {
        command_inputs!(@input $head [$($more)*]
            [$($shared)*
                /// The draft of this form. It ends when the command is carried out.
                #[serde(default, skip_serializing)]
                pub draft: Option<$crate::graphql::inputs::form::DraftReferenceInput>,
            ]
            [$($methods)*
                fn draft(&self) -> Option<&$crate::graphql::inputs::form::DraftReferenceInput> {
                    self.draft.as_ref()
                }
            ]
            $own
        );
    };
    (@input $head:tt [version $($more:ident)*] [$($shared:tt)*] [$($methods:tt)*] $own:tt) => {
        command_inputs!(@input $head [$($more)*]
            [$($shared)*
                /// The `version` that the command relies on. If the object has changed since, the problem is `VERSION_CONFLICT`.
                #[serde(skip_serializing)]
                pub expected_version: $crate::graphql::scalars::Version,
            ]
            [$($methods)*
                fn expected_version(&self) -> Option<&$crate::graphql::scalars::Version> {
                    Some(&self.expected_version)
                }
            ]
            $own
        );
    };
    (@input $head:tt [version_if_any $($more:ident)*] [$($shared:tt)*] [$($methods:tt)*] $own:tt) => {
        command_inputs!(@input $head [$($more)*]
            [$($shared)*
                /// The `version` that the command relies on, if it relies on one. If the object has changed since, the problem is
                /// `VERSION_CONFLICT`.
                #[serde(default, skip_serializing)]
                pub expected_version: Option<$crate::graphql::scalars::Version>,
            ]
            [$($methods)*
                fn expected_version(&self) -> Option<&$crate::graphql::scalars::Version> {
                    self.expected_version.as_ref()
                }
            ]
            $own
        );
    };
    (@input $head:tt [directive $($more:ident)*] $shared:tt [$($methods:tt)*] $own:tt) => {
        command_inputs!(@input $head [$($more)*] $shared
            [$($methods)*
                fn directive(&self) -> Option<care::ids::DirectiveId> {
                    Some($crate::graphql::id::decode_id(&self.directive_id))
                }
            ]
            $own
        );
    };
    (@input [$(#[$meta:meta])* $name:ident] [] [$($shared:tt)*] [$($methods:tt)*] { $($own:tt)* }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, async_graphql::InputObject, serde::Serialize, serde::Deserialize)]
        #[serde(rename_all = "camelCase", deny_unknown_fields)]
        pub struct $name {
            /// Your key for this command. A repeat with the same key has no further effect; with another input it is
            /// `IDEMPOTENCY_MISMATCH`.
            #[serde(skip_serializing)]
            pub client_mutation_id: async_graphql::ID,
            $($shared)*
            $($own)*
        }

        impl $crate::graphql::inputs::SentInput for $name {
            fn key(&self) -> &async_graphql::ID {
                &self.client_mutation_id
            }

            $($methods)*
        }
    };
    ($($(#[$meta:meta])* $name:ident $(($($shared:ident),+))? { $($own:tt)* })+) => {$(
        command_inputs!(@input [$(#[$meta])* $name] [$($($shared)+)?] [] [] { $($own)* });
    )+};
}
pub(in crate::graphql) use command_inputs;

pub mod care_team;
pub mod conversation;
pub mod delegation;
pub mod directive;
pub mod draft;
pub mod form;
pub mod legal_authority;
pub mod organization;
pub mod outside_message;
pub mod ownership;
pub mod participants;
pub mod parties;
pub mod patient;
pub mod person;
pub mod scope;

use std::collections::{BTreeMap, BTreeSet};

use async_graphql::ID;
use care::aggregate::Aggregate;
use care::calendar::Calendar;
use care::consent_text::ShownText;
use care::day::{self, DayProblem};
use care::event::Addressed;
use care::idempotency::IdempotencyKey;
use care::ids::{DirectiveId, DraftId, PersonId};
use care::phone::{Phone, PhoneProblem};
use care::shown::TextVersion;
use care::text::{PersonalText, Text, TextProblem, normalized};
use care::time_zone::TimeZones;
use chrono::{DateTime, NaiveDate, Utc};
use coordination::{CommandContext, Origin, SentDraft};
use policy::identity::Identity;
use serde::Serialize;
use serde_json::Value;

use self::form::DraftReferenceInput;
use super::id::decode_id;
use super::problem::{self, Problem, ProblemCode};
use super::scalars::Version;
use super::words::TextLanguage;
use crate::session::RequestContext;

/// The field of every input that holds the sender's key.
const KEY: &str = "clientMutationId";

/// What an input says of how its command is sent.
pub trait SentInput {
    /// The sender's key.
    fn key(&self) -> &ID;

    /// The version that the sender relies on.
    fn expected_version(&self) -> Option<&Version> {
        None
    }

    /// The directive that it is aimed at, of those of a patient, which have one stream.
    fn directive(&self) -> Option<DirectiveId> {
        None
    }

    /// The draft of the form that is sent by it.
    fn draft(&self) -> Option<&DraftReferenceInput> {
        None
    }
}

/// The input of a command.
///
/// Its serialized form distinguishes a repeat from another command with the same key, so it omits the key, the expected
/// version and the draft. [`prepare`] makes it canonical: fields are sorted, and texts are in the form in which they are
/// stored, so that a client that sends other line breaks the second time still repeats its command.
pub trait CommandInput: SentInput + Serialize {
    /// The aggregate that decides about the command.
    type Target: Addressed;

    /// The command; `None` if a field is invalid. All problems are reported at once.
    fn read(&self, fields: &mut Fields) -> Option<CommandOf<Self>>;
}

/// The commands of an input's target.
pub type CommandOf<I> = <<I as CommandInput>::Target as Aggregate>::Command;

/// Who sends an input, how and when.
#[derive(Debug, Clone)]
pub struct Sender<'a> {
    /// The person.
    pub identity: Identity,
    /// From where.
    pub origin: Origin,
    /// When, by the program's clock.
    pub now: DateTime<Utc>,
    /// The rules of time zones, as the program has them.
    pub time_zones: &'a TimeZones,
}

impl<'a> Sender<'a> {
    /// The sender of a mutation.
    pub(super) fn of(request: &'a RequestContext) -> Self {
        Self {
            identity: request.identity,
            origin: request.origin.clone(),
            now: request.now,
            time_zones: request.application.time_zones(),
        }
    }
}

/// A command with its context.
pub struct Prepared<C> {
    /// The sender, the key, the time and the other context.
    pub context: CommandContext,
    /// The command.
    pub command: C,
}

/// Converts an input into a command with its context.
///
/// # Errors
/// All problems of the input.
pub fn prepare<I: CommandInput>(input: &I, sender: Sender<'_>) -> Result<Prepared<CommandOf<I>>, Vec<Problem>> {
    let Sender { identity, origin, now, time_zones } = sender;
    let mut fields = Fields { now, time_zones, person: identity.person(), problems: Vec::new() };
    let command = input.read(&mut fields);
    let draft = input.draft().and_then(|draft| fields.draft(draft));
    let key = fields.parsed(&["input", KEY], IdempotencyKey::parse(input.key()));
    let canonical = fields.parsed(&["input"], canonical(input));
    match (command, key, canonical) {
        (Some(command), Some(key), Some(canonical)) if fields.problems.is_empty() => {
            let expected = input.expected_version().map(|version| version.as_str().to_owned());
            let context =
                CommandContext { identity, key, input: canonical, expected, draft, origin, causation: None, now };
            Ok(Prepared { context, command })
        }
        _ => Err(fields.problems),
    }
}

/// The command of an input, without its key: what would be given, or all that is wrong with it.
///
/// # Errors
/// All problems of the input.
pub fn read<I: CommandInput>(
    input: &I,
    now: DateTime<Utc>,
    time_zones: &TimeZones,
) -> Result<CommandOf<I>, Vec<Problem>> {
    let mut fields = Fields { now, time_zones, person: None, problems: Vec::new() };
    match input.read(&mut fields) {
        Some(command) if fields.problems.is_empty() => Ok(command),
        Some(_) | None => Err(fields.problems),
    }
}

/// The input as it identifies a repeat: its texts in the form that is stored, its fields in one order, and without
/// those that say nothing: null, false and empty lists and objects, at every depth. A field that a later release adds
/// with such a default leaves the input of a repeat as it was. An optional field of an input therefore has such a
/// default, or its input leaves it out itself when it equals its default.
fn canonical(input: &impl Serialize) -> Result<Vec<u8>, serde_json::Error> {
    let mut fields = canonical_value(serde_json::to_value(input)?);
    fields.sort_all_objects();
    serde_json::to_vec(&fields)
}

fn canonical_value(value: Value) -> Value {
    match value {
        Value::String(text) => Value::String(normalized(&text).to_string()),
        // The places of a list count, so none of them is left out.
        Value::Array(values) => Value::Array(values.into_iter().map(canonical_value).collect()),
        Value::Object(fields) => {
            let fields = fields.into_iter().map(|(name, value)| (name, canonical_value(value)));
            Value::Object(fields.filter(|(_, value)| !says_nothing(value)).collect())
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => value,
    }
}

fn says_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Bool(value) => !value,
        Value::Array(values) => values.is_empty(),
        Value::Object(fields) => fields.is_empty(),
        Value::Number(_) | Value::String(_) => false,
    }
}

/// Parses the fields of an input and collects all problems.
pub struct Fields<'a> {
    now: DateTime<Utc>,
    time_zones: &'a TimeZones,
    person: Option<PersonId>,
    problems: Vec<Problem>,
}

impl Fields<'_> {
    /// One line of a person's text.
    pub(in crate::graphql) fn line(&mut self, path: &[&str], text: &str) -> Option<PersonalText> {
        self.text(path, Text::line(text)).map(PersonalText::from)
    }

    /// The name of a person.
    pub(in crate::graphql) fn person_name(&mut self, path: &[&str], text: &str) -> Option<PersonalText> {
        self.text(path, Text::name(text)).map(PersonalText::from)
    }

    /// A person's text of several lines.
    pub(in crate::graphql) fn body(&mut self, path: &[&str], text: &str) -> Option<PersonalText> {
        self.text(path, Text::body(text)).map(PersonalText::from)
    }

    /// An optional text: the outer `None` means that it is invalid.
    pub(in crate::graphql) fn body_if_any(
        &mut self,
        path: &[&str],
        text: Option<&str>,
    ) -> Option<Option<PersonalText>> {
        match text {
            Some(text) => self.body(path, text).map(Some),
            None => Some(None),
        }
    }

    /// A public name: a line that is not personal text.
    pub(in crate::graphql) fn name(&mut self, path: &[&str], text: &str) -> Option<String> {
        self.text(path, Text::name(text)).map(|text| text.as_str().to_owned())
    }

    /// A telephone number.
    pub(in crate::graphql) fn phone(&mut self, path: &[&str], text: &str) -> Option<Phone> {
        let wrong = |wrong: PhoneProblem| {
            let code = match wrong {
                PhoneProblem::Empty => ProblemCode::Empty,
                PhoneProblem::Character | PhoneProblem::Length | PhoneProblem::CountryCode | PhoneProblem::Bracket => {
                    ProblemCode::Malformed
                }
            };
            self.problems.push(problem::input(code, path, &wrong.to_string()));
        };
        Phone::parse(text).map_err(wrong).ok()
    }

    /// A day, as ISO 8601.
    pub(in crate::graphql) fn day(&mut self, path: &[&str], text: &str) -> Option<NaiveDate> {
        let day = day::parse(text);
        self.dated(path, day)
    }

    /// A date of birth, which may be known in part.
    pub(in crate::graphql) fn birth_date(&mut self, path: &[&str], text: &str) -> Option<PersonalText> {
        let birth_date = day::birth_date(text, self.now);
        self.dated(path, birth_date).map(PersonalText::from)
    }

    fn dated<T>(&mut self, path: &[&str], read: Result<T, DayProblem>) -> Option<T> {
        read.map_err(|wrong| self.problems.push(problem::day(wrong, path))).ok()
    }

    /// Everything that is wrong with a calendar.
    pub(in crate::graphql) fn calendar(&mut self, calendar: &Calendar) {
        let problems = calendar.problems(self.time_zones);
        self.problems.extend(problems.iter().map(problem::input_calendar));
    }

    /// Different days, as ISO 8601.
    pub(in crate::graphql) fn days(&mut self, path: &[&str], texts: &[String]) -> BTreeSet<NaiveDate> {
        let mut days = BTreeMap::new();
        for (index, text) in texts.iter().enumerate() {
            let number = index.to_string();
            let path = [path, &[number.as_str()]].concat();
            let Some(day) = self.day(&path, text) else { continue };
            if let Some(first) = days.get(&day) {
                let message = format!("is the same day as number {first}");
                self.problems.push(problem::input(ProblemCode::InvalidCalendar, &path, &message));
            } else {
                days.insert(day, index);
            }
        }
        days.into_keys().collect()
    }

    /// A whole number within the range of its type.
    pub(in crate::graphql) fn number<N: TryFrom<i32>>(&mut self, path: &[&str], number: i32) -> Option<N> {
        let fits = N::try_from(number).ok();
        if fits.is_none() {
            self.problems.push(problem::input(ProblemCode::OutOfRange, path, "is out of range"));
        }
        fits
    }

    /// The person who sends the input; none where it is only read.
    pub(in crate::graphql) fn sender(&self) -> Option<PersonId> {
        self.person
    }

    /// The audience of a message, which its author names where they have no default.
    pub(in crate::graphql) fn audience<T>(&mut self, audience: Option<T>) -> Option<T> {
        if audience.is_none() {
            let path: &[&str] = &["input", "audience"];
            let missing = problem::input(ProblemCode::AudienceMissing, path, "you name who may read it");
            self.problems.push(missing);
        }
        audience
    }

    /// The draft that an input names.
    pub(in crate::graphql) fn draft(&mut self, draft: &DraftReferenceInput) -> Option<SentDraft> {
        let path: &[&str] = &["input", "draft"];
        match draft {
            DraftReferenceInput::Id(id) => Some(SentDraft { id: decode_id(id), may_be_unsaved: false }),
            DraftReferenceInput::Key(key) => {
                let key = self.parsed(path, IdempotencyKey::parse(key))?;
                let author = self.parsed(path, self.person.ok_or("only a person has drafts"))?;
                Some(SentDraft { id: DraftId::of(author, &key), may_be_unsaved: true })
            }
        }
    }

    /// The text of a consent that was shown. Whether it is the one to show, care decides.
    pub(in crate::graphql) fn shown(&mut self, version: &str, language: Option<TextLanguage>) -> Option<ShownText> {
        let version = self.parsed(&["input", "textVersion"], TextVersion::parse(version))?;
        Some(ShownText { version, language: language.map(Into::into) })
    }

    /// A value that has its own parser.
    pub(in crate::graphql) fn parsed<T, E: std::fmt::Display>(
        &mut self,
        path: &[&str],
        read: Result<T, E>,
    ) -> Option<T> {
        let malformed = |error: E| self.problems.push(problem::input(ProblemCode::Malformed, path, &error.to_string()));
        read.map_err(malformed).ok()
    }

    fn text(&mut self, path: &[&str], text: Result<Text, TextProblem>) -> Option<Text> {
        text.map_err(|wrong| self.problems.push(problem::text(wrong, path))).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::conversation::PostMessageInput;
    use super::*;

    fn message(body: &str) -> PostMessageInput {
        PostMessageInput {
            client_mutation_id: "key".into(),
            draft: None,
            expected_version: None,
            audience: None,
            to: vec![],
            default_audience: None,
            body: body.to_owned(),
        }
    }

    #[test]
    fn a_repeat_with_other_line_breaks_or_another_form_of_a_letter_is_the_same_input() {
        let sent = canonical(&message("caf\u{e9}\n5 mg")).expect("serializes");
        for repeated in ["caf\u{e9}\r\n5 mg", "cafe\u{301}\u{b}5 mg", "caf\u{e9}\n5 mg\n"] {
            assert_eq!(canonical(&message(repeated)).expect("serializes"), sent, "{repeated:?}");
        }
        assert_ne!(canonical(&message("cafe\n5 mg")).expect("serializes"), sent);
    }

    #[test]
    fn an_optional_field_with_its_default_leaves_the_input_as_it_was() {
        let of = |text: &str| canonical(&serde_json::from_str::<Value>(text).expect("JSON")).expect("serializes");
        let before = of(r#"{"body":"","to":{"pool":"7"},"codes":["a"]}"#);
        for after in [
            r#"{"body":"","to":{"pool":"7"},"codes":["a"],"urgent":false}"#,
            r#"{"codes":["a"],"body":"","to":{"pool":"7","person":null},"labels":[],"window":{"from":null}}"#,
        ] {
            assert_eq!(of(after), before, "{after}");
        }
        for other in [
            r#"{"body":"","to":{"pool":"7"},"codes":["a"],"urgent":true}"#,
            r#"{"to":{"pool":"7"},"codes":["a"]}"#,
            r#"{"body":"","to":{"pool":"7"},"codes":["a",null]}"#,
        ] {
            assert_ne!(of(other), before, "{other}");
        }
    }
}
