//! A patient: the subject of care, with a sealed identity and the link to the person they are.
//!
//! A nurse can be a patient, so patient and person are two ids. The link between them is
//! pseudonymous and not sealed: the standing `self` rests on it.

use serde::{Deserialize, Serialize};

use crate::aggregate::{Acting, Aggregate};
use crate::command_name::commands;
use crate::event_set::events;
use crate::ids::{CommandId, Id, OrganizationId, PatientId, PersonId};
use crate::text::{EachText, FieldTag, PersonalText};
use uuid::Uuid;

commands! {
    /// What can be asked of a patient's record.
    PatientCommand, PatientAct {
        "patient.register" => RegisterPatient,
    }
    where
    fn at_organization(&self) -> Option<OrganizationId> {
        let Self::RegisterPatient(register) = self;
        Some(register.organization)
    }
}

/// Registers a patient; their id is the first that the command creates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegisterPatient {
    /// The organization that keeps the record.
    pub organization: OrganizationId,
    /// The person that the patient is, when they can sign in.
    pub person: Option<PersonId>,
    /// The patient's name.
    pub name: PersonalText,
    /// The date of birth, as ISO 8601.
    pub birth_date: PersonalText,
}

/// We refuse because …
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PatientRefusal {
    /// … the patient is registered already.
    #[error("the patient is registered already")]
    Registered,
    /// … the patient's person is not registered.
    #[error("there is no such person")]
    NoSuchPerson,
}

events! {
    /// What can have happened to a patient's record.
    PatientEvent {
        "patient.registered" v 1 => PatientRegistered,
    }
}

/// A patient was registered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PatientRegistered {
    /// The patient.
    pub patient: PatientId,
    /// The organization that keeps the record.
    pub organization: OrganizationId,
    /// The person that the patient is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<PersonId>,
    /// The name, under the patient's key.
    pub name: PersonalText,
    /// The date of birth, under the patient's key.
    pub birth_date: PersonalText,
}

impl EachText for PatientRegistered {
    fn each_text(&mut self, visit: &mut dyn FnMut(FieldTag, &mut PersonalText)) {
        let Self { patient: _, organization: _, person: _, name, birth_date } = self;
        visit(FieldTag("patient.name"), name);
        visit(FieldTag("patient.birth_date"), birth_date);
    }
}

/// A patient's record, folded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Patient {
    /// Nothing happened yet.
    Unknown,
    /// Registered.
    Registered,
}

impl Aggregate for Patient {
    type Command = PatientCommand;
    type Event = PatientEvent;
    type Refusal = PatientRefusal;

    fn initial() -> Self {
        Self::Unknown
    }

    fn decide(&self, command: &PatientCommand, acting: &Acting<'_>) -> Result<Vec<PatientEvent>, PatientRefusal> {
        match (self, command) {
            (Self::Registered, PatientCommand::RegisterPatient(_)) => Err(PatientRefusal::Registered),
            (Self::Unknown, PatientCommand::RegisterPatient(register)) => {
                if register.person.is_some_and(|person| !acting.lookups.is_person(person)) {
                    return Err(PatientRefusal::NoSuchPerson);
                }
                let RegisterPatient { organization, person, name, birth_date } = register.clone();
                Ok(vec![PatientEvent::PatientRegistered(PatientRegistered {
                    patient: acting.command.creates(0),
                    organization,
                    person,
                    name,
                    birth_date,
                })])
            }
        }
    }

    fn evolve(self, event: &PatientEvent) -> Self {
        match event {
            PatientEvent::PatientRegistered(_) => Self::Registered,
        }
    }

    fn created_by(command: &PatientCommand, id: CommandId) -> Option<Uuid> {
        let PatientCommand::RegisterPatient(_) = command;
        Some(id.creates::<PatientId>(0).uuid())
    }

    fn is_transition(_: &PatientEvent) -> bool {
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aggregate::Fixed;
    use crate::aggregate::scenario::{by_the_installation, given};
    use crate::text::Text;

    #[test]
    fn a_patient_is_registered_once() {
        let nobody = Fixed::default();
        let acting = by_the_installation(&nobody);
        let text = |text| PersonalText::from(Text::line(text).expect("a text"));
        let register = PatientCommand::RegisterPatient(RegisterPatient {
            organization: OrganizationId::from_uuid(Uuid::from_u128(2)),
            person: None,
            name: text("Mira Okafor"),
            birth_date: text("1958-03-04"),
        });
        let events = given::<Patient>(&[]).when(&register, &acting).events();
        assert_eq!(events.len(), 1);
        given::<Patient>(&events).when(&register, &acting).then_refused(&PatientRefusal::Registered);
    }

    #[test]
    fn the_person_that_a_patient_is_said_to_be_is_on_record() {
        let text = |text| PersonalText::from(Text::line(text).expect("a text"));
        let person = PersonId::from_uuid(Uuid::from_u128(3));
        let register = PatientCommand::RegisterPatient(RegisterPatient {
            organization: OrganizationId::from_uuid(Uuid::from_u128(2)),
            person: Some(person),
            name: text("Mira Okafor"),
            birth_date: text("1958-03-04"),
        });
        let nobody = Fixed::default();
        given::<Patient>(&[])
            .when(&register, &by_the_installation(&nobody))
            .then_refused(&PatientRefusal::NoSuchPerson);
        let known = Fixed { people: vec![person], ..Fixed::default() };
        assert_eq!(given::<Patient>(&[]).when(&register, &by_the_installation(&known)).events().len(), 1);
    }
}
