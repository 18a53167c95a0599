//! A mutation's input as it is read: every field at its door, all problems at once.
//!
//! A [`MutationInput`] also makes what a command needs beside itself: the sender's key, the version relied
//! on, and the input in a canonical form, by which a repeat is told from a reuse of the key. That
//! form can only change together with the input's fields; the test at the end holds it.

use std::sync::Arc;

use async_graphql::indexmap::IndexMap;
use async_graphql::{Context, ID, InputType, Name, Value};
use care::idempotency::IdempotencyKey;
use care::ids::ThreadId;
use care::text::{Text, TextProblem};
use care::words::Channel;
use coordination::fault::{Failed, Fault, Problem as Answered};
use coordination::reader::Reader;
use coordination::{CommandMetadata, CommandOutcome};

use super::consultation::Consultation;
use super::payload::Answer;
use super::problem::{self, Problem, ProblemCode};
use crate::session::RequestContext;

/// The field of every input that holds the sender's key.
const KEY: &str = "clientMutationId";
/// The field that holds the version which the sender relied on.
const EXPECTED: &str = "expectedVersion";

/// An input that is being read.
pub(super) struct MutationInput {
    request_context: Arc<RequestContext>,
    mutation: &'static str,
    key: String,
    expected: Option<String>,
    canonical: Vec<u8>,
    problems: Vec<Problem>,
}

impl MutationInput {
    /// Begins to read the input of `mutation`.
    pub fn open(context: &Context<'_>, mutation: &'static str, input: &impl InputType) -> async_graphql::Result<Self> {
        let mut fields = match input.to_value() {
            Value::Object(fields) => fields,
            Value::Null
            | Value::Number(_)
            | Value::String(_)
            | Value::Boolean(_)
            | Value::Binary(_)
            | Value::Enum(_)
            | Value::List(_) => IndexMap::new(),
        };
        let mut taken = |name| match fields.swap_remove(name) {
            Some(Value::String(text)) => Some(text),
            Some(_) | None => None,
        };
        let (key, expected) = (taken(KEY).unwrap_or_default(), taken(EXPECTED));
        let request_context = Arc::clone(RequestContext::of(context)?);
        let mut canonical = Vec::new();
        write_canonical(&Value::Object(fields), &mut canonical);
        Ok(Self { request_context, mutation, key, expected, canonical, problems: Vec::new() })
    }

    /// The request that this is part of.
    pub fn request_context(&self) -> Arc<RequestContext> {
        Arc::clone(&self.request_context)
    }

    /// One line of a person's text.
    pub fn line(&mut self, path: &[&str], text: &str) -> Option<Text> {
        self.taken(path, Text::line(text))
    }

    /// A person's text of several lines.
    pub fn body(&mut self, path: &[&str], text: &str) -> Option<Text> {
        self.taken(path, Text::body(text))
    }

    /// A text that may be left out: nothing when it is wrong.
    pub fn body_if_any(&mut self, path: &[&str], text: Option<&str>) -> Option<Option<Text>> {
        match text {
            Some(text) => self.body(path, text).map(Some),
            None => Some(None),
        }
    }

    /// A public name: a line that is nobody's personal text.
    pub fn name(&mut self, path: &[&str], text: &str) -> Option<String> {
        self.line(path, text).map(|text| text.as_str().to_owned())
    }

    /// A whole number that fits its place.
    pub fn number<N: TryFrom<i32>>(&mut self, path: &[&str], number: i32) -> Option<N> {
        let fits = N::try_from(number).ok();
        if fits.is_none() {
            self.problem(ProblemCode::OutOfRange, path, "is out of range");
        }
        fits
    }

    /// Something that is read by a parser of its own.
    pub fn parsed<T, E: std::fmt::Display>(&mut self, path: &[&str], read: Result<T, E>) -> Option<T> {
        read.map_err(|error| self.problem(ProblemCode::Malformed, path, &error.to_string())).ok()
    }

    fn taken(&mut self, path: &[&str], text: Result<Text, TextProblem>) -> Option<Text> {
        text.map_err(|wrong| self.problems.push(problem::text(wrong, path))).ok()
    }

    fn problem(&mut self, code: ProblemCode, path: &[&str], message: &str) {
        self.problems.push(problem::input(code, path, message));
    }

    /// What goes with the command; nothing when a field was wrong.
    pub fn metadata(&mut self) -> Option<CommandMetadata> {
        let key = IdempotencyKey::parse(&self.key);
        let key = self.parsed(&["input", KEY], key)?;
        self.problems.is_empty().then(|| CommandMetadata {
            mutation: self.mutation,
            key,
            input: std::mem::take(&mut self.canonical),
            expected: self.expected.take(),
            channel: Channel::GraphQl,
            now: self.request_context.now,
        })
    }

    /// The answer to an input with problems.
    pub fn refused<T>(self) -> Answer<T> {
        Answer {
            client_mutation_id: ID(self.key),
            position: None,
            replayed: false,
            problems: self.problems,
            entity: None,
        }
    }

    /// The answer to a command: what `entity` finds once it is done, or why it had no effect.
    pub async fn answer<T>(
        self,
        outcome: Result<CommandOutcome, Failed>,
        entity: impl FnOnce(&Arc<Reader>, CommandOutcome) -> Result<Option<T>, Fault>,
    ) -> async_graphql::Result<Answer<T>> {
        match outcome {
            Ok(outcome) => self.completed(outcome, entity).await,
            Err(Failed::Problem(problem)) => Ok(self.because(&problem, None)),
            Err(Failed::Fault(fault)) => Err(fault.into()),
        }
    }

    /// The same for a command to a thread: a conflict then says the version now.
    pub async fn answer_on<T>(
        self,
        thread: ThreadId,
        outcome: Result<CommandOutcome, Failed>,
        entity: impl FnOnce(&Arc<Reader>, CommandOutcome) -> Result<Option<T>, Fault>,
    ) -> async_graphql::Result<Answer<T>> {
        match outcome {
            Err(Failed::Problem(problem @ Answered::VersionConflict)) => {
                let reader = self.request_context.reader(None).await?;
                let current = match reader.thread(thread)? {
                    Some(view) => Some(reader.version(&view)?.into()),
                    None => None,
                };
                Ok(self.because(&problem, current))
            }
            Ok(_) | Err(Failed::Problem(_) | Failed::Fault(_)) => self.answer(outcome, entity).await,
        }
    }

    /// The same, with the thread as it is now.
    pub async fn thread(
        self,
        thread: ThreadId,
        outcome: Result<CommandOutcome, Failed>,
    ) -> async_graphql::Result<Answer<Consultation>> {
        let entity = |reader: &Arc<Reader>, _| Ok(reader.thread(thread)?.map(|view| Consultation::of(reader, view)));
        self.answer_on(thread, outcome, entity).await
    }

    async fn completed<T>(
        self,
        outcome: CommandOutcome,
        entity: impl FnOnce(&Arc<Reader>, CommandOutcome) -> Result<Option<T>, Fault>,
    ) -> async_graphql::Result<Answer<T>> {
        let reader = self.request_context.reader(outcome.position).await?;
        Ok(Answer {
            client_mutation_id: ID(self.key),
            position: Some(self.request_context.token(outcome.position)?.into()),
            replayed: outcome.replayed,
            problems: Vec::new(),
            entity: entity(&reader, outcome)?,
        })
    }

    fn because<T>(mut self, problem: &Answered, current: Option<super::scalars::Version>) -> Answer<T> {
        self.problems = problem::answered(problem, current);
        self.refused()
    }
}

/// JSON with sorted keys and without nulls, whatever order a client wrote its fields in.
fn write_canonical(value: &Value, out: &mut Vec<u8>) {
    match value {
        Value::Object(fields) => {
            let mut fields: Vec<(&Name, &Value)> = fields.iter().filter(|(_, value)| **value != Value::Null).collect();
            fields.sort_unstable_by_key(|(name, _)| *name);
            write_joined((b'{', b'}'), fields, out, |(name, value), out| {
                write_canonical(&Value::String(name.to_string()), out);
                out.push(b':');
                write_canonical(value, out);
            });
        }
        Value::List(items) => write_joined((b'[', b']'), items, out, write_canonical),
        Value::Enum(name) => write_canonical(&Value::String(name.to_string()), out),
        Value::Null | Value::Number(_) | Value::String(_) | Value::Boolean(_) | Value::Binary(_) => {
            // These print as JSON does.
            out.extend_from_slice(value.to_string().as_bytes());
        }
    }
}

fn write_joined<T>(
    (open, close): (u8, u8),
    items: impl IntoIterator<Item = T>,
    out: &mut Vec<u8>,
    write: impl Fn(T, &mut Vec<u8>),
) {
    out.push(open);
    for (index, item) in items.into_iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        write(item, out);
    }
    out.push(close);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn canonical(written: &str) -> String {
        // Read by the executor's own reader, which keeps the order of the fields.
        let value: Value = serde_json::from_str(written).expect("a value");
        let mut out = Vec::new();
        write_canonical(&value, &mut out);
        String::from_utf8(out).expect("text")
    }

    #[test]
    fn the_same_input_has_one_canonical_form() {
        let one = canonical(r#"{"b":[1,true,null],"a":"x\"y\n","c":null,"d":{"z":1,"y":"é"}}"#);
        let other = canonical(r#"{"d":{"y":"é","z":1},"a":"x\"y\n","b":[1,true,null]}"#);
        assert_eq!(one, other);
        assert_eq!(one, r#"{"a":"x\"y\n","b":[1,true,null],"d":{"y":"é","z":1}}"#);
    }
}
