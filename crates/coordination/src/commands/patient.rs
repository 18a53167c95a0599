//! Commands to patients' records: register.

use care::event::Event;
use care::ids::{CommandId, OrganizationId, PersonId};
use care::patient::{Patient, PatientCommand, PatientEvent, PatientRefusal, RegisterPatient};
use care::stream::Stream;
use care::text::{PersonalText, Text};
use chrono::{DateTime, Utc};
use policy::authorized::Authorized;
use policy::decide::Viewer;
use policy::identity::Identity;
use policy::question::Facts;
use policy::words::Action;
use uuid::Uuid;

use crate::application::Application;
use crate::authorization_state::AuthorizationState;
use crate::command_handler::{
    Aggregate, CommandContext, CommandHandler, CommandMetadata, CommandOutcome, authorised, may,
};
use crate::commands::{at_organization, worked_at};
use crate::fault::{Failed, Problem, Refusal};

impl Aggregate for Patient {
    fn wrap(event: PatientEvent) -> Event {
        Event::Patient(event)
    }
    fn unwrap(event: Event) -> Option<PatientEvent> {
        if let Event::Patient(event) = event { Some(event) } else { None }
    }
    fn refuse(refusal: PatientRefusal) -> Refusal {
        refusal.into()
    }
    fn is_transition(_: &PatientEvent) -> bool {
        true
    }
}

/// A patient to be put on record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewPatient {
    /// The organization that keeps the record.
    pub organization: OrganizationId,
    /// The person that the patient is.
    pub person: Option<PersonId>,
    /// The name.
    pub name: Text,
    /// The date of birth, as ISO 8601.
    pub birth_date: Text,
}

impl CommandHandler<Patient> for NewPatient {
    fn stream(&self, command: CommandId) -> Stream {
        Stream::Patient(command.creates(0))
    }
    fn target(&self) -> Option<Uuid> {
        None
    }
    fn may_learn_of(&self, authorization: &AuthorizationState, viewer: &Viewer, now: DateTime<Utc>) -> bool {
        worked_at(authorization, viewer, self.organization)
            || !at_organization(authorization, viewer, self.organization, now).is_empty()
    }
    fn authorise(
        &self,
        authorization: &AuthorizationState,
        viewer: &Viewer,
        CommandContext { command, now }: CommandContext,
    ) -> Result<Authorized<PatientCommand>, Problem> {
        let Self { organization, person, name, birth_date } = self.clone();
        let held = at_organization(authorization, viewer, organization, now);
        may(viewer, Action::PatientRegister, &Facts::unlabelled(&held), Action::OrganizationRead)?;
        if person.is_some_and(|person| !authorization.people.contains_key(&person)) {
            return Err(Problem::NotFound);
        }
        let register = PatientCommand::Register(RegisterPatient {
            patient: command.creates(0),
            organization,
            person,
            name: PersonalText::from(name),
            birth_date: PersonalText::from(birth_date),
        });
        authorised(viewer, register, &Facts::unlabelled(&held), Action::OrganizationRead)
    }
}

impl Application {
    /// Puts a patient on record; their id is the first that the command creates.
    ///
    /// # Errors
    /// [`Failed`] with the problem, or with an internal fault.
    pub async fn register_patient(
        &self,
        identity: &Identity,
        metadata: &CommandMetadata,
        patient: NewPatient,
    ) -> Result<CommandOutcome, Failed> {
        self.handle_command(&self.patients, (identity, metadata), &patient).await
    }
}
