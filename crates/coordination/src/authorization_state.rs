//! The authorization state: the small fold, in memory, of what decides who may.
//!
//! Roles, pools, care teams, patients and of each thread its parties and labels. It is loaded
//! from the read models' file at start, topped up from the log and fed ahead of the read models, so a
//! revocation binds before the mutation that made it returns. Read models may find; only the authorization state,
//! asked by the policy, permits.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use care::calendar::Calendar;
use care::care_team::CareTeamEvent;
use care::consultation::ConsultationEvent;
use care::conversation::ConversationEvent;
use care::event::Event;
use care::ids::{OrganizationId, PatientId, PersonId, PoolId, ThreadId};
use care::organization::OrganizationEvent;
use care::patient::PatientEvent;
use care::person::PersonEvent;
use care::policy_root::PolicyEvent;
use care::stream::Stream;
use care::thread::ThreadEvent;
use care::words::{Role, ThreadKind};
use chrono::{DateTime, Utc};

use crate::recorded_event::RecordedEvent;
use crate::standing::{Facts, Membership, PatientFacts, Period, RoleHeld, ThreadFacts};

/// A pool with everybody who is or was its member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pool {
    pub organization: OrganizationId,
    pub members: BTreeMap<PersonId, Period>,
}

/// A thread with the participants taken into it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ThreadParties {
    pub facts: ThreadFacts,
    pub participants: BTreeMap<PersonId, (Role, OrganizationId)>,
}

/// The fold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct AuthorizationState {
    pub organizations: HashMap<OrganizationId, Option<(u32, Calendar)>>,
    pub pools: HashMap<PoolId, Pool>,
    pub people: HashMap<PersonId, Vec<RoleHeld>>,
    pub patients: HashMap<PatientId, PatientFacts>,
    pub care_teams: HashMap<PatientId, BTreeMap<PersonId, Membership>>,
    pub threads: HashMap<ThreadId, ThreadParties>,
    /// Streams that could not be read to their end.
    pub parked: BTreeSet<String>,
    /// The version in force; its text is read from the log when it changes.
    pub policy_version: Option<String>,
}

impl AuthorizationState {
    /// Folds one event. Every arm that does nothing says that the event decides nothing.
    pub fn fold(&mut self, recorded: &RecordedEvent) {
        if !self.parked.is_empty() && self.parked.contains(&recorded.stream.to_string()) {
            return;
        }
        let at = recorded.metadata.recorded_at;
        match (&recorded.stream, &recorded.event) {
            (Stream::Organization(organization), Event::Organization(event)) => {
                self.fold_organization(*organization, event, at)
            }
            (_, Event::Person(event)) => self.fold_person(event),
            (_, Event::Patient(PatientEvent::Registered(patient))) => {
                let facts = PatientFacts { organization: patient.organization, person: patient.person };
                self.patients.insert(patient.patient, facts);
            }
            (_, Event::CareTeam(event)) => self.fold_care_team(event, at),
            (Stream::Thread(thread), Event::Thread(event)) => self.fold_thread(*thread, event),
            (_, Event::Policy(PolicyEvent::Activated(activated))) => {
                self.policy_version = Some(activated.version.clone())
            }
            // An event in a stream of another category was never written by this software.
            (_, Event::Organization(_) | Event::Thread(_)) => {}
        }
    }

    fn fold_organization(&mut self, id: OrganizationId, event: &OrganizationEvent, at: DateTime<Utc>) {
        match event {
            OrganizationEvent::Founded(_) => {
                self.organizations.insert(id, None);
            }
            OrganizationEvent::CalendarSet(set) => {
                self.organizations.insert(id, Some((set.version, set.calendar.clone())));
            }
            OrganizationEvent::PoolOpened(opened) => {
                self.pools.insert(opened.pool, Pool { organization: id, members: BTreeMap::new() });
            }
            OrganizationEvent::PoolMemberAdded(added) => {
                if let Some(pool) = self.pools.get_mut(&added.pool) {
                    pool.members.insert(added.person, Period::since(at));
                }
            }
            OrganizationEvent::PoolMemberRemoved(removed) => {
                if let Some(period) =
                    self.pools.get_mut(&removed.pool).and_then(|pool| pool.members.get_mut(&removed.person))
                {
                    period.end();
                }
            }
        }
    }

    fn fold_person(&mut self, event: &PersonEvent) {
        match event {
            PersonEvent::Registered(registered) => {
                self.people.entry(registered.person).or_default();
            }
            PersonEvent::RoleGranted(granted) => {
                let roles = self.people.entry(granted.person).or_default();
                roles.retain(|held| (held.organization, held.role) != (granted.organization, granted.role));
                let period = Period { from: granted.from, until: granted.until };
                roles.push(RoleHeld { organization: granted.organization, role: granted.role, period });
            }
            PersonEvent::RoleEnded(ended) => {
                for held in self.people.entry(ended.person).or_default() {
                    if (held.organization, held.role) == (ended.organization, ended.role) {
                        held.period.end();
                    }
                }
            }
        }
    }

    fn fold_care_team(&mut self, event: &CareTeamEvent, at: DateTime<Utc>) {
        match event {
            CareTeamEvent::MemberAdded(added) => {
                let member =
                    Membership { role: added.role, organization: added.organization, period: Period::since(at) };
                self.care_teams.entry(added.patient).or_default().insert(added.person, member);
            }
            CareTeamEvent::MemberRemoved(removed) => {
                let team = self.care_teams.entry(removed.patient).or_default();
                if let Some(member) = team.get_mut(&removed.person) {
                    member.period.end();
                }
            }
        }
    }

    fn fold_thread(&mut self, id: ThreadId, event: &ThreadEvent) {
        if let ThreadEvent::Consultation(ConsultationEvent::Submitted(submitted)) = event {
            let facts = ThreadFacts {
                kind: ThreadKind::Consultation,
                patient: submitted.patient,
                requester: submitted.requester,
                requesting: submitted.organization,
                receiving: submitted.receiving,
                pool: submitted.pool,
                assignee: None,
                confidentiality: submitted.confidentiality,
                codes: submitted.sensitivities.iter().copied().collect(),
                released: false,
            };
            self.threads.insert(id, ThreadParties { facts, participants: BTreeMap::new() });
            return;
        }
        let Some(thread) = self.threads.get_mut(&id) else { return };
        match event {
            ThreadEvent::Conversation(ConversationEvent::ParticipantAdded(added)) => {
                thread.participants.insert(added.person, (added.role, added.organization));
            }
            ThreadEvent::Conversation(ConversationEvent::Claimed(claimed)) => thread.facts.assignee = Some(claimed.by),
            ThreadEvent::Consultation(ConsultationEvent::PatientInformed(_)) => thread.facts.released = true,
            ThreadEvent::Conversation(
                ConversationEvent::MessagePosted(_) | ConversationEvent::ReadMarked(_) | ConversationEvent::Closed(_),
            )
            | ThreadEvent::Consultation(
                ConsultationEvent::Submitted(_)
                | ConsultationEvent::Assigned(_)
                | ConsultationEvent::Advised(_)
                | ConsultationEvent::PlanRecorded(_)
                | ConsultationEvent::Surveyed(_),
            ) => {}
        }
    }

    /// Forgets what rests on a stream that cannot be read to its end: it may have lost a
    /// revocation, so it permits nothing.
    pub fn park(&mut self, stream: &str) {
        match Stream::parse(stream) {
            Ok(Stream::Thread(thread)) => {
                self.threads.remove(&thread);
            }
            Ok(Stream::CareTeam(patient)) => {
                self.care_teams.remove(&patient);
            }
            Ok(Stream::Patient(patient)) => {
                self.patients.remove(&patient);
            }
            Ok(Stream::Person(person)) => {
                self.people.insert(person, Vec::new());
            }
            Ok(Stream::Organization(organization)) => {
                self.organizations.remove(&organization);
                self.pools.retain(|_, pool| pool.organization != organization);
            }
            Ok(Stream::PolicyRoot) | Err(_) => {}
        }
        self.parked.insert(stream.to_owned());
    }

    /// Whether the person holds the role at the organization now.
    pub fn holds_role(&self, person: PersonId, organization: OrganizationId, role: Role, now: DateTime<Utc>) -> bool {
        self.active_roles(person, now).any(|held| held.organization == organization && held.role == role)
    }

    /// The roles that a person holds now.
    pub fn active_roles(&self, person: PersonId, now: DateTime<Utc>) -> impl Iterator<Item = &RoleHeld> {
        let active =
            move |held: &&RoleHeld| held.period.from <= now && held.period.until.is_none_or(|until| now < until);
        self.people.get(&person).into_iter().flatten().filter(active)
    }

    /// Whether the person is a physician of the pool now, who may answer for it.
    pub fn answers_for(&self, pool: PoolId, person: PersonId, now: DateTime<Utc>) -> bool {
        self.pools.get(&pool).is_some_and(|known| {
            known.members.get(&person).is_some_and(|period| period.until.is_none())
                && self.holds_role(person, known.organization, Role::Physician, now)
        })
    }

    /// Whether somebody administers the organization now. Asked only where an administrator acts.
    pub fn has_administrator(&self, organization: OrganizationId, now: DateTime<Utc>) -> bool {
        self.people.keys().any(|person| self.holds_role(*person, organization, Role::Administrator, now))
    }

    /// Whether nobody is on record yet, so that the installation may found what the first needs.
    pub fn is_empty(&self) -> bool {
        self.people.is_empty()
    }
}

/// The authorization state is in memory and has always folded what it is asked about: nothing can go wrong.
impl Facts for AuthorizationState {
    type Fault = std::convert::Infallible;

    fn thread(&self, thread: ThreadId) -> Result<Option<ThreadFacts>, Self::Fault> {
        Ok(self.threads.get(&thread).map(|thread| thread.facts))
    }

    fn patient(&self, patient: PatientId) -> Result<Option<PatientFacts>, Self::Fault> {
        Ok(self.patients.get(&patient).copied())
    }

    fn roles(&self, person: PersonId) -> Result<Vec<RoleHeld>, Self::Fault> {
        Ok(self.people.get(&person).cloned().unwrap_or_default())
    }

    fn participant(&self, thread: ThreadId, person: PersonId) -> Result<Option<(Role, OrganizationId)>, Self::Fault> {
        Ok(self.threads.get(&thread).and_then(|thread| thread.participants.get(&person)).copied())
    }

    fn care_team(&self, patient: PatientId, person: PersonId) -> Result<Option<Membership>, Self::Fault> {
        Ok(self.care_teams.get(&patient).and_then(|team| team.get(&person)).copied())
    }

    fn pool_member(&self, pool: PoolId, person: PersonId) -> Result<Option<Period>, Self::Fault> {
        Ok(self.pools.get(&pool).and_then(|pool| pool.members.get(&person)).copied())
    }
}

/// Unwraps what cannot fail.
pub(crate) fn certain<T>(result: Result<T, std::convert::Infallible>) -> T {
    match result {
        Ok(value) => value,
        Err(never) => match never {},
    }
}
