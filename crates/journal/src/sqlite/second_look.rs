//! A second look at a file that SQLite calls damaged: whether the system can read it at all.
//!
//! Where a disk refuses to read a page, SQLite says the same as of a page with wrong contents: that the file is malformed
//! (its `SQLITE_IOERR_CORRUPTFS`). The first may pass, the second is for a person to look at. So before damage is believed,
//! every byte of the file and of its write-ahead log is read past SQLite, and what was asked is asked again by a new
//! connection, which has no page in memory.

use std::fs::File;
use std::io::{self, ErrorKind};
use std::os::unix::fs::FileExt as _;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

/// How much is read at once.
const PIECE_BYTES: usize = 256 * 1024;

/// Reads the bytes of a database whose connections are open in this process.
#[derive(Debug)]
pub struct SecondLook {
    database: PathBuf,
    look: Mutex<Look>,
}

#[derive(Debug, Default)]
struct Look {
    /// Opened at the first look, and not closed before the connections are: closing it would give up the locks that SQLite
    /// holds on this file in this process.
    file: Option<File>,
    /// Where reading failed last: there it most likely fails again, so that is tried first.
    failed_at: u64,
}

impl SecondLook {
    /// Of this database. Drop it after its connections.
    #[must_use]
    pub fn at(database: PathBuf) -> Self {
        Self { database, look: Mutex::default() }
    }

    /// Reads every byte of the file and of its write-ahead log. It takes time with their size.
    ///
    /// # Errors
    /// That of the system, when a byte cannot be read now.
    pub fn read_all(&self) -> io::Result<()> {
        let mut look = self.look.lock().unwrap_or_else(PoisonError::into_inner);
        let Look { file, failed_at } = &mut *look;
        if file.is_none() {
            *file = Some(File::open(&self.database)?);
        }
        if let Some(file) = file {
            let mut piece = vec![0; PIECE_BYTES];
            file.read_at(&mut piece, *failed_at)?;
            let mut at = 0;
            loop {
                *failed_at = at;
                let read = file.read_at(&mut piece, at)?;
                if read == 0 {
                    break;
                }
                at = at.saturating_add(u64::try_from(read).unwrap_or(u64::MAX));
            }
            *failed_at = 0;
        }
        let mut beside = self.database.as_os_str().to_owned();
        beside.push("-wal");
        // SQLite locks no byte of this one.
        match File::open(PathBuf::from(beside)) {
            Ok(mut file) => io::copy(&mut file, &mut io::sink()).map(drop),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
            Err(error) => Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn what_can_be_read_is_told_from_what_cannot() {
        let directory = tempfile::TempDir::new().expect("a directory");
        let path = directory.path().join("care.journal");
        assert!(SecondLook::at(path.clone()).read_all().is_err(), "there is no file");
        fs::write(&path, vec![7; PIECE_BYTES + 1]).expect("a file");
        let look = SecondLook::at(path.clone());
        assert!(look.read_all().is_ok());
        fs::write(directory.path().join("care.journal-wal"), "frames").expect("a file");
        assert!(look.read_all().is_ok());
        // A directory can be opened, but not be read as a file, also not by root.
        fs::remove_file(directory.path().join("care.journal-wal")).expect("removed");
        fs::create_dir(directory.path().join("care.journal-wal")).expect("a directory");
        assert!(look.read_all().is_err());
        fs::remove_dir(directory.path().join("care.journal-wal")).expect("removed");
        assert!(look.read_all().is_ok(), "it is looked at anew each time");
        assert!(SecondLook::at(directory.path().to_path_buf()).read_all().is_err(), "no byte of it can be read");
    }
}
