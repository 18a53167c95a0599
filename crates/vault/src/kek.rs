//! The key-encryption key: 32 random bytes in a file that only its owner may read, kept outside the data directory so
//! that a copy of the data opens nothing. Everything in the key store hangs below it.
//!
//! The file holds the bytes themselves, or their hexadecimal or base64 form; a line end may follow. A file of root that
//! the group may read, as systems mount secrets, is accepted.

use std::fmt;
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;

use data_encoding::{BASE64, BASE64_NOPAD, BASE64URL, BASE64URL_NOPAD, HEXLOWER_PERMISSIVE};
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
    /// `OpenToOthers` if others than its owner have any right to the file, except that the group may read a file of
    /// root; `WrongLength` unless it holds exactly 32 bytes, in one of the forms of a key.
    pub fn read(path: &Path) -> Result<Self, KeyFileError> {
        let mut file = File::open(path)?;
        let metadata = file.metadata()?;
        if !is_closed(metadata.permissions().mode(), metadata.uid()) {
            return Err(KeyFileError::OpenToOthers);
        }
        // No form of a key is longer; what is not a key is not read into memory.
        if metadata.len() > FORM_BYTES_MAX {
            return Err(KeyFileError::WrongLength);
        }
        let mut content = Zeroizing::new(Vec::with_capacity(KEY_BYTES));
        file.read_to_end(&mut content)?;
        key_in(&content).map(|bytes| Self(Secret::from(bytes))).ok_or(KeyFileError::WrongLength)
    }

    pub(crate) fn secret(&self) -> &Secret {
        &self.0
    }
}

/// More than the longest form of a key: hexadecimal with a line end.
const FORM_BYTES_MAX: u64 = 128;
const ROOT: u32 = 0;

/// Whether nobody else than the owner, or than root and the group that root gave the file to, can read or write a file.
const fn is_closed(mode: u32, owner: u32) -> bool {
    let may_be_open = if owner == ROOT { 0o040 } else { 0 };
    mode & 0o077 & !may_be_open == 0
}

/// The key in the content of a file.
fn key_in(content: &[u8]) -> Option<Zeroizing<[u8; KEY_BYTES]>> {
    // Random bytes may end as a line ends, so the bare form comes first.
    let line = content.strip_suffix(b"\n").map_or(content, |line| line.strip_suffix(b"\r").unwrap_or(line));
    let bare = [content, line].into_iter().find(|bytes| bytes.len() == KEY_BYTES);
    if let Some(bytes) = bare {
        return bytes.try_into().ok().map(Zeroizing::new);
    }
    [HEXLOWER_PERMISSIVE, BASE64, BASE64_NOPAD, BASE64URL, BASE64URL_NOPAD].into_iter().find_map(|form| {
        let bytes = Zeroizing::new(form.decode(line).ok()?);
        bytes.as_slice().try_into().ok().map(Zeroizing::new)
    })
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
    #[error("the key file is open to others than its owner; its mode must be 0600 or 0400, or 0440 for a file of root")]
    OpenToOthers,
    /// The file does not hold exactly 32 bytes.
    #[error("the key file must hold exactly 32 bytes, as they are or in hexadecimal or base64")]
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
        for length in [0, 31, 33, 4096] {
            fs::write(&path, vec![7; length]).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
            assert!(matches!(KeyEncryptionKey::read(&path), Err(KeyFileError::WrongLength)), "{length}");
        }
        fs::write(&path, [7; 32]).unwrap();
        for mode in [0o660, 0o604, 0o620] {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            assert!(matches!(KeyEncryptionKey::read(&path), Err(KeyFileError::OpenToOthers)), "{mode:o}");
        }
    }

    #[test]
    fn a_file_of_root_may_be_readable_by_its_group() {
        assert!(is_closed(0o100_400, 1000) && is_closed(0o100_600, ROOT));
        assert!(is_closed(0o100_440, ROOT) && is_closed(0o100_640, ROOT));
        assert!(!is_closed(0o100_440, 1000), "the group of somebody else");
        assert!(!is_closed(0o100_460, ROOT) && !is_closed(0o100_444, ROOT));
    }

    #[test]
    fn every_form_of_a_key_is_accepted_with_and_without_a_line_end() {
        let key: [u8; KEY_BYTES] = std::array::from_fn(|index| 250_u8.wrapping_add(u8::try_from(index).unwrap()));
        let text = |form: data_encoding::Encoding| form.encode(&key).into_bytes();
        let texts = [BASE64, BASE64_NOPAD, BASE64URL, BASE64URL_NOPAD, HEXLOWER_PERMISSIVE].map(text);
        for form in texts.into_iter().chain([key.to_vec(), data_encoding::HEXUPPER.encode(&key).into_bytes()]) {
            for end in [&b""[..], b"\n", b"\r\n"] {
                assert_eq!(key_in(&[form.as_slice(), end].concat()).as_deref(), Some(&key), "{form:?} {end:?}");
            }
            assert_eq!(key_in(&[form.as_slice(), b"\n\n"].concat()), None);
        }
        let ends_as_a_line = [&[7; KEY_BYTES - 1][..], b"\n"].concat();
        assert_eq!(key_in(&ends_as_a_line).unwrap().as_slice(), ends_as_a_line);
    }

    #[test]
    fn debug_shows_nothing() {
        let key = KeyEncryptionKey::generate().unwrap();
        assert_eq!(format!("{key:?}"), "KeyEncryptionKey(..)");
    }
}
