//! Commands to the conversation of a thread: post, mark read, invite, claim.

use std::sync::Arc;

use async_graphql::{Context, ID, InputObject, Object, Result};
use care::ids::ThreadId;
use coordination::commands::NewMessage;
use coordination::reader::Reader;

use crate::graphql::consultation::Consultation;
use crate::graphql::form::Form;
use crate::graphql::id::named;
use crate::graphql::message::{Marks, Message};
use crate::graphql::payload::{AddParticipantPayload, ClaimThreadPayload, MarkThreadReadPayload, PostMessagePayload};
use crate::graphql::scalars::Version;
use crate::graphql::thread::Thread;
use crate::graphql::words::Audience;

#[derive(Default)]
pub struct ConversationCommands;

/// That you take a thread on.
#[derive(InputObject)]
struct ClaimThreadInput {
    /// Your key for this request: a repeat with it is carried out once.
    client_mutation_id: ID,
    /// The version that you rely on.
    expected_version: Version,
}

/// A message to be posted.
#[derive(InputObject)]
struct PostMessageInput {
    /// Your key for this request: a repeat with it is carried out once.
    client_mutation_id: ID,
    /// The version that you rely on, if you do.
    expected_version: Option<Version>,
    /// Who may read it. By default, professionals write to the clinical team and patients to everyone.
    audience: Option<Audience>,
    /// What it says.
    body: String,
}

/// How far you have read.
#[derive(InputObject)]
struct MarkThreadReadInput {
    /// Your key for this request: a repeat with it is carried out once.
    client_mutation_id: ID,
    /// The version that you rely on, if you do.
    expected_version: Option<Version>,
    /// The newest message that you have read.
    message_id: ID,
}

/// Somebody to be taken into a thread.
#[derive(InputObject)]
struct AddParticipantInput {
    /// Your key for this request: a repeat with it is carried out once.
    client_mutation_id: ID,
    /// The version that you rely on, if you do.
    expected_version: Option<Version>,
    /// A member of the patient's care team.
    person_id: ID,
}

#[Object]
impl ConversationCommands {
    /// Take a thread from its pool into your own hands.
    async fn claim_thread(
        &self,
        context: &Context<'_>,
        thread_id: ID,
        input: ClaimThreadInput,
    ) -> Result<ClaimThreadPayload> {
        let mut form = Form::open(context, "claimThread", &input)?;
        let Some(sent) = form.sent() else { return Ok(form.refused().into()) };
        let thread: ThreadId = named(&thread_id);
        let asking = form.asking();
        let done = asking.desk.claim(&asking.identity, &sent, thread).await;
        Ok(form.thread(thread, done).await?.map(Thread::Consultation).into())
    }

    /// Post a message in a thread.
    async fn post_message(
        &self,
        context: &Context<'_>,
        thread_id: ID,
        input: PostMessageInput,
    ) -> Result<PostMessagePayload> {
        let mut form = Form::open(context, "postMessage", &input)?;
        let body = form.body(&["input", "body"], &input.body);
        let (Some(body), Some(sent)) = (body, form.sent()) else { return Ok(form.refused().into()) };
        let thread: ThreadId = named(&thread_id);
        let message = NewMessage { audience: input.audience.map(Into::into), body };
        let asking = form.asking();
        let done = asking.desk.post_message((&asking.identity, &sent), thread, message).await;
        let answer = form.answer_on(thread, done, |reader: &Arc<Reader>, done| {
            let Some(view) = reader.thread(thread)? else { return Ok(None) };
            let row = reader.message(&view, done.command.creates(0))?;
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
        let mut form = Form::open(context, "markThreadRead", &input)?;
        let Some(sent) = form.sent() else { return Ok(form.refused().into()) };
        let thread: ThreadId = named(&thread_id);
        let asking = form.asking();
        let done = asking.desk.mark_read((&asking.identity, &sent), thread, named(&input.message_id)).await;
        Ok(form.thread(thread, done).await?.map(Thread::Consultation).into())
    }

    /// Take a member of the patient's care team into a thread.
    async fn add_participant(
        &self,
        context: &Context<'_>,
        thread_id: ID,
        input: AddParticipantInput,
    ) -> Result<AddParticipantPayload> {
        let mut form = Form::open(context, "addParticipant", &input)?;
        let Some(sent) = form.sent() else { return Ok(form.refused().into()) };
        let thread: ThreadId = named(&thread_id);
        let asking = form.asking();
        let done = asking.desk.add_participant((&asking.identity, &sent), thread, named(&input.person_id)).await;
        Ok(form.thread(thread, done).await?.map(Thread::Consultation).into())
    }
}
