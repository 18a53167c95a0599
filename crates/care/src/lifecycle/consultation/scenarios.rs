//! Scenarios of the consultation, as given / when / then.
//!
//! [`course`] is the usual course of a consultation, one step for each state; a scenario begins
//! somewhere in it.

mod hand_over;

use chrono::{DateTime, Duration, Utc};

use super::*;
use crate::aggregate::scenario::{Given, given};
use crate::aggregate::{Acting, Aggregate, CLOCK_SKEW_MAX, Fixed, folded};
use crate::calendar::{Due, in_force, nine_to_five};
use crate::clinic::{
    CARDIOLOGY, COLLEAGUE, COORDINATOR, HOSPITAL, NURSE, OUTSIDER, PARTNER, PATIENT, PRACTICE, REQUESTER, SPECIALIST,
    acting, add, by, claim, claim_by, claimed_by, closed_by, command, coordinators, id, mark_read, now, opened,
    opening, person_party, pool, pool_party, post, posted, text, the_installation, the_process,
    the_process_without_the_specialist, turn_passed, waiting_on,
};
use crate::closed_table::{Outcome, Walked};
use crate::command_name::Command as _;
use crate::conversation::{HistoryWindow, Opening, Owner, OwnerChanged, PassTurn, TurnPassed};
use crate::golden::{Sample, Sampled};
use crate::lifecycle::{Lifecycle, LifecycleEvent, OpenLifecycle};
use crate::thread::{Thread, ThreadCommand, ThreadEvent, ThreadRefusal, table_walk};
use crate::words::{Capacity, ClosingOutcome, ConsentException, ConsentMethod};

/// The numbers of the commands of the course: their ids decide the ids of what they create.
pub(crate) const REQUESTED: u128 = 901;
pub(crate) const POSTED: u128 = 902;
const ASSIGNED: u128 = 903;
const CLAIMED: u128 = 904;
pub(crate) const ADVISED: u128 = 905;
const PLANNED: u128 = 906;
const INFORMED: u128 = 907;
const CLOSED: u128 = 908;

/// A command of each name, with data that fit a state which takes it.
pub(crate) fn well_formed(name: CommandName) -> ThreadCommand {
    match name.word() {
        "consultation.request" => requested(opening(), request()),
        "consultation.assign" => assign(Some(COLLEAGUE), Some(ReassignReason::Workload)),
        "consultation.ask_for_assignment" => hand_over::ask(),
        "consultation.hand_over_request" => hand_over::hand_over(PARTNER),
        "consultation.advise" => advise(2),
        "consultation.record_plan" => usual_plan(),
        "consultation.inform_patient" => inform(now()),
        "consultation.close" => close(5, 4),
        other => panic!("{other} is no command of a consultation"),
    }
}

pub(crate) fn request() -> RequestConsultation {
    RequestConsultation {
        question: text("Is a monitor warranted?"),
        urgency: Urgency::Urgent,
        consent: Consent::Given { method: ConsentMethod::Verbal, at: now() },
        may_convert: true,
    }
}

pub(crate) fn requested(opening: Opening, request: RequestConsultation) -> ThreadCommand {
    ThreadCommand::Open(Box::new(opening), Box::new(OpenLifecycle::Consultation(request)))
}

pub(crate) fn assign(to: Option<u128>, reason: Option<ReassignReason>) -> ThreadCommand {
    ConsultationCommand::from(Assign { to: to.map(id), reason }).into()
}

fn recommended() -> Recommended {
    Recommended {
        kind: RecommendationKind::Test,
        certainty: Certainty::Moderate,
        text: text("A monitor for two weeks."),
    }
}

/// The recommendation that the advice of the course gives in a place, counted from 1.
fn recommendation(place: u32) -> Recommendation {
    let Recommended { kind, certainty, text } = recommended();
    Recommendation { recommendation: command(ADVISED).creates(place - 1), kind, certainty, text }
}

/// Advice of some recommendations.
pub(crate) fn advise(count: usize) -> ThreadCommand {
    let recommendations = vec![recommended(); count];
    ConsultationCommand::from(Advise { recommendations, come_back_when: None, minutes_spent: 12 }).into()
}

pub(crate) fn accepted(recommendation: RecommendationId) -> Disposed {
    Disposed { recommendation, disposition: Disposition::Accepted, reason: None }
}

/// Accepts the recommendation of the course in a place, counted from 1.
fn accepted_at(place: u32) -> Disposed {
    accepted(recommendation(place).recommendation)
}

pub(crate) fn plan(dispositions: Vec<Disposed>) -> ThreadCommand {
    ConsultationCommand::from(RecordPlan { dispositions, note: None }).into()
}

/// The plan that fits the advice of the course.
pub(crate) fn usual_plan() -> ThreadCommand {
    plan(vec![accepted_at(1), accepted_at(2)])
}

pub(crate) fn inform(told_at: DateTime<Utc>) -> ThreadCommand {
    ConsultationCommand::from(InformPatient { method: InformMethod::Telephone, told_at }).into()
}

pub(crate) fn close(helpful: u8, educational: u8) -> ThreadCommand {
    let survey = Survey { outcome: ClosingOutcome::NewPlan, helpful, educational };
    ConsultationCommand::from(CloseConsultation { survey }).into()
}

fn due() -> Due {
    in_force(nine_to_five("UTC"), 7).due(Urgency::Urgent, now()).expect("staffed")
}

fn person(person: u128) -> Actor {
    Actor::Person(id(person))
}

/// Whose turn it is in a state of the course.
fn turn_in(state: ConsultationState) -> Option<WaitingOn> {
    let due = Some(due().at);
    Some(match state {
        ConsultationState::Submitted => waiting_on(coordinators(HOSPITAL), Assign::NAME, due),
        ConsultationState::Assigned => waiting_on(pool_party(CARDIOLOGY), Claim::NAME, due),
        ConsultationState::InReview => waiting_on(person_party(SPECIALIST), Advise::NAME, due),
        ConsultationState::Answered => waiting_on(person_party(REQUESTER), RecordPlan::NAME, None),
        ConsultationState::PlanRecorded => waiting_on(person_party(REQUESTER), InformPatient::NAME, None),
        ConsultationState::PatientInformed => waiting_on(person_party(REQUESTER), CloseConsultation::NAME, None),
        ConsultationState::Closed => return None,
    })
}

fn turn_to(by: u128, state: ConsultationState) -> ThreadEvent {
    turn_passed(by, turn_in(state).expect("an open state")).into()
}

/// The request as it was submitted, without the message that follows in the course.
fn only_submitted() -> Vec<ThreadEvent> {
    vec![
        ConversationEvent::Opened(opened()).into(),
        ConsultationEvent::Submitted(Submitted {
            question: text("Is a monitor warranted?"),
            urgency: Urgency::Urgent,
            consent: Consent::Given { method: ConsentMethod::Verbal, at: now() },
            may_convert: true,
            due: due(),
        })
        .into(),
        turn_to(REQUESTER, ConsultationState::Submitted),
    ]
}

/// The beginning of every scenario: the request as it was submitted, and a first message.
pub(crate) fn submitted() -> Vec<ThreadEvent> {
    [only_submitted(), vec![posted(REQUESTER, POSTED, 1).into()]].concat()
}

/// What happens when the coordinator assigns it: to one person, or to the pool.
pub(crate) fn assigned_to(to: Option<u128>, reason: Option<ReassignReason>) -> Vec<ThreadEvent> {
    let party = to.map_or(pool_party(CARDIOLOGY), person_party);
    vec![
        ConsultationEvent::Assigned(Assigned { by: person(COORDINATOR), to: to.map(id), reason }).into(),
        turn_passed(COORDINATOR, waiting_on(party, Claim::NAME, Some(due().at))).into(),
    ]
}

/// What happens when somebody claims it.
pub(crate) fn review_started(by: u128) -> Vec<ThreadEvent> {
    vec![
        claimed_by(by).into(),
        ConsultationEvent::ReviewStarted(ReviewStarted { by: person(by) }).into(),
        turn_passed(by, waiting_on(person_party(by), Advise::NAME, Some(due().at))).into(),
    ]
}

/// What happened up to the arrival in `state`, in the usual course.
pub(crate) fn course(state: ConsultationState) -> Vec<ThreadEvent> {
    let advised = ConsultationEvent::Advised(Advised {
        by: person(SPECIALIST),
        recommendations: vec![recommendation(1), recommendation(2)],
        come_back_when: None,
        minutes_spent: 12,
        at: Some(now()),
    });
    let dispositions = vec![accepted_at(1), accepted_at(2)];
    let planned = ConsultationEvent::PlanRecorded(PlanRecorded { by: person(REQUESTER), dispositions, note: None });
    let informed = ConsultationEvent::PatientInformed(PatientInformed {
        by: person(REQUESTER),
        method: InformMethod::Telephone,
        told_at: now(),
    });
    let survey = Survey { outcome: ClosingOutcome::NewPlan, helpful: 5, educational: 4 };
    let surveyed = ConsultationEvent::Surveyed(Surveyed { by: person(REQUESTER), survey });
    let released = ConversationEvent::Released(Released { by: person(REQUESTER) });
    let turn = |by, state| turn_to(by, state);
    let steps = [
        (ConsultationState::Submitted, submitted()),
        (ConsultationState::Assigned, assigned_to(None, None)),
        (ConsultationState::InReview, review_started(SPECIALIST)),
        (ConsultationState::Answered, vec![advised.into(), turn(SPECIALIST, ConsultationState::Answered)]),
        (ConsultationState::PlanRecorded, vec![planned.into(), turn(REQUESTER, ConsultationState::PlanRecorded)]),
        (
            ConsultationState::PatientInformed,
            vec![informed.into(), released.into(), turn(REQUESTER, ConsultationState::PatientInformed)],
        ),
        (ConsultationState::Closed, vec![surveyed.into(), closed_by(REQUESTER, None).into()]),
    ];
    // The words of the states are declared in the order of the course.
    steps.into_iter().filter(|(at, _)| *at <= state).flat_map(|(_, events)| events).collect()
}

pub(crate) fn given_in(state: ConsultationState) -> Given<Thread> {
    given(&course(state))
}

pub(crate) fn state_after(events: &[ThreadEvent]) -> Option<ConsultationState> {
    match folded::<Thread>(events) {
        Thread::Unopened => None,
        Thread::Opened { conversation: _, lifecycle } => match lifecycle {
            Lifecycle::Consultation(consultation) => Some(consultation.state_word()),
            other => panic!("no consultation: {other:?}"),
        },
    }
}

impl Walked for Consultation {
    const TABLE: &'static str = include_str!("table.txt");

    fn states() -> Vec<&'static str> {
        ConsultationState::ALL.iter().map(|state| state.word()).collect()
    }

    fn commands() -> Vec<CommandName> {
        let own = ConsultationCommand::names();
        [vec![RequestConsultation::NAME], ConversationCommand::names(), own].concat()
    }

    fn steps() -> Vec<&'static str> {
        let cases =
            ["thread.claim/by_another", "thread.pass_turn/not_escalated", "thread.show_to_delegates/not_hidden"];
        Self::commands().into_iter().map(CommandName::word).chain(cases).collect()
    }

    fn take(state: &str, step: &str) -> Outcome {
        let name = step.split('/').next().expect("a name");
        let (command, acting) = match step {
            "thread.add_participant" => (add(NURSE), acting(REQUESTER)),
            // The reviewer claims what is theirs already.
            "thread.claim" => (claim(), acting(SPECIALIST)),
            "thread.pass_turn" | "thread.pass_turn/not_escalated" => {
                let to = waiting_on(person_party(REQUESTER), Advise::NAME, None);
                (ThreadCommand::Conversation(PassTurn { to, note: None }.into()), acting(COORDINATOR))
            }
            "thread.claim/by_another" => (claim(), acting(COLLEAGUE)),
            "thread.return_to_pool" => {
                (ThreadCommand::Conversation(ReturnToPool.into()), the_process_without_the_specialist())
            }
            "thread.mark_read" => (mark_read(POSTED), acting(REQUESTER)),
            "consultation.assign" => (assign(Some(COLLEAGUE), Some(ReassignReason::Workload)), acting(COORDINATOR)),
            "consultation.hand_over_request" => {
                let clinic = hand_over::clinic_with_requester();
                (hand_over::hand_over(PARTNER), Acting { lookups: clinic, ..acting(REQUESTER) })
            }
            "consultation.advise" => (advise(2), acting(SPECIALIST)),
            step if ConversationCommand::names().iter().any(|each| each.word() == name) => {
                let all = crate::conversation::scenarios::each_command();
                let (command, acting) = all.into_iter().find(|(each, _)| each.name().word() == name).expect(step);
                (command.into(), acting)
            }
            step => (well_formed(CommandName::parse(step).expect("a name")), acting(REQUESTER)),
        };
        let Ok(state) = ConsultationState::parse(state) else { return table_walk::outcome(&[], &command, &acting) };
        let before = match step {
            "thread.show_to_delegates" => vec![crate::clinic::hidden_by(SPECIALIST).into()],
            "thread.remove_participant" => vec![crate::clinic::nurse_added().into()],
            "thread.pass_turn" if state != ConsultationState::Closed => vec![crate::clinic::escalated().into()],
            _ => vec![],
        };
        let history = [course(state), before].concat();
        table_walk::outcome(&history, &command, &acting)
    }
}

#[test]
fn a_process_returns_a_review_to_the_pool_whose_reviewer_can_no_longer_act_and_another_member_claims_it() {
    let return_to_pool = ThreadCommand::Conversation(ReturnToPool.into());
    let without = the_process_without_the_specialist();
    let review = given_in(ConsultationState::InReview);
    let by_process = without.by;
    let returned: Vec<ThreadEvent> = vec![
        ConversationEvent::OwnerChanged(OwnerChanged {
            by: by_process,
            owner: pool(CARDIOLOGY),
            organization: id(HOSPITAL),
            claim_by: Some(claim_by()),
            reason: None,
        })
        .into(),
        ConsultationEvent::Assigned(Assigned { by: by_process, to: None, reason: None }).into(),
        ConversationEvent::TurnPassed(TurnPassed {
            by: by_process,
            to: turn_in(ConsultationState::Assigned).expect("an open state"),
            note: None,
            promised: None,
        })
        .into(),
    ];
    review.when(&return_to_pool, &without).then(&returned);
    let history = [course(ConsultationState::InReview), returned].concat();
    assert_eq!(state_after(&history), Some(ConsultationState::Assigned));
    given::<Thread>(&history).when(&claim(), &acting(COLLEAGUE)).then(&review_started(COLLEAGUE));

    review.when(&return_to_pool, &the_process()).then_refused(&ConversationRefusal::OwnerPresent.into());
    let colleague = Acting { lookups: without.lookups, ..acting(COLLEAGUE) };
    review.when(&return_to_pool, &colleague).then_refused(&ConversationRefusal::NotAProcess.into());
    for state in ConsultationState::ALL.iter().copied().filter(|state| *state != ConsultationState::InReview) {
        let not_here = ConsultationRefusal::NotInState { state };
        given_in(state).when(&return_to_pool, &without).then_refused(&not_here.into());
    }
}

#[test]
fn the_usual_course_follows_from_commands() {
    let steps = [
        (REQUESTER, REQUESTED, requested(opening(), request())),
        (REQUESTER, POSTED, post()),
        (COORDINATOR, ASSIGNED, assign(None, None)),
        (SPECIALIST, CLAIMED, claim()),
        (SPECIALIST, ADVISED, advise(2)),
        (REQUESTER, PLANNED, usual_plan()),
        (REQUESTER, INFORMED, inform(now())),
        (REQUESTER, CLOSED, close(5, 4)),
    ];
    let mut history = vec![];
    for (person, number, command) in &steps {
        history.extend(given::<Thread>(&history).when(command, &by(*person, *number)).events());
    }
    assert_eq!(history, course(ConsultationState::Closed));
}

#[test]
fn in_every_state_the_thread_waits_for_the_party_and_the_command_of_the_table() {
    for state in ConsultationState::ALL {
        let Thread::Opened { conversation, lifecycle } = folded(&course(*state)) else { panic!("opened") };
        assert_eq!(conversation.waiting_on, turn_in(*state), "{state:?}");
        let turn = turn_in(*state).map_or(Turn::Over, Turn::Of);
        assert_eq!((conversation.turn(), lifecycle.turn(&conversation)), (Some(turn), turn), "{state:?}");
    }
    let meant_for_one = [submitted(), assigned_to(Some(COLLEAGUE), None)].concat();
    let Thread::Opened { conversation, .. } = folded(&meant_for_one) else { panic!("opened") };
    assert_eq!(
        conversation.waiting_on,
        Some(waiting_on(person_party(COLLEAGUE), Claim::NAME, Some(due().at))),
        "who it is meant for is waited for"
    );
}

#[test]
fn the_awaited_command_is_one_that_the_state_takes() {
    for state in ConsultationState::ALL {
        let thread: Thread = folded(&course(*state));
        if let Some(waiting) = turn_in(*state) {
            assert_eq!(thread.takes(waiting.action, &acting(SPECIALIST)), Ok(()), "{state:?}");
        }
    }
}

#[test]
fn the_promise_of_the_opening_is_kept() {
    let history = [submitted(), assigned_to(Some(COLLEAGUE), None), review_started(COLLEAGUE)].concat();
    let promised = history.iter().filter_map(|event| {
        let ThreadEvent::Conversation(ConversationEvent::TurnPassed(passed)) = event else { return None };
        passed.to.due
    });
    assert_eq!(promised.collect::<Vec<_>>(), [due().at; 3]);
}

#[test]
fn only_a_clinician_requests() {
    let nurse = Acting { capacity: Capacity::Nurse, ..acting(REQUESTER) };
    given::<Thread>(&[])
        .when(&requested(opening(), request()), &nurse)
        .then_refused(&ConsultationRefusal::NotAClinician.into());
    // Where no organization is named, it follows from the roles of the person who asks.
    let named = Opening { organization: Some(id(PRACTICE)), ..opening() };
    for (opening, refusal) in
        [(opening(), ConversationRefusal::NotAPerson.into()), (named, ConsultationRefusal::NotAClinician.into())]
    {
        given::<Thread>(&[]).when(&requested(opening, request()), &the_installation()).then_refused(&refusal);
    }
}

#[test]
fn consent_was_given_before_or_its_absence_has_a_reason() {
    let asked = |consent| requested(opening(), RequestConsultation { consent, ..request() });
    let given_at = |at| asked(Consent::Given { method: ConsentMethod::Written, at });
    let year_one = "0001-01-01T00:00:00Z".parse().expect("a time");
    for (at, refusal) in [
        (now() + CLOCK_SKEW_MAX + Duration::milliseconds(1), ConsultationRefusal::ConsentInFuture),
        (now() - Duration::days(3653), ConsultationRefusal::ConsentTooOld),
        (year_one, ConsultationRefusal::ConsentTooOld),
    ] {
        given::<Thread>(&[]).when(&given_at(at), &acting(REQUESTER)).then_refused(&refusal.into());
    }
    // A client's clock that is ahead says now.
    for (at, taken) in [(now() + CLOCK_SKEW_MAX, now()), (now() - Duration::days(3652), now() - Duration::days(3652))] {
        let events = given::<Thread>(&[]).when(&given_at(at), &acting(REQUESTER)).events();
        let consent = Consent::Given { method: ConsentMethod::Written, at: taken };
        let is_taken = |event: &ThreadEvent| {
            matches!(event, ThreadEvent::Lifecycle(LifecycleEvent::Consultation(ConsultationEvent::Submitted(submitted)))
                if submitted.consent == consent)
        };
        assert!(events.iter().any(is_taken), "{at}");
    }
    let exception = Consent::Exception { reason: ConsentException::Emergency };
    assert_eq!(given::<Thread>(&[]).when(&asked(exception), &acting(REQUESTER)).events().len(), 3);
}

#[test]
fn a_consultation_is_about_a_patient_and_asked_of_a_pool() {
    let refused = |opening, refusal: ThreadRefusal| {
        given::<Thread>(&[]).when(&requested(opening, request()), &acting(REQUESTER)).then_refused(&refusal);
    };
    refused(Opening { patient: None, ..opening() }, ConsultationRefusal::NoPatient.into());
    let owner = Owner::Person { person: id(SPECIALIST), pool: None };
    refused(Opening { owner, ..opening() }, ConsultationRefusal::NotAPool.into());
    refused(Opening { owner: pool(49), ..opening() }, ConversationRefusal::NoSuchPool.into());
}

#[test]
fn nobody_asks_about_themselves() {
    given::<Thread>(&[])
        .when(&requested(opening(), request()), &acting(PATIENT))
        .then_refused(&ConversationRefusal::OwnRecord.into());
}

#[test]
fn a_pool_without_staffed_hours_is_not_asked() {
    let mut never = nine_to_five("UTC");
    never.week = Default::default();
    for calendars in [vec![], vec![(id(HOSPITAL), 7, never)]] {
        let clinic = Fixed { calendars, ..crate::clinic::CLINIC.clone() };
        given::<Thread>(&[])
            .when(&requested(opening(), request()), &Acting { lookups: &clinic, ..acting(REQUESTER) })
            .then_refused(&ConsultationRefusal::NoStaffedHour.into());
    }
}

#[test]
fn a_consultation_is_assigned_to_physicians_of_the_pool() {
    let given = given_in(ConsultationState::Submitted);
    // Neither a physician who is no member, nor a member who is no physician.
    for person in [REQUESTER, COORDINATOR, PATIENT, OUTSIDER] {
        given
            .when(&assign(Some(person), None), &acting(COORDINATOR))
            .then_refused(&ConsultationRefusal::NotInPool.into());
    }
    given.when(&assign(Some(SPECIALIST), None), &acting(COORDINATOR)).then(&assigned_to(Some(SPECIALIST), None));
    given.when(&assign(None, None), &acting(COORDINATOR)).then(&assigned_to(None, None));
}

#[test]
fn assigning_again_needs_a_reason_and_another_person() {
    let given = given::<Thread>(&[submitted(), assigned_to(Some(SPECIALIST), None)].concat());
    let missing = ConsultationRefusal::ReasonMissing.into();
    given.when(&assign(Some(COLLEAGUE), None), &acting(COORDINATOR)).then_refused(&missing);
    given.when(&assign(None, None), &acting(COORDINATOR)).then_refused(&missing);
    let absence = Some(ReassignReason::Absence);
    given.when(&assign(Some(COLLEAGUE), absence), &acting(COORDINATOR)).then(&assigned_to(Some(COLLEAGUE), absence));
    given.when(&assign(Some(SPECIALIST), absence), &acting(COORDINATOR)).then(&[]);
    given.when(&assign(Some(SPECIALIST), None), &acting(COORDINATOR)).then(&[]);
}

#[test]
fn a_consultation_that_is_assigned_to_one_member_is_claimed_by_no_other() {
    let given = given::<Thread>(&[submitted(), assigned_to(Some(SPECIALIST), None)].concat());
    given.when(&claim(), &acting(COLLEAGUE)).then_refused(&ConsultationRefusal::AssignedToAnother.into());
    given.when(&claim(), &acting(SPECIALIST)).then(&review_started(SPECIALIST));
}

#[test]
fn of_twenty_who_claim_one_wins() {
    let mut history = course(ConsultationState::Assigned);
    let mut winners = vec![];
    for person in 100..120 {
        match folded::<Thread>(&history).decide(&claim(), &acting(person)) {
            Ok(events) => {
                winners.push(person);
                history.extend(events);
            }
            Err(refusal) => assert_eq!(refusal, ConversationRefusal::AlreadyClaimed.into()),
        }
    }
    assert_eq!(winners, [100]);
}

#[test]
fn nobody_claims_a_consultation_about_themselves() {
    given_in(ConsultationState::Assigned)
        .when(&claim(), &acting(PATIENT))
        .then_refused(&ConversationRefusal::OwnRecord.into());
}

#[test]
fn only_members_of_the_care_team_are_added() {
    let by_role = AddParticipant {
        person: id(COLLEAGUE),
        place: Some(crate::clinic::place(Role::Physician, HOSPITAL)),
        history: HistoryWindow::Full,
        reason: Some(text("She knows the patient.")),
    };
    for command in [ThreadCommand::Conversation(by_role.into()), add(COLLEAGUE)] {
        given_in(ConsultationState::InReview)
            .when(&command, &acting(REQUESTER))
            .then_refused(&ConversationRefusal::NotOnCareTeam.into());
    }
}

#[test]
fn advice_holds_one_to_twenty_recommendations_each_with_its_own_id() {
    let given = given_in(ConsultationState::InReview);
    for count in [0, 21] {
        given.when(&advise(count), &acting(SPECIALIST)).then_refused(&ConsultationRefusal::RecommendationCount.into());
    }
    for count in [1, 20] {
        let events = given.when(&advise(count), &acting(SPECIALIST)).events();
        let [ThreadEvent::Lifecycle(LifecycleEvent::Consultation(ConsultationEvent::Advised(advised))), _] =
            &events[..]
        else {
            panic!("advice, and the turn: {events:?}");
        };
        let ids: BTreeSet<_> = advised.recommendations.iter().map(|each| each.recommendation).collect();
        assert_eq!(ids.len(), count);
    }
}

#[test]
fn every_recommendation_is_disposed_of_exactly_once() {
    let given = given_in(ConsultationState::Answered);
    let (one, two, three) = (accepted_at(1), accepted_at(2), accepted_at(3));
    let wrong = [
        vec![],
        vec![one.clone()],
        vec![one.clone(), two.clone(), two.clone()],
        vec![one.clone(), three],
        vec![one.clone(), one.clone()],
    ];
    for dispositions in wrong {
        given.when(&plan(dispositions), &acting(REQUESTER)).then_refused(&ConsultationRefusal::NotAllDisposed.into());
    }
    assert_eq!(given.when(&plan(vec![two, one]), &acting(REQUESTER)).events().len(), 2);
}

#[test]
fn a_recommendation_that_is_not_accepted_needs_a_reason() {
    let given = given_in(ConsultationState::Answered);
    for disposition in [Disposition::Modified, Disposition::Rejected] {
        let other = |reason| Disposed { recommendation: recommendation(2).recommendation, disposition, reason };
        given
            .when(&plan(vec![accepted_at(1), other(None)]), &acting(REQUESTER))
            .then_refused(&ConsultationRefusal::DispositionReasonMissing.into());
        let explained = plan(vec![accepted_at(1), other(Some(text("She travels that week.")))]);
        assert_eq!(given.when(&explained, &acting(REQUESTER)).events().len(), 2);
    }
}

#[test]
fn the_patient_was_informed_after_the_answer_and_not_in_the_future() {
    let given = given_in(ConsultationState::PlanRecorded);
    for (told_at, refusal) in [
        (now() + CLOCK_SKEW_MAX + Duration::milliseconds(1), ConsultationRefusal::ToldInFuture),
        (now() - Duration::milliseconds(1), ConsultationRefusal::ToldBeforeAnswer),
    ] {
        given.when(&inform(told_at), &acting(REQUESTER)).then_refused(&refusal.into());
    }
    // A client's clock that is ahead says now.
    let ahead = now() + Duration::milliseconds(200);
    for (told_at, taken) in [(ahead, now()), (now() + CLOCK_SKEW_MAX, now())] {
        let events = given.when(&inform(told_at), &acting(REQUESTER)).events();
        let ThreadEvent::Lifecycle(LifecycleEvent::Consultation(ConsultationEvent::PatientInformed(informed))) =
            &events[0]
        else {
            panic!("the patient was informed: {events:?}");
        };
        assert_eq!(informed.told_at, taken);
    }
}

#[test]
fn ratings_go_from_one_to_five() {
    let given = given_in(ConsultationState::PatientInformed);
    for (helpful, educational) in [(0, 3), (6, 3), (3, 0), (3, 6), (255, 255)] {
        given
            .when(&close(helpful, educational), &acting(REQUESTER))
            .then_refused(&ConsultationRefusal::RatingOutOfRange.into());
    }
    for (helpful, educational) in [(1, 5), (5, 1)] {
        assert_eq!(given.when(&close(helpful, educational), &acting(REQUESTER)).events().len(), 2);
    }
}

#[test]
fn neither_the_installation_nor_a_process_gives_commands_to_a_consultation() {
    let not_a_person = ConversationRefusal::NotAPerson.into();
    for (state, command) in [
        (ConsultationState::Submitted, assign(None, None)),
        (ConsultationState::Assigned, claim()),
        (ConsultationState::InReview, advise(1)),
        (ConsultationState::Answered, usual_plan()),
        (ConsultationState::PlanRecorded, inform(now())),
        (ConsultationState::PatientInformed, close(5, 5)),
    ] {
        for acting in [the_installation(), the_process()] {
            given_in(state).when(&command, &acting).then_refused(&not_a_person);
        }
    }
}

#[test]
fn the_state_is_named_in_the_refusal() {
    let refusal = ConsultationRefusal::NotInState { state: ConsultationState::InReview };
    assert_eq!(refusal.to_string(), "the consultation is in_review");
}

impl Sampled for Consultation {
    fn samples() -> Vec<Sample<ConsultationEvent>> {
        vec![
            Sample {
                event: ConsultationEvent::Submitted(Submitted {
                    question: PersonalText::Destroyed,
                    urgency: Urgency::Routine,
                    consent: Consent::Given { method: ConsentMethod::Verbal, at: now() },
                    may_convert: true,
                    due: due(),
                }),
                tags: &["consultation.question"],
                words: 2,
            },
            Sample {
                event: ConsultationEvent::Assigned(Assigned {
                    by: person(REQUESTER),
                    to: Some(id(SPECIALIST)),
                    reason: Some(ReassignReason::Absence),
                }),
                tags: &[],
                words: 2,
            },
            Sample {
                event: ConsultationEvent::AssignmentRequested(AssignmentRequested {
                    by: person(REQUESTER),
                    reason: PersonalText::Destroyed,
                    at: now(),
                    again_from: now() + chrono::Duration::days(1),
                }),
                tags: &["consultation.assignment_reason"],
                words: 1,
            },
            Sample {
                event: ConsultationEvent::ReviewStarted(ReviewStarted { by: person(SPECIALIST) }),
                tags: &[],
                words: 1,
            },
            Sample {
                event: ConsultationEvent::Advised(Advised {
                    by: person(SPECIALIST),
                    recommendations: vec![Recommendation {
                        recommendation: id(9),
                        kind: RecommendationKind::Test,
                        certainty: Certainty::Moderate,
                        text: PersonalText::Destroyed,
                    }],
                    come_back_when: Some(PersonalText::Destroyed),
                    minutes_spent: 12,
                    // As the first of these events were stored.
                    at: None,
                }),
                tags: &["consultation.recommendation", "consultation.come_back_when"],
                words: 3,
            },
            Sample {
                event: ConsultationEvent::PlanRecorded(PlanRecorded {
                    by: person(REQUESTER),
                    dispositions: vec![Disposed {
                        recommendation: id(9),
                        disposition: Disposition::Modified,
                        reason: Some(PersonalText::Destroyed),
                    }],
                    note: Some(PersonalText::Destroyed),
                }),
                tags: &["consultation.disposition_reason", "consultation.plan_note"],
                words: 2,
            },
            Sample {
                event: ConsultationEvent::PatientInformed(PatientInformed {
                    by: person(REQUESTER),
                    method: InformMethod::Telephone,
                    told_at: now(),
                }),
                tags: &[],
                words: 2,
            },
            Sample {
                event: ConsultationEvent::Surveyed(Surveyed {
                    by: person(REQUESTER),
                    survey: Survey { outcome: ClosingOutcome::ReferralAvoided, helpful: 5, educational: 4 },
                }),
                tags: &[],
                words: 2,
            },
        ]
    }
}
