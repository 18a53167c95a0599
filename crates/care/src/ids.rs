//! Ids: 128 bits without time or order in them, all derived, never drawn.
//!
//! A command's id follows from who sent it, which mutation it is, what it aims at and the
//! sender's idempotency key (UUID version 5). The ids of everything the command creates and of
//! the events it appends follow from the command's id. So a repeated command makes the very same
//! ids, and a repeat is recognised without remembering anything but the stream itself.
//!
//! These derivations can never change: a changed one would turn every late repeat into a second
//! effect. The test at the end holds known answers.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use uuid::Uuid;

use crate::envelope::Actor;
use crate::stream::Stream;

/// The name space of every derived id.
const NAMESPACE: Uuid = Uuid::from_u128(0x6c1b_5d0e_94a7_5f3a_8d21_4c61_7265_666f);

/// Text that is not an id: ids are written as 32 lower-case hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an id of 32 lower-case hexadecimal digits")]
pub struct NotAnId;

fn parse_hex(text: &str) -> Result<Uuid, NotAnId> {
    let lower = text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    if text.len() != 32 || !lower {
        return Err(NotAnId);
    }
    Uuid::try_parse(text).map_err(|_| NotAnId)
}

/// An id of a thing that a command can create.
pub trait Id: Copy + Eq + Ord + fmt::Debug + fmt::Display {
    /// The name of the type inside derivations; never changes.
    const TYPE: &'static str;

    /// Wraps 128 bits as an id of this type.
    fn from_uuid(uuid: Uuid) -> Self;

    /// The 128 bits.
    fn uuid(self) -> Uuid;
}

macro_rules! ids {
    ($($(#[$meta:meta])* $name:ident $tag:literal;)+) => {$(
        $(#[$meta])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Uuid);

        impl $name {
            /// The id that a text of 32 lower-case hexadecimal digits writes.
            ///
            /// # Errors
            /// [`NotAnId`] for any other text.
            pub fn parse(text: &str) -> Result<Self, NotAnId> {
                parse_hex(text).map(Self)
            }
        }

        impl Id for $name {
            const TYPE: &'static str = $tag;
            fn from_uuid(uuid: Uuid) -> Self { Self(uuid) }
            fn uuid(self) -> Uuid { self.0 }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}", self.0.simple())
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}-{}", $tag, self.0.simple())
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                let mut buffer = Uuid::encode_buffer();
                serializer.serialize_str(self.0.simple().encode_lower(&mut buffer))
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
                Self::parse(&text).map_err(serde::de::Error::custom)
            }
        }
    )+};
}

ids! {
    /// A person who can sign in: clinician, social worker, patient, family.
    PersonId "person";
    /// A patient, as the subject of care. A person who is a patient has two ids.
    PatientId "patient";
    /// An organization: a party within the installation.
    OrganizationId "organization";
    /// A pool of an organization: a group that can own a thread.
    PoolId "pool";
    /// A thread, whatever its kind.
    ThreadId "thread";
    /// A message within a thread.
    MessageId "message";
    /// A recommendation within a consultation's advice.
    RecommendationId "recommendation";
    /// One command, and every repeat of it.
    CommandId "command";
    /// One event.
    EventId "event";
    /// A sign-in: the token's own id.
    SessionId "session";
}

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

    /// Reads a key at the door.
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

    /// The key as sent.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
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

impl CommandId {
    /// The id of the command that `actor` sends as `mutation` at `target` under `key`.
    ///
    /// A command that creates something has no target yet.
    #[must_use]
    pub fn of(actor: &Actor, mutation: &str, target: Option<Uuid>, key: &IdempotencyKey) -> Self {
        let actor = actor.to_string();
        let target = target.map(|uuid| *uuid.as_bytes());
        let target: &[u8] = target.as_ref().map_or(&[], |bytes| bytes.as_slice());
        Self(derive(&[b"command", actor.as_bytes(), mutation.as_bytes(), target, key.0.as_bytes()]))
    }

    /// The id of the `index`-th thing of its type that this command creates.
    #[must_use]
    pub fn creates<I: Id>(self, index: u32) -> I {
        I::from_uuid(derive(&[b"created", self.0.as_bytes(), I::TYPE.as_bytes(), &index.to_be_bytes()]))
    }

    /// The id of the `index`-th event that this command appends to `stream`.
    #[must_use]
    pub fn event(self, stream: &Stream, index: u32) -> EventId {
        EventId(derive(&[b"event", self.0.as_bytes(), stream.to_string().as_bytes(), &index.to_be_bytes()]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn key(text: &str) -> IdempotencyKey {
        IdempotencyKey::parse(text).expect("a key")
    }

    #[test]
    fn derivations_give_their_known_answers_for_ever() {
        let actor = Actor::Person(PersonId::from_uuid(Uuid::from_u128(7)));
        let command = CommandId::of(&actor, "postMessage", Some(Uuid::from_u128(9)), &key("abc"));
        assert_eq!(command.to_string(), "07564784d6e458a983673e4f23f94e99");
        assert_eq!(command.creates::<MessageId>(0).to_string(), "63701b3e05255aeb9cfc9353cdb091e3");
        let stream = Stream::Thread(ThreadId::from_uuid(Uuid::from_u128(9)));
        assert_eq!(command.event(&stream, 0).to_string(), "af70b6ae8bf95fb185bc5db888e0434a");
    }

    #[test]
    fn parts_cannot_run_into_each_other() {
        let actor = Actor::Person(PersonId::from_uuid(Uuid::from_u128(7)));
        let one = CommandId::of(&actor, "ab", None, &key("c"));
        let other = CommandId::of(&actor, "a", None, &key("bc"));
        assert_ne!(one, other);
    }

    #[test]
    fn only_lower_case_hexadecimal_is_an_id() {
        let id = ThreadId::from_uuid(Uuid::from_u128(0xabc));
        assert_eq!(ThreadId::parse(&id.to_string()), Ok(id));
        for text in ["", "0", &id.to_string().to_uppercase(), &Uuid::from_u128(0xabc).to_string()] {
            assert_eq!(ThreadId::parse(text), Err(NotAnId), "{text}");
        }
    }

    proptest! {
        #[test]
        fn every_id_reads_back(bits: u128) {
            let id = PersonId::from_uuid(Uuid::from_u128(bits));
            prop_assert_eq!(PersonId::parse(&id.to_string()), Ok(id));
            let json = serde_json::to_string(&id).expect("writes");
            prop_assert_eq!(serde_json::from_str::<PersonId>(&json).expect("reads"), id);
        }

        #[test]
        fn other_keys_and_targets_are_other_commands(a: u128, b: u128) {
            prop_assume!(a != b);
            let actor = Actor::Person(PersonId::from_uuid(Uuid::from_u128(1)));
            let of = |target| CommandId::of(&actor, "postMessage", Some(Uuid::from_u128(target)), &key("k"));
            prop_assert_ne!(of(a), of(b));
        }
    }
}
