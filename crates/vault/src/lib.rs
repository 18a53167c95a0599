//! The vault: keys and sealing. It keeps a person's text encrypted wherever it is stored, and makes that text
//! permanently unreadable when its key is destroyed.
//!
//! ```text
//! key-encryption key            a file of 32 random bytes, outside this store (kek.rs)
//!   ├─ i  installation          outside tokens; input hashes of streams without a content key
//!   ├─ u  person                identity fields of a person; input hashes of what they send from outside
//!   ├─ p  patient               identity fields of a patient, and wraps what concerns the patient:
//!   │    ├─ t  thread               texts of one thread
//!   │    ├─ a  attachment           bytes of one attachment
//!   │    ├─ d  draft                text of one draft of a form
//!   │    ├─ g  delegation           texts of one
//!   │    └─ l  legal authority      texts of one
//!   └─ o  organization          wraps what concerns no patient:
//!        ├─ t  thread
//!        ├─ a  attachment
//!        ├─ d  draft
//!        └─ m  message from outside   texts of one, which belongs to no patient yet
//! ```
//!
//! Invariants, which may not change once there is data:
//!
//! - Every key is 32 random bytes, kept only wrapped by its parent (`tree.rs`); `material.rs` says how, and how each
//!   purpose gets a subkey of its own. Knowing the store without the key-encryption key opens nothing.
//! - A key is durable before its id is handed out, so no event ever names a key that a crash took away.
//! - Destroying a node makes what is below it unreadable and nothing else. A tombstone stays, naming the event; the
//!   node can never be made again.
//! - A key version is replaced long before random nonces are likely to repeat (after 2^31 uses; AES-GCM allows 2^32).
//! - The associated data of a sealed value includes its key id; moving it to another key or place fails as `Tampered`.
//!
//! Randomness comes from the operating system through aws-lc-rs. It is not an argument, because a nonce that a caller can
//! choose could be repeated. This crate has no clock.
//!
//! Files: `vault.rs` is the interface for callers; `node.rs` names keys; `seal.rs` and `token.rs` are the two external
//! formats; `store.rs` is the SQLite file, `tree.rs` the keys in it, `trouble.rs` whether it works.

mod kek;
mod material;
mod node;
mod seal;
mod store;
mod token;
mod tree;
mod trouble;
mod vault;

pub use kek::{KeyEncryptionKey, KeyFileError};
pub use node::{KeyId, MalformedKeyId, Node};
pub use seal::{Opened, Plain, Sealed};
pub use store::{Access, KeyState, KeyStoreUrl, MalformedUrl, Verified};
pub use token::TokenPurpose;
pub use trouble::Troubles;
pub use vault::{Vault, Waiting};

/// The errors of the vault. None of them contains a key, a text or an id.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The node, or this version of its key, was never made in this store.
    #[error("no such key")]
    UnknownKey,
    /// The node or its parent was destroyed; it is never made again.
    #[error("the key was destroyed")]
    Destroyed,
    /// This node cannot have this parent, or already has another parent in the key tree.
    #[error("the node does not belong under this parent")]
    WrongParent,
    /// Key, associated data, nonce and ciphertext do not belong together.
    #[error("the sealed value was altered or moved")]
    Tampered,
    /// The installation key encrypts no person's text; without it every issued token would only become invalid.
    #[error("the installation key cannot be destroyed")]
    NotDestructible,
    /// The store was opened for reading beside a running server.
    #[error("the key store was opened read-only")]
    ReadOnly,
    /// The store's keys are wrapped under another key-encryption key than the one given.
    #[error("this is not the key-encryption key of the key store")]
    WrongKeyEncryptionKey,
    /// The file is missing its tables, or is another program's.
    #[error("not a key store")]
    NotAKeyStore,
    /// The key store was made by an older or a newer version of this program.
    #[error("the key store was made by {} software: it has format {found}, and this program knows format {known}", if found > known { "newer" } else { "older" })]
    Format {
        /// Its format.
        found: i32,
        /// The one format that is known.
        known: i32,
    },
    /// A row of the key store does not verify although the key-encryption key is the right one.
    #[error("the key store is damaged")]
    Damaged,
    /// The change is committed and in force, but the file could not be cleaned of the old bytes, mostly since another
    /// process was reading. The same call repeated, or the next opening for writing, cleans it.
    #[error("committed, but old bytes may remain in the key store's files")]
    NotScrubbed(#[source] rusqlite::Error),
    /// The key store's file could not be made.
    #[error("cannot make the key store's file")]
    File(#[source] std::io::Error),
    /// The cryptographic library or the operating system's randomness failed.
    #[error("the cryptographic library failed")]
    Primitive,
    /// SQLite failed; nothing was changed.
    #[error("the key store failed")]
    Store(#[from] rusqlite::Error),
}

impl From<aws_lc_rs::error::Unspecified> for Error {
    fn from(_: aws_lc_rs::error::Unspecified) -> Self {
        Self::Primitive
    }
}
