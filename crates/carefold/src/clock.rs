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

/// The first reading of this process, with which later ones are compared.
static BEGAN: OnceLock<ClockReading> = OnceLock::new();

/// The current time in microseconds, as it is written everywhere: that of the system's clock, unless it was moved far since
/// the program began. So nothing that is recorded then has a time far from what happened before.
pub(crate) fn now() -> DateTime<Utc> {
    let now = reading();
    instant::cut(BEGAN.get_or_init(|| now).time(now))
}

/// Whether the system's clock was not moved far since the program began.
pub(crate) fn is_right() -> bool {
    let now = reading();
    BEGAN.get_or_init(|| now).is_right(now)
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
