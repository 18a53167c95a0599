//! A patient: the subject of care, with a sealed identity and the link to the person they are.
//!
//! A nurse can be a patient, so patient and person are two ids. The link between them is
//! pseudonymous and not sealed: the standing `self` rests on it.

use serde::{Deserialize, Serialize};

use crate::decide::{Acting, Decider};
use crate::ids::{OrganizationId, PatientId, PersonId};
use crate::kinds::events;
use crate::text::{EachText, FieldTag, PersonalText};

/// What can be asked of a patient's record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PatientCommand {
    /// Come on record.
    Register(RegisterPatient),
}

/// Put a patient on record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegisterPatient {
    /// The patient's id.
    pub patient: PatientId,
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
    /// … the patient is on record already.
    #[error("the patient is registered already")]
    Registered,
}

events! {
    /// What can have happened to a patient's record.
    PatientEvent {
        "patient.registered" v 1 => Registered(PatientRegistered),
    }
}

/// A patient came on record.
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
    /// On record.
    Registered,
}

impl Decider for Patient {
    type Command = PatientCommand;
    type Event = PatientEvent;
    type Refusal = PatientRefusal;

    fn initial() -> Self {
        Self::Unknown
    }

    fn decide(&self, command: &PatientCommand, _: &Acting) -> Result<Vec<PatientEvent>, PatientRefusal> {
        match (self, command) {
            (Self::Registered, PatientCommand::Register(_)) => Err(PatientRefusal::Registered),
            (Self::Unknown, PatientCommand::Register(register)) => {
                let RegisterPatient { patient, organization, person, name, birth_date } = register.clone();
                Ok(vec![PatientEvent::Registered(PatientRegistered {
                    patient,
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
            PatientEvent::Registered(_) => Self::Registered,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decide::scenario::given;
    use crate::envelope::Actor;
    use crate::ids::Id;
    use crate::text::Text;
    use crate::words::Capacity;
    use uuid::Uuid;

    #[test]
    fn a_patient_is_registered_once() {
        let acting = Acting {
            by: Actor::Installation,
            capacity: Capacity::Coordinator,
            now: "2026-11-23T08:00:00Z".parse().expect("a time"),
        };
        let text = |text| PersonalText::from(Text::line(text).expect("a text"));
        let register = PatientCommand::Register(RegisterPatient {
            patient: PatientId::from_uuid(Uuid::from_u128(1)),
            organization: OrganizationId::from_uuid(Uuid::from_u128(2)),
            person: None,
            name: text("Mira Okafor"),
            birth_date: text("1958-03-04"),
        });
        let events = given::<Patient>(&[]).when(&register, &acting).events();
        assert_eq!(events.len(), 1);
        given::<Patient>(&events).when(&register, &acting).then_refused(&PatientRefusal::Registered);
    }
}
