//! Public names, of organizations and pools: which of them a reader could take for each other, and by which words they
//! are searched.

use std::collections::BTreeSet;

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;
use unicode_security::confusable_detection::skeleton;

/// Whether a reader could take one name for the other: they differ only in case, in blanks, in invisible characters, in
/// the form of a letter, or in letters that look alike (Unicode Technical Standard 39), such as a Latin and a Cyrillic a.
#[must_use]
pub fn look_alike(one: &str, other: &str) -> bool {
    seen(one) == seen(other) || spoken(one) == spoken(other)
}

/// The name as it looks. It tells capital letters that have no twin from their small letters, as a reader does.
fn seen(name: &str) -> String {
    skeleton(&plain(name)).collect::<String>().to_lowercase()
}

/// The name without case, so that small letters are compared where capitals were written.
fn spoken(name: &str) -> String {
    // Upper case first: the sharp s and its capitals are one letter.
    skeleton(&plain(name).to_uppercase().to_lowercase()).collect()
}

/// The words by which a name is searched: without case, accents and punctuation.
#[must_use]
pub fn search_words(name: &str) -> BTreeSet<String> {
    let without_accents = name.nfkd().filter(|c| !('\u{300}'..='\u{36f}').contains(c) && !is_ignorable(*c));
    // Upper case first, as above. A mark of a script belongs to its word.
    let folded = without_accents.collect::<String>().to_uppercase().to_lowercase();
    let words = folded.split(|c: char| !c.is_alphanumeric() && !is_combining_mark(c));
    words.filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

fn plain(name: &str) -> String {
    let compatible: String = name.nfkc().filter(|c| !is_ignorable(*c)).collect();
    compatible.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Characters that change nothing of what a reader sees.
pub(crate) fn is_ignorable(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_a_reader_takes_for_each_other_are_alike() {
        for (one, other) in [
            ("Cardiology", "cardiology"),
            ("Cardiology", "C\u{430}rdiology"),
            ("Bay Clinic", "\u{412}ay Clinic"),
            ("Zo\u{eb} House", "Zoe\u{308} House"),
            ("Stra\u{df}e 4", "STRASSE 4"),
            ("Ward  4", "Ward 4"),
            ("Ward\u{a0}4", "Ward 4"),
            ("Car\u{ad}diology", "Cardiology"),
            ("Cardiology\u{200b}", "Cardiology"),
            ("\u{ff37}ard 4", "Ward 4"),
            ("Team 1", "Team l"),
        ] {
            assert!(look_alike(one, other), "{one:?} {other:?}");
            assert!(look_alike(other, one), "{other:?} {one:?}");
        }
    }

    #[test]
    fn a_name_is_searched_by_its_words_without_case_accents_and_punctuation() {
        for (name, words) in [
            ("Cardiology advice", &["advice", "cardiology"][..]),
            ("St. Anna (Stra\u{df}e 4)", &["4", "anna", "st", "strasse"]),
            ("\u{c9}cole-\u{d6}sterreich", &["ecole", "osterreich"]),
            ("\u{ff37}ard\u{200b}s", &["wards"]),
            ("\u{421}\u{435}\u{440}\u{434}\u{446}\u{435}", &["\u{441}\u{435}\u{440}\u{434}\u{446}\u{435}"]),
            (" \u{2013} ", &[]),
        ] {
            assert_eq!(search_words(name).iter().map(String::as_str).collect::<Vec<_>>(), words, "{name}");
        }
    }

    #[test]
    fn names_that_differ_are_not_alike() {
        for (one, other) in [
            ("Cardiology", "Nephrology"),
            ("Ward 1", "Ward 2"),
            ("Z\u{fc}rich", "Zurich"),
            ("\u{e01}\u{e32}", "\u{e02}\u{e32}"),
            ("Cardiology", "Cardiology II"),
        ] {
            assert!(!look_alike(one, other), "{one:?} {other:?}");
        }
    }
}
