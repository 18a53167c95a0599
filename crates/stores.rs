//! Opening what a clinic is kept in: two logs, the keys, the views.
//!
//! The care log comes first: its lock keeps every second writer out before anything is made.

use std::path::Path;
use std::sync::Arc;

use anyhow::Context;
use coordination::desk::{Desk, Start, Stores};
use journal::{Access, Journal, Namespace};
use server::sign_in::{KeyProblem, Signer};
use vault::{KeyEncryptionKey, KeyFileError, KeyStoreUrl, Vault};

use crate::directory::Directory;
use crate::edge;
use crate::exit::NotWhole;

/// The logs of a clinic, by the names of their files.
pub(crate) const LOGS: [&str; 2] = [CARE, ACCESS];
const CARE: &str = "care";
const ACCESS: &str = "access";

/// Opens everything for writing and proves that it belongs together.
///
/// # Errors
/// The reason, which names the part; its exit code is in [`crate::exit`].
pub(crate) async fn desk(directory: &Directory, journal: &str) -> anyhow::Result<Arc<Desk>> {
    let care = care_log(journal, Access::Write).await?;
    let access = log(journal, ACCESS, Access::Write).await?;
    let vault = Arc::new(vault(directory)?);
    let start = Start { node: edge::new_id()?, now: edge::now() };
    let stores = Stores { care, access, vault, views: directory.path().into() };
    Desk::open(stores, start).await.context("the clinic does not open")
}

/// The care log.
///
/// # Errors
/// As [`journal::open`] gives them.
pub(crate) async fn care_log(journal: &str, access: Access) -> anyhow::Result<Arc<dyn Journal>> {
    log(journal, CARE, access).await
}

/// The name of a log as the journal takes it.
///
/// # Errors
/// Never for the names in [`LOGS`].
pub(crate) fn namespace(name: &str) -> anyhow::Result<Namespace> {
    Namespace::parse(name).with_context(|| format!("{name} cannot name a log"))
}

async fn log(journal: &str, name: &'static str, access: Access) -> anyhow::Result<Arc<dyn Journal>> {
    let opened = journal::open(journal, namespace(name)?, access, Arc::new(edge::now)).await;
    opened.with_context(|| format!("the {name} log does not open"))
}

/// The keys, and the key above them, which lies beside them in a demo.
fn vault(directory: &Directory) -> anyhow::Result<Vault> {
    let (keys, key_file) = (directory.keys(), directory.key_file());
    let kek = key_encryption_key(&key_file, keys.exists())?;
    Vault::open_at(&KeyStoreUrl::Sqlite(keys), &kek, vault::Access::Writer).context("the key store does not open")
}

/// Reads the key, or makes it while there is nothing yet that it could open.
fn key_encryption_key(path: &Path, has_keys: bool) -> anyhow::Result<KeyEncryptionKey> {
    let told = || format!("the key-encryption key {}", path.display());
    match KeyEncryptionKey::read(path) {
        Ok(kek) => Ok(kek),
        Err(KeyFileError::File(error)) if error.kind() == std::io::ErrorKind::NotFound => {
            if has_keys {
                return Err(NotWhole::KeyFileMissing(path.into()).into());
            }
            KeyEncryptionKey::create(path).with_context(told)
        }
        // A crash cut its making short, and nothing was wrapped under it yet.
        Err(KeyFileError::WrongLength) if !has_keys => {
            std::fs::remove_file(path).with_context(told)?;
            KeyEncryptionKey::create(path).with_context(told)
        }
        Err(error) => Err(error).with_context(told),
    }
}

/// What signs the tokens of a clinic. Call it while the care log is held.
///
/// # Errors
/// When the key can be neither read nor made.
pub(crate) fn signer(directory: &Directory) -> anyhow::Result<Signer> {
    let path = directory.token_key();
    match Signer::open_or_create(&path) {
        // A crash cut its making short, so no token was ever signed with it.
        Err(KeyProblem::Malformed) if !directory.is_seeded() => {
            std::fs::remove_file(&path).with_context(|| format!("cannot replace {}", path.display()))?;
            Signer::open_or_create(&path).context("the demo cannot sign anybody in")
        }
        opened => opened.context("the demo cannot sign anybody in"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exit;

    #[test]
    fn a_key_above_keys_is_never_made_anew() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("kek.key");
        assert_eq!(exit::code(&key_encryption_key(&path, true).unwrap_err()), 4);
        assert!(!path.exists());
        key_encryption_key(&path, false).unwrap();
        let made = std::fs::read(&path).unwrap();
        key_encryption_key(&path, true).unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), made);
        std::fs::write(&path, "half").unwrap();
        assert!(key_encryption_key(&path, true).is_err());
        key_encryption_key(&path, false).unwrap();
        assert_eq!(std::fs::read(&path).unwrap().len(), 32);
    }
}
