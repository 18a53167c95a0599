//! Scenarios of the thread, as given / when / then: what holds of the conversation and the
//! lifecycle together, as properties of histories too.

use std::collections::{BTreeMap, BTreeSet};

use chrono::Duration;
use proptest::prelude::*;

use super::*;
use crate::aggregate::folded;
use crate::aggregate::scenario::given;
use crate::clinic::{
    CARDIOLOGY, COLLEAGUE, COORDINATOR, NURSE, REQUESTER, SPECIALIST, acting, add, by, claim, clinic_without, created,
    escalated, id, mark_read, now, opening, person_party, pool, pool_party, post, text, the_installation, the_process,
    the_process_without_the_specialist, turn_passed, waiting_on, why,
};
use crate::command_name::Named;
use crate::conversation::{
    AcceptInvitation, Addressed, ChangeHistoryWindow, Claim, Close, ConversationAct, DeclineInvitation, EndWait,
    Escalate, ExpireInvitation, HideFromDelegates, HistoryWindow, InviteParticipant, Leave, NoteDeath, Owner, Party,
    PassTurn, PutAway, RemoveParticipant, Reopen, ReturnToPool, SetWaitingOn, ShowToDelegates, TakeOver, Transfer,
    WaitingOn,
};
use crate::envelope::Actor;
use crate::lifecycle::consultation::scenarios::{
    POSTED, REQUESTED, accepted, advise, assign, assigned_to, close, course, given_in, inform, plan, request,
    requested, review_started, state_after, submitted, well_formed as of_consultation,
};
use crate::lifecycle::consultation::{Advise, ConsultationEvent, Disposed};
use crate::lifecycle::team_thread::scenarios::park;
use crate::shown::Digest;
use crate::text::{EachText, PersonalText};
use crate::words::{Audience, Capacity, ConsultationState, ReassignReason, RemovalReason, Role};

fn conversation_of(thread: &Thread) -> &Conversation {
    match thread {
        Thread::Opened { conversation, lifecycle: _ } => conversation,
        Thread::Unopened => panic!("opened"),
    }
}

fn escalate() -> ThreadCommand {
    ThreadCommand::Conversation(Escalate.into())
}

fn pass_turn(to: WaitingOn) -> ThreadCommand {
    ThreadCommand::Conversation(PassTurn { to, note: None }.into())
}

fn turn_of_the_pool() -> WaitingOn {
    waiting_on(pool_party(CARDIOLOGY), Claim::NAME, None)
}

/// The course up to a state, and an escalation there.
fn escalated_in(state: ConsultationState) -> Vec<ThreadEvent> {
    [course(state), vec![escalated().into()]].concat()
}

#[test]
fn before_it_is_opened_a_thread_is_missing() {
    let commands = [
        assign(None, None),
        claim(),
        advise(1),
        plan(vec![]),
        inform(now()),
        close(5, 5),
        add(NURSE),
        post(),
        mark_read(POSTED),
        escalate(),
    ];
    for command in commands {
        given::<Thread>(&[]).when(&command, &acting(REQUESTER)).then_refused(&ThreadRefusal::Missing);
        assert_eq!(Thread::Unopened.takes(command.name(), &acting(REQUESTER)), Err(ThreadRefusal::Missing));
    }
}

#[test]
fn events_before_the_opening_open_nothing() {
    let history = course(ConsultationState::Closed);
    for event in history.iter().skip(1) {
        assert_eq!(folded::<Thread>([event]), Thread::Unopened, "{event:?}");
    }
}

#[test]
fn a_thread_has_the_id_that_follows_from_the_command_which_opens_it() {
    let opens = requested(opening(), request());
    let thread = created::<ThreadId>(REQUESTED).uuid();
    assert_eq!(Thread::created_by(&opens, by(REQUESTER, REQUESTED).command), Some(thread));
    assert_eq!(Thread::created_by(&claim(), by(REQUESTER, REQUESTED).command), None);
    assert_eq!(opens.opens(), Some((ThreadKind::Consultation, &opening())));
    assert_eq!(claim().opens(), None);
}

#[test]
fn messages_receipts_and_participants_are_no_transitions() {
    let thread = folded::<Thread>(&course(ConsultationState::Assigned));
    let transitions = |command: &ThreadCommand| {
        let events = thread.decide(command, &acting(SPECIALIST)).expect("not refused");
        events.iter().map(Thread::is_transition).collect::<Vec<_>>()
    };
    for command in [post(), mark_read(POSTED), add(NURSE)] {
        assert_eq!(transitions(&command), [false], "{command:?}");
    }
    assert_eq!(transitions(&claim()), [true; 3]);
    let closing =
        folded::<Thread>(&course(ConsultationState::PatientInformed)).decide(&close(5, 5), &acting(REQUESTER));
    assert!(closing.expect("closed").iter().all(Thread::is_transition));
}

#[test]
fn a_message_and_a_step_are_one_act() {
    let message = |addressed| PostMessage { addressed, body: text("Thank you.") };
    let before = folded::<Thread>(&course(ConsultationState::PatientInformed));
    let acting = acting(REQUESTER);
    let decided = |thread: &Thread, command: &ThreadCommand| thread.decide(command, &acting).expect("not refused");
    let post = ThreadCommand::from(ConversationCommand::from(message(Addressed::Everyone)));
    let reply = close(5, 5).with_message(Some(message(Addressed::Everyone)));
    let posted = decided(&before, &post);
    let after = posted.iter().fold(before.clone(), Thread::evolve);
    let both = [posted, decided(&after, &close(5, 5))].concat();
    assert_eq!(decided(&before, &reply), both);
    assert_eq!(
        state_after(&[course(ConsultationState::PatientInformed), both].concat()),
        Some(ConsultationState::Closed)
    );
    assert_eq!(
        (reply.name(), reply.audience(), reply.also_posts()),
        (close(5, 5).name(), None, Some(Audience::Everyone))
    );

    // Either is refused with the other.
    let to_nobody = close(5, 5).with_message(Some(message(Addressed::Named([id(COLLEAGUE)].into()))));
    let refused = before.decide(&to_nobody, &acting).expect_err("refused");
    assert_eq!(refused, ThreadRefusal::Message(ConversationRefusal::NotAParticipant));
    let early = folded::<Thread>(&course(ConsultationState::Assigned));
    assert_eq!(early.decide(&reply, &acting), early.decide(&close(5, 5), &acting));
    assert!(early.decide(&reply, &acting).is_err());
    assert_eq!(close(5, 5).with_message(None), close(5, 5));
}

#[test]
fn only_a_process_escalates() {
    for acting in [acting(COORDINATOR), the_installation()] {
        given_in(ConsultationState::Assigned)
            .when(&escalate(), &acting)
            .then_refused(&ConversationRefusal::NotAProcess.into());
    }
    given_in(ConsultationState::Assigned).when(&escalate(), &the_process()).then(&[escalated().into()]);
}

#[test]
fn an_escalation_happens_once_and_never_after_closing() {
    given::<Thread>(&escalated_in(ConsultationState::Assigned)).when(&escalate(), &the_process()).then(&[]);
    given_in(ConsultationState::Closed)
        .when(&escalate(), &the_process())
        .then_refused(&ConversationRefusal::Closed.into());
}

#[test]
fn an_escalation_makes_it_the_turn_of_the_first_party_of_last_resort_that_there_is() {
    let escalated_to = |clinic: &crate::aggregate::Fixed| {
        let acting = Acting { lookups: clinic, ..the_process() };
        let events = given_in(ConsultationState::InReview).when(&escalate(), &acting).events();
        events.into_iter().map(|event| match event {
            ThreadEvent::Conversation(ConversationEvent::TurnPassed(passed)) => passed.to.party,
            event @ (ThreadEvent::Conversation(_) | ThreadEvent::Lifecycle(_)) => panic!("{event:?}"),
        })
    };
    let role = |role| Party::Role(crate::clinic::place(role, crate::clinic::HOSPITAL));
    assert!(escalated_to(&crate::clinic::CLINIC).eq([role(Role::Coordinator)]));
    let mut clinic = clinic_without(COORDINATOR);
    assert!(escalated_to(&clinic).eq([role(Role::Administrator)]));
    clinic.roles.clear();
    assert!(escalated_to(&clinic).eq([]));
}

#[test]
fn an_escalation_stays_in_force_until_the_lifecycle_names_another_turn() {
    let history = escalated_in(ConsultationState::Assigned);
    for command in [post(), mark_read(POSTED), add(NURSE)] {
        let events = given::<Thread>(&history).when(&command, &acting(REQUESTER)).events();
        let after = folded::<Thread>(&[history.clone(), events].concat());
        assert_eq!(after.waits_for(), folded::<Thread>(&history).waits_for(), "{command:?}");
    }
    // The pool can still claim it: then the thread waits for the person who did.
    given::<Thread>(&history).when(&claim(), &acting(SPECIALIST)).then(&review_started(SPECIALIST));
    let reason = Some(ReassignReason::Absence);
    given::<Thread>(&history)
        .when(&assign(Some(COLLEAGUE), reason), &acting(COORDINATOR))
        .then(&assigned_to(Some(COLLEAGUE), reason));
}

#[test]
fn the_turn_is_passed_on_only_where_that_is_awaited() {
    let pass = pass_turn(turn_of_the_pool());
    given_in(ConsultationState::Assigned)
        .when(&pass, &acting(COORDINATOR))
        .then_refused(&ConversationRefusal::NotAdmitted.into());
    let after = given::<Thread>(&escalated_in(ConsultationState::Assigned));
    after.when(&pass, &acting(COORDINATOR)).then(&[turn_passed(COORDINATOR, turn_of_the_pool()).into()]);
}

impl Thread {
    fn waits_for(&self) -> Option<WaitingOn> {
        conversation_of(self).waiting_on
    }
}

/// A command to a consultation of each name, with data that fit a state which takes it, and a person or process who
/// can give it.
fn well_formed(name: CommandName) -> (ThreadCommand, Acting<'static>) {
    let visitor = crate::clinic::VISITOR;
    let place = crate::clinic::place(Role::Physician, crate::clinic::OTHER_HOSPITAL);
    let command = match ConversationCommand::named(name) {
        Some(act) => ThreadCommand::Conversation(match act {
            ConversationAct::AddParticipant => return (add(NURSE), acting(REQUESTER)),
            ConversationAct::InviteParticipant => {
                InviteParticipant { person: id(visitor), place, history: HistoryWindow::Full, reason: why() }.into()
            }
            ConversationAct::AcceptInvitation => AcceptInvitation.into(),
            ConversationAct::DeclineInvitation => DeclineInvitation.into(),
            ConversationAct::ExpireInvitation => {
                return (ThreadCommand::Conversation(ExpireInvitation { person: id(visitor) }.into()), the_process());
            }
            ConversationAct::ChangeHistoryWindow => {
                ChangeHistoryWindow { person: id(NURSE), history: HistoryWindow::FromJoin, reason: why() }.into()
            }
            ConversationAct::Leave => Leave.into(),
            ConversationAct::RemoveParticipant => {
                RemoveParticipant { person: id(NURSE), reason: RemovalReason::Removed, note: Some(why()) }.into()
            }
            ConversationAct::PostMessage => return (post(), acting(REQUESTER)),
            ConversationAct::MarkRead => return (mark_read(POSTED), acting(REQUESTER)),
            ConversationAct::PutAway => PutAway { away: true }.into(),
            ConversationAct::HideFromDelegates => HideFromDelegates { basis: Some(why()), known_to: [].into() }.into(),
            ConversationAct::ShowToDelegates => ShowToDelegates { shown: Digest::of_bytes([0; 32]) }.into(),
            ConversationAct::Claim => return (claim(), acting(SPECIALIST)),
            ConversationAct::Release => crate::conversation::Release { reason: why() }.into(),
            ConversationAct::Transfer => Transfer { to: pool(crate::clinic::NEUROLOGY), reason: why() }.into(),
            ConversationAct::ReturnToPool => {
                return (ThreadCommand::Conversation(ReturnToPool.into()), the_process_without_the_specialist());
            }
            ConversationAct::TakeOver => TakeOver { reason: why() }.into(),
            ConversationAct::SetWaitingOn => {
                SetWaitingOn { to: waiting_on(person_party(REQUESTER), Advise::NAME, None), note: None }.into()
            }
            ConversationAct::PassTurn => {
                PassTurn { to: waiting_on(person_party(REQUESTER), Advise::NAME, None), note: None }.into()
            }
            ConversationAct::EndWait => EndWait.into(),
            ConversationAct::Escalate => return (escalate(), the_process()),
            ConversationAct::NoteDeath => return (ThreadCommand::Conversation(NoteDeath.into()), the_process()),
            ConversationAct::Close => Close { outcome: why() }.into(),
            ConversationAct::Reopen => {
                Reopen { reason: why(), to: waiting_on(person_party(REQUESTER), Claim::NAME, None), note: None }.into()
            }
        }),
        None => of_consultation(name),
    };
    (command, acting(SPECIALIST))
}

/// Whether only threads of another kind than a consultation take the command of this name. That they are refused is
/// a scenario of their kind.
fn is_of_another_kind(name: CommandName) -> bool {
    ConversationCommand::named(name).is_none() && !ThreadKind::Consultation.command_names().contains(&name)
}

#[test]
fn the_commands_that_a_state_allows_are_those_that_the_decision_does_not_refuse_by_state() {
    let mut taken = BTreeSet::new();
    for state in ConsultationState::ALL {
        for history in [course(*state), escalated_in(*state)] {
            if *state == ConsultationState::Closed && history.len() > course(*state).len() {
                continue;
            }
            let thread = folded::<Thread>(&history);
            for name in ThreadCommand::names() {
                if is_of_another_kind(name) {
                    assert_eq!(thread.takes(name, &acting(SPECIALIST)), Err(ThreadRefusal::OtherKind));
                    continue;
                }
                let (command, acting) = well_formed(name);
                assert_eq!(command.name(), name);
                let decided = thread.decide(&command, &acting).map(|_| ());
                if let ThreadCommand::Open(..) = command {
                    assert_eq!(decided, Err(ThreadRefusal::Exists));
                    assert!(thread.takes(name, &acting).is_err());
                    continue;
                }
                assert_eq!(thread.takes(name, &acting), decided, "{} in {state:?}", name.word());
                if decided.is_ok() {
                    taken.insert(name.word());
                }
            }
        }
    }
    // What a consultation takes at all, in whatever state: of the conversation, these; of its own, everything but
    // what opens it.
    let of_the_conversation = [
        "thread.add_participant",
        "thread.claim",
        "thread.escalate",
        "thread.expire_invitation",
        "thread.hide_from_delegates",
        "thread.mark_read",
        "thread.note_death",
        "thread.pass_turn",
        "thread.post",
        "thread.put_away",
        "thread.remove_participant",
        "thread.return_to_pool",
    ];
    let mut all = BTreeSet::from(of_the_conversation);
    let opens = |name: &CommandName| matches!(of_consultation(*name), ThreadCommand::Open(..));
    all.extend(ThreadKind::Consultation.command_names().into_iter().filter(|name| !opens(name)).map(CommandName::word));
    assert_eq!(taken, all);
}

#[test]
fn a_command_that_is_no_threads_is_taken_by_none() {
    let thread = folded::<Thread>(&submitted());
    let name = CommandName::parse("person.register").expect("a name");
    assert_eq!(thread.takes(name, &acting(REQUESTER)), Err(ThreadRefusal::OtherKind));
}

/// Where a consultation may go from a state, itself apart.
fn next(state: Option<ConsultationState>) -> Option<ConsultationState> {
    match state {
        None => Some(ConsultationState::Submitted),
        Some(ConsultationState::Submitted) => Some(ConsultationState::Assigned),
        Some(ConsultationState::Assigned) => Some(ConsultationState::InReview),
        Some(ConsultationState::InReview) => Some(ConsultationState::Answered),
        Some(ConsultationState::Answered) => Some(ConsultationState::PlanRecorded),
        Some(ConsultationState::PlanRecorded) => Some(ConsultationState::PatientInformed),
        Some(ConsultationState::PatientInformed) => Some(ConsultationState::Closed),
        Some(ConsultationState::Closed) => None,
    }
}

/// A step of a walk: a command, or none for the one that leads on; and who gives it.
#[derive(Debug, Clone)]
struct Step {
    command: Option<Planned>,
    giver: Giver,
}

/// Who gives a command.
#[derive(Debug, Clone, Copy)]
enum Giver {
    Physician(u128),
    Nurse(u128),
    Process,
    Installation,
}

impl Giver {
    fn acting(self, number: u128) -> Acting<'static> {
        let command = crate::clinic::command(number);
        match self {
            Self::Physician(person) => by(person, number),
            Self::Nurse(person) => Acting { capacity: Capacity::Nurse, ..by(person, number) },
            Self::Process => Acting { command, ..the_process() },
            Self::Installation => Acting { command, ..the_installation() },
        }
    }
}

/// A command that may depend on what happened before it.
#[derive(Debug, Clone)]
enum Planned {
    Fixed(ThreadCommand),
    /// Marks the message as read that stands at this place.
    MarkRead(usize),
    /// Disposes of the recommendations at these places, counted from 0.
    Plan(Vec<u32>),
}

/// Any command, fitting or not.
fn any_command() -> impl Strategy<Value = Planned> {
    let reason = || prop::option::of(prop::sample::select(ReassignReason::ALL));
    // A walk is that of a consultation, which is opened once; a command of another kind is given and refused.
    let opens = |name: CommandName| ThreadKind::Consultation.command_names().first() == Some(&name);
    let names = ThreadCommand::names().into_iter();
    let of_a_consultation: Vec<_> = names.filter(|name| !opens(*name) && !is_of_another_kind(*name)).collect();
    let fixed = prop_oneof![
        Just(requested(opening(), request())),
        Just(park(3)),
        (prop::option::of(1_u128..10), reason()).prop_map(|(to, reason)| assign(to, reason)),
        Just(claim()),
        (0_usize..4).prop_map(advise),
        (-1_i64..=1).prop_map(|seconds| inform(now() + Duration::seconds(seconds))),
        (0_u8..=6, 0_u8..=6).prop_map(|(helpful, educational)| close(helpful, educational)),
        (1_u128..10).prop_map(add),
        Just(post()),
        Just(escalate()),
        (1_u128..10).prop_map(|person| pass_turn(waiting_on(person_party(person), Claim::NAME, None))),
        Just(pass_turn(turn_of_the_pool())),
        prop::sample::select(of_a_consultation).prop_map(|name| well_formed(name).0),
    ];
    prop_oneof![
        8 => fixed.prop_map(Planned::Fixed),
        1 => prop::collection::vec(0_u32..4, 0..4).prop_map(Planned::Plan),
    ]
}

fn any_giver() -> impl Strategy<Value = Giver> {
    prop_oneof![
        12 => (1_u128..10).prop_map(Giver::Physician),
        1 => (1_u128..10).prop_map(Giver::Nurse),
        2 => Just(Giver::Process),
        1 => Just(Giver::Installation),
    ]
}

/// The recommendations of the newest advice in a history.
fn recommendations(history: &[ThreadEvent]) -> Vec<Disposed> {
    let advised = history.iter().rev().find_map(|event| {
        let ThreadEvent::Lifecycle(LifecycleEvent::Consultation(ConsultationEvent::Advised(advised))) = event else {
            return None;
        };
        Some(advised.recommendations.iter().map(|each| accepted(each.recommendation)).collect())
    });
    advised.unwrap_or_default()
}

fn messages(history: &[ThreadEvent]) -> Vec<&crate::conversation::MessagePosted> {
    let posted = |event| match event {
        &ThreadEvent::Conversation(ConversationEvent::MessagePosted(ref posted)) => Some(posted),
        ThreadEvent::Conversation(_) | ThreadEvent::Lifecycle(_) => None,
    };
    history.iter().filter_map(posted).collect()
}

/// The command that leads on, so that a walk also comes to the end of the course.
fn next_command(history: &[ThreadEvent]) -> ThreadCommand {
    match state_after(history) {
        None => requested(opening(), request()),
        Some(ConsultationState::Submitted) => assign(None, None),
        Some(ConsultationState::Assigned) => claim(),
        Some(ConsultationState::InReview) => advise(2),
        Some(ConsultationState::Answered) => plan(recommendations(history)),
        Some(ConsultationState::PlanRecorded) => inform(now()),
        Some(ConsultationState::PatientInformed | ConsultationState::Closed) => close(5, 4),
    }
}

fn planned(planned: Option<&Planned>, history: &[ThreadEvent]) -> ThreadCommand {
    match planned {
        None => next_command(history),
        Some(Planned::Fixed(command)) => command.clone(),
        Some(Planned::MarkRead(place)) => {
            let message = messages(history).get(*place).map_or(created(POSTED), |posted| posted.message);
            ThreadCommand::Conversation(crate::conversation::MarkRead { message }.into())
        }
        Some(Planned::Plan(places)) => {
            let given = recommendations(history);
            plan(places.iter().filter_map(|place| given.get(*place as usize).cloned()).collect())
        }
    }
}

/// What happens when each step is taken in turn. Each command has a number of its own.
fn walk(steps: &[Step]) -> Vec<Vec<ThreadEvent>> {
    let mut thread = Thread::initial();
    let (mut appended, mut history) = (vec![], vec![]);
    for (number, step) in (1000..).zip(steps) {
        let command = planned(step.command.as_ref(), &history);
        if let Ok(events) = thread.decide(&command, &step.giver.acting(number)) {
            thread = events.iter().fold(thread, Thread::evolve);
            history.extend(events.clone());
            appended.push(events);
        }
    }
    appended
}

fn any_walk() -> impl Strategy<Value = Vec<Step>> {
    let command = prop_oneof![1 => Just(None), 3 => any_command().prop_map(Some)];
    let few = prop::sample::select(vec![Giver::Physician(SPECIALIST), Giver::Physician(NURSE)]);
    let step = prop_oneof![
        4 => (command, any_giver()),
        1 => ((0_usize..4).prop_map(|place| Some(Planned::MarkRead(place))), few),
    ];
    let step = step.prop_map(|(command, giver)| Step { command, giver });
    prop::collection::vec(step, 0..40)
}

fn closes(event: &ThreadEvent) -> bool {
    matches!(event, ThreadEvent::Conversation(ConversationEvent::Closed(_)))
}

#[test]
fn the_next_commands_lead_to_the_end() {
    let steps = vec![Step { command: None, giver: Giver::Physician(REQUESTER) }; 7];
    assert_eq!(state_after(&walk(&steps).concat()), Some(ConsultationState::Closed));
}

proptest! {
    #[test]
    fn the_states_follow_in_their_order_only(steps in any_walk()) {
        let mut history = vec![];
        for events in walk(&steps) {
            let before = state_after(&history);
            history.extend(events);
            let after = state_after(&history);
            // What a person can no longer answer goes back to the pool.
            let returned =
                (before, after) == (Some(ConsultationState::InReview), Some(ConsultationState::Assigned));
            prop_assert!(after == before || after == next(before) || returned, "{before:?} to {after:?}");
        }
    }

    #[test]
    fn a_thread_has_one_owner_who_is_never_taken_away(steps in any_walk()) {
        let mut history = vec![];
        let mut before: Option<Owner> = None;
        for events in walk(&steps) {
            history.extend(events);
            let owner = conversation_of(&folded::<Thread>(&history)).owner;
            match (before, owner) {
                (None, owner) => prop_assert_eq!(owner, pool(CARDIOLOGY)),
                (Some(Owner::Pool(from)), Owner::Person { person: _, pool }) => prop_assert_eq!(pool, Some(from)),
                (Some(Owner::Person { person: _, pool }), Owner::Pool(to)) => prop_assert_eq!(pool, Some(to)),
                (Some(before), owner) => prop_assert_eq!(before, owner),
            }
            before = Some(owner);
        }
    }

    #[test]
    fn an_open_thread_waits_for_exactly_one_party_and_a_closed_one_for_none(steps in any_walk()) {
        let mut history = vec![];
        for events in walk(&steps) {
            let turns = events.iter().filter(|event| {
                matches!(event, ThreadEvent::Conversation(ConversationEvent::TurnPassed(_) | ConversationEvent::Closed(_)))
            });
            prop_assert!(turns.count() <= 1, "{:?}", events);
            history.extend(events);
            let thread = folded::<Thread>(&history);
            let conversation = conversation_of(&thread);
            prop_assert_eq!(conversation.is_closed(), conversation.waiting_on.is_none());
            let by_lifecycle = thread.turn();
            let last = history.iter().rev().find_map(|event| match event {
                ThreadEvent::Conversation(ConversationEvent::TurnPassed(passed)) => Some(passed),
                ThreadEvent::Conversation(_) | ThreadEvent::Lifecycle(_) => None,
            }).expect("a turn from the first append on");
            if !conversation.is_closed() {
                prop_assert_eq!(conversation.waiting_on, Some(last.to));
            }
            // It is the turn that the lifecycle names, until somebody overrules it.
            let overruled = last.by == the_process().by || history.iter().any(|event| {
                matches!(event, ThreadEvent::Conversation(event) if *event == escalated())
            });
            prop_assert!(overruled || conversation.turn() == by_lifecycle, "{:?}", conversation.waiting_on);
        }
    }

    #[test]
    fn after_a_step_of_the_lifecycle_it_is_the_turn_that_the_lifecycle_names(steps in any_walk()) {
        let mut history = vec![];
        for events in walk(&steps) {
            let before = folded::<Thread>(&history).turn();
            history.extend(events);
            let thread = folded::<Thread>(&history);
            if thread.turn() != before {
                prop_assert_eq!(conversation_of(&thread).turn(), thread.turn());
            }
        }
    }

    #[test]
    fn messages_are_numbered_without_a_hole(steps in any_walk()) {
        let history = walk(&steps).concat();
        let numbers: Vec<u32> = messages(&history).iter().map(|posted| posted.number).collect();
        prop_assert!(numbers.iter().copied().eq((1..).take(numbers.len())), "{numbers:?}");
    }

    #[test]
    fn receipts_only_go_forward(steps in any_walk()) {
        let mut receipts = BTreeMap::new();
        for event in walk(&steps).concat() {
            if let ThreadEvent::Conversation(ConversationEvent::ReadMarked(marked)) = event {
                let before = receipts.insert(marked.person, marked.number);
                prop_assert!(before.is_none_or(|before| before < marked.number));
            }
        }
    }

    #[test]
    fn after_closing_there_are_own_marks_only_and_places_that_end(steps in any_walk()) {
        let history = walk(&steps).concat();
        let after = history.iter().skip_while(|event| !closes(event)).skip(1);
        for event in after {
            // Who may see a thread is taken away at any time, and everybody keeps their own inbox.
            let stays = matches!(
                event,
                ThreadEvent::Conversation(
                    ConversationEvent::ReadMarked(_)
                        | ConversationEvent::ThreadPutAway(_)
                        | ConversationEvent::HiddenFromDelegates(_)
                        | ConversationEvent::ShownToDelegates(_)
                        | ConversationEvent::ParticipantRemoved(_)
                )
            );
            prop_assert!(stays, "{event:?}");
        }
    }

    #[test]
    fn no_person_becomes_a_participant_by_their_own_command(steps in any_walk()) {
        for event in walk(&steps).concat() {
            if let ThreadEvent::Conversation(ConversationEvent::ParticipantAdded(added)) = event {
                prop_assert_ne!(added.by, Actor::Person(added.person));
            }
        }
    }

    #[test]
    fn folding_needs_no_text(steps in any_walk()) {
        let history = walk(&steps).concat();
        let mut destroyed = history.clone();
        for event in &mut destroyed {
            event.each_text(&mut |_, text: &mut PersonalText| *text = PersonalText::Destroyed);
        }
        prop_assert!(history.is_empty() || destroyed != history);
        prop_assert_eq!(folded::<Thread>(&destroyed), folded::<Thread>(&history));
    }
}
