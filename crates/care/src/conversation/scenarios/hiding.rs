//! Scenarios of hiding a thread from those who help the patient, and of showing it to them again.

use super::messages::as_patient;
use super::*;
use crate::aggregate::DelegationBrief;
use crate::scope::Scope;
use crate::shown::Digest;
use crate::words::{DelegationKind, DelegationState};

const DAUGHTER: u128 = 20;

pub(super) fn hide(basis: Option<PersonalText>) -> HideFromDelegates {
    HideFromDelegates { basis, known_to: [].into() }
}

/// Shows a thread to the list of the clinic.
pub(super) fn show() -> ShowToDelegates {
    ShowToDelegates { shown: Digest::of_bytes([0; 32]) }
}

fn shown() -> ConversationEvent {
    ConversationEvent::ShownToDelegates(ShownToDelegates { by: Actor::Person(id(PATIENT)) })
}

fn as_daughter() -> Acting<'static> {
    let grant = Some(id(60));
    Acting { role: Role::Person, capacity: Capacity::Delegate, grant, ..by(DAUGHTER, 998) }
}

#[test]
fn the_patient_hides_a_thread_without_a_basis_and_staff_with_one() {
    let without =
        ConversationEvent::HiddenFromDelegates(HiddenFromDelegates { by: Actor::Person(id(PATIENT)), basis: None });
    given(&[]).when(hide(None), &as_patient()).then(&[without]);
    given(&[]).when(hide(None), &acting(SPECIALIST)).then_refused(ConversationRefusal::BasisMissing);
    given(&[]).when(hide(Some(why())), &acting(SPECIALIST)).then(&[hidden_by(SPECIALIST)]);
    // Also after closing, and once.
    let closed = [claimed_by(SPECIALIST), closed_by(REQUESTER, None)];
    given(&closed).when(hide(Some(why())), &acting(SPECIALIST)).then(&[hidden_by(SPECIALIST)]);
    let hidden = given(&[hidden_by(SPECIALIST)]);
    hidden.when(hide(None), &as_patient()).then_refused(ConversationRefusal::AlreadyHidden);
}

#[test]
fn a_thread_is_opened_hidden() {
    let opening = Opening { hidden_from_delegates: Some(true), ..opening() };
    let opened = open(&opening, &acting(REQUESTER)).expect("opened");
    assert!(opened.hidden_from_delegates);
    let hidden = Given(Conversation::opened(&opened));
    hidden.when(hide(None), &as_patient()).then_refused(ConversationRefusal::AlreadyHidden);
}

#[test]
fn who_hides_a_thread_was_shown_which_delegates_know_of_it() {
    let post = post_to(Addressed::Everyone);
    let When(written) = given(&[]).when(post, &as_daughter());
    let written = written.expect("written");
    let [ConversationEvent::MessagePosted(message)] = written.as_slice() else { panic!("a message: {written:?}") };
    assert_eq!(message.delegation, Some(id(60)));
    let other_reads = ConversationEvent::ReadMarked(ReadMarked {
        person: id(OUTSIDER),
        capacity: Capacity::Delegate,
        message: created(998),
        number: 1,
    });
    // Who reads in a role is no delegate there.
    let nurse_reads = ConversationEvent::ReadMarked(ReadMarked {
        person: id(NURSE),
        capacity: Capacity::Nurse,
        message: created(998),
        number: 1,
    });
    let known = given(&[written, vec![other_reads, nurse_reads]].concat());
    let both = HideFromDelegates { basis: None, known_to: [id(DAUGHTER), id(OUTSIDER)].into() };
    for known_to in [vec![], vec![DAUGHTER], vec![OUTSIDER], vec![DAUGHTER, OUTSIDER, NURSE]] {
        let known_to = known_to.into_iter().map(id).collect();
        let other = HideFromDelegates { known_to, ..both.clone() };
        known.when(other, &as_patient()).then_refused(ConversationRefusal::DelegateHasRead);
    }
    let hidden = HiddenFromDelegates { by: Actor::Person(id(PATIENT)), basis: None };
    known.when(both, &as_patient()).then(&[ConversationEvent::HiddenFromDelegates(hidden)]);
}

#[test]
fn the_patient_shows_a_thread_to_those_of_the_list_that_they_were_shown() {
    let mut clinic = CLINIC.clone();
    clinic.would_see = Some(Digest::of_bytes([7; 32]));
    let patient = in_clinic(&clinic, as_patient());
    let hidden = given(&[hidden_by(SPECIALIST)]);
    let show = |byte| ShowToDelegates { shown: Digest::of_bytes([byte; 32]) };
    hidden.when(show(8), &patient).then_refused(ConversationRefusal::ListChanged);
    let nowhere = Acting { thread: None, ..patient };
    hidden.when(show(7), &nowhere).then_refused(ConversationRefusal::ListChanged);
    hidden.when(show(7), &patient).then(&[shown()]);
    given(&[]).when(show(7), &patient).then_refused(ConversationRefusal::NotHidden);
    let again = given(&[hidden_by(SPECIALIST), shown()]);
    again.when(show(7), &patient).then_refused(ConversationRefusal::NotHidden);
    again.when(hide(Some(why())), &acting(SPECIALIST)).then(&[hidden_by(SPECIALIST)]);
}

#[test]
fn a_thread_that_only_its_participants_know_is_hidden_from_no_delegate() {
    use crate::lifecycle::ThreadKind;
    let opened = Opened { kind: ThreadKind::TeamThread, ..opened() };
    let thread = crate::aggregate::folded::<crate::thread::Thread>(&[ConversationEvent::Opened(opened).into()]);
    for name in [HideFromDelegates::NAME, ShowToDelegates::NAME] {
        assert!(thread.takes(name, &acting(REQUESTER)).is_err(), "{}", name.word());
    }
}

/// The clinic in which somebody helps the patient, who was born on a day.
fn clinic_of(born: &str, kind: DelegationKind, state: DelegationState) -> Fixed {
    let (delegation, person, until) = (id(60), Some(id(DAUGHTER)), Some(now() + Duration::days(300)));
    let help = DelegationBrief { delegation, person, kind, state, scope: Scope::nothing(), until };
    let born = vec![(patient(), born.parse().expect("a day"))];
    Fixed { born, delegations: vec![(patient(), help)], ..CLINIC.clone() }
}

#[test]
fn a_minor_whom_a_parent_helps_is_asked_and_nobody_else_has_to_be() {
    let answered = |answer| Opening { hidden_from_delegates: answer, ..opening() };
    let by_parent = DelegationKind::ParentOfMinor;
    for (kind, state) in [
        (by_parent, DelegationState::Active),
        (by_parent, DelegationState::Suspended),
        (DelegationKind::LegalRepresentative, DelegationState::Active),
    ] {
        // Of fourteen years.
        let clinic = clinic_of("2012-02-01", kind, state);
        let acting = in_clinic(&clinic, acting(REQUESTER));
        assert_eq!(open(&answered(None), &acting), Err(ConversationRefusal::HidingNotAnswered));
        for answer in [true, false] {
            let opened = open(&answered(Some(answer)), &acting).expect("opened");
            assert_eq!((opened.hidden_from_delegates, opened.minor_asked_by), (answer, Some(id(REQUESTER))));
        }
        assert!(
            Conversation::open(ThreadKind::TeamThread, &answered(None), &acting).is_ok(),
            "no delegate knows of it"
        );
    }
    for (born, kind, state) in [
        ("2020-02-01", by_parent, DelegationState::Active),
        ("2000-02-01", by_parent, DelegationState::Active),
        ("2012-02-01", by_parent, DelegationState::Ended),
        ("2012-02-01", by_parent, DelegationState::Invited),
        ("2012-02-01", DelegationKind::PatientAuthorised, DelegationState::Active),
    ] {
        let clinic = clinic_of(born, kind, state);
        let opened = open(&answered(None), &in_clinic(&clinic, acting(REQUESTER))).expect("opened");
        assert_eq!((opened.hidden_from_delegates, opened.minor_asked_by), (false, None), "{born} {kind:?} {state:?}");
    }
}
