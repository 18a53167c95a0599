//! `carefold journal`: verify both logs, create them, export them to a file, import them from a file or another store.
//!
//! Verifying and exporting work beside a running server. An export is one file with both logs, the care log first. An
//! import opens both logs of the target for writing before it writes to one, so a running server on the same files
//! prevents it. Keys and attachments are not moved, and the read models are rebuilt from the logs in their new place.

use std::fs::{File, OpenOptions};
use std::io::{self, BufReader, BufWriter, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::Arc;

use anyhow::Context;
use coordination::opening::KnownEnds;
use journal::{Access, Damage, Imported, Lines, OpenError, Source, Step};

use crate::cli::{Import, Place};
use crate::clock;
use crate::exit::{NotWhole, Refused};
use crate::logs::Said;
use crate::progress::Progress;
use crate::stores::{self, LOGS};

/// Verifies every event of both logs, and that neither has lost its end, as far as the read models in `directory` know it.
///
/// # Errors
/// [`NotWhole`] with the first event that is damaged; that the end of a log is lost.
pub(crate) async fn verify(journal: &str, directory: &Path, out: &mut impl Write) -> anyhow::Result<()> {
    // A server that runs folds further events while the logs are read.
    let known = KnownEnds::of(directory);
    for log in LOGS {
        let progress = Progress::new(log);
        let verified = journal::verify(journal, stores::namespace(log)?, &mut |done, of| {
            progress.report(done, of);
        })
        .await;
        drop(progress);
        let verified = verified.map_err(|damage| damaged(log, damage))?;
        let kept = stores::log(journal, log, Access::ReadOnly).await?;
        match log {
            stores::CARE => known.prove_care(&kept).await,
            _ => known.prove_access(&kept).await,
        }
        .with_context(|| format!("the {log} log is not whole"))?;
        writeln!(out, "{log}: {} events, every one as it was written", verified.events)?;
    }
    Ok(())
}

fn damaged(log: &'static str, damage: Damage) -> anyhow::Error {
    match damage {
        // A log that cannot be read is not known to be damaged.
        Damage::NotOpened(
            error @ (OpenError::Url { .. }
            | OpenError::NotBuilt { .. }
            | OpenError::Missing { .. }
            | OpenError::Unavailable { .. }
            | OpenError::Denied { .. }
            | OpenError::NotWritable { .. }
            | OpenError::Io { .. }
            | OpenError::Format { .. }),
        ) => anyhow::Error::new(error).context(format!("the {log} log does not open")),
        Damage::Unreadable { .. } => anyhow::Error::new(damage).context(format!("the {log} log")),
        Damage::NotOpened(
            OpenError::Locked { .. }
            | OpenError::Foreign { .. }
            | OpenError::SqliteTooOld { .. }
            | OpenError::NetworkFileSystem { .. }
            | OpenError::Damaged { .. },
        )
        | Damage::Event { .. }
        | Damage::Structure { .. } => NotWhole::Log { log, damage }.into(),
    }
}

/// Creates both logs if they do not exist.
///
/// # Errors
/// When the store refuses, or holds something else; its exit code is in [`crate::exit`].
pub(crate) async fn init(place: &Place, out: &mut impl Write) -> anyhow::Result<()> {
    for log in LOGS {
        let made = journal::init(place.journal.as_str(), stores::namespace(log)?, Arc::new(clock::now)).await;
        let identity = made.with_context(|| format!("the {log} log is not made"))?;
        writeln!(out, "{log}: log {}, epoch {}", identity.log, identity.epoch)?;
    }
    Ok(())
}

/// Begins a new epoch of both logs.
///
/// # Errors
/// When a log is not there, is being written, or cannot be changed.
pub(crate) async fn renew_epoch(place: &Place, out: &mut impl Write) -> anyhow::Result<()> {
    for log in LOGS {
        let renewed = journal::renew_epoch(place.journal.as_str(), stores::namespace(log)?).await;
        let identity = renewed.with_context(|| format!("the {log} log keeps its epoch"))?;
        writeln!(out, "{log}: log {}, epoch {}", identity.log, identity.epoch)?;
    }
    Ok(())
}

/// Exports both logs to one file or to the standard output.
///
/// # Errors
/// When a log cannot be read, is damaged, or the file cannot be written. An existing file is not overwritten.
pub(crate) async fn export(from: &str, to: &Path, out: &mut (impl Write + Send)) -> anyhow::Result<()> {
    if to == Path::new("-") {
        // The export is on the standard output, so the report is in the log.
        let mut lines = BufWriter::new(out);
        write_down(from, &mut lines, |report| {
            Said::info(report).write(clock::now());
            Ok(())
        })
        .await?;
        return Ok(lines.flush()?);
    }
    let new = || OpenOptions::new().write(true).create_new(true).mode(0o600).open(to);
    let file = match new() {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Err(Refused::FileThere(to.into()).into()),
        Err(error) => return Err(error).with_context(|| format!("cannot make {}", to.display())),
    };
    let written = whole(from, file, out).await;
    if written.is_err() {
        // An incomplete file is useless, and the next attempt does not overwrite a file.
        std::fs::remove_file(to).with_context(|| format!("cannot remove {}, which is not whole", to.display()))?;
    }
    written.with_context(|| format!("{} is not written", to.display()))
}

async fn whole(from: &str, file: File, out: &mut impl Write) -> anyhow::Result<()> {
    let mut lines = BufWriter::new(file);
    write_down(from, &mut lines, |report| writeln!(out, "{report}")).await?;
    lines.flush()?;
    Ok(lines.get_ref().sync_all()?)
}

async fn write_down(
    from: &str,
    lines: &mut (impl Write + Send),
    mut report: impl FnMut(&str) -> io::Result<()>,
) -> anyhow::Result<()> {
    for log in LOGS {
        let source = stores::log(from, log, Access::ReadOnly).await?;
        let (namespace, progress) = (stores::namespace(log)?, Progress::new(log));
        let mut show = |done, of| progress.report(done, of);
        let written = journal::export(&*source, &namespace, lines, &mut show).await;
        drop(progress);
        let written = written.with_context(|| format!("the {log} log"))?;
        report(&format!("{log}: {} events written, digests {}", written.events, written.digests))?;
    }
    Ok(())
}

/// Imports both logs and verifies them.
///
/// # Errors
/// When the target is another log, or the source is not whole; repeated, it goes on where it stopped.
pub(crate) async fn import(asked: &Import, out: &mut impl Write) -> anyhow::Result<()> {
    let mut file = asked.from.as_deref().map(lines_of).transpose()?;
    let mut targets = Vec::new();
    for log in LOGS {
        targets.push((log, stores::log(asked.target.journal.as_str(), log, Access::Write).await?));
    }
    for (log, target) in &targets {
        let from = match &asked.from_journal {
            Some(url) => Some(stores::log(url.as_str(), log, Access::ReadOnly).await.context("the source")?),
            None => None,
        };
        let source = match (&from, &mut file) {
            (Some(journal), _) => Source::Log(&**journal),
            (None, Some(lines)) => Source::Export(lines),
            (None, None) => anyhow::bail!("there is nothing to import from"),
        };
        let (namespace, progress) = (stores::namespace(log)?, Progress::new(log));
        let mut show = |step, done, of| {
            progress.now(said(step));
            progress.report(done, of);
        };
        let moved = journal::import(&**target, &namespace, source, &mut show).await;
        drop(progress);
        let Imported { events, before, .. } = moved.with_context(|| format!("the {log} log"))?;
        writeln!(out, "{log}: {events} events, {before} of them there before, every one verified in the new store")?;
    }
    if let Some(lines) = &mut file {
        lines.end()?;
    }
    writeln!(
        out,
        "next: leave keys and attachments where they are, and fold the read models again from here with
  carefold read-models rebuild --data DIRECTORY --journal URL
then start the server with the same --journal, or with CAREFOLD_JOURNAL"
    )?;
    Ok(())
}

fn lines_of(path: &Path) -> anyhow::Result<Lines> {
    if path == Path::new("-") {
        return Ok(Lines::new(BufReader::new(io::stdin())));
    }
    let file = File::open(path).with_context(|| format!("cannot read {}", path.display()))?;
    Ok(Lines::new(BufReader::new(file)))
}

fn said(step: Step) -> &'static str {
    match step {
        Step::Compare => "comparing what is there",
        Step::Write => "writing",
        Step::Prove => "reading again",
    }
}
