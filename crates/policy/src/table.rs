//! The decision table: a cache of all answers of the engine.
//!
//! The domain is finite, so each point has a slot of two bytes, empty until the engine was asked about it once. A slot
//! only ever goes from empty to the one answer that the version gives, so threads may race to fill it, and reading it
//! needs no lock.
//!
//! The whole domain grows with the product of its vocabularies, but little of it can be asked: few roles can be held
//! in a standing, and most actions belong to one kind of thread. So slots are allocated at first use: for a role and
//! standing a list of places (16 bytes for each action and kind), and for an action and kind in it a block of slots
//! (today 288 bytes). Nothing is allocated before the first question. Everything that the shipped vocabulary can ask
//! takes less than 4 MiB for each kind of thread and as much for
//! what is outside threads, which a test checks.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU16, Ordering};

use crate::question::{Domain, Tuple};
use crate::rules::{Answer, Rules};

/// The slots of a role, standing, action and kind.
type Block = Box<[AtomicU16]>;
/// The blocks of a role and standing, by action and kind.
type Blocks = Box<[OnceLock<Block>]>;

/// The answers known so far.
pub(crate) struct Table {
    domain: Domain,
    pairs: Box<[OnceLock<Blocks>]>,
}

/// Where the slot of a point is.
struct Place {
    pair: usize,
    block: usize,
    slot: usize,
}

const EMPTY: u16 = 0;
const NOTHING: u16 = 1;
/// From here on, even slots allow and odd ones deny by the rule of half the distance.
const BY_RULE: u16 = 2;
const _: () = assert!(Rules::COUNT_MAX < (u16::MAX / 2) as usize - 1, "every rule has its slots");

impl Table {
    pub fn empty(domain: Domain) -> Self {
        let [roles, standings, ..] = domain.sizes();
        Self { domain, pairs: (0..roles * standings).map(|_| OnceLock::new()).collect() }
    }

    /// The answer, if it is known.
    pub fn get(&self, tuple: &Tuple) -> Option<Answer> {
        let Place { pair, block, slot } = self.place(tuple)?;
        match self.pairs.get(pair)?.get()?.get(block)?.get()?.get(slot)?.load(Ordering::Relaxed) {
            EMPTY => None,
            NOTHING => Some(Answer::Nothing),
            slot if slot % 2 == 0 => Some(Answer::Allow((slot - BY_RULE) / 2)),
            slot => Some(Answer::Deny((slot - BY_RULE) / 2)),
        }
    }

    /// Keeps an answer. A point outside the domain has no slot and is asked about anew each time.
    pub fn put(&self, tuple: &Tuple, answer: Answer) {
        let value = match answer {
            Answer::Nothing => NOTHING,
            Answer::Allow(rule) => BY_RULE + 2 * rule,
            Answer::Deny(rule) => BY_RULE + 2 * rule + 1,
        };
        if let Some(slot) = self.slot(tuple) {
            slot.store(value, Ordering::Relaxed);
        }
    }

    fn place(&self, tuple: &Tuple) -> Option<Place> {
        let [_, standings, _, kinds, _, confidentialities, codes, releases] = self.domain.sizes();
        let [role, standing, action, kind, audience, confidentiality, code, released] =
            self.domain.coordinates(tuple)?;
        Some(Place {
            pair: role * standings + standing,
            block: action * kinds + kind,
            slot: ((audience * confidentialities + confidentiality) * codes + code) * releases + released,
        })
    }

    /// The slot of a point, allocated now if it was not.
    fn slot(&self, tuple: &Tuple) -> Option<&AtomicU16> {
        let Place { pair, block, slot } = self.place(tuple)?;
        let [_, _, actions, kinds, audiences, confidentialities, codes, releases] = self.domain.sizes();
        let blocks = || (0..actions * kinds).map(|_| OnceLock::new()).collect();
        let slots = || (0..audiences * confidentialities * codes * releases).map(|_| AtomicU16::new(EMPTY)).collect();
        self.pairs.get(pair)?.get_or_init(blocks).get(block)?.get_or_init(slots).get(slot)
    }

    /// How many bytes are allocated.
    #[cfg(test)]
    pub fn bytes(&self) -> usize {
        let block = |block: &Block| size_of_val::<[AtomicU16]>(block);
        let blocks = |blocks: &Blocks| {
            size_of_val::<[OnceLock<Block>]>(blocks) + blocks.iter().filter_map(OnceLock::get).map(block).sum::<usize>()
        };
        size_of_val::<[OnceLock<Blocks>]>(&self.pairs)
            + self.pairs.iter().filter_map(OnceLock::get).map(blocks).sum::<usize>()
    }
}

#[cfg(test)]
mod tests {
    use care::command_name::CommandName;
    use care::lifecycle::ThreadKind;

    use super::*;
    use crate::words::{Action, Standing};

    #[test]
    fn an_answer_reads_back_and_touches_no_other_point() {
        let domain = Domain::of(Action::all());
        let table = Table::empty(domain.clone());
        let at = |index| domain.at(index).expect("a point");
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

    #[test]
    fn every_point_has_a_slot_of_its_own() {
        let domain = Domain::of(&Action::all()[..3]);
        let table = Table::empty(domain.clone());
        let tuples = || (0..domain.count()).filter_map(|index| domain.at(index));
        let answer = |index: usize| Answer::Allow(u16::try_from(index % 30_000).expect("small"));
        for (index, tuple) in tuples().enumerate() {
            assert_eq!(table.get(&tuple), None);
            table.put(&tuple, answer(index));
        }
        assert!(tuples().enumerate().all(|(index, tuple)| table.get(&tuple) == Some(answer(index))));
    }

    #[test]
    fn the_table_for_the_shipped_vocabulary_takes_less_than_four_mebibytes_for_each_kind_and_for_none() {
        let table = Table::empty(Domain::of(Action::all()));
        let empty = table.bytes();
        assert!(empty < 16 << 10, "{empty} bytes before the first question");
        let any = Domain::of(Action::all()).at(0).expect("a point");
        for standing in Standing::ALL {
            for role in standing.roles() {
                for kind in std::iter::once(None).chain(ThreadKind::ALL.iter().copied().map(Some)) {
                    for action in Action::all().iter().filter(|action| action.is_asked_about(kind)) {
                        let tuple =
                            crate::question::Tuple { role: *role, standing: *standing, action: *action, kind, ..any };
                        table.put(&tuple, Answer::Nothing);
                    }
                }
            }
        }
        let full = table.bytes();
        let most = (ThreadKind::ALL.len() + 1) * (4 << 20);
        assert!((500_000..most).contains(&full), "{full} bytes");
    }

    #[test]
    fn a_point_outside_the_domain_is_not_kept() {
        let domain = Domain::of(Action::all());
        let table = Table::empty(domain.clone());
        let made = Action::Command(CommandName::declared("made.up"));
        let tuple = crate::question::Tuple { action: made, ..domain.at(0).expect("a point") };
        table.put(&tuple, Answer::Allow(1));
        assert_eq!(table.get(&tuple), None);
    }
}
