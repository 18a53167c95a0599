//! Text about a person, which is unsealed only while somebody reads or writes it.
//!
//! [`PersonalText`] is open while a person reads or writes it, sealed in events and rows, and erased when its key was
//! destroyed. Serializing open text is an error, so it cannot reach a disk by accident; `Debug` prints only its length.
//! This crate has no keys: other crates seal and open texts in place, through `each_text` of the events.

mod characters;

use std::fmt;

use data_encoding::BASE64URL_NOPAD;
use serde::{Deserialize, Deserializer, Serialize, Serializer, ser::Error as _};
use unicode_segmentation::UnicodeSegmentation as _;
use zeroize::Zeroizing;

use characters::{is_visible, unneeded_invisible, without_unseen_ends};

pub use characters::normalized;

/// Unsealed text about a person, normalized and checked when it is created and wiped when it is dropped.
#[derive(Clone, PartialEq, Eq)]
pub struct Text(Zeroizing<String>);

/// Why a text was not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TextProblem {
    /// Empty, or without a visible character.
    #[error("is empty")]
    Empty,
    /// Longer than the field allows.
    #[error("is longer than {characters_max} characters")]
    TooLong {
        /// The limit, in characters as a person counts them (extended grapheme clusters).
        characters_max: usize,
    },
    /// Longer than its characters need, such as a letter with a thousand accents.
    #[error("is longer than {bytes_max} bytes")]
    TooManyBytes {
        /// The limit, in bytes of UTF-8.
        bytes_max: usize,
    },
    /// A control character other than line feed and tab; in a line, one of these too.
    #[error("holds a control character")]
    ControlCharacter,
    /// A name with a character within that nobody sees, and that its script does not need.
    #[error("holds the invisible character U+{:04X}", u32::from(*.0))]
    InvisibleCharacter(char),
}

/// How long a text may be. The same number of characters fits in every script; the bytes only bound what is stored.
#[derive(Debug, Clone, Copy)]
struct Bounds {
    characters_max: usize,
    bytes_max: usize,
}

impl Text {
    /// The limit of a line, such as a name or a subject, in characters.
    pub const LINE_CHARACTERS_MAX: usize = 400;
    /// The limit of a body, such as a message or a question, in characters.
    pub const BODY_CHARACTERS_MAX: usize = 32 * 1024;

    /// The limit of a body in bytes of UTF-8.
    pub const BODY_BYTES_MAX: usize = 192 * 1024;

    const LINE: Bounds = Bounds { characters_max: Self::LINE_CHARACTERS_MAX, bytes_max: 16 * 1024 };
    const BODY: Bounds = Bounds { characters_max: Self::BODY_CHARACTERS_MAX, bytes_max: Self::BODY_BYTES_MAX };

    /// Parses one line, such as a name or a subject. Blanks at both ends are removed.
    ///
    /// # Errors
    /// [`TextProblem`] if it has no visible character, is too long, or contains a control character or a line break.
    pub fn line(text: &str) -> Result<Self, TextProblem> {
        let normalized = normalized(text);
        let line = normalized.trim();
        if line.contains(['\n', '\t']) {
            return Err(TextProblem::ControlCharacter);
        }
        Self::checked(line, Self::LINE)
    }

    /// Parses a name, of a person, an organization or a pool: a line that looks like no other one with the same visible
    /// characters. Blanks and invisible characters at both ends are removed, since they come with what is pasted.
    ///
    /// # Errors
    /// [`TextProblem`] as for a line, or if an invisible character is within.
    pub fn name(text: &str) -> Result<Self, TextProblem> {
        let name = without_unseen_ends(text);
        match unneeded_invisible(name) {
            Some(c) => Err(TextProblem::InvisibleCharacter(c)),
            None => Self::line(name),
        }
    }

    /// Parses a body of several lines, such as a message or a question. The indentation of its first line is kept.
    ///
    /// # Errors
    /// [`TextProblem`] if it has no visible character, is too long, or contains a control character.
    pub fn body(text: &str) -> Result<Self, TextProblem> {
        Self::checked(&normalized(text), Self::BODY)
    }

    fn checked(text: &str, bounds: Bounds) -> Result<Self, TextProblem> {
        let Bounds { characters_max, bytes_max } = bounds;
        if text.len() > bytes_max {
            return Err(TextProblem::TooManyBytes { bytes_max });
        }
        // A character has at least one byte, so a short text need not be counted.
        if text.len() > characters_max && text.graphemes(true).nth(characters_max).is_some() {
            return Err(TextProblem::TooLong { characters_max });
        }
        if text.contains(|c: char| c.is_control() && c != '\n' && c != '\t') {
            return Err(TextProblem::ControlCharacter);
        }
        if !text.contains(is_visible) {
            return Err(TextProblem::Empty);
        }
        Ok(Self(Zeroizing::new(text.to_owned())))
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

    fn body(text: &str) -> Result<String, TextProblem> {
        Text::body(text).map(|text| text.as_str().to_owned())
    }

    fn line(text: &str) -> Result<String, TextProblem> {
        Text::line(text).map(|text| text.as_str().to_owned())
    }

    #[test]
    fn invalid_text_is_refused() {
        assert_eq!(line("two\nlines"), Err(TextProblem::ControlCharacter));
        assert_eq!(line("two\u{2028}lines"), Err(TextProblem::ControlCharacter));
        assert_eq!(line("two\u{b}lines"), Err(TextProblem::ControlCharacter));
        assert_eq!(line("two\tcolumns"), Err(TextProblem::ControlCharacter));
        assert_eq!(body("a\u{0}b"), Err(TextProblem::ControlCharacter));
        assert_eq!(body("a\u{1b}[31mb"), Err(TextProblem::ControlCharacter));
    }

    #[test]
    fn a_text_without_a_visible_character_is_empty() {
        let invisible = [
            "",
            "  \u{a0}\n ",
            "\u{200b}",
            "\u{feff}",
            "\u{3164}",
            "\u{ad}",
            "\u{301}",
            " \u{301} ",
            "\u{2800}",
            "\u{202a}\u{202c}",
            "\u{2066} \u{2069}",
            "\u{202e}",
            "\u{200d}\u{fe0f}",
            "\u{e0041}",
        ];
        for text in invisible {
            assert_eq!((line(text), body(text)), (Err(TextProblem::Empty), Err(TextProblem::Empty)), "{text:?}");
        }
        for text in ["-", "1", "\u{e01}", "e\u{301}", "\u{1f468}\u{200d}\u{1f469}", "\u{2764}\u{fe0f}"] {
            assert!(line(text).is_ok() && body(text).is_ok(), "{text:?}");
        }
    }

    #[test]
    fn a_name_has_no_invisible_character_within_that_its_script_does_not_need() {
        let name = |text: &str| Text::name(text).map(|text| text.as_str().to_owned());
        for c in "\u{ad}\u{34f}\u{61c}\u{115f}\u{180e}\u{200b}\u{200c}\u{200d}\u{200e}\u{200f}\u{202a}\u{202c}\u{202e}\u{2060}\u{2066}\u{2069}\u{206a}\u{2800}\u{3164}\u{fe0f}\u{feff}\u{ffa0}\u{fff9}\u{1d173}\u{e0001}\u{e0061}\u{e0100}".chars() {
            assert_eq!(name(&format!("Mira{c} Okafor")), Err(TextProblem::InvisibleCharacter(c)), "{c:?}");
            assert_eq!(name(&format!("Mi{c}ra")), Err(TextProblem::InvisibleCharacter(c)), "{c:?}");
        }
        let between = [
            "\u{2068}Mira\u{2069} Okafor",
            "\u{5de}\u{200d}\u{5d9}",
            "\u{645}\u{200c} \u{62f}",
            "\u{645}\u{200c}\u{200c}\u{62f}",
            "Zo\u{eb}\u{fe00}",
            "\u{5d0}\u{fe0f}",
        ];
        for text in between {
            assert!(matches!(name(text), Err(TextProblem::InvisibleCharacter(_))), "{text:?}");
        }
        // What comes with a name that is pasted is removed.
        for text in [
            "\u{feff}Mira\u{200b}",
            " \u{2068}Mira\u{2069} ",
            "\u{202a}Mira\u{202c}\u{200e}",
            "\u{200f}Mira\u{a0}\u{ad}",
        ] {
            assert_eq!(name(text).as_deref(), Ok("Mira"), "{text:?}");
        }
        let needed = [
            // Persian, Sinhala, Bengali and Malayalam; a Japanese name; Mongolian; a heart; the Arabic sign of a number.
            "\u{639}\u{644}\u{6cc}\u{200c}\u{631}\u{636}\u{627}",
            "\u{dc1}\u{dca}\u{200d}\u{dbb}\u{dd3}",
            "\u{9b0}\u{200d}\u{9cd}\u{9af}\u{9be}",
            "\u{d28}\u{d4d}\u{200d}\u{d31}",
            "\u{6e21}\u{8fba}\u{e0101}",
            "\u{182a}\u{180b}\u{1820}",
            "\u{2764}\u{fe0f} Team",
            "\u{600}\u{661}",
        ];
        for text in needed {
            assert_eq!(name(text).as_deref(), Ok(text));
        }
        assert_eq!(name("\u{200b} \u{2066}"), Err(TextProblem::Empty));
        assert_eq!(name("two\nlines"), Err(TextProblem::ControlCharacter));
    }

    #[test]
    fn balanced_direction_marks_are_kept() {
        for text in [
            "call \u{202a}+43 660 123\u{202c} now",
            "\u{5ea}\u{5df} \u{2066}5 mg\u{2069} \u{200f}",
            "\u{2067}a \u{202b}b\u{202c} c\u{2069}",
        ] {
            assert_eq!(body(text).as_deref(), Ok(text));
        }
    }

    #[test]
    fn overrides_are_dropped_and_unbalanced_marks_are_ended_or_dropped() {
        let repaired = [
            ("give \u{202e}gm 01\u{202c}.", "give gm 01."),
            ("\u{202a}a \u{202d}b\u{202c} c\u{202c}", "\u{202a}a b c\u{202c}"),
            ("\u{2066}5 mg", "\u{2066}5 mg\u{2069}"),
            ("\u{202a}5 \u{2067}mg", "\u{202a}5 \u{2067}mg\u{2069}\u{202c}"),
            ("5\u{202c} mg\u{2069}", "5 mg"),
            ("\u{202a}\u{2066}5\u{202c} mg\u{2069}", "\u{202a}\u{2066}5 mg\u{2069}\u{202c}"),
            ("\u{2066}\u{202b}5 mg\u{2069}", "\u{2066}\u{202b}5 mg\u{202c}\u{2069}"),
            ("\u{2066}5\nmg\u{2069}", "\u{2066}5\u{2069}\nmg"),
        ];
        for (sent, stored) in repaired {
            assert_eq!(body(sent).as_deref(), Ok(stored), "{sent:?}");
        }
    }

    #[test]
    fn every_form_of_line_break_is_a_line_feed() {
        assert_eq!(body("a\u{b} b\r\nc\rd\u{c}e\u{85}f\u{2028}g\u{2029}h").as_deref(), Ok("a\n b\nc\nd\ne\nf\ng\nh"));
    }

    #[test]
    fn blanks_before_the_first_line_are_kept_and_blank_lines_are_not() {
        assert_eq!(body("\n \n    5 mg\n  10 mg  \n\n").as_deref(), Ok("    5 mg\n  10 mg"));
        assert_eq!(body("\tday\tdose").as_deref(), Ok("\tday\tdose"));
        assert_eq!(line("  Mira Okafor ").as_deref(), Ok("Mira Okafor"));
    }

    #[test]
    fn text_is_stored_in_the_composed_form() {
        assert_eq!(line("Zoe\u{308} A\u{30a}s").as_deref(), Ok("Zo\u{eb} \u{c5}s"));
        assert_eq!(body("\u{212b}ngstro\u{308}m").as_deref(), Ok("\u{c5}ngstr\u{f6}m"));
    }

    #[test]
    fn a_length_counts_characters_of_every_script() {
        for character in ["x", "\u{e01}\u{e49}", "\u{5d0}", "\u{4e2d}", "\u{1f469}\u{1f3fd}\u{200d}\u{2695}\u{fe0f}"] {
            assert!(line(&character.repeat(400)).is_ok(), "{character}");
            assert_eq!(line(&character.repeat(401)), Err(TextProblem::TooLong { characters_max: 400 }), "{character}");
        }
        let accents = format!("e{}", "\u{301}".repeat(10_000));
        assert_eq!(line(&accents), Err(TextProblem::TooManyBytes { bytes_max: 16 * 1024 }));
    }

    #[test]
    fn a_length_is_that_of_the_stored_form() {
        let lines = "a\r\n".repeat(16 * 1024);
        assert_eq!(body(&lines).expect("fits").len(), 32 * 1024 - 1);
        let padded = format!("  {}  ", "x".repeat(400));
        assert_eq!(line(&padded).expect("fits").len(), 400);
        assert_eq!(body(&"x".repeat(32 * 1024 + 1)), Err(TextProblem::TooLong { characters_max: 32 * 1024 }));
    }

    proptest! {
        #[test]
        fn a_stored_text_is_its_own_normal_form(
            text in "[ab \\n\\r\u{b}\u{301}\u{308}\u{212b}\u{1100}\u{1161}\u{200b}\u{feff}\u{202a}-\u{202e}\u{2066}-\u{2069}]{0,24}"
        ) {
            let stored = normalized(&text);
            prop_assert_eq!(&normalized(&stored), &stored);
        }

        #[test]
        fn sealed_text_reads_back(ciphertext: Vec<u8>) {
            let text = sealed(ciphertext);
            let json = serde_json::to_string(&text).expect("writes");
            prop_assert_eq!(serde_json::from_str::<PersonalText>(&json).expect("reads"), text);
        }
    }
}
