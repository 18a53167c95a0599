//! The limit of posting: a file to which single pages are appended, with a flush after each.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::Path;
use std::time::{Duration, Instant};

use crate::load::median;

/// The size of a page, in bytes.
const PAGE_BYTES: usize = 4096;

/// The result of one turn of flushing.
#[derive(Debug, Clone, Copy)]
pub struct Flushing {
    /// Flushes per second.
    pub rate: f64,
    /// The median time of a flush, in microseconds.
    pub p50_us: f64,
}

/// Appends and flushes for a while in a directory.
///
/// # Errors
/// If the file cannot be written.
pub fn run(directory: &Path, turn: Duration) -> anyhow::Result<Flushing> {
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
