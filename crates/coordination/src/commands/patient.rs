//! Commands to patients' records: register.

use care::command_name::CommandName;
use care::event::Event;
use care::ids::{CommandId, OrganizationId, PersonId};
use care::patient::{Patient, PatientCommand, PatientEvent, PatientRefusal, RegisterPatient};
use care::stream::Stream;
use care::text::{PersonalText, Text};
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
use crate::submit::{Circumstances, Done, Prepare, Sent, Stored, authorised, may};

impl Stored for Patient {
    fn wrap(event: PatientEvent) -> Event {
        Event::Patient(event)
    }
    fn unwrap(event: Event) -> Option<PatientEvent> {
        if let Event::Patient(event) = event { Some(event) } else { None }
    }
    fn refuse(refusal: PatientRefusal) -> Refusal {
        refusal.into()
    }
    fn moves(_: &PatientEvent) -> bool {
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

impl Prepare<Patient> for NewPatient {
    fn stream(&self, command: CommandId) -> Stream {
        Stream::Patient(command.creates(0))
    }
    fn target(&self) -> Option<Uuid> {
        None
    }
    fn known(&self, authority: &Authority, viewer: &Viewer, now: DateTime<Utc>) -> bool {
        worked_at(authority, viewer, self.organization)
            || !at_organization(authority, viewer, self.organization, now).is_empty()
    }
    fn authorise(
        &self,
        authority: &Authority,
        viewer: &Viewer,
        Circumstances { command, now }: Circumstances,
    ) -> Result<Authorized<PatientCommand>, Problem> {
        let Self { organization, person, name, birth_date } = self.clone();
        let held = at_organization(authority, viewer, organization, now);
        may(
            viewer,
            Action::Command(CommandName::PATIENT_REGISTER),
            &ThingFacts::unlabelled(&held),
            Action::Read(Read::OrganizationRead),
        )?;
        if person.is_some_and(|person| !authority.people.contains_key(&person)) {
            return Err(Problem::NotFound);
        }
        let register = PatientCommand::Register(RegisterPatient {
            patient: command.creates(0),
            organization,
            person,
            name: PersonalText::from(name),
            birth_date: PersonalText::from(birth_date),
        });
        authorised(viewer, register, &ThingFacts::unlabelled(&held), Action::Read(Read::OrganizationRead))
    }
}

impl Desk {
    /// Puts a patient on record; their id is the first that the command creates.
    ///
    /// # Errors
    /// [`Failed`] with the problem, or for a fault of the house.
    pub async fn register_patient(
        &self,
        identity: &Identity,
        sent: &Sent,
        patient: NewPatient,
    ) -> Result<Done, Failed> {
        self.submit(&self.patients, (identity, sent), &patient).await
    }
}
