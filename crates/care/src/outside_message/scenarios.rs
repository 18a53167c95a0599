//! Scenarios of messages from outside. The daughter writes to the practice; the nurse has claimed what was sent.

use chrono::Duration;

use super::*;
use crate::aggregate::scenario::given;
use crate::aggregate::{Fixed, ThreadAbout};
use crate::clinic::{id, now, text};
use crate::closed_table::{Outcome, START, Walked, complaints};
use crate::command_name::{Command as _, CommandName};
use crate::delegation::scenarios::{AGENCY, DAUGHTER, PATIENT, PRACTICE, Who, at, by, facts as facts_of, patient};
use crate::event_set::EventSet as _;
use crate::process::outside_messages::{due, wakes_at};

const KIND: DelegationKind = DelegationKind::PatientAuthorised;
const THREAD: u128 = 50;

fn facts() -> Fixed {
    let about = |patient| ThreadAbout { patient, organization: id(PRACTICE) };
    Fixed {
        organizations: vec![id(PRACTICE)],
        threads: vec![(id(THREAD), about(Some(patient()))), (id(THREAD + 1), about(None))],
        ..facts_of(KIND)
    }
}

fn help() -> Wish {
    Wish::Help { kind: KIND, text: Some(text("I drive her to the clinic.")) }
}

fn tell() -> Wish {
    Wish::Tell { text: text("She has not eaten for two days.") }
}

fn message(wish: Wish) -> SendOutsideMessage {
    SendOutsideMessage {
        organization: id(PRACTICE),
        patient_name: text("Mira Patient"),
        birth_date: Some(text("1958-03-04")),
        relationship: Relationship::Child,
        wish,
    }
}

fn find() -> MatchOutsideMessage {
    MatchOutsideMessage { patient: patient() }
}

fn attach(thread: u128) -> AttachOutsideMessage {
    AttachOutsideMessage { thread: id(thread), text: text("She has not eaten for two days.") }
}

fn close(ground: OutsideClosing) -> CloseOutsideMessage {
    CloseOutsideMessage { ground, reason: text("Three patients have that name.") }
}

/// The events that lead a message with the wish to the state.
fn history(wish: &Wish, state: OutsideState) -> Vec<OutsideMessageEvent> {
    let facts = facts();
    let steps: [(OutsideState, Who, i64, OutsideMessageCommand); 4] = [
        (OutsideState::Waiting, Who::Daughter, 0, message(wish.clone()).into()),
        (OutsideState::Claimed, Who::Nurse, 0, ClaimOutsideMessage.into()),
        (OutsideState::Ended, Who::Nurse, 0, close(OutsideClosing::Unmatched).into()),
        (OutsideState::Erased, Who::Process, 90, EraseOutsideMessage.into()),
    ];
    let mut events = Vec::new();
    for (reached, who, days, command) in steps {
        let acting = by(&facts, who);
        let acting = Acting { now: acting.now + Duration::days(days), ..acting };
        events.extend(given::<OutsideMessage>(&events).when(&command, &acting).events());
        if reached == state {
            break;
        }
    }
    events
}

const STEPS: [&str; 9] = [
    "outside_message.send/help",
    "outside_message.send/tell",
    "outside_message.claim",
    "outside_message.match",
    "outside_message.attach",
    "outside_message.close/unmatched",
    "outside_message.close/refused",
    "outside_message.expire",
    "outside_message.erase",
];

impl Walked for OutsideMessage {
    const TABLE: &'static str = include_str!("table.txt");

    fn states() -> Vec<&'static str> {
        OutsideState::ALL.iter().map(|state| state.word()).collect()
    }

    fn commands() -> Vec<CommandName> {
        OutsideMessageCommand::names()
    }

    fn steps() -> Vec<&'static str> {
        STEPS.to_vec()
    }

    fn take(state: &str, step: &str) -> Outcome {
        let (who, days, command): (Who, i64, OutsideMessageCommand) = match step {
            "outside_message.send/help" => (Who::Daughter, 0, message(help()).into()),
            "outside_message.send/tell" => (Who::Daughter, 0, message(tell()).into()),
            // The nurse has taken it in every history, and somebody else can take it over.
            "outside_message.claim" => (Who::Coordinator, 0, ClaimOutsideMessage.into()),
            "outside_message.match" => (Who::Nurse, 0, find().into()),
            "outside_message.attach" => (Who::Nurse, 0, attach(THREAD).into()),
            "outside_message.close/unmatched" => (Who::Nurse, 0, close(OutsideClosing::Unmatched).into()),
            "outside_message.close/refused" => (Who::Nurse, 0, close(OutsideClosing::Refused).into()),
            "outside_message.expire" => (Who::Process, 60, ExpireOutsideMessage.into()),
            "outside_message.erase" => (Who::Process, 90, EraseOutsideMessage.into()),
            other => panic!("no such step: {other}"),
        };
        let wish = if step == "outside_message.attach" { tell() } else { help() };
        let events = OutsideState::parse(state).map(|state| history(&wish, state)).unwrap_or_default();
        let facts = facts();
        let acting = by(&facts, who);
        let acting = Acting { now: acting.now + Duration::days(days), ..acting };
        let before: Self = crate::aggregate::folded(&events);
        match before.decide(&command, &acting) {
            Ok(events) => {
                let kinds = events.iter().map(|event| event.kind()).collect();
                let after = events.iter().fold(before, Self::evolve);
                Outcome::Stepped { to: after.state().map_or(START, |state| state.word()).to_owned(), events: kinds }
            }
            Err(OutsideMessageRefusal::Missing) => Outcome::Missing,
            Err(OutsideMessageRefusal::NotInState { state }) => Outcome::NotInState(state.word().to_owned()),
            Err(refusal) => Outcome::Refused(format!("{refusal:?}")),
        }
    }
}

#[test]
fn every_state_and_step_is_as_the_table_says() {
    assert_eq!(complaints::<OutsideMessage>(), Vec::<String>::new());
}

#[track_caller]
fn sent(facts: &Fixed, message: SendOutsideMessage) -> Sent {
    let events = given::<OutsideMessage>(&[]).when(&message.into(), &by(facts, Who::Daughter)).events();
    match &events[..] {
        [OutsideMessageEvent::Sent(sent)] => sent.clone(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_is_sent_does_not_depend_on_any_patient() {
    let known = facts();
    let nobody = Fixed { patients: vec![], record_keepers: vec![], threads: vec![], ..facts() };
    let dead = Fixed { died: vec![(patient(), now())], protected: vec![(patient(), id(DAUGHTER))], ..facts() };
    for wish in [help(), tell()] {
        let expected = sent(&known, message(wish.clone()));
        for facts in [&nobody, &dead] {
            assert_eq!(sent(facts, message(wish.clone())), expected);
        }
    }
}

#[test]
fn an_offer_is_due_in_five_business_days_and_what_was_told_in_one() {
    let due = |wish| sent(&facts(), message(wish)).due.map(|due| due.at);
    assert_eq!(due(help()), Some(at("2026-11-30T09:00:00Z")));
    assert_eq!(due(tell()), Some(at("2026-11-24T09:00:00Z")));
    let without = Fixed { calendars: vec![], ..facts() };
    assert_eq!(sent(&without, message(tell())).due, None);
}

#[test]
fn a_person_sends_five_with_each_wish_in_a_month_and_only_to_an_organization() {
    let send = |facts: &Fixed, wish, who| given::<OutsideMessage>(&[]).when(&message(wish).into(), &by(facts, who));
    let mut facts = facts();
    let before = |wish, days, times| vec![(id(DAUGHTER), wish, now() - Duration::days(days)); times];
    facts.outside_messages = before(OutsideWish::Help, 32, 5);
    facts.outside_messages.extend(before(OutsideWish::Help, 20, 4));
    facts.outside_messages.extend(before(OutsideWish::Tell, 20, 5));
    assert_eq!(send(&facts, help(), Who::Daughter).events().len(), 1);
    send(&facts, tell(), Who::Daughter).then_refused(&OutsideMessageRefusal::TooManyTries);
    facts.outside_messages.extend(before(OutsideWish::Help, 0, 1));
    send(&facts, help(), Who::Daughter).then_refused(&OutsideMessageRefusal::TooManyTries);
    // Others are not bound by it.
    assert_eq!(send(&facts, tell(), Who::Patient).events().len(), 1);
    facts.organizations.clear();
    send(&facts, tell(), Who::Patient).then_refused(&OutsideMessageRefusal::NoSuchOrganization);
    send(&facts, tell(), Who::Process).then_refused(&OutsideMessageRefusal::NotAPerson);
}

#[track_caller]
fn refused(facts: &Fixed, wish: &Wish, who: Who, command: impl Into<OutsideMessageCommand>) -> OutsideMessageRefusal {
    let claimed: OutsideMessage = crate::aggregate::folded(&history(wish, OutsideState::Claimed));
    claimed.decide(&command.into(), &by(facts, who)).expect_err("it is refused")
}

#[test]
fn only_who_has_taken_it_goes_on_with_it() {
    let facts = facts();
    let not_yours = OutsideMessageRefusal::NotYours;
    assert_eq!(refused(&facts, &help(), Who::Coordinator, find()), not_yours);
    assert_eq!(refused(&facts, &tell(), Who::Coordinator, attach(THREAD)), not_yours);
    assert_eq!(refused(&facts, &tell(), Who::Coordinator, close(OutsideClosing::Refused)), not_yours);
    let claimed = history(&help(), OutsideState::Claimed);
    given::<OutsideMessage>(&claimed).when(&ClaimOutsideMessage.into(), &by(&facts, Who::Nurse)).then(&[]);
}

#[test]
fn an_offer_is_matched_and_what_was_told_is_attached_to_a_patient_of_the_organization() {
    let facts = facts();
    assert_eq!(refused(&facts, &tell(), Who::Nurse, find()), OutsideMessageRefusal::OtherWish);
    assert_eq!(refused(&facts, &help(), Who::Nurse, attach(THREAD)), OutsideMessageRefusal::OtherWish);
    let about_nobody = refused(&facts, &tell(), Who::Nurse, attach(THREAD + 1));
    assert_eq!(about_nobody, OutsideMessageRefusal::NotAboutPatient);
    assert_eq!(refused(&facts, &tell(), Who::Nurse, attach(THREAD + 2)), OutsideMessageRefusal::NotAboutPatient);
    let erased = AttachOutsideMessage { text: PersonalText::Destroyed, ..attach(THREAD) };
    assert_eq!(refused(&facts, &tell(), Who::Nurse, erased), OutsideMessageRefusal::TextErased);
    let elsewhere = Fixed { record_keepers: vec![(patient(), id(AGENCY))], ..facts };
    let other = OutsideMessageRefusal::OtherOrganization;
    assert_eq!(refused(&elsewhere, &help(), Who::Nurse, find()), other);
    assert_eq!(refused(&elsewhere, &tell(), Who::Nurse, attach(THREAD)), other);
}

#[test]
fn staff_are_told_at_once_if_the_person_cannot_be_asked_about() {
    let dead = Fixed { died: vec![(patient(), now())], ..facts() };
    let refusal = refused(&dead, &help(), Who::Nurse, find());
    assert_eq!(refusal, OutsideMessageRefusal::Offer(DelegationRefusal::PatientDeceased));
    let themself = Fixed { patients: vec![(patient(), id(DAUGHTER))], ..facts() };
    let refusal = refused(&themself, &help(), Who::Nurse, find());
    assert_eq!(refusal, OutsideMessageRefusal::Offer(DelegationRefusal::OwnRecord));
    assert_ne!(PATIENT, DAUGHTER);
}

#[test]
fn an_offer_lapses_after_sixty_days_and_what_ended_is_erased_ninety_days_later() {
    let facts = facts();
    let days = |days| now() + Duration::days(days);
    let next = |events: &[OutsideMessageEvent]| {
        let mut deadlines = Deadlines::default();
        events.iter().for_each(|event| deadlines.evolve(event));
        deadlines
    };
    for (wish, state, wakes) in [
        (help(), OutsideState::Waiting, Some(days(60))),
        (help(), OutsideState::Claimed, Some(days(60))),
        (tell(), OutsideState::Waiting, None),
        (tell(), OutsideState::Ended, Some(days(90))),
        (help(), OutsideState::Erased, None),
    ] {
        let events = history(&wish, state);
        let deadlines = next(&events);
        assert_eq!(wakes_at(&deadlines), wakes, "{wish:?} {state:?}");
        let Some(wakes) = wakes else { continue };
        assert_eq!(due(&deadlines, wakes - Duration::microseconds(1)), None);
        let command = due(&deadlines, wakes).expect("it is due when it wakes");
        let process = by(&facts, Who::Process);
        let early = Acting { now: wakes - Duration::microseconds(1), ..process };
        given::<OutsideMessage>(&events).when(&command, &early).then_refused(&OutsideMessageRefusal::NotDue);
        let more = given::<OutsideMessage>(&events).when(&command, &Acting { now: wakes, ..process }).events();
        assert_eq!(next(&[events, more].concat()).due_at(), None, "nobody is to see to it any more");
    }
    assert_eq!(next(&history(&help(), OutsideState::Claimed)).due_at(), Some(at("2026-11-30T09:00:00Z")));
}
