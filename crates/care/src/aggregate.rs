//! The shape of every aggregate: commands in, events or a refusal out.
//!
//! `decide` takes state and command and returns events or a refusal; `evolve` applies an event and cannot fail. Both are
//! synchronous and pure. A decision gets information outside its own state from [`Lookups`], whose answers are in memory
//! and belong to one position of the log.

#[cfg(any(test, feature = "testing"))]
use chrono::Months;
use chrono::{DateTime, Duration, NaiveDate, Utc};

use crate::age::{AgeGates, AgeInstants};
use crate::calendar::{Calendar, CalendarInForce};
use crate::command_name::Command;
use crate::directive_terms::Terms;
use crate::envelope::Actor;
use crate::event::Event;
use crate::ids::{
    AuthorityId, CommandId, DelegationId, DraftId, OrganizationId, PatientId, PersonId, PoolId, ThreadId,
};
use crate::party::{Party, Place};
#[cfg(any(test, feature = "testing"))]
use crate::public_name::look_alike;
use crate::scope::{AuthorityLimits, Scope};
use crate::shown::Digest;
use crate::text::PersonalText;
use crate::time_zone::TimeZones;
use crate::words::{
    Audience, AuthorityGround, AuthorityKind, AuthorityState, Capacity, DelegationKind, DelegationState, OutsideWish,
    Role,
};
use uuid::Uuid;

/// One aggregate: the history of one stream, folded.
pub trait Aggregate: Clone + Send + Sync + 'static {
    /// Its commands.
    type Command: Command;
    /// Its events.
    type Event: Clone + Into<Event> + TryFrom<Event> + Send + Sync;
    /// Why a command is refused; each variant completes the sentence "refused because …".
    type Refusal: std::error::Error + Send + Sync;

    /// The state before the first event.
    fn initial() -> Self;

    /// Decides about `command`: returns the events to append, or none if the command changes nothing.
    ///
    /// # Errors
    /// The reason why the command is refused.
    fn decide(&self, command: &Self::Command, acting: &Acting<'_>) -> Result<Vec<Self::Event>, Self::Refusal>;

    /// The state after `event`.
    #[must_use]
    fn evolve(self, event: &Self::Event) -> Self;

    /// The id of the stream that a command begins; none for a command to a stream that is there.
    fn created_by(command: &Self::Command, id: CommandId) -> Option<Uuid>;

    /// Whether the event is a transition: a command that relied on the state before it is refused.
    fn is_transition(event: &Self::Event) -> bool;
}

/// Folds events onto the initial state.
pub fn folded<'a, A: Aggregate>(events: impl IntoIterator<Item = &'a A::Event>) -> A
where
    A::Event: 'a,
{
    events.into_iter().fold(A::initial(), A::evolve)
}

/// The context of a decision: the actor with role and capacity, the command, the time, and the lookups.
#[derive(Clone, Copy)]
pub struct Acting<'a> {
    /// Who acts.
    pub by: Actor,
    /// The role in which the policy permitted it.
    pub role: Role,
    /// The capacity in which the policy permitted it.
    pub capacity: Capacity,
    /// The command's id, from which the ids of what it creates follow.
    pub command: CommandId,
    /// The time, from the program's clock.
    pub now: DateTime<Utc>,
    /// Which messages of the thread the policy lets the actor read.
    pub readable: ReadableAudiences,
    /// The delegation under which a delegate acts; none for everybody else.
    pub grant: Option<DelegationId>,
    /// The thread that the command is to; none for one that begins it, and for what is no thread.
    pub thread: Option<ThreadId>,
    /// The lookups outside the aggregate.
    pub lookups: &'a dyn Lookups,
    /// The rules of time zones, as the program has them.
    pub time_zones: &'a TimeZones,
}

/// How far the clock of a client may be ahead of the program's.
pub const CLOCK_SKEW_MAX: Duration = Duration::minutes(2);

impl Acting<'_> {
    /// A time that the sender gives for something that has happened, at most now; none if it is in the future. A time that a
    /// client's clock explains is now.
    #[must_use]
    pub fn past(&self, at: DateTime<Utc>) -> Option<DateTime<Utc>> {
        (at <= self.now + CLOCK_SKEW_MAX).then(|| at.min(self.now))
    }

    /// The calendar by which an organization promises something now; none if it has none.
    #[must_use]
    pub fn calendar(&self, organization: OrganizationId) -> Option<CalendarInForce> {
        let (version, calendar) = self.lookups.calendar(organization)?;
        let zone = self.time_zones.zone(&calendar.zone)?;
        Some(CalendarInForce { calendar, version, zone })
    }

    /// When a patient reaches the ages that the organization set which keeps the record; none where the date of birth is
    /// not known to the day.
    #[must_use]
    pub fn age_instants(&self, patient: PatientId) -> Option<AgeInstants> {
        age_instants(patient, self.lookups.birth_date(patient)?, self.lookups, self.time_zones)
    }
}

/// When a patient who was born on the day reaches the ages that the organization set which keeps the record. Without a
/// calendar of the organization, midnight is that of Coordinated Universal Time. None where there is no such record.
#[must_use]
pub fn age_instants(
    patient: PatientId,
    born: NaiveDate,
    lookups: &dyn Lookups,
    time_zones: &TimeZones,
) -> Option<AgeInstants> {
    let keeper = lookups.record_keeper(patient)?;
    let own = lookups.calendar(keeper).and_then(|(_, calendar)| time_zones.zone(&calendar.zone));
    let zone = own.or_else(|| time_zones.zone("UTC"))?;
    lookups.age_gates(keeper).instants(born, &zone)
}

/// For each audience, the number of the first message that somebody may read, none where they may read none, and up to which
/// instant they read.
/// The policy says it: a decision treats what the actor may not read as it treats what is not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReadableAudiences {
    firsts: [Option<u32>; Audience::ALL.len()],
    until: Option<DateTime<Utc>>,
    is_of_team: bool,
}

impl ReadableAudiences {
    /// Nothing.
    pub const NONE: Self = Self { firsts: [None; Audience::ALL.len()], until: None, is_of_team: false };
    /// Every message, of whatever audience.
    pub const ALL: Self = Self { firsts: [Some(0); Audience::ALL.len()], until: None, is_of_team: true };

    /// Asks for each audience from which number on its messages may be read. Of those that the clinical team shares with
    /// one person, only the actor's own.
    pub fn of(first: impl Fn(Audience) -> Option<u32>) -> Self {
        let mut readable = Self::NONE;
        for (slot, audience) in readable.firsts.iter_mut().zip(Audience::ALL) {
            *slot = first(*audience);
        }
        readable
    }

    /// The same, of an actor who reads as one of the clinical team, or not.
    #[must_use]
    pub fn of_team(self, is_of_team: bool) -> Self {
        Self { is_of_team, ..self }
    }

    /// The same, of an actor who reads nothing that was posted after an instant; none: all that comes.
    #[must_use]
    pub fn until(self, until: Option<DateTime<Utc>>) -> Self {
        Self { until, ..self }
    }

    /// Whether the actor reads what the clinical team shares with whichever person.
    #[must_use]
    pub fn is_of_team(&self) -> bool {
        self.is_of_team
    }

    /// Whether the message of this number, posted at this instant, may be read if it is addressed to the audience.
    #[must_use]
    pub fn shows(&self, audience: Audience, number: u32, at: DateTime<Utc>) -> bool {
        let mut firsts = Audience::ALL.iter().zip(self.firsts);
        let is_before_end = self.until.is_none_or(|until| at <= until);
        is_before_end && firsts.any(|(each, first)| *each == audience && first.is_some_and(|first| first <= number))
    }
}

/// What a decision may look up outside its aggregate, as of [`Acting::now`].
///
/// To add a lookup: 1. a method here; 2. its answer in the authorization state, where the compiler
/// asks for it; 3. a field in [`Fixed`] for the tests.
pub trait Lookups: Sync {
    /// The pool; none if there is no such pool.
    fn pool(&self, pool: PoolId) -> Option<PoolFacts>;

    /// The calendar in force at an organization, with its version; none if it has none.
    fn calendar(&self, organization: OrganizationId) -> Option<(u32, Calendar)>;

    /// Whether the person is a member of the pool now, in whatever role.
    fn is_pool_member(&self, pool: PoolId, person: PersonId) -> bool;

    /// The roles that a person holds now.
    fn roles(&self, person: PersonId) -> Vec<Place>;

    /// The place of a person on the care team of a patient now, while they hold its role; none for who helps the patient and
    /// was not put there by somebody who knows it.
    fn care_team_place(&self, patient: PatientId, person: PersonId) -> Option<Place>;

    /// The organization that keeps the record of a patient.
    fn record_keeper(&self, patient: PatientId) -> Option<OrganizationId>;

    /// Whether the organization registered the person, or they have or had a role there.
    fn is_known_at(&self, person: PersonId, organization: OrganizationId) -> bool;

    /// Whether a record of the organization is linked to the person, or openly proposed to them, that is not `record`.
    fn has_other_record(&self, person: PersonId, organization: OrganizationId, record: Option<PatientId>) -> bool;

    /// The records whose name and date of birth could be those of the patient who is sought, as far as the sender may
    /// read them.
    fn patients_like(&self, sought: Sought<'_>) -> Vec<PatientId>;

    /// Whether the personal text that is in force is this one. A correction to what is so already is none.
    fn is_in_force(&self, of: PersonalTextOf, text: &PersonalText) -> bool;

    /// Whether there is any organization yet.
    fn is_any_organization(&self) -> bool;

    /// Whether there is an organization whose name a reader could take for this one.
    fn is_organization_like(&self, name: &str) -> bool;

    /// Whether the person is the patient.
    fn is_patient(&self, patient: PatientId, person: PersonId) -> bool;

    /// Whether the person is kept now from working on what is about the patient: by a directive of the patient, with a
    /// thread one about that thread, with its codes; or since they help the patient, and nobody who knows it put them on the
    /// care team.
    fn is_blocked(&self, patient: PatientId, person: PersonId, thread: Option<ThreadId>) -> bool;

    /// The open threads about the patient, of those that the sender may find, in which nobody could go on if everybody were
    /// blocked whom a deny of these terms is about.
    fn resting_on(&self, patient: PatientId, terms: &Terms) -> Vec<ThreadId>;

    /// Whether a rule of the policy in force asks for a permission of the patient that these terms could give. A person who
    /// is named is not looked up, so that nobody learns from it what they are.
    fn is_permittable(&self, terms: &Terms) -> bool;

    /// Whether somebody else holds the role at the organization now, without an end.
    fn is_held_by_another(&self, person: PersonId, place: Place) -> bool;

    /// The people who hold the role at the organization now.
    fn holders(&self, place: Place) -> Vec<PersonId>;

    /// Whether the organization has or ever had an administrator.
    fn had_administrator(&self, organization: OrganizationId) -> bool;

    /// Whether the organization has a pool, or an open thread that it owns or for which it was opened.
    fn has_work(&self, organization: OrganizationId) -> bool;

    /// Whether at least one person belongs to the party now who is not the patient, and whom the patient does not keep from
    /// the work; with a thread, from that on the thread, with its codes.
    fn is_anybody(&self, party: Party, patient: Option<PatientId>, thread: Option<ThreadId>) -> bool;

    /// What a thread is about; none if there is no such thread.
    fn thread(&self, thread: ThreadId) -> Option<ThreadAbout>;

    /// Whether the sender of the command may find the thread. What is hidden from them is found as little as what is missing.
    fn may_find(&self, thread: ThreadId) -> bool;

    /// When a patient died, as it is recorded; none while they live, and where the record was an error.
    fn patient_died(&self, patient: PatientId) -> Option<DateTime<Utc>>;

    /// The date of birth of a patient; none where it is not known to the day, or was erased.
    fn birth_date(&self, patient: PatientId) -> Option<NaiveDate>;

    /// The ages that an organization set, or those that hold where it set none.
    fn age_gates(&self, organization: OrganizationId) -> AgeGates;

    /// The delegations about a patient, of whatever state.
    fn delegations_of(&self, patient: PatientId) -> Vec<DelegationBrief>;

    /// A legal authority; none if there is no such one.
    fn authority(&self, authority: AuthorityId) -> Option<AuthorityBrief>;

    /// The delegation, about whatever patient, for which it was verified within the twelve months before the instant who
    /// the person is: the newest one with evidence of its own.
    fn evidence_of(&self, person: PersonId, at: DateTime<Utc>) -> Option<DelegationId>;

    /// What a scope would open of a patient now.
    fn what_would_open(&self, patient: PatientId, scope: &Scope) -> OpenedList;

    /// A hash of the list of who would see a thread as a delegate if it were not hidden from them, and what each could do.
    fn would_see(&self, thread: ThreadId) -> Digest;

    /// How many messages from outside with this wish a person has sent since an instant, whatever came of them.
    fn outside_messages_since(&self, person: PersonId, wish: OutsideWish, since: DateTime<Utc>) -> u32;

    /// Whether there is such an organization.
    fn is_organization(&self, organization: OrganizationId) -> bool;

    /// Whether a note protects the patient from the person.
    fn is_protected_from(&self, patient: PatientId, person: PersonId) -> bool;

    /// Whether a verified legal authority about the patient rests on their lack of capacity.
    fn lacks_capacity(&self, patient: PatientId) -> bool;

    /// Whether the person has sent the form of a draft, which then ends in a moment.
    fn is_draft_sent(&self, author: PersonId, draft: DraftId) -> bool;

    /// Whether the person holds the role at the organization now.
    fn holds_role(&self, person: PersonId, place: Place) -> bool {
        self.roles(person).contains(&place)
    }
}

/// The name and the date of birth of a patient, to be compared with those of other records.
#[derive(Debug, Clone, Copy)]
pub struct Sought<'a> {
    /// Among whose records is searched.
    pub organization: OrganizationId,
    /// The name; none for that of the record itself.
    pub name: Option<&'a PersonalText>,
    /// The date of birth; none for that of the record itself.
    pub birth_date: Option<&'a PersonalText>,
    /// The record itself, if there is one already.
    pub record: Option<PatientId>,
}

/// A personal text that can be corrected. Folding reads no text, so an aggregate cannot compare it with another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PersonalTextOf {
    /// The name of a person.
    PersonName(PersonId),
    /// The name of a patient.
    PatientName(PatientId),
    /// The date of birth of a patient.
    PatientBirthDate(PatientId),
}

/// A pool as a decision sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PoolFacts {
    /// The organization that it belongs to.
    pub organization: OrganizationId,
}

/// What a thread is about, as a decision outside it sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ThreadAbout {
    /// The patient; none if it is about none.
    pub patient: Option<PatientId>,
    /// The organization for which it was opened.
    pub organization: OrganizationId,
}

/// A delegation as another decision sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DelegationBrief {
    /// The delegation.
    pub delegation: DelegationId,
    /// The person; none while an invitation names nobody.
    pub person: Option<PersonId>,
    /// The kind.
    pub kind: DelegationKind,
    /// The state.
    pub state: DelegationState,
    /// What it reaches, or is to reach. Nothing for an offer.
    pub scope: Scope,
    /// When it ends; none for an offer.
    pub until: Option<DateTime<Utc>>,
}

impl DelegationBrief {
    /// Whether the person has accepted this kind of help, and it has not ended.
    #[must_use]
    pub fn is_accepted_by(&self, person: Option<PersonId>, kind: DelegationKind) -> bool {
        self.state.is_accepted() && person.is_some() && (self.person, self.kind) == (person, kind)
    }

    /// Whether the person has accepted to help at all, and it has not ended: then they have no access to the
    /// patient as staff, whether they have access already, still or not.
    #[must_use]
    pub fn is_of(&self, person: PersonId, now: DateTime<Utc>) -> bool {
        self.person == Some(person) && self.state.is_accepted() && self.until.is_none_or(|until| now < until)
    }
}

/// A legal authority as a delegation sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthorityBrief {
    /// The patient.
    pub patient: PatientId,
    /// Who has it.
    pub person: PersonId,
    /// The kind.
    pub kind: AuthorityKind,
    /// Why the patient needs somebody.
    pub ground: AuthorityGround,
    /// The state.
    pub state: AuthorityState,
    /// How far it goes; none until it was verified.
    pub limits: Option<AuthorityLimits>,
    /// From when it holds; none until it was verified.
    pub from: Option<DateTime<Utc>>,
    /// Until when it holds; none where it has no end.
    pub until: Option<DateTime<Utc>>,
}

impl AuthorityBrief {
    /// Whether it is in force at an instant: its state is verified, and its period has begun and is not over.
    #[must_use]
    pub fn is_in_force(&self, at: DateTime<Utc>) -> bool {
        let Self { state, from, until, .. } = *self;
        AuthorityForce { state, from, until }.holds_at(at)
    }
}

/// What decides whether a legal authority is in force.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AuthorityForce {
    /// Where it stands.
    pub state: AuthorityState,
    /// From when on it is in force; none before it was verified.
    pub from: Option<DateTime<Utc>>,
    /// Until when, the instant itself excluded; none: without an end.
    pub until: Option<DateTime<Utc>>,
}

impl AuthorityForce {
    /// Whether it is in force at an instant: see [`AuthorityBrief::is_in_force`].
    #[must_use]
    pub fn holds_at(self, at: DateTime<Utc>) -> bool {
        self.state == AuthorityState::Verified
            && self.from.is_some_and(|from| from <= at)
            && self.until.is_none_or(|until| at < until)
    }
}

/// What a scope would open of a patient.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenedList {
    /// A hash of all that would open, which changes when anything on the list does.
    pub version: Digest,
    /// The threads on it that look sensitive and are neither labelled nor hidden.
    pub sensitive: Vec<ThreadId>,
}

/// Lookups with given answers, for tests.
#[cfg(any(test, feature = "testing"))]
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

#[cfg(any(test, feature = "testing"))]
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

#[cfg(any(test, feature = "testing"))]
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

/// The given-when-then form of every scenario: past events, a command, and the expected events or refusal.
#[cfg(test)]
pub(crate) mod scenario {
    use super::{Acting, Aggregate, Fixed, folded};
    use crate::envelope::Actor;
    use crate::ids::{CommandId, Id};
    use crate::words::{Capacity, Role};
    use uuid::Uuid;

    /// The installation, on the day of every scenario.
    pub fn by_the_installation(lookups: &Fixed) -> Acting<'_> {
        Acting {
            by: Actor::Installation,
            role: Role::Service,
            capacity: Capacity::Installation,
            command: CommandId::from_uuid(Uuid::from_u128(900)),
            now: "2026-11-23T08:00:00Z".parse().expect("a time"),
            readable: super::ReadableAudiences::ALL,
            grant: None,
            thread: None,
            lookups,
            time_zones: &crate::clinic::TIME_ZONES,
        }
    }

    pub struct Given<A: Aggregate>(A);

    pub fn given<A: Aggregate>(events: &[A::Event]) -> Given<A> {
        Given(folded(events))
    }

    pub struct When<A: Aggregate>(Result<Vec<A::Event>, A::Refusal>);

    impl<A: Aggregate> Given<A> {
        pub fn when(&self, command: &A::Command, acting: &Acting<'_>) -> When<A> {
            When(self.0.decide(command, acting))
        }
    }

    impl<A: Aggregate> When<A>
    where
        A::Event: std::fmt::Debug + PartialEq,
        A::Refusal: PartialEq,
    {
        #[track_caller]
        pub fn then(self, events: &[A::Event]) {
            assert_eq!(self.0.expect("not refused"), events);
        }

        #[track_caller]
        pub fn then_refused(self, refusal: &A::Refusal) {
            assert_eq!(&self.0.expect_err("refused"), refusal);
        }

        #[track_caller]
        pub fn events(self) -> Vec<A::Event> {
            self.0.expect("not refused")
        }
    }
}
