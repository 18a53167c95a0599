//! Commands to persons' records: register, grant and end roles.

use async_graphql::{Context, ID, Object, Result};
use care::ids::PersonId;

use crate::graphql::id::{decode_id, encode_id};
use crate::graphql::inputs::person::{EndRoleInput, GrantRoleInput, RegisterPersonInput};
use crate::graphql::mutation_input::MutationInput;
use crate::graphql::payload::{EndRolePayload, GrantRolePayload, RegisterPersonPayload};

#[derive(Default)]
pub struct PersonCommands;

#[Object]
impl PersonCommands {
    /// Put a person on record.
    async fn register_person(
        &self,
        context: &Context<'_>,
        input: RegisterPersonInput,
    ) -> Result<RegisterPersonPayload> {
        let mut mutation = MutationInput::open(context, &input)?;
        let Some((metadata, person)) = mutation.read(&input) else { return Ok(mutation.refused().into()) };
        let request_context = mutation.request_context();
        let outcome = request_context.application.register_person(&request_context.identity, &metadata, person).await;
        let answer = mutation.answer(outcome, |_, outcome| Ok(Some(encode_id::<PersonId>(outcome.command.creates(0)))));
        Ok(answer.await?.into())
    }

    /// Grant a role at an organization.
    async fn grant_role(
        &self,
        context: &Context<'_>,
        person_id: ID,
        input: GrantRoleInput,
    ) -> Result<GrantRolePayload> {
        let mut mutation = MutationInput::open(context, &input)?;
        let Some((metadata, (role, until))) = mutation.read(&input) else { return Ok(mutation.refused().into()) };
        let person: PersonId = decode_id(&person_id);
        let request_context = mutation.request_context();
        let outcome =
            request_context.application.grant_role((&request_context.identity, &metadata), person, role, until).await;
        Ok(mutation.answer(outcome, |_, _| Ok(Some(encode_id(person)))).await?.into())
    }

    /// End a role at an organization now.
    async fn end_role(&self, context: &Context<'_>, person_id: ID, input: EndRoleInput) -> Result<EndRolePayload> {
        let mut mutation = MutationInput::open(context, &input)?;
        let Some((metadata, role)) = mutation.read(&input) else { return Ok(mutation.refused().into()) };
        let person: PersonId = decode_id(&person_id);
        let request_context = mutation.request_context();
        let outcome = request_context.application.end_role((&request_context.identity, &metadata), person, role).await;
        Ok(mutation.answer(outcome, |_, _| Ok(Some(encode_id(person)))).await?.into())
    }
}
