//! The threads about a patient: who has a place in one may know the patient when they open another, and
//! places that rest on the patient's care team end with it.

use std::borrow::Cow;
use std::collections::BTreeSet;

use care::envelope::Actor;
use care::ids::{Id, PatientId, PersonId, ThreadId};
use care::lifecycle::ThreadKind;
use chrono::{DateTime, Utc};
use policy::question::CodeSet;
use policy::reach::{HeldStanding, Reach};
use policy::words::Standing;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::entity::{Entities, Entity};
use super::person::Gathered;
use super::thread::ThreadFacts;
use super::{around_patient, care_team, patient, thread};

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

/// What a person is to a patient: what they are around the patient, and requester while an open consultation of theirs is
/// about the patient. One from which the patient blocks them makes them none.
pub(crate) fn standings_to_patient<S: Entities>(
    store: &S,
    about: PatientId,
    person: PersonId,
    now: DateTime<Utc>,
) -> Result<Vec<HeldStanding>, S::Fault> {
    let mut held = around_patient::standings(store, about, person, now)?;
    let Some(threads) = store.get::<ThreadsAbout>(about.uuid())? else { return Ok(held) };
    for id in &threads.threads {
        let Some(facts) = store.get::<ThreadFacts>(id.uuid())? else { continue };
        let is_asked_by_them = facts.requester == Actor::Person(person) && !facts.closed;
        if facts.kind != ThreadKind::Consultation || !is_asked_by_them {
            continue;
        }
        let there = thread::standings(store, *id, &facts, person, now)?;
        if there.iter().any(|each| each.standing == Standing::Blocked) {
            continue;
        }
        for each in there.into_iter().filter(|each| each.standing == Standing::Requester) {
            // For what they are denied there, they are none to the patient either.
            let reach = Reach { denied: each.reach.denied, ..Reach::FULL };
            held.push(HeldStanding { reach, ..each });
        }
    }
    Ok(held)
}

/// What a person is to a patient about whom they open a thread: what they are to the patient, and
/// involved by each role in which they have a place in another thread about the patient. A directive is asked about the
/// codes that the thread is to have.
pub(crate) fn standings_at_opening<S: Entities>(
    store: &S,
    about: PatientId,
    codes: CodeSet,
    person: PersonId,
    now: DateTime<Utc>,
) -> Result<Vec<HeldStanding>, S::Fault> {
    let around = around_patient::standings(store, about, person, now)?;
    if patient::is_self(store, about, person)? {
        return Ok(around);
    }
    let mut gathered = Gathered::new(store, person, now)?;
    gathered.bind_to(store, about, codes)?;
    // What blocks them whatever the codes are, is among what blocks them for these.
    around.into_iter().filter(|held| held.standing != Standing::Blocked).for_each(|held| gathered.push(held));
    let Some(others) = store.get::<ThreadsAbout>(about.uuid())? else { return Ok(gathered.done()) };
    for id in &others.threads {
        let Some(facts) = store.get::<ThreadFacts>(id.uuid())? else { continue };
        let there = thread::standings(store, *id, &facts, person, now)?;
        // A place in a thread from which the patient blocks a person lets them know of nothing.
        if there.iter().any(|each| each.standing == Standing::Blocked) {
            continue;
        }
        for each in there {
            match each.standing {
                Standing::Requester | Standing::Assignee | Standing::Participant | Standing::PoolMember => {
                    // For what they are denied there, they are not involved either.
                    let reach = Reach { denied: each.reach.denied, ..Reach::FULL };
                    gathered.push(HeldStanding { reach, ..HeldStanding::full(Standing::Involved, each.role) });
                }
                Standing::Self_
                | Standing::Author
                | Standing::CareTeam
                | Standing::Joined
                | Standing::OwnersPool
                | Standing::Invited
                | Standing::Proposed
                | Standing::Representative
                | Standing::Delegate
                | Standing::RequestingOrganization
                | Standing::ReceivingOrganization
                | Standing::Organization
                | Standing::LastResort
                | Standing::StandIn
                | Standing::Installation
                | Standing::Involved
                | Standing::Employed
                | Standing::Process
                | Standing::Blocked
                | Standing::None => {}
            }
        }
    }
    Ok(gathered.done())
}

/// Ends the places that a person has by the care team of a patient, in every thread about the patient.
pub(crate) fn lapse_by_care_team<S: Entities>(
    store: &mut S,
    patient: PatientId,
    person: PersonId,
    at: DateTime<Utc>,
) -> Result<(), S::Fault> {
    let about = store.get::<ThreadsAbout>(patient.uuid())?.map(Cow::into_owned).unwrap_or_default();
    about.threads.into_iter().try_for_each(|thread| {
        store.update::<ThreadFacts>(thread.uuid(), |this| this.map(|facts| facts.lapse(person, at)))
    })
}

/// The same for a place that was given by the care team when the person had left it already.
pub(crate) fn lapse_if_off_care_team<S: Entities>(
    store: &mut S,
    thread: Uuid,
    person: PersonId,
    at: DateTime<Utc>,
) -> Result<(), S::Fault> {
    let about = store.get::<ThreadFacts>(thread)?.and_then(|facts| facts.patient);
    let Some(patient) = about else { return Ok(()) };
    if care_team::is_on(store, patient, person)? {
        return Ok(());
    }
    store.update::<ThreadFacts>(thread, |this| this.map(|facts| facts.lapse(person, at)))
}
