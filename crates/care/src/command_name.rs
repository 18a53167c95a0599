//! The name of a command: the policy's action, a part of the command's id, and what an open thread
//! waits for.
//!
//! To add a command: 1. its struct in the file of its concept; 2. its line, with its name, in the
//! list of that file, which [`commands!`] reads; 3. follow the compiler to `decide`; 4. its policy
//! rows. Names are stored in events and never change once released.

use std::sync::LazyLock;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::ids::{DraftId, OrganizationId, PatientId};
use crate::lifecycle::ThreadKind;
use crate::party::{FormSubject, Opening};
use crate::words::{Audience, UnknownWord};

/// The name of a command that exists, as `concept.verb`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CommandName(&'static str);

/// Every name, sorted.
static ALL: LazyLock<Vec<CommandName>> = LazyLock::new(|| {
    let mut names = crate::event::command_names();
    names.sort_unstable();
    names
});

impl CommandName {
    /// A name as it is declared. Only declarations of commands make one, and tests of the policy.
    #[must_use]
    pub const fn declared(word: &'static str) -> Self {
        Self(word)
    }

    /// The word, as stored and as written in policy files.
    #[must_use]
    pub const fn word(self) -> &'static str {
        self.0
    }

    /// The names of all commands, sorted.
    #[must_use]
    pub fn all() -> &'static [Self] {
        &ALL
    }

    /// The name that a word spells.
    ///
    /// # Errors
    /// [`UnknownWord`] when no command has that name.
    pub fn parse(word: &str) -> Result<Self, UnknownWord> {
        Self::all().iter().copied().find(|name| name.0 == word).ok_or(UnknownWord { vocabulary: "CommandName" })
    }

    /// Its position among [`Self::all`], for bit sets in memory. It is never stored.
    #[must_use]
    pub fn index(self) -> usize {
        Self::all().binary_search(&self).unwrap_or(usize::MAX)
    }
}

impl Serialize for CommandName {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0)
    }
}

impl<'de> Deserialize<'de> for CommandName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let word = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        Self::parse(&word).map_err(serde::de::Error::custom)
    }
}

/// A command, as the policy sees it.
pub trait Command: Send + Sync {
    /// The names of all commands of the set.
    fn names() -> Vec<CommandName>;

    /// Its own name.
    fn name(&self) -> CommandName;

    /// The audience that it is addressed to; none if it posts no message.
    fn audience(&self) -> Option<Audience> {
        None
    }

    /// The audience of a message that it posts beside what it does; none if it posts none. Posting it needs a permit of
    /// its own.
    fn also_posts(&self) -> Option<Audience> {
        None
    }

    /// The name by which its sender's key makes its id. What posts a message has the id of the post, alone or beside a
    /// step: so a form that is sent again with another step posts nothing again.
    fn keyed_as(&self) -> CommandName {
        self.name()
    }

    /// The name by which the same form has a key where its message was left out, or written.
    fn also_keyed_as(&self) -> Option<CommandName> {
        None
    }

    /// The kind and the opening of the thread that it opens; none if it opens none.
    fn opens(&self) -> Option<(ThreadKind, &Opening)> {
        None
    }

    /// Whether it is recorded also where it has no effect, so that a repeat is one for ever. Not where a
    /// later repeat can have no effect either.
    fn is_recorded_without_effect(&self) -> bool {
        true
    }

    /// The organization whose staff may give it, where that is not the thing it is aimed at.
    fn at_organization(&self) -> Option<OrganizationId> {
        None
    }

    /// The patient about whom it begins something that has a stream of its own.
    fn at_patient(&self) -> Option<PatientId> {
        None
    }

    /// What else its sender must be able to reach: a thread in which it puts something, in which they must be able to write to
    /// the clinical team, or a patient whom they must know of.
    fn also_reaches(&self) -> Option<FormSubject> {
        None
    }

    /// The draft that it is given to, under whose key its text is sealed; none if it is given to no draft.
    fn draft(&self) -> Option<DraftId> {
        None
    }

    /// The command and the subject of the form whose text it saves; none if it saves none.
    fn form(&self) -> Option<(CommandName, FormSubject)> {
        None
    }
}

/// Commands that can be asked about before they are given.
pub trait Acts {
    /// The commands without their data.
    type Act: Copy;

    /// Which command it is.
    fn act(&self) -> Self::Act;

    /// The command of a name; none if it is another set's.
    fn named(name: CommandName) -> Option<Self::Act>;
}

/// One command, by the type of its data.
pub trait Named {
    /// Its name.
    const NAME: CommandName;
}

/// Declares the commands of a concept: each is an enum variant that holds the struct of the same
/// name, with the command's name beside it. It makes the enum, the enum of acts (the same commands
/// without data), and implements [`Command::names`] and [`Command::name`], [`Acts`], [`Named`].
macro_rules! commands {
    ($(#[$meta:meta])* $name:ident, $act:ident { $($word:literal => $variant:ident,)* } $(where $($rest:tt)*)?) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub enum $name { $(#[doc = concat!("`", $word, "`")] $variant($variant)),* }

        /// The same commands without their data: what can be asked about before it is given.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum $act { $(#[doc = concat!("`", $word, "`")] $variant),* }

        $(impl $crate::command_name::Named for $variant {
            const NAME: $crate::command_name::CommandName = $crate::command_name::CommandName::declared($word);
        })*

        $(impl From<$variant> for $name {
            fn from(command: $variant) -> Self { Self::$variant(command) }
        })*

        impl $crate::command_name::Acts for $name {
            type Act = $act;
            fn act(&self) -> $act {
                match *self { $(Self::$variant(_) => $act::$variant),* }
            }
            fn named(name: $crate::command_name::CommandName) -> Option<$act> {
                match name.word() { $($word => Some($act::$variant),)* _ => None }
            }
        }

        impl $crate::command_name::Command for $name {
            fn names() -> Vec<$crate::command_name::CommandName> {
                vec![$(<$variant as $crate::command_name::Named>::NAME),*]
            }
            fn name(&self) -> $crate::command_name::CommandName {
                match *self { $(Self::$variant(_) => <$variant as $crate::command_name::Named>::NAME),* }
            }
            $($($rest)*)?
        }
    };
}
pub(crate) use commands;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_declared_once_and_reads_back() {
        for (index, name) in CommandName::all().iter().enumerate() {
            assert_eq!(CommandName::parse(name.word()), Ok(*name));
            assert_eq!(name.index(), index, "{} is declared twice", name.word());
            assert_eq!(serde_json::from_str::<CommandName>(&serde_json::to_string(name).unwrap()).unwrap(), *name);
        }
        assert!(CommandName::parse("thread.teleport").is_err());
    }
}
