//! The directives of a patient: whom they block from everything that is about them.
//!
//! A directive that denies a person binds from its event on, whatever else the person is to the patient, and ends by an
//! event. Those of one patient are in one stream, so that each is decided with the others. The patient gives one about
//! anybody; a registrar writes down the patient's word, and does not end what the patient has said themself.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::aggregate::{Acting, Aggregate};
use crate::command_name::commands;
use crate::envelope::Actor;
use crate::event_set::{events, no_text};
use crate::ids::{CommandId, DirectiveId, PatientId, PersonId, ThreadId};
use crate::party::Place;
use crate::text::{EachText, FieldTag, PersonalText};
use crate::words::Role;
use uuid::Uuid;

commands! {
    /// The commands to the directives of a patient.
    DirectiveCommand, DirectiveAct {
        "consent_directive.deny" => Deny,
        "consent_directive.end" => EndDirective,
    }
}

/// Blocks a person from everything about a patient, from now on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deny {
    /// The patient.
    pub patient: PatientId,
    /// Who is blocked.
    pub person: PersonId,
    /// What the patient said, where another person writes it down.
    pub patient_word: Option<PersonalText>,
}

/// Ends a directive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EndDirective {
    /// The patient.
    pub patient: PatientId,
    /// The directive.
    pub directive: DirectiveId,
}

/// We refuse because …
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DirectiveRefusal {
    /// … the patient is not blocked from what is about themself.
    #[error("a patient cannot be blocked from their own record")]
    WouldShutOutPatient,
    /// … nobody blocks themself by another's record.
    #[error("a directive is about another person than its sender")]
    SelfNotAllowed,
    /// … oversight cannot be blocked.
    #[error("a privacy officer or auditor cannot be blocked: they see who read, and never what")]
    CannotDenyOversight,
    /// … who writes it down says what the patient said.
    #[error("what the patient said is needed")]
    PatientWordMissing,
    /// … in open threads nobody else could see to it who goes on.
    #[error("nobody else could see to the open threads of that person")]
    NobodyLeft(Vec<ThreadId>),
    /// … there is no such directive in force.
    #[error("there is no such directive in force")]
    NoSuchDirective,
    /// … only the patient ends what they have said themself.
    #[error("only the patient ends their own directive")]
    NotTheirs,
}

events! {
    /// What can have happened to the directives of a patient.
    DirectiveEvent {
        "consent_directive.activated" v 1 => DirectiveActivated,
        "consent_directive.ended" v 1 => DirectiveEnded,
    }
}

/// A directive is in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DirectiveActivated {
    /// The directive.
    pub directive: DirectiveId,
    /// The patient.
    pub patient: PatientId,
    /// Who is blocked.
    pub person: PersonId,
    /// Who gave it or wrote it down.
    pub by: Actor,
    /// In which role; `person` for the patient.
    pub role: Role,
    /// What the patient said, where another person wrote it down; under the patient's key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub patient_word: Option<PersonalText>,
}

/// A directive is in force no more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DirectiveEnded {
    /// The directive.
    pub directive: DirectiveId,
    /// The patient.
    pub patient: PatientId,
    /// Who was blocked.
    pub person: PersonId,
    /// Who ended it.
    pub by: Actor,
    /// In which role; `person` for the patient.
    pub role: Role,
}

impl EachText for DirectiveActivated {
    fn each_text(&mut self, visit: &mut dyn FnMut(FieldTag, &mut PersonalText)) {
        let Self { directive: _, patient: _, person: _, by: _, role: _, patient_word } = self;
        if let Some(word) = patient_word {
            visit(FieldTag("consent_directive.patient_word"), word);
        }
    }
}

no_text! {
    DirectiveEnded { directive, patient, person, by, role }
}

/// The directives of a patient that are in force, folded.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Directives(BTreeMap<DirectiveId, InForce>);

/// A directive in force.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct InForce {
    person: PersonId,
    /// Whether the patient gave it themself.
    by_patient: bool,
}

impl Aggregate for Directives {
    type Command = DirectiveCommand;
    type Event = DirectiveEvent;
    type Refusal = DirectiveRefusal;

    fn initial() -> Self {
        Self::default()
    }

    fn decide(&self, command: &DirectiveCommand, acting: &Acting<'_>) -> Result<Vec<DirectiveEvent>, DirectiveRefusal> {
        let (by, role, lookups) = (acting.by, acting.role, acting.lookups);
        let event = match command.clone() {
            DirectiveCommand::Deny(Deny { patient, person, patient_word }) => {
                if lookups.is_patient(patient, person) {
                    return Err(DirectiveRefusal::WouldShutOutPatient);
                }
                if by == Actor::Person(person) {
                    return Err(DirectiveRefusal::SelfNotAllowed);
                }
                if lookups.roles(person).iter().any(oversees) {
                    return Err(DirectiveRefusal::CannotDenyOversight);
                }
                // The patient's own word needs no other.
                let patient_word = patient_word.filter(|_| role != Role::Person);
                if role != Role::Person && patient_word.is_none() {
                    return Err(DirectiveRefusal::PatientWordMissing);
                }
                // What staff wrote down becomes the patient's own when they say it themself.
                let says_more = |held: &InForce| role == Role::Person && !held.by_patient;
                if self.0.values().any(|held| held.person == person && !says_more(held)) {
                    return Ok(vec![]);
                }
                let left_alone = lookups.resting_on(patient, person);
                if !left_alone.is_empty() {
                    return Err(DirectiveRefusal::NobodyLeft(left_alone));
                }
                let directive = acting.command.creates(0);
                DirectiveActivated { directive, patient, person, by, role, patient_word }.into()
            }
            DirectiveCommand::EndDirective(EndDirective { patient, directive }) => {
                let held = self.0.get(&directive).ok_or(DirectiveRefusal::NoSuchDirective)?;
                if held.by_patient && role != Role::Person {
                    return Err(DirectiveRefusal::NotTheirs);
                }
                DirectiveEnded { directive, patient, person: held.person, by, role }.into()
            }
        };
        Ok(vec![event])
    }

    fn evolve(mut self, event: &DirectiveEvent) -> Self {
        match event {
            DirectiveEvent::DirectiveActivated(DirectiveActivated { directive, person, role, .. }) => {
                self.0.insert(*directive, InForce { person: *person, by_patient: *role == Role::Person });
            }
            DirectiveEvent::DirectiveEnded(ended) => {
                self.0.remove(&ended.directive);
            }
        }
        self
    }

    /// The directives have the stream of their patient, so no command begins one under a new id.
    fn created_by(_: &DirectiveCommand, _: CommandId) -> Option<Uuid> {
        None
    }

    fn is_transition(_: &DirectiveEvent) -> bool {
        false
    }
}

fn oversees(place: &Place) -> bool {
    match place.role {
        Role::PrivacyOfficer | Role::Auditor => true,
        Role::Physician
        | Role::Nurse
        | Role::Pharmacist
        | Role::Coordinator
        | Role::SocialWorker
        | Role::Administrator
        | Role::Service
        | Role::Person => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aggregate::Fixed;
    use crate::aggregate::scenario::{by_the_installation, given};
    use crate::ids::{Id, OrganizationId};
    use crate::text::Text;
    use crate::words::Capacity;

    fn id<I: Id>(bits: u128) -> I {
        I::from_uuid(Uuid::from_u128(bits))
    }

    /// The patient, who is this person, among these facts.
    fn facts() -> Fixed {
        Fixed { patients: vec![(id(1), id(8))], ..Fixed::default() }
    }

    fn as_patient(lookups: &Fixed) -> Acting<'_> {
        let acting = by_the_installation(lookups);
        Acting { by: Actor::Person(id(8)), role: Role::Person, capacity: Capacity::Patient, ..acting }
    }

    fn as_registrar(lookups: &Fixed) -> Acting<'_> {
        let acting = by_the_installation(lookups);
        let command = id(901);
        Acting { by: Actor::Person(id(9)), role: Role::Coordinator, capacity: Capacity::Coordinator, command, ..acting }
    }

    fn deny(word: Option<&str>) -> DirectiveCommand {
        let patient_word = word.map(|word| Text::line(word).expect("a text").into());
        Deny { patient: id(1), person: id(3), patient_word }.into()
    }

    fn end(acting: &Acting<'_>) -> DirectiveCommand {
        EndDirective { patient: id(1), directive: acting.command.creates(0) }.into()
    }

    #[test]
    fn a_patient_shuts_a_person_out_once_and_ends_it() {
        let facts = facts();
        let patient = as_patient(&facts);
        let active = given::<Directives>(&[]).when(&deny(None), &patient).events();
        let [DirectiveEvent::DirectiveActivated(activated)] = active.as_slice() else { panic!("{active:?}") };
        assert_eq!((activated.person, activated.role), (id(3), Role::Person));
        given::<Directives>(&active).when(&deny(None), &patient).then(&[]);
        let ended = given::<Directives>(&active).when(&end(&patient), &patient).events();
        assert!(matches!(ended.as_slice(), [DirectiveEvent::DirectiveEnded(_)]), "{ended:?}");
        let after = [&active[..], &ended].concat();
        given::<Directives>(&after).when(&end(&patient), &patient).then_refused(&DirectiveRefusal::NoSuchDirective);
        assert_eq!(given::<Directives>(&after).when(&deny(None), &patient).events().len(), 1);
    }

    #[test]
    fn who_writes_it_down_says_what_the_patient_said_and_does_not_end_what_the_patient_said_themself() {
        let facts = facts();
        let (patient, registrar) = (as_patient(&facts), as_registrar(&facts));
        given::<Directives>(&[]).when(&deny(None), &registrar).then_refused(&DirectiveRefusal::PatientWordMissing);
        let written = given::<Directives>(&[]).when(&deny(Some("Not her any more.")), &registrar).events();
        assert_eq!(written.len(), 1);
        assert_eq!(given::<Directives>(&written).when(&end(&registrar), &registrar).events().len(), 1);
        assert_eq!(given::<Directives>(&written).when(&end(&registrar), &patient).events().len(), 1);
        let said = given::<Directives>(&written).when(&deny(None), &patient).events();
        let both = [&written[..], &said].concat();
        given::<Directives>(&both).when(&end(&patient), &registrar).then_refused(&DirectiveRefusal::NotTheirs);
    }

    #[test]
    fn neither_the_patient_nor_the_sender_nor_oversight_is_blocked() {
        let mut facts = facts();
        let organization: OrganizationId = id(2);
        facts.roles = vec![
            (id(4), Place { role: Role::PrivacyOfficer, organization }),
            (id(5), Place { role: Role::Auditor, organization }),
        ];
        let patient = as_patient(&facts);
        let deny = |person| DirectiveCommand::from(Deny { patient: id(1), person, patient_word: None });
        let given = given::<Directives>(&[]);
        given.when(&deny(id(8)), &patient).then_refused(&DirectiveRefusal::WouldShutOutPatient);
        for person in [id(4), id(5)] {
            given.when(&deny(person), &patient).then_refused(&DirectiveRefusal::CannotDenyOversight);
        }
        given.when(&deny(id(9)), &as_registrar(&facts)).then_refused(&DirectiveRefusal::SelfNotAllowed);
    }

    #[test]
    fn nobody_is_blocked_while_nobody_else_could_see_to_their_threads() {
        let facts = Fixed { resting: vec![(id(3), id(50))], ..facts() };
        given::<Directives>(&[])
            .when(&deny(None), &as_patient(&facts))
            .then_refused(&DirectiveRefusal::NobodyLeft(vec![id(50)]));
    }
}
