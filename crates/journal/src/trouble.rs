//! Whether a store did what it was asked to: what readiness says of it between two proofs.
//!
//! A failure is noted where it happens. It ends only when the store was proved to work since, never by a success elsewhere in
//! the same file: what is in memory is read whatever the disk does.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// The failures of one use of a store, such as its writing.
#[derive(Debug, Default)]
pub struct Trouble(Mutex<Failures>);

#[derive(Debug, Default)]
struct Failures {
    count: u64,
    reason: Option<String>,
}

/// Why a log failed when it was used last, and was not proved to work since; none if it works.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Troubles {
    /// Why it could not be read. It names no content.
    pub reading: Option<String>,
    /// Why it could not be written.
    pub writing: Option<String>,
}

impl Trouble {
    /// Something failed.
    pub fn note(&self, reason: impl Into<String>) {
        let mut failures = self.failures();
        failures.count = failures.count.saturating_add(1);
        failures.reason = Some(reason.into());
    }

    /// Why it failed last, until it is proved to work.
    pub fn reason(&self) -> Option<String> {
        self.failures().reason.clone()
    }

    /// How often it failed so far, for [`Self::ended`].
    pub fn count(&self) -> u64 {
        self.failures().count
    }

    /// It was proved to work, by a proof that began when it had failed `count` times. A failure since then stays.
    pub fn ended(&self, count: u64) {
        let mut failures = self.failures();
        if failures.count == count {
            failures.reason = None;
        }
    }

    fn failures(&self) -> MutexGuard<'_, Failures> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_ends_by_a_proof_that_began_after_it() {
        let trouble = Trouble::default();
        assert_eq!(trouble.reason(), None);
        trouble.note("full");
        let began = trouble.count();
        trouble.note("full again");
        trouble.ended(began);
        assert_eq!(trouble.reason().as_deref(), Some("full again"), "it failed during the proof");
        trouble.ended(trouble.count());
        assert_eq!(trouble.reason(), None);
    }
}
