//! What a thing concerns that somebody read or tried to reach: a patient, a thread, and the organizations whose own it is.

use std::collections::BTreeSet;

use care::ids::{Id, OrganizationId, PatientId, PoolId, ThreadId};
use care::lifecycle::ThreadKind;
use uuid::Uuid;

use super::AuthorizationState;
use super::delegation::DelegationFacts;
use super::legal_authority::LegalAuthorityFacts;
use super::organization::OrganizationFacts;
use super::patient::PatientFacts;

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

    /// What the thing with an id concerns, if it is a patient, a delegation or a legal authority about one, a thread, an
    /// organization or a pool.
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
            let organization = organization.or_else(|| self.home(PoolId::from_uuid(id)))?;
            Some(Concerned { organizations: BTreeSet::from([organization]), ..Concerned::default() })
        })
    }
}
