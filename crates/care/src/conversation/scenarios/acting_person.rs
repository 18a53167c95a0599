//! What a person can do now depends on their place in the conversation: the answer before a command is sent equals the
//! decision.

use super::*;

/// The persons of the clinic from whom the conversation takes the act at an instant.
fn takers(given: &Given, act: ConversationAct, now: DateTime<Utc>) -> Vec<u128> {
    let people = [REQUESTER, COORDINATOR, SPECIALIST, COLLEAGUE, NURSE, VISITOR, PATIENT, OUTSIDER];
    people.into_iter().filter(|person| given.0.takes_from(act, &at(now, acting(*person))).is_ok()).collect()
}

#[test]
fn an_invited_person_answers_a_participant_leaves_and_the_owner_releases() {
    let owned = everything(&[claimed_by(SPECIALIST)]);
    assert_eq!(takers(&owned, ConversationAct::AcceptInvitation, now()), [VISITOR]);
    assert_eq!(takers(&owned, ConversationAct::DeclineInvitation, now()), [VISITOR]);
    assert_eq!(takers(&owned, ConversationAct::Leave, now()), [NURSE]);
    assert_eq!(takers(&owned, ConversationAct::Release, now()), [SPECIALIST]);
    assert_eq!(takers(&owned, ConversationAct::Claim, now()), [0_u128; 0]);
    // What rests on the data of the command is not asked.
    assert_eq!(takers(&owned, ConversationAct::PostMessage, now()).len(), 8);
}

#[test]
fn an_invitation_is_accepted_before_it_expires() {
    let given = everything(&[]);
    let last = now() + Duration::days(14);
    assert_eq!(takers(&given, ConversationAct::AcceptInvitation, last - Duration::seconds(1)), [VISITOR]);
    assert_eq!(takers(&given, ConversationAct::AcceptInvitation, last), [0_u128; 0]);
    assert_eq!(takers(&given, ConversationAct::DeclineInvitation, last), [VISITOR]);
}

#[test]
fn the_stored_form_decides_who_can_accept_although_it_has_no_messages() {
    let given = given(&[posted(SPECIALIST, 1, 1), visitor_invited(HistoryWindow::FromMessage(created(1)))]);
    let written = serde_json::to_string(&given.0).expect("written");
    let kept = Given(serde_json::from_str(&written).expect("read"));
    assert_eq!(takers(&kept, ConversationAct::AcceptInvitation, now()), [VISITOR]);
}

#[test]
fn nobody_claims_a_thread_about_themselves() {
    let takers = takers(&given(&[]), ConversationAct::Claim, now());
    assert!(takers.contains(&SPECIALIST) && !takers.contains(&PATIENT));
}

#[test]
fn a_thread_is_taken_over_from_an_owner_who_is_late_and_by_another() {
    let waiting = turn_passed(SPECIALIST, waiting_on(person_party(SPECIALIST), Claim::NAME, Some(now())));
    let owned = everything(&[claimed_by(SPECIALIST), waiting]);
    assert_eq!(takers(&owned, ConversationAct::TakeOver, now()), [0_u128; 0]);
    let takers = takers(&owned, ConversationAct::TakeOver, now() + Duration::seconds(1));
    assert!(takers.contains(&COLLEAGUE) && !takers.contains(&SPECIALIST) && !takers.contains(&PATIENT));
}

#[test]
fn a_closed_thread_is_opened_again_while_it_can_be_and_somebody_can_own_it() {
    let closed = given(&[claimed_by(SPECIALIST), closed_by(REQUESTER, None)]);
    let reopens = |acting: &Acting<'_>| closed.0.takes_from(ConversationAct::Reopen, acting);
    let last = now() + Duration::days(90);
    assert_eq!(reopens(&at(last, acting(REQUESTER))), Ok(()));
    let late = at(last + Duration::seconds(1), acting(REQUESTER));
    assert_eq!(reopens(&late), Err(ConversationRefusal::TooLate));
    let without = clinic_without(SPECIALIST);
    assert_eq!(reopens(&in_clinic(&without, acting(REQUESTER))), Ok(()));
    let mut empty = without.clone();
    empty.pool_members = vec![];
    assert_eq!(reopens(&in_clinic(&empty, acting(REQUESTER))), Err(ConversationRefusal::OwnerCannotAct));
}
