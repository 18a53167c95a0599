//! Instants as they are written: RFC 3339 in UTC with six digits after the second, such as
//! `2026-11-28T13:46:31.123456Z`.
//!
//! Every instant has this form in events, metadata, access records and the API. All have one
//! width, so their texts are ordered as they are, and no reader meets a second spelling. An instant is cut to
//! microseconds where it enters: [`cut`] by the program's clock, [`parse`] for what a client gives.
//!
//! A field of an event is written with `#[serde(with = "crate::instant")]`, an optional one with
//! `#[serde(with = "crate::instant::optional")]`; a test of the events holds it.

use std::borrow::Cow;

use chrono::{DateTime, Datelike as _, SecondsFormat, Utc};
use serde::{Deserialize, Deserializer, Serializer};

/// The text is no instant as RFC 3339 in the years 0 to 9999.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is not an instant as RFC 3339, such as 2026-11-23T09:00:00Z")]
pub struct NotAnInstant;

/// The instant without what is finer than a microsecond. A leap second is the second after it.
#[must_use]
pub fn cut(instant: DateTime<Utc>) -> DateTime<Utc> {
    DateTime::from_timestamp_micros(instant.timestamp_micros()).unwrap_or(instant)
}

/// The text of an instant.
#[must_use]
pub fn write(instant: DateTime<Utc>) -> String {
    instant.to_rfc3339_opts(SecondsFormat::Micros, true)
}

/// Parses an instant with any zone and any number of digits, and cuts it to microseconds.
///
/// # Errors
/// [`NotAnInstant`]
pub fn parse(text: &str) -> Result<DateTime<Utc>, NotAnInstant> {
    let instant = cut(DateTime::parse_from_rfc3339(text).map_err(|_| NotAnInstant)?.to_utc());
    // The zone may move an instant into a year that has no four digits.
    if (0..=9999).contains(&instant.year()) { Ok(instant) } else { Err(NotAnInstant) }
}

/// Writes an instant in its one form.
///
/// # Errors
/// Those of the serializer.
pub fn serialize<S: Serializer>(instant: &DateTime<Utc>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&write(*instant))
}

/// Reads an instant.
///
/// # Errors
/// Where it is none.
pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<DateTime<Utc>, D::Error> {
    parse(&Cow::<'de, str>::deserialize(deserializer)?).map_err(serde::de::Error::custom)
}

/// An instant that may be absent.
pub mod optional {
    use chrono::{DateTime, Utc};
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    #[derive(Serialize, Deserialize)]
    struct Written(#[serde(with = "super")] DateTime<Utc>);

    /// Writes an instant in its one form, if there is one.
    ///
    /// # Errors
    /// Those of the serializer.
    pub fn serialize<S: Serializer>(instant: &Option<DateTime<Utc>>, serializer: S) -> Result<S::Ok, S::Error> {
        instant.map(Written).serialize(serializer)
    }

    /// Reads an instant, if there is one.
    ///
    /// # Errors
    /// Where it is none.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<DateTime<Utc>>, D::Error> {
        Ok(Option::<Written>::deserialize(deserializer)?.map(|Written(instant)| instant))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn an_instant_has_one_width_whatever_the_precision_and_zone_that_it_was_given_with() {
        for (given, written) in [
            ("2026-11-28T13:46:31Z", "2026-11-28T13:46:31.000000Z"),
            ("2026-11-28T13:46:31.123Z", "2026-11-28T13:46:31.123000Z"),
            ("2026-11-28T15:46:31.123456+02:00", "2026-11-28T13:46:31.123456Z"),
            ("2026-11-28T13:46:31.123456999Z", "2026-11-28T13:46:31.123456Z"),
            ("2026-06-30T23:59:60Z", "2026-07-01T00:00:00.000000Z"),
            ("1969-12-31T23:59:59.9999999Z", "1969-12-31T23:59:59.999999Z"),
            ("0000-01-01T00:00:00Z", "0000-01-01T00:00:00.000000Z"),
        ] {
            assert_eq!(parse(given).map(write).as_deref(), Ok(written), "{given}");
        }
    }

    #[test]
    fn what_is_no_instant_of_four_digit_years_is_refused() {
        for text in [
            "",
            "2026-11-28",
            "2026-11-28T13:46:31",
            "2026-11-28T13:46Z",
            "28.11.2026",
            "+12026-11-28T13:46:31Z",
            "9999-12-31T23:59:59-01:00",
            "9999-12-31T23:59:60Z",
            "0000-01-01T00:00:00+01:00",
        ] {
            assert_eq!(parse(text), Err(NotAnInstant), "{text}");
        }
    }

    proptest! {
        #[test]
        fn an_instant_is_read_as_it_was_written(
            seconds in -62_167_219_200_i64..=253_402_300_799,
            nanos in 0_u32..1_000_000_000,
        ) {
            let given = DateTime::from_timestamp(seconds, nanos).expect("a time");
            let text = write(given);
            prop_assert_eq!(text.len(), "2026-11-28T13:46:31.123456Z".len());
            prop_assert_eq!(parse(&text), Ok(cut(given)));
            prop_assert_eq!(write(cut(given)), text);
        }
    }
}
