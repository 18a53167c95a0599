//! Idempotency: a repeated command makes the very same ids, so it is recognised as done.
//!
//! A command's id follows from who sent it, which command it is, what it aims at, the sender's key and a secret of the
//! installation (UUID version 5). Without the secret, who knows a person's id and guesses a key would know the ids of
//! what that person's commands made, of what is kept from them too. The ids of everything the command creates and of
//! the events it appends follow from the command's id. Nothing has to be remembered but the stream itself.
//!
//! These derivations can never change: a changed one would turn every late repeat into a second
//! effect. The test at the end holds known answers.

use uuid::Uuid;

use crate::command_name::CommandName;
use crate::envelope::Actor;
use crate::event::Stream;
use crate::ids::{CommandId, DraftId, EventId, Id, PersonId};

/// The name space of every derived id.
const NAMESPACE: Uuid = Uuid::from_u128(0x6c1b_5d0e_94a7_5f3a_8d21_4c61_7265_666f);

/// The client's idempotency key: 1 to 128 printable ASCII characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdempotencyKey(String);

/// A key that is empty, too long or not printable ASCII.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an idempotency key is 1 to 128 printable ASCII characters")]
pub struct NotAKey;

impl IdempotencyKey {
    /// Longest key, in characters.
    pub const LENGTH_MAX: usize = 128;

    /// Reads a key as it was sent.
    ///
    /// # Errors
    /// [`NotAKey`] when it is empty, longer than [`Self::LENGTH_MAX`] or not printable ASCII.
    pub fn parse(text: &str) -> Result<Self, NotAKey> {
        let printable = text.bytes().all(|byte| (0x21..=0x7e).contains(&byte));
        if text.is_empty() || text.len() > Self::LENGTH_MAX || !printable {
            return Err(NotAKey);
        }
        Ok(Self(text.to_owned()))
    }

    /// Whether it is a key of the seeding of a demonstration, whose ids are the same everywhere.
    #[must_use]
    pub fn is_of_seed(&self) -> bool {
        self.0.starts_with("seed/")
    }

    /// The key as sent.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What the ids of an installation follow from besides what a sender may know. It lasts as long as the log: under another
/// secret, no repeat of an earlier command is recognised.
#[derive(Clone)]
pub struct IdSecret([u8; 32]);

impl IdSecret {
    /// The secret with these bytes, which nobody outside of the installation knows.
    #[must_use]
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

/// Joins parts so that no two lists of parts give the same bytes: each is preceded by its length.
fn joined(parts: &[&[u8]]) -> Vec<u8> {
    let mut name = Vec::new();
    for part in parts {
        name.extend_from_slice(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        name.extend_from_slice(part);
    }
    name
}

fn derive(parts: &[&[u8]]) -> Uuid {
    Uuid::new_v5(&NAMESPACE, &joined(parts))
}

impl DraftId {
    /// The id of the draft that its author's program named by `key` when the form was opened.
    #[must_use]
    pub fn of(author: PersonId, key: &IdempotencyKey) -> Self {
        Self::from_uuid(derive(&[b"draft", author.uuid().as_bytes(), key.0.as_bytes()]))
    }
}

impl CommandId {
    /// The id of the command that `actor` gives by its `name` at `target` under `key`. Without a secret, everybody who
    /// knows these knows the id, as for what a program gives under keys that stand in its code.
    ///
    /// A command that creates something has no target yet.
    #[must_use]
    pub fn of(
        secret: Option<&IdSecret>,
        actor: &Actor,
        name: CommandName,
        target: Option<Uuid>,
        key: &IdempotencyKey,
    ) -> Self {
        let actor = actor.to_string();
        let target = target.map(|uuid| *uuid.as_bytes());
        let target: &[u8] = target.as_ref().map_or(&[], |bytes| bytes.as_slice());
        let (sender, name, key) = (actor.as_bytes(), name.word().as_bytes(), key.0.as_bytes());
        // The secret stands at both ends, so that nothing can be added to a name whose digest is known.
        Self::from_uuid(match secret {
            Some(IdSecret(secret)) => derive(&[b"secret command", secret, sender, name, target, key, secret]),
            None => derive(&[b"command", sender, name, target, key]),
        })
    }

    /// The id of the `index`-th thing of its type that this command creates.
    #[must_use]
    pub fn creates<I: Id>(self, index: u32) -> I {
        I::from_uuid(derive(&[b"created", self.uuid().as_bytes(), I::TYPE.as_bytes(), &index.to_be_bytes()]))
    }

    /// The id of the `index`-th event that this command appends to `stream`.
    #[must_use]
    pub fn event(self, stream: &Stream, index: u32) -> EventId {
        EventId::from_uuid(derive(&[
            b"event",
            self.uuid().as_bytes(),
            stream.to_string().as_bytes(),
            &index.to_be_bytes(),
        ]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command_name::Named;
    use crate::conversation::PostMessage;
    use crate::ids::{MessageId, PersonId, ThreadId};
    use proptest::prelude::*;

    fn key(text: &str) -> IdempotencyKey {
        IdempotencyKey::parse(text).expect("a key")
    }

    #[test]
    fn derivations_give_their_known_answers_for_ever() {
        let actor = Actor::Person(PersonId::from_uuid(Uuid::from_u128(7)));
        let of = |secret| CommandId::of(secret, &actor, PostMessage::NAME, Some(Uuid::from_u128(9)), &key("abc"));
        let command = of(None);
        assert_eq!(command.to_string(), "30d38abd7f7d532a967d234271e1cc90");
        assert_eq!(of(Some(&IdSecret::new([7; 32]))).to_string(), "fb7e910b8bbc5188a28db837eaef849f");
        assert_eq!(command.creates::<MessageId>(0).to_string(), "7fcc84972bd25fdf945fcc064dc89db5");
        let stream = Stream::Thread(ThreadId::from_uuid(Uuid::from_u128(9)));
        let draft = DraftId::of(PersonId::from_uuid(Uuid::from_u128(7)), &key("abc"));
        assert_eq!(draft.to_string(), "823ff11e08ca5be88162366851b2542f");
        assert_eq!(command.event(&stream, 0).to_string(), "57913296b1155b32b61271d02f881ee0");
    }

    #[test]
    fn parts_cannot_run_into_each_other() {
        let actor = Actor::Person(PersonId::from_uuid(Uuid::from_u128(7)));
        let one = CommandId::of(None, &actor, CommandName::declared("ab"), None, &key("c"));
        let other = CommandId::of(None, &actor, CommandName::declared("a"), None, &key("bc"));
        assert_ne!(one, other);
    }

    proptest! {
        #[test]
        fn other_keys_and_targets_are_other_commands(a: u128, b: u128) {
            prop_assume!(a != b);
            let actor = Actor::Person(PersonId::from_uuid(Uuid::from_u128(1)));
            let of = |target| CommandId::of(None, &actor, PostMessage::NAME, Some(Uuid::from_u128(target)), &key("k"));
            prop_assert_ne!(of(a), of(b));
        }
    }
}
