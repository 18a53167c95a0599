//! Scalars of our own, and the text of a person.
//!
//! An [`Instant`] has one width and one zone, whatever it was given with. [`Position`] and [`Version`] are encrypted tokens: a client keeps them and says them back, and
//! reads nothing in them.

use async_graphql::{Enum, InputValueError, InputValueResult, Scalar, ScalarType, SimpleObject, Value};
use care::instant;
use chrono::{DateTime, Utc};
use coordination::{PositionToken, TextCell, VersionToken};
use serde::{Deserialize, Serialize};

use crate::shape::Scalar;

macro_rules! tokens {
    ($($(#[$meta:meta])* $name:ident of $token:ident;)+) => {$(
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// The token as it was sent.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        $(#[$meta])*
        #[Scalar]
        impl ScalarType for $name {
            fn parse(value: Value) -> InputValueResult<Self> {
                if let Value::String(token) = value { Ok(Self(token)) } else { Err(InputValueError::expected_type(value)) }
            }

            fn to_value(&self) -> Value {
                Value::String(self.0.clone())
            }
        }

        impl From<$token> for $name {
            fn from($token(token): $token) -> Self {
                Self(token)
            }
        }
    )+};
}

tokens! {
    /// How far an answer has read. Send it back in the header `x-read-after` to read at least as far; it says nothing
    /// else. It is an encrypted token: text in base64url (RFC 4648, section 5) without padding, always of one length.
    Position of PositionToken;
    /// The version of a thing, to be sent back as `expectedVersion`; it says nothing else. It is an encrypted token: text
    /// in base64url (RFC 4648, section 5) without padding, always of one length.
    Version of VersionToken;
}

impl Position {
    /// The position that a page was read at.
    pub(crate) fn of_page(token: &str) -> Self {
        Self(token.to_owned())
    }
}

impl Version {
    /// The version that a form sends back.
    pub(crate) fn of_form(token: &str) -> Self {
        Self(token.to_owned())
    }
}

/// An instant of the API, in the form that the description of its scalar says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Instant(#[serde(with = "instant")] DateTime<Utc>);

/// An instant as RFC 3339 in UTC with microseconds, such as 2026-11-23T09:00:00.000000Z: every answer has this form. An input may
/// have another zone, and fewer digits or more; what is finer than a microsecond is cut off.
#[Scalar(name = "DateTime", specified_by_url = "https://datatracker.ietf.org/doc/html/rfc3339")]
impl ScalarType for Instant {
    fn parse(value: Value) -> InputValueResult<Self> {
        if let Value::String(text) = &value {
            Ok(Self(instant::parse(text)?))
        } else {
            Err(InputValueError::expected_type(value))
        }
    }

    fn to_value(&self) -> Value {
        Value::String(instant::write(self.0))
    }
}

impl From<DateTime<Utc>> for Instant {
    fn from(instant: DateTime<Utc>) -> Self {
        Self(instant)
    }
}

impl From<Instant> for DateTime<Utc> {
    fn from(Instant(instant): Instant) -> Self {
        instant
    }
}

/// The custom scalars with their checks: a value of another form is refused before anything runs.
pub const CHECKED: [Scalar; 3] = [
    Scalar {
        name: "DateTime",
        form: "an instant as RFC 3339, such as 2026-11-23T09:00:00Z",
        accepts: |value| Instant::parse(value).is_ok(),
    },
    Scalar { name: "Position", form: "a token of this server", accepts: |value| Position::parse(value).is_ok() },
    Scalar { name: "Version", form: "a token of this server", accepts: |value| Version::parse(value).is_ok() },
];

/// Text about a person. Exactly one of its fields is not null.
#[derive(Debug, Clone, PartialEq, Eq, SimpleObject)]
pub struct PersonalText {
    /// The text, if you may read it and it is still there.
    text: Option<String>,
    /// Why there is no text.
    withheld: Option<Withheld>,
}

/// Why a text is not shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Withheld {
    /// There is a text, but you may not read it now.
    Withheld,
    /// There was a text. It was erased and nobody can read it any more.
    Erased,
}

impl PersonalText {
    /// Text that this viewer may not read.
    pub const WITHHELD: Self = Self { text: None, withheld: Some(Withheld::Withheld) };
}

impl From<&TextCell> for PersonalText {
    fn from(cell: &TextCell) -> Self {
        match cell {
            TextCell::Open(text) => Self { text: Some(text.as_str().to_owned()), withheld: None },
            // A cell that nobody opened is not shown, whatever the reason.
            TextCell::Sealed(_) | TextCell::Withheld => Self::WITHHELD,
            TextCell::Erased => Self { text: None, withheld: Some(Withheld::Erased) },
        }
    }
}

#[cfg(test)]
mod tests {
    use care::text::Text;

    use super::*;

    #[test]
    fn an_instant_is_answered_with_one_width_and_zone_whatever_it_was_given_with() {
        for (given, answered) in [
            ("2026-11-23T09:00:00Z", "2026-11-23T09:00:00.000000Z"),
            ("2026-11-23T09:00:00.123Z", "2026-11-23T09:00:00.123000Z"),
            ("2026-11-23T10:00:00.123456789+01:00", "2026-11-23T09:00:00.123456Z"),
        ] {
            let instant = Instant::parse(Value::String(given.to_owned())).expect("an instant");
            assert_eq!(instant.to_value(), Value::String(answered.to_owned()), "{given}");
            // A repeat may spell the same instant in another way.
            assert_eq!(serde_json::to_value(instant).expect("JSON"), answered, "{given}");
        }
        for given in [Value::from("2026-11-23"), Value::from("now"), Value::from(1_700_000_000)] {
            assert!(Instant::parse(given.clone()).is_err(), "{given}");
        }
    }

    #[test]
    fn a_text_is_either_there_or_says_why_not() {
        let cells = [TextCell::Open(Text::line("cough").expect("a line")), TextCell::Withheld, TextCell::Erased];
        let shown: Vec<PersonalText> = cells.iter().map(PersonalText::from).collect();
        assert!(shown.iter().all(|text| text.text.is_some() != text.withheld.is_some()), "{shown:?}");
        assert_eq!(shown[0].text.as_deref(), Some("cough"));
        assert_eq!([shown[1].withheld, shown[2].withheld], [Some(Withheld::Withheld), Some(Withheld::Erased)]);
    }
}
