//! `carefold administrators restore`: gives an organization an administrator that has none any more.

use std::io::Write;
use std::time::Duration;

use care::time_zone::TimeZones;

use crate::cli::Restore;
use crate::clock;
use crate::directory::Directory;
use crate::stores;

/// Makes a person the administrator.
///
/// # Errors
/// When a server runs, a store does not open, the organization has an administrator, or does not know the person.
pub(crate) async fn restore(asked: &Restore, out: &mut impl Write) -> anyhow::Result<()> {
    let mut directory = Directory::open(&asked.data.directory)?;
    let _lock = directory.lock()?;
    // No due time is computed here, so which rules of time zones the machine has does not matter.
    let zones = TimeZones::bundled();
    let clinic =
        stores::application(&mut directory, &asked.data.journal_url(), Duration::ZERO, zones, asked.accept_clock)
            .await?;
    let restored = clinic.application.restore_administrator(asked.organization, asked.person, clock::now()).await;
    clinic.close().await;
    restored?;
    writeln!(out, "the organization has an administrator again, and the log says that the operator made them one")?;
    Ok(())
}
