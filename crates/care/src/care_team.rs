//! The care team around a patient: which professionals, of which organization, take part.
//!
//! Who is on the team decides who may read, so one event both lists and grants; there is no
//! second record to keep in step.
//!
//! Nobody is put on a team by themself without a word: who joins says why, and stays visible afterwards. Who works for
//! another organization than the one that keeps the record is asked, and is on the team once they have accepted.
//!
//! A person who helps the patient under a delegation has no access as staff. They are on the team only where another person
//! puts them there and says that they know of it, which is recorded.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::aggregate::{Acting, Aggregate};
use crate::command_name::commands;
use crate::envelope::Actor;
use crate::event_set::{events, no_text, texts};
use crate::ids::{CommandId, OrganizationId, PatientId, PersonId};
use crate::party::Place;
use crate::text::PersonalText;
use crate::words::Role;
use uuid::Uuid;

commands! {
    /// What can be asked of a care team.
    CareTeamCommand, CareTeamAct {
        "care_team.add" => AddMember,
        "care_team.join" => JoinCareTeam,
        "care_team.accept" => AcceptPlace,
        "care_team.decline" => DeclinePlace,
        "care_team.withdraw" => WithdrawPlace,
        "care_team.remove" => RemoveMember,
    }
}

/// Adds another person to the care team of a patient, or asks them if they work for another organization than the one that
/// keeps the record.
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
    /// Whether the sender knows that the person helps the patient, which is recorded. It says nothing where they do not.
    pub knows_conflict: bool,
}

/// Adds oneself to the care team of a patient.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JoinCareTeam {
    /// Around which patient.
    pub patient: PatientId,
    /// In which role, which one holds at the organization that keeps the record.
    pub role: Role,
    /// Why.
    pub reason: PersonalText,
}

/// Accepts the place on a care team to which one was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AcceptPlace {
    /// Around which patient.
    pub patient: PatientId,
}

/// Declines the place on a care team to which one was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DeclinePlace {
    /// Around which patient.
    pub patient: PatientId,
}

/// Takes the question back that a person has not answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WithdrawPlace {
    /// Around which patient.
    pub patient: PatientId,
    /// Who was asked.
    pub person: PersonId,
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
    /// … one adds oneself by joining, with a reason.
    #[error("who adds themself to a care team joins it, with a reason")]
    SelfNotAllowed,
    /// … who works for another organization is asked by the one that keeps the record.
    #[error("only who works for the organization that keeps the record joins by themself")]
    OtherOrganization,
    /// … the person was not asked, or the question has ended.
    #[error("the person is not asked to the care team")]
    NotAsked,
    /// … the person helps the patient, and the sender did not say that they know it.
    #[error("the person helps the patient, and is added only by who says that they know it")]
    ConflictNotKnown,
    /// … who helps the patient is put on the team by another person, who knows it.
    #[error("who helps the patient is put on the care team by another person, who knows it")]
    ConflictOfInterest,
}

events! {
    /// What can have happened to a care team.
    CareTeamEvent {
        "care_team.member_added" v 1 => MemberAdded,
        "care_team.member_joined" v 1 => MemberJoined,
        "care_team.member_asked" v 1 => MemberAsked,
        "care_team.member_declined" v 1 => MemberDeclined,
        "care_team.member_removed" v 1 => MemberRemoved,
        "care_team.conflict_recorded" v 1 => ConflictRecorded,
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

/// A person joined the team by their own word.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemberJoined {
    /// Around which patient.
    pub patient: PatientId,
    /// Who.
    pub person: PersonId,
    /// In which role.
    pub role: Role,
    /// Of which organization.
    pub organization: OrganizationId,
    /// Why, under the patient's key.
    pub reason: PersonalText,
}

/// A person of another organization was asked to the team.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemberAsked {
    /// Around which patient.
    pub patient: PatientId,
    /// Who was asked.
    pub person: PersonId,
    /// In which role.
    pub role: Role,
    /// Of which organization.
    pub organization: OrganizationId,
    /// Who asked.
    pub by: Actor,
    /// Until when they can accept.
    #[serde(with = "crate::instant")]
    pub expires_at: DateTime<Utc>,
}

/// A person who was asked declined, or the question was taken back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemberDeclined {
    /// Around which patient.
    pub patient: PatientId,
    /// Who was asked.
    pub person: PersonId,
    /// Who declined or took it back.
    pub by: Actor,
}

/// A person left the team.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemberRemoved {
    /// Around which patient.
    pub patient: PatientId,
    /// Who.
    pub person: PersonId,
}

/// A person who put another on the team, or asked them to it, knows that this one helps the patient. It holds until they
/// leave the team or decline.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConflictRecorded {
    /// Around which patient.
    pub patient: PatientId,
    /// Who helps the patient and is to be on the team.
    pub person: PersonId,
    /// Who knows it.
    pub by: Actor,
}

texts! {
    MemberJoined { reason: "care_team.joined_reason"; patient, person, role, organization }
}

no_text! {
    ConflictRecorded { patient, person, by }
    MemberAdded { patient, person, role, organization }
    MemberAsked { patient, person, role, organization, by, expires_at }
    MemberDeclined { patient, person, by }
    MemberRemoved { patient, person }
}

/// A care team, folded.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CareTeam {
    /// Its members, each with their place.
    members: BTreeMap<PersonId, Place>,
    /// Who was asked and has not answered, with the place and the end of the question.
    asked: BTreeMap<PersonId, (Place, DateTime<Utc>)>,
    /// Of whom it is recorded that they help the patient.
    conflicts: BTreeSet<PersonId>,
}

impl CareTeam {
    /// The place to which a person is asked now.
    fn asked(&self, person: PersonId, acting: &Acting<'_>) -> Result<Place, CareTeamRefusal> {
        let open = self.asked.get(&person).filter(|(_, expires_at)| acting.now < *expires_at);
        open.map(|(place, _)| *place).ok_or(CareTeamRefusal::NotAsked)
    }

    /// Whether a person can have a place on the team now; `true` if they have it already.
    fn has_place(
        &self,
        patient: PatientId,
        person: PersonId,
        place: Place,
        acting: &Acting<'_>,
    ) -> Result<bool, CareTeamRefusal> {
        match self.members.get(&person) {
            Some(held) if *held == place => return Ok(true),
            Some(_) => return Err(CareTeamRefusal::InAnotherRole),
            None => {}
        }
        if !place.role.takes_part_in_care() {
            return Err(CareTeamRefusal::NotACareRole);
        }
        if acting.lookups.is_patient(patient, person) {
            return Err(CareTeamRefusal::OwnRecord);
        }
        if !acting.lookups.holds_role(person, place) {
            return Err(CareTeamRefusal::NoSuchRole);
        }
        Ok(false)
    }

    /// Whether the person helps the patient, and nobody who knows it wants them on the team.
    fn has_open_conflict(&self, patient: PatientId, person: PersonId, acting: &Acting<'_>) -> bool {
        !self.conflicts.contains(&person) && helps(patient, person, acting)
    }

    /// Adds another person, or asks them. Who is there already stays, and it is recorded that they help the patient.
    fn add(&self, add: AddMember, acting: &Acting<'_>) -> Result<Vec<CareTeamEvent>, CareTeamRefusal> {
        let AddMember { patient, person, role, organization, knows_conflict } = add;
        let place = Place { role, organization };
        let has_place = self.has_place(patient, person, place, acting)?;
        let has_conflict = self.has_open_conflict(patient, person, acting);
        if has_place && !has_conflict {
            return Ok(vec![]);
        }
        if acting.by == Actor::Person(person) {
            return Err(CareTeamRefusal::SelfNotAllowed);
        }
        if has_conflict && !knows_conflict {
            return Err(CareTeamRefusal::ConflictNotKnown);
        }
        let is_here = acting.lookups.record_keeper(patient).is_none_or(|keeper| keeper == organization);
        let is_asked = !is_here && self.asked(person, acting) == Ok(place);
        let given: CareTeamEvent = if is_here {
            MemberAdded { patient, person, role, organization }.into()
        } else {
            MemberAsked { patient, person, role, organization, by: acting.by, expires_at: acting.answer_by() }.into()
        };
        let given = (!has_place && !is_asked).then_some(given);
        let recorded = has_conflict.then(|| ConflictRecorded { patient, person, by: acting.by }.into());
        Ok(given.into_iter().chain(recorded).collect())
    }
}

/// Whether the person has accepted to help the patient, and it has not ended.
fn helps(patient: PatientId, person: PersonId, acting: &Acting<'_>) -> bool {
    acting.lookups.delegations_of(patient).iter().any(|each| each.is_of(person, acting.now))
}

/// The sender, who acts for themself.
fn oneself(acting: &Acting<'_>) -> Result<PersonId, CareTeamRefusal> {
    acting.by.person().ok_or(CareTeamRefusal::NotAsked)
}

impl Aggregate for CareTeam {
    type Command = CareTeamCommand;
    type Event = CareTeamEvent;
    type Refusal = CareTeamRefusal;

    fn initial() -> Self {
        Self::default()
    }

    fn decide(&self, command: &CareTeamCommand, acting: &Acting<'_>) -> Result<Vec<CareTeamEvent>, CareTeamRefusal> {
        let event = match command.clone() {
            CareTeamCommand::AddMember(add) => return self.add(add, acting),
            CareTeamCommand::JoinCareTeam(JoinCareTeam { patient, role, reason }) => {
                let person = oneself(acting)?;
                let organization = acting.lookups.record_keeper(patient).ok_or(CareTeamRefusal::OtherOrganization)?;
                if self.has_place(patient, person, Place { role, organization }, acting)? {
                    return Ok(vec![]);
                }
                // Also where the conflict is recorded: it was recorded for being added by another person, not for joining.
                if helps(patient, person, acting) {
                    return Err(CareTeamRefusal::ConflictOfInterest);
                }
                MemberJoined { patient, person, role, organization, reason }.into()
            }
            CareTeamCommand::AcceptPlace(AcceptPlace { patient }) => {
                let person = oneself(acting)?;
                let place @ Place { role, organization } = self.asked(person, acting)?;
                if self.has_place(patient, person, place, acting)? {
                    return Ok(vec![]);
                }
                if self.has_open_conflict(patient, person, acting) {
                    return Err(CareTeamRefusal::ConflictOfInterest);
                }
                MemberAdded { patient, person, role, organization }.into()
            }
            CareTeamCommand::DeclinePlace(DeclinePlace { patient }) => {
                let person = oneself(acting)?;
                self.asked(person, acting)?;
                MemberDeclined { patient, person, by: acting.by }.into()
            }
            CareTeamCommand::WithdrawPlace(WithdrawPlace { patient, person }) => {
                self.asked(person, acting)?;
                MemberDeclined { patient, person, by: acting.by }.into()
            }
            CareTeamCommand::RemoveMember(RemoveMember { patient, person }) => {
                if !self.members.contains_key(&person) {
                    return Ok(vec![]);
                }
                MemberRemoved { patient, person }.into()
            }
        };
        Ok(vec![event])
    }

    fn evolve(mut self, event: &CareTeamEvent) -> Self {
        match event {
            CareTeamEvent::MemberAdded(MemberAdded { person, role, organization, .. })
            | CareTeamEvent::MemberJoined(MemberJoined { person, role, organization, .. }) => {
                self.asked.remove(person);
                self.members.insert(*person, Place { role: *role, organization: *organization });
            }
            CareTeamEvent::MemberAsked(MemberAsked { person, role, organization, expires_at, .. }) => {
                self.asked.insert(*person, (Place { role: *role, organization: *organization }, *expires_at));
            }
            CareTeamEvent::MemberDeclined(declined) => {
                self.asked.remove(&declined.person);
                self.conflicts.remove(&declined.person);
            }
            CareTeamEvent::MemberRemoved(removed) => {
                self.members.remove(&removed.person);
                self.conflicts.remove(&removed.person);
            }
            CareTeamEvent::ConflictRecorded(recorded) => {
                self.conflicts.insert(recorded.person);
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
mod scenarios;
