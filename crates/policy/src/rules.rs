//! The rules of a policy version: what each row matches, and what the rows say about a point.
//!
//! A [`Rule`] is a box in the domain ([`Span`]), so it can be computed what it matches and whether one rule covers another.
//! The engine decides by the same rows; these rules are for the expected tables, explanations and the linter, and tests
//! prove that both agree at every point. `rules/read.rs` reads the rows.

mod read;
mod span;

use std::collections::BTreeSet;

use care::lifecycle::ThreadKind;
use care::words::{Audience, Purpose, Role};

use crate::question::{Axis, Tuple};
use crate::reach::{HeldStanding, Reach};
use crate::words::{Action, Obligation, Standing};

#[cfg(test)]
pub(crate) use read::GROUPS_MAX;
pub(crate) use span::Span;

/// Whether a row allows or forbids.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// It allows, unless another row denies.
    Allow,
    /// It denies, whatever else allows.
    Deny,
}

impl Effect {
    /// The word of the column.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::Deny => "deny",
        }
    }
}

/// What the rules say about one point. The number is that of the first rule that says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answer {
    /// No rule matches, so it is refused.
    Nothing,
    /// Allowed.
    Allow(u16),
    /// Denied, which also overrides what other standings allow.
    Deny(u16),
}

/// One row.
#[derive(Debug, Clone)]
pub(crate) struct Rule {
    pub id: String,
    /// Its line in the file, from 1.
    pub line: usize,
    pub span: Span,
    pub effect: Effect,
    /// Every allow has one.
    pub purpose: Option<Purpose>,
    pub obligation: Option<Obligation>,
    written: Written,
}

impl Rule {
    /// Whether the rule speaks of this point.
    pub fn matches(&self, tuple: &Tuple) -> bool {
        self.span.missed(tuple).next().is_none()
    }

    /// Whether somebody who reaches so far may use what the rule allows: no directive of the patient denies its purpose,
    /// and where it asks for the patient's permission, one permits it.
    pub fn is_open_to(&self, reach: Reach) -> bool {
        let asks = self.asks_permission();
        self.purpose
            .is_some_and(|purpose| !reach.denied.contains(purpose) && (!asks || reach.permitted.contains(purpose)))
    }

    /// Whether it allows only what the patient permits.
    pub fn asks_permission(&self) -> bool {
        self.obligation == Some(Obligation::Consent)
    }

    /// The standing that the rule is for.
    pub fn standing(&self) -> Standing {
        self.span.standing
    }

    /// Whether the rule speaks of an action in a standing.
    pub fn is_about(&self, standing: Standing, action: Action) -> bool {
        self.span.standing == standing && self.span.actions.contains(&action)
    }

    /// The actions that the rule speaks of.
    pub fn actions(&self) -> impl Iterator<Item = Action> {
        self.span.actions.iter().copied()
    }

    /// Whether the rule names the role, or a group with it, rather than anybody.
    pub fn names(&self, role: Role) -> bool {
        self.written.role != ANY && self.span.roles.contains(role as usize)
    }

    /// Whether the rule names a kind of thread, a group of kinds, or none, rather than any.
    pub fn names_kinds(&self) -> bool {
        self.written.kind != ANY
    }

    /// What the row says about an axis, as written.
    pub fn written(&self, axis: Axis) -> String {
        let written = &self.written;
        match axis {
            Axis::Role => written.role.clone(),
            Axis::Standing => self.span.standing.word().to_owned(),
            Axis::Action => written.action.clone(),
            Axis::Kind => written.kind.clone(),
            Axis::Audience => written.audience.clone(),
            Axis::Confidentiality => format!("{} {}", written.order, written.label),
            Axis::Code => written.code.clone(),
            Axis::Released => written.released.clone(),
        }
    }
}

/// A row `a`: to whom a message is whose author names no audience, by what the author is to the thread.
#[derive(Debug, Clone)]
pub(crate) struct DefaultAudience {
    /// Its line in the file, from 1.
    pub line: usize,
    pub standing: Standing,
    pub kinds: BTreeSet<ThreadKind>,
    /// `None` where the author has to name one.
    pub audience: Option<Audience>,
}

impl DefaultAudience {
    /// The word of the column.
    pub fn audience_word(&self) -> &'static str {
        self.audience.map_or(NONE, Audience::word)
    }
}

/// The cells of a row that stand for a set of words, as they are written.
#[derive(Debug, Clone)]
struct Written {
    role: String,
    action: String,
    kind: String,
    audience: String,
    order: String,
    label: String,
    code: String,
    released: String,
}

const ANY: &str = "any";
const NONE: &str = "none";

/// The rules in force, in the order of the file.
#[derive(Debug, Clone, Default)]
pub(crate) struct Rules {
    rules: Vec<Rule>,
    /// In the order in which they count.
    default_audiences: Vec<DefaultAudience>,
    /// The rows as the engine is to read them: trimmed, without comments.
    rows: String,
}

impl Rules {
    /// More rows than a person can review, and than the engine should be asked about.
    pub const COUNT_MAX: usize = 500;

    pub fn iter(&self) -> std::slice::Iter<'_, Rule> {
        self.rules.iter()
    }

    pub fn get(&self, number: u16) -> Option<&Rule> {
        self.rules.get(usize::from(number))
    }

    /// The rows `a`, in the order in which they count.
    pub fn default_audiences(&self) -> &[DefaultAudience] {
        &self.default_audiences
    }

    /// The rows `a` of a kind of thread, in the order in which they count.
    pub fn default_audiences_of(&self, kind: ThreadKind) -> impl Iterator<Item = &DefaultAudience> {
        self.default_audiences.iter().filter(move |row| row.kinds.contains(&kind))
    }

    /// The row `a` that decides for somebody with these standings: the first that is of one of them.
    pub fn default_audience(&self, kind: ThreadKind, held: &[HeldStanding]) -> Option<&DefaultAudience> {
        self.default_audiences_of(kind).find(|row| held.iter().any(|held| held.standing == row.standing))
    }

    /// The rows for the engine, which numbers the rules as this does.
    pub fn rows(&self) -> &str {
        &self.rows
    }

    /// What the rules say about a point: a deny wins, and of equals the first.
    pub fn answer(&self, tuple: &Tuple) -> Answer {
        Self::answer_of(self.numbered(), tuple)
    }

    /// The rule by which somebody who reaches so far is allowed a point that this rule, the first of those that allow it,
    /// allows: this one, or the next that is open to them.
    pub fn open(&self, first: u16, tuple: &Tuple, reach: Reach) -> Option<u16> {
        if self.get(first)?.is_open_to(reach) {
            return Some(first);
        }
        let allows = |rule: &Rule| rule.effect == Effect::Allow && rule.is_open_to(reach) && rule.matches(tuple);
        self.numbered().find(|(number, rule)| *number > first && allows(rule)).map(|(number, _)| number)
    }

    /// The rules with their numbers.
    pub fn numbered(&self) -> impl Iterator<Item = (u16, &Rule)> {
        (0..).zip(&self.rules)
    }

    /// What some of the rules say about a point, in their order.
    pub fn answer_of<'a>(rules: impl Iterator<Item = (u16, &'a Rule)>, tuple: &Tuple) -> Answer {
        let mut answer = Answer::Nothing;
        for (number, rule) in rules {
            if rule.matches(tuple) {
                match (rule.effect, answer) {
                    (Effect::Deny, _) => return Answer::Deny(number),
                    (Effect::Allow, Answer::Nothing) => answer = Answer::Allow(number),
                    (Effect::Allow, Answer::Allow(_) | Answer::Deny(_)) => {}
                }
            }
        }
        answer
    }
}
