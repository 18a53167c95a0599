//! What may be shown: the proof that a row went through redaction under a permit.
//!
//! Only [`Permit::show`] makes a [`Visible`], and it redacts the row first. A `Visible` gives read access only: it has no
//! `Clone`, and the row cannot be taken out. So an answer cannot contain a row without a permit.

use std::ops::Deref;

use crate::decide::Permit;

/// A row that can redact itself for a permit.
///
/// Implementors destructure themselves without `..`, so that the compiler reports a field that is added later and not
/// handled.
pub trait Redact {
    /// The row without what the permit does not show.
    #[must_use]
    fn redact(self, permit: &Permit) -> Self;
}

/// A row with sealed texts in it, which are opened after redaction.
pub trait Opens {
    /// A sealed text, with what is needed to open it: its event's id and kind.
    type Text;

    /// Calls `open` with every text of the row. Implementors destructure themselves without `..`.
    fn each_sealed(&mut self, open: &mut dyn FnMut(&mut Self::Text));
}

/// A row as its reader may see it.
#[derive(Debug)]
#[must_use = "a visible row must be shown"]
pub struct Visible<T>(T);

impl Permit {
    /// The row as this permit shows it.
    pub fn show<T: Redact>(&self, row: T) -> Visible<T> {
        Visible(row.redact(self))
    }
}

impl<T> Deref for Visible<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: Opens> Visible<T> {
    /// Opens, in place, the texts that redaction left. Nothing else of the row can be changed.
    pub fn open_texts(&mut self, open: &mut dyn FnMut(&mut T::Text)) {
        self.0.each_sealed(open);
    }
}

#[cfg(test)]
mod tests {
    use care::lifecycle::ThreadKind;
    use care::text::{PersonalText, Text};
    use care::words::Role;

    use super::*;
    use crate::decide::tests::{permit, viewer};
    use crate::question::ThingFacts;
    use crate::reach::HeldStanding;
    use crate::words::{Action, Read, Standing};

    #[derive(Debug)]
    struct Row {
        number: u8,
        question: Option<PersonalText>,
    }

    impl Redact for Row {
        fn redact(self, permit: &Permit) -> Self {
            let Self { number, question } = self;
            Self { number, question: question.filter(|_| permit.action() == Action::Read(Read::ThreadRead)) }
        }
    }

    impl Opens for Row {
        type Text = PersonalText;

        fn each_sealed(&mut self, open: &mut dyn FnMut(&mut PersonalText)) {
            let Self { number: _, question } = self;
            question.iter_mut().for_each(open);
        }
    }

    fn thread(held: &[HeldStanding]) -> ThingFacts<'_> {
        ThingFacts { kind: Some(ThreadKind::Consultation), ..ThingFacts::unlabelled(held) }
    }

    fn row() -> Row {
        Row { number: 7, question: Some(PersonalText::Destroyed) }
    }

    #[test]
    fn a_row_is_shown_redacted_and_then_opened() {
        let held = [HeldStanding::full(Standing::Requester, Role::Physician)];
        let viewer = viewer();
        let found = permit(&viewer, Action::Read(Read::ThreadFind), thread(&held));
        let mut shown = found.show(row());
        let mut opened = 0;
        shown.open_texts(&mut |_| opened += 1);
        assert_eq!((shown.number, shown.question.is_some(), opened), (7, false, 0));

        let read = permit(&viewer, Action::Read(Read::ThreadRead), thread(&held));
        let mut shown = read.show(row());
        shown.open_texts(&mut |text| *text = Text::line("why").expect("a text").into());
        assert!(matches!(&shown.question, Some(PersonalText::Open(text)) if text.as_str() == "why"));
    }
}
