//! What the operator does on the machine of the installation, beside the policy: who has its files could change them
//! without this program too, and so at least the log says that the operator did it.

use std::num::NonZeroU32;

use care::envelope::{Actor, Grounds, Metadata};
use care::event::{Event, Stream};
use care::ids::{CommandId, Id};
use care::words::{Channel, Purpose};
use chrono::{DateTime, Utc};
use journal::{Append, Direction, Expected, Revision};

use crate::application::Application;
use crate::fault::Fault;
use crate::written_event::{stream_name, written};

/// An event that the operator causes.
pub(crate) struct OperatorAct {
    pub stream: Stream,
    /// The last event of the stream when it was decided.
    pub after: Revision,
    /// It follows from what was decided, so that a repeated append adds no event.
    pub command: CommandId,
    pub event: Event,
    pub now: DateTime<Utc>,
}

impl Application {
    /// The last event of a stream; `None` if there is no such stream.
    pub(crate) async fn last_of(&self, stream: Stream) -> Result<Option<Revision>, Fault> {
        let page =
            self.journal().read_stream(&stream_name(&stream)?, None, Direction::Backward, NonZeroU32::MIN).await?;
        Ok(page.events.first().map(|last| last.revision))
    }

    /// Appends an event of the operator's; `None` if another append came first. No command waits for it, since no server
    /// runs meanwhile.
    pub(crate) async fn append_of_operator(&self, act: OperatorAct) -> Result<Option<()>, Fault> {
        let OperatorAct { stream, after, command, event, now } = act;
        let metadata = Metadata {
            command,
            actor: Actor::Installation,
            on_behalf_of: None,
            delegation: None,
            grounds: Grounds {
                policy_version: self.projector().decisions.policy().version().to_owned(),
                rules: Vec::new(),
                standing_as_of: None,
            },
            purpose: Purpose::HealthcareOperations,
            correlation: command.uuid(),
            causation: None,
            occurred_at: now,
            recorded_at: now,
            channel: Channel::Cli,
            input: None,
            draft: None,
        };
        let events = vec![written(&event, command.event(&stream, 0), &metadata)?];
        let append = Append { stream: stream_name(&stream)?, expected: Expected::Exact(after), events };
        Ok(self.append(append, ()).await?.map(drop))
    }
}
