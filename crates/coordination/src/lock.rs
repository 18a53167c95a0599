//! A lock that goes on after a panic: what it guards is whole at every moment, or is a connection of SQLite, which takes
//! an open transaction back.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Locks.
pub(crate) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
