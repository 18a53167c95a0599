//! The texts of consents: what a client shows to the person who consents, and what somebody consented to.

use async_graphql::SimpleObject;
use care::consent_text::{self as source, WordsShown};

use super::words::{ConsentTextKind, TextLanguage};

/// A text by which somebody consents, in one language. Its words never change once they are released.
#[derive(SimpleObject)]
pub struct ConsentText {
    /// To what somebody consents by it.
    consent: ConsentTextKind,
    /// The version, for `textVersion`. No two texts have the same, but a text has it in each language.
    version: String,
    /// The language, for `textLanguage`.
    language: TextLanguage,
    /// The words. An empty line separates two paragraphs.
    text: String,
    /// The SHA-256 of the words in UTF-8, as 64 lower-case hexadecimal digits.
    sha256: String,
    /// Whether somebody can consent by it now.
    is_current: bool,
}

impl From<source::ConsentText> for ConsentText {
    fn from(text: source::ConsentText) -> Self {
        let source::ConsentText { consent, version, language, text, sha256, is_current } = text;
        Self {
            consent: consent.into(),
            version: version.to_owned(),
            language: language.into(),
            text: text.to_owned(),
            sha256: sha256.to_string(),
            is_current,
        }
    }
}

impl ConsentText {
    /// The text that has these words; none if it is held nowhere.
    pub(super) fn of(words: &WordsShown) -> Option<Self> {
        source::of(words).map(Self::from)
    }

    /// Every text that was released.
    pub(super) fn all() -> Vec<Self> {
        source::all().map(Self::from).collect()
    }
}
