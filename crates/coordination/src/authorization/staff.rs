//! Who works at an organization, as far as the facts about people say so.

use std::collections::{BTreeMap, BTreeSet};

use care::conversation::Place;
use care::ids::{Id, OrganizationId, PersonId};
use care::words::{GrantBasis, Role};
use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::AuthorizationState;
use super::entity::Held;
use super::index::Mark;
use super::person::{PersonFacts, RoleProposal};

impl AuthorizationState {
    /// The organizations at which a person holds a role now.
    pub fn employers(&self, person: PersonId, now: DateTime<Utc>) -> BTreeSet<OrganizationId> {
        let facts = self.entity::<PersonFacts>(person.uuid());
        facts.into_iter().flat_map(|facts| facts.places(now)).map(|place| place.organization).collect()
    }

    /// The organizations whose loose ends a person is to see to: those that they coordinate or administer.
    pub fn sees_to(&self, person: PersonId, now: DateTime<Utc>) -> BTreeSet<OrganizationId> {
        let Some(facts) = self.entity::<PersonFacts>(person.uuid()) else { return BTreeSet::new() };
        let leads = |place: &Place| place.role == Role::Coordinator || place.role == Role::Administrator;
        facts.places(now).filter(leads).map(|place| place.organization).collect()
    }

    /// The people who were granted a role at an organization, whether they hold it now or not, each with their roles there
    /// and on whose word they were granted.
    pub fn people_at(&self, organization: OrganizationId) -> BTreeMap<PersonId, Vec<(Held, Option<GrantBasis>)>> {
        let places = Role::ALL.iter().map(|role| Place { role: *role, organization });
        let ids: BTreeSet<Uuid> = places.flat_map(|place| self.index.under(Mark::Granted(place))).collect();
        let roles = |id: Uuid| {
            let facts = self.entity::<PersonFacts>(id)?;
            let here = facts.roles.iter().filter(|held| held.place.organization == organization);
            let with_basis = here.map(|held| (*held, facts.basis(held.place)));
            Some((PersonId::from_uuid(id), with_basis.collect()))
        };
        ids.into_iter().filter_map(roles).collect()
    }

    /// The roles that were proposed at an organization and not answered.
    pub fn proposed_at(&self, organization: OrganizationId, now: DateTime<Utc>) -> Vec<(PersonId, RoleProposal)> {
        let of_person = |id: Uuid| {
            let facts = self.entity::<PersonFacts>(id)?;
            let is_open =
                |proposal: &RoleProposal| proposal.place.organization == organization && now < proposal.expires_at;
            let open: Vec<RoleProposal> = facts.proposals.iter().copied().filter(is_open).collect();
            Some(open.into_iter().map(move |proposal| (PersonId::from_uuid(id), proposal)))
        };
        self.index.under(Mark::Proposed(organization)).filter_map(of_person).flatten().collect()
    }
}
