//! An organization, as far as it decides who may: its calendar, its pools and their members, and the ages at which the
//! helpers of a minor lose access.

use std::collections::BTreeMap;

use care::age::AgeGates;
use care::calendar::Calendar;
use care::ids::{Id, OrganizationId, PersonId, PoolId};
use care::organization::OrganizationEvent;
use chrono::{DateTime, Utc};
use policy::reach::HeldStanding;
use policy::words::Standing;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::entity::{Entities, Entity, Period};
use super::person::Gathered;

/// What decides who may at an organization, and by when it promises something.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct OrganizationFacts {
    /// Its public name.
    pub name: String,
    /// The calendar in force, with its version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub calendar: Option<(u32, Calendar)>,
    /// Who is or was a member of each pool.
    pub pools: BTreeMap<PoolId, BTreeMap<PersonId, Period>>,
    /// Whether it has or ever had an administrator of its own.
    pub had_administrator: bool,
    /// The ages that it set; none if it set none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub age_gates: Option<AgeGates>,
}

impl Entity for OrganizationFacts {
    const TABLE: &'static str = "organization";
    const SHAPE: u32 = 5;
}

impl OrganizationFacts {
    /// With the administrator whom a person's event names; of an organization that cannot be read, nothing.
    pub fn with_administrator(this: Option<Self>) -> Option<Self> {
        this.map(|facts| Self { had_administrator: true, ..facts })
    }

    pub fn fold(this: Option<Self>, event: &OrganizationEvent, at: DateTime<Utc>) -> Option<Self> {
        let mut this = this.unwrap_or_default();
        match event {
            OrganizationEvent::Created(created) => this.name.clone_from(&created.name),
            OrganizationEvent::CalendarSet(set) => this.calendar = Some((set.version, set.calendar.clone())),
            OrganizationEvent::AgeGatesSet(set) => this.age_gates = Some(set.gates),
            // A telephone number and the names of a pool decide nothing.
            OrganizationEvent::PhoneSet(_) | OrganizationEvent::PoolRenamed(_) => {}
            OrganizationEvent::PoolOpened(opened) => {
                this.pools.entry(opened.pool).or_default();
            }
            OrganizationEvent::PoolMemberAdded(added) => {
                this.pools.entry(added.pool).or_default().insert(added.person, Period::since(at));
            }
            OrganizationEvent::PoolMemberRemoved(removed) => {
                let members = this.pools.entry(removed.pool).or_default();
                if let Some(period) = members.get_mut(&removed.person) {
                    period.end(at);
                }
            }
        }
        Some(this)
    }
}

/// Which organization a pool belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PoolHome {
    pub organization: OrganizationId,
}

impl Entity for PoolHome {
    const TABLE: &'static str = "pool";
    const SHAPE: u32 = 1;
}

impl PoolHome {
    /// The pool that an event opens, and its organization.
    pub fn of(organization: Uuid, event: &OrganizationEvent) -> Option<(PoolId, Self)> {
        match event {
            OrganizationEvent::PoolOpened(opened) => {
                Some((opened.pool, Self { organization: OrganizationId::from_uuid(organization) }))
            }
            OrganizationEvent::Created(_)
            | OrganizationEvent::CalendarSet(_)
            | OrganizationEvent::PhoneSet(_)
            | OrganizationEvent::PoolRenamed(_)
            | OrganizationEvent::PoolMemberAdded(_)
            | OrganizationEvent::PoolMemberRemoved(_)
            | OrganizationEvent::AgeGatesSet(_) => None,
        }
    }
}

/// The membership of a person in a pool now, and the pool's organization.
pub(crate) fn membership<S: Entities>(
    store: &S,
    pool: PoolId,
    person: PersonId,
) -> Result<Option<(OrganizationId, Period)>, S::Fault> {
    let Some(home) = store.get::<PoolHome>(pool.uuid())? else { return Ok(None) };
    let facts = store.get::<OrganizationFacts>(home.organization.uuid())?;
    let period = facts.and_then(|facts| facts.pools.get(&pool)?.get(&person).copied());
    Ok(period.map(|period| (home.organization, period)))
}

/// What a person is to an organization, and to what belongs to it alone, now.
pub(crate) fn standings<S: Entities>(
    store: &S,
    organization: OrganizationId,
    person: PersonId,
    now: DateTime<Utc>,
) -> Result<Vec<HeldStanding>, S::Fault> {
    let mut gathered = Gathered::new(store, person, now)?;
    gathered.with_roles_at(Standing::Organization, organization);
    Ok(gathered.done())
}
