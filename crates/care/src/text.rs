//! Text about a person, which is in the clear only where somebody reads or writes it.
//!
//! [`PersonalText`] is open while a person reads or writes it, sealed in events and rows, and
//! destroyed after its key was destroyed. Writing open text out is an error, so it cannot reach a disk by accident; `Debug` prints
//! a length. This crate holds no key: sealing and opening happen elsewhere, in place, through
//! `each_text` of the events.

use std::fmt;

use data_encoding::BASE64URL_NOPAD;
use serde::{Deserialize, Deserializer, Serialize, Serializer, ser::Error as _};
use zeroize::Zeroizing;

/// Clear text of a person, checked when it is made and wiped when it is dropped.
#[derive(Clone, PartialEq, Eq)]
pub struct Text(Zeroizing<String>);

/// Why a text was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TextProblem {
    /// Nothing but white space.
    #[error("is empty")]
    Empty,
    /// Longer than the field takes.
    #[error("is longer than {bytes_max} bytes")]
    TooLong {
        /// The bound, in bytes of UTF-8.
        bytes_max: usize,
    },
    /// A control character other than line feed and tab, or one that reverses the reading order.
    #[error("holds a control character")]
    ControlCharacter,
}

impl Text {
    /// Bound of a line: a name, a subject. In bytes.
    pub const LINE_BYTES_MAX: usize = 400;
    /// Bound of a body: a message, a question. In bytes.
    pub const BODY_BYTES_MAX: usize = 32 * 1024;

    /// Reads one line: a name, a subject.
    ///
    /// # Errors
    /// [`TextProblem`] when it is empty, too long, or holds a control character or a line break.
    pub fn line(text: &str) -> Result<Self, TextProblem> {
        if text.trim().contains(['\n', '\r', '\t', '\u{2028}', '\u{2029}']) {
            return Err(TextProblem::ControlCharacter);
        }
        Self::parse(text, Self::LINE_BYTES_MAX)
    }

    /// Reads a body of several lines: a message, a question.
    ///
    /// # Errors
    /// [`TextProblem`] when it is empty, too long or holds a control character.
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
        // Overrides of the reading direction can make a dose read backwards.
        let forbidden = |c: char| {
            (c.is_control() && c != '\n' && c != '\t') || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
        };
        if trimmed.contains(forbidden) {
            return Err(TextProblem::ControlCharacter);
        }
        Ok(Self(Zeroizing::new(trimmed.to_owned())))
    }

    /// Wraps text that was unsealed: it was checked before it was sealed.
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

/// The name of a field within the associated data of its seal. It is kept in the sealed value,
/// so that a field can be renamed in code and an upcaster can move it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct FieldTag(pub &'static str);

/// Text under a key. Opening it also needs the id and the recorded kind of the event it came in.
#[derive(Clone, PartialEq, Eq)]
pub struct SealedText {
    /// The field's tag when it was sealed.
    pub tag: Box<str>,
    /// The key's id, as the key store writes it.
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
    /// In the clear, in memory only. It cannot be written out.
    Open(Text),
    /// Under a key, as in events and rows.
    Sealed(SealedText),
    /// The key is gone; the text cannot be read by anybody any more. It is never written out.
    Destroyed,
}

impl From<Text> for PersonalText {
    fn from(text: Text) -> Self {
        Self::Open(text)
    }
}

/// Seals, opens or collects the personal texts of a thing in place.
///
/// Implementors destructure themselves without `..`, so that a field added next year asks
/// whether it is personal.
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
        // That dropping wipes is the type's promise; this fails to compile when the type changes.
        fn wiped_on_drop(_: &impl zeroize::ZeroizeOnDrop) {}
        let Text(text) = Text::body("chest pain").expect("a text");
        wiped_on_drop(&text);
    }

    #[test]
    fn what_is_not_text_is_refused() {
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
