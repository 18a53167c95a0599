//! The texts of consents: word for word what a person is shown before they consent, in each language, with the hash of
//! the words.
//!
//! Somebody consents by the current version of the text of that kind of consent. Every version that was released stays
//! here, so that it can always be read what somebody consented to. The pages show these words, and so does a client of
//! the API; they stand nowhere else.
//!
//! To change a text: 1. write the new words as files of a new version in `consent_text/`, one in each language, and leave
//! the old files as they are; 2. make it the `current` one, and move the one before to the front of `earlier`; 3. add its
//! name to `RELEASED` in the tests below, and write the hashes that they tell, once somebody has reviewed the words. To add
//! a language: 1. its word in `TextLanguage`; 2. follow the compiler. To add a kind of consent: 1. its word in
//! `ConsentTextKind`; 2. its versions below.

use serde::{Deserialize, Serialize};

use crate::shown::{Digest, TextVersion};
use crate::words::{ConsentTextKind, DirectiveEffect, TextLanguage};

static HELP: Versions = Versions {
    current: Version {
        name: "helper-consent-2",
        en: Words {
            text: include_str!("consent_text/helper-consent-2.en.txt").trim_ascii_end(),
            sha256: *b"\xb8\xd4\x52\x5a\xf2\x53\xfc\xea\xb1\x64\x8e\x85\x5b\x92\x1e\x9a\x69\x25\x43\xbd\x69\xd4\x06\x70\x13\x52\x0b\xb6\x9d\x71\x86\xe8",
        },
        es: Words {
            text: include_str!("consent_text/helper-consent-2.es.txt").trim_ascii_end(),
            sha256: *b"\x66\x6f\x32\xfa\x0d\xc9\x53\x71\x7b\xae\xa5\x4b\x9e\x7a\x7f\x4a\xad\x69\x43\x66\xcd\x0e\xf3\x0c\x05\x5a\xa4\x29\x99\x81\xa2\x78",
        },
    },
    // Of `helper-consent-1` only the name was recorded: its words are not held.
    earlier: &[],
};

static PERMISSION: Versions = Versions {
    current: Version {
        name: "directive-permission-1",
        en: Words {
            text: include_str!("consent_text/directive-permission-1.en.txt").trim_ascii_end(),
            sha256: *b"\x79\xe7\xbc\x4c\xee\xa6\x9a\x25\x3b\x5b\x80\x18\x6f\x36\x21\x36\xf6\x3c\xcd\x61\x54\x5c\x5d\x5b\x1d\x24\x93\x06\x4a\xa2\xb2\x29",
        },
        es: Words {
            text: include_str!("consent_text/directive-permission-1.es.txt").trim_ascii_end(),
            sha256: *b"\x5d\x07\xcf\xa5\xe7\x58\xe9\x34\xd0\x91\x28\x57\x55\xae\xa4\x85\x48\x4e\x56\xe4\xc5\xb7\x21\x72\x53\x4d\xa1\x72\x12\xcc\xd7\xa2",
        },
    },
    earlier: &[],
};

static BLOCK: Versions = Versions {
    current: Version {
        name: "directive-block-1",
        en: Words {
            text: include_str!("consent_text/directive-block-1.en.txt").trim_ascii_end(),
            sha256: *b"\x0e\xe8\x60\xd2\xe8\x1c\x15\x5a\xdc\x3d\x25\x23\x75\xa8\x0b\x06\x58\x40\xe8\xf8\x49\x46\xb6\x2c\xff\x96\xe9\x65\x8c\x25\x0e\xef",
        },
        es: Words {
            text: include_str!("consent_text/directive-block-1.es.txt").trim_ascii_end(),
            sha256: *b"\xcb\xca\xce\xdc\x54\x93\xd1\x70\x96\x4b\x92\xd6\x8c\x34\x06\x1e\x4a\x9d\xde\x86\x91\x29\x76\xae\x63\x04\xd8\x07\x76\x4b\x11\x46",
        },
    },
    earlier: &[],
};

/// A text by which somebody consents, in one language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConsentText {
    /// To what.
    pub consent: ConsentTextKind,
    /// The name of its version; no two texts have the same.
    pub version: &'static str,
    /// The language.
    pub language: TextLanguage,
    /// The words. An empty line separates two paragraphs.
    pub text: &'static str,
    /// The SHA-256 of the words in UTF-8.
    pub sha256: Digest,
    /// Whether somebody can consent by it now.
    pub is_current: bool,
}

impl ConsentText {
    /// That it was shown, as a command says it.
    #[must_use]
    pub fn shown(&self) -> ShownText {
        ShownText { version: TextVersion::released(self.version), language: Some(self.language) }
    }
}

/// The text that somebody says was shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShownText {
    /// Its version.
    pub version: TextVersion,
    /// The language in which it was shown; none if they do not say it.
    pub language: Option<TextLanguage>,
}

/// The words that were shown, as events keep them beside the version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct WordsShown {
    /// In which language.
    pub language: TextLanguage,
    /// Their SHA-256.
    pub sha256: Digest,
}

/// Nobody can consent by the text that was named: it is unknown, outdated or of another kind of consent, or its language
/// is missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("show the text {current}, and say its version and the language in which it was shown")]
pub struct TextNotShown {
    /// The version to show.
    pub current: &'static str,
}

/// Every text that was released, of each kind of consent the current ones first.
pub fn all() -> impl Iterator<Item = ConsentText> {
    let of_version = |consent, version: &'static Version| {
        TextLanguage::ALL.iter().map(move |language| version.read(consent, *language))
    };
    ConsentTextKind::ALL
        .iter()
        .flat_map(move |consent| Versions::of(*consent).all().flat_map(move |version| of_version(*consent, version)))
}

/// What somebody consents to who gives or confirms a directive of this effect.
#[must_use]
pub const fn of_directive(effect: DirectiveEffect) -> ConsentTextKind {
    match effect {
        DirectiveEffect::Permit => ConsentTextKind::Permission,
        DirectiveEffect::Deny => ConsentTextKind::Block,
    }
}

/// The text by which somebody consents to this now.
#[must_use]
pub fn current(consent: ConsentTextKind, language: TextLanguage) -> ConsentText {
    Versions::of(consent).current.read(consent, language)
}

/// The text that has these words; none if it is held nowhere.
#[must_use]
pub fn of(words: &WordsShown) -> Option<ConsentText> {
    all().find(|text| WordsShown { language: text.language, sha256: text.sha256 } == *words)
}

/// The words of the text that was shown, if it is the one to show for this kind of consent.
pub(crate) fn shown(consent: ConsentTextKind, text: &ShownText) -> Result<WordsShown, TextNotShown> {
    Versions::of(consent).shown(text)
}

/// The versions of the text of one kind of consent.
struct Versions {
    current: Version,
    /// Those before, the newest first.
    earlier: &'static [Version],
}

/// One version of a text.
struct Version {
    name: &'static str,
    en: Words,
    es: Words,
}

/// The words of a text in one language, with their SHA-256.
struct Words {
    text: &'static str,
    sha256: [u8; 32],
}

impl Versions {
    fn of(consent: ConsentTextKind) -> &'static Self {
        match consent {
            ConsentTextKind::Help => &HELP,
            ConsentTextKind::Permission => &PERMISSION,
            ConsentTextKind::Block => &BLOCK,
        }
    }

    fn all(&self) -> impl Iterator<Item = &Version> {
        std::iter::once(&self.current).chain(self.earlier)
    }

    fn shown(&self, text: &ShownText) -> Result<WordsShown, TextNotShown> {
        match text.language.filter(|_| text.version.as_str() == self.current.name) {
            Some(language) => Ok(WordsShown { language, sha256: self.current.words(language).digest() }),
            None => Err(TextNotShown { current: self.current.name }),
        }
    }
}

impl Version {
    fn words(&self, language: TextLanguage) -> &Words {
        match language {
            TextLanguage::En => &self.en,
            TextLanguage::Es => &self.es,
        }
    }

    fn read(&self, consent: ConsentTextKind, language: TextLanguage) -> ConsentText {
        let words = self.words(language);
        ConsentText {
            consent,
            version: self.name,
            language,
            text: words.text,
            sha256: words.digest(),
            is_current: Versions::of(consent).current.name == self.name,
        }
    }
}

impl Words {
    const fn digest(&self) -> Digest {
        Digest::of_bytes(self.sha256)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use aws_lc_rs::digest::{SHA256, digest};

    use super::*;

    /// The versions that were ever released. This list grows, and nothing is taken from it.
    const RELEASED: [&str; 3] = ["helper-consent-2", "directive-permission-1", "directive-block-1"];

    #[test]
    fn every_version_that_was_released_stays_readable() {
        let read: BTreeSet<&str> = all().map(|text| text.version).collect();
        assert_eq!(read, RELEASED.into());
    }

    #[test]
    fn the_words_of_each_version_are_those_that_were_reviewed() {
        let mut changed = Vec::new();
        for text in all() {
            let hashed = digest(&SHA256, text.text.as_bytes());
            if Digest::of_bytes(hashed.as_ref().try_into().expect("32 bytes")) != text.sha256 {
                let written: String = hashed.as_ref().iter().map(|byte| format!("\\x{byte:02x}")).collect();
                changed.push(format!("{} {}: *b\"{written}\"", text.version, text.language.word()));
            }
        }
        assert!(changed.is_empty(), "released words never change: make a new version of {changed:#?}");
    }

    #[test]
    fn the_version_and_the_words_say_which_text_it_is() {
        let kinds = ConsentTextKind::ALL.len();
        assert_eq!(all().filter(|text| text.is_current).count(), kinds * TextLanguage::ALL.len());
        for text in all() {
            let same = |other: &ConsentText| (other.version, other.language) == (text.version, text.language);
            assert_eq!(all().filter(same).count(), 1, "{text:?}");
            let words = WordsShown { language: text.language, sha256: text.sha256 };
            assert_eq!((of(&words), text.shown().version.as_str()), (Some(text), text.version));
            assert!(TextVersion::parse(text.version).is_ok() && text.text.len() > 100, "{text:?}");
        }
        let unknown = WordsShown { language: TextLanguage::En, sha256: Digest::of_bytes([7; 32]) };
        assert_eq!(of(&unknown), None);
    }

    #[test]
    fn nobody_consents_by_a_version_that_is_outdated_unknown_or_of_no_language() {
        const fn version(name: &'static str, byte: u8) -> Version {
            Version {
                name,
                en: Words { text: "Yes.", sha256: [byte; 32] },
                es: Words { text: "Sí.", sha256: [byte + 1; 32] },
            }
        }
        const EARLIER: &[Version] = &[version("yes-1", 1)];
        let versions = Versions { current: version("yes-2", 3), earlier: EARLIER };
        let named = |name, language| ShownText { version: TextVersion::released(name), language };
        let words = WordsShown { language: TextLanguage::Es, sha256: Digest::of_bytes([4; 32]) };
        assert_eq!(versions.shown(&named("yes-2", Some(TextLanguage::Es))), Ok(words));
        let refused = Err(TextNotShown { current: "yes-2" });
        for name in ["yes-1", "yes-3", "YES-2"] {
            assert_eq!(versions.shown(&named(name, Some(TextLanguage::Es))), refused, "{name}");
        }
        assert_eq!(versions.shown(&named("yes-2", None)), refused);
        let all: Vec<&str> = versions.all().map(|version| version.name).collect();
        assert_eq!(all, ["yes-2", "yes-1"], "the earlier one stays readable");
    }
}
