//! What people are to a patient: the patient, who helps them or represents them, who is on the care team, asked to it or to
//! be linked, employed where the record is kept, or blocked. They are the same to a legal authority about the patient.

use care::ids::{AuthorityId, Id, PatientId, PersonId};
use care::words::Role;
use chrono::{DateTime, Utc};
use policy::question::CodeSet;
use policy::reach::HeldStanding;
use policy::words::Standing;

use super::care_team;
use super::delegation::{self, Helping};
use super::entity::Entities;
use super::legal_authority::LegalAuthorityFacts;
use super::patient::{PatientFacts, as_patient};
use super::person::Gathered;

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
    gathered.bind_to(store, patient, CodeSet::NONE)?;
    let helping = Helping::of(store, patient, person, now)?;
    for held in helping.standings_to_patient() {
        gathered.push(held);
    }
    if facts.proposed_to(now) == Some(person) {
        gathered.push(HeldStanding::full(Standing::Proposed, Role::Person));
    }
    let is_kept_from_work = helping.keeps_from_work(store, now)?;
    // Who is asked to the care team by somebody who knows that they help the patient may answer.
    if let Some(place) = care_team::asked(store, patient, person, now)?
        && (!is_kept_from_work || care_team::is_conflict_recorded(store, patient, person)?)
    {
        gathered.push(HeldStanding::full(Standing::Invited, place.role));
    }
    if is_kept_from_work {
        return Ok(gathered.done());
    }
    if let Some(member) = care_team::member(store, patient, person, now)?
        && gathered.holds(member.place)
    {
        gathered.push(HeldStanding::full(member.standing(now), member.place.role));
    }
    gathered.with_roles_at(Standing::Organization, facts.organization);
    Ok(gathered.done())
}

/// What a person is to a legal authority now: what they are to the patient. Who has the authority reads it through the
/// delegation that rests on it.
pub(super) fn standings_to_authority<S: Entities>(
    store: &S,
    authority: AuthorityId,
    person: PersonId,
    now: DateTime<Utc>,
) -> Result<Vec<HeldStanding>, S::Fault> {
    match store.get::<LegalAuthorityFacts>(authority.uuid())? {
        Some(facts) => Ok(delegation::standings_around(store, facts.patient, person, now)?.done()),
        None => Ok(Vec::new()),
    }
}
