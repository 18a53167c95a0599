//! A mutation: its input is read by [`inputs`], and its payload shows what the command did, or
//! why it had no effect.

use std::sync::Arc;

use async_graphql::{Context, ID};
use care::ids::ThreadId;
use care::words::Channel;
use coordination::fault::{Failed, Fault, Problem as Answered};
use coordination::reader::Reader;
use coordination::{CommandMetadata, CommandOutcome};

use super::consultation::Consultation;
use super::inputs::{self, CommandInput};
use super::payload::Answer;
use super::problem::{self, Problem};
use crate::session::RequestContext;

/// A mutation on its way from its input to its payload.
pub(super) struct MutationInput {
    request_context: Arc<RequestContext>,
    key: ID,
    problems: Vec<Problem>,
}

impl MutationInput {
    /// Begins a mutation with the key of its input.
    pub fn open(context: &Context<'_>, input: &impl CommandInput) -> async_graphql::Result<Self> {
        let request_context = Arc::clone(RequestContext::of(context)?);
        Ok(Self { request_context, key: input.key().clone(), problems: Vec::new() })
    }

    /// The command that the input says; nothing when a field was wrong.
    pub fn read<I: CommandInput>(&mut self, input: &I) -> Option<(CommandMetadata, I::Command)> {
        let prepared = inputs::prepare(input, Channel::GraphQl, self.request_context.now);
        prepared.map_err(|problems| self.problems = problems).ok()
    }

    /// The request that this is part of.
    pub fn request_context(&self) -> Arc<RequestContext> {
        Arc::clone(&self.request_context)
    }

    /// The answer to an input with problems.
    pub fn refused<T>(self) -> Answer<T> {
        Answer { client_mutation_id: self.key, position: None, replayed: false, problems: self.problems, entity: None }
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
            client_mutation_id: self.key,
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
