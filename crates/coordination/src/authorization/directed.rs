//! Whom the directives of a patient are about now, what they keep from each, and in whose lists that can make a difference,
//! by the state in memory.

use std::collections::BTreeSet;

use care::consent_directive::Terms;
use care::conversation::{Party, Place};
use care::ids::{DirectiveId, Id, PatientId, PersonId, ThreadId};
use chrono::{DateTime, Utc};
use policy::question::CodeSet;

use super::care_team::CareTeamFacts;
use super::directives::{self, DirectiveFacts};
use super::index::Mark;
use super::involvement::ThreadsAbout;
use super::person::{Bounds, PersonFacts};
use super::thread::ThreadFacts;
use super::{AuthorizationState, certain};

impl AuthorizationState {
    /// What the directives of a patient keep from a person or open to them, for a thing with these codes.
    pub fn bounds(&self, about: PatientId, person: PersonId, codes: CodeSet, now: DateTime<Utc>) -> Bounds {
        certain(directives::bounds(self, about, person, codes, now))
    }

    /// Whom a directive in force of a patient is about, of those in whose lists it can make a difference.
    pub fn directed(&self, about: PatientId, directive: DirectiveId, now: DateTime<Utc>) -> BTreeSet<PersonId> {
        let facts = self.entity::<DirectiveFacts>(about.uuid());
        let given = facts.and_then(|facts| facts.given(directive));
        given.map_or_else(BTreeSet::new, |given| self.named_around(about, &given.terms, now))
    }

    /// The same of the directives that begin or end by themselves after an instant, up to another.
    pub fn directed_between(&self, about: PatientId, after: DateTime<Utc>, until: DateTime<Utc>) -> BTreeSet<PersonId> {
        let facts = self.entity::<DirectiveFacts>(about.uuid()).into_iter();
        let changing = facts.flat_map(|facts| facts.changing(after, until));
        changing.flat_map(|terms| self.named_around(about, terms, until)).collect()
    }

    /// Whom the terms are about of those who can have a thread about the patient in a list, or are on the care team. Nobody
    /// else is told: that a directive was given is no matter of theirs.
    fn named_around(&self, about: PatientId, terms: &Terms, now: DateTime<Utc>) -> BTreeSet<PersonId> {
        let threads = self.entity::<ThreadsAbout>(about.uuid()).into_iter().flat_map(|about| &about.threads);
        let facts = threads.filter_map(|thread| self.thread(*thread));
        let mut around: BTreeSet<PersonId> = facts.flat_map(|facts| self.can_list(facts)).collect();
        let team = self.entity::<CareTeamFacts>(about.uuid());
        around.extend(team.into_iter().flat_map(|team| team.members.keys()));
        around.retain(|person| {
            let held = self.entity::<PersonFacts>(person.uuid());
            let places: Vec<Place> = held.into_iter().flat_map(|held| held.places(now)).collect();
            terms.whom.names(*person, &places)
        });
        around
    }

    /// Everybody in whose inbox or worklist a thread with these facts can be. It only spares the others the question.
    pub fn can_list(&self, facts: &ThreadFacts) -> BTreeSet<PersonId> {
        let now = self.newest.unwrap_or_default();
        let mut persons = self.involved(facts, now);
        // Coordinators have the pools of their organization, and what was opened for it, in their worklists.
        let waiting_pool = facts.waiting.and_then(|waiting| match waiting.on.party {
            Party::Pool(pool) | Party::PoolCoordinator(pool) => Some(pool),
            Party::Person(_) | Party::Role(_) | Party::Patient(_) | Party::Nobody => None,
        });
        let homes = facts.owner.pool().into_iter().chain(waiting_pool).filter_map(|pool| self.home(pool));
        for organization in homes.chain([facts.organization]) {
            persons.extend(self.people(Party::coordinators(organization), now));
        }
        persons
    }

    /// The open threads about a patient, in which a directive can decide whether somebody can act.
    pub fn open_threads_about(&self, about: PatientId) -> impl Iterator<Item = ThreadId> {
        self.index.under(Mark::About(about)).map(ThreadId::from_uuid)
    }
}
