//! Commands to organizations: found, calendar, pools and their members.

use care::calendar::Calendar;
use care::event::Event;
use care::ids::{CommandId, Id, OrganizationId, PersonId, PoolId};
use care::organization::{
    AddPoolMember, Found, OpenPool, Organization, OrganizationCommand, OrganizationEvent, OrganizationRefusal,
    RemovePoolMember,
};
use care::stream::Stream;
use chrono::{DateTime, Utc};
use policy::authorized::Authorized;
use policy::decide::Viewer;
use policy::identity::Identity;
use policy::question::Facts;
use policy::words::Action;
use uuid::Uuid;

use crate::application::Application;
use crate::authorization_state::{AuthorizationState, certain};
use crate::command_handler::{Aggregate, CommandContext, CommandHandler, CommandMetadata, CommandOutcome, authorised};
use crate::commands::{at_organization, installation, worked_at};
use crate::fault::{Failed, Problem, Refusal};
use crate::standing;

impl Aggregate for Organization {
    fn wrap(event: OrganizationEvent) -> Event {
        Event::Organization(event)
    }
    fn unwrap(event: Event) -> Option<OrganizationEvent> {
        if let Event::Organization(event) = event { Some(event) } else { None }
    }
    fn refuse(refusal: OrganizationRefusal) -> Refusal {
        refusal.into()
    }
    fn is_transition(_: &OrganizationEvent) -> bool {
        true
    }
}

/// A pool to be opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewPool {
    /// Its public name.
    pub name: String,
    /// What it answers for.
    pub specialty: String,
}

struct Founding {
    name: String,
}

impl CommandHandler<Organization> for Founding {
    fn stream(&self, command: CommandId) -> Stream {
        Stream::Organization(command.creates(0))
    }
    fn target(&self) -> Option<Uuid> {
        None
    }
    fn may_learn_of(&self, _: &AuthorizationState, _: &Viewer, _: DateTime<Utc>) -> bool {
        true
    }
    fn authorise(
        &self,
        authorization: &AuthorizationState,
        viewer: &Viewer,
        CommandContext { command, now }: CommandContext,
    ) -> Result<Authorized<OrganizationCommand>, Problem> {
        let held = match viewer.identity().person() {
            Some(person) => certain(standing::on_installation(authorization, person, now)),
            // The installation founds one organization, for its first administrator.
            None if authorization.organizations.is_empty() => installation(authorization),
            None => Vec::new(),
        };
        let found = OrganizationCommand::Found(Found { organization: command.creates(0), name: self.name.clone() });
        viewer.authorize(found, &Facts::unlabelled(&held)).map_err(|_| Problem::NotPermitted)
    }
}

struct AtOrganization<F> {
    organization: OrganizationId,
    build: F,
}

impl<F> CommandHandler<Organization> for AtOrganization<F>
where
    F: Fn(&AuthorizationState, CommandContext) -> OrganizationCommand,
{
    fn stream(&self, _: CommandId) -> Stream {
        Stream::Organization(self.organization)
    }
    fn target(&self) -> Option<Uuid> {
        Some(self.organization.uuid())
    }
    fn may_learn_of(&self, authorization: &AuthorizationState, viewer: &Viewer, now: DateTime<Utc>) -> bool {
        let held = at_organization(authorization, viewer, self.organization, now);
        let found = viewer.decide(&Facts::unlabelled(&held).asking(Action::OrganizationRead, None)).is_some();
        authorization.organizations.contains_key(&self.organization)
            && (found || worked_at(authorization, viewer, self.organization))
    }
    fn authorise(
        &self,
        authorization: &AuthorizationState,
        viewer: &Viewer,
        context: CommandContext,
    ) -> Result<Authorized<OrganizationCommand>, Problem> {
        let held = at_organization(authorization, viewer, self.organization, context.now);
        let command = (self.build)(authorization, context);
        authorised(viewer, command, &Facts::unlabelled(&held), Action::OrganizationRead)
    }
}

impl Application {
    /// Founds an organization; its id is the first that the command creates.
    ///
    /// # Errors
    /// [`Failed`] with the problem, or with an internal fault.
    pub async fn found_organization(
        &self,
        identity: &Identity,
        metadata: &CommandMetadata,
        name: String,
    ) -> Result<CommandOutcome, Failed> {
        self.handle_command(&self.organizations, (identity, metadata), &Founding { name }).await
    }

    /// Sets the calendar that an organization answers by.
    ///
    /// # Errors
    /// [`Failed`] with the problem, or with an internal fault.
    pub async fn set_calendar(
        &self,
        (identity, metadata): (&Identity, &CommandMetadata),
        organization: OrganizationId,
        calendar: Calendar,
    ) -> Result<CommandOutcome, Failed> {
        let build = |_: &AuthorizationState, _| OrganizationCommand::SetCalendar(calendar.clone());
        self.handle_command(&self.organizations, (identity, metadata), &AtOrganization { organization, build }).await
    }

    /// Opens a pool; its id is the first that the command creates.
    ///
    /// # Errors
    /// [`Failed`] with the problem, or with an internal fault.
    pub async fn open_pool(
        &self,
        (identity, metadata): (&Identity, &CommandMetadata),
        organization: OrganizationId,
        pool: NewPool,
    ) -> Result<CommandOutcome, Failed> {
        let build = |_: &AuthorizationState, context: CommandContext| {
            let NewPool { name, specialty } = pool.clone();
            OrganizationCommand::OpenPool(OpenPool { pool: context.command.creates(0), name, specialty })
        };
        self.handle_command(&self.organizations, (identity, metadata), &AtOrganization { organization, build }).await
    }

    /// Makes a person a member of a pool.
    ///
    /// # Errors
    /// [`Failed`] with the problem, or with an internal fault.
    pub async fn add_pool_member(
        &self,
        (identity, metadata): (&Identity, &CommandMetadata),
        organization: OrganizationId,
        (pool, person): (PoolId, PersonId),
    ) -> Result<CommandOutcome, Failed> {
        let build = |authorization: &AuthorizationState, context: CommandContext| {
            let holds_role =
                authorization.active_roles(person, context.now).any(|held| held.organization == organization);
            OrganizationCommand::AddPoolMember(AddPoolMember { pool, person, holds_role })
        };
        self.handle_command(&self.organizations, (identity, metadata), &AtOrganization { organization, build }).await
    }

    /// Ends a person's membership of a pool.
    ///
    /// # Errors
    /// [`Failed`] with the problem, or with an internal fault.
    pub async fn remove_pool_member(
        &self,
        (identity, metadata): (&Identity, &CommandMetadata),
        organization: OrganizationId,
        (pool, person): (PoolId, PersonId),
    ) -> Result<CommandOutcome, Failed> {
        let build =
            |_: &AuthorizationState, _| OrganizationCommand::RemovePoolMember(RemovePoolMember { pool, person });
        self.handle_command(&self.organizations, (identity, metadata), &AtOrganization { organization, build }).await
    }
}
