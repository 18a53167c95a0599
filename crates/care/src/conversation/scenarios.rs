//! Scenarios of the conversation, as given / when / then, for a kind of thread that admits every
//! command.

mod acting_person;
mod death;
mod hiding;
mod messages;
mod ownership;
pub(crate) mod properties;

use std::collections::BTreeMap;
use std::sync::LazyLock;

use chrono::Duration;
use proptest::prelude::*;

use super::*;
use crate::aggregate::{Acting, Fixed, Lookups, ReadableAudiences};
use crate::calendar::{in_force, nine_to_five};
use crate::clinic::{
    CARDIOLOGY, CLINIC, COLLEAGUE, COORDINATOR, DERMATOLOGY, HOSPITAL, NEUROLOGY, NURSE, ONCOLOGY, OTHER_HOSPITAL,
    OUTSIDER, PATIENT, PRACTICE, REQUESTER, SPECIALIST, VISITOR, acting, add_from_care_team, by, claim_by, claimed_by,
    clinic_without, closed_by, command, coordinators, created, escalated, hidden_by, id, now, nurse_added, opened,
    opening, owner_changed, patient, person_alone, person_of_pool, person_party, place, pool, pool_party, post_to,
    posted, read, removed, text, the_installation, the_process, the_process_without_the_specialist, turn_passed,
    visitor_invited, waiting_on, why,
};
use crate::closed_table::{Outcome, START, Walked, complaints};
use crate::command_name::{Acts, Command, CommandName, Named};
use crate::event_set::EventSet;
use crate::lifecycle::consultation::scenarios::{request, requested};
use crate::text::{EachText, PersonalText};
use crate::thread::ThreadEvent;
use crate::thread::table_walk::outcome;
use crate::words::{Audience, Capacity, ProcessName, RemovalReason};
use hiding::{hide, show};
use ownership::{nobody_until, transfer};

/// A conversation in which something happened.
struct Given(Conversation);

/// The outcome of a command.
struct When(Result<Vec<ConversationEvent>, ConversationRefusal>);

/// A thread about the patient that cardiology owns, and what happened in it.
fn given(events: &[ConversationEvent]) -> Given {
    Given(events.iter().fold(Conversation::opened(&opened()), Conversation::evolve))
}

/// The same, of a thread that is about no patient.
fn given_about_nobody(events: &[ConversationEvent]) -> Given {
    let opened = Opened { patient: None, ..opened() };
    Given(events.iter().fold(Conversation::opened(&opened), Conversation::evolve))
}

impl Given {
    fn when(&self, command: impl Into<ConversationCommand>, acting: &Acting<'_>) -> When {
        When(self.0.decide(&command.into(), &self.0.last_resorts(), acting))
    }
}

impl When {
    #[track_caller]
    fn then(self, events: &[ConversationEvent]) {
        assert_eq!(self.0.expect("not refused"), events);
    }

    #[track_caller]
    fn then_refused(self, refusal: ConversationRefusal) {
        assert_eq!(self.0.expect_err("refused"), refusal);
    }
}

fn in_clinic<'a>(clinic: &'a Fixed, acting: Acting<'static>) -> Acting<'a> {
    Acting { lookups: clinic, ..acting }
}

fn at(now: DateTime<Utc>, acting: Acting<'static>) -> Acting<'static> {
    Acting { now, ..acting }
}

fn nurse_claims_nothing() -> WaitingOn {
    waiting_on(person_party(NURSE), PostMessage::NAME, None)
}

fn close() -> Close {
    Close { outcome: why() }
}

fn reopen(to: WaitingOn) -> Reopen {
    Reopen { reason: why(), to, note: None }
}

// Opening.

fn open(opening: &Opening, acting: &Acting<'_>) -> Result<Opened, ConversationRefusal> {
    Conversation::open(ThreadKind::Consultation, opening, acting)
}

#[test]
fn a_thread_is_put_away_again_and_taken_back_once() {
    let put = |away| ConversationEvent::ThreadPutAway(ThreadPutAway { person: id(NURSE), away });
    let nurse = acting(NURSE);
    let history = [ConversationEvent::Opened(opened()), put(true)];
    let decided = |history: &[ConversationEvent], away| {
        let ConversationEvent::Opened(opened) = &history[0] else { panic!("opened first") };
        let state = history[1..].iter().fold(Conversation::opened(opened), Conversation::evolve);
        state.decide(&PutAway { away }.into(), &[], &nurse).expect("not refused")
    };
    assert_eq!(decided(&history[..1], true), [put(true)]);
    assert_eq!(decided(&history[..1], false), []);
    // Something may have arrived in between.
    assert_eq!(decided(&history, true), [put(true)]);
    assert_eq!(decided(&history, false), [put(false)]);
    assert!(!put(true).is_transition() && !put(true).can_change_turn());
}

#[test]
fn a_thread_is_opened_for_the_record_keeper_where_the_opener_works_there() {
    assert_eq!(open(&opening(), &acting(REQUESTER)), Ok(opened()));
    let other = place(Role::Physician, HOSPITAL);
    let mut clinic = CLINIC.clone();
    clinic.roles.push((id(REQUESTER), other));
    let organization = |clinic: &Fixed, opening: &Opening| {
        open(opening, &in_clinic(clinic, acting(REQUESTER))).map(|opened| opened.organization)
    };
    assert_eq!(organization(&clinic, &opening()), Ok(id(PRACTICE)));
    clinic.record_keepers = vec![(patient(), id(HOSPITAL))];
    assert_eq!(organization(&clinic, &opening()), Ok(id(HOSPITAL)));
    // Elsewhere, the first organization where they work in that role.
    clinic.record_keepers = vec![(patient(), id(OTHER_HOSPITAL))];
    assert_eq!(organization(&clinic, &opening()), Ok(id(PRACTICE)));
    let named = Opening { organization: Some(id(HOSPITAL)), ..opening() };
    assert_eq!(organization(&clinic, &named), Ok(id(HOSPITAL)));
}

#[test]
fn a_person_without_the_role_at_an_organization_cannot_open_for_it() {
    for person in [OUTSIDER, NURSE] {
        assert_eq!(open(&opening(), &acting(person)), Err(ConversationRefusal::NoOrganization));
    }
    assert_eq!(open(&opening(), &the_installation()), Err(ConversationRefusal::NotAPerson));
}

#[test]
fn the_pools_of_an_opening_exist() {
    for wrong in [Opening { owner: pool(49), ..opening() }, Opening { pools: [id(49)].into(), ..opening() }] {
        assert_eq!(open(&wrong, &acting(REQUESTER)), Err(ConversationRefusal::NoSuchPool));
    }
    let right = Opening { pools: [id(ONCOLOGY)].into(), ..opening() };
    let conversation = Conversation::opened(&open(&right, &acting(REQUESTER)).expect("opened"));
    assert!(conversation.has_pool(id(ONCOLOGY)) && conversation.has_pool(id(CARDIOLOGY)));
    assert!(!conversation.has_pool(id(NEUROLOGY)));
}

#[test]
fn a_pool_is_to_claim_within_a_business_day_and_a_person_is_not() {
    let of_a_person = Opening { owner: person_alone(REQUESTER), ..opening() };
    let opened = open(&of_a_person, &acting(REQUESTER)).expect("opened");
    assert_eq!((opened.claim_by, opened.owning_organization), (None, id(PRACTICE)));
    // A pool of an organization without a calendar promises nothing.
    let of_oncology = Opening { owner: pool(ONCOLOGY), ..opening() };
    let opened = open(&of_oncology, &acting(REQUESTER)).expect("opened");
    assert_eq!((opened.claim_by, opened.owning_organization), (None, id(OTHER_HOSPITAL)));
}

// Messages and receipts.

#[test]
fn neither_message_nor_receipt_nor_what_one_puts_away_or_hides_can_change_the_turn() {
    let events = crate::clinic::one_of_each();
    let passed = events.iter().find(|event| matches!(event, ConversationEvent::TurnPassed(_))).expect("one of each");
    let waiting = Conversation::opened(&opened()).evolve(passed);
    assert!(waiting.waiting_on.is_some());
    for event in events {
        if !event.can_change_turn() {
            let after = waiting.clone().evolve(&event);
            let of =
                |conversation: &Conversation| (conversation.waiting_on, conversation.owner, conversation.closed_at);
            assert_eq!(of(&after), of(&waiting), "{event:?}");
        }
        let neither = !matches!(
            event,
            ConversationEvent::MessagePosted(_)
                | ConversationEvent::ReadMarked(_)
                | ConversationEvent::ThreadPutAway(_)
                | ConversationEvent::HiddenFromDelegates(_)
                | ConversationEvent::ShownToDelegates(_)
        );
        assert_eq!(event.can_change_turn(), neither, "{event:?}");
    }
}

// Participants.

fn add_in_role(person: u128, at: Place, reason: Option<PersonalText>) -> AddParticipant {
    AddParticipant { person: id(person), place: Some(at), history: HistoryWindow::Full, reason }
}

fn added_in_role(person: u128, at: Place, reason: Option<PersonalText>) -> ConversationEvent {
    let by = Actor::Person(id(REQUESTER));
    ConversationEvent::ParticipantAdded(ParticipantAdded {
        by,
        person: id(person),
        place: at,
        since: None,
        by_care_team: false,
        reason,
    })
}

#[test]
fn members_of_the_care_team_are_added_once_by_their_place() {
    let add = |person| add_from_care_team(person, HistoryWindow::Full);
    given(&[]).when(add(COLLEAGUE), &acting(REQUESTER)).then_refused(ConversationRefusal::NotOnCareTeam);
    given(&[]).when(add(NURSE), &acting(REQUESTER)).then(&[nurse_added()]);
    let after = given(&[nurse_added()]);
    after.when(add(NURSE), &acting(REQUESTER)).then(&[]);
    // A person who takes part already stays, whether or not they are on the care team now.
    after.when(add(NURSE), &in_clinic(&Fixed::default(), acting(REQUESTER))).then(&[]);
    // The opener takes part from the beginning, and the owner from the claim on.
    given(&[]).when(add(REQUESTER), &acting(SPECIALIST)).then(&[]);
    given(&[claimed_by(SPECIALIST)]).when(add(SPECIALIST), &acting(REQUESTER)).then(&[]);
}

#[test]
fn a_person_is_added_in_a_role_that_they_hold_at_an_organization_that_takes_part() {
    let physician = place(Role::Physician, HOSPITAL);
    let add = |person, place| add_in_role(person, place, Some(why()));
    given(&[]).when(add(COLLEAGUE, physician), &acting(REQUESTER)).then(&[added_in_role(
        COLLEAGUE,
        physician,
        Some(why()),
    )]);
    given(&[])
        .when(add(COLLEAGUE, place(Role::Nurse, HOSPITAL)), &acting(REQUESTER))
        .then_refused(ConversationRefusal::NoSuchRole);
    given(&[])
        .when(add(VISITOR, place(Role::Physician, OTHER_HOSPITAL)), &acting(REQUESTER))
        .then_refused(ConversationRefusal::OtherOrganization);
}

#[test]
fn in_a_thread_about_a_patient_a_person_who_is_not_on_the_care_team_is_added_with_a_reason() {
    let physician = place(Role::Physician, HOSPITAL);
    let without = add_in_role(COLLEAGUE, physician, None);
    given(&[]).when(without.clone(), &acting(REQUESTER)).then_refused(ConversationRefusal::ReasonMissing);
    let added = added_in_role(COLLEAGUE, physician, None);
    given_about_nobody(&[]).when(without, &acting(REQUESTER)).then(&[added]);
    let nurse = place(Role::Nurse, PRACTICE);
    given(&[]).when(add_in_role(NURSE, nurse, None), &acting(REQUESTER)).then(&[added_in_role(NURSE, nurse, None)]);
}

#[test]
fn nobody_adds_or_invites_themselves_and_nobody_takes_part_as_staff_in_a_thread_about_themselves() {
    given(&[])
        .when(add_from_care_team(NURSE, HistoryWindow::Full), &acting(NURSE))
        .then_refused(ConversationRefusal::SelfNotAllowed);
    let nurse = place(Role::Nurse, HOSPITAL);
    given(&[])
        .when(add_in_role(PATIENT, nurse, Some(why())), &acting(REQUESTER))
        .then_refused(ConversationRefusal::OwnRecord);
    given(&[]).when(invite(HistoryWindow::Full), &acting(VISITOR)).then_refused(ConversationRefusal::SelfNotAllowed);
    let mut clinic = CLINIC.clone();
    clinic.patients.push((patient(), id(VISITOR)));
    given(&[])
        .when(invite(HistoryWindow::Full), &in_clinic(&clinic, acting(REQUESTER)))
        .then_refused(ConversationRefusal::OwnRecord);
}

fn invite(history: HistoryWindow) -> InviteParticipant {
    let place = place(Role::Physician, OTHER_HOSPITAL);
    InviteParticipant { person: id(VISITOR), place, history, reason: why() }
}

fn visitor_accepted(since: Option<Since>) -> ConversationEvent {
    ConversationEvent::ParticipantAdded(ParticipantAdded {
        by: Actor::Person(id(VISITOR)),
        person: id(VISITOR),
        place: place(Role::Physician, OTHER_HOSPITAL),
        since,
        by_care_team: false,
        reason: None,
    })
}

fn visitor_declined() -> ConversationEvent {
    ConversationEvent::ParticipantDeclined(ParticipantDeclined { by: Actor::Person(id(VISITOR)) })
}

fn invitation_expired() -> ConversationEvent {
    ConversationEvent::InvitationExpired(InvitationExpired {
        by: Actor::Process(ProcessName::Unclaimed),
        person: id(VISITOR),
    })
}

#[test]
fn a_person_of_another_organization_is_invited_once() {
    let invited = visitor_invited(HistoryWindow::Full);
    given(&[]).when(invite(HistoryWindow::Full), &acting(REQUESTER)).then(std::slice::from_ref(&invited));
    given(std::slice::from_ref(&invited)).when(invite(HistoryWindow::Full), &acting(REQUESTER)).then(&[]);
    given(&[invited, visitor_accepted(None)]).when(invite(HistoryWindow::Full), &acting(REQUESTER)).then(&[]);
    let mut here = invite(HistoryWindow::Full);
    (here.person, here.place) = (id(COLLEAGUE), place(Role::Physician, HOSPITAL));
    given(&[]).when(here, &acting(REQUESTER)).then_refused(ConversationRefusal::SameOrganization);
    let mut as_nurse = invite(HistoryWindow::Full);
    as_nurse.place.role = Role::Nurse;
    given(&[]).when(as_nurse, &acting(REQUESTER)).then_refused(ConversationRefusal::NoSuchRole);
}

#[test]
fn an_invited_person_takes_part_after_accepting() {
    let invited = [visitor_invited(HistoryWindow::Full)];
    assert!(!given(&invited).0.takes_part(id(VISITOR)));
    given(&invited).when(AcceptInvitation, &acting(VISITOR)).then(&[visitor_accepted(None)]);
    for person in [OUTSIDER, REQUESTER] {
        given(&invited).when(AcceptInvitation, &acting(person)).then_refused(ConversationRefusal::NotInvited);
        given(&invited).when(DeclineInvitation, &acting(person)).then_refused(ConversationRefusal::NotInvited);
    }
    let after = given(&[visitor_invited(HistoryWindow::Full), visitor_accepted(None)]);
    assert!(after.0.takes_part(id(VISITOR)) && after.0.invitations.is_empty());
    after.when(AcceptInvitation, &acting(VISITOR)).then_refused(ConversationRefusal::NotInvited);
}

#[test]
fn an_invitation_is_accepted_in_the_role_that_is_still_held_and_not_about_oneself() {
    let invited = given(&[visitor_invited(HistoryWindow::Full)]);
    let without = clinic_without(VISITOR);
    invited.when(AcceptInvitation, &in_clinic(&without, acting(VISITOR))).then_refused(ConversationRefusal::NoSuchRole);
    let mut clinic = CLINIC.clone();
    clinic.patients.push((patient(), id(VISITOR)));
    invited.when(AcceptInvitation, &in_clinic(&clinic, acting(VISITOR))).then_refused(ConversationRefusal::OwnRecord);
}

#[test]
fn an_invitation_is_declined() {
    let invited = visitor_invited(HistoryWindow::Full);
    given(std::slice::from_ref(&invited)).when(DeclineInvitation, &acting(VISITOR)).then(&[visitor_declined()]);
    let after = given(&[invited, visitor_declined()]);
    assert!(after.0.invitations.is_empty());
    after.when(AcceptInvitation, &acting(VISITOR)).then_refused(ConversationRefusal::NotInvited);
}

#[test]
fn an_invitation_ends_after_fourteen_days_by_a_process() {
    let invited = given(&[visitor_invited(HistoryWindow::Full)]);
    let expire = ExpireInvitation { person: id(VISITOR) };
    let end = now() + Duration::days(14);
    let before = end - Duration::seconds(1);
    invited.when(expire, &at(before, the_process())).then_refused(ConversationRefusal::NotExpired);
    invited.when(expire, &at(end, the_process())).then(&[invitation_expired()]);
    for acting in [acting(REQUESTER), the_installation()] {
        invited.when(expire, &at(end, acting)).then_refused(ConversationRefusal::NotAProcess);
    }
    // From then on it is not accepted, whether or not the process has come.
    invited.when(AcceptInvitation, &at(before, acting(VISITOR))).then(&[visitor_accepted(None)]);
    invited.when(AcceptInvitation, &at(end, acting(VISITOR))).then_refused(ConversationRefusal::NotInvited);
    let after = given(&[visitor_invited(HistoryWindow::Full), invitation_expired()]);
    assert!(after.0.invitations.is_empty());
    after.when(expire, &at(end, the_process())).then(&[]);
}

#[test]
fn a_window_is_the_whole_history_or_begins_with_the_joining_or_with_a_message() {
    let first = Since { number: 1, at: now() };
    let joined = now() + Duration::hours(1);
    let history = [posted(SPECIALIST, 1, 1), posted(SPECIALIST, 2, 2)];
    let since = |window| {
        let given = given(&[&history[..], &[visitor_invited(window)]].concat());
        let When(outcome) = given.when(AcceptInvitation, &at(joined, acting(VISITOR)));
        match &outcome.expect("accepted")[..] {
            [ConversationEvent::ParticipantAdded(added)] => added.since,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(since(HistoryWindow::Full), None);
    assert_eq!(since(HistoryWindow::FromJoin), Some(Since { number: 3, at: joined }));
    assert_eq!(since(HistoryWindow::FromMessage(created(1))), Some(first));
    // The message that a window names is one of the thread, for every command that names one.
    let missing = HistoryWindow::FromMessage(created(3));
    let given = given(&[&history[..], &[nurse_added()]].concat());
    let commands: [ConversationCommand; 3] =
        [invite(missing).into(), add_in_role_from(missing).into(), change_window(NURSE, missing).into()];
    for command in commands {
        given.when(command, &acting(REQUESTER)).then_refused(ConversationRefusal::NoSuchMessage);
    }
}

fn add_in_role_from(history: HistoryWindow) -> AddParticipant {
    let place = Some(place(Role::Physician, HOSPITAL));
    AddParticipant { person: id(COLLEAGUE), place, history, reason: Some(why()) }
}

#[test]
fn a_person_who_is_added_from_their_joining_sees_no_message_from_before() {
    let given = given(&[posted(SPECIALIST, 1, 1)]);
    let When(outcome) = given.when(add_from_care_team(NURSE, HistoryWindow::FromJoin), &acting(REQUESTER));
    let [ConversationEvent::ParticipantAdded(added)] = &outcome.expect("added")[..] else { panic!("added") };
    assert_eq!(added.since, Some(Since { number: 2, at: now() }));
}

fn change_window(person: u128, history: HistoryWindow) -> ChangeHistoryWindow {
    ChangeHistoryWindow { person: id(person), history, reason: why() }
}

#[test]
fn a_window_is_changed_by_another_person() {
    let given = given(&[posted(SPECIALIST, 1, 1), nurse_added()]);
    let changed = |since| {
        let by = Actor::Person(id(REQUESTER));
        ConversationEvent::WindowChanged(WindowChanged { by, person: id(NURSE), since, reason: why() })
    };
    let from_join = Some(Since { number: 2, at: now() });
    given.when(change_window(NURSE, HistoryWindow::FromJoin), &acting(REQUESTER)).then(&[changed(from_join)]);
    given.when(change_window(NURSE, HistoryWindow::Full), &acting(REQUESTER)).then(&[]);
    let narrowed = self::given(&[posted(SPECIALIST, 1, 1), nurse_added(), changed(from_join)]);
    narrowed.when(change_window(NURSE, HistoryWindow::Full), &acting(REQUESTER)).then(&[changed(None)]);
    narrowed.when(change_window(NURSE, HistoryWindow::FromJoin), &acting(REQUESTER)).then(&[]);
    given
        .when(change_window(NURSE, HistoryWindow::Full), &acting(NURSE))
        .then_refused(ConversationRefusal::SelfNotAllowed);
    for person in [COLLEAGUE, VISITOR] {
        given
            .when(change_window(person, HistoryWindow::Full), &acting(REQUESTER))
            .then_refused(ConversationRefusal::NotAParticipant);
    }
}

fn remove(person: u128, note: Option<PersonalText>) -> RemoveParticipant {
    RemoveParticipant { person: id(person), reason: RemovalReason::Removed, note }
}

#[test]
fn a_participant_leaves() {
    let left = removed(Actor::Person(id(NURSE)), NURSE, RemovalReason::Left, None);
    given(&[nurse_added()]).when(Leave, &acting(NURSE)).then(std::slice::from_ref(&left));
    let after = given(&[nurse_added(), left]);
    assert!(!after.0.takes_part(id(NURSE)));
    after.when(Leave, &acting(NURSE)).then_refused(ConversationRefusal::NotAParticipant);
    given(&[]).when(Leave, &acting(OUTSIDER)).then_refused(ConversationRefusal::NotAParticipant);
}

#[test]
fn the_owner_hands_the_thread_over_before_they_leave_or_are_removed() {
    let colleague = added_in_role(COLLEAGUE, place(Role::Physician, HOSPITAL), Some(why()));
    let owned_by_participant = owner_changed(COLLEAGUE, person_of_pool(COLLEAGUE), HOSPITAL, None);
    for history in [vec![claimed_by(COLLEAGUE)], vec![colleague, owned_by_participant]] {
        given(&history).when(Leave, &acting(COLLEAGUE)).then_refused(ConversationRefusal::OwnerMustTransfer);
        given(&history)
            .when(remove(COLLEAGUE, Some(why())), &acting(REQUESTER))
            .then_refused(ConversationRefusal::OwnerMustTransfer);
    }
}

#[test]
fn a_participant_or_an_invited_person_is_removed_with_a_reason() {
    let history = [nurse_added(), visitor_invited(HistoryWindow::Full)];
    let given = given(&history);
    for person in [NURSE, VISITOR] {
        let event = removed(Actor::Person(id(REQUESTER)), person, RemovalReason::Removed, Some(why()));
        given.when(remove(person, Some(why())), &acting(REQUESTER)).then(std::slice::from_ref(&event));
        given.when(remove(person, None), &acting(REQUESTER)).then_refused(ConversationRefusal::ReasonMissing);
        let after = given.0.clone().evolve(&event);
        assert!(!after.takes_part(id(person)) && !after.invitations.contains_key(&id(person)));
    }
    given.when(remove(OUTSIDER, Some(why())), &acting(REQUESTER)).then(&[]);
}

#[test]
fn a_process_removes_who_can_act_no_longer_even_the_owner() {
    let colleague = added_in_role(COLLEAGUE, place(Role::Physician, HOSPITAL), Some(why()));
    let owned = owner_changed(COLLEAGUE, person_of_pool(COLLEAGUE), HOSPITAL, None);
    let ended = RemoveParticipant { person: id(COLLEAGUE), reason: RemovalReason::RoleEnded, note: None };
    let event = removed(the_process().by, COLLEAGUE, RemovalReason::RoleEnded, None);
    given(&[colleague, owned]).when(ended, &the_process()).then(&[event]);
}

#[test]
fn the_last_who_is_in_a_thread_stays() {
    let opened = Opened { by: Actor::Installation, owner: pool(DERMATOLOGY), ..opened() };
    let given = Given(Conversation::opened(&opened).evolve(&nurse_added()));
    // The only member of the pool is the patient.
    given.when(Leave, &acting(NURSE)).then_refused(ConversationRefusal::LastParticipant);
    given.when(remove(NURSE, Some(why())), &acting(REQUESTER)).then_refused(ConversationRefusal::LastParticipant);
    let colleague = added_in_role(COLLEAGUE, place(Role::Physician, HOSPITAL), Some(why()));
    let two = Given(given.0.clone().evolve(&colleague));
    two.when(Leave, &acting(NURSE)).then(&[removed(acting(NURSE).by, NURSE, RemovalReason::Left, None)]);
    let by_opener = Given(Conversation::opened(&Opened { owner: pool(DERMATOLOGY), ..crate::clinic::opened() }));
    let by_opener = Given(by_opener.0.evolve(&nurse_added()));
    by_opener.when(Leave, &acting(NURSE)).then(&[removed(acting(NURSE).by, NURSE, RemovalReason::Left, None)]);
}

#[test]
fn an_opener_who_left_takes_part_no_longer_until_they_are_added_again() {
    let added = added_in_role(REQUESTER, place(Role::Physician, PRACTICE), None);
    let left = removed(Actor::Person(id(REQUESTER)), REQUESTER, RemovalReason::Left, None);
    assert!(given(std::slice::from_ref(&added)).0.takes_part(id(REQUESTER)));
    assert!(!given(&[added.clone(), left.clone()]).0.takes_part(id(REQUESTER)));
    assert!(given(&[added.clone(), left, added]).0.takes_part(id(REQUESTER)));
}

// Closing and reopening.

#[test]
fn a_thread_is_closed_with_an_outcome_and_waits_for_nobody() {
    let open = given(&[turn_passed(REQUESTER, waiting_on(pool_party(CARDIOLOGY), Claim::NAME, None))]);
    open.when(close(), &acting(REQUESTER)).then(&[closed_by(REQUESTER, Some(why()))]);
    let closed = Given(open.0.evolve(&closed_by(REQUESTER, Some(why()))));
    assert_eq!((closed.0.turn(), closed.0.waiting_on), (Some(Turn::Over), None));
    closed.when(close(), &acting(REQUESTER)).then_refused(ConversationRefusal::Closed);
}

/// The process after the patient died.
fn the_process_after_the_death() -> Acting<'static> {
    static AFTER: LazyLock<Fixed> = LazyLock::new(|| Fixed { died: vec![(patient(), now())], ..CLINIC.clone() });
    in_clinic(&AFTER, the_process())
}

/// One command of each name, which can be given in the state [`everything`] that fits it.
pub(crate) fn each_command() -> Vec<(ConversationCommand, Acting<'static>)> {
    let to = waiting_on(person_party(NURSE), PostMessage::NAME, None);
    let late = now() + Duration::days(15);
    let commands: Vec<(ConversationCommand, Acting<'static>)> = vec![
        (add_in_role_from(HistoryWindow::Full).into(), acting(REQUESTER)),
        (invite(HistoryWindow::Full).into(), acting(REQUESTER)),
        (AcceptInvitation.into(), acting(VISITOR)),
        (DeclineInvitation.into(), acting(VISITOR)),
        (ExpireInvitation { person: id(VISITOR) }.into(), at(late, the_process())),
        (change_window(NURSE, HistoryWindow::FromJoin).into(), acting(REQUESTER)),
        (Leave.into(), acting(NURSE)),
        (remove(NURSE, Some(why())).into(), acting(REQUESTER)),
        (post_to(Addressed::Everyone), acting(REQUESTER)),
        (MarkRead { message: created(1) }.into(), acting(REQUESTER)),
        (PutAway { away: true }.into(), acting(REQUESTER)),
        (hide(Some(why())).into(), acting(SPECIALIST)),
        (show().into(), acting(PATIENT)),
        (Claim.into(), acting(SPECIALIST)),
        (Release { reason: why() }.into(), acting(SPECIALIST)),
        (transfer(person_of_pool(COLLEAGUE)).into(), acting(COORDINATOR)),
        (TakeOver { reason: why() }.into(), at(late, acting(COLLEAGUE))),
        (ReturnToPool.into(), the_process_without_the_specialist()),
        (SetWaitingOn { to, note: None }.into(), acting(REQUESTER)),
        (PassTurn { to, note: None }.into(), acting(COORDINATOR)),
        (EndWait.into(), at(late, the_process())),
        (Escalate.into(), the_process()),
        (NoteDeath.into(), the_process_after_the_death()),
        (close().into(), acting(REQUESTER)),
        (reopen(to).into(), acting(REQUESTER)),
    ];
    let names: Vec<_> = commands.iter().map(|(command, _)| command.name()).collect();
    assert_eq!(names, ConversationCommand::names());
    commands
}

/// A thread with a message, a participant and an open invitation, then what is given.
fn everything(events: &[ConversationEvent]) -> Given {
    let before = [posted(SPECIALIST, 1, 1), nurse_added(), visitor_invited(HistoryWindow::Full)];
    given(&[&before[..], events].concat())
}

/// The state of a conversation, for its table.
fn state_word(conversation: &Conversation) -> &'static str {
    match conversation.owner {
        _ if conversation.is_closed() => "closed",
        Owner::Pool(_) => "in_pool",
        Owner::Person { person: _, pool: Some(_) } => "with_person_of_pool",
        Owner::Person { person: _, pool: None } => "with_person_alone",
    }
}

/// What happened up to the state, and what the step needs before it.
fn history(state: &str, step: &str) -> Vec<ConversationEvent> {
    let waiting = turn_passed(SPECIALIST, waiting_on(person_party(SPECIALIST), Claim::NAME, Some(now())));
    let invited = visitor_invited(HistoryWindow::Full);
    let mut events = vec![posted(SPECIALIST, 1, 1), nurse_added()];
    events.extend(match state {
        "in_pool" => vec![],
        "with_person_of_pool" | "closed" => vec![claimed_by(SPECIALIST), waiting],
        "with_person_alone" => vec![owner_changed(SPECIALIST, person_alone(SPECIALIST), HOSPITAL, None), waiting],
        other => panic!("no such state: {other}"),
    });
    events.extend(match step {
        "thread.accept_invitation" | "thread.decline_invitation" | "thread.expire_invitation" => vec![invited],
        "thread.hide_from_delegates/again" | "thread.show_to_delegates" => vec![hidden_by(SPECIALIST)],
        "thread.pass_turn" => vec![escalated()],
        "thread.end_wait" => vec![nobody_until(Some(now()))],
        _ => vec![],
    });
    events.extend((state == "closed").then(|| closed_by(REQUESTER, None)));
    events
}

impl Walked for Conversation {
    const TABLE: &'static str = include_str!("table.txt");

    fn states() -> Vec<&'static str> {
        vec!["in_pool", "with_person_of_pool", "with_person_alone", "closed"]
    }

    fn commands() -> Vec<CommandName> {
        ConversationCommand::names()
    }

    fn steps() -> Vec<&'static str> {
        let cases = [
            "thread.open",
            "thread.open/by_owner",
            "thread.transfer/to_pool",
            "thread.accept_invitation/not_invited",
            "thread.pass_turn/not_escalated",
            "thread.end_wait/somebody_expected",
            "thread.hide_from_delegates/again",
            "thread.show_to_delegates/not_hidden",
        ];
        ConversationCommand::names().into_iter().map(CommandName::word).chain(cases).collect()
    }

    fn take(state: &str, step: &str) -> Outcome {
        if let "thread.open" | "thread.open/by_owner" = step {
            let owner = if step == "thread.open" { pool(CARDIOLOGY) } else { person_alone(REQUESTER) };
            let opening = Opening { owner, ..opening() };
            if state == START {
                let opened = open(&opening, &acting(REQUESTER)).expect("opened");
                let events = vec![ConversationEvent::Opened(opened.clone()).kind()];
                return Outcome::Stepped { to: state_word(&Conversation::opened(&opened)).to_owned(), events };
            }
            let history = [vec![ConversationEvent::Opened(opened())], history(state, step)].concat();
            let history: Vec<ThreadEvent> = history.into_iter().map(ThreadEvent::Conversation).collect();
            return outcome(&history, &requested(opening, request()), &acting(REQUESTER));
        }
        let (name, case) = step.split_once('/').unwrap_or((step, ""));
        let (command, acting) =
            each_command().into_iter().find(|(command, _)| command.name().word() == name).expect("a command");
        if state == START {
            return outcome(&[], &command.into(), &acting);
        }
        let given = given(&history(state, step));
        let command = match (name, case, given.0.owner) {
            ("thread.transfer", "to_pool", _) => transfer(pool(NEUROLOGY)).into(),
            // A member of the pool who is alone with the thread transfers it without a pool.
            ("thread.transfer", _, Owner::Person { person: _, pool: None }) => transfer(person_alone(NURSE)).into(),
            _ => command,
        };
        let When(decided) = given.when(command.clone(), &acting);
        // Who was not invited is known from the data, not from the state.
        if case != "not_invited" {
            assert_eq!(given.0.takes(command.act()).err(), decided.as_ref().err().copied(), "{step} in {state}");
        }
        match decided {
            Ok(events) => Outcome::Stepped {
                to: state_word(&events.iter().fold(given.0, Conversation::evolve)).to_owned(),
                events: events.iter().map(ConversationEvent::kind).collect(),
            },
            Err(rule) => Outcome::Refused(format!("{rule:?}")),
        }
    }
}

#[test]
fn every_state_and_step_is_as_the_table_says() {
    assert_eq!(complaints::<Conversation>(), Vec::<String>::new());
}

#[test]
fn a_command_needs_a_text_where_its_events_always_have_one() {
    // Their samples have a text, and they may be given without one.
    let may_have_text = ["thread.add_participant", "thread.hide_from_delegates", "thread.remove_participant"];
    for (command, acting) in each_command() {
        let mut texts = 0;
        let name = command.name().word();
        for state in <Conversation as Walked>::states() {
            for mut event in given(&history(state, name)).when(command.clone(), &acting).0.unwrap_or_default() {
                event.each_text(&mut |_, _| texts += 1);
            }
        }
        assert_eq!(command.act().needs_text(), texts > 0 && !may_have_text.contains(&name), "{name}");
    }
}

#[test]
fn the_acts_that_no_kind_refuses() {
    let overruling = |given: &Given| {
        let commands = each_command();
        let acts = commands.iter().filter(|(command, _)| given.0.overrules(command.act()));
        acts.map(|(command, _)| command.name().word()).collect::<Vec<_>>()
    };
    assert_eq!(overruling(&given(&[])), ["thread.expire_invitation", "thread.escalate", "thread.note_death"]);
    let escalated = ["thread.expire_invitation", "thread.pass_turn", "thread.escalate", "thread.note_death"];
    assert_eq!(overruling(&given(&[crate::clinic::escalated()])), escalated);
}

#[test]
fn a_thread_is_opened_again_by_naming_the_turn() {
    let closed = given(&[claimed_by(SPECIALIST), closed_by(REQUESTER, None)]);
    let to = waiting_on(person_party(SPECIALIST), PostMessage::NAME, None);
    let reopened = ConversationEvent::Reopened(Reopened { by: Actor::Person(id(REQUESTER)), reason: why() });
    let events = [reopened, turn_passed(REQUESTER, to)];
    closed.when(reopen(to), &acting(REQUESTER)).then(&events);
    let after = events.iter().fold(closed.0.clone(), Conversation::evolve);
    assert_eq!((after.owner, after.turn()), (person_of_pool(SPECIALIST), Some(Turn::Of(to))));
    let nobody = waiting_on(person_party(OUTSIDER), PostMessage::NAME, None);
    closed.when(reopen(nobody), &acting(REQUESTER)).then_refused(ConversationRefusal::PartyCannotAct);
    given(&[]).when(reopen(to), &acting(REQUESTER)).then_refused(ConversationRefusal::NotClosed);
}

#[test]
fn a_thread_is_opened_again_within_ninety_days() {
    let closed = given(&[claimed_by(SPECIALIST), closed_by(REQUESTER, None)]);
    let to = waiting_on(person_party(SPECIALIST), PostMessage::NAME, None);
    let last = now() + Duration::days(90);
    let When(outcome) = closed.when(reopen(to), &at(last, acting(REQUESTER)));
    assert!(outcome.is_ok());
    closed
        .when(reopen(to), &at(last + Duration::seconds(1), acting(REQUESTER)))
        .then_refused(ConversationRefusal::TooLate);
}

#[test]
fn a_thread_is_opened_again_by_its_pool_where_the_last_owner_cannot_act() {
    let closed = given(&[claimed_by(SPECIALIST), closed_by(REQUESTER, None)]);
    let without = clinic_without(SPECIALIST);
    let acting = in_clinic(&without, acting(REQUESTER));
    let to = waiting_on(pool_party(CARDIOLOGY), Claim::NAME, None);
    closed.when(reopen(to), &acting).then(&[
        ConversationEvent::Reopened(Reopened { by: Actor::Person(id(REQUESTER)), reason: why() }),
        owner_changed(REQUESTER, pool(CARDIOLOGY), HOSPITAL, None),
        turn_passed(REQUESTER, to),
    ]);
    // The person who cannot act is waited for no longer.
    let lost = waiting_on(person_party(SPECIALIST), PostMessage::NAME, None);
    closed.when(reopen(lost), &acting).then_refused(ConversationRefusal::PartyCannotAct);
    let mut empty = without.clone();
    empty.pool_members = vec![(id(CARDIOLOGY), id(PATIENT))];
    closed
        .when(reopen(to), &in_clinic(&empty, crate::clinic::acting(REQUESTER)))
        .then_refused(ConversationRefusal::OwnerCannotAct);
    let alone = owner_changed(SPECIALIST, person_alone(SPECIALIST), HOSPITAL, None);
    given(&[alone, closed_by(REQUESTER, None)])
        .when(reopen(to), &acting)
        .then_refused(ConversationRefusal::OwnerCannotAct);
}

#[test]
fn processes_and_the_installation_do_only_what_is_theirs() {
    // A process transfers, names the turn, closes and reopens too, where its kind and the policy let it.
    let by_anybody = [
        "thread.expire_invitation",
        "thread.remove_participant",
        "thread.transfer",
        "thread.return_to_pool",
        "thread.set_waiting_on",
        "thread.pass_turn",
        "thread.end_wait",
        "thread.escalate",
        "thread.note_death",
        "thread.close",
        "thread.reopen",
    ];
    let states = [
        everything(&[]),
        everything(&[claimed_by(SPECIALIST)]),
        everything(&[escalated()]),
        everything(&[nobody_until(Some(now()))]),
        everything(&[closed_by(REQUESTER, None)]),
        everything(&[hidden_by(SPECIALIST)]),
    ];
    for (command, giver) in each_command() {
        let acting = Acting { now: giver.now, lookups: giver.lookups, ..the_process() };
        let given = states.iter().find(|given| given.0.takes(command.act()).is_ok()).expect("a state that takes it");
        let refused = given.when(command.clone(), &acting).0.err() == Some(ConversationRefusal::NotAPerson);
        assert_eq!(refused, !by_anybody.contains(&command.name().word()), "{}", command.name().word());
    }
}
