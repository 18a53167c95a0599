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

use chrono::{DateTime, Duration, Utc};
use serde::{Deserialize, Serialize};

use crate::aggregate::{Acting, Aggregate};
use crate::command_name::commands;
use crate::conversation::Place;
use crate::envelope::Actor;
use crate::event_set::{events, no_text};
use crate::ids::{CommandId, OrganizationId, PatientId, PersonId};
use crate::text::{EachText, FieldTag, PersonalText};
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

impl EachText for MemberJoined {
    fn each_text(&mut self, visit: &mut dyn FnMut(FieldTag, &mut PersonalText)) {
        let Self { patient: _, person: _, role: _, organization: _, reason } = self;
        visit(FieldTag("care_team.joined_reason"), reason);
    }
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

no_text! {
    ConflictRecorded { patient, person, by }
    MemberAdded { patient, person, role, organization }
    MemberAsked { patient, person, role, organization, by, expires_at }
    MemberDeclined { patient, person, by }
    MemberRemoved { patient, person }
}

/// How long a person of another organization has to answer, as with an invitation to a thread.
const ASKED_DAYS: i64 = 14;

/// A care team, folded.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CareTeam {
    /// Its members, each in a role of an organization.
    members: BTreeMap<PersonId, (Role, OrganizationId)>,
    /// Who was asked and has not answered, with the end of the question.
    asked: BTreeMap<PersonId, (Role, OrganizationId, DateTime<Utc>)>,
    /// Of whom it is recorded that they help the patient.
    conflicts: BTreeSet<PersonId>,
}

impl CareTeam {
    /// The place to which a person is asked now.
    fn asked(&self, person: PersonId, acting: &Acting<'_>) -> Result<(Role, OrganizationId), CareTeamRefusal> {
        let open = self.asked.get(&person).filter(|(_, _, expires_at)| acting.now < *expires_at);
        open.map(|(role, organization, _)| (*role, *organization)).ok_or(CareTeamRefusal::NotAsked)
    }

    /// Whether a person can have a place on the team now; `true` if they have it already.
    fn has_place(
        &self,
        patient: PatientId,
        person: PersonId,
        (role, organization): (Role, OrganizationId),
        acting: &Acting<'_>,
    ) -> Result<bool, CareTeamRefusal> {
        match self.members.get(&person) {
            Some(place) if *place == (role, organization) => return Ok(true),
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
        Ok(false)
    }

    /// Whether the person helps the patient, and nobody who knows it wants them on the team.
    fn has_open_conflict(&self, patient: PatientId, person: PersonId, acting: &Acting<'_>) -> bool {
        !self.conflicts.contains(&person) && helps(patient, person, acting)
    }

    /// Adds another person, or asks them. Who is there already stays, and it is recorded that they help the patient.
    fn add(&self, add: AddMember, acting: &Acting<'_>) -> Result<Vec<CareTeamEvent>, CareTeamRefusal> {
        let AddMember { patient, person, role, organization, knows_conflict } = add;
        let has_place = self.has_place(patient, person, (role, organization), acting)?;
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
        let is_asked = !is_here && self.asked(person, acting) == Ok((role, organization));
        let given: CareTeamEvent = if is_here {
            MemberAdded { patient, person, role, organization }.into()
        } else {
            let expires_at = acting.now + Duration::days(ASKED_DAYS);
            MemberAsked { patient, person, role, organization, by: acting.by, expires_at }.into()
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
                if self.has_place(patient, person, (role, organization), acting)? {
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
                let (role, organization) = self.asked(person, acting)?;
                if self.has_place(patient, person, (role, organization), acting)? {
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
                self.members.insert(*person, (*role, *organization));
            }
            CareTeamEvent::MemberAsked(MemberAsked { person, role, organization, expires_at, .. }) => {
                self.asked.insert(*person, (*role, *organization, *expires_at));
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
mod tests {
    use super::*;
    use crate::aggregate::scenario::{by_the_installation, given};
    use crate::aggregate::{DelegationBrief, Fixed};
    use crate::ids::{DelegationId, Id};
    use crate::scope::Scope;
    use crate::text::Text;
    use crate::words::{DelegationKind, DelegationState};

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
        let (person, organization, knows_conflict) = (person(), organization(), false);
        CareTeamCommand::AddMember(AddMember { patient, person, organization, role, knows_conflict })
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

    fn patient() -> PatientId {
        PatientId::from_uuid(Uuid::from_u128(1))
    }

    fn by_oneself(lookups: &Fixed) -> Acting<'_> {
        Acting { by: Actor::Person(person()), ..by_the_installation(lookups) }
    }

    #[test]
    fn who_adds_themself_says_why() {
        let staff = Fixed { record_keepers: vec![(patient(), organization())], ..holding(&[Role::Nurse]) };
        let acting = by_oneself(&staff);
        given::<CareTeam>(&[]).when(&add(Role::Nurse), &acting).then_refused(&CareTeamRefusal::SelfNotAllowed);
        let reason = PersonalText::from(Text::line("I cover for Dr. Brückner.").expect("a text"));
        let join = |role| CareTeamCommand::from(JoinCareTeam { patient: patient(), role, reason: reason.clone() });
        let joined = MemberJoined {
            patient: patient(),
            person: person(),
            role: Role::Nurse,
            organization: organization(),
            reason: reason.clone(),
        };
        let joined = CareTeamEvent::from(joined);
        given::<CareTeam>(&[]).when(&join(Role::Nurse), &acting).then(std::slice::from_ref(&joined));
        given::<CareTeam>(&[joined]).when(&join(Role::Nurse), &acting).then(&[]);
        given::<CareTeam>(&[]).when(&join(Role::Physician), &acting).then_refused(&CareTeamRefusal::NoSuchRole);
        let elsewhere =
            Fixed { record_keepers: vec![(patient(), OrganizationId::from_uuid(Uuid::from_u128(4)))], ..staff };
        let refused = &CareTeamRefusal::NoSuchRole;
        given::<CareTeam>(&[]).when(&join(Role::Nurse), &by_oneself(&elsewhere)).then_refused(refused);
        let unkept = holding(&[Role::Nurse]);
        given::<CareTeam>(&[])
            .when(&join(Role::Nurse), &by_oneself(&unkept))
            .then_refused(&CareTeamRefusal::OtherOrganization);
    }

    #[test]
    fn who_works_for_another_organization_is_asked_and_is_on_the_team_once_they_accept() {
        let keeper = OrganizationId::from_uuid(Uuid::from_u128(4));
        let staff = Fixed { record_keepers: vec![(patient(), keeper)], ..holding(&[Role::Physician]) };
        let (registrar, member) = (by_the_installation(&staff), by_oneself(&staff));
        let asked = given::<CareTeam>(&[]).when(&add(Role::Physician), &registrar).events();
        assert!(matches!(asked.as_slice(), [CareTeamEvent::MemberAsked(_)]), "{asked:?}");
        given::<CareTeam>(&asked).when(&add(Role::Physician), &registrar).then(&[]);
        let accept = CareTeamCommand::from(AcceptPlace { patient: patient() });
        let decline = CareTeamCommand::from(DeclinePlace { patient: patient() });
        let withdraw = CareTeamCommand::from(WithdrawPlace { patient: patient(), person: person() });
        given::<CareTeam>(&[]).when(&accept, &member).then_refused(&CareTeamRefusal::NotAsked);
        let added = given::<CareTeam>(&asked).when(&accept, &member).events();
        assert!(matches!(added.as_slice(), [CareTeamEvent::MemberAdded(_)]), "{added:?}");
        for (end, by) in [(&decline, &member), (&withdraw, &registrar)] {
            let ended = given::<CareTeam>(&asked).when(end, by).events();
            let after = [&asked[..], &ended].concat();
            given::<CareTeam>(&after).when(&accept, &member).then_refused(&CareTeamRefusal::NotAsked);
        }
        let late = Acting { now: member.now + Duration::days(ASKED_DAYS), ..member };
        given::<CareTeam>(&asked).when(&accept, &late).then_refused(&CareTeamRefusal::NotAsked);
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

    /// What `holding` says, and the person has a delegation of this state.
    fn helping(state: DelegationState) -> Fixed {
        let brief = DelegationBrief {
            delegation: DelegationId::from_uuid(Uuid::from_u128(5)),
            person: Some(person()),
            kind: DelegationKind::PatientAuthorised,
            state,
            scope: Scope::nothing(),
            until: Some("2026-12-23T08:00:00Z".parse().expect("a time")),
        };
        Fixed { delegations: vec![(patient(), brief)], ..holding(&[Role::Nurse]) }
    }

    fn add_knowingly() -> CareTeamCommand {
        let (patient, person, organization, role) = (patient(), person(), organization(), Role::Nurse);
        AddMember { patient, person, organization, role, knows_conflict: true }.into()
    }

    fn nurse_added() -> CareTeamEvent {
        MemberAdded { patient: patient(), person: person(), role: Role::Nurse, organization: organization() }.into()
    }

    fn conflict_recorded() -> CareTeamEvent {
        ConflictRecorded { patient: patient(), person: person(), by: Actor::Installation }.into()
    }

    #[test]
    fn who_helps_the_patient_is_added_by_another_person_who_says_that_they_know_it() {
        let facts = helping(DelegationState::Active);
        let acting = by_the_installation(&facts);
        let both = [nurse_added(), conflict_recorded()];
        given::<CareTeam>(&[]).when(&add(Role::Nurse), &acting).then_refused(&CareTeamRefusal::ConflictNotKnown);
        given::<CareTeam>(&[]).when(&add_knowingly(), &acting).then(&both);
        given::<CareTeam>(&both).when(&add(Role::Nurse), &acting).then(&[]);
        // Who was on the team before they helped stays there, and only the conflict is new.
        let before = given::<CareTeam>(&[nurse_added()]);
        before.when(&add(Role::Nurse), &acting).then_refused(&CareTeamRefusal::ConflictNotKnown);
        before.when(&add_knowingly(), &acting).then(&[conflict_recorded()]);
        // Nobody says it of themself, neither by adding themself nor by joining.
        before.when(&add_knowingly(), &by_oneself(&facts)).then_refused(&CareTeamRefusal::SelfNotAllowed);
        let kept = Fixed { record_keepers: vec![(patient(), organization())], ..facts.clone() };
        let reason = PersonalText::from(Text::line("I cover for Dr. Brückner.").expect("a text"));
        let join = CareTeamCommand::from(JoinCareTeam { patient: patient(), role: Role::Nurse, reason });
        let refused = &CareTeamRefusal::ConflictOfInterest;
        given::<CareTeam>(&[]).when(&join, &by_oneself(&kept)).then_refused(refused);
        // It is said again of who left.
        let left = CareTeamEvent::from(MemberRemoved { patient: patient(), person: person() });
        let again = given::<CareTeam>(&[nurse_added(), conflict_recorded(), left]);
        again.when(&add(Role::Nurse), &acting).then_refused(&CareTeamRefusal::ConflictNotKnown);
    }

    #[test]
    fn an_invitation_to_help_that_nobody_accepted_and_help_that_has_ended_are_no_conflict() {
        for state in DelegationState::ALL {
            let facts = helping(*state);
            let in_time = by_the_installation(&facts);
            let late = Acting { now: "2026-12-23T08:00:00Z".parse().expect("a time"), ..in_time };
            let given = given::<CareTeam>(&[]);
            match state {
                DelegationState::Asked | DelegationState::Invited | DelegationState::Ended => {
                    given.when(&add_knowingly(), &in_time).then(&[nurse_added()]);
                }
                DelegationState::Accepted
                | DelegationState::IdentityVerified
                | DelegationState::SafeguardingChecked
                | DelegationState::Active
                | DelegationState::Suspended => {
                    given.when(&add(Role::Nurse), &in_time).then_refused(&CareTeamRefusal::ConflictNotKnown);
                }
            }
            given.when(&add(Role::Nurse), &late).then(&[nurse_added()]);
        }
    }

    #[test]
    fn who_is_asked_from_another_organization_accepts_only_what_was_asked_with_the_conflict_known() {
        let keeper = OrganizationId::from_uuid(Uuid::from_u128(4));
        let facts = Fixed { record_keepers: vec![(patient(), keeper)], ..helping(DelegationState::Accepted) };
        let (registrar, member) = (by_the_installation(&facts), by_oneself(&facts));
        let accept = CareTeamCommand::from(AcceptPlace { patient: patient() });
        let asked = given::<CareTeam>(&[]).when(&add_knowingly(), &registrar).events();
        assert!(matches!(asked.as_slice(), [CareTeamEvent::MemberAsked(_), CareTeamEvent::ConflictRecorded(_)]));
        given::<CareTeam>(&asked).when(&accept, &member).then(&[nurse_added()]);
        let unknown = given::<CareTeam>(&asked[..1]);
        unknown.when(&accept, &member).then_refused(&CareTeamRefusal::ConflictOfInterest);
        unknown.when(&add_knowingly(), &registrar).then(&[conflict_recorded()]);
        let decline = CareTeamCommand::from(DeclinePlace { patient: patient() });
        let declined = given::<CareTeam>(&asked).when(&decline, &member).events();
        let anew = given::<CareTeam>(&[asked, declined].concat());
        anew.when(&add(Role::Nurse), &registrar).then_refused(&CareTeamRefusal::ConflictNotKnown);
    }
}
