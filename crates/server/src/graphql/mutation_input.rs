//! A mutation: its input is read by [`inputs`], its command carried out by the application, and its
//! payload shows what the command did, or why it had no effect.

use std::sync::Arc;

use async_graphql::Context;
use async_graphql::parser::types::Field;
use care::command_name::{Command as _, CommandName, Named};
use care::conversation::Close;
use care::event::{Addressed, Stream};
use care::ids::{DirectiveId, PatientId, ThreadId};
use coordination::fault::{Failed, Fault, Problem as Answered, Refusal};
use coordination::reader::Reader;
use coordination::{CommandContext, CommandOutcome};
use policy::words::Action;

use super::inputs::{self, CommandInput, CommandOf, Prepared, Sender};
use super::mutation_name::{closing, mutation_of};
use super::patient::Patient;
use super::payload::Answer;
use super::problem::{self, Asked, NotPermittedProblem, Problem};
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
    mutate_with(context, target, input, |_, command| Ok(command), entity).await
}

/// The same for a command that `complete` gives something that follows from its id, and that no sender chooses.
pub(super) async fn mutate_with<I, T>(
    context: &Context<'_>,
    target: Option<<I::Target as Addressed>::Id>,
    input: &I,
    complete: impl FnOnce(&CommandContext, CommandOf<I>) -> Result<CommandOf<I>, Fault>,
    entity: impl FnOnce(&Arc<Reader>, CommandOutcome<<I::Target as Addressed>::Id>) -> Result<Option<T>, Fault>,
) -> async_graphql::Result<Answer<T>>
where
    I: CommandInput,
    Refusal: From<<I::Target as care::aggregate::Aggregate>::Refusal>,
{
    let request = RequestContext::of(context)?;
    let field = &context.item.node;
    let answer = |problems| Answer::without_effect(input.key(), problems, None);
    let Prepared { context, command } = match inputs::prepare(input, Sender::of(request)) {
        Ok(prepared) => prepared,
        Err(problems) => return Ok(answer(problems)),
    };
    let command = complete(&context, command)?;
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
            let asked = Asked::of(&command, target_argument(field));
            let current = match (&problem, target) {
                (Answered::VersionConflict, Some(target)) => {
                    version_now(request, <I::Target as Addressed>::stream(target)).await?
                }
                _ => None,
            };
            let mut problems = problem::answered(&problem, &asked, current);
            for problem in &mut problems {
                if let Problem::NotPermitted(refused) = problem {
                    let target = target.map(<I::Target as Addressed>::stream);
                    add_who_may(request, refused, command.name(), target).await?;
                }
                if let Some(target) = target.map(<I::Target as Addressed>::stream) {
                    add_what_is_possible(request, problem, target, input.directive()).await?;
                }
            }
            Ok(answer(problems))
        }
        Err(Failed::Fault(fault)) => Err(fault.into()),
    }
}

/// The version of the target now, for a sender who relied on another one. Threads and patients have versions; `saveDraft`
/// answers with the draft itself.
async fn version_now(request: &RequestContext, target: Stream) -> Result<Option<Version>, Fault> {
    let reader = request.reader(None).await?;
    match target {
        Stream::Thread(thread) => {
            let view = reader.thread(thread)?;
            view.map(|view| Ok(reader.version(&view)?.into())).transpose()
        }
        Stream::Patient(patient) => {
            let view = reader.patient(patient)?;
            view.map(|view| Ok(reader.patient_version(&view)?.into())).transpose()
        }
        Stream::Organization(_)
        | Stream::Person(_)
        | Stream::CareTeam(_)
        | Stream::Directives(_)
        | Stream::Delegation(_)
        | Stream::LegalAuthority(_)
        | Stream::OutsideMessage(_)
        | Stream::Drafts(_)
        | Stream::Policy(_) => Ok(None),
    }
}

/// The argument of a mutation that has the id of its target: the one beside the input.
fn target_argument(field: &Field) -> Option<&str> {
    field.arguments.iter().map(|(name, _)| name.node.as_str()).find(|name| *name != "input")
}

/// Says of a command that is not permitted whom the policy permits it. For a thread this depends on its kind, so it is
/// said to who sees the thread.
async fn add_who_may(
    request: &RequestContext,
    refused: &mut NotPermittedProblem,
    command: CommandName,
    target: Option<Stream>,
) -> Result<(), Fault> {
    let reader = request.reader(None).await?;
    let kind = if let Some(Stream::Thread(thread)) = target {
        let Some(view) = reader.thread(thread)? else { return Ok(()) };
        Some(view.kind)
    } else {
        // A command that opens a thread is of one kind, and every other one is of none.
        Action::Command(command).kinds().first().copied()
    };
    refused.permit(reader.who_may(command, kind));
    Ok(())
}

/// Says of a problem what the sender can do instead, as far as they may know of what the command was aimed at. A directive
/// has no stream of its own.
pub(super) async fn add_what_is_possible(
    request: &RequestContext,
    problem: &mut Problem,
    target: Stream,
    directive: Option<DirectiveId>,
) -> Result<(), Fault> {
    if let Stream::Thread(thread) = target {
        return add_what_is_possible_in_thread(request, problem, thread).await;
    }
    let Problem::State(state) = problem else { return Ok(()) };
    let reader = request.reader(None).await?;
    let possible = match (target, directive) {
        (Stream::Delegation(delegation), _) => reader.possible_in_delegation(delegation)?,
        (Stream::LegalAuthority(authority), _) => reader.possible_in_authority(authority)?,
        (Stream::OutsideMessage(message), _) => reader.possible_in_outside_message(message)?,
        (Stream::Directives(patient), Some(directive)) => reader.possible_in_directive(patient, directive)?,
        (
            Stream::Directives(_)
            | Stream::Thread(_)
            | Stream::Organization(_)
            | Stream::Person(_)
            | Stream::Patient(_)
            | Stream::CareTeam(_)
            | Stream::Drafts(_)
            | Stream::Policy(_),
            _,
        ) => return Ok(()),
    };
    state.follow_with(None, possible);
    Ok(())
}

/// Says of a problem what is possible instead, if the sender sees the thread: what the state allows, or by which command
/// a thread of this kind is closed.
async fn add_what_is_possible_in_thread(
    request: &RequestContext,
    problem: &mut Problem,
    thread: ThreadId,
) -> Result<(), Fault> {
    let seen = async || {
        let reader = request.reader(None).await?;
        let view = reader.thread(thread)?;
        Ok::<_, Fault>(view.map(|view| (reader, view)))
    };
    if let Problem::State(state) = problem {
        if let Some((reader, view)) = seen().await? {
            let awaited = view.waiting_on.as_ref().map(|waiting| waiting.action);
            state.follow_with(awaited, reader.possible(&view)?);
        }
    } else if let Problem::NotPermitted(refused) = problem
        && refused.is_about(Close::NAME)
        && let Some((_, view)) = seen().await?
    {
        let kind = view.kind;
        let closing = closing(kind);
        if let Some(mutation) = mutation_of(closing).filter(|_| closing != Close::NAME) {
            refused.follow_with(kind, mutation);
        }
    }
    Ok(())
}

/// The patient whom a command was about, as they are registered now.
pub(super) fn patient(reader: &Arc<Reader>, outcome: CommandOutcome<PatientId>) -> Result<Option<Patient>, Fault> {
    Ok(reader.patient_after(outcome.target)?.map(|view| Patient::of(reader, view)))
}
