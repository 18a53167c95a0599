//! What decides who may: one fold, kept in memory and, encoded, beside the read models.
//!
//! A concept is one file: its facts, its fold, the standings that follow from it, and who ever had
//! one. The state in memory and the snapshot hold the same structs folded by the same function, so
//! a revocation binds before the command that made it returns, and a read needs both to agree.
//!
//! To add a concept: 1. its file with an [`Entity`]; 2. its arm in [`fold`], where the compiler asks
//! for it; 3. its standings in [`standings`], and in [`ever_had_standing`], so that a person who
//! lost one is still answered when a command of theirs is repeated; 4. its line in [`entities!`]. A
//! new kind of thread needs none of it.

pub(crate) mod care_team;
pub(crate) mod entity;
pub(crate) mod index;
pub(crate) mod involvement;
pub(crate) mod lookups;
pub(crate) mod organization;
pub(crate) mod patient;
pub(crate) mod person;
pub(crate) mod thread;
pub(crate) mod timers;

use std::any::{Any, TypeId};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::convert::Infallible;

use care::aggregate::ReadableAudiences;
use care::care_team::CareTeamEvent;
use care::command_name::Command;
use care::conversation::{ConversationEvent, Opened, Party, Place};
use care::envelope::Actor;
use care::event::{Event, Stream};
use care::ids::{Id, OrganizationId, PatientId, PersonId, PoolId, ThreadId};
use care::lifecycle::ThreadKind;
use care::organization::OrganizationEvent;
use care::person::PersonEvent;
use care::policy_root::PolicyEvent;
use care::thread::ThreadEvent;
use care::words::{Confidentiality, Role};
use chrono::{DateTime, Utc};
use policy::authorized::Authorized;
use policy::decide::Viewer;
use policy::question::{CodeSet, ThingFacts};
use policy::reach::HeldStanding;
use policy::words::{Action, Read, Standing};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::fault::Problem;
use crate::recorded_event::RecordedEvent;
use care_team::CareTeamFacts;
use entity::Period;
pub(crate) use entity::{Entities, Entity};
use index::{Changes, Index, Mark};
use involvement::ThreadsAbout;
use organization::{OrganizationFacts, PoolHome};
use patient::PatientFacts;
use person::PersonFacts;
use thread::ThreadFacts;
use timers::ThreadTimers;

/// Folds one event into what decides who may.
pub(crate) fn fold<S: Entities>(store: &mut S, recorded: &RecordedEvent) -> Result<(), S::Fault> {
    let (id, at) = (recorded.stream.uuid(), recorded.metadata.recorded_at);
    match &recorded.event {
        // Messages and read receipts decide nothing, and are too many to write the facts anew for each.
        Event::Thread(ThreadEvent::Conversation(event)) if !event.can_change_turn() => Ok(()),
        Event::Thread(ThreadEvent::Conversation(event)) => {
            store.update(id, |this| ThreadFacts::fold(this, event, recorded.id, at))?;
            if let (ConversationEvent::Opened(Opened { patient: Some(patient), .. }), Stream::Thread(thread)) =
                (event, recorded.stream)
            {
                store.update(patient.uuid(), |this| ThreadsAbout::with(this, thread))?;
            }
            if let ConversationEvent::ParticipantAdded(added) = event {
                involvement::lapse_if_off_care_team(store, id, added.person, at)?;
            }
            store.update(id, |this| Some(ThreadTimers::fold(this, event, recorded.id)))
        }
        // What a lifecycle decides about who may, it says by events of the conversation.
        Event::Thread(ThreadEvent::Lifecycle(_)) => Ok(()),
        Event::Person(event) => {
            store.update(id, |this| PersonFacts::fold(this, event, at))?;
            match event {
                PersonEvent::RoleGranted(granted) if granted.role == Role::Administrator => {
                    store.update(granted.organization.uuid(), OrganizationFacts::with_administrator)
                }
                PersonEvent::RoleGranted(_) | PersonEvent::Registered(_) | PersonEvent::RoleEnded(_) => Ok(()),
            }
        }
        Event::Patient(event) => store.update(id, |this| PatientFacts::fold(this, event)),
        Event::CareTeam(event) => {
            store.update(id, |this| CareTeamFacts::fold(this, event, at))?;
            match event {
                CareTeamEvent::MemberRemoved(removed) => {
                    involvement::lapse_by_care_team(store, removed.patient, removed.person, at)
                }
                CareTeamEvent::MemberAdded(_) => Ok(()),
            }
        }
        Event::Organization(event) => {
            store.update(id, |this| OrganizationFacts::fold(this, event, at))?;
            match PoolHome::of(id, event) {
                Some((pool, home)) => store.put(pool.uuid(), Some(home)),
                None => Ok(()),
            }
        }
        Event::Policy(PolicyEvent::PolicyActivated(activated)) => {
            store.put(id, Some(PolicyInForce { version: activated.version.clone() }))
        }
    }
}

/// Forgets what rests on a stream that cannot be read to its end: it may have lost a revocation, so
/// it permits nothing.
pub(crate) fn park<S: Entities>(store: &mut S, stream: Stream) -> Result<(), S::Fault> {
    let id = stream.uuid();
    match stream {
        Stream::Thread(_) => {
            store.put::<ThreadTimers>(id, None)?;
            store.put::<ThreadFacts>(id, None)
        }
        Stream::CareTeam(_) => store.put::<CareTeamFacts>(id, None),
        Stream::Patient(_) => store.put::<PatientFacts>(id, None),
        // The person stays on record, without a role.
        Stream::Person(_) => store.put(id, Some(PersonFacts::default())),
        Stream::Organization(_) => {
            let pools: Vec<Uuid> = store
                .get::<OrganizationFacts>(id)?
                .map(|facts| facts.pools.keys().map(|pool| pool.uuid()).collect())
                .unwrap_or_default();
            for pool in pools {
                store.put::<PoolHome>(pool, None)?;
            }
            store.put::<OrganizationFacts>(id, None)
        }
        Stream::Policy(_) => Ok(()),
    }
}

/// The policy version in force; its text is read from the log when it changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PolicyInForce {
    pub version: String,
}

impl Entity for PolicyInForce {
    const TABLE: &'static str = "policy";
    const SHAPE: u32 = 1;
}

/// What a command or a question is about, as the policy is asked about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Subject {
    /// A thread that is there, or is not.
    Thread(ThreadId),
    /// A thread that is to be opened.
    Opening {
        kind: ThreadKind,
        patient: Option<PatientId>,
        organization: Option<OrganizationId>,
        confidentiality: Confidentiality,
        codes: CodeSet,
    },
    /// A patient, and the care team around them.
    Patient(PatientId),
    /// An organization, and what belongs to it alone.
    Organization(OrganizationId),
    /// The installation as a whole.
    Installation,
}

impl Subject {
    /// What a command to a stream is about; `creates` says that the command begins the stream.
    pub fn of<C: Command>(stream: Stream, creates: bool, command: &C) -> Self {
        if let Some((kind, opening)) = command.opens() {
            return Self::Opening {
                kind,
                patient: opening.patient,
                organization: opening.organization,
                confidentiality: opening.confidentiality,
                codes: opening.sensitivities.iter().copied().collect(),
            };
        }
        if let Some(organization) = command.at_organization() {
            return Self::Organization(organization);
        }
        match stream {
            Stream::Thread(thread) => Self::Thread(thread),
            Stream::CareTeam(patient) | Stream::Patient(patient) => Self::Patient(patient),
            Stream::Organization(organization) if !creates => Self::Organization(organization),
            // Roles are granted and ended at an organization; nothing else is done to a person.
            Stream::Organization(_) | Stream::Person(_) | Stream::Policy(_) => Self::Installation,
        }
    }

    /// The read by which somebody knows of it.
    fn found_by(&self) -> Read {
        match self {
            Self::Thread(_) => Read::ThreadFind,
            Self::Opening { .. } | Self::Patient(_) => Read::PatientRead,
            Self::Organization(_) | Self::Installation => Read::OrganizationRead,
        }
    }
}

/// What a person is to a subject now.
pub(crate) fn standings<S: Entities>(
    store: &S,
    subject: &Subject,
    person: PersonId,
    now: DateTime<Utc>,
) -> Result<Vec<HeldStanding>, S::Fault> {
    match subject {
        Subject::Thread(thread) => match store.get::<ThreadFacts>(thread.uuid())? {
            Some(facts) => thread::standings(store, *thread, &facts, person, now),
            None => Ok(Vec::new()),
        },
        Subject::Patient(patient) => patient::standings(store, *patient, person, now),
        Subject::Opening { patient: Some(patient), .. } => {
            involvement::standings_at_opening(store, *patient, person, now)
        }
        Subject::Organization(organization) => organization::standings(store, *organization, person, now),
        Subject::Opening { patient: None, organization, .. } => {
            person::standings_as_staff(store, *organization, person, now)
        }
        Subject::Installation => person::standings_anywhere(store, person, now),
    }
}

/// Whether a person ever was something to a subject, by name or by a role that has ended: they knew
/// of it then, and a repeat of what they did is still answered. It permits nothing.
pub(crate) fn ever_had_standing<S: Entities>(
    store: &S,
    subject: &Subject,
    person: PersonId,
    now: DateTime<Utc>,
) -> Result<bool, S::Fault> {
    match subject {
        Subject::Thread(thread) => match store.get::<ThreadFacts>(thread.uuid())? {
            Some(facts) => thread::ever_had_standing(store, &facts, person, now),
            None => Ok(false),
        },
        Subject::Patient(patient) | Subject::Opening { patient: Some(patient), .. } => {
            care_team::was_member(store, *patient, person)
        }
        Subject::Organization(organization)
        | Subject::Opening { patient: None, organization: Some(organization), .. } => {
            person::worked_at(store, *organization, person)
        }
        Subject::Opening { patient: None, organization: None, .. } | Subject::Installation => Ok(true),
    }
}

/// Makes the state in memory know every type of entity: the maps are made, read and compared alike.
macro_rules! entities {
    ($($entity:ty),+ $(,)?) => {
        /// Reads one stored entity into the state.
        pub(crate) fn load(state: &mut AuthorizationState, table: &str, id: Uuid, data: &[u8]) -> Result<(), serde_json::Error> {
            match table {
                $(<$entity as Entity>::TABLE => certain(state.put::<$entity>(id, Some(serde_json::from_slice(data)?))),)+
                // Another table is another read model's, as the folded threads are.
                _ => {}
            }
            Ok(())
        }

        /// The names and shapes of all entities, which the fingerprint of the read models includes.
        pub(crate) fn shapes() -> String {
            [$(format!("{} {}\n", <$entity as Entity>::TABLE, <$entity as Entity>::SHAPE)),+].concat()
        }

        impl PartialEq for AuthorizationState {
            fn eq(&self, other: &Self) -> bool {
                self.parked == other.parked
                    $(&& self.all::<$entity>().eq(other.all::<$entity>()))+
            }
        }
    };
}

entities! { ThreadFacts, ThreadTimers, PersonFacts, PatientFacts, ThreadsAbout, CareTeamFacts, OrganizationFacts, PoolHome, PolicyInForce }

/// The entities in memory: a map for each type.
#[derive(Default)]
pub(crate) struct AuthorizationState {
    /// How many events were folded that can change what anybody may do, without those of threads.
    pub authority: u64,
    /// What was folded since processes last looked.
    pub changes: Changes,
    tables: HashMap<TypeId, Box<dyn Any + Send + Sync>>,
    pub index: Index,
    /// Streams that could not be read to their end.
    pub parked: BTreeSet<String>,
}

impl AuthorizationState {
    /// Folds one event, unless its stream is parked.
    pub fn fold(&mut self, recorded: &RecordedEvent) {
        if self.parked.is_empty() || !self.parked.contains(&recorded.stream.to_string()) {
            certain(fold(self, recorded));
            self.note(recorded);
        }
    }

    /// Notes which threads an event touches.
    fn note(&mut self, recorded: &RecordedEvent) {
        let id = recorded.stream.uuid();
        let touched = match &recorded.event {
            Event::Thread(ThreadEvent::Conversation(event)) if !event.can_change_turn() => return,
            Event::Thread(_) => {
                self.changes.threads.insert(ThreadId::from_uuid(id));
                return;
            }
            Event::Person(_) => self.threads_resting_on(PersonId::from_uuid(id)),
            Event::Patient(_) | Event::CareTeam(_) => {
                self.threads_under(Mark::About(PatientId::from_uuid(id))).collect()
            }
            Event::Organization(OrganizationEvent::PoolMemberAdded(added)) => {
                self.threads_under(Mark::NamesPool(added.pool)).collect()
            }
            Event::Organization(OrganizationEvent::PoolMemberRemoved(removed)) => {
                self.threads_under(Mark::NamesPool(removed.pool)).collect()
            }
            Event::Organization(
                OrganizationEvent::Created(_) | OrganizationEvent::CalendarSet(_) | OrganizationEvent::PoolOpened(_),
            ) => BTreeSet::new(),
            Event::Policy(_) => {
                self.changes.everything = true;
                BTreeSet::new()
            }
        };
        self.changes.threads.extend(touched);
        self.authority = self.authority.wrapping_add(1);
    }

    fn threads_under(&self, mark: Mark) -> impl Iterator<Item = ThreadId> {
        self.index.under(mark).map(ThreadId::from_uuid)
    }

    /// The open threads on which somebody can go on or not as a person's roles are.
    pub fn threads_resting_on(&self, person: PersonId) -> BTreeSet<ThreadId> {
        let roles = self.entity::<PersonFacts>(person.uuid()).map_or(&[][..], |facts| &facts.roles);
        let places: BTreeSet<Place> = roles.iter().map(|held| held.place).collect();
        let organizations: BTreeSet<OrganizationId> = places.iter().map(|place| place.organization).collect();
        let facts = organizations.iter().filter_map(|id| self.entity::<OrganizationFacts>(id.uuid()));
        let pools = facts.flat_map(|facts| facts.pools.iter().filter(|(_, members)| members.contains_key(&person)));
        let marks = std::iter::once(Mark::Names(person))
            .chain(places.iter().map(|place| Mark::WaitsFor(*place)))
            .chain(pools.map(|(pool, _)| Mark::NamesPool(*pool)));
        marks.flat_map(|mark| self.threads_under(mark)).collect()
    }

    /// The open threads that an organization owns.
    pub fn threads_of(&self, organization: OrganizationId) -> impl Iterator<Item = (ThreadId, &ThreadFacts)> {
        self.threads_under(Mark::OwnedAt(organization)).filter_map(|id| Some((id, self.thread(id)?)))
    }

    /// The open threads.
    pub fn open_threads(&self) -> impl Iterator<Item = (ThreadId, &ThreadFacts)> {
        let open = self.all::<ThreadFacts>().filter(|(_, facts)| !facts.closed);
        open.map(|(id, facts)| (ThreadId::from_uuid(id), facts))
    }

    /// Whether a stream is parked: what is lacking of it says nothing.
    pub fn is_parked(&self, stream: Stream) -> bool {
        !self.parked.is_empty() && self.parked.contains(&stream.to_string())
    }

    /// Parks a stream by its name.
    pub fn park(&mut self, stream: &str) {
        if let Ok(stream) = Stream::parse(stream) {
            certain(park(self, stream));
        }
        self.parked.insert(stream.to_owned());
        self.changes.everything = true;
        self.authority = self.authority.wrapping_add(1);
    }

    fn table<E: Entity>(&self) -> Option<&BTreeMap<Uuid, E>> {
        self.tables.get(&TypeId::of::<E>())?.downcast_ref()
    }

    /// All entities of a type.
    pub fn all<E: Entity>(&self) -> impl Iterator<Item = (Uuid, &E)> {
        self.table::<E>().into_iter().flatten().map(|(id, entity)| (*id, entity))
    }

    /// The entity of an id, without a copy.
    pub fn entity<E: Entity>(&self, id: Uuid) -> Option<&E> {
        self.table::<E>()?.get(&id)
    }

    /// Whether a policy version is in force.
    pub fn has_policy(&self) -> bool {
        self.all::<PolicyInForce>().next().is_some()
    }

    /// Whether nobody is on record yet, so that the installation may create what the first needs.
    pub fn is_empty(&self) -> bool {
        self.all::<PersonFacts>().next().is_none()
    }

    /// The facts of a thread, as a question is asked about them.
    pub fn thread(&self, thread: ThreadId) -> Option<&ThreadFacts> {
        self.entity(thread.uuid())
    }

    /// What an actor is to a subject now.
    pub fn standings(&self, subject: &Subject, actor: Actor, now: DateTime<Utc>) -> Vec<HeldStanding> {
        let person = match actor {
            Actor::Person(person) => person,
            Actor::Process(_) => return vec![HeldStanding::full(Standing::Process, Role::Service)],
            // The installation acts while nobody is on record, and never afterwards.
            Actor::Installation if self.is_empty() => {
                return vec![HeldStanding::full(Standing::Installation, Role::Service)];
            }
            Actor::Installation => return Vec::new(),
        };
        let held = certain(standings(self, subject, person, now));
        match subject {
            Subject::Organization(organization) if self.stands_in(*organization, person, now) => {
                vec![HeldStanding::full(Standing::StandIn, Role::Administrator)]
            }
            Subject::Organization(_)
            | Subject::Thread(_)
            | Subject::Opening { .. }
            | Subject::Patient(_)
            | Subject::Installation => held,
        }
    }

    /// Until a new organization has an administrator of its own, those of the other organizations of
    /// this installation stand in: somebody has to grant its first role. One that ever had an
    /// administrator is nobody else's, whatever has become of that role.
    fn stands_in(&self, organization: OrganizationId, person: PersonId, now: DateTime<Utc>) -> bool {
        let administers = |facts: &PersonFacts| facts.places(now).any(|place| place.role == Role::Administrator);
        self.entity::<PersonFacts>(person.uuid()).is_some_and(administers)
            && self.entity::<OrganizationFacts>(organization.uuid()).is_some_and(|facts| !facts.had_administrator)
    }

    /// The organizations whose loose ends a person is to see to: those that they coordinate or administer.
    pub fn sees_to(&self, person: PersonId, now: DateTime<Utc>) -> BTreeSet<OrganizationId> {
        let Some(facts) = self.entity::<PersonFacts>(person.uuid()) else { return BTreeSet::new() };
        let leads = |place: &Place| place.role == Role::Coordinator || place.role == Role::Administrator;
        facts.places(now).filter(leads).map(|place| place.organization).collect()
    }

    /// The people who hold a role now.
    fn holders(&self, place: Place, now: DateTime<Utc>) -> impl Iterator<Item = PersonId> {
        let holds = move |id: &Uuid| self.entity::<PersonFacts>(*id).is_some_and(|facts| facts.holds(place, now));
        self.index.under(Mark::Granted(place)).filter(holds).map(PersonId::from_uuid)
    }

    /// The labels of a subject, with the standings held to it.
    pub fn facts<'a>(&self, subject: &Subject, held: &'a [HeldStanding]) -> ThingFacts<'a> {
        match subject {
            Subject::Thread(thread) => self.thread(*thread).map_or_else(nothing, |facts| facts.asked(held)),
            Subject::Opening { kind, confidentiality, codes, .. } => ThingFacts {
                kind: Some(*kind),
                confidentiality: *confidentiality,
                codes: *codes,
                released: false,
                held,
            },
            Subject::Patient(_) | Subject::Organization(_) | Subject::Installation => ThingFacts::unlabelled(held),
        }
    }

    fn finds(&self, viewer: &Viewer, subject: &Subject, facts: ThingFacts<'_>) -> bool {
        let facts = match subject {
            // A person knows the organizations that they work at, and that they work at none.
            Subject::Opening { patient: None, organization, .. } => {
                return organization.is_none() || !facts.held.is_empty();
            }
            // A patient and an organization are found whatever is to be done with them.
            Subject::Opening { .. } => ThingFacts::unlabelled(facts.held),
            Subject::Thread(_) | Subject::Patient(_) | Subject::Organization(_) | Subject::Installation => facts,
        };
        viewer.decide(&facts.asking(Action::Read(subject.found_by()), None)).is_some()
    }

    /// Whether the sender may learn of what a command is about, or knew of it once: else it is
    /// missing, and nothing more is done. A thing that is not there is asked about by the same
    /// questions.
    pub fn may_learn_of(&self, viewer: &Viewer, subject: &Subject, now: DateTime<Utc>) -> bool {
        let actor = viewer.identity().actor();
        let held = self.standings(subject, actor, now);
        let finds = self.finds(viewer, subject, self.facts(subject, &held));
        let exists = match subject {
            Subject::Organization(organization) => self.entity::<OrganizationFacts>(organization.uuid()).is_some(),
            Subject::Thread(_) | Subject::Opening { .. } | Subject::Patient(_) => true,
            Subject::Installation => return true,
        };
        let once = match actor {
            Actor::Person(person) => certain(ever_had_standing(self, subject, person, now)),
            Actor::Process(_) => !held.is_empty(),
            // It created the first organization and registered the first person; a repeat is answered.
            Actor::Installation => matches!(subject, Subject::Organization(_)),
        };
        exists && (finds || once)
    }

    /// Lets a command pass if its sender may give it by the standings held to its subject; forbidden is
    /// as missing, but to those who may know of the thing.
    pub fn authorize<'c, C: Command>(
        &self,
        viewer: &Viewer,
        subject: &Subject,
        held: &[HeldStanding],
        command: &'c C,
    ) -> Result<Authorized<'c, C>, Problem> {
        let facts = self.facts(subject, held);
        let finds = || match subject {
            Subject::Installation => true,
            Subject::Thread(_) | Subject::Opening { .. } | Subject::Patient(_) | Subject::Organization(_) => {
                self.finds(viewer, subject, facts)
            }
        };
        let denied = || if finds() { Problem::NotPermitted } else { Problem::NotFound };
        // Who may not find a thread hears nothing about what they named in it.
        if matches!(subject, Subject::Thread(_)) && !finds() {
            return Err(Problem::NotFound);
        }
        viewer.authorize(command, &facts).map_err(|_| denied())
    }

    /// The messages of a thread that the sender of a command may read; none elsewhere.
    pub fn readable(&self, viewer: &Viewer, subject: &Subject, held: &[HeldStanding]) -> ReadableAudiences {
        match subject {
            Subject::Thread(_) => {
                let readable = viewer.readable_messages(&self.facts(subject, held));
                ReadableAudiences::of(|audience| {
                    readable.reach(audience).map(|reach| reach.since.map_or(0, |since| since.number))
                })
            }
            Subject::Opening { .. } | Subject::Patient(_) | Subject::Organization(_) | Subject::Installation => {
                ReadableAudiences::NONE
            }
        }
    }

    /// The people who are a party now.
    pub fn people(&self, party: Party, now: DateTime<Utc>) -> Vec<PersonId> {
        match party {
            Party::Person(person) => vec![person],
            Party::Pool(pool) => self.pool_members(pool, now),
            Party::PoolCoordinator(pool) => {
                let Some(organization) = self.home(pool) else { return Vec::new() };
                let place = Place { role: Role::Coordinator, organization };
                let is = |person: &PersonId| {
                    self.entity::<PersonFacts>(person.uuid()).is_some_and(|facts| facts.holds(place, now))
                };
                self.pool_members(pool, now).into_iter().filter(is).collect()
            }
            Party::Role(place) => self.holders(place, now).collect(),
            Party::Patient(patient) => {
                self.entity::<PatientFacts>(patient.uuid()).and_then(|facts| facts.person).into_iter().collect()
            }
            Party::Nobody => Vec::new(),
        }
    }

    /// The organization of a pool.
    pub fn home(&self, pool: PoolId) -> Option<OrganizationId> {
        self.entity::<PoolHome>(pool.uuid()).map(|home| home.organization)
    }

    /// The members of a pool now, who hold a role at its organization.
    pub fn pool_members(&self, pool: PoolId, now: DateTime<Utc>) -> Vec<PersonId> {
        let home = self.home(pool).and_then(|home| Some((home, self.entity::<OrganizationFacts>(home.uuid())?)));
        let Some((organization, facts)) = home else { return Vec::new() };
        let members = facts.pools.get(&pool).into_iter().flatten().filter(|(_, period)| period.holds(now));
        let works = |person: &PersonId| {
            self.entity::<PersonFacts>(person.uuid())
                .is_some_and(|facts| facts.roles_at(organization, now).next().is_some())
        };
        members.map(|(person, _)| *person).filter(works).collect()
    }

    /// The pools that a person may work for: as a member, or as a coordinator of their organization.
    pub fn pools_of(&self, person: PersonId, now: DateTime<Utc>) -> Vec<PoolId> {
        let Some(facts) = self.entity::<PersonFacts>(person.uuid()) else { return Vec::new() };
        let of_organization = |(id, organization): (Uuid, &OrganizationFacts)| {
            let organization_id = OrganizationId::from_uuid(id);
            let coordinates = facts.holds(Place { role: Role::Coordinator, organization: organization_id }, now);
            let works = facts.roles_at(organization_id, now).next().is_some();
            let is_mine = |members: &BTreeMap<PersonId, Period>| {
                coordinates || works && members.get(&person).is_some_and(|period| period.holds(now))
            };
            let pools = organization.pools.iter().filter(|(_, members)| is_mine(members));
            pools.map(|(pool, _)| *pool).collect::<Vec<_>>()
        };
        self.all::<OrganizationFacts>().flat_map(of_organization).collect()
    }
}

/// The labels and standings of a thread that is not there: it is asked about like any other.
pub(crate) fn nothing<'a>() -> ThingFacts<'a> {
    ThingFacts {
        kind: ThreadKind::ALL.first().copied(),
        confidentiality: Confidentiality::Normal,
        codes: CodeSet::NONE,
        released: false,
        held: &[],
    }
}

impl Entities for AuthorizationState {
    type Fault = Infallible;

    fn get<E: Entity>(&self, id: Uuid) -> Result<Option<Cow<'_, E>>, Infallible> {
        Ok(self.entity(id).map(Cow::Borrowed))
    }

    fn put<E: Entity>(&mut self, id: Uuid, entity: Option<E>) -> Result<(), Infallible> {
        self.update(id, |_| entity)
    }

    fn update<E: Entity>(&mut self, id: Uuid, fold: impl FnOnce(Option<E>) -> Option<E>) -> Result<(), Infallible> {
        // Moved out and back in: a copy of a thread's facts for each of its messages would be waste.
        let table = self.tables.entry(TypeId::of::<E>()).or_insert_with(|| Box::new(BTreeMap::<Uuid, E>::new()));
        if let Some(table) = table.downcast_mut::<BTreeMap<Uuid, E>>() {
            let before = table.remove(&id);
            let marks = before.as_ref().map_or_else(Vec::new, E::marks);
            let after = fold(before);
            self.index.replace(id, marks, after.as_ref().map_or_else(Vec::new, E::marks));
            if let Some(after) = after {
                table.insert(id, after);
            }
        }
        Ok(())
    }
}

/// An answer of the state in memory, which cannot fail.
pub(crate) fn certain<T>(answer: Result<T, Infallible>) -> T {
    match answer {
        Ok(answer) => answer,
        Err(never) => match never {},
    }
}

/// What two sources agree on: a read needs its snapshot and the state in memory to say the same.
pub(crate) fn agreed(mut one: Vec<HeldStanding>, other: &[HeldStanding]) -> Vec<HeldStanding> {
    one.retain(|held| other.contains(held) || held.standing == Standing::Blocked);
    one
}

#[cfg(test)]
mod tests;
