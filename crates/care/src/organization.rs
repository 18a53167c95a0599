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
    Exists(Record),
}

/// An organization that exists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    organization: OrganizationId,
    /// The calendar in force, with its version.
    calendar: Option<(u32, Box<Calendar>)>,
    /// Members by pool.
    pools: BTreeMap<PoolId, BTreeSet<PersonId>>,
    /// The names of each pool.
    pool_names: BTreeMap<PoolId, PoolNames>,
    phone: Option<Phone>,
    /// The ages that were set.
    age_gates: Option<AgeGates>,
}

impl Record {
    fn of(created: &Created) -> Self {
        Self {
            organization: created.organization,
            calendar: None,
            pools: BTreeMap::new(),
            pool_names: BTreeMap::new(),
            phone: None,
            age_gates: None,
        }
    }

    /// Whether no other pool has a name that looks like one of these. A pool may keep a name of its own when it gets another.
    fn check_free(&self, names: &PoolNames, by: Option<PoolId>) -> Result<(), OrganizationRefusal> {
        let is_taken = |name: &str| {
            let mut others = self.pool_names.iter().filter(|(pool, _)| Some(**pool) != by);
            others.any(|(_, other)| other.look_like(name))
        };
        if is_taken(&names.name) {
            return Err(OrganizationRefusal::PoolNameTaken);
        }
        if is_taken(&names.public_name) {
            return Err(OrganizationRefusal::PublicPoolNameTaken);
        }
        Ok(())
    }

    fn members(&self, pool: PoolId) -> Result<&BTreeSet<PersonId>, OrganizationRefusal> {
        self.pools.get(&pool).ok_or(OrganizationRefusal::NoSuchPool)
    }

    /// The event that the command has as its effect; none if it changes nothing.
    fn decide(
        &self,
        command: &OrganizationCommand,
        acting: &Acting<'_>,
    ) -> Result<Option<OrganizationEvent>, OrganizationRefusal> {
        let event = match command.clone() {
            OrganizationCommand::CreateOrganization(_) => return Err(OrganizationRefusal::Exists),
            OrganizationCommand::SetCalendar(SetCalendar { calendar }) => {
                let problems = calendar.problems(acting.time_zones);
                if !problems.is_empty() {
                    return Err(OrganizationRefusal::Calendar(problems));
                }
                let calendar = calendar.in_order();
                let version = match &self.calendar {
                    Some((_, old)) if **old == calendar => return Ok(None),
                    Some((version, _)) => version.saturating_add(1),
                    None => 1,
                };
                CalendarSet { version, calendar }.into()
            }
            OrganizationCommand::SetPhone(SetPhone { phone }) if phone == self.phone => return Ok(None),
            OrganizationCommand::SetPhone(SetPhone { phone }) => PhoneSet { phone }.into(),
            OrganizationCommand::OpenPool(OpenPool { names, specialty }) => {
                if self.calendar.is_none() {
                    return Err(OrganizationRefusal::NoCalendar);
                }
                self.check_free(&names, None)?;
                let PoolNames { name, public_name } = names;
                PoolOpened { pool: acting.command.creates(0), name, public_name, specialty }.into()
            }
            OrganizationCommand::RenamePool(RenamePool { pool, names }) => {
                if *self.pool_names.get(&pool).ok_or(OrganizationRefusal::NoSuchPool)? == names {
                    return Ok(None);
                }
                self.check_free(&names, Some(pool))?;
                let PoolNames { name, public_name } = names;
                PoolRenamed { pool, name, public_name }.into()
            }
            OrganizationCommand::AddPoolMember(AddPoolMember { pool, person }) => {
                if self.members(pool)?.contains(&person) {
                    return Ok(None);
                }
                if acting.by == Actor::Person(person) {
                    return Err(OrganizationRefusal::SelfNotAllowed);
                }
                if !acting.lookups.roles(person).iter().any(|place| place.organization == self.organization) {
                    return Err(OrganizationRefusal::NoRoleHere);
                }
                PoolMemberAdded { pool, person }.into()
            }
            OrganizationCommand::RemovePoolMember(RemovePoolMember { pool, person }) => {
                if !self.members(pool)?.contains(&person) {
                    return Ok(None);
                }
                PoolMemberRemoved { pool, person }.into()
            }
            OrganizationCommand::SetAgeGates(SetAgeGates { gates }) => {
                if !gates.can_be_set() {
                    return Err(OrganizationRefusal::AgeGates);
                }
                if self.age_gates == Some(gates) {
                    return Ok(None);
                }
                AgeGatesSet { gates }.into()
            }
        };
        Ok(Some(event))
    }

    fn evolve(mut self, event: &OrganizationEvent) -> Self {
        match event.clone() {
            // An organization is created once: `decide` sees to it.
            OrganizationEvent::Created(_) => {}
            OrganizationEvent::CalendarSet(set) => self.calendar = Some((set.version, Box::new(set.calendar))),
            OrganizationEvent::PhoneSet(set) => self.phone = set.phone,
            OrganizationEvent::PoolOpened(PoolOpened { pool, name, public_name, specialty: _ }) => {
                self.pools.entry(pool).or_default();
                self.pool_names.insert(pool, PoolNames { name, public_name });
            }
            OrganizationEvent::PoolRenamed(PoolRenamed { pool, name, public_name }) => {
                self.pool_names.insert(pool, PoolNames { name, public_name });
            }
            OrganizationEvent::PoolMemberAdded(added) => {
                self.pools.entry(added.pool).or_default().insert(added.person);
            }
            OrganizationEvent::PoolMemberRemoved(removed) => {
                self.pools.entry(removed.pool).or_default().remove(&removed.person);
            }
            OrganizationEvent::AgeGatesSet(set) => self.age_gates = Some(set.gates),
        }
        self
    }
}

fn created(create: &CreateOrganization, acting: &Acting<'_>) -> Result<OrganizationEvent, OrganizationRefusal> {
    if acting.by == Actor::Installation && acting.lookups.is_any_organization() {
        return Err(OrganizationRefusal::NotTheFirst);
    }
    if acting.lookups.is_organization_like(&create.name) {
        return Err(OrganizationRefusal::NameTaken);
    }
    Ok(Created { organization: acting.command.creates(0), name: create.name.clone() }.into())
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
        match (self, command) {
            (Self::Exists(record), _) => Ok(record.decide(command, acting)?.into_iter().collect()),
            (Self::Missing, OrganizationCommand::CreateOrganization(create)) => Ok(vec![created(create, acting)?]),
            (
                Self::Missing,
                OrganizationCommand::SetCalendar(_)
                | OrganizationCommand::SetPhone(_)
                | OrganizationCommand::OpenPool(_)
                | OrganizationCommand::RenamePool(_)
                | OrganizationCommand::AddPoolMember(_)
                | OrganizationCommand::RemovePoolMember(_)
                | OrganizationCommand::SetAgeGates(_),
            ) => Err(OrganizationRefusal::Missing),
        }
    }

    fn evolve(self, event: &OrganizationEvent) -> Self {
        match (self, event) {
            (Self::Exists(record), _) => Self::Exists(record.evolve(event)),
            (Self::Missing, OrganizationEvent::Created(created)) => Self::Exists(Record::of(created)),
            // The first event of a stream is `organization.created`; `decide` sees to it.
            (
                Self::Missing,
                OrganizationEvent::CalendarSet(_)
                | OrganizationEvent::PhoneSet(_)
                | OrganizationEvent::PoolOpened(_)
                | OrganizationEvent::PoolRenamed(_)
                | OrganizationEvent::PoolMemberAdded(_)
                | OrganizationEvent::PoolMemberRemoved(_)
                | OrganizationEvent::AgeGatesSet(_),
            ) => Self::Missing,
        }
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
mod scenarios;
