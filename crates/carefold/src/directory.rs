//! The directory of a demo clinic: its files, its mark, and writing files so that they survive a crash.
//!
//! `carefold.json` is written before anything else and says that all of this is a demo; `seeded`
//! is written last and says that the clinic is complete. Between the two a start goes on seeding.
//!
//! A log in a database does not say to which clinic it belongs. So the directory stores the ids of its logs when they
//! are opened for the first time, when they must be empty, and accepts no others until `carefold read-models rebuild`
//! has folded logs that were moved.

use std::collections::BTreeMap;
use std::fs::{self, DirBuilder, File, TryLockError};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use anyhow::Context;
use care::ids::PersonId;
use chrono::NaiveDate;
use coordination::{ACCESS_INDEX_FILE, READ_MODELS_FILE};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::exit::{NotWhole, OtherFormat, Refused};

/// A directory that is marked as a demo clinic.
#[derive(Debug, Clone)]
pub(crate) struct Directory {
    path: PathBuf,
    mark: Mark,
}

/// The content of `carefold.json`. The seeded data follow from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Mark {
    mode: Mode,
    format: u32,
    /// Shifts the minutes of the clinic's past.
    pub seed: u64,
    /// The day of the first start: the clinic's past ends where it begins.
    pub anchor_day: NaiveDate,
    /// Its logs, once they were opened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    logs: Option<Logs>,
}

/// The logs of a clinic, by the ids that they were made with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Logs {
    pub care: Uuid,
    pub access: Uuid,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Mode {
    Demo,
}

/// The persons by their handles.
pub(crate) type Handles = BTreeMap<String, PersonId>;

const MARK: &str = "carefold.json";
/// The format of the mark that this program writes and reads.
const FORMAT: u32 = 1;
const MARK_IN_MAKING: &str = "carefold.json.new";
const LOCK: &str = "carefold.lock";
const HANDLES: &str = "handles.json";
const SEEDED: &str = "seeded";
/// The default seed.
const SEED_DEFAULT: u64 = 1;

impl Directory {
    /// The clinic at `path`; makes the directory and marks it when there is none yet.
    ///
    /// # Errors
    /// [`Refused`] when something else lies there, or the clinic was made with another seed.
    pub(crate) fn open_or_make(path: &Path, seed: Option<u64>, today: NaiveDate) -> anyhow::Result<Self> {
        if let Some(directory) = Self::find(path, seed)? {
            return Ok(directory);
        }
        // Closed to others from the start: names of files and the demo's keys are in it.
        let made = DirBuilder::new().recursive(true).mode(0o700).create(path);
        made.with_context(|| format!("cannot make the directory {}", path.display()))?;
        journal::on_local_disk(path)?;
        let seed = seed.unwrap_or(SEED_DEFAULT);
        let mark = Mark { mode: Mode::Demo, format: FORMAT, seed, anchor_day: today, logs: None };
        write_whole(path, MARK, &serde_json::to_vec(&mark)?)?;
        Self::open(path)
    }

    /// The clinic at `path`; none if [`Self::open_or_make`] would make it. Nothing is created or changed.
    ///
    /// # Errors
    /// [`Refused`] when something else lies there, or the clinic was made with another seed.
    pub(crate) fn find(path: &Path, seed: Option<u64>) -> anyhow::Result<Option<Self>> {
        if !path.join(MARK).exists() {
            let is_new = !path.exists()
                || is_new(path).with_context(|| format!("cannot read the directory {}", path.display()))?;
            return if is_new { Ok(None) } else { Err(Refused::Foreign(path.into()).into()) };
        }
        let directory = Self::open(path)?;
        match seed {
            Some(asked) if asked != directory.mark.seed => {
                Err(Refused::OtherSeed { directory: path.into(), made: directory.mark.seed, asked }.into())
            }
            Some(_) | None => Ok(Some(directory)),
        }
    }

    /// The clinic at `path`.
    ///
    /// # Errors
    /// [`Refused`] when there is none.
    pub(crate) fn open(path: &Path) -> anyhow::Result<Self> {
        let text = match fs::read(path.join(MARK)) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(Refused::NoClinic(path.into()).into()),
            Err(error) => return Err(error).with_context(|| format!("cannot read {}", path.join(MARK).display())),
        };
        let mark = read_mark(path, &text)?;
        // The keys and the read models lie here even where the logs do not.
        journal::on_local_disk(path)?;
        Ok(Self { path: path.into(), mark })
    }

    /// Keeps every other process from serving the clinic or folding its read models, wherever its logs are, until what is
    /// returned is dropped. A process that dies gives it back.
    ///
    /// # Errors
    /// [`Refused`] while another process has it; and what of it cannot be written.
    pub(crate) fn lock(&self) -> anyhow::Result<File> {
        let path = self.path.join(LOCK);
        let context = || format!("cannot lock {}", path.display());
        let file = File::options().create(true).truncate(false).write(true).mode(0o600).open(&path);
        let file = file.with_context(context)?;
        match file.try_lock() {
            Ok(()) => {
                for database in [self.keys(), self.read_models(), self.path.join(ACCESS_INDEX_FILE)] {
                    journal::writable(&database)?;
                }
                Ok(file)
            }
            Err(TryLockError::WouldBlock) => Err(Refused::InUse(self.path.clone()).into()),
            Err(TryLockError::Error(error)) => Err(error).with_context(context),
        }
    }

    /// What it is marked with.
    pub(crate) fn mark(&self) -> Mark {
        self.mark
    }

    /// Its logs; none before they were opened for the first time.
    pub(crate) fn logs(&self) -> Option<Logs> {
        self.mark.logs
    }

    /// Notes that these are its logs.
    ///
    /// # Errors
    /// When the mark cannot be written.
    pub(crate) fn take(&mut self, logs: Logs) -> anyhow::Result<()> {
        let mark = Mark { logs: Some(logs), ..self.mark };
        if mark != self.mark {
            write_whole(&self.path, MARK, &serde_json::to_vec(&mark)?)?;
            self.mark = mark;
        }
        Ok(())
    }

    /// Where it lies.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The key store.
    pub(crate) fn keys(&self) -> PathBuf {
        self.path.join("keys.db")
    }

    /// The read models.
    fn read_models(&self) -> PathBuf {
        self.path.join(READ_MODELS_FILE)
    }

    /// The key above all keys of the store. It lies beside them here, since a demo hides nothing.
    pub(crate) fn key_file(&self) -> PathBuf {
        self.path.join("kek.key")
    }

    /// The key that signs tokens.
    pub(crate) fn token_key(&self) -> PathBuf {
        self.path.join("token.key")
    }

    /// Whether the clinic is complete.
    pub(crate) fn is_seeded(&self) -> bool {
        self.path.join(SEEDED).exists()
    }

    /// Notes that the clinic is complete, and who signs in by which word.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub(crate) fn set_seeded(&self, handles: &Handles) -> anyhow::Result<()> {
        write_whole(&self.path, HANDLES, &serde_json::to_vec_pretty(handles)?)?;
        write_whole(&self.path, SEEDED, b"")
    }

    /// Who signs in by which word.
    ///
    /// # Errors
    /// [`Refused`] while the clinic was never complete.
    pub(crate) fn handles(&self) -> anyhow::Result<Handles> {
        if !self.is_seeded() {
            return Err(Refused::NoClinic(self.path.clone()).into());
        }
        let path = self.path.join(HANDLES);
        let text = fs::read(&path).map_err(|_| NotWhole::File(path.clone()))?;
        serde_json::from_slice(&text).map_err(|_| NotWhole::File(path).into())
    }
}

/// Reads a mark. Every format of it has the mode, so that a demo of other software differs from another thing.
fn read_mark(path: &Path, text: &[u8]) -> anyhow::Result<Mark> {
    /// What every format has; the oldest have no number.
    #[derive(Deserialize)]
    struct AnyMark {
        #[serde(rename = "mode")]
        _mode: Mode,
        #[serde(default)]
        format: u32,
    }
    match serde_json::from_slice(text) {
        Ok(AnyMark { format: FORMAT, .. }) => {
            serde_json::from_slice(text).map_err(|_| NotWhole::File(path.join(MARK)).into())
        }
        Ok(AnyMark { format, .. }) => Err(OtherFormat { path: path.join(MARK), found: format, known: FORMAT }.into()),
        Err(_) => Err(Refused::NotDemo(path.into()).into()),
    }
}

/// Whether nothing lies there but what a crash left of the mark.
fn is_new(path: &Path) -> io::Result<bool> {
    for entry in fs::read_dir(path)? {
        if entry?.file_name() != MARK_IN_MAKING {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Writes a file so that after a crash it is there whole or not at all.
fn write_whole(directory: &Path, name: &str, bytes: &[u8]) -> anyhow::Result<()> {
    let path = directory.join(name);
    let in_making = directory.join(format!("{name}.new"));
    let write = || -> io::Result<()> {
        let mut file = File::options().create(true).truncate(true).write(true).mode(0o600).open(&in_making)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&in_making, &path)?;
        File::open(directory)?.sync_all()
    };
    write().with_context(|| format!("cannot write {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exit;

    const DAY: NaiveDate = NaiveDate::from_ymd_opt(2026, 11, 22).unwrap();

    #[test]
    fn a_new_directory_is_marked_and_keeps_its_day_and_seed() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("clinic");
        let made = Directory::open_or_make(&path, Some(7), DAY).unwrap();
        assert_eq!((made.mark().seed, made.mark().anchor_day), (7, DAY));
        let again = Directory::open_or_make(&path, None, DAY.succ_opt().unwrap()).unwrap();
        assert_eq!(again.mark(), made.mark());
        assert_eq!(exit::code(&Directory::open_or_make(&path, Some(8), DAY).unwrap_err()), 3);
        assert!(!again.is_seeded());
        assert_eq!(exit::code(&again.handles().unwrap_err()), 3);
        again.set_seeded(&Handles::new()).unwrap();
        assert_eq!(again.handles().unwrap(), Handles::new());
    }

    #[test]
    fn a_directory_with_an_incomplete_mark_of_a_crash_is_accepted() {
        let place = tempfile::tempdir().unwrap();
        fs::write(place.path().join(MARK_IN_MAKING), "{").unwrap();
        assert!(Directory::open_or_make(place.path(), None, DAY).is_ok());
    }

    #[test]
    fn only_one_process_has_the_lock_and_the_ids_of_the_logs_are_kept() {
        let place = tempfile::tempdir().unwrap();
        let mut directory = Directory::open_or_make(place.path(), None, DAY).unwrap();
        let held = directory.lock().unwrap();
        assert_eq!(exit::code(&directory.lock().unwrap_err()), 3);
        drop(held);
        drop(directory.lock().unwrap());
        assert_eq!(directory.logs(), None);
        let logs = Logs { care: Uuid::from_u128(1), access: Uuid::from_u128(2) };
        directory.take(logs).unwrap();
        assert_eq!(Directory::open(place.path()).unwrap().logs(), Some(logs));
    }

    #[test]
    fn a_directory_that_is_not_a_demo_is_refused() {
        let place = tempfile::tempdir().unwrap();
        assert_eq!(exit::code(&Directory::open(place.path()).unwrap_err()), 3);
        fs::write(place.path().join("thesis.txt"), "mine").unwrap();
        assert_eq!(exit::code(&Directory::open_or_make(place.path(), None, DAY).unwrap_err()), 3);
        for (mark, code, reason) in [
            (
                r#"{"mode":"demo","format":2,"seed":1,"anchor_day":"2026-11-22","region":"north"}"#,
                5,
                "made by newer software",
            ),
            (r#"{"mode":"demo","seed":1,"anchor_day":"2026-11-22"}"#, 6, "made by older software"),
            (r#"{"mode":"demo","format":1,"anchor_day":"2026-11-22"}"#, 4, "is damaged"),
        ] {
            fs::write(place.path().join(MARK), mark).unwrap();
            let error = Directory::open(place.path()).unwrap_err();
            assert!(exit::code(&error) == code && error.to_string().contains(reason), "{error}");
        }
        let mark = r#"{"mode":"production","seed":1,"anchor_day":"2026-11-22"}"#;
        fs::write(place.path().join(MARK), mark).unwrap();
        assert_eq!(exit::code(&Directory::open_or_make(place.path(), None, DAY).unwrap_err()), 3);
    }
}
