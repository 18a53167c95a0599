//! An organization: a party of the installation, with its pools, their members and its calendar.
//!
//! Names of organizations and pools are not personal and stand in the clear.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::calendar::{Calendar, CalendarProblem};
use crate::decide::{Acting, Decider};
use crate::ids::{OrganizationId, PersonId, PoolId};
use crate::kinds::{events, no_text};

/// What can be asked of an organization.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OrganizationCommand {
    /// Come into being.
    Found(Found),
    /// Answer by this calendar from now on.
    SetCalendar(Calendar),
    /// Open a pool.
    OpenPool(OpenPool),
    /// Make a person a member of a pool.
    AddPoolMember(AddPoolMember),
    /// End a person's membership of a pool.
    RemovePoolMember(RemovePoolMember),
}

/// Found an organization.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Its id.
    pub organization: OrganizationId,
    /// Its public name.
    pub name: String,
}

/// Open a pool.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenPool {
    /// Its id.
    pub pool: PoolId,
    /// Its public name.
    pub name: String,
    /// The specialty that it answers for, in the organization's words.
    pub specialty: String,
}

/// Make a person a member of a pool.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AddPoolMember {
    /// The pool.
    pub pool: PoolId,
    /// The person; that they hold a role here is looked up before.
    pub person: PersonId,
    /// Whether the person holds a role at this organization now.
    pub holds_role: bool,
}

/// End a membership.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RemovePoolMember {
    /// The pool.
    pub pool: PoolId,
    /// The person.
    pub person: PersonId,
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
    /// … the calendar cannot be used.
    #[error("the calendar cannot be used")]
    Calendar(Vec<CalendarProblem>),
    /// … a pool cannot promise an answer before there is a calendar.
    #[error("a pool needs the organization's calendar first")]
    NoCalendar,
    /// … there is no such pool.
    #[error("there is no such pool")]
    NoSuchPool,
    /// … the person holds no role at this organization.
    #[error("the person holds no role at this organization")]
    NoRoleHere,
}

events! {
    /// What can have happened to an organization.
    OrganizationEvent {
        "organization.founded" v 1 => Founded(Founded),
        "organization.calendar_set" v 1 => CalendarSet(CalendarSet),
        "organization.pool_opened" v 1 => PoolOpened(PoolOpened),
        "organization.pool_member_added" v 1 => PoolMemberAdded(PoolMemberAdded),
        "organization.pool_member_removed" v 1 => PoolMemberRemoved(PoolMemberRemoved),
    }
}

/// An organization came into being.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Founded {
    /// Its id.
    pub organization: OrganizationId,
    /// Its public name.
    pub name: String,
}

/// It answers by this calendar from now on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CalendarSet {
    /// Counted from 1.
    pub version: u32,
    /// The calendar.
    pub calendar: Calendar,
}

/// A pool was opened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PoolOpened {
    /// Its id.
    pub pool: PoolId,
    /// Its public name.
    pub name: String,
    /// The specialty that it answers for.
    pub specialty: String,
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

no_text! {
    Founded { organization, name }
    CalendarSet { version, calendar }
    PoolOpened { pool, name, specialty }
    PoolMemberAdded { pool, person }
    PoolMemberRemoved { pool, person }
}

/// An organization, folded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Organization {
    /// Nothing happened yet.
    Unfounded,
    /// It exists.
    Founded {
        /// The calendar in force, with its version.
        calendar: Option<(u32, Calendar)>,
        /// Members by pool.
        pools: BTreeMap<PoolId, BTreeSet<PersonId>>,
    },
}

impl Decider for Organization {
    type Command = OrganizationCommand;
    type Event = OrganizationEvent;
    type Refusal = OrganizationRefusal;

    fn initial() -> Self {
        Self::Unfounded
    }

    fn decide(&self, command: &OrganizationCommand, _: &Acting) -> Result<Vec<OrganizationEvent>, OrganizationRefusal> {
        let (calendar, pools) = match (self, command) {
            (Self::Unfounded, OrganizationCommand::Found(Found { organization, name })) => {
                return Ok(vec![OrganizationEvent::Founded(Founded {
                    organization: *organization,
                    name: name.clone(),
                })]);
            }
            (
                Self::Unfounded,
                OrganizationCommand::SetCalendar(_)
                | OrganizationCommand::OpenPool(_)
                | OrganizationCommand::AddPoolMember(_)
                | OrganizationCommand::RemovePoolMember(_),
            ) => return Err(OrganizationRefusal::Missing),
            (Self::Founded { calendar, pools }, _) => (calendar, pools),
        };
        let members = |pool| pools.get(pool).ok_or(OrganizationRefusal::NoSuchPool);
        match command {
            OrganizationCommand::Found(_) => Err(OrganizationRefusal::Exists),
            OrganizationCommand::SetCalendar(new) => {
                let problems = new.problems();
                if !problems.is_empty() {
                    return Err(OrganizationRefusal::Calendar(problems));
                }
                let version = match calendar {
                    Some((_, old)) if old == new => return Ok(vec![]),
                    Some((version, _)) => version.saturating_add(1),
                    None => 1,
                };
                Ok(vec![OrganizationEvent::CalendarSet(CalendarSet { version, calendar: new.clone() })])
            }
            OrganizationCommand::OpenPool(OpenPool { pool, name, specialty }) => {
                if calendar.is_none() {
                    return Err(OrganizationRefusal::NoCalendar);
                }
                if pools.contains_key(pool) {
                    return Ok(vec![]);
                }
                Ok(vec![OrganizationEvent::PoolOpened(PoolOpened {
                    pool: *pool,
                    name: name.clone(),
                    specialty: specialty.clone(),
                })])
            }
            OrganizationCommand::AddPoolMember(AddPoolMember { pool, person, holds_role }) => {
                if members(pool)?.contains(person) {
                    return Ok(vec![]);
                }
                if !holds_role {
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
        }
    }

    fn evolve(self, event: &OrganizationEvent) -> Self {
        let (mut calendar, mut pools) = match self {
            Self::Unfounded => (None, BTreeMap::new()),
            Self::Founded { calendar, pools } => (calendar, pools),
        };
        match event {
            OrganizationEvent::Founded(_) => {}
            OrganizationEvent::CalendarSet(set) => calendar = Some((set.version, set.calendar.clone())),
            OrganizationEvent::PoolOpened(opened) => {
                pools.entry(opened.pool).or_default();
            }
            OrganizationEvent::PoolMemberAdded(added) => {
                pools.entry(added.pool).or_default().insert(added.person);
            }
            OrganizationEvent::PoolMemberRemoved(removed) => {
                pools.entry(removed.pool).or_default().remove(&removed.person);
            }
        }
        Self::Founded { calendar, pools }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::nine_to_five;
    use crate::decide::scenario::given;
    use crate::envelope::Actor;
    use crate::ids::Id;
    use crate::words::Capacity;
    use uuid::Uuid;

    fn acting() -> Acting {
        Acting {
            by: Actor::Installation,
            capacity: Capacity::Installation,
            now: "2026-11-23T08:00:00Z".parse().expect("a time"),
        }
    }

    fn founded() -> OrganizationEvent {
        OrganizationEvent::Founded(Founded {
            organization: OrganizationId::from_uuid(Uuid::from_u128(1)),
            name: "Lindenhof Practice".into(),
        })
    }

    fn calendar_set(version: u32) -> OrganizationEvent {
        OrganizationEvent::CalendarSet(CalendarSet { version, calendar: nine_to_five(chrono_tz::UTC) })
    }

    fn pool() -> PoolId {
        PoolId::from_uuid(Uuid::from_u128(2))
    }

    fn person() -> PersonId {
        PersonId::from_uuid(Uuid::from_u128(3))
    }

    fn opened() -> OrganizationEvent {
        OrganizationEvent::PoolOpened(PoolOpened {
            pool: pool(),
            name: "Cardiology".into(),
            specialty: "cardiology".into(),
        })
    }

    fn open_pool() -> OrganizationCommand {
        OrganizationCommand::OpenPool(OpenPool {
            pool: pool(),
            name: "Cardiology".into(),
            specialty: "cardiology".into(),
        })
    }

    fn add(holds_role: bool) -> OrganizationCommand {
        OrganizationCommand::AddPoolMember(AddPoolMember { pool: pool(), person: person(), holds_role })
    }

    #[test]
    fn an_organization_is_founded_once() {
        let found = OrganizationCommand::Found(Found {
            organization: OrganizationId::from_uuid(Uuid::from_u128(1)),
            name: "Lindenhof Practice".into(),
        });
        given::<Organization>(&[]).when(&found, &acting()).then(&[founded()]);
        given::<Organization>(&[founded()]).when(&found, &acting()).then_refused(&OrganizationRefusal::Exists);
        given::<Organization>(&[]).when(&open_pool(), &acting()).then_refused(&OrganizationRefusal::Missing);
    }

    #[test]
    fn calendars_are_versioned() {
        let set = |zone| OrganizationCommand::SetCalendar(nine_to_five(zone));
        given::<Organization>(&[founded()]).when(&set(chrono_tz::UTC), &acting()).then(&[calendar_set(1)]);
        let with_calendar = given::<Organization>(&[founded(), calendar_set(1)]);
        with_calendar.when(&set(chrono_tz::UTC), &acting()).then(&[]);
        let vienna = nine_to_five(chrono_tz::Europe::Vienna);
        with_calendar
            .when(&set(chrono_tz::Europe::Vienna), &acting())
            .then(&[OrganizationEvent::CalendarSet(CalendarSet { version: 2, calendar: vienna })]);
        let mut never = nine_to_five(chrono_tz::UTC);
        never.week = [None; 7];
        given::<Organization>(&[founded()])
            .when(&OrganizationCommand::SetCalendar(never), &acting())
            .then_refused(&OrganizationRefusal::Calendar(vec![CalendarProblem::NeverOpen]));
    }

    #[test]
    fn a_pool_needs_a_calendar() {
        given::<Organization>(&[founded()])
            .when(&open_pool(), &acting())
            .then_refused(&OrganizationRefusal::NoCalendar);
        given::<Organization>(&[founded(), calendar_set(1)]).when(&open_pool(), &acting()).then(&[opened()]);
        given::<Organization>(&[founded(), calendar_set(1), opened()]).when(&open_pool(), &acting()).then(&[]);
    }

    #[test]
    fn only_who_holds_a_role_here_becomes_a_member_and_only_once() {
        let added = OrganizationEvent::PoolMemberAdded(PoolMemberAdded { pool: pool(), person: person() });
        let removed = OrganizationEvent::PoolMemberRemoved(PoolMemberRemoved { pool: pool(), person: person() });
        let remove = OrganizationCommand::RemovePoolMember(RemovePoolMember { pool: pool(), person: person() });
        let with_pool = [founded(), calendar_set(1), opened()];
        given::<Organization>(&with_pool).when(&add(false), &acting()).then_refused(&OrganizationRefusal::NoRoleHere);
        given::<Organization>(&with_pool).when(&add(true), &acting()).then(std::slice::from_ref(&added));
        given::<Organization>(&[with_pool.to_vec(), vec![added.clone()]].concat())
            .when(&add(true), &acting())
            .then(&[]);
        given::<Organization>(&[with_pool.to_vec(), vec![added]].concat()).when(&remove, &acting()).then(&[removed]);
        given::<Organization>(&with_pool).when(&remove, &acting()).then(&[]);
        given::<Organization>(&[founded(), calendar_set(1)])
            .when(&add(true), &acting())
            .then_refused(&OrganizationRefusal::NoSuchPool);
    }
}
