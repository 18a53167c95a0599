//! The authorization state: all facts that authorization needs, folded in memory and, encoded, beside the read models.
//!
//! Each concept has one file: its facts, its fold, its standings, and the standings that persons once had. The state in
//! memory and the snapshot hold the same structs, folded by the same function. So a revocation is in force before its
//! command returns, and a read is permitted only if both agree.
//!
//! To add a concept: 1. its file with an [`Entity`]; 2. its arm in [`fold`], which the compiler requires; 3. its standings
//! in [`standings`], and in [`ever_had_standing`], so that a person who lost a standing still gets the answer to a
//! repeated command; 4. its line in [`entities!`]. A new kind of thread needs none of these steps.

pub(crate) mod ages;
pub(crate) mod agreed;
pub(crate) mod around_patient;
pub(crate) mod care_team;
pub(crate) mod concerned;
pub(crate) mod delegation;
mod delegations;
pub(crate) mod details;
mod directed;
pub(crate) mod directives;
pub(crate) mod draft;
pub(crate) mod entity;
pub(crate) mod hiding;
mod in_memory;
pub(crate) mod index;
pub(crate) mod involvement;
pub(crate) mod legal_authority;
pub(crate) mod lookups;
pub(crate) mod namesakes;
pub(crate) mod organization;
pub(crate) mod outside_message;
pub(crate) mod patient;
pub(crate) mod person;
mod pools;
pub(crate) mod preview;
pub(crate) mod readers;
mod scopes;
pub(crate) mod sending;
pub(crate) mod staff;
pub(crate) mod thread;
pub(crate) mod timers;
mod touched;

use std::any::{Any, TypeId};
use std::collections::{BTreeMap, BTreeSet, HashMap};

use care::aggregate::ReadableAudiences;
use care::care_team::CareTeamEvent;
use care::command_name::Command;
use care::conversation::{ConversationEvent, Opened, Place};
use care::draft::{DraftEvent, Form, opened_kind};
use care::envelope::Actor;
use care::event::{Event, Stream};
use care::ids::{AuthorityId, DelegationId, Id, OrganizationId, OutsideMessageId, PatientId, PersonId, ThreadId};
use care::key::{KeyDestroyed, KeyEvent};
use care::lifecycle::ThreadKind;
use care::party::FormSubject;
use care::person::PersonEvent;
use care::policy_root::PolicyEvent;
use care::thread::ThreadEvent;
use care::words::{Confidentiality, Role};
use chrono::{DateTime, Utc};
use journal::Position;
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
use delegation::{DelegationFacts, DelegationsOf, NewestMessage};
use details::{PatientDetails, PersonDetails};
use directives::DirectiveFacts;
use draft::DraftsOf;
pub(crate) use entity::{Entities, Entity, certain};
use index::{Changes, Index, Mark};
use involvement::ThreadsAbout;
use legal_authority::{AuthoritiesAbout, LegalAuthorityFacts};
use organization::{OrganizationFacts, PoolHome};
use outside_message::OutsideMessageFacts;
use patient::PatientFacts;
use person::PersonFacts;
use thread::ThreadFacts;
use timers::{AuthorityTimers, DelegationTimers, DirectiveTimers, ThreadTimers};

/// Folds one event into the authorization state.
pub(crate) fn fold<S: Entities>(store: &mut S, recorded: &RecordedEvent) -> Result<(), S::Fault> {
    let (id, at) = (recorded.stream.uuid(), recorded.metadata.recorded_at);
    if let (Some(draft), Some(author)) = (recorded.metadata.draft, recorded.metadata.actor.person()) {
        store.update(author.uuid(), |this| DraftsOf::with_sent(this, draft, recorded.id))?;
    }
    if let Event::Thread(ThreadEvent::Conversation(ConversationEvent::MessagePosted(posted))) = &recorded.event {
        store.put(id, Some(NewestMessage { number: posted.number }))?;
    }
    match &recorded.event {
        // Messages and read receipts do not affect authorization, and are too many to store the facts again for each.
        Event::Thread(ThreadEvent::Conversation(event)) if !event.can_change_who_may() => Ok(()),
        Event::Thread(ThreadEvent::Conversation(event)) => {
            store.update(id, |this| ThreadFacts::fold(this, event, recorded.id, at))?;
            if let (ConversationEvent::Opened(Opened { patient: Some(patient), .. }), Stream::Thread(thread)) =
                (event, recorded.stream)
            {
                store.update(patient.uuid(), |this| ThreadsAbout::with(this, thread))?;
            }
            if let ConversationEvent::Opened(_) | ConversationEvent::Reopened(_) = event {
                thread::know_of_death(store, id)?;
            }
            if let ConversationEvent::ParticipantAdded(added) = event {
                involvement::lapse_if_off_care_team(store, id, added.person, at)?;
            }
            store.update(id, |this| Some(ThreadTimers::fold(this, event, recorded.id)))
        }
        // A lifecycle affects authorization only by events of the conversation.
        Event::Thread(ThreadEvent::Lifecycle(_)) => Ok(()),
        Event::Person(event) => {
            store.update(id, |this| PersonFacts::fold(this, event, at))?;
            store.update(id, |this| PersonDetails::fold(this, event, recorded.id))?;
            match event {
                PersonEvent::RoleGranted(granted) if granted.role == Role::Administrator => {
                    store.update(granted.organization.uuid(), OrganizationFacts::with_administrator)
                }
                PersonEvent::RoleGranted(_)
                | PersonEvent::RoleProposed(_)
                | PersonEvent::RoleDeclined(_)
                | PersonEvent::Registered(_)
                | PersonEvent::RoleEnded(_)
                | PersonEvent::NameCorrected(_) => Ok(()),
            }
        }
        Event::Patient(event) => {
            store.update(id, |this| PatientFacts::fold(this, event))?;
            store.update(id, |this| PatientDetails::fold(this, event, recorded.id))
        }
        Event::CareTeam(event) => {
            store.update(id, |this| CareTeamFacts::fold(this, event, at))?;
            match event {
                CareTeamEvent::MemberRemoved(removed) => {
                    involvement::lapse_by_care_team(store, removed.patient, removed.person, at)
                }
                CareTeamEvent::MemberAdded(_)
                | CareTeamEvent::MemberJoined(_)
                | CareTeamEvent::MemberAsked(_)
                | CareTeamEvent::MemberDeclined(_)
                | CareTeamEvent::ConflictRecorded(_) => Ok(()),
            }
        }
        Event::Directives(event) => directives::fold(store, id, event, recorded.id),
        Event::Delegation(event) => {
            delegations::fold(store, id, &delegation::Folded { event, id: recorded.id, at })?;
            store.update(id, |this| Some(DelegationTimers::fold(this, event)))
        }
        Event::LegalAuthority(event) => {
            legal_authority::fold(store, id, event)?;
            store.update(id, |this| Some(AuthorityTimers::fold(this, event, recorded.id)))
        }
        Event::OutsideMessage(event) => store.update(id, |this| OutsideMessageFacts::fold(this, event, recorded.id)),
        Event::Organization(event) => {
            store.update(id, |this| OrganizationFacts::fold(this, event, at))?;
            match PoolHome::of(id, event) {
                Some((pool, home)) => store.put(pool.uuid(), Some(home)),
                None => Ok(()),
            }
        }
        Event::Key(KeyEvent::KeyDestroyed(KeyDestroyed {})) => match recorded.stream {
            Stream::Patient(_) => store.update(id, PatientFacts::erased),
            Stream::Thread(_)
            | Stream::Person(_)
            | Stream::CareTeam(_)
            | Stream::Directives(_)
            | Stream::Delegation(_)
            | Stream::LegalAuthority(_)
            | Stream::OutsideMessage(_)
            | Stream::Organization(_)
            | Stream::Drafts(_)
            | Stream::Policy(_) => Ok(()),
        },
        // Only the first save says anything new.
        Event::Drafts(DraftEvent::Saved(saved)) if saved.number > 1 => Ok(()),
        Event::Drafts(event) => store.update(id, |this| DraftsOf::fold(this, event)),
        Event::Accepted(_) => Ok(()),
        Event::Policy(PolicyEvent::PolicyActivated(activated)) => {
            store.put(id, Some(PolicyInForce { version: activated.version.clone() }))
        }
    }
}

/// Removes the facts of a stream that cannot be read completely: a revocation may be missing, so the stream permits
/// nothing.
pub(crate) fn park<S: Entities>(store: &mut S, stream: Stream) -> Result<(), S::Fault> {
    let id = stream.uuid();
    match stream {
        Stream::Thread(_) => {
            store.put::<ThreadTimers>(id, None)?;
            store.put::<ThreadFacts>(id, None)
        }
        Stream::CareTeam(_) => store.put::<CareTeamFacts>(id, None),
        // Who is blocked is not known any more.
        Stream::Directives(_) => directives::park(store, id),
        // The delegation gives nothing any more, and no delegation rests on the authority.
        Stream::Delegation(_) => {
            store.put::<DelegationTimers>(id, None)?;
            store.put::<DelegationFacts>(id, None)
        }
        Stream::LegalAuthority(_) => {
            store.put::<AuthorityTimers>(id, None)?;
            store.put::<LegalAuthorityFacts>(id, None)
        }
        Stream::Patient(_) => {
            store.put::<PatientDetails>(id, None)?;
            store.put::<PatientFacts>(id, None)
        }
        // The person stays registered, without a role.
        Stream::Person(_) => {
            store.put::<PersonDetails>(id, None)?;
            store.put(id, Some(PersonFacts::default()))
        }
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
        Stream::OutsideMessage(_) => store.put::<OutsideMessageFacts>(id, None),
        Stream::Drafts(_) => store.put::<DraftsOf>(id, None),
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

/// What a command or a question to the policy is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Subject {
    /// A thread, existing or missing.
    Thread(ThreadId),
    /// A new thread.
    Opening {
        kind: ThreadKind,
        patient: Option<PatientId>,
        organization: Option<OrganizationId>,
        confidentiality: Confidentiality,
        codes: CodeSet,
    },
    /// A patient, with their care team.
    Patient(PatientId),
    /// A delegation.
    Delegation(DelegationId),
    /// A legal authority.
    LegalAuthority(AuthorityId),
    /// A message from outside.
    OutsideMessage(OutsideMessageId),
    /// A message from outside that is to be sent: every person who is registered may write one.
    NewOutsideMessage,
    /// An organization, with its pools and its calendar.
    Organization(OrganizationId),
    /// The drafts of a person, and the form whose text is to be saved.
    Drafts { author: PersonId, form: Option<Form> },
    /// The installation as a whole.
    Installation,
}

impl Subject {
    /// The subject of a command to a stream; `creates` says that the command creates the stream.
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
        if let Some(patient) = command.at_patient().filter(|_| creates) {
            return Self::Patient(patient);
        }
        match stream {
            Stream::Thread(thread) => Self::Thread(thread),
            Stream::CareTeam(patient) | Stream::Patient(patient) | Stream::Directives(patient) => {
                Self::Patient(patient)
            }
            Stream::Delegation(delegation) => Self::Delegation(delegation),
            Stream::LegalAuthority(authority) => Self::LegalAuthority(authority),
            Stream::OutsideMessage(_) if creates => Self::NewOutsideMessage,
            Stream::OutsideMessage(message) => Self::OutsideMessage(message),
            Stream::Drafts(author) => {
                let form = command.form().map(|(command, subject)| Form { command, subject });
                Self::Drafts { author, form }
            }
            Stream::Organization(organization) if !creates => Self::Organization(organization),
            // Roles are granted and ended at an organization; nothing else is done to a person.
            Stream::Organization(_) | Stream::Person(_) | Stream::Policy(_) => Self::Installation,
        }
    }

    /// What the command of a form is given to.
    pub fn of_form(form: Form) -> Self {
        let opening = |kind, patient, organization| Self::Opening {
            kind,
            patient,
            organization,
            confidentiality: Confidentiality::Normal,
            codes: CodeSet::NONE,
        };
        match (form.subject, opened_kind(form.command)) {
            (FormSubject::Thread(thread), _) => Self::Thread(thread),
            (FormSubject::Patient(patient), Some(kind)) => opening(kind, Some(patient), None),
            (FormSubject::Organization(organization), Some(kind)) => opening(kind, None, Some(organization)),
            // The form of a command that opens nothing is about a thread, so this is none, and is missing.
            (FormSubject::Patient(_) | FormSubject::Organization(_), None) => {
                Self::Thread(ThreadId::from_uuid(Uuid::nil()))
            }
        }
    }

    /// The same without the codes that a thread is to have: what somebody may find does not depend on what they choose.
    fn without_codes(&self) -> Self {
        let mut same = self.clone();
        if let Self::Opening { codes, .. } = &mut same {
            *codes = CodeSet::NONE;
        }
        same
    }

    /// The reads of which each lets a person find it.
    fn found_by(&self) -> &'static [Read] {
        match self {
            Self::Thread(_) => &[Read::ThreadFind],
            Self::Opening { .. } => &[Read::PatientRead],
            // Who is asked whether the record is theirs, or to its care team, knows that it exists, and not whose it is; so
            // does who oversees its delegations. Who asks about the patient in a consultation writes down their word.
            Self::Patient(_) => &[
                Read::PatientRead,
                Read::PatientReadProposal,
                Read::CareTeamReadQuestion,
                Read::DelegationRead,
                Read::ConsentDirectiveReadRecorded,
            ],
            Self::Delegation(_) => &[Read::DelegationRead, Read::DelegationReadOwn, Read::DelegationReadInvitation],
            Self::LegalAuthority(_) => &[Read::LegalAuthorityRead],
            Self::OutsideMessage(_) => &[Read::OutsideMessageRead],
            Self::NewOutsideMessage => &[Read::OutsideMessageReadPlaces],
            Self::Drafts { .. } => &[Read::DraftRead],
            Self::Organization(_) | Self::Installation => &[Read::OrganizationRead],
        }
    }
}

/// Who sends a command, with what they are to its subject at an instant.
#[derive(Clone, Copy)]
pub(crate) struct Sender<'a> {
    pub viewer: &'a Viewer,
    pub held: &'a [HeldStanding],
    pub now: DateTime<Utc>,
}

/// The standings of a person to a subject now.
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
        Subject::Patient(patient) => involvement::standings_to_patient(store, *patient, person, now),
        Subject::Delegation(id) => delegation::standings(store, *id, person, now),
        Subject::LegalAuthority(id) => around_patient::standings_to_authority(store, *id, person, now),
        Subject::OutsideMessage(id) => outside_message::standings(store, *id, person, now),
        Subject::NewOutsideMessage => outside_message::standings_of_sender(store, person),
        Subject::Opening { patient: Some(patient), codes, .. } => {
            involvement::standings_at_opening(store, *patient, *codes, person, now)
        }
        Subject::Organization(organization) => organization::standings(store, *organization, person, now),
        Subject::Opening { patient: None, organization, .. } => {
            person::standings_as_staff(store, *organization, person, now)
        }
        Subject::Drafts { author, form: _ } => draft::standings(store, *author, person, now),
        Subject::Installation => person::standings_anywhere(store, person, now),
    }
}

/// Whether a person ever had a standing to a subject, by name or by a role that has ended: then they knew of it, and a
/// repeat of their command is still answered. It permits nothing.
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
        // A person who is blocked, or lost access as staff by helping the patient, is told nothing of what they did before.
        Subject::Patient(patient) | Subject::Opening { patient: Some(patient), .. }
            if delegation::forgets(store, *patient, person, CodeSet::NONE, now)? =>
        {
            Ok(false)
        }
        Subject::Patient(patient) => Ok(care_team::was_member(store, *patient, person)?
            || care_team::was_asked(store, *patient, person)?
            || patient::was_asked(store, *patient, person)?),
        Subject::Opening { patient: Some(patient), .. } => care_team::was_member(store, *patient, person),
        Subject::Organization(organization)
        | Subject::Opening { patient: None, organization: Some(organization), .. } => {
            person::worked_at(store, *organization, person)
        }
        Subject::Delegation(id) => delegation::ever_had_standing(store, *id, person, now),
        // Who no longer finds it is told nothing of it.
        Subject::LegalAuthority(_) | Subject::OutsideMessage(_) | Subject::NewOutsideMessage => Ok(false),
        // Nobody loses their own drafts.
        Subject::Drafts { .. } => Ok(false),
        Subject::Opening { patient: None, organization: None, .. } | Subject::Installation => Ok(true),
    }
}

/// Lists the types of entities for the state in memory, so that all maps are created, read and compared in the same way.
macro_rules! entities {
    ($($entity:ty),+ $(,)?) => {
        /// Reads one stored entity into the state.
        pub(crate) fn load(state: &mut AuthorizationState, table: &str, id: Uuid, data: &[u8]) -> Result<(), serde_json::Error> {
            match table {
                $(<$entity as Entity>::TABLE => certain(state.put::<$entity>(id, Some(serde_json::from_slice(data)?))),)+
                // The entity belongs to another read model, such as the folded threads.
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

entities! { ThreadFacts, OutsideMessageFacts, ThreadTimers, PersonFacts, PersonDetails, PatientFacts, PatientDetails, ThreadsAbout, CareTeamFacts, DirectiveFacts, DirectiveTimers, DelegationFacts, DelegationsOf, DelegationTimers, NewestMessage, LegalAuthorityFacts, AuthoritiesAbout, AuthorityTimers, OrganizationFacts, PoolHome, DraftsOf, PolicyInForce }

/// An entity in memory.
struct Kept<E> {
    entity: E,
    /// The event that changed it last; none if it is as it was loaded.
    changed_at: Option<Position>,
}

/// An entity at a position of the log, as far as memory knows it.
pub(crate) enum EntityAt<'a, E> {
    /// It was this, or there was none.
    Known(Option<&'a E>),
    /// Memory knows only what it is now.
    Unknown,
}

/// The entities in memory: a map for each type.
#[derive(Default)]
pub(crate) struct AuthorizationState {
    /// The last event folded; none before the first.
    pub at: Option<Position>,
    /// The newest instant at which an event was recorded; none before the first.
    pub newest: Option<DateTime<Utc>>,
    /// How many events that can change authorization were folded, except those of threads.
    pub authority: u64,
    /// The changes since the last round of processes.
    pub changes: Changes,
    tables: HashMap<TypeId, Box<dyn Any + Send + Sync>>,
    pub index: Index,
    pub ages: ages::Ages,
    /// Streams that could not be read completely.
    pub parked: BTreeSet<String>,
}

impl AuthorizationState {
    /// Folds one event, unless its stream is parked.
    pub fn fold(&mut self, recorded: &RecordedEvent) {
        self.at = Some(recorded.position);
        self.newest = self.newest.max(Some(recorded.metadata.recorded_at));
        if self.parked.is_empty() || !self.parked.contains(&recorded.stream.to_string()) {
            certain(fold(self, recorded));
            self.note(recorded);
        }
    }

    /// Whether a stream is parked: then a missing fact proves nothing.
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

    fn table<E: Entity>(&self) -> Option<&BTreeMap<Uuid, Kept<E>>> {
        self.tables.get(&TypeId::of::<E>())?.downcast_ref()
    }

    /// All entities of a type.
    pub fn all<E: Entity>(&self) -> impl Iterator<Item = (Uuid, &E)> {
        self.table::<E>().into_iter().flatten().map(|(id, kept)| (*id, &kept.entity))
    }

    /// The entity with an id, by reference.
    pub fn entity<E: Entity>(&self, id: Uuid) -> Option<&E> {
        self.table::<E>()?.get(&id).map(|kept| &kept.entity)
    }

    /// The entity of an id as it was when the log had been folded up to a position; `Unknown` if it has
    /// changed since, or if that cannot be said. An entity goes away only when its stream is parked, so
    /// what is missing now was missing then.
    pub fn entity_at<E: Entity>(&self, id: Uuid, position: Option<Position>) -> EntityAt<'_, E> {
        if self.at < position || !self.parked.is_empty() {
            return EntityAt::Unknown;
        }
        match self.table::<E>().and_then(|table| table.get(&id)) {
            Some(kept) if kept.changed_at > position => EntityAt::Unknown,
            kept => EntityAt::Known(kept.map(|kept| &kept.entity)),
        }
    }

    /// Whether a policy version is in force.
    pub fn has_policy(&self) -> bool {
        self.all::<PolicyInForce>().next().is_some()
    }

    /// Whether no person is registered yet, so that the installation may register the first.
    pub fn is_empty(&self) -> bool {
        self.all::<PersonFacts>().next().is_none()
    }

    /// The facts of a thread, for questions to the policy.
    pub fn thread(&self, thread: ThreadId) -> Option<&ThreadFacts> {
        self.entity(thread.uuid())
    }

    /// The standings of an actor to a subject now.
    pub fn standings(&self, subject: &Subject, actor: Actor, now: DateTime<Utc>) -> Vec<HeldStanding> {
        let person = match actor {
            Actor::Person(person) => person,
            Actor::Process(_) => return vec![HeldStanding::full(Standing::Process, Role::Service)],
            // The installation acts until a person is registered, and never afterwards.
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
            | Subject::Delegation(_)
            | Subject::LegalAuthority(_)
            | Subject::OutsideMessage(_)
            | Subject::NewOutsideMessage
            | Subject::Drafts { .. }
            | Subject::Installation => held,
        }
    }

    /// Until a new organization has its own administrator, the administrators of the other organizations of this
    /// installation stand in for them, since somebody has to grant its first role. After it has had an administrator
    /// once, nobody stands in any more, even if that role has ended.
    fn stands_in(&self, organization: OrganizationId, person: PersonId, now: DateTime<Utc>) -> bool {
        let administers = |facts: &PersonFacts| facts.places(now).any(|place| place.role == Role::Administrator);
        self.entity::<PersonFacts>(person.uuid()).is_some_and(administers)
            && self.entity::<OrganizationFacts>(organization.uuid()).is_some_and(|facts| !facts.had_administrator)
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
            Subject::Patient(_)
            | Subject::Delegation(_)
            | Subject::LegalAuthority(_)
            | Subject::OutsideMessage(_)
            | Subject::NewOutsideMessage
            | Subject::Organization(_)
            | Subject::Drafts { .. }
            | Subject::Installation => ThingFacts::unlabelled(held),
        }
    }

    pub fn finds(&self, viewer: &Viewer, subject: &Subject, facts: ThingFacts<'_>) -> bool {
        let facts = match subject {
            // A person may find the organizations that they work at, and learn that they work at none.
            Subject::Opening { patient: None, organization, .. } => {
                return organization.is_none() || !facts.held.is_empty();
            }
            // A patient or an organization is found by the same read for every action.
            Subject::Opening { .. } => ThingFacts::unlabelled(facts.held),
            Subject::Thread(_)
            | Subject::Patient(_)
            | Subject::Delegation(_)
            | Subject::LegalAuthority(_)
            | Subject::OutsideMessage(_)
            | Subject::NewOutsideMessage
            | Subject::Organization(_)
            | Subject::Drafts { .. }
            | Subject::Installation => facts,
        };
        subject.found_by().iter().any(|read| viewer.decide(&facts.asking(Action::Read(*read), None)).is_some())
    }

    /// Whether a person may find a subject now.
    pub fn may_find(&self, viewer: &Viewer, subject: &Subject, now: DateTime<Utc>) -> bool {
        let subject = &subject.without_codes();
        let held = self.standings(subject, viewer.identity().actor(), now);
        self.finds(viewer, subject, self.facts(subject, &held))
    }

    /// Whether the sender may find the subject of a command, or once could: otherwise it counts as missing, and nothing
    /// more is done. The same questions are asked about a missing subject.
    pub fn may_learn_of(&self, viewer: &Viewer, subject: &Subject, now: DateTime<Utc>) -> bool {
        let actor = viewer.identity().actor();
        let finds = self.may_find(viewer, subject, now);
        let exists = match subject {
            Subject::Organization(organization) => self.entity::<OrganizationFacts>(organization.uuid()).is_some(),
            Subject::Thread(_)
            | Subject::Opening { .. }
            | Subject::Patient(_)
            | Subject::Delegation(_)
            | Subject::LegalAuthority(_)
            | Subject::OutsideMessage(_)
            | Subject::NewOutsideMessage => true,
            Subject::Drafts { author: _, form } => {
                form.is_none_or(|form| self.may_learn_of(viewer, &Subject::of_form(form), now))
            }
            Subject::Installation => return true,
        };
        let once = match actor {
            Actor::Person(person) => certain(ever_had_standing(self, subject, person, now)),
            Actor::Process(_) => !self.standings(subject, actor, now).is_empty(),
            // It created the first organization and registered the first person, so a repeat is answered.
            Actor::Installation => matches!(subject, Subject::Organization(_)),
        };
        exists && (finds || once)
    }

    /// Authorizes a command by the sender's standings to its subject. A forbidden command looks like one to a missing
    /// subject, unless the sender may find the subject.
    pub fn authorize<'c, C: Command>(
        &self,
        sender: Sender<'_>,
        subject: &Subject,
        command: &'c C,
    ) -> Result<Authorized<'c, C>, Problem> {
        let Sender { viewer, held, now } = sender;
        let facts = self.facts(subject, held);
        let finds = || match subject {
            Subject::Installation => true,
            // An invitation that names nobody is for everybody who has its code, and tells nobody else that it is there.
            Subject::Delegation(_) => [Read::DelegationRead, Read::DelegationReadOwn]
                .iter()
                .any(|read| viewer.decide(&facts.asking(Action::Read(*read), None)).is_some()),
            Subject::Opening { .. } => self.may_find(viewer, subject, now),
            Subject::Thread(_)
            | Subject::Patient(_)
            | Subject::LegalAuthority(_)
            | Subject::OutsideMessage(_)
            | Subject::NewOutsideMessage
            | Subject::Organization(_)
            | Subject::Drafts { .. } => self.finds(viewer, subject, facts),
        };
        let denied = || if finds() { Problem::NotPermitted } else { Problem::NotFound };
        // A person who may not find a thread learns nothing about other objects that the command names.
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
                let of_audience = ReadableAudiences::of(|audience| {
                    readable.reach(audience).map(|reach| reach.since.map_or(0, |since| since.number))
                });
                // Where they differ, the earliest: nobody acts on what they may not read.
                let until = readable.audiences().filter_map(|(_, reach)| reach.until).min();
                of_audience.until(until).of_team(readable.is_of_team())
            }
            Subject::Opening { .. }
            | Subject::Patient(_)
            | Subject::Delegation(_)
            | Subject::LegalAuthority(_)
            | Subject::OutsideMessage(_)
            | Subject::NewOutsideMessage
            | Subject::Organization(_)
            | Subject::Drafts { .. }
            | Subject::Installation => ReadableAudiences::NONE,
        }
    }
}

/// The labels and standings of a missing thread, so that the same questions are asked about it.
pub(crate) fn nothing<'a>() -> ThingFacts<'a> {
    ThingFacts {
        kind: ThreadKind::ALL.first().copied(),
        confidentiality: Confidentiality::Normal,
        codes: CodeSet::NONE,
        released: false,
        held: &[],
    }
}

#[cfg(test)]
mod by_the_rules;
#[cfg(all(test, feature = "measure"))]
mod memory;
#[cfg(test)]
mod tests;
