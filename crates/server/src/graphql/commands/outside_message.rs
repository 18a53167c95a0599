//! Commands of messages from outside: to send one, which tells the sender nothing, and to find out whom it is about.

use std::sync::Arc;

use async_graphql::{Context, ID, Object, Result};
use care::event::Stream;
use care::ids::OutsideMessageId;
use care::outside_message::OutsideMessageCommand;
use coordination::CommandOutcome;
use coordination::fault::{Failed, Fault};
use coordination::reader::Reader;

use crate::graphql::id::decode_id;
use crate::graphql::inputs::outside_message::{
    AskToHelpInput, AttachOutsideMessageInput, ClaimOutsideMessageInput, CloseOutsideMessageInput,
    MatchOutsideMessageInput, TellTeamInput,
};
use crate::graphql::inputs::{self, Prepared, Sender};
use crate::graphql::mutation_input::{add_what_is_possible, mutate};
use crate::graphql::outside_message::OutsideMessage;
use crate::graphql::payload::{Answer, payload};
use crate::graphql::problem::{self, Asked};
use crate::session::RequestContext;

payload! {
    {
        /// The id of the organization to which it was sent. Null if the command had no effect.
        organization_id: ID
    }
    /// The result of `askToHelp`. It is the same whether or not there is such a patient.
    AskToHelpPayload
    /// The result of `tellTeam`. It is the same whether or not there is such a patient.
    TellTeamPayload
}

payload! {
    {
        /// The message as it is now. Null if there is none that you may see.
        outside_message: OutsideMessage
    }
    /// The result of `claimOutsideMessage`.
    ClaimOutsideMessagePayload
    /// The result of `matchOutsideMessage`.
    MatchOutsideMessagePayload
    /// The result of `attachOutsideMessage`.
    AttachOutsideMessagePayload
    /// The result of `closeOutsideMessage`.
    CloseOutsideMessagePayload
}

/// The message that a command was about, as it is now.
fn message(reader: &Arc<Reader>, outcome: CommandOutcome<OutsideMessageId>) -> Result<Option<OutsideMessage>, Fault> {
    Ok(reader.outside_message_after(outcome.target)?.map(|view| OutsideMessage::of(reader, view)))
}

/// Attaches what was told to a thread. The text goes there within the application.
async fn attach(context: &Context<'_>, id: &ID, input: &AttachOutsideMessageInput) -> Result<Answer<OutsideMessage>> {
    let request = RequestContext::of(context)?;
    let answer = |problems, entity| Answer::without_effect(&input.client_mutation_id, problems, entity);
    let Prepared { context, command } = match inputs::prepare(input, Sender::of(request)) {
        Ok(prepared) => prepared,
        Err(problems) => return Ok(answer(problems, None)),
    };
    let asked = Asked::of(&command, Some("outsideMessageId"));
    let OutsideMessageCommand::AttachOutsideMessage(attach) = command else { return Ok(answer(Vec::new(), None)) };
    match request.application.attach_outside_message(&context, decode_id(id), attach.thread).await {
        Ok(outcome) => {
            let position = Some(request.token(outcome.position)?.into());
            let replayed = outcome.replayed;
            let reader = request.reader(outcome.position).await?;
            let entity = message(&reader, outcome)?;
            Ok(Answer { position, replayed, ..answer(Vec::new(), entity) })
        }
        Err(Failed::Problem(problem)) => {
            let mut problems = problem::answered(&problem, &asked, None);
            for problem in &mut problems {
                add_what_is_possible(request, problem, Stream::OutsideMessage(decode_id(id)), None).await?;
            }
            Ok(answer(problems, None))
        }
        Err(Failed::Fault(fault)) => Err(fault.into()),
    }
}

/// The mutations of this file.
#[derive(Default)]
pub struct OutsideMessageCommands;

#[Object]
impl OutsideMessageCommands {
    /// Offer to help a patient whom you name. Staff find out whom you mean, and ask the patient. You get no answer;
    /// if the patient wants your help, you get an invitation. A person can send at most five such messages in a
    /// month.
    async fn ask_to_help(&self, context: &Context<'_>, input: AskToHelpInput) -> Option<Result<AskToHelpPayload>> {
        let to = input.organization_id.clone();
        Some(mutate(context, None, &input, |_, _| Ok(Some(to))).await.map(Into::into))
    }

    /// Tell the team of a patient something. You get no answer. A person can send at most five such messages in a
    /// month.
    async fn tell_team(&self, context: &Context<'_>, input: TellTeamInput) -> Option<Result<TellTeamPayload>> {
        let to = input.organization_id.clone();
        Some(mutate(context, None, &input, |_, _| Ok(Some(to))).await.map(Into::into))
    }

    /// Claim a message from outside, to find out whom it is about. Another member of staff can claim it after you.
    async fn claim_outside_message(
        &self,
        context: &Context<'_>,
        outside_message_id: ID,
        input: ClaimOutsideMessageInput,
    ) -> Option<Result<ClaimOutsideMessagePayload>> {
        Some(mutate(context, Some(decode_id(&outside_message_id)), &input, message).await.map(Into::into))
    }

    /// Say to which patient an offer to help belongs. The patient is asked next: a delegation begins in the state `ASKED`.
    async fn match_outside_message(
        &self,
        context: &Context<'_>,
        outside_message_id: ID,
        input: MatchOutsideMessageInput,
    ) -> Option<Result<MatchOutsideMessagePayload>> {
        Some(mutate(context, Some(decode_id(&outside_message_id)), &input, message).await.map(Into::into))
    }

    /// Attach what was told to a thread about the patient. Everyone who reads messages to the clinical team there
    /// reads it.
    async fn attach_outside_message(
        &self,
        context: &Context<'_>,
        outside_message_id: ID,
        input: AttachOutsideMessageInput,
    ) -> Option<Result<AttachOutsideMessagePayload>> {
        Some(attach(context, &outside_message_id, &input).await.map(Into::into))
    }

    /// Close a message from outside without effect.
    async fn close_outside_message(
        &self,
        context: &Context<'_>,
        outside_message_id: ID,
        input: CloseOutsideMessageInput,
    ) -> Option<Result<CloseOutsideMessagePayload>> {
        Some(mutate(context, Some(decode_id(&outside_message_id)), &input, message).await.map(Into::into))
    }
}
