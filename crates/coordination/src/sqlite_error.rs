//! Errors of SQLite: which of them may be over by themselves.

use rusqlite::ErrorCode;

/// Whether what failed may succeed when it is tried again: a lock of another process, a full disk, an error of the disk,
/// no descriptor, no memory, a file system that is read-only for now. Anything else is for a person to look at.
pub(crate) fn may_pass(error: &rusqlite::Error) -> bool {
    matches!(
        error.sqlite_error_code(),
        Some(
            ErrorCode::DatabaseBusy
                | ErrorCode::DatabaseLocked
                | ErrorCode::DiskFull
                | ErrorCode::SystemIoFailure
                | ErrorCode::CannotOpen
                | ErrorCode::ReadOnly
                | ErrorCode::PermissionDenied
                | ErrorCode::OutOfMemory
                | ErrorCode::FileLockingProtocolFailed
                | ErrorCode::OperationInterrupted
        )
    )
}

/// Whether SQLite found the file damaged. It says so too where the disk does not read a page, so who acts on it looks a
/// second time ([`journal::SecondLook`]).
pub(crate) fn is_damage(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase))
}

/// Whether it is the file that failed, and not what was asked of it.
pub(crate) fn is_of_file(error: &rusqlite::Error) -> bool {
    may_pass(error) || is_damage(error)
}

#[cfg(test)]
mod tests {
    use rusqlite::ffi;

    use super::*;

    #[test]
    fn a_file_that_seems_damaged_may_be_a_disk_that_does_not_read() {
        let failed = |code| rusqlite::Error::SqliteFailure(ffi::Error::new(code), None);
        for code in [ffi::SQLITE_CORRUPT, ffi::SQLITE_NOTADB] {
            assert!(is_of_file(&failed(code)) && is_damage(&failed(code)) && !may_pass(&failed(code)));
        }
        for code in [ffi::SQLITE_IOERR_CORRUPTFS, ffi::SQLITE_FULL, ffi::SQLITE_BUSY, ffi::SQLITE_CANTOPEN] {
            assert!(is_of_file(&failed(code)) && !is_damage(&failed(code)));
        }
        for code in [ffi::SQLITE_CONSTRAINT, ffi::SQLITE_ERROR] {
            assert!(!is_of_file(&failed(code)));
        }
    }
}
