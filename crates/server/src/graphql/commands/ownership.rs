//! Commands about who owns a thread and whose turn it is: release, transfer, take over, set or pass the
//! turn, close, open again.

use async_graphql::{Context, ID, Object, Result};

use crate::graphql::id::decode_id;
use crate::graphql::inputs::ownership::{
    CloseThreadInput, PassTurnInput, ReleaseThreadInput, ReopenThreadInput, SetWaitingOnInput, TakeOverThreadInput,
    TransferThreadInput,
};
use crate::graphql::mutation_input::mutate;
use crate::graphql::payload::payload;
use crate::graphql::thread::Thread;

payload! {
    {
        /// The thread as it is now. Null if there is none that you may see.
        thread: Thread
    }
    /// The result of `releaseThread`.
    ReleaseThreadPayload
    /// The result of `transferThread`.
    TransferThreadPayload
    /// The result of `takeOverThread`.
    TakeOverThreadPayload
    /// The result of `setWaitingOn`.
    SetWaitingOnPayload
    /// The result of `passTurn`.
    PassTurnPayload
    /// The result of `closeThread`.
    CloseThreadPayload
    /// The result of `reopenThread`.
    ReopenThreadPayload
}

/// The mutations of this file.
#[derive(Default)]
pub struct OwnershipCommands;

#[Object]
impl OwnershipCommands {
    /// Return a thread that you own to its pool.
    async fn release_thread(
        &self,
        context: &Context<'_>,
        thread_id: ID,
        input: ReleaseThreadInput,
    ) -> Option<Result<ReleaseThreadPayload>> {
        Some(mutate(context, Some(decode_id(&thread_id)), &input, Thread::after).await.map(Into::into))
    }

    /// Make another pool or person the owner of a thread.
    async fn transfer_thread(
        &self,
        context: &Context<'_>,
        thread_id: ID,
        input: TransferThreadInput,
    ) -> Option<Result<TransferThreadPayload>> {
        Some(mutate(context, Some(decode_id(&thread_id)), &input, Thread::after).await.map(Into::into))
    }

    /// Make yourself the owner of a thread whose owner can no longer act, or is late.
    async fn take_over_thread(
        &self,
        context: &Context<'_>,
        thread_id: ID,
        input: TakeOverThreadInput,
    ) -> Option<Result<TakeOverThreadPayload>> {
        Some(mutate(context, Some(decode_id(&thread_id)), &input, Thread::after).await.map(Into::into))
    }

    /// Set whom a thread waits for, if its kind does not derive it.
    async fn set_waiting_on(
        &self,
        context: &Context<'_>,
        thread_id: ID,
        input: SetWaitingOnInput,
    ) -> Option<Result<SetWaitingOnPayload>> {
        Some(mutate(context, Some(decode_id(&thread_id)), &input, Thread::after).await.map(Into::into))
    }

    /// Pass the turn on to another party, after you were asked to decide whose turn it is.
    async fn pass_turn(
        &self,
        context: &Context<'_>,
        thread_id: ID,
        input: PassTurnInput,
    ) -> Option<Result<PassTurnPayload>> {
        Some(mutate(context, Some(decode_id(&thread_id)), &input, Thread::after).await.map(Into::into))
    }

    /// Close a thread, with its outcome in words.
    async fn close_thread(
        &self,
        context: &Context<'_>,
        thread_id: ID,
        input: CloseThreadInput,
    ) -> Option<Result<CloseThreadPayload>> {
        Some(mutate(context, Some(decode_id(&thread_id)), &input, Thread::after).await.map(Into::into))
    }

    /// Open a closed thread again, and set whom it waits for.
    async fn reopen_thread(
        &self,
        context: &Context<'_>,
        thread_id: ID,
        input: ReopenThreadInput,
    ) -> Option<Result<ReopenThreadPayload>> {
        Some(mutate(context, Some(decode_id(&thread_id)), &input, Thread::after).await.map(Into::into))
    }
}
