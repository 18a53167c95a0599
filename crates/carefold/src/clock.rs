//! The system's clock and random ids. Everything else gets them as arguments.

use anyhow::Context;
use aws_lc_rs::rand;
use care::instant;
use chrono::{DateTime, Utc};
use uuid::{Builder, Uuid};

/// The current time, by the system's clock, in microseconds as it is written everywhere.
pub(crate) fn now() -> DateTime<Utc> {
    instant::cut(Utc::now())
}

/// A random id.
pub(crate) fn new_id() -> anyhow::Result<Uuid> {
    let mut bytes = [0; 16];
    rand::fill(&mut bytes).ok().context("the system gave no randomness")?;
    Ok(Builder::from_random_bytes(bytes).into_uuid())
}
