//! A patient, as far as it decides who may: who keeps the record, and which person they are.

use care::ids::{Id, OrganizationId, PatientId, PersonId};
use care::patient::PatientEvent;
use care::words::Role;
use chrono::{DateTime, Utc};
use policy::reach::HeldStanding;
use policy::words::Standing;
use serde::{Deserialize, Serialize};

use super::care_team;
use super::entity::{Entities, Entity};
use super::person::Gathered;

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

/// What a person is to what is about themselves: the patient, and not by any role that they hold as well. So
/// nobody acts as staff on their own record.
pub(crate) fn as_patient() -> Vec<HeldStanding> {
    vec![HeldStanding::full(Standing::Self_, Role::Person)]
}

/// Whether the person is the patient.
pub(crate) fn is_self<S: Entities>(store: &S, patient: PatientId, person: PersonId) -> Result<bool, S::Fault> {
    Ok(store.get::<PatientFacts>(patient.uuid())?.is_some_and(|facts| facts.person == Some(person)))
}

/// What a person is to a patient now.
pub(crate) fn standings<S: Entities>(
    store: &S,
    patient: PatientId,
    person: PersonId,
    now: DateTime<Utc>,
) -> Result<Vec<HeldStanding>, S::Fault> {
    let Some(facts) = store.get::<PatientFacts>(patient.uuid())? else { return Ok(Vec::new()) };
    if facts.person == Some(person) {
        return Ok(as_patient());
    }
    let mut gathered = Gathered::new(store, person, now)?;
    if let Some(place) = care_team::place(store, patient, person, now)? {
        gathered.push(HeldStanding::full(Standing::CareTeam, place.role));
    }
    gathered.with_roles_at(Standing::Organization, facts.organization);
    Ok(gathered.done())
}
