//! Commands to the conversation of a thread: post, mark read, invite, claim.

use std::sync::Arc;

use async_graphql::{Context, ID, Object, Result};
use care::ids::ThreadId;
use coordination::reader::Reader;

use crate::graphql::consultation::Consultation;
use crate::graphql::id::decode_id;
use crate::graphql::inputs::conversation::{
    AddParticipantInput, ClaimThreadInput, MarkThreadReadInput, PostMessageInput,
};
use crate::graphql::message::{Marks, Message};
use crate::graphql::mutation_input::MutationInput;
use crate::graphql::payload::{AddParticipantPayload, ClaimThreadPayload, MarkThreadReadPayload, PostMessagePayload};
use crate::graphql::thread::Thread;

#[derive(Default)]
pub struct ConversationCommands;

#[Object]
impl ConversationCommands {
    /// Take a thread from its pool into your own hands.
    async fn claim_thread(
        &self,
        context: &Context<'_>,
        thread_id: ID,
        input: ClaimThreadInput,
    ) -> Result<ClaimThreadPayload> {
        let mut mutation = MutationInput::open(context, &input)?;
        let Some((metadata, ())) = mutation.read(&input) else { return Ok(mutation.refused().into()) };
        let thread: ThreadId = decode_id(&thread_id);
        let request_context = mutation.request_context();
        let outcome = request_context.application.claim(&request_context.identity, &metadata, thread).await;
        Ok(mutation.thread(thread, outcome).await?.map(Thread::Consultation).into())
    }

    /// Post a message in a thread.
    async fn post_message(
        &self,
        context: &Context<'_>,
        thread_id: ID,
        input: PostMessageInput,
    ) -> Result<PostMessagePayload> {
        let mut mutation = MutationInput::open(context, &input)?;
        let Some((metadata, message)) = mutation.read(&input) else { return Ok(mutation.refused().into()) };
        let thread: ThreadId = decode_id(&thread_id);
        let request_context = mutation.request_context();
        let outcome =
            request_context.application.post_message((&request_context.identity, &metadata), thread, message).await;
        let answer = mutation.answer_on(thread, outcome, |reader: &Arc<Reader>, outcome| {
            let Some(view) = reader.thread(thread)? else { return Ok(None) };
            let row = reader.message(&view, outcome.command.creates(0))?;
            let marks = Marks::of(reader, &view)?;
            let message = row.map(|row| Message::of((reader, &view), &marks, row)).transpose()?;
            Ok(Some((Thread::Consultation(Consultation::of(reader, view)), message)))
        });
        Ok(answer.await?.into())
    }

    /// Note how far you have read.
    async fn mark_thread_read(
        &self,
        context: &Context<'_>,
        thread_id: ID,
        input: MarkThreadReadInput,
    ) -> Result<MarkThreadReadPayload> {
        let mut mutation = MutationInput::open(context, &input)?;
        let Some((metadata, message)) = mutation.read(&input) else { return Ok(mutation.refused().into()) };
        let thread: ThreadId = decode_id(&thread_id);
        let request_context = mutation.request_context();
        let outcome =
            request_context.application.mark_read((&request_context.identity, &metadata), thread, message).await;
        Ok(mutation.thread(thread, outcome).await?.map(Thread::Consultation).into())
    }

    /// Take a member of the patient's care team into a thread.
    async fn add_participant(
        &self,
        context: &Context<'_>,
        thread_id: ID,
        input: AddParticipantInput,
    ) -> Result<AddParticipantPayload> {
        let mut mutation = MutationInput::open(context, &input)?;
        let Some((metadata, person)) = mutation.read(&input) else { return Ok(mutation.refused().into()) };
        let thread: ThreadId = decode_id(&thread_id);
        let request_context = mutation.request_context();
        let outcome =
            request_context.application.add_participant((&request_context.identity, &metadata), thread, person).await;
        Ok(mutation.thread(thread, outcome).await?.map(Thread::Consultation).into())
    }
}
