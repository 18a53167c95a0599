//! Commands to organizations: found, calendar, pools and their members.

use async_graphql::{Context, ID, Object, Result};
use care::ids::OrganizationId;

use crate::graphql::id::decode_id;
use crate::graphql::inputs::organization::{
    AddPoolMemberInput, FoundOrganizationInput, OpenPoolInput, RemovePoolMemberInput, SetCalendarInput,
};
use crate::graphql::mutation_input::MutationInput;
use crate::graphql::organization::{Organization, Pool};
use crate::graphql::payload::{
    AddPoolMemberPayload, FoundOrganizationPayload, OpenPoolPayload, RemovePoolMemberPayload, SetCalendarPayload,
};

#[derive(Default)]
pub struct OrganizationCommands;

#[Object]
impl OrganizationCommands {
    /// Found an organization.
    async fn found_organization(
        &self,
        context: &Context<'_>,
        input: FoundOrganizationInput,
    ) -> Result<FoundOrganizationPayload> {
        let mut mutation = MutationInput::open(context, &input)?;
        let Some((metadata, name)) = mutation.read(&input) else { return Ok(mutation.refused().into()) };
        let request_context = mutation.request_context();
        let outcome = request_context.application.found_organization(&request_context.identity, &metadata, name).await;
        let answer = mutation.answer(outcome, |reader, outcome| {
            let row = reader.organization(outcome.command.creates(0))?;
            Ok(row.map(|row| Organization::of(reader, row)))
        });
        Ok(answer.await?.into())
    }

    /// Set the calendar that an organization answers by. Promises made before stay as they are.
    async fn set_calendar(
        &self,
        context: &Context<'_>,
        organization_id: ID,
        input: SetCalendarInput,
    ) -> Result<SetCalendarPayload> {
        let mut mutation = MutationInput::open(context, &input)?;
        let Some((metadata, calendar)) = mutation.read(&input) else { return Ok(mutation.refused().into()) };
        let organization: OrganizationId = decode_id(&organization_id);
        let request_context = mutation.request_context();
        let outcome = request_context
            .application
            .set_calendar((&request_context.identity, &metadata), organization, calendar)
            .await;
        let answer = mutation.answer(outcome, |reader, _| {
            Ok(reader.organization(organization)?.map(|row| Organization::of(reader, row)))
        });
        Ok(answer.await?.into())
    }

    /// Open a pool.
    async fn open_pool(
        &self,
        context: &Context<'_>,
        organization_id: ID,
        input: OpenPoolInput,
    ) -> Result<OpenPoolPayload> {
        let mut mutation = MutationInput::open(context, &input)?;
        let Some((metadata, pool)) = mutation.read(&input) else { return Ok(mutation.refused().into()) };
        let organization: OrganizationId = decode_id(&organization_id);
        let request_context = mutation.request_context();
        let outcome =
            request_context.application.open_pool((&request_context.identity, &metadata), organization, pool).await;
        let answer = mutation.answer(outcome, |reader, outcome| {
            Ok(reader.pool(outcome.command.creates(0))?.map(|row| Pool::of(reader, row)))
        });
        Ok(answer.await?.into())
    }

    /// Make a person a member of a pool.
    async fn add_pool_member(
        &self,
        context: &Context<'_>,
        organization_id: ID,
        input: AddPoolMemberInput,
    ) -> Result<AddPoolMemberPayload> {
        let mut mutation = MutationInput::open(context, &input)?;
        let Some((metadata, (pool, person))) = mutation.read(&input) else { return Ok(mutation.refused().into()) };
        let organization: OrganizationId = decode_id(&organization_id);
        let request_context = mutation.request_context();
        let by = (&request_context.identity, &metadata);
        let outcome = request_context.application.add_pool_member(by, organization, (pool, person)).await;
        let answer = mutation.answer(outcome, |reader, _| Ok(reader.pool(pool)?.map(|row| Pool::of(reader, row))));
        Ok(answer.await?.into())
    }

    /// Let a person leave a pool.
    async fn remove_pool_member(
        &self,
        context: &Context<'_>,
        organization_id: ID,
        input: RemovePoolMemberInput,
    ) -> Result<RemovePoolMemberPayload> {
        let mut mutation = MutationInput::open(context, &input)?;
        let Some((metadata, (pool, person))) = mutation.read(&input) else { return Ok(mutation.refused().into()) };
        let organization: OrganizationId = decode_id(&organization_id);
        let request_context = mutation.request_context();
        let by = (&request_context.identity, &metadata);
        let outcome = request_context.application.remove_pool_member(by, organization, (pool, person)).await;
        let answer = mutation.answer(outcome, |reader, _| Ok(reader.pool(pool)?.map(|row| Pool::of(reader, row))));
        Ok(answer.await?.into())
    }
}
