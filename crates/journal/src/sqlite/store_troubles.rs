//! The troubles of a log in a file: what its readers and its writer know of the disk, for each other and for readiness.

use std::io;
use std::path::PathBuf;

use super::second_look::SecondLook;
use crate::sequence::Damage;
use crate::trouble::{Trouble, Troubles};
use crate::{Fatal, OpenError, ReadError};

/// Shared by all that have the file open. It is dropped after their connections.
pub(crate) struct StoreTroubles {
    look: SecondLook,
    pub reading: Trouble,
    pub writing: Trouble,
}

/// An error that may say that the log is damaged.
pub(crate) trait MayBeDamage {
    /// Whether it does.
    fn is_damage(&self) -> bool;

    /// The error of a log that is not available now, and may be later.
    fn unavailable(reason: String) -> Self;
}

impl MayBeDamage for ReadError {
    fn is_damage(&self) -> bool {
        matches!(self, Self::Fatal(Fatal::Corrupt { .. }))
    }

    fn unavailable(reason: String) -> Self {
        Self::Unavailable { reason }
    }
}

impl MayBeDamage for OpenError {
    fn is_damage(&self) -> bool {
        matches!(self, Self::Damaged { .. })
    }

    fn unavailable(reason: String) -> Self {
        Self::Unavailable { reason }
    }
}

impl MayBeDamage for Damage {
    fn is_damage(&self) -> bool {
        matches!(self, Self::Event { .. } | Self::Structure { .. } | Self::NotOpened(OpenError::Damaged { .. }))
    }

    fn unavailable(reason: String) -> Self {
        Self::Unreadable { reason }
    }
}

impl StoreTroubles {
    /// Of this database.
    pub(crate) fn of(database: PathBuf) -> Self {
        Self { look: SecondLook::at(database), reading: Trouble::default(), writing: Trouble::default() }
    }

    /// What is known now.
    pub(crate) fn now(&self) -> Troubles {
        Troubles { reading: self.reading.reason(), writing: self.writing.reason() }
    }

    /// What is asked. Where the answer is that the log is damaged, it is asked a second time, once the system has read the
    /// whole file and the log was opened again: a disk that does not read is no damage.
    ///
    /// # Errors
    /// That of the answer, with damage only if a second look found it; unavailable when the file cannot be read, or the log
    /// not be opened again.
    pub(crate) fn asked_twice<A, T, E: MayBeDamage>(
        &self,
        asked: &mut A,
        ask: impl Fn(&mut A) -> Result<T, E>,
        open_again: impl FnOnce(&mut A) -> Result<(), OpenError>,
    ) -> Result<T, E> {
        let damage = match ask(asked) {
            Err(error) if error.is_damage() => error,
            answer => return answer,
        };
        self.look().map_err(E::unavailable)?;
        match open_again(asked) {
            Ok(()) => ask(asked),
            Err(OpenError::Damaged { .. }) => Err(damage),
            Err(error) => Err(E::unavailable(error.to_string())),
        }
    }

    /// The same of what opens the log by itself, each time that it is asked.
    ///
    /// # Errors
    /// As [`Self::asked_twice`].
    pub(crate) fn opened_twice<T, E: MayBeDamage>(&self, open: impl Fn() -> Result<T, E>) -> Result<T, E> {
        self.asked_twice(&mut (), |()| open(), |()| Ok(()))
    }

    /// Whether the system can read the file at all; if not, why.
    fn look(&self) -> Result<(), String> {
        self.look.read_all().map_err(|error: io::Error| {
            let reason = format!("the file cannot be read: {error}");
            self.reading.note(reason.as_str());
            reason
        })
    }

    /// Proves that the file can be read, if it could not be before. It takes time with its size, in that case alone.
    ///
    /// # Errors
    /// [`ReadError::Unavailable`] when it still cannot.
    pub(crate) fn prove_reading(&self) -> Result<(), ReadError> {
        let count = self.reading.count();
        if self.reading.reason().is_some() {
            self.look().map_err(ReadError::unavailable)?;
            self.reading.ended(count);
        }
        Ok(())
    }
}
