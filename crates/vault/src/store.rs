//! The key store: one SQLite file of wrapped keys and tombstones. Everything here is under the vault's lock; every
//! change is one transaction, durable (WAL, synchronous=FULL) before the call returns.
//!
//! Destroyed bytes leave the file: deleted cells are overwritten (`secure_delete`), the log is truncated and the file
//! rebuilt (`scrub`). What a disk or a backup keeps is still wrapped, and dies with the key-encryption key.

use std::fs::OpenOptions;
use std::io::ErrorKind;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, TransactionBehavior, ffi, params};
use uuid::Uuid;

use crate::Error;
use crate::kek::{KeyEncryptionKey, sync_directory_of};
use crate::material::{KeyObjects, Place, Secret};
use crate::node::{KeyId, Node};
use crate::tree::{Reservation, Tree, UnwrappedKeys, UseBound, wrapping_root};

/// "cfkv", so that a key store can be distinguished from other SQLite files.
const APPLICATION_ID: i32 = 0x6366_6b76;
const FORMAT: i32 = 1;
/// The longest wait for a short transaction or read of another process: everybody else who needs the store waits with it.
const BUSY: Duration = Duration::from_secs(2);

const SCHEMA: &str = "
    CREATE TABLE store (
        only INTEGER PRIMARY KEY CHECK (only = 1),
        kek_fingerprint BLOB NOT NULL,
        scrub_due INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE key (
        node TEXT NOT NULL,
        version INTEGER NOT NULL,
        parent TEXT,            -- key id; NULL: the key-encryption key
        parent_node TEXT,
        wrapped BLOB NOT NULL,
        uses INTEGER NOT NULL,  -- reserved, thus at least those made
        PRIMARY KEY (node, version)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX key_below ON key (parent_node);
    CREATE TABLE tombstone (
        node TEXT PRIMARY KEY,
        event BLOB NOT NULL
    ) STRICT, WITHOUT ROWID;
";

/// Whether the store may be changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Makes the store if there is none. One process at a time, since others do not learn of a destruction at once.
    Writer,
    /// Beside a running writer: opens, reads tokens and answers the state of a key; never seals, since that counts a use.
    ReadOnly,
}

/// Where the keys are kept: `sqlite:<path>`, or `memory:` for tests and demonstrations, which ends with its vault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyStoreUrl {
    /// A file of this path, and its `-wal` and `-shm` beside it.
    Sqlite(PathBuf),
    /// No file.
    Memory,
}

impl FromStr for KeyStoreUrl {
    type Err = MalformedUrl;

    fn from_str(url: &str) -> Result<Self, MalformedUrl> {
        match url.split_once(':') {
            Some(("memory", "")) => Ok(Self::Memory),
            // SQLite gives these paths a meaning of its own: a store in memory, or a URI with options.
            Some(("sqlite", path)) if path.is_empty() || path.starts_with(':') || path.starts_with("file:") => {
                Err(MalformedUrl)
            }
            Some(("sqlite", path)) => Ok(Self::Sqlite(path.into())),
            _ => Err(MalformedUrl),
        }
    }
}

/// The text is neither `sqlite:<path>` nor `memory:`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a key store is sqlite:<path> or memory:")]
pub struct MalformedUrl;

/// What the store knows of a key id. At start, a key that an event names must be `Known` or `Destroyed`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyState {
    /// The key is there.
    Known,
    /// The node was destroyed, by itself or with a node above it.
    Destroyed {
        /// The event that says so.
        event: Uuid,
    },
    /// Never made here, or lost: what it sealed is unreadable though nobody decided so.
    Unknown,
}

/// The result of unwrapping every key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// How many keys are sound.
    pub sound: u64,
    /// The ids of those that are not: damaged themselves, or below a damaged one.
    pub damaged: Vec<String>,
}

pub(crate) struct Store {
    connection: Connection,
    kek: KeyEncryptionKey,
    access: Access,
    bound: UseBound,
}

impl Store {
    pub(crate) fn open(
        url: &KeyStoreUrl,
        kek: &KeyEncryptionKey,
        access: Access,
        bound: UseBound,
    ) -> Result<Self, Error> {
        let connection = match url {
            KeyStoreUrl::Memory => Connection::open_in_memory()?,
            KeyStoreUrl::Sqlite(path) => open_file(path, access)?,
        };
        connection.busy_timeout(BUSY)?;
        // The copy that VACUUM makes on its way stays out of the temporary directory.
        connection.pragma_update(None, "temp_store", "MEMORY")?;
        if access == Access::Writer {
            connection.pragma_update(None, "secure_delete", "ON")?;
            connection.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(()))?;
            connection.pragma_update(None, "synchronous", "FULL")?;
        }
        let mut store = Self { connection, kek: kek.clone(), access, bound };
        if access == Access::Writer {
            store.create()?;
        }
        store.check_format()?;
        if access == Access::Writer && store.scrub_due()? {
            store.scrub()?;
        }
        Ok(store)
    }

    /// Makes the tables and the installation key in one transaction, if the file is still empty.
    fn create(&mut self) -> Result<(), Error> {
        let fingerprint = self.kek.secret().fingerprint()?;
        let tx = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let tables: i64 = tx.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
        if tables > 0 {
            return Ok(());
        }
        tx.execute_batch(SCHEMA)?;
        tx.pragma_update(None, "application_id", APPLICATION_ID)?;
        tx.pragma_update(None, "user_version", FORMAT)?;
        tx.execute("INSERT INTO store (only, kek_fingerprint, scrub_due) VALUES (1, ?1, 0)", [fingerprint])?;
        let tree = Tree { tx: &tx, kek: &self.kek, bound: self.bound };
        tree.add_version(Node::Installation, 1, None, 0)?;
        tx.commit()?;
        Ok(())
    }

    fn check_format(&self) -> Result<(), Error> {
        let number = |name: &str| self.connection.pragma_query_value(None, name, |row| row.get::<_, i32>(0));
        if number("application_id")? != APPLICATION_ID {
            return Err(Error::NotAKeyStore);
        }
        match number("user_version")? {
            FORMAT => Ok(()),
            found => Err(Error::Format { found, known: FORMAT }),
        }
    }

    /// The key of `node`, made under `parent` if it is new; a new one comes with its first reservation.
    pub(crate) fn get_or_create(
        &mut self,
        node: Node,
        parent: Option<Node>,
    ) -> Result<(KeyId, Option<Reservation>), Error> {
        let bound = self.bound;
        self.change(|tree| {
            tree.refuse_destroyed(node)?;
            if let Some((version, stored)) = tree.latest(node)? {
                return if stored == parent { Ok((KeyId::new(node, version), None)) } else { Err(Error::WrongParent) };
            }
            if !node.may_hang_under(parent) {
                return Err(Error::WrongParent);
            }
            let uses = bound.block.min(bound.limit);
            tree.add_version(node, 1, parent, uses)?;
            Ok((KeyId::new(node, 1), Some(Reservation { version: 1, uses })))
        })
    }

    /// Reserves a block of uses of the node's newest version, making a new version when the bound is near.
    pub(crate) fn reserve(&mut self, node: Node) -> Result<Reservation, Error> {
        let uses = self.bound.block.min(self.bound.limit);
        self.change(|tree| {
            tree.refuse_destroyed(node)?;
            Ok(Reservation { version: tree.reserve(node, uses)?, uses })
        })
    }

    /// All keys of a node in objects.
    pub(crate) fn held(&mut self, node: Node) -> Result<UnwrappedKeys, Error> {
        // One read transaction: rows and key-encryption key are of the same moment even while another process rewraps.
        let tx = self.connection.transaction()?;
        let tree = Tree { tx: &tx, kek: &self.kek, bound: self.bound };
        tree.refuse_destroyed(node)?;
        let (newest, parent) = tree.latest(node)?.ok_or(Error::UnknownKey)?;
        let objects = |version| KeyObjects::of(&tree.secret(KeyId::new(node, version))?);
        let versions = (1..=newest).map(objects).collect::<Result<_, _>>()?;
        Ok(UnwrappedKeys { parent, versions })
    }

    /// The raw key itself, for subkeys that only one place knows.
    pub(crate) fn secret(&mut self, key: KeyId) -> Result<Secret, Error> {
        let tx = self.connection.transaction()?;
        Tree { tx: &tx, kek: &self.kek, bound: self.bound }.secret(key)
    }

    /// Unwraps every key, and names those that do not unwrap.
    pub(crate) fn verify(&mut self) -> Result<Verified, Error> {
        let tx = self.connection.transaction()?;
        let tree = Tree { tx: &tx, kek: &self.kek, bound: self.bound };
        let mut statement = tx.prepare("SELECT node, version FROM key ORDER BY node, version")?;
        let mut rows = statement.query([])?;
        let mut verified = Verified { sound: 0, damaged: Vec::new() };
        while let Some(row) = rows.next()? {
            let (name, version): (String, u32) = (row.get(0)?, row.get(1)?);
            let secret =
                name.parse().map_err(|_| Error::Damaged).and_then(|node| tree.secret(KeyId::new(node, version)));
            match secret {
                Ok(_) => verified.sound += 1,
                Err(Error::Store(error)) => return Err(error.into()),
                Err(_) => verified.damaged.push(format!("{name}:{version}")),
            }
        }
        Ok(verified)
    }

    pub(crate) fn key_state(&self, key: &KeyId) -> Result<KeyState, Error> {
        // One statement, so that a destruction cannot fall between looking for the key and for its tombstone.
        let (event, newest): (Option<Vec<u8>>, Option<u32>) = self
            .connection
            .prepare_cached(
                "SELECT (SELECT event FROM tombstone WHERE node = ?1), (SELECT max(version) FROM key WHERE node = ?1)",
            )?
            .query_row([key.node().to_string()], |row| Ok((row.get(0)?, row.get(1)?)))?;
        match (event, newest) {
            (Some(event), _) => {
                let event = Uuid::from_slice(&event).map_err(|_| Error::Damaged)?;
                Ok(KeyState::Destroyed { event })
            }
            (None, Some(newest)) if key.version() <= newest => Ok(KeyState::Known),
            (None, _) => Ok(KeyState::Unknown),
        }
    }

    /// Removes the keys of `node` and of all below it and leaves tombstones; the file still has to be scrubbed. A node
    /// that has a tombstone keeps it, so repeating this changes nothing; one that never was can then never be made.
    pub(crate) fn destroy_below(&mut self, node: Node, event: Uuid) -> Result<(), Error> {
        const BELOW: &str = "WITH RECURSIVE below (node) AS (
            SELECT ?1 UNION SELECT key.node FROM key JOIN below ON key.parent_node = below.node)";
        if node == Node::Installation {
            return Err(Error::NotDestructible);
        }
        let name = node.to_string();
        self.change(|tree| {
            tree.tx.execute(
                &format!("{BELOW} INSERT OR IGNORE INTO tombstone (node, event) SELECT node, ?2 FROM below"),
                params![name, event.as_bytes()],
            )?;
            let delete = format!("{BELOW} DELETE FROM key WHERE node IN (SELECT node FROM below)");
            tree.tx.execute(&delete, [&name])?;
            tree.tx.execute("UPDATE store SET scrub_due = 1", [])?;
            Ok(())
        })
    }

    /// Wraps every key of the top row anew; all or none. The file still has to be scrubbed of the old wraps.
    pub(crate) fn rewrap(&mut self, new: &KeyEncryptionKey) -> Result<(), Error> {
        let fingerprint = new.secret().fingerprint()?;
        self.change(|tree| {
            let old = wrapping_root(tree.tx, tree.kek)?;
            let mut rows = tree.tx.prepare("SELECT node, version, wrapped FROM key WHERE parent IS NULL")?;
            let rows = rows.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
            for row in rows.collect::<Result<Vec<(String, u32, Vec<u8>)>, _>>()? {
                let (name, version, wrapped) = row;
                let key = KeyId::new(name.parse().map_err(|_| Error::Damaged)?, version);
                let place = Place { key, parent: None };
                let wrapped = Secret::unwrapped_by(old, place, &wrapped)?.wrapped_by(new.secret(), place)?;
                tree.tx
                    .prepare_cached("UPDATE key SET wrapped = ?3 WHERE node = ?1 AND version = ?2")?
                    .execute(params![name, version, wrapped])?;
            }
            tree.tx.execute("UPDATE store SET kek_fingerprint = ?1, scrub_due = 1", [fingerprint])?;
            Ok(())
        })?;
        self.kek = new.clone();
        Ok(())
    }

    /// Drives deleted bytes out of the files. The first checkpoint writes the overwritten pages into the main file,
    /// since VACUUM may cut those at its end off without touching them; the second writes what VACUUM made.
    pub(crate) fn scrub(&mut self) -> Result<(), Error> {
        let steps = || {
            self.checkpoint()?;
            self.connection.execute_batch("VACUUM")?;
            self.checkpoint()?;
            self.connection.execute("UPDATE store SET scrub_due = 0", [])
        };
        steps().map(|_| ()).map_err(Error::NotScrubbed)
    }

    fn checkpoint(&self) -> Result<(), rusqlite::Error> {
        let busy: i64 = self.connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
        match busy {
            0 => Ok(()),
            _ => Err(rusqlite::Error::SqliteFailure(ffi::Error::new(ffi::SQLITE_BUSY), None)),
        }
    }

    /// The drafts that have a key.
    pub(crate) fn drafts(&self) -> Result<Vec<Uuid>, Error> {
        // A range and not LIKE, so that the primary key is used.
        let mut rows = self
            .connection
            .prepare_cached("SELECT node FROM key WHERE node >= 'd:' AND node < 'd;' AND version = 1")?;
        let nodes = rows.query_map([], |row| row.get::<_, String>(0))?.collect::<Result<Vec<_>, _>>()?;
        let draft = |node: String| match node.parse() {
            Ok(Node::Draft(draft)) => Ok(draft),
            Ok(_) | Err(_) => Err(Error::Damaged),
        };
        nodes.into_iter().map(draft).collect()
    }

    /// Commits the first page as it is, which shows that the disk takes writes. A row that is updated to what it was would
    /// not be written.
    pub(crate) fn prove_writing(&mut self) -> Result<(), Error> {
        self.change(|tree| Ok(tree.tx.pragma_update(None, "application_id", APPLICATION_ID)?))
    }

    /// Reads every page that is not in memory.
    pub(crate) fn prove_reading(&self) -> Result<(), Error> {
        let found: String = self.connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
        if found == "ok" {
            return Ok(());
        }
        // SQLite's words name pages and tables, never what is in them.
        Err(rusqlite::Error::SqliteFailure(ffi::Error::new(ffi::SQLITE_CORRUPT), Some(found)).into())
    }

    pub(crate) fn scrub_due(&self) -> Result<bool, Error> {
        Ok(self.connection.query_row("SELECT scrub_due FROM store", [], |row| row.get(0))?)
    }

    /// One change of the tree, in a transaction that takes the write lock first: two makers of one key meet here.
    fn change<T>(&mut self, change: impl FnOnce(&Tree<'_>) -> Result<T, Error>) -> Result<T, Error> {
        if self.access == Access::ReadOnly {
            return Err(Error::ReadOnly);
        }
        let tx = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let outcome = change(&Tree { tx: &tx, kek: &self.kek, bound: self.bound })?;
        tx.commit()?;
        Ok(outcome)
    }
}

#[cfg(test)]
impl Store {
    /// A lock of another process is a failure at once.
    pub(crate) fn wait_for_nobody(&self) {
        self.connection.busy_timeout(Duration::ZERO).unwrap();
    }

    /// Changes a byte of a wrapped key.
    pub(crate) fn spoil(&self, node: Node) {
        let wrapped: Vec<u8> = self
            .connection
            .query_row("SELECT wrapped FROM key WHERE node = ?1", [node.to_string()], |row| row.get(0))
            .unwrap();
        let spoilt: Vec<u8> = wrapped.iter().map(|byte| byte ^ 1).collect();
        self.connection
            .execute("UPDATE key SET wrapped = ?2 WHERE node = ?1", params![node.to_string(), spoilt])
            .unwrap();
    }
}

fn open_file(path: &Path, access: Access) -> Result<Connection, Error> {
    let mode = match access {
        Access::ReadOnly => OpenFlags::SQLITE_OPEN_READ_ONLY,
        Access::Writer => {
            // Made here and not by SQLite, so that it and the files beside it are closed to others from the start.
            match OpenOptions::new().write(true).create_new(true).mode(0o600).open(path) {
                Ok(file) => file.sync_all().and_then(|()| sync_directory_of(path)).map_err(Error::File)?,
                Err(fault) if fault.kind() == ErrorKind::AlreadyExists => {}
                Err(fault) => return Err(Error::File(fault)),
            }
            OpenFlags::SQLITE_OPEN_READ_WRITE
        }
    };
    Ok(Connection::open_with_flags(path, mode | OpenFlags::SQLITE_OPEN_NO_MUTEX)?)
}

#[cfg(test)]
mod tests;
