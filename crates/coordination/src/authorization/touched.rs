//! The open threads and the delegations, and which of them an event touches, so that processes look at those alone: the
//! threads in which it decides whether somebody can act, and the delegations that it can end, suspend or give other instants.

use std::collections::BTreeSet;

use care::conversation::Place;
use care::delegation::DelegationEvent;
use care::event::{Event, Stream};
use care::ids::{AuthorityId, DelegationId, Id, OrganizationId, OutsideMessageId, PatientId, PersonId, ThreadId};
use care::organization::OrganizationEvent;
use care::thread::ThreadEvent;

use super::AuthorizationState;
use super::delegation::DelegationFacts;
use super::index::Mark;
use super::legal_authority::LegalAuthorityFacts;
use super::organization::OrganizationFacts;
use super::person::PersonFacts;
use super::thread::ThreadFacts;
use crate::recorded_event::RecordedEvent;

impl AuthorizationState {
    /// Notes what an event touches.
    pub(super) fn note(&mut self, recorded: &RecordedEvent) {
        let id = recorded.stream.uuid();
        let touched = match &recorded.event {
            Event::Thread(ThreadEvent::Conversation(event)) if !event.can_change_who_may() => return,
            Event::Thread(_) => {
                self.changes.threads.insert(ThreadId::from_uuid(id));
                return;
            }
            Event::Person(_) => self.threads_resting_on(PersonId::from_uuid(id)),
            Event::Directives(_) => {
                self.changes.directives.insert(PatientId::from_uuid(id));
                self.threads_under(Mark::About(PatientId::from_uuid(id))).collect()
            }
            Event::Patient(_) | Event::CareTeam(_) => {
                self.threads_under(Mark::About(PatientId::from_uuid(id))).collect()
            }
            Event::Delegation(_) => self.threads_of_helper(DelegationId::from_uuid(id)),
            Event::LegalAuthority(_) => {
                self.changes.authorities.insert(AuthorityId::from_uuid(id));
                BTreeSet::new()
            }
            // It decides nothing elsewhere.
            Event::OutsideMessage(_) => {
                self.changes.outside_messages.insert(OutsideMessageId::from_uuid(id));
                return;
            }
            Event::Organization(OrganizationEvent::PoolMemberAdded(added)) => {
                self.threads_under(Mark::NamesPool(added.pool)).collect()
            }
            Event::Organization(OrganizationEvent::PoolMemberRemoved(removed)) => {
                self.threads_under(Mark::NamesPool(removed.pool)).collect()
            }
            Event::Organization(
                OrganizationEvent::Created(_)
                | OrganizationEvent::CalendarSet(_)
                | OrganizationEvent::PhoneSet(_)
                | OrganizationEvent::PoolOpened(_)
                | OrganizationEvent::PoolRenamed(_)
                | OrganizationEvent::AgeGatesSet(_),
            ) => BTreeSet::new(),
            Event::Drafts(_) | Event::Accepted(_) | Event::Key(_) => return,
            Event::Policy(_) => {
                self.changes.everything = true;
                BTreeSet::new()
            }
        };
        let delegations = self.delegations_touched(recorded);
        self.changes.threads.extend(touched);
        self.changes.delegations.extend(delegations);
        self.authority = self.authority.wrapping_add(1);
    }

    /// The delegations that an event can end, suspend or give other instants.
    fn delegations_touched(&self, recorded: &RecordedEvent) -> BTreeSet<DelegationId> {
        let of_patient = |patient| self.delegations_of(patient).map(|(id, _)| id).collect();
        match (&recorded.event, recorded.stream) {
            // An offer of the same person may need no answer any more.
            (Event::Delegation(DelegationEvent::Accepted(_)), Stream::Delegation(delegation)) => {
                let facts = self.entity::<DelegationFacts>(delegation.uuid());
                facts.map(|facts| of_patient(facts.patient)).unwrap_or_default()
            }
            (Event::Delegation(_), Stream::Delegation(delegation)) => BTreeSet::from([delegation]),
            (Event::Patient(_), Stream::Patient(patient)) => of_patient(patient),
            (Event::Person(_), Stream::Person(person)) => self.delegations_to(person).map(|(id, _)| id).collect(),
            (Event::LegalAuthority(_), Stream::LegalAuthority(authority)) => {
                let facts = self.entity::<LegalAuthorityFacts>(authority.uuid());
                facts.map(|facts| of_patient(facts.patient)).unwrap_or_default()
            }
            (
                Event::Organization(OrganizationEvent::CalendarSet(_) | OrganizationEvent::AgeGatesSet(_)),
                Stream::Organization(organization),
            ) => {
                let is_kept_there = |id: &DelegationId| {
                    let facts = self.entity::<DelegationFacts>(id.uuid());
                    facts.is_some_and(|facts| self.keeper(facts.patient) == Some(organization))
                };
                self.open_delegations().filter(is_kept_there).collect()
            }
            (
                Event::Delegation(_)
                | Event::Patient(_)
                | Event::Person(_)
                | Event::LegalAuthority(_)
                | Event::OutsideMessage(_)
                | Event::Organization(_)
                | Event::Thread(_)
                | Event::CareTeam(_)
                | Event::Directives(_)
                | Event::Drafts(_)
                | Event::Policy(_)
                | Event::Accepted(_)
                | Event::Key(_),
                _,
            ) => BTreeSet::new(),
        }
    }

    fn threads_under(&self, mark: Mark) -> impl Iterator<Item = ThreadId> {
        self.index.under(mark).map(ThreadId::from_uuid)
    }

    /// The open threads that an organization owns.
    pub fn threads_of(&self, organization: OrganizationId) -> impl Iterator<Item = (ThreadId, &ThreadFacts)> {
        self.threads_under(Mark::OwnedAt(organization)).filter_map(|id| Some((id, self.thread(id)?)))
    }

    /// The open threads.
    pub fn open_threads(&self) -> impl Iterator<Item = (ThreadId, &ThreadFacts)> {
        let open = self.all::<ThreadFacts>().filter(|(_, facts)| !facts.closed);
        open.map(|(id, facts)| (ThreadId::from_uuid(id), facts))
    }

    /// The open threads for which the roles of a person decide whether somebody can act.
    pub fn threads_resting_on(&self, person: PersonId) -> BTreeSet<ThreadId> {
        let roles = self.entity::<PersonFacts>(person.uuid()).map_or(&[][..], |facts| &facts.roles);
        let places: BTreeSet<Place> = roles.iter().map(|held| held.place).collect();
        let organizations: BTreeSet<OrganizationId> = places.iter().map(|place| place.organization).collect();
        let facts = organizations.iter().filter_map(|id| self.entity::<OrganizationFacts>(id.uuid()));
        let pools = facts.flat_map(|facts| facts.pools.iter().filter(|(_, members)| members.contains_key(&person)));
        let marks = std::iter::once(Mark::Names(person))
            .chain(places.iter().map(|place| Mark::WaitsFor(*place)))
            .chain(pools.map(|(pool, _)| Mark::NamesPool(*pool)));
        marks.flat_map(|mark| self.threads_under(mark)).collect()
    }

    /// The open threads about the patient of a delegation: who helps may be able to act in one by it alone, or be kept from
    /// the work on it, also as one of its pool.
    pub fn threads_of_helper(&self, delegation: DelegationId) -> BTreeSet<ThreadId> {
        let about = self.entity::<DelegationFacts>(delegation.uuid()).map(|facts| facts.patient);
        about.into_iter().flat_map(|patient| self.threads_under(Mark::About(patient))).collect()
    }

    /// The delegations that have not ended.
    pub fn open_delegations(&self) -> impl Iterator<Item = DelegationId> {
        self.index.under(Mark::OpenDelegation).map(DelegationId::from_uuid)
    }
}
