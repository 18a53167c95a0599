//! The characters of a text: the one form in which it is stored, and which of them a reader sees.

use unicode_normalization::UnicodeNormalization as _;
use unicode_properties::{GeneralCategory, GeneralCategoryGroup, UnicodeGeneralCategory as _};
use zeroize::Zeroizing;

use crate::public_name::is_ignorable;

/// Text as it is stored: in NFC, with line feeds as its only line breaks, with balanced direction marks, and without
/// blank lines before it and white space after it. Equal text has equal bytes, whatever program it was copied from.
#[must_use]
pub fn normalized(text: &str) -> Zeroizing<String> {
    // Most texts have nothing to compose or to balance, and need no copy for it.
    let is_composed = text.is_ascii() && !text.contains(['\r', '\u{b}', '\u{c}']);
    let composed = if is_composed { None } else { Some(composed(text)) };
    let trimmed = composed.as_ref().map_or(text, |composed| composed.as_str()).trim_end();
    let begins = trimmed.len().saturating_sub(trimmed.trim_start().len());
    let blank_lines = trimmed.get(..begins).and_then(|blank| blank.rfind('\n')).map_or(0, |at| at.saturating_add(1));
    Zeroizing::new(trimmed.get(blank_lines..).unwrap_or(trimmed).to_owned())
}

fn composed(text: &str) -> Zeroizing<String> {
    // The capacity is enough for what NFC makes longer, so that no unwiped copy stays behind.
    let mut composed = Zeroizing::new(String::with_capacity(text.len().saturating_mul(3)));
    composed.extend(balanced(text).nfc());
    composed
}

/// A direction that was begun within a line.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Direction {
    /// U+2066 to U+2068, ended by U+2069.
    Isolate,
    /// U+202A and U+202B, ended by U+202C.
    Embedding,
    /// U+202D and U+202E, ended by U+202C. It can reverse the digits of a dose, so both its marks are dropped.
    Override,
}

impl Direction {
    fn end(self) -> Option<char> {
        match self {
            Self::Isolate => Some('\u{2069}'),
            Self::Embedding => Some('\u{202c}'),
            Self::Override => None,
        }
    }
}

/// The text with one form of line break, and with every direction ended within the line that began it, as the
/// bidirectional algorithm ends it. Marks that end nothing are dropped, so that a text cannot change what is shown
/// around it.
fn balanced(text: &str) -> Zeroizing<String> {
    // At most one end is added for each mark, and both have three bytes.
    let mut out = Zeroizing::new(String::with_capacity(text.len().saturating_mul(2)));
    let mut open: Vec<Direction> = Vec::new();
    let mut characters = text.chars().peekable();
    while let Some(c) = characters.next() {
        match c {
            // The vertical tab is the line break of word processors.
            '\r' | '\n' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}' => {
                if c == '\r' {
                    characters.next_if_eq(&'\n');
                }
                out.extend(open.drain(..).rev().filter_map(Direction::end));
                out.push('\n');
            }
            '\u{2066}'..='\u{2068}' => {
                open.push(Direction::Isolate);
                out.push(c);
            }
            '\u{202a}' | '\u{202b}' => {
                open.push(Direction::Embedding);
                out.push(c);
            }
            '\u{202d}' | '\u{202e}' => open.push(Direction::Override),
            // It ends the newest embedding or override, but none that surrounds an isolate.
            '\u{202c}' if open.last().is_some_and(|last| *last != Direction::Isolate) => {
                out.extend(open.pop().and_then(Direction::end));
            }
            // It ends the newest isolate, with every embedding within.
            '\u{2069}' if open.contains(&Direction::Isolate) => {
                while let Some(last) = open.pop() {
                    out.extend(last.end());
                    if last == Direction::Isolate {
                        break;
                    }
                }
            }
            // The last is a byte order mark.
            '\u{202c}' | '\u{2069}' | '\u{feff}' => {}
            c => out.push(c),
        }
    }
    out.extend(open.drain(..).rev().filter_map(Direction::end));
    out
}

/// Whether a reader sees the character when it stands alone. Marks are seen only on another character.
pub(super) fn is_visible(c: char) -> bool {
    // Letters of Hangul and Braille that are shown as blanks.
    if matches!(c, '\u{115f}' | '\u{1160}' | '\u{3164}' | '\u{ffa0}' | '\u{2800}') {
        return false;
    }
    match c.general_category_group() {
        GeneralCategoryGroup::Letter
        | GeneralCategoryGroup::Number
        | GeneralCategoryGroup::Punctuation
        | GeneralCategoryGroup::Symbol => true,
        GeneralCategoryGroup::Mark | GeneralCategoryGroup::Separator => false,
        // A character that is newer than the table of categories is of this group too.
        GeneralCategoryGroup::Other => !c.is_control() && c.general_category() == GeneralCategory::Unassigned,
    }
}

/// A name without the blanks and the invisible characters at both its ends.
pub(super) fn without_unseen_ends(name: &str) -> &str {
    name.trim_matches(|c: char| c.is_whitespace() || (is_invisible(c) && !is_variation(c)))
}

/// The first character within a name that nobody sees, and that its script does not need.
pub(super) fn unneeded_invisible(name: &str) -> Option<char> {
    let mut before = None;
    let mut characters = name.chars().peekable();
    while let Some(c) = characters.next() {
        let is_needed = match c {
            '\u{200c}' | '\u{200d}' => {
                before.is_some_and(is_of_joining_script) && characters.peek().copied().is_some_and(is_of_joining_script)
            }
            _ => before.is_some_and(|base| selects(c, base)),
        };
        if is_invisible(c) && !is_needed {
            return Some(c);
        }
        before = Some(c);
    }
    None
}

/// Whether a reader does not see the character in a name: what Unicode lists as ignorable by default, the other format
/// characters without a sign of their own, and the empty Braille cell.
fn is_invisible(c: char) -> bool {
    is_ignorable(c)
        || matches!(c, '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{2800}' | '\u{3164}' | '\u{ffa0}'
            | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}')
}

/// Whether the character selects the form of the one before it, as names in Japanese and Mongolian need it.
fn is_variation(c: char) -> bool {
    matches!(c, '\u{180b}'..='\u{180d}' | '\u{180f}' | '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}')
}

/// Whether a variation selector changes how a character looks: a letter of a script without capitals, or a symbol.
fn selects(variation: char, base: char) -> bool {
    match variation {
        '\u{fe0e}' | '\u{fe0f}' => base.general_category_group() == GeneralCategoryGroup::Symbol,
        _ => is_variation(variation) && base.general_category() == GeneralCategory::OtherLetter && !is_invisible(base),
    }
}

/// Whether the character is of a script whose letters change with those beside them, so that a joiner or a non-joiner
/// between them is seen: Arabic and its neighbours to Mongolian, with the scripts of India.
fn is_of_joining_script(c: char) -> bool {
    matches!(c, '\u{600}'..='\u{109f}' | '\u{1780}'..='\u{1cff}' | '\u{a800}'..='\u{abff}' | '\u{fb50}'..='\u{fdff}'
        | '\u{fe70}'..='\u{fefc}' | '\u{10a00}'..='\u{11fff}' | '\u{1e900}'..='\u{1e95f}')
        && !is_invisible(c)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_text_that_is_not_composed_would_stay_as_it_is(text in "[\u{0}-\u{7f}]{0,24}") {
            if !text.contains(['\r', '\u{b}', '\u{c}']) {
                let composed = composed(&text);
                prop_assert_eq!(composed.as_str(), text);
            }
        }
    }
}
