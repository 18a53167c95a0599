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
    /// The result of `addParticipant`.
    AddParticipantPayload {
        /// The thread as it is now. Null if there is none that you may see.
        thread: Thread
    }
}

payload! {
    /// The result of `inviteParticipant`.
    InviteParticipantPayload {
        /// The thread as it is now. Null if there is none that you may see.
        thread: Thread
    }
}

payload! {
    /// The result of `acceptInvitation`.
    AcceptInvitationPayload {
        /// The thread as it is now. Null if there is none that you may see.
        thread: Thread
    }
}

payload! {
    /// The result of `declineInvitation`.
    DeclineInvitationPayload {
        /// The thread as it is now. Null if there is none that you may see.
        thread: Thread
    }
}

payload! {
    /// The result of `changeHistoryWindow`.
    ChangeHistoryWindowPayload {
        /// The thread as it is now. Null if there is none that you may see.
        thread: Thread
    }
}

payload! {
    /// The result of `leaveThread`.
    LeaveThreadPayload {
        /// The thread as it is now. Null if there is none that you may see.
        thread: Thread
    }
}

payload! {
    /// The result of `removeParticipant`.
    RemoveParticipantPayload {
        /// The thread as it is now. Null if there is none that you may see.
        thread: Thread
    }
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
    ) -> Result<Option<AddParticipantPayload>> {
        Ok(Some(mutate(context, Some(decode_id(&thread_id)), &input, Thread::after).await?.into()))
    }

    /// Invite a person of another organization to a thread. The invitation ends after fourteen days.
    async fn invite_participant(
        &self,
        context: &Context<'_>,
        thread_id: ID,
        input: InviteParticipantInput,
    ) -> Result<Option<InviteParticipantPayload>> {
        Ok(Some(mutate(context, Some(decode_id(&thread_id)), &input, Thread::after).await?.into()))
    }

    /// Accept an invitation to a thread.
    async fn accept_invitation(
        &self,
        context: &Context<'_>,
        thread_id: ID,
        input: AcceptInvitationInput,
    ) -> Result<Option<AcceptInvitationPayload>> {
        Ok(Some(mutate(context, Some(decode_id(&thread_id)), &input, Thread::after).await?.into()))
    }

    /// Decline an invitation to a thread.
    async fn decline_invitation(
        &self,
        context: &Context<'_>,
        thread_id: ID,
        input: DeclineInvitationInput,
    ) -> Result<Option<DeclineInvitationPayload>> {
        Ok(Some(mutate(context, Some(decode_id(&thread_id)), &input, Thread::after).await?.into()))
    }

    /// Change how much of a thread a participant sees.
    async fn change_history_window(
        &self,
        context: &Context<'_>,
        thread_id: ID,
        input: ChangeHistoryWindowInput,
    ) -> Result<Option<ChangeHistoryWindowPayload>> {
        Ok(Some(mutate(context, Some(decode_id(&thread_id)), &input, Thread::after).await?.into()))
    }

    /// End your own participation in a thread. The owner must transfer the thread first.
    async fn leave_thread(
        &self,
        context: &Context<'_>,
        thread_id: ID,
        input: LeaveThreadInput,
    ) -> Result<Option<LeaveThreadPayload>> {
        Ok(Some(mutate(context, Some(decode_id(&thread_id)), &input, Thread::after).await?.into()))
    }

    /// End the participation, or the invitation, of another person.
    async fn remove_participant(
        &self,
        context: &Context<'_>,
        thread_id: ID,
        input: RemoveParticipantInput,
    ) -> Result<Option<RemoveParticipantPayload>> {
        Ok(Some(mutate(context, Some(decode_id(&thread_id)), &input, Thread::after).await?.into()))
    }
}
