//! Every answer of the engine that was ever asked for, in one flat table.
//!
//! The domain is finite and small, so each point has a slot of two bytes, empty until the engine
//! was asked about it once. A slot only ever goes from empty to the one answer that the version
//! gives, so threads may race to fill it, and reading it needs no lock.

use std::sync::atomic::{AtomicU16, Ordering};

use crate::question::Tuple;
use crate::rules::{Answer, Rules};

/// The answers known so far, by [`Tuple::index`].
pub(crate) struct Table(Box<[AtomicU16]>);

const EMPTY: u16 = 0;
const NOTHING: u16 = 1;
/// From here on, even slots allow and odd ones deny by the rule of half the distance.
const BY_RULE: u16 = 2;
const _: () = assert!(Rules::COUNT_MAX < (u16::MAX / 2) as usize - 1, "every rule has its slots");

impl Table {
    pub fn empty() -> Self {
        Self((0..Tuple::count()).map(|_| AtomicU16::new(EMPTY)).collect())
    }

    /// The answer, if it is known.
    pub fn get(&self, tuple: &Tuple) -> Option<Answer> {
        match self.0.get(tuple.index())?.load(Ordering::Relaxed) {
            EMPTY => None,
            NOTHING => Some(Answer::Nothing),
            slot if slot % 2 == 0 => Some(Answer::Allow((slot - BY_RULE) / 2)),
            slot => Some(Answer::Deny((slot - BY_RULE) / 2)),
        }
    }

    /// Keeps an answer.
    pub fn put(&self, tuple: &Tuple, answer: Answer) {
        let slot = match answer {
            Answer::Nothing => NOTHING,
            Answer::Allow(rule) => BY_RULE + 2 * rule,
            Answer::Deny(rule) => BY_RULE + 2 * rule + 1,
        };
        if let Some(place) = self.0.get(tuple.index()) {
            place.store(slot, Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_reads_back_and_touches_no_other_point() {
        let table = Table::empty();
        let at = |index| Tuple::at(index).expect("a point");
        let answers = [Answer::Nothing, Answer::Allow(0), Answer::Deny(0), Answer::Allow(499), Answer::Deny(499)];
        for (index, answer) in answers.into_iter().enumerate() {
            assert_eq!(table.get(&at(index)), None);
            table.put(&at(index), answer);
        }
        for (index, answer) in answers.into_iter().enumerate() {
            assert_eq!(table.get(&at(index)), Some(answer));
        }
        assert_eq!(table.get(&at(answers.len())), None);
    }
}
