//! What holds after every walk of commands through a conversation.

use super::*;

/// A step of a walk: which command, given by whom, in which clinic, after how long.
#[derive(Debug, Clone)]
struct Step {
    command: Planned,
    person: Option<u128>,
    without: Option<u128>,
    hours: i64,
}

/// A command that may depend on what happened before it.
#[derive(Debug, Clone)]
enum Planned {
    Fixed(ConversationCommand),
    /// Marks as read the message with the number, or one that is not there.
    MarkRead(u32),
}

impl Planned {
    fn command(&self, conversation: &Conversation) -> ConversationCommand {
        match self {
            Self::Fixed(command) => command.clone(),
            Self::MarkRead(number) => {
                let posted = conversation.messages.iter().find(|(_, message)| message.since.number == *number);
                MarkRead { message: posted.map_or(created(1), |(message, _)| *message) }.into()
            }
        }
    }
}

/// Messages of a walk have the numbers of its first commands, so that commands can name them.
fn any_message() -> impl Strategy<Value = MessageId> {
    (1000_u128..1012).prop_map(created)
}

fn any_window() -> impl Strategy<Value = HistoryWindow> {
    prop_oneof![
        Just(HistoryWindow::Full),
        Just(HistoryWindow::FromJoin),
        any_message().prop_map(HistoryWindow::FromMessage)
    ]
}

fn any_owner() -> impl Strategy<Value = Owner> {
    prop_oneof![
        (40_u128..45).prop_map(pool),
        (1_u128..10, prop::option::of(40_u128..44))
            .prop_map(|(person, pool)| Owner::Person { person: id(person), pool: pool.map(id) }),
    ]
}

fn any_turn() -> impl Strategy<Value = WaitingOn> {
    let party = prop_oneof![
        (1_u128..10).prop_map(person_party),
        (40_u128..44).prop_map(pool_party),
        (40_u128..44).prop_map(|pool| Party::PoolCoordinator(id(pool))),
        Just(coordinators(HOSPITAL)),
        Just(Party::Nobody),
    ];
    (party, prop::option::of(0_i64..100)).prop_map(|(party, hours)| {
        waiting_on(party, PostMessage::NAME, hours.map(|hours| now() + Duration::hours(hours)))
    })
}

fn any_place() -> impl Strategy<Value = Place> {
    let roles = [Role::Physician, Role::Nurse, Role::Coordinator, Role::Administrator];
    (prop::sample::select(roles.to_vec()), 30_u128..33).prop_map(|(role, organization)| place(role, organization))
}

pub(crate) fn any_command() -> impl Strategy<Value = ConversationCommand> {
    let person = || (1_u128..10).prop_map(id::<PersonId>);
    let reason = || prop::option::of(Just(why()));
    let participants = prop_oneof![
        any_window().prop_map(|history| add_from_care_team(NURSE, history)),
        any_window().prop_map(|history| add_in_role_from(history).into()),
        any_window().prop_map(|history| change_window(NURSE, history).into()),
        (person(), prop::option::of(any_place()), any_window(), reason())
            .prop_map(|(person, place, history, reason)| AddParticipant { person, place, history, reason }.into()),
        (person(), any_place(), any_window()).prop_map(|(person, place, history)| InviteParticipant {
            person,
            place,
            history,
            reason: why()
        }
        .into()),
        any_window().prop_map(|history| invite(history).into()),
        Just(AcceptInvitation.into()),
        Just(DeclineInvitation.into()),
        person().prop_map(|person| ExpireInvitation { person }.into()),
        (person(), any_window())
            .prop_map(|(person, history)| ChangeHistoryWindow { person, history, reason: why() }.into()),
        Just(Leave.into()),
        (person(), reason())
            .prop_map(|(person, note)| { RemoveParticipant { person, reason: RemovalReason::Removed, note }.into() }),
    ];
    let messages = prop_oneof![
        Just(post_to(Addressed::Everyone)),
        person().prop_map(|person| post_to(Addressed::Named([person].into()))),
        person().prop_map(|person| post_to(Addressed::TeamAnd(person))),
    ];
    let others = prop_oneof![
        4 => Just(Claim.into()),
        4 => Just(Release { reason: why() }.into()),
        6 => any_owner().prop_map(|to| transfer(to).into()),
        4 => Just(TakeOver { reason: why() }.into()),
        4 => any_turn().prop_map(|to| SetWaitingOn { to, note: None }.into()),
        4 => any_turn().prop_map(|to| PassTurn { to, note: None }.into()),
        2 => any::<bool>().prop_map(|away| PutAway { away }.into()),
        2 => Just(hide(Some(why())).into()),
        2 => Just(show().into()),
        2 => Just(EndWait.into()),
        2 => Just(Escalate.into()),
        2 => Just(close().into()),
        4 => any_turn().prop_map(|to| reopen(to).into()),
        4 => Just(reopen(waiting_on(person_party(REQUESTER), PostMessage::NAME, None)).into()),
    ];
    prop_oneof![3 => participants, 3 => messages, 4 => others]
}

fn any_walk() -> impl Strategy<Value = Vec<Step>> {
    let anybody = || prop_oneof![8 => (1_u128..10).prop_map(Some), 2 => Just(None)];
    let few = prop::sample::select(vec![Some(SPECIALIST), Some(NURSE)]);
    let answer = prop::sample::select(vec![AcceptInvitation.into(), AcceptInvitation.into(), DeclineInvitation.into()]);
    let command = prop_oneof![
        7 => (any_command().prop_map(Planned::Fixed), anybody()),
        2 => ((1_u32..5).prop_map(Planned::MarkRead), few),
        1 => (answer.prop_map(Planned::Fixed), Just(Some(VISITOR))),
        1 => (Just(Planned::Fixed(ExpireInvitation { person: id(VISITOR) }.into())), Just(None)),
        1 => (Just(Planned::Fixed(NoteDeath.into())), Just(None)),
    ];
    let without = prop_oneof![3 => Just(None), 1 => (1_u128..10).prop_map(Some)];
    let step = (command, without, 0_i64..100).prop_map(|((command, person), without, hours)| Step {
        command,
        person,
        without,
        hours,
    });
    prop::collection::vec(step, 0..40)
}

/// What a step did: the conversation before it, the events, and the clinic and the instant of it.
struct Done {
    before: Conversation,
    events: Vec<ConversationEvent>,
    clinic: Fixed,
    now: DateTime<Utc>,
}

impl Done {
    fn after(&self) -> Conversation {
        self.events.iter().fold(self.before.clone(), Conversation::evolve)
    }
}

/// What happens when each step is taken in turn, in a thread that waits for its pool, about a patient whose death is on
/// record. Each command has a number of its own.
fn walk(steps: &[Step]) -> Vec<Done> {
    let turn = turn_passed(REQUESTER, waiting_on(pool_party(CARDIOLOGY), Claim::NAME, None));
    let mut before = Conversation::opened(&opened()).evolve(&turn);
    let mut instant = now();
    let mut done = vec![];
    for (number, step) in (1000..).zip(steps) {
        instant += Duration::hours(step.hours);
        let clinic = step.without.map_or_else(|| CLINIC.clone(), clinic_without);
        let clinic = Fixed { died: vec![(patient(), now())], ..clinic };
        let giver = step.person.map_or_else(the_process, acting);
        let acting = Acting { command: command(number), now: instant, lookups: &clinic, ..giver };
        if let Ok(events) = before.decide(&step.command.command(&before), &before.last_resorts(), &acting) {
            let step = Done { before: before.clone(), events, clinic, now: instant };
            before = step.after();
            done.push(step);
        }
    }
    done
}

fn history(done: &[Done]) -> Vec<&ConversationEvent> {
    done.iter().flat_map(|step| &step.events).collect()
}

proptest! {
    #[test]
    fn the_owner_of_an_open_thread_could_act_when_they_became_it(steps in any_walk()) {
        for step in walk(&steps) {
            let after = step.after();
            let changed = step.events.iter().find_map(|event| if let ConversationEvent::OwnerChanged(changed) = event { Some(changed) } else { None });
            let Some(changed) = changed else {
                prop_assert_eq!(after.owner, step.before.owner);
                continue;
            };
            prop_assert_eq!((after.owner, after.owning_organization), (changed.owner, changed.organization));
            prop_assert!(!after.is_closed());
            match changed.owner {
                Owner::Pool(pool) => {
                    let organization = step.clinic.pool(pool).map(|facts| facts.organization);
                    prop_assert_eq!(organization, Some(changed.organization));
                    prop_assert!(step.clinic.is_anybody(Party::Pool(pool), Some(patient()), None));
                }
                Owner::Person { person, pool: _ } => {
                    prop_assert!(!step.clinic.is_patient(patient(), person));
                    prop_assert_eq!(changed.claim_by.clone(), None);
                }
            }
        }
    }

    #[test]
    fn an_open_thread_waits_for_exactly_one_party_and_a_closed_one_for_none(steps in any_walk()) {
        for step in walk(&steps) {
            let after = step.after();
            prop_assert_eq!(after.is_closed(), after.waiting_on.is_none());
            let passed = step.events.iter().filter_map(|event| if let ConversationEvent::TurnPassed(passed) = event { Some(passed.to) } else { None });
            let passed: Vec<_> = passed.collect();
            prop_assert!(passed.len() <= 1);
            if let [to] = passed[..] {
                prop_assert_eq!(after.waiting_on, Some(to));
                // Somebody in the thread, or a party of last resort; and there is somebody.
                prop_assert!(after.can_wait_for(to.party) || after.last_resorts().contains(&to.party));
                prop_assert!(step.clinic.is_anybody(to.party, Some(patient()), None));
            }
        }
    }

    #[test]
    fn messages_are_numbered_without_a_hole(steps in any_walk()) {
        let done = walk(&steps);
        let numbers = history(&done).into_iter().filter_map(|event| if let ConversationEvent::MessagePosted(posted) = event { Some(posted.number) } else { None });
        let numbers: Vec<u32> = numbers.collect();
        prop_assert!(numbers.iter().copied().eq((1..).take(numbers.len())), "{numbers:?}");
    }

    #[test]
    fn receipts_only_go_forward(steps in any_walk()) {
        let (mut receipts, mut audiences) = (BTreeMap::new(), BTreeMap::new());
        for event in history(&walk(&steps)) {
            if let ConversationEvent::MessagePosted(posted) = event {
                let apart = (posted.addressed.audience(), posted.addressed.one_person());
                audiences.insert(posted.message, apart);
            }
            if let ConversationEvent::ReadMarked(marked) = event {
                let audience = audiences.get(&marked.message).copied();
                let before = receipts.insert((marked.person, audience), marked.number);
                prop_assert!(audience.is_some() && before.is_none_or(|before| before < marked.number));
            }
        }
    }

    #[test]
    fn nobody_takes_part_by_their_own_command_but_by_an_invitation_in_force(steps in any_walk()) {
        for step in walk(&steps) {
            for event in &step.events {
                if let ConversationEvent::ParticipantAdded(added) = event
                    && added.by == Actor::Person(added.person)
                {
                    let invitation = step.before.invitations.get(&added.person);
                    prop_assert!(invitation.is_some_and(|invitation| invitation.expires_at > step.now));
                }
            }
        }
    }

    #[test]
    fn from_the_joining_on_nobody_sees_a_message_from_before(steps in any_walk()) {
        for step in walk(&steps) {
            for event in &step.events {
                let (ConversationEvent::ParticipantAdded(ParticipantAdded { since: Some(since), .. })
                | ConversationEvent::WindowChanged(WindowChanged { since: Some(since), .. })) = event
                else {
                    continue;
                };
                let since = *since;
                let is_message = step.before.messages.values().any(|message| message.since == since);
                let from_now = since == Since { number: step.before.next_number(), at: step.now };
                prop_assert!(is_message || from_now, "{since:?}");
            }
        }
    }

    #[test]
    fn folding_needs_no_text(steps in any_walk()) {
        let done = walk(&steps);
        let start = Conversation::opened(&opened());
        let folded = history(&done).into_iter().fold(start.clone(), Conversation::evolve);
        let destroyed = history(&done).into_iter().fold(start, |conversation, event| {
            let mut event = event.clone();
            event.each_text(&mut |_, text| *text = PersonalText::Destroyed);
            conversation.evolve(&event)
        });
        prop_assert_eq!(folded, destroyed);
    }
}

/// A walk comes to every kind of event often enough that the properties mean something.
#[test]
fn walks_come_to_every_kind_of_event() {
    use crate::event_set::EventSet;
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;
    let mut runner = TestRunner::deterministic();
    let mut seen = std::collections::BTreeSet::new();
    for _ in 0..800 {
        let steps = any_walk().new_tree(&mut runner).expect("a walk").current();
        seen.extend(history(&walk(&steps)).into_iter().map(EventSet::kind));
    }
    let mut expected: std::collections::BTreeSet<_> =
        ConversationEvent::kinds().into_iter().map(|(kind, _)| kind).collect();
    // The opening comes before; labels, releases and another requester are of no command of the conversation.
    for kind in ["thread.opened", "thread.labelled", "thread.released", "thread.requester_changed"] {
        expected.remove(kind);
    }
    assert_eq!(seen, expected);
}
