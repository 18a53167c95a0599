//! The condition of a log in a file: what its readers and its writer know of the disk, for each other and for readiness.

use std::io;
use std::path::PathBuf;

use super::second_look::SecondLook;
use crate::ReadError;
use crate::trouble::{Trouble, Troubles};

/// Shared by all that have the file open. It is dropped after their connections.
pub(crate) struct Condition {
    look: SecondLook,
    pub reading: Trouble,
    pub writing: Trouble,
}

impl Condition {
    /// Of this database.
    pub(crate) fn of(database: PathBuf) -> Self {
        Self { look: SecondLook::at(database), reading: Trouble::default(), writing: Trouble::default() }
    }

    /// What is known now.
    pub(crate) fn troubles(&self) -> Troubles {
        Troubles { reading: self.reading.reason(), writing: self.writing.reason() }
    }

    /// Whether the system can read the file at all, before damage of it is believed.
    ///
    /// # Errors
    /// [`ReadError::Unavailable`] when it cannot.
    pub(crate) fn look(&self) -> Result<(), ReadError> {
        self.look.read_all().map_err(|error: io::Error| {
            let reason = format!("the file cannot be read: {error}");
            self.reading.note(reason.as_str());
            ReadError::Unavailable { reason }
        })
    }

    /// Proves that the file can be read, if it could not be before. It takes time with its size, in that case alone.
    ///
    /// # Errors
    /// [`ReadError::Unavailable`] when it still cannot.
    pub(crate) fn prove_reading(&self) -> Result<(), ReadError> {
        let count = self.reading.count();
        if self.reading.reason().is_some() {
            self.look()?;
            self.reading.ended(count);
        }
        Ok(())
    }
}
