//! Authorization requests: an action, the facts about the target, and the standings of the requester.
//!
//! [`Question`] is what a caller asks. `Tuple` is one point of the policy's finite domain: a question is decided once
//! for each standing held and for each sensitivity code of the thing. The axes are listed in [`Axis`], and their order
//! is that of a request in `policies/model.conf`.
//!
//! To add an axis: 1. add it to [`Axis`], `Tuple`, `Domain` and the request and policy definitions of the model;
//! 2. give it a column in `rules.rs`; 3. write it into every row and case; 4. add it to `expected.rs`.

use std::fmt;

use care::lifecycle::ThreadKind;
use care::words::{Audience, Confidentiality, Role, Sensitivity};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::reach::HeldStanding;
use crate::words::{Action, Standing};

/// The sensitivity codes of a thing. It is stored and sent as words, never as bits.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct CodeSet(u32);

const _: () = assert!(Sensitivity::ALL.len() <= u32::BITS as usize, "every code has its bit");

impl CodeSet {
    /// No code: the target has no special sensitivity.
    pub const NONE: Self = Self(0);

    /// Whether the code is in the set.
    #[must_use]
    pub const fn contains(self, code: Sensitivity) -> bool {
        self.0 & (1 << code as u32) != 0
    }

    /// The codes of the set.
    pub fn codes(self) -> impl Iterator<Item = Sensitivity> {
        Sensitivity::ALL.iter().copied().filter(move |code| self.contains(*code))
    }

    /// The set as text for a column: its words in the order of the alphabet, with a space between them.
    #[must_use]
    pub fn words(self) -> String {
        self.sorted().join(" ")
    }

    fn sorted(self) -> Vec<&'static str> {
        let mut words: Vec<&'static str> = self.codes().map(Sensitivity::word).collect();
        words.sort_unstable();
        words
    }

    /// The codes to decide for: each code of the set, or once none.
    pub(crate) fn to_decide(self) -> impl Iterator<Item = Option<Sensitivity>> {
        self.codes().map(Some).chain((self == Self::NONE).then_some(None))
    }
}

impl fmt::Debug for CodeSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.sorted()).finish()
    }
}

impl FromIterator<Sensitivity> for CodeSet {
    fn from_iter<I: IntoIterator<Item = Sensitivity>>(codes: I) -> Self {
        Self(codes.into_iter().fold(0, |bits, code| bits | 1 << code as u32))
    }
}

impl Serialize for CodeSet {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.sorted().serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for CodeSet {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Vec::<Sensitivity>::deserialize(deserializer)?.into_iter().collect())
    }
}

/// The facts about a target and the standings of the requester, for any action.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ThingFacts<'a> {
    /// The kind of the thread, if the thing is one or in one.
    pub kind: Option<ThreadKind>,
    /// How confidential the thing is.
    pub confidentiality: Confidentiality,
    /// What it is about that is sensitive; each code must be allowed.
    pub codes: CodeSet,
    /// Whether the patient may read the answer.
    pub released: bool,
    /// All standings of the requester. A person without a standing may do nothing.
    pub held: &'a [HeldStanding],
}

impl<'a> ThingFacts<'a> {
    /// The facts of a thing outside threads that carries no labels.
    #[must_use]
    pub const fn unlabelled(held: &'a [HeldStanding]) -> Self {
        Self { kind: None, confidentiality: Confidentiality::Normal, codes: CodeSet::NONE, released: false, held }
    }

    /// The question whether this may be done.
    #[must_use]
    pub const fn asking(self, action: Action, audience: Option<Audience>) -> Question<'a> {
        Question { action, audience, thing: self }
    }
}

/// Whether something may be done to a thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Question<'a> {
    /// What is to be done.
    pub action: Action,
    /// The audience of the message that is read or written. Without it, only rules for every audience match.
    pub audience: Option<Audience>,
    /// To what, and by whom.
    pub thing: ThingFacts<'a>,
}

impl Question<'_> {
    /// The points of the domain to decide for one standing.
    pub(crate) fn tuples(self, held: HeldStanding) -> impl Iterator<Item = Tuple> {
        let Self { action, audience, thing } = self;
        let ThingFacts { kind, confidentiality, codes, released, held: _ } = thing;
        let HeldStanding { standing, role, reach: _ } = held;
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
}

/// Every point for a role, standing, action and kind, on the axes audience, label, code and released, the last axis
/// fastest.
pub(crate) fn points(role: Role, standing: Standing, action: Action, kind: Option<ThreadKind>) -> Vec<Tuple> {
    let mut points = Vec::new();
    for audience in std::iter::once(None).chain(Audience::ALL.iter().copied().map(Some)) {
        for confidentiality in Confidentiality::ALL.iter().copied() {
            for code in std::iter::once(None).chain(Sensitivity::ALL.iter().copied().map(Some)) {
                for released in [false, true] {
                    points.push(Tuple { role, standing, action, kind, audience, confidentiality, code, released });
                }
            }
        }
    }
    points
}

/// Everything that can be asked: each vocabulary is an axis, and `none` is the first coordinate of an axis that can be
/// absent. Coordinates follow the order of declaration, so they are for memory only.
#[derive(Debug, Clone)]
pub(crate) struct Domain {
    /// Sorted.
    actions: Vec<Action>,
}

impl Domain {
    /// Of these actions.
    pub fn of(actions: &[Action]) -> Self {
        let mut actions = actions.to_vec();
        actions.sort_unstable();
        actions.dedup();
        Self { actions }
    }

    /// The actions, sorted.
    pub fn actions(&self) -> &[Action] {
        &self.actions
    }

    /// The action with this word.
    pub fn action(&self, word: &str) -> Option<Action> {
        self.actions.iter().copied().find(|action| action.word() == word)
    }

    /// How many coordinates each axis has.
    pub fn sizes(&self) -> [usize; AXES] {
        [
            Role::ALL.len(),
            Standing::ALL.len(),
            self.actions.len(),
            1 + ThreadKind::ALL.len(),
            1 + Audience::ALL.len(),
            Confidentiality::ALL.len(),
            1 + Sensitivity::ALL.len(),
            2,
        ]
    }

    /// How many points there are.
    pub fn count(&self) -> usize {
        self.sizes().iter().product()
    }

    /// Where a point is on each axis; `None` if its action is not in the domain.
    pub fn coordinates(&self, tuple: &Tuple) -> Option<[usize; AXES]> {
        Some([
            tuple.role as usize,
            tuple.standing as usize,
            self.actions.binary_search(&tuple.action).ok()?,
            tuple.kind.map_or(0, |kind| 1 + kind as usize),
            tuple.audience.map_or(0, |audience| 1 + audience as usize),
            tuple.confidentiality as usize,
            tuple.code.map_or(0, |code| 1 + code as usize),
            usize::from(tuple.released),
        ])
    }

    /// The point with these coordinates, if they are in the domain.
    pub fn with(&self, coordinates: [usize; AXES]) -> Option<Tuple> {
        let within = coordinates.iter().zip(self.sizes()).all(|(coordinate, size)| *coordinate < size);
        let [role, standing, action, kind, audience, confidentiality, code, released] = coordinates;
        within.then_some(())?;
        Some(Tuple {
            role: *Role::ALL.get(role)?,
            standing: *Standing::ALL.get(standing)?,
            action: *self.actions.get(action)?,
            kind: kind.checked_sub(1).and_then(|kind| ThreadKind::ALL.get(kind).copied()),
            audience: audience.checked_sub(1).and_then(|audience| Audience::ALL.get(audience).copied()),
            confidentiality: *Confidentiality::ALL.get(confidentiality)?,
            code: code.checked_sub(1).and_then(|code| Sensitivity::ALL.get(code).copied()),
            released: released == 1,
        })
    }

    /// The point at a place, counted with the last axis fastest, if there is one.
    pub fn at(&self, index: usize) -> Option<Tuple> {
        let mut rest = index;
        let mut coordinates = [0; AXES];
        for (coordinate, size) in coordinates.iter_mut().zip(self.sizes()).rev() {
            *coordinate = rest % size;
            rest /= size;
        }
        if rest == 0 { self.with(coordinates) } else { None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn all() -> Domain {
        Domain::of(Action::all())
    }

    proptest! {
        #[test]
        fn every_point_reads_back_from_its_coordinates(index in 0..all().count()) {
            let tuple = all().at(index).expect("a point");
            prop_assert_eq!(all().coordinates(&tuple).and_then(|at| all().with(at)), Some(tuple));
        }

        #[test]
        fn a_set_of_codes_reads_back(codes in proptest::sample::subsequence(Sensitivity::ALL, 0..=Sensitivity::ALL.len())) {
            let set: CodeSet = codes.iter().copied().collect();
            prop_assert_eq!(set.codes().collect::<Vec<_>>(), codes);
            let yaml = serde_norway::to_string(&set).expect("a text");
            prop_assert_eq!(serde_norway::from_str::<CodeSet>(&yaml).expect("a set"), set);
        }
    }

    #[test]
    fn a_place_outside_the_domain_has_no_point() {
        assert_eq!(all().at(all().count()), None);
        let known = all().at(0).expect("a point");
        let made = care::command_name::CommandName::declared("made.up");
        assert_eq!(all().coordinates(&Tuple { action: Action::Command(made), ..known }), None);
    }

    #[test]
    fn codes_are_stored_as_sorted_words() {
        let set: CodeSet = [Sensitivity::DomesticViolence, Sensitivity::SubstanceUse].into_iter().collect();
        assert_eq!(set.words(), "ETH SDV");
        assert_eq!(serde_norway::to_string(&set).expect("a text"), "- ETH\n- SDV\n");
        assert!(serde_norway::from_str::<CodeSet>("- ETH\n- XYZ\n").is_err());
    }

    #[test]
    fn a_thing_without_codes_is_decided_once_and_one_with_two_twice() {
        assert_eq!(CodeSet::NONE.to_decide().collect::<Vec<_>>(), [None]);
        let two: CodeSet = [Sensitivity::Hiv, Sensitivity::Psychiatry].into_iter().collect();
        assert_eq!(two.to_decide().collect::<Vec<_>>(), [Some(Sensitivity::Psychiatry), Some(Sensitivity::Hiv)]);
    }
}
