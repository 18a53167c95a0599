//! Whom the directives of a patient are about now, and what they keep from each, by the state in memory.

use std::collections::BTreeSet;

use care::conversation::Place;
use care::ids::{DirectiveId, Id, PatientId, PersonId, ThreadId};
use chrono::{DateTime, Utc};
use policy::question::CodeSet;

use super::directives::{self, DirectiveFacts};
use super::index::Mark;
use super::person::{Bounds, PersonFacts};
use super::{AuthorizationState, certain};

impl AuthorizationState {
    /// What the directives of a patient keep from a person or open to them, for a thing with these codes.
    pub fn bounds(&self, about: PatientId, person: PersonId, codes: CodeSet, now: DateTime<Utc>) -> Bounds {
        certain(directives::bounds(self, about, person, codes, now))
    }

    /// Everybody who is named by a directive in force of a patient: by this one, or by any.
    pub fn directed(&self, about: PatientId, directive: Option<DirectiveId>, now: DateTime<Utc>) -> BTreeSet<PersonId> {
        let Some(facts) = self.entity::<DirectiveFacts>(about.uuid()) else { return BTreeSet::new() };
        let mut named = BTreeSet::new();
        for terms in facts.terms(directive) {
            let is_named = |(id, held): (uuid::Uuid, &PersonFacts)| {
                let (person, places) = (PersonId::from_uuid(id), held.places(now).collect::<Vec<Place>>());
                terms.whom.names(person, &places).then_some(person)
            };
            match terms.whom.person {
                Some(person) => named.extend([person]),
                // A directive that names no person is given seldom enough to look at everybody.
                None => named.extend(self.all::<PersonFacts>().filter_map(is_named)),
            }
        }
        named
    }

    /// The open threads about a patient, in which a directive can decide whether somebody can act.
    pub fn open_threads_about(&self, about: PatientId) -> impl Iterator<Item = ThreadId> {
        self.index.under(Mark::About(about)).map(ThreadId::from_uuid)
    }
}
