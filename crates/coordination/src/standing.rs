//! Standing: what a person is to a thread, a patient or an organization now.
//!
//! It is computed by one set of functions from [`Facts`], which the authorization state in memory and the
//! snapshot of the read models both give. A read needs both to agree; a command asks the authorization state.
//!
//! To add a standing: 1. add its word and rules to the policy; 2. give [`Facts`] what it rests
//! on, in the authorization state and snapshot; 3. push it in the functions below, and into [`ever_had_standing`] so that a
//! person who lost it is still answered when a command of theirs is repeated.

use care::ids::{OrganizationId, PatientId, PersonId, PoolId, ThreadId};
use care::words::{Confidentiality, Role, ThreadKind};
use chrono::{DateTime, Utc};
use policy::question::{CodeSet, Held};
use policy::words::Standing;

/// When something held: from, up to but not including until.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Period {
    pub from: DateTime<Utc>,
    pub until: Option<DateTime<Utc>>,
}

impl Period {
    pub fn since(from: DateTime<Utc>) -> Self {
        Self { from, until: None }
    }

    /// Ends it by somebody's word: it holds at no instant any more. A request whose clock is
    /// behind, or which began before and comes after, finds it ended all the same.
    pub fn end(&mut self) {
        self.until = Some(self.from);
    }

    fn holds(self, now: DateTime<Utc>) -> bool {
        self.from <= now && self.until.is_none_or(|until| now < until)
    }
}

/// A role that a person holds or held at an organization.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct RoleHeld {
    pub organization: OrganizationId,
    pub role: Role,
    pub period: Period,
}

/// A place on a care team, held now or before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Membership {
    pub role: Role,
    pub organization: OrganizationId,
    pub period: Period,
}

/// What decides who may about a patient.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PatientFacts {
    pub organization: OrganizationId,
    pub person: Option<PersonId>,
}

/// What decides who may about a thread.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ThreadFacts {
    pub kind: ThreadKind,
    pub patient: PatientId,
    pub requester: PersonId,
    pub requesting: OrganizationId,
    pub receiving: OrganizationId,
    pub pool: PoolId,
    pub assignee: Option<PersonId>,
    pub confidentiality: Confidentiality,
    pub codes: CodeSet,
    pub released: bool,
}

impl ThreadFacts {
    /// The facts as a question to the policy is asked about them.
    pub fn asked<'a>(&self, held: &'a [Held]) -> policy::question::Facts<'a> {
        let Self { kind, confidentiality, codes, released, .. } = *self;
        policy::question::Facts { kind: Some(kind), confidentiality, codes, released, held }
    }
}

/// Where the facts come from that standing is computed of.
pub(crate) trait Facts {
    /// What can go wrong in asking.
    type Fault;

    fn thread(&self, thread: ThreadId) -> Result<Option<ThreadFacts>, Self::Fault>;
    fn patient(&self, patient: PatientId) -> Result<Option<PatientFacts>, Self::Fault>;
    fn roles(&self, person: PersonId) -> Result<Vec<RoleHeld>, Self::Fault>;
    fn participant(&self, thread: ThreadId, person: PersonId) -> Result<Option<(Role, OrganizationId)>, Self::Fault>;
    fn care_team(&self, patient: PatientId, person: PersonId) -> Result<Option<Membership>, Self::Fault>;
    fn pool_member(&self, pool: PoolId, person: PersonId) -> Result<Option<Period>, Self::Fault>;
}

/// Everything that a person is now, gathered without duplicates.
struct Gathered {
    now: DateTime<Utc>,
    roles: Vec<RoleHeld>,
    held: Vec<Held>,
}

impl Gathered {
    fn new<F: Facts>(facts: &F, person: PersonId, now: DateTime<Utc>) -> Result<Self, F::Fault> {
        Ok(Self { now, roles: facts.roles(person)?, held: Vec::with_capacity(8) })
    }

    fn push(&mut self, standing: Standing, role: Role) {
        let held = Held { standing, role };
        if !self.held.contains(&held) {
            self.held.push(held);
        }
    }

    /// A standing counts with each role held now at the organization that it comes from.
    fn with_roles_at(&mut self, standing: Standing, organization: OrganizationId) {
        for index in 0..self.roles.len() {
            if let Some(held) = self.roles.get(index).copied()
                && held.organization == organization
                && held.period.holds(self.now)
            {
                self.push(standing, held.role);
            }
        }
    }

    /// A standing that was given to a person in one role counts while they hold that role.
    fn with_role(&mut self, standing: Standing, role: Role, organization: OrganizationId) {
        let now = self.now;
        let held = |held: &RoleHeld| held.organization == organization && held.role == role && held.period.holds(now);
        if self.roles.iter().any(held) {
            self.push(standing, role);
        }
    }

    fn done(mut self) -> Vec<Held> {
        self.held.sort_unstable();
        self.held
    }
}

/// What the person is to a thread now.
pub(crate) fn on_thread<F: Facts>(
    facts: &F,
    (id, thread): (ThreadId, &ThreadFacts),
    person: PersonId,
    now: DateTime<Utc>,
) -> Result<Vec<Held>, F::Fault> {
    let mut gathered = Gathered::new(facts, person, now)?;
    if facts.patient(thread.patient)?.is_some_and(|patient| patient.person == Some(person)) {
        gathered.push(Standing::Self_, Role::Person);
    }
    if thread.requester == person {
        gathered.with_roles_at(Standing::Requester, thread.requesting);
    }
    if thread.assignee == Some(person) {
        gathered.with_roles_at(Standing::Assignee, thread.receiving);
    }
    if let Some(member) = facts.care_team(thread.patient, person)?
        && member.period.holds(now)
    {
        // Only members of the care team are taken into a thread, and leaving the team ends both.
        if let Some((role, organization)) = facts.participant(id, person)? {
            gathered.with_role(Standing::Participant, role, organization);
        }
        gathered.with_role(Standing::CareTeam, member.role, member.organization);
    }
    if facts.pool_member(thread.pool, person)?.is_some_and(|period| period.holds(now)) {
        gathered.with_roles_at(Standing::PoolMember, thread.receiving);
    }
    gathered.with_roles_at(Standing::RequestingOrganization, thread.requesting);
    gathered.with_roles_at(Standing::ReceivingOrganization, thread.receiving);
    Ok(gathered.done())
}

/// Whether the person was ever something to a thread, by name or by a role that has ended: they
/// knew of it then, and a repeat of what they did is still answered. A role held now says nothing
/// here; the policy is asked about that one.
pub(crate) fn ever_had_standing<F: Facts>(
    facts: &F,
    (id, thread): (ThreadId, &ThreadFacts),
    person: PersonId,
    now: DateTime<Utc>,
) -> Result<bool, F::Fault> {
    let parties = [thread.requesting, thread.receiving];
    Ok(thread.requester == person
        || thread.assignee == Some(person)
        || facts.patient(thread.patient)?.is_some_and(|patient| patient.person == Some(person))
        || facts.participant(id, person)?.is_some()
        || facts.care_team(thread.patient, person)?.is_some()
        || facts.pool_member(thread.pool, person)?.is_some()
        || facts.roles(person)?.iter().any(|held| parties.contains(&held.organization) && !held.period.holds(now)))
}

/// What the person is to a patient now.
pub(crate) fn on_patient<F: Facts>(
    facts: &F,
    (id, patient): (PatientId, &PatientFacts),
    person: PersonId,
    now: DateTime<Utc>,
) -> Result<Vec<Held>, F::Fault> {
    let mut gathered = Gathered::new(facts, person, now)?;
    if patient.person == Some(person) {
        gathered.push(Standing::Self_, Role::Person);
    }
    if let Some(member) = facts.care_team(id, person)?
        && member.period.holds(now)
    {
        gathered.with_role(Standing::CareTeam, member.role, member.organization);
    }
    gathered.with_roles_at(Standing::Organization, patient.organization);
    Ok(gathered.done())
}

/// What the person is to an organization, and to whatever belongs to it alone, now.
pub(crate) fn on_organization<F: Facts>(
    facts: &F,
    organization: OrganizationId,
    person: PersonId,
    now: DateTime<Utc>,
) -> Result<Vec<Held>, F::Fault> {
    let mut gathered = Gathered::new(facts, person, now)?;
    gathered.with_roles_at(Standing::Organization, organization);
    Ok(gathered.done())
}

/// What the person is to the installation as a whole now: any role at any organization.
pub(crate) fn on_installation<F: Facts>(
    facts: &F,
    person: PersonId,
    now: DateTime<Utc>,
) -> Result<Vec<Held>, F::Fault> {
    let mut gathered = Gathered::new(facts, person, now)?;
    for held in facts.roles(person)? {
        gathered.with_roles_at(Standing::Installation, held.organization);
    }
    Ok(gathered.done())
}

/// What two sources agree on: a read needs its snapshot and the authorization state to say the same.
pub(crate) fn agreed(mut one: Vec<Held>, other: &[Held]) -> Vec<Held> {
    one.retain(|held| other.contains(held) || held.standing == Standing::Blocked);
    one
}
