//! A log for the tests of the read models: events are appended with texts that no key opens, and
//! folded at once.

use std::sync::Arc;

use care::care_team::{CareTeamEvent, ConflictRecorded, MemberAdded, MemberRemoved};
use care::command_name::Named;
use care::conversation::{
    Addressed, Claim, ConversationEvent, MessagePosted, Opened, Owner, ParticipantAdded, Party, Place, ReadMarked,
    Since, TurnPassed, WaitingOn,
};
use care::envelope::{Actor, Grounds, Metadata};
use care::event::{Event, Stream};
use care::ids::{CommandId, EventId, Id, MessageId, OrganizationId, PatientId, PersonId, PoolId, SessionId, ThreadId};
use care::lifecycle::ThreadKind;
use care::patient::{LinkAccepted, PatientEvent, PatientRegistered};
use care::text::{PersonalText, SealedText};
use care::thread::ThreadEvent;
use care::words::{Audience, Capacity, Channel, Confidentiality, Purpose, Role, Sensitivity, Topic};
use chrono::{DateTime, Duration, Utc};
use journal::{LogIdentity, Position, Revision};
use policy::active::ActivePolicy;
use policy::decide::{DecisionPoint, Permit};
use policy::identity::Identity;
use policy::question::ThingFacts;
use policy::reach::{HeldStanding, Reach};
use policy::text::PolicyText;
use policy::words::{Action, Read, Standing};
use tempfile::TempDir;
use uuid::Uuid;

use crate::read_models::{Entry, ReadModels, Snapshot};
use crate::recorded_event::RecordedEvent;

macro_rules! numbered {
    ($($name:ident: $id:ident,)+) => {$(
        pub(super) fn $name(number: u128) -> $id {
            $id::from_uuid(Uuid::from_u128(number))
        }
    )+};
}

numbered! {
    person_id: PersonId,
    patient_id: PatientId,
    organization_id: OrganizationId,
    pool_id: PoolId,
    thread_id: ThreadId,
    message_id: MessageId,
}

/// A text under a key that nobody has.
pub(super) fn sealed(tag: &str) -> PersonalText {
    PersonalText::Sealed(SealedText { tag: tag.into(), key: "thread:1".into(), nonce: [0; 12], ciphertext: vec![7] })
}

pub(super) fn by(person: u128) -> Actor {
    Actor::Person(person_id(person))
}

pub(super) fn place(role: Role) -> Place {
    Place { role, organization: organization_id(1) }
}

/// Second `number` of the test's day: the `number`-th event was recorded then.
pub(super) fn at(number: u64) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + Duration::seconds(i64::try_from(number).expect("small"))
}

/// A permit of the shipped policy, by whatever standing gives it in a consultation.
pub(super) fn permit(read: Read) -> Permit {
    let mut standings = Standing::ALL.iter().flat_map(|standing| Role::ALL.iter().map(move |role| (standing, role)));
    standings.find_map(|(standing, role)| permit_of(*standing, *role, read)).expect("somebody may")
}

/// The permit to read a consultation whose answer the patient may read.
pub(super) fn permit_reaching(standing: Standing, role: Role, reach: Reach) -> Permit {
    let policy = ActivePolicy::load(PolicyText::shipped()).expect("the shipped policy");
    let identity = Identity::signed_in(person_id(1), SessionId::from_uuid(Uuid::from_u128(1)));
    let held = [HeldStanding { standing, role, reach }];
    let thing = ThingFacts { kind: Some(ThreadKind::Consultation), released: true, ..ThingFacts::unlabelled(&held) };
    let viewer = DecisionPoint::new(policy).viewer(identity);
    viewer.decide(&thing.asking(Action::Read(Read::ThreadRead), None)).expect("they may")
}

/// The permit that a standing gives, about no thread or in a consultation.
pub(super) fn permit_of(standing: Standing, role: Role, read: Read) -> Option<Permit> {
    let policy = ActivePolicy::load(PolicyText::shipped()).expect("the shipped policy");
    let identity = Identity::signed_in(person_id(1), SessionId::from_uuid(Uuid::from_u128(1)));
    let viewer = DecisionPoint::new(policy).viewer(identity);
    let audience = (read == Read::ThreadReadMessage).then_some(Audience::Everyone);
    let held = [HeldStanding::full(standing, role)];
    let kind = Some(ThreadKind::Consultation);
    let things = [ThingFacts::unlabelled(&held), ThingFacts { kind, ..ThingFacts::unlabelled(&held) }];
    things.into_iter().find_map(|thing| viewer.decide(&thing.asking(Action::Read(read), audience)))
}

/// The read models of a log that the test writes.
pub(super) struct Log {
    read_models: Arc<ReadModels>,
    events: u64,
    _directory: TempDir,
}

impl Log {
    pub fn new() -> Self {
        let directory = TempDir::new().expect("a directory");
        let identity = LogIdentity { log: Uuid::from_u128(1), epoch: Uuid::from_u128(2) };
        let read_models = Arc::new(ReadModels::open(directory.path(), identity).expect("read models"));
        Self { read_models, events: 0, _directory: directory }
    }

    pub fn snapshot(&self) -> Snapshot {
        self.read_models.snapshot().expect("a snapshot")
    }

    /// The instant at which the next event is recorded.
    pub fn now(&self) -> DateTime<Utc> {
        at(self.events + 1)
    }

    /// Appends one event by nobody in particular.
    pub fn append(&mut self, stream: Stream, event: impl Into<Event>) {
        self.append_by(Actor::Installation, stream, event);
    }

    pub fn append_by(&mut self, actor: Actor, stream: Stream, event: impl Into<Event>) {
        self.events += 1;
        let id = EventId::from_uuid(Uuid::from_u128(u128::from(self.events)));
        let recorded = RecordedEvent {
            position: Position(self.events),
            stream,
            revision: Revision(self.events),
            id,
            metadata: Metadata {
                command: CommandId::from_uuid(id.uuid()),
                actor,
                on_behalf_of: None,
                delegation: None,
                grounds: Grounds { policy_version: String::new(), rules: vec![], standing_as_of: None },
                purpose: Purpose::Treatment,
                correlation: id.uuid(),
                causation: None,
                occurred_at: at(self.events),
                recorded_at: at(self.events),
                channel: Channel::Cli,
                input: None,
                draft: None,
            },
            event: event.into(),
        };
        self.read_models.fold(&mut [Entry::Recorded(Box::new(recorded))]).expect("folded");
        let (_, last) = self.read_models.checkpoint().expect("a checkpoint").last.expect("an event");
        assert_eq!(last, id);
        assert_eq!(self.parked(), 0, "the event could not be folded");
    }

    /// An instant passes at which nothing of this log happens.
    pub fn pass(&mut self) {
        self.events += 1;
    }

    /// Asserts that a query finds its rows by an index, in its order.
    pub fn assert_searched(&self, sql: &str) {
        let connection = self.read_models.writer.lock().expect("a connection");
        let mut statement = connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).expect("a query");
        let plan: Vec<String> = statement
            .query_map(rusqlite::params_from_iter(vec![rusqlite::types::Null; statement.parameter_count()]), |row| {
                row.get(3)
            })
            .and_then(Iterator::collect)
            .expect("a plan");
        assert!(!plan.is_empty());
        for step in plan {
            assert!(step.starts_with("SEARCH "), "{step}: {sql}");
        }
    }

    fn parked(&self) -> u64 {
        let mut parked = 0;
        self.snapshot()
            .each("SELECT stream FROM parked", [], |_| {
                parked += 1;
                Ok(())
            })
            .expect("read");
        parked
    }

    /// An event of a thread by a person.
    pub fn thread(&mut self, thread: u128, person: u128, event: impl Into<ThreadEvent>) {
        self.append_by(by(person), Stream::Thread(thread_id(thread)), event.into());
    }

    /// Registers a patient, who is the person if one is named.
    pub fn patient(&mut self, patient: u128, person: Option<u128>) {
        let stream = Stream::Patient(patient_id(patient));
        let registered = PatientRegistered {
            patient: patient_id(patient),
            organization: organization_id(1),
            name: sealed("patient.name"),
            birth_date: sealed("patient.birth_date"),
            confirmed_not_duplicate_of: vec![],
        };
        self.append(stream, PatientEvent::from(registered));
        if let Some(person) = person {
            self.append(stream, PatientEvent::from(LinkAccepted { person: person_id(person) }));
        }
    }

    pub fn join(&mut self, patient: u128, person: u128, role: Role) {
        let (patient, organization) = (patient_id(patient), organization_id(1));
        let added = MemberAdded { patient, person: person_id(person), role, organization };
        self.append(Stream::CareTeam(patient), CareTeamEvent::MemberAdded(added));
    }

    pub fn leave(&mut self, patient: u128, person: u128) {
        let patient = patient_id(patient);
        let removed = MemberRemoved { patient, person: person_id(person) };
        self.append(Stream::CareTeam(patient), CareTeamEvent::MemberRemoved(removed));
    }

    /// Somebody records that a person helps the patient.
    pub fn know_conflict(&mut self, patient: u128, person: u128, by: u128) {
        let (patient, by) = (patient_id(patient), Actor::Person(person_id(by)));
        let recorded = ConflictRecorded { patient, person: person_id(person), by };
        self.append(Stream::CareTeam(patient), CareTeamEvent::ConflictRecorded(recorded));
    }

    /// Opens a thread, by person 1, as a physician of organization 1, owned by pool 1 of organization 2.
    pub fn open(&mut self, thread: u128, patient: Option<u128>) {
        self.thread(thread, 1, ConversationEvent::Opened(opened(patient)));
    }

    pub fn wait_for(&mut self, thread: u128, party: Party, due: Option<DateTime<Utc>>) {
        let to = WaitingOn { party, action: Claim::NAME, due };
        let passed = TurnPassed { by: by(1), to, note: Some(sealed("thread.turn_note")), promised: None };
        self.thread(thread, 1, ConversationEvent::TurnPassed(passed));
    }

    pub fn add(&mut self, thread: u128, person: u128, since: Option<Since>, by_care_team: bool) {
        let (by, person) = (by(1), person_id(person));
        let added = ParticipantAdded { by, person, place: place(Role::Nurse), since, by_care_team, reason: None };
        self.thread(thread, 1, ConversationEvent::ParticipantAdded(added));
    }

    /// Posts message `number` of a thread.
    pub fn post(&mut self, thread: u128, author: u128, number: u32, addressed: Addressed) {
        let posted = MessagePosted {
            by: by(author),
            capacity: Capacity::Nurse,
            delegation: None,
            message: message_id(thread << 32 | u128::from(number)),
            number,
            at: self.now(),
            addressed,
            body: sealed("message.body"),
        };
        self.thread(thread, author, ConversationEvent::MessagePosted(posted));
    }

    pub fn read(&mut self, thread: u128, person: u128, number: u32) {
        let marked = ReadMarked {
            person: person_id(person),
            capacity: Capacity::Nurse,
            message: message_id(thread << 32 | u128::from(number)),
            number,
        };
        self.thread(thread, person, ConversationEvent::ReadMarked(marked));
    }
}

pub(super) fn opened(patient: Option<u128>) -> Opened {
    Opened {
        by: by(1),
        role: Role::Physician,
        kind: ThreadKind::Consultation,
        patient: patient.map(patient_id),
        organization: organization_id(1),
        owning_organization: organization_id(2),
        owner: Owner::Pool(pool_id(1)),
        claim_by: None,
        pools: [].into(),
        topic: Topic::Results,
        subject: sealed("thread.subject"),
        confidentiality: Confidentiality::Restricted,
        sensitivities: vec![Sensitivity::Psychiatry, Sensitivity::Hiv, Sensitivity::Psychiatry],
        hidden_from_delegates: false,
        minor_asked_by: None,
    }
}
