//! The destruction of a key: an event first, then the key itself.
//!
//! The event comes first, so that a crash in between, or a key store that is restored from an older copy later, does not
//! leave a key that was to be destroyed: `destroyed_keys.rs` destroys it at the next start.

use std::sync::Arc;

use bytes::Bytes;
use care::envelope::{Actor, Grounds, Metadata};
use care::event::{Event, EventSet, Stream};
use care::ids::{CommandId, Id};
use care::key::{KeyDestroyed, KeyEvent};
use care::words::{Channel, Purpose};
use chrono::{DateTime, Utc};
use journal::{Append, AppendError, Direction, EventType, Expected, NewEvent};
use uuid::Uuid;

use crate::application::Application;
use crate::command_handler::stream_name;
use crate::fault::Fault;
use crate::sealing;
use crate::waiting::apart;

/// Tries while others append to the stream.
const CONFLICTS_MAX: u32 = 8;

/// Why a key was not destroyed.
#[derive(Debug, thiserror::Error)]
pub enum NotDestroyed {
    /// The stream holds no text under a key of its own.
    #[error("{0} has no key of its own: name a thread, a person or a patient by its stream")]
    NoKey(Stream),
    /// There is no such stream.
    #[error("there is no {0}")]
    NoStream(Stream),
    /// Something else failed. Repeat it.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl Application {
    /// Destroys the key of a stream and all keys below it, permanently: first the event, then the key. Repeating it adds
    /// no second event.
    ///
    /// # Errors
    /// [`NotDestroyed`]; if it is a fault, the event may be written, and the next start destroys the key.
    pub async fn destroy_key(&self, stream: Stream, now: DateTime<Utc>) -> Result<(), NotDestroyed> {
        let node = sealing::node_of(&stream, None).ok_or(NotDestroyed::NoKey(stream))?;
        let command = CommandId::from_uuid(Uuid::new_v5(&stream.uuid(), b"key.destroyed"));
        let id = command.event(&stream, 0).uuid();
        let name = stream_name(&stream)?;
        self.catch_up().await?;
        for _ in 0..CONFLICTS_MAX {
            let page = self.journal().read_stream(&name, None, Direction::Backward, std::num::NonZeroU32::MIN).await;
            let page = page.map_err(Fault::from)?;
            let Some(last) = page.events.first() else { return Err(NotDestroyed::NoStream(stream)) };
            let expected = Expected::Exact(last.revision);
            let event = Event::Key(KeyEvent::KeyDestroyed(KeyDestroyed {}));
            let event = NewEvent {
                id,
                event_type: EventType::parse(event.kind()).map_err(|_| Fault::Row("an event type"))?,
                data: Bytes::from(event.encode().map_err(Fault::from)?),
                meta: Bytes::from(self.destroyed_by(command, now).encode(event.version())),
            };
            let is_recorded = self.projector().read_models.keys_destroyed().map_err(Fault::from)?;
            if !is_recorded.iter().any(|(destroyed, _)| *destroyed == stream.to_string()) {
                match self.journal().append(Append { stream: name.clone(), expected, events: vec![event] }).await {
                    Ok(_) => {}
                    Err(AppendError::Conflict { .. }) => continue,
                    Err(AppendError::Unavailable { .. } | AppendError::Indeterminate { .. }) => {
                        return Err(Fault::Unavailable("the journal").into());
                    }
                    Err(
                        error @ (AppendError::IdReused { .. }
                        | AppendError::Empty
                        | AppendError::TooLarge { .. }
                        | AppendError::Fatal(_)),
                    ) => return Err(Fault::Append(error).into()),
                }
            }
            self.catch_up().await?;
            let vault = Arc::clone(self.vault());
            apart("the key store", move || vault.destroy(node, id)).await?.map_err(Fault::from)?;
            return Ok(());
        }
        Err(Fault::Unavailable("the stream is too busy").into())
    }

    /// The operator does it, beside the policy, as they could destroy the key store itself.
    fn destroyed_by(&self, command: CommandId, now: DateTime<Utc>) -> Metadata {
        let policy_version = self.projector().decisions.policy().version().to_owned();
        Metadata {
            command,
            actor: Actor::Installation,
            on_behalf_of: None,
            grounds: Grounds { policy_version, rules: Vec::new(), standing_as_of: None },
            purpose: Purpose::HealthcareOperations,
            correlation: command.uuid(),
            causation: None,
            occurred_at: now,
            recorded_at: now,
            channel: Channel::Cli,
            input: None,
            draft: None,
        }
    }
}
