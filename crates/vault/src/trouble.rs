//! Whether the key store did what it was asked to: what readiness says of it between two proofs.
//!
//! A failure is noted where the store is used. It ends only when the store was proved to work since: what is in memory is
//! read whatever the disk does. The journal has the same for a log; neither of the two crates depends on the other.

use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::Error;

/// Why the key store failed when it was used last, and was not proved to work since; none if it works.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Troubles {
    /// Why it could not be read. It names no key and no content.
    pub reading: Option<String>,
    /// Why it could not be written.
    pub writing: Option<String>,
}

/// The failures of one use of the store: its reading, or its writing.
#[derive(Debug, Default)]
pub(crate) struct Trouble(Mutex<Failures>);

#[derive(Debug, Default)]
struct Failures {
    count: u64,
    reason: Option<String>,
}

impl Trouble {
    /// Notes a failure of the file. What the store refuses, or a key that is damaged, is none.
    pub(crate) fn note(&self, error: &Error) {
        let reason = match error {
            Error::Store(error) | Error::NotScrubbed(error) => error.to_string(),
            Error::File(error) => error.to_string(),
            Error::UnknownKey
            | Error::Destroyed
            | Error::WrongParent
            | Error::Tampered
            | Error::NotDestructible
            | Error::ReadOnly
            | Error::WrongKeyEncryptionKey
            | Error::NotAKeyStore
            | Error::Format { .. }
            | Error::Damaged
            | Error::Primitive => return,
        };
        let mut failures = self.failures();
        failures.count = failures.count.saturating_add(1);
        failures.reason = Some(reason);
    }

    /// Why it failed last, until it is proved to work.
    pub(crate) fn reason(&self) -> Option<String> {
        self.failures().reason.clone()
    }

    /// How often it failed so far, for [`Self::ended`].
    pub(crate) fn count(&self) -> u64 {
        self.failures().count
    }

    /// It was proved to work, by a proof that began when it had failed `count` times. A failure since then stays.
    pub(crate) fn ended(&self, count: u64) {
        let mut failures = self.failures();
        if failures.count == count {
            failures.reason = None;
        }
    }

    fn failures(&self) -> MutexGuard<'_, Failures> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
