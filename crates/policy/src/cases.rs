//! The expected answers, in sentences that a clinician can check, and the check of them.
//!
//! A file of `policies/cases/` has two parts. `table` says, for a role with a standing, everything
//! it may do with an ordinary thing; whatever is not listed it may not, and neither may whoever is
//! not listed at all, so the table answers every role, standing and action. `cases` are single
//! sentences about audiences, labels, codes, release and several standings at once. Every rule
//! must decide something that was checked, or the rule says what nobody expected.

use std::collections::{BTreeMap, BTreeSet};

use care::words::{Audience, Confidentiality, Role, Sensitivity, ThreadKind};
use serde::Deserialize;

use crate::active::ActivePolicy;
use crate::problem::{PolicyFile, PolicyProblem, Problem};
use crate::question::{CodeSet, Held, Question};
use crate::rules::Answer;
use crate::text::{CaseFile, PolicyText};
use crate::words::{Action, Standing};

/// What became of the cases.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseReport {
    /// How many answers were compared.
    pub checked: usize,
    /// Answers other than expected, and rules that no case tells apart from nothing.
    pub problems: Vec<PolicyProblem>,
}

impl ActivePolicy {
    /// Loads a text that is to be put in force: all of [`Self::load`], and every case of it must
    /// be answered as it expects.
    ///
    /// # Errors
    /// Everything that is wrong with the text.
    pub fn propose(text: PolicyText) -> Result<Self, Vec<PolicyProblem>> {
        let policy = Self::load(text)?;
        let report = check(&policy);
        if report.problems.is_empty() { Ok(policy) } else { Err(report.problems) }
    }
}

/// Compares every case of the version's text with what it decides.
#[must_use]
pub fn check(policy: &ActivePolicy) -> CaseReport {
    let mut checker = Checker { policy, decided: BTreeSet::new(), checked: 0, problems: Vec::new() };
    let mut table: BTreeMap<Held, BTreeSet<Action>> = BTreeMap::new();
    for file in &policy.text().cases {
        match read(file) {
            Ok(cases) => checker.file(&file.name, cases, &mut table),
            Err(problem) => checker.problems.push(problem),
        }
    }
    checker.table(&table);
    for rule in policy.rules().iter().filter(|rule| !checker.decided.contains(rule.id.as_str())) {
        let what = format!("no case is decided by the rule {}", rule.id);
        let problem = Problem::CaseFails(what);
        checker.problems.push(PolicyProblem { file: PolicyFile::Rules, line: Some(rule.line), problem });
    }
    CaseReport { checked: checker.checked, problems: checker.problems }
}

/// A file of cases.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Cases {
    /// Whom the file is about, for its readers.
    #[serde(rename = "about")]
    _about: String,
    #[serde(default)]
    table: Vec<TableRow>,
    #[serde(default)]
    cases: Vec<Case>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TableRow {
    who: Who,
    may: Vec<Doing>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    say: String,
    who: Vec<Who>,
    action: Doing,
    #[serde(default)]
    audience: Option<Audience>,
    #[serde(default)]
    label: Option<Confidentiality>,
    #[serde(default)]
    codes: Vec<Sensitivity>,
    #[serde(default)]
    released: bool,
    expect: Expected,
    /// The rule that must be the one to decide.
    #[serde(default)]
    rule: Option<String>,
}

#[derive(Deserialize, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
enum Expected {
    Allow,
    Deny,
}

/// A role and a standing, written `nurse care_team`.
#[derive(Deserialize, Clone, Copy)]
#[serde(try_from = "String")]
struct Who(Held);

impl TryFrom<String> for Who {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let (role, standing) = text.split_once(' ').ok_or_else(|| format!("{text:?} is not a role and a standing"))?;
        let role = Role::parse(role).map_err(|_| format!("{role:?} is not a role"))?;
        let standing = Standing::parse(standing.trim()).map_err(|_| format!("{standing:?} is not a standing"))?;
        Ok(Self(Held { standing, role }))
    }
}

#[derive(Deserialize, Clone, Copy)]
#[serde(try_from = "String")]
struct Doing(Action);

impl TryFrom<String> for Doing {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Action::parse(&text).map(Self).map_err(|_| format!("{text:?} is not an action"))
    }
}

fn read(file: &CaseFile) -> Result<Cases, PolicyProblem> {
    serde_norway::from_str(&file.text).map_err(|error| PolicyProblem {
        file: PolicyFile::Cases(file.name.clone()),
        line: error.location().map(|location| location.line()),
        problem: Problem::CasesUnreadable { fault: error.to_string() },
    })
}

/// The kind of thread that an action is about, where it is about one.
fn kind_of(action: Action) -> Option<ThreadKind> {
    let (thing, _) = action.word().split_once('.')?;
    matches!(thing, "thread" | "consultation").then_some(ThreadKind::Consultation)
}

/// An ordinary thing: not confidential, nothing sensitive, the answer released, and a message
/// to everyone where it is about messages.
fn ordinary(action: Action, held: &[Held]) -> Question<'_> {
    let speaks = matches!(action, Action::ThreadReadMessage | Action::ThreadPost);
    Question {
        action,
        kind: kind_of(action),
        audience: speaks.then_some(Audience::Everyone),
        confidentiality: Confidentiality::Normal,
        codes: CodeSet::NONE,
        released: true,
        held,
    }
}

struct Checker<'a> {
    policy: &'a ActivePolicy,
    /// The ids of rules that decided something.
    decided: BTreeSet<&'a str>,
    checked: usize,
    problems: Vec<PolicyProblem>,
}

impl<'a> Checker<'a> {
    fn file(&mut self, name: &str, cases: Cases, table: &mut BTreeMap<Held, BTreeSet<Action>>) {
        let file = PolicyFile::Cases(name.to_owned());
        for TableRow { who: Who(held), may } in cases.table {
            if table.insert(held, may.into_iter().map(|Doing(action)| action).collect()).is_some() {
                let what = format!("{} {} is in the table twice", held.role.word(), held.standing.word());
                self.problems.push(PolicyProblem::of(file.clone(), Problem::CaseFails(what)));
            }
        }
        for case in cases.cases {
            self.case(&file, &case);
        }
    }

    fn case(&mut self, file: &PolicyFile, case: &Case) {
        let held: Vec<Held> = case.who.iter().map(|Who(held)| *held).collect();
        let question = Question {
            action: case.action.0,
            kind: kind_of(case.action.0),
            audience: case.audience,
            confidentiality: case.label.unwrap_or(Confidentiality::Normal),
            codes: case.codes.iter().copied().collect(),
            released: case.released,
            held: &held,
        };
        let (allowed, rules) = self.decide(&question);
        let as_expected = allowed == (case.expect == Expected::Allow);
        let by_rule = case.rule.as_deref().is_none_or(|rule| rules.contains(&rule));
        if !as_expected || !by_rule {
            let found = if allowed { "allowed" } else { "refused" };
            let what = format!("\"{}\" does not hold: it is {found} by {rules:?}", case.say);
            self.problems.push(PolicyProblem::of(file.clone(), Problem::CaseFails(what)));
        }
    }

    fn table(&mut self, table: &BTreeMap<Held, BTreeSet<Action>>) {
        for role in Role::ALL {
            for standing in Standing::ALL {
                let held = Held { standing: *standing, role: *role };
                for action in Action::ALL {
                    let expected = table.get(&held).is_some_and(|may| may.contains(action));
                    let (allowed, rules) = self.decide(&ordinary(*action, &[held]));
                    if allowed != expected {
                        let who = format!("{} {}", role.word(), standing.word());
                        let what =
                            if allowed { "may, by the rules, but not by the table" } else { "may not, but should" };
                        let what = format!("{who} {what}: {} {rules:?}", action.word());
                        self.problems.push(PolicyProblem::of(PolicyFile::Rules, Problem::CaseFails(what)));
                    }
                }
            }
        }
    }

    /// The decision, and the ids of the rules that made it.
    fn decide(&mut self, question: &Question<'_>) -> (bool, Vec<&'a str>) {
        self.checked += 1;
        let policy = self.policy;
        let (allowed, numbers): (bool, Vec<u16>) = match policy.decided(question) {
            Some(grounds) => (true, grounds.rules().collect()),
            None => {
                let tuples = question.held.iter().flat_map(|held| question.tuples(*held));
                let deny = |tuple| match policy.answer(&tuple) {
                    Some(Answer::Deny(rule)) => Some(rule),
                    Some(Answer::Allow(_) | Answer::Nothing) | None => None,
                };
                (false, tuples.filter_map(deny).collect())
            }
        };
        let rules: Vec<&str> =
            numbers.into_iter().filter_map(|rule| Some(policy.rules().get(rule)?.id.as_str())).collect();
        self.decided.extend(&rules);
        (allowed, rules)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decide::tests::shipped;
    use crate::text::PolicyText;

    #[test]
    fn every_case_of_the_shipped_policy_holds() {
        let report = check(&shipped());
        let told: Vec<String> = report.problems.iter().map(ToString::to_string).collect();
        assert!(told.is_empty(), "{}", told.join("\n"));
        assert!(report.checked > Role::ALL.len() * Standing::ALL.len() * Action::ALL.len());
    }

    /// The problems of the shipped policy with one file of cases changed.
    fn changed(name: &str, from: &str, to: &str) -> Vec<String> {
        let mut text = PolicyText::shipped();
        let file = text.cases.iter_mut().find(|file| file.name == name).expect("the file");
        assert!(file.text.contains(from), "{from}");
        file.text = file.text.replacen(from, to, 1);
        let problems = ActivePolicy::propose(text).err().unwrap_or_default();
        problems.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn what_the_table_does_not_expect_is_told() {
        let told = changed("asked.yaml", "      - thread.claim\n", "");
        assert_eq!(
            told,
            ["policy.csv: physician pool_member may, by the rules, but not by the table: thread.claim [\"R305\"]"]
        );
        let told = changed("asked.yaml", "- thread.claim\n", "- thread.claim\n      - thread.invite\n");
        assert_eq!(told, ["policy.csv: physician pool_member may not, but should: thread.invite []"]);
    }

    #[test]
    fn a_sentence_that_does_not_hold_is_told() {
        let told = changed("patient.yaml", "expect: deny", "expect: allow");
        assert!(matches!(told.as_slice(), [one] if one.starts_with("cases/patient.yaml: \"")), "{told:?}");
        let told = changed("patient.yaml", "rule: R502", "rule: R501");
        assert!(matches!(told.as_slice(), [one] if one.contains("is allowed by [\"R502\"]")), "{told:?}");
    }

    #[test]
    fn a_rule_that_no_case_reaches_is_told() {
        let mut text = PolicyText::shipped();
        text.rules
            .push_str("p, D999, nurse, participant, thread.find, any, any, from, V, HIV, yes, none, none, deny\n");
        let problems = ActivePolicy::propose(text).err().expect("refused");
        assert!(
            matches!(problems.as_slice(), [one] if one.to_string().ends_with("no case is decided by the rule D999"))
        );
    }

    #[test]
    fn a_file_that_cannot_be_read_is_told_with_its_line() {
        let told = changed("patient.yaml", "action: thread.read\n", "action: thread.reed\n");
        assert!(
            told.iter().any(|one| one.starts_with("cases/patient.yaml:") && one.contains("thread.reed")),
            "{told:?}"
        );
        let told = changed("patient.yaml", "about:", "abaut:");
        assert!(told.iter().any(|one| one.contains("abaut")), "{told:?}");
    }
}
