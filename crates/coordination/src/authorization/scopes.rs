//! What a scope would open, and the delegations of a patient and of a person: questions to the state in memory.

use aws_lc_rs::digest;
use care::aggregate::OpenedList;
use care::delegation::Scope;
use care::ids::{AuthorityId, DelegationId, Id, PatientId, PersonId, ThreadId};
use care::shown::Digest;
use care::words::{Confidentiality, DelegationState};
use policy::question::CodeSet;

use super::AuthorizationState;
use super::delegation::{DelegationFacts, DelegationsOf, verbs_in};
use super::index::Mark;
use super::involvement::ThreadsAbout;
use super::legal_authority::LegalAuthorityFacts;
use super::thread::ThreadFacts;
use crate::sha256::bytes_of;

impl AuthorizationState {
    /// The threads about a patient that a scope would open now, by their ids.
    pub fn opened_by<'a>(
        &'a self,
        patient: PatientId,
        scope: &'a Scope,
    ) -> impl Iterator<Item = (ThreadId, &'a ThreadFacts)> {
        let about = self.entity::<ThreadsAbout>(patient.uuid());
        let threads = about.into_iter().flat_map(|about| about.threads.iter().copied());
        let known = threads.filter_map(|id| Some((id, self.thread(id)?)));
        // No helper knows of a thread that only its participants know.
        let known = known.filter(|(_, facts)| !facts.kind.is_participants_only());
        known.filter(move |(id, facts)| verbs_in(scope, *id, &facts.labels()).is_some())
    }

    /// The list of what a scope would open, as it is shown before a check and a consent. A thread on it is sensitive by
    /// its label or its codes.
    pub fn opened_list(&self, patient: PatientId, scope: &Scope) -> OpenedList {
        let mut hashed = digest::Context::new(&digest::SHA256);
        let mut sensitive = Vec::new();
        for (id, facts) in self.opened_by(patient, scope) {
            hashed.update(id.uuid().as_bytes());
            hashed.update(facts.confidentiality.word().as_bytes());
            hashed.update(facts.codes.words().as_bytes());
            hashed.update(&[0]);
            if facts.confidentiality > Confidentiality::Normal || facts.codes != CodeSet::NONE {
                sensitive.push(id);
            }
        }
        OpenedList { version: Digest::of_bytes(bytes_of(&hashed.finish())), sensitive }
    }

    /// The delegations about a patient, of whatever state.
    pub fn delegations_of(&self, patient: PatientId) -> impl Iterator<Item = (DelegationId, &DelegationFacts)> {
        let of = self.entity::<DelegationsOf>(patient.uuid());
        let all = of.into_iter().flat_map(|of| of.all.iter().copied());
        all.filter_map(|id| Some((id, self.entity::<DelegationFacts>(id.uuid())?)))
    }

    /// Who helps now under a delegation that rests on a legal authority, whether or not it is in force.
    pub fn helper_by(&self, authority: AuthorityId) -> Option<PersonId> {
        let person = self.entity::<LegalAuthorityFacts>(authority.uuid())?.person;
        let mut delegations = self.delegations_to(person);
        let rests = |(_, facts): (DelegationId, &DelegationFacts)| {
            facts.authority == Some(authority) && facts.state == DelegationState::Active
        };
        delegations.any(rests).then_some(person)
    }

    /// The delegations under which a person helps or helped, or is named to help.
    pub fn delegations_to(&self, person: PersonId) -> impl Iterator<Item = (DelegationId, &DelegationFacts)> {
        let ids = self.index.under(Mark::Helps(person));
        ids.filter_map(|id| Some((DelegationId::from_uuid(id), self.entity::<DelegationFacts>(id)?)))
    }
}
