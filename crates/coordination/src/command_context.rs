//! A command's sender and metadata, and the outcome of its execution.

use care::idempotency::IdempotencyKey;
use care::ids::{CommandId, EventId};
use care::words::Channel;
use chrono::{DateTime, Utc};
use journal::Position;
use policy::identity::Identity;
use serde_json::Value;
use uuid::Uuid;

/// The sender of a command, and its metadata.
#[derive(Debug, Clone)]
pub struct CommandContext {
    /// The sender.
    pub identity: Identity,
    /// The sender's idempotency key; for a process, what follows from the event that woke it.
    pub key: IdempotencyKey,
    /// The input as JSON with its fields in one order, to tell a repeat from a reuse of the key.
    pub input: Vec<u8>,
    /// The version that the sender relied on; none if on none.
    pub expected: Option<String>,
    /// The channel of the command.
    pub channel: Channel,
    /// The first command of the chain that this one belongs to; none: it is the first.
    pub correlation: Option<Uuid>,
    /// The event that caused it; none for a person's.
    pub causation: Option<EventId>,
    /// The time of the command, by the program's clock.
    pub now: DateTime<Utc>,
}

/// The input without the fields that say nothing: null, false and empty values, at every depth. A field that a later
/// release adds with such a default leaves the input of a repeat as it was. An optional field of an input therefore has
/// such a default, or its input leaves it out itself when it equals its default.
pub(crate) fn canonical_input(input: &[u8]) -> Vec<u8> {
    fn says_nothing(value: &Value) -> bool {
        match value {
            Value::Null => true,
            Value::Bool(value) => !value,
            Value::Array(values) => values.is_empty(),
            Value::Object(fields) => fields.is_empty(),
            Value::Number(_) | Value::String(_) => false,
        }
    }
    fn without_defaults(value: Value) -> Value {
        match value {
            Value::Object(fields) => {
                let fields = fields.into_iter().map(|(name, value)| (name, without_defaults(value)));
                Value::Object(fields.filter(|(_, value)| !says_nothing(value)).collect())
            }
            // The places of a list count, so none of them is left out.
            Value::Array(values) => Value::Array(values.into_iter().map(without_defaults).collect()),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value,
        }
    }
    let value = serde_json::from_slice::<Value>(input).map(without_defaults);
    // An input of a process is not JSON, and none of its fields has a default.
    value.and_then(|value| serde_json::to_vec(&value)).unwrap_or_else(|_| input.to_vec())
}

/// The outcome of an executed command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CommandOutcome<I> {
    /// The command's id, from which the ids of what it created follow.
    pub command: CommandId,
    /// Its target, or what it created.
    pub target: I,
    /// The position of its last event in the log; the head when it had no effect.
    pub position: Option<Position>,
    /// Whether it had been executed before.
    pub replayed: bool,
    /// Whether it appended events now.
    pub has_effect: bool,
    /// Whether the read models had not folded it yet when the wait for them ended.
    pub stale: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_optional_field_with_its_default_leaves_the_input_as_it_was() {
        let before = canonical_input(br#"{"body":"","to":{"pool":"7"},"codes":["a"]}"#);
        for after in [
            r#"{"body":"","to":{"pool":"7"},"codes":["a"],"urgent":false}"#,
            r#"{"codes":["a"],"body":"","to":{"pool":"7","person":null},"labels":[],"window":{"from":null}}"#,
        ] {
            assert_eq!(canonical_input(after.as_bytes()), before, "{after}");
        }
        for other in [
            r#"{"body":"","to":{"pool":"7"},"codes":["a"],"urgent":true}"#,
            r#"{"to":{"pool":"7"},"codes":["a"]}"#,
            r#"{"body":"","to":{"pool":"7"},"codes":["a",null]}"#,
        ] {
            assert_ne!(canonical_input(other.as_bytes()), before, "{other}");
        }
        assert_eq!(canonical_input(b"not json"), b"not json");
    }
}
