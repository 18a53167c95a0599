//! How far a fold is behind its log: waiting for it, and whether it does not move.
//!
//! The read models and the index of the access log are folded each by a task of its own.

use std::sync::Mutex;
use std::time::Duration;

use journal::Position;
use tokio::sync::watch;
use tokio::time::{Instant, timeout};

use crate::lock::locked;

/// Longest wait of a command or a list for a fold to come up with its log.
const CAUGHT_UP_MAX: Duration = Duration::from_secs(2);

/// How long a fold has been behind without moving, as far as anybody asked. Between an event and its fold it is behind for a
/// moment, which is how it should be.
#[derive(Default)]
pub(crate) struct Lag(Mutex<Option<Instant>>);

impl Lag {
    /// It has moved.
    pub fn progressed(&self) {
        *locked(&self.0) = None;
    }

    /// Whether it is behind, and has not moved for a while.
    pub fn is_long(&self, behind: bool) -> bool {
        let mut since = locked(&self.0);
        if !behind {
            *since = None;
            return false;
        }
        since.get_or_insert_with(Instant::now).elapsed() >= CAUGHT_UP_MAX
    }
}

/// Waits until a fold is at a position, a bounded time; says whether it is.
pub(crate) async fn reached(at: &watch::Sender<Option<Position>>, position: Option<Position>) -> bool {
    if *at.borrow() >= position {
        return true;
    }
    let mut at = at.subscribe();
    matches!(timeout(CAUGHT_UP_MAX, at.wait_for(|at| *at >= position)).await, Ok(Ok(_)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn views_are_late_when_they_have_not_moved_for_as_long_as_anybody_waits_for_them() {
        let lag = Lag::default();
        let most = CAUGHT_UP_MAX - Duration::from_millis(1);
        assert!(!lag.is_long(true), "an event that was folded just now");
        tokio::time::advance(most).await;
        assert!(!lag.is_long(true));
        lag.progressed();
        tokio::time::advance(most).await;
        assert!(!lag.is_long(true), "they move, if slowly");
        tokio::time::advance(most).await;
        assert!(!lag.is_long(false));
        assert!(!lag.is_long(true), "they were level in between");
        tokio::time::advance(most + Duration::from_millis(1)).await;
        assert!(lag.is_long(true));
    }
}
