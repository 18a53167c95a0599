//! Which notices an event gives, and for whom: one function for activity, subscriptions and
//! notifications. A notice carries no content. The policy is asked whether a recipient may learn of
//! it when the notice is delivered.
//!
//! To add a notice for an event of the conversation: 1. an arm of [`notices`], where the compiler asks for it; 2. a
//! [`NoticeTopic`] if none fits.
//!
//! An event of a kind of thread needs nothing here: each reader of the thread is told that it has changed, and whose turn
//! it became is told by the `thread.waiting_on` that follows from [`Kind::turn`](crate::kind::Kind::turn).

use crate::conversation::{
    Addressed, ConversationEvent, MessagePosted, ParticipantAdded, ParticipantInvited, Party, ReadMarked,
    ThreadPutAway, TurnPassed,
};
use crate::ids::ThreadId;
use crate::thread::ThreadEvent;

/// A notice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// In which thread.
    pub thread: ThreadId,
    /// What it is about.
    pub topic: NoticeTopic,
    /// For whom.
    pub to: Recipients,
}

/// What a notice is about, in the order of how much it says to its reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum NoticeTopic {
    /// It is their turn.
    YourTurn,
    /// A message was posted.
    Message,
    /// They were added, or invited.
    Added,
    /// Who takes part has changed.
    Participants,
    /// The thread has changed.
    Changed,
    /// They marked messages as read, or put the thread away.
    Marked,
}

/// For whom a notice is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Recipients {
    /// Everybody who may read what is addressed so.
    Readers(Addressed),
    /// Everybody who may list the participants.
    SeesParticipants,
    /// Everybody who is the party now.
    Party(Party),
}

/// The notices of one event.
#[must_use]
pub fn notices(thread: ThreadId, event: &ThreadEvent) -> Vec<Notice> {
    let notice = |topic, to| vec![Notice { thread, topic, to }];
    let changed = || notice(NoticeTopic::Changed, Recipients::Readers(Addressed::Everyone));
    let participants = || notice(NoticeTopic::Participants, Recipients::SeesParticipants);
    let person_notice = |topic, person| notice(topic, Recipients::Party(Party::Person(person)));
    match event {
        ThreadEvent::Conversation(event) => match event {
            ConversationEvent::MessagePosted(MessagePosted { addressed, .. }) => {
                notice(NoticeTopic::Message, Recipients::Readers(addressed.clone()))
            }
            // Everybody who finds the thread may know whose turn it is.
            ConversationEvent::TurnPassed(TurnPassed { to, .. }) => {
                [notice(NoticeTopic::YourTurn, Recipients::Party(to.party)), changed()].concat()
            }
            ConversationEvent::ParticipantAdded(ParticipantAdded { person, .. })
            | ConversationEvent::ParticipantInvited(ParticipantInvited { person, .. }) => {
                [person_notice(NoticeTopic::Added, *person), participants()].concat()
            }
            ConversationEvent::Opened(_)
            | ConversationEvent::OwnerChanged(_)
            | ConversationEvent::RequesterChanged(_)
            | ConversationEvent::Labelled(_)
            | ConversationEvent::Released(_)
            | ConversationEvent::HiddenFromDelegates(_)
            | ConversationEvent::PatientDied(_)
            | ConversationEvent::ShownToDelegates(_)
            | ConversationEvent::Closed(_)
            | ConversationEvent::Reopened(_) => changed(),
            ConversationEvent::ParticipantDeclined(_)
            | ConversationEvent::InvitationExpired(_)
            | ConversationEvent::WindowChanged(_)
            | ConversationEvent::ParticipantRemoved(_) => participants(),
            // Nobody else is told when somebody reads.
            ConversationEvent::ReadMarked(ReadMarked { person, .. })
            | ConversationEvent::ThreadPutAway(ThreadPutAway { person, .. }) => {
                person_notice(NoticeTopic::Marked, *person)
            }
        },
        ThreadEvent::Lifecycle(_) => changed(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clinic::{HOSPITAL, NURSE, SPECIALIST, VISITOR, coordinators, id, one_of_each, person_party, posted};
    use crate::event_set::EventSet;
    use crate::lifecycle::consultation::scenarios::course;
    use crate::words::ConsultationState;

    fn of(event: &ThreadEvent) -> Vec<(NoticeTopic, Recipients)> {
        let notices = notices(id(50), event);
        assert!(notices.iter().all(|notice| notice.thread == id(50)));
        notices.into_iter().map(|notice| (notice.topic, notice.to)).collect()
    }

    #[test]
    fn each_event_of_the_conversation_is_noticed_by_those_of_the_table() {
        use NoticeTopic::{Added, Changed, Marked, Message, Participants, YourTurn};
        let everyone = || Recipients::Readers(Addressed::Everyone);
        let changed = || vec![(Changed, everyone())];
        let participants = || vec![(Participants, Recipients::SeesParticipants)];
        let table = [
            ("thread.opened", changed()),
            (
                "thread.participant_added",
                [vec![(Added, Recipients::Party(person_party(NURSE)))], participants()].concat(),
            ),
            (
                "thread.participant_invited",
                [vec![(Added, Recipients::Party(person_party(VISITOR)))], participants()].concat(),
            ),
            ("thread.participant_declined", participants()),
            ("thread.invitation_expired", participants()),
            ("thread.participant_window_changed", participants()),
            ("thread.participant_removed", participants()),
            ("thread.owner_changed", changed()),
            ("thread.requester_changed", changed()),
            ("thread.waiting_on", vec![(YourTurn, Recipients::Party(coordinators(HOSPITAL))), (Changed, everyone())]),
            ("thread.labelled", changed()),
            ("thread.released", changed()),
            ("thread.message_posted", vec![(Message, everyone())]),
            ("thread.read_marked", vec![(Marked, Recipients::Party(person_party(SPECIALIST)))]),
            ("thread.put_away", vec![(Marked, Recipients::Party(person_party(SPECIALIST)))]),
            ("thread.hidden_from_delegates", changed()),
            ("thread.shown_to_delegates", changed()),
            ("thread.closed", changed()),
            ("thread.reopened", changed()),
            ("thread.patient_died", changed()),
        ];
        for (event, (kind, expected)) in one_of_each().into_iter().zip(table) {
            assert_eq!(event.kind(), kind);
            assert_eq!(of(&event.into()), expected, "{kind}");
        }
    }

    #[test]
    fn a_message_is_noticed_by_those_to_whom_it_is_addressed() {
        let each = [Addressed::ClinicalTeam, Addressed::Named([id(NURSE)].into()), Addressed::TeamAnd(id(VISITOR))];
        for addressed in each {
            let ConversationEvent::MessagePosted(posted) = posted(VISITOR, 1, 1) else { panic!("a message") };
            let event = ConversationEvent::MessagePosted(MessagePosted { addressed: addressed.clone(), ..posted });
            assert_eq!(of(&event.into()), [(NoticeTopic::Message, Recipients::Readers(addressed))]);
        }
    }

    #[test]
    fn every_event_of_a_lifecycle_is_a_change_of_the_thread() {
        let course = course(ConsultationState::Closed);
        let of_lifecycle: Vec<_> = course.iter().filter(|event| matches!(event, ThreadEvent::Lifecycle(_))).collect();
        assert_eq!(of_lifecycle.len(), 7);
        for event in of_lifecycle {
            assert_eq!(of(event), [(NoticeTopic::Changed, Recipients::Readers(Addressed::Everyone))]);
        }
    }
}
