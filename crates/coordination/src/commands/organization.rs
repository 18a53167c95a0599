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
use policy::question::ThingFacts;
use policy::words::{Action, Read};
use uuid::Uuid;

use crate::authority::{Authority, certain};
use crate::commands::{at_organization, installation, worked_at};
use crate::desk::Desk;
use crate::fault::{Failed, Problem, Refusal};
use crate::standing;
use crate::submit::{Circumstances, Done, Prepare, Sent, Stored, authorised};

impl Stored for Organization {
    fn wrap(event: OrganizationEvent) -> Event {
        Event::Organization(event)
    }
    fn unwrap(event: Event) -> Option<OrganizationEvent> {
        if let Event::Organization(event) = event { Some(event) } else { None }
    }
    fn refuse(refusal: OrganizationRefusal) -> Refusal {
        refusal.into()
    }
    fn moves(_: &OrganizationEvent) -> bool {
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

impl Prepare<Organization> for Founding {
    fn stream(&self, command: CommandId) -> Stream {
        Stream::Organization(command.creates(0))
    }
    fn target(&self) -> Option<Uuid> {
        None
    }
    fn known(&self, _: &Authority, _: &Viewer, _: DateTime<Utc>) -> bool {
        true
    }
    fn authorise(
        &self,
        authority: &Authority,
        viewer: &Viewer,
        Circumstances { command, now }: Circumstances,
    ) -> Result<Authorized<OrganizationCommand>, Problem> {
        let held = match viewer.identity().person() {
            Some(person) => certain(standing::on_installation(authority, person, now)),
            // The installation founds one organization, for its first administrator.
            None if authority.organizations.is_empty() => installation(authority),
            None => Vec::new(),
        };
        let found = OrganizationCommand::Found(Found { organization: command.creates(0), name: self.name.clone() });
        viewer.authorize(found, &ThingFacts::unlabelled(&held)).map_err(|_| Problem::NotPermitted)
    }
}

struct AtOrganization<F> {
    organization: OrganizationId,
    build: F,
}

impl<F> Prepare<Organization> for AtOrganization<F>
where
    F: Fn(&Authority, Circumstances) -> OrganizationCommand,
{
    fn stream(&self, _: CommandId) -> Stream {
        Stream::Organization(self.organization)
    }
    fn target(&self) -> Option<Uuid> {
        Some(self.organization.uuid())
    }
    fn known(&self, authority: &Authority, viewer: &Viewer, now: DateTime<Utc>) -> bool {
        let held = at_organization(authority, viewer, self.organization, now);
        let found =
            viewer.decide(&ThingFacts::unlabelled(&held).asking(Action::Read(Read::OrganizationRead), None)).is_some();
        authority.organizations.contains_key(&self.organization)
            && (found || worked_at(authority, viewer, self.organization))
    }
    fn authorise(
        &self,
        authority: &Authority,
        viewer: &Viewer,
        circumstances: Circumstances,
    ) -> Result<Authorized<OrganizationCommand>, Problem> {
        let held = at_organization(authority, viewer, self.organization, circumstances.now);
        let command = (self.build)(authority, circumstances);
        authorised(viewer, command, &ThingFacts::unlabelled(&held), Action::Read(Read::OrganizationRead))
    }
}

impl Desk {
    /// Founds an organization; its id is the first that the command creates.
    ///
    /// # Errors
    /// [`Failed`] with the problem, or for a fault of the house.
    pub async fn found_organization(&self, identity: &Identity, sent: &Sent, name: String) -> Result<Done, Failed> {
        self.submit(&self.organizations, (identity, sent), &Founding { name }).await
    }

    /// Sets the calendar that an organization answers by.
    ///
    /// # Errors
    /// [`Failed`] with the problem, or for a fault of the house.
    pub async fn set_calendar(
        &self,
        (identity, sent): (&Identity, &Sent),
        organization: OrganizationId,
        calendar: Calendar,
    ) -> Result<Done, Failed> {
        let build = |_: &Authority, _| OrganizationCommand::SetCalendar(calendar.clone());
        self.submit(&self.organizations, (identity, sent), &AtOrganization { organization, build }).await
    }

    /// Opens a pool; its id is the first that the command creates.
    ///
    /// # Errors
    /// [`Failed`] with the problem, or for a fault of the house.
    pub async fn open_pool(
        &self,
        (identity, sent): (&Identity, &Sent),
        organization: OrganizationId,
        pool: NewPool,
    ) -> Result<Done, Failed> {
        let build = |_: &Authority, circumstances: Circumstances| {
            let NewPool { name, specialty } = pool.clone();
            OrganizationCommand::OpenPool(OpenPool { pool: circumstances.command.creates(0), name, specialty })
        };
        self.submit(&self.organizations, (identity, sent), &AtOrganization { organization, build }).await
    }

    /// Makes a person a member of a pool.
    ///
    /// # Errors
    /// [`Failed`] with the problem, or for a fault of the house.
    pub async fn add_pool_member(
        &self,
        (identity, sent): (&Identity, &Sent),
        organization: OrganizationId,
        (pool, person): (PoolId, PersonId),
    ) -> Result<Done, Failed> {
        let build = |authority: &Authority, circumstances: Circumstances| {
            let holds_role =
                authority.active_roles(person, circumstances.now).any(|held| held.organization == organization);
            OrganizationCommand::AddPoolMember(AddPoolMember { pool, person, holds_role })
        };
        self.submit(&self.organizations, (identity, sent), &AtOrganization { organization, build }).await
    }

    /// Ends a person's membership of a pool.
    ///
    /// # Errors
    /// [`Failed`] with the problem, or for a fault of the house.
    pub async fn remove_pool_member(
        &self,
        (identity, sent): (&Identity, &Sent),
        organization: OrganizationId,
        (pool, person): (PoolId, PersonId),
    ) -> Result<Done, Failed> {
        let build = |_: &Authority, _| OrganizationCommand::RemovePoolMember(RemovePoolMember { pool, person });
        self.submit(&self.organizations, (identity, sent), &AtOrganization { organization, build }).await
    }
}
