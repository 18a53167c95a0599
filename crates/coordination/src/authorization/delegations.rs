//! The fold of a delegation, with what follows from it: who helps a patient, and from where on they see what was there.

use std::collections::BTreeMap;

use care::conversation::Since;
use care::delegation::DelegationEvent;
use care::ids::{DelegationId, Id, PatientId, ThreadId};
use care::words::DelegationState;
use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::delegation::{DelegationFacts, DelegationsOf, Folded, NewestMessage};
use super::entity::Entities;
use super::involvement::ThreadsAbout;
use super::patient::PatientFacts;

/// Folds an event of a delegation, and what follows from it.
pub(super) fn fold<S: Entities>(store: &mut S, id: Uuid, folded: &Folded<'_>) -> Result<(), S::Fault> {
    store.update(id, |this| DelegationFacts::fold(this, folded))?;
    let Some(facts) = store.get::<DelegationFacts>(id)?.map(std::borrow::Cow::into_owned) else { return Ok(()) };
    let delegation = DelegationId::from_uuid(id);
    if facts.keeper.is_none() {
        let keeper = store.get::<PatientFacts>(facts.patient.uuid())?.map(|patient| patient.organization);
        store.update(id, |this: Option<DelegationFacts>| this.map(|this| DelegationFacts { keeper, ..this }))?;
    }
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
