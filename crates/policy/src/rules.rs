//! The rows of `policy.csv`, read strictly: words in, sets of coordinates out.
//!
//! This is the one place where the words of the file become values of code; a word that is not
//! known is a problem with its line, never a rule that silently does nothing. A [`Rule`] is a box
//! in the domain, one set of coordinates for each axis, so what it matches, and which rule lies
//! within which, is plain to compute. The engine decides from the same rows; this reading serves
//! explanations and the linter, and tests hold the two equal on every point.

use std::collections::BTreeMap;

use care::words::{Audience, Confidentiality, Purpose, Role, Sensitivity, ThreadKind, UnknownWord};

use crate::problem::{PolicyFile, PolicyProblem, Problem};
use crate::question::{AXES, Axis, SIZES, Tuple};
use crate::words::{Action, Obligation, Standing};

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
    /// No rule speaks of it, so it is refused.
    Nothing,
    /// Allowed.
    Allow(u16),
    /// Denied, which also overrides what other standings allow.
    Deny(u16),
}

/// A set of coordinates on each axis, as bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Span([u64; AXES]);

impl Span {
    fn everything() -> Self {
        Self(SIZES.map(all_of))
    }

    fn narrow(&mut self, axis: Axis, bits: u64) {
        if let Some(slot) = self.0.get_mut(axis as usize) {
            *slot &= bits;
        }
    }

    fn on(&self, axis: Axis) -> u64 {
        self.0.get(axis as usize).copied().unwrap_or(0)
    }

    /// Whether every point of `self` is one of `other`.
    pub fn within(&self, other: &Self) -> bool {
        self.0.iter().zip(other.0).all(|(mine, theirs)| mine & !theirs == 0)
    }

    /// Its point with the lowest coordinate on each axis, unless it is empty.
    pub fn first_point(&self) -> Option<Tuple> {
        Tuple::with(self.0.map(|bits| bits.trailing_zeros() as usize))
    }

    /// The axes on which the point lies outside.
    pub fn missed(&self, tuple: &Tuple) -> impl Iterator<Item = Axis> {
        let outside = self.0.into_iter().zip(tuple.coordinates()).map(|(bits, coordinate)| bits >> coordinate & 1 == 0);
        Axis::ALL.into_iter().zip(outside).filter_map(|(axis, outside)| outside.then_some(axis))
    }
}

const fn all_of(size: usize) -> u64 {
    if size >= 64 { u64::MAX } else { (1 << size) - 1 }
}

/// One row.
#[derive(Debug, Clone)]
pub(crate) struct Rule {
    pub id: String,
    /// Its line in the file, from 1.
    pub line: usize,
    pub span: Span,
    pub standing: Standing,
    pub effect: Effect,
    /// Every allow has one.
    pub purpose: Option<Purpose>,
    pub obligation: Option<Obligation>,
    cells: Cells<String>,
}

impl Rule {
    /// Whether the rule speaks of this point.
    pub fn matches(&self, tuple: &Tuple) -> bool {
        self.span.missed(tuple).next().is_none()
    }

    /// Whether the rule names the role, or a group with it, rather than anybody.
    pub fn names(&self, role: Role) -> bool {
        self.cells.role != ANY && self.span.on(Axis::Role) >> role as u8 & 1 == 1
    }

    /// What the row says about an axis, as written.
    pub fn written(&self, axis: Axis) -> String {
        let cells = &self.cells;
        match axis {
            Axis::Role => cells.role.clone(),
            Axis::Standing => cells.standing.clone(),
            Axis::Action => cells.action.clone(),
            Axis::Kind => cells.kind.clone(),
            Axis::Audience => cells.audience.clone(),
            Axis::Confidentiality => format!("{} {}", cells.order, cells.label),
            Axis::Code => cells.code.clone(),
            Axis::Released => cells.released.clone(),
        }
    }
}

/// The columns, in their order.
#[derive(Debug, Clone)]
struct Cells<S> {
    id: S,
    role: S,
    standing: S,
    action: S,
    kind: S,
    audience: S,
    order: S,
    label: S,
    code: S,
    released: S,
    purpose: S,
    obligation: S,
    effect: S,
}

impl Cells<&str> {
    fn owned(&self) -> Cells<String> {
        let Self {
            id,
            role,
            standing,
            action,
            kind,
            audience,
            order,
            label,
            code,
            released,
            purpose,
            obligation,
            effect,
        } = *self;
        Cells {
            id: id.to_owned(),
            role: role.to_owned(),
            standing: standing.to_owned(),
            action: action.to_owned(),
            kind: kind.to_owned(),
            audience: audience.to_owned(),
            order: order.to_owned(),
            label: label.to_owned(),
            code: code.to_owned(),
            released: released.to_owned(),
            purpose: purpose.to_owned(),
            obligation: obligation.to_owned(),
            effect: effect.to_owned(),
        }
    }
}

const COLUMNS: usize = 13;
const ANY: &str = "any";
const NONE: &str = "none";

/// The rules in force, in the order of the file.
#[derive(Debug, Clone, Default)]
pub(crate) struct Rules {
    rules: Vec<Rule>,
    /// The rows as the engine is to read them: trimmed, without comments.
    rows: String,
}

impl Rules {
    /// More rows than a person can review, and than the engine should be asked about.
    pub const COUNT_MAX: usize = 500;

    /// Reads the file; every row that is a rule is kept, every other is a problem.
    pub fn read(text: &str) -> (Self, Vec<PolicyProblem>) {
        Reader::default().read(text)
    }

    pub fn iter(&self) -> std::slice::Iter<'_, Rule> {
        self.rules.iter()
    }

    pub fn get(&self, number: u16) -> Option<&Rule> {
        self.rules.get(usize::from(number))
    }

    /// The rows for the engine, which numbers the rules as this does.
    pub fn rows(&self) -> &str {
        &self.rows
    }

    /// What the rules say about a point: a deny wins, and of equals the first.
    pub fn answer(&self, tuple: &Tuple) -> Answer {
        let mut answer = Answer::Nothing;
        for (number, rule) in (0..).zip(&self.rules) {
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

/// What a name stands for: the members of a group of roles, or the actions of a bundle.
#[derive(Default)]
struct Names {
    members: Vec<(usize, String, String)>,
    bits: BTreeMap<String, u64>,
}

impl Names {
    /// Adds up the members of each name, through names within names.
    fn resolve(&mut self, axis: &'static str, word: impl Fn(&str) -> Option<u64>, problems: &mut Vec<PolicyProblem>) {
        for (line, member, name) in &self.members {
            if is_word(name) {
                problems.push(rules_problem(*line, Problem::NameTaken { name: name.clone() }));
            }
            let known = word(member).is_some() || self.members.iter().any(|(_, _, name)| name == member);
            if !known {
                problems.push(unknown(*line, axis, member));
            }
            self.bits.insert(name.clone(), 0);
        }
        // Each round carries members one name further; there are no longer chains than names.
        for _ in 0..self.bits.len() {
            for (_, member, name) in &self.members {
                let of_member = word(member).or_else(|| self.bits.get(member).copied()).unwrap_or(0);
                if let Some(bits) = self.bits.get_mut(name) {
                    *bits |= of_member;
                }
            }
        }
    }
}

#[derive(Default)]
struct Reader {
    roles: Names,
    bundles: Names,
    order: Vec<(String, String)>,
    rows: Vec<(usize, Vec<String>)>,
    problems: Vec<PolicyProblem>,
    text: String,
}

impl Reader {
    fn read(mut self, text: &str) -> (Rules, Vec<PolicyProblem>) {
        for (line, row) in (1..).zip(text.lines()) {
            let row = row.trim();
            if !row.is_empty() && !row.starts_with('#') {
                self.row(line, row);
            }
        }
        self.roles.resolve("role", role_bit, &mut self.problems);
        self.bundles.resolve("action", action_bit, &mut self.problems);
        for name in self.roles.bits.keys().filter(|name| self.bundles.bits.contains_key(*name)) {
            self.problems.push(PolicyProblem::of(PolicyFile::Rules, Problem::NameTaken { name: name.clone() }));
        }
        for (lower, higher) in Confidentiality::ALL.iter().zip(Confidentiality::ALL.iter().skip(1)) {
            let wanted = (lower.word().to_owned(), higher.word().to_owned());
            if self.order.iter().filter(|each| **each == wanted).count() != 1 {
                self.problems.push(PolicyProblem::of(PolicyFile::Rules, Problem::OrderMissing));
            }
        }
        if self.order.len() + 1 != Confidentiality::ALL.len() {
            self.problems.push(PolicyProblem::of(PolicyFile::Rules, Problem::OrderMissing));
        }
        if self.rows.len() > Rules::COUNT_MAX {
            self.problems
                .push(PolicyProblem::of(PolicyFile::Rules, Problem::TooManyRules { rules_max: Rules::COUNT_MAX }));
        }
        let mut rules = Vec::new();
        for (line, row) in std::mem::take(&mut self.rows) {
            rules.extend(self.rule(line, &row));
        }
        (Rules { rules, rows: self.text }, self.problems)
    }

    fn row(&mut self, line: usize, row: &str) {
        let cells: Vec<String> = row.split(',').map(|cell| cell.trim().to_owned()).collect();
        self.text.push_str(&cells.join(", "));
        self.text.push('\n');
        match cells.as_slice() {
            [kind, member, name] if kind == "g" => self.roles.members.push((line, member.clone(), name.clone())),
            [kind, member, name] if kind == "g2" => self.bundles.members.push((line, member.clone(), name.clone())),
            [kind, lower, higher] if kind == "g3" => self.order.push((lower.clone(), higher.clone())),
            [kind, rest @ ..] if kind == "p" => self.rows.push((line, rest.to_vec())),
            [kind, ..] if ["g", "g2", "g3"].contains(&kind.as_str()) => {
                self.problems.push(rules_problem(line, Problem::RowWidth { found: cells.len(), wanted: 3 }));
            }
            [..] => self.problems.push(rules_problem(line, Problem::RowKind)),
        }
    }

    fn rule(&mut self, line: usize, row: &[String]) -> Option<Rule> {
        let row: Vec<&str> = row.iter().map(String::as_str).collect();
        let Ok([id, role, standing, action, kind, audience, order, label, code, released, purpose, obligation, effect]) =
            <[&str; COLUMNS]>::try_from(row.as_slice())
        else {
            self.problems.push(rules_problem(line, Problem::RowWidth { found: row.len() + 1, wanted: COLUMNS + 1 }));
            return None;
        };
        let cells = Cells {
            id,
            role,
            standing,
            action,
            kind,
            audience,
            order,
            label,
            code,
            released,
            purpose,
            obligation,
            effect,
        };
        let before = self.problems.len();
        let span = self.span(line, &cells);
        let standing = self.standing(line, standing);
        let purpose = match purpose {
            NONE => None,
            word => self.word(line, "purpose", word, Purpose::parse(word)),
        };
        let obligation = match obligation {
            NONE => None,
            word => self.word(line, "obligation", word, Obligation::parse(word)),
        };
        let effect = match effect {
            "allow" => Some(Effect::Allow),
            "deny" => Some(Effect::Deny),
            word => {
                self.problems.push(unknown(line, "eft", word));
                None
            }
        };
        // Ids are kept in events, several in one text with spaces between them.
        if id.is_empty() || !id.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            self.problems.push(rules_problem(line, Problem::RuleId));
        }
        if self.problems.len() > before {
            return None;
        }
        Some(Rule {
            id: id.to_owned(),
            line,
            span,
            standing: standing?,
            effect: effect?,
            purpose,
            obligation,
            cells: cells.owned(),
        })
    }

    fn standing(&mut self, line: usize, cell: &str) -> Option<Standing> {
        let several = cell == ANY || cell.contains([' ', '|', '+', '/', ';', '&']);
        if several {
            self.problems.push(rules_problem(line, Problem::SeveralStandings));
            return None;
        }
        self.word(line, "standing", cell, Standing::parse(cell))
    }

    fn word<T>(&mut self, line: usize, column: &'static str, cell: &str, read: Result<T, UnknownWord>) -> Option<T> {
        if read.is_err() {
            self.problems.push(unknown(line, column, cell));
        }
        read.ok()
    }

    fn span(&mut self, line: usize, cells: &Cells<&str>) -> Span {
        let mut span = Span::everything();
        let mut narrow = |axis: Axis, column: &'static str, cell: &str, bits: Option<u64>| match bits {
            Some(bits) => span.narrow(axis, bits),
            None => self.problems.push(unknown(line, column, cell)),
        };
        let role = role_bit(cells.role).or_else(|| self.roles.bits.get(cells.role).copied());
        narrow(Axis::Role, "role", cells.role, or_any(cells.role, role));
        let action = action_bit(cells.action).or_else(|| self.bundles.bits.get(cells.action).copied());
        narrow(Axis::Action, "act", cells.action, or_any(cells.action, action));
        // Coordinate 0 of these three is "none".
        let kind = ThreadKind::parse(cells.kind).ok().map(|kind| 2 << kind as u8);
        narrow(Axis::Kind, "kind", cells.kind, or_any(cells.kind, kind));
        let audience = Audience::parse(cells.audience).ok().map(|audience| 2 << audience as u8);
        narrow(Axis::Audience, "audience", cells.audience, or_any(cells.audience, audience));
        let code = match cells.code {
            NONE => Some(1),
            word => Sensitivity::parse(word).ok().map(|code| 2 << code as u8),
        };
        narrow(Axis::Code, "code", cells.code, or_any(cells.code, code));
        let released = (cells.released == "yes").then_some(2);
        narrow(Axis::Released, "released", cells.released, or_any(cells.released, released));
        let label = Confidentiality::parse(cells.label).ok();
        let bound = |holds: fn(&Confidentiality, &Confidentiality) -> bool| {
            label.map(|label| {
                let within = Confidentiality::ALL.iter().filter(|each| holds(each, &label));
                within.fold(0, |bits, each| bits | 1 << *each as u8)
            })
        };
        match cells.order {
            ANY => narrow(Axis::Confidentiality, "label", cells.label, (cells.label == ANY).then_some(u64::MAX)),
            "upto" => narrow(Axis::Confidentiality, "label", cells.label, bound(Confidentiality::le)),
            "from" => narrow(Axis::Confidentiality, "label", cells.label, bound(Confidentiality::ge)),
            word => narrow(Axis::Confidentiality, "order", word, None),
        }
        if let Ok(standing) = Standing::parse(cells.standing) {
            span.narrow(Axis::Standing, 1 << standing as u8);
        }
        span
    }
}

/// The bits of a cell, where `any` stands for all.
fn or_any(cell: &str, bits: Option<u64>) -> Option<u64> {
    if cell == ANY { Some(u64::MAX) } else { bits }
}

fn role_bit(word: &str) -> Option<u64> {
    Role::parse(word).ok().map(|role| 1 << role as u8)
}

fn action_bit(word: &str) -> Option<u64> {
    Action::parse(word).ok().map(|action| 1 << action as u8)
}

/// Whether the text is a word of any vocabulary, which no group or bundle may be called.
fn is_word(text: &str) -> bool {
    Role::parse(text).is_ok()
        || Standing::parse(text).is_ok()
        || Action::parse(text).is_ok()
        || Confidentiality::parse(text).is_ok()
        || [ANY, NONE, ""].contains(&text)
}

fn rules_problem(line: usize, problem: Problem) -> PolicyProblem {
    PolicyProblem { file: PolicyFile::Rules, line: Some(line), problem }
}

fn unknown(line: usize, column: &'static str, word: &str) -> PolicyProblem {
    rules_problem(line, Problem::UnknownWord { column, word: word.to_owned() })
}
