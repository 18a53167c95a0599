//! What is asked: an action, the facts about the thing, and what the asker is to it.
//!
//! [`Question`] is what a caller asks. `Tuple` is one point of the policy's finite domain: a
//! question is decided once for each standing held and for each sensitivity code of the thing.
//! The axes stand in [`Axis`], and their order is that of a request in `policies/model.conf`.
//!
//! To add an axis: 1. add it to [`Axis`], `Tuple` and the request and policy definitions of the
//! model; 2. give it a column in `rules.rs`; 3. write it into every row and case.

use care::words::{Audience, Confidentiality, Role, Sensitivity, ThreadKind};

use crate::words::{Action, Standing};

/// A standing, together with a role held at the organization that the standing comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Held {
    /// What the person is to the thing.
    pub standing: Standing,
    /// As what; [`Role::Person`] for the patient themself.
    pub role: Role,
}

/// The sensitivity codes of a thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct CodeSet(u8);

impl CodeSet {
    /// No code: the thing is about nothing of special sensitivity.
    pub const NONE: Self = Self(0);

    /// The set that a stored bit pattern means; `None` when a bit stands for no code.
    #[must_use]
    pub fn from_bits(bits: u8) -> Option<Self> {
        (u32::from(bits) < (1 << Sensitivity::ALL.len())).then_some(Self(bits))
    }

    /// The set as bits, for a column of a view; bit `n` is the `n`-th code of [`Sensitivity::ALL`].
    #[must_use]
    pub const fn bits(self) -> u8 {
        self.0
    }

    /// Whether the code is in the set.
    #[must_use]
    pub const fn contains(self, code: Sensitivity) -> bool {
        self.0 & (1 << code as u8) != 0
    }

    /// The codes to decide for: each code of the set, or once none.
    pub(crate) fn to_decide(self) -> impl Iterator<Item = Option<Sensitivity>> {
        let codes = Sensitivity::ALL.iter().copied().filter(move |code| self.contains(*code)).map(Some);
        codes.chain((self == Self::NONE).then_some(None))
    }
}

impl FromIterator<Sensitivity> for CodeSet {
    fn from_iter<I: IntoIterator<Item = Sensitivity>>(codes: I) -> Self {
        Self(codes.into_iter().fold(0, |bits, code| bits | 1 << code as u8))
    }
}

/// What is known about a thing and about the asker's place to it, whatever is asked of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Facts<'a> {
    /// The kind of the thread, if the thing is one or in one.
    pub kind: Option<ThreadKind>,
    /// How confidential the thing is.
    pub confidentiality: Confidentiality,
    /// What it is about that is sensitive.
    pub codes: CodeSet,
    /// Whether the patient may read the answer.
    pub released: bool,
    /// Everything that the asker is to it. Nobody may do anything who is nothing.
    pub held: &'a [Held],
}

impl<'a> Facts<'a> {
    /// The facts of a thing outside threads that carries no labels.
    #[must_use]
    pub const fn unlabelled(held: &'a [Held]) -> Self {
        Self { kind: None, confidentiality: Confidentiality::Normal, codes: CodeSet::NONE, released: false, held }
    }

    /// The question whether this may be done.
    #[must_use]
    pub const fn asking(self, action: Action, audience: Option<Audience>) -> Question<'a> {
        let Self { kind, confidentiality, codes, released, held } = self;
        Question { action, kind, audience, confidentiality, codes, released, held }
    }
}

/// Whether something may be done to a thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Question<'a> {
    /// What is to be done.
    pub action: Action,
    /// The kind of the thread, if the thing is one or in one.
    pub kind: Option<ThreadKind>,
    /// The audience of the message that is read or written. Without it, only rules for every
    /// audience match.
    pub audience: Option<Audience>,
    /// How confidential the thing is.
    pub confidentiality: Confidentiality,
    /// What it is about that is sensitive; each code must be allowed.
    pub codes: CodeSet,
    /// Whether the patient may read the answer.
    pub released: bool,
    /// Everything that the asker is to it.
    pub held: &'a [Held],
}

impl Question<'_> {
    /// The points of the domain to decide for one standing.
    pub(crate) fn tuples(self, held: Held) -> impl Iterator<Item = Tuple> {
        let Self { action, kind, audience, confidentiality, codes, released, held: _ } = self;
        let Held { standing, role } = held;
        codes.to_decide().map(move |code| Tuple {
            role,
            standing,
            action,
            kind,
            audience,
            confidentiality,
            code,
            released,
        })
    }
}

/// A dimension of the policy's domain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Axis {
    /// The role held.
    Role,
    /// What the person is to the thing.
    Standing,
    /// What is done.
    Action,
    /// The kind of thread.
    Kind,
    /// The audience of a message.
    Audience,
    /// The confidentiality label.
    Confidentiality,
    /// One sensitivity code, or none.
    Code,
    /// Whether the patient may read the answer.
    Released,
}

/// How many axes there are.
pub(crate) const AXES: usize = Axis::ALL.len();

/// How many coordinates each axis has, in the order of [`Axis::ALL`]; an axis that can be absent
/// has `none` as its first.
pub(crate) const SIZES: [usize; AXES] = [
    Role::ALL.len(),
    Standing::ALL.len(),
    Action::ALL.len(),
    1 + ThreadKind::ALL.len(),
    1 + Audience::ALL.len(),
    Confidentiality::ALL.len(),
    1 + Sensitivity::ALL.len(),
    2,
];

impl Axis {
    /// Every axis, in the order of a request.
    pub const ALL: [Self; 8] = [
        Self::Role,
        Self::Standing,
        Self::Action,
        Self::Kind,
        Self::Audience,
        Self::Confidentiality,
        Self::Code,
        Self::Released,
    ];

    /// Its name as a person says it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Role => "role",
            Self::Standing => "standing",
            Self::Action => "action",
            Self::Kind => "kind",
            Self::Audience => "audience",
            Self::Confidentiality => "confidentiality",
            Self::Code => "code",
            Self::Released => "released",
        }
    }
}

/// One point of the domain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Tuple {
    pub role: Role,
    pub standing: Standing,
    pub action: Action,
    pub kind: Option<ThreadKind>,
    pub audience: Option<Audience>,
    pub confidentiality: Confidentiality,
    pub code: Option<Sensitivity>,
    pub released: bool,
}

impl Tuple {
    /// Where it lies on each axis.
    pub fn coordinates(&self) -> [usize; AXES] {
        [
            self.role as usize,
            self.standing as usize,
            self.action as usize,
            self.kind.map_or(0, |kind| 1 + kind as usize),
            self.audience.map_or(0, |audience| 1 + audience as usize),
            self.confidentiality as usize,
            self.code.map_or(0, |code| 1 + code as usize),
            usize::from(self.released),
        ]
    }

    /// The words of a request.
    pub fn request(&self) -> [&'static str; AXES] {
        [
            self.role.word(),
            self.standing.word(),
            self.action.word(),
            self.kind.map_or("none", ThreadKind::word),
            self.audience.map_or("none", Audience::word),
            self.confidentiality.word(),
            self.code.map_or("none", Sensitivity::word),
            if self.released { "yes" } else { "no" },
        ]
    }

    /// How many points there are.
    pub const fn count() -> usize {
        let [role, standing, action, kind, audience, confidentiality, code, released] = SIZES;
        role * standing * action * kind * audience * confidentiality * code * released
    }

    /// Its place among all points.
    pub fn index(&self) -> usize {
        self.coordinates().iter().zip(SIZES).fold(0, |index, (coordinate, size)| index * size + coordinate)
    }

    /// The point at a place, if there is one.
    pub fn at(index: usize) -> Option<Self> {
        let mut rest = index;
        let mut coordinates = [0; AXES];
        for (coordinate, size) in coordinates.iter_mut().zip(SIZES).rev() {
            *coordinate = rest % size;
            rest /= size;
        }
        if rest == 0 { Self::with(coordinates) } else { None }
    }

    /// The point with these coordinates, if they lie in the domain.
    pub fn with(coordinates: [usize; AXES]) -> Option<Self> {
        let within = coordinates.iter().zip(SIZES).all(|(coordinate, size)| *coordinate < size);
        let [role, standing, action, kind, audience, confidentiality, code, released] = coordinates;
        within.then_some(())?;
        Some(Self {
            role: *Role::ALL.get(role)?,
            standing: *Standing::ALL.get(standing)?,
            action: *Action::ALL.get(action)?,
            kind: kind.checked_sub(1).and_then(|kind| ThreadKind::ALL.get(kind).copied()),
            audience: audience.checked_sub(1).and_then(|audience| Audience::ALL.get(audience).copied()),
            confidentiality: *Confidentiality::ALL.get(confidentiality)?,
            code: code.checked_sub(1).and_then(|code| Sensitivity::ALL.get(code).copied()),
            released: released == 1,
        })
    }
}

/// The classes of messages, audience by release, that may be read on a thing.
///
/// It is a bit mask for an indexed query, so that what may not be read is never counted, sorted
/// or paged over. A view stores [`Classes::bit`] beside each row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Classes(u8);

impl Classes {
    /// No class at all.
    pub const NONE: Self = Self(0);

    /// The class of a row, as one bit. The layout may be stored: audiences are only ever added
    /// at the end of their vocabulary.
    #[must_use]
    pub const fn bit(audience: Audience, released: bool) -> u8 {
        1 << (audience as u8 * 2 + released as u8)
    }

    /// Every class of which `allows` says that it may be read.
    pub(crate) fn of(mut allows: impl FnMut(Audience, bool) -> bool) -> Self {
        let mut bits = 0;
        for audience in Audience::ALL {
            for released in [false, true] {
                if allows(*audience, released) {
                    bits |= Self::bit(*audience, released);
                }
            }
        }
        Self(bits)
    }

    /// The mask to compare the stored bits with: a row may be read if they share one.
    #[must_use]
    pub const fn bits(self) -> u8 {
        self.0
    }

    /// Whether rows of this class may be read.
    #[must_use]
    pub const fn contains(self, audience: Audience, released: bool) -> bool {
        self.0 & Self::bit(audience, released) != 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_point_reads_back_from_its_place(index in 0..Tuple::count()) {
            let tuple = Tuple::at(index).expect("a point");
            prop_assert_eq!(tuple.index(), index);
        }

        #[test]
        fn a_set_of_codes_reads_back_from_its_bits(bits in 0_u8..32) {
            let set = CodeSet::from_bits(bits).expect("codes");
            let again: CodeSet = Sensitivity::ALL.iter().copied().filter(|code| set.contains(*code)).collect();
            prop_assert_eq!(again.bits(), bits);
        }
    }

    #[test]
    fn there_is_nothing_past_the_domain() {
        assert_eq!(Tuple::at(Tuple::count()), None);
        assert_eq!(CodeSet::from_bits(32), None);
    }

    #[test]
    fn a_thing_without_codes_is_decided_once_and_one_with_two_twice() {
        assert_eq!(CodeSet::NONE.to_decide().collect::<Vec<_>>(), [None]);
        let two: CodeSet = [Sensitivity::Hiv, Sensitivity::Psychiatry].into_iter().collect();
        assert_eq!(two.to_decide().collect::<Vec<_>>(), [Some(Sensitivity::Psychiatry), Some(Sensitivity::Hiv)]);
    }

    #[test]
    fn every_class_has_its_own_bit() {
        let mut seen = 0_u8;
        for audience in Audience::ALL {
            for released in [false, true] {
                let bit = Classes::bit(*audience, released);
                assert_eq!(seen & bit, 0);
                seen |= bit;
            }
        }
    }
}
