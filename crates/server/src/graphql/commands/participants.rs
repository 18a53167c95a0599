//! Commands about who takes part in a thread: add, invite, accept, decline, change the history, leave,
//! remove.

use async_graphql::{Context, ID, Object, Result};

use crate::graphql::id::decode_id;
use crate::graphql::inputs::participants::{
    AcceptInvitationInput, AddParticipantInput, ChangeHistoryWindowInput, DeclineInvitationInput,
    InviteParticipantInput, LeaveThreadInput, RemoveParticipantInput,
};
use crate::graphql::mutation_input::mutate;
use crate::graphql::payload::payload;
use crate::graphql::thread::Thread;

payload! {
    {
        /// The thread as it is now. Null if there is none that you may see.
        thread: Thread
    }
    /// The result of `addParticipant`.
    AddParticipantPayload
    /// The result of `inviteParticipant`.
    InviteParticipantPayload
    /// The result of `acceptInvitation`.
    AcceptInvitationPayload
    /// The result of `declineInvitation`.
    DeclineInvitationPayload
    /// The result of `changeHistoryWindow`.
    ChangeHistoryWindowPayload
    /// The result of `leaveThread`.
    LeaveThreadPayload
    /// The result of `removeParticipant`.
    RemoveParticipantPayload
}

/// The mutations of this file.
#[derive(Default)]
pub struct ParticipantCommands;

#[Object]
impl ParticipantCommands {
    /// Add a person of an organization that takes part in a thread, or a member of the patient's care team.
    async fn add_participant(
        &self,
        context: &Context<'_>,
        thread_id: ID,
        input: AddParticipantInput,
    ) -> Option<Result<AddParticipantPayload>> {
        Some(mutate(context, Some(decode_id(&thread_id)), &input, Thread::after).await.map(Into::into))
    }

    /// Invite a person of another organization to a thread. The invitation ends after fourteen days.
    async fn invite_participant(
        &self,
        context: &Context<'_>,
        thread_id: ID,
        input: InviteParticipantInput,
    ) -> Option<Result<InviteParticipantPayload>> {
        Some(mutate(context, Some(decode_id(&thread_id)), &input, Thread::after).await.map(Into::into))
    }

    /// Accept an invitation to a thread.
    async fn accept_invitation(
        &self,
        context: &Context<'_>,
        thread_id: ID,
        input: AcceptInvitationInput,
    ) -> Option<Result<AcceptInvitationPayload>> {
        Some(mutate(context, Some(decode_id(&thread_id)), &input, Thread::after).await.map(Into::into))
    }

    /// Decline an invitation to a thread.
    async fn decline_invitation(
        &self,
        context: &Context<'_>,
        thread_id: ID,
        input: DeclineInvitationInput,
    ) -> Option<Result<DeclineInvitationPayload>> {
        Some(mutate(context, Some(decode_id(&thread_id)), &input, Thread::after).await.map(Into::into))
    }

    /// Change how much of a thread a participant sees.
    async fn change_history_window(
        &self,
        context: &Context<'_>,
        thread_id: ID,
        input: ChangeHistoryWindowInput,
    ) -> Option<Result<ChangeHistoryWindowPayload>> {
        Some(mutate(context, Some(decode_id(&thread_id)), &input, Thread::after).await.map(Into::into))
    }

    /// End your own participation in a thread. The owner must transfer the thread first.
    async fn leave_thread(
        &self,
        context: &Context<'_>,
        thread_id: ID,
        input: LeaveThreadInput,
    ) -> Option<Result<LeaveThreadPayload>> {
        Some(mutate(context, Some(decode_id(&thread_id)), &input, Thread::after).await.map(Into::into))
    }

    /// End the participation, or the invitation, of another person.
    async fn remove_participant(
        &self,
        context: &Context<'_>,
        thread_id: ID,
        input: RemoveParticipantInput,
    ) -> Option<Result<RemoveParticipantPayload>> {
        Some(mutate(context, Some(decode_id(&thread_id)), &input, Thread::after).await.map(Into::into))
    }
}
