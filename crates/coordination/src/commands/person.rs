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
use policy::question::Facts;
use policy::words::Action;
use uuid::Uuid;

use crate::application::Application;
use crate::authorization_state::AuthorizationState;
use crate::command_handler::{Aggregate, CommandContext, CommandHandler, CommandMetadata, CommandOutcome, authorised};
use crate::commands::{at_organization, worked_at};
use crate::fault::{Failed, Problem, Refusal};

impl Aggregate for Person {
    fn wrap(event: PersonEvent) -> Event {
        Event::Person(event)
    }
    fn unwrap(event: Event) -> Option<PersonEvent> {
        if let Event::Person(event) = event { Some(event) } else { None }
    }
    fn refuse(refusal: PersonRefusal) -> Refusal {
        refusal.into()
    }
    fn is_transition(_: &PersonEvent) -> bool {
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

impl CommandHandler<Person> for NewPerson {
    fn stream(&self, command: CommandId) -> Stream {
        Stream::Person(command.creates(0))
    }
    fn target(&self) -> Option<Uuid> {
        None
    }
    fn may_learn_of(&self, authorization: &AuthorizationState, viewer: &Viewer, now: DateTime<Utc>) -> bool {
        worked_at(authorization, viewer, self.organization)
            || !at_organization(authorization, viewer, self.organization, now).is_empty()
            || (viewer.identity().person().is_none() && authorization.organizations.contains_key(&self.organization))
    }
    fn authorise(
        &self,
        authorization: &AuthorizationState,
        viewer: &Viewer,
        CommandContext { command, now }: CommandContext,
    ) -> Result<Authorized<PersonCommand>, Problem> {
        let Self { organization, name, role } = self.clone();
        // The installation registers its first administrator and nobody else.
        if viewer.identity().person().is_none() && role != Some(Role::Administrator) {
            return Err(Problem::NotPermitted);
        }
        let held = at_organization(authorization, viewer, organization, now);
        let name = PersonalText::from(name);
        let register = PersonCommand::Register(Register { person: command.creates(0), organization, name, role });
        authorised(viewer, register, &Facts::unlabelled(&held), Action::OrganizationRead)
    }
}

struct OfPerson {
    person: PersonId,
    /// Where the role is granted or ended, and who may do so.
    organization: OrganizationId,
    command: PersonCommand,
}

impl CommandHandler<Person> for OfPerson {
    fn stream(&self, _: CommandId) -> Stream {
        Stream::Person(self.person)
    }
    fn target(&self) -> Option<Uuid> {
        Some(self.person.uuid())
    }
    fn may_learn_of(&self, authorization: &AuthorizationState, viewer: &Viewer, now: DateTime<Utc>) -> bool {
        worked_at(authorization, viewer, self.organization)
            || !at_organization(authorization, viewer, self.organization, now).is_empty()
    }
    fn authorise(
        &self,
        authorization: &AuthorizationState,
        viewer: &Viewer,
        CommandContext { now, .. }: CommandContext,
    ) -> Result<Authorized<PersonCommand>, Problem> {
        let held = at_organization(authorization, viewer, self.organization, now);
        let authorized = authorised(viewer, self.command.clone(), &Facts::unlabelled(&held), Action::OrganizationRead)?;
        // Who is on record is told to those only who may grant them something.
        if authorization.people.contains_key(&self.person) { Ok(authorized) } else { Err(Problem::NotFound) }
    }
}

impl Application {
    /// Puts a person on record; their id is the first that the command creates.
    ///
    /// # Errors
    /// [`Failed`] with the problem, or with an internal fault.
    pub async fn register_person(
        &self,
        identity: &Identity,
        metadata: &CommandMetadata,
        person: NewPerson,
    ) -> Result<CommandOutcome, Failed> {
        self.handle_command(&self.people, (identity, metadata), &person).await
    }

    /// Grants a role at an organization, until an instant or until it is ended.
    ///
    /// # Errors
    /// [`Failed`] with the problem, or with an internal fault.
    pub async fn grant_role(
        &self,
        (identity, metadata): (&Identity, &CommandMetadata),
        person: PersonId,
        (organization, role): (OrganizationId, Role),
        until: Option<DateTime<Utc>>,
    ) -> Result<CommandOutcome, Failed> {
        let command = PersonCommand::GrantRole(GrantRole { organization, role, until });
        self.handle_command(&self.people, (identity, metadata), &OfPerson { person, organization, command }).await
    }

    /// Ends a role at an organization now.
    ///
    /// # Errors
    /// [`Failed`] with the problem, or with an internal fault.
    pub async fn end_role(
        &self,
        (identity, metadata): (&Identity, &CommandMetadata),
        person: PersonId,
        (organization, role): (OrganizationId, Role),
    ) -> Result<CommandOutcome, Failed> {
        let command = PersonCommand::EndRole(EndRole { organization, role });
        self.handle_command(&self.people, (identity, metadata), &OfPerson { person, organization, command }).await
    }
}
