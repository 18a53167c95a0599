//! The history of the policy: each version that was ever in force, with its full text.
//!
//! The version in force is that of the last event of this stream, not that of the project's files.
//! A decision names its version, so it can be decided again.

use serde::{Deserialize, Serialize};

use crate::aggregate::{Acting, Aggregate};
use crate::command_name::commands;
use crate::event_set::{events, no_text};
use crate::ids::CommandId;
use uuid::Uuid;

commands! {
    /// What can be asked of the policy.
    PolicyCommand, PolicyAct {
        "policy.activate" => ActivatePolicy,
    }
}

/// Puts a version in force. That it is sound was checked before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActivatePolicy {
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
        "policy.activated" v 1 => PolicyActivated,
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

impl Aggregate for PolicyRoot {
    type Command = PolicyCommand;
    type Event = PolicyEvent;
    type Refusal = PolicyRefusal;

    fn initial() -> Self {
        Self::default()
    }

    fn decide(&self, command: &PolicyCommand, _: &Acting<'_>) -> Result<Vec<PolicyEvent>, PolicyRefusal> {
        let PolicyCommand::ActivatePolicy(ActivatePolicy { version, text }) = command;
        if self.0.as_ref() == Some(version) {
            return Ok(vec![]);
        }
        Ok(vec![PolicyEvent::PolicyActivated(PolicyActivated { version: version.clone(), text: text.clone() })])
    }

    fn evolve(self, event: &PolicyEvent) -> Self {
        let PolicyEvent::PolicyActivated(activated) = event;
        Self(Some(activated.version.clone()))
    }

    /// An installation has one policy, whose stream no command names anew.
    fn created_by(_: &PolicyCommand, _: CommandId) -> Option<Uuid> {
        None
    }

    fn is_transition(_: &PolicyEvent) -> bool {
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aggregate::Fixed;
    use crate::aggregate::scenario::{by_the_installation, given};

    #[test]
    fn activating_the_version_in_force_changes_nothing() {
        let nobody = Fixed::default();
        let acting = by_the_installation(&nobody);
        let activate =
            |version: &str| PolicyCommand::ActivatePolicy(ActivatePolicy { version: version.into(), text: "p".into() });
        let first = given::<PolicyRoot>(&[]).when(&activate("a"), &acting).events();
        given::<PolicyRoot>(&first).when(&activate("a"), &acting).then(&[]);
        assert_eq!(given::<PolicyRoot>(&first).when(&activate("b"), &acting).events().len(), 1);
    }
}
