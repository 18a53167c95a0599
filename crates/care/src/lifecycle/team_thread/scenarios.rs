//! Scenarios of the team thread, as given / when / then.
//!
//! [`with_nurse`] is the beginning of most: the requester, who owns the thread, talks with a nurse
//! of their practice, for whom it waits.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;
use crate::aggregate::scenario::given;
use crate::aggregate::{Acting, Aggregate, Fixed, folded};
use crate::clinic::{
    CARDIOLOGY, CLINIC, COLLEAGUE, COORDINATOR, DERMATOLOGY, HOSPITAL, NEUROLOGY, NURSE, ONCOLOGY, OTHER_HOSPITAL,
    OUTSIDER, PATIENT, PRACTICE, REQUESTER, SPECIALIST, VISITOR, acting, claim, claimed_by, clinic_without, closed_by,
    id, now, opened, opening, owner_changed, person_alone, person_of_pool, person_party, place, pool, pool_party, post,
    posted, removed, text, the_process, turn_passed, waiting_on, why,
};
use crate::closed_table::{Outcome, Walked};
use crate::command_name::Command;
use crate::conversation::{
    AcceptInvitation, DeclineInvitation, EndWait, Escalate, Leave, NoteDeath, OwnerChanged, ParticipantAdded,
    ParticipantDeclined, ParticipantInvited, PatientDied, Release, RemoveParticipant, Reopened, TakeOver,
};
use crate::golden::{Sample, Sampled};
use crate::lifecycle::{Lifecycle, LifecycleRefusal, OpenLifecycle, ThreadKind};
use crate::thread::table_walk::outcome;
use crate::thread::{Thread, ThreadCommand, ThreadEvent, ThreadRefusal};
use crate::words::{ProcessName, RemovalReason};

fn new(person: u128, role: Role, organization: u128) -> NewParticipant {
    NewParticipant { person: id(person), place: place(role, organization), history: HistoryWindow::Full }
}

fn nurse() -> NewParticipant {
    new(NURSE, Role::Nurse, PRACTICE)
}

fn visitor() -> NewParticipant {
    new(VISITOR, Role::Physician, OTHER_HOSPITAL)
}

/// A day after [`now`].
fn tomorrow() -> DateTime<Utc> {
    now() + Duration::days(1)
}

fn answer_of(party: Party) -> WaitingOn {
    waiting_on(party, PostMessage::NAME, Some(tomorrow()))
}

fn note() -> PersonalText {
    text("Please look at the wound.")
}

fn open_with(owner: Owner, participants: &[NewParticipant], party: Party) -> ThreadCommand {
    let opening = Opening { owner, ..opening() };
    let open = OpenTeamThread { participants: participants.to_vec(), waiting_on: answer_of(party), note: note() };
    ThreadCommand::Open(Box::new(opening), Box::new(OpenLifecycle::TeamThread(open)))
}

fn of_cardiology() -> ThreadCommand {
    open_with(pool(CARDIOLOGY), &[nurse()], pool_party(CARDIOLOGY))
}

fn opened_by(owner: Owner) -> ThreadEvent {
    let owning_organization = match owner {
        Owner::Pool(_) => id(HOSPITAL),
        Owner::Person { .. } => id(PRACTICE),
    };
    let claim_by = opened().claim_by.filter(|_| owner.person().is_none());
    let opened = Opened { kind: ThreadKind::TeamThread, owner, owning_organization, claim_by, ..opened() };
    ConversationEvent::Opened(opened).into()
}

fn added(by: u128, new: NewParticipant) -> ThreadEvent {
    let NewParticipant { person, place, history: _ } = new;
    let by = Actor::Person(id(by));
    ConversationEvent::ParticipantAdded(ParticipantAdded {
        by,
        person,
        place,
        since: None,
        by_care_team: false,
        reason: None,
    })
    .into()
}

fn invited(new: NewParticipant, reason: Option<PersonalText>) -> ThreadEvent {
    let NewParticipant { person, place, history } = new;
    let (by, expires_at) = (Actor::Person(id(REQUESTER)), now() + Duration::days(14));
    ConversationEvent::ParticipantInvited(ParticipantInvited { by, person, place, history, expires_at, reason }).into()
}

fn opener_added() -> ThreadEvent {
    added(REQUESTER, new(REQUESTER, Role::Physician, PRACTICE))
}

fn first_turn(party: Party) -> ThreadEvent {
    let (by, to) = (Actor::Person(id(REQUESTER)), answer_of(party));
    ConversationEvent::TurnPassed(TurnPassed { by, to, note: Some(note()), promised: None }).into()
}

fn with_nurse() -> Vec<ThreadEvent> {
    let owner = person_alone(REQUESTER);
    vec![opened_by(owner), opener_added(), added(REQUESTER, nurse()), first_turn(person_party(NURSE))]
}

/// A thread that cardiology owns and that waits for it.
fn of_pool() -> Vec<ThreadEvent> {
    let owner = pool(CARDIOLOGY);
    vec![opened_by(owner), opener_added(), added(REQUESTER, nurse()), first_turn(pool_party(CARDIOLOGY))]
}

fn then(mut events: Vec<ThreadEvent>, more: impl IntoIterator<Item = ThreadEvent>) -> Vec<ThreadEvent> {
    events.extend(more);
    events
}

fn turn(by: u128, to: WaitingOn) -> ThreadEvent {
    turn_passed(by, to).into()
}

fn of(party: Party, action: CommandName) -> WaitingOn {
    waiting_on(party, action, None)
}

pub(crate) fn park(days: i64) -> ThreadCommand {
    TeamThreadCommand::from(Park { review_at: now() + Duration::days(days), reason: why() }).into()
}

fn parked_until(review_at: DateTime<Utc>) -> Vec<ThreadEvent> {
    let by = Actor::Person(id(REQUESTER));
    vec![
        TeamThreadEvent::Parked(Parked { by, review_at, reason: why() }).into(),
        turn(REQUESTER, waiting_on(Party::Nobody, SetWaitingOn::NAME, Some(review_at))),
    ]
}

fn set_waiting_on(to: WaitingOn) -> ThreadCommand {
    ThreadCommand::Conversation(SetWaitingOn { to, note: None }.into())
}

fn close() -> ThreadCommand {
    ThreadCommand::Conversation(Close { outcome: why() }.into())
}

fn refused(refusal: TeamThreadRefusal) -> ThreadRefusal {
    ThreadRefusal::Lifecycle(LifecycleRefusal::TeamThread(refusal))
}

// Opening.

#[test]
fn the_opener_of_a_team_thread_and_the_named_persons_take_part_and_it_waits_for_one_of_them() {
    let open = open_with(person_alone(REQUESTER), &[nurse()], person_party(NURSE));
    given::<Thread>(&[]).when(&open, &acting(REQUESTER)).then(&with_nurse());
    given::<Thread>(&[]).when(&of_cardiology(), &acting(REQUESTER)).then(&of_pool());
}

#[test]
fn a_person_of_another_organization_is_invited_and_nobody_is_taken_in_twice() {
    let owner = person_alone(REQUESTER);
    let participants = [visitor(), nurse(), visitor(), nurse(), new(REQUESTER, Role::Physician, PRACTICE)];
    let open = open_with(owner, &participants, person_party(NURSE));
    given::<Thread>(&[]).when(&open, &acting(REQUESTER)).then(&[
        opened_by(owner),
        opener_added(),
        invited(visitor(), None),
        added(REQUESTER, nurse()),
        first_turn(person_party(NURSE)),
    ]);
}

#[test]
fn a_team_thread_is_opened_only_with_people_who_can_act_in_it() {
    let requester = person_alone(REQUESTER);
    let (of_nurse, of_cardiology) = (person_party(NURSE), pool_party(CARDIOLOGY));
    let conversation = ThreadRefusal::Conversation;
    for (open, refusal) in [
        (open_with(requester, &[], person_party(REQUESTER)), conversation(ConversationRefusal::NoReachableReader)),
        (open_with(requester, &[nurse()], of_cardiology), conversation(ConversationRefusal::PartyCannotAct)),
        (open_with(requester, &[nurse()], person_party(OUTSIDER)), conversation(ConversationRefusal::PartyCannotAct)),
        (
            open_with(requester, &[nurse(), visitor()], person_party(VISITOR)),
            conversation(ConversationRefusal::PartyCannotAct),
        ),
        (open_with(person_alone(VISITOR), &[visitor()], of_nurse), conversation(ConversationRefusal::OwnerCannotAct)),
        (open_with(pool(NEUROLOGY + 90), &[nurse()], of_nurse), conversation(ConversationRefusal::NoSuchPool)),
        // Its only member is the patient.
        (open_with(pool(DERMATOLOGY), &[nurse()], of_nurse), conversation(ConversationRefusal::OwnerCannotAct)),
        (
            open_with(requester, &[new(PATIENT, Role::Nurse, HOSPITAL)], person_party(REQUESTER)),
            conversation(ConversationRefusal::OwnRecord),
        ),
        (
            open_with(requester, &[new(NURSE, Role::Physician, PRACTICE)], of_nurse),
            conversation(ConversationRefusal::NoSuchRole),
        ),
        (
            open_with(requester, &[new(NURSE, Role::Administrator, PRACTICE)], of_nurse),
            refused(TeamThreadRefusal::NotAStaffRole),
        ),
    ] {
        given::<Thread>(&[]).when(&open, &acting(REQUESTER)).then_refused(&refusal);
    }
    let open = open_with(requester, &[nurse()], of_nurse);
    let administrator = Acting { role: Role::Administrator, ..acting(REQUESTER) };
    given::<Thread>(&[]).when(&open, &the_process()).then_refused(&conversation(ConversationRefusal::NotAPerson));
    given::<Thread>(&[]).when(&open, &administrator).then_refused(&conversation(ConversationRefusal::NoOrganization));
}

#[test]
fn nobody_opens_a_team_thread_about_themselves() {
    let open = open_with(person_alone(PATIENT), &[], pool_party(CARDIOLOGY));
    let nurse = Acting { role: Role::Nurse, ..acting(PATIENT) };
    let own = ThreadRefusal::Conversation(ConversationRefusal::OwnRecord);
    given::<Thread>(&[]).when(&open, &nurse).then_refused(&own);
}

// Whose turn it is.

#[test]
fn the_participants_say_whose_turn_it_is() {
    let mine = answer_of(person_party(REQUESTER));
    given::<Thread>(&with_nurse()).when(&set_waiting_on(mine), &acting(NURSE)).then(&[turn(NURSE, mine)]);
    let none_of_them = ThreadRefusal::Conversation(ConversationRefusal::PartyCannotAct);
    for party in [person_party(SPECIALIST), pool_party(CARDIOLOGY), Party::Nobody, Party::Patient(id(20))] {
        let command = set_waiting_on(answer_of(party));
        given::<Thread>(&with_nurse()).when(&command, &acting(NURSE)).then_refused(&none_of_them);
    }
}

#[test]
fn no_party_is_expected_to_do_what_it_cannot_do() {
    let refused = ThreadRefusal::Conversation(ConversationRefusal::PartyCannotAct);
    for action in [Park::NAME, Close::NAME, Claim::NAME, AddParticipant::NAME] {
        let command = set_waiting_on(of(person_party(NURSE), action));
        given::<Thread>(&with_nurse()).when(&command, &acting(NURSE)).then_refused(&refused);
    }
    for action in [SetWaitingOn::NAME, Transfer::NAME] {
        let command = set_waiting_on(of(pool_party(CARDIOLOGY), action));
        given::<Thread>(&of_pool()).when(&command, &acting(NURSE)).then_refused(&refused);
    }
    let close = set_waiting_on(of(person_party(REQUESTER), Close::NAME));
    given::<Thread>(&with_nurse()).when(&close, &acting(NURSE)).events();
    let claim = set_waiting_on(of(pool_party(CARDIOLOGY), Claim::NAME));
    given::<Thread>(&of_pool()).when(&claim, &acting(NURSE)).events();
}

#[test]
fn after_a_transfer_the_new_owner_decides_whose_turn_it_is() {
    let closes = then(with_nurse(), [turn(NURSE, of(person_party(REQUESTER), Close::NAME))]);
    let transfer = ThreadCommand::Conversation(Transfer { to: person_alone(NURSE), reason: why() }.into());
    given::<Thread>(&closes).when(&transfer, &acting(REQUESTER)).then(&[
        owner_changed(REQUESTER, person_alone(NURSE), PRACTICE, Some(why())).into(),
        turn(REQUESTER, of(person_party(NURSE), SetWaitingOn::NAME)),
    ]);
}

#[test]
fn the_turn_of_a_pool_passes_to_the_member_who_claims_and_back_to_the_pool_after_a_release() {
    let claimed: ThreadEvent = crate::clinic::claimed_by(SPECIALIST).into();
    let of_specialist = answer_of(person_party(SPECIALIST));
    given::<Thread>(&of_pool())
        .when(&claim(), &acting(SPECIALIST))
        .then(&[claimed.clone(), turn(SPECIALIST, of_specialist)]);
    let held = then(of_pool(), [claimed, turn(SPECIALIST, of_specialist)]);
    let release = ThreadCommand::Conversation(Release { reason: why() }.into());
    given::<Thread>(&held).when(&release, &acting(SPECIALIST)).then(&[
        owner_changed(SPECIALIST, pool(CARDIOLOGY), HOSPITAL, Some(why())).into(),
        turn(SPECIALIST, of(pool_party(CARDIOLOGY), Claim::NAME)),
    ]);
}

#[test]
fn a_member_who_claims_what_waited_to_be_claimed_says_what_is_next() {
    let waits = then(of_pool(), [turn(REQUESTER, of(pool_party(CARDIOLOGY), Claim::NAME))]);
    let next = turn(SPECIALIST, of(person_party(SPECIALIST), SetWaitingOn::NAME));
    let claimed = crate::clinic::claimed_by(SPECIALIST).into();
    given::<Thread>(&waits).when(&claim(), &acting(SPECIALIST)).then(&[claimed, next]);
}

#[test]
fn when_the_one_who_is_waited_for_leaves_it_is_the_owners_turn() {
    let colleague = new(SPECIALIST, Role::Physician, HOSPITAL);
    let three = then(with_nurse(), [added(REQUESTER, colleague)]);
    let left = removed(Actor::Person(id(NURSE)), NURSE, RemovalReason::Left, None).into();
    let leave = ThreadCommand::Conversation(Leave.into());
    let owners = turn(NURSE, of(person_party(REQUESTER), SetWaitingOn::NAME));
    given::<Thread>(&three).when(&leave, &acting(NURSE)).then(&[left, owners]);
}

#[test]
fn without_other_participants_it_is_the_owners_turn_to_add_somebody() {
    let leave = ThreadCommand::Conversation(Leave.into());
    let left: ThreadEvent = removed(Actor::Person(id(NURSE)), NURSE, RemovalReason::Left, None).into();
    let add = |by| turn(by, of(person_party(REQUESTER), AddParticipant::NAME));
    given::<Thread>(&with_nurse()).when(&leave, &acting(NURSE)).then(&[left.clone(), add(NURSE)]);
    // While somebody is invited, they may still come.
    let invites = then(with_nurse(), [invited(visitor(), Some(why()))]);
    let owners = turn(NURSE, of(person_party(REQUESTER), SetWaitingOn::NAME));
    given::<Thread>(&invites).when(&leave, &acting(NURSE)).then(&[left.clone(), owners.clone()]);
    let declined = ParticipantDeclined { by: Actor::Person(id(VISITOR)) };
    let decline = ThreadCommand::Conversation(DeclineInvitation.into());
    given::<Thread>(&then(invites, [left, owners]))
        .when(&decline, &acting(VISITOR))
        .then(&[ConversationEvent::ParticipantDeclined(declined).into(), add(VISITOR)]);
}

#[test]
fn an_escalation_goes_to_the_pools_coordinator_then_to_a_participant_then_to_the_organization() {
    let by = Actor::Process(ProcessName::Unclaimed);
    let escalate = ThreadCommand::Conversation(Escalate.into());
    let passed_to = |party, due| -> ThreadEvent {
        let to = WaitingOn { party, action: PassTurn::NAME, due };
        let promised = due.map(|_| crate::clinic::claim_by());
        ConversationEvent::TurnPassed(TurnPassed { by, to, note: None, promised }).into()
    };
    let due = Some(crate::clinic::claim_by().at);
    let of_coordinator = Party::PoolCoordinator(id(CARDIOLOGY));
    given::<Thread>(&of_pool()).when(&escalate, &the_process()).then(&[passed_to(of_coordinator, due)]);
    let without = clinic_without(COORDINATOR);
    let process = Acting { lookups: &without, ..the_process() };
    given::<Thread>(&of_pool()).when(&escalate, &process).then(&[passed_to(person_party(REQUESTER), due)]);
    given::<Thread>(&with_nurse()).when(&escalate, &the_process()).then(&[passed_to(person_party(NURSE), None)]);
    let mut nobody = CLINIC.clone();
    nobody.roles.retain(|(_, place)| place.organization == id(HOSPITAL) && place.role == Role::Administrator);
    nobody.pool_members.clear();
    let process = Acting { lookups: &nobody, ..the_process() };
    let gone = [NURSE, REQUESTER].map(|person| removed(by, person, RemovalReason::RoleEnded, None).into());
    let administrators = Party::Role(place(Role::Administrator, HOSPITAL));
    let held = then(of_pool(), gone);
    given::<Thread>(&held).when(&escalate, &process).then(&[passed_to(administrators, due)]);
}

// Parking.

#[test]
fn a_parked_thread_waits_for_nobody_until_its_review_date_and_then_for_its_owner() {
    let review_at = now() + Duration::days(30);
    given::<Thread>(&with_nurse()).when(&park(30), &acting(REQUESTER)).then(&parked_until(review_at));
    let parked = then(with_nurse(), parked_until(review_at));
    given::<Thread>(&parked).when(&park(60), &acting(REQUESTER)).then(&parked_until(now() + Duration::days(60)));
    let end = ThreadCommand::Conversation(EndWait.into());
    let early = ThreadRefusal::Conversation(ConversationRefusal::NotWaiting);
    given::<Thread>(&parked).when(&end, &the_process()).then_refused(&early);
    let process = Acting { now: review_at, ..the_process() };
    let to = of(person_party(REQUESTER), SetWaitingOn::NAME);
    given::<Thread>(&parked).when(&end, &process).then(&[
        ConversationEvent::TurnPassed(TurnPassed { by: process.by, to, note: None, promised: None }).into(),
        TeamThreadEvent::Resumed(Resumed { by: process.by }).into(),
    ]);
}

#[test]
fn a_review_date_is_in_the_future_and_at_most_90_days_ahead() {
    given::<Thread>(&with_nurse()).when(&park(90), &acting(REQUESTER)).events();
    for (days, refusal) in [(0, TeamThreadRefusal::ReviewPast), (91, TeamThreadRefusal::ReviewTooFar)] {
        given::<Thread>(&with_nurse()).when(&park(days), &acting(REQUESTER)).then_refused(&refused(refusal));
    }
}

#[test]
fn naming_whose_turn_it_is_ends_the_parking_and_claiming_does_not() {
    let review_at = now() + Duration::days(30);
    let parked = then(of_pool(), parked_until(review_at));
    let to = answer_of(person_party(NURSE));
    given::<Thread>(&parked)
        .when(&set_waiting_on(to), &acting(NURSE))
        .then(&[turn(NURSE, to), TeamThreadEvent::Resumed(Resumed { by: Actor::Person(id(NURSE)) }).into()]);
    let claimed = crate::clinic::claimed_by(SPECIALIST).into();
    given::<Thread>(&parked).when(&claim(), &acting(SPECIALIST)).then(&[claimed]);
}

#[test]
fn an_active_thread_has_no_wait_that_ends() {
    let end = ThreadCommand::Conversation(EndWait.into());
    given::<Thread>(&with_nurse()).when(&end, &the_process()).then_refused(&refused(TeamThreadRefusal::NotParked));
}

#[test]
fn the_death_of_the_patient_ends_the_parking_and_the_owner_passes_the_turn_on() {
    let parked = then(with_nurse(), parked_until(now() + Duration::days(30)));
    let clinic = Fixed { died: vec![(crate::clinic::patient(), now())], ..CLINIC.clone() };
    let process = Acting { lookups: &clinic, ..the_process() };
    let by = process.by;
    let to = of(person_party(REQUESTER), PassTurn::NAME);
    let events: [ThreadEvent; 3] = [
        ConversationEvent::PatientDied(PatientDied { by, died_at: now() }).into(),
        ConversationEvent::TurnPassed(TurnPassed { by, to, note: None, promised: None }).into(),
        TeamThreadEvent::Resumed(Resumed { by }).into(),
    ];
    given::<Thread>(&parked).when(&ThreadCommand::Conversation(NoteDeath.into()), &process).then(&events);
    let on = answer_of(person_party(NURSE));
    let pass = ThreadCommand::Conversation(PassTurn { to: on, note: None }.into());
    given::<Thread>(&then(parked, events)).when(&pass, &acting(REQUESTER)).then(&[turn(REQUESTER, on)]);
}

// Participants.

#[test]
fn people_are_added_and_invited_with_a_reason_and_only_as_staff() {
    let add = |place: Option<Place>, reason: Option<PersonalText>| {
        let history = HistoryWindow::FromJoin;
        ThreadCommand::Conversation(AddParticipant { person: id(NURSE), place, history, reason }.into())
    };
    let owner = person_alone(REQUESTER);
    let one = vec![opened_by(owner), opener_added(), invited(visitor(), None), first_turn(person_party(REQUESTER))];
    let place_of = |role| Some(place(role, PRACTICE));
    let missing = ThreadRefusal::Conversation(ConversationRefusal::ReasonMissing);
    given::<Thread>(&one).when(&add(None, None), &acting(REQUESTER)).then_refused(&missing);
    let staff = refused(TeamThreadRefusal::NotAStaffRole);
    let auditor = add(place_of(Role::Auditor), Some(why()));
    given::<Thread>(&one).when(&auditor, &acting(REQUESTER)).then_refused(&staff);
    let taken_in = given::<Thread>(&one).when(&add(place_of(Role::Nurse), Some(why())), &acting(REQUESTER)).events();
    assert!(matches!(&*taken_in, [ThreadEvent::Conversation(ConversationEvent::ParticipantAdded(added)), ..]
        if added.since.is_some_and(|since| since.number == 1) && !added.by_care_team));
    let invite = InviteParticipant {
        person: id(VISITOR),
        place: place(Role::Administrator, OTHER_HOSPITAL),
        history: HistoryWindow::Full,
        reason: why(),
    };
    let invite = ThreadCommand::Conversation(invite.into());
    given::<Thread>(&with_nurse()).when(&invite, &acting(REQUESTER)).then_refused(&staff);
}

#[test]
fn a_person_who_accepts_an_invitation_takes_part() {
    let waits = then(with_nurse(), [invited(visitor(), Some(why()))]);
    let accept = ThreadCommand::Conversation(AcceptInvitation.into());
    let joined = added(VISITOR, visitor());
    given::<Thread>(&waits).when(&accept, &acting(VISITOR)).then(&[joined]);
}

#[test]
fn a_thread_passes_to_a_participant_or_to_a_pool_that_takes_part() {
    let transfer = |to| ThreadCommand::Conversation(Transfer { to, reason: why() }.into());
    given::<Thread>(&with_nurse()).when(&transfer(person_alone(NURSE)), &acting(REQUESTER)).then(&[owner_changed(
        REQUESTER,
        person_alone(NURSE),
        PRACTICE,
        Some(why()),
    )
    .into()]);
    let cannot = ThreadRefusal::Conversation(ConversationRefusal::OwnerCannotAct);
    for to in [pool(CARDIOLOGY), pool(ONCOLOGY), person_alone(SPECIALIST), person_of_pool(SPECIALIST)] {
        given::<Thread>(&with_nurse()).when(&transfer(to), &acting(REQUESTER)).then_refused(&cannot);
    }
    // A pool of another organization that was named at the opening takes part.
    let mut opened_with_pool = with_nurse();
    if let Some(ThreadEvent::Conversation(ConversationEvent::Opened(opened))) = opened_with_pool.first_mut() {
        opened.pools = BTreeSet::from([id(CARDIOLOGY)]);
    }
    given::<Thread>(&opened_with_pool).when(&transfer(pool(CARDIOLOGY)), &acting(REQUESTER)).then(&[owner_changed(
        REQUESTER,
        pool(CARDIOLOGY),
        HOSPITAL,
        Some(why()),
    )
    .into()]);
}

#[test]
fn a_participant_takes_over_from_an_owner_who_can_no_longer_act() {
    let take_over = ThreadCommand::Conversation(TakeOver { reason: why() }.into());
    let present = ThreadRefusal::Conversation(ConversationRefusal::OwnerPresent);
    given::<Thread>(&with_nurse()).when(&take_over, &acting(NURSE)).then_refused(&present);
    let without = clinic_without(REQUESTER);
    let nurse = Acting { lookups: &without, ..acting(NURSE) };
    let changed = OwnerChanged {
        by: nurse.by,
        owner: person_alone(NURSE),
        organization: id(PRACTICE),
        claim_by: None,
        reason: Some(why()),
    };
    given::<Thread>(&with_nurse()).when(&take_over, &nurse).then(&[ConversationEvent::OwnerChanged(changed).into()]);
}

// Closing.

#[test]
fn a_closed_thread_is_opened_again_with_a_turn() {
    let closed: ThreadEvent = closed_by(REQUESTER, Some(why())).into();
    given::<Thread>(&with_nurse()).when(&close(), &acting(REQUESTER)).then(std::slice::from_ref(&closed));
    let to = answer_of(person_party(NURSE));
    let reopen = ThreadCommand::Conversation(Reopen { reason: why(), to, note: None }.into());
    let by = Actor::Person(id(NURSE));
    given::<Thread>(&then(with_nurse(), [closed]))
        .when(&reopen, &acting(NURSE))
        .then(&[ConversationEvent::Reopened(Reopened { by, reason: why() }).into(), turn(NURSE, to)]);
}

#[test]
fn closing_ends_the_parking() {
    let parked = then(with_nurse(), parked_until(now() + Duration::days(30)));
    let by = Actor::Person(id(REQUESTER));
    given::<Thread>(&parked)
        .when(&close(), &acting(REQUESTER))
        .then(&[closed_by(REQUESTER, Some(why())).into(), TeamThreadEvent::Resumed(Resumed { by }).into()]);
}

// The closed table.

impl Walked for TeamThread {
    const TABLE: &'static str = include_str!("table.txt");

    fn states() -> Vec<&'static str> {
        TeamThreadState::ALL.iter().map(|state| state.word()).collect()
    }

    fn commands() -> Vec<CommandName> {
        [vec![OpenTeamThread::NAME], ConversationCommand::names(), TeamThreadCommand::names()].concat()
    }

    fn steps() -> Vec<&'static str> {
        let cases = ["thread.transfer/to_person", "thread.pass_turn/not_escalated"];
        Self::commands().into_iter().map(CommandName::word).chain(cases).collect()
    }

    fn take(state: &str, step: &str) -> Outcome {
        let nurse_answers = answer_of(person_party(NURSE));
        let to_person = Transfer { to: person_of_pool(COLLEAGUE), reason: why() };
        let to_pool = Transfer { to: pool(NEUROLOGY), reason: why() };
        let colleague = place(Role::Physician, HOSPITAL);
        let (command, acting) = match step {
            "team_thread.open" => (of_cardiology(), acting(REQUESTER)),
            "team_thread.park" => (park(20), acting(REQUESTER)),
            "thread.transfer" => (ThreadCommand::Conversation(to_pool.into()), acting(COORDINATOR)),
            "thread.transfer/to_person" => (ThreadCommand::Conversation(to_person.into()), acting(COORDINATOR)),
            "thread.set_waiting_on" => (set_waiting_on(nurse_answers), acting(REQUESTER)),
            "thread.pass_turn" | "thread.pass_turn/not_escalated" => {
                let pass = PassTurn { to: nurse_answers, note: None };
                (ThreadCommand::Conversation(pass.into()), acting(COORDINATOR))
            }
            "thread.reopen" => {
                let reopen = Reopen { reason: why(), to: nurse_answers, note: None };
                (ThreadCommand::Conversation(reopen.into()), acting(REQUESTER))
            }
            "thread.add_participant" => {
                let (person, history) = (id(COLLEAGUE), HistoryWindow::Full);
                let add = AddParticipant { person, place: Some(colleague), history, reason: Some(why()) };
                (ThreadCommand::Conversation(add.into()), acting(REQUESTER))
            }
            // The sample of the conversation fits here too.
            step => {
                let all = crate::conversation::scenarios::each_command();
                let (command, acting) = all.into_iter().find(|(each, _)| each.name().word() == step).expect("a sample");
                (command.into(), acting)
            }
        };
        let Ok(state) = TeamThreadState::parse(state) else { return outcome(&[], &command, &acting) };
        let mut history = then(of_pool(), [posted(REQUESTER, 1, 1).into()]);
        if let Some(ThreadEvent::Conversation(ConversationEvent::Opened(opened))) = history.first_mut() {
            opened.pools = [id(NEUROLOGY)].into();
        }
        history.extend(match step {
            "thread.accept_invitation" | "thread.decline_invitation" | "thread.expire_invitation" => {
                vec![invited(visitor(), Some(why()))]
            }
            // What needs a person as owner is taken once it is claimed.
            "thread.release" | "thread.return_to_pool" | "thread.take_over" => {
                vec![claimed_by(SPECIALIST).into(), turn(SPECIALIST, answer_of(person_party(SPECIALIST)))]
            }
            "thread.pass_turn" => vec![crate::clinic::escalated().into()],
            _ => vec![],
        });
        let more = match state {
            TeamThreadState::Parked => parked_until(now() + Duration::days(15)),
            TeamThreadState::Closed => vec![closed_by(REQUESTER, None).into()],
            TeamThreadState::Active => vec![],
        };
        outcome(&then(history, more), &command, &acting)
    }
}

#[test]
fn a_consultations_command_is_refused_by_name() {
    let command = crate::lifecycle::consultation::scenarios::assign(None, None);
    given::<Thread>(&of_pool()).when(&command, &acting(COORDINATOR)).then_refused(&ThreadRefusal::OtherKind);
    let consultation = crate::lifecycle::consultation::scenarios::submitted();
    given::<Thread>(&consultation).when(&park(3), &acting(REQUESTER)).then_refused(&ThreadRefusal::OtherKind);
}

#[test]
fn a_message_is_posted_in_a_team_thread_which_only_its_participants_know() {
    given::<Thread>(&with_nurse()).when(&post(), &acting(NURSE)).events();
    assert!(ThreadKind::TeamThread.is_participants_only());
}

#[test]
fn a_person_who_can_act_no_longer_is_removed_whatever_remains() {
    let by = the_process().by;
    let gone: &Fixed = &clinic_without(NURSE);
    let process = Acting { lookups: gone, ..the_process() };
    let remove = RemoveParticipant { person: id(NURSE), reason: RemovalReason::RoleEnded, note: None };
    let remove = ThreadCommand::Conversation(remove.into());
    let to = of(person_party(REQUESTER), AddParticipant::NAME);
    given::<Thread>(&with_nurse()).when(&remove, &process).then(&[
        removed(by, NURSE, RemovalReason::RoleEnded, None).into(),
        ConversationEvent::TurnPassed(TurnPassed { by, to, note: None, promised: None }).into(),
    ]);
}

// What holds after every walk.

/// A step of a walk: a command, by whom, in the clinic without whom, after how many hours.
#[derive(Debug, Clone)]
struct Step {
    command: ThreadCommand,
    person: Option<u128>,
    without: Option<u128>,
    hours: i64,
}

fn any_walk() -> impl Strategy<Value = Vec<Step>> {
    let command = prop_oneof![
        8 => crate::conversation::scenarios::properties::any_command().prop_map(ThreadCommand::Conversation),
        1 => (-1_i64..100).prop_map(park),
    ];
    let giver = prop_oneof![4 => (1_u128..10).prop_map(Some), 1 => Just(None)];
    let without = prop_oneof![3 => Just(None), 1 => (1_u128..10).prop_map(Some)];
    let step = (command, giver, without, 0_i64..100);
    let step = step.prop_map(|(command, person, without, hours)| Step { command, person, without, hours });
    prop::collection::vec(step, 0..40)
}

/// What each step of a walk did: the thread before it, and its events.
fn walk(beginning: &[ThreadEvent], steps: &[Step]) -> Vec<(Thread, Vec<ThreadEvent>)> {
    let mut before = folded::<Thread>(beginning);
    let mut instant = now();
    let mut done = vec![];
    for (number, step) in (1000..).zip(steps) {
        instant += Duration::hours(step.hours);
        let clinic = step.without.map_or_else(|| CLINIC.clone(), clinic_without);
        let giver = step.person.map_or_else(the_process, acting);
        let acting = Acting { command: crate::clinic::command(number), now: instant, lookups: &clinic, ..giver };
        if let Ok(events) = before.decide(&step.command, &acting) {
            let after = events.iter().fold(before.clone(), Thread::evolve);
            done.push((std::mem::replace(&mut before, after), events));
        }
    }
    done
}

proptest! {
    #[test]
    fn an_open_thread_waits_for_a_party_that_is_in_it_or_of_last_resort(steps in any_walk(), is_of_pool: bool) {
        let beginning = if is_of_pool { of_pool() } else { with_nurse() };
        for (before, events) in walk(&beginning, &steps) {
            let after = events.iter().fold(before, Thread::evolve);
            let Thread::Opened { conversation, lifecycle: Lifecycle::TeamThread(lifecycle) } = &after else {
                panic!("a team thread")
            };
            prop_assert_eq!(conversation.is_closed(), conversation.waiting_on.is_none());
            let Some(waiting) = conversation.waiting_on else { continue };
            let is_parked = matches!(lifecycle, TeamThread::Parked { .. });
            prop_assert_eq!(is_parked, waiting.party == Party::Nobody, "{:?} {:?}", lifecycle, waiting);
            let waits = conversation.can_wait_for(waiting.party) || waiting.action == PassTurn::NAME || is_parked;
            prop_assert!(waits, "{:?} after {:?}", waiting, events);
        }
    }

    #[test]
    fn the_patient_never_takes_part_and_a_person_of_another_organization_has_accepted(steps in any_walk()) {
        for (before, events) in walk(&with_nurse(), &steps) {
            let Thread::Opened { conversation, lifecycle: _ } = &before else { panic!("opened") };
            for event in &events {
                let ThreadEvent::Conversation(ConversationEvent::ParticipantAdded(added)) = event else { continue };
                prop_assert_ne!(added.person, id(PATIENT));
                let takes_part = |organization| {
                    organization == conversation.organization
                        || organization == conversation.owning_organization
                        || conversation.participants.values().any(|place| place.organization == organization)
                };
                let accepted = added.by == Actor::Person(added.person);
                prop_assert!(accepted || takes_part(added.place.organization), "{:?}", added);
            }
        }
    }
}

impl Sampled for TeamThread {
    fn samples() -> Vec<Sample<TeamThreadEvent>> {
        vec![
            Sample {
                event: TeamThreadEvent::Parked(Parked {
                    by: Actor::Person(id(REQUESTER)),
                    review_at: now(),
                    reason: PersonalText::Destroyed,
                }),
                tags: &["team_thread.parked_reason"],
                words: 1,
            },
            Sample {
                event: TeamThreadEvent::Resumed(Resumed { by: Actor::Process(ProcessName::Reviews) }),
                tags: &[],
                words: 1,
            },
        ]
    }
}

mod rules;
