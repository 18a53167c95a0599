//! Where the world comes in: the clock and the random ids, made here and handed to everything else.

use anyhow::Context;
use aws_lc_rs::rand;
use chrono::{DateTime, Utc};
use uuid::{Builder, Uuid};

/// The instant, by the system's clock.
pub(crate) fn now() -> DateTime<Utc> {
    Utc::now()
}

/// A random id.
pub(crate) fn new_id() -> anyhow::Result<Uuid> {
    let mut bytes = [0; 16];
    rand::fill(&mut bytes).ok().context("the system gave no randomness")?;
    Ok(Builder::from_random_bytes(bytes).into_uuid())
}
