//! The order of names in lists: that of the Unicode Collation Algorithm, in which people look for a name.
//!
//! It is the order of no single language, since one list is read by people of several.

use std::cmp::Ordering;

use icu_collator::options::CollatorOptions;
use icu_collator::{Collator, CollatorBorrowed};

use crate::fault::Fault;
use crate::sealing::TextCell;

/// The order of names.
pub(crate) struct NameOrder(CollatorBorrowed<'static>);

impl NameOrder {
    pub fn new() -> Result<Self, Fault> {
        let collator = Collator::try_new(Default::default(), CollatorOptions::default());
        collator.map(Self).map_err(|_| Fault::Unavailable("the order of names"))
    }

    /// Which of two names comes first. Some names that differ in their characters are equal here.
    pub fn compare(&self, one: &str, other: &str) -> Ordering {
        self.0.compare(one, other)
    }
}

/// Sorts rows by a public name.
pub(crate) fn sort_by_name<T>(rows: &mut [T], name: impl Fn(&T) -> &str) -> Result<(), Fault> {
    let order = NameOrder::new()?;
    // Names that the algorithm does not tell apart have one order too.
    rows.sort_by(|one, other| order.compare(name(one), name(other)).then_with(|| name(one).cmp(name(other))));
    Ok(())
}

/// Sorts rows by the name of a person, as far as it is shown.
pub(crate) fn sort_by_shown_name<T>(rows: &mut [T], name: impl Fn(&T) -> &TextCell) -> Result<(), Fault> {
    sort_by_name(rows, |row| match name(row) {
        TextCell::Open(text) => text.as_str(),
        // Behind every name.
        TextCell::Sealed(_) | TextCell::Withheld | TextCell::Erased => "\u{10ffff}",
    })
}

#[cfg(test)]
mod tests {
    use care::text::Text;

    use super::*;

    #[test]
    fn names_are_in_the_order_in_which_people_look_for_them() {
        let mut names = vec![
            "Zagreb",
            "\u{c5}rhus",
            "zoo",
            "\u{c9}mile",
            "Emil",
            "emily",
            "\u{d6}sterreich",
            "Oslo",
            "\u{391}\u{3b8}\u{3ae}\u{3bd}\u{3b1}",
            "apple",
        ];
        sort_by_name(&mut names, |name| name).expect("sorted");
        let sorted = [
            "apple",
            "\u{c5}rhus",
            "Emil",
            "\u{c9}mile",
            "emily",
            "Oslo",
            "\u{d6}sterreich",
            "Zagreb",
            "zoo",
            "\u{391}\u{3b8}\u{3ae}\u{3bd}\u{3b1}",
        ];
        assert_eq!(names, sorted);
    }

    #[test]
    fn a_name_that_is_not_shown_is_last() {
        let open = |name| TextCell::Open(Text::line(name).expect("a name"));
        let mut names = vec![TextCell::Withheld, open("\u{391}\u{3b8}\u{3ae}\u{3bd}\u{3b1}"), open("Emil")];
        sort_by_shown_name(&mut names, |name| name).expect("sorted");
        assert_eq!(names, [open("Emil"), open("\u{391}\u{3b8}\u{3ae}\u{3bd}\u{3b1}"), TextCell::Withheld]);
    }
}
