//! The directives of a patient, as far as they decide who may: whom they block, and whom they permit what a rule asks
//! the patient for.
//!
//! A directive is compared with the person and the thing at each use, and its period with the clock, whatever the process
//! that keeps its instants has recorded already. Of a patient without directives nothing more is looked at.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use care::consent_directive::{DirectiveEvent, Terms, oversees};
use care::conversation::Place;
use care::ids::{DirectiveId, EventId, Id, OrganizationId, PatientId, PersonId};
use care::words::{DirectiveEffect, Purpose};
use chrono::{DateTime, Utc};
use policy::question::CodeSet;
use policy::reach::PurposeSet;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::entity::{Entities, Entity};
use super::index::Mark;
use super::patient::{self, PatientFacts};
use super::person::{Bounds, Gathered, PersonFacts};
use super::timers::DirectiveTimers;

/// The directives of a patient that are in force within their periods, and those that wait to be confirmed.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct DirectiveFacts {
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    in_force: BTreeMap<DirectiveId, Given>,
    /// The permissions that the patient is to confirm.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    proposed: BTreeMap<DirectiveId, Terms>,
    /// The denies that nobody confirmed in time: staff are to ask the patient.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    overdue: BTreeSet<DirectiveId>,
    /// The organization that keeps the patient's record; none until the record is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    keeper: Option<OrganizationId>,
    /// Whether the stream could not be read completely: then it is not known who is blocked, and everybody else is.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    is_parked: bool,
}

/// A directive in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Given {
    /// What it does.
    pub effect: DirectiveEffect,
    /// What it is about.
    pub terms: Terms,
}

impl Given {
    /// What it keeps from somebody with these places whom it is about, or opens to them. A deny for every purpose leaves who
    /// oversees the purpose of oversight: they see who read, and never what.
    pub fn bounds(&self, places: &[Place]) -> Bounds {
        let purposes: PurposeSet = self.terms.purpose.into_iter().collect();
        let but_oversight = || Purpose::ALL.iter().copied().filter(|purpose| *purpose != Purpose::HealthcareOperations);
        match (self.effect, self.terms.purpose) {
            (DirectiveEffect::Permit, _) => Bounds { permitted: purposes, ..Bounds::default() },
            (DirectiveEffect::Deny, Some(_)) => Bounds { denied: purposes, ..Bounds::default() },
            (DirectiveEffect::Deny, None) if places.iter().any(|place| oversees(place.role)) => {
                Bounds { denied: but_oversight().collect(), ..Bounds::default() }
            }
            (DirectiveEffect::Deny, None) => Bounds { is_blocked: true, ..Bounds::default() },
        }
    }
}

impl Entity for DirectiveFacts {
    const TABLE: &'static str = "consent_directive";
    const SHAPE: u32 = 3;

    fn marks(&self) -> Vec<Mark> {
        let instants = self.in_force.values().flat_map(|given| given.terms.from.into_iter().chain(given.terms.until));
        let waits = self.keeper.filter(|_| !self.overdue.is_empty()).map(Mark::DirectiveWaits);
        instants.map(Mark::DirectiveChanges).chain(waits).collect()
    }
}

impl DirectiveFacts {
    fn fold(this: Option<Self>, event: &DirectiveEvent, keeper: Option<OrganizationId>) -> Self {
        let mut this = this.unwrap_or_default();
        this.keeper = keeper;
        match event {
            DirectiveEvent::DirectiveProposed(proposed) => {
                this.proposed.insert(proposed.directive, proposed.terms.clone());
            }
            DirectiveEvent::DirectiveActivated(activated) => {
                let given = Given { effect: activated.effect, terms: activated.terms.clone() };
                this.in_force.insert(activated.directive, given);
            }
            DirectiveEvent::DirectiveConfirmed(confirmed) => {
                this.overdue.remove(&confirmed.directive);
                // A deny that waits to be confirmed is in force already.
                if let Some(terms) = this.proposed.remove(&confirmed.directive) {
                    this.in_force.insert(confirmed.directive, Given { effect: DirectiveEffect::Permit, terms });
                }
            }
            DirectiveEvent::DirectiveTightened(tightened) => {
                if let Some(given) = this.in_force.get_mut(&tightened.directive) {
                    given.terms = tightened.terms.clone();
                }
            }
            DirectiveEvent::DirectiveWasRefused(_)
            | DirectiveEvent::DirectiveEnded(_)
            | DirectiveEvent::DirectiveVoided(_) => {
                this.proposed.remove(&event.directive());
                this.in_force.remove(&event.directive());
                this.overdue.remove(&event.directive());
            }
            DirectiveEvent::ConfirmationOverdueNoted(noted) => {
                this.overdue.insert(noted.directive);
            }
            DirectiveEvent::ConfirmationReminded(_)
            | DirectiveEvent::DirectiveTookEffect(_)
            | DirectiveEvent::DirectiveEndAnnounced(_) => {}
        }
        this
    }

    /// A directive, if it is in force within its period.
    pub fn given(&self, directive: DirectiveId) -> Option<&Given> {
        self.in_force.get(&directive)
    }

    /// What the directives in force are about that begin or end by themselves after an instant, up to another.
    pub fn changing(&self, after: DateTime<Utc>, until: DateTime<Utc>) -> impl Iterator<Item = &Terms> {
        let is_between = move |at: DateTime<Utc>| after < at && at <= until;
        let changes = move |terms: &&Terms| terms.from.into_iter().chain(terms.until).any(is_between);
        self.in_force.values().map(|given| &given.terms).filter(changes)
    }

    /// The same with other terms of one that is in force.
    pub fn with_terms(&self, directive: DirectiveId, terms: Terms) -> Self {
        let mut these = self.clone();
        if let Some(given) = these.in_force.get_mut(&directive) {
            given.terms = terms;
        }
        these
    }

    /// What the directives keep from a person or open to them, for a thing with these codes.
    pub fn bounds(&self, person: PersonId, places: &[Place], codes: CodeSet, now: DateTime<Utc>) -> Bounds {
        let is_about = |given: &&Given| {
            let Given { effect, terms } = given;
            terms.is_within(now) && terms.reaches(*effect, codes.codes()) && terms.whom.names(person, places)
        };
        let given = self.in_force.values().filter(is_about).map(|given| given.bounds(places));
        given.fold(Bounds { is_blocked: self.is_parked, ..Bounds::default() }, Bounds::or)
    }
}

/// Folds an event of a patient's directives.
pub(super) fn fold<S: Entities>(
    store: &mut S,
    id: Uuid,
    event: &DirectiveEvent,
    last: EventId,
) -> Result<(), S::Fault> {
    let keeper = store.get::<PatientFacts>(id)?.map(|patient| patient.organization);
    store.update(id, |this| Some(DirectiveFacts::fold(this, event, keeper)))?;
    store.update(id, |this| Some(DirectiveTimers::fold(this, event, last)))
}

/// What is left of directives that cannot be read: everybody but the patient is blocked.
pub(super) fn park<S: Entities>(store: &mut S, id: Uuid) -> Result<(), S::Fault> {
    store.put::<DirectiveTimers>(id, None)?;
    store.put(id, Some(DirectiveFacts { is_parked: true, ..DirectiveFacts::default() }))
}

/// What the directives of a patient keep from a person or open to them now, for a thing with these codes. Nothing is kept
/// from the patient.
pub(crate) fn bounds<S: Entities>(
    store: &S,
    about: PatientId,
    person: PersonId,
    codes: CodeSet,
    now: DateTime<Utc>,
) -> Result<Bounds, S::Fault> {
    let Some(facts) = for_other(store, about, person)? else { return Ok(Bounds::default()) };
    let held = store.get::<PersonFacts>(person.uuid())?;
    let places: Vec<Place> = held.iter().flat_map(|held| held.places(now)).collect();
    Ok(facts.bounds(person, &places, codes, now))
}

impl Gathered<'_> {
    /// Everything that is gathered is bound by the directives of the patient whom it is about, as they are for a thing with
    /// these codes.
    pub fn bind_to<S: Entities>(&mut self, store: &S, about: PatientId, codes: CodeSet) -> Result<(), S::Fault> {
        if let Some(facts) = for_other(store, about, self.id)? {
            let places: Vec<Place> = self.person.places(self.now).collect();
            self.bounds = facts.bounds(self.id, &places, codes, self.now);
        }
        Ok(())
    }
}

/// The directives of a patient, where they can be about this person; none for the patient, and where there is none.
fn for_other<S: Entities>(
    store: &S,
    about: PatientId,
    person: PersonId,
) -> Result<Option<Cow<'_, DirectiveFacts>>, S::Fault> {
    let Some(facts) = store.get::<DirectiveFacts>(about.uuid())? else { return Ok(None) };
    let says_nothing = facts.in_force.is_empty() && !facts.is_parked;
    Ok(if says_nothing || patient::is_self(store, about, person)? { None } else { Some(facts) })
}
