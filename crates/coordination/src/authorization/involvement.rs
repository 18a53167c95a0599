//! Who has a place in a thread about a patient, and so may know the patient when they open another.

use std::collections::BTreeSet;

use care::ids::{Id, PatientId, PersonId, ThreadId};
use chrono::{DateTime, Utc};
use policy::reach::HeldStanding;
use policy::words::Standing;
use serde::{Deserialize, Serialize};

use super::thread::ThreadFacts;
use super::{Entities, Entity, Gathered, patient, thread};

/// The threads about a patient.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct ThreadsAbout {
    pub threads: BTreeSet<ThreadId>,
}

impl Entity for ThreadsAbout {
    const TABLE: &'static str = "threads_about";
    const SHAPE: u32 = 1;
}

impl ThreadsAbout {
    /// With the thread that an event opens.
    pub fn with(this: Option<Self>, thread: ThreadId) -> Option<Self> {
        let mut this = this.unwrap_or_default();
        this.threads.insert(thread);
        Some(this)
    }
}

/// What a person is to a patient about whom they open a thread: what they are to the patient, and
/// involved by each role in which they have a place in another thread about the patient.
pub(crate) fn standings_at_opening<S: Entities>(
    store: &S,
    about: PatientId,
    person: PersonId,
    now: DateTime<Utc>,
) -> Result<Vec<HeldStanding>, S::Fault> {
    let mut held = patient::standings(store, about, person, now)?;
    if patient::is_self(store, about, person)? {
        return Ok(held);
    }
    let Some(others) = store.get::<ThreadsAbout>(about.uuid())? else { return Ok(held) };
    let mut involved = Gathered::new(store, person, now)?;
    for id in &others.threads {
        let Some(facts) = store.get::<ThreadFacts>(id.uuid())? else { continue };
        for each in thread::standings(store, *id, &facts, person, now)? {
            match each.standing {
                Standing::Requester | Standing::Assignee | Standing::Participant | Standing::PoolMember => {
                    involved.push(HeldStanding::full(Standing::Involved, each.role));
                }
                Standing::Self_
                | Standing::CareTeam
                | Standing::OwnersPool
                | Standing::Invited
                | Standing::RequestingOrganization
                | Standing::ReceivingOrganization
                | Standing::Organization
                | Standing::LastResort
                | Standing::Installation
                | Standing::Involved
                | Standing::Employed
                | Standing::Process
                | Standing::Blocked
                | Standing::None => {}
            }
        }
    }
    held.extend(involved.done());
    Ok(held)
}
