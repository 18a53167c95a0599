//! Public names, of organizations and pools, that a reader could take for each other.

use unicode_normalization::UnicodeNormalization as _;
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
