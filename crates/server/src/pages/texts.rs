//! The texts of the pages in each language, from `texts/*.ftl`. The build makes one method of each text, so a template
//! that names a missing text does not compile.
//!
//! To add a text: 1. write it in `texts/en.ftl` and in every other language there; 2. call the method of its name.
//! To add a language: add its file.

use std::borrow::Cow;
use std::sync::LazyLock;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use unic_langid::LanguageIdentifier;

include!(concat!(env!("OUT_DIR"), "/texts.rs"));

/// The texts of one language.
pub(crate) struct Texts {
    /// The name of the language, for the attribute `lang`.
    pub lang: &'static str,
    bundle: FluentBundle<FluentResource>,
}

/// All languages, the reference first.
pub(crate) struct Languages(Vec<Texts>);

/// A file of texts cannot be used. The build finds this first.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("the texts of the language {0} cannot be used")]
pub struct TextsProblem(&'static str);

const REFERENCE: &str = "en";

impl Languages {
    /// All languages.
    ///
    /// # Errors
    /// If a file of texts cannot be used.
    pub(crate) fn read() -> Result<&'static Self, TextsProblem> {
        static LANGUAGES: LazyLock<Result<Languages, TextsProblem>> = LazyLock::new(|| {
            let mut all = SOURCES.iter().map(|(lang, text)| Texts::read(lang, text)).collect::<Result<Vec<_>, _>>()?;
            all.sort_by_key(|texts| texts.lang != REFERENCE);
            Ok(Languages(all))
        });
        LANGUAGES.as_ref().map_err(|problem| *problem)
    }

    /// The languages, each with its name in itself.
    pub(crate) fn all(&self) -> impl Iterator<Item = &Texts> {
        self.0.iter()
    }

    /// The language with this name.
    pub(crate) fn named(&self, lang: &str) -> Option<&Texts> {
        self.0.iter().find(|texts| texts.lang == lang)
    }

    /// The chosen language, else the first one of the `Accept-Language` header that exists, else the reference.
    pub(crate) fn choose(&self, chosen: Option<&str>, accepted: Option<&str>) -> Option<&Texts> {
        let mut ranked: Vec<(&str, f32)> = accepted
            .unwrap_or_default()
            .split(',')
            .map(|range| {
                let (name, quality) = range.split_once(";q=").unwrap_or((range, "1"));
                (name.trim(), quality.trim().parse().unwrap_or(0.0))
            })
            .filter(|(_, quality)| *quality > 0.0)
            .collect();
        ranked.sort_by(|(_, one), (_, other)| other.total_cmp(one));
        let primary = |range: &str| range.split('-').next().unwrap_or_default().to_ascii_lowercase();
        let accepted = || ranked.iter().find_map(|(range, _)| self.named(&primary(range)));
        chosen.and_then(|lang| self.named(lang)).or_else(accepted).or_else(|| self.0.first())
    }
}

/// What may stand in a text.
pub(crate) trait Argument {
    /// The value for the text.
    fn value(&self) -> FluentValue<'_>;
}

impl Argument for str {
    fn value(&self) -> FluentValue<'_> {
        FluentValue::from(self)
    }
}

impl Argument for String {
    fn value(&self) -> FluentValue<'_> {
        FluentValue::from(self.as_str())
    }
}

impl Argument for Cow<'_, str> {
    fn value(&self) -> FluentValue<'_> {
        FluentValue::from(&**self)
    }
}

macro_rules! numbers { ($($number:ty)*) => { $(
    impl Argument for $number {
        fn value(&self) -> FluentValue<'_> {
            FluentValue::from(*self)
        }
    }
)* } }
numbers! { usize u32 i32 i64 }

impl<T: Argument + ?Sized> Argument for &T {
    fn value(&self) -> FluentValue<'_> {
        (**self).value()
    }
}

impl Texts {
    fn read(lang: &'static str, text: &str) -> Result<Self, TextsProblem> {
        let problem = TextsProblem(lang);
        let identifier: LanguageIdentifier = lang.parse().map_err(|_| problem)?;
        let mut bundle = FluentBundle::new_concurrent(vec![identifier]);
        // Names have an element of their own with `dir="auto"`, which isolates them.
        bundle.set_use_isolating(false);
        let resource = FluentResource::try_new(text.to_owned()).map_err(|_| problem)?;
        bundle.add_resource(resource).map_err(|_| problem)?;
        Ok(Self { lang, bundle })
    }

    fn say<'a>(&'a self, key: &str, arguments: Option<&FluentArgs<'_>>) -> Cow<'a, str> {
        let Some(pattern) = self.bundle.get_message(key).and_then(|message| message.value()) else {
            tracing::error!(key, lang = self.lang, "a text is missing");
            return Cow::Borrowed("");
        };
        let mut errors = Vec::new();
        let said = self.bundle.format_pattern(pattern, arguments, &mut errors);
        if !errors.is_empty() {
            tracing::error!(key, lang = self.lang, ?errors, "a text has an error");
        }
        Cow::Owned(said.into_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_chosen_language_comes_first_and_then_the_accepted_one() {
        let languages = Languages::read().unwrap();
        let chosen = |chosen, accepted| languages.choose(chosen, accepted).unwrap().lang;
        assert_eq!(chosen(Some("es"), Some("en")), "es");
        assert_eq!(chosen(Some("xx"), Some("es-AR,en;q=0.5")), "es");
        assert_eq!(chosen(None, Some("en;q=0.3, es;q=0.9")), "es");
        assert_eq!(chosen(None, Some("es;q=0, fr")), "en");
        assert_eq!(chosen(None, None), "en");
    }

    #[test]
    fn a_text_has_plural_forms() {
        let languages = Languages::read().unwrap();
        let (en, es) = (languages.named("en").unwrap(), languages.named("es").unwrap());
        assert_eq!([en.late_days(1), en.late_days(3)], ["1 day late", "3 days late"]);
        assert_eq!(es.late_days(3), "3 días de retraso");
    }
}
