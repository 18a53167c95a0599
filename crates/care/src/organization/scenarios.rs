//! Scenarios of an organization: its calendar, its pools and their members, its telephone number.

use super::*;
use crate::aggregate::scenario::given;
use crate::aggregate::{Fixed, scenario::by_the_installation};
use crate::calendar::{Hours, nine_to_five};
use crate::party::Place;
use crate::words::Role;

fn organization() -> OrganizationId {
    by_the_installation(&Fixed::default()).command.creates(0)
}

fn created() -> OrganizationEvent {
    OrganizationEvent::Created(Created { organization: organization(), name: "Lindenhof Practice".into() })
}

fn calendar_set(version: u32) -> OrganizationEvent {
    OrganizationEvent::CalendarSet(CalendarSet { version, calendar: nine_to_five("UTC") })
}

fn pool() -> PoolId {
    by_the_installation(&Fixed::default()).command.creates(0)
}

fn person() -> PersonId {
    PersonId::from_uuid(Uuid::from_u128(3))
}

fn opened() -> OrganizationEvent {
    OrganizationEvent::PoolOpened(PoolOpened {
        pool: pool(),
        name: "Cardiology".into(),
        public_name: "Cardiology".into(),
        specialty: "cardiology".into(),
    })
}

fn open_pool() -> OrganizationCommand {
    OrganizationCommand::OpenPool(OpenPool { names: PoolNames::one("Cardiology"), specialty: "cardiology".into() })
}

fn add() -> OrganizationCommand {
    OrganizationCommand::AddPoolMember(AddPoolMember { pool: pool(), person: person() })
}

#[test]
fn the_installation_creates_the_first_organization_only() {
    let one = Fixed { organizations: vec![OrganizationId::from_uuid(Uuid::from_u128(7))], ..Fixed::default() };
    let create = OrganizationCommand::CreateOrganization(CreateOrganization { name: "Lindenhof Practice".into() });
    given::<Organization>(&[])
        .when(&create, &by_the_installation(&one))
        .then_refused(&OrganizationRefusal::NotTheFirst);
    let by_a_person = Acting { by: Actor::Person(person()), ..by_the_installation(&one) };
    given::<Organization>(&[]).when(&create, &by_a_person).then(&[created()]);
}

#[test]
fn an_organization_is_created_once() {
    let nobody = Fixed::default();
    let create = OrganizationCommand::CreateOrganization(CreateOrganization { name: "Lindenhof Practice".into() });
    given::<Organization>(&[]).when(&create, &by_the_installation(&nobody)).then(&[created()]);
    given::<Organization>(&[created()])
        .when(&create, &by_the_installation(&nobody))
        .then_refused(&OrganizationRefusal::Exists);
    given::<Organization>(&[])
        .when(&open_pool(), &by_the_installation(&nobody))
        .then_refused(&OrganizationRefusal::Missing);
}

#[test]
fn calendars_are_versioned() {
    let set = |zone| OrganizationCommand::SetCalendar(SetCalendar { calendar: nine_to_five(zone) });
    given::<Organization>(&[created()])
        .when(&set("UTC"), &by_the_installation(&Fixed::default()))
        .then(&[calendar_set(1)]);
    let with_calendar = given::<Organization>(&[created(), calendar_set(1)]);
    with_calendar.when(&set("UTC"), &by_the_installation(&Fixed::default())).then(&[]);
    let vienna = nine_to_five("Europe/Vienna");
    with_calendar
        .when(&set("Europe/Vienna"), &by_the_installation(&Fixed::default()))
        .then(&[OrganizationEvent::CalendarSet(CalendarSet { version: 2, calendar: vienna })]);
    // The hours of a day are kept in their order, so that another order is no other calendar.
    let lunch = |hours: [(u16, u16); 2]| {
        let mut calendar = nine_to_five("UTC");
        calendar.week[0] = hours.map(|(opens, closes)| Hours { opens, closes }).to_vec();
        calendar
    };
    let (morning, afternoon) = ((540, 720), (780, 1020));
    let in_order = CalendarSet { version: 2, calendar: lunch([morning, afternoon]) };
    let set_lunch = |calendar| SetCalendar { calendar }.into();
    with_calendar
        .when(&set_lunch(lunch([afternoon, morning])), &by_the_installation(&Fixed::default()))
        .then(&[OrganizationEvent::CalendarSet(in_order.clone())]);
    given::<Organization>(&[created(), OrganizationEvent::CalendarSet(in_order)])
        .when(&set_lunch(lunch([afternoon, morning])), &by_the_installation(&Fixed::default()))
        .then(&[]);
    let mut never = nine_to_five("Europe/Springfield");
    never.week = Default::default();
    given::<Organization>(&[created()])
        .when(
            &OrganizationCommand::SetCalendar(SetCalendar { calendar: never }),
            &by_the_installation(&Fixed::default()),
        )
        .then_refused(&OrganizationRefusal::Calendar(vec![CalendarProblem::UnknownZone, CalendarProblem::NeverOpen]));
}

#[test]
fn a_pool_needs_a_calendar() {
    given::<Organization>(&[created()])
        .when(&open_pool(), &by_the_installation(&Fixed::default()))
        .then_refused(&OrganizationRefusal::NoCalendar);
    given::<Organization>(&[created(), calendar_set(1)])
        .when(&open_pool(), &by_the_installation(&Fixed::default()))
        .then(&[opened()]);
}

#[test]
fn two_pools_of_an_organization_and_two_organizations_never_look_alike() {
    let given_pool = given::<Organization>(&[created(), calendar_set(1), opened()]);
    let nobody = Fixed::default();
    let open = |name: &str| OpenPool { names: PoolNames::one(name), specialty: "cardiology".into() }.into();
    for twin in ["Cardiology", "CARDIOLOGY", "C\u{430}rdiology"] {
        given_pool.when(&open(twin), &by_the_installation(&nobody)).then_refused(&OrganizationRefusal::PoolNameTaken);
    }
    assert_eq!(given_pool.when(&open("Nephrology"), &by_the_installation(&nobody)).events().len(), 1);
    let named = Fixed { organization_names: vec!["Lindenhof Practice".into()], ..Fixed::default() };
    let by_a_person = Acting { by: Actor::Person(person()), ..by_the_installation(&named) };
    let create = |name: &str| CreateOrganization { name: name.into() }.into();
    given::<Organization>(&[])
        .when(&create("lindenhof pr\u{430}ctice"), &by_a_person)
        .then_refused(&OrganizationRefusal::NameTaken);
    assert_eq!(given::<Organization>(&[]).when(&create("Valley Clinic"), &by_a_person).events().len(), 1);
}

#[test]
fn a_pool_has_two_names_and_neither_looks_like_one_of_another_pool() {
    let other = PoolId::from_uuid(Uuid::from_u128(77));
    let names = |name: &str, public: &str| PoolNames { name: name.into(), public_name: public.into() };
    let of_other = OrganizationEvent::PoolOpened(PoolOpened {
        pool: other,
        name: "Team Z3".into(),
        public_name: "Kidney advice".into(),
        specialty: "nephrology".into(),
    });
    let here = given::<Organization>(&[created(), calendar_set(1), opened(), of_other]);
    let nobody = Fixed::default();
    let acting = by_the_installation(&nobody);
    let rename = |names| RenamePool { pool: pool(), names }.into();
    for (taken, refusal) in [
        (names("Heart", "kidney advice"), OrganizationRefusal::PublicPoolNameTaken),
        (names("Heart", "team z3"), OrganizationRefusal::PublicPoolNameTaken),
        (names("Team Z3", "Heart"), OrganizationRefusal::PoolNameTaken),
        (names("Kidney  advice", "Heart"), OrganizationRefusal::PoolNameTaken),
    ] {
        here.when(&rename(taken), &acting).then_refused(&refusal);
    }
    // It may keep one of its own names.
    here.when(&rename(names("Cardiology", "Heart advice")), &acting).then(&[OrganizationEvent::PoolRenamed(
        PoolRenamed { pool: pool(), name: "Cardiology".into(), public_name: "Heart advice".into() },
    )]);
    here.when(&rename(PoolNames::one("Cardiology")), &acting).then(&[]);
    let renamed = OrganizationEvent::PoolRenamed(PoolRenamed {
        pool: other,
        name: "Kidneys".into(),
        public_name: "Kidney clinic".into(),
    });
    given::<Organization>(&[created(), calendar_set(1), opened(), renamed])
        .when(&rename(PoolNames::one("Team Z3")), &acting)
        .then(&[OrganizationEvent::PoolRenamed(PoolRenamed {
            pool: pool(),
            name: "Team Z3".into(),
            public_name: "Team Z3".into(),
        })]);
    let missing = RenamePool { pool: PoolId::from_uuid(Uuid::from_u128(78)), names: names("A", "B") }.into();
    here.when(&missing, &acting).then_refused(&OrganizationRefusal::NoSuchPool);
}

#[test]
fn the_telephone_number_is_set_changed_and_taken_away() {
    let number = |text| Some(Phone::parse(text).expect("a number"));
    let set = |phone| OrganizationCommand::from(SetPhone { phone });
    let event = |phone| OrganizationEvent::PhoneSet(PhoneSet { phone });
    let nobody = Fixed::default();
    let acting = by_the_installation(&nobody);
    let without = given::<Organization>(&[created()]);
    without.when(&set(number("+43 1 234567")), &acting).then(&[event(number("+43 1 234567"))]);
    without.when(&set(None), &acting).then(&[]);
    let with = given::<Organization>(&[created(), event(number("+43 1 234567"))]);
    with.when(&set(number("+43 1 234567")), &acting).then(&[]);
    with.when(&set(None), &acting).then(&[event(None)]);
    given::<Organization>(&[]).when(&set(None), &acting).then_refused(&OrganizationRefusal::Missing);
}

#[test]
fn age_gates_are_set_in_order_and_below_every_adult_age() {
    let gates = |first, review, adult| AgeGates { first, review, adult };
    let set = |gates| OrganizationCommand::from(SetAgeGates { gates });
    let event = |gates| OrganizationEvent::AgeGatesSet(AgeGatesSet { gates });
    let nobody = Fixed::default();
    let acting = by_the_installation(&nobody);
    let without = given::<Organization>(&[created()]);
    for good in [gates(1, None, 1), gates(14, Some(14), 18), gates(12, Some(16), 16), gates(12, None, 21)] {
        without.when(&set(good), &acting).then(&[event(good)]);
    }
    for bad in
        [gates(0, None, 18), gates(14, None, 13), gates(14, Some(13), 18), gates(12, Some(19), 18), gates(12, None, 22)]
    {
        without.when(&set(bad), &acting).then_refused(&OrganizationRefusal::AgeGates);
    }
    // Setting the ages that hold where none were set is a decision of its own.
    without.when(&set(AgeGates::default()), &acting).then(&[event(AgeGates::default())]);
    let with = given::<Organization>(&[created(), event(gates(14, None, 18))]);
    with.when(&set(gates(14, None, 18)), &acting).then(&[]);
    with.when(&set(gates(14, Some(16), 18)), &acting).then(&[event(gates(14, Some(16), 18))]);
    given::<Organization>(&[]).when(&set(AgeGates::default()), &acting).then_refused(&OrganizationRefusal::Missing);
}

#[test]
fn only_a_person_with_a_role_here_becomes_a_member_and_only_once() {
    let added = OrganizationEvent::PoolMemberAdded(PoolMemberAdded { pool: pool(), person: person() });
    let removed = OrganizationEvent::PoolMemberRemoved(PoolMemberRemoved { pool: pool(), person: person() });
    let remove = OrganizationCommand::RemovePoolMember(RemovePoolMember { pool: pool(), person: person() });
    let place = Place { role: Role::Nurse, organization: organization() };
    let employed = Fixed { roles: vec![(person(), place)], ..Fixed::default() };
    let with_pool = [created(), calendar_set(1), opened()];
    given::<Organization>(&with_pool)
        .when(&add(), &by_the_installation(&Fixed::default()))
        .then_refused(&OrganizationRefusal::NoRoleHere);
    given::<Organization>(&with_pool).when(&add(), &by_the_installation(&employed)).then(std::slice::from_ref(&added));
    given::<Organization>(&[with_pool.to_vec(), vec![added.clone()]].concat())
        .when(&add(), &by_the_installation(&employed))
        .then(&[]);
    given::<Organization>(&[with_pool.to_vec(), vec![added]].concat())
        .when(&remove, &by_the_installation(&Fixed::default()))
        .then(&[removed]);
    given::<Organization>(&with_pool).when(&remove, &by_the_installation(&Fixed::default())).then(&[]);
    given::<Organization>(&[created(), calendar_set(1)])
        .when(&add(), &by_the_installation(&employed))
        .then_refused(&OrganizationRefusal::NoSuchPool);
}

#[test]
fn nobody_makes_themself_a_member_of_a_pool() {
    let place = Place { role: Role::Nurse, organization: organization() };
    let employed = Fixed { roles: vec![(person(), place)], ..Fixed::default() };
    let by_oneself = Acting { by: Actor::Person(person()), ..by_the_installation(&employed) };
    given::<Organization>(&[created(), calendar_set(1), opened()])
        .when(&add(), &by_oneself)
        .then_refused(&OrganizationRefusal::SelfNotAllowed);
}
