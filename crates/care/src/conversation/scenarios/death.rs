//! The death of the patient, by given, when, then.

use super::*;

fn clinic_where_the_patient_died(died_at: DateTime<Utc>) -> Fixed {
    Fixed { died: vec![(patient(), died_at)], ..CLINIC.clone() }
}

/// The death is said, and it is the turn of the owner.
fn said(died_at: DateTime<Utc>, owner: Party) -> Vec<ConversationEvent> {
    let by = the_process().by;
    let review = in_force(nine_to_five("UTC"), 7).business_days(2, now()).expect("staffed");
    let to = waiting_on(owner, PassTurn::NAME, Some(review.at));
    vec![
        ConversationEvent::PatientDied(PatientDied { by, died_at }),
        ConversationEvent::TurnPassed(TurnPassed { by, to, note: None, promised: Some(review) }),
    ]
}

#[test]
fn a_death_is_said_once_by_a_process_and_it_is_the_owners_turn() {
    let died_at = now() - Duration::days(1);
    let clinic = clinic_where_the_patient_died(died_at);
    let process = || in_clinic(&clinic, the_process());
    let of_nurse = turn_passed(SPECIALIST, waiting_on(person_party(NURSE), PostMessage::NAME, None));
    for (before, owner) in [
        (vec![nurse_added(), of_nurse.clone()], pool_party(CARDIOLOGY)),
        (vec![claimed_by(SPECIALIST), nurse_added(), of_nurse], person_party(SPECIALIST)),
        (vec![claimed_by(SPECIALIST), nobody_until(Some(now() + Duration::days(7)))], person_party(SPECIALIST)),
    ] {
        let events = said(died_at, owner);
        given(&before).when(NoteDeath, &process()).then(&events);
        let after = given(&[before, events].concat());
        after.when(NoteDeath, &process()).then(&[]);
        // The record was an error, and another one is made.
        let another = clinic_where_the_patient_died(now());
        after.when(NoteDeath, &in_clinic(&another, the_process())).then(&said(now(), owner));
    }
    for acting in [acting(SPECIALIST), the_installation()] {
        given(&[]).when(NoteDeath, &in_clinic(&clinic, acting)).then_refused(ConversationRefusal::NotAProcess);
    }
    let closed = given(&[closed_by(REQUESTER, None)]);
    closed.when(NoteDeath, &process()).then_refused(ConversationRefusal::Closed);
}

#[test]
fn nothing_is_said_of_who_lives_and_where_there_is_no_patient() {
    given(&[]).when(NoteDeath, &the_process()).then(&[]);
    let clinic = clinic_where_the_patient_died(now());
    given_about_nobody(&[]).when(NoteDeath, &in_clinic(&clinic, the_process())).then(&[]);
}

#[test]
fn after_a_death_staff_open_a_thread_and_nobody_as_the_patient_or_for_them() {
    let clinic = clinic_where_the_patient_died(now());
    for person in [PATIENT, OUTSIDER] {
        let as_person = Acting { role: Role::Person, ..acting(person) };
        let opened = open(&opening(), &in_clinic(&clinic, as_person));
        assert_eq!(opened, Err(ConversationRefusal::PatientDeceased));
    }
    assert!(open(&opening(), &in_clinic(&clinic, acting(REQUESTER))).is_ok());
}
