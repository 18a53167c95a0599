//! Scenarios of the asking side: it asks for an assignment, and hands the request over to another physician.

use std::sync::LazyLock;

use super::*;
use crate::clinic::{CLINIC, why};
use crate::conversation::RequesterChanged;

pub(crate) fn ask() -> ThreadCommand {
    ConsultationCommand::from(AskForAssignment { reason: why() }).into()
}

pub(crate) fn hand_over(to: u128) -> ThreadCommand {
    ConsultationCommand::from(HandOverRequest { to: id(to), reason: why() }).into()
}

/// The clinic, with these on the care team.
fn clinic(care_team: &[u128]) -> Fixed {
    let mut facts = CLINIC.clone();
    let place = Place { role: Role::Physician, organization: id(PRACTICE) };
    facts.care_teams = care_team.iter().map(|each| (opened().patient.expect("a patient"), id(*each), place)).collect();
    facts
}

/// The clinic in which the requester is on the care team.
pub(crate) fn clinic_with_requester() -> &'static Fixed {
    static CLINIC: LazyLock<Fixed> = LazyLock::new(|| clinic(&[REQUESTER]));
    &CLINIC
}

fn handed_over(by: u128) -> ThreadEvent {
    let (by, requester) = (person(by), id(PARTNER));
    ConversationEvent::RequesterChanged(RequesterChanged { by, requester, role: Role::Physician, reason: why() }).into()
}

#[test]
fn the_asking_side_asks_for_an_assignment_and_again_after_a_working_day() {
    let submitted = submitted();
    let asked = given::<Thread>(&submitted).when(&ask(), &acting(REQUESTER)).events();
    let [ThreadEvent::Lifecycle(LifecycleEvent::Consultation(ConsultationEvent::AssignmentRequested(requested)))] =
        asked.as_slice()
    else {
        panic!("{asked:?}")
    };
    let again_from = requested.again_from;
    assert!(again_from > now() + Duration::hours(20), "a working day later: {again_from}");
    let history = [submitted, asked].concat();
    assert_eq!(state_after(&history), Some(ConsultationState::Submitted));
    let refused = &ConsultationRefusal::AskedToday.into();
    given::<Thread>(&history).when(&ask(), &acting(REQUESTER)).then_refused(refused);
    let later = Acting { now: again_from, ..acting(REQUESTER) };
    assert_eq!(given::<Thread>(&history).when(&ask(), &later).events().len(), 1);
    let not_here = ConsultationRefusal::NotInState { state: ConsultationState::InReview };
    given_in(ConsultationState::InReview).when(&ask(), &acting(REQUESTER)).then_refused(&not_here.into());
}

#[test]
fn the_requester_hands_over_and_the_turn_goes_with_it() {
    let clinic = clinic(&[REQUESTER]);
    let acting = Acting { lookups: &clinic, ..acting(REQUESTER) };
    given_in(ConsultationState::InReview).when(&hand_over(PARTNER), &acting).then(&[handed_over(REQUESTER)]);
    let answered = course(ConsultationState::Answered);
    let to = waiting_on(person_party(PARTNER), RecordPlan::NAME, None);
    let after = [handed_over(REQUESTER), turn_passed(REQUESTER, to).into()];
    given::<Thread>(&answered).when(&hand_over(PARTNER), &acting).then(&after);
    let history = [answered, after.to_vec()].concat();
    let again = Acting { lookups: &clinic, ..crate::clinic::acting(PARTNER) };
    given::<Thread>(&history)
        .when(&hand_over(PARTNER), &acting)
        .then_refused(&ConsultationRefusal::SameRequester.into());
    assert_eq!(given::<Thread>(&history).when(&hand_over(REQUESTER), &again).events().len(), 2);
    let over = ConsultationRefusal::NotInState { state: ConsultationState::Closed };
    given_in(ConsultationState::Closed).when(&hand_over(PARTNER), &acting).then_refused(&over.into());
}

#[test]
fn a_coordinator_hands_over_for_who_cannot_act_has_left_the_care_team_or_is_blocked() {
    let there = clinic(&[REQUESTER]);
    let by = |lookups| Acting { lookups, ..acting(COORDINATOR) };
    let submitted = given_in(ConsultationState::Submitted);
    submitted.when(&hand_over(PARTNER), &by(&there)).then_refused(&ConsultationRefusal::RequesterPresent.into());
    let off_the_team = clinic(&[]);
    submitted.when(&hand_over(PARTNER), &by(&off_the_team)).then(&[handed_over(COORDINATOR)]);
    let patient = opened().patient.expect("a patient");
    let blocked = Fixed { blocked: vec![(patient, id(REQUESTER))], ..clinic(&[REQUESTER]) };
    submitted.when(&hand_over(PARTNER), &by(&blocked)).then(&[handed_over(COORDINATOR)]);
}

#[test]
fn a_request_is_handed_over_to_another_physician_of_the_asking_side_who_is_not_the_patient() {
    let clinic = clinic(&[]);
    let by = |person| Acting { lookups: &clinic, ..acting(person) };
    let submitted = given_in(ConsultationState::Submitted);
    let refused =
        |to, by: &Acting<'_>, refusal: ThreadRefusal| submitted.when(&hand_over(to), by).then_refused(&refusal);
    refused(SPECIALIST, &by(REQUESTER), ConsultationRefusal::NotAClinician.into());
    refused(NURSE, &by(REQUESTER), ConsultationRefusal::NotAClinician.into());
    refused(PATIENT, &by(REQUESTER), ConversationRefusal::OwnRecord.into());
    refused(PARTNER, &by(PARTNER), ConversationRefusal::SelfNotAllowed.into());
    let patient = opened().patient.expect("a patient");
    let blocked = Fixed { blocked: vec![(patient, id(PARTNER))], ..clinic.clone() };
    refused(PARTNER, &Acting { lookups: &blocked, ..by(REQUESTER) }, ConsultationRefusal::NotAClinician.into());
}
