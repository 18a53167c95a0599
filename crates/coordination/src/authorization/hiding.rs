//! Who would see a thread as a delegate of the patient if it were not hidden from them: the list that the patient is
//! shown before they show it.

use aws_lc_rs::digest;
use care::conversation::Since;
use care::ids::{DelegationId, Id, PersonId, ThreadId};
use care::shown::Digest;
use care::words::Purpose;
use chrono::{DateTime, Utc};
use policy::reach::Verbs;
use uuid::Uuid;

use super::patient::{self, PatientFacts};
use super::thread::ThreadFacts;
use super::{AuthorizationState, certain};
use crate::sha256::bytes_of;

/// A delegate who would see a thread, and what they could do there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct WouldSee {
    pub person: PersonId,
    pub delegation: DelegationId,
    pub verbs: Verbs,
    /// From where on; none: all of it.
    pub since: Option<Since>,
}

impl AuthorizationState {
    /// Who would see a thread as a delegate now if it were not hidden, in the order of the delegations.
    pub fn would_see(&self, id: ThreadId, now: DateTime<Utc>) -> Vec<WouldSee> {
        let Some(facts) = self.thread(id).filter(|facts| !facts.kind.is_participants_only()) else { return Vec::new() };
        let Some(about) = facts.patient else { return Vec::new() };
        let Some(patient) = self.entity::<PatientFacts>(about.uuid()) else { return Vec::new() };
        let shown = ThreadFacts { hidden_from_delegates: false, ..facts.clone() };
        let bounds = |person| self.bounds(about, person, shown.codes, now);
        let mut found = Vec::new();
        for (delegation, facts) in self.delegations_of(about) {
            let Some(person) = facts.person.filter(|_| certain(facts.is_active(self, delegation, patient, now))) else {
                continue;
            };
            let is_out =
                certain(patient::is_self(self, about, person)) || bounds(person).keep_from(Purpose::FamilyRequest);
            if let (false, Some(verbs)) = (is_out, facts.verbs_in(id, &shown.labels(), patient)) {
                found.push(WouldSee { person, delegation, verbs, since: facts.window(id) });
            }
        }
        found
    }
}

/// A hash of such a list, which changes when anything on it does.
pub(crate) fn version(thread: ThreadId, list: &[WouldSee]) -> Digest {
    let mut hashed = digest::Context::new(&digest::SHA256);
    let mut take = |id: Uuid| hashed.update(id.as_bytes());
    take(thread.uuid());
    for WouldSee { person, delegation, verbs: Verbs { read, write, act }, since } in list {
        take(person.uuid());
        take(delegation.uuid());
        let from = since.map_or(0, |since| since.number);
        let verbs = [read, write, act].map(|verb| u128::from(*verb));
        take(Uuid::from_u128(verbs.iter().fold(u128::from(from), |all, verb| all << 1 | verb)));
    }
    Digest::of_bytes(bytes_of(&hashed.finish()))
}
