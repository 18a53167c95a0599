//! Parses the rows of `policy.csv` strictly into sets of coordinates.
//!
//! Only this module converts the words of the file into values. An unknown word is a problem with its line, never a rule
//! that silently has no effect. A [`Rule`] is a box in the domain, with a set on each axis, so it can be computed what it
//! matches and whether one rule covers another. The engine decides by the same rows; these rules are for the expected
//! tables, explanations and the linter, and tests prove that both agree at every point.

use std::collections::{BTreeMap, BTreeSet};

use care::lifecycle::ThreadKind;
use care::words::{Audience, Confidentiality, Purpose, Role, Sensitivity, UnknownWord};

use crate::problem::{PolicyDefect, PolicyFile, PolicyProblem};
use crate::question::{Axis, Domain, Tuple};
use crate::reach::{HeldStanding, Reach};
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
    /// No rule matches, so it is refused.
    Nothing,
    /// Allowed.
    Allow(u16),
    /// Denied, which also overrides what other standings allow.
    Deny(u16),
}

/// A set of words of one vocabulary, as bits; `none` of an axis that can be absent is bit 0. It exists in memory only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Words(u128);

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
    const ABSENT: Self = Self(1);

    fn first(count: usize) -> Self {
        (0..count).map(Self::at).fold(Self(0), Self::or)
    }

    fn at(coordinate: usize) -> Self {
        Self(u32::try_from(coordinate).ok().and_then(|shift| 1_u128.checked_shl(shift)).unwrap_or(0))
    }

    fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    fn contains(self, coordinate: usize) -> bool {
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
    roles: Words,
    standing: Standing,
    actions: BTreeSet<Action>,
    kinds: Words,
    audiences: Words,
    labels: Words,
    codes: Words,
    released: Words,
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
    cells: Cells<String>,
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
        self.cells.role != ANY && self.span.roles.contains(role as usize)
    }

    /// Whether the rule names a kind of thread, a group of kinds, or none, rather than any.
    pub fn names_kinds(&self) -> bool {
        self.cells.kind != ANY
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
/// The columns of a default audience.
const AUDIENCE_COLUMNS: usize = 3;
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

    /// Reads a file whose actions are those of a domain; every row that is a rule is kept, every other is a problem.
    pub fn read(text: &str, domain: &Domain) -> (Self, Vec<PolicyProblem>) {
        Reader::new(domain).read(text)
    }

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

/// What a group's name stands for: the roles of a group of roles, the actions of a bundle, or the kinds of a group of
/// kinds.
struct Groups<T> {
    rows: Vec<GroupRow>,
    members: BTreeMap<String, BTreeSet<T>>,
}

/// Through how many groups a word can be a member: the engine looks at ten names, and the word is the first of them.
pub(crate) const GROUPS_MAX: usize = 9;

/// A row `g`, `g2` or `g4`.
struct GroupRow {
    line: usize,
    member: String,
    name: String,
}

impl<T: Ord + Copy> Groups<T> {
    fn none() -> Self {
        Self { rows: Vec::new(), members: BTreeMap::new() }
    }

    /// Adds up the members of each name, through names within names.
    fn resolve(
        &mut self,
        column: &'static str,
        word: impl Fn(&str) -> Option<T>,
        is_word: impl Fn(&str) -> bool,
        problems: &mut Vec<PolicyProblem>,
    ) {
        for GroupRow { line, member, name } in &self.rows {
            if is_word(name) {
                problems.push(rules_problem(*line, PolicyDefect::NameTaken { name: name.clone() }));
            }
            if word(member).is_none() && !self.rows.iter().any(|row| row.name == *member) {
                problems.push(unknown(*line, column, member));
            }
            self.members.insert(name.clone(), BTreeSet::new());
        }
        // Each round carries members one name further, until none is new; there are no longer chains than names.
        for round in 0..self.members.len() {
            let before = self.members.clone();
            for GroupRow { line, member, name } in &self.rows {
                let of_member = word(member).map(|word| BTreeSet::from([word]));
                let of_member = of_member.or_else(|| before.get(member).cloned()).unwrap_or_default();
                let Some(members) = self.members.get_mut(name) else { continue };
                let known = members.len();
                members.extend(of_member);
                if round == GROUPS_MAX && members.len() > known {
                    let problem = PolicyDefect::GroupsTooDeep { name: name.clone(), groups_max: GROUPS_MAX };
                    problems.push(rules_problem(*line, problem));
                }
            }
            if self.members == before {
                break;
            }
        }
    }

    /// What a cell stands for: a word, or a group's members.
    fn read(&self, cell: &str, word: impl Fn(&str) -> Option<T>) -> Option<BTreeSet<T>> {
        word(cell).map(|word| BTreeSet::from([word])).or_else(|| self.members.get(cell).cloned())
    }
}

struct Reader<'a> {
    domain: &'a Domain,
    roles: Groups<Role>,
    bundles: Groups<Action>,
    kinds: Groups<ThreadKind>,
    order: Vec<(String, String)>,
    rows: Vec<(usize, Vec<String>)>,
    default_audiences: Vec<(usize, Vec<String>)>,
    problems: Vec<PolicyProblem>,
    text: String,
}

impl<'a> Reader<'a> {
    fn new(domain: &'a Domain) -> Self {
        Self {
            domain,
            roles: Groups::none(),
            bundles: Groups::none(),
            kinds: Groups::none(),
            order: Vec::new(),
            rows: Vec::new(),
            default_audiences: Vec::new(),
            problems: Vec::new(),
            text: String::new(),
        }
    }

    fn read(mut self, text: &str) -> (Rules, Vec<PolicyProblem>) {
        for (line, row) in (1..).zip(text.lines()) {
            let row = row.trim();
            if !row.is_empty() && !row.starts_with('#') {
                self.row(line, row);
            }
        }
        let domain = self.domain;
        let is_word = |text: &str| is_word(text, domain);
        self.roles.resolve("role", |word| Role::parse(word).ok(), is_word, &mut self.problems);
        self.bundles.resolve("action", |word| domain.action(word), is_word, &mut self.problems);
        self.kinds.resolve("kind", |word| ThreadKind::parse(word).ok(), is_word, &mut self.problems);
        let mut names: BTreeSet<&String> = BTreeSet::new();
        for name in self.roles.members.keys().chain(self.bundles.members.keys()).chain(self.kinds.members.keys()) {
            if !names.insert(name) {
                let problem = PolicyDefect::NameTaken { name: name.clone() };
                self.problems.push(PolicyProblem::of(PolicyFile::Rules, problem));
            }
        }
        for (lower, higher) in Confidentiality::ALL.iter().zip(Confidentiality::ALL.iter().skip(1)) {
            let wanted = (lower.word().to_owned(), higher.word().to_owned());
            if self.order.iter().filter(|each| **each == wanted).count() != 1 {
                self.problems.push(PolicyProblem::of(PolicyFile::Rules, PolicyDefect::OrderMissing));
            }
        }
        if self.order.len() + 1 != Confidentiality::ALL.len() {
            self.problems.push(PolicyProblem::of(PolicyFile::Rules, PolicyDefect::OrderMissing));
        }
        if self.rows.len() > Rules::COUNT_MAX {
            let problem = PolicyDefect::TooManyRules { rules_max: Rules::COUNT_MAX };
            self.problems.push(PolicyProblem::of(PolicyFile::Rules, problem));
        }
        let mut rules = Vec::new();
        for (line, row) in std::mem::take(&mut self.rows) {
            rules.extend(self.rule(line, &row));
        }
        let mut default_audiences = Vec::new();
        for (line, row) in std::mem::take(&mut self.default_audiences) {
            default_audiences.extend(self.default_audience(line, &row));
        }
        (Rules { rules, default_audiences, rows: self.text }, self.problems)
    }

    fn row(&mut self, line: usize, row: &str) {
        if row.contains('"') {
            self.problems.push(rules_problem(line, PolicyDefect::Quoted));
            return;
        }
        let cells: Vec<String> = row.split(',').map(|cell| cell.trim().to_owned()).collect();
        // The engine has no such row: it decides nothing by it.
        if let [kind, rest @ ..] = cells.as_slice()
            && kind == "a"
        {
            self.default_audiences.push((line, rest.to_vec()));
            return;
        }
        self.text.push_str(&cells.join(", "));
        self.text.push('\n');
        let group = |member: &String, name: &String| GroupRow { line, member: member.clone(), name: name.clone() };
        match cells.as_slice() {
            [kind, member, name] if kind == "g" => self.roles.rows.push(group(member, name)),
            [kind, member, name] if kind == "g2" => self.bundles.rows.push(group(member, name)),
            [kind, member, name] if kind == "g4" => self.kinds.rows.push(group(member, name)),
            [kind, lower, higher] if kind == "g3" => self.order.push((lower.clone(), higher.clone())),
            [kind, rest @ ..] if kind == "p" => self.rows.push((line, rest.to_vec())),
            [kind, ..] if ["g", "g2", "g3", "g4"].contains(&kind.as_str()) => {
                self.problems.push(rules_problem(line, PolicyDefect::RowWidth { found: cells.len(), wanted: 3 }));
            }
            [..] => self.problems.push(rules_problem(line, PolicyDefect::RowKind)),
        }
    }

    fn rule(&mut self, line: usize, row: &[String]) -> Option<Rule> {
        let row: Vec<&str> = row.iter().map(String::as_str).collect();
        let Ok([id, role, standing, action, kind, audience, order, label, code, released, purpose, obligation, effect]) =
            <[&str; COLUMNS]>::try_from(row.as_slice())
        else {
            self.problems
                .push(rules_problem(line, PolicyDefect::RowWidth { found: row.len() + 1, wanted: COLUMNS + 1 }));
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
        let standing = self.standing(line, standing);
        let span = self.span(line, &cells, standing);
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
            self.problems.push(rules_problem(line, PolicyDefect::RuleId));
        }
        if self.problems.len() > before {
            return None;
        }
        Some(Rule { id: id.to_owned(), line, span: span?, effect: effect?, purpose, obligation, cells: cells.owned() })
    }

    fn default_audience(&mut self, line: usize, row: &[String]) -> Option<DefaultAudience> {
        let [standing, kind, audience] = row else {
            let problem = PolicyDefect::RowWidth { found: row.len() + 1, wanted: AUDIENCE_COLUMNS + 1 };
            self.problems.push(rules_problem(line, problem));
            return None;
        };
        let standing = self.standing(line, standing);
        let kinds = self.kinds.read(kind, |word| ThreadKind::parse(word).ok());
        let kinds = self.known(line, "kind", kind, kinds);
        let audience = match audience.as_str() {
            NONE => Some(None),
            word => self.word(line, "audience", word, Audience::parse(word)).map(Some),
        };
        Some(DefaultAudience { line, standing: standing?, kinds: kinds?, audience: audience? })
    }

    fn standing(&mut self, line: usize, cell: &str) -> Option<Standing> {
        let several = cell == ANY || cell.contains([' ', '|', '+', '/', ';', '&']);
        if several {
            self.problems.push(rules_problem(line, PolicyDefect::SeveralStandings));
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

    fn span(&mut self, line: usize, cells: &Cells<&str>, standing: Option<Standing>) -> Option<Span> {
        let roles = cell(cells.role, Words::first(Role::ALL.len()), |word| {
            let roles = self.roles.read(word, |word| Role::parse(word).ok())?;
            Some(roles.into_iter().map(|role| Words::at(role as usize)).fold(Words(0), Words::or))
        });
        let actions = cell(cells.action, self.domain.actions().iter().copied().collect(), |word| {
            self.bundles.read(word, |word| self.domain.action(word))
        });
        let kinds = cell(cells.kind, Words::first(1 + ThreadKind::ALL.len()), |word| match word {
            NONE => Some(Words::ABSENT),
            word => {
                let kinds = self.kinds.read(word, |word| ThreadKind::parse(word).ok())?;
                Some(kinds.into_iter().map(|kind| Words::at(1 + kind as usize)).fold(Words(0), Words::or))
            }
        });
        let audiences = cell(cells.audience, Words::first(1 + Audience::ALL.len()), |word| {
            Audience::parse(word).ok().map(|audience| Words::at(1 + audience as usize))
        });
        let codes = cell(cells.code, Words::first(1 + Sensitivity::ALL.len()), |word| match word {
            NONE => Some(Words::ABSENT),
            word => Sensitivity::parse(word).ok().map(|code| Words::at(1 + code as usize)),
        });
        let released = cell(cells.released, Words::first(2), |word| (word == "yes").then_some(Words::at(1)));
        let label = Confidentiality::parse(cells.label).ok();
        let bound = |holds: fn(&Confidentiality, &Confidentiality) -> bool| {
            label.map(|label| {
                let within = Confidentiality::ALL.iter().filter(|each| holds(each, &label));
                within.map(|each| Words::at(*each as usize)).fold(Words(0), Words::or)
            })
        };
        let (order, labels) = match cells.order {
            ANY => (Some(()), (cells.label == ANY).then_some(Words::first(Confidentiality::ALL.len()))),
            "upto" => (Some(()), bound(Confidentiality::le)),
            "from" => (Some(()), bound(Confidentiality::ge)),
            _ => (None, Some(Words(0))),
        };
        let roles = self.known(line, "role", cells.role, roles);
        let actions = self.known(line, "act", cells.action, actions);
        let kinds = self.known(line, "kind", cells.kind, kinds);
        let audiences = self.known(line, "audience", cells.audience, audiences);
        let codes = self.known(line, "code", cells.code, codes);
        let released = self.known(line, "released", cells.released, released);
        self.known(line, "order", cells.order, order)?;
        let labels = self.known(line, "label", cells.label, labels);
        Some(Span {
            roles: roles?,
            standing: standing?,
            actions: actions?,
            kinds: kinds?,
            audiences: audiences?,
            labels: labels?,
            codes: codes?,
            released: released?,
        })
    }

    /// The set of a cell, or a problem with its word.
    fn known<T>(&mut self, line: usize, column: &'static str, cell: &str, set: Option<T>) -> Option<T> {
        if set.is_none() {
            self.problems.push(unknown(line, column, cell));
        }
        set
    }
}

/// The set of a cell, where `any` stands for all.
fn cell<T>(text: &str, all: T, read: impl FnOnce(&str) -> Option<T>) -> Option<T> {
    if text == ANY { Some(all) } else { read(text) }
}

/// Whether the text is a word of any vocabulary, which no group or bundle may be called: the engine keeps all groups
/// in one graph.
fn is_word(text: &str, domain: &Domain) -> bool {
    Role::parse(text).is_ok()
        || Standing::parse(text).is_ok()
        || domain.action(text).is_some()
        || ThreadKind::parse(text).is_ok()
        || Confidentiality::parse(text).is_ok()
        || [ANY, NONE, ""].contains(&text)
}

fn rules_problem(line: usize, problem: PolicyDefect) -> PolicyProblem {
    PolicyProblem { file: PolicyFile::Rules, line: Some(line), problem }
}

fn unknown(line: usize, column: &'static str, word: &str) -> PolicyProblem {
    rules_problem(line, PolicyDefect::UnknownWord { column, word: word.to_owned() })
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
            let set = |of: &BTreeSet<usize>| of.iter().copied().map(Words::at).fold(Words(0), Words::or);
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
