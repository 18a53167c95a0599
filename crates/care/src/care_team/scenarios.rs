//! Scenarios of a care team: who is added, asked, joins and leaves, and who helps the patient.

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
    let elsewhere = Fixed { record_keepers: vec![(patient(), OrganizationId::from_uuid(Uuid::from_u128(4)))], ..staff };
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
    let late = Acting { now: member.now + chrono::Duration::days(14), ..member };
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
