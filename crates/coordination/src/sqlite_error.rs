//! Errors of SQLite: which of them are over by themselves.

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
