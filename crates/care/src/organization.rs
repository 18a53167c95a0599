//! An organization: a party of the installation, with its pools, their members, its calendar and its telephone number.
//!
//! The names of organizations and pools are not personal, and so they are not sealed.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::age::AgeGates;
use crate::aggregate::{Acting, Aggregate};
use crate::calendar::{Calendar, CalendarProblem};
use crate::command_name::commands;
use crate::envelope::Actor;
use crate::event_set::{events, no_text};
use crate::ids::{CommandId, Id, OrganizationId, PersonId, PoolId};
use crate::phone::Phone;
use crate::public_name::look_alike;
use uuid::Uuid;

commands! {
    /// The commands of an organization.
    OrganizationCommand, OrganizationAct {
        "organization.create" => CreateOrganization,
        "organization.set_calendar" => SetCalendar,
        "organization.set_phone" => SetPhone,
        "organization.open_pool" => OpenPool,
        "organization.rename_pool" => RenamePool,
        "organization.add_pool_member" => AddPoolMember,
        "organization.remove_pool_member" => RemovePoolMember,
        "organization.set_age_gates" => SetAgeGates,
    }
}

/// Creates an organization; its id is the first that the command creates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreateOrganization {
    /// Its public name.
    pub name: String,
}

/// Sets the calendar, by which answers are due from now on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetCalendar {
    /// The calendar.
    pub calendar: Calendar,
}

/// Sets the telephone number under which people reach the organization when this software does not help them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetPhone {
    /// The number; none if it has none any more.
    pub phone: Option<Phone>,
}

/// Opens a pool; its id is the first that the command creates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenPool {
    /// Its names.
    pub names: PoolNames,
    /// Its specialty, as the organization calls it.
    pub specialty: String,
}

/// Gives a pool other names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RenamePool {
    /// The pool.
    pub pool: PoolId,
    /// Its names from now on.
    pub names: PoolNames,
}

/// The names of a pool: that of its organization's own people, and that of everybody else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PoolNames {
    /// The name among the people of its organization.
    pub name: String,
    /// The name by which patients and other organizations find and know it.
    pub public_name: String,
}

impl PoolNames {
    /// One name for everybody.
    #[must_use]
    pub fn one(name: &str) -> Self {
        Self { name: name.to_owned(), public_name: name.to_owned() }
    }

    /// Whether a reader could take a name for one of these.
    fn look_like(&self, name: &str) -> bool {
        look_alike(&self.name, name) || look_alike(&self.public_name, name)
    }
}

/// Makes a person a member of a pool.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AddPoolMember {
    /// The pool.
    pub pool: PoolId,
    /// The person, who holds a role at this organization.
    pub person: PersonId,
}

/// Ends a membership.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RemovePoolMember {
    /// The pool.
    pub pool: PoolId,
    /// The person.
    pub person: PersonId,
}

/// Sets the ages at which the helpers of a minor lose access.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SetAgeGates {
    /// The ages.
    pub gates: AgeGates,
}

/// We refuse because …
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OrganizationRefusal {
    /// … it exists already.
    #[error("the organization exists already")]
    Exists,
    /// … it does not exist.
    #[error("there is no such organization")]
    Missing,
    /// … another organization has that name, or one that looks like it.
    #[error("another organization has a name that looks like this one")]
    NameTaken,
    /// … another pool of the organization has that name, or one that looks like it.
    #[error("another pool of the organization has a name that looks like this one")]
    PoolNameTaken,
    /// … another pool of the organization has that public name, or a name that looks like it.
    #[error("another pool of the organization has a name that looks like this public name")]
    PublicPoolNameTaken,
    /// … the installation creates only the first organization.
    #[error("the installation creates the first organization only")]
    NotTheFirst,
    /// … the calendar cannot be used.
    #[error("the calendar cannot be used")]
    Calendar(Vec<CalendarProblem>),
    /// … a pool needs a calendar for its due times.
    #[error("a pool needs the organization's calendar first")]
    NoCalendar,
    /// … there is no such pool.
    #[error("there is no such pool")]
    NoSuchPool,
    /// … nobody makes themself a member of a pool.
    #[error("nobody adds themself to a pool")]
    SelfNotAllowed,
    /// … the person holds no role at this organization.
    #[error("the person holds no role at this organization")]
    NoRoleHere,
    /// … the ages cannot be used.
    #[error("the ages are at least 1, in order, and at most 21")]
    AgeGates,
}

events! {
    /// The events of an organization.
    OrganizationEvent {
        "organization.created" v 1 => Created,
        "organization.calendar_set" v 1 => CalendarSet,
        "organization.phone_set" v 1 => PhoneSet,
        "organization.pool_opened" v 1 => PoolOpened,
        "organization.pool_renamed" v 1 => PoolRenamed,
        "organization.pool_member_added" v 1 => PoolMemberAdded,
        "organization.pool_member_removed" v 1 => PoolMemberRemoved,
        "organization.age_gates_set" v 1 => AgeGatesSet,
    }
}

/// An organization was created.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Created {
    /// Its id.
    pub organization: OrganizationId,
    /// Its public name.
    pub name: String,
}

/// The calendar was set, by which answers are due from now on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CalendarSet {
    /// Counted from 1.
    pub version: u32,
    /// The calendar.
    pub calendar: Calendar,
}

/// The telephone number was set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PhoneSet {
    /// The number; none if there is none any more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<Phone>,
}

/// A pool was opened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PoolOpened {
    /// Its id.
    pub pool: PoolId,
    /// Its name among the people of its organization.
    pub name: String,
    /// Its name for everybody else.
    pub public_name: String,
    /// Its specialty.
    pub specialty: String,
}

/// A pool has other names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PoolRenamed {
    /// The pool.
    pub pool: PoolId,
    /// Its name among the people of its organization.
    pub name: String,
    /// Its name for everybody else.
    pub public_name: String,
}

/// A person became a member of a pool.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PoolMemberAdded {
    /// The pool.
    pub pool: PoolId,
    /// The person.
    pub person: PersonId,
}

/// A person's membership of a pool ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PoolMemberRemoved {
    /// The pool.
    pub pool: PoolId,
    /// The person.
    pub person: PersonId,
}

/// The ages at which the helpers of a minor lose access were set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgeGatesSet {
    /// The ages.
    pub gates: AgeGates,
}

no_text! {
    Created { organization, name }
    CalendarSet { version, calendar }
    PhoneSet { phone }
    PoolOpened { pool, name, public_name, specialty }
    PoolRenamed { pool, name, public_name }
    PoolMemberAdded { pool, person }
    PoolMemberRemoved { pool, person }
    AgeGatesSet { gates }
}

/// An organization, folded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Organization {
    /// Nothing happened yet.
    Missing,
    /// It exists.
    Exists {
        /// Its id.
        organization: OrganizationId,
        /// The calendar in force, with its version.
        calendar: Option<(u32, Box<Calendar>)>,
        /// Members by pool.
        pools: BTreeMap<PoolId, BTreeSet<PersonId>>,
        /// The names of each pool.
        pool_names: BTreeMap<PoolId, PoolNames>,
        /// The telephone number.
        phone: Option<Phone>,
        /// The ages that were set.
        age_gates: Option<AgeGates>,
    },
}

impl Aggregate for Organization {
    type Command = OrganizationCommand;
    type Event = OrganizationEvent;
    type Refusal = OrganizationRefusal;

    fn initial() -> Self {
        Self::Missing
    }

    fn decide(
        &self,
        command: &OrganizationCommand,
        acting: &Acting<'_>,
    ) -> Result<Vec<OrganizationEvent>, OrganizationRefusal> {
        let (organization, calendar, pools, pool_names, phone, age_gates) = match (self, command) {
            (Self::Missing, OrganizationCommand::CreateOrganization(CreateOrganization { name })) => {
                if acting.by == Actor::Installation && acting.lookups.is_any_organization() {
                    return Err(OrganizationRefusal::NotTheFirst);
                }
                if acting.lookups.is_organization_like(name) {
                    return Err(OrganizationRefusal::NameTaken);
                }
                let created = Created { organization: acting.command.creates(0), name: name.clone() };
                return Ok(vec![OrganizationEvent::Created(created)]);
            }
            (
                Self::Missing,
                OrganizationCommand::SetCalendar(_)
                | OrganizationCommand::SetPhone(_)
                | OrganizationCommand::OpenPool(_)
                | OrganizationCommand::RenamePool(_)
                | OrganizationCommand::AddPoolMember(_)
                | OrganizationCommand::RemovePoolMember(_)
                | OrganizationCommand::SetAgeGates(_),
            ) => return Err(OrganizationRefusal::Missing),
            (Self::Exists { organization, calendar, pools, pool_names, phone, age_gates }, _) => {
                (*organization, calendar, pools, pool_names, phone, *age_gates)
            }
        };
        // A pool may keep a name of its own when it gets another.
        let free = |names: &PoolNames, by: Option<PoolId>| {
            let is_taken = |name: &str| {
                let mut others = pool_names.iter().filter(|(pool, _)| Some(**pool) != by);
                others.any(|(_, other)| other.look_like(name))
            };
            if is_taken(&names.name) {
                return Err(OrganizationRefusal::PoolNameTaken);
            }
            if is_taken(&names.public_name) {
                return Err(OrganizationRefusal::PublicPoolNameTaken);
            }
            Ok(names.clone())
        };
        let members = |pool| pools.get(pool).ok_or(OrganizationRefusal::NoSuchPool);
        match command {
            OrganizationCommand::CreateOrganization(_) => Err(OrganizationRefusal::Exists),
            OrganizationCommand::SetCalendar(SetCalendar { calendar: new }) => {
                let problems = new.problems(acting.time_zones);
                if !problems.is_empty() {
                    return Err(OrganizationRefusal::Calendar(problems));
                }
                let new = new.clone().in_order();
                let version = match calendar {
                    Some((_, old)) if **old == new => return Ok(vec![]),
                    Some((version, _)) => version.saturating_add(1),
                    None => 1,
                };
                Ok(vec![OrganizationEvent::CalendarSet(CalendarSet { version, calendar: new })])
            }
            OrganizationCommand::SetPhone(SetPhone { phone: new }) => Ok(match new == phone {
                true => vec![],
                false => vec![OrganizationEvent::PhoneSet(PhoneSet { phone: new.clone() })],
            }),
            OrganizationCommand::OpenPool(OpenPool { names, specialty }) => {
                if calendar.is_none() {
                    return Err(OrganizationRefusal::NoCalendar);
                }
                let PoolNames { name, public_name } = free(names, None)?;
                Ok(vec![OrganizationEvent::PoolOpened(PoolOpened {
                    pool: acting.command.creates(0),
                    name,
                    public_name,
                    specialty: specialty.clone(),
                })])
            }
            OrganizationCommand::RenamePool(RenamePool { pool, names }) => {
                if pool_names.get(pool).ok_or(OrganizationRefusal::NoSuchPool)? == names {
                    return Ok(vec![]);
                }
                let PoolNames { name, public_name } = free(names, Some(*pool))?;
                Ok(vec![OrganizationEvent::PoolRenamed(PoolRenamed { pool: *pool, name, public_name })])
            }
            OrganizationCommand::AddPoolMember(AddPoolMember { pool, person }) => {
                if members(pool)?.contains(person) {
                    return Ok(vec![]);
                }
                if acting.by == Actor::Person(*person) {
                    return Err(OrganizationRefusal::SelfNotAllowed);
                }
                if !acting.lookups.roles(*person).iter().any(|place| place.organization == organization) {
                    return Err(OrganizationRefusal::NoRoleHere);
                }
                Ok(vec![OrganizationEvent::PoolMemberAdded(PoolMemberAdded { pool: *pool, person: *person })])
            }
            OrganizationCommand::RemovePoolMember(RemovePoolMember { pool, person }) => {
                if !members(pool)?.contains(person) {
                    return Ok(vec![]);
                }
                Ok(vec![OrganizationEvent::PoolMemberRemoved(PoolMemberRemoved { pool: *pool, person: *person })])
            }
            OrganizationCommand::SetAgeGates(SetAgeGates { gates }) => {
                if !gates.can_be_set() {
                    return Err(OrganizationRefusal::AgeGates);
                }
                Ok(match age_gates == Some(*gates) {
                    true => vec![],
                    false => vec![OrganizationEvent::AgeGatesSet(AgeGatesSet { gates: *gates })],
                })
            }
        }
    }

    fn evolve(self, event: &OrganizationEvent) -> Self {
        let (organization, mut calendar, mut pools, mut pool_names, mut phone, mut age_gates) = match (self, event) {
            (Self::Missing, OrganizationEvent::Created(created)) => {
                (created.organization, None, BTreeMap::new(), BTreeMap::new(), None, None)
            }
            // The first event of a stream creates the organization; `decide` ensures this.
            (
                Self::Missing,
                OrganizationEvent::CalendarSet(_)
                | OrganizationEvent::PhoneSet(_)
                | OrganizationEvent::PoolOpened(_)
                | OrganizationEvent::PoolRenamed(_)
                | OrganizationEvent::PoolMemberAdded(_)
                | OrganizationEvent::PoolMemberRemoved(_)
                | OrganizationEvent::AgeGatesSet(_),
            ) => return Self::Missing,
            (Self::Exists { organization, calendar, pools, pool_names, phone, age_gates }, _) => {
                (organization, calendar, pools, pool_names, phone, age_gates)
            }
        };
        let names =
            |name: &String, public_name: &String| PoolNames { name: name.clone(), public_name: public_name.clone() };
        match event {
            OrganizationEvent::Created(_) => {}
            OrganizationEvent::CalendarSet(set) => calendar = Some((set.version, Box::new(set.calendar.clone()))),
            OrganizationEvent::PhoneSet(set) => phone.clone_from(&set.phone),
            OrganizationEvent::PoolOpened(opened) => {
                pools.entry(opened.pool).or_default();
                pool_names.insert(opened.pool, names(&opened.name, &opened.public_name));
            }
            OrganizationEvent::PoolRenamed(renamed) => {
                pool_names.insert(renamed.pool, names(&renamed.name, &renamed.public_name));
            }
            OrganizationEvent::PoolMemberAdded(added) => {
                pools.entry(added.pool).or_default().insert(added.person);
            }
            OrganizationEvent::PoolMemberRemoved(removed) => {
                pools.entry(removed.pool).or_default().remove(&removed.person);
            }
            OrganizationEvent::AgeGatesSet(set) => age_gates = Some(set.gates),
        }
        Self::Exists { organization, calendar, pools, pool_names, phone, age_gates }
    }

    fn created_by(command: &OrganizationCommand, id: CommandId) -> Option<Uuid> {
        match command {
            OrganizationCommand::CreateOrganization(_) => Some(id.creates::<OrganizationId>(0).uuid()),
            OrganizationCommand::SetCalendar(_)
            | OrganizationCommand::SetPhone(_)
            | OrganizationCommand::OpenPool(_)
            | OrganizationCommand::RenamePool(_)
            | OrganizationCommand::AddPoolMember(_)
            | OrganizationCommand::RemovePoolMember(_)
            | OrganizationCommand::SetAgeGates(_) => None,
        }
    }

    fn is_transition(_: &OrganizationEvent) -> bool {
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aggregate::scenario::given;
    use crate::aggregate::{Fixed, scenario::by_the_installation};
    use crate::calendar::{Hours, nine_to_five};
    use crate::conversation::Place;
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
            .then_refused(&OrganizationRefusal::Calendar(vec![
                CalendarProblem::UnknownZone,
                CalendarProblem::NeverOpen,
            ]));
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
            given_pool
                .when(&open(twin), &by_the_installation(&nobody))
                .then_refused(&OrganizationRefusal::PoolNameTaken);
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
        for bad in [
            gates(0, None, 18),
            gates(14, None, 13),
            gates(14, Some(13), 18),
            gates(12, Some(19), 18),
            gates(12, None, 22),
        ] {
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
        given::<Organization>(&with_pool)
            .when(&add(), &by_the_installation(&employed))
            .then(std::slice::from_ref(&added));
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
}
