//! The words of which the files of the clinic are written: words of care, texts, times, and steps.

use care::day;
use care::text::Text;
use serde::de::value::StringDeserializer;
use serde::de::{DeserializeOwned, Error};
use serde::{Deserialize, Deserializer};

/// A word of a vocabulary of care.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Word<T>(pub T);

impl<'de, T: DeserializeOwned> Deserialize<'de> for Word<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let word = String::deserialize(deserializer)?;
        let read = T::deserialize(StringDeserializer::<D::Error>::new(word.clone()));
        read.map(Self).map_err(|error| D::Error::custom(format!("{word:?} is {error}")))
    }
}

/// A text of one line.
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct Line(pub String);

impl TryFrom<String> for Line {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Text::line(&text).map_err(|problem| problem.to_string())?;
        Ok(Self(text))
    }
}

/// A day, as clients write it too.
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct Day(pub String);

impl TryFrom<String> for Day {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        day::parse(&text).map_err(|problem| problem.to_string())?;
        Ok(Self(text))
    }
}

/// A text of one or more lines.
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct Body(pub String);

impl TryFrom<String> for Body {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Text::body(&text).map_err(|problem| problem.to_string())?;
        Ok(Self(text))
    }
}

/// Minutes since the step before, written `2h`, `30m` or `1h30m`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct Minutes(pub u64);

impl TryFrom<String> for Minutes {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let number = |digits: &str| digits.parse::<u16>().ok().map(u64::from);
        let minutes = |rest: &str| rest.strip_suffix('m').and_then(number);
        let read = match text.split_once('h') {
            Some((hours, "")) => number(hours).map(|hours| hours * 60),
            Some((hours, rest)) => number(hours).zip(minutes(rest)).map(|(hours, minutes)| hours * 60 + minutes),
            None => minutes(&text),
        };
        read.map(Self).ok_or_else(|| format!("{text:?} is not a time such as 2h, 30m or 1h30m"))
    }
}

/// Declares the step words: how each is written, its variant and its shape.
macro_rules! step_words {
    ($($word:ident => $variant:ident,)+) => {
        /// One command that somebody gave.
        #[derive(Debug, Clone, Deserialize)]
        #[serde(try_from = "WrittenStep")]
        pub(crate) struct Step {
            /// Handle.
            pub by: String,
            /// Time since the step before. `None` means at the same time.
            pub after: Option<Minutes>,
            pub act: Act,
        }

        /// What a step does.
        #[derive(Debug, Clone)]
        pub(crate) enum Act { $($variant($variant),)+ }

        impl Act {
            /// Every step word.
            const WORDS: &'static [&'static str] = &[$(stringify!($word)),+];

            /// The word of this step.
            pub fn word(&self) -> &'static str {
                match self { $(Self::$variant(_) => stringify!($word),)+ }
            }
        }

        /// A step as it is written: exactly one word is there.
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct WrittenStep {
            by: String,
            after: Option<Minutes>,
            $($word: Option<$variant>,)+
        }

        impl TryFrom<WrittenStep> for Step {
            type Error = String;

            fn try_from(written: WrittenStep) -> Result<Self, String> {
                let mut acts = Vec::new();
                $(acts.extend(written.$word.map(Act::$variant));)+
                let [act] = <[Act; 1]>::try_from(acts).map_err(|acts| {
                    let found: Vec<_> = acts.iter().map(Act::word).collect();
                    let found = if found.is_empty() { "none".to_owned() } else { found.join(" and ") };
                    format!("a step has exactly one of {}, and this one has {found}", Act::WORDS.join(", "))
                })?;
                Ok(Self { by: written.by, after: written.after, act })
            }
        }
    };
}

pub(crate) use step_words;
