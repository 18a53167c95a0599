//! What a kind of thread is: what it adds to the conversation that every thread has.
//!
//! A kind names the conversation and itself, and no thread: the list of kinds lies above it, in `lifecycle.rs`.

use crate::aggregate::Acting;
use crate::command_name::{Acts, Command, Named};
use crate::conversation::{
    Conversation, ConversationAct, ConversationCommand, ConversationEvent, ConversationRefusal, Opened, Opening, Party,
    Turn,
};
use crate::event_set::EventSet;

/// A kind's own events or refusals, as opposed to those of the conversation.
pub trait Own {}

/// What happens in a thread by the rules of its kind.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::large_enum_variant, reason = "how large a kind's own event is, is not known here")]
pub enum KindEvent<E> {
    /// In its conversation.
    Conversation(ConversationEvent),
    /// What only the kind has.
    Own(E),
}

/// We refuse, by the rules of a kind, because …
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refused<R> {
    /// … of the conversation's rules.
    Conversation(ConversationRefusal),
    /// … of the kind's own rules.
    Own(R),
}

impl<E> From<ConversationEvent> for KindEvent<E> {
    fn from(event: ConversationEvent) -> Self {
        Self::Conversation(event)
    }
}

impl<E: Own> From<E> for KindEvent<E> {
    fn from(event: E) -> Self {
        Self::Own(event)
    }
}

impl<R> From<ConversationRefusal> for Refused<R> {
    fn from(refusal: ConversationRefusal) -> Self {
        Self::Conversation(refusal)
    }
}

impl<R: Own> From<R> for Refused<R> {
    fn from(refusal: R) -> Self {
        Self::Own(refusal)
    }
}

/// What a kind adds. Its state begins with `thread.opened`; its first own event, if it has one,
/// follows in the same append.
pub trait Kind: Sized + Clone {
    /// What the command that opens one brings beside the [`Opening`].
    type Open: Named;
    /// The kind's own commands.
    type Command: Command + Acts;
    /// The kind's own events.
    type Event: EventSet + Own;
    /// The kind's own refusals.
    type Refusal: Own;

    /// Whether only its participants and the pools that take part know of a thread of this kind: the
    /// patient, the care team and the organizations have no place in it, and no list of theirs reads it.
    const PARTICIPANTS_ONLY: bool;

    /// What happens at the opening after `thread.opened`.
    ///
    /// # Errors
    /// Why it is not opened.
    fn open(
        open: &Self::Open,
        opening: &Opening,
        conversation: &Conversation,
        acting: &Acting<'_>,
    ) -> Result<Vec<KindEvent<Self::Event>>, Refused<Self::Refusal>>;

    /// The state when the thread is opened and none of its own events has happened.
    fn opened(opened: &Opened) -> Self;

    /// Whether a command to the conversation fits this kind now, whatever its data.
    ///
    /// # Errors
    /// Why it does not.
    fn admits(
        &self,
        act: ConversationAct,
        conversation: &Conversation,
        acting: &Acting<'_>,
    ) -> Result<(), Refused<Self::Refusal>>;

    /// What an admitted command to the conversation means for the lifecycle.
    ///
    /// # Errors
    /// Why its data do not fit this kind.
    fn follow(
        &self,
        command: &ConversationCommand,
        conversation: &Conversation,
        acting: &Acting<'_>,
    ) -> Result<Vec<Self::Event>, Refused<Self::Refusal>>;

    /// Whether a command of the kind can be given now, whatever its data. It is asked before
    /// [`Kind::decide`], and to show which commands can be given. It is written as a table of act
    /// and state, so that the compiler asks about a new act or state.
    ///
    /// # Errors
    /// Why it cannot.
    fn takes(
        &self,
        act: <Self::Command as Acts>::Act,
        conversation: &Conversation,
    ) -> Result<(), Refused<Self::Refusal>>;

    /// Whether a command of the kind always has a text, so that it cannot be given once the thread's texts were erased.
    fn needs_text(act: <Self::Command as Acts>::Act) -> bool;

    /// What happens in the thread when a command of the kind is given. Neither `thread.waiting_on`
    /// nor `thread.closed`: they follow from [`Kind::turn`].
    ///
    /// # Errors
    /// Why nothing happens.
    fn decide(
        &self,
        command: &Self::Command,
        conversation: &Conversation,
        acting: &Acting<'_>,
    ) -> Result<Vec<KindEvent<Self::Event>>, Refused<Self::Refusal>>;

    /// The state after an event of the kind.
    #[must_use]
    fn evolve(self, event: &Self::Event) -> Self;

    /// Whose turn it is in this state. When it changes, the thread records it.
    fn turn(&self, conversation: &Conversation) -> Turn;

    /// Whose turn an escalation makes it: the first of these that there is.
    fn last_resorts(&self, conversation: &Conversation) -> Vec<Party>;

    /// The state's word.
    fn state(&self, conversation: &Conversation) -> &'static str;
}
