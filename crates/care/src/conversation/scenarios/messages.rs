//! Messages and receipts: whom a message is for, and how far somebody has read.

use super::*;

#[test]
fn messages_are_numbered_from_one_and_a_message_is_posted_once() {
    let everyone = || post_to(Addressed::Everyone);
    given(&[]).when(everyone(), &by(SPECIALIST, 1)).then(&[posted(SPECIALIST, 1, 1)]);
    let history = [posted(SPECIALIST, 1, 1)];
    given(&history).when(everyone(), &by(SPECIALIST, 2)).then(&[posted(SPECIALIST, 2, 2)]);
    given(&history).when(everyone(), &by(SPECIALIST, 1)).then(&[]);
}

#[test]
fn a_message_is_addressed_by_name_to_persons_in_the_thread() {
    let named = |persons: &[u128]| post_to(Addressed::Named(persons.iter().map(|person| id(*person)).collect()));
    let given = given(&[nurse_added()]);
    // The opener, a participant, and members of the owning pool.
    for person in [REQUESTER, NURSE, COLLEAGUE] {
        let When(outcome) = given.when(named(&[person]), &acting(SPECIALIST));
        assert_eq!(outcome.expect("not refused").len(), 1, "{person}");
    }
    for persons in [&[OUTSIDER][..], &[NURSE, VISITOR]] {
        given.when(named(persons), &acting(SPECIALIST)).then_refused(ConversationRefusal::NotAParticipant);
    }
    for persons in [&[][..], &[SPECIALIST]] {
        given.when(named(persons), &acting(SPECIALIST)).then_refused(ConversationRefusal::NoReachableReader);
    }
}

#[test]
fn members_of_the_pool_are_in_the_thread_while_it_owns_it_or_takes_part() {
    let named = |person| post_to(Addressed::Named([id(person)].into()));
    given(&[claimed_by(SPECIALIST)])
        .when(named(COLLEAGUE), &acting(SPECIALIST))
        .then_refused(ConversationRefusal::NotAParticipant);
    let opened = Opened { pools: [id(CARDIOLOGY)].into(), ..opened() };
    let given = Given(Conversation::opened(&opened).evolve(&claimed_by(SPECIALIST)));
    let When(outcome) = given.when(named(COLLEAGUE), &acting(SPECIALIST));
    assert_eq!(outcome.expect("not refused").len(), 1);
}

#[test]
fn a_receipt_never_goes_back() {
    let marks = |number| MarkRead { message: created(number) };
    let two = vec![posted(SPECIALIST, 1, 1), posted(SPECIALIST, 2, 2)];
    given(&two).when(marks(2), &acting(COORDINATOR)).then(&[read(COORDINATOR, 2, 2)]);
    let after = given(&[two, vec![read(COORDINATOR, 2, 2)]].concat());
    after.when(marks(1), &acting(COORDINATOR)).then(&[]);
    after.when(marks(2), &acting(COORDINATOR)).then(&[]);
    // Another person's receipt is another receipt.
    after.when(marks(1), &acting(COLLEAGUE)).then(&[read(COLLEAGUE, 1, 1)]);
    after.when(marks(3), &acting(COORDINATOR)).then_refused(ConversationRefusal::NoSuchMessage);
}

/// The first message is for everyone, the second for the clinical team, the third for two persons by name.
fn three_audiences() -> Given {
    let addressed = [Addressed::Everyone, Addressed::ClinicalTeam, Addressed::Named([id(COLLEAGUE)].into())];
    let posted = (1..).zip(addressed).map(|(number, addressed)| {
        let ConversationEvent::MessagePosted(message) = posted(SPECIALIST, number.into(), number) else {
            panic!("a message")
        };
        ConversationEvent::MessagePosted(MessagePosted { addressed, ..message })
    });
    given(&posted.chain([nurse_added()]).collect::<Vec<_>>())
}

#[test]
fn a_message_that_the_sender_may_not_read_is_as_a_missing_one() {
    let given = three_audiences();
    let marks = |number| MarkRead { message: created(number) };
    let only_everyone = |audience| (audience == Audience::Everyone).then_some(1);
    let lay = Acting { readable: ReadableAudiences::of(only_everyone), ..acting(PATIENT) };
    given.when(marks(1), &lay).then(&[read(PATIENT, 1, 1)]);
    let late = Acting { readable: ReadableAudiences::of(|_| Some(2)), ..acting(COLLEAGUE) };
    given.when(marks(3), &late).then(&[read(COLLEAGUE, 3, 3)]);
    let at_death = ReadableAudiences::ALL.until(Some(chrono::DateTime::UNIX_EPOCH));
    // Of another audience; before the window; addressed to others by name; nowhere; after the end of what is read.
    let missing = [
        (marks(2), lay),
        (marks(1), late),
        (marks(3), acting(COORDINATOR)),
        (marks(1), Acting { readable: ReadableAudiences::NONE, ..acting(COORDINATOR) }),
        (marks(4), acting(COORDINATOR)),
        (marks(1), Acting { readable: at_death, ..acting(COORDINATOR) }),
    ];
    for (command, acting) in missing {
        given.when(command, &acting).then_refused(ConversationRefusal::NoSuchMessage);
        let window = HistoryWindow::FromMessage(command.message);
        given.when(change_window(NURSE, window), &acting).then_refused(ConversationRefusal::NoSuchMessage);
        given.when(invite(window), &acting).then_refused(ConversationRefusal::NoSuchMessage);
    }
    // The author reads what they wrote to others.
    given.when(marks(3), &acting(SPECIALIST)).then(&[read(SPECIALIST, 3, 3)]);
}

#[test]
fn a_receipt_is_kept_for_each_audience() {
    let marks = |number| MarkRead { message: created(number) };
    let Given(conversation) = three_audiences();
    let given = Given(conversation.evolve(&read(COLLEAGUE, 3, 3)).evolve(&read(COLLEAGUE, 2, 2)));
    given.when(marks(1), &acting(COLLEAGUE)).then(&[read(COLLEAGUE, 1, 1)]);
    given.when(marks(2), &acting(COLLEAGUE)).then(&[]);
}

#[test]
fn no_message_is_addressed_by_name_to_a_person_who_can_no_longer_read() {
    let named = |person| post_to(Addressed::Named([id(person)].into()));
    let by_care_team = |by_care_team| {
        let ConversationEvent::ParticipantAdded(added) = nurse_added() else { panic!("a participant") };
        given(&[ConversationEvent::ParticipantAdded(ParticipantAdded { by_care_team, ..added })])
    };
    let mut off_the_team = CLINIC.clone();
    off_the_team.care_teams.clear();
    let (without, off) = (clinic_without(NURSE), off_the_team);
    let from = |lookups| Acting { lookups, ..acting(REQUESTER) };
    for (given, lookups, is_reached) in [
        (by_care_team(true), &*CLINIC, true),
        (by_care_team(true), &off, false),
        (by_care_team(false), &off, true),
        (by_care_team(false), &without, false),
    ] {
        let When(outcome) = given.when(named(NURSE), &from(lookups));
        assert_eq!(outcome.is_ok(), is_reached, "{outcome:?}");
    }
    // A member of the pool who is the patient reads as the patient.
    given(&[]).when(named(PATIENT), &acting(REQUESTER)).then_refused(ConversationRefusal::NotAParticipant);
}

/// A patient who is permitted to write as the patient.
pub(super) fn as_patient() -> Acting<'static> {
    Acting { role: Role::Person, capacity: Capacity::Patient, ..acting(PATIENT) }
}

#[test]
fn a_person_writes_to_the_team_for_themself_and_the_team_answers_the_patient() {
    let to = |person| post_to(Addressed::TeamAnd(id(person)));
    let given = given(&[nurse_added()]);
    for (one, acting) in [(PATIENT, as_patient()), (PATIENT, acting(SPECIALIST))] {
        let When(outcome) = given.when(to(one), &acting);
        let events = outcome.expect("not refused");
        let [ConversationEvent::MessagePosted(posted)] = events.as_slice() else { panic!("a message: {events:?}") };
        assert_eq!(posted.addressed, Addressed::TeamAnd(id(one)));
    }
    // The patient for another; the team to a colleague, to themselves, and to a person who is not the patient.
    for (one, acting) in [
        (NURSE, as_patient()),
        (OUTSIDER, as_patient()),
        (NURSE, acting(SPECIALIST)),
        (SPECIALIST, acting(SPECIALIST)),
        (OUTSIDER, acting(SPECIALIST)),
    ] {
        given.when(to(one), &acting).then_refused(ConversationRefusal::NotAParticipant);
    }
    let about_nobody = given_about_nobody(&[nurse_added()]);
    about_nobody.when(to(PATIENT), &acting(SPECIALIST)).then_refused(ConversationRefusal::NotAParticipant);
    let of_participants = Opened { kind: ThreadKind::TeamThread, ..opened() };
    let of_participants = Given(Conversation::opened(&of_participants));
    for acting in [as_patient(), acting(SPECIALIST)] {
        of_participants.when(to(PATIENT), &acting).then_refused(ConversationRefusal::NotAParticipant);
    }
}

#[test]
fn the_team_answers_one_person_who_helps_the_patient_now() {
    use crate::aggregate::DelegationBrief;
    use crate::scope::Scope;
    use crate::words::{DelegationKind, DelegationState};
    let brief = |state, days| DelegationBrief {
        delegation: id(60),
        person: Some(id(OUTSIDER)),
        kind: DelegationKind::PatientAuthorised,
        state,
        scope: Scope::nothing(),
        until: Some(now() + Duration::days(days)),
    };
    let to = |person| post_to(Addressed::TeamAnd(id(person)));
    let answers = |brief: DelegationBrief, person| {
        let clinic = Fixed { delegations: vec![(patient(), brief)], ..CLINIC.clone() };
        given(&[]).when(to(person), &in_clinic(&clinic, acting(SPECIALIST))).0.map(|_| ())
    };
    assert_eq!(answers(brief(DelegationState::Active, 1), OUTSIDER), Ok(()));
    let none = Err(ConversationRefusal::NotAParticipant);
    assert_eq!(answers(brief(DelegationState::Active, 1), COLLEAGUE), none, "another person");
    assert_eq!(answers(brief(DelegationState::Suspended, 1), OUTSIDER), none);
    assert_eq!(answers(brief(DelegationState::Active, 0), OUTSIDER), none, "at its end");
}

/// The first and the third message are between the team and the patient, the second between the team and another person.
fn with_two_persons() -> Given {
    let one = |number: u32, person| {
        let ConversationEvent::MessagePosted(message) = posted(SPECIALIST, number.into(), number) else {
            panic!("a message")
        };
        ConversationEvent::MessagePosted(MessagePosted { addressed: Addressed::TeamAnd(id(person)), ..message })
    };
    given(&[one(1, PATIENT), one(2, OUTSIDER), one(3, PATIENT)])
}

#[test]
fn what_the_team_shares_with_one_person_is_as_missing_for_another() {
    let given = with_two_persons();
    let marks = |number| MarkRead { message: created(number) };
    let lay = |person| Acting { readable: ReadableAudiences::of(|_| Some(0)), ..acting(person) };
    given.when(marks(3), &lay(PATIENT)).then(&[read(PATIENT, 3, 3)]);
    given.when(marks(2), &lay(OUTSIDER)).then(&[read(OUTSIDER, 2, 2)]);
    for (number, person) in [(2, PATIENT), (1, OUTSIDER), (1, COLLEAGUE)] {
        given.when(marks(number), &lay(person)).then_refused(ConversationRefusal::NoSuchMessage);
    }
    given.when(marks(2), &acting(COLLEAGUE)).then(&[read(COLLEAGUE, 2, 2)]);
    let late = Acting { readable: ReadableAudiences::of(|_| Some(2)).of_team(true), ..acting(COLLEAGUE) };
    given.when(marks(1), &late).then_refused(ConversationRefusal::NoSuchMessage);
}

#[test]
fn a_receipt_of_what_is_shared_with_one_person_is_kept_for_each_such_person() {
    let Given(conversation) = with_two_persons();
    let given = Given(conversation.evolve(&read(COLLEAGUE, 2, 2)));
    let marks = |number| MarkRead { message: created(number) };
    given.when(marks(1), &acting(COLLEAGUE)).then(&[read(COLLEAGUE, 1, 1)]);
    given.when(marks(2), &acting(COLLEAGUE)).then(&[]);
}

#[test]
fn a_message_with_one_person_is_stored_with_that_person() {
    let stored = serde_json::to_string(&Addressed::TeamAnd(id(PATIENT))).expect("JSON");
    assert_eq!(stored, r#"{"team_and":"00000000000000000000000000000007"}"#);
    assert_eq!(serde_json::from_str::<Addressed>(&stored).expect("read"), Addressed::TeamAnd(id(PATIENT)));
}
