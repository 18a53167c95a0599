//! The care team of a patient, as far as it decides who may: who is on it, in which role.

use std::collections::BTreeMap;

use care::care_team::CareTeamEvent;
use care::conversation::Place;
use care::ids::{Id, PatientId, PersonId};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::entity::{Entities, Entity, Held, Period};
use super::person::PersonFacts;

/// Who is or was on the team.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct CareTeamFacts {
    pub members: BTreeMap<PersonId, Held>,
}

impl Entity for CareTeamFacts {
    const TABLE: &'static str = "care_team";
    const SHAPE: u32 = 1;
}

impl CareTeamFacts {
    pub fn fold(this: Option<Self>, event: &CareTeamEvent, at: DateTime<Utc>) -> Option<Self> {
        let mut this = this.unwrap_or_default();
        match event {
            CareTeamEvent::MemberAdded(added) => {
                let place = Place { role: added.role, organization: added.organization };
                this.members.insert(added.person, Held { place, period: Period::since(at) });
            }
            CareTeamEvent::MemberRemoved(removed) => {
                if let Some(member) = this.members.get_mut(&removed.person) {
                    member.period.end(at);
                }
            }
        }
        Some(this)
    }
}

/// The place of a person on the team now, while they hold its role.
pub(crate) fn place<S: Entities>(
    store: &S,
    patient: PatientId,
    person: PersonId,
    now: DateTime<Utc>,
) -> Result<Option<Place>, S::Fault> {
    let Some(place) = member(store, patient, person, now)? else { return Ok(None) };
    let holds = store.get::<PersonFacts>(person.uuid())?.is_some_and(|facts| facts.holds(place, now));
    Ok(holds.then_some(place))
}

/// The place of a person on the team now, whether they still hold its role or not.
pub(crate) fn member<S: Entities>(
    store: &S,
    patient: PatientId,
    person: PersonId,
    now: DateTime<Utc>,
) -> Result<Option<Place>, S::Fault> {
    let team = store.get::<CareTeamFacts>(patient.uuid())?;
    let member = team.and_then(|team| team.members.get(&person).copied());
    Ok(member.filter(|member| member.period.holds(now)).map(|member| member.place))
}

/// Whether nobody has ended the place of a person on the team.
pub(crate) fn is_on<S: Entities>(store: &S, patient: PatientId, person: PersonId) -> Result<bool, S::Fault> {
    let team = store.get::<CareTeamFacts>(patient.uuid())?;
    Ok(team.is_some_and(|team| team.members.get(&person).is_some_and(|member| member.period.ended_at.is_none())))
}

/// Whether a person is or was on the team.
pub(crate) fn was_member<S: Entities>(store: &S, patient: PatientId, person: PersonId) -> Result<bool, S::Fault> {
    Ok(store.get::<CareTeamFacts>(patient.uuid())?.is_some_and(|team| team.members.contains_key(&person)))
}
