//! The system's clocks and random ids. Everything else gets them as arguments.

use std::sync::OnceLock;
use std::time::Duration;

use anyhow::Context;
use aws_lc_rs::rand;
use care::instant;
use chrono::{DateTime, Utc};
use coordination::clock::ClockReading;
use rustix::time::{ClockId, clock_gettime};
use uuid::{Builder, Uuid};

/// The clock of this process.
static CLOCK: SinceBegan = SinceBegan(OnceLock::new());

/// The first reading, with which later ones are compared.
struct SinceBegan(OnceLock<ClockReading>);

impl SinceBegan {
    /// The time, as it is written everywhere.
    fn time(&self, now: ClockReading) -> DateTime<Utc> {
        instant::cut(self.0.get_or_init(|| now).time(now))
    }

    fn is_right(&self, now: ClockReading) -> bool {
        self.0.get_or_init(|| now).is_right(now)
    }
}

/// The current time in microseconds, as it is written everywhere: that of the system's clock, unless it was moved far since
/// the program began. So nothing that is recorded then has a time far from what happened before.
pub(crate) fn now() -> DateTime<Utc> {
    CLOCK.time(reading())
}

/// Whether the system's clock was not moved far since the program began.
pub(crate) fn is_right() -> bool {
    CLOCK.is_right(reading())
}

fn reading() -> ClockReading {
    // It goes on while the machine sleeps, so a laptop that was closed over night is not taken for a clock that was set.
    let steady = clock_gettime(ClockId::Boottime);
    let seconds = u64::try_from(steady.tv_sec).unwrap_or_default();
    let rest = u32::try_from(steady.tv_nsec).unwrap_or_default();
    ClockReading { wall: Utc::now(), steady: Duration::new(seconds, rest) }
}

/// A random id.
pub(crate) fn new_id() -> anyhow::Result<Uuid> {
    let mut bytes = [0; 16];
    rand::fill(&mut bytes).ok().context("the system gave no randomness")?;
    Ok(Builder::from_random_bytes(bytes).into_uuid())
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    #[test]
    fn readings_are_compared_with_the_first_and_times_are_in_microseconds() {
        let began = DateTime::from_timestamp(2_000_000_000, 123_456_789).unwrap();
        let clock = SinceBegan(OnceLock::new());
        let after =
            |steady: u64, wall: TimeDelta| ClockReading { wall: began + wall, steady: Duration::from_secs(steady) };
        assert_eq!(clock.time(after(50, TimeDelta::zero())).timestamp_subsec_nanos(), 123_456_000);
        for (steady, wall, is_right) in [
            (60, TimeDelta::seconds(10), true),
            (60, TimeDelta::hours(2), false),
            (60, TimeDelta::hours(-2), false),
            // It is compared with the first, not with the one before.
            (70, TimeDelta::seconds(20), true),
        ] {
            let now = after(steady, wall);
            let passed = if is_right { wall } else { TimeDelta::seconds(10) };
            assert_eq!((clock.is_right(now), clock.time(now)), (is_right, instant::cut(began + passed)), "{wall}");
        }
    }

    #[test]
    fn the_steady_clock_goes_on_and_ids_differ() {
        let (first, second) = (reading(), reading());
        assert!(first.steady > Duration::ZERO && second.steady >= first.steady && first.is_right(second));
        assert!(is_right());
        assert_ne!(new_id().unwrap(), new_id().unwrap());
    }
}
