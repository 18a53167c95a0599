//! The destruction of a key: an event first, then the key itself.
//!
//! The event comes first, so that a crash in between, or a key store that is restored from an older copy later, does not
//! leave a key that was to be destroyed: `destroyed_keys.rs` destroys it at the next start.

use std::sync::Arc;

use care::event::{Event, Stream};
use care::ids::{CommandId, Id};
use care::key::{KeyDestroyed, KeyEvent};
use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::appending::until_appended;
use crate::application::Application;
use crate::fault::Fault;
use crate::operator::OperatorAct;
use crate::sealing;
use crate::waiting::apart;

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
        self.catch_up().await?;
        until_appended(|| self.record_destroyed(stream, command, now)).await?;
        self.catch_up().await?;
        let (vault, event) = (Arc::clone(self.vault()), command.event(&stream, 0).uuid());
        apart("the key store", move || vault.destroy(node, event)).await?.map_err(Fault::from)?;
        Ok(())
    }

    /// `None` if another append came first.
    async fn record_destroyed(
        &self,
        stream: Stream,
        command: CommandId,
        now: DateTime<Utc>,
    ) -> Result<Option<()>, NotDestroyed> {
        let after = self.last_of(stream).await?.ok_or(NotDestroyed::NoStream(stream))?;
        let recorded = self.projector().read_models.keys_destroyed().map_err(Fault::from)?;
        if recorded.iter().any(|(destroyed, _)| *destroyed == stream.to_string()) {
            return Ok(Some(()));
        }
        let event = Event::Key(KeyEvent::KeyDestroyed(KeyDestroyed {}));
        Ok(self.append_of_operator(OperatorAct { stream, after, command, event, now }).await?)
    }
}
