//! A box in the policy's domain: a set of words on each axis.

use std::collections::BTreeSet;

use care::lifecycle::ThreadKind;
use care::words::{Audience, Confidentiality, Role, Sensitivity};

use crate::question::{Axis, Tuple};
use crate::words::{Action, Standing};

/// A set of words of one vocabulary, as bits; `none` of an axis that can be absent is bit 0. It exists in memory only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Words(u128);

/// The largest vocabulary that [`Words`] can hold; actions are kept in a set without a bound instead.
const WORDS_MAX: usize = u128::BITS as usize;
const _: () = {
    assert!(Role::ALL.len() <= WORDS_MAX, "every role has its bit");
    assert!(Standing::ALL.len() <= WORDS_MAX, "every standing has its bit");
    assert!(ThreadKind::ALL.len() < WORDS_MAX, "every kind has its bit, and none has one");
    assert!(Audience::ALL.len() < WORDS_MAX, "every audience has its bit, and none has one");
    assert!(Confidentiality::ALL.len() <= WORDS_MAX, "every label has its bit");
    assert!(Sensitivity::ALL.len() < WORDS_MAX, "every code has its bit, and none has one");
};

impl Words {
    pub(super) const ABSENT: Self = Self(1);

    pub(super) fn first(count: usize) -> Self {
        Self::of(0..count)
    }

    pub(super) fn at(coordinate: usize) -> Self {
        Self(u32::try_from(coordinate).ok().and_then(|shift| 1_u128.checked_shl(shift)).unwrap_or(0))
    }

    /// The words at these coordinates.
    pub(super) fn of(coordinates: impl Iterator<Item = usize>) -> Self {
        coordinates.map(Self::at).fold(Self(0), |one, other| Self(one.0 | other.0))
    }

    pub(super) fn contains(self, coordinate: usize) -> bool {
        self.0 & Self::at(coordinate).0 != 0
    }

    fn within(self, other: Self) -> bool {
        self.0 & !other.0 == 0
    }

    fn lowest(self) -> Option<usize> {
        (self.0 != 0).then_some(self.0.trailing_zeros() as usize)
    }
}

/// A set on each axis.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Span {
    pub(super) roles: Words,
    pub(super) standing: Standing,
    pub(super) actions: BTreeSet<Action>,
    pub(super) kinds: Words,
    pub(super) audiences: Words,
    pub(super) labels: Words,
    pub(super) codes: Words,
    pub(super) released: Words,
}

impl Span {
    /// Whether every point of `self` is one of `other`.
    pub fn within(&self, other: &Self) -> bool {
        self.standing == other.standing
            && self.roles.within(other.roles)
            && self.kinds.within(other.kinds)
            && self.audiences.within(other.audiences)
            && self.labels.within(other.labels)
            && self.codes.within(other.codes)
            && self.released.within(other.released)
            && self.actions.is_subset(&other.actions)
    }

    /// Its point with the lowest coordinate on each axis, unless it is empty.
    pub fn first_point(&self) -> Option<Tuple> {
        let present = |words: Words| words.lowest().map(|at| at.checked_sub(1));
        Some(Tuple {
            role: *Role::ALL.get(self.roles.lowest()?)?,
            standing: self.standing,
            action: *self.actions.first()?,
            kind: present(self.kinds)?.and_then(|at| ThreadKind::ALL.get(at).copied()),
            audience: present(self.audiences)?.and_then(|at| Audience::ALL.get(at).copied()),
            confidentiality: *Confidentiality::ALL.get(self.labels.lowest()?)?,
            code: present(self.codes)?.and_then(|at| Sensitivity::ALL.get(at).copied()),
            released: self.released.lowest()? == 1,
        })
    }

    /// The axes on which the point is outside.
    pub fn missed(&self, tuple: &Tuple) -> impl Iterator<Item = Axis> {
        Axis::ALL.into_iter().filter(move |axis| !self.contains(*axis, tuple))
    }

    fn contains(&self, axis: Axis, tuple: &Tuple) -> bool {
        match axis {
            Axis::Role => self.roles.contains(tuple.role as usize),
            Axis::Standing => self.standing == tuple.standing,
            Axis::Action => self.actions.contains(&tuple.action),
            Axis::Kind => self.kinds.contains(tuple.kind.map_or(0, |kind| 1 + kind as usize)),
            Axis::Audience => self.audiences.contains(tuple.audience.map_or(0, |audience| 1 + audience as usize)),
            Axis::Confidentiality => self.labels.contains(tuple.confidentiality as usize),
            Axis::Code => self.codes.contains(tuple.code.map_or(0, |code| 1 + code as usize)),
            Axis::Released => self.released.contains(usize::from(tuple.released)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_set_contains_just_its_words(
            members in proptest::collection::btree_set(0..WORDS_MAX, 0..20),
            others in proptest::collection::btree_set(0..WORDS_MAX, 0..20),
        ) {
            let set = |of: &BTreeSet<usize>| Words::of(of.iter().copied());
            let words = set(&members);
            prop_assert!((0..WORDS_MAX).all(|at| words.contains(at) == members.contains(&at)));
            prop_assert_eq!(words.lowest(), members.first().copied());
            prop_assert_eq!(words.within(set(&others)), members.is_subset(&others));
        }
    }

    #[test]
    fn a_set_has_no_element_beyond_its_width() {
        let all = Words::first(WORDS_MAX);
        assert!(all.contains(WORDS_MAX - 1) && !all.contains(WORDS_MAX) && !all.contains(usize::MAX));
        assert_eq!(Words::at(WORDS_MAX), Words(0));
    }
}
