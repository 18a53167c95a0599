//! What has instants of its own beside threads: delegations, legal authorities, the directives of patients and messages from
//! outside. A round looks at each that has changed or whose instant has come, and gives the commands that are due.

use care::event::Addressed;
use care::ids::EventId;
use care::words::ProcessName;
use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::FAULTS_MAX;
use crate::application::Application;
use crate::command_context::CommandContext;
use crate::fault::{Fault, Refusal};
use crate::rounds::Rounds;
use crate::rounds::schedule::Timed;

/// What a look has found.
pub(super) struct Found<C> {
    /// The process that gives the commands.
    pub process: ProcessName,
    /// The cause that the process names.
    pub cause: EventId,
    /// What the commands are to, where the stream has several of them.
    pub of: Option<Uuid>,
    /// The commands that are due, in the order in which they are tried until one has an effect.
    pub due: Vec<C>,
    /// When it is to be looked at again, if nothing happens until then.
    pub wakes_at: Option<DateTime<Utc>>,
}

impl Application {
    /// Gives every command that is due to a delegation, a legal authority, the directives of a patient or a message from
    /// outside, one to each. Returns how many had an effect.
    pub(super) async fn keep_timed(&self, rounds: &mut Rounds, now: DateTime<Utc>, faults: &mut Vec<Fault>) -> usize {
        let mut effects = 0;
        for timed in rounds.timed(now) {
            if faults.len() >= FAULTS_MAX {
                break;
            }
            let kept = match timed {
                Timed::Authority(authority) => self.keep_authority(rounds, authority, now).await,
                Timed::Delegation(delegation) => self.keep_delegation(rounds, delegation, now).await,
                Timed::Directives(patient) => self.keep_directives(rounds, patient, now).await,
                Timed::OutsideMessage(message) => self.keep_outside_message(rounds, message, now).await,
            };
            match kept {
                Ok(has_effect) => effects += usize::from(has_effect),
                Err(fault) => {
                    tracing::warn!(id = %timed.uuid(), %fault, "a process could not act on what has instants of its own");
                    rounds.pause_timed(timed, now);
                    faults.push(fault);
                }
            }
        }
        effects
    }

    /// Gives the commands until one has an effect; says whether one had.
    pub(super) async fn try_each<A: Addressed>(
        &self,
        target: A::Id,
        found: Option<Found<A::Command>>,
        now: DateTime<Utc>,
    ) -> Result<bool, Fault>
    where
        Refusal: From<A::Refusal>,
    {
        let Some(found) = found else { return Ok(false) };
        for command in &found.due {
            let key = match found.of {
                Some(of) => format!("{}/{}", found.cause, of.simple()),
                None => found.cause.to_string(),
            };
            let context = CommandContext::of_process(found.process, &key, found.cause, now)?;
            if self.give::<A>(&context, Some(target), command).await? {
                return Ok(true);
            }
        }
        Ok(false)
    }
}
