//! The key tree as it lies in the store: making, finding, counting and unwrapping keys inside one transaction of
//! `store.rs`, from the key-encryption key down.

use rusqlite::{Connection, OptionalExtension, Transaction, params};

use crate::Error;
use crate::kek::KeyEncryptionKey;
use crate::material::{KeyObjects, Place, Secret};
use crate::node::{KeyId, Node};

/// The key tree as one transaction sees it.
pub(crate) struct Tree<'a> {
    pub(crate) tx: &'a Transaction<'a>,
    pub(crate) kek: &'a KeyEncryptionKey,
    pub(crate) bound: UseBound,
}

impl Tree<'_> {
    pub(crate) fn refuse_destroyed(&self, node: Node) -> Result<(), Error> {
        let mut found = self.tx.prepare_cached("SELECT 1 FROM tombstone WHERE node = ?1")?;
        if found.exists([node.to_string()])? { Err(Error::Destroyed) } else { Ok(()) }
    }

    /// The newest version of a node's key, and the node above it.
    pub(crate) fn latest(&self, node: Node) -> Result<Option<(u32, Option<Node>)>, Error> {
        let row: Option<(u32, Option<String>)> = self
            .tx
            .prepare_cached("SELECT version, parent_node FROM key WHERE node = ?1 ORDER BY version DESC LIMIT 1")?
            .query_row([node.to_string()], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        let Some((version, parent)) = row else {
            return Ok(None);
        };
        let parent = parent.map(|name| name.parse()).transpose().map_err(|_| Error::Damaged)?;
        Ok(Some((version, parent)))
    }

    /// Makes a version of a node's key, wrapped by the newest version of its parent's.
    pub(crate) fn add_version(&self, node: Node, version: u32, parent: Option<Node>, uses: u32) -> Result<(), Error> {
        let key = KeyId::new(node, version);
        let secret = Secret::generate()?;
        let (above, wrapped) = match parent {
            None => (None, secret.wrapped_by(wrapping_root(self.tx, self.kek)?, Place { key, parent: None })?),
            Some(parent) => {
                self.refuse_destroyed(parent)?;
                let above = KeyId::new(parent, self.reserve(parent, 1)?);
                (Some(above), secret.wrapped_by(&self.secret(above)?, Place { key, parent: Some(above) })?)
            }
        };
        self.tx
            .prepare_cached(
                "INSERT INTO key (node, version, parent, parent_node, wrapped, uses) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            )?
            .execute(params![
                node.to_string(),
                version,
                above.map(|above| above.to_string()),
                parent.map(|parent| parent.to_string()),
                wrapped,
                uses
            ])?;
        Ok(())
    }

    /// Reserves `uses` of the newest version, or of the next if that would pass the bound.
    pub(crate) fn reserve(&self, node: Node, uses: u32) -> Result<u32, Error> {
        let (version, parent) = self.latest(node)?.ok_or(Error::UnknownKey)?;
        let mut reservation = self
            .tx
            .prepare_cached("UPDATE key SET uses = uses + ?3 WHERE node = ?1 AND version = ?2 AND uses + ?3 <= ?4")?;
        if reservation.execute(params![node.to_string(), version, uses, self.bound.limit])? == 1 {
            return Ok(version);
        }
        self.add_version(node, version + 1, parent, uses)?;
        Ok(version + 1)
    }

    /// Unwraps a key from the root down.
    pub(crate) fn secret(&self, key: KeyId) -> Result<Secret, Error> {
        let (wrapped, above): (Vec<u8>, Option<String>) = self
            .tx
            .prepare_cached("SELECT wrapped, parent FROM key WHERE node = ?1 AND version = ?2")?
            .query_row(params![key.node().to_string(), key.version()], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?
            .ok_or(Error::UnknownKey)?;
        let parent: Option<KeyId> = above.map(|id| id.parse()).transpose().map_err(|_| Error::Damaged)?;
        // Also ends the recursion, whatever a damaged row says: nothing hangs under a node that has a parent.
        if !key.node().may_hang_under(parent.map(|parent| parent.node())) {
            return Err(Error::Damaged);
        }
        let place = Place { key, parent };
        match parent {
            None => Secret::unwrapped_by(wrapping_root(self.tx, self.kek)?, place, &wrapped),
            Some(parent) => Secret::unwrapped_by(&self.secret(parent)?, place, &wrapped),
        }
    }
}

/// How often one version of a key may be used, and how many uses one durable reservation covers. A crash loses the
/// rest of a reservation, which only brings the next version a little nearer.
#[derive(Debug, Clone, Copy)]
pub(crate) struct UseBound {
    pub(crate) block: u32,
    pub(crate) limit: u32,
}

impl UseBound {
    /// AES-GCM with random nonces bears 2^32 uses of a key; half of that is the end of a version.
    pub(crate) const STANDARD: Self = Self { block: 1 << 16, limit: 1 << 31 };
}

/// All versions of a node's key, unwrapped.
pub(crate) struct UnwrappedKeys {
    pub(crate) parent: Option<Node>,
    /// In order, from version 1.
    pub(crate) versions: Vec<KeyObjects>,
}

/// Uses of a key's version that were reserved durably.
pub(crate) struct Reservation {
    pub(crate) version: u32,
    pub(crate) uses: u32,
}

/// The key-encryption key, if it still is the store's: another process may have rewrapped since, and a key wrapped
/// under the old one would be lost when that is thrown away.
pub(crate) fn wrapping_root<'a>(connection: &Connection, kek: &'a KeyEncryptionKey) -> Result<&'a Secret, Error> {
    let stored: Vec<u8> =
        connection.prepare_cached("SELECT kek_fingerprint FROM store")?.query_row([], |row| row.get(0))?;
    let secret = kek.secret();
    if stored.first_chunk() == Some(&secret.fingerprint()?) { Ok(secret) } else { Err(Error::WrongKeyEncryptionKey) }
}
