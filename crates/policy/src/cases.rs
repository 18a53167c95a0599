//! The expected answers, and the check of them.
//!
//! A file of `policies/cases/` has sentences that a clinician can check: who, which action, about which kind of thread,
//! with which audience, labels, codes and release, and with several standings at once. The complete tables are in
//! `policies/expected/` (see [`crate::expected`]). Every rule must decide something that was checked.

use std::collections::BTreeSet;

use care::command_name::Named as _;
use care::conversation::PassTurn;
use care::lifecycle::ThreadKind;
use care::words::{Audience, Confidentiality, Purpose, Role, Sensitivity};
use serde::Deserialize;

use crate::active::ActivePolicy;
use crate::expected::{self, ExpectedTable};
use crate::problem::{PolicyDefect, PolicyFile, PolicyProblem};
use crate::question::{Question, ThingFacts, points};
use crate::reach::{HeldStanding, Reach};
use crate::rules::{Answer, DefaultAudience};
use crate::text::CaseFile;
use crate::words::{Action, Read, Standing};

/// The result of the check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseReport {
    /// How many answers were compared.
    pub checked: usize,
    /// Answers other than expected, and rules that decide nothing.
    pub problems: Vec<PolicyProblem>,
}

/// Compares every sentence and table of the version's text with what it decides.
#[must_use]
pub fn check(policy: &ActivePolicy) -> CaseReport {
    let mut checker = Checker { policy, decided: BTreeSet::new(), checked: 0, problems: Vec::new() };
    for file in &policy.text().cases {
        match read(file) {
            Ok(cases) => checker.file(&file.name, &cases),
            Err(problem) => checker.problems.push(problem),
        }
    }
    for kind in expected::kinds() {
        checker.table(kind);
        checker.engine(kind);
    }
    for kind in ThreadKind::ALL {
        checker.last_resort(*kind, Action::Command(PassTurn::NAME));
    }
    for rule in policy.rules().iter().filter(|rule| !checker.decided.contains(rule.id.as_str())) {
        let what = format!("nothing that can be asked is decided by the rule {}", rule.id);
        let problem = PolicyDefect::CaseFails(what);
        checker.problems.push(PolicyProblem { file: PolicyFile::Rules, line: Some(rule.line), problem });
    }
    CaseReport { checked: checker.checked, problems: checker.problems }
}

/// A file of cases.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Cases {
    /// The people that the file is about, for its readers.
    #[serde(rename = "about")]
    _about: String,
    #[serde(default)]
    cases: Vec<Case>,
    #[serde(default)]
    default_audiences: Vec<DefaultCase>,
}

/// To whom a message is whose author names no audience.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DefaultCase {
    say: String,
    who: Vec<Who>,
    kind: ThreadKind,
    /// Absent where the author has to name one.
    #[serde(default)]
    audience: Option<Audience>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    say: String,
    who: Vec<Who>,
    action: Doing,
    /// The kind of thread; absent outside threads.
    #[serde(default)]
    kind: Option<ThreadKind>,
    #[serde(default)]
    audience: Option<Audience>,
    #[serde(default)]
    label: Option<Confidentiality>,
    #[serde(default)]
    codes: Vec<Sensitivity>,
    #[serde(default)]
    released: bool,
    /// Whether the patient permits it, where a rule asks for that.
    #[serde(default)]
    permitted: bool,
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
struct Who(HeldStanding);

impl TryFrom<String> for Who {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let (role, standing) = text.split_once(' ').ok_or_else(|| format!("{text:?} is not a role and a standing"))?;
        let role = Role::parse(role).map_err(|_| format!("{role:?} is not a role"))?;
        let standing = Standing::parse(standing.trim()).map_err(|_| format!("{standing:?} is not a standing"))?;
        Ok(Self(HeldStanding::full(standing, role)))
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

/// The longest file of cases: ten times the longest that is shipped.
const FILE_BYTES_MAX: usize = 64 * 1024;
/// The deepest nesting of brackets in a file of cases, counted in texts too; a case needs one.
const BRACKETS_MAX: usize = 16;

fn read(file: &CaseFile) -> Result<Cases, PolicyProblem> {
    let unreadable = |line, fault| PolicyProblem {
        file: PolicyFile::Cases(file.name.clone()),
        line,
        problem: PolicyDefect::CasesUnreadable { fault },
    };
    // The time that the library takes grows with the product of both.
    if file.text.len() > FILE_BYTES_MAX {
        return Err(unreadable(None, format!("a file has at most {FILE_BYTES_MAX} bytes")));
    }
    if let Some(line) = line_too_deep(&file.text) {
        return Err(unreadable(Some(line), format!("brackets are nested at most {BRACKETS_MAX} deep")));
    }
    serde_norway::from_str(&file.text)
        .map_err(|error| unreadable(error.location().map(|location| location.line()), error.to_string()))
}

/// The first line, from 1, with a bracket that is nested deeper than any may be.
fn line_too_deep(text: &str) -> Option<usize> {
    let mut open = 0_usize;
    (1..).zip(text.lines()).find_map(|(line, row)| {
        for byte in row.bytes() {
            match byte {
                b'[' | b'{' => open += 1,
                b']' | b'}' => open = open.saturating_sub(1),
                _ => {}
            }
            if open > BRACKETS_MAX {
                return Some(line);
            }
        }
        None
    })
}

struct Checker<'a> {
    policy: &'a ActivePolicy,
    /// The ids of rules that decided something.
    decided: BTreeSet<&'a str>,
    checked: usize,
    problems: Vec<PolicyProblem>,
}

impl<'a> Checker<'a> {
    fn file(&mut self, name: &str, cases: &Cases) {
        let file = PolicyFile::Cases(name.to_owned());
        for case in &cases.cases {
            self.case(&file, case);
        }
        for case in &cases.default_audiences {
            self.default_audience(&file, case);
        }
    }

    fn default_audience(&mut self, file: &PolicyFile, case: &DefaultCase) {
        let DefaultCase { say, who, kind, audience } = case;
        let held: Vec<HeldStanding> = who.iter().map(|Who(held)| *held).collect();
        self.checked += 1;
        let found = self.policy.rules().default_audience(*kind, &held);
        if found.and_then(|row| row.audience) != *audience {
            let found = found.map_or("none, without a row", DefaultAudience::audience_word);
            let what = format!("\"{say}\" does not hold: the default audience is {found}");
            self.problems.push(PolicyProblem::of(file.clone(), PolicyDefect::CaseFails(what)));
        }
    }

    fn case(&mut self, file: &PolicyFile, case: &Case) {
        let Case { say, who, action: Doing(action), kind, audience, label, codes, released, permitted, expect, rule } =
            case;
        let mut problem = |what| self.problems.push(PolicyProblem::of(file.clone(), PolicyDefect::CaseFails(what)));
        if !action.is_asked_about(*kind) {
            let kind = kind.map_or("none", ThreadKind::word);
            return problem(format!("\"{say}\" asks {} of the kind {kind}, which has no such action", action.word()));
        }
        let purposes: &[Purpose] = if *permitted { Purpose::ALL } else { &[] };
        let with_permission = |Who(held): &Who| {
            let reach = Reach { permitted: purposes.iter().copied().collect(), ..held.reach };
            HeldStanding { reach, ..*held }
        };
        let held: Vec<HeldStanding> = who.iter().map(with_permission).collect();
        let thing = ThingFacts {
            kind: *kind,
            confidentiality: label.unwrap_or(Confidentiality::Normal),
            codes: codes.iter().copied().collect(),
            released: *released,
            held: &held,
        };
        let (allowed, rules) = self.decide(&thing.asking(*action, *audience));
        let as_expected = allowed == (*expect == Expected::Allow);
        let by_rule = rule.as_deref().is_none_or(|rule| rules.contains(&rule));
        if !as_expected || !by_rule {
            let found = if allowed { "allowed" } else { "refused" };
            let what = format!("\"{say}\" does not hold: it is {found} by {rules:?}");
            self.problems.push(PolicyProblem::of(file.clone(), PolicyDefect::CaseFails(what)));
        }
    }

    /// Compares the kept table of a kind with the one that the rules give.
    fn table(&mut self, kind: Option<ThreadKind>) {
        let (policy, name) = (self.policy, expected::file_name(kind));
        let table = ExpectedTable::of(policy, kind);
        let kept = policy.text().expected.iter().find(|file| file.name == name);
        let kept = kept.map_or("", |file| file.text.as_str()).lines();
        let kept: BTreeSet<&str> = kept.filter(|line| !line.is_empty() && !line.starts_with('#')).collect();
        let given: BTreeSet<&str> = table.lines().collect();
        let line = |line: &&str| (*line).to_owned();
        let not_expected = given.difference(&kept).map(line).map(|line| PolicyDefect::NotExpected { line });
        let expected_only = kept.difference(&given).map(line).map(|line| PolicyDefect::ExpectedOnly { line });
        let mut defects: Vec<PolicyDefect> = not_expected.chain(expected_only).collect();
        if !table.allows_something() {
            defects.extend(table.nobody().map(|line| PolicyDefect::NobodyMay { line: line.to_owned() }));
        }
        let file = PolicyFile::Expected(name);
        self.problems.extend(defects.into_iter().map(|defect| PolicyProblem::of(file.clone(), defect)));
        self.checked += table.points;
        self.decided.extend(table.rules.iter().filter_map(|rule| Some(policy.rules().get(*rule)?.id.as_str())));
    }

    /// Asks the engine once for each role, standing and action of a kind; the tables are read from the rows.
    fn engine(&mut self, kind: Option<ThreadKind>) {
        let mut turn = 0;
        for action in Action::all().iter().filter(|action| action.is_asked_about(kind)) {
            for standing in Standing::ALL {
                for role in standing.roles() {
                    let points = points(*role, *standing, *action, kind);
                    // A step that shares no factor with the number of points, so other points come each time.
                    turn = (turn + 61) % points.len().max(1);
                    let Some(tuple) = points.get(turn) else { continue };
                    if self.policy.answer(tuple) != Some(self.policy.rules().answer(tuple)) {
                        let defect = PolicyDefect::EngineDisagrees { request: tuple.request().join(" ") };
                        self.problems.push(PolicyProblem::of(PolicyFile::Rules, defect));
                    }
                }
            }
        }
    }

    /// The administrator is the party of last resort: where all others are gone, one finds the thread and passes its
    /// turn to somebody who can act.
    fn last_resort(&mut self, kind: ThreadKind, pass_turn: Action) {
        let may = |standing: &Standing, action: Action| {
            let held = [HeldStanding::full(*standing, Role::Administrator)];
            let thing = ThingFacts { kind: Some(kind), ..ThingFacts::unlabelled(&held) };
            self.policy.decided(&thing.asking(action, None)).is_some()
        };
        let both = |standing: &&Standing| may(standing, Action::Read(Read::ThreadFind)) && may(standing, pass_turn);
        if !Standing::ALL.iter().any(|standing| both(&standing)) {
            let file = PolicyFile::Expected(expected::file_name(Some(kind)));
            self.problems.push(PolicyProblem::of(file, PolicyDefect::NoLastResort));
        }
    }

    /// The decision, and the ids of the rules that made it.
    fn decide(&mut self, question: &Question<'_>) -> (bool, Vec<&'a str>) {
        self.checked += 1;
        let policy = self.policy;
        let (allowed, numbers): (bool, Vec<u16>) = match policy.decided(question) {
            Some(decided) => (true, decided.rules().collect()),
            None => {
                let tuples = question.thing.held.iter().flat_map(|held| question.tuples(*held));
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
    use care::conversation::Claim;
    use test_fuzz::{Target, corpus, variant};

    use super::*;
    use crate::decide::tests::shipped;
    use crate::text::PolicyText;

    fn problems_of(text: PolicyText) -> Vec<String> {
        let problems = match ActivePolicy::load(text) {
            Ok(policy) => check(&policy).problems,
            Err(problems) => problems,
        };
        problems.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn every_case_and_table_of_the_shipped_policy_holds() {
        let report = check(&shipped());
        let problems: Vec<String> = report.problems.iter().map(ToString::to_string).collect();
        assert!(problems.is_empty(), "{}", problems.join("\n"));
        let points = points(Role::Nurse, Standing::CareTeam, Action::Read(Read::ThreadFind), None).len();
        assert!(report.checked > points * Action::all().len() * 50, "{} answers", report.checked);
    }

    /// The problems of the shipped policy with one file of cases or table changed.
    fn changed(name: &str, from: &str, to: &str) -> Vec<String> {
        let mut text = PolicyText::shipped();
        let mut files = text.cases.iter_mut().chain(&mut text.expected);
        let file = files.find(|file| file.name == name).expect("the file");
        assert!(file.text.contains(from), "{from}");
        file.text = file.text.replacen(from, to, 1);
        problems_of(text)
    }

    #[test]
    fn an_answer_that_only_the_rules_or_only_the_table_has_is_reported() {
        let problems = changed(
            "consultation.txt",
            "thread.claim [label N R] TREAT: physician pool_member, physician owners_pool\n",
            "",
        );
        let line = "thread.claim [label N R] TREAT: physician pool_member, physician owners_pool";
        assert_eq!(problems, [format!("expected/consultation.txt: the rules say, and the table does not: {line}")]);
        let problems = changed(
            "consultation.txt",
            line,
            "thread.claim [label N R] TREAT: nurse pool_member, physician owners_pool",
        );
        assert!(
            matches!(problems.as_slice(), [one, other]
            if one.contains("the table does not: thread.claim [label N R] TREAT: physician pool_member")
                && other.contains("the rules do not: thread.claim [label N R] TREAT: nurse pool_member")),
            "{problems:?}"
        );
    }

    #[test]
    fn a_kind_without_rows_is_reported_with_every_action_that_nobody_may_do() {
        let mut text = PolicyText::shipped();
        let names_it = |row: &&str| {
            row.contains(" consultation, ")
                || row.contains("conversation_with_patient, ")
                || row.contains("with_turn, ")
        };
        text.rules = text.rules.lines().filter(|row| !names_it(row)).collect::<Vec<_>>().join("\n");
        let policy = ActivePolicy::load(text.clone()).unwrap_or_else(|problems| panic!("{problems:?}"));
        let kind = Some(ThreadKind::Consultation);
        let table = ExpectedTable::of(&policy, kind);
        assert!(table.nobody().any(|line| line == "consultation.advise: nobody"));
        // Also once the table was renewed: a kind in which nothing is allowed is never meant.
        text.expected.iter_mut().find(|file| file.name == "consultation.txt").expect("the table").text = table.text();
        let problems = problems_of(text);
        let of_it = Action::all().iter().filter(|action| action.kinds().contains(&ThreadKind::Consultation)).count();
        let nobody = |line: &&String| line.contains("no rule allows anything in this kind of thread: ");
        assert_eq!(problems.iter().filter(nobody).count(), of_it, "{problems:?}");
    }

    #[test]
    fn a_kind_whose_threads_an_administrator_cannot_pass_on_is_reported() {
        let policy = shipped();
        let check = |policy: &ActivePolicy| {
            let mut checker = Checker { policy, decided: BTreeSet::new(), checked: 0, problems: Vec::new() };
            checker.last_resort(ThreadKind::Consultation, Action::Command(Claim::NAME));
            checker.problems
        };
        let file = PolicyFile::Expected("consultation.txt".to_owned());
        assert_eq!(check(&policy), [PolicyProblem::of(file, PolicyDefect::NoLastResort)]);
        let mut text = PolicyText::shipped();
        for (id, act) in [("X1", "thread.find"), ("X2", "thread.claim")] {
            text.rules.push_str(&format!(
                "p, {id}, administrator, receiving_organization, {act}, consultation, any, any, any, any, any, HOPERAT, none, allow\n"
            ));
        }
        assert_eq!(check(&ActivePolicy::load(text).expect("a sound policy")), []);
    }

    #[test]
    fn a_sentence_that_does_not_hold_is_reported() {
        let problems = changed("patient.yaml", "expect: deny", "expect: allow");
        assert!(matches!(problems.as_slice(), [one] if one.starts_with("cases/patient.yaml: \"")), "{problems:?}");
        let problems = changed("patient.yaml", "rule: R502", "rule: R501");
        assert!(matches!(problems.as_slice(), [one] if one.contains("is allowed by [\"R502\"]")), "{problems:?}");
    }

    #[test]
    fn a_sentence_about_a_default_audience_that_does_not_hold_is_reported() {
        let problems = changed("default_audience.yaml", "    audience: everyone\n", "");
        assert!(
            matches!(problems.as_slice(), [one] if one.ends_with("the default audience is everyone")),
            "{problems:?}"
        );
        let problems = changed("default_audience.yaml", "[person delegate]", "[person self]");
        assert!(
            matches!(problems.as_slice(), [one] if one.ends_with("the default audience is everyone")),
            "{problems:?}"
        );
    }

    #[test]
    fn default_audiences_in_another_order_are_reported() {
        let mut text = PolicyText::shipped();
        let (delegates, own) = ("a, delegate,", "a, self,");
        let row = |start: &str| text.rules.lines().find(|row| row.starts_with(start)).expect("a row").to_owned();
        let (delegates, own) = (row(delegates), row(own));
        text.rules = text.rules.replace(&delegates, "a row").replace(&own, &delegates).replace("a row", &own);
        let problems = problems_of(text);
        assert!(problems.iter().any(|one| one.ends_with("default audience 10, self: everyone")), "{problems:?}");
    }

    #[test]
    fn a_rule_that_decides_nothing_and_one_that_the_table_does_not_have_are_reported() {
        let mut text = PolicyText::shipped();
        // A privacy officer is never on a care team.
        text.rules.push_str(
            "p, D999, privacy_officer, care_team, thread.find, any, any, any, any, any, any, none, none, deny\n",
        );
        let problems = problems_of(text);
        assert!(matches!(problems.as_slice(), [one] if one.ends_with("is decided by the rule D999")), "{problems:?}");
        let mut text = PolicyText::shipped();
        text.rules
            .push_str("p, D999, nurse, participant, thread.find, any, any, from, V, HIV, yes, none, none, deny\n");
        let problems = problems_of(text);
        let denied = "thread.find [label V, code HIV, released yes] may never: nurse participant";
        assert!(problems.iter().any(|one| one.ends_with(denied)), "{problems:?}");
    }

    #[test]
    fn a_case_says_a_kind_that_has_its_action() {
        let problems = changed("patient.yaml", "    kind: consultation\n", "");
        assert!(
            matches!(problems.as_slice(), [one] if one.contains("asks thread.read of the kind none")),
            "{problems:?}"
        );
    }

    #[test]
    fn a_file_that_is_too_long_or_nested_too_deep_is_not_parsed() {
        let of = |text: String| CaseFile { name: "a.yaml".to_owned(), text };
        let refused = |text: String| {
            let problem = read(&of(text)).err().expect("no file of cases");
            let PolicyDefect::CasesUnreadable { fault } = &problem.problem else { panic!("{problem}") };
            (problem.line, fault.clone())
        };
        let nested = |open: &str, close: &str, deep| {
            refused(format!("about: a\ncases:\n  - {}{}\n", open.repeat(deep), close.repeat(deep)))
        };
        let too_deep = (Some(3), "brackets are nested at most 16 deep".to_owned());
        for (open, close) in [("[", "]"), ("{a: ", "}"), ("[{a: ", "}]")] {
            assert_eq!(nested(open, close, 17), too_deep, "{open}");
        }
        assert_ne!(nested("[", "]", 16).1, too_deep.1, "the library refuses it");
        let beside = refused(format!("about: a\ncases: [{}]\n", "[], ".repeat(100)));
        assert_ne!(beside.1, too_deep.1, "they are beside each other");
        let long = |bytes: usize| format!("about: {}", "a".repeat(bytes - "about: ".len()));
        assert_eq!(refused(long(FILE_BYTES_MAX + 1)), (None, "a file has at most 65536 bytes".to_owned()));
        assert!(read(&of(long(FILE_BYTES_MAX))).is_ok());
    }

    #[test]
    fn a_changed_file_of_cases_is_refused_or_every_case_of_it_is_checked() {
        let policy = shipped();
        let mut inputs = corpus(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/corpus/policy_cases"));
        inputs.extend(PolicyText::shipped().cases.into_iter().map(|file| file.text.into_bytes()));
        let words = &[
            "[", "]", "{", "}", ": ", "- ", "? ", "\n", "\n  ", "&a ", "*a", "<<: ", "!!str ", "|\n", ">\n", "\"", "'",
            "# ", "---\n", "%TAG ", "\t",
        ];
        let target = Target { name: "policy_cases", inputs, words, bytes_max: FILE_BYTES_MAX + 1_000, tries: 300 };
        let seen = target.run(|input| {
            let Ok(text) = std::str::from_utf8(input) else { return "NoText".to_owned() };
            let file = CaseFile { name: "changed.yaml".to_owned(), text: text.to_owned() };
            let cases = match read(&file) {
                Ok(cases) => cases,
                Err(problem) => return variant(&problem.problem),
            };
            let mut checker = Checker { policy: &policy, decided: BTreeSet::new(), checked: 0, problems: Vec::new() };
            checker.file(&file.name, &cases);
            // A case that cannot be asked is a problem, and one that does not hold is both.
            let given = cases.cases.len() + cases.default_audiences.len();
            assert!(checker.checked + checker.problems.len() >= given, "a case is passed over");
            "read".to_owned()
        });
        assert!(seen.contains_key("read") && seen.contains_key("CasesUnreadable"), "{seen:?}");
    }

    #[test]
    fn a_file_that_cannot_be_read_is_reported_with_its_line() {
        let problems = changed("patient.yaml", "action: thread.read\n", "action: thread.reed\n");
        assert!(
            problems.iter().any(|one| one.starts_with("cases/patient.yaml:") && one.contains("thread.reed")),
            "{problems:?}"
        );
        let problems = changed("patient.yaml", "about:", "abaut:");
        assert!(problems.iter().any(|one| one.contains("abaut")), "{problems:?}");
    }
}
