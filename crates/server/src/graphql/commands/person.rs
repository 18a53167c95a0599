//! Commands to persons' records: register, grant and end roles.

use async_graphql::{Context, ID, InputObject, Object, Result};
use care::ids::PersonId;
use chrono::{DateTime, Utc};
use coordination::commands::NewPerson;

use crate::graphql::id::{decode_id, encode_id};
use crate::graphql::mutation_input::MutationInput;
use crate::graphql::payload::{EndRolePayload, GrantRolePayload, RegisterPersonPayload};
use crate::graphql::words::Role;

#[derive(Default)]
pub struct PersonCommands;

/// A person to be put on record.
#[derive(InputObject)]
struct RegisterPersonInput {
    /// Your key for this request: a repeat with it is carried out once.
    client_mutation_id: ID,
    /// The organization that vouches for them.
    organization_id: ID,
    /// Their name.
    name: String,
    /// A first role there, if they work there.
    role: Option<Role>,
}

/// A role to be granted.
#[derive(InputObject)]
struct GrantRoleInput {
    /// Your key for this request: a repeat with it is carried out once.
    client_mutation_id: ID,
    /// At which organization.
    organization_id: ID,
    /// The role.
    role: Role,
    /// When it ends by itself, if it does.
    until: Option<DateTime<Utc>>,
}

/// A role to be ended.
#[derive(InputObject)]
struct EndRoleInput {
    /// Your key for this request: a repeat with it is carried out once.
    client_mutation_id: ID,
    /// At which organization.
    organization_id: ID,
    /// The role.
    role: Role,
}

#[Object]
impl PersonCommands {
    /// Put a person on record.
    async fn register_person(
        &self,
        context: &Context<'_>,
        input: RegisterPersonInput,
    ) -> Result<RegisterPersonPayload> {
        let mut mutation = MutationInput::open(context, "registerPerson", &input)?;
        let name = mutation.line(&["input", "name"], &input.name);
        let (Some(name), Some(metadata)) = (name, mutation.metadata()) else { return Ok(mutation.refused().into()) };
        let organization = decode_id(&input.organization_id);
        let person = NewPerson { organization, name, role: input.role.map(Into::into) };
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
        let mut mutation = MutationInput::open(context, "grantRole", &input)?;
        let Some(metadata) = mutation.metadata() else { return Ok(mutation.refused().into()) };
        let person: PersonId = decode_id(&person_id);
        let role = (decode_id(&input.organization_id), input.role.into());
        let request_context = mutation.request_context();
        let outcome = request_context
            .application
            .grant_role((&request_context.identity, &metadata), person, role, input.until)
            .await;
        Ok(mutation.answer(outcome, |_, _| Ok(Some(encode_id(person)))).await?.into())
    }

    /// End a role at an organization now.
    async fn end_role(&self, context: &Context<'_>, person_id: ID, input: EndRoleInput) -> Result<EndRolePayload> {
        let mut mutation = MutationInput::open(context, "endRole", &input)?;
        let Some(metadata) = mutation.metadata() else { return Ok(mutation.refused().into()) };
        let person: PersonId = decode_id(&person_id);
        let role = (decode_id(&input.organization_id), input.role.into());
        let request_context = mutation.request_context();
        let outcome = request_context.application.end_role((&request_context.identity, &metadata), person, role).await;
        Ok(mutation.answer(outcome, |_, _| Ok(Some(encode_id(person)))).await?.into())
    }
}
