//! The care team around a patient: which professionals, of which organization, take part.
//!
//! Who is on the team decides who may read, so one event both lists and grants; there is no
//! second record to keep in step.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::aggregate::{Acting, Aggregate};
use crate::command_name::commands;
use crate::conversation::Place;
use crate::event_set::{events, no_text};
use crate::ids::{CommandId, OrganizationId, PatientId, PersonId};
use crate::words::Role;
use uuid::Uuid;

commands! {
    /// What can be asked of a care team.
    CareTeamCommand, CareTeamAct {
        "care_team.add" => AddMember,
        "care_team.remove" => RemoveMember,
    }
}

/// Adds a person to the care team of a patient.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AddMember {
    /// Around which patient.
    pub patient: PatientId,
    /// Who.
    pub person: PersonId,
    /// In which role, which they hold now.
    pub role: Role,
    /// Of which organization.
    pub organization: OrganizationId,
}

/// Ends a person's place on the team.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RemoveMember {
    /// Around which patient.
    pub patient: PatientId,
    /// Who.
    pub person: PersonId,
}

/// We refuse because …
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CareTeamRefusal {
    /// … they do not hold that role at that organization.
    #[error("the person does not hold that role at that organization")]
    NoSuchRole,
    /// … they are on the team in another role, and leave it first.
    #[error("the person is on the care team in another role")]
    InAnotherRole,
    /// … the role takes no part in care.
    #[error("that role takes no part in a care team")]
    NotACareRole,
    /// … the person is the patient.
    #[error("a patient is not on their own care team")]
    OwnRecord,
}

events! {
    /// What can have happened to a care team.
    CareTeamEvent {
        "care_team.member_added" v 1 => MemberAdded,
        "care_team.member_removed" v 1 => MemberRemoved,
    }
}

/// A person joined the team.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemberAdded {
    /// Around which patient.
    pub patient: PatientId,
    /// Who.
    pub person: PersonId,
    /// In which role.
    pub role: Role,
    /// Of which organization.
    pub organization: OrganizationId,
}

/// A person left the team.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemberRemoved {
    /// Around which patient.
    pub patient: PatientId,
    /// Who.
    pub person: PersonId,
}

no_text! {
    MemberAdded { patient, person, role, organization }
    MemberRemoved { patient, person }
}

/// A care team, folded: its members, each in a role of an organization.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CareTeam(BTreeMap<PersonId, (Role, OrganizationId)>);

impl Aggregate for CareTeam {
    type Command = CareTeamCommand;
    type Event = CareTeamEvent;
    type Refusal = CareTeamRefusal;

    fn initial() -> Self {
        Self::default()
    }

    fn decide(&self, command: &CareTeamCommand, acting: &Acting<'_>) -> Result<Vec<CareTeamEvent>, CareTeamRefusal> {
        match command.clone() {
            CareTeamCommand::AddMember(AddMember { patient, person, role, organization }) => {
                match self.0.get(&person) {
                    Some(place) if *place == (role, organization) => return Ok(vec![]),
                    Some(_) => return Err(CareTeamRefusal::InAnotherRole),
                    None => {}
                }
                match role {
                    Role::Physician | Role::Nurse | Role::Pharmacist | Role::Coordinator | Role::SocialWorker => {}
                    Role::PrivacyOfficer | Role::Administrator | Role::Auditor | Role::Service | Role::Person => {
                        return Err(CareTeamRefusal::NotACareRole);
                    }
                }
                if acting.lookups.is_patient(patient, person) {
                    return Err(CareTeamRefusal::OwnRecord);
                }
                if !acting.lookups.holds_role(person, Place { role, organization }) {
                    return Err(CareTeamRefusal::NoSuchRole);
                }
                Ok(vec![CareTeamEvent::MemberAdded(MemberAdded { patient, person, role, organization })])
            }
            CareTeamCommand::RemoveMember(RemoveMember { patient, person }) => {
                if !self.0.contains_key(&person) {
                    return Ok(vec![]);
                }
                Ok(vec![CareTeamEvent::MemberRemoved(MemberRemoved { patient, person })])
            }
        }
    }

    fn evolve(mut self, event: &CareTeamEvent) -> Self {
        match event {
            CareTeamEvent::MemberAdded(added) => {
                self.0.insert(added.person, (added.role, added.organization));
            }
            CareTeamEvent::MemberRemoved(removed) => {
                self.0.remove(&removed.person);
            }
        }
        self
    }

    /// A team has the stream of its patient, so no command begins one under a new id.
    fn created_by(_: &CareTeamCommand, _: CommandId) -> Option<Uuid> {
        None
    }

    fn is_transition(_: &CareTeamEvent) -> bool {
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aggregate::Fixed;
    use crate::aggregate::scenario::{by_the_installation, given};
    use crate::ids::Id;

    fn organization() -> OrganizationId {
        OrganizationId::from_uuid(Uuid::from_u128(3))
    }

    fn person() -> PersonId {
        PersonId::from_uuid(Uuid::from_u128(2))
    }

    /// The person holds these roles.
    fn holding(roles: &[Role]) -> Fixed {
        let place = |role| (person(), Place { role, organization: organization() });
        Fixed { roles: roles.iter().copied().map(place).collect(), ..Fixed::default() }
    }

    fn add(role: Role) -> CareTeamCommand {
        let patient = PatientId::from_uuid(Uuid::from_u128(1));
        CareTeamCommand::AddMember(AddMember { patient, person: person(), organization: organization(), role })
    }

    #[test]
    fn a_member_joins_once_and_leaves_once() {
        let staff = holding(&[Role::Nurse, Role::Coordinator]);
        let acting = by_the_installation(&staff);
        let joined = given::<CareTeam>(&[]).when(&add(Role::Nurse), &acting).events();
        given::<CareTeam>(&joined).when(&add(Role::Nurse), &acting).then(&[]);
        let remove = CareTeamCommand::RemoveMember(RemoveMember {
            patient: PatientId::from_uuid(Uuid::from_u128(1)),
            person: PersonId::from_uuid(Uuid::from_u128(2)),
        });
        let left = given::<CareTeam>(&joined).when(&remove, &acting).events();
        assert_eq!(left.len(), 1);
        given::<CareTeam>(&[joined, left].concat()).when(&remove, &acting).then(&[]);
    }

    #[test]
    fn a_member_changes_role_by_leaving_first() {
        let staff = holding(&[Role::Nurse, Role::Coordinator]);
        let acting = by_the_installation(&staff);
        let joined = given::<CareTeam>(&[]).when(&add(Role::Nurse), &acting).events();
        given::<CareTeam>(&joined).when(&add(Role::Coordinator), &acting).then_refused(&CareTeamRefusal::InAnotherRole);
    }

    #[test]
    fn a_patient_is_not_on_their_own_care_team() {
        let patients = vec![(PatientId::from_uuid(Uuid::from_u128(1)), person())];
        let staff = Fixed { patients, ..holding(&[Role::Nurse]) };
        given::<CareTeam>(&[])
            .when(&add(Role::Nurse), &by_the_installation(&staff))
            .then_refused(&CareTeamRefusal::OwnRecord);
    }

    #[test]
    fn only_who_holds_a_care_role_joins() {
        given::<CareTeam>(&[])
            .when(&add(Role::Nurse), &by_the_installation(&Fixed::default()))
            .then_refused(&CareTeamRefusal::NoSuchRole);
        given::<CareTeam>(&[])
            .when(&add(Role::Auditor), &by_the_installation(&holding(&[Role::Auditor])))
            .then_refused(&CareTeamRefusal::NotACareRole);
    }
}
