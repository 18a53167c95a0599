//! Scenarios in which one rule of the team thread alone decides: without it they come out otherwise.

use super::*;
use crate::clinic::ADMINISTRATOR;
use crate::conversation::ReturnToPool;

#[test]
fn staff_take_part_and_nobody_else() {
    for role in Role::ALL {
        let is_staff = match role {
            Role::Physician | Role::Nurse | Role::Pharmacist | Role::Coordinator | Role::SocialWorker => true,
            Role::PrivacyOfficer | Role::Administrator | Role::Auditor | Role::Service | Role::Person => false,
        };
        assert_eq!(check_staff(*role).is_ok(), is_staff, "{role:?}");
    }
    let opening = Opening { patient: None, owner: person_alone(ADMINISTRATOR), ..opening() };
    let open = OpenTeamThread { participants: vec![nurse()], waiting_on: answer_of(person_party(NURSE)), note: note() };
    let open = ThreadCommand::Open(Box::new(opening), Box::new(OpenLifecycle::TeamThread(open)));
    let administrator = Acting { role: Role::Administrator, ..acting(ADMINISTRATOR) };
    given::<Thread>(&[]).when(&open, &administrator).then_refused(&refused(TeamThreadRefusal::NotAStaffRole));
}

#[test]
fn who_is_named_at_the_opening_sees_as_much_as_is_said() {
    for (history, number) in [(HistoryWindow::Full, None), (HistoryWindow::FromJoin, Some(1))] {
        let open = open_with(person_alone(REQUESTER), &[NewParticipant { history, ..nurse() }], person_party(NURSE));
        let events = given::<Thread>(&[]).when(&open, &acting(REQUESTER)).events();
        let since = events.iter().find_map(|event| match event {
            ThreadEvent::Conversation(ConversationEvent::ParticipantAdded(added)) if added.person == id(NURSE) => {
                Some(added.since.map(|since| since.number))
            }
            ThreadEvent::Conversation(_) | ThreadEvent::Lifecycle(_) => None,
        });
        assert_eq!(since, Some(number), "{history:?}");
    }
}

#[test]
fn each_party_is_expected_to_do_only_what_it_can() {
    let of_participant = [PostMessage::NAME, SetWaitingOn::NAME];
    let of_owner = [Park::NAME, Close::NAME, AddParticipant::NAME, InviteParticipant::NAME, Transfer::NAME];
    let actions = [of_participant.as_slice(), of_owner.as_slice(), &[Claim::NAME, Reopen::NAME]].concat();
    let with_pool = then_with_pool(with_nurse());
    for (thread, party, can) in [
        (&with_nurse(), person_party(NURSE), of_participant.to_vec()),
        (&with_nurse(), person_party(REQUESTER), [of_participant.as_slice(), of_owner.as_slice()].concat()),
        (&of_pool(), pool_party(CARDIOLOGY), vec![PostMessage::NAME, Claim::NAME]),
        // A pool that takes part and does not own the thread has nothing to claim.
        (&with_pool, pool_party(CARDIOLOGY), vec![PostMessage::NAME]),
        (&of_pool(), Party::PoolCoordinator(id(CARDIOLOGY)), vec![Transfer::NAME]),
    ] {
        let conversation = conversation_of(thread);
        let found = actions.iter().filter(|action| check_can_do(of(party, **action), &conversation).is_ok());
        let words = |names: Vec<CommandName>| names.into_iter().map(CommandName::word).collect::<BTreeSet<_>>();
        assert_eq!(words(found.copied().collect()), words(can), "{party:?}");
    }
}

/// The same thread, in which cardiology takes part.
fn then_with_pool(mut events: Vec<ThreadEvent>) -> Vec<ThreadEvent> {
    if let Some(ThreadEvent::Conversation(ConversationEvent::Opened(opened))) = events.first_mut() {
        opened.pools = BTreeSet::from([id(CARDIOLOGY)]);
    }
    events
}

fn conversation_of(events: &[ThreadEvent]) -> Conversation {
    let Thread::Opened { conversation, lifecycle: _ } = folded::<Thread>(events) else { panic!("opened") };
    conversation
}

#[test]
fn whatever_command_names_a_turn_names_one_that_the_party_can_take() {
    let cannot = ThreadRefusal::Conversation(ConversationRefusal::PartyCannotAct);
    let to = of(person_party(NURSE), Close::NAME);
    let open = OpenTeamThread { participants: vec![nurse()], waiting_on: to, note: note() };
    let opening = Opening { owner: person_alone(REQUESTER), ..opening() };
    let open = ThreadCommand::Open(Box::new(opening), Box::new(OpenLifecycle::TeamThread(open)));
    given::<Thread>(&[]).when(&open, &acting(REQUESTER)).then_refused(&cannot);
    let escalated = then(of_pool(), [turn(REQUESTER, of(person_party(REQUESTER), PassTurn::NAME))]);
    let pass = |to| ThreadCommand::Conversation(PassTurn { to, note: None }.into());
    given::<Thread>(&escalated).when(&pass(to), &acting(REQUESTER)).then_refused(&cannot);
    given::<Thread>(&escalated).when(&pass(answer_of(person_party(NURSE))), &acting(REQUESTER)).events();
    let closed = then(with_nurse(), [closed_by(REQUESTER, None).into()]);
    let reopen = ThreadCommand::Conversation(Reopen { reason: why(), to, note: None }.into());
    given::<Thread>(&closed).when(&reopen, &acting(REQUESTER)).then_refused(&cannot);
}

#[test]
fn a_thread_passes_to_no_other_pool_of_the_organization_and_back_to_its_own() {
    let transfer = |to| ThreadCommand::Conversation(Transfer { to, reason: why() }.into());
    let claimed = then(of_pool(), [crate::clinic::claimed_by(SPECIALIST).into()]);
    let cannot = ThreadRefusal::Conversation(ConversationRefusal::OwnerCannotAct);
    given::<Thread>(&claimed).when(&transfer(pool(NEUROLOGY)), &acting(SPECIALIST)).then_refused(&cannot);
    let back = given::<Thread>(&claimed).when(&transfer(pool(CARDIOLOGY)), &acting(SPECIALIST)).events();
    assert!(back.contains(&owner_changed(SPECIALIST, pool(CARDIOLOGY), HOSPITAL, Some(why())).into()));
}

#[test]
fn what_names_no_turn_leaves_a_parked_thread_parked() {
    let colleague = new(SPECIALIST, Role::Physician, HOSPITAL);
    let three = then(with_nurse(), [added(REQUESTER, colleague)]);
    let parked = parked_until(now() + Duration::days(30));
    let alone = then(three, parked.clone());
    let claimed = then(of_pool(), [crate::clinic::claimed_by(SPECIALIST).into()]);
    let claimed = then(claimed, parked);
    let (without_owner, without_specialist) = (clinic_without(REQUESTER), clinic_without(SPECIALIST));
    let remove = RemoveParticipant { person: id(NURSE), reason: RemovalReason::Removed, note: Some(why()) };
    let conversation = ThreadCommand::Conversation;
    for (thread, command, acting) in [
        (&alone, post(), acting(NURSE)),
        (&alone, conversation(Leave.into()), acting(NURSE)),
        (&alone, conversation(remove.into()), acting(REQUESTER)),
        (&alone, conversation(Transfer { to: person_alone(NURSE), reason: why() }.into()), acting(REQUESTER)),
        (&alone, conversation(TakeOver { reason: why() }.into()), Acting { lookups: &without_owner, ..acting(NURSE) }),
        (&claimed, conversation(Release { reason: why() }.into()), acting(SPECIALIST)),
        (&claimed, conversation(ReturnToPool.into()), Acting { lookups: &without_specialist, ..the_process() }),
    ] {
        let events = given::<Thread>(thread).when(&command, &acting).events();
        let is_of_conversation = |event: &ThreadEvent| matches!(event, ThreadEvent::Conversation(event) if !matches!(event, ConversationEvent::TurnPassed(_)));
        assert!(!events.is_empty() && events.iter().all(is_of_conversation), "{command:?}: {events:?}");
    }
}

#[test]
fn what_was_expected_of_another_than_the_pool_does_not_pass_to_the_member_who_claims() {
    // The nurse, for whom it waited, leaves after the specialist has claimed it.
    let waits = then(of_pool(), [turn(REQUESTER, answer_of(person_party(NURSE)))]);
    let claimed = then(waits, [crate::clinic::claimed_by(SPECIALIST).into()]);
    let left = removed(Actor::Person(id(NURSE)), NURSE, RemovalReason::Left, None).into();
    let next = turn(NURSE, of(person_party(SPECIALIST), SetWaitingOn::NAME));
    let leave = ThreadCommand::Conversation(Leave.into());
    given::<Thread>(&claimed).when(&leave, &acting(NURSE)).then(&[left, next]);
}

#[test]
fn of_the_participants_the_opener_is_the_first_last_resort() {
    let mut events = vec![opened_by(pool(CARDIOLOGY)), added(NURSE, nurse()), opener_added()];
    if let Some(ThreadEvent::Conversation(ConversationEvent::Opened(opened))) = events.first_mut() {
        opened.by = Actor::Person(id(NURSE));
    }
    let resorts = TeamThread::Active.last_resorts(&conversation_of(&events));
    let administrators = Party::Role(place(Role::Administrator, HOSPITAL));
    let coordinators = Party::Role(place(Role::Coordinator, HOSPITAL));
    let of_coordinator = Party::PoolCoordinator(id(CARDIOLOGY));
    let [nurse, requester] = [person_party(NURSE), person_party(REQUESTER)];
    let mut each_once = Vec::new();
    for party in resorts {
        if !each_once.contains(&party) {
            each_once.push(party);
        }
    }
    assert_eq!(each_once, [of_coordinator, nurse, requester, coordinators, administrators]);
}
