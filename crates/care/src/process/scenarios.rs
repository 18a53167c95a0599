//! Scenarios of the processes: what happened, when the timers wake, and the command that is due.

use chrono::Duration;

use super::*;
use crate::aggregate::{Aggregate, folded};
use crate::clinic::{
    CARDIOLOGY, COORDINATOR, HOSPITAL, NURSE, REQUESTER, SPECIALIST, VISITOR, claim_by, claimed_by, closed_by,
    escalated, id, now, nurse_added, opened, owner_changed, person_alone, person_of_pool, pool, pool_party, posted,
    removed, the_process, turn_passed, visitor_invited, waiting_on, why,
};
use crate::command_name::Named;
use crate::conversation::{
    Claim, EndWait, Escalate, ExpireInvitation, HistoryWindow, InvitationExpired, Opened, Owner, ParticipantAdded,
    ParticipantDeclined, ParticipantInvited, Party, Reopened, TurnPassed,
};
use crate::envelope::Actor;
use crate::ids::PersonId;
use crate::lifecycle::consultation::scenarios::submitted;
use crate::thread::{Thread, ThreadEvent};
use crate::words::RemovalReason;

fn after(events: &[ConversationEvent]) -> Timers {
    let mut timers = Timers::default();
    events.iter().for_each(|event| timers.evolve(event));
    timers
}

/// The timers of a thread that cardiology owns, after some events.
fn of_the_pool(events: &[ConversationEvent]) -> Timers {
    after(&[&[ConversationEvent::Opened(opened())], events].concat())
}

fn unclaimed() -> (ProcessName, DateTime<Utc>) {
    (ProcessName::Unclaimed, claim_by().at)
}

fn given_back() -> ConversationEvent {
    owner_changed(SPECIALIST, pool(CARDIOLOGY), HOSPITAL, Some(why()))
}

#[test]
fn a_thread_of_a_pool_wakes_at_the_due_instant_of_its_claim() {
    let timers = of_the_pool(&[]);
    assert_eq!(timers.wake(), [unclaimed()]);
    let at = claim_by().at;
    assert_eq!(timers.due(at - Duration::seconds(1)), []);
    let escalate = (ProcessName::Unclaimed, ThreadCommand::Conversation(Escalate.into()));
    for late in [at, at + Duration::days(30)] {
        assert_eq!(timers.due(late), std::slice::from_ref(&escalate));
    }
}

#[test]
fn neither_what_a_person_owns_wakes_nor_what_no_calendar_promises() {
    for opened in [
        Opened { owner: person_alone(REQUESTER), claim_by: None, ..opened() },
        Opened { owner: Owner::Person { person: id(SPECIALIST), pool: Some(id(CARDIOLOGY)) }, ..opened() },
        Opened { claim_by: None, ..opened() },
    ] {
        assert_eq!(after(&[ConversationEvent::Opened(opened)]).wake(), []);
    }
}

#[test]
fn a_claim_takes_the_timer_away_and_giving_back_sets_it_anew() {
    assert_eq!(of_the_pool(&[claimed_by(SPECIALIST)]).wake(), []);
    assert_eq!(of_the_pool(&[claimed_by(SPECIALIST), given_back()]).wake(), [unclaimed()]);
    let passed = owner_changed(SPECIALIST, person_of_pool(COORDINATOR), HOSPITAL, Some(why()));
    assert_eq!(of_the_pool(&[passed]).wake(), []);
}

#[test]
fn a_closed_thread_wakes_nobody_and_a_thread_that_is_opened_again_does_by_its_owner() {
    let closed = [closed_by(REQUESTER, None)];
    assert_eq!(of_the_pool(&closed).wake(), []);
    let reopened = ConversationEvent::Reopened(Reopened { by: Actor::Person(id(REQUESTER)), reason: why() });
    assert_eq!(of_the_pool(&[closed_by(REQUESTER, None), reopened.clone()]).wake(), []);
    assert_eq!(of_the_pool(&[closed_by(REQUESTER, None), reopened, given_back()]).wake(), [unclaimed()]);
}

#[test]
fn an_escalation_happens_once() {
    assert_eq!(of_the_pool(&[escalated()]).wake(), []);
    // Also after the coordinator has passed the turn on to the pool.
    let passed = turn_passed(COORDINATOR, waiting_on(pool_party(CARDIOLOGY), Claim::NAME, None));
    assert_eq!(of_the_pool(&[escalated(), passed]).wake(), []);
    assert_eq!(of_the_pool(&[escalated(), claimed_by(SPECIALIST), given_back()]).wake(), [unclaimed()]);
}

#[test]
fn no_other_event_changes_when_the_timer_wakes() {
    // Another turn does not either, by a person or by a process: a process that gives a thread back to its
    // pool makes it the pool's turn in the same append.
    let to = waiting_on(pool_party(CARDIOLOGY), Claim::NAME, None);
    let by_process = ConversationEvent::TurnPassed(TurnPassed { by: the_process().by, to, note: None, promised: None });
    for event in [posted(SPECIALIST, 1, 1), nurse_added(), turn_passed(REQUESTER, to), by_process] {
        assert_eq!(of_the_pool(std::slice::from_ref(&event)).wake(), [unclaimed()], "{event:?}");
    }
}

#[test]
fn the_command_that_is_due_ends_its_timer() {
    // The whole way: the process gives its command to the thread, whose events it follows.
    let history = submitted();
    let in_conversation = |events: &[ThreadEvent]| {
        let of = |event: &ThreadEvent| match event {
            ThreadEvent::Conversation(event) => Some(event.clone()),
            ThreadEvent::Lifecycle(_) => None,
        };
        events.iter().filter_map(of).collect::<Vec<_>>()
    };
    let mut timers = after(&in_conversation(&history));
    let due = timers.due(claim_by().at);
    let [(name, command)] = &due[..] else { panic!("{due:?}") };
    assert_eq!(*name, ProcessName::Unclaimed);
    let events = folded::<Thread>(&history).decide(command, &the_process()).expect("not refused");
    assert_eq!(events, [escalated().into()]);
    in_conversation(&events).iter().for_each(|event| timers.evolve(event));
    assert_eq!(timers, Timers::default());
}

fn invited(person: u128, at: DateTime<Utc>) -> ConversationEvent {
    let ConversationEvent::ParticipantInvited(invited) = visitor_invited(HistoryWindow::Full) else {
        panic!("an invitation")
    };
    let person = id::<PersonId>(person);
    ConversationEvent::ParticipantInvited(ParticipantInvited { person, expires_at: at, ..invited })
}

/// When the invitations of a thread wake that a person owns.
fn invitations(events: &[ConversationEvent]) -> Vec<(ProcessName, DateTime<Utc>)> {
    after(events).wake()
}

#[test]
fn the_invitation_that_ends_first_wakes_first() {
    let (early, late) = (now() + Duration::days(3), now() + Duration::days(5));
    let both = [invited(VISITOR, late), invited(NURSE, early)];
    assert_eq!(invitations(&both), [(ProcessName::Invitations, early)]);
    let timers = after(&both);
    let expire = |person| (ProcessName::Invitations, ThreadCommand::from(expire(person)));
    assert_eq!(timers.due(early - Duration::seconds(1)), []);
    assert_eq!(timers.due(early), [expire(NURSE)]);
    let expired = ConversationEvent::InvitationExpired(InvitationExpired { by: the_process().by, person: id(NURSE) });
    let timers = after(&[&both[..], &[expired]].concat());
    assert_eq!(timers.wake(), [(ProcessName::Invitations, late)]);
    assert_eq!(timers.due(late), [expire(VISITOR)]);
}

fn expire(person: u128) -> crate::conversation::ConversationCommand {
    ExpireInvitation { person: id(person) }.into()
}

#[test]
fn an_invitation_that_was_answered_or_taken_back_wakes_nobody() {
    let end = now() + Duration::days(14);
    assert_eq!(invitations(&[invited(VISITOR, end)]), [(ProcessName::Invitations, end)]);
    let ConversationEvent::ParticipantAdded(nurse) = nurse_added() else { panic!("a participant") };
    let added = ConversationEvent::ParticipantAdded(ParticipantAdded { person: id(VISITOR), ..nurse });
    let declined = ConversationEvent::ParticipantDeclined(ParticipantDeclined { by: Actor::Person(id(VISITOR)) });
    let taken_back = removed(Actor::Person(id(REQUESTER)), VISITOR, RemovalReason::Removed, Some(why()));
    for answer in [added, declined, taken_back] {
        assert_eq!(invitations(&[invited(VISITOR, end), answer.clone()]), [], "{answer:?}");
    }
    // An invitation also ends in a thread that is closed.
    assert_eq!(invitations(&[invited(VISITOR, end), closed_by(REQUESTER, None)]), [(ProcessName::Invitations, end)]);
}

#[test]
fn timers_are_stored_and_read_back() {
    let timers = of_the_pool(&[invited(VISITOR, now() + Duration::days(14))]);
    let stored = serde_json::to_string(&timers).expect("writes");
    assert_eq!(serde_json::from_str::<Timers>(&stored).expect("reads"), timers);
}

#[test]
fn an_agreed_wait_wakes_at_its_date_until_another_turn_comes() {
    let due = now() + Duration::days(7);
    let until = |due| turn_passed(REQUESTER, waiting_on(Party::Nobody, Claim::NAME, due));
    let review = (ProcessName::Reviews, due);
    let timers = after(&[until(Some(due))]);
    assert_eq!(timers.wake(), [review]);
    assert_eq!(timers.due(due - Duration::seconds(1)), []);
    assert_eq!(timers.due(due), [(ProcessName::Reviews, ThreadCommand::Conversation(EndWait.into()))]);
    let others = [
        until(None),
        turn_passed(REQUESTER, waiting_on(pool_party(CARDIOLOGY), Claim::NAME, Some(due))),
        escalated(),
        closed_by(REQUESTER, None),
    ];
    for event in others {
        assert_eq!(after(&[until(Some(due)), event.clone()]).wake(), [], "{event:?}");
    }
    assert_eq!(after(&[until(Some(due)), posted(SPECIALIST, 1, 1)]).wake(), [review]);
}
