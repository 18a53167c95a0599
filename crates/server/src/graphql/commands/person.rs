//! Commands to persons' records: register, grant and end roles.

use async_graphql::{Context, ID, InputObject, Object, Result};
use care::ids::PersonId;
use chrono::{DateTime, Utc};
use coordination::commands::NewPerson;

use crate::graphql::form::Form;
use crate::graphql::id::{global, named};
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
        let mut form = Form::open(context, "registerPerson", &input)?;
        let name = form.line(&["input", "name"], &input.name);
        let (Some(name), Some(sent)) = (name, form.sent()) else { return Ok(form.refused().into()) };
        let organization = named(&input.organization_id);
        let person = NewPerson { organization, name, role: input.role.map(Into::into) };
        let asking = form.asking();
        let done = asking.desk.register_person(&asking.identity, &sent, person).await;
        let answer = form.answer(done, |_, done| Ok(Some(global::<PersonId>(done.command.creates(0)))));
        Ok(answer.await?.into())
    }

    /// Grant a role at an organization.
    async fn grant_role(
        &self,
        context: &Context<'_>,
        person_id: ID,
        input: GrantRoleInput,
    ) -> Result<GrantRolePayload> {
        let mut form = Form::open(context, "grantRole", &input)?;
        let Some(sent) = form.sent() else { return Ok(form.refused().into()) };
        let person: PersonId = named(&person_id);
        let role = (named(&input.organization_id), input.role.into());
        let asking = form.asking();
        let done = asking.desk.grant_role((&asking.identity, &sent), person, role, input.until).await;
        Ok(form.answer(done, |_, _| Ok(Some(global(person)))).await?.into())
    }

    /// End a role at an organization now.
    async fn end_role(&self, context: &Context<'_>, person_id: ID, input: EndRoleInput) -> Result<EndRolePayload> {
        let mut form = Form::open(context, "endRole", &input)?;
        let Some(sent) = form.sent() else { return Ok(form.refused().into()) };
        let person: PersonId = named(&person_id);
        let role = (named(&input.organization_id), input.role.into());
        let asking = form.asking();
        let done = asking.desk.end_role((&asking.identity, &sent), person, role).await;
        Ok(form.answer(done, |_, _| Ok(Some(global(person)))).await?.into())
    }
}
