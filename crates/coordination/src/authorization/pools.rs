//! Who belongs to a party or a pool, and which pools somebody works for.

use std::collections::BTreeMap;

use care::conversation::{Party, Place};
use care::ids::{Id, OrganizationId, PersonId, PoolId};
use care::words::Role;
use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::AuthorizationState;
use super::entity::Period;
use super::index::Mark;
use super::organization::{OrganizationFacts, PoolHome};
use super::patient::PatientFacts;
use super::person::PersonFacts;

impl AuthorizationState {
    /// The people who belong to a party now.
    pub fn people(&self, party: Party, now: DateTime<Utc>) -> Vec<PersonId> {
        match party {
            Party::Person(person) => vec![person],
            Party::Pool(pool) => self.pool_members(pool, now),
            Party::PoolCoordinator(pool) => {
                let Some(organization) = self.home(pool) else { return Vec::new() };
                let place = Place { role: Role::Coordinator, organization };
                let is = |person: &PersonId| {
                    self.entity::<PersonFacts>(person.uuid()).is_some_and(|facts| facts.holds(place, now))
                };
                self.pool_members(pool, now).into_iter().filter(is).collect()
            }
            Party::Role(place) => self.holders(place, now).collect(),
            Party::Patient(patient) => {
                self.entity::<PatientFacts>(patient.uuid()).and_then(|facts| facts.person).into_iter().collect()
            }
            Party::Nobody => Vec::new(),
        }
    }

    /// The people who hold a role now.
    pub(super) fn holders(&self, place: Place, now: DateTime<Utc>) -> impl Iterator<Item = PersonId> {
        let holds = move |id: &Uuid| self.entity::<PersonFacts>(*id).is_some_and(|facts| facts.holds(place, now));
        self.index.under(Mark::Granted(place)).filter(holds).map(PersonId::from_uuid)
    }

    /// The organization of a pool.
    pub fn home(&self, pool: PoolId) -> Option<OrganizationId> {
        self.entity::<PoolHome>(pool.uuid()).map(|home| home.organization)
    }

    /// The members of a pool now, who hold a role at its organization.
    pub fn pool_members(&self, pool: PoolId, now: DateTime<Utc>) -> Vec<PersonId> {
        let home = self.home(pool).and_then(|home| Some((home, self.entity::<OrganizationFacts>(home.uuid())?)));
        let Some((organization, facts)) = home else { return Vec::new() };
        let members = facts.pools.get(&pool).into_iter().flatten().filter(|(_, period)| period.holds(now));
        let works = |person: &PersonId| {
            self.entity::<PersonFacts>(person.uuid())
                .is_some_and(|facts| facts.roles_at(organization, now).next().is_some())
        };
        members.map(|(person, _)| *person).filter(works).collect()
    }

    /// The pools that a person may work for: as a member, or as a coordinator of their organization.
    pub fn pools_of(&self, person: PersonId, now: DateTime<Utc>) -> Vec<PoolId> {
        let Some(facts) = self.entity::<PersonFacts>(person.uuid()) else { return Vec::new() };
        let of_organization = |(id, organization): (Uuid, &OrganizationFacts)| {
            let organization_id = OrganizationId::from_uuid(id);
            let coordinates = facts.holds(Place { role: Role::Coordinator, organization: organization_id }, now);
            let works = facts.roles_at(organization_id, now).next().is_some();
            let is_mine = |members: &BTreeMap<PersonId, Period>| {
                coordinates || works && members.get(&person).is_some_and(|period| period.holds(now))
            };
            let pools = organization.pools.iter().filter(|(_, members)| is_mine(members));
            pools.map(|(pool, _)| *pool).collect::<Vec<_>>()
        };
        self.all::<OrganizationFacts>().flat_map(of_organization).collect()
    }
}
