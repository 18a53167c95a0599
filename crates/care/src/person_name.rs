//! Names of people, as they are compared and searched: without case and accents, and with their words in any order.
//!
//! A registrar who writes "OKAFOR, Mira" and one who writes "Mira Okáfor" mean one name. Look-alike letters of other
//! scripts are not folded: they deceive in public names, and nobody types them by mistake.

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::canonical_combining_class;
use zeroize::Zeroizing;

use crate::public_name::is_ignorable;

/// The words of a name in their order, without case and accents.
#[must_use]
pub fn words(name: &str) -> Vec<Zeroizing<String>> {
    let mut words = Vec::new();
    let mut word = Zeroizing::new(String::new());
    // Upper case first: the sharp s and its capitals are one letter.
    let decomposed = name.nfkd().filter(|c| !is_accent(*c) && !is_ignorable(*c)).flat_map(char::to_uppercase);
    for c in decomposed.flat_map(char::to_lowercase).nfkd() {
        match c {
            // Apostrophes are within a word, and as often left out.
            '\'' | '\u{2019}' | '\u{2bc}' | '`' | '\u{b4}' => {}
            'ø' => word.push('o'),
            'ł' => word.push('l'),
            'đ' | 'ð' => word.push('d'),
            'ħ' => word.push('h'),
            'ı' => word.push('i'),
            'þ' => word.push_str("th"),
            'æ' => word.push_str("ae"),
            'œ' => word.push_str("oe"),
            c if is_accent(c) => {}
            c if c.is_alphanumeric() || canonical_combining_class(c) != 0 => word.push(c),
            _ => words.push(std::mem::take(&mut word)),
        }
    }
    words.push(word);
    words.retain(|word| !word.is_empty());
    words
}

/// Whether two names have the same words, in any order. A name without a letter is like none.
#[must_use]
pub fn are_alike(one: &str, other: &str) -> bool {
    let one = sorted(one);
    !one.is_empty() && one == sorted(other)
}

/// The words of a name in alphabetical order: equal for names that are alike.
#[must_use]
pub fn sorted(name: &str) -> Vec<Zeroizing<String>> {
    let mut words = words(name);
    words.sort_unstable_by(|one, other| one.as_str().cmp(other.as_str()));
    words
}

/// Whether a mark is an accent or a vowel point, without which readers recognise a word. The vowel signs of the scripts of
/// India and Thailand are letters, and have other classes.
fn is_accent(c: char) -> bool {
    matches!(canonical_combining_class(c), 10..=35 | 200..)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_people_write_differently_are_alike() {
        for (one, other) in [
            ("Mira Okafor", "OKAFOR, Mira"),
            ("Zo\u{eb} Gr\u{fc}nwald", "zoe grunwald"),
            ("Zoe\u{308} Grunwald", "Zo\u{eb} Grunwald"),
            ("Anna-Lena Stra\u{df}er", "Anna Lena STRASSER"),
            ("Siobh\u{e1}n O\u{2019}Connor", "Siobhan OConnor"),
            ("\u{141}ukasz S\u{f8}rensen", "Lukasz Sorensen"),
            ("Mira\u{200b} Okafor", "Mira  Okafor"),
            ("\u{395}\u{3bb}\u{3ad}\u{3bd}\u{3b7}", "\u{3b5}\u{3bb}\u{3b5}\u{3bd}\u{3b7}"),
            ("\u{627}\u{64e}\u{62d}\u{645}\u{62f}", "\u{627}\u{62d}\u{645}\u{62f}"),
        ] {
            assert!(are_alike(one, other) && are_alike(other, one), "{one:?} {other:?}");
        }
    }

    #[test]
    fn other_names_are_not_alike() {
        for (one, other) in [
            ("Mira Okafor", "Mira Okafor Adler"),
            ("Mira Okafor", "Mara Okafor"),
            ("Mira Mira", "Mira"),
            // Vowel signs of Devanagari and Thai make another word.
            ("\u{915}\u{93f}", "\u{915}\u{940}"),
            ("\u{e01}\u{e34}\u{e19}", "\u{e01}\u{e31}\u{e19}"),
            ("?", "!"),
        ] {
            assert!(!are_alike(one, other), "{one:?} {other:?}");
        }
    }

    #[test]
    fn the_words_stay_in_their_order() {
        let of = |name| words(name).iter().map(|word| word.to_string()).collect::<Vec<_>>();
        assert_eq!(of("Dr. Mira O'Ne\u{ef}l-Adler"), ["dr", "mira", "oneil", "adler"]);
        assert_eq!(of(" , "), Vec::<String>::new());
    }
}
