//! The facts of a person that authorization needs: their roles at organizations.

use std::borrow::Cow;

use care::conversation::Place;
use care::ids::{Id, OrganizationId, PersonId};
use care::person::PersonEvent;
use care::words::{GrantBasis, Purpose, Role};
use chrono::{DateTime, Utc};
use policy::reach::{HeldStanding, PurposeSet, Reach};
use policy::words::Standing;
use serde::{Deserialize, Serialize};

use super::entity::{Entities, Entity, Held, Period};
use super::index::Mark;

/// The roles that a person holds or held.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct PersonFacts {
    /// The organization that registered them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    registered_by: Option<OrganizationId>,
    pub roles: Vec<Held>,
    /// On whose word each role is held, where the event says it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    bases: Vec<(Place, GrantBasis)>,
    /// The roles that were proposed and not answered.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub proposals: Vec<RoleProposal>,
    /// The roles that were proposed and declined or taken back, and neither proposed again nor granted since.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub declines: Vec<RoleDecline>,
}

/// A role that an administrator proposed, until another one answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct RoleProposal {
    pub place: Place,
    pub by: PersonId,
    pub at: DateTime<Utc>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<DateTime<Utc>>,
    pub expires_at: DateTime<Utc>,
}

/// A proposed role that was declined or taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct RoleDecline {
    pub place: Place,
    /// Who declined it or took it back; none if it was no person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<PersonId>,
    pub at: DateTime<Utc>,
}

impl Entity for PersonFacts {
    const TABLE: &'static str = "person";
    const SHAPE: u32 = 5;

    fn marks(&self) -> Vec<Mark> {
        let changes = |held: &Held| {
            let Period { from, begins_later: _, until, ended_at } = held.period;
            let by_itself = ended_at.is_none().then(|| std::iter::once(from).chain(until));
            let instants = by_itself.into_iter().flatten().map(Mark::RoleChanges);
            std::iter::once(Mark::Granted(held.place)).chain(instants).collect::<Vec<_>>()
        };
        let proposed = self.proposals.iter().map(|proposal| proposal.place);
        let declined = self.declines.iter().map(|decline| decline.place);
        let proposed = proposed.chain(declined).map(|place| Mark::Proposed(place.organization));
        self.roles.iter().flat_map(changes).chain(proposed).collect()
    }
}

impl PersonFacts {
    pub fn fold(this: Option<Self>, event: &PersonEvent, at: DateTime<Utc>) -> Option<Self> {
        let mut this = this.unwrap_or_default();
        match event {
            PersonEvent::Registered(registered) => this.registered_by = Some(registered.organization),
            PersonEvent::NameCorrected(_) => {}
            PersonEvent::RoleProposed(proposed) => {
                let place = Place { role: proposed.role, organization: proposed.organization };
                let (by, until, expires_at) = (proposed.by, proposed.until, proposed.expires_at);
                this.answer(place);
                this.proposals.push(RoleProposal { place, by, at, until, expires_at });
            }
            PersonEvent::RoleDeclined(declined) => {
                let place = Place { role: declined.role, organization: declined.organization };
                this.answer(place);
                this.declines.push(RoleDecline { place, by: declined.by.person(), at });
            }
            PersonEvent::RoleGranted(granted) => {
                let place = Place { role: granted.role, organization: granted.organization };
                this.roles.retain(|held| held.place != place);
                this.answer(place);
                this.bases.retain(|(of, _)| *of != place);
                this.bases.extend(granted.basis.map(|basis| (place, basis)));
                let begins_later = granted.from > at;
                let period = Period { from: granted.from, begins_later, until: granted.until, ended_at: None };
                this.roles.push(Held { place, period });
            }
            PersonEvent::RoleEnded(ended) => {
                let place = Place { role: ended.role, organization: ended.organization };
                this.roles.iter_mut().filter(|held| held.place == place).for_each(|held| held.period.end(at));
            }
        }
        Some(this)
    }

    /// Something newer happened to a role than its proposal or its decline.
    fn answer(&mut self, place: Place) {
        self.proposals.retain(|proposal| proposal.place != place);
        self.declines.retain(|decline| decline.place != place);
    }

    /// The roles held now.
    pub fn places(&self, now: DateTime<Utc>) -> impl Iterator<Item = Place> {
        self.roles.iter().filter(move |held| held.period.holds(now)).map(|held| held.place)
    }

    /// The roles held now at an organization.
    pub fn roles_at(&self, organization: OrganizationId, now: DateTime<Utc>) -> impl Iterator<Item = Role> {
        self.places(now).filter(move |place| place.organization == organization).map(|place| place.role)
    }

    /// Whether an organization knows the person: it registered them, or they have or had a role there.
    pub fn is_known_at(&self, organization: OrganizationId) -> bool {
        self.registered_by == Some(organization)
            || self.roles.iter().any(|held| held.place.organization == organization)
    }

    /// On whose word a role is held; none if its event does not say it.
    pub fn basis(&self, place: Place) -> Option<GrantBasis> {
        self.bases.iter().find(|(of, _)| *of == place).map(|(_, basis)| *basis)
    }

    /// Whether the role is held now.
    pub fn holds(&self, place: Place, now: DateTime<Utc>) -> bool {
        self.places(now).any(|held| held == place)
    }
}

/// The standings of a person to the installation as a whole now, from any role at any organization.
pub(crate) fn standings_anywhere<S: Entities>(
    store: &S,
    person: PersonId,
    now: DateTime<Utc>,
) -> Result<Vec<HeldStanding>, S::Fault> {
    let mut gathered = Gathered::new(store, person, now)?;
    gathered.with_every_role(Standing::Installation);
    Ok(gathered.done())
}

/// The standings of a person as staff of an organization, or of any organization for `None`, where no patient is
/// concerned.
pub(crate) fn standings_as_staff<S: Entities>(
    store: &S,
    organization: Option<OrganizationId>,
    person: PersonId,
    now: DateTime<Utc>,
) -> Result<Vec<HeldStanding>, S::Fault> {
    let mut gathered = Gathered::new(store, person, now)?;
    let is_asked = |place: &Place| organization.is_none_or(|organization| place.organization == organization);
    let places: Vec<Place> = gathered.person.places(now).filter(is_asked).collect();
    for place in places {
        gathered.push(HeldStanding::full(Standing::Employed, place.role));
    }
    Ok(gathered.done())
}

/// Whether a person has or had a role at an organization, or is or was an administrator of any organization and so may
/// have acted in place of its administrator.
pub(crate) fn worked_at<S: Entities>(
    store: &S,
    organization: OrganizationId,
    person: PersonId,
) -> Result<bool, S::Fault> {
    let worked = |held: &Held| held.place.organization == organization || held.place.role == Role::Administrator;
    Ok(store.get::<PersonFacts>(person.uuid())?.is_some_and(|facts| facts.roles.iter().any(worked)))
}

/// What the directives of a patient keep from a person, or open to them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Bounds {
    /// Whether they are blocked for every purpose.
    pub is_blocked: bool,
    /// The purposes for which they are blocked.
    pub denied: PurposeSet,
    /// The purposes for which the patient permits what a rule asks for.
    pub permitted: PurposeSet,
}

impl Bounds {
    /// What both of them keep and open.
    pub fn or(self, other: Self) -> Self {
        Self {
            is_blocked: self.is_blocked || other.is_blocked,
            denied: self.denied.or(other.denied),
            permitted: self.permitted.or(other.permitted),
        }
    }

    /// Whether they are blocked for any purpose. Then they are told nothing of what they did before.
    pub fn keep_anything(self) -> bool {
        self.is_blocked || self.denied != PurposeSet::NONE
    }

    /// Whether they are blocked for this purpose.
    pub fn keep_from(self, purpose: Purpose) -> bool {
        self.is_blocked || self.denied.contains(purpose)
    }

    /// Whether somebody with these places can do no work on the thing.
    pub fn keep_from_work(self, places: impl IntoIterator<Item = Place>) -> bool {
        let mut purposes = places.into_iter().filter_map(|place| work_purpose(place.role)).peekable();
        self.is_blocked || purposes.peek().is_some() && purposes.all(|purpose| self.denied.contains(purpose))
    }
}

/// For which purpose people in a role work on what is about a patient; none where they do not.
const fn work_purpose(role: Role) -> Option<Purpose> {
    match role {
        Role::Physician | Role::Nurse | Role::Pharmacist => Some(Purpose::Treatment),
        Role::Coordinator | Role::SocialWorker => Some(Purpose::CareCoordination),
        Role::PrivacyOfficer | Role::Administrator | Role::Auditor | Role::Service | Role::Person => None,
    }
}

/// Collects the standings of one person, without duplicates.
pub(crate) struct Gathered<'a> {
    pub(super) now: DateTime<Utc>,
    pub(super) id: PersonId,
    pub(super) person: Cow<'a, PersonFacts>,
    held: Vec<HeldStanding>,
    /// What the directives of the patient keep and open whom all this is about: `bind_to` of the directives sets it.
    pub(super) bounds: Bounds,
}

impl<'a> Gathered<'a> {
    pub fn new<S: Entities>(store: &'a S, id: PersonId, now: DateTime<Utc>) -> Result<Self, S::Fault> {
        let person = store.get::<PersonFacts>(id.uuid())?.unwrap_or_default();
        Ok(Self { now, id, person, held: Vec::with_capacity(8), bounds: Bounds::default() })
    }

    pub fn push(&mut self, held: HeldStanding) {
        if !self.held.contains(&held) {
            self.held.push(held);
        }
    }

    /// A standing counts with each role held now at the organization that it comes from.
    pub fn with_roles_at(&mut self, standing: Standing, organization: OrganizationId) {
        let roles: Vec<Role> = self.person.roles_at(organization, self.now).collect();
        for role in roles {
            self.push(HeldStanding::full(standing, role));
        }
    }

    /// A standing counts with each role held now, wherever it is held.
    pub fn with_every_role(&mut self, standing: Standing) {
        let roles: Vec<Role> = self.person.places(self.now).map(|place| place.role).collect();
        for role in roles {
            self.push(HeldStanding::full(standing, role));
        }
    }

    /// Whether the person holds a role now.
    pub fn holds(&self, place: Place) -> bool {
        self.person.holds(place, self.now)
    }

    pub fn done(mut self) -> Vec<HeldStanding> {
        let Bounds { is_blocked, denied, permitted } = self.bounds;
        for held in &mut self.held {
            held.reach = Reach { denied: held.reach.denied.or(denied), permitted, ..held.reach };
        }
        if is_blocked {
            self.push(HeldStanding::full(Standing::Blocked, Role::Person));
        }
        self.held.sort_unstable_by_key(|held| {
            (held.standing, held.role, held.reach.since, held.reach.until, held.reach.grant)
        });
        self.held
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use care::person::RoleGranted;
    use uuid::Uuid;

    #[test]
    fn a_role_holds_from_its_event_on_and_one_that_begins_later_from_then_on() {
        let at = |seconds| DateTime::<Utc>::from_timestamp(seconds, 0).unwrap();
        let place = Place { role: Role::Nurse, organization: OrganizationId::from_uuid(Uuid::from_u128(1)) };
        let granted = |from, recorded| {
            let event = PersonEvent::RoleGranted(RoleGranted {
                person: PersonId::from_uuid(Uuid::from_u128(2)),
                organization: place.organization,
                role: place.role,
                from: at(from),
                until: None,
                basis: None,
                proposed_by: None,
            });
            PersonFacts::fold(None, &event, at(recorded)).unwrap()
        };
        assert!(granted(1_000, 1_000).holds(place, at(10)), "the clock was ahead, and was set back");
        assert!(granted(900, 1_000).holds(place, at(10)));
        let later = granted(2_000, 1_000);
        assert!(!later.holds(place, at(1_999)) && later.holds(place, at(2_000)));
    }
}
