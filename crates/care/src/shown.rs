//! What somebody was shown before they decided, and the code of an invitation: values that are compared and say
//! nothing about a person.

use std::fmt;

use data_encoding::HEXLOWER;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A hash of 256 bits, written as 64 lower-case hexadecimal digits: of the code of an invitation, or of a list that was
/// shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest([u8; 32]);

/// The text is no digest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not 64 lower-case hexadecimal digits")]
pub struct NotADigest;

impl Digest {
    /// The digest of these bytes.
    #[must_use]
    pub const fn of_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The digest that a text writes.
    ///
    /// # Errors
    /// [`NotADigest`]
    pub fn parse(text: &str) -> Result<Self, NotADigest> {
        let bytes = HEXLOWER.decode(text.as_bytes()).map_err(|_| NotADigest)?;
        bytes.try_into().map(Self).map_err(|_| NotADigest)
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&HEXLOWER.encode(&self.0))
    }
}

impl Serialize for Digest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Digest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

/// The version of a text that was shown, such as `2026-11` or `family-consent-3.de`: at most 64 letters, digits, dots,
/// hyphens and underscores, so that it cannot say anything about a person.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct TextVersion(String);

/// The text is no version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a version of at most 64 letters, digits, dots, hyphens and underscores")]
pub struct NotAVersion;

/// The longest name of a version, in characters.
const VERSION_MAX: usize = 64;

impl TextVersion {
    /// The version of this name.
    ///
    /// # Errors
    /// [`NotAVersion`]
    pub fn parse(text: &str) -> Result<Self, NotAVersion> {
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_');
        if text.is_empty() || text.len() > VERSION_MAX || !text.bytes().all(fits) {
            return Err(NotAVersion);
        }
        Ok(Self(text.to_owned()))
    }

    /// The version of this name, which stands in the sources.
    pub(crate) fn released(name: &'static str) -> Self {
        Self(name.to_owned())
    }

    /// Its name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Serialize for TextVersion {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for TextVersion {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_has_one_form() {
        let digest = Digest::of_bytes([0xab; 32]);
        assert_eq!(Digest::parse(&digest.to_string()), Ok(digest));
        for text in ["", "ab", &"AB".repeat(32), &"ab".repeat(33), &"zz".repeat(32)] {
            assert_eq!(Digest::parse(text), Err(NotADigest), "{text}");
        }
    }

    #[test]
    fn the_name_of_a_version_says_nothing_else() {
        for text in ["1", "family-consent_3.de", &"v".repeat(64)] {
            assert_eq!(TextVersion::parse(text).as_ref().map(TextVersion::as_str), Ok(text));
        }
        for text in ["", "Ms Berger", "1/2", "é", &"v".repeat(65)] {
            assert_eq!(TextVersion::parse(text), Err(NotAVersion), "{text}");
        }
    }
}
