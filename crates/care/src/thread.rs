//! A thread: one conversation around one patient, of a kind that its first event fixes.
//!
//! The thread is the aggregate; the lifecycles are its variants, and each embeds the
//! conversation. To add a kind: 1. write its lifecycle beside `consultation.rs`; 2. add it to
//! [`Thread`], [`ThreadCommand`] and [`ThreadEvent`]; 3. add its word to `ThreadKind` and its
//! rules to the policy; 4. follow the compiler through views and schema.

use crate::consultation::{Consultation, ConsultationCommand, ConsultationEvent, ConsultationRefusal};
use crate::conversation::{ConversationCommand, ConversationEvent, ConversationRefusal, Embedding, Refused};
use crate::decide::{Acting, Decider};

/// What can be asked of a thread.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ThreadCommand {
    /// Of its conversation, whatever its kind.
    Conversation(ConversationCommand),
    /// Of a consultation.
    Consultation(ConsultationCommand),
}

/// What can have happened in a thread.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ThreadEvent {
    /// In its conversation.
    Conversation(ConversationEvent),
    /// To the consultation.
    Consultation(ConsultationEvent),
}

impl ThreadEvent {
    /// Whether the event moves the thread on, so that a command which relied on the state before
    /// it must be thought over. Messages, marks and new participants do not.
    #[must_use]
    pub fn is_transition(&self) -> bool {
        match self {
            Self::Conversation(ConversationEvent::Claimed(_) | ConversationEvent::Closed(_))
            | Self::Consultation(_) => true,
            Self::Conversation(
                ConversationEvent::ParticipantAdded(_)
                | ConversationEvent::MessagePosted(_)
                | ConversationEvent::ReadMarked(_),
            ) => false,
        }
    }
}

/// We refuse because …
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ThreadRefusal {
    /// … there is no such thread.
    #[error("there is no such thread")]
    Missing,
    /// … of the conversation's rules.
    #[error(transparent)]
    Conversation(#[from] ConversationRefusal),
    /// … of the consultation's rules.
    #[error(transparent)]
    Consultation(#[from] ConsultationRefusal),
}

/// A thread, folded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Thread {
    /// Nothing happened yet.
    Unopened,
    /// A consultation.
    Consultation(Consultation),
}

impl Decider for Thread {
    type Command = ThreadCommand;
    type Event = ThreadEvent;
    type Refusal = ThreadRefusal;

    fn initial() -> Self {
        Self::Unopened
    }

    fn decide(&self, command: &ThreadCommand, acting: &Acting) -> Result<Vec<ThreadEvent>, ThreadRefusal> {
        match (self, command) {
            (Self::Unopened, ThreadCommand::Consultation(ConsultationCommand::Request(request))) => {
                let submitted = Consultation::request(request, acting)?;
                Ok(vec![ThreadEvent::Consultation(submitted)])
            }
            (
                Self::Unopened,
                ThreadCommand::Conversation(_)
                | ThreadCommand::Consultation(
                    ConsultationCommand::Assign(_)
                    | ConsultationCommand::Advise(_)
                    | ConsultationCommand::RecordPlan(_)
                    | ConsultationCommand::InformPatient(_)
                    | ConsultationCommand::Close(_),
                ),
            ) => Err(ThreadRefusal::Missing),
            (Self::Consultation(consultation), ThreadCommand::Conversation(command)) => {
                Ok(joined(consultation.decide_conversation(command, acting)?))
            }
            (Self::Consultation(consultation), ThreadCommand::Consultation(command)) => {
                Ok(joined(consultation.decide(command, acting)?))
            }
        }
    }

    fn evolve(self, event: &ThreadEvent) -> Self {
        match (self, event) {
            (Self::Unopened, ThreadEvent::Consultation(event)) => {
                Consultation::opened(event).map_or(Self::Unopened, Self::Consultation)
            }
            // The first event of a stream is always an opening one; `decide` sees to it.
            (Self::Unopened, ThreadEvent::Conversation(_)) => Self::Unopened,
            (Self::Consultation(consultation), ThreadEvent::Conversation(event)) => {
                Self::Consultation(consultation.evolve_conversation(event))
            }
            (Self::Consultation(consultation), ThreadEvent::Consultation(event)) => {
                Self::Consultation(consultation.evolve(event))
            }
        }
    }
}

impl From<Embedding<ConsultationEvent>> for ThreadEvent {
    fn from(event: Embedding<ConsultationEvent>) -> Self {
        match event {
            Embedding::Conversation(event) => Self::Conversation(event),
            Embedding::Lifecycle(event) => Self::Consultation(event),
        }
    }
}

impl From<Refused<ConsultationRefusal>> for ThreadRefusal {
    fn from(refusal: Refused<ConsultationRefusal>) -> Self {
        match refusal {
            Refused::Conversation(refusal) => Self::Conversation(refusal),
            Refused::Lifecycle(refusal) => Self::Consultation(refusal),
        }
    }
}

fn joined<L>(events: Vec<Embedding<L>>) -> Vec<ThreadEvent>
where
    ThreadEvent: From<Embedding<L>>,
{
    events.into_iter().map(ThreadEvent::from).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::consultation::Disposed;
    use crate::consultation::scenarios::{
        accepted, acting, advise, assign, claim, close, id, inform, mark_read, now, plan, post, request, requested,
        road, state_after, take_in, the_installation,
    };
    use crate::conversation::Owner;
    use crate::decide::folded;
    use crate::decide::scenario::given;
    use crate::text::{EachText, PersonalText};
    use crate::words::{Capacity, ConsultationState, ReassignReason};
    use proptest::prelude::*;

    #[test]
    fn before_it_is_opened_a_thread_is_missing() {
        let commands = [
            assign(None, None),
            claim(),
            advise(1),
            plan(vec![]),
            inform(now()),
            close(5, 5),
            take_in(4, true),
            post(1),
            mark_read(1),
        ];
        for command in commands {
            given::<Thread>(&[]).when(&command, &acting(1)).then_refused(&ThreadRefusal::Missing);
        }
    }

    #[test]
    fn what_comes_before_the_opening_opens_nothing() {
        let history = road(ConsultationState::Closed);
        for event in history.iter().skip(1) {
            assert_eq!(folded::<Thread>([event]), Thread::Unopened, "{event:?}");
        }
    }

    #[test]
    fn messages_marks_and_participants_are_no_transitions() {
        let thread = folded::<Thread>(&road(ConsultationState::Assigned));
        let transitions = |command: &ThreadCommand| {
            let events = thread.decide(command, &acting(3)).expect("not refused");
            events.iter().map(ThreadEvent::is_transition).collect::<Vec<_>>()
        };
        for command in [post(2), mark_read(1), take_in(4, true)] {
            assert_eq!(transitions(&command), [false], "{command:?}");
        }
        assert_eq!(transitions(&claim()), [true]);
        let closing = folded::<Thread>(&road(ConsultationState::PatientInformed)).decide(&close(5, 5), &acting(1));
        assert!(closing.expect("closed").iter().all(ThreadEvent::is_transition));
    }

    /// Where a consultation may go from a state, itself apart.
    fn next(state: Option<ConsultationState>) -> Option<ConsultationState> {
        match state {
            None => Some(ConsultationState::Submitted),
            Some(ConsultationState::Submitted) => Some(ConsultationState::Assigned),
            Some(ConsultationState::Assigned) => Some(ConsultationState::InReview),
            Some(ConsultationState::InReview) => Some(ConsultationState::Answered),
            Some(ConsultationState::Answered) => Some(ConsultationState::PlanRecorded),
            Some(ConsultationState::PlanRecorded) => Some(ConsultationState::PatientInformed),
            Some(ConsultationState::PatientInformed) => Some(ConsultationState::Closed),
            Some(ConsultationState::Closed) => None,
        }
    }

    /// Any command, fitting or not, of a small world in which ids meet.
    fn any_command() -> impl Strategy<Value = ThreadCommand> {
        let reason = || prop::option::of(prop::sample::select(ReassignReason::ALL));
        let dispositions = prop::collection::vec((1_u128..4).prop_map(accepted), 0..4);
        prop_oneof![
            Just(requested(request())),
            (prop::option::of(1_u128..5), reason()).prop_map(|(to, reason)| assign(to, reason)),
            Just(claim()),
            (0_u128..4).prop_map(advise),
            dispositions.prop_map(plan),
            (-1_i64..=1).prop_map(|seconds| inform(now() + chrono::Duration::seconds(seconds))),
            (0_u8..=6, 0_u8..=6).prop_map(|(helpful, educational)| close(helpful, educational)),
            (1_u128..7, any::<bool>()).prop_map(|(person, on_care_team)| take_in(person, on_care_team)),
            (1_u128..7).prop_map(post),
            (1_u128..7).prop_map(mark_read),
        ]
    }

    fn any_acting() -> impl Strategy<Value = Acting> {
        prop_oneof![
            12 => (1_u128..5).prop_map(acting),
            1 => (1_u128..5).prop_map(|person| Acting { capacity: Capacity::Nurse, ..acting(person) }),
            1 => Just(the_installation()),
        ]
    }

    /// The recommendations of the newest advice in a history, all accepted.
    fn accept_all(history: &[ThreadEvent]) -> Vec<Disposed> {
        let advised = history.iter().rev().find_map(|event| {
            let ThreadEvent::Consultation(ConsultationEvent::Advised(advised)) = event else { return None };
            Some(advised.recommendations.len())
        });
        (1..=u128::try_from(advised.unwrap_or(0)).expect("few")).map(accepted).collect()
    }

    /// The command that leads on, so that a walk also comes to the end of the road.
    fn onwards(thread: &Thread, history: &[ThreadEvent]) -> ThreadCommand {
        let state = match thread {
            Thread::Unopened => None,
            Thread::Consultation(consultation) => Some(consultation.state()),
        };
        match state {
            None => requested(request()),
            Some(ConsultationState::Submitted) => assign(None, None),
            Some(ConsultationState::Assigned) => claim(),
            Some(ConsultationState::InReview) => advise(2),
            Some(ConsultationState::Answered) => plan(accept_all(history)),
            Some(ConsultationState::PlanRecorded) => inform(now()),
            Some(ConsultationState::PatientInformed | ConsultationState::Closed) => close(5, 4),
        }
    }

    /// What happens when each step is taken in turn; `None` is a step onwards.
    fn walk(steps: &[(Option<ThreadCommand>, Acting)]) -> Vec<Vec<ThreadEvent>> {
        let mut thread = Thread::initial();
        let mut appended: Vec<Vec<ThreadEvent>> = vec![];
        for (command, acting) in steps {
            let command = command.clone().unwrap_or_else(|| onwards(&thread, &appended.concat()));
            if let Ok(events) = thread.decide(&command, acting) {
                thread = events.iter().fold(thread, Thread::evolve);
                appended.push(events);
            }
        }
        appended
    }

    fn any_walk() -> impl Strategy<Value = Vec<(Option<ThreadCommand>, Acting)>> {
        let step = prop_oneof![1 => Just(None), 3 => any_command().prop_map(Some)];
        prop::collection::vec((step, any_acting()), 0..60)
    }

    fn owner(history: &[ThreadEvent]) -> Option<Owner> {
        match folded::<Thread>(history) {
            Thread::Unopened => None,
            Thread::Consultation(consultation) => Some(consultation.conversation().owner()),
        }
    }

    fn closes(event: &ThreadEvent) -> bool {
        matches!(event, ThreadEvent::Conversation(ConversationEvent::Closed(_)))
    }

    #[test]
    fn walking_onwards_comes_to_the_end() {
        let steps = vec![(None, acting(3)); 7];
        assert_eq!(state_after(&walk(&steps).concat()), Some(ConsultationState::Closed));
    }

    proptest! {
        #[test]
        fn the_state_moves_along_the_road_only(steps in any_walk()) {
            let mut history = vec![];
            for events in walk(&steps) {
                let before = state_after(&history);
                history.extend(events);
                let after = state_after(&history);
                prop_assert!(after == before || after == next(before), "{before:?} to {after:?}");
            }
        }

        #[test]
        fn an_open_thread_has_one_owner_who_is_never_taken_away(steps in any_walk()) {
            let mut history = vec![];
            for events in walk(&steps) {
                let before = owner(&history);
                history.extend(events);
                match (before, owner(&history)) {
                    (None, None) => prop_assert!(history.is_empty()),
                    (None | Some(Owner::Pool(_)), Some(Owner::Pool(pool))) => prop_assert_eq!(pool, id(40)),
                    (Some(Owner::Pool(from)), Some(Owner::Person { pool, .. })) => prop_assert_eq!(pool, from),
                    (before, after) => prop_assert_eq!(before, after),
                }
            }
        }

        #[test]
        fn messages_are_numbered_without_a_hole(steps in any_walk()) {
            let numbers: Vec<u32> = walk(&steps).concat().iter().filter_map(|event| {
                let ThreadEvent::Conversation(ConversationEvent::MessagePosted(posted)) = event else { return None };
                Some(posted.number)
            }).collect();
            prop_assert!(numbers.iter().copied().eq((1..).take(numbers.len())), "{numbers:?}");
        }

        #[test]
        fn read_marks_only_go_forward(steps in any_walk()) {
            let mut marks = std::collections::BTreeMap::new();
            for event in walk(&steps).concat() {
                if let ThreadEvent::Conversation(ConversationEvent::ReadMarked(marked)) = event {
                    let before = marks.insert(marked.person, marked.number);
                    prop_assert!(before.is_none_or(|before| before < marked.number));
                }
            }
        }

        #[test]
        fn after_closing_there_are_read_marks_only(steps in any_walk()) {
            let history = walk(&steps).concat();
            let after = history.iter().skip_while(|event| !closes(event)).skip(1);
            for event in after {
                prop_assert!(matches!(event, ThreadEvent::Conversation(ConversationEvent::ReadMarked(_))), "{event:?}");
            }
        }

        #[test]
        fn folding_needs_no_text(steps in any_walk()) {
            let history = walk(&steps).concat();
            let mut destroyed = history.clone();
            for event in &mut destroyed {
                let mut destroy = |_, text: &mut PersonalText| *text = PersonalText::Destroyed;
                match event {
                    ThreadEvent::Conversation(event) => event.each_text(&mut destroy),
                    ThreadEvent::Consultation(event) => event.each_text(&mut destroy),
                }
            }
            prop_assert!(history.is_empty() || destroyed != history);
            prop_assert_eq!(folded::<Thread>(&destroyed), folded::<Thread>(&history));
        }
    }
}
