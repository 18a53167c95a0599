//! The directives of a patient as somebody may know them, what can be done to each, and what a directive would change
//! before it is given.

use std::collections::{BTreeMap, BTreeSet};

use care::aggregate::Lookups as _;
use care::command_name::{Acts as _, CommandName, Named as _};
use care::consent_directive::{DirectiveAct, DirectiveCommand, DirectiveRefusal, EndDirective, Other, Terms};
use care::conversation::Place;
use care::envelope::Actor;
use care::ids::{DelegationId, Id as _, PersonId, ThreadId};
use care::party::Party;
use care::words::{DirectiveEffect, DirectiveGiver, Role};
use policy::decide::Permit;
use policy::question::ThingFacts;
use policy::reach::{HeldStanding, Reach};
use policy::visible::Visible;
use policy::words::{Action, Read, Standing};

use crate::access::About;
use crate::authorization::delegation::DelegationFacts;
use crate::authorization::directives::Given;
use crate::authorization::lookups::LookupsAt;
use crate::authorization::person::Bounds;
use crate::authorization::thread::{self, ThreadFacts};
use crate::authorization::{AuthorizationState, Subject, certain};
use crate::fault::Fault;
use crate::read_models::directives::{self, DirectiveRow};
use crate::reader::Reader;
use crate::reader::patient::PatientView;
use crate::reader::thread::Can;

/// What a directive would change if it were given now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DirectivePreview {
    /// Who would lose or gain access, each with the number of threads, in the order of their ids.
    pub persons: BTreeMap<PersonId, usize>,
    /// In how many open threads nobody else could see to it who goes on: while there is one, a deny is refused.
    pub left_alone: usize,
}

impl Reader {
    /// The directives of a patient, the newest first; none if the reader may not know of any. Who works where the record is
    /// kept sees what was written down, and not what the patient has said themself; who is on the care team what they wrote
    /// down themself, and the permissions that are about them. A deny is kept from whom it shuts out, and what is beyond
    /// their scope from who represents the patient.
    ///
    /// # Errors
    /// [`Fault`] if this node fails.
    pub fn directives(&self, view: &PatientView) -> Result<Option<Vec<Visible<DirectiveRow>>>, Fault> {
        let facts = ThingFacts::unlabelled(view.held());
        let all = self.decide(Action::Read(Read::ConsentDirectiveRead), &facts);
        let sees_all = all.is_some();
        let recorded = || self.decide(Action::Read(Read::ConsentDirectiveReadRecorded), &facts);
        let Some(permit) = all.or_else(recorded) else { return Ok(None) };
        let mut rows = directives::directives(&*self.snapshot()?, view.patient)?;
        rows.retain(|row| self.may_know_of(&permit, row.effect, &row.terms));
        let (reader, roles) = (self.person(), self.my_roles());
        let places: Vec<Place> = roles.into_iter().map(|(organization, role)| Place { role, organization }).collect();
        let wrote = |row: &DirectiveRow| row.by == Actor::Person(reader);
        let is_permitted =
            |row: &DirectiveRow| row.effect == DirectiveEffect::Permit && row.terms.whom.names(reader, &places);
        let is_own_or_overseen = matches!(permit.role(), Role::Person | Role::PrivacyOfficer);
        rows.retain(|row| {
            is_own_or_overseen || (sees_all && row.role != Role::Person) || wrote(row) || is_permitted(row)
        });
        let shown = rows.into_iter().map(|row| self.reveal(&permit, Some(About::patient(view.patient)), row));
        shown.collect::<Result<_, _>>().map(Some)
    }

    /// Whether a directive of these terms is not kept from the reader, whose permit to read directives this is. Nothing is
    /// kept from the patient.
    pub(super) fn may_know_of(&self, permit: &Permit, effect: DirectiveEffect, terms: &Terms) -> bool {
        if permit.standing() == Standing::Self_ {
            return true;
        }
        let state = self.application.projector().authorization();
        let places = self.lookups_at(&state).roles(self.person());
        // A delegation that cannot be read reaches nothing.
        let reached = |grant: DelegationId| {
            let facts = state.entity::<DelegationFacts>(grant.uuid());
            facts.map(|facts| facts.scope.sensitivities.clone()).unwrap_or_default()
        };
        let within = permit.reach().grant.map(reached);
        let other = Other { person: self.person(), role: permit.role(), places: &places, within: within.as_ref() };
        !terms.are_kept_from(effect, &other)
    }

    /// Whether the reader can give a command that is about the directives of a patient as a whole.
    ///
    /// # Errors
    /// [`Fault`] if this node fails.
    pub fn can_begin_directive(&self, view: &PatientView, name: CommandName) -> Result<Can, Fault> {
        self.can_give(view, name, DirectiveCommand::named(name).is_some_and(DirectiveAct::needs_text))
    }

    /// Whether the reader can give a command to a directive now.
    ///
    /// # Errors
    /// [`Fault`] if this node fails.
    pub fn can_change_directive(
        &self,
        view: &PatientView,
        row: &DirectiveRow,
        name: CommandName,
    ) -> Result<Can, Fault> {
        let can = self.can_begin_directive(view, name)?;
        let is_taken = DirectiveCommand::named(name).is_some_and(|act| act.is_taken_in(row.state));
        if can == Can::Yes && !is_taken {
            return Ok(Can::Refused(DirectiveRefusal::NotInState { state: row.state }.into()));
        }
        // Only the patient ends what they have said themself, and staff what staff wrote down.
        let is_patient = view.held().iter().any(|held| held.standing == Standing::Self_);
        let represents = view.held().iter().any(|held| held.standing == Standing::Representative);
        let is_theirs = match row.giver {
            DirectiveGiver::Patient => is_patient,
            DirectiveGiver::Representative => is_patient || represents,
            DirectiveGiver::Staff => true,
        };
        if can == Can::Yes && name == EndDirective::NAME && !is_theirs {
            return Ok(Can::Refused(DirectiveRefusal::NotTheirs.into()));
        }
        Ok(can)
    }

    /// What a directive of the patient would change now; none unless the reader is the patient or represents them. Only
    /// threads that the reader finds are counted.
    #[must_use]
    pub fn preview_directive(
        &self,
        view: &PatientView,
        effect: DirectiveEffect,
        terms: &Terms,
    ) -> Option<DirectivePreview> {
        let may = self.decide(Action::Read(Read::ConsentDirectiveRead), &ThingFacts::unlabelled(view.held()))?;
        if may.role() != Role::Person {
            return None;
        }
        let state = self.application.projector().authorization();
        let given = Given { effect, terms: terms.clone() };
        let finds = |thread: ThreadId| state.may_find(&self.viewer, &Subject::Thread(thread), self.now);
        let mut persons: BTreeMap<PersonId, usize> = BTreeMap::new();
        for thread in state.open_threads_about(view.patient) {
            let Some(facts) = state.thread(thread).filter(|_| finds(thread)) else { continue };
            if terms.reaches(effect, facts.codes.codes()) {
                for person in self.changed(&state, thread, facts, &given) {
                    *persons.entry(person).or_default() += 1;
                }
            }
        }
        let left_alone = match effect {
            DirectiveEffect::Deny => self.lookups_at(&state).resting_among(view.patient, terms, finds).len(),
            DirectiveEffect::Permit => 0,
        };
        Some(DirectivePreview { persons, left_alone })
    }

    fn lookups_at<'s>(&self, state: &'s AuthorizationState) -> LookupsAt<'s> {
        LookupsAt { state, now: self.now, namesakes: None }
    }

    /// Who would lose a thread by a deny, or read it by a permission.
    fn changed(
        &self,
        state: &AuthorizationState,
        id: ThreadId,
        facts: &ThreadFacts,
        given: &Given,
    ) -> BTreeSet<PersonId> {
        let read = match given.effect {
            DirectiveEffect::Deny => Read::ThreadFind,
            DirectiveEffect::Permit => Read::ThreadRead,
        };
        let allows =
            |held: &[HeldStanding]| self.viewer.decide(&facts.asked(held).asking(Action::Read(read), None)).is_some();
        let is_changed = |person: &PersonId, places: &[Place]| {
            let held = certain(thread::standings(state, id, facts, *person, self.now));
            let is_patient = held.iter().any(|held| held.standing == Standing::Self_);
            !is_patient && allows(&held) != allows(&directed(&held, given.bounds(places)))
        };
        let loses_or_gains = |person: &PersonId| {
            let places: Vec<Place> = self.lookups_at(state).roles(*person);
            given.terms.whom.names(*person, &places) && is_changed(person, &places)
        };
        let mut asked = state.involved(facts, self.now);
        for organization in [facts.organization, facts.owning_organization] {
            for role in Role::ALL.iter().copied() {
                asked.extend(state.people(Party::Role(Place { role, organization }), self.now));
            }
        }
        asked.into_iter().filter(loses_or_gains).collect()
    }
}

/// What somebody would hold under one more directive, which keeps this from them or opens it to them.
fn directed(held: &[HeldStanding], bounds: Bounds) -> Vec<HeldStanding> {
    let bound = |held: &HeldStanding| {
        let (denied, permitted) = (held.reach.denied.or(bounds.denied), held.reach.permitted.or(bounds.permitted));
        HeldStanding { reach: Reach { denied, permitted, ..held.reach }, ..*held }
    };
    let mut bound: Vec<HeldStanding> = held.iter().map(bound).collect();
    if bounds.is_blocked {
        bound.push(HeldStanding::full(Standing::Blocked, Role::Person));
    }
    bound
}
