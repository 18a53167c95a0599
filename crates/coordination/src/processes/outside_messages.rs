//! What is due to messages from outside: the delegation of an offer whose patient was found begins, an offer that nobody
//! answers ends, and the texts of a message are erased ninety days after its end.
//!
//! The key of the command that begins the delegation follows from the event of the match, so it begins once however often it
//! is tried. The id of the delegation follows from that command, so it can be looked up whether it has begun. The key of a
//! message is destroyed here after the event that erases it; a node that was killed in between does it when it starts
//! again.

use std::sync::Arc;

use care::aggregate::Aggregate as _;
use care::command_name::Command as _;
use care::delegation::{AskToHelp, Delegation, DelegationCommand};
use care::ids::{Id, OutsideMessageId};
use care::outside_message::OutsideMessage;
use care::process::outside_messages as process;
use care::words::{OutsideEnd, OutsideState, ProcessName};
use chrono::{DateTime, Utc};
use vault::Node;

use crate::application::Application;
use crate::authorization::delegation::DelegationFacts;
use crate::authorization::outside_message::OutsideMessageFacts;
use crate::command_context::CommandContext;
use crate::fault::Fault;
use crate::rounds::Rounds;
use crate::rounds::schedule::Timed;
use crate::waiting::apart;

/// The delegation that an offer is to begin; none if it is none, or was not matched.
fn asks(facts: &OutsideMessageFacts) -> Option<AskToHelp> {
    let OutsideMessageFacts { patient, kind, person, relationship, .. } = *facts;
    let (patient, kind) = patient.zip(kind)?;
    (facts.end == Some(OutsideEnd::Matched)).then_some(AskToHelp { patient, person, kind, relationship })
}

impl Application {
    /// Gives the command that is due to a message from outside. Returns whether it had an effect.
    pub(super) async fn keep_outside_message(
        &self,
        rounds: &mut Rounds,
        message: OutsideMessageId,
        now: DateTime<Utc>,
    ) -> Result<bool, Fault> {
        let facts = self.projector().authorization().entity::<OutsideMessageFacts>(message.uuid()).cloned();
        let Some(facts) = facts else { return Ok(false) };
        let timed = Timed::OutsideMessage(message);
        if facts.state == OutsideState::Erased {
            self.destroy_key_of_message(message, &facts).await?;
            rounds.looked_at(timed, None);
            return Ok(false);
        }
        let context = |key: &str| CommandContext::of_process(ProcessName::OutsideMessages, key, facts.last, now);
        let mut has_effect = false;
        if let Some(ask) = asks(&facts) {
            has_effect |= self.begin_offer(&context(&facts.last.to_string())?, ask).await?;
        }
        if let Some(command) = process::due(&facts.deadlines, now) {
            let context = context(&format!("{}/{}", facts.last, command.name().word()))?;
            has_effect |= self.give::<OutsideMessage>(&context, Some(message), &command).await?;
        }
        rounds.looked_at(timed, process::wakes_at(&facts.deadlines).filter(|at| now < *at));
        Ok(has_effect)
    }

    /// Begins the delegation of an offer, unless it has begun.
    async fn begin_offer(&self, context: &CommandContext, ask: AskToHelp) -> Result<bool, Fault> {
        let command = DelegationCommand::from(ask);
        let id = self.command_id(context, command.keyed_as(), None);
        let begun = Delegation::created_by(&command, id);
        let has_begun =
            begun.is_some_and(|begun| self.projector().authorization().entity::<DelegationFacts>(begun).is_some());
        if has_begun {
            return Ok(false);
        }
        // Staff were told of a refusal when they matched the offer; what changed since is the patient's or the person's own.
        self.give::<Delegation>(context, None, &command).await
    }

    async fn destroy_key_of_message(
        &self,
        message: OutsideMessageId,
        facts: &OutsideMessageFacts,
    ) -> Result<(), Fault> {
        let (vault, event) = (Arc::clone(self.vault()), facts.last);
        let destroy = move || -> Result<(), Fault> {
            if vault.is_destroyed(Node::OutsideMessage(message.uuid()))? {
                return Ok(());
            }
            Ok(vault.destroy_outside_message(message.uuid(), event.uuid())?)
        };
        apart("the key store", destroy).await?
    }
}
