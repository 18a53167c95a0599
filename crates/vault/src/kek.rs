//! The key-encryption key: 32 random bytes in a file that only its owner may read, kept outside the data directory so
//! that a copy of the data opens nothing. Everything in the key store hangs below it.

use std::fmt;
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;

use zeroize::Zeroizing;

use crate::material::{KEY_BYTES, Secret};

/// The root of the key tree. Wiped from memory when dropped; its `Debug` shows nothing.
#[derive(Clone)]
pub struct KeyEncryptionKey(Secret);

impl KeyEncryptionKey {
    /// A new random key that is in no file: for a store in memory, which ends with its process.
    ///
    /// # Errors
    /// `KeyFileError::NoRandomness` if the operating system gives none.
    pub fn generate() -> Result<Self, KeyFileError> {
        Secret::generate().map(Self).map_err(|_| KeyFileError::NoRandomness)
    }

    /// Makes a new key and writes it to `path` with mode 0600. The file is durable when this returns.
    ///
    /// # Errors
    /// `KeyFileError::File` if the file exists already (it is never overwritten: that would lose every key below it)
    /// or cannot be written.
    pub fn create(path: &Path) -> Result<Self, KeyFileError> {
        let key = Self::generate()?;
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
        file.write_all(key.0.expose())?;
        file.sync_all()?;
        sync_directory_of(path)?;
        Ok(key)
    }

    /// Reads the key from `path`.
    ///
    /// # Errors
    /// `OpenToOthers` if group or others have any right to the file, `WrongLength` unless it is exactly 32 bytes.
    pub fn read(path: &Path) -> Result<Self, KeyFileError> {
        let mut file = File::open(path)?;
        let metadata = file.metadata()?;
        if metadata.permissions().mode() & 0o077 != 0 {
            return Err(KeyFileError::OpenToOthers);
        }
        let mut bytes = Zeroizing::new([0; KEY_BYTES]);
        if usize::try_from(metadata.len()) != Ok(bytes.len()) {
            return Err(KeyFileError::WrongLength);
        }
        file.read_exact(bytes.as_mut_slice())?;
        Ok(Self(Secret::from(bytes)))
    }

    pub(crate) fn secret(&self) -> &Secret {
        &self.0
    }
}

impl fmt::Debug for KeyEncryptionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeyEncryptionKey(..)")
    }
}

/// Why the key-encryption key cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyFileError {
    /// Others than the owner could read the file; `chmod 600` it, and consider the key known to them.
    #[error("the key file is open to others than its owner; its mode must be 0600")]
    OpenToOthers,
    /// The file is not exactly 32 bytes long.
    #[error("the key file must hold exactly 32 bytes")]
    WrongLength,
    /// The operating system gave no randomness.
    #[error("no randomness for a new key")]
    NoRandomness,
    /// The file cannot be read or made.
    #[error("cannot use the key file")]
    File(#[from] io::Error),
}

/// A new file is only durable once the directory that names it is.
pub(crate) fn sync_directory_of(path: &Path) -> io::Result<()> {
    let directory = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    File::open(directory)?.sync_all()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_created_key_reads_back_and_is_never_overwritten() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("kek");
        let made = KeyEncryptionKey::create(&path).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        let read = KeyEncryptionKey::read(&path).unwrap();
        assert_eq!(made.0.expose(), read.0.expose());
        assert!(matches!(KeyEncryptionKey::create(&path), Err(KeyFileError::File(_))));
        assert_eq!(fs::read(&path).unwrap(), made.0.expose());
    }

    #[test]
    fn a_key_file_with_another_length_or_open_to_others_is_refused() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("kek");
        for length in [0, 31, 33] {
            fs::write(&path, vec![7; length]).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
            assert!(matches!(KeyEncryptionKey::read(&path), Err(KeyFileError::WrongLength)), "{length}");
        }
        fs::write(&path, [7; 32]).unwrap();
        for mode in [0o640, 0o604, 0o620] {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            assert!(matches!(KeyEncryptionKey::read(&path), Err(KeyFileError::OpenToOthers)), "{mode:o}");
        }
    }

    #[test]
    fn debug_shows_nothing() {
        let key = KeyEncryptionKey::generate().unwrap();
        assert_eq!(format!("{key:?}"), "KeyEncryptionKey(..)");
    }
}
