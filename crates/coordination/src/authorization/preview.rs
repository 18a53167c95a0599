//! What a helper is to a thread by one delegation alone, so that the patient is shown what that helper sees. It gives nobody
//! access.

use care::ids::{DelegationId, Id, ThreadId};
use chrono::{DateTime, Utc};
use policy::reach::HeldStanding;

use super::delegation::{DelegationFacts, Helping};
use super::entity::Entities;
use super::patient;
use super::person::Gathered;
use super::thread::ThreadFacts;

/// The standings of the helper to a thread that rest on this delegation; none for who is blocked by the patient.
pub(crate) fn standings_under<S: Entities>(
    store: &S,
    grant: DelegationId,
    id: ThreadId,
    now: DateTime<Utc>,
) -> Result<Vec<HeldStanding>, S::Fault> {
    let Some(facts) = store.get::<DelegationFacts>(grant.uuid())? else { return Ok(Vec::new()) };
    let Some(thread) = store.get::<ThreadFacts>(id.uuid())? else { return Ok(Vec::new()) };
    let (about, Some(person)) = (facts.patient, facts.person) else { return Ok(Vec::new()) };
    if thread.patient != Some(about) || patient::is_self(store, about, person)? {
        return Ok(Vec::new());
    }
    let mut gathered = Gathered::new(store, person, now)?;
    gathered.bind_to(store, about, thread.codes)?;
    let held = Helping::of(store, about, person, now)?.standings_in_thread(id, &thread.labels());
    for held in held.into_iter().filter(|held| held.reach.grant == Some(grant)) {
        gathered.push(held);
    }
    Ok(gathered.done())
}
