//! What a directive would change, shown to the patient before it is given.

use std::collections::{BTreeMap, BTreeSet};

use care::aggregate::Lookups as _;
use care::consent_directive::Terms;
use care::conversation::Place;
use care::ids::{DirectiveId, Id, OrganizationId, PersonId, ThreadId};
use care::party::Party;
use care::words::{DirectiveEffect, Role};
use policy::decide::Permit;
use policy::question::ThingFacts;
use policy::reach::{HeldStanding, Reach};
use policy::words::{Action, Read, Standing};

use crate::authorization::directives::{DirectiveFacts, Given};
use crate::authorization::person::Bounds;
use crate::authorization::thread::{self, ThreadFacts};
use crate::authorization::{AuthorizationState, Subject, certain};
use crate::reader::Reader;
use crate::reader::patient::PatientView;

/// What a directive would change if it were given now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DirectivePreview {
    /// Who would lose or gain access, each with the number of threads, in the order of their ids.
    pub persons: BTreeMap<PersonId, usize>,
    /// In how many open threads nobody else could act: while there is one, a deny is refused.
    pub left_alone: usize,
}

/// A directive that is tried out: one more, or other terms of one that is in force.
struct Tried {
    given: Given,
    replaced: Option<Replaced>,
}

/// A directive in force whose terms become others.
struct Replaced {
    before: Terms,
    /// The directives of the patient as they would be.
    after: DirectiveFacts,
}

impl Tried {
    /// The terms that are tried, and those before them.
    fn terms(&self) -> impl Iterator<Item = &Terms> {
        std::iter::once(&self.given.terms).chain(self.replaced.as_ref().map(|replaced| &replaced.before))
    }

    /// Whether it is about a thread, or was.
    fn reaches(&self, facts: &ThreadFacts) -> bool {
        self.terms().any(|terms| terms.reaches(self.given.effect, facts.codes.codes()))
    }

    /// Whether it is about a person with these places, or was.
    fn names(&self, person: PersonId, places: &[Place]) -> bool {
        self.terms().any(|terms| terms.whom.names(person, places))
    }
}

impl Reader {
    /// What a directive of the patient would change now; none unless the reader is the patient or represents them. Only
    /// threads that the reader finds are counted.
    #[must_use]
    pub fn preview_directive(
        &self,
        view: &PatientView,
        effect: DirectiveEffect,
        terms: &Terms,
    ) -> Option<DirectivePreview> {
        let _may = self.permit_to_preview(view)?;
        let given = Given { effect, terms: terms.clone() };
        Some(self.try_out(view, &Tried { given, replaced: None }))
    }

    /// What would change now if a directive in force became one of these terms: who would lose access. None unless the
    /// reader is the patient or represents them, may know of the directive, and it is in force.
    #[must_use]
    pub fn preview_tightened(
        &self,
        view: &PatientView,
        directive: DirectiveId,
        terms: &Terms,
    ) -> Option<DirectivePreview> {
        let may = self.permit_to_preview(view)?;
        let (before, after) = {
            let state = self.application.projector().authorization();
            let facts = state.entity::<DirectiveFacts>(view.patient.uuid())?;
            (facts.given(directive)?.clone(), facts.with_terms(directive, terms.clone()))
        };
        if !self.may_know_of(&may, before.effect, &before.terms) {
            return None;
        }
        let given = Given { effect: before.effect, terms: terms.clone() };
        let replaced = Some(Replaced { before: before.terms, after });
        Some(self.try_out(view, &Tried { given, replaced }))
    }

    /// The permit of the patient, or of who represents them, to see what a directive would change; none for staff.
    fn permit_to_preview(&self, view: &PatientView) -> Option<Permit> {
        let may = self.decide(Action::Read(Read::ConsentDirectiveRead), &ThingFacts::unlabelled(view.held()))?;
        (may.role() == Role::Person).then_some(may)
    }

    fn try_out(&self, view: &PatientView, tried: &Tried) -> DirectivePreview {
        let state = self.application.projector().authorization();
        let finds = |thread: ThreadId| state.may_find(&self.viewer, &Subject::Thread(thread), self.now);
        let mut persons: BTreeMap<PersonId, usize> = BTreeMap::new();
        // Whom it names at each organization, looked up once for all threads.
        let mut staff: BTreeMap<OrganizationId, Vec<PersonId>> = BTreeMap::new();
        for thread in state.open_threads_about(view.patient) {
            let Some(facts) = state.thread(thread).filter(|_| finds(thread)) else { continue };
            if tried.reaches(facts) {
                for organization in [facts.organization, facts.owning_organization] {
                    staff.entry(organization).or_insert_with(|| self.named_at(&state, organization, tried));
                }
                for person in self.changed(&state, thread, tried, &staff) {
                    *persons.entry(person).or_default() += 1;
                }
            }
        }
        let Given { effect, terms } = &tried.given;
        let left_alone = match effect {
            DirectiveEffect::Deny => self.lookups_at(&state).resting_among(view.patient, terms, finds).len(),
            DirectiveEffect::Permit => 0,
        };
        DirectivePreview { persons, left_alone }
    }

    /// Whom a directive names of those who hold a role at an organization.
    fn named_at(&self, state: &AuthorizationState, organization: OrganizationId, tried: &Tried) -> Vec<PersonId> {
        let works = |role: &Role| state.people(Party::Role(Place { role: *role, organization }), self.now);
        let people: BTreeSet<PersonId> = Role::ALL.iter().flat_map(works).collect();
        let is_named = |person: &PersonId| tried.names(*person, &self.lookups_at(state).roles(*person));
        people.into_iter().filter(is_named).collect()
    }

    /// Who would lose a thread by a deny, read it by a permission, or not read it any more by a narrower one.
    fn changed(
        &self,
        state: &AuthorizationState,
        id: ThreadId,
        tried: &Tried,
        staff: &BTreeMap<OrganizationId, Vec<PersonId>>,
    ) -> BTreeSet<PersonId> {
        let Some(facts) = state.thread(id) else { return BTreeSet::new() };
        let Tried { given, replaced } = tried;
        let read = match given.effect {
            DirectiveEffect::Deny => Read::ThreadFind,
            DirectiveEffect::Permit => Read::ThreadRead,
        };
        let allows =
            |held: &[HeldStanding]| self.viewer.decide(&facts.asked(held).asking(Action::Read(read), None)).is_some();
        let is_changed = |person: &PersonId, places: &[Place]| {
            let held = certain(thread::standings(state, id, facts, *person, self.now));
            let is_patient = held.iter().any(|held| held.standing == Standing::Self_);
            let after = match replaced {
                Some(replaced) => bound(&held, replaced.after.bounds(*person, places, facts.codes, self.now)),
                None => directed(&held, given.bounds(places)),
            };
            !is_patient && allows(&held) != allows(&after)
        };
        let loses_or_gains = |person: &PersonId| {
            let places: Vec<Place> = self.lookups_at(state).roles(*person);
            tried.names(*person, &places) && is_changed(person, &places)
        };
        let mut asked = state.involved(facts, self.now);
        for organization in [facts.organization, facts.owning_organization] {
            asked.extend(staff.get(&organization).into_iter().flatten());
        }
        asked.into_iter().filter(loses_or_gains).collect()
    }
}

/// What somebody would hold under one more directive, which keeps this from them or opens it to them.
fn directed(held: &[HeldStanding], more: Bounds) -> Vec<HeldStanding> {
    let permitted = held.iter().fold(more.permitted, |all, held| all.or(held.reach.permitted));
    bound(held, Bounds { permitted, ..more })
}

/// What somebody would hold under these bounds. The directives of a patient permit the same to each of their standings, and
/// what was denied stays denied: a directive only becomes tighter.
fn bound(held: &[HeldStanding], bounds: Bounds) -> Vec<HeldStanding> {
    let Bounds { is_blocked, denied, permitted } = bounds;
    let under = |held: &HeldStanding| {
        let reach = Reach { denied: held.reach.denied.or(denied), permitted, ..held.reach };
        HeldStanding { reach, ..*held }
    };
    let mut bound: Vec<HeldStanding> = held.iter().map(under).collect();
    if is_blocked {
        bound.push(HeldStanding::full(Standing::Blocked, Role::Person));
    }
    bound
}
