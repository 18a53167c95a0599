//! `carefold keys verify` unwraps every key. `carefold keys destroy` makes the texts under a key unreadable for ever, in backups too.
//!
//! The event is in the log before the key is gone, so that each later start destroys the key again in a key store that was
//! restored from an older copy.

use std::io::Write;
use std::time::Duration;

use care::time_zone::TimeZones;

use crate::cli::Destroy;
use crate::clock;
use crate::directory::Directory;
use crate::exit::NotWhole;
use crate::stores;

/// Destroys the key of a stream.
///
/// # Errors
/// When a server runs, a store does not open, or the stream has no key; repeated, it goes on where it stopped.
pub(crate) async fn destroy(asked: &Destroy, out: &mut impl Write) -> anyhow::Result<()> {
    let mut directory = Directory::open(&asked.data.directory)?;
    let _lock = directory.lock()?;
    // No due time is computed here, so which rules of time zones the machine has does not matter.
    let zones = TimeZones::bundled();
    let clinic =
        stores::application(&mut directory, &asked.data.journal_url(), Duration::ZERO, zones, asked.accept_clock)
            .await?;
    let destroyed = clinic.application.destroy_key(asked.stream, clock::now()).await;
    clinic.close().await;
    destroyed?;
    writeln!(out, "the key of {} is destroyed, and all keys below it", asked.stream)?;
    Ok(())
}

/// Unwraps every key, and names those that are damaged.
///
/// # Errors
/// When the key store cannot be read, and [`NotWhole`] when a key is damaged.
pub(crate) fn verify(directory: &Directory, out: &mut impl Write) -> anyhow::Result<()> {
    let vault::Verified { sound, damaged } = stores::keys_beside(directory)?.verify()?;
    writeln!(out, "{sound} keys are sound")?;
    for key in &damaged {
        writeln!(out, "damaged: {key}")?;
    }
    if damaged.is_empty() { Ok(()) } else { Err(NotWhole::Keys(damaged.len()).into()) }
}
