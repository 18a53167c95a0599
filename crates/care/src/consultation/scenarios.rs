//! Scenarios of the consultation, as given / when / then, and the material that they share with
//! those of the conversation and the thread.
//!
//! The cast is fixed: a requester, a coordinator, a specialist, an outsider. [`road`] is the main
//! road of a consultation, one step for each state; a scenario begins somewhere along it.

use chrono::{DateTime, Duration, Utc};
use uuid::Uuid;

use super::*;
use crate::calendar::nine_to_five;
use crate::conversation::{AddParticipant, Claimed, Closed, MarkRead, MessagePosted, PostMessage};
use crate::decide::scenario::{Given, given};
use crate::decide::{Decider, folded};
use crate::envelope::Actor;
use crate::ids::Id;
use crate::text::Text;
use crate::thread::{Thread, ThreadCommand};
use crate::thread::{ThreadEvent, ThreadRefusal};
use crate::words::{Audience, Capacity};

pub(crate) const REQUESTER: u128 = 1;
pub(crate) const COORDINATOR: u128 = 2;
pub(crate) const SPECIALIST: u128 = 3;
pub(crate) const OUTSIDER: u128 = 4;

pub(crate) fn id<I: Id>(bits: u128) -> I {
    I::from_uuid(Uuid::from_u128(bits))
}

pub(crate) fn now() -> DateTime<Utc> {
    "2026-11-23T08:00:00Z".parse().expect("a time")
}

pub(crate) fn acting(person: u128) -> Acting {
    Acting { by: Actor::Person(id(person)), capacity: Capacity::Physician, now: now() }
}

pub(crate) fn the_installation() -> Acting {
    Acting { by: Actor::Installation, capacity: Capacity::Installation, now: now() }
}

pub(crate) fn text(text: &str) -> PersonalText {
    Text::body(text).expect("a text").into()
}

pub(crate) fn request() -> RequestConsultation {
    RequestConsultation {
        patient: id(20),
        organization: id(30),
        answering: AnsweringPool {
            organization: id(31),
            pool: id(40),
            calendar_version: 7,
            calendar: nine_to_five(chrono_tz::UTC),
        },
        topic: Topic::ClinicalAdvice,
        subject: text("Palpitations"),
        question: text("Is a monitor warranted?"),
        urgency: Urgency::Urgent,
        consent: Consent::Given { method: ConsentMethod::Verbal, at: now() },
        may_convert: true,
        confidentiality: Confidentiality::Normal,
        sensitivities: vec![],
    }
}

pub(crate) fn requested(request: RequestConsultation) -> ThreadCommand {
    ThreadCommand::Consultation(ConsultationCommand::Request(Box::new(request)))
}

pub(crate) fn assign(to: Option<u128>, reason: Option<ReassignReason>) -> ThreadCommand {
    ThreadCommand::Consultation(ConsultationCommand::Assign(Assign { to: to.map(id), is_member: true, reason }))
}

pub(crate) fn recommendation(number: u128) -> Recommendation {
    Recommendation {
        recommendation: id(number),
        kind: RecommendationKind::Test,
        certainty: Certainty::Moderate,
        text: text("A monitor for two weeks."),
    }
}

/// Advice of recommendations 1 to `count`.
pub(crate) fn advise(count: u128) -> ThreadCommand {
    ThreadCommand::Consultation(ConsultationCommand::Advise(Advise {
        recommendations: (1..=count).map(recommendation).collect(),
        come_back_when: None,
        minutes_spent: 12,
    }))
}

pub(crate) fn accepted(number: u128) -> Disposed {
    Disposed { recommendation: id(number), disposition: Disposition::Accepted, reason: None }
}

pub(crate) fn plan(dispositions: Vec<Disposed>) -> ThreadCommand {
    ThreadCommand::Consultation(ConsultationCommand::RecordPlan(RecordPlan { dispositions, note: None }))
}

pub(crate) fn inform(told_at: DateTime<Utc>) -> ThreadCommand {
    ThreadCommand::Consultation(ConsultationCommand::InformPatient(InformPatient {
        method: InformMethod::Telephone,
        told_at,
    }))
}

pub(crate) fn close(helpful: u8, educational: u8) -> ThreadCommand {
    ThreadCommand::Consultation(ConsultationCommand::Close(Survey {
        outcome: ClosingOutcome::NewPlan,
        helpful,
        educational,
    }))
}

pub(crate) fn take_in(person: u128, on_care_team: bool) -> ThreadCommand {
    ThreadCommand::Conversation(ConversationCommand::AddParticipant(AddParticipant {
        person: id(person),
        role: Role::Nurse,
        organization: id(30),
        on_care_team,
    }))
}

pub(crate) fn post(message: u128) -> ThreadCommand {
    ThreadCommand::Conversation(ConversationCommand::PostMessage(PostMessage {
        message: id(message),
        audience: Audience::Everyone,
        body: text("The recording is attached."),
    }))
}

pub(crate) fn mark_read(message: u128) -> ThreadCommand {
    ThreadCommand::Conversation(ConversationCommand::MarkRead(MarkRead { message: id(message) }))
}

pub(crate) fn claim() -> ThreadCommand {
    ThreadCommand::Conversation(ConversationCommand::Claim)
}

/// The opening of every scenario: the request as it was submitted, and a first message (number 1, id 1).
pub(crate) fn submitted() -> Vec<ThreadEvent> {
    let due = request().answering.calendar.due(7, Urgency::Urgent, now()).expect("staffed");
    vec![
        ThreadEvent::Consultation(ConsultationEvent::Submitted(Box::new(Submitted {
            patient: id(20),
            requester: id(REQUESTER),
            requester_role: Role::Physician,
            organization: id(30),
            receiving: id(31),
            pool: id(40),
            topic: Topic::ClinicalAdvice,
            subject: text("Palpitations"),
            question: text("Is a monitor warranted?"),
            urgency: Urgency::Urgent,
            consent: Consent::Given { method: ConsentMethod::Verbal, at: now() },
            may_convert: true,
            confidentiality: Confidentiality::Normal,
            sensitivities: vec![],
            due,
        }))),
        ThreadEvent::Conversation(ConversationEvent::MessagePosted(MessagePosted {
            message: id(1),
            number: 1,
            author: id(REQUESTER),
            capacity: Capacity::Physician,
            audience: Audience::Everyone,
            body: text("The recording is attached."),
        })),
    ]
}

pub(crate) fn assigned_to(to: Option<u128>, reason: Option<ReassignReason>) -> ThreadEvent {
    ThreadEvent::Consultation(ConsultationEvent::Assigned(Assigned { by: id(COORDINATOR), to: to.map(id), reason }))
}

pub(crate) fn claimed_by(person: u128) -> ThreadEvent {
    ThreadEvent::Conversation(ConversationEvent::Claimed(Claimed { by: id(person), pool: id(40) }))
}

/// What happened up to the arrival in `state`, along the main road.
pub(crate) fn road(state: ConsultationState) -> Vec<ThreadEvent> {
    let step = |event| vec![ThreadEvent::Consultation(event)];
    let steps = [
        (ConsultationState::Submitted, submitted()),
        (ConsultationState::Assigned, vec![assigned_to(None, None)]),
        (ConsultationState::InReview, vec![claimed_by(SPECIALIST)]),
        (
            ConsultationState::Answered,
            step(ConsultationEvent::Advised(Advised {
                by: id(SPECIALIST),
                recommendations: vec![recommendation(1), recommendation(2)],
                come_back_when: None,
                minutes_spent: 12,
            })),
        ),
        (
            ConsultationState::PlanRecorded,
            step(ConsultationEvent::PlanRecorded(PlanRecorded {
                by: id(REQUESTER),
                dispositions: vec![accepted(1), accepted(2)],
                note: None,
            })),
        ),
        (
            ConsultationState::PatientInformed,
            step(ConsultationEvent::PatientInformed(PatientInformed {
                by: id(REQUESTER),
                method: InformMethod::Telephone,
                told_at: now(),
            })),
        ),
        (
            ConsultationState::Closed,
            vec![
                ThreadEvent::Consultation(ConsultationEvent::Surveyed(Surveyed {
                    by: id(REQUESTER),
                    survey: Survey { outcome: ClosingOutcome::NewPlan, helpful: 5, educational: 4 },
                })),
                ThreadEvent::Conversation(ConversationEvent::Closed(Closed { by: id(REQUESTER) })),
            ],
        ),
    ];
    // The words of the states are declared in the order of the road.
    steps.into_iter().filter(|(at, _)| *at <= state).flat_map(|(_, events)| events).collect()
}

pub(crate) fn given_in(state: ConsultationState) -> Given<Thread> {
    given(&road(state))
}

pub(crate) fn state_after(events: &[ThreadEvent]) -> Option<ConsultationState> {
    match folded::<Thread>(events) {
        Thread::Unopened => None,
        Thread::Consultation(consultation) => Some(consultation.state()),
    }
}

/// What a command does in a state.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Outcome {
    /// Something happens, and the state is this one then.
    To(ConsultationState),
    /// Refused, naming the state.
    NotHere,
    /// Refused: there is one already.
    Exists,
    /// Refused: somebody owns it.
    Taken,
    /// Refused: it is closed.
    Over,
}

fn outcome(state: ConsultationState, command: &ThreadCommand) -> Outcome {
    let history = road(state);
    match folded::<Thread>(&history).decide(command, &acting(SPECIALIST)) {
        Ok(events) => {
            assert_ne!(events, [], "{command:?} does nothing in {state:?}");
            Outcome::To(state_after(&[history, events].concat()).expect("opened"))
        }
        Err(ThreadRefusal::Consultation(ConsultationRefusal::NotInState { state: named })) => {
            assert_eq!(named, state);
            Outcome::NotHere
        }
        Err(ThreadRefusal::Consultation(ConsultationRefusal::Exists)) => Outcome::Exists,
        Err(ThreadRefusal::Conversation(ConversationRefusal::AlreadyClaimed)) => Outcome::Taken,
        Err(ThreadRefusal::Conversation(ConversationRefusal::Closed)) => Outcome::Over,
        Err(refusal) => panic!("{command:?} in {state:?}: {refusal}"),
    }
}

#[test]
fn every_command_in_every_state_does_what_the_table_says() {
    use ConsultationState::{Answered, Assigned, Closed, InReview, PatientInformed, PlanRecorded, Submitted};
    use Outcome::{Exists, NotHere, Over, Taken, To};
    let commands = [
        requested(request()),
        assign(Some(OUTSIDER), Some(ReassignReason::Workload)),
        claim(),
        advise(2),
        plan(vec![accepted(1), accepted(2)]),
        inform(now()),
        close(5, 4),
        take_in(OUTSIDER, true),
        post(9),
        mark_read(1),
    ];
    #[rustfmt::skip]
    let table = [
        //                 request assign        claim         advise        plan              inform               close       take in              post                 read
        (Submitted,       [Exists, To(Assigned), NotHere,      NotHere,      NotHere,          NotHere,             NotHere,    To(Submitted),       To(Submitted),       To(Submitted)]),
        (Assigned,        [Exists, To(Assigned), To(InReview), NotHere,      NotHere,          NotHere,             NotHere,    To(Assigned),        To(Assigned),        To(Assigned)]),
        (InReview,        [Exists, NotHere,      Taken,        To(Answered), NotHere,          NotHere,             NotHere,    To(InReview),        To(InReview),        To(InReview)]),
        (Answered,        [Exists, NotHere,      NotHere,      NotHere,      To(PlanRecorded), NotHere,             NotHere,    To(Answered),        To(Answered),        To(Answered)]),
        (PlanRecorded,    [Exists, NotHere,      NotHere,      NotHere,      NotHere,          To(PatientInformed), NotHere,    To(PlanRecorded),    To(PlanRecorded),    To(PlanRecorded)]),
        (PatientInformed, [Exists, NotHere,      NotHere,      NotHere,      NotHere,          NotHere,             To(Closed), To(PatientInformed), To(PatientInformed), To(PatientInformed)]),
        (Closed,          [Exists, NotHere,      NotHere,      NotHere,      NotHere,          NotHere,             NotHere,    Over,                Over,                To(Closed)]),
    ];
    assert_eq!(table.map(|(state, _)| state), ConsultationState::ALL);
    for (state, row) in table {
        for (command, expected) in commands.iter().zip(row) {
            assert_eq!(outcome(state, command), expected, "{command:?} in {state:?}");
        }
    }
}

#[test]
fn the_main_road_is_walked_by_commands() {
    let steps = [
        (REQUESTER, requested(request())),
        (REQUESTER, post(1)),
        (COORDINATOR, assign(None, None)),
        (SPECIALIST, claim()),
        (SPECIALIST, advise(2)),
        (REQUESTER, plan(vec![accepted(1), accepted(2)])),
        (REQUESTER, inform(now())),
        (REQUESTER, close(5, 4)),
    ];
    let mut history = vec![];
    for (person, command) in &steps {
        history.extend(given::<Thread>(&history).when(command, &acting(*person)).events());
    }
    assert_eq!(history, road(ConsultationState::Closed));
}

#[test]
fn only_a_clinician_requests() {
    let nurse = Acting { capacity: Capacity::Nurse, ..acting(REQUESTER) };
    for who in [nurse, the_installation()] {
        given::<Thread>(&[]).when(&requested(request()), &who).then_refused(&ConsultationRefusal::NotAClinician.into());
    }
}

#[test]
fn consent_was_given_before_or_its_absence_has_a_reason() {
    let asked = |consent| requested(RequestConsultation { consent, ..request() });
    let tomorrow = Consent::Given { method: ConsentMethod::Written, at: now() + Duration::seconds(1) };
    given::<Thread>(&[])
        .when(&asked(tomorrow), &acting(REQUESTER))
        .then_refused(&ConsultationRefusal::ConsentInFuture.into());
    let exception = Consent::Exception { reason: ConsentException::Emergency };
    assert_eq!(given::<Thread>(&[]).when(&asked(exception), &acting(REQUESTER)).events().len(), 1);
}

#[test]
fn a_pool_without_staffed_hours_is_not_asked() {
    let mut never = request();
    never.answering.calendar.week = [None; 7];
    given::<Thread>(&[])
        .when(&requested(never), &acting(REQUESTER))
        .then_refused(&ConsultationRefusal::NoStaffedHour.into());
}

#[test]
fn a_consultation_is_assigned_to_members_of_the_pool() {
    let assign = |to, is_member| {
        ThreadCommand::Consultation(ConsultationCommand::Assign(Assign { to, is_member, reason: None }))
    };
    let given = given_in(ConsultationState::Submitted);
    given
        .when(&assign(Some(id(OUTSIDER)), false), &acting(COORDINATOR))
        .then_refused(&ConsultationRefusal::NotInPool.into());
    given.when(&assign(Some(id(SPECIALIST)), true), &acting(COORDINATOR)).then(&[assigned_to(Some(SPECIALIST), None)]);
    // Nobody in particular needs to be no member.
    given.when(&assign(None, false), &acting(COORDINATOR)).then(&[assigned_to(None, None)]);
}

#[test]
fn assigning_again_needs_a_reason_and_another_person() {
    let history = [submitted(), vec![assigned_to(Some(SPECIALIST), None)]].concat();
    let given = given::<Thread>(&history);
    given
        .when(&assign(Some(OUTSIDER), None), &acting(COORDINATOR))
        .then_refused(&ConsultationRefusal::ReasonMissing.into());
    given.when(&assign(None, None), &acting(COORDINATOR)).then_refused(&ConsultationRefusal::ReasonMissing.into());
    let absence = Some(ReassignReason::Absence);
    given.when(&assign(Some(OUTSIDER), absence), &acting(COORDINATOR)).then(&[assigned_to(Some(OUTSIDER), absence)]);
    given.when(&assign(Some(SPECIALIST), absence), &acting(COORDINATOR)).then(&[]);
    given.when(&assign(Some(SPECIALIST), None), &acting(COORDINATOR)).then(&[]);
}

#[test]
fn what_is_assigned_to_one_is_claimed_by_no_other() {
    let history = [submitted(), vec![assigned_to(Some(SPECIALIST), None)]].concat();
    let given = given::<Thread>(&history);
    given.when(&claim(), &acting(OUTSIDER)).then_refused(&ConsultationRefusal::AssignedToAnother.into());
    given.when(&claim(), &acting(SPECIALIST)).then(&[claimed_by(SPECIALIST)]);
}

#[test]
fn of_twenty_who_claim_one_wins() {
    let mut history = road(ConsultationState::Assigned);
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
fn advice_holds_one_to_twenty_recommendations_each_with_its_own_id() {
    let given = given_in(ConsultationState::InReview);
    for count in [0, 21] {
        given.when(&advise(count), &acting(SPECIALIST)).then_refused(&ConsultationRefusal::RecommendationCount.into());
    }
    for count in [1, 20] {
        assert_eq!(given.when(&advise(count), &acting(SPECIALIST)).events().len(), 1);
    }
    let twice = ThreadCommand::Consultation(ConsultationCommand::Advise(Advise {
        recommendations: vec![recommendation(1), recommendation(1)],
        come_back_when: None,
        minutes_spent: 12,
    }));
    given.when(&twice, &acting(SPECIALIST)).then_refused(&ConsultationRefusal::RecommendationRepeated.into());
}

#[test]
fn every_recommendation_is_disposed_of_exactly_once() {
    let given = given_in(ConsultationState::Answered);
    let twice = [accepted(1), accepted(2), accepted(2)];
    for dispositions in [&[][..], &twice[..1], &twice, &[accepted(1), accepted(3)], &[accepted(1), accepted(1)]] {
        given
            .when(&plan(dispositions.to_vec()), &acting(REQUESTER))
            .then_refused(&ConsultationRefusal::NotAllDisposed.into());
    }
    assert_eq!(given.when(&plan(vec![accepted(2), accepted(1)]), &acting(REQUESTER)).events().len(), 1);
}

#[test]
fn what_is_not_simply_accepted_is_explained() {
    let given = given_in(ConsultationState::Answered);
    for disposition in [Disposition::Modified, Disposition::Rejected] {
        let other = |reason| Disposed { recommendation: id(2), disposition, reason };
        given
            .when(&plan(vec![accepted(1), other(None)]), &acting(REQUESTER))
            .then_refused(&ConsultationRefusal::DispositionReasonMissing.into());
        let explained = plan(vec![accepted(1), other(Some(text("She travels that week.")))]);
        assert_eq!(given.when(&explained, &acting(REQUESTER)).events().len(), 1);
    }
}

#[test]
fn the_patient_was_not_told_in_the_future() {
    given_in(ConsultationState::PlanRecorded)
        .when(&inform(now() + Duration::seconds(1)), &acting(REQUESTER))
        .then_refused(&ConsultationRefusal::ToldInFuture.into());
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
fn the_installation_moves_no_consultation() {
    let not_a_person = ConversationRefusal::NotAPerson.into();
    for (state, command) in [
        (ConsultationState::Submitted, assign(None, None)),
        (ConsultationState::Assigned, claim()),
        (ConsultationState::PatientInformed, close(5, 5)),
    ] {
        given_in(state).when(&command, &the_installation()).then_refused(&not_a_person);
    }
}

#[test]
fn the_state_is_named_in_the_refusal() {
    let refusal = ConsultationRefusal::NotInState { state: ConsultationState::InReview };
    assert_eq!(refusal.to_string(), "the consultation is in_review");
}
