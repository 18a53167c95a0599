//! The care team of a patient, as far as it decides who may: who is on it, in which role.

use std::collections::{BTreeMap, BTreeSet};

use care::care_team::{CareTeamEvent, MemberAdded, MemberJoined};
use care::conversation::Place;
use care::ids::{Id, PatientId, PersonId};
use chrono::{DateTime, Duration, Utc};
use policy::words::Standing;
use serde::{Deserialize, Serialize};

use super::entity::{Entities, Entity, Period};
use super::index::Mark;
use super::person::PersonFacts;

/// Who is or was on the team, and who was asked to it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct CareTeamFacts {
    pub members: BTreeMap<PersonId, Member>,
    /// Who was asked and has not answered.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    asked: BTreeMap<PersonId, Asked>,
    /// Everybody who was ever asked.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    ever_asked: BTreeSet<PersonId>,
    /// Of whom another person recorded that they help the patient, and are wanted on the team all the same.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    conflicts: BTreeSet<PersonId>,
}

/// A place on the team, held now or before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Member {
    pub place: Place,
    pub period: Period,
    /// Whether the person put themself on the team.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub by_oneself: bool,
}

/// A place on the team to which a person of another organization was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Asked {
    place: Place,
    expires_at: DateTime<Utc>,
}

/// How long who put themself on a team has a narrower standing than the others of the team.
const JOINED_HOURS: i64 = 24;

impl Entity for CareTeamFacts {
    const TABLE: &'static str = "care_team";
    const SHAPE: u32 = 3;

    fn marks(&self) -> Vec<Mark> {
        self.asked.keys().copied().map(Mark::AskedToCareTeam).collect()
    }
}

impl CareTeamFacts {
    pub fn fold(this: Option<Self>, event: &CareTeamEvent, at: DateTime<Utc>) -> Option<Self> {
        let mut this = this.unwrap_or_default();
        let mut join = |person, place, by_oneself| {
            this.asked.remove(&person);
            this.members.insert(person, Member { place, period: Period::since(at), by_oneself });
        };
        match event {
            CareTeamEvent::MemberAdded(MemberAdded { patient: _, person, role, organization }) => {
                join(*person, Place { role: *role, organization: *organization }, false);
            }
            CareTeamEvent::MemberJoined(MemberJoined { patient: _, person, role, organization, reason: _ }) => {
                join(*person, Place { role: *role, organization: *organization }, true);
            }
            CareTeamEvent::MemberAsked(asked) => {
                let place = Place { role: asked.role, organization: asked.organization };
                this.asked.insert(asked.person, Asked { place, expires_at: asked.expires_at });
                this.ever_asked.insert(asked.person);
            }
            CareTeamEvent::MemberDeclined(declined) => {
                this.asked.remove(&declined.person);
                this.conflicts.remove(&declined.person);
            }
            CareTeamEvent::ConflictRecorded(recorded) => {
                this.conflicts.insert(recorded.person);
            }
            CareTeamEvent::MemberRemoved(removed) => {
                this.conflicts.remove(&removed.person);
                if let Some(member) = this.members.get_mut(&removed.person) {
                    member.period.end(at);
                }
            }
        }
        Some(this)
    }
}

impl Member {
    /// The standing that the place gives: a narrower one for a while to who put themself on the team.
    pub fn standing(self, now: DateTime<Utc>) -> Standing {
        let is_new = now < self.period.from + Duration::hours(JOINED_HOURS);
        if self.by_oneself && is_new { Standing::Joined } else { Standing::CareTeam }
    }
}

/// The place to which a person is asked now, while they hold its role.
pub(crate) fn asked<S: Entities>(
    store: &S,
    patient: PatientId,
    person: PersonId,
    now: DateTime<Utc>,
) -> Result<Option<Place>, S::Fault> {
    let team = store.get::<CareTeamFacts>(patient.uuid())?;
    let asked = team.and_then(|team| team.asked.get(&person).copied()).filter(|asked| now < asked.expires_at);
    let Some(Asked { place, expires_at: _ }) = asked else { return Ok(None) };
    let holds = store.get::<PersonFacts>(person.uuid())?.is_some_and(|facts| facts.holds(place, now));
    Ok(holds.then_some(place))
}

/// The place of a person on the team now, while they hold its role.
pub(crate) fn place<S: Entities>(
    store: &S,
    patient: PatientId,
    person: PersonId,
    now: DateTime<Utc>,
) -> Result<Option<Place>, S::Fault> {
    let Some(Member { place, .. }) = member(store, patient, person, now)? else { return Ok(None) };
    let holds = store.get::<PersonFacts>(person.uuid())?.is_some_and(|facts| facts.holds(place, now));
    Ok(holds.then_some(place))
}

/// Whether another person recorded that they know that this one helps the patient.
pub(crate) fn is_conflict_recorded<S: Entities>(
    store: &S,
    patient: PatientId,
    person: PersonId,
) -> Result<bool, S::Fault> {
    Ok(store.get::<CareTeamFacts>(patient.uuid())?.is_some_and(|team| team.conflicts.contains(&person)))
}

/// The same of a person who is on the team now, in a role that they hold: they keep what they are by their work.
pub(crate) fn is_conflict_known<S: Entities>(
    store: &S,
    patient: PatientId,
    person: PersonId,
    now: DateTime<Utc>,
) -> Result<bool, S::Fault> {
    Ok(is_conflict_recorded(store, patient, person)? && place(store, patient, person, now)?.is_some())
}

/// The membership of a person now, whether they still hold its role or not.
pub(crate) fn member<S: Entities>(
    store: &S,
    patient: PatientId,
    person: PersonId,
    now: DateTime<Utc>,
) -> Result<Option<Member>, S::Fault> {
    let team = store.get::<CareTeamFacts>(patient.uuid())?;
    let member = team.and_then(|team| team.members.get(&person).copied());
    Ok(member.filter(|member| member.period.holds(now)))
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

/// Whether a person was ever asked to the team.
pub(crate) fn was_asked<S: Entities>(store: &S, patient: PatientId, person: PersonId) -> Result<bool, S::Fault> {
    Ok(store.get::<CareTeamFacts>(patient.uuid())?.is_some_and(|team| team.ever_asked.contains(&person)))
}

#[cfg(test)]
mod tests {
    use care::text::Text;
    use care::words::Role;
    use uuid::Uuid;

    use super::*;

    #[test]
    fn who_put_themself_on_a_team_has_a_narrower_standing_for_a_day() {
        let at: DateTime<Utc> = "2026-11-23T09:00:00Z".parse().unwrap();
        let (patient, person) = (Id::from_uuid(Uuid::from_u128(1)), Id::from_uuid(Uuid::from_u128(2)));
        let (role, organization) = (Role::Physician, Id::from_uuid(Uuid::from_u128(3)));
        let joined = MemberJoined { patient, person, role, organization, reason: Text::body("Cover.").unwrap().into() };
        let added = MemberAdded { patient, person, role, organization };
        let standings = |event: CareTeamEvent| {
            let team = CareTeamFacts::fold(None, &event, at).unwrap();
            let day = Duration::hours(24);
            [Duration::zero(), day - Duration::microseconds(1), day]
                .map(|later| team.members[&person].standing(at + later))
        };
        let expected = [Standing::Joined, Standing::Joined, Standing::CareTeam];
        assert_eq!(standings(CareTeamEvent::MemberJoined(joined)), expected);
        assert_eq!(standings(CareTeamEvent::MemberAdded(added)), [Standing::CareTeam; 3]);
    }
}
