//! `carefold read-models`: how far the read models have folded the log, and folding them again.
//!
//! `status` works beside a running server. `rebuild` takes the writer's lock first, so that no server can be serving the
//! read models that it replaces.

use std::io::Write;

use coordination::rebuilding::{read_models_status, rebuild_read_models};
use journal::Access;

use crate::directory::Directory;
use crate::exit::Refused;
use crate::progress::Progress;
use crate::stores;

/// Says how far the read models are.
///
/// # Errors
/// When a file cannot be read, or the log is not the directory's.
pub(crate) async fn status(directory: &Directory, journal: &str, out: &mut impl Write) -> anyhow::Result<()> {
    if directory.logs().is_some() {
        stores::prove(directory, journal, stores::log_ids(journal).await?)?;
    }
    let care = stores::care_log(journal, Access::ReadOnly).await?;
    match read_models_status(directory.path(), &care).await? {
        Some(status) => {
            let number = |position: Option<u64>| position.map_or("none".to_owned(), |position| position.to_string());
            writeln!(out, "folded up to event {} of {}", number(status.position), number(status.head))?;
            writeln!(out, "streams that could not be folded: {}", status.parked)?;
        }
        None => writeln!(out, "there are no read models of this version yet; the next start folds them")?,
    }
    Ok(())
}

/// Folds the read models again. If the clinic was moved to another log, the directory accepts that log from then on.
///
/// # Errors
/// When a server runs, the log is not one that the clinic was moved to, or a file cannot be read or written; the old
/// read models are then still there.
pub(crate) async fn rebuild(directory: &mut Directory, journal: &str, out: &mut impl Write) -> anyhow::Result<()> {
    let _lock = directory.lock()?;
    // A directory that never opened a log cannot have moved one.
    if directory.logs().is_none() && journal != stores::sqlite_in(directory.path()) {
        return Err(Refused::NoClinic(directory.path().into()).into());
    }
    let care = stores::care_log(journal, Access::Write).await?;
    let access = stores::access_log(journal, Access::ReadOnly).await?;
    let progress = Progress::new("read models");
    let folded = rebuild_read_models(directory.path(), &care, &access, |done, of| progress.report(done, of)).await;
    drop(progress);
    writeln!(out, "{} events folded again", folded?)?;
    directory.take(stores::log_ids(journal).await?)?;
    Ok(())
}
