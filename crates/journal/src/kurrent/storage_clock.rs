//! The storing time, which never decreases among the events of one node even if its clock goes back.
//!
//! Two concurrent appends may be stored in either order, so they get the same time. The time advances when no append is
//! running. If appends overlap for too long, the next one waits a moment for this, and then uses the time as it is. An
//! append with unknown outcome is not waited for and may be stored later.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::sync::{OwnedRwLockReadGuard, OwnedRwLockWriteGuard, RwLock};
use tokio::time::timeout;

use crate::clock::Clock;

/// How long the time may stand still while appends follow each other without a gap, in microseconds.
const BEHIND_US_MAX: i64 = 20_000;
/// How long an append waits for those on the way, so that the time can go on.
const WAIT: Duration = Duration::from_millis(50);

/// Gives each append its time of storing.
pub(super) struct StorageClock {
    clock: Clock,
    /// Held for reading by each append on the way.
    stored_at_us: Arc<RwLock<i64>>,
}

/// The time of an append, held until its answer.
pub(super) struct StorageTime(OwnedRwLockReadGuard<i64>);

impl StorageTime {
    fn at(mut stored_at_us: OwnedRwLockWriteGuard<i64>, now_us: i64) -> Self {
        *stored_at_us = now_us.max(*stored_at_us);
        Self(stored_at_us.downgrade())
    }

    pub(super) fn stored_at_us(&self) -> i64 {
        *self.0
    }
}

impl StorageClock {
    /// Goes on after what is stored already.
    pub(super) fn after(clock: Clock, last: Option<DateTime<Utc>>) -> Self {
        let last = last.map_or(i64::MIN, |last| last.timestamp_micros());
        Self { clock, stored_at_us: Arc::new(RwLock::new(last)) }
    }

    /// The time for an append that begins now.
    pub(super) async fn take(&self) -> StorageTime {
        let now = (self.clock)().timestamp_micros();
        if let Ok(stored_at_us) = Arc::clone(&self.stored_at_us).try_write_owned() {
            return StorageTime::at(stored_at_us, now);
        }
        let shared = Arc::clone(&self.stored_at_us).read_owned().await;
        if now.saturating_sub(*shared) <= BEHIND_US_MAX {
            return StorageTime(shared);
        }
        drop(shared);
        match timeout(WAIT, Arc::clone(&self.stored_at_us).write_owned()).await {
            Ok(stored_at_us) => StorageTime::at(stored_at_us, now),
            Err(_elapsed) => StorageTime(Arc::clone(&self.stored_at_us).read_owned().await),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicI64, Ordering};

    use super::*;

    #[tokio::test]
    async fn concurrent_appends_have_the_same_time_and_it_never_goes_back() {
        let now = Arc::new(AtomicI64::new(1_000));
        let said = Arc::clone(&now);
        let clock: Clock =
            Arc::new(move || DateTime::from_timestamp_micros(said.load(Ordering::Relaxed)).expect("a time"));
        let storage_clock = StorageClock::after(clock, DateTime::from_timestamp_micros(3_000));
        assert_eq!(storage_clock.take().await.stored_at_us(), 3_000, "what is stored is not before what was");
        now.store(5_000, Ordering::Relaxed);
        let first = storage_clock.take().await;
        now.store(6_000, Ordering::Relaxed);
        let second = storage_clock.take().await;
        assert_eq!((first.stored_at_us(), second.stored_at_us()), (5_000, 5_000));
        // Far behind, and nothing ends: the time stands, and nobody waits for long.
        now.store(5_000 + BEHIND_US_MAX + 1, Ordering::Relaxed);
        let third = storage_clock.take().await;
        assert_eq!(third.stored_at_us(), 5_000);
        drop((first, second, third));
        assert_eq!(storage_clock.take().await.stored_at_us(), 5_000 + BEHIND_US_MAX + 1);
    }
}
