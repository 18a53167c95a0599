//! A thread: one conversation around one patient, of a kind that its first event fixes.
//!
//! The thread is the aggregate; the lifecycles are its variants, and each embeds the
//! conversation. To add a kind: 1. write its lifecycle beside `consultation.rs`; 2. add it to
//! [`Thread`], [`ThreadCommand`] and [`ThreadEvent`]; 3. add its word to `ThreadKind` and its
//! rules to the policy; 4. follow the compiler through views and schema.

use crate::consultation::{Consultation, ConsultationCommand, ConsultationEvent, ConsultationRefusal};
use crate::conversation::{ConversationCommand, ConversationEvent, ConversationRefusal};
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
            (Self::Unopened, _) => Err(ThreadRefusal::Missing),
            (Self::Consultation(consultation), ThreadCommand::Conversation(command)) => {
                consultation.decide_conversation(command, acting)
            }
            (Self::Consultation(consultation), ThreadCommand::Consultation(command)) => {
                consultation.decide(command, acting)
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
