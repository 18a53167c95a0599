//! What a kind of thread adds to the conversation, and the one list of kinds.
//!
//! To add a kind: 1. its lifecycle in a file under `lifecycle/`, which implements [`Kind`]; 2. one line in
//! the list at the end of this file; 3. follow the compiler to the two other lists of kinds,
//! `read_models/lifecycle.rs` and `graphql/thread.rs`; 4. its policy rows, for which `policy test` asks;
//! 5. bless its golden file and the schema.

pub mod consultation;
pub mod team_thread;

use crate::aggregate::Acting;
use crate::command_name::{Acts, Command, CommandName, Named};
use crate::conversation::{Conversation, ConversationAct, ConversationCommand, Opened, Opening, Party, Turn};
use crate::event_set::{EventSet, event_union};
use crate::thread::{ThreadEvent, ThreadRefusal};
use crate::words::{Audience, Capacity};
use consultation::Consultation;
use team_thread::TeamThread;

/// What a kind adds. Its state begins with `thread.opened`; its first own event, if it has one,
/// follows in the same append.
pub trait Kind: Sized + Clone {
    /// What the command that opens one brings beside the [`Opening`].
    type Open: Named;
    /// The kind's own commands.
    type Command: Command + Acts;
    /// The kind's own events.
    type Event: EventSet;
    /// The kind's own refusals.
    type Refusal: Into<ThreadRefusal>;

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
    ) -> Result<Vec<ThreadEvent>, ThreadRefusal>;

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
    ) -> Result<(), ThreadRefusal>;

    /// What an admitted command to the conversation means for the lifecycle.
    ///
    /// # Errors
    /// Why its data do not fit this kind.
    fn follow(
        &self,
        command: &ConversationCommand,
        conversation: &Conversation,
        acting: &Acting<'_>,
    ) -> Result<Vec<Self::Event>, ThreadRefusal>;

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
        acting: &Acting<'_>,
    ) -> Result<(), ThreadRefusal>;

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
    ) -> Result<Vec<ThreadEvent>, ThreadRefusal>;

    /// The state after an event of the kind.
    #[must_use]
    fn evolve(self, event: &Self::Event) -> Self;

    /// Whose turn it is in this state. When it changes, the thread records it.
    fn turn(&self, conversation: &Conversation) -> Turn;

    /// Whose turn an escalation makes it: the first of these that there is.
    fn last_resorts(&self, conversation: &Conversation) -> Vec<Party>;

    /// The state's word.
    fn state(&self, conversation: &Conversation) -> &'static str;

    /// The audience of a message whose author named none.
    fn default_audience(capacity: Capacity) -> Audience;
}

/// Makes of the list of kinds: `ThreadKind`; `Lifecycle`, `OpenLifecycle`, `LifecycleCommand`,
/// `LifecycleEvent`, `LifecycleRefusal`, each an enum with a variant a kind; the conversions into
/// them; and the dispatch, which refuses a command to a thread of another kind.
macro_rules! lifecycles {
    ($($(#[$meta:meta])* $word:literal => $kind:ident,)+) => {
        crate::words::words! {
            /// The kind of a thread, fixed by the first event of its stream.
            ThreadKind { $($(#[$meta])* $kind = $word,)+ }
        }

        /// A lifecycle of any kind, folded.
        #[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
        pub enum Lifecycle { $($(#[$meta])* $kind($kind)),+ }

        /// What opens a thread, beside its [`Opening`].
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub enum OpenLifecycle { $($(#[$meta])* $kind(<$kind as Kind>::Open)),+ }

        /// A command to the lifecycle of a thread.
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub enum LifecycleCommand { $($(#[$meta])* $kind(<$kind as Kind>::Command)),+ }

        event_union! {
            /// What can have happened to the lifecycle of a thread.
            LifecycleEvent { $($(#[$meta])* $kind(<$kind as Kind>::Event),)+ }
        }

        /// We refuse because of a kind's own rules.
        #[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
        pub enum LifecycleRefusal { $($(#[$meta])* #[error(transparent)] $kind(#[from] <$kind as Kind>::Refusal)),+ }

        $(impl From<<$kind as Kind>::Refusal> for ThreadRefusal {
            fn from(refusal: <$kind as Kind>::Refusal) -> Self { Self::Lifecycle(LifecycleRefusal::$kind(refusal)) }
        }
        impl From<<$kind as Kind>::Event> for ThreadEvent {
            fn from(event: <$kind as Kind>::Event) -> Self { Self::Lifecycle(LifecycleEvent::$kind(event)) }
        }
        impl From<<$kind as Kind>::Command> for crate::thread::ThreadCommand {
            fn from(command: <$kind as Kind>::Command) -> Self { Self::Lifecycle(LifecycleCommand::$kind(command)) }
        })+

        impl ThreadKind {
            /// The names of the commands that only threads of this kind take, the opening first.
            #[must_use]
            pub fn command_names(self) -> Vec<CommandName> {
                match self { $(Self::$kind => {
                    let mut names = vec![<<$kind as Kind>::Open as Named>::NAME];
                    names.extend(<<$kind as Kind>::Command as Command>::names());
                    names
                })+ }
            }

            /// Whether only its participants and the pools that take part know of a thread of this kind.
            #[must_use]
            pub fn is_participants_only(self) -> bool {
                match self { $(Self::$kind => <$kind as Kind>::PARTICIPANTS_ONLY),+ }
            }

            /// The audience of a message in a thread of this kind whose author named none.
            #[must_use]
            pub fn default_audience(self, capacity: Capacity) -> Audience {
                match self { $(Self::$kind => <$kind as Kind>::default_audience(capacity)),+ }
            }
        }

        impl OpenLifecycle {
            /// The kind that it opens.
            #[must_use]
            pub fn kind(&self) -> ThreadKind {
                match self { $(Self::$kind(_) => ThreadKind::$kind),+ }
            }
            /// The name of the command.
            #[must_use]
            pub fn name(&self) -> CommandName {
                match self { $(Self::$kind(_) => <<$kind as Kind>::Open as Named>::NAME),+ }
            }
            pub(crate) fn decide(&self, opening: &Opening, conversation: &Conversation, acting: &Acting<'_>) -> Result<Vec<ThreadEvent>, ThreadRefusal> {
                match self { $(Self::$kind(open) => <$kind as Kind>::open(open, opening, conversation, acting)),+ }
            }
        }

        impl Command for LifecycleCommand {
            fn names() -> Vec<CommandName> {
                ThreadKind::ALL.iter().flat_map(|kind| kind.command_names()).collect()
            }
            fn name(&self) -> CommandName {
                match self { $(Self::$kind(command) => command.name()),+ }
            }
        }

        impl Lifecycle {
            pub(crate) fn opened(opened: &Opened) -> Self {
                match opened.kind { $(ThreadKind::$kind => Self::$kind(<$kind as Kind>::opened(opened))),+ }
            }
            pub(crate) fn admits(&self, act: ConversationAct, conversation: &Conversation, acting: &Acting<'_>) -> Result<(), ThreadRefusal> {
                match self { $(Self::$kind(lifecycle) => lifecycle.admits(act, conversation, acting)),+ }
            }
            pub(crate) fn follow(&self, command: &ConversationCommand, conversation: &Conversation, acting: &Acting<'_>) -> Result<Vec<ThreadEvent>, ThreadRefusal> {
                match self { $(Self::$kind(lifecycle) => {
                    Ok(lifecycle.follow(command, conversation, acting)?.into_iter().map(ThreadEvent::from).collect())
                })+ }
            }
            pub(crate) fn decide(&self, command: &LifecycleCommand, conversation: &Conversation, acting: &Acting<'_>) -> Result<Vec<ThreadEvent>, ThreadRefusal> {
                match command { $(LifecycleCommand::$kind(command) => {
                    let Self::$kind(lifecycle) = self else { return Err(ThreadRefusal::OtherKind) };
                    lifecycle.takes(command.act(), conversation, acting)?;
                    lifecycle.decide(command, conversation, acting)
                })+ }
            }
            /// Whether the command of this name can be given now; none if it is no command of the kind.
            pub(crate) fn takes(&self, name: CommandName, conversation: &Conversation, acting: &Acting<'_>) -> Option<Result<(), ThreadRefusal>> {
                match self { $(Self::$kind(lifecycle) => {
                    <$kind as Kind>::Command::named(name).map(|act| lifecycle.takes(act, conversation, acting))
                })+ }
            }
            /// An event of another kind changes nothing; `decide` never writes one.
            #[must_use]
            pub(crate) fn evolve(self, event: &LifecycleEvent) -> Self {
                match event { $(LifecycleEvent::$kind(event) => match self {
                    Self::$kind(lifecycle) => Self::$kind(lifecycle.evolve(event)),
                    other => other,
                }),+ }
            }
            pub(crate) fn turn(&self, conversation: &Conversation) -> Turn {
                match self { $(Self::$kind(lifecycle) => lifecycle.turn(conversation)),+ }
            }
            pub(crate) fn last_resorts(&self, conversation: &Conversation) -> Vec<Party> {
                match self { $(Self::$kind(lifecycle) => lifecycle.last_resorts(conversation)),+ }
            }
            /// The state's word.
            #[must_use]
            pub fn state(&self, conversation: &Conversation) -> &'static str {
                match self { $(Self::$kind(lifecycle) => lifecycle.state(conversation)),+ }
            }
        }
    };
}

lifecycles! {
    /// A clinician asks a pool of specialists.
    "consultation" => Consultation,
    /// Staff talk with each other.
    "team_thread" => TeamThread,
}
