//! Reads the rows of `policy.csv` strictly into rules.
//!
//! Only this module converts the words of the file into values. An unknown word is a problem with its line, never a rule
//! that silently has no effect.

use std::collections::{BTreeMap, BTreeSet};

use care::lifecycle::ThreadKind;
use care::words::{Audience, Confidentiality, Purpose, Role, Sensitivity, UnknownWord};

use super::span::{Span, Words};
use super::{ANY, DefaultAudience, Effect, NONE, Rule, Rules, Written};
use crate::problem::{PolicyDefect, PolicyFile, PolicyProblem};
use crate::question::Domain;
use crate::words::{Action, Obligation, Standing};

const COLUMNS: usize = 13;
/// The columns of a default audience.
const AUDIENCE_COLUMNS: usize = 3;

impl Rules {
    /// Reads a file whose actions are those of a domain; every row that is a rule is kept, every other is a problem.
    pub fn read(text: &str, domain: &Domain) -> (Self, Vec<PolicyProblem>) {
        Reader::new(domain).read(text)
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
            rules.extend(self.rule(line, row));
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

    fn rule(&mut self, line: usize, row: Vec<String>) -> Option<Rule> {
        let found = row.len() + 1;
        let Ok([id, role, standing, action, kind, audience, order, label, code, released, purpose, obligation, effect]) =
            <[String; COLUMNS]>::try_from(row)
        else {
            self.problems.push(rules_problem(line, PolicyDefect::RowWidth { found, wanted: COLUMNS + 1 }));
            return None;
        };
        let written = Written { role, action, kind, audience, order, label, code, released };
        let before = self.problems.len();
        let standing = self.standing(line, &standing);
        let span = self.span(line, &written, standing);
        let purpose = match purpose.as_str() {
            NONE => None,
            word => self.word(line, "purpose", word, Purpose::parse(word)),
        };
        let obligation = match obligation.as_str() {
            NONE => None,
            word => self.word(line, "obligation", word, Obligation::parse(word)),
        };
        let effect = match effect.as_str() {
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
        Some(Rule { id, line, span: span?, effect: effect?, purpose, obligation, written })
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

    fn span(&mut self, line: usize, written: &Written, standing: Option<Standing>) -> Option<Span> {
        let roles = cell(&written.role, Words::first(Role::ALL.len()), |word| {
            let roles = self.roles.read(word, |word| Role::parse(word).ok())?;
            Some(Words::of(roles.into_iter().map(|role| role as usize)))
        });
        let actions = cell(&written.action, self.domain.actions().iter().copied().collect(), |word| {
            self.bundles.read(word, |word| self.domain.action(word))
        });
        let kinds = cell(&written.kind, Words::first(1 + ThreadKind::ALL.len()), |word| match word {
            NONE => Some(Words::ABSENT),
            word => {
                let kinds = self.kinds.read(word, |word| ThreadKind::parse(word).ok())?;
                Some(Words::of(kinds.into_iter().map(|kind| 1 + kind as usize)))
            }
        });
        let audiences = cell(&written.audience, Words::first(1 + Audience::ALL.len()), |word| {
            Audience::parse(word).ok().map(|audience| Words::at(1 + audience as usize))
        });
        let codes = cell(&written.code, Words::first(1 + Sensitivity::ALL.len()), |word| match word {
            NONE => Some(Words::ABSENT),
            word => Sensitivity::parse(word).ok().map(|code| Words::at(1 + code as usize)),
        });
        let released = cell(&written.released, Words::first(2), |word| (word == "yes").then_some(Words::at(1)));
        let label = Confidentiality::parse(&written.label).ok();
        let bound = |holds: fn(&Confidentiality, &Confidentiality) -> bool| {
            label.map(|label| {
                let within = Confidentiality::ALL.iter().filter(|each| holds(each, &label));
                Words::of(within.map(|each| *each as usize))
            })
        };
        let (order, labels) = match written.order.as_str() {
            ANY => (Some(()), (written.label == ANY).then_some(Words::first(Confidentiality::ALL.len()))),
            "upto" => (Some(()), bound(Confidentiality::le)),
            "from" => (Some(()), bound(Confidentiality::ge)),
            _ => (None, Some(Words::of(std::iter::empty()))),
        };
        let roles = self.known(line, "role", &written.role, roles);
        let actions = self.known(line, "act", &written.action, actions);
        let kinds = self.known(line, "kind", &written.kind, kinds);
        let audiences = self.known(line, "audience", &written.audience, audiences);
        let codes = self.known(line, "code", &written.code, codes);
        let released = self.known(line, "released", &written.released, released);
        self.known(line, "order", &written.order, order)?;
        let labels = self.known(line, "label", &written.label, labels);
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
