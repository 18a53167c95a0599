//! Whether who waits for a log waits long: how long its appends take, for readiness.
//!
//! A log is proved by a small commit, which may be quick while what is really appended is not. So each append is timed as its
//! caller waits for it. One that is slow says nothing, and appends that are all slow for some seconds do. The next quick one
//! ends that. So does a pause without any: a node that is given no requests while it is not ready has no other proof.

use std::sync::Mutex;
use std::time::Duration;

use tokio::time::Instant;

use crate::lock::locked;

/// The time from which on an append is slow, in milliseconds: half of what an answer waits for its record.
const SLOW_MS: u64 = 1_000;
/// For how long all appends were slow before that is said, in milliseconds.
const LASTING_MS: u64 = 3_000;
/// For how long the last slow one counts, in milliseconds.
const COUNTS_MS: u64 = 10_000;

/// The pace of one log.
#[derive(Debug, Default)]
pub(crate) struct Pace(Mutex<Option<Slow>>);

/// A time in which all appends were slow.
#[derive(Debug, Clone, Copy)]
struct Slow {
    /// When the first of them began.
    since: Instant,
    /// When the last of them ended.
    last: Instant,
}

impl Slow {
    fn counts(&self, now: Instant) -> bool {
        now.duration_since(self.last) < Duration::from_millis(COUNTS_MS)
    }
}

impl Pace {
    /// An append began, and was durable or given up then.
    pub fn took(&self, began: Instant, ended: Instant) {
        let mut slow = locked(&self.0);
        *slow = if ended.duration_since(began) < Duration::from_millis(SLOW_MS) {
            None
        } else {
            let since = slow.filter(|slow| slow.counts(ended)).map_or(began, |slow| slow.since);
            Some(Slow { since, last: ended })
        };
    }

    /// Why the log counts as failing; none if it is quick enough.
    pub fn reason(&self, now: Instant) -> Option<String> {
        let slow = (*locked(&self.0))?;
        let is_lasting = slow.last.duration_since(slow.since) >= Duration::from_millis(LASTING_MS);
        (is_lasting && slow.counts(now)).then(|| format!("each append takes {SLOW_MS} ms or longer"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn appends_that_are_all_slow_count_until_one_is_quick_or_there_is_none() {
        let (pace, start) = (Pace::default(), Instant::now());
        let at = |ms| start + Duration::from_millis(ms);
        let took = |from, to| {
            pace.took(at(from), at(to));
            pace.reason(at(to)).is_some()
        };
        assert!(!took(0, 1_500), "one says nothing");
        assert!(!took(1_500, 2_999));
        assert!(took(2_999, 4_500), "all are slow");
        assert!(!took(4_500, 5_499), "this one was not");
        assert!(!took(5_499, 7_500) && took(7_500, 9_000), "it begins anew");
        assert!(pace.reason(at(9_000 + COUNTS_MS - 1)).is_some());
        assert!(pace.reason(at(9_000 + COUNTS_MS)).is_none(), "nothing is known any more");
        assert!(!took(9_000 + COUNTS_MS, 10_500 + COUNTS_MS), "what was long ago does not count");
    }
}
