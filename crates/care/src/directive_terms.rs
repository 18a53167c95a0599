//! What a directive is about: whom, what, for which purpose and in which period. Here, and nowhere else, it is compared
//! with a person and a thing.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::ids::{OrganizationId, PersonId};
use crate::party::Place;
use crate::words::{DirectiveEffect, Purpose, Role, Sensitivity};

/// Whom a directive is about. Whatever is given must match, and at least one is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Whom {
    /// This person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<PersonId>,
    /// Who holds this role.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<Role>,
    /// Who holds a role at this organization: the given one, if one is given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organization: Option<OrganizationId>,
}

impl Whom {
    /// One person, whatever they are.
    #[must_use]
    pub const fn person(person: PersonId) -> Self {
        Self { person: Some(person), role: None, organization: None }
    }

    /// Whether nobody is named, so that it is about nobody.
    #[must_use]
    pub const fn is_nobody(&self) -> bool {
        self.person.is_none() && self.role.is_none() && self.organization.is_none()
    }

    /// Whether it is about a person who holds these places now.
    #[must_use]
    pub fn names(&self, person: PersonId, places: &[Place]) -> bool {
        let Self { person: named, role, organization } = *self;
        let is_place = |place: &Place| {
            role.is_none_or(|role| role == place.role)
                && organization.is_none_or(|organization| organization == place.organization)
        };
        let by_place = role.is_none() && organization.is_none() || places.iter().any(is_place);
        !self.is_nobody() && named.is_none_or(|named| named == person) && by_place
    }

    /// Whether everybody whom the other is about is among those whom this is about. Nobody covers nobody else.
    fn covers(&self, other: &Self) -> bool {
        fn wider<T: PartialEq>(one: Option<T>, other: Option<T>) -> bool {
            one.is_none() || one == other
        }
        !self.is_nobody()
            && wider(self.person, other.person)
            && wider(self.role, other.role)
            && wider(self.organization, other.organization)
    }
}

/// Whether the role oversees: who holds it sees who read, and never what.
#[must_use]
pub const fn oversees(role: Role) -> bool {
    match role {
        Role::PrivacyOfficer | Role::Auditor => true,
        Role::Physician
        | Role::Nurse
        | Role::Pharmacist
        | Role::Coordinator
        | Role::SocialWorker
        | Role::Administrator
        | Role::Service
        | Role::Person => false,
    }
}

/// Somebody other than the patient, as far as it decides of which directives they may know.
#[derive(Debug, Clone, Copy)]
pub struct Other<'a> {
    /// Who it is.
    pub person: PersonId,
    /// The role in which they read or act.
    pub role: Role,
    /// The places that they hold now.
    pub places: &'a [Place],
    /// The sensitive matters that a representative reaches; none for everybody else, who is not bound by a scope.
    pub within: Option<&'a BTreeSet<Sensitivity>>,
}

/// What a directive is about. Whatever is given must match.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terms {
    /// Whom.
    pub whom: Whom,
    /// Which sensitive matters. Empty: for a deny, everything about the patient; for a permit, what has no code.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub sensitivities: BTreeSet<Sensitivity>,
    /// For which purpose; none: for every one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purpose: Option<Purpose>,
    /// From when on; none: from its event on.
    #[serde(default, with = "crate::instant::optional", skip_serializing_if = "Option::is_none")]
    pub from: Option<DateTime<Utc>>,
    /// Until when, the instant itself excluded; none: without an end.
    #[serde(default, with = "crate::instant::optional", skip_serializing_if = "Option::is_none")]
    pub until: Option<DateTime<Utc>>,
}

impl Terms {
    /// Everything about the patient for one person, from now on and without an end.
    #[must_use]
    pub fn whole(person: PersonId) -> Self {
        let whom = Whom::person(person);
        Self { whom, sensitivities: BTreeSet::new(), purpose: None, from: None, until: None }
    }

    /// Whether the period has begun at this instant and is not over.
    #[must_use]
    pub fn is_within(&self, now: DateTime<Utc>) -> bool {
        self.from.is_none_or(|from| from <= now) && self.until.is_none_or(|until| now < until)
    }

    /// Whether it reaches a thing with these codes. One code suffices for a deny; a permit has to name every one, so that
    /// a permission never opens a sensitive matter that it does not name. A permit that names codes is for what has codes,
    /// and opens nothing else.
    #[must_use]
    pub fn reaches(&self, effect: DirectiveEffect, codes: impl Iterator<Item = Sensitivity>) -> bool {
        let mut codes = codes.peekable();
        match effect {
            DirectiveEffect::Deny => {
                self.sensitivities.is_empty() || codes.any(|code| self.sensitivities.contains(&code))
            }
            DirectiveEffect::Permit => {
                codes.peek().is_none() == self.sensitivities.is_empty()
                    && codes.all(|code| self.sensitivities.contains(&code))
            }
        }
    }

    /// Whether a directive of these terms is kept from somebody, as if there were none: a deny from the people whom it
    /// blocks, and from a representative each directive with a sensitive matter that they do not reach. Who oversees knows
    /// of each deny but one that names them in person.
    #[must_use]
    pub fn are_kept_from(&self, effect: DirectiveEffect, other: &Other<'_>) -> bool {
        let Other { person, role, places, within } = *other;
        let is_about = effect == DirectiveEffect::Deny
            && self.whom.names(person, places)
            && (self.whom.person.is_some() || !oversees(role));
        is_about || within.is_some_and(|within| !self.sensitivities.is_subset(within))
    }

    /// Whether changing `before` into this makes the patient's word tighter: a deny reaches further or longer, a permit
    /// less far or shorter, and it is not the same.
    #[must_use]
    pub fn is_tighter(&self, effect: DirectiveEffect, before: &Self) -> bool {
        let covers = match effect {
            DirectiveEffect::Deny => self.covers(effect, before),
            DirectiveEffect::Permit => before.covers(effect, self),
        };
        covers && self != before
    }

    /// Whether everything that the other is about is among what this is about.
    fn covers(&self, effect: DirectiveEffect, other: &Self) -> bool {
        let (is_empty, other_empty) = (self.sensitivities.is_empty(), other.sensitivities.is_empty());
        let among = other.sensitivities.is_subset(&self.sensitivities);
        let matters = match effect {
            DirectiveEffect::Deny => is_empty || !other_empty && among,
            // What has no code is not among what has codes.
            DirectiveEffect::Permit => is_empty == other_empty && among,
        };
        let purpose = self.purpose.is_none() || self.purpose == other.purpose;
        let begins = self.from.is_none_or(|from| other.from.is_some_and(|other| from <= other));
        let ends = self.until.is_none_or(|until| other.until.is_some_and(|other| other <= until));
        self.whom.covers(&other.whom) && matters && purpose && begins && ends
    }
}
