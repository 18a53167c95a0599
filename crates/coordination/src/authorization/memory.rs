//! The memory of the authorization state for each person, patient, thread and delegation. It is a measurement and no test,
//! so it is there with the feature `measure` only, and `just bench` runs it.

use std::collections::BTreeSet;
use std::io::Write as _;

use care::conversation::{Addressed, ConversationEvent, MessagePosted, Opened, Owner};
use care::delegation::{Accepted, Activated, DelegationEvent, Invited, TopicVerbs};
use care::envelope::Actor;
use care::ids::{DelegationId, OrganizationId, PatientId, PersonId, ThreadId};
use care::lifecycle::ThreadKind;
use care::patient::PatientRegistered;
use care::person::{PersonEvent, Registered, RoleGranted};
use care::scope::Scope;
use care::shown::TextVersion;
use care::words::{Capacity, Confidentiality, DelegationHistory, DelegationKind, Relationship, Topic};

use super::index::Changes;
use super::tests::{at, recorded, text};
use super::*;

/// How many of each are folded: so many that what the process needs anyhow does not count.
const MANY: u32 = 50_000;
/// In how many organizations they are.
const ORGANIZATIONS: u32 = 20;

fn id<I: Id>(number: u32) -> I {
    I::from_uuid(Uuid::from_u128(u128::from(number).wrapping_mul(0x9E37_79B9_7F4A_7C15_F39C_C060_5CED_C835) | 1))
}

/// The memory that this process holds, in bytes.
fn held() -> i64 {
    let pages = std::fs::read_to_string("/proc/self/statm").expect("the memory of this process");
    let resident = pages.split_whitespace().nth(1).and_then(|pages| pages.parse::<i64>().ok());
    resident.expect("a number of pages") * 4096
}

fn person(number: u32) -> Vec<RecordedEvent> {
    let (person, organization) = (id::<PersonId>(number), id::<OrganizationId>(number % ORGANIZATIONS));
    let of = |event| recorded(Stream::Person(person), Event::Person(event), 0);
    let granted = RoleGranted {
        person,
        organization,
        role: Role::Nurse,
        from: at(0),
        until: None,
        basis: None,
        proposed_by: None,
    };
    vec![
        of(PersonEvent::Registered(Registered { person, organization, name: text() })),
        of(PersonEvent::RoleGranted(granted)),
    ]
}

fn patient(number: u32) -> Vec<RecordedEvent> {
    let (patient, organization) = (id::<PatientId>(number), id::<OrganizationId>(number % ORGANIZATIONS));
    let registered = PatientRegistered {
        patient,
        organization,
        name: text(),
        birth_date: text(),
        confirmed_not_duplicate_of: vec![],
    };
    vec![recorded(Stream::Patient(patient), Event::Patient(registered.into()), 0)]
}

fn thread(number: u32) -> Vec<RecordedEvent> {
    let (thread, by) = (id::<ThreadId>(number), Actor::Person(id(number)));
    let of = |event| recorded(Stream::Thread(thread), Event::Thread(ThreadEvent::Conversation(event)), 0);
    let opened = Opened {
        by,
        role: Role::Nurse,
        kind: ThreadKind::Consultation,
        patient: Some(id(number)),
        organization: id(number % ORGANIZATIONS),
        owning_organization: id((number + 1) % ORGANIZATIONS),
        owner: Owner::Person { person: id((number + 1) % MANY), pool: None },
        claim_by: None,
        pools: BTreeSet::new(),
        topic: Topic::ClinicalAdvice,
        subject: text(),
        confidentiality: Confidentiality::Normal,
        sensitivities: vec![],
        hidden_from_delegates: false,
        minor_asked_by: None,
    };
    let posted = MessagePosted {
        by,
        capacity: Capacity::Nurse,
        delegation: None,
        message: id(number),
        number: 1,
        at: at(0),
        addressed: Addressed::Everyone,
        body: text(),
    };
    vec![of(ConversationEvent::Opened(opened)), of(ConversationEvent::MessagePosted(posted))]
}

fn delegation(number: u32) -> Vec<RecordedEvent> {
    let (delegation, until) = (id::<DelegationId>(number), at(200));
    let of = |event: DelegationEvent| recorded(Stream::Delegation(delegation), Event::Delegation(event), 0);
    let scope = Scope {
        topics: [(Topic::ClinicalAdvice, TopicVerbs::WRITE), (Topic::Scheduling, TopicVerbs::READ)].into(),
        kinds: [ThreadKind::Consultation].into(),
        history: DelegationHistory::FromGrant,
        ..Scope::nothing()
    };
    let invited = Invited {
        delegation,
        patient: id(number),
        person: Some(id((number + 2) % MANY)),
        code: None,
        contact: None,
        kind: DelegationKind::PatientAuthorised,
        relationship: Relationship::Child,
        scope: scope.clone(),
        until,
        by: Actor::Person(id(number)),
        role: Role::Person,
        ground: None,
        expires_at: at(100),
        organization: None,
        authority: None,
    };
    let terms_version = TextVersion::parse("2026-11").expect("a version");
    let person = id((number + 2) % MANY);
    vec![
        of(invited.into()),
        of(Accepted { person, terms_version, at: at(0), verify_by: None }.into()),
        of(Activated { scope, from: at(0), until }.into()),
    ]
}

#[test]
fn memory_of_the_authorization_state() {
    let mut state = AuthorizationState::default();
    let kinds: [(&str, fn(u32) -> Vec<RecordedEvent>); 4] =
        [("person with a role", person), ("patient", patient), ("thread", thread), ("delegation", delegation)];
    for (what, events) in kinds {
        let before = held();
        for number in 0..MANY {
            events(number).iter().for_each(|event| state.fold(event));
        }
        // The processes take the changes in each round.
        state.changes = Changes::default();
        let bytes = (held() - before) / i64::from(MANY);
        writeln!(std::io::stdout(), "{bytes:>6} bytes of memory for each {what}, of {MANY}").expect("it is written");
    }
}
