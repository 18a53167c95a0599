//! Whether the places of the stores can be written, so that readiness says so before a command fails.
//!
//! One task tries each directory every five seconds, whoever asks: it writes a file of 64 KiB, flushes it and removes it.
//! That finds a full disk, a quota, a limit on the size of files, and a directory that became read-only. It does not open
//! the stores' own files: closing one would give up the locks that SQLite holds on it in this process. A result counts
//! for thirty seconds; if a disk does not even answer, its parts count as not writable after that.
//!
//! A log in a database has no directory here; its database watches its own disk.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Weak};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;

/// How often the directories are tried, in milliseconds.
const TRIED_MS: u64 = 5_000;
/// For how long a result counts, in milliseconds.
const COUNTS_MS: u64 = 30_000;
/// More than the commit of most commands needs.
const PROBE_BYTES: usize = 64 * 1024;
/// One that a killed process left is replaced.
const PROBE: &str = "carefold.probe";

/// Which stores can be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Writable {
    /// The care log.
    pub care_log: bool,
    /// The access log.
    pub access_log: bool,
    /// The read models.
    pub read_models: bool,
    /// The keys.
    pub keys: bool,
}

/// The directories of the stores; none for a store that is not in a file of this machine.
pub(crate) struct Directories {
    pub care_log: Option<PathBuf>,
    pub access_log: Option<PathBuf>,
    pub read_models: Option<PathBuf>,
    pub keys: Option<PathBuf>,
}

/// Tries the directories, and knows the last result.
pub(crate) struct WritableCheck {
    directories: Directories,
    last: watch::Sender<Option<Tried>>,
}

#[derive(Debug, Clone, Copy)]
struct Tried {
    at: Instant,
    found: Writable,
}

impl WritableCheck {
    pub fn new(directories: Directories) -> Arc<Self> {
        Arc::new(Self { directories, last: watch::Sender::new(None) })
    }

    /// The last result, while it counts.
    pub fn last(&self) -> Writable {
        const NOTHING: Writable = Writable { care_log: false, access_log: false, read_models: false, keys: false };
        let counts = |tried: &Tried| tried.at.elapsed() < Duration::from_millis(COUNTS_MS);
        self.last.borrow().filter(counts).map_or(NOTHING, |tried| tried.found)
    }

    /// Tries now, and then regularly until the check is dropped.
    pub async fn start(check: &Arc<Self>) {
        Self::again(Arc::clone(check)).await;
        tokio::spawn(Self::go_on(Arc::downgrade(check)));
    }

    async fn go_on(weak: Weak<Self>) {
        loop {
            tokio::time::sleep(Duration::from_millis(TRIED_MS)).await;
            let Some(check) = weak.upgrade() else { return };
            Self::again(check).await;
        }
    }

    /// Flushing waits for the disk, so it must not block the requests of a thread.
    async fn again(check: Arc<Self>) {
        let at = Instant::now();
        let tried = tokio::task::spawn_blocking(move || {
            let found = check.directories.tried();
            check.note(Tried { at, found });
        });
        if tried.await.is_err() {
            tracing::error!("trying whether the stores can be written failed");
        }
    }

    fn note(&self, tried: Tried) {
        let before = self.last.send_replace(Some(tried)).map(|before| before.found);
        if before == Some(tried.found) {
            return;
        }
        let Writable { care_log, access_log, read_models, keys } = tried.found;
        if care_log && access_log && read_models && keys {
            if before.is_some() {
                tracing::info!("the stores can be written again");
            }
        } else {
            tracing::error!(care_log, access_log, read_models, keys, "some stores cannot be written");
        }
    }
}

impl Directories {
    /// Each directory is tried once, also if several stores lie in it.
    fn tried(&self) -> Writable {
        let Self { care_log, access_log, read_models, keys } = self;
        let mut known = BTreeMap::new();
        let mut is_writable = |directory: &Option<PathBuf>| match directory {
            Some(directory) => *known.entry(directory.clone()).or_insert_with(|| is_probe_written(directory)),
            None => true,
        };
        Writable {
            care_log: is_writable(care_log),
            access_log: is_writable(access_log),
            read_models: is_writable(read_models),
            keys: is_writable(keys),
        }
    }
}

/// Whether a file can be written there. The reason is logged without the path.
fn is_probe_written(directory: &Path) -> bool {
    let written = write_probe(&directory.join(PROBE));
    if let Err(error) = &written {
        tracing::warn!(%error, "a file cannot be written beside the stores");
    }
    written.is_ok()
}

fn write_probe(path: &Path) -> io::Result<()> {
    removed(path)?;
    let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    let written = filled(file);
    // Also after a failure: what was written of it takes room.
    let removed = removed(path);
    written.and(removed)
}

fn filled(mut file: File) -> io::Result<()> {
    file.write_all(&vec![0; PROBE_BYTES])?;
    file.sync_data()
}

fn removed(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        outcome => outcome,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn in_one(directory: &Path) -> Directories {
        let one = Some(directory.to_owned());
        Directories { care_log: one.clone(), access_log: one.clone(), read_models: one.clone(), keys: one }
    }

    #[test]
    fn a_directory_that_cannot_be_written_is_named_by_its_stores_and_nothing_is_left_in_another() {
        let (place, other) = (tempfile::tempdir().expect("a directory"), tempfile::tempdir().expect("a directory"));
        fs::write(place.path().join(PROBE), "left by a killed process").expect("a file");
        // Nothing can be written below a file, whoever asks.
        let file = other.path().join("file");
        fs::write(&file, "").expect("a file");
        let directories = Directories { keys: Some(file), access_log: None, ..in_one(place.path()) };
        let expected = Writable { care_log: true, access_log: true, read_models: true, keys: false };
        assert_eq!(directories.tried(), expected);
        assert_eq!(fs::read_dir(place.path()).expect("a directory").count(), 0);
    }

    #[tokio::test(start_paused = true)]
    async fn a_result_counts_for_a_while_and_the_next_one_replaces_it() {
        let place = tempfile::tempdir().expect("a directory");
        let inside = place.path().join("inside");
        fs::create_dir(&inside).expect("a directory");
        let check = WritableCheck::new(in_one(&inside));
        assert!(!check.last().keys, "nothing is known yet");
        WritableCheck::again(Arc::clone(&check)).await;
        assert!(check.last().keys);
        fs::remove_dir(&inside).expect("removed");
        tokio::time::advance(Duration::from_millis(COUNTS_MS - 1)).await;
        assert!(check.last().keys, "the last result still counts");
        tokio::time::advance(Duration::from_millis(1)).await;
        assert!(!check.last().keys, "a disk that does not answer");
        fs::create_dir(&inside).expect("a directory");
        WritableCheck::start(&check).await;
        assert!(check.last().keys);
        fs::remove_dir(&inside).expect("removed");
        let mut tried = check.last.subscribe();
        tried.mark_unchanged();
        tried.changed().await.expect("it is tried again");
        assert!(!check.last().keys);
    }
}
