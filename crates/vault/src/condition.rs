//! Whether the key store did what it was asked to: what readiness says of it between two proofs.
//!
//! A failure is noted where the store is used. It ends only when the store was proved to work since: what is in memory is
//! read whatever the disk does.

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

/// What the store is used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Use {
    Reading,
    Writing,
}

/// The failures of the store so far.
#[derive(Debug, Default)]
pub(crate) struct Condition(Mutex<Failures>);

#[derive(Debug, Default)]
struct Failures {
    count: u64,
    troubles: Troubles,
}

impl Condition {
    /// Notes a failure of the file. What the store refuses, or a key that is damaged, is none.
    pub(crate) fn note(&self, of: Use, error: &Error) {
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
        match of {
            Use::Reading => failures.troubles.reading = Some(reason),
            Use::Writing => failures.troubles.writing = Some(reason),
        }
    }

    pub(crate) fn troubles(&self) -> Troubles {
        self.failures().troubles.clone()
    }

    /// How often it failed so far, for [`Self::ended`].
    pub(crate) fn count(&self) -> u64 {
        self.failures().count
    }

    /// It was proved to work, by a proof that began when it had failed `count` times. A failure since then stays.
    pub(crate) fn ended(&self, count: u64) {
        let mut failures = self.failures();
        if failures.count == count {
            failures.troubles = Troubles::default();
        }
    }

    fn failures(&self) -> MutexGuard<'_, Failures> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
