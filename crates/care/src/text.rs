//! Text about a person, which is unsealed only while somebody reads or writes it.
//!
//! [`PersonalText`] is open while a person reads or writes it, sealed in events and rows, and erased when its key was
//! destroyed. Serializing open text is an error, so it cannot reach a disk by accident; `Debug` prints only its length.
//! This crate has no keys: other crates seal and open texts in place, through `each_text` of the events.

use std::fmt;

use data_encoding::BASE64URL_NOPAD;
use serde::{Deserialize, Deserializer, Serialize, Serializer, ser::Error as _};
use zeroize::Zeroizing;

/// Unsealed text about a person, checked when it is created and wiped when it is dropped.
#[derive(Clone, PartialEq, Eq)]
pub struct Text(Zeroizing<String>);

/// Why a text was not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TextProblem {
    /// Empty, or only white space.
    #[error("is empty")]
    Empty,
    /// Longer than the field allows.
    #[error("is longer than {bytes_max} bytes")]
    TooLong {
        /// The limit, in bytes of UTF-8.
        bytes_max: usize,
    },
    /// A control character other than line feed and tab, or one that reverses the reading order.
    #[error("holds a control character")]
    ControlCharacter,
}

impl Text {
    /// The limit of a line, such as a name or a subject, in bytes.
    pub const LINE_BYTES_MAX: usize = 400;
    /// The limit of a body, such as a message or a question, in bytes.
    pub const BODY_BYTES_MAX: usize = 32 * 1024;

    /// Parses one line, such as a name or a subject.
    ///
    /// # Errors
    /// [`TextProblem`] if it is empty, too long, or contains a control character or a line break.
    pub fn line(text: &str) -> Result<Self, TextProblem> {
        if text.trim().contains(['\n', '\r', '\t', '\u{2028}', '\u{2029}']) {
            return Err(TextProblem::ControlCharacter);
        }
        Self::parse(text, Self::LINE_BYTES_MAX)
    }

    /// Parses a body of several lines, such as a message or a question.
    ///
    /// # Errors
    /// [`TextProblem`] if it is empty, too long, or contains a control character.
    pub fn body(text: &str) -> Result<Self, TextProblem> {
        Self::parse(text, Self::BODY_BYTES_MAX)
    }

    fn parse(text: &str, bytes_max: usize) -> Result<Self, TextProblem> {
        if text.len() > bytes_max {
            return Err(TextProblem::TooLong { bytes_max });
        }
        let unified = Zeroizing::new(text.replace("\r\n", "\n"));
        let trimmed = unified.trim();
        if trimmed.is_empty() {
            return Err(TextProblem::Empty);
        }
        // Overrides of the reading direction can reverse the digits of a dose.
        let forbidden = |c: char| {
            (c.is_control() && c != '\n' && c != '\t') || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
        };
        if trimmed.contains(forbidden) {
            return Err(TextProblem::ControlCharacter);
        }
        Ok(Self(Zeroizing::new(trimmed.to_owned())))
    }

    /// Wraps text that was just opened; it was checked before it was sealed.
    #[must_use]
    pub fn unsealed(text: Zeroizing<String>) -> Self {
        Self(text)
    }

    /// The text itself.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Text({} bytes)", self.0.len())
    }
}

/// The name of a field within the associated data of its seal. It is stored in the sealed value, so that code can rename
/// a field and an upcaster can move it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct FieldTag(pub &'static str);

/// Text that is encrypted under a key. Opening it also needs the id and the recorded kind of its event.
#[derive(Clone, PartialEq, Eq)]
pub struct SealedText {
    /// The field's tag when it was sealed.
    pub tag: Box<str>,
    /// The key's id in the key store.
    pub key: Box<str>,
    /// 96 random bits.
    pub nonce: [u8; 12],
    /// Cipher text with its authentication tag.
    pub ciphertext: Vec<u8>,
}

impl fmt::Debug for SealedText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SealedText({}, {} bytes)", self.tag, self.ciphertext.len())
    }
}

/// Text about a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PersonalText {
    /// Unsealed, in memory only. It cannot be serialized.
    Open(Text),
    /// Encrypted under a key, as in events and rows.
    Sealed(SealedText),
    /// The key was destroyed, so nobody can read the text any more. It cannot be serialized.
    Destroyed,
}

impl From<Text> for PersonalText {
    fn from(text: Text) -> Self {
        Self::Open(text)
    }
}

/// Visits the personal texts of a value, to seal, open or collect them in place.
///
/// Implementors destructure themselves without `..`, so that the author of a new field has to decide whether it is
/// personal.
pub trait EachText {
    /// Calls `visit` with the tag and the text of every personal field.
    fn each_text(&mut self, visit: &mut dyn FnMut(FieldTag, &mut PersonalText));
}

#[derive(Serialize, Deserialize)]
struct Wire<'a> {
    #[serde(rename = "$sealed", borrow)]
    sealed: WireSealed<'a>,
}

#[derive(Serialize, Deserialize)]
struct WireSealed<'a> {
    #[serde(borrow)]
    t: std::borrow::Cow<'a, str>,
    #[serde(borrow)]
    k: std::borrow::Cow<'a, str>,
    #[serde(borrow)]
    n: std::borrow::Cow<'a, str>,
    #[serde(borrow)]
    c: std::borrow::Cow<'a, str>,
}

impl Serialize for PersonalText {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Open(_) => Err(S::Error::custom("open personal text is never written out")),
            Self::Destroyed => Err(S::Error::custom("destroyed personal text is never written out")),
            Self::Sealed(sealed) => Wire {
                sealed: WireSealed {
                    t: (&*sealed.tag).into(),
                    k: (&*sealed.key).into(),
                    n: BASE64URL_NOPAD.encode(&sealed.nonce).into(),
                    c: BASE64URL_NOPAD.encode(&sealed.ciphertext).into(),
                },
            }
            .serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for PersonalText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        use serde::de::Error as _;
        let Wire { sealed } = Wire::deserialize(deserializer)?;
        let bytes = |text: &str| BASE64URL_NOPAD.decode(text.as_bytes()).map_err(D::Error::custom);
        Ok(Self::Sealed(SealedText {
            nonce: bytes(&sealed.n)?.try_into().map_err(|_| D::Error::custom("a nonce is 12 bytes"))?,
            ciphertext: bytes(&sealed.c)?,
            tag: sealed.t.into(),
            key: sealed.k.into(),
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn sealed(ciphertext: Vec<u8>) -> PersonalText {
        PersonalText::Sealed(SealedText { tag: "message.body".into(), key: "t:1".into(), nonce: [7; 12], ciphertext })
    }

    #[test]
    fn open_text_cannot_be_written_out() {
        let open = PersonalText::Open(Text::body("chest pain").expect("a text"));
        assert!(serde_json::to_string(&open).is_err());
        assert!(serde_json::to_string(&PersonalText::Destroyed).is_err());
        assert!(serde_json::to_string(&sealed(vec![1])).is_ok());
    }

    #[test]
    fn clear_text_cannot_be_read_in_as_if_it_were_sealed() {
        assert!(serde_json::from_str::<PersonalText>("\"chest pain\"").is_err());
    }

    #[test]
    fn debug_prints_a_length_and_no_text() {
        let printed = format!("{:?}", PersonalText::Open(Text::body("chest pain").expect("a text")));
        assert_eq!(printed, "Open(Text(10 bytes))");
        assert_eq!(format!("{:?}", sealed(b"chest".to_vec())), "Sealed(SealedText(message.body, 5 bytes))");
    }

    #[test]
    fn clear_text_is_wiped_when_it_is_dropped() {
        // The type guarantees that dropping wipes; this fails to compile if the type changes.
        fn wiped_on_drop(_: &impl zeroize::ZeroizeOnDrop) {}
        let Text(text) = Text::body("chest pain").expect("a text");
        wiped_on_drop(&text);
    }

    #[test]
    fn invalid_text_is_refused() {
        assert_eq!(Text::line("  \u{a0}\n "), Err(TextProblem::Empty));
        assert_eq!(Text::line("two\nlines"), Err(TextProblem::ControlCharacter));
        assert_eq!(Text::line("two\u{2028}lines"), Err(TextProblem::ControlCharacter));
        assert_eq!(Text::body("a\u{0}b"), Err(TextProblem::ControlCharacter));
        assert_eq!(Text::body("give \u{202e}gm 01"), Err(TextProblem::ControlCharacter));
        assert_eq!(Text::line(&"x".repeat(401)), Err(TextProblem::TooLong { bytes_max: 400 }));
        assert_eq!(Text::body(" two\r\nlines ").expect("taken").as_str(), "two\nlines");
    }

    proptest! {
        #[test]
        fn sealed_text_reads_back(ciphertext: Vec<u8>) {
            let text = sealed(ciphertext);
            let json = serde_json::to_string(&text).expect("writes");
            prop_assert_eq!(serde_json::from_str::<PersonalText>(&json).expect("reads"), text);
        }
    }
}
