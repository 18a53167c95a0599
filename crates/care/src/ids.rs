//! Ids: 128 bits without time or order in them, all derived and never random (see `idempotency.rs`).
//!
//! One type for each kind of thing, so that an id of one kind cannot stand for another's.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use uuid::Uuid;

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
    /// A draft of a form.
    DraftId "draft";
    /// A directive of a patient.
    DirectiveId "directive";
    /// A delegation: a person helps a patient.
    DelegationId "delegation";
    /// A legal authority: a fact of law about a person and a patient.
    AuthorityId "authority";
    /// A message from outside: what a person without access sends to an organization about a patient.
    OutsideMessageId "outside_message";
    /// The policy of this installation.
    PolicyId "policy";
}

impl PolicyId {
    /// The one policy that an installation has.
    pub const ROOT: Self = Self(Uuid::nil());
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

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
    }
}
