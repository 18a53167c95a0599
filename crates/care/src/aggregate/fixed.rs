//! Lookups with given answers, for the tests of this crate and of those that decide.

use chrono::{DateTime, Months, NaiveDate, Utc};

use super::lookups::{
    AuthorityBrief, DelegationBrief, Lookups, OpenedList, PersonalTextOf, PoolFacts, Sought, ThreadAbout,
};
use crate::age::AgeGates;
use crate::calendar::Calendar;
use crate::directive_terms::Terms;
use crate::ids::{AuthorityId, DelegationId, DraftId, OrganizationId, PatientId, PersonId, PoolId, ThreadId};
use crate::party::{Party, Place};
use crate::public_name::look_alike;
use crate::scope::Scope;
use crate::shown::Digest;
use crate::text::PersonalText;
use crate::words::{OutsideWish, Role};

/// Lookups with given answers.
#[derive(Debug, Clone, Default)]
pub struct Fixed {
    /// Pools, each with its organization.
    pub pools: Vec<(PoolId, OrganizationId)>,
    /// Calendars in force.
    pub calendars: Vec<(OrganizationId, u32, Calendar)>,
    /// Members of pools.
    pub pool_members: Vec<(PoolId, PersonId)>,
    /// Roles held.
    pub roles: Vec<(PersonId, Place)>,
    /// Places on care teams.
    pub care_teams: Vec<(PatientId, PersonId, Place)>,
    /// Who keeps the record of a patient.
    pub record_keepers: Vec<(PatientId, OrganizationId)>,
    /// The persons whom each organization knows.
    pub people: Vec<(PersonId, OrganizationId)>,
    /// Records that are linked or proposed to a person.
    pub linked: Vec<(PersonId, OrganizationId, PatientId)>,
    /// Records with a name and date of birth like those that are sought.
    pub alike: Vec<PatientId>,
    /// Personal texts in force.
    pub in_force: Vec<(PersonalTextOf, PersonalText)>,
    /// Which organizations there are.
    pub organizations: Vec<OrganizationId>,
    /// The names of organizations.
    pub organization_names: Vec<String>,
    /// Which person a patient is.
    pub patients: Vec<(PatientId, PersonId)>,
    /// Who is blocked by a patient.
    pub blocked: Vec<(PatientId, PersonId)>,
    /// The threads that nobody but a person can see to.
    pub resting: Vec<(PersonId, ThreadId)>,
    /// Whether no rule asks for a permission of a patient.
    pub asks_no_permission: bool,
    /// Organizations that have no administrator yet.
    pub without_administrator: Vec<OrganizationId>,
    /// What threads are about.
    pub threads: Vec<(ThreadId, ThreadAbout)>,
    /// Threads that the sender may not find; they may find every other.
    pub not_found: Vec<ThreadId>,
    /// Drafts that were sent, with their authors.
    pub drafts_sent: Vec<(PersonId, DraftId)>,
    /// Patients who died.
    pub died: Vec<(PatientId, DateTime<Utc>)>,
    /// When patients were born.
    pub born: Vec<(PatientId, NaiveDate)>,
    /// The ages that organizations set.
    pub age_gates: Vec<(OrganizationId, AgeGates)>,
    /// Delegations, each with its patient.
    pub delegations: Vec<(PatientId, DelegationBrief)>,
    /// Legal authorities.
    pub authorities: Vec<(AuthorityId, AuthorityBrief)>,
    /// Who was identified for which delegation, and when.
    pub evidence: Vec<(PersonId, DelegationId, DateTime<Utc>)>,
    /// What any scope would open; nothing if none is given.
    pub opened: Option<OpenedList>,
    /// Who would see any hidden thread; zeros if none is given.
    pub would_see: Option<Digest>,
    /// Messages from outside.
    pub outside_messages: Vec<(PersonId, OutsideWish, DateTime<Utc>)>,
    /// From whom notes protect a patient.
    pub protected: Vec<(PatientId, PersonId)>,
    /// Patients who lack capacity.
    pub without_capacity: Vec<PatientId>,
}

impl Fixed {
    fn people_of(&self, party: Party) -> Vec<PersonId> {
        let at =
            |wanted: Place| self.roles.iter().filter(move |(_, place)| *place == wanted).map(|(person, _)| *person);
        match party {
            Party::Person(person) => vec![person],
            Party::Pool(pool) => {
                self.pool_members.iter().filter(|(each, _)| *each == pool).map(|(_, who)| *who).collect()
            }
            Party::PoolCoordinator(pool) => {
                let home = self.pools.iter().find(|(each, _)| *each == pool).map(|(_, organization)| *organization);
                let coordinators =
                    home.into_iter().flat_map(|organization| at(Place { role: Role::Coordinator, organization }));
                coordinators.filter(|person| self.pool_members.contains(&(pool, *person))).collect()
            }
            Party::Role(place) => at(place).collect(),
            Party::Patient(patient) => {
                self.patients.iter().filter(|(each, _)| *each == patient).map(|(_, who)| *who).collect()
            }
            Party::Nobody => vec![],
        }
    }
}

impl Lookups for Fixed {
    fn pool(&self, pool: PoolId) -> Option<PoolFacts> {
        let (_, organization) = self.pools.iter().find(|(each, _)| *each == pool)?;
        Some(PoolFacts { organization: *organization })
    }
    fn calendar(&self, organization: OrganizationId) -> Option<(u32, Calendar)> {
        let (_, version, calendar) = self.calendars.iter().find(|(each, ..)| *each == organization)?;
        Some((*version, calendar.clone()))
    }
    fn is_pool_member(&self, pool: PoolId, person: PersonId) -> bool {
        self.pool_members.contains(&(pool, person))
    }
    fn roles(&self, person: PersonId) -> Vec<Place> {
        self.roles.iter().filter(|(each, _)| *each == person).map(|(_, place)| *place).collect()
    }
    fn care_team_place(&self, patient: PatientId, person: PersonId) -> Option<Place> {
        self.care_teams.iter().find(|(of, who, _)| (*of, *who) == (patient, person)).map(|(_, _, place)| *place)
    }
    fn record_keeper(&self, patient: PatientId) -> Option<OrganizationId> {
        self.record_keepers.iter().find(|(each, _)| *each == patient).map(|(_, organization)| *organization)
    }
    fn is_known_at(&self, person: PersonId, organization: OrganizationId) -> bool {
        self.people.contains(&(person, organization))
    }
    fn has_other_record(&self, person: PersonId, organization: OrganizationId, record: Option<PatientId>) -> bool {
        let is_other = |patient: PatientId| record != Some(patient);
        self.linked.iter().any(|(who, at, patient)| (*who, *at) == (person, organization) && is_other(*patient))
    }
    fn patients_like(&self, sought: Sought<'_>) -> Vec<PatientId> {
        self.alike.iter().copied().filter(|patient| sought.record != Some(*patient)).collect()
    }
    fn is_in_force(&self, of: PersonalTextOf, text: &PersonalText) -> bool {
        self.in_force.iter().any(|(each, current)| *each == of && current == text)
    }
    fn is_any_organization(&self) -> bool {
        !self.organizations.is_empty()
    }
    fn is_organization_like(&self, name: &str) -> bool {
        self.organization_names.iter().any(|taken| look_alike(taken, name))
    }
    fn is_patient(&self, patient: PatientId, person: PersonId) -> bool {
        self.patients.contains(&(patient, person))
    }
    fn is_blocked(&self, patient: PatientId, person: PersonId, _: Option<ThreadId>) -> bool {
        self.blocked.contains(&(patient, person))
    }
    fn resting_on(&self, _: PatientId, terms: &Terms) -> Vec<ThreadId> {
        let rests = |person: PersonId| terms.whom.names(person, &self.roles(person));
        let rests_on = self.resting.iter().filter(|(on, thread)| rests(*on) && self.may_find(*thread));
        rests_on.map(|(_, thread)| *thread).collect()
    }
    fn is_permittable(&self, _: &Terms) -> bool {
        !self.asks_no_permission
    }
    fn is_held_by_another(&self, person: PersonId, place: Place) -> bool {
        self.roles.iter().any(|(each, held)| *each != person && *held == place)
    }
    fn holders(&self, place: Place) -> Vec<PersonId> {
        self.roles.iter().filter(|(_, held)| *held == place).map(|(person, _)| *person).collect()
    }
    fn had_administrator(&self, organization: OrganizationId) -> bool {
        !self.without_administrator.contains(&organization)
    }
    fn has_work(&self, organization: OrganizationId) -> bool {
        self.pools.iter().any(|(_, home)| *home == organization)
    }
    fn thread(&self, thread: ThreadId) -> Option<ThreadAbout> {
        self.threads.iter().find(|(each, _)| *each == thread).map(|(_, about)| *about)
    }
    fn may_find(&self, thread: ThreadId) -> bool {
        !self.not_found.contains(&thread)
    }
    fn is_draft_sent(&self, author: PersonId, draft: DraftId) -> bool {
        self.drafts_sent.contains(&(author, draft))
    }
    fn patient_died(&self, patient: PatientId) -> Option<DateTime<Utc>> {
        self.died.iter().find(|(each, _)| *each == patient).map(|(_, at)| *at)
    }
    fn birth_date(&self, patient: PatientId) -> Option<NaiveDate> {
        self.born.iter().find(|(each, _)| *each == patient).map(|(_, day)| *day)
    }
    fn age_gates(&self, organization: OrganizationId) -> AgeGates {
        self.age_gates.iter().find(|(each, _)| *each == organization).map(|(_, gates)| *gates).unwrap_or_default()
    }
    fn delegations_of(&self, patient: PatientId) -> Vec<DelegationBrief> {
        self.delegations.iter().filter(|(each, _)| *each == patient).map(|(_, brief)| brief.clone()).collect()
    }
    fn authority(&self, authority: AuthorityId) -> Option<AuthorityBrief> {
        self.authorities.iter().find(|(each, _)| *each == authority).map(|(_, brief)| brief.clone())
    }
    fn evidence_of(&self, person: PersonId, at: DateTime<Utc>) -> Option<DelegationId> {
        let year_before = at.checked_sub_months(Months::new(12))?;
        let holds = |since: DateTime<Utc>| year_before < since && since <= at;
        self.evidence.iter().rev().find(|(who, _, since)| *who == person && holds(*since)).map(|(_, of, _)| *of)
    }
    fn what_would_open(&self, _: PatientId, _: &Scope) -> OpenedList {
        let nothing = OpenedList { version: Digest::of_bytes([0; 32]), sensitive: vec![] };
        self.opened.clone().unwrap_or(nothing)
    }
    fn would_see(&self, _: ThreadId) -> Digest {
        self.would_see.unwrap_or(Digest::of_bytes([0; 32]))
    }
    fn outside_messages_since(&self, person: PersonId, wish: OutsideWish, since: DateTime<Utc>) -> u32 {
        let sent = self.outside_messages.iter().filter(|(who, of, at)| (*who, *of) == (person, wish) && since <= *at);
        u32::try_from(sent.count()).unwrap_or(u32::MAX)
    }
    fn is_organization(&self, organization: OrganizationId) -> bool {
        self.organizations.contains(&organization)
    }
    fn is_protected_from(&self, patient: PatientId, person: PersonId) -> bool {
        self.protected.contains(&(patient, person))
    }
    fn lacks_capacity(&self, patient: PatientId) -> bool {
        self.without_capacity.contains(&patient)
    }
    fn is_anybody(&self, party: Party, patient: Option<PatientId>, _: Option<ThreadId>) -> bool {
        self.people_of(party).into_iter().any(|person| !patient.is_some_and(|patient| self.is_patient(patient, person)))
    }
}
