//! What is made of a clock that is wrong: at the start by the last event of the log, and while a server runs by a clock that
//! nobody sets. Times are arguments.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use crate::fault::Fault;

/// A clock that is behind the last event by more than this is warned of at the start.
pub const BEHIND_WARNED: TimeDelta = TimeDelta::minutes(5);
/// A clock that is behind the last event by more than this is refused at the start. One that is behind by less is taken to
/// be set back, and what happens is dated after the newest event.
pub const BEHIND_MAX: TimeDelta = TimeDelta::days(1);
/// A clock that is ahead of the last event by more than this is warned of at the start.
pub const AHEAD_WARNED: TimeDelta = TimeDelta::days(31);
/// A clock that is ahead of the last event by more than this is refused at the start.
pub const AHEAD_MAX: TimeDelta = TimeDelta::days(400);
/// A clock that is moved by more than this while a server runs is not used until it is right again.
pub const MOVED_MAX: TimeDelta = TimeDelta::hours(1);

/// Why a start refuses the clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ClockRefused {
    /// Behind.
    #[error(
        "the clock says {now}, more than a day before the last event of the log, at {last}; set the clock right, or start with --accept-clock if that event has a wrong time"
    )]
    Behind {
        /// What it says.
        now: DateTime<Utc>,
        /// When the last event was recorded.
        last: DateTime<Utc>,
    },
    /// Ahead.
    #[error(
        "the clock says {now}, more than 400 days after the last event of the log, at {last}; set the clock right, or start with --accept-clock if nothing happened for so long"
    )]
    Ahead {
        /// What it says.
        now: DateTime<Utc>,
        /// When the last event was recorded.
        last: DateTime<Utc>,
    },
}

/// Compares the clock of a start with the last event of the log. Whether a person should look at it, if it is not refused.
///
/// # Errors
/// [`ClockRefused`] beyond the bounds.
pub(crate) fn compare(now: DateTime<Utc>, last: DateTime<Utc>) -> Result<bool, ClockRefused> {
    let ahead = now.signed_duration_since(last);
    if ahead < -BEHIND_MAX {
        return Err(ClockRefused::Behind { now, last });
    }
    if ahead > AHEAD_MAX {
        return Err(ClockRefused::Ahead { now, last });
    }
    Ok(ahead < -BEHIND_WARNED || ahead > AHEAD_WARNED)
}

/// One moment by the clock that people set, and by one that nobody sets.
#[derive(Debug, Clone, Copy)]
pub struct ClockReading {
    /// What people set.
    pub wall: DateTime<Utc>,
    /// The time since some moment; it goes on while the machine sleeps.
    pub steady: Duration,
}

impl ClockReading {
    /// The time now, if this reading was right: that of the wall clock unless it was moved too far since.
    #[must_use]
    pub fn time(&self, now: Self) -> DateTime<Utc> {
        if self.is_right(now) { now.wall } else { self.expected(now) }
    }

    /// Whether the wall clock was not moved too far since this reading.
    #[must_use]
    pub fn is_right(&self, now: Self) -> bool {
        now.wall.signed_duration_since(self.expected(now)).abs() <= MOVED_MAX
    }

    fn expected(&self, now: Self) -> DateTime<Utc> {
        let passed = TimeDelta::from_std(now.steady.saturating_sub(self.steady)).unwrap_or(TimeDelta::MAX);
        self.wall.checked_add_signed(passed).unwrap_or(DateTime::<Utc>::MAX_UTC)
    }
}

type IsRight = Box<dyn Fn() -> bool + Send + Sync>;

/// Whether the clock of a running server is right.
#[derive(Default)]
pub(crate) struct ClockWatch {
    is_right: OnceLock<IsRight>,
    was_wrong: AtomicBool,
}

impl ClockWatch {
    pub fn by(&self, is_right: IsRight) {
        self.is_right.get_or_init(|| is_right);
    }

    /// Says so in the log when that changes.
    pub fn is_right(&self) -> bool {
        let is_right = self.is_right.get().is_none_or(|is_right| is_right());
        if self.was_wrong.swap(!is_right, Ordering::Relaxed) == is_right {
            if is_right {
                tracing::info!("the clock is right again, and commands are taken");
            } else {
                tracing::error!(
                    "the clock was moved by more than an hour; commands are refused until it is right again, or the server is started again"
                );
            }
        }
        is_right
    }

    pub fn check(&self) -> Result<(), Fault> {
        if self.is_right() { Ok(()) } else { Err(Fault::Unavailable("the clock is wrong")) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(2_000_000_000 + seconds, 0).expect("a time")
    }

    #[test]
    fn a_clock_far_from_the_last_event_is_warned_of_and_one_beyond_the_bounds_refused() {
        let last = at(0);
        for (bound, is_worth_a_look) in
            [(-BEHIND_WARNED, false), (AHEAD_WARNED, false), (-BEHIND_MAX, true), (AHEAD_MAX, true)]
        {
            assert_eq!(compare(last + bound, last), Ok(is_worth_a_look), "{bound}");
        }
        assert_eq!(compare(last - BEHIND_WARNED - TimeDelta::seconds(1), last), Ok(true));
        assert_eq!(compare(last + AHEAD_WARNED + TimeDelta::seconds(1), last), Ok(true));
        let now = last - BEHIND_MAX - TimeDelta::seconds(1);
        assert_eq!(compare(now, last), Err(ClockRefused::Behind { now, last }));
        let now = last + AHEAD_MAX + TimeDelta::seconds(1);
        assert_eq!(compare(now, last), Err(ClockRefused::Ahead { now, last }));
    }

    #[test]
    fn a_clock_that_is_moved_too_far_is_not_used() {
        let began = ClockReading { wall: at(0), steady: Duration::from_secs(50) };
        let after = |steady: u64, wall: i64| ClockReading { wall: at(wall), steady: Duration::from_secs(50 + steady) };
        for (steady, wall) in [(10, 10), (10, 10 + 3_600), (10, 10 - 3_600), (9_000_000, 9_000_000)] {
            let now = after(steady, wall);
            assert!(began.is_right(now) && began.time(now) == at(wall), "{steady} {wall}");
        }
        for (steady, wall) in [(10, 11 + 3_600), (10, 9 - 3_600), (10, 200_000_000_000)] {
            let now = after(steady, wall);
            assert!(!began.is_right(now), "{steady} {wall}");
            assert_eq!(began.time(now), at(10), "what is recorded does not run away");
        }
    }
}
