//! What a thing concerns that somebody read or tried to reach: a patient, a thread, and the organizations whose own it is.

use std::collections::BTreeSet;

use care::ids::{Id, OrganizationId, PatientId, PersonId, PoolId, ThreadId};
use care::lifecycle::ThreadKind;
use uuid::Uuid;

use super::AuthorizationState;
use super::care_team::CareTeamFacts;
use super::delegation::DelegationFacts;
use super::involvement::ThreadsAbout;
use super::legal_authority::LegalAuthorityFacts;
use super::organization::OrganizationFacts;
use super::outside_message::OutsideMessageFacts;
use super::patient::PatientFacts;
use super::thread::ThreadFacts;

/// What a thing concerns.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Concerned {
    pub patient: Option<PatientId>,
    pub thread: Option<ThreadId>,
    /// The kind of the thread.
    pub kind: Option<ThreadKind>,
    /// Who keeps the record of the patient or, where there is no patient, whose own it is.
    pub organizations: BTreeSet<OrganizationId>,
}

impl AuthorizationState {
    /// The organization that keeps the record of a patient.
    pub fn keeper(&self, patient: PatientId) -> Option<OrganizationId> {
        self.entity::<PatientFacts>(patient.uuid()).map(|facts| facts.organization)
    }

    /// The person whose record a patient's is; none while they have no account.
    pub fn account_of(&self, patient: PatientId) -> Option<PersonId> {
        self.entity::<PatientFacts>(patient.uuid()).and_then(|facts| facts.person)
    }

    /// Whether there is such an organization.
    pub fn has_organization(&self, id: OrganizationId) -> bool {
        self.entity::<OrganizationFacts>(id.uuid()).is_some()
    }

    /// What a patient's record concerns.
    pub fn concerned_by_patient(&self, patient: PatientId) -> Concerned {
        let organizations = self.keeper(patient).into_iter().collect();
        Concerned { patient: Some(patient), organizations, ..Concerned::default() }
    }

    /// What a thread concerns; none if there is none.
    pub fn concerned_by_thread(&self, thread: ThreadId) -> Option<Concerned> {
        let facts = self.thread(thread)?;
        let concerned = match facts.patient {
            Some(patient) => self.concerned_by_patient(patient),
            None => {
                let organizations = BTreeSet::from([facts.organization, facts.owning_organization]);
                Concerned { organizations, ..Concerned::default() }
            }
        };
        Some(Concerned { thread: Some(thread), kind: Some(facts.kind), ..concerned })
    }

    /// The organizations that have to do with a patient or a thread, as far as it matters for one person: who keeps the
    /// record, whose the threads and their pools are, and where the person has their place on the care team or in a
    /// thread, now or before. With a thread, only that one counts; with a patient alone, all threads about them.
    pub fn organizations_around(
        &self,
        patient: Option<PatientId>,
        thread: Option<ThreadId>,
        person: PersonId,
    ) -> BTreeSet<OrganizationId> {
        let mut found = BTreeSet::new();
        if let Some(patient) = patient {
            found.extend(self.keeper(patient));
            let team = self.entity::<CareTeamFacts>(patient.uuid());
            found.extend(team.and_then(|team| team.members.get(&person)).map(|member| member.place.organization));
        }
        let about = patient.filter(|_| thread.is_none()).and_then(|id| self.entity::<ThreadsAbout>(id.uuid()));
        let threads = thread.into_iter().chain(about.into_iter().flat_map(|about| about.threads.iter().copied()));
        for facts in threads.filter_map(|id| self.thread(id)) {
            found.extend([facts.organization, facts.owning_organization]);
            let pools = facts.owner.pool().into_iter().chain(facts.pools.iter().copied());
            found.extend(pools.filter_map(|pool| self.home(pool)));
            let ThreadFacts { participants, invitations, .. } = facts;
            let place = participants.get(&person).map(|held| held.place);
            let places = place.into_iter().chain(invitations.get(&person).copied());
            found.extend(places.map(|place| place.organization));
        }
        found
    }

    /// What the thing with an id concerns, if it is a patient, a delegation or a legal authority about one, a thread, an
    /// organization, a pool, or a message from outside to an organization.
    pub fn concerned_by(&self, id: Uuid) -> Option<Concerned> {
        let patient = PatientId::from_uuid(id);
        if self.keeper(patient).is_some() {
            return Some(self.concerned_by_patient(patient));
        }
        let helped = self.entity::<DelegationFacts>(id).map(|facts| facts.patient);
        let helped = helped.or_else(|| self.entity::<LegalAuthorityFacts>(id).map(|facts| facts.patient));
        if let Some(patient) = helped {
            return Some(self.concerned_by_patient(patient));
        }
        let of_thread = self.concerned_by_thread(ThreadId::from_uuid(id));
        of_thread.or_else(|| {
            let organization = Some(OrganizationId::from_uuid(id)).filter(|id| self.has_organization(*id));
            let organization = organization.or_else(|| self.home(PoolId::from_uuid(id)));
            let sent_to = || self.entity::<OutsideMessageFacts>(id).map(|facts| facts.organization);
            let organization = organization.or_else(sent_to)?;
            Some(Concerned { organizations: BTreeSet::from([organization]), ..Concerned::default() })
        })
    }
}
