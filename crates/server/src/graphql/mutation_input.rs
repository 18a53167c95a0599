//! A mutation: its input is read by [`inputs`], its command carried out by the application, and its
//! payload shows what the command did, or why it had no effect.

use std::sync::Arc;

use async_graphql::Context;
use care::command_name::Command;
use care::event::Addressed;
use care::ids::{Id, PatientId, ThreadId};
use coordination::CommandOutcome;
use coordination::fault::{Failed, Fault, Problem as Answered, Refusal};
use coordination::reader::Reader;

use super::inputs::{self, CommandInput, Prepared, Sender};
use super::patient::Patient;
use super::payload::Answer;
use super::problem;
use super::scalars::Version;
use crate::session::RequestContext;

/// Carries out the command of an input. `target` is none for a command that creates its target.
/// `entity` finds what the payload shows, once the command is done.
pub(super) async fn mutate<I, T>(
    context: &Context<'_>,
    target: Option<<I::Target as Addressed>::Id>,
    input: &I,
    entity: impl FnOnce(&Arc<Reader>, CommandOutcome<<I::Target as Addressed>::Id>) -> Result<Option<T>, Fault>,
) -> async_graphql::Result<Answer<T>>
where
    I: CommandInput,
    Refusal: From<<I::Target as care::aggregate::Aggregate>::Refusal>,
{
    let request = RequestContext::of(context)?;
    let answer = |problems| Answer {
        client_mutation_id: input.key().clone(),
        position: None,
        replayed: false,
        problems,
        entity: None,
    };
    let sender = Sender { identity: request.identity, channel: request.channel, now: request.now };
    let Prepared { context, command } = match inputs::prepare(input, sender) {
        Ok(prepared) => prepared,
        Err(problems) => return Ok(answer(problems)),
    };
    match request.application.execute::<I::Target>(&context, target, &command).await {
        Ok(outcome) => {
            let reader = request.reader(outcome.position).await?;
            Ok(Answer {
                position: Some(request.token(outcome.position)?.into()),
                replayed: outcome.replayed,
                entity: entity(&reader, outcome)?,
                ..answer(Vec::new())
            })
        }
        Err(Failed::Problem(problem)) => {
            let current = match (&problem, target) {
                (Answered::VersionConflict, Some(target)) => version_now(request, target.uuid()).await?,
                _ => None,
            };
            Ok(answer(problem::answered(&problem, command.name(), current)))
        }
        Err(Failed::Fault(fault)) => Err(fault.into()),
    }
}

/// The version of a thread now, for a sender who relied on another one. Only threads have versions.
async fn version_now(request: &RequestContext, target: uuid::Uuid) -> Result<Option<Version>, Fault> {
    let reader = request.reader(None).await?;
    let view = reader.thread(ThreadId::from_uuid(target))?;
    view.map(|view| Ok(reader.version(&view)?.into())).transpose()
}

/// The patient whom a command was about, as they are registered now.
pub(super) fn patient(reader: &Arc<Reader>, outcome: CommandOutcome<PatientId>) -> Result<Option<Patient>, Fault> {
    Ok(reader.patient(outcome.target)?.map(|view| Patient::of(reader, view)))
}
