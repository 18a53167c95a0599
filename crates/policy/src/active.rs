//! A policy version that passed every check, ready to decide.
//!
//! [`ActivePolicy::load`] returns either a version that can decide or all problems of the text. A version never
//! changes: another text is another version, and [`DecisionPoint`](crate::decide::DecisionPoint) replaces the whole
//! version.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::engine::{Engine, EngineFault};
use crate::lint;
use crate::problem::{PolicyDefect, PolicyFile, PolicyProblem};
use crate::question::{Domain, Question, Tuple};
use crate::rules::{Answer, Rules};
use crate::table::Table;
use crate::text::PolicyText;
use crate::words::Action;

/// A policy version that was checked and can decide.
pub struct ActivePolicy {
    version: String,
    text: PolicyText,
    rules: Rules,
    engine: Engine,
    table: Table,
    faults: AtomicU64,
}

/// The number of evenly spaced points at which a new engine is tested, besides one point for each rule.
const PROBES: usize = 64;

impl ActivePolicy {
    /// Loads a policy text: lints it, builds the engine, and compares the engine with the rows at a sample of
    /// points.
    ///
    /// # Errors
    /// All problems of the text, in the order of its files.
    pub fn load(text: PolicyText) -> Result<Self, Vec<PolicyProblem>> {
        Self::load_of(text, &Domain::of(Action::all()))
    }

    /// Loads a text whose actions are those of a domain.
    fn load_of(text: PolicyText, domain: &Domain) -> Result<Self, Vec<PolicyProblem>> {
        let failed = |fault: EngineFault| {
            PolicyProblem::of(PolicyFile::Model, PolicyDefect::Engine { fault: fault.to_string() })
        };
        let mut problems = Engine::lint(&text.model).unwrap_or_else(|fault| vec![failed(fault)]);
        let (rules, of_rows) = Rules::read(&text.rules, domain);
        problems.extend(of_rows);
        problems.extend(lint::rules(&rules));
        if !problems.is_empty() {
            return Err(problems);
        }
        let engine = Engine::build(&text.model, rules.rows()).map_err(|fault| vec![failed(fault)])?;
        let table = Table::empty(domain.clone());
        let policy = Self { version: text.version(), text, rules, engine, table, faults: AtomicU64::new(0) };
        let problems = policy.probe(domain);
        if problems.is_empty() { Ok(policy) } else { Err(problems) }
    }

    /// SHA-256 of the text, in hexadecimal.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.version
    }

    /// The text that it was loaded from.
    #[must_use]
    pub fn text(&self) -> &PolicyText {
        &self.text
    }

    /// Whether something may be done, asked by the program itself and not for an answer: whether a
    /// party that a thread waits for can act, whether somebody may notice something.
    #[must_use]
    pub fn allows(&self, question: &Question<'_>) -> bool {
        self.decided(question).is_some()
    }

    /// How often the engine failed; each time something was refused. More than 0 is an alarm.
    #[must_use]
    pub fn faults(&self) -> u64 {
        self.faults.load(Ordering::Relaxed)
    }

    pub(crate) fn rules(&self) -> &Rules {
        &self.rules
    }

    /// The engine's answer for a point; `None` when the engine failed, which refuses the whole question.
    pub(crate) fn answer(&self, tuple: &Tuple) -> Option<Answer> {
        if let Some(answer) = self.table.get(tuple) {
            return Some(answer);
        }
        match self.engine.ask(tuple) {
            Ok(answer) => {
                self.table.put(tuple, answer);
                Some(answer)
            }
            Err(fault) => {
                self.faults.fetch_add(1, Ordering::Relaxed);
                tracing::error!(%fault, version = self.version, "the policy engine failed, so the request is refused");
                None
            }
        }
    }

    /// Compares the engine with the rows; a failure or a different decision is a problem.
    fn probe(&self, domain: &Domain) -> Vec<PolicyProblem> {
        let of_rules = self.rules.iter().filter_map(|rule| rule.span.first_point());
        let steps = (domain.count() / PROBES).max(1);
        let sampled = (0..domain.count()).step_by(steps).filter_map(|index| domain.at(index));
        let disagrees = |tuple: Tuple| match self.engine.ask(&tuple) {
            Ok(answer) if answer == self.rules.answer(&tuple) => None,
            Ok(_) => Some(PolicyDefect::EngineDisagrees { request: tuple.request().join(" ") }),
            Err(fault) => Some(PolicyDefect::Engine { fault: fault.to_string() }),
        };
        // One such problem is enough; all of them would hide the other problems.
        let problem = of_rules.chain(sampled).find_map(disagrees);
        problem.map(|problem| PolicyProblem::of(PolicyFile::Model, problem)).into_iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::sync::Arc;

    use proptest::prelude::*;
    use test_fuzz::{Target, corpus, variant};

    use super::*;
    use crate::decide::tests::shipped;
    use crate::engine::tests::{allowed, spoilt};
    use crate::question::ThingFacts;
    use crate::reach::HeldStanding;
    use crate::words::Standing;
    use care::command_name::CommandName;
    use care::words::Role;

    fn all() -> Domain {
        Domain::of(Action::all())
    }

    /// Asserts that engine, rows and table agree at these points.
    #[track_caller]
    fn agree(policy: &ActivePolicy, domain: &Domain, indexes: impl Iterator<Item = usize>) {
        for tuple in indexes.filter_map(|index| domain.at(index)) {
            agree_at(policy, &tuple);
        }
    }

    #[track_caller]
    fn agree_at(policy: &ActivePolicy, tuple: &Tuple) {
        let truth = policy.engine.ask(tuple).expect("an answer");
        assert_eq!(policy.rules.answer(tuple), truth, "rows, {tuple:?}");
        assert_eq!(policy.answer(tuple), Some(truth), "first answer, {tuple:?}");
        assert_eq!(policy.table.get(tuple), Some(truth), "table, {tuple:?}");
    }

    /// The points of the domain for one role, standing and action.
    fn of_triple(role: Role, standing: Standing, action: Action) -> std::ops::Range<usize> {
        let actions = Action::all();
        let each = all().count() / (Role::ALL.len() * Standing::ALL.len() * actions.len());
        let action = actions.binary_search(&action).expect("an action");
        let number = (role as usize * Standing::ALL.len() + standing as usize) * actions.len() + action;
        number * each..(number + 1) * each
    }

    /// `CAREFOLD_SOAK=1` asks about every point, which takes minutes; otherwise every role,
    /// standing and action is asked about at points that move along the other axes.
    #[test]
    fn the_table_and_the_rows_decide_as_the_engine_does() {
        let soak = std::env::var_os("CAREFOLD_SOAK").is_some_and(|value| value == "1");
        let halves = Role::ALL.chunks(Role::ALL.len().div_ceil(2));
        std::thread::scope(|scope| {
            for roles in halves {
                scope.spawn(move || {
                    let policy = ActivePolicy::load(PolicyText::shipped()).expect("the shipped policy");
                    let mut offset = 0;
                    for role in roles {
                        for standing in Standing::ALL {
                            for action in Action::all() {
                                let points = of_triple(*role, *standing, *action);
                                if soak {
                                    agree(&policy, &all(), points);
                                } else {
                                    // Coprime to the number of points, so that all of them are visited.
                                    offset = (offset + 61) % points.len();
                                    agree(&policy, &all(), std::iter::once(points.start + offset));
                                }
                            }
                        }
                    }
                });
            }
        });
    }

    #[test]
    fn within_every_rule_engine_and_rows_agree_on_every_point_of_its_other_axes() {
        let policy = shipped();
        let places = policy.rules.iter().filter_map(|rule| rule.span.first_point());
        let points = places.flat_map(|place| of_triple(place.role, place.standing, place.action));
        agree(&policy, &all(), points.step_by(5));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(16))]
        #[test]
        fn at_any_point_engine_and_rows_agree(start in 0..all().count()) {
            let policy = shipped();
            agree(&policy, &all(), (start..all().count()).step_by(10_007));
        }
    }

    /// Asserts that the engine holds the rows that were read, and that these read as themselves again.
    fn holds_its_rows(policy: &ActivePolicy) {
        let written = policy.rules.rows();
        // No default audience is among them: the engine has no such rows.
        assert!(written.lines().all(|row| row.starts_with(['p', 'g'])), "{written}");
        for (section, definition) in [("p", "p"), ("g", "g"), ("g", "g2"), ("g", "g3"), ("g", "g4")] {
            let rows = written.lines().map(|row| row.split(", ").map(str::to_owned).collect::<Vec<String>>());
            let rows: BTreeSet<_> =
                rows.filter(|cells| cells[0] == definition).map(|cells| cells[1..].to_vec()).collect();
            assert_eq!(BTreeSet::from_iter(policy.engine.held(section, definition)), rows, "{definition}");
        }
        let (again, problems) = Rules::read(written, &all());
        assert_eq!(problems, []);
        assert_eq!(again.rows(), written);
        assert!(again.iter().map(|rule| &rule.span).eq(policy.rules.iter().map(|rule| &rule.span)));
    }

    #[test]
    fn changed_rows_are_refused_before_the_engine_or_decided_by_it_as_they_read() {
        let model = PolicyText::shipped().model;
        let target = Target {
            name: "policy_rows",
            inputs: corpus(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/corpus/policy_rows")),
            words: &[
                ", ", "\n", "\r", "\"", "#", "any", "none", "nurse", "staff", "about", "from, R", "upto, N", "HIV",
                "yes", "deny", "a, ", "g, ", "g2, ", "\u{a0}",
            ],
            bytes_max: 8 * 1024,
            tries: 80,
        };
        let seen = target.run(|input| {
            let Ok(rules) = std::str::from_utf8(input) else { return "NoText".to_owned() };
            let (model, rules) = (model.clone(), rules.to_owned());
            let policy = match ActivePolicy::load(PolicyText { model, rules, cases: Vec::new(), expected: Vec::new() })
            {
                Ok(policy) => policy,
                Err(problems) => {
                    let of_engine = |problem: &PolicyProblem| {
                        matches!(problem.problem, PolicyDefect::Engine { .. } | PolicyDefect::EngineDisagrees { .. })
                    };
                    assert!(!problems.iter().any(of_engine), "the rows have a meaning of their own: {problems:?}");
                    return variant(&problems[0].problem);
                }
            };
            holds_its_rows(&policy);
            for place in policy.rules.iter().filter_map(|rule| rule.span.first_point()) {
                let roles = Role::ALL.iter().map(|role| Tuple { role: *role, ..place });
                let some = Action::all().iter().skip(input.len() % 16).step_by(16);
                let actions = some.map(|action| Tuple { action: *action, ..place });
                let kinds = crate::expected::kinds().map(|kind| Tuple { kind, ..place });
                for tuple in roles.chain(actions).chain(kinds) {
                    agree_at(&policy, &tuple);
                }
            }
            "accepted".to_owned()
        });
        assert!(seen.contains_key("accepted") && seen.contains_key("Quoted"), "{seen:?}");
        assert!(seen.contains_key("GroupsTooDeep") && seen.contains_key("UnknownWord"), "{seen:?}");
    }

    #[test]
    fn a_fault_of_the_engine_refuses_and_is_counted_and_not_cached() {
        let sound = ActivePolicy::load(PolicyText::shipped()).expect("the shipped policy");
        let engine = spoilt("p.act == \"any\"", "p.nothing == \"any\"");
        let policy = Arc::new(ActivePolicy { engine, ..sound });
        assert_eq!(policy.answer(&allowed()), None);
        assert_eq!(policy.answer(&allowed()), None);
        assert_eq!(policy.faults(), 2);
        assert_eq!(policy.table.get(&allowed()), None);
        let held = [HeldStanding::full(Standing::PoolMember, Role::Physician)];
        let facts = ThingFacts { kind: allowed().kind, ..ThingFacts::unlabelled(&held) };
        assert!(policy.decided(&facts.asking(allowed().action, None)).is_none());
    }

    /// The shipped policy with 130 more actions, made up, of which every second is allowed to a role of its own kind.
    #[test]
    fn with_a_hundred_and_thirty_more_actions_engine_rows_and_table_still_agree() {
        let word = |number: usize| -> &'static str { format!("made.action{number:03}").leak() };
        let made: Vec<Action> = (0..130).map(|number| Action::Command(CommandName::declared(word(number)))).collect();
        let domain = Domain::of(&[Action::all(), &made].concat());
        assert!(domain.actions().len() >= 130 + Action::all().len());
        let row = |number: usize| {
            let role = ["nurse", "pharmacist"][number / 2 % 2];
            format!(
                "p, M{number}, {role}, organization, {}, any, any, any, any, any, any, COC, none, allow\n",
                word(number)
            )
        };
        let mut text = PolicyText::shipped();
        text.rules.extend((0..130).step_by(2).map(row));
        let policy = ActivePolicy::load_of(text, &domain).unwrap_or_else(|problems| panic!("{problems:?}"));
        let tuple = |action, role| Tuple { action, role, standing: Standing::Organization, kind: None, ..allowed() };
        for (number, action) in made.iter().enumerate() {
            for (index, role) in [Role::Nurse, Role::Pharmacist].into_iter().enumerate() {
                let truth = policy.engine.ask(&tuple(*action, role)).expect("an answer");
                let expected = number % 2 == 0 && number / 2 % 2 == index;
                assert_eq!(matches!(truth, Answer::Allow(_)), expected, "{number} {role:?}");
                assert_eq!(policy.rules.answer(&tuple(*action, role)), truth);
                assert_eq!(policy.answer(&tuple(*action, role)), Some(truth));
                assert_eq!(policy.table.get(&tuple(*action, role)), Some(truth));
            }
        }
        let shipped = shipped();
        for action in Action::all() {
            let tuple = tuple(*action, Role::Nurse);
            assert_eq!(policy.answer(&tuple), shipped.answer(&tuple), "{action:?}");
        }
    }

    #[test]
    fn a_policy_whose_engine_disagrees_with_its_rows_is_refused() {
        let shipped = PolicyText::shipped();
        // The matcher still uses every attribute, but the order of confidentiality is reversed.
        let model = shipped.model.replace("g3(r.label, p.label)", "g3(p.label,  r.label)");
        assert_ne!(model, shipped.model);
        let problems = ActivePolicy::load(PolicyText { model, ..shipped }).err().expect("refused");
        assert!(matches!(problems.as_slice(), [PolicyProblem { problem: PolicyDefect::EngineDisagrees { .. }, .. }]));
    }
}
