//! The policy as history: every version that was ever in force, with its full text.
//!
//! The files of the project are a proposal; what decides is the last event of this stream. Every
//! decision names its version, so any of them can be decided again.

use serde::{Deserialize, Serialize};

use crate::decide::{Acting, Decider};
use crate::kinds::{events, no_text};

/// What can be asked of the policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PolicyCommand {
    /// Put a version in force. That it is sound was checked before.
    Activate(PolicyVersion),
}

/// A policy version: its digest and the text that it is the digest of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyVersion {
    /// SHA-256 of the text, in hexadecimal.
    pub version: String,
    /// Model, rules and cases.
    pub text: String,
}

/// Nothing is refused yet: a version is checked before it comes here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PolicyRefusal {}

events! {
    /// What can have happened to the policy.
    PolicyEvent {
        "policy.activated" v 1 => Activated(PolicyActivated),
    }
}

/// A version came into force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyActivated {
    /// SHA-256 of the text, in hexadecimal.
    pub version: String,
    /// Model, rules and cases.
    pub text: String,
}

no_text! { PolicyActivated { version, text } }

/// The policy's history, folded: the version in force.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PolicyRoot(Option<String>);

impl Decider for PolicyRoot {
    type Command = PolicyCommand;
    type Event = PolicyEvent;
    type Refusal = PolicyRefusal;

    fn initial() -> Self {
        Self::default()
    }

    fn decide(&self, command: &PolicyCommand, _: &Acting) -> Result<Vec<PolicyEvent>, PolicyRefusal> {
        let PolicyCommand::Activate(PolicyVersion { version, text }) = command;
        if self.0.as_ref() == Some(version) {
            return Ok(vec![]);
        }
        Ok(vec![PolicyEvent::Activated(PolicyActivated { version: version.clone(), text: text.clone() })])
    }

    fn evolve(self, event: &PolicyEvent) -> Self {
        let PolicyEvent::Activated(activated) = event;
        Self(Some(activated.version.clone()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decide::scenario::given;
    use crate::envelope::Actor;
    use crate::words::Capacity;

    #[test]
    fn activating_the_version_in_force_changes_nothing() {
        let acting = Acting {
            by: Actor::Installation,
            capacity: Capacity::Installation,
            now: "2026-11-23T08:00:00Z".parse().expect("a time"),
        };
        let activate =
            |version: &str| PolicyCommand::Activate(PolicyVersion { version: version.into(), text: "p".into() });
        let first = given::<PolicyRoot>(&[]).when(&activate("a"), &acting).events();
        given::<PolicyRoot>(&first).when(&activate("a"), &acting).then(&[]);
        assert_eq!(given::<PolicyRoot>(&first).when(&activate("b"), &acting).events().len(), 1);
    }
}
