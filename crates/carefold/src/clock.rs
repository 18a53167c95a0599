//! The system's clock and random ids. Everything else gets them as arguments.

use anyhow::Context;
use aws_lc_rs::rand;
use chrono::{DateTime, Utc};
use uuid::{Builder, Uuid};

/// The current time, by the system's clock.
pub(crate) fn now() -> DateTime<Utc> {
    Utc::now()
}

/// A random id.
pub(crate) fn new_id() -> anyhow::Result<Uuid> {
    let mut bytes = [0; 16];
    rand::fill(&mut bytes).ok().context("the system gave no randomness")?;
    Ok(Builder::from_random_bytes(bytes).into_uuid())
}
