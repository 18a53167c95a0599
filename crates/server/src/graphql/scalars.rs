//! Scalars of our own, and the text of a person.
//!
//! [`Position`] and [`Version`] are encrypted tokens: a client keeps them and says them back, and
//! reads nothing in them.

use async_graphql::{Enum, InputValueError, InputValueResult, Scalar, ScalarType, SimpleObject, Value};
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
    /// How far an answer has read. Send it back in the header `x-read-after` to read at least as
    /// far; it says nothing else.
    Position of PositionToken;
    /// The version of a thing, to be sent back as `expectedVersion`; it says nothing else.
    Version of VersionToken;
}

impl Version {
    /// The version that a form sends back.
    pub(crate) fn of_form(token: &str) -> Self {
        Self(token.to_owned())
    }
}

/// The custom scalars with their checks: a value of another form is refused before anything runs.
pub const CHECKED: [Scalar; 3] = [
    Scalar {
        name: "DateTime",
        form: "an instant as RFC 3339, such as 2026-11-23T09:00:00Z",
        accepts: |value| DateTime::<Utc>::parse(value).is_ok(),
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
    fn a_text_is_either_there_or_says_why_not() {
        let cells = [TextCell::Open(Text::line("cough").expect("a line")), TextCell::Withheld, TextCell::Erased];
        let shown: Vec<PersonalText> = cells.iter().map(PersonalText::from).collect();
        assert!(shown.iter().all(|text| text.text.is_some() != text.withheld.is_some()), "{shown:?}");
        assert_eq!(shown[0].text.as_deref(), Some("cough"));
        assert_eq!([shown[1].withheld, shown[2].withheld], [Some(Withheld::Withheld), Some(Withheld::Erased)]);
    }
}
