//! Commands to persons' records: register, grant and end roles.

use care::event::Event;
use care::ids::{CommandId, Id, OrganizationId, PersonId};
use care::person::{EndRole, GrantRole, Person, PersonCommand, PersonEvent, PersonRefusal, Register};
use care::stream::Stream;
use care::text::{PersonalText, Text};
use care::words::Role;
use chrono::{DateTime, Utc};
use policy::authorized::Authorized;
use policy::decide::Viewer;
use policy::identity::Identity;
use policy::question::ThingFacts;
use policy::words::{Action, Read};
use uuid::Uuid;

use crate::authority::Authority;
use crate::commands::{at_organization, worked_at};
use crate::desk::Desk;
use crate::fault::{Failed, Problem, Refusal};
use crate::submit::{Circumstances, Done, Prepare, Sent, Stored, authorised};

impl Stored for Person {
    fn wrap(event: PersonEvent) -> Event {
        Event::Person(event)
    }
    fn unwrap(event: Event) -> Option<PersonEvent> {
        if let Event::Person(event) = event { Some(event) } else { None }
    }
    fn refuse(refusal: PersonRefusal) -> Refusal {
        refusal.into()
    }
    fn moves(_: &PersonEvent) -> bool {
        true
    }
}

/// A person to be put on record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewPerson {
    /// The organization that vouches for them.
    pub organization: OrganizationId,
    /// Their name.
    pub name: Text,
    /// A first role there.
    pub role: Option<Role>,
}

impl Prepare<Person> for NewPerson {
    fn stream(&self, command: CommandId) -> Stream {
        Stream::Person(command.creates(0))
    }
    fn target(&self) -> Option<Uuid> {
        None
    }
    fn known(&self, authority: &Authority, viewer: &Viewer, now: DateTime<Utc>) -> bool {
        worked_at(authority, viewer, self.organization)
            || !at_organization(authority, viewer, self.organization, now).is_empty()
            || (viewer.identity().person().is_none() && authority.organizations.contains_key(&self.organization))
    }
    fn authorise(
        &self,
        authority: &Authority,
        viewer: &Viewer,
        Circumstances { command, now }: Circumstances,
    ) -> Result<Authorized<PersonCommand>, Problem> {
        let Self { organization, name, role } = self.clone();
        // The installation registers its first administrator and nobody else.
        if viewer.identity().person().is_none() && role != Some(Role::Administrator) {
            return Err(Problem::NotPermitted);
        }
        let held = at_organization(authority, viewer, organization, now);
        let name = PersonalText::from(name);
        let register = PersonCommand::Register(Register { person: command.creates(0), organization, name, role });
        authorised(viewer, register, &ThingFacts::unlabelled(&held), Action::Read(Read::OrganizationRead))
    }
}

struct OfPerson {
    person: PersonId,
    /// Where the role is granted or ended, and who may do so.
    organization: OrganizationId,
    command: PersonCommand,
}

impl Prepare<Person> for OfPerson {
    fn stream(&self, _: CommandId) -> Stream {
        Stream::Person(self.person)
    }
    fn target(&self) -> Option<Uuid> {
        Some(self.person.uuid())
    }
    fn known(&self, authority: &Authority, viewer: &Viewer, now: DateTime<Utc>) -> bool {
        worked_at(authority, viewer, self.organization)
            || !at_organization(authority, viewer, self.organization, now).is_empty()
    }
    fn authorise(
        &self,
        authority: &Authority,
        viewer: &Viewer,
        Circumstances { now, .. }: Circumstances,
    ) -> Result<Authorized<PersonCommand>, Problem> {
        let held = at_organization(authority, viewer, self.organization, now);
        let authorized = authorised(
            viewer,
            self.command.clone(),
            &ThingFacts::unlabelled(&held),
            Action::Read(Read::OrganizationRead),
        )?;
        // Who is on record is told to those only who may grant them something.
        if authority.people.contains_key(&self.person) { Ok(authorized) } else { Err(Problem::NotFound) }
    }
}

impl Desk {
    /// Puts a person on record; their id is the first that the command creates.
    ///
    /// # Errors
    /// [`Failed`] with the problem, or for a fault of the house.
    pub async fn register_person(&self, identity: &Identity, sent: &Sent, person: NewPerson) -> Result<Done, Failed> {
        self.submit(&self.people, (identity, sent), &person).await
    }

    /// Grants a role at an organization, until an instant or until it is ended.
    ///
    /// # Errors
    /// [`Failed`] with the problem, or for a fault of the house.
    pub async fn grant_role(
        &self,
        (identity, sent): (&Identity, &Sent),
        person: PersonId,
        (organization, role): (OrganizationId, Role),
        until: Option<DateTime<Utc>>,
    ) -> Result<Done, Failed> {
        let command = PersonCommand::GrantRole(GrantRole { organization, role, until });
        self.submit(&self.people, (identity, sent), &OfPerson { person, organization, command }).await
    }

    /// Ends a role at an organization now.
    ///
    /// # Errors
    /// [`Failed`] with the problem, or for a fault of the house.
    pub async fn end_role(
        &self,
        (identity, sent): (&Identity, &Sent),
        person: PersonId,
        (organization, role): (OrganizationId, Role),
    ) -> Result<Done, Failed> {
        let command = PersonCommand::EndRole(EndRole { organization, role });
        self.submit(&self.people, (identity, sent), &OfPerson { person, organization, command }).await
    }
}
