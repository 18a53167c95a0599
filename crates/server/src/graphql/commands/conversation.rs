//! Commands to the conversation of a thread: claim, post, mark read.

use std::sync::Arc;

use async_graphql::{Context, ID, Object, Result, SimpleObject};
use care::ids::ThreadId;
use coordination::CommandOutcome;
use coordination::reader::Reader;

use crate::graphql::id::decode_id;
use crate::graphql::inputs::conversation::{
    ClaimThreadInput, HideThreadFromDelegatesInput, MarkThreadReadInput, PostMessageInput, PutThreadAwayInput,
    ShowThreadToDelegatesInput,
};
use crate::graphql::message::{Message, Receipts};
use crate::graphql::mutation_input::mutate;
use crate::graphql::payload::{Answer, payload};
use crate::graphql::problem::Problem;
use crate::graphql::scalars::Position;
use crate::graphql::thread::Thread;
use crate::session::RequestContext;

payload! {
    {
        /// The thread as it is now. Null if there is none that you may see.
        thread: Thread
    }
    /// The result of `claimThread`.
    ClaimThreadPayload
    /// The result of `putThreadAway`.
    PutThreadAwayPayload
    /// The result of `hideThreadFromDelegates`.
    HideThreadFromDelegatesPayload
    /// The result of `showThreadToDelegates`.
    ShowThreadToDelegatesPayload
    /// The result of `markThreadRead`.
    MarkThreadReadPayload
}

/// The result of `postMessage`.
#[derive(SimpleObject)]
pub struct PostMessagePayload {
    /// The key that you sent.
    pub client_mutation_id: ID,
    /// The position to send in the header `x-read-after` to see the effect. Null if the command had none.
    pub position: Option<Position>,
    /// Whether the command had been carried out before under this key: then it had no further effect.
    pub replayed: bool,
    /// Why the command had no effect. Empty if it had one.
    pub problems: Vec<Problem>,
    /// The thread as it is now. Null if there is none that you may see.
    pub thread: Option<Thread>,
    /// The message. Null if you may not read it.
    pub message: Option<Message>,
}

/// A message with its thread, as its author sees them.
struct PostedMessage {
    thread: Thread,
    message: Option<Message>,
}

impl From<Answer<PostedMessage>> for PostMessagePayload {
    fn from(answer: Answer<PostedMessage>) -> Self {
        let Answer { client_mutation_id, position, replayed, problems, entity } = answer;
        let (thread, message) = entity.map_or((None, None), |posted| (Some(posted.thread), posted.message));
        Self { client_mutation_id, position, replayed, problems, thread, message }
    }
}

/// Who reads a message of the sender if they do not say it; none if they have to. Of a thread that is not found, the
/// command says so.
async fn default_audience(context: &Context<'_>, thread: ThreadId) -> Result<Option<care::words::Audience>> {
    let reader = RequestContext::of(context)?.reader(None).await?;
    let view = reader.thread(thread)?;
    Ok(view.map_or(Some(care::words::Audience::Everyone), |view| reader.default_audience(&view)))
}

/// The mutations of this file.
#[derive(Default)]
pub struct ConversationCommands;

#[Object]
impl ConversationCommands {
    /// Claim a thread from its pool. You own it from then on.
    async fn claim_thread(
        &self,
        context: &Context<'_>,
        thread_id: ID,
        input: ClaimThreadInput,
    ) -> Option<Result<ClaimThreadPayload>> {
        Some(mutate(context, Some(decode_id(&thread_id)), &input, Thread::after).await.map(Into::into))
    }

    /// Post a message in a thread.
    async fn post_message(
        &self,
        context: &Context<'_>,
        thread_id: ID,
        mut input: PostMessageInput,
    ) -> Option<Result<PostMessagePayload>> {
        let thread_id: ThreadId = decode_id(&thread_id);
        if input.audience.is_none() {
            match default_audience(context, thread_id).await {
                Ok(audience) => input.default_audience = audience.map(Into::into),
                Err(error) => return Some(Err(error)),
            }
        }
        let posted = |reader: &Arc<Reader>, outcome: CommandOutcome<ThreadId>| {
            let Some(view) = reader.thread(outcome.target)? else { return Ok(None) };
            let row = reader.message(&view, outcome.command.creates(0))?;
            let receipts = Receipts::of(reader, &view)?;
            let message = row.map(|row| Message::of(reader, &view, &receipts, row)).transpose()?;
            Ok(Some(PostedMessage { thread: Thread::of(reader, view), message }))
        };
        Some(mutate(context, Some(thread_id), &input, posted).await.map(Into::into))
    }

    /// Put a thread away from your inbox until something new arrives for you, or take it back. Nobody else notices it.
    async fn put_thread_away(
        &self,
        context: &Context<'_>,
        thread_id: ID,
        input: PutThreadAwayInput,
    ) -> Option<Result<PutThreadAwayPayload>> {
        Some(mutate(context, Some(decode_id(&thread_id)), &input, Thread::after).await.map(Into::into))
    }

    /// Hide a thread from those who help the patient. For them it is not there, and they are not told.
    async fn hide_thread_from_delegates(
        &self,
        context: &Context<'_>,
        thread_id: ID,
        input: HideThreadFromDelegatesInput,
    ) -> Option<Result<HideThreadFromDelegatesPayload>> {
        Some(mutate(context, Some(decode_id(&thread_id)), &input, Thread::after).await.map(Into::into))
    }

    /// Show a hidden thread again to those who help you, each within their scope.
    async fn show_thread_to_delegates(
        &self,
        context: &Context<'_>,
        thread_id: ID,
        input: ShowThreadToDelegatesInput,
    ) -> Option<Result<ShowThreadToDelegatesPayload>> {
        Some(mutate(context, Some(decode_id(&thread_id)), &input, Thread::after).await.map(Into::into))
    }

    /// Record how far you have read.
    async fn mark_thread_read(
        &self,
        context: &Context<'_>,
        thread_id: ID,
        input: MarkThreadReadInput,
    ) -> Option<Result<MarkThreadReadPayload>> {
        Some(mutate(context, Some(decode_id(&thread_id)), &input, Thread::after).await.map(Into::into))
    }
}
