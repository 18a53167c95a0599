//! Scenarios of a person's record: who is granted a role, on whose word, and how it ends.

use chrono::Duration;

use super::*;
use crate::aggregate::Fixed;
use crate::aggregate::scenario::{by_the_installation, given};
use crate::text::Text;
use std::sync::LazyLock;

fn the_installation() -> Acting<'static> {
    static NOBODY: LazyLock<Fixed> = LazyLock::new(Fixed::default);
    by_the_installation(&NOBODY)
}

fn acting() -> Acting<'static> {
    Acting { by: Actor::Person(PersonId::from_uuid(Uuid::from_u128(9))), ..the_installation() }
}

fn person() -> PersonId {
    acting().command.creates(0)
}

fn organization() -> OrganizationId {
    OrganizationId::from_uuid(Uuid::from_u128(1))
}

fn register(role: Option<Role>) -> PersonCommand {
    let name = Text::line("Ada Novak").expect("a text").into();
    PersonCommand::RegisterPerson(RegisterPerson { organization: organization(), name, role })
}

fn on_record() -> PersonEvent {
    let name = Text::line("Ada Novak").expect("a text").into();
    PersonEvent::Registered(Registered { person: person(), organization: organization(), name })
}

fn granted_on(basis: GrantBasis, role: Role, until: Option<DateTime<Utc>>) -> PersonEvent {
    PersonEvent::RoleGranted(RoleGranted {
        person: person(),
        organization: organization(),
        role,
        from: acting().now,
        until,
        basis: Some(basis),
        proposed_by: None,
    })
}

/// The organization has no other administrator.
fn granted(role: Role, until: Option<DateTime<Utc>>) -> PersonEvent {
    granted_on(GrantBasis::OneAdministrator, role, until)
}

fn one(bits: u128) -> PersonId {
    PersonId::from_uuid(Uuid::from_u128(bits))
}

/// The persons administer the organization.
fn administered_by(administrators: &[PersonId]) -> Fixed {
    let place = Place { role: Role::Administrator, organization: organization() };
    Fixed { roles: administrators.iter().map(|person| (*person, place)).collect(), ..Fixed::default() }
}

fn grant(role: Role) -> PersonCommand {
    GrantRole { organization: organization(), role, until: None }.into()
}

fn proposed(role: Role) -> PersonEvent {
    let expires_at = acting().now + Duration::days(14);
    let (person, organization, by) = (person(), organization(), one(9));
    PersonEvent::RoleProposed(RoleProposed { person, organization, role, until: None, by, expires_at })
}

#[test]
fn a_person_is_registered_once_with_a_first_role() {
    given::<Person>(&[]).when(&register(Some(Role::Nurse)), &acting()).then(&[on_record(), granted(Role::Nurse, None)]);
    given::<Person>(&[]).when(&register(None), &acting()).then(&[on_record()]);
    given::<Person>(&[on_record()]).when(&register(None), &acting()).then_refused(&PersonRefusal::Registered);
}

#[test]
fn the_installation_registers_the_first_administrator_only() {
    let refused = |role| {
        given::<Person>(&[]).when(&register(role), &the_installation()).then_refused(&PersonRefusal::NotTheFirst);
    };
    refused(None);
    refused(Some(Role::Nurse));
    given::<Person>(&[])
        .when(&register(Some(Role::Administrator)), &the_installation())
        .then(&[on_record(), granted_on(GrantBasis::Installation, Role::Administrator, None)]);
}

#[test]
fn everyone_is_a_person_so_nobody_is_granted_it() {
    let grant = PersonCommand::GrantRole(GrantRole { organization: organization(), role: Role::Person, until: None });
    given::<Person>(&[on_record()]).when(&grant, &acting()).then_refused(&PersonRefusal::NotGrantable);
    given::<Person>(&[]).when(&register(Some(Role::Person)), &acting()).then_refused(&PersonRefusal::NotGrantable);
}

#[test]
fn a_person_is_never_granted_the_role_of_a_program() {
    let refused = &PersonRefusal::NotGrantable;
    given::<Person>(&[on_record()]).when(&grant(Role::Service), &acting()).then_refused(refused);
    given::<Person>(&[]).when(&register(Some(Role::Service)), &acting()).then_refused(refused);
}

#[test]
fn nobody_grants_a_role_to_themself_not_even_the_only_administrator() {
    let alone = administered_by(&[person()]);
    let acting = Acting { by: Actor::Person(person()), lookups: &alone, ..acting() };
    for role in [Role::Physician, Role::Coordinator, Role::PrivacyOfficer, Role::Auditor] {
        given::<Person>(&[on_record()]).when(&grant(role), &acting).then_refused(&PersonRefusal::SelfNotAllowed);
    }
}

#[test]
fn where_there_is_another_administrator_a_role_is_proposed_until_they_confirm_it() {
    let two = administered_by(&[one(9), one(8)]);
    let by = |bits| Acting { by: Actor::Person(one(bits)), lookups: &two, ..acting() };
    let confirm = PersonCommand::from(ConfirmRole { organization: organization(), role: Role::Physician });
    let history = [on_record(), proposed(Role::Physician)];
    given::<Person>(&[on_record()]).when(&grant(Role::Physician), &by(9)).then(&[proposed(Role::Physician)]);
    given::<Person>(&[]).when(&register(Some(Role::Physician)), &by(9)).then(&history);
    given::<Person>(&history).when(&grant(Role::Physician), &by(9)).then(&[]);
    given::<Person>(&history).when(&confirm, &by(9)).then_refused(&PersonRefusal::SelfNotAllowed);
    let oneself = Acting { by: Actor::Person(person()), ..by(8) };
    given::<Person>(&history).when(&confirm, &oneself).then_refused(&PersonRefusal::SelfNotAllowed);
    let confirmed = PersonEvent::RoleGranted(RoleGranted {
        person: person(),
        organization: organization(),
        role: Role::Physician,
        from: acting().now,
        until: None,
        basis: Some(GrantBasis::TwoAdministrators),
        proposed_by: Some(one(9)),
    });
    given::<Person>(&history).when(&confirm, &by(8)).then(std::slice::from_ref(&confirmed));
    let after = [&history[..], &[confirmed]].concat();
    given::<Person>(&after).when(&confirm, &by(8)).then_refused(&PersonRefusal::NotProposed);
}

#[test]
fn who_is_to_have_the_role_is_no_second_person() {
    let two = administered_by(&[one(9), person()]);
    let acting = Acting { lookups: &two, ..acting() };
    given::<Person>(&[on_record()]).when(&grant(Role::Nurse), &acting).then(&[granted(Role::Nurse, None)]);
}

#[test]
fn a_proposed_role_is_not_confirmed_once_it_has_ended_was_declined_or_its_proposer_is_no_administrator() {
    let two = administered_by(&[one(9), one(8)]);
    let by = |bits| Acting { by: Actor::Person(one(bits)), lookups: &two, ..acting() };
    let place = (organization(), Role::Nurse);
    let confirm = PersonCommand::from(ConfirmRole { organization: place.0, role: place.1 });
    let decline = PersonCommand::from(DeclineRole { organization: place.0, role: place.1 });
    let history = [on_record(), proposed(Role::Nurse)];
    let refused = &PersonRefusal::NotProposed;
    let late = Acting { now: acting().now + Duration::days(14), ..by(8) };
    given::<Person>(&history).when(&confirm, &late).then_refused(refused);
    let only = administered_by(&[one(8)]);
    given::<Person>(&history).when(&confirm, &Acting { lookups: &only, ..by(8) }).then_refused(refused);
    let declined = given::<Person>(&history).when(&decline, &by(8)).events();
    assert_eq!(declined.len(), 1);
    let after = [&history[..], &declined].concat();
    given::<Person>(&after).when(&confirm, &by(8)).then_refused(refused);
    given::<Person>(&after).when(&decline, &by(8)).then_refused(refused);
}

#[test]
fn a_role_is_granted_once_and_ends() {
    let grant = PersonCommand::GrantRole(GrantRole { organization: organization(), role: Role::Nurse, until: None });
    let end = PersonCommand::EndRole(EndRole { organization: organization(), role: Role::Nurse });
    let ended = PersonEvent::RoleEnded(RoleEnded { person: person(), organization: organization(), role: Role::Nurse });
    given::<Person>(&[on_record()]).when(&grant, &acting()).then(&[granted(Role::Nurse, None)]);
    given::<Person>(&[on_record(), granted(Role::Nurse, None)]).when(&grant, &acting()).then(&[]);
    given::<Person>(&[on_record(), granted(Role::Nurse, None)]).when(&end, &acting()).then(&[ended]);
    given::<Person>(&[on_record()]).when(&end, &acting()).then(&[]);
    given::<Person>(&[]).when(&grant, &acting()).then_refused(&PersonRefusal::Missing);
}

#[test]
fn the_first_role_at_an_organization_is_that_of_its_administrator() {
    let new = Fixed { without_administrator: vec![organization()], ..Fixed::default() };
    let acting = Acting { lookups: &new, ..acting() };
    let grant = |role| PersonCommand::from(GrantRole { organization: organization(), role, until: None });
    let refused = &PersonRefusal::NoAdministratorYet;
    given::<Person>(&[on_record()]).when(&grant(Role::Coordinator), &acting).then_refused(refused);
    given::<Person>(&[]).when(&register(Some(Role::Nurse)), &acting).then_refused(refused);
    let first = granted_on(GrantBasis::StandIn, Role::Administrator, None);
    given::<Person>(&[on_record()]).when(&grant(Role::Administrator), &acting).then(std::slice::from_ref(&first));
    // Who stands in may become the first administrator: the organization is empty, and they could appoint anybody.
    let oneself = Acting { by: Actor::Person(person()), ..acting };
    given::<Person>(&[on_record()]).when(&grant(Role::Administrator), &oneself).then(&[first]);
    given::<Person>(&[on_record()]).when(&grant(Role::Nurse), &oneself).then_refused(refused);
}

#[test]
fn the_last_administrator_stays_and_none_for_a_time_is_the_only_one() {
    let place = Place { role: Role::Administrator, organization: organization() };
    let alone = Fixed { roles: vec![(person(), place)], ..Fixed::default() };
    let other = PersonId::from_uuid(Uuid::from_u128(8));
    let two = Fixed { roles: vec![(person(), place), (other, place)], ..Fixed::default() };
    let history = [on_record(), granted(Role::Administrator, None)];
    let until = Some(acting().now + chrono::Duration::days(1));
    let end = PersonCommand::from(EndRole { organization: place.organization, role: place.role });
    let for_a_time = PersonCommand::from(GrantRole { organization: place.organization, role: place.role, until });
    for command in [&end, &for_a_time] {
        let by = |lookups| Acting { lookups, ..acting() };
        given::<Person>(&history).when(command, &by(&alone)).then_refused(&PersonRefusal::LastAdministrator);
        assert_eq!(given::<Person>(&history).when(command, &by(&two)).events().len(), 1);
    }
    given::<Person>(&[on_record()]).when(&for_a_time, &acting()).then_refused(&PersonRefusal::LastAdministrator);
}

#[test]
fn a_role_that_has_ended_by_itself_is_taken_off_the_record_also_where_nobody_else_has_it() {
    let until = Some(acting().now - chrono::Duration::days(1));
    let history = [on_record(), granted(Role::Administrator, until)];
    let end = PersonCommand::from(EndRole { organization: organization(), role: Role::Administrator });
    assert_eq!(given::<Person>(&history).when(&end, &acting()).events().len(), 1);
}

#[test]
fn the_last_coordinator_stays_while_there_is_work_and_none_for_a_time_is_the_only_one() {
    let place = Place { role: Role::Coordinator, organization: organization() };
    let idle = Fixed { roles: vec![(person(), place)], ..Fixed::default() };
    let pool = crate::ids::PoolId::from_uuid(Uuid::from_u128(7));
    let busy = Fixed { pools: vec![(pool, organization())], ..idle.clone() };
    let history = [on_record(), granted(Role::Coordinator, None)];
    let end = PersonCommand::from(EndRole { organization: place.organization, role: place.role });
    let until = Some(acting().now + chrono::Duration::days(1));
    let for_a_time = PersonCommand::from(GrantRole { organization: place.organization, role: place.role, until });
    let by = |lookups| Acting { lookups, ..acting() };
    let mut two = busy.clone();
    two.roles.push((PersonId::from_uuid(Uuid::from_u128(8)), place));
    for command in [&end, &for_a_time] {
        given::<Person>(&history).when(command, &by(&busy)).then_refused(&PersonRefusal::LastCoordinator);
        assert_eq!(given::<Person>(&history).when(command, &by(&idle)).events().len(), 1);
        assert_eq!(given::<Person>(&history).when(command, &by(&two)).events().len(), 1);
    }
    given::<Person>(&[on_record()]).when(&for_a_time, &by(&busy)).then_refused(&PersonRefusal::LastCoordinator);
}

#[test]
fn a_name_that_is_so_already_is_not_corrected() {
    let name = PersonalText::from(Text::line("Ada Novak").expect("a text"));
    let known = Fixed {
        people: vec![(person(), organization())],
        in_force: vec![(PersonalTextOf::PersonName(person()), name.clone())],
        ..Fixed::default()
    };
    let acting = Acting { lookups: &known, ..acting() };
    let reason = PersonalText::from(Text::line("A typing error.").expect("a text"));
    let correct = |name: &PersonalText| {
        let (name, reason) = (name.clone(), reason.clone());
        PersonCommand::from(CorrectName { organization: organization(), name, reason })
    };
    let history = [on_record()];
    given::<Person>(&history).when(&correct(&name), &acting).then(&[]);
    let other = PersonalText::from(Text::line("Ada Nowak").expect("a text"));
    assert_eq!(given::<Person>(&history).when(&correct(&other), &acting).events().len(), 1);
}

#[test]
fn a_role_cannot_end_before_it_begins() {
    let grant = PersonCommand::GrantRole(GrantRole {
        organization: organization(),
        role: Role::Nurse,
        until: Some(acting().now),
    });
    given::<Person>(&[on_record()]).when(&grant, &acting()).then_refused(&PersonRefusal::EndsBeforeItBegins);
}
