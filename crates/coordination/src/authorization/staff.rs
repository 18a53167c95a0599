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

/// What a person is and was at an organization.
#[derive(Debug, Default)]
pub(crate) struct AtOrganization {
    /// The roles that were granted there, held now or not, and on whose word.
    pub roles: Vec<(Held, Option<GrantBasis>)>,
    /// The roles that were proposed there and will not be confirmed, the oldest end first.
    pub unconfirmed: Vec<Unconfirmed>,
}

/// A role that was proposed and not confirmed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Unconfirmed {
    pub role: Role,
    /// When it was declined or taken back, or when its proposal ended by itself.
    pub ended_at: DateTime<Utc>,
    /// Who declined it or took it back; none if it ended by itself.
    pub declined_by: Option<PersonId>,
}

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

    /// The people who were granted a role at an organization, whether they hold it now or not, and those for whom one was
    /// proposed.
    pub fn people_at(&self, organization: OrganizationId, now: DateTime<Utc>) -> BTreeMap<PersonId, AtOrganization> {
        let places = Role::ALL.iter().map(|role| Place { role: *role, organization });
        let granted = places.flat_map(|place| self.index.under(Mark::Granted(place)));
        let ids: BTreeSet<Uuid> = granted.chain(self.index.under(Mark::Proposed(organization))).collect();
        let of_person = |id: Uuid| {
            let facts = self.entity::<PersonFacts>(id)?;
            let here = facts.roles.iter().filter(|held| held.place.organization == organization);
            let roles = here.map(|held| (*held, facts.basis(held.place))).collect();
            Some((
                PersonId::from_uuid(id),
                AtOrganization { roles, unconfirmed: unconfirmed(facts, organization, now) },
            ))
        };
        ids.into_iter().filter_map(of_person).collect()
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

/// The roles that were proposed for a person at an organization and will not be confirmed.
fn unconfirmed(facts: &PersonFacts, organization: OrganizationId, now: DateTime<Utc>) -> Vec<Unconfirmed> {
    let is_here = |place: Place| place.organization == organization;
    let declined = facts.declines.iter().filter(|decline| is_here(decline.place)).map(|decline| Unconfirmed {
        role: decline.place.role,
        ended_at: decline.at,
        declined_by: decline.by,
    });
    let ended = |proposal: &&RoleProposal| is_here(proposal.place) && proposal.expires_at <= now;
    let unanswered = facts.proposals.iter().filter(ended).map(|proposal| Unconfirmed {
        role: proposal.place.role,
        ended_at: proposal.expires_at,
        declined_by: None,
    });
    let mut all: Vec<Unconfirmed> = declined.chain(unanswered).collect();
    all.sort_unstable_by_key(|unconfirmed| (unconfirmed.ended_at, unconfirmed.role));
    all
}
