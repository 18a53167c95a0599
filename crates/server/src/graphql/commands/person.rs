//! Commands to persons' records: register, grant and end roles, correct the name.

use std::sync::Arc;

use async_graphql::{Context, ID, Object, Result};
use care::ids::PersonId;
use coordination::CommandOutcome;
use coordination::fault::Fault;
use coordination::reader::Reader;

use crate::graphql::id::{decode_id, encode_id};
use crate::graphql::inputs::person::{
    ConfirmRoleInput, CorrectPersonNameInput, DeclineRoleInput, EndRoleInput, GrantRoleInput, RegisterPersonInput,
};
use crate::graphql::mutation_input::mutate;
use crate::graphql::payload::payload;

#[expect(clippy::unnecessary_wraps, reason = "it has the type of every function that finds an entity")]
fn person(_: &Arc<Reader>, outcome: CommandOutcome<PersonId>) -> Result<Option<ID>, Fault> {
    Ok(Some(encode_id(outcome.target)))
}

payload! {
    /// The result of `registerPerson`.
    RegisterPersonPayload {
        /// The id of the person. Null if the command had no effect.
        person_id: ID
    }
}

payload! {
    {
        /// The person whose role it is. Null if the command had no effect.
        person_id: ID
    }
    /// The result of `grantRole`.
    GrantRolePayload
    /// The result of `confirmRole`.
    ConfirmRolePayload
}

payload! {
    /// The result of `declineRole`.
    DeclineRolePayload {
        /// The person for whom it was proposed. Null if the command had no effect.
        person_id: ID
    }
}

payload! {
    /// The result of `endRole`.
    EndRolePayload {
        /// The person whose role it was. Null if the command had no effect.
        person_id: ID
    }
}

payload! {
    /// The result of `correctPersonName`.
    CorrectPersonNamePayload {
        /// The person whose name it is. Null if the command had no effect.
        person_id: ID
    }
}

/// The mutations of this file.
#[derive(Default)]
pub struct PersonCommands;

#[Object]
impl PersonCommands {
    /// Register a person. A first role is proposed or granted as by `grantRole`.
    async fn register_person(
        &self,
        context: &Context<'_>,
        input: RegisterPersonInput,
    ) -> Option<Result<RegisterPersonPayload>> {
        Some(mutate(context, None, &input, person).await.map(Into::into))
    }

    /// Grant a role at an organization, to another person. Where the organization has another administrator than you and that
    /// person, it is proposed, and takes effect once they confirm it.
    async fn grant_role(
        &self,
        context: &Context<'_>,
        person_id: ID,
        input: GrantRoleInput,
    ) -> Option<Result<GrantRolePayload>> {
        Some(mutate(context, Some(decode_id(&person_id)), &input, person).await.map(Into::into))
    }

    /// Confirm a role that another administrator proposed: it is granted from now on.
    async fn confirm_role(
        &self,
        context: &Context<'_>,
        person_id: ID,
        input: ConfirmRoleInput,
    ) -> Option<Result<ConfirmRolePayload>> {
        Some(mutate(context, Some(decode_id(&person_id)), &input, person).await.map(Into::into))
    }

    /// Decline a proposed role, or take the proposal back.
    async fn decline_role(
        &self,
        context: &Context<'_>,
        person_id: ID,
        input: DeclineRoleInput,
    ) -> Option<Result<DeclineRolePayload>> {
        Some(mutate(context, Some(decode_id(&person_id)), &input, person).await.map(Into::into))
    }

    /// Correct the name that others see of a person.
    async fn correct_person_name(
        &self,
        context: &Context<'_>,
        person_id: ID,
        input: CorrectPersonNameInput,
    ) -> Option<Result<CorrectPersonNamePayload>> {
        Some(mutate(context, Some(decode_id(&person_id)), &input, person).await.map(Into::into))
    }

    /// End a role at an organization now.
    async fn end_role(
        &self,
        context: &Context<'_>,
        person_id: ID,
        input: EndRoleInput,
    ) -> Option<Result<EndRolePayload>> {
        Some(mutate(context, Some(decode_id(&person_id)), &input, person).await.map(Into::into))
    }
}
