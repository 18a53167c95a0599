//! What is proved of the stores before anything is served: that logs, read models and keys belong together.

use std::path::Path;
use std::sync::Arc;

use care::ids::Id;
use journal::Journal;
use vault::{KeyId, KeyState, Vault};

use crate::access_head::AccessHead;
use crate::access_index::OpenAccessIndexError;
use crate::clock::ClockRefused;
use crate::fault::{Failed, Fault};
use crate::read_models::{Checkpoint, OpenReadModelsError, ReadModels, people};
use crate::sealing::SealingFault;
use crate::waiting::apart;

/// Why an application is not opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenApplicationError {
    /// The log ends before the read models' checkpoint: its tail is lost, or it is another log.
    #[error(
        "the {log} log ends before the read models' checkpoint at position {checkpoint}: its tail is lost (head: {head:?})"
    )]
    LostTail {
        /// Which of the two logs.
        log: &'static str,
        /// Where the read models are.
        checkpoint: u64,
        /// Where the log ends.
        head: Option<u64>,
    },
    /// The read models were folded from another log, or from one that was restored.
    #[error("the read models were not folded from this care log; `carefold read-models rebuild` folds them again")]
    ForeignReadModels,
    /// The clock is too far from the last event of the log.
    #[error(transparent)]
    Clock(#[from] ClockRefused),
    /// Something else is in the place of the last record that is known: the log was put back, and went on.
    #[error(
        "the access log does not hold the last record that the read models know of, at position {checkpoint}: its tail is lost, or it is another's"
    )]
    OtherAccessLog {
        /// Where that record was.
        checkpoint: u64,
    },
    /// An event names a key that is neither there nor destroyed.
    #[error("the key store lacks a key that the log names ({key}): it is older than the log or another's")]
    MissingKey {
        /// The key's id; it names no person.
        key: String,
    },
    /// A key with the right id exists but does not open the text: two installations may use the same key ids.
    #[error("the texts of the care log do not open under these keys: the log or the key store is another's")]
    ForeignTexts,
    /// The log is not the one that the read models were folded from, nor a moved copy of it.
    #[error(
        "this care log does not hold the last event that the read models know of: it is another's, or not all of it was moved"
    )]
    NotMoved,
    /// The read models cannot be opened.
    #[error(transparent)]
    ReadModels(#[from] OpenReadModelsError),
    /// The index of the access log cannot be opened.
    #[error(transparent)]
    AccessIndex(#[from] OpenAccessIndexError),
    /// The shipped policy is not sound.
    #[error("the shipped policy cannot be loaded")]
    Policy,
    /// Something else failed.
    #[error(transparent)]
    Fault(#[from] Fault),
    /// The first events could not be written.
    #[error("the first event of the log could not be written")]
    Begin(#[source] Failed),
}

impl From<rusqlite::Error> for OpenApplicationError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Fault(error.into())
    }
}

impl From<journal::ReadError> for OpenApplicationError {
    fn from(error: journal::ReadError) -> Self {
        Self::Fault(error.into())
    }
}

/// Proves that a checkpoint of the read models is one of this log.
pub(crate) async fn prove_checkpoint(
    checkpoint: Checkpoint,
    journal: &Arc<dyn Journal>,
) -> Result<(), OpenApplicationError> {
    if checkpoint.identity != journal.identity().await? {
        return Err(OpenApplicationError::ForeignReadModels);
    }
    let Some((position, event)) = checkpoint.last else { return Ok(()) };
    let head = journal.head().await?;
    if head.is_none_or(|head| head < position) {
        return Err(OpenApplicationError::LostTail {
            log: "care",
            checkpoint: position.0,
            head: head.map(|head| head.0),
        });
    }
    if !journal.holds(position, event.uuid()).await? {
        return Err(OpenApplicationError::ForeignReadModels);
    }
    Ok(())
}

/// Proves that the last record that is known is in this access log. One of another epoch was restored, and what it lost
/// is known.
pub(crate) async fn prove_access_head(head: AccessHead, access: &Arc<dyn Journal>) -> Result<(), OpenApplicationError> {
    if head.identity != access.identity().await? {
        return Ok(());
    }
    let (checkpoint, found) = (head.position.0, access.head().await?);
    if found.is_none_or(|found| found < head.position) {
        return Err(OpenApplicationError::LostTail { log: "access", checkpoint, head: found.map(|head| head.0) });
    }
    if !access.holds(head.position, head.event).await? {
        return Err(OpenApplicationError::OtherAccessLog { checkpoint });
    }
    Ok(())
}

/// What the read models of a data directory know of the ends of the logs.
#[derive(Debug, Clone, Copy, Default)]
pub struct KnownEnds {
    care: Option<Checkpoint>,
    access: Option<AccessHead>,
}

impl KnownEnds {
    /// What the read models' file says, of whatever shape it is. It is read before the logs: a server may run.
    #[must_use]
    pub fn of(read_models: &Path) -> Self {
        Self { care: ReadModels::found(read_models), access: ReadModels::found_access_head(read_models) }
    }

    /// Proves that the care log has not lost its end. Another log, and one that was restored, is not the one that is known.
    ///
    /// # Errors
    /// [`OpenApplicationError`] when it has, or cannot be read.
    pub async fn prove_care(&self, care: &Arc<dyn Journal>) -> Result<(), OpenApplicationError> {
        let Some(checkpoint) = self.care else { return Ok(()) };
        if checkpoint.identity != care.identity().await? {
            return Ok(());
        }
        prove_checkpoint(checkpoint, care).await
    }

    /// The same of the access log.
    ///
    /// # Errors
    /// [`OpenApplicationError`] when it has, or cannot be read.
    pub async fn prove_access(&self, access: &Arc<dyn Journal>) -> Result<(), OpenApplicationError> {
        let Some(head) = self.access else { return Ok(()) };
        prove_access_head(head, access).await
    }
}

/// Proves that the keys are those of the log: each is there, and they open its texts.
pub(crate) async fn prove(read_models: &Arc<ReadModels>, vault: &Arc<Vault>) -> Result<(), OpenApplicationError> {
    let (read_models, vault) = (Arc::clone(read_models), Arc::clone(vault));
    let proving = move || prove_keys(&read_models, &vault).and_then(|()| prove_texts(&read_models, &vault));
    apart("the key store", proving).await?
}

/// Proves that every key that was ever named is there or was destroyed.
fn prove_keys(read_models: &ReadModels, vault: &Vault) -> Result<(), OpenApplicationError> {
    let mut unread = None;
    let lacking = |key: &str| match key.parse::<KeyId>().map(|key| vault.key_state(&key)) {
        Ok(Ok(KeyState::Known | KeyState::Destroyed { .. })) => false,
        Ok(Err(error @ vault::Error::Store(_))) => {
            // A store that cannot be read is not known to lack it.
            unread = Some(error);
            true
        }
        Ok(Ok(KeyState::Unknown) | Err(_)) | Err(_) => true,
    };
    let found = read_models.first_key(lacking)?;
    match (unread, found) {
        (Some(error), _) => Err(Fault::from(error).into()),
        (None, Some(key)) => Err(OpenApplicationError::MissingKey { key }),
        (None, None) => Ok(()),
    }
}

/// Names each key that is damaged. The start goes on: the texts under them are withheld, and all others are shown.
pub(crate) async fn warn_of_damaged_keys(vault: &Arc<Vault>) -> Result<(), OpenApplicationError> {
    let vault = Arc::clone(vault);
    let verified = apart("the key store", move || vault.verify()).await?.map_err(Fault::from)?;
    for key in &verified.damaged {
        tracing::error!(key, "a key is damaged; the texts under it are withheld, until the key store is restored");
    }
    Ok(())
}

/// Proves by opening one text that log and keys belong to the same installation. Key ids are not enough, because two
/// installations may use the same ones.
fn prove_texts(read_models: &Arc<ReadModels>, vault: &Arc<Vault>) -> Result<(), OpenApplicationError> {
    match people::any_name(&read_models.snapshot()?, vault) {
        Err(Fault::Sealing(SealingFault::Vault(vault::Error::Tampered))) => Err(OpenApplicationError::ForeignTexts),
        proved => Ok(proved?),
    }
}

#[cfg(test)]
mod tests {
    use journal::LogIdentity;
    use uuid::Uuid;
    use vault::{KeyEncryptionKey, KeyStoreUrl};

    use super::*;

    #[test]
    fn a_key_store_that_cannot_be_read_is_not_said_to_lack_a_key() {
        let place = tempfile::tempdir().expect("a directory");
        let identity = LogIdentity { log: Uuid::nil(), epoch: Uuid::nil() };
        let read_models = ReadModels::open(place.path(), identity).expect("read models");
        let beside = |file: &str| rusqlite::Connection::open(place.path().join(file)).expect("a file");
        let kek = KeyEncryptionKey::generate().expect("a key");
        let keys = KeyStoreUrl::Sqlite(place.path().join("keys.db"));
        let vault = Vault::open_at(&keys, &kek, vault::Access::Writer).expect("a vault");
        let key = vault.installation().to_string();
        beside(crate::read_models::FILE).execute("INSERT INTO key_named (key) VALUES (?1)", [&key]).expect("named");
        assert!(prove_keys(&read_models, &vault).is_ok());
        beside("keys.db").execute_batch("DROP TABLE tombstone").expect("dropped");
        let unread = prove_keys(&read_models, &vault);
        assert!(matches!(unread, Err(OpenApplicationError::Fault(_))), "{unread:?}");
    }
}
