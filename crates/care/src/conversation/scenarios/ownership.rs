//! Who owns a conversation and whose turn it is, by given, when, then.

use super::*;

// Ownership.

#[test]
fn a_claim_makes_one_person_the_owner() {
    given(&[]).when(Claim, &acting(SPECIALIST)).then(&[claimed_by(SPECIALIST)]);
    let after = given(&[claimed_by(SPECIALIST)]);
    assert_eq!(after.0.owner, person_of_pool(SPECIALIST));
    for person in [SPECIALIST, COLLEAGUE] {
        after.when(Claim, &acting(person)).then_refused(ConversationRefusal::AlreadyClaimed);
    }
    given(&[]).when(Claim, &acting(PATIENT)).then_refused(ConversationRefusal::OwnRecord);
}

#[test]
fn the_owner_gives_the_thread_back_to_a_pool_in_which_somebody_is() {
    let release = || Release { reason: why() };
    let claimed = given(&[claimed_by(SPECIALIST)]);
    let released = owner_changed(SPECIALIST, pool(CARDIOLOGY), HOSPITAL, Some(why()));
    claimed.when(release(), &acting(SPECIALIST)).then(std::slice::from_ref(&released));
    assert_eq!(given(&[claimed_by(SPECIALIST), released]).0.owner, pool(CARDIOLOGY));
    claimed.when(release(), &acting(COLLEAGUE)).then_refused(ConversationRefusal::NotOwner);
    let mut clinic = CLINIC.clone();
    clinic.pool_members = vec![(id(CARDIOLOGY), id(PATIENT))];
    claimed.when(release(), &in_clinic(&clinic, acting(SPECIALIST))).then_refused(ConversationRefusal::PoolEmpty);
    let alone = owner_changed(SPECIALIST, person_alone(SPECIALIST), HOSPITAL, None);
    for history in [vec![], vec![alone]] {
        given(&history).when(release(), &acting(SPECIALIST)).then_refused(ConversationRefusal::NoPool);
    }
}

pub(super) fn transfer(to: Owner) -> Transfer {
    Transfer { to, reason: why() }
}

#[test]
fn a_thread_is_transferred_within_the_owning_organization() {
    let claimed = given(&[claimed_by(SPECIALIST)]);
    for to in [person_of_pool(COLLEAGUE), pool(CARDIOLOGY), pool(NEUROLOGY)] {
        claimed.when(transfer(to), &acting(SPECIALIST)).then(&[owner_changed(SPECIALIST, to, HOSPITAL, Some(why()))]);
    }
    // From the pool to one of its members.
    given(&[]).when(transfer(person_of_pool(COLLEAGUE)), &acting(COORDINATOR)).then(&[owner_changed(
        COORDINATOR,
        person_of_pool(COLLEAGUE),
        HOSPITAL,
        Some(why()),
    )]);
    let of_neurology = Owner::Person { person: id(COLLEAGUE), pool: Some(id(NEUROLOGY)) };
    for to in [pool(ONCOLOGY), of_neurology, person_of_pool(REQUESTER), person_alone(COLLEAGUE), pool(DERMATOLOGY)] {
        claimed.when(transfer(to), &acting(SPECIALIST)).then_refused(ConversationRefusal::OwnerCannotAct);
    }
    claimed.when(transfer(pool(49)), &acting(SPECIALIST)).then_refused(ConversationRefusal::NoSuchPool);
    claimed.when(transfer(person_of_pool(PATIENT)), &acting(SPECIALIST)).then_refused(ConversationRefusal::OwnRecord);
    let mut clinic = CLINIC.clone();
    clinic.roles.retain(|(person, _)| *person != id(COLLEAGUE));
    claimed
        .when(transfer(person_of_pool(COLLEAGUE)), &in_clinic(&clinic, acting(SPECIALIST)))
        .then_refused(ConversationRefusal::OwnerCannotAct);
}

#[test]
fn a_thread_is_transferred_to_another_owner() {
    for to in [person_of_pool(SPECIALIST), person_alone(SPECIALIST)] {
        given(&[claimed_by(SPECIALIST)])
            .when(transfer(to), &acting(SPECIALIST))
            .then_refused(ConversationRefusal::SameOwner);
    }
    given(&[]).when(transfer(pool(CARDIOLOGY)), &acting(COORDINATOR)).then_refused(ConversationRefusal::SameOwner);
}

#[test]
fn a_participant_can_become_the_owner_without_a_pool() {
    let colleague = added_in_role(COLLEAGUE, place(Role::Physician, HOSPITAL), Some(why()));
    given(std::slice::from_ref(&colleague))
        .when(transfer(person_alone(COLLEAGUE)), &acting(COORDINATOR))
        .then(&[owner_changed(COORDINATOR, person_alone(COLLEAGUE), HOSPITAL, Some(why()))]);
    // The organization of a participant is that of their place.
    given(&[visitor_invited(HistoryWindow::Full), visitor_accepted(None)])
        .when(transfer(person_alone(VISITOR)), &acting(COORDINATOR))
        .then(&[owner_changed(COORDINATOR, person_alone(VISITOR), OTHER_HOSPITAL, Some(why()))]);
    // The role of the place is what counts.
    let mut clinic = clinic_without(COLLEAGUE);
    clinic.roles.push((id(COLLEAGUE), place(Role::Nurse, HOSPITAL)));
    given(&[colleague])
        .when(transfer(person_alone(COLLEAGUE)), &in_clinic(&clinic, acting(COORDINATOR)))
        .then_refused(ConversationRefusal::OwnerCannotAct);
}

#[test]
fn a_thread_is_taken_over_from_an_owner_who_cannot_act_or_is_late() {
    let take_over = || TakeOver { reason: why() };
    let due = now() + Duration::hours(1);
    let turn = turn_passed(SPECIALIST, waiting_on(person_party(SPECIALIST), PostMessage::NAME, Some(due)));
    let claimed = given(&[claimed_by(SPECIALIST), turn]);
    let taken = owner_changed(COLLEAGUE, person_of_pool(COLLEAGUE), HOSPITAL, Some(why()));
    claimed.when(take_over(), &acting(COLLEAGUE)).then_refused(ConversationRefusal::OwnerPresent);
    claimed.when(take_over(), &at(due, acting(COLLEAGUE))).then_refused(ConversationRefusal::OwnerPresent);
    let late = due + Duration::seconds(1);
    claimed.when(take_over(), &at(late, acting(COLLEAGUE))).then(std::slice::from_ref(&taken));
    claimed.when(take_over(), &at(late, acting(SPECIALIST))).then_refused(ConversationRefusal::SameOwner);
    claimed.when(take_over(), &at(late, acting(PATIENT))).then_refused(ConversationRefusal::OwnRecord);
    let without = clinic_without(SPECIALIST);
    claimed.when(take_over(), &in_clinic(&without, acting(COLLEAGUE))).then(&[taken]);
    // Somebody who is no member of the pool has it from none.
    claimed.when(take_over(), &in_clinic(&without, acting(REQUESTER))).then(&[owner_changed(
        REQUESTER,
        person_alone(REQUESTER),
        HOSPITAL,
        Some(why()),
    )]);
    // What a pool owns is claimed.
    given(&[]).when(take_over(), &acting(COLLEAGUE)).then_refused(ConversationRefusal::OwnerPresent);
}

#[test]
fn a_process_returns_a_thread_to_its_pool_only_where_the_owner_can_no_longer_act() {
    let claimed = given(&[claimed_by(SPECIALIST)]);
    let returned = ConversationEvent::OwnerChanged(OwnerChanged {
        by: the_process().by,
        owner: pool(CARDIOLOGY),
        organization: id(HOSPITAL),
        claim_by: Some(claim_by()),
        reason: None,
    });
    claimed.when(ReturnToPool, &the_process_without_the_specialist()).then(std::slice::from_ref(&returned));
    claimed.when(ReturnToPool, &the_process()).then_refused(ConversationRefusal::OwnerPresent);
    let without = clinic_without(SPECIALIST);
    for acting in [acting(SPECIALIST), acting(COLLEAGUE), the_installation()] {
        claimed.when(ReturnToPool, &in_clinic(&without, acting)).then_refused(ConversationRefusal::NotAProcess);
    }
    // A role without the membership does not suffice, nor the membership with a role elsewhere only.
    let mut no_member = CLINIC.clone();
    no_member.pool_members.retain(|(_, person)| *person != id(SPECIALIST));
    let mut elsewhere = CLINIC.clone();
    elsewhere.roles.retain(|(person, _)| *person != id(SPECIALIST));
    elsewhere.roles.push((id(SPECIALIST), place(Role::Physician, OTHER_HOSPITAL)));
    for clinic in [no_member, elsewhere] {
        claimed.when(ReturnToPool, &in_clinic(&clinic, the_process())).then(std::slice::from_ref(&returned));
    }
    // A pool that has it already, and an owner who has it from no pool.
    let alone = owner_changed(SPECIALIST, person_alone(SPECIALIST), HOSPITAL, None);
    for history in [vec![], vec![claimed_by(SPECIALIST), returned], vec![alone]] {
        given(&history)
            .when(ReturnToPool, &the_process_without_the_specialist())
            .then_refused(ConversationRefusal::NoPool);
    }
}

#[test]
fn an_owner_whose_turn_it_is_not_is_not_late() {
    let turn = turn_passed(SPECIALIST, waiting_on(person_party(REQUESTER), PostMessage::NAME, Some(now())));
    given(&[claimed_by(SPECIALIST), turn])
        .when(TakeOver { reason: why() }, &at(now() + Duration::days(1), acting(COLLEAGUE)))
        .then_refused(ConversationRefusal::OwnerPresent);
}

// The turn.

#[test]
fn a_thread_waits_for_persons_in_it_and_for_its_pools() {
    let given = given(&[nurse_added()]);
    let wait = |party| SetWaitingOn { to: waiting_on(party, PostMessage::NAME, None), note: None };
    for party in [person_party(NURSE), person_party(REQUESTER), pool_party(CARDIOLOGY)] {
        let turn = turn_passed(SPECIALIST, waiting_on(party, PostMessage::NAME, None));
        given.when(wait(party), &acting(SPECIALIST)).then(&[turn]);
    }
    let coordinator = Party::PoolCoordinator(id(CARDIOLOGY));
    given
        .when(wait(coordinator), &acting(SPECIALIST))
        .then(&[turn_passed(SPECIALIST, waiting_on(coordinator, PostMessage::NAME, None))]);
    for party in [
        person_party(OUTSIDER),
        person_party(SPECIALIST),
        pool_party(NEUROLOGY),
        coordinators(HOSPITAL),
        Party::Patient(patient()),
        Party::Nobody,
    ] {
        given.when(wait(party), &acting(SPECIALIST)).then_refused(ConversationRefusal::PartyCannotAct);
    }
    // Nobody but the patient is in the pool, or no coordinator is.
    let mut clinic = CLINIC.clone();
    clinic.pool_members = vec![(id(CARDIOLOGY), id(PATIENT))];
    for party in [pool_party(CARDIOLOGY), coordinator] {
        given
            .when(wait(party), &in_clinic(&clinic, acting(SPECIALIST)))
            .then_refused(ConversationRefusal::PartyCannotAct);
    }
}

#[test]
fn the_same_turn_is_said_again_only_with_a_note() {
    let to = nurse_claims_nothing();
    let given = given(&[nurse_added(), turn_passed(REQUESTER, to)]);
    given.when(SetWaitingOn { to, note: None }, &acting(SPECIALIST)).then(&[]);
    let note = Some(text("Please call her."));
    let by = Actor::Person(id(SPECIALIST));
    given
        .when(SetWaitingOn { to, note: note.clone() }, &acting(SPECIALIST))
        .then(&[ConversationEvent::TurnPassed(TurnPassed { by, to, note, promised: None })]);
}

#[test]
fn what_is_awaited_is_due_after_it_is_asked_for() {
    let due = |due| WaitingOn { due: Some(due), ..nurse_claims_nothing() };
    let passed = now() - Duration::seconds(1);
    let fresh = given(&[nurse_added()]);
    for instant in [passed, now()] {
        let set = SetWaitingOn { to: due(instant), note: None };
        fresh.when(set, &acting(SPECIALIST)).then_refused(ConversationRefusal::DuePast);
    }
    let turn = |to, note| {
        ConversationEvent::TurnPassed(TurnPassed { by: Actor::Person(id(SPECIALIST)), to, note, promised: None })
    };
    let ahead = due(now() + Duration::seconds(1));
    fresh.when(SetWaitingOn { to: ahead, note: None }, &acting(SPECIALIST)).then(&[turn(ahead, None)]);
    // A turn that is late already is passed on with its own due instant.
    let late = given(&[nurse_added(), turn_passed(REQUESTER, due(passed))]);
    let note = Some(text("Please call her."));
    let again = SetWaitingOn { to: due(passed), note: note.clone() };
    late.when(again, &acting(SPECIALIST)).then(&[turn(due(passed), note)]);
}

#[test]
fn the_turn_is_passed_on_where_that_is_waited_for() {
    let pass = || PassTurn { to: nurse_claims_nothing(), note: None };
    for history in [vec![nurse_added()], vec![nurse_added(), turn_passed(REQUESTER, nurse_claims_nothing())]] {
        given(&history).when(pass(), &acting(COORDINATOR)).then_refused(ConversationRefusal::NotAdmitted);
    }
    let after = given(&[nurse_added(), escalated()]);
    after.when(pass(), &acting(COORDINATOR)).then(&[turn_passed(COORDINATOR, nurse_claims_nothing())]);
    let to = waiting_on(person_party(OUTSIDER), PostMessage::NAME, None);
    after.when(PassTurn { to, note: None }, &acting(COORDINATOR)).then_refused(ConversationRefusal::PartyCannotAct);
}

#[test]
fn a_process_escalates_to_the_first_party_of_last_resort_that_there_is() {
    let given = given(&[]);
    given.when(Escalate, &the_process()).then(&[escalated()]);
    for acting in [acting(COORDINATOR), the_installation()] {
        given.when(Escalate, &acting).then_refused(ConversationRefusal::NotAProcess);
    }
    let escalate = ConversationCommand::from(Escalate);
    let to = |resorts: &[Party]| {
        let events = given.0.decide(&escalate, resorts, &the_process()).expect("not refused");
        events.iter().fold(given.0.clone(), Conversation::evolve).waiting_on.map(|waiting| waiting.party)
    };
    let nobody = coordinators(OTHER_HOSPITAL);
    assert_eq!(to(&[nobody, pool_party(CARDIOLOGY), coordinators(HOSPITAL)]), Some(pool_party(CARDIOLOGY)));
    assert_eq!(to(&[nobody]), None);
    let administrators = Party::Role(place(Role::Administrator, HOSPITAL));
    assert_eq!(given.0.last_resorts(), [coordinators(HOSPITAL), administrators]);
}

#[test]
fn an_escalation_is_repeated_only_if_the_turn_was_passed_on() {
    given(&[escalated()]).when(Escalate, &the_process()).then(&[]);
    let passed = turn_passed(COORDINATOR, waiting_on(pool_party(CARDIOLOGY), Claim::NAME, None));
    given(&[escalated(), passed]).when(Escalate, &the_process()).then(&[escalated()]);
}

pub(super) fn nobody_until(due: Option<DateTime<Utc>>) -> ConversationEvent {
    turn_passed(REQUESTER, waiting_on(Party::Nobody, PostMessage::NAME, due))
}

#[test]
fn an_agreed_wait_ends_at_its_date_by_a_process_and_it_is_the_owners_turn() {
    let due = now() + Duration::days(7);
    let waits = given(&[claimed_by(SPECIALIST), nobody_until(Some(due))]);
    waits.when(EndWait, &at(due - Duration::seconds(1), the_process())).then_refused(ConversationRefusal::NotWaiting);
    for acting in [acting(SPECIALIST), the_installation()] {
        waits.when(EndWait, &at(due, acting)).then_refused(ConversationRefusal::NotAProcess);
    }
    let review = in_force(nine_to_five("UTC"), 7).business_days(2, due).expect("staffed");
    let to = waiting_on(person_party(SPECIALIST), SetWaitingOn::NAME, Some(review.at));
    let ended =
        ConversationEvent::TurnPassed(TurnPassed { by: the_process().by, to, note: None, promised: Some(review) });
    waits.when(EndWait, &at(due, the_process())).then(std::slice::from_ref(&ended));
    let after = Given(waits.0.evolve(&ended));
    after.when(EndWait, &at(due, the_process())).then_refused(ConversationRefusal::NotWaiting);
    for history in [vec![], vec![nobody_until(None)]] {
        given(&history).when(EndWait, &at(due, the_process())).then_refused(ConversationRefusal::NotWaiting);
    }
    // Without a calendar there is no date for the owner.
    let clinic = Fixed { calendars: vec![], ..CLINIC.clone() };
    let waits = given(&[nobody_until(Some(due))]);
    let to = waiting_on(pool_party(CARDIOLOGY), SetWaitingOn::NAME, None);
    let ended = ConversationEvent::TurnPassed(TurnPassed { by: the_process().by, to, note: None, promised: None });
    waits.when(EndWait, &in_clinic(&clinic, at(due, the_process()))).then(&[ended]);
}

#[test]
fn the_owner_is_alone_until_somebody_else_is_in_the_thread() {
    let owned = || owner_changed(REQUESTER, person_alone(REQUESTER), PRACTICE, None);
    assert!(!given(&[]).0.is_alone());
    assert!(given(&[owned()]).0.is_alone());
    assert!(!given(&[owned(), nurse_added()]).0.is_alone());
    // The opener is in the thread of another owner.
    assert!(!given(&[claimed_by(SPECIALIST)]).0.is_alone());
    let with_pool = Opened { pools: [id(CARDIOLOGY)].into(), ..opened() };
    assert!(!Conversation::opened(&with_pool).evolve(&owned()).is_alone());
}

#[test]
fn the_stored_form_keeps_everything_that_takes_needs() {
    let states = [everything(&[]), everything(&[claimed_by(SPECIALIST)]), everything(&[closed_by(REQUESTER, None)])];
    for Given(conversation) in states {
        let written = serde_json::to_string(&conversation).expect("writes");
        let read: Conversation = serde_json::from_str(&written).expect("reads");
        assert!(read.messages.is_empty() && !conversation.messages.is_empty());
        for (command, _) in each_command() {
            assert_eq!(read.takes(command.act()), conversation.takes(command.act()), "{}", command.name().word());
        }
        assert_eq!(Conversation { messages: conversation.messages.clone(), ..read }, conversation);
    }
}
