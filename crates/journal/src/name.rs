//! The names in the log, parsed where they come in: of a stream, of an event type, of a namespace.
//!
//! A value of these types is right by construction, so no backend checks a name again. The rules are
//! those of the narrowest store we mean to run on: ASCII, lower case, short, and nothing that a store
//! keeps for itself (`$`). Names are never encrypted and never erased, so nothing of a person belongs in one.

use std::fmt;
use std::sync::Arc;

use thiserror::Error;

/// The longest stream name, in bytes.
const STREAM_BYTES_MAX: usize = 200;
/// The longest event type, in bytes.
const EVENT_TYPE_BYTES_MAX: usize = 100;
/// The longest namespace, in bytes.
const NAMESPACE_BYTES_MAX: usize = 32;

/// The name of a stream: `{category}-{rest}`, at most 200 bytes; `consultation-018f…`.
///
/// The category is `[a-z_]+`, the rest `[a-z0-9_-]+`; the first dash parts them.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StreamName(Arc<str>);

impl StreamName {
    /// Parses a name, or says which rule it breaks.
    pub fn parse(text: &str) -> Result<Self, NameProblem> {
        within(text, STREAM_BYTES_MAX)?;
        let (category, rest) = text.split_once('-').ok_or(NameProblem::Shape)?;
        let category_fits = !category.is_empty() && category.bytes().all(is_letter);
        let rest_fits = !rest.is_empty() && rest.bytes().all(is_tail);
        if !category_fits || !rest_fits {
            return Err(NameProblem::Shape);
        }
        Ok(Self(text.into()))
    }

    /// The whole name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The type of an event: dotted lower case, at most 100 bytes; `consultation.requested`.
///
/// Two or more parts of `[a-z_]+`, with a dot between.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EventType(Arc<str>);

impl EventType {
    /// Parses an event type, or says which rule it breaks.
    pub fn parse(text: &str) -> Result<Self, NameProblem> {
        within(text, EVENT_TYPE_BYTES_MAX)?;
        let dotted = text.contains('.');
        let parts_fit = text.split('.').all(|part| !part.is_empty() && part.bytes().all(is_letter));
        if !dotted || !parts_fit {
            return Err(NameProblem::Shape);
        }
        Ok(Self(text.into()))
    }

    /// The whole event type.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Which of a store's logs: `care`, `access`. `[a-z]+`, at most 32 bytes.
///
/// Each namespace is a log of its own, with its own identity, positions and writer.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Namespace(Arc<str>);

impl Namespace {
    /// Parses a namespace, or says which rule it breaks.
    pub fn parse(text: &str) -> Result<Self, NameProblem> {
        within(text, NAMESPACE_BYTES_MAX)?;
        if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_lowercase()) {
            return Err(NameProblem::Shape);
        }
        Ok(Self(text.into()))
    }

    /// The whole name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Which rule a name breaks. It does not repeat the name, which may be anything at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum NameProblem {
    /// The name is longer than its kind of name may be.
    #[error("the name has {bytes} bytes; {bytes_max} are allowed")]
    TooLong {
        /// Its length in bytes.
        bytes: usize,
        /// The longest that is allowed, in bytes.
        bytes_max: usize,
    },
    /// The name has a character it may not have, or lacks a part it must have.
    #[error("the name is not of the required shape")]
    Shape,
}

fn within(text: &str, bytes_max: usize) -> Result<(), NameProblem> {
    if text.len() > bytes_max {
        return Err(NameProblem::TooLong { bytes: text.len(), bytes_max });
    }
    Ok(())
}

fn is_letter(byte: u8) -> bool {
    byte.is_ascii_lowercase() || byte == b'_'
}

fn is_tail(byte: u8) -> bool {
    is_letter(byte) || byte.is_ascii_digit() || byte == b'-'
}

macro_rules! shown_as_text {
    ($($name:ident),*) => {$(
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.as_str())
            }
        }
    )*};
}

shown_as_text!(StreamName, EventType, Namespace);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_name_has_a_category_a_dash_and_a_rest() {
        for good in ["a-b", "care_team-018f-ab_9", "x--", &format!("a-{}", "b".repeat(198))] {
            assert_eq!(StreamName::parse(good).expect(good).as_str(), good);
        }
        for bad in ["", "a", "-a", "a-", "A-b", "a1-b", "a-B", "$a-b", "a-$", "a b-c", "a-b\n", "a-b\0", "ä-b", "a-é"]
        {
            assert_eq!(StreamName::parse(bad), Err(NameProblem::Shape), "{bad:?}");
        }
        let long = format!("a-{}", "b".repeat(199));
        assert_eq!(StreamName::parse(&long), Err(NameProblem::TooLong { bytes: 201, bytes_max: 200 }));
    }

    #[test]
    fn an_event_type_is_dotted_lower_case() {
        for good in ["a.b", "consultation.requested", "a_b.c_d.e", &format!("a.{}", "b".repeat(98))] {
            assert_eq!(EventType::parse(good).expect(good).as_str(), good);
        }
        for bad in ["", "a", ".", "a.", ".a", "a..b", "A.b", "a.b1", "a-b.c", "a.b ", "a.b\0", "$a.b"] {
            assert_eq!(EventType::parse(bad), Err(NameProblem::Shape), "{bad:?}");
        }
        assert!(matches!(
            EventType::parse(&format!("a.{}", "b".repeat(99))),
            Err(NameProblem::TooLong { bytes: 101, .. })
        ));
    }

    #[test]
    fn a_namespace_is_lower_case_letters_only() {
        assert_eq!(Namespace::parse("care").expect("well formed").to_string(), "care");
        for bad in ["", "Care", "care_team", "care/..", "care1", "."] {
            assert_eq!(Namespace::parse(bad), Err(NameProblem::Shape), "{bad:?}");
        }
    }
}
