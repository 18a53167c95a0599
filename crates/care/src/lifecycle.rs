//! The one list of the kinds of threads, and what a thread's kind decides.
//!
//! To add a kind:
//! 1. its lifecycle in a file under `lifecycle/`, which implements [`Kind`]: the command that opens it and its own commands,
//!    its events, its refusals, the words of its states. The names of its commands, events and field tags begin with the
//!    word of the kind: by it the policy finds the kind of a command, and an event its golden file;
//! 2. one line in the list at the end of this file, with a sentence that the API shows too;
//! 3. in its scenarios, where the compiler asks: a sample of each event (`golden.rs`), and its table, which the walker of
//!    `closed_table.rs` compares with the code; the arms of its refusals in `thread/table_walk.rs`; a test that names each
//!    refusal. Bless its golden file (`CAREFOLD_BLESS=1 cargo test -p care`);
//! 4. its rows, cases and table in the policy: `policies/README.md` has the steps;
//! 5. its read model: `read_models/lifecycle.rs` in `coordination` has the steps. There the rules in plain words ask too
//!    who reads it (`authorization/by_the_rules/rules.rs`), and a thread of it stands in their clinic (`clinic.rs` beside);
//! 6. its type and its mutations: `graphql/thread.rs` in `server` has the steps. Bless the schema
//!    (`CAREFOLD_BLESS=1 cargo test -p server --lib`) before the pages: they are compiled against the schema that was
//!    blessed;
//! 7. its pages: `pages/view.rs` in `server` has the steps.
//!
//! Inbox, worklists, timers, activity, notices and the authorization need no line for it: they follow the events of the
//! conversation. Whose turn it is, [`Kind::turn`] says, and the thread records it; an event of its own is noticed as a
//! change of the thread. Two rules are of the consultation alone: who asks in one has the standing `requester` to the
//! patient while it is open (`authorization/involvement.rs`), and reads the directives that they wrote down
//! (`reader/directives.rs`). The demo clinic has threads of a kind once its steps are in `crates/carefold/src/seed`.

pub mod consultation;
pub mod team_thread;

use crate::aggregate::Acting;
use crate::command_name::{Acts, Command, CommandName, Named};
use crate::conversation::{Conversation, ConversationAct, ConversationCommand, Opened, Opening, Party, Turn};
use crate::event_set::event_union;
use crate::kind::Kind;
use crate::thread::{ThreadEvent, ThreadRefusal};
use consultation::Consultation;
use team_thread::TeamThread;

/// Makes of the list of kinds: `ThreadKind`; `Lifecycle`, `OpenLifecycle`, `LifecycleCommand`,
/// `LifecycleEvent`, `LifecycleRefusal`, each an enum with a variant a kind; the conversions into
/// them; and the dispatch, which refuses a command to a thread of another kind.
macro_rules! lifecycles {
    ($(#[doc = $doc:literal] $word:literal => $kind:ident,)+) => {
        crate::words::words! {
            /// The kind of a thread, fixed by the first event of its stream.
            ThreadKind { $(#[doc = $doc] $kind = $word,)+ }
        }

        /// A lifecycle of any kind, folded.
        #[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
        pub enum Lifecycle { $(#[doc = $doc] $kind($kind)),+ }

        /// What opens a thread, beside its [`Opening`].
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub enum OpenLifecycle { $(#[doc = $doc] $kind(<$kind as Kind>::Open)),+ }

        /// A command to the lifecycle of a thread.
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub enum LifecycleCommand { $(#[doc = $doc] $kind(<$kind as Kind>::Command)),+ }

        event_union! {
            /// What can have happened to the lifecycle of a thread.
            LifecycleEvent { $(#[doc = $doc] $kind(<$kind as Kind>::Event),)+ }
        }

        /// We refuse because of a kind's own rules.
        #[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
        pub enum LifecycleRefusal { $(#[doc = $doc] #[error(transparent)] $kind(#[from] <$kind as Kind>::Refusal)),+ }

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
            /// The kind in a sentence, as its line in the list says it.
            #[must_use]
            pub fn description(self) -> &'static str {
                match self { $(Self::$kind => $doc.trim_ascii()),+ }
            }

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
        }

        /// Whether a command of a kind always has a text.
        pub(crate) fn needs_text(name: CommandName) -> bool {
            $(if let Some(act) = <$kind as Kind>::Command::named(name) {
                return <$kind as Kind>::needs_text(act);
            })+
            false
        }

        /// A sample of each event of each kind.
        #[cfg(test)]
        pub(crate) fn samples() -> Vec<crate::golden::Sample<LifecycleEvent>> {
            use crate::golden::{Sample, Sampled};
            let mut samples = Vec::new();
            $(for Sample { event, tags, words } in <$kind as Sampled>::samples() {
                samples.push(Sample { event: LifecycleEvent::$kind(event), tags, words });
            })+
            samples
        }

        /// The names of the commands and the events of each kind.
        #[cfg(test)]
        fn names() -> Vec<(ThreadKind, Vec<&'static str>)> {
            use crate::event_set::EventSet;
            vec![$((ThreadKind::$kind, {
                let commands = ThreadKind::$kind.command_names().into_iter().map(CommandName::word);
                let events = <<$kind as Kind>::Event as EventSet>::kinds().into_iter().map(|(event, _)| event);
                commands.chain(events).collect()
            })),+]
        }

        /// Everything in which a kind and its table differ.
        #[cfg(test)]
        fn complaints() -> Vec<String> {
            [$(crate::closed_table::complaints::<$kind>()),+].concat()
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
                match self { $(Self::$kind(open) => {
                    Ok(<$kind as Kind>::open(open, opening, conversation, acting)?.into_iter().map(ThreadEvent::from).collect())
                })+ }
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
                match self { $(Self::$kind(lifecycle) => Ok(lifecycle.admits(act, conversation, acting)?)),+ }
            }
            pub(crate) fn follow(&self, command: &ConversationCommand, conversation: &Conversation, acting: &Acting<'_>) -> Result<Vec<ThreadEvent>, ThreadRefusal> {
                match self { $(Self::$kind(lifecycle) => {
                    Ok(lifecycle.follow(command, conversation, acting)?.into_iter().map(ThreadEvent::from).collect())
                })+ }
            }
            pub(crate) fn decide(&self, command: &LifecycleCommand, conversation: &Conversation, acting: &Acting<'_>) -> Result<Vec<ThreadEvent>, ThreadRefusal> {
                match command { $(LifecycleCommand::$kind(command) => {
                    let Self::$kind(lifecycle) = self else { return Err(ThreadRefusal::OtherKind) };
                    lifecycle.takes(command.act(), conversation)?;
                    Ok(lifecycle.decide(command, conversation, acting)?.into_iter().map(ThreadEvent::from).collect())
                })+ }
            }
            /// Whether the command of this name can be given now; none if it is no command of the kind.
            pub(crate) fn takes(&self, name: CommandName, conversation: &Conversation) -> Option<Result<(), ThreadRefusal>> {
                match self { $(Self::$kind(lifecycle) => {
                    <$kind as Kind>::Command::named(name).map(|act| Ok(lifecycle.takes(act, conversation)?))
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
    /// A question to a pool of specialists.
    "consultation" => Consultation,
    /// A conversation of staff.
    "team_thread" => TeamThread,
}

#[test]
fn every_state_and_step_of_every_kind_is_as_its_table_says() {
    assert_eq!(complaints(), Vec::<String>::new());
}

#[test]
fn the_commands_and_events_of_a_kind_begin_with_its_word() {
    for (kind, names) in names() {
        for name in names {
            let thing = name.split_once('.').map(|(thing, _)| thing);
            assert_eq!(
                thing,
                Some(kind.word()),
                "{name}: by it the policy finds the kind, and the events their golden file"
            );
        }
    }
}
