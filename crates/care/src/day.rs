//! Days that people write: ISO 8601, read strictly and in one place.

use chrono::{DateTime, Datelike as _, Duration, NaiveDate, Utc};

use crate::text::Text;

/// Why a date was not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DayProblem {
    /// Not of the required form, or not in the calendar.
    #[error("is not a date as ISO 8601")]
    Malformed,
    /// So long ago, or so far away, that it is a typing error.
    #[error("is not in the years {YEAR_MIN} to {YEAR_MAX}")]
    OutOfRange,
    /// Nowhere on earth has the day begun.
    #[error("is in the future")]
    InFuture,
}

const YEAR_MIN: i32 = 1850;
const YEAR_MAX: i32 = 2199;

/// The time zone where a day begins first, before Coordinated Universal Time.
const EARLIEST_ZONE: Duration = Duration::hours(14);

/// Parses a day such as 2027-12-25.
///
/// # Errors
/// [`DayProblem`] if it has another form, or is in no year of this age.
pub fn parse(text: &str) -> Result<NaiveDate, DayProblem> {
    let digits = |part: &str, length| part.len() == length && part.bytes().all(|byte| byte.is_ascii_digit());
    let mut parts = text.split('-');
    let (Some(year), Some(month), Some(day), None) = (parts.next(), parts.next(), parts.next(), parts.next()) else {
        return Err(DayProblem::Malformed);
    };
    if !(digits(year, 4) && digits(month, 2) && digits(day, 2)) {
        return Err(DayProblem::Malformed);
    }
    let day = NaiveDate::parse_from_str(text, "%Y-%m-%d").map_err(|_| DayProblem::Malformed)?;
    if (YEAR_MIN..=YEAR_MAX).contains(&day.year()) { Ok(day) } else { Err(DayProblem::OutOfRange) }
}

/// Parses a date of birth: a day, or a month or a year if only that is known, as the type `date` of FHIR.
///
/// # Errors
/// [`DayProblem`] if it has another form, is in no year of this age, or is in the future in every time zone.
pub fn birth_date(text: &str, now: DateTime<Utc>) -> Result<Text, DayProblem> {
    let first_day = match text.len() {
        4 => parse(&format!("{text}-01-01")),
        7 => parse(&format!("{text}-01")),
        _ => parse(text),
    }?;
    if first_day > (now + EARLIEST_ZONE).date_naive() {
        return Err(DayProblem::InFuture);
    }
    Text::line(text).map_err(|_| DayProblem::Malformed)
}

/// Whether two dates of birth, each known in full or in part, could be one.
#[must_use]
pub fn could_be_one(one: &str, other: &str) -> bool {
    // What is known of each begins with the year, and has one form.
    one.starts_with(other) || other.starts_with(one)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn born(text: &str) -> Result<String, DayProblem> {
        let now = "2026-11-23T09:30:00Z".parse().expect("a time");
        birth_date(text, now).map(|text| text.as_str().to_owned())
    }

    #[test]
    fn a_date_has_one_form() {
        let malformed = [
            "",
            "58-03-04",
            " 1958-03-04",
            "1958-03-04 ",
            "+1958-03-04",
            "-1958-03-04",
            "1958-3-4",
            "1958-03-4",
            "19580304",
            "1958-02-30",
            "1958-13-01",
            "1958-00-10",
            "1958-03-04T00:00:00Z",
            "04.03.1958",
            "1958-03-04-05",
            "\u{661}\u{669}",
            "1958-W10",
            "1958-063",
            "195 ",
            "-958",
        ];
        for text in malformed {
            assert_eq!(born(text), Err(DayProblem::Malformed), "{text:?}");
            assert_eq!(parse(text), Err(DayProblem::Malformed), "{text:?}");
        }
    }

    #[test]
    fn a_date_is_of_this_age() {
        for text in ["0000-01-01", "0001-01-01", "0958-03-04", "1849-12-31", "2200-01-01", "9999-12-31"] {
            assert_eq!(parse(text), Err(DayProblem::OutOfRange), "{text:?}");
            assert_eq!(born(text), Err(DayProblem::OutOfRange), "{text:?}");
        }
        assert!(parse("2027-12-25").is_ok());
    }

    #[test]
    fn a_birth_lies_in_the_past_somewhere_on_earth() {
        // 09:30 in Coordinated Universal Time is 23:30 of the same day in the earliest zone.
        assert_eq!(born("2026-11-23").as_deref(), Ok("2026-11-23"));
        for future in ["2026-11-24", "2026-12", "2027", "2027-01-01"] {
            assert_eq!(born(future), Err(DayProblem::InFuture), "{future}");
        }
        let late = "2026-11-23T10:00:00Z".parse().expect("a time");
        assert!(birth_date("2026-11-24", late).is_ok(), "it is that day on Kiritimati");
    }

    #[test]
    fn dates_of_birth_that_are_known_in_part_could_be_one() {
        for (one, other, could) in [
            ("1958-03-04", "1958-03-04", true),
            ("1958-03-04", "1958-03", true),
            ("1958", "1958-03-04", true),
            ("1958-03-04", "1958-03-05", false),
            ("1958-04", "1958-03-04", false),
            ("1959", "1958-03-04", false),
        ] {
            assert_eq!(could_be_one(one, other), could, "{one} {other}");
        }
    }

    #[test]
    fn a_birth_date_may_be_known_in_part() {
        for known in ["1958", "1958-03", "2026", "2026-11"] {
            assert_eq!(born(known).as_deref(), Ok(known));
            assert_eq!(parse(known), Err(DayProblem::Malformed), "a day is known as a whole");
        }
        assert_eq!(born("0000"), Err(DayProblem::OutOfRange));
        assert_eq!(born("1958-00"), Err(DayProblem::Malformed));
    }
}
