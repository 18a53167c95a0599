//! Who can be accountable for a thread, and until when a pool is to claim one.

use super::*;
use crate::aggregate::PoolFacts;
use crate::calendar::Due;

/// Business days in which a member of the owning pool is to claim a thread, and in which a party of
/// last resort is to pass the turn on.
const CLAIM_BUSINESS_DAYS: u32 = 1;

impl Conversation {
    /// The event that makes somebody the owner.
    pub(super) fn owned_by(
        &self,
        owner: Owner,
        reason: Option<PersonalText>,
        acting: &Acting<'_>,
    ) -> Result<ConversationEvent, ConversationRefusal> {
        let (organization, claim_by) = match owner {
            Owner::Pool(pool) | Owner::Person { person: _, pool: Some(pool) } => {
                let home = acting.lookups.pool(pool).ok_or(ConversationRefusal::NoSuchPool)?.organization;
                (home, if owner.person().is_none() { claim_by(home, acting) } else { None })
            }
            Owner::Person { person, pool: None } => {
                let place = self.participants.get(&person);
                (place.map_or(self.owning_organization, |place| place.organization), None)
            }
        };
        Ok(ConversationEvent::OwnerChanged(OwnerChanged { by: acting.by, owner, organization, claim_by, reason }))
    }

    /// Whether the owner can pass the thread on to another: to a pool of their own organization or one
    /// that takes part, a member of the owning pool, or a participant.
    pub(super) fn can_pass_to(&self, to: Owner, acting: &Acting<'_>) -> bool {
        match to {
            // That there is such a pool is asked with the other conditions.
            Owner::Pool(pool) => {
                let is_of_owner = |pool: PoolFacts| pool.organization == self.owning_organization;
                self.pools.contains(&pool) || acting.lookups.pool(pool).is_none_or(is_of_owner)
            }
            Owner::Person { person: _, pool } => pool.is_none() || pool == self.owner.pool(),
        }
    }

    /// Whether somebody can be accountable for the thread.
    pub(crate) fn check_owner(&self, owner: Owner, acting: &Acting<'_>) -> Result<(), ConversationRefusal> {
        let can = match owner {
            Owner::Pool(pool) => {
                acting.lookups.pool(pool).ok_or(ConversationRefusal::NoSuchPool)?;
                self.is_anybody(Party::Pool(pool), acting)
            }
            Owner::Person { person, pool } => {
                self.check_own_record(person, acting)?;
                let is_member = pool.is_none_or(|pool| acting.lookups.is_pool_member(pool, person));
                is_member && (pool.is_some() || self.participants.contains_key(&person)) && self.can_own(person, acting)
            }
        };
        if can { Ok(()) } else { Err(ConversationRefusal::OwnerCannotAct) }
    }

    /// Whether the person holds a role by which they could act in the thread at all.
    pub(super) fn can_own(&self, person: PersonId, acting: &Acting<'_>) -> bool {
        // Who is blocked by the patient can do nothing here, whatever else they are.
        if self.patient.is_some_and(|patient| acting.lookups.is_blocked(patient, person, acting.thread)) {
            return false;
        }
        match self.participants.get(&person) {
            Some(place) => acting.lookups.holds_role(person, *place),
            None => {
                let works = |place: &Place| place.organization == self.owning_organization;
                let is_member = self.owner.pool().is_none_or(|pool| acting.lookups.is_pool_member(pool, person));
                acting.lookups.roles(person).iter().any(works) && is_member
            }
        }
    }
}

/// Until when a pool of the organization is to claim a thread that it owns from now on.
pub(super) fn claim_by(organization: OrganizationId, acting: &Acting<'_>) -> Option<Due> {
    acting.calendar(organization)?.business_days(CLAIM_BUSINESS_DAYS, acting.now)
}
