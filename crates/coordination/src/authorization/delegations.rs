//! The delegations of a patient and of a person: their fold with what follows from it, and what a scope would open.

use std::collections::BTreeMap;

use aws_lc_rs::digest;
use care::aggregate::OpenedList;
use care::conversation::Since;
use care::delegation::{DelegationEvent, Scope};
use care::ids::{DelegationId, Id, PatientId, PersonId, ThreadId};
use care::shown::Digest;
use care::words::{Confidentiality, DelegationState};
use chrono::{DateTime, Utc};
use policy::question::CodeSet;
use uuid::Uuid;

use super::AuthorizationState;
use super::delegation::{DelegationFacts, DelegationsOf, Folded, NewestMessage, verbs_in};
use super::entity::Entities;
use super::index::Mark;
use super::involvement::ThreadsAbout;
use super::thread::ThreadFacts;

/// Folds an event of a delegation, and what follows from it.
pub(super) fn fold<S: Entities>(store: &mut S, id: Uuid, folded: &Folded<'_>) -> Result<(), S::Fault> {
    store.update(id, |this| DelegationFacts::fold(this, folded))?;
    let Some(facts) = store.get::<DelegationFacts>(id)?.map(std::borrow::Cow::into_owned) else { return Ok(()) };
    let delegation = DelegationId::from_uuid(id);
    store.update(facts.patient.uuid(), |this: Option<DelegationsOf>| {
        let mut this = this.unwrap_or_default();
        this.all.insert(delegation);
        if let Some(person) = facts.person {
            let of_person = this.helpers.entry(person).or_default();
            match facts.state {
                DelegationState::Ended => of_person.remove(&delegation),
                DelegationState::Asked
                | DelegationState::Invited
                | DelegationState::Accepted
                | DelegationState::IdentityVerified
                | DelegationState::SafeguardingChecked
                | DelegationState::Active
                | DelegationState::Suspended => of_person.insert(delegation),
            };
            if of_person.is_empty() {
                this.helpers.remove(&person);
            }
        }
        Some(this)
    })?;
    if let DelegationEvent::Activated(_) = folded.event {
        let windows = windows_from_now(store, facts.patient, folded.at)?;
        store.update(id, |this: Option<DelegationFacts>| this.map(|this| DelegationFacts { windows, ..this }))?;
    }
    Ok(())
}

/// From where on the threads about a patient are seen by somebody whose access begins now.
fn windows_from_now<S: Entities>(
    store: &S,
    patient: PatientId,
    at: DateTime<Utc>,
) -> Result<BTreeMap<ThreadId, Since>, S::Fault> {
    let about = store.get::<ThreadsAbout>(patient.uuid())?;
    let mut windows = BTreeMap::new();
    for thread in about.iter().flat_map(|about| about.threads.iter().copied()) {
        let newest = store.get::<NewestMessage>(thread.uuid())?.map_or(0, |newest| newest.number);
        windows.insert(thread, Since { number: newest.saturating_add(1), at });
    }
    Ok(windows)
}

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
        let mut version = [0; 32];
        version.iter_mut().zip(hashed.finish().as_ref()).for_each(|(byte, hashed)| *byte = *hashed);
        OpenedList { version: Digest::of_bytes(version), sensitive }
    }

    /// The delegations about a patient, of whatever state.
    pub fn delegations_of(&self, patient: PatientId) -> impl Iterator<Item = (DelegationId, &DelegationFacts)> {
        let of = self.entity::<DelegationsOf>(patient.uuid());
        let all = of.into_iter().flat_map(|of| of.all.iter().copied());
        all.filter_map(|id| Some((id, self.entity::<DelegationFacts>(id.uuid())?)))
    }

    /// The delegations under which a person helps or helped, or is named to help.
    pub fn delegations_to(&self, person: PersonId) -> impl Iterator<Item = (DelegationId, &DelegationFacts)> {
        let ids = self.index.under(Mark::Helps(person));
        ids.filter_map(|id| Some((DelegationId::from_uuid(id), self.entity::<DelegationFacts>(id)?)))
    }
}
