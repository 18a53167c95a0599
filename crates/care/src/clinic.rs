//! The people, pools and commands of the scenarios.
//!
//! The clinic is fixed: a practice that asks, a hospital with pools that answers, and another
//! hospital. What a command creates has ids that follow from the command's id, so a history gives
//! each of its commands a number of its own: see [`by`].

use std::sync::LazyLock;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::aggregate::{Acting, Fixed, ReadableAudiences};
use crate::calendar::{Due, in_force, nine_to_five};
use crate::command_name::{CommandName, Named};
use crate::conversation::{
    AddParticipant, Addressed, Claim, Closed, ConversationEvent, HiddenFromDelegates, HistoryWindow, InvitationExpired,
    Labelled, MarkRead, MessagePosted, Opened, Opening, Owner, OwnerChanged, ParticipantAdded, ParticipantDeclined,
    ParticipantInvited, ParticipantRemoved, Party, PassTurn, PatientDied, Place, PostMessage, ReadMarked, Released,
    Reopened, RequesterChanged, ShownToDelegates, ThreadPutAway, TurnPassed, WaitingOn, WindowChanged,
};
use crate::envelope::Actor;
use crate::ids::{CommandId, Id, MessageId, PatientId, PersonId, PoolId};
use crate::lifecycle::ThreadKind;
use crate::text::{PersonalText, Text};
use crate::thread::ThreadCommand;
use crate::time_zone::TimeZones;
use crate::words::{Capacity, Confidentiality, ProcessName, RemovalReason, Role, Sensitivity, Topic};

/// A physician of the practice, who opens the thread.
pub const REQUESTER: u128 = 1;
/// A coordinator of the hospital and member of cardiology.
pub const COORDINATOR: u128 = 2;
/// A physician of the hospital and member of cardiology.
pub const SPECIALIST: u128 = 3;
/// Another physician of the hospital and member of cardiology.
pub const COLLEAGUE: u128 = 4;
/// A nurse of the practice, on the care team of the patient.
pub const NURSE: u128 = 5;
/// A physician of the other hospital.
pub const VISITOR: u128 = 6;
/// The patient as a person. Also a nurse of the hospital, and a member of cardiology.
pub const PATIENT: u128 = 7;
/// An administrator of the hospital.
pub const ADMINISTRATOR: u128 = 8;
/// A person who works nowhere.
pub const OUTSIDER: u128 = 9;

/// Another physician of the practice.
pub const PARTNER: u128 = 10;

/// The practice, which keeps the patient's record.
pub const PRACTICE: u128 = 30;
/// The hospital.
pub const HOSPITAL: u128 = 31;
/// The other hospital.
pub const OTHER_HOSPITAL: u128 = 32;

/// The pool of the hospital that owns the thread.
pub const CARDIOLOGY: u128 = 40;
/// Another pool of the hospital.
pub const NEUROLOGY: u128 = 41;
/// A pool of the hospital whose only member is the patient.
pub const DERMATOLOGY: u128 = 42;
/// A pool of the other hospital.
pub const ONCOLOGY: u128 = 43;

pub fn id<I: Id>(bits: u128) -> I {
    I::from_uuid(Uuid::from_u128(bits))
}

pub fn patient() -> PatientId {
    id(20)
}

pub fn now() -> DateTime<Utc> {
    "2026-11-23T08:00:00Z".parse().expect("a time")
}

pub fn place(role: Role, organization: u128) -> Place {
    Place { role, organization: id(organization) }
}

/// The rules that are part of the program.
pub static TIME_ZONES: LazyLock<TimeZones> = LazyLock::new(TimeZones::bundled);

/// What can be looked up in the clinic.
pub static CLINIC: LazyLock<Fixed> = LazyLock::new(|| {
    let pools = [(CARDIOLOGY, HOSPITAL), (NEUROLOGY, HOSPITAL), (DERMATOLOGY, HOSPITAL), (ONCOLOGY, OTHER_HOSPITAL)];
    let members = [
        (CARDIOLOGY, COORDINATOR),
        (CARDIOLOGY, SPECIALIST),
        (CARDIOLOGY, COLLEAGUE),
        (CARDIOLOGY, PATIENT),
        (NEUROLOGY, COLLEAGUE),
        (DERMATOLOGY, PATIENT),
        (ONCOLOGY, VISITOR),
    ];
    let roles = [
        (REQUESTER, Role::Physician, PRACTICE),
        (PARTNER, Role::Physician, PRACTICE),
        (COORDINATOR, Role::Coordinator, HOSPITAL),
        (SPECIALIST, Role::Physician, HOSPITAL),
        (COLLEAGUE, Role::Physician, HOSPITAL),
        (NURSE, Role::Nurse, PRACTICE),
        (VISITOR, Role::Physician, OTHER_HOSPITAL),
        (PATIENT, Role::Nurse, HOSPITAL),
        (ADMINISTRATOR, Role::Administrator, HOSPITAL),
    ];
    Fixed {
        pools: pools.map(|(pool, organization)| (id(pool), id(organization))).to_vec(),
        calendars: vec![(id(HOSPITAL), 7, nine_to_five("UTC"))],
        pool_members: members.map(|(pool, person)| (id(pool), id(person))).to_vec(),
        roles: roles.map(|(person, role, organization)| (id(person), place(role, organization))).to_vec(),
        care_teams: vec![(patient(), id(NURSE), place(Role::Nurse, PRACTICE))],
        record_keepers: vec![(patient(), id(PRACTICE))],
        patients: vec![(patient(), id(PATIENT))],
        ..Fixed::default()
    }
});

/// The clinic after a person has lost every role and membership.
pub fn clinic_without(person: u128) -> Fixed {
    let mut clinic = CLINIC.clone();
    clinic.roles.retain(|(each, _)| *each != id(person));
    clinic.pool_members.retain(|(_, each)| *each != id(person));
    clinic
}

/// The process that returns threads to their pool, after the specialist left the clinic.
pub fn the_process_without_the_specialist() -> Acting<'static> {
    static WITHOUT: LazyLock<Fixed> = LazyLock::new(|| clinic_without(SPECIALIST));
    Acting { lookups: &*WITHOUT, ..the_process() }
}

/// The command of a number.
pub fn command(number: u128) -> CommandId {
    id(number)
}

/// The id of the one thing that the command of a number creates.
pub fn created<I: Id>(number: u128) -> I {
    command(number).creates(0)
}

/// A physician who gives the command of a number.
pub fn by(person: u128, number: u128) -> Acting<'static> {
    Acting {
        by: Actor::Person(id(person)),
        role: Role::Physician,
        capacity: Capacity::Physician,
        command: command(number),
        now: now(),
        readable: ReadableAudiences::ALL,
        grant: None,
        thread: Some(id(50)),
        lookups: &*CLINIC,
        time_zones: &TIME_ZONES,
    }
}

/// A physician who gives a command that comes after the history.
pub fn acting(person: u128) -> Acting<'static> {
    by(person, 999)
}

/// The process that escalates what nobody claims.
pub fn the_process() -> Acting<'static> {
    Acting {
        by: Actor::Process(ProcessName::Unclaimed),
        role: Role::Service,
        capacity: Capacity::Process,
        ..acting(OUTSIDER)
    }
}

pub fn the_installation() -> Acting<'static> {
    Acting { by: Actor::Installation, role: Role::Service, capacity: Capacity::Installation, ..acting(OUTSIDER) }
}

pub fn text(text: &str) -> PersonalText {
    Text::body(text).expect("a text").into()
}

pub fn why() -> PersonalText {
    text("She is away this week.")
}

/// One business day after [`now`], by the calendar of the hospital.
pub fn claim_by() -> Due {
    in_force(nine_to_five("UTC"), 7).business_days(1, now()).expect("staffed")
}

pub fn pool(pool: u128) -> Owner {
    Owner::Pool(id(pool))
}

/// A person who has the thread from cardiology.
pub fn person_of_pool(person: u128) -> Owner {
    Owner::Person { person: id(person), pool: Some(id(CARDIOLOGY)) }
}

pub fn person_alone(person: u128) -> Owner {
    Owner::Person { person: id(person), pool: None }
}

/// What a thread about the patient, owned by cardiology, is opened with.
pub fn opening() -> Opening {
    Opening {
        patient: Some(patient()),
        organization: None,
        topic: Topic::ClinicalAdvice,
        subject: text("Palpitations"),
        confidentiality: Confidentiality::Normal,
        sensitivities: vec![],
        owner: pool(CARDIOLOGY),
        pools: [].into(),
        hidden_from_delegates: None,
    }
}

/// The event that follows from [`opening`].
pub fn opened() -> Opened {
    Opened {
        by: Actor::Person(id(REQUESTER)),
        role: Role::Physician,
        kind: ThreadKind::Consultation,
        patient: Some(patient()),
        organization: id(PRACTICE),
        owning_organization: id(HOSPITAL),
        owner: pool(CARDIOLOGY),
        claim_by: Some(claim_by()),
        pools: [].into(),
        topic: Topic::ClinicalAdvice,
        subject: text("Palpitations"),
        confidentiality: Confidentiality::Normal,
        sensitivities: vec![],
        hidden_from_delegates: false,
        minor_asked_by: None,
    }
}

pub fn waiting_on(party: Party, action: CommandName, due: Option<DateTime<Utc>>) -> WaitingOn {
    WaitingOn { party, action, due }
}

pub fn turn_passed(by: u128, to: WaitingOn) -> ConversationEvent {
    ConversationEvent::TurnPassed(TurnPassed { by: Actor::Person(id(by)), to, note: None, promised: None })
}

/// The turn of the coordinators of the hospital, as an escalation passes it.
pub fn escalated() -> ConversationEvent {
    let party = Party::Role(place(Role::Coordinator, HOSPITAL));
    let to = waiting_on(party, PassTurn::NAME, Some(claim_by().at));
    ConversationEvent::TurnPassed(TurnPassed {
        by: Actor::Process(ProcessName::Unclaimed),
        to,
        note: None,
        promised: Some(claim_by()),
    })
}

/// The message that the command of a number posts.
pub fn posted(by: u128, command: u128, number: u32) -> ConversationEvent {
    ConversationEvent::MessagePosted(MessagePosted {
        by: Actor::Person(id(by)),
        capacity: Capacity::Physician,
        delegation: None,
        message: created(command),
        number,
        at: now(),
        addressed: Addressed::Everyone,
        body: text("The recording is attached."),
    })
}

/// A receipt for the message that the command of a number posted.
pub fn read(person: u128, command: u128, number: u32) -> ConversationEvent {
    ConversationEvent::ReadMarked(ReadMarked {
        person: id(person),
        capacity: Capacity::Physician,
        message: created(command),
        number,
    })
}

pub fn owner_changed(by: u128, owner: Owner, organization: u128, reason: Option<PersonalText>) -> ConversationEvent {
    ConversationEvent::OwnerChanged(OwnerChanged {
        by: Actor::Person(id(by)),
        owner,
        organization: id(organization),
        claim_by: match owner {
            Owner::Pool(_) => Some(claim_by()),
            Owner::Person { .. } => None,
        },
        reason,
    })
}

pub fn claimed_by(person: u128) -> ConversationEvent {
    owner_changed(person, person_of_pool(person), HOSPITAL, None)
}

/// A member of the care team, who sees everything.
pub fn nurse_added() -> ConversationEvent {
    ConversationEvent::ParticipantAdded(ParticipantAdded {
        by: Actor::Person(id(REQUESTER)),
        person: id(NURSE),
        place: place(Role::Nurse, PRACTICE),
        since: None,
        by_care_team: true,
        reason: None,
    })
}

/// A physician of another hospital.
pub fn visitor_invited(history: HistoryWindow) -> ConversationEvent {
    ConversationEvent::ParticipantInvited(ParticipantInvited {
        by: Actor::Person(id(REQUESTER)),
        person: id(VISITOR),
        place: place(Role::Physician, OTHER_HOSPITAL),
        history,
        expires_at: now() + chrono::Duration::days(14),
        reason: Some(why()),
    })
}

pub fn removed(by: Actor, person: u128, reason: RemovalReason, note: Option<PersonalText>) -> ConversationEvent {
    ConversationEvent::ParticipantRemoved(ParticipantRemoved { by, person: id(person), reason, note })
}

pub fn closed_by(person: u128, outcome: Option<PersonalText>) -> ConversationEvent {
    ConversationEvent::Closed(Closed { by: Actor::Person(id(person)), at: now(), outcome })
}

/// Hidden from delegates by staff, with a basis.
pub fn hidden_by(person: u128) -> ConversationEvent {
    let by = Actor::Person(id(person));
    ConversationEvent::HiddenFromDelegates(HiddenFromDelegates { by, basis: Some(why()) })
}

/// One event of each kind of the conversation.
pub fn one_of_each() -> Vec<ConversationEvent> {
    let by = Actor::Person(id::<PersonId>(SPECIALIST));
    let events = vec![
        ConversationEvent::Opened(opened()),
        nurse_added(),
        visitor_invited(HistoryWindow::Full),
        ConversationEvent::ParticipantDeclined(ParticipantDeclined { by: Actor::Person(id(VISITOR)) }),
        ConversationEvent::InvitationExpired(InvitationExpired { by: the_process().by, person: id(VISITOR) }),
        ConversationEvent::WindowChanged(WindowChanged { by, person: id(NURSE), since: None, reason: why() }),
        removed(by, NURSE, RemovalReason::Removed, Some(why())),
        claimed_by(SPECIALIST),
        ConversationEvent::RequesterChanged(RequesterChanged {
            by,
            requester: id(NURSE),
            role: Role::Physician,
            reason: why(),
        }),
        escalated(),
        ConversationEvent::Labelled(Labelled {
            by,
            confidentiality: Confidentiality::Restricted,
            sensitivities: vec![Sensitivity::Psychiatry],
        }),
        ConversationEvent::Released(Released { by }),
        posted(SPECIALIST, 1, 1),
        read(SPECIALIST, 1, 1),
        ConversationEvent::ThreadPutAway(ThreadPutAway { person: id(SPECIALIST), away: true }),
        hidden_by(SPECIALIST),
        ConversationEvent::ShownToDelegates(ShownToDelegates { by }),
        closed_by(SPECIALIST, None),
        ConversationEvent::Reopened(Reopened { by, reason: why() }),
        ConversationEvent::PatientDied(PatientDied { by: the_process().by, died_at: now() }),
    ];
    let kinds = |events: &[ConversationEvent]| -> Vec<(&'static str, u16)> {
        use crate::event_set::EventSet;
        events.iter().map(|event| (event.kind(), event.version())).collect()
    };
    assert_eq!(kinds(&events), <ConversationEvent as crate::event_set::EventSet>::kinds());
    events
}

/// Adds somebody by their place on the care team.
pub fn add(person: u128) -> ThreadCommand {
    add_from_care_team(person, HistoryWindow::Full).into()
}

pub fn add_from_care_team(person: u128, history: HistoryWindow) -> crate::conversation::ConversationCommand {
    AddParticipant { person: id(person), place: None, history, reason: None }.into()
}

pub fn post() -> ThreadCommand {
    post_to(Addressed::Everyone).into()
}

pub fn post_to(addressed: Addressed) -> crate::conversation::ConversationCommand {
    PostMessage { addressed, body: text("The recording is attached.") }.into()
}

/// Marks as read the message that the command of a number posted.
pub fn mark_read(number: u128) -> ThreadCommand {
    ThreadCommand::Conversation(MarkRead { message: created::<MessageId>(number) }.into())
}

pub fn claim() -> ThreadCommand {
    ThreadCommand::Conversation(Claim.into())
}

/// Parties of the clinic, for scenarios that name many.
pub fn pool_party(pool: u128) -> Party {
    Party::Pool(id::<PoolId>(pool))
}

pub fn person_party(person: u128) -> Party {
    Party::Person(id(person))
}

pub fn coordinators(organization: u128) -> Party {
    Party::coordinators(id(organization))
}
