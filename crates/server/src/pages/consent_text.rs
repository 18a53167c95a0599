//! The words by which somebody consents, as the pages show them: whole beside the button that consents, with hidden fields
//! that say which text that was; and afterwards, to be read again.

use care::consent_text::{ConsentText, current};
use care::words::{ConsentTextKind, TextLanguage};

use super::controls::{Control, word};
use super::texts::Texts;
use crate::graphql::words::TextLanguage as Language;

/// The field for the version of the text that the page shows.
pub(crate) const TEXT_VERSION: &str = "textVersion";
/// The field for the language in which it shows it.
pub(crate) const TEXT_LANGUAGE: &str = "textLanguage";

/// The words of a text.
pub(crate) struct ConsentWords {
    /// The language, for the attribute `lang`.
    pub lang: &'static str,
    pub paragraphs: Vec<String>,
}

impl ConsentWords {
    pub fn of(language: Language, text: &str) -> Self {
        let lang = TextLanguage::from(language).word();
        Self { lang, paragraphs: text.split("\n\n").map(str::to_owned).collect() }
    }
}

impl From<&ConsentText> for ConsentWords {
    fn from(text: &ConsentText) -> Self {
        Self::of(text.language.into(), text.text)
    }
}

/// The text for this kind of consent in the language of the page.
pub(crate) fn text_in(consent: ConsentTextKind, l: &Texts) -> ConsentText {
    // The test below holds that there is a text in each language of the pages.
    current(consent, TextLanguage::parse(l.lang).unwrap_or(TextLanguage::En))
}

/// The fields that say which text a page shows, and not which one an earlier page has shown.
pub(crate) fn shown(text: &ConsentText) -> [Control; 2] {
    let language = word(&Language::from(text.language));
    [Control::hidden(TEXT_VERSION, text.version), Control::hidden(TEXT_LANGUAGE, &language)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::texts::Languages;

    #[test]
    fn the_text_is_in_the_language_of_the_page() {
        for l in Languages::read().unwrap().all() {
            assert_eq!(ConsentWords::from(&text_in(ConsentTextKind::Help, l)).lang, l.lang);
        }
    }
}
