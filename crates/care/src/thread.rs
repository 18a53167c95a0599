//! A thread: the conversation that every thread has, and the lifecycle that its kind adds.
//!
//! Every open thread waits for exactly one party. That is not left to the kinds: `decide` asks the
//! lifecycle whose turn it is before and after, and records the difference.
//!
//! Readers that are neutral to the kind write `ThreadEvent::Lifecycle(_) => {}` once and need no
//! edit when a kind is added. No other `(_)` stands for several variants.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::aggregate::{Acting, Aggregate};
use crate::command_name::{Acts, Command, CommandName, Named as _};
use crate::conversation::{
    Closed, Conversation, ConversationAct, ConversationCommand, ConversationEvent, ConversationRefusal, Opening,
    PostMessage, Turn, TurnPassed,
};
use crate::event_set::event_union;
use crate::ids::{CommandId, Id, ThreadId};
use crate::kind::{KindEvent, Refused};
use crate::lifecycle::{Lifecycle, LifecycleCommand, LifecycleEvent, LifecycleRefusal, OpenLifecycle, ThreadKind};
use crate::words::Audience;

/// What can be asked of a thread.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ThreadCommand {
    /// To open it: what all threads share, and what the kind adds.
    Open(Box<Opening>, Box<OpenLifecycle>),
    /// Of its conversation, whatever its kind.
    Conversation(ConversationCommand),
    /// Of its lifecycle.
    Lifecycle(LifecycleCommand),
    /// To post a message and to take a step, as one act: to reply and finish. Both happen or neither, in one append.
    Reply(Box<Reply>),
}

/// A message that is posted together with a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// The message.
    pub message: PostMessage,
    /// The step, which happens after it.
    pub step: ThreadCommand,
}

impl ThreadCommand {
    /// The same command, with a message that is posted before it if there is one.
    #[must_use]
    pub fn with_message(self, message: Option<PostMessage>) -> Self {
        match message {
            Some(message) => Self::Reply(Box::new(Reply { message, step: self })),
            None => self,
        }
    }
}

impl Command for ThreadCommand {
    fn names() -> Vec<CommandName> {
        [ConversationCommand::names(), LifecycleCommand::names()].concat()
    }

    fn name(&self) -> CommandName {
        match self {
            Self::Open(_, lifecycle) => lifecycle.name(),
            Self::Conversation(command) => command.name(),
            Self::Lifecycle(command) => command.name(),
            // The policy is asked about the step, and about the message by `also_posts`.
            Self::Reply(reply) => reply.step.name(),
        }
    }

    fn audience(&self) -> Option<Audience> {
        match self {
            Self::Conversation(command) => command.audience(),
            Self::Reply(reply) => reply.step.audience(),
            Self::Open(..) | Self::Lifecycle(_) => None,
        }
    }

    fn also_posts(&self) -> Option<Audience> {
        match self {
            Self::Reply(reply) => Some(reply.message.addressed.audience()),
            Self::Open(..) | Self::Conversation(_) | Self::Lifecycle(_) => None,
        }
    }

    fn keyed_as(&self) -> CommandName {
        match self {
            Self::Reply(_) => PostMessage::NAME,
            Self::Open(..) | Self::Conversation(_) | Self::Lifecycle(_) => self.name(),
        }
    }

    fn also_keyed_as(&self) -> Option<CommandName> {
        match self {
            Self::Reply(reply) => Some(reply.step.name()),
            // A message can be posted beside each step.
            Self::Conversation(_) | Self::Lifecycle(_) => Some(PostMessage::NAME),
            Self::Open(..) => None,
        }
    }

    fn opens(&self) -> Option<(ThreadKind, &Opening)> {
        match self {
            Self::Open(opening, lifecycle) => Some((lifecycle.kind(), opening)),
            // A reply needs a thread that exists.
            Self::Conversation(_) | Self::Lifecycle(_) | Self::Reply(_) => None,
        }
    }

    fn is_recorded_without_effect(&self) -> bool {
        // Receipts only go forward, and clients send many that change nothing.
        !matches!(self, Self::Conversation(ConversationCommand::MarkRead(_)))
    }
}

impl From<ConversationCommand> for ThreadCommand {
    fn from(command: ConversationCommand) -> Self {
        Self::Conversation(command)
    }
}

event_union! {
    /// What can have happened in a thread.
    ThreadEvent {
        /// In its conversation.
        Conversation(ConversationEvent),
        /// To its lifecycle.
        Lifecycle(LifecycleEvent),
    }
}

impl<E: Into<LifecycleEvent>> From<KindEvent<E>> for ThreadEvent {
    fn from(event: KindEvent<E>) -> Self {
        match event {
            KindEvent::Conversation(event) => Self::Conversation(event),
            KindEvent::Own(event) => Self::Lifecycle(event.into()),
        }
    }
}

impl ThreadEvent {
    /// Whether the event is a transition: a command that relied on the state before it is refused.
    /// Messages, read receipts and participants are no transitions.
    #[must_use]
    pub fn is_transition(&self) -> bool {
        match self {
            Self::Conversation(event) => event.is_transition(),
            Self::Lifecycle(_) => true,
        }
    }

    fn can_change_turn(&self) -> bool {
        match self {
            Self::Conversation(event) => event.can_change_turn(),
            Self::Lifecycle(_) => true,
        }
    }
}

/// We refuse because …
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ThreadRefusal {
    /// … there is no such thread.
    #[error("there is no such thread")]
    Missing,
    /// … it exists already.
    #[error("the thread exists already")]
    Exists,
    /// … it is of another kind.
    #[error("the thread is of another kind")]
    OtherKind,
    /// … of the conversation's rules.
    #[error(transparent)]
    Conversation(#[from] ConversationRefusal),
    /// … of the conversation's rules about the message that goes with the step.
    #[error(transparent)]
    Message(ConversationRefusal),
    /// … of the kind's own rules.
    #[error(transparent)]
    Lifecycle(LifecycleRefusal),
}

impl<R: Into<LifecycleRefusal>> From<Refused<R>> for ThreadRefusal {
    fn from(refusal: Refused<R>) -> Self {
        match refusal {
            Refused::Conversation(refusal) => Self::Conversation(refusal),
            Refused::Own(refusal) => Self::Lifecycle(refusal.into()),
        }
    }
}

/// A thread, folded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(clippy::large_enum_variant, reason = "a thread is unopened only for the moment before its first event")]
pub enum Thread {
    /// Nothing happened yet.
    Unopened,
    /// It exists.
    Opened {
        /// What every thread has.
        conversation: Conversation,
        /// What its kind adds.
        lifecycle: Lifecycle,
    },
}

impl Aggregate for Thread {
    type Command = ThreadCommand;
    type Event = ThreadEvent;
    type Refusal = ThreadRefusal;

    fn initial() -> Self {
        Self::Unopened
    }

    fn decide(&self, command: &ThreadCommand, acting: &Acting<'_>) -> Result<Vec<ThreadEvent>, ThreadRefusal> {
        let events = match (self, command) {
            (Self::Unopened, ThreadCommand::Open(opening, lifecycle)) => {
                let opened = Conversation::open(lifecycle.kind(), opening, acting)?;
                let conversation = Conversation::opened(&opened);
                let mut events = vec![ThreadEvent::Conversation(ConversationEvent::Opened(opened))];
                events.extend(lifecycle.decide(opening, &conversation, acting)?);
                events
            }
            (
                Self::Unopened,
                ThreadCommand::Conversation(_) | ThreadCommand::Lifecycle(_) | ThreadCommand::Reply(_),
            ) => {
                return Err(ThreadRefusal::Missing);
            }
            (Self::Opened { .. }, ThreadCommand::Open(..)) => return Err(ThreadRefusal::Exists),
            (Self::Opened { conversation, lifecycle }, ThreadCommand::Conversation(command)) => {
                if !conversation.overrules(command.act()) {
                    lifecycle.admits(command.act(), conversation, acting)?;
                    conversation.takes(command.act())?;
                }
                let follows = lifecycle.follow(command, conversation, acting)?;
                let resorts = lifecycle.last_resorts(conversation);
                let mut events = of_conversation(conversation.decide(command, &resorts, acting)?);
                // What a command without effect would mean for the lifecycle has no effect either.
                if !events.is_empty() {
                    events.extend(follows);
                }
                events
            }
            (Self::Opened { conversation, lifecycle }, ThreadCommand::Lifecycle(command)) => {
                lifecycle.decide(command, conversation, acting)?
            }
            (Self::Opened { .. }, ThreadCommand::Reply(reply)) => {
                let Reply { message, step } = reply.as_ref();
                let post = ThreadCommand::Conversation(message.clone().into());
                let mut events = self.decide(&post, acting).map_err(|refusal| match refusal {
                    ThreadRefusal::Conversation(refusal) => ThreadRefusal::Message(refusal),
                    ThreadRefusal::Missing
                    | ThreadRefusal::Exists
                    | ThreadRefusal::OtherKind
                    | ThreadRefusal::Message(_)
                    | ThreadRefusal::Lifecycle(_) => refusal,
                })?;
                let after = events.iter().fold(self.clone(), Self::evolve);
                events.extend(after.decide(step, acting)?);
                // Both say whose turn it is after them.
                return Ok(events);
            }
        };
        Ok(self.with_turn(events, acting))
    }

    fn evolve(self, event: &ThreadEvent) -> Self {
        match (self, event) {
            (Self::Unopened, ThreadEvent::Conversation(ConversationEvent::Opened(opened))) => {
                Self::Opened { conversation: Conversation::opened(opened), lifecycle: Lifecycle::opened(opened) }
            }
            // The first event of a stream is `thread.opened`; `decide` sees to it.
            (Self::Unopened, ThreadEvent::Conversation(_) | ThreadEvent::Lifecycle(_)) => Self::Unopened,
            (Self::Opened { conversation, lifecycle }, ThreadEvent::Conversation(event)) => {
                Self::Opened { conversation: conversation.evolve(event), lifecycle }
            }
            (Self::Opened { conversation, lifecycle }, ThreadEvent::Lifecycle(event)) => {
                Self::Opened { conversation, lifecycle: lifecycle.evolve(event) }
            }
        }
    }

    fn created_by(command: &ThreadCommand, id: CommandId) -> Option<Uuid> {
        command.opens().map(|_| id.creates::<ThreadId>(0).uuid())
    }

    fn is_transition(event: &ThreadEvent) -> bool {
        event.is_transition()
    }
}

impl Thread {
    /// Whether the state admits the command of this name from the acting person now, whatever its data.
    /// What the policy says is asked apart.
    ///
    /// # Errors
    /// Why it does not.
    pub fn takes(&self, name: CommandName, acting: &Acting<'_>) -> Result<(), ThreadRefusal> {
        let Self::Opened { conversation, lifecycle } = self else { return Err(ThreadRefusal::Missing) };
        if let Some(act) = ConversationCommand::named(name) {
            if !conversation.overrules(act) {
                lifecycle.admits(act, conversation, acting)?;
            }
            return Ok(conversation.takes_from(act, acting)?);
        }
        lifecycle.takes(name, conversation).unwrap_or(Err(ThreadRefusal::OtherKind))
    }

    /// Whether a command of this name always has a text, so that it cannot be given once the thread's texts were erased.
    #[must_use]
    pub fn needs_text(name: CommandName) -> bool {
        ConversationCommand::named(name).map_or_else(|| crate::lifecycle::needs_text(name), ConversationAct::needs_text)
    }

    /// Whose turn it is by the lifecycle's rules.
    fn turn(&self) -> Option<Turn> {
        match self {
            Self::Unopened => None,
            Self::Opened { conversation, lifecycle } => Some(lifecycle.turn(conversation)),
        }
    }

    /// The events, and whom the thread waits for after them if they change it. An escalation stays
    /// in force until the lifecycle itself names another turn than before.
    fn with_turn(&self, mut events: Vec<ThreadEvent>, acting: &Acting<'_>) -> Vec<ThreadEvent> {
        if !events.iter().any(ThreadEvent::can_change_turn) {
            return events;
        }
        let after = events.iter().fold(self.clone(), Self::evolve);
        let Self::Opened { conversation, lifecycle } = &after else { return events };
        let turn = lifecycle.turn(conversation);
        if self.turn() != Some(turn) && conversation.turn() != Some(turn) {
            let by = acting.by;
            events.push(ThreadEvent::Conversation(match turn {
                Turn::Of(to) => ConversationEvent::TurnPassed(TurnPassed { by, to, note: None, promised: None }),
                Turn::Over => ConversationEvent::Closed(Closed { by, at: acting.now, outcome: None }),
            }));
        }
        events
    }
}

fn of_conversation(events: Vec<ConversationEvent>) -> Vec<ThreadEvent> {
    events.into_iter().map(ThreadEvent::Conversation).collect()
}

#[cfg(test)]
mod scenarios;
#[cfg(test)]
pub(crate) mod table_walk;
