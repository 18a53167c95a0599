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
use crate::words::{ConsentTextKind, TextLanguage};

static HELP: Versions = Versions {
    current: Version {
        name: "helper-consent-2",
        en: Words {
            text: include_str!("consent_text/helper-consent-2.en.txt").trim_ascii_end(),
            sha256: *b"\x02\x92\x23\x00\x1f\xad\xc0\xcf\xc9\x9a\xe9\x9f\x36\x59\xc8\xb4\xc3\x3c\x98\x42\x21\xe9\x67\xfa\x62\x2f\xb7\x20\x4f\xf7\x36\x00",
        },
        es: Words {
            text: include_str!("consent_text/helper-consent-2.es.txt").trim_ascii_end(),
            sha256: *b"\xe7\xc4\x67\x95\xa6\x46\x0a\x1f\x8e\x2c\x29\x80\x57\x85\x40\xa0\x92\xa6\xa0\x4b\x49\x78\x53\x04\xd5\x28\x9c\xde\xef\xb0\xc2\xf1",
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
            sha256: *b"\xd7\x2a\x44\x34\x03\x2a\x64\x6c\xfa\x60\xd3\xa3\x8e\x95\x20\x65\xb0\xa0\xd4\x7b\x43\x3b\xf9\x40\x99\x04\xe0\x54\xfe\xd5\x9b\x71",
        },
        es: Words {
            text: include_str!("consent_text/directive-permission-1.es.txt").trim_ascii_end(),
            sha256: *b"\xf6\xbf\xea\x1c\xfd\x0b\xfd\xc3\xea\x99\x64\xfd\xc2\x6d\x78\xbd\x47\x1c\x23\x5a\x2e\xfc\x19\xad\x05\x90\x3a\x3e\x7b\x3f\x9d\x04",
        },
    },
    earlier: &[],
};

static BLOCK: Versions = Versions {
    current: Version {
        name: "directive-block-1",
        en: Words {
            text: include_str!("consent_text/directive-block-1.en.txt").trim_ascii_end(),
            sha256: *b"\xd9\xda\x6c\xa0\x97\xa2\xbd\xdb\x83\x2a\xae\x71\xbc\xf1\xb8\x4f\x7d\x53\xe2\xdc\x5d\xd8\x8d\xbf\xc4\x0d\xb6\x92\x90\x1a\x4e\x96",
        },
        es: Words {
            text: include_str!("consent_text/directive-block-1.es.txt").trim_ascii_end(),
            sha256: *b"\xd9\x51\xae\xa0\x93\xb3\x43\x20\x9f\xe9\x89\x6e\x18\xd3\xcf\x86\x83\x8e\x21\x68\x23\x2b\x80\xd1\x1e\x46\x2c\x0d\xcc\xa3\xd5\x15",
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
