//! The care team around a patient: which professionals, of which organization, take part.
//!
//! Who is on the team decides who may read, so one event both lists and grants; there is no
//! second record to keep in step.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::decide::{Acting, Decider};
use crate::ids::{OrganizationId, PatientId, PersonId};
use crate::kinds::{events, no_text};
use crate::words::Role;

/// What can be asked of a care team.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CareTeamCommand {
    /// Take a person onto the team.
    Add(AddMember),
    /// Let a person leave the team.
    Remove(RemoveMember),
}

/// Take a person onto the team.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AddMember {
    /// Around which patient.
    pub patient: PatientId,
    /// Who.
    pub person: PersonId,
    /// In which role.
    pub role: Role,
    /// Of which organization.
    pub organization: OrganizationId,
    /// Whether they hold that role there now, looked up before.
    pub holds_role: bool,
}

/// Let a person leave the team.
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
}

events! {
    /// What can have happened to a care team.
    CareTeamEvent {
        "care_team.member_added" v 1 => MemberAdded(MemberAdded),
        "care_team.member_removed" v 1 => MemberRemoved(MemberRemoved),
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

impl Decider for CareTeam {
    type Command = CareTeamCommand;
    type Event = CareTeamEvent;
    type Refusal = CareTeamRefusal;

    fn initial() -> Self {
        Self::default()
    }

    fn decide(&self, command: &CareTeamCommand, _: &Acting) -> Result<Vec<CareTeamEvent>, CareTeamRefusal> {
        match *command {
            CareTeamCommand::Add(AddMember { patient, person, role, organization, holds_role }) => {
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
                if !holds_role {
                    return Err(CareTeamRefusal::NoSuchRole);
                }
                Ok(vec![CareTeamEvent::MemberAdded(MemberAdded { patient, person, role, organization })])
            }
            CareTeamCommand::Remove(RemoveMember { patient, person }) => {
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
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decide::scenario::given;
    use crate::envelope::Actor;
    use crate::ids::Id;
    use crate::words::Capacity;
    use uuid::Uuid;

    fn acting() -> Acting {
        Acting {
            by: Actor::Installation,
            capacity: Capacity::Coordinator,
            now: "2026-11-23T08:00:00Z".parse().expect("a time"),
        }
    }

    fn add(role: Role, holds_role: bool) -> CareTeamCommand {
        CareTeamCommand::Add(AddMember {
            patient: PatientId::from_uuid(Uuid::from_u128(1)),
            person: PersonId::from_uuid(Uuid::from_u128(2)),
            organization: OrganizationId::from_uuid(Uuid::from_u128(3)),
            role,
            holds_role,
        })
    }

    #[test]
    fn a_member_joins_once_and_leaves_once() {
        let joined = given::<CareTeam>(&[]).when(&add(Role::Nurse, true), &acting()).events();
        given::<CareTeam>(&joined).when(&add(Role::Nurse, true), &acting()).then(&[]);
        let remove = CareTeamCommand::Remove(RemoveMember {
            patient: PatientId::from_uuid(Uuid::from_u128(1)),
            person: PersonId::from_uuid(Uuid::from_u128(2)),
        });
        let left = given::<CareTeam>(&joined).when(&remove, &acting()).events();
        assert_eq!(left.len(), 1);
        given::<CareTeam>(&[joined, left].concat()).when(&remove, &acting()).then(&[]);
    }

    #[test]
    fn a_member_changes_role_by_leaving_first() {
        let joined = given::<CareTeam>(&[]).when(&add(Role::Nurse, true), &acting()).events();
        given::<CareTeam>(&joined)
            .when(&add(Role::Coordinator, true), &acting())
            .then_refused(&CareTeamRefusal::InAnotherRole);
    }

    #[test]
    fn only_who_holds_a_care_role_joins() {
        given::<CareTeam>(&[]).when(&add(Role::Nurse, false), &acting()).then_refused(&CareTeamRefusal::NoSuchRole);
        given::<CareTeam>(&[]).when(&add(Role::Auditor, true), &acting()).then_refused(&CareTeamRefusal::NotACareRole);
    }
}
