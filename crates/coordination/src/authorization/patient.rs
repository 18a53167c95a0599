//! A patient, as far as it decides who may: who keeps the record, which person they are, and the
//! threads about them.

use std::collections::BTreeSet;

use care::ids::{Id, OrganizationId, PatientId, PersonId, ThreadId};
use care::patient::PatientEvent;
use care::words::Role;
use chrono::{DateTime, Utc};
use policy::reach::HeldStanding;
use policy::words::Standing;
use serde::{Deserialize, Serialize};

use super::thread::ThreadFacts;
use super::{Entities, Entity, Gathered, care_team};

/// What decides who may about a patient.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PatientFacts {
    /// The organization that keeps the record.
    pub organization: OrganizationId,
    /// The person that the patient is, if they can sign in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<PersonId>,
}

impl Entity for PatientFacts {
    const TABLE: &'static str = "patient";
    const SHAPE: u32 = 1;
}

impl PatientFacts {
    pub fn fold(_: Option<Self>, event: &PatientEvent) -> Option<Self> {
        let PatientEvent::PatientRegistered(registered) = event;
        Some(Self { organization: registered.organization, person: registered.person })
    }
}

/// Whether the person is the patient.
pub(crate) fn is_self<S: Entities>(store: &S, patient: PatientId, person: PersonId) -> Result<bool, S::Fault> {
    Ok(store.get::<PatientFacts>(patient.uuid())?.is_some_and(|facts| facts.person == Some(person)))
}

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
    patient: PatientId,
    person: PersonId,
    now: DateTime<Utc>,
) -> Result<Vec<HeldStanding>, S::Fault> {
    let mut held = standings(store, patient, person, now)?;
    let Some(about) = store.get::<ThreadsAbout>(patient.uuid())? else { return Ok(held) };
    let mut involved = Gathered::new(store, person, now)?;
    for thread in &about.threads {
        let Some(facts) = store.get::<ThreadFacts>(thread.uuid())? else { continue };
        for each in super::thread::standings(store, *thread, &facts, person, now)? {
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

/// What a person is to a patient now.
pub(crate) fn standings<S: Entities>(
    store: &S,
    patient: PatientId,
    person: PersonId,
    now: DateTime<Utc>,
) -> Result<Vec<HeldStanding>, S::Fault> {
    let Some(facts) = store.get::<PatientFacts>(patient.uuid())? else { return Ok(Vec::new()) };
    let mut gathered = Gathered::new(store, person, now)?;
    if facts.person == Some(person) {
        gathered.push(HeldStanding::full(Standing::Self_, Role::Person));
    }
    if let Some(place) = care_team::place(store, patient, person, now)? {
        gathered.push(HeldStanding::full(Standing::CareTeam, place.role));
    }
    gathered.with_roles_at(Standing::Organization, facts.organization);
    Ok(gathered.done())
}
