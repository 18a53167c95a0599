//! Commands to organizations: create, calendar, telephone number, ages of minors, pools and their members.

use std::sync::Arc;

use async_graphql::{Context, ID, Object, Result};
use care::ids::{OrganizationId, PoolId};
use coordination::CommandOutcome;
use coordination::fault::Fault;
use coordination::reader::Reader;

use crate::graphql::id::decode_id;
use crate::graphql::inputs::organization::{
    AddPoolMemberInput, CreateOrganizationInput, OpenPoolInput, RemovePoolMemberInput, RenamePoolInput,
    SetAgeGatesInput, SetCalendarInput, SetPhoneInput,
};
use crate::graphql::mutation_input::mutate;
use crate::graphql::organization::{Organization, Pool};
use crate::graphql::payload::payload;

fn organization(reader: &Arc<Reader>, outcome: CommandOutcome<OrganizationId>) -> Result<Option<Organization>, Fault> {
    Ok(reader.organization(outcome.target)?.map(|row| Organization::of(reader, row)))
}

fn pool(reader: &Arc<Reader>, pool: PoolId) -> Result<Option<Pool>, Fault> {
    Ok(reader.pool(pool)?.map(|row| Pool::of(reader, row)))
}

payload! {
    {
        /// The organization as it is now. Null if there is none that you may see.
        organization: Organization
    }
    /// The result of `createOrganization`.
    CreateOrganizationPayload
    /// The result of `setCalendar`.
    SetCalendarPayload
    /// The result of `setPhone`.
    SetPhonePayload
    /// The result of `setAgeGates`.
    SetAgeGatesPayload
}

payload! {
    {
        /// The pool as it is now. Null if there is none that you may see.
        pool: Pool
    }
    /// The result of `renamePool`.
    RenamePoolPayload
    /// The result of `openPool`.
    OpenPoolPayload
    /// The result of `addPoolMember`.
    AddPoolMemberPayload
    /// The result of `removePoolMember`.
    RemovePoolMemberPayload
}

/// The mutations of this file.
#[derive(Default)]
pub struct OrganizationCommands;

#[Object]
impl OrganizationCommands {
    /// Create an organization.
    async fn create_organization(
        &self,
        context: &Context<'_>,
        input: CreateOrganizationInput,
    ) -> Option<Result<CreateOrganizationPayload>> {
        Some(mutate(context, None, &input, organization).await.map(Into::into))
    }

    /// Set the calendar from which an organization's due dates are computed. Existing due dates do not change.
    async fn set_calendar(
        &self,
        context: &Context<'_>,
        organization_id: ID,
        input: SetCalendarInput,
    ) -> Option<Result<SetCalendarPayload>> {
        Some(mutate(context, Some(decode_id(&organization_id)), &input, organization).await.map(Into::into))
    }

    /// Set the telephone number under which people reach an organization. Everybody who may know of the organization
    /// sees it.
    async fn set_phone(
        &self,
        context: &Context<'_>,
        organization_id: ID,
        input: SetPhoneInput,
    ) -> Option<Result<SetPhonePayload>> {
        Some(mutate(context, Some(decode_id(&organization_id)), &input, organization).await.map(Into::into))
    }

    /// Set the ages at which the helpers of a minor lose access, for every record that an organization keeps.
    async fn set_age_gates(
        &self,
        context: &Context<'_>,
        organization_id: ID,
        input: SetAgeGatesInput,
    ) -> Option<Result<SetAgeGatesPayload>> {
        Some(mutate(context, Some(decode_id(&organization_id)), &input, organization).await.map(Into::into))
    }

    /// Give a pool other names.
    async fn rename_pool(
        &self,
        context: &Context<'_>,
        organization_id: ID,
        input: RenamePoolInput,
    ) -> Option<Result<RenamePoolPayload>> {
        let found = |reader: &Arc<Reader>, _| pool(reader, decode_id(&input.pool_id));
        Some(mutate(context, Some(decode_id(&organization_id)), &input, found).await.map(Into::into))
    }

    /// Open a pool.
    async fn open_pool(
        &self,
        context: &Context<'_>,
        organization_id: ID,
        input: OpenPoolInput,
    ) -> Option<Result<OpenPoolPayload>> {
        let found =
            |reader: &Arc<Reader>, outcome: CommandOutcome<OrganizationId>| pool(reader, outcome.command.creates(0));
        Some(mutate(context, Some(decode_id(&organization_id)), &input, found).await.map(Into::into))
    }

    /// Make a person a member of a pool.
    async fn add_pool_member(
        &self,
        context: &Context<'_>,
        organization_id: ID,
        input: AddPoolMemberInput,
    ) -> Option<Result<AddPoolMemberPayload>> {
        let found = |reader: &Arc<Reader>, _| pool(reader, decode_id(&input.pool_id));
        Some(mutate(context, Some(decode_id(&organization_id)), &input, found).await.map(Into::into))
    }

    /// End the membership of a person in a pool.
    async fn remove_pool_member(
        &self,
        context: &Context<'_>,
        organization_id: ID,
        input: RemovePoolMemberInput,
    ) -> Option<Result<RemovePoolMemberPayload>> {
        let found = |reader: &Arc<Reader>, _| pool(reader, decode_id(&input.pool_id));
        Some(mutate(context, Some(decode_id(&organization_id)), &input, found).await.map(Into::into))
    }
}
