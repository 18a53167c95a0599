//! `Vault`: what callers use. It keeps unwrapped keys in a bounded cache, so that sealing and opening touch no file,
//! and forgets them at once when a key is destroyed.
//!
//! Two locks, always taken in this order: the store, then the cache. A key is read from the store and put into the
//! cache under the store's lock, and so is a destruction; so no key comes back into the cache after its destruction.
//!
//! Everything that may wait for the store, and so for a disk, goes through one method, which the program can have run
//! where waiting holds up nobody else ([`Vault::wait_by`]). What the cache answers does not go there.

use std::fmt;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use aws_lc_rs::hmac;
use lru::LruCache;
use uuid::Uuid;

use crate::kek::KeyEncryptionKey;
use crate::material::KeyObjects;
use crate::node::{KeyId, Node};
use crate::store::{Access, KeyState, KeyStoreUrl, Store, Verified};
use crate::token::TokenKeys;
use crate::tree::{Reservation, UnwrappedKeys, UseBound};
use crate::trouble::{Trouble, Troubles};
use crate::{Error, TokenPurpose};

/// The number of nodes whose unwrapped keys are cached: a few KiB each, so some tens of MiB at most.
const CACHED_NODES: NonZeroUsize = NonZeroUsize::new(4096).unwrap();

/// Runs work that may wait for a disk, once, before it returns.
pub type Waiting = fn(&mut dyn FnMut());

/// The installation's keys. Share it as `Arc<Vault>`; every method takes `&self` from any thread.
pub struct Vault {
    directory: Option<PathBuf>,
    store: Mutex<Store>,
    waiting: OnceLock<Waiting>,
    cache: Mutex<LruCache<Node, Cached>>,
    reading: Trouble,
    writing: Trouble,
    tokens: TokenKeys,
}

impl Vault {
    /// Opens the key store; as `Access::Writer` also makes it, with the installation key, if there is none.
    ///
    /// # Errors
    /// `WrongKeyEncryptionKey`, `NotAKeyStore`, `File`, `Store`; `NotScrubbed` if a destruction that a crash cut short
    /// cannot be finished because another process reads the store.
    pub fn open_at(url: &KeyStoreUrl, kek: &KeyEncryptionKey, access: Access) -> Result<Self, Error> {
        Self::open_at_bounded(url, kek, access, UseBound::STANDARD)
    }

    fn open_at_bounded(
        url: &KeyStoreUrl,
        kek: &KeyEncryptionKey,
        access: Access,
        bound: UseBound,
    ) -> Result<Self, Error> {
        let mut store = Store::open(url, kek, access, bound)?;
        // Tokens name no key version, so they stay with the first; their scheme needs no further one.
        let tokens = TokenKeys::of(&store.secret(KeyId::FIRST_OF_INSTALLATION)?)?;
        let directory = match url {
            KeyStoreUrl::Sqlite(path) => path.parent().map(Path::to_owned),
            KeyStoreUrl::Memory => None,
        };
        let (store, cache) = (Mutex::new(store), Mutex::new(LruCache::new(CACHED_NODES)));
        let (reading, writing) = (Trouble::default(), Trouble::default());
        Ok(Self { directory, store, waiting: OnceLock::new(), cache, reading, writing, tokens })
    }

    /// From now on `waiting` runs whatever may wait for the store; the first one that is given stays. Without one, it
    /// runs where it was asked for.
    pub fn wait_by(&self, waiting: Waiting) {
        self.waiting.get_or_init(|| waiting);
    }

    /// Whether a key, or that it was destroyed, is held in memory, so that opening what it sealed waits for no disk.
    pub fn holds(&self, key: &KeyId) -> bool {
        match self.cache().get(&key.node()) {
            Some(Cached::Live(keys)) => keys.version(key.version()).is_some(),
            Some(Cached::Destroyed) => true,
            None => false,
        }
    }

    /// Brings a key into memory, if it is there.
    ///
    /// # Errors
    /// `WrongKeyEncryptionKey`, `UnknownKey`, `Damaged`, `Store`.
    pub fn hold(&self, key: &KeyId) -> Result<(), Error> {
        self.keys_of(key).map(drop)
    }

    /// The directory of the key store; none if it is in no file.
    pub fn directory(&self) -> Option<&Path> {
        self.directory.as_deref()
    }

    /// Why the key store failed when it was used last, until [`Self::prove`] finds that it works.
    pub fn troubles(&self) -> Troubles {
        Troubles { reading: self.reading.reason(), writing: self.writing.reason() }
    }

    /// Proves that the store takes a change, and that all of it can be read if something failed before. It waits for the
    /// disk: call it off the threads that answer.
    ///
    /// # Errors
    /// `Store`; `ReadOnly` if it was opened so.
    pub fn prove(&self) -> Result<(), Error> {
        let (read, written, failed) =
            (self.reading.count(), self.writing.count(), self.troubles() != Troubles::default());
        self.in_store(&self.writing, Store::prove_writing)?;
        if failed {
            self.in_store(&self.reading, |store| store.prove_reading())?;
        }
        self.writing.ended(written);
        self.reading.ended(read);
        Ok(())
    }

    /// The installation's key id, for input hashes of streams that have no content key.
    pub fn installation(&self) -> KeyId {
        KeyId::FIRST_OF_INSTALLATION
    }

    /// The key of `node`, made under `parent` if there is none yet; of several makers at once all get the same key.
    /// `parent` is the patient or organization of a thread or attachment, and `None` for every other node. The key is
    /// durable when this returns.
    ///
    /// # Errors
    /// `Destroyed` if the node or its parent was destroyed, `UnknownKey` if the parent has no key yet, `WrongParent`,
    /// `ReadOnly`, `WrongKeyEncryptionKey` (rewrapped since opening), `Store`.
    pub fn get_or_create(&self, node: Node, parent: Option<Node>) -> Result<KeyId, Error> {
        if let Some(Cached::Live(keys)) = self.cache().get(&node)
            && keys.parent == parent
        {
            return Ok(KeyId::new(node, keys.newest));
        }
        self.in_store(&self.writing, |store| {
            let (key, reserved) = store.get_or_create(node, parent)?;
            if let Some(reserved) = reserved {
                let keys = NodeKeys::new(store.held(node)?, reserved);
                self.cache().put(node, Cached::Live(Arc::new(keys)));
            }
            Ok(key)
        })
    }

    /// Unwraps every key, also those that nobody has asked for yet, and names those that are damaged. It takes time with
    /// the number of keys: call it off the threads that answer.
    ///
    /// # Errors
    /// `Store`.
    pub fn verify(&self) -> Result<Verified, Error> {
        self.in_store(&self.reading, |store| store.verify())
    }

    /// What the store knows of a key id. Always asks the store.
    ///
    /// # Errors
    /// `Store`, `Damaged`.
    pub fn key_state(&self, key: &KeyId) -> Result<KeyState, Error> {
        self.in_store(&self.reading, |store| store.key_state(key))
    }

    /// Whether the key of a node is destroyed. A key that is in use here is not looked up in the store, because most
    /// answers ask this.
    ///
    /// # Errors
    /// `Store`, `Damaged`.
    pub fn is_destroyed(&self, node: Node) -> Result<bool, Error> {
        match self.cache().get(&node) {
            Some(Cached::Live(_)) => return Ok(false),
            Some(Cached::Destroyed) => return Ok(true),
            None => {}
        }
        // A node is destroyed with all versions of its key, so the first one says it.
        Ok(matches!(self.key_state(&KeyId::new(node, 1))?, KeyState::Destroyed { .. }))
    }

    /// Destroys a node's key and all keys below it, permanently; `event` is the event that decided so. Repeating it
    /// changes nothing, and the first event stays. It takes the time to rewrite the file, during which every other
    /// use of a key waits, since the cache is empty then: call it off the threads that answer. A value being opened at
    /// this moment may still be answered.
    ///
    /// # Errors
    /// `NotScrubbed`: destroyed, but call it again to clean the file. `NotDestructible` for the installation,
    /// `ReadOnly`, `Store`.
    pub fn destroy(&self, node: Node, event: Uuid) -> Result<(), Error> {
        self.in_store(&self.writing, |store| {
            let destroyed = store.destroy_below(node, event);
            // Also after a failure: a failed commit may still have reached the disk.
            self.forget();
            destroyed?;
            store.scrub()
        })
    }

    /// Destroys the key of a draft, permanently; `event` is the event that ended the draft. Repeating it changes
    /// nothing. Drafts end often, so the other keys stay in the cache and the file is not rewritten: nothing opens what
    /// the key sealed, and [`Self::scrub`] drives what is left of its wrapped bytes out of the file.
    ///
    /// # Errors
    /// `ReadOnly`, `Store`.
    pub fn destroy_draft(&self, draft: Uuid, event: Uuid) -> Result<(), Error> {
        self.destroy_one(Node::Draft(draft), event)
    }

    /// Destroys the key of a message from outside, permanently, in the same way; `event` is the event that erased it.
    ///
    /// # Errors
    /// `ReadOnly`, `Store`.
    pub fn destroy_outside_message(&self, message: Uuid, event: Uuid) -> Result<(), Error> {
        self.destroy_one(Node::OutsideMessage(message), event)
    }

    /// Destroys a key that has none below it.
    fn destroy_one(&self, node: Node, event: Uuid) -> Result<(), Error> {
        self.in_store(&self.writing, |store| {
            let destroyed = store.destroy_below(node, event);
            // Also after a failure: a failed commit may still have reached the disk.
            self.cache().pop(&node);
            destroyed
        })
    }

    /// The drafts whose keys are there.
    ///
    /// # Errors
    /// `Store`, `Damaged`.
    pub fn drafts(&self) -> Result<Vec<Uuid>, Error> {
        self.in_store(&self.reading, |store| store.drafts())
    }

    /// Drives the bytes of destroyed keys out of the file, if some may be left in it. It takes the time to rewrite the
    /// file: call it off the threads that answer.
    ///
    /// # Errors
    /// `NotScrubbed`, `ReadOnly`, `Store`.
    pub fn scrub(&self) -> Result<(), Error> {
        self.in_store(&self.writing, |store| if store.scrub_due()? { store.scrub() } else { Ok(()) })
    }

    /// Drops every unwrapped key from memory, so that the next use asks the store: for a destruction that another
    /// process made.
    pub fn forget(&self) {
        self.cache().clear();
    }

    /// Wraps the keys that hang under the key-encryption key under `new`, all or none, and uses `new` from then on.
    /// No sealed value changes. Another process that still has the old key gets `WrongKeyEncryptionKey`.
    ///
    /// # Errors
    /// `NotScrubbed`: rewrapped, but call it again to clean the file. `WrongKeyEncryptionKey`, `ReadOnly`, `Damaged`,
    /// `Store`.
    pub fn rewrap(&self, new: &KeyEncryptionKey) -> Result<(), Error> {
        self.in_store(&self.writing, |store| {
            store.rewrap(new)?;
            store.scrub()
        })
    }

    /// A keyed hash (HMAC-SHA-256) of `bytes`, or `None` once the key is destroyed. Keep the key id beside the hash: a
    /// node's newest key may become another one.
    ///
    /// # Errors
    /// `UnknownKey`, `WrongKeyEncryptionKey`, `Damaged`, `Store`.
    pub fn mac(&self, key: &KeyId, bytes: &[u8]) -> Result<Option<[u8; 32]>, Error> {
        let Some(keys) = self.keys_of(key)? else {
            return Ok(None);
        };
        let objects = keys.version(key.version()).ok_or(Error::UnknownKey)?;
        let tag = hmac::sign(&objects.mac, bytes);
        tag.as_ref().first_chunk().copied().map(Some).ok_or(Error::Primitive)
    }

    /// The outside text of 32 bytes that only this installation can read; always 80 characters of base64url. The same
    /// purpose and bytes give the same text, so a repeated answer is byte for byte the same.
    ///
    /// # Errors
    /// `Primitive`.
    pub fn mint(&self, purpose: TokenPurpose, plain: &[u8; 32]) -> Result<String, Error> {
        self.tokens.mint(purpose, plain)
    }

    /// The bytes of a token that this installation minted for this purpose; `None` for any other text.
    pub fn read(&self, purpose: TokenPurpose, token: &str) -> Option<[u8; 32]> {
        self.tokens.read(purpose, token)
    }

    /// Runs `with` on the version of the node's key to seal with now, one use of which is then taken.
    pub(crate) fn use_newest<T>(
        &self,
        node: Node,
        with: impl FnOnce(KeyId, &KeyObjects) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let cached = match self.cache().get(&node) {
            Some(Cached::Live(keys)) => Some(Arc::clone(keys)),
            Some(Cached::Destroyed) => return Err(Error::Destroyed),
            None => None,
        };
        let keys = match cached.filter(|keys| keys.take_use()) {
            Some(keys) => keys,
            None => self.reserve(node)?,
        };
        let objects = keys.version(keys.newest).ok_or(Error::UnknownKey)?;
        with(KeyId::new(node, keys.newest), objects)
    }

    /// Keys of the node with a use already taken, after a durable reservation unless another thread just made one.
    fn reserve(&self, node: Node) -> Result<Arc<NodeKeys>, Error> {
        self.in_store(&self.writing, |store| {
            if let Some(Cached::Live(keys)) = self.cache().get(&node)
                && keys.take_use()
            {
                return Ok(Arc::clone(keys));
            }
            let reserved = store.reserve(node)?;
            let keys = Arc::new(NodeKeys::new(store.held(node)?, reserved));
            // Taken before other threads find the keys, because they may take all that is left.
            if !keys.take_use() {
                return Err(Error::Primitive);
            }
            self.cache().put(node, Cached::Live(Arc::clone(&keys)));
            Ok(keys)
        })
    }

    /// The keys of the node that `key` names, or `None` if it is destroyed.
    pub(crate) fn keys_of(&self, key: &KeyId) -> Result<Option<Arc<NodeKeys>>, Error> {
        match self.cache().get(&key.node()) {
            Some(Cached::Destroyed) => return Ok(None),
            // A version that is missing here may have been made by another process since.
            Some(Cached::Live(keys)) if keys.version(key.version()).is_some() => {
                return Ok(Some(Arc::clone(keys)));
            }
            Some(Cached::Live(_)) | None => {}
        }
        self.in_store(&self.reading, |store| self.load(store, key))
    }

    /// Puts the keys of the node that `key` names into the cache.
    fn load(&self, store: &mut Store, key: &KeyId) -> Result<Option<Arc<NodeKeys>>, Error> {
        match store.held(key.node()) {
            Ok(held) => {
                let newest = u32::try_from(held.versions.len()).map_err(|_| Error::Damaged)?;
                let keys = Arc::new(NodeKeys::new(held, Reservation { version: newest, uses: 0 }));
                let mut cache = self.cache();
                // The thread that loaded first may hold a reservation, which is worth keeping; the keys are the same.
                match cache.get(&key.node()) {
                    Some(Cached::Live(there)) if there.newest == newest => {
                        return Ok(Some(Arc::clone(there)));
                    }
                    Some(Cached::Live(_) | Cached::Destroyed) | None => {}
                }
                cache.put(key.node(), Cached::Live(Arc::clone(&keys)));
                Ok(Some(keys))
            }
            Err(Error::Destroyed) => {
                // A tombstone is permanent, so it may be remembered: destroyed texts are listed often.
                self.cache().put(key.node(), Cached::Destroyed);
                Ok(None)
            }
            Err(other) => Err(other),
        }
    }

    /// The one way to the store. Nobody who holds the cache comes here. What fails there is noted.
    fn in_store<T>(&self, trouble: &Trouble, work: impl FnOnce(&mut Store) -> Result<T, Error>) -> Result<T, Error> {
        let work = || work(&mut self.store()).inspect_err(|error| trouble.note(error));
        let Some(waiting) = self.waiting.get() else { return work() };
        let (mut work, mut done) = (Some(work), None);
        waiting(&mut || {
            if let Some(work) = work.take() {
                done = Some(work());
            }
        });
        done.unwrap_or(Err(Error::Primitive))
    }

    // A thread that panicked under a lock left both whole: SQLite rolls its transaction back, and the cache is only
    // changed by single calls.
    fn store(&self) -> MutexGuard<'_, Store> {
        self.store.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn cache(&self) -> MutexGuard<'_, LruCache<Node, Cached>> {
        self.cache.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Vault(..)")
    }
}

enum Cached {
    Live(Arc<NodeKeys>),
    Destroyed,
}

/// The unwrapped keys of one node, and how many reserved uses of its newest version are left.
pub(crate) struct NodeKeys {
    parent: Option<Node>,
    versions: Vec<KeyObjects>,
    newest: u32,
    uses_left: AtomicU32,
}

impl NodeKeys {
    fn new(held: UnwrappedKeys, reserved: Reservation) -> Self {
        Self {
            parent: held.parent,
            versions: held.versions,
            newest: reserved.version,
            uses_left: AtomicU32::new(reserved.uses),
        }
    }

    pub(crate) fn version(&self, version: u32) -> Option<&KeyObjects> {
        let at = usize::try_from(version).ok()?.checked_sub(1)?;
        self.versions.get(at)
    }

    fn take_use(&self) -> bool {
        self.uses_left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)).is_ok()
    }
}

#[cfg(test)]
pub(crate) mod tests;
