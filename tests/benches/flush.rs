//! The limit of posting: a file that grows by one page and is flushed, one after the other.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::Path;
use std::time::{Duration, Instant};

use crate::load::median;

/// What is appended before each flush, in bytes.
const PAGE_BYTES: usize = 4096;

/// What one turn of flushing showed.
#[derive(Debug, Clone, Copy)]
pub struct Flushing {
    /// Flushes a second.
    pub rate: f64,
    /// Half of them took no longer, in microseconds.
    pub p50_us: f64,
}

/// Appends and flushes for a while in a directory.
///
/// # Errors
/// When the file cannot be written.
pub fn press(directory: &Path, turn: Duration) -> anyhow::Result<Flushing> {
    let path = directory.join("flushed");
    let mut file = OpenOptions::new().create(true).append(true).open(&path)?;
    let page = [0x5a; PAGE_BYTES];
    let mut took = Vec::new();
    let begun = Instant::now();
    while begun.elapsed() < turn {
        let one = Instant::now();
        file.write_all(&page)?;
        file.sync_data()?;
        took.push(one.elapsed().as_secs_f64() * 1e6);
    }
    let rate = f64::from(u32::try_from(took.len())?) / begun.elapsed().as_secs_f64();
    std::fs::remove_file(path)?;
    Ok(Flushing { rate, p50_us: median(took.into_iter()) })
}
