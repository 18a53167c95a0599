//! Memory and snapshot say the same after every history; what rests on a stream that cannot be read
//! to its end permits nothing; a period ends once.

use std::collections::BTreeSet;
use std::fmt::Debug;
use std::sync::Arc;

use care::calendar::{Calendar, Hours};
use care::care_team::{CareTeamEvent, MemberAdded, MemberRemoved};
use care::command_name::Named;
use care::consent_directive::{DirectiveActivated, DirectiveEnded, DirectiveEvent, Terms, Whom};
use care::conversation::{
    Addressed, Claim, Closed, ConversationEvent, MessagePosted, Opened, Owner, OwnerChanged, ParticipantAdded,
    ParticipantRemoved, Party, Place, Since, TurnPassed, WaitingOn,
};
use care::envelope::{Actor, Grounds, Metadata};
use care::ids::{EventId, MessageId, OrganizationId, PersonId, PoolId, ThreadId};
use care::lifecycle::ThreadKind;
use care::organization::{CalendarSet, Created, OrganizationEvent, PoolMemberAdded, PoolMemberRemoved, PoolOpened};
use care::patient::{
    LinkAccepted, LinkDeclined, LinkEnded, LinkProposed, LinkWithdrawn, PatientEvent, PatientRegistered,
};
use care::person::{PersonEvent, Registered, RoleEnded, RoleGranted};
use care::policy_root::PolicyActivated;
use care::text::{PersonalText, SealedText};
use care::words::{
    Audience, Capacity, Channel, Confidentiality, DirectiveEffect, DirectiveEnd, DirectiveGiver, Purpose,
    RemovalReason, Sensitivity, Topic, Urgency,
};
use chrono::{DateTime, TimeDelta, Utc};
use journal::{LogIdentity, Position, Revision};
use policy::active::ActivePolicy;
use policy::decide::{DecisionPoint, Viewer};
use policy::identity::Identity;
use policy::question::CodeSet;
use policy::reach::HeldStanding;
use policy::text::PolicyText;
use policy::words::Standing;
use proptest::prelude::*;

use super::entity::Period;
use super::readers::{Readership, may_read};
use super::subject::ever_had_standing;
use super::*;
use crate::read_models::entities::{SnapshotEntities, Written};
use crate::read_models::{Entry, ReadModels, Snapshot, entities};

fn id<I: Id>(bits: u8) -> I {
    I::from_uuid(Uuid::from_u128(u128::from(bits) + 1))
}

pub(super) fn at(minutes: u8) -> DateTime<Utc> {
    "2026-11-23T08:00:00Z".parse::<DateTime<Utc>>().expect("an instant") + TimeDelta::minutes(i64::from(minutes))
}

pub(super) fn text() -> PersonalText {
    PersonalText::Sealed(SealedText { tag: "name".into(), key: "k".into(), nonce: [0; 12], ciphertext: vec![7] })
}

fn calendar() -> Calendar {
    let day = || vec![Hours { opens: 540, closes: 1020 }];
    Calendar {
        zone: "UTC".into(),
        week: [day(), day(), day(), day(), day(), vec![], vec![]],
        holidays: BTreeSet::new(),
        answer_minutes: [(Urgency::Routine, 2400), (Urgency::Urgent, 480)].into(),
    }
}

/// An event as the log holds it, without what nothing here reads.
pub(super) fn recorded(stream: Stream, event: Event, minutes: u8) -> RecordedEvent {
    let metadata = Metadata {
        command: id(0),
        actor: Actor::Installation,
        on_behalf_of: None,
        delegation: None,
        grounds: Grounds { policy_version: "one".to_owned(), rules: Vec::new(), standing_as_of: None },
        purpose: Purpose::Treatment,
        correlation: Uuid::nil(),
        causation: None,
        occurred_at: at(minutes),
        recorded_at: at(minutes),
        channel: Channel::Cli,
        input: None,
        draft: None,
    };
    RecordedEvent { position: Position(1), stream, revision: Revision(0), id: id::<EventId>(minutes), metadata, event }
}

/// How many types of event there are here, and of how many things of each concept they are.
const TYPES: u8 = 22;
const THINGS: u8 = 3;

/// The numbers that an event is made of.
#[derive(Debug, Clone, Copy)]
struct Drawn {
    of_type: u8,
    /// The thing whose stream it is in, and another thing and a person that it names.
    thing: u8,
    other: u8,
    person: u8,
    role: Role,
    minutes: u8,
    lasts: Option<u8>,
}

fn event(drawn: Drawn) -> RecordedEvent {
    let Drawn { of_type, thing, other, person, role, minutes, lasts } = drawn;
    let (organization, person) = (id::<OrganizationId>(other), id::<PersonId>(person));
    let by = Actor::Person(person);
    let of_organization = |event| recorded(Stream::Organization(id(thing)), Event::Organization(event), minutes);
    let of_person = |event| recorded(Stream::Person(person), Event::Person(event), minutes);
    let of_team = |event| recorded(Stream::CareTeam(id(thing)), Event::CareTeam(event), minutes);
    let of_directives = |event| recorded(Stream::Directives(id(thing)), Event::Directives(event), minutes);
    let of_thread =
        |event| recorded(Stream::Thread(id(thing)), Event::Thread(ThreadEvent::Conversation(event)), minutes);
    // A pool belongs to one organization.
    let pool: PoolId = id(10 + thing);
    let until = lasts.map(|lasts| at(minutes) + TimeDelta::minutes(i64::from(lasts)));
    let since = lasts.map(|number| Since { number: u32::from(number), at: at(minutes) });
    let owner = match lasts {
        None => Owner::Pool(pool),
        Some(_) => Owner::Person { person, pool: Some(pool) },
    };
    match of_type {
        0 => of_organization(OrganizationEvent::Created(Created { organization: id(thing), name: "One".into() })),
        1 => of_organization(OrganizationEvent::CalendarSet(CalendarSet { version: 1, calendar: calendar() })),
        2 => of_organization(OrganizationEvent::PoolOpened(PoolOpened {
            pool,
            name: "Cardiology".into(),
            public_name: "Cardiology".into(),
            specialty: "cardiology".into(),
        })),
        3 | 4 => of_organization(OrganizationEvent::PoolMemberAdded(PoolMemberAdded { pool, person })),
        5 => of_organization(OrganizationEvent::PoolMemberRemoved(PoolMemberRemoved { pool, person })),
        6 => of_person(PersonEvent::Registered(Registered { person, organization, name: text() })),
        7 | 8 => {
            let granted =
                RoleGranted { person, organization, role, from: at(minutes), until, basis: None, proposed_by: None };
            of_person(PersonEvent::RoleGranted(granted))
        }
        9 => of_person(PersonEvent::RoleEnded(RoleEnded { person, organization, role })),
        10 => {
            let event = match lasts {
                None => PatientEvent::from(PatientRegistered {
                    patient: id(thing),
                    organization,
                    name: text(),
                    birth_date: text(),
                    confirmed_not_duplicate_of: vec![],
                }),
                Some(lasts) if lasts % 4 == 0 => LinkWithdrawn { by }.into(),
                Some(lasts) if lasts % 4 == 1 => LinkAccepted { person }.into(),
                Some(lasts) if lasts % 4 == 2 => LinkEnded { by, person, reason: text() }.into(),
                Some(lasts) => {
                    let expires_at = at(minutes) + TimeDelta::minutes(i64::from(lasts));
                    LinkProposed { by, role, person, expires_at }.into()
                }
            };
            recorded(Stream::Patient(id(thing)), Event::Patient(event), minutes)
        }
        11 => of_team(CareTeamEvent::MemberAdded(MemberAdded { patient: id(thing), person, role, organization })),
        12 => of_team(CareTeamEvent::MemberRemoved(MemberRemoved { patient: id(thing), person })),
        13 => of_thread(ConversationEvent::Opened(Opened {
            by,
            role: Role::Physician,
            kind: ThreadKind::Consultation,
            patient: Some(id(other)),
            organization,
            owning_organization: id(thing),
            owner: Owner::Pool(pool),
            claim_by: None,
            pools: BTreeSet::new(),
            topic: Topic::ClinicalAdvice,
            subject: text(),
            confidentiality: Confidentiality::Normal,
            sensitivities: lasts.map(|_| Sensitivity::Hiv).into_iter().collect(),
            hidden_from_delegates: false,
            minor_asked_by: None,
        })),
        14 => of_thread(ConversationEvent::ParticipantAdded(ParticipantAdded {
            by,
            person,
            place: Place { role, organization },
            since,
            by_care_team: lasts.is_some(),
            reason: None,
        })),
        15 => of_thread(ConversationEvent::ParticipantRemoved(ParticipantRemoved {
            by,
            person,
            reason: RemovalReason::Removed,
            note: None,
        })),
        16 => {
            let organization = id(thing);
            let changed = OwnerChanged { by, owner, organization, claim_by: None, reason: None };
            of_thread(ConversationEvent::OwnerChanged(changed))
        }
        17 => {
            let to = WaitingOn { party: Party::Pool(pool), action: Claim::NAME, due: until };
            of_thread(ConversationEvent::TurnPassed(TurnPassed { by, to, note: None, promised: None }))
        }
        18 => of_thread(ConversationEvent::Closed(Closed { by, at: at(minutes), outcome: None })),
        20 => {
            // Some name a person, some who holds a role at an organization; some are about a code or a purpose.
            let by_role = Whom { person: None, role: Some(role), organization: Some(organization) };
            let number = lasts.unwrap_or_default();
            let terms = Terms {
                whom: if number % 2 == 0 { by_role } else { Whom::person(person) },
                sensitivities: (number % 3 == 0).then_some(Sensitivity::Hiv).into_iter().collect(),
                purpose: (number % 5 == 0).then_some(Purpose::Treatment),
                from: None,
                until,
            };
            let effect = if number % 7 == 0 { DirectiveEffect::Permit } else { DirectiveEffect::Deny };
            of_directives(DirectiveEvent::DirectiveActivated(DirectiveActivated {
                directive: id(other),
                patient: id(thing),
                effect,
                terms,
                giver: DirectiveGiver::Patient,
                by,
                role: Role::Person,
                patient_word: None,
                text_version: None,
                words_shown: None,
                confirm_by: None,
            }))
        }
        21 => {
            let (directive, patient, how) = (id(other), id(thing), DirectiveEnd::Ended);
            let ended = DirectiveEnded { directive, patient, how, by, role: Role::Person };
            of_directives(DirectiveEvent::DirectiveEnded(ended))
        }
        _ => of_thread(ConversationEvent::MessagePosted(MessagePosted {
            by,
            capacity: Capacity::Nurse,
            delegation: None,
            message: id::<MessageId>(other),
            number: 1,
            at: at(minutes),
            addressed: Addressed::Everyone,
            body: text(),
        })),
    }
}

/// What a log gives to fold.
#[derive(Debug, Clone)]
enum Given {
    Event(Box<RecordedEvent>),
    /// An event that cannot be read, in the stream of this one.
    Malformed(Stream),
    Activated(u8),
}

fn any_event() -> impl Strategy<Value = RecordedEvent> {
    let roles = prop::sample::select(vec![Role::Physician, Role::Nurse, Role::Coordinator, Role::Administrator]);
    let names = (0..THINGS, 0..THINGS, 0..THINGS);
    (0..TYPES, names, roles, 0_u8..100, prop::option::of(1_u8..50)).prop_map(
        |(of_type, (thing, other, person), role, minutes, lasts)| {
            event(Drawn { of_type, thing, other, person, role, minutes, lasts })
        },
    )
}

/// What makes most later events mean something.
fn beginning() -> Vec<Given> {
    let drawn = |of_type, each| {
        let role = Role::Physician;
        Drawn { of_type, thing: each, other: each, person: each, role, minutes: 0, lasts: None }
    };
    let all = [0, 2, 6, 7, 3, 10, 11, 13].into_iter().flat_map(|of_type| (0..THINGS).map(move |each| (of_type, each)));
    all.map(|(of_type, each)| Given::Event(Box::new(event(drawn(of_type, each))))).collect()
}

fn any_history() -> impl Strategy<Value = Vec<Given>> {
    any_later().prop_map(|later| [beginning(), later].concat())
}

fn any_later() -> impl Strategy<Value = Vec<Given>> {
    let given = prop_oneof![
        60 => any_event().prop_map(|event| Given::Event(Box::new(event))),
        1 => any_event().prop_map(|event| Given::Malformed(event.stream)),
        1 => any::<u8>().prop_map(Given::Activated),
    ];
    prop::collection::vec(given, 0..80)
}

impl Given {
    /// The event, or the stream of one that cannot be read.
    fn read(&self) -> Result<RecordedEvent, Stream> {
        match self {
            Self::Event(event) => Ok(event.as_ref().clone()),
            Self::Activated(version) => {
                let activated = PolicyActivated { version: version.to_string(), text: String::new() };
                let stream = Stream::Policy(care::ids::PolicyId::ROOT);
                Ok(recorded(stream, Event::Policy(PolicyEvent::PolicyActivated(activated)), 0))
            }
            Self::Malformed(stream) => Err(*stream),
        }
    }
}

/// A history folded into memory.
fn in_memory(history: &[Given]) -> AuthorizationState {
    let mut memory = AuthorizationState::default();
    for (number, given) in (1..).zip(history) {
        match given.read() {
            Ok(event) => memory.fold(&RecordedEvent { position: Position(number), ..event }),
            Err(stream) => memory.park(&stream.to_string()),
        }
    }
    memory
}

/// The entities of a snapshot, each read from the file: this memory knows of nothing.
fn read_from<'a>(snapshot: &'a Snapshot, nothing: &'a AuthorizationState) -> SnapshotEntities<'a> {
    SnapshotEntities { snapshot, position: Some(Position(1)), memory: nothing }
}

/// A history folded into a file of read models.
fn in_read_models(history: &[Given]) -> (Arc<ReadModels>, tempfile::TempDir) {
    let directory = tempfile::tempdir().expect("a directory");
    let identity = LogIdentity { log: Uuid::nil(), epoch: Uuid::nil() };
    let read_models = Arc::new(ReadModels::open(directory.path(), identity).expect("read models"));
    let file = rusqlite::Connection::open(directory.path().join("read-models.db")).expect("opens");
    file.pragma_update(None, "synchronous", "OFF").expect("set");
    for given in history {
        match given.read() {
            Ok(event) => {
                let mut parked = file.prepare_cached("SELECT 1 FROM parked WHERE stream = ?1").expect("prepared");
                if !parked.exists([event.stream.to_string()]).expect("asked") {
                    assert!(fold(&mut Written(&file), &event).is_ok());
                }
            }
            Err(stream) => {
                let malformed = Entry::Malformed { position: Position(1), id: id(0), stream: stream.to_string() };
                read_models.fold(&mut [malformed]).expect("parked");
            }
        }
    }
    (read_models, directory)
}

/// Everything that can be asked about a person.
fn answers<S: Entities>(store: &S) -> Vec<String>
where
    S::Fault: Debug,
{
    let mut answers = Vec::new();
    for (person, now) in
        (0..THINGS).flat_map(|person| [0, 40, 200].map(|minutes| (id::<PersonId>(person), at(minutes))))
    {
        for each in 0..THINGS {
            for subject in [
                Subject::Thread(id(each)),
                Subject::Patient(id(each)),
                Subject::Organization(id(each)),
                Subject::Installation,
            ] {
                let held = standings(store, &subject, person, now).expect("read");
                let once = ever_had_standing(store, &subject, person, now).expect("read");
                answers.push(format!("{subject:?} {person:?} {held:?} {once}"));
            }
        }
    }
    answers
}

/// The shipped policy.
fn shipped() -> Viewer {
    let policy = ActivePolicy::load(PolicyText::shipped()).expect("the shipped policy");
    DecisionPoint::new(policy).viewer(Identity::signed_in(id(0), id(1)))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn a_person_is_a_reader_of_an_audience_exactly_when_the_policy_lets_them_read_it(history in any_history()) {
        let (memory, policy) = (in_memory(&history), shipped());
        let all = Confidentiality::ALL.iter().flat_map(|label| ThreadKind::ALL.iter().map(move |kind| (*kind, *label)));
        for (thread, facts) in memory.all::<ThreadFacts>() {
            for (kind, confidentiality) in all.clone() {
                let facts = ThreadFacts { kind, confidentiality, ..facts.clone() };
                for (audience, minutes) in Audience::ALL.iter().flat_map(|audience| [0, 40, 200].map(|at| (*audience, at))) {
                    let thread = ThreadId::from_uuid(thread);
                    let asked = Readership { thread, facts: &facts, audience, one_person: Some(id(1)), now: at(minutes) };
                    let one_by_one = (0..THINGS).filter_map(|each| may_read(&memory, &policy, asked, id(each)));
                    prop_assert_eq!(memory.readers(&policy, asked), one_by_one.collect::<Vec<_>>());
                }
            }
        }
    }

    #[test]
    fn memory_and_snapshot_say_the_same_after_every_history(history in any_history()) {
        let memory = in_memory(&history);
        let (read_models, _directory) = in_read_models(&history);
        let snapshot = read_models.snapshot().expect("a snapshot");
        prop_assert!(entities::load(&snapshot).expect("loaded") == memory);
        let nothing = AuthorizationState::default();
        prop_assert_eq!(answers(&read_from(&snapshot, &nothing)), answers(&memory));
    }

    #[test]
    fn a_snapshot_that_takes_from_memory_what_has_not_changed_says_what_its_file_says(
        history in any_history(), later in any_later(), loaded in any::<bool>(),
        parked in prop::option::weighted(0.1, any_event()),
    ) {
        let (read_models, _directory) = in_read_models(&history);
        if let Some(RecordedEvent { position, id, stream, .. }) = parked {
            // Only the read models could not fold it.
            read_models.fold(&mut [Entry::Malformed { position, id, stream: stream.to_string() }]).expect("parked");
        }
        let snapshot = read_models.snapshot().expect("a snapshot");
        let position = u64::try_from(history.len()).map(Position).ok();
        let mut memory = if loaded { entities::load(&snapshot).expect("loaded") } else { in_memory(&history) };
        memory.at = position;
        // Few later events, so that some entities have changed and others have not.
        for (number, given) in (1..=6).zip(later) {
            match given.read() {
                Ok(event) => memory.fold(&RecordedEvent { position: Position(history.len() as u64 + number), ..event }),
                Err(stream) => memory.park(&stream.to_string()),
            }
        }
        let entities = SnapshotEntities { snapshot: &snapshot, position, memory: &memory };
        let nothing = AuthorizationState::default();
        prop_assert_eq!(answers(&entities), answers(&read_from(&snapshot, &nothing)));
    }

    #[test]
    fn a_parked_stream_leaves_nobody_a_standing_that_rests_on_it(history in any_history(), parked in any_event()) {
        let mut history = history;
        history.push(Given::Malformed(parked.stream));
        let memory = in_memory(&history);
        let uuid = parked.stream.uuid();
        match parked.stream {
            Stream::Thread(_) => prop_assert!(memory.entity::<ThreadFacts>(uuid).is_none()),
            Stream::Patient(_) => prop_assert!(memory.entity::<PatientFacts>(uuid).is_none()),
            Stream::CareTeam(_) => prop_assert!(memory.entity::<CareTeamFacts>(uuid).is_none()),
            // Who is blocked is not known any more, so everybody is.
            Stream::Directives(patient) => {
                prop_assert!(memory.bounds(patient, id(99), CodeSet::NONE, at(1)).is_blocked);
            }
            Stream::Person(_) => {
                prop_assert!(memory.entity::<PersonFacts>(uuid).is_some_and(|facts| facts.roles.is_empty()));
            }
            Stream::Organization(organization) => {
                prop_assert!(memory.entity::<OrganizationFacts>(uuid).is_none());
                prop_assert!((0..THINGS).all(|pool| memory.home(id(10 + pool)) != Some(organization)));
            }
            Stream::Delegation(_) => prop_assert!(memory.entity::<DelegationFacts>(uuid).is_none()),
            Stream::LegalAuthority(_) => prop_assert!(memory.entity::<LegalAuthorityFacts>(uuid).is_none()),
            Stream::OutsideMessage(_) => prop_assert!(memory.entity::<OutsideMessageFacts>(uuid).is_none()),
            Stream::Drafts(_) | Stream::Policy(_) => {}
        }
    }
}

#[test]
fn the_beginning_gives_standings_of_every_concept() {
    let memory = in_memory(&beginning());
    let held = certain(standings(&memory, &Subject::Thread(id(0)), id(0), at(1)));
    let held: Vec<Standing> = held.into_iter().map(|held| held.standing).collect();
    let expected = [
        Standing::Requester,
        Standing::CareTeam,
        Standing::PoolMember,
        Standing::RequestingOrganization,
        Standing::ReceivingOrganization,
    ];
    for standing in expected {
        assert!(held.contains(&standing), "{standing:?} is not in {held:?}");
    }
}

#[test]
fn a_row_that_is_damaged_is_a_fault() {
    let (read_models, directory) = in_read_models(&beginning());
    let load = || entities::load(&read_models.snapshot().expect("a snapshot")).map(drop);
    assert!(load().is_ok());
    let file = rusqlite::Connection::open(directory.path().join("read-models.db")).expect("opens");
    let damage = "UPDATE entity SET data = x'7b' WHERE name = 'care_team'";
    assert_eq!(file.execute(damage, []).expect("damaged"), usize::from(THINGS));
    assert!(load().is_err());
}

#[test]
fn a_period_holds_from_its_event_up_to_its_last_instant_and_one_that_begins_later_from_then_on() {
    let period = Period { until: Some(at(9)), ..Period::since(at(3)) };
    assert_eq!([2, 3, 8, 9].map(|minutes| period.holds(at(minutes))), [true, true, true, false]);
    let later = Period { begins_later: true, ..period };
    assert_eq!([2, 3, 8, 9].map(|minutes| later.holds(at(minutes))), [false, true, true, false]);
}

#[test]
fn an_ended_period_holds_at_no_instant_and_keeps_its_end() {
    let mut period = Period::since(at(3));
    period.end(at(5));
    period.end(at(7));
    assert_eq!(period.ended_at, Some(at(5)));
    assert!([3, 4, 5, 6].iter().all(|minutes| !period.holds(at(*minutes))));
}

#[test]
fn a_period_was_held_until_it_ended_whoever_ended_it() {
    let mut period = Period { begins_later: true, until: Some(at(9)), ..Period::since(at(3)) };
    assert_eq!([2, 3, 8, 9].map(|minutes| period.held(at(minutes))), [false, true, true, false]);
    period.end(at(5));
    assert_eq!([2, 3, 4, 5].map(|minutes| period.held(at(minutes))), [false, true, true, false]);
}

/// A thread of patient 0, asked by person 0 and owned by a pool of organization 0, with later events.
fn asked_then(later: impl IntoIterator<Item = RecordedEvent>) -> AuthorizationState {
    let later = later.into_iter().map(|event| Given::Event(Box::new(event)));
    in_memory(&beginning().into_iter().chain(later).collect::<Vec<_>>())
}

fn in_thread(event: ConversationEvent) -> RecordedEvent {
    recorded(Stream::Thread(id(0)), Event::Thread(ThreadEvent::Conversation(event)), 1)
}

fn takes_part(since: Option<Since>, by_care_team: bool) -> RecordedEvent {
    let place = Place { role: Role::Physician, organization: id(1) };
    let by = Actor::Person(id(0));
    in_thread(ConversationEvent::ParticipantAdded(ParticipantAdded {
        by,
        person: id(1),
        place,
        since,
        by_care_team,
        reason: None,
    }))
}

fn held(state: &AuthorizationState, person: u8, standing: Standing) -> Option<HeldStanding> {
    let held = state.standings(&Subject::Thread(id(0)), Actor::Person(id(person)), at(2));
    held.into_iter().find(|held| held.standing == standing)
}

#[test]
fn a_participant_reaches_as_far_back_as_their_window() {
    let since = Some(Since { number: 4, at: at(1) });
    for window in [None, since] {
        let held = held(&asked_then([takes_part(window, false)]), 1, Standing::Participant).expect("takes part");
        assert_eq!((held.role, held.reach.since), (Role::Physician, window));
    }
}

#[test]
fn a_participant_is_none_without_the_role_or_the_care_team_that_the_place_rests_on() {
    let role = Role::Physician;
    let ended = RoleEnded { person: id(1), organization: id(1), role };
    let ended = recorded(Stream::Person(id(1)), Event::Person(PersonEvent::RoleEnded(ended)), 1);
    assert_eq!(held(&asked_then([takes_part(None, false), ended]), 1, Standing::Participant), None);
    let added = CareTeamEvent::MemberAdded(MemberAdded { patient: id(0), person: id(1), role, organization: id(1) });
    let removed = CareTeamEvent::MemberRemoved(MemberRemoved { patient: id(0), person: id(1) });
    let [added, removed] = [added, removed].map(|event| recorded(Stream::CareTeam(id(0)), Event::CareTeam(event), 1));
    let joined = [added.clone(), takes_part(None, true)];
    assert!(held(&asked_then(joined), 1, Standing::Participant).is_some());
    let left = [added.clone(), takes_part(None, true), removed.clone()];
    assert_eq!(held(&asked_then(left), 1, Standing::Participant), None);
    // Being on the team again brings back no place, and no place was given to who had left before.
    let again = [added.clone(), takes_part(None, true), removed.clone(), added.clone()];
    assert_eq!(held(&asked_then(again), 1, Standing::Participant), None);
    let too_late = [added.clone(), removed, takes_part(None, true), added];
    assert_eq!(held(&asked_then(too_late), 1, Standing::Participant), None);
}

#[test]
fn nobody_stands_in_at_an_organization_that_had_an_administrator() {
    let role = Role::Administrator;
    let created = |thing| event(Drawn { of_type: 0, thing, other: 0, person: 0, role, minutes: 1, lasts: None });
    let of_person = |person, event| recorded(Stream::Person(person), Event::Person(event), 1);
    let granted = |person: PersonId, organization| {
        let granted =
            RoleGranted { person, organization, role, from: at(1), until: None, basis: None, proposed_by: None };
        of_person(person, PersonEvent::RoleGranted(granted))
    };
    let mut state = AuthorizationState::default();
    for event in [created(0), created(1), granted(id(0), id(0))] {
        state.fold(&event);
    }
    let held = |state: &AuthorizationState| state.standings(&Subject::Organization(id(1)), Actor::Person(id(0)), at(2));
    assert_eq!(held(&state), [HeldStanding::full(Standing::StandIn, role)]);
    let ended = RoleEnded { person: id(1), organization: id(1), role };
    for event in [granted(id(1), id(1)), of_person(id(1), PersonEvent::RoleEnded(ended))] {
        state.fold(&event);
        assert_eq!(held(&state), []);
    }
}

#[test]
fn a_place_in_a_thread_about_the_patient_counts_at_the_opening_of_another_and_nowhere_else() {
    let opening = |patient| Subject::Opening {
        kind: ThreadKind::Consultation,
        patient: Some(patient),
        organization: None,
        confidentiality: Confidentiality::Normal,
        codes: CodeSet::NONE,
    };
    let involved = |state: &AuthorizationState, subject: &Subject| {
        let held = state.standings(subject, Actor::Person(id(1)), at(2));
        held.into_iter().filter(|held| held.standing == Standing::Involved).map(|held| held.role).collect::<Vec<_>>()
    };
    let state = asked_then([takes_part(None, false)]);
    assert_eq!(involved(&state, &opening(id(0))), [Role::Physician]);
    assert_eq!(involved(&state, &opening(id(2))), []);
    assert_eq!(involved(&state, &Subject::Patient(id(0))), []);
    assert_eq!(involved(&asked_then([]), &opening(id(0))), []);
}

#[test]
fn who_asks_in_a_consultation_is_requester_to_its_patient_until_it_is_closed() {
    let is_requester = |state: &AuthorizationState, person: u8, subject: &Subject| {
        let held = state.standings(subject, Actor::Person(id(person)), at(2));
        held.iter().any(|held| held.standing == Standing::Requester)
    };
    let patient = |patient| Subject::Patient(id(patient));
    let open = asked_then([takes_part(None, false)]);
    assert!(is_requester(&open, 0, &patient(0)));
    assert!(!is_requester(&open, 0, &patient(2)), "of another patient");
    assert!(!is_requester(&open, 1, &patient(0)), "who takes part does not ask");
    let closed = Closed { by: Actor::Person(id(0)), at: at(1), outcome: None };
    assert!(!is_requester(&asked_then([in_thread(ConversationEvent::Closed(closed))]), 0, &patient(0)));
}

#[test]
fn a_role_is_the_party_of_last_resort_only_for_whom_it_waits_to_pass_the_turn() {
    let party = Party::Role(Place { role: Role::Physician, organization: id(1) });
    let waits = |action| {
        let to = WaitingOn { party, action, due: None };
        asked_then([in_thread(ConversationEvent::TurnPassed(TurnPassed {
            by: Actor::Person(id(0)),
            to,
            note: None,
            promised: None,
        }))])
    };
    let last_resort = waits(care::conversation::PassTurn::NAME);
    assert!(held(&last_resort, 1, Standing::LastResort).is_some());
    assert_eq!(held(&last_resort, 2, Standing::LastResort), None);
    assert_eq!(held(&waits(Claim::NAME), 1, Standing::LastResort), None);
}

#[test]
fn a_process_has_one_standing_and_the_installation_none_once_people_are_on_record() {
    let state = asked_then([]);
    let process = Actor::Process(care::words::ProcessName::LooseEnds);
    let held = state.standings(&Subject::Thread(id(0)), process, at(2));
    assert_eq!(held, vec![HeldStanding::full(Standing::Process, Role::Service)]);
    assert!(state.standings(&Subject::Installation, Actor::Installation, at(2)).is_empty());
    let empty = AuthorizationState::default().standings(&Subject::Installation, Actor::Installation, at(2));
    assert_eq!(empty, vec![HeldStanding::full(Standing::Installation, Role::Service)]);
}

#[test]
fn a_person_with_a_former_standing_is_known_and_a_stranger_is_not() {
    let role = Role::Physician;
    let removed = in_thread(ConversationEvent::ParticipantRemoved(ParticipantRemoved {
        by: Actor::Person(id(0)),
        person: id(1),
        reason: RemovalReason::Removed,
        note: None,
    }));
    let ended = RoleEnded { person: id(2), organization: id(2), role };
    let ended = recorded(Stream::Person(id(2)), Event::Person(PersonEvent::RoleEnded(ended)), 1);
    let state = asked_then([takes_part(None, false), removed, ended]);
    let once = |subject, person| certain(ever_had_standing(&state, &subject, id(person), at(2)));
    assert_eq!([0, 1, 2].map(|person| once(Subject::Thread(id(0)), person)), [true, true, false]);
    assert_eq!([0, 1, 2].map(|person| once(Subject::Patient(id(0)), person)), [true, false, false]);
    assert_eq!([0, 1, 2].map(|person| once(Subject::Organization(id(2)), person)), [false, false, true]);
    // A thing that is not there was never known to anybody.
    assert!(!once(Subject::Thread(id(99)), 0) && !once(Subject::Patient(id(99)), 0));
}

fn after<const N: usize>(events: [RecordedEvent; N]) -> AuthorizationState {
    in_memory(&events.map(|event| Given::Event(Box::new(event))))
}

#[test]
fn a_record_is_a_persons_own_once_they_accept_and_a_proposal_lasts_until_its_end() {
    let of_record = |event: PatientEvent| recorded(Stream::Patient(id(0)), Event::Patient(event), 1);
    let (by, role, text) = (Actor::Person(id(0)), Role::Coordinator, text);
    let registered = || {
        of_record(PatientEvent::from(PatientRegistered {
            patient: id(0),
            organization: id(2),
            name: text(),
            birth_date: text(),
            confirmed_not_duplicate_of: vec![],
        }))
    };
    let proposed = || of_record(LinkProposed { by, role, person: id(1), expires_at: at(5) }.into());
    let accepted = || of_record(LinkAccepted { person: id(1) }.into());
    let held = |state: &AuthorizationState, minute| {
        let held = certain(standings(state, &Subject::Patient(id(0)), id(1), at(minute)));
        held.into_iter().map(|held| held.standing).collect::<Vec<_>>()
    };
    let known = |state: &AuthorizationState| certain(ever_had_standing(state, &Subject::Patient(id(0)), id(1), at(2)));
    let state = after([registered()]);
    assert_eq!((held(&state, 2), known(&state)), (vec![], false));
    let state = after([registered(), proposed()]);
    assert_eq!((held(&state, 4), known(&state)), (vec![Standing::Proposed], true));
    assert_eq!(held(&state, 5), [], "it ends by itself");
    let state = after([registered(), proposed(), accepted()]);
    assert_eq!(held(&state, 9), [Standing::Self_]);
    let ended = of_record(LinkEnded { by, person: id(1), reason: text() }.into());
    let state = after([registered(), proposed(), accepted(), ended]);
    assert_eq!((held(&state, 9), known(&state)), (vec![], true));
    for event in [LinkWithdrawn { by }.into(), PatientEvent::from(LinkDeclined { person: id(1) })] {
        let state = after([registered(), proposed(), of_record(event)]);
        assert_eq!((held(&state, 2), known(&state)), (vec![], true));
    }
}
