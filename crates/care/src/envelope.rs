//! The envelope of an event: actor, person on whose behalf it was done, grounds, purpose and time.
//!
//! [`Metadata`] is stored beside each event as flat JSON whose values are strings, so that every log engine can store it
//! and an auditor can read it with a text tool. It contains pseudonymous ids and no personal data. Field names are short
//! and never change.

use std::collections::BTreeMap;
use std::fmt;

use chrono::{DateTime, Utc};
use data_encoding::HEXLOWER;
use serde::de::IgnoredAny;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use uuid::Uuid;

use crate::event_set::{MAY_BE_IGNORED, is_of_newer_software};
use crate::ids::{CommandId, DelegationId, DraftId, EventId, Id, PersonId};
use crate::instant;
use crate::words::{Channel, ProcessName, Purpose};

/// Who did something. Written as `person-<id>`, `process-<name>` or `installation`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Actor {
    /// A person, signed in.
    Person(PersonId),
    /// A process of this software.
    Process(ProcessName),
    /// The installation itself, which may only create what the first person needs.
    Installation,
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Person(person) => write!(f, "person-{}", person.uuid().simple()),
            Self::Process(process) => write!(f, "process-{}", process.word()),
            Self::Installation => f.write_str("installation"),
        }
    }
}

impl Actor {
    fn parse(text: &str) -> Option<Self> {
        if text == "installation" {
            return Some(Self::Installation);
        }
        if let Some(process) = text.strip_prefix("process-") {
            return ProcessName::parse(process).ok().map(Self::Process);
        }
        PersonId::parse(text.strip_prefix("person-")?).ok().map(Self::Person)
    }

    /// The person, if it was one.
    #[must_use]
    pub fn person(self) -> Option<PersonId> {
        match self {
            Self::Person(person) => Some(person),
            Self::Process(_) | Self::Installation => None,
        }
    }

    /// Whether it was a process.
    #[must_use]
    pub fn is_process(self) -> bool {
        match self {
            Self::Process(_) => true,
            Self::Person(_) | Self::Installation => false,
        }
    }
}

impl Serialize for Actor {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Actor {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| {
            // Newer software may have other actors, but a damaged id of a person is always an error.
            let damaged = text.starts_with("person-");
            serde::de::Error::custom(if damaged { "not the id of a person" } else { "not a word of Actor" })
        })
    }
}

/// The grounds on which something was permitted: enough to decide it again years later.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grounds {
    /// The version of the policy that permitted it.
    pub policy_version: String,
    /// The rules that matched.
    pub rules: Vec<String>,
    /// The position in the log up to which standing was known when it was relied upon, so that
    /// the revisions of every stream behind that standing follow from it.
    pub standing_as_of: Option<u64>,
}

/// The metadata of an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Metadata {
    /// The command that appended it.
    pub command: CommandId,
    /// Who did it.
    pub actor: Actor,
    /// The person on whose behalf it was done; none if the actor acted for themself.
    pub on_behalf_of: Option<PersonId>,
    /// The delegation under which a delegate did it; none for everybody else.
    pub delegation: Option<DelegationId>,
    /// The grounds on which it was permitted.
    pub grounds: Grounds,
    /// The purpose, as an HL7 code.
    pub purpose: Purpose,
    /// The id of the first command of the chain that it belongs to.
    pub correlation: Uuid,
    /// The event that caused it, if one did.
    pub causation: Option<EventId>,
    /// When it happened.
    pub occurred_at: DateTime<Utc>,
    /// When it was recorded.
    pub recorded_at: DateTime<Utc>,
    /// The channel by which the command was given.
    pub channel: Channel,
    /// A keyed hash of the command's input, to tell a repeat from a reuse of its key.
    pub input: Option<[u8; 32]>,
    /// The draft whose form was sent by the command, and which ends by that.
    pub draft: Option<DraftId>,
}

/// Metadata that cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UnreadableMetadata {
    /// A word or a field that this software does not know: newer software wrote it.
    #[error("an event's metadata needs newer software")]
    Newer,
    /// A field is missing or malformed.
    #[error("an event's metadata is unreadable")]
    Malformed,
}

#[derive(Serialize, Deserialize)]
struct Wire {
    cmd: String,
    actor: Actor,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    obo: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    grant: Option<String>,
    pol: String,
    rules: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    asof: Option<String>,
    purp: Purpose,
    corr: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    cause: Option<String>,
    occ: String,
    rec: String,
    src: Channel,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    input: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    draft: Option<String>,
    /// The event's schema version.
    v: String,
    /// Fields of newer software.
    #[serde(flatten, skip_serializing)]
    unknown: BTreeMap<String, IgnoredAny>,
}

impl Metadata {
    /// The bytes to store beside an event of schema `version`.
    #[must_use]
    pub fn encode(&self, version: u16) -> Vec<u8> {
        let wire = Wire {
            cmd: self.command.to_string(),
            actor: self.actor,
            obo: self.on_behalf_of.map(|person| person.to_string()),
            grant: self.delegation.map(|delegation| delegation.to_string()),
            pol: self.grounds.policy_version.clone(),
            rules: self.grounds.rules.join(" "),
            asof: self.grounds.standing_as_of.map(|position| position.to_string()),
            purp: self.purpose,
            corr: self.correlation.simple().to_string(),
            cause: self.causation.map(|event| event.to_string()),
            occ: instant::write(self.occurred_at),
            rec: instant::write(self.recorded_at),
            src: self.channel,
            input: self.input.map(|hash| HEXLOWER.encode(&hash)),
            draft: self.draft.map(|draft| draft.to_string()),
            v: version.to_string(),
            unknown: BTreeMap::new(),
        };
        // A struct of strings always has a JSON form.
        serde_json::to_vec(&wire).unwrap_or_default()
    }

    /// Reads what [`Self::encode`] wrote: the metadata and the event's schema version.
    ///
    /// # Errors
    /// [`UnreadableMetadata`], which tells a word or a field of newer software from damage.
    pub fn decode(bytes: &[u8]) -> Result<(Self, u16), UnreadableMetadata> {
        let wire: Wire = serde_json::from_slice(bytes).map_err(|error| {
            if is_of_newer_software(&error) { UnreadableMetadata::Newer } else { UnreadableMetadata::Malformed }
        })?;
        if wire.unknown.keys().any(|name| !name.starts_with(MAY_BE_IGNORED)) {
            return Err(UnreadableMetadata::Newer);
        }
        let metadata = Self {
            command: CommandId::parse(&wire.cmd).map_err(malformed)?,
            actor: wire.actor,
            on_behalf_of: optional(wire.obo, PersonId::parse)?,
            delegation: optional(wire.grant, DelegationId::parse)?,
            grounds: Grounds {
                policy_version: wire.pol,
                rules: wire.rules.split_ascii_whitespace().map(str::to_owned).collect(),
                standing_as_of: optional(wire.asof, str::parse)?,
            },
            purpose: wire.purp,
            correlation: Uuid::try_parse(&wire.corr).map_err(malformed)?,
            causation: optional(wire.cause, EventId::parse)?,
            occurred_at: instant::parse(&wire.occ).map_err(malformed)?,
            recorded_at: instant::parse(&wire.rec).map_err(malformed)?,
            channel: wire.src,
            input: optional(wire.input, |hash| {
                HEXLOWER.decode(hash.as_bytes()).map_err(malformed)?.try_into().map_err(malformed)
            })?,
            draft: optional(wire.draft, DraftId::parse)?,
        };
        Ok((metadata, wire.v.parse().map_err(malformed)?))
    }
}

fn malformed<E>(_: E) -> UnreadableMetadata {
    UnreadableMetadata::Malformed
}

/// Reads a field that may be absent.
fn optional<T, E>(
    text: Option<String>,
    read: impl FnOnce(&str) -> Result<T, E>,
) -> Result<Option<T>, UnreadableMetadata> {
    text.map(|text| read(&text).map_err(malformed)).transpose()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn metadata_reads_back(bits: u128, micros in 0_i64..4_000_000_000_000_000, some: bool, process: bool, as_of: Option<u64>) {
            let time = DateTime::from_timestamp_micros(micros).expect("a time");
            let person = PersonId::from_uuid(Uuid::from_u128(bits));
            let metadata = Metadata {
                command: CommandId::from_uuid(Uuid::from_u128(bits)),
                actor: match (some, process) {
                    (true, _) => Actor::Person(person),
                    (false, true) => Actor::Process(ProcessName::Unclaimed),
                    (false, false) => Actor::Installation,
                },
                on_behalf_of: some.then_some(person),
                delegation: some.then(|| DelegationId::from_uuid(Uuid::from_u128(bits))),
                grounds: Grounds { policy_version: "abc".into(), rules: vec!["R01".into(), "R02".into()], standing_as_of: as_of },
                purpose: Purpose::Treatment,
                correlation: Uuid::from_u128(bits),
                causation: some.then_some(EventId::from_uuid(Uuid::from_u128(bits))),
                occurred_at: time,
                recorded_at: time,
                channel: Channel::GraphQl,
                input: some.then_some([9; 32]),
                draft: some.then(|| DraftId::from_uuid(Uuid::from_u128(bits))),
            };
            prop_assert_eq!(Metadata::decode(&metadata.encode(3)), Ok((metadata, 3)));
        }
    }

    #[test]
    fn every_value_is_a_string() {
        let json = r#"{"cmd":"00000000000000000000000000000001","actor":"installation","pol":"p","rules":"","purp":"TREAT","corr":"00000000000000000000000000000001","occ":"2026-01-01T00:00:00.000000Z","rec":"2026-01-01T00:00:00.000000Z","src":"cli","v":"1"}"#;
        let (metadata, version) = Metadata::decode(json.as_bytes()).expect("reads");
        assert_eq!(String::from_utf8(metadata.encode(version)).expect("text"), json);
        assert_eq!(Metadata::decode(b"{}"), Err(UnreadableMetadata::Malformed));
        for (from, to, expected) in [
            (r#""src":"cli""#, r#""src":"fax""#, Err(UnreadableMetadata::Newer)),
            (r#""purp":"TREAT""#, r#""purp":"BOARD""#, Err(UnreadableMetadata::Newer)),
            (r#""actor":"installation""#, r#""actor":"process-cleaning""#, Err(UnreadableMetadata::Newer)),
            (r#""v":"1""#, r#""v":"1","device":"7""#, Err(UnreadableMetadata::Newer)),
            (r#""v":"1""#, r#""v":"1","_device":"7""#, Ok(())),
            (r#""actor":"installation""#, r#""actor":"person-7""#, Err(UnreadableMetadata::Malformed)),
            (r#""occ":"2026"#, r#""occ":"2O26"#, Err(UnreadableMetadata::Malformed)),
        ] {
            let changed = json.replace(from, to);
            assert_ne!(changed, json);
            assert_eq!(Metadata::decode(changed.as_bytes()).map(drop), expected, "{to}");
        }
    }
}
