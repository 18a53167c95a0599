//! A telephone number as people write it.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A telephone number: international, as `+43 1 234567`, or as it is dialled within the country, as `(01) 234-567`.
///
/// It is kept as it was written, with plain blanks and hyphens. An event that was recorded is not checked again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Phone(String);

/// Why a text is no telephone number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PhoneProblem {
    /// Nothing is written.
    #[error("is empty")]
    Empty,
    /// It holds something other than digits, a leading plus, blanks, and the signs `( ) - . /`.
    #[error("may only have digits, a plus at its beginning, blanks, and the signs ( ) - . /")]
    Character,
    /// It has too few digits, or more than the longest number.
    #[error("must have 3 to 15 digits, and at least 7 after a plus")]
    Length,
    /// A country code begins with a digit from 1 to 9.
    #[error("must have a country code after the plus")]
    CountryCode,
    /// A bracket is missing.
    #[error("has a bracket without its other one")]
    Bracket,
}

/// The longest number of the plan E.164, in digits.
const DIGITS_MAX: usize = 15;
/// The shortest number of a country, such as one for emergencies.
const DIGITS_MIN: usize = 3;
/// The shortest number with its country code.
const INTERNATIONAL_DIGITS_MIN: usize = 7;
/// More than this many characters are no number of 15 digits.
const CHARACTERS_MAX: usize = 40;

impl Phone {
    /// Reads a telephone number.
    ///
    /// # Errors
    /// [`PhoneProblem`] if it is none.
    pub fn parse(text: &str) -> Result<Self, PhoneProblem> {
        // Texts from other programs have blanks and hyphens at which no line is broken.
        let plain: String = text.replace(['\u{2010}', '\u{2011}', '\u{2012}', '\u{2013}'], "-");
        let number = plain.split_whitespace().collect::<Vec<_>>().join(" ");
        if number.is_empty() {
            return Err(PhoneProblem::Empty);
        }
        let (is_international, rest) = match number.strip_prefix('+') {
            Some(rest) => (true, rest),
            None => (false, number.as_str()),
        };
        if !rest.chars().all(|c| c.is_ascii_digit() || " ()-./".contains(c)) {
            return Err(PhoneProblem::Character);
        }
        let mut digits = rest.chars().filter(char::is_ascii_digit);
        let first = digits.next();
        let count = first.map_or(0, |_| digits.count().saturating_add(1));
        let least = if is_international { INTERNATIONAL_DIGITS_MIN } else { DIGITS_MIN };
        if !(least..=DIGITS_MAX).contains(&count) || number.len() > CHARACTERS_MAX {
            return Err(PhoneProblem::Length);
        }
        if is_international && (first == Some('0') || !rest.starts_with(|c: char| c.is_ascii_digit())) {
            return Err(PhoneProblem::CountryCode);
        }
        if !brackets_match(rest) {
            return Err(PhoneProblem::Bracket);
        }
        Ok(Self(number))
    }

    /// The number as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Whether every bracket is closed before the next one is opened.
fn brackets_match(number: &str) -> bool {
    let mut open = false;
    for c in number.chars().filter(|c| ['(', ')'].contains(c)) {
        if open == (c == '(') {
            return false;
        }
        open = !open;
    }
    !open
}

impl fmt::Display for Phone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_kept_as_people_write_them() {
        for (written, kept) in [
            ("+43 1 234567", "+43 1 234567"),
            ("+4312345678901", "+4312345678901"),
            ("  (01)  234-567 ", "(01) 234-567"),
            ("+43\u{a0}1\u{a0}234\u{2011}567", "+43 1 234-567"),
            ("+49 (0)30 / 90.10", "+49 (0)30 / 90.10"),
            ("112", "112"),
        ] {
            assert_eq!(Phone::parse(written).map(|phone| phone.as_str().to_owned()), Ok(kept.to_owned()), "{written}");
        }
    }

    #[test]
    fn what_is_no_number_is_refused_with_its_reason() {
        for (written, problem) in [
            ("", PhoneProblem::Empty),
            (" \t", PhoneProblem::Empty),
            ("call reception", PhoneProblem::Character),
            ("43+1234567", PhoneProblem::Character),
            ("\u{661}\u{661}\u{662}", PhoneProblem::Character),
            ("12", PhoneProblem::Length),
            ("+43 123", PhoneProblem::Length),
            ("1234567890123456", PhoneProblem::Length),
            ("1-------------------------------------------2-3", PhoneProblem::Length),
            ("+0 1234567", PhoneProblem::CountryCode),
            ("+ 43 1234567", PhoneProblem::CountryCode),
            ("(01 234567", PhoneProblem::Bracket),
            ("01) 234567", PhoneProblem::Bracket),
            ("((01)) 234567", PhoneProblem::Bracket),
        ] {
            assert_eq!(Phone::parse(written), Err(problem), "{written:?}");
        }
    }
}
