//! The linter: all problems of a policy text, each with its file and line.
//!
//! The engine accepts texts that are probably mistakes: it ignores unknown words, compares a missing attribute as
//! unequal, and panics at an unknown effect. So a text is checked here before the engine gets it. Single words are
//! checked when rows are read (`rules.rs`); this module has the checks that need the whole text.
//!
//! To add a check: 1. add its [`PolicyDefect`] in `problem.rs`, a sentence that completes "refused because"; 2. look
//! for it in `rules` or `model`; 3. add a text to the tests that only this check refuses.

use std::collections::BTreeMap;

use care::command_name::Named as _;
use care::conversation::PostMessage;
use care::lifecycle::ThreadKind;
use care::words::{Audience, Role};
use casbin::Model;

use crate::problem::{PolicyDefect, PolicyFile, PolicyProblem};
use crate::question::points;
use crate::rules::{Answer, Effect, Rule, Rules};
use crate::words::{Action, Standing};

/// The checks of the rules that need more than one row.
pub(crate) fn rules(rules: &Rules) -> Vec<PolicyProblem> {
    let mut problems = Vec::new();
    let mut at = |line, problem| problems.push(PolicyProblem { file: PolicyFile::Rules, line, problem });
    let mut ids: BTreeMap<&str, usize> = BTreeMap::new();
    for rule in rules.iter() {
        let line = Some(rule.line);
        if let Some(first) = ids.get(rule.id.as_str()) {
            at(line, PolicyDefect::DuplicateId { id: rule.id.clone(), line: *first });
        } else {
            ids.insert(&rule.id, rule.line);
        }
        if let Some(by) = rules.iter().find(|by| covers(by, rule)) {
            at(line, PolicyDefect::Shadowed { id: rule.id.clone(), by: by.id.clone() });
        }
        if rule.effect == Effect::Allow {
            // A kind that is added later has no permissions until a row names it.
            if !rule.names_kinds()
                && let Some(action) = rule.actions().find(|action| !action.kinds().is_empty())
            {
                at(line, PolicyDefect::KindNotNamed { action: action.word() });
            }
            if matches!(rule.standing(), Standing::None | Standing::Blocked) {
                at(line, PolicyDefect::AllowWithoutStanding);
            }
            if !Role::ALL.iter().any(|role| rule.names(*role)) {
                at(line, PolicyDefect::AllowForEverybody);
            }
            // Everyone is a person: this is what they may do with what is theirs, or was entrusted to them.
            let is_theirs = matches!(
                rule.standing(),
                Standing::Self_
                    | Standing::Author
                    | Standing::Proposed
                    | Standing::Representative
                    | Standing::Delegate
                    | Standing::Invited
            );
            if rule.names(Role::Person) && !is_theirs {
                at(line, PolicyDefect::PersonBeyondSelf);
            }
            if rule.purpose.is_none() {
                at(line, PolicyDefect::PurposeMissing);
            }
        }
    }
    for role in Role::ALL {
        if !rules.iter().any(|rule| rule.effect == Effect::Allow && rule.names(*role)) {
            at(None, PolicyDefect::RoleWithoutRule { role: role.word() });
        }
    }
    problems.extend(default_audiences(rules));
    problems
}

/// The checks of the default audiences. A text without any is one of the time before there were such rows: a log that
/// keeps it goes on, and each author names the audience.
fn default_audiences(rules: &Rules) -> Vec<PolicyProblem> {
    let mut problems = Vec::new();
    let mut at = |line, problem| problems.push(PolicyProblem { file: PolicyFile::Rules, line: Some(line), problem });
    let mut lines: BTreeMap<(ThreadKind, Standing), usize> = BTreeMap::new();
    for row in rules.default_audiences() {
        let standing = row.standing.word();
        for kind in row.kinds.iter().copied() {
            let first = *lines.entry((kind, row.standing)).or_insert(row.line);
            if first != row.line {
                at(row.line, PolicyDefect::DefaultAudienceTwice { standing, kind: kind.word(), line: first });
            }
            if posting(rules, row.standing, kind, row.audience).is_none() {
                at(row.line, PolicyDefect::DefaultAudienceRefused { standing, kind: kind.word() });
            }
        }
    }
    if rules.default_audiences().is_empty() {
        return problems;
    }
    for kind in ThreadKind::ALL.iter().copied() {
        for standing in Standing::ALL.iter().copied().filter(|standing| !lines.contains_key(&(kind, *standing))) {
            if let Some(rule) = posting(rules, standing, kind, None) {
                let problem = PolicyDefect::DefaultAudienceMissing { standing: standing.word(), kind: kind.word() };
                at(rule.line, problem);
            }
        }
    }
    problems
}

/// A rule by which somebody may post in a standing: to this audience, or to any for `None`.
fn posting(rules: &Rules, standing: Standing, kind: ThreadKind, audience: Option<Audience>) -> Option<&Rule> {
    let post = Action::Command(PostMessage::NAME);
    let about: Vec<(u16, &Rule)> = rules.numbered().filter(|(_, rule)| rule.is_about(standing, post)).collect();
    let points = standing.roles().iter().flat_map(|role| points(*role, standing, post, Some(kind)));
    let to_it = |found: Option<Audience>| found.is_some() && (audience.is_none() || found == audience);
    points.filter(|point| to_it(point.audience)).find_map(|point| {
        match Rules::answer_of(about.iter().copied(), &point) {
            Answer::Allow(number) => rules.get(number),
            Answer::Deny(_) | Answer::Nothing => None,
        }
    })
}

/// Whether `rule` can never decide because of `by`: a deny covers both effects, an allow covers another allow. Of two
/// equal rules, the later one is reported.
fn covers(by: &Rule, rule: &Rule) -> bool {
    let stronger = match (by.effect, rule.effect) {
        (Effect::Deny, Effect::Allow | Effect::Deny) | (Effect::Allow, Effect::Allow) => true,
        (Effect::Allow, Effect::Deny) => false,
    };
    let alike = by.effect == rule.effect && rule.span.within(&by.span) && by.span.within(&rule.span);
    by.line != rule.line && stronger && rule.span.within(&by.span) && (!alike || by.line < rule.line)
}

/// The expected definitions in the engine's form; it writes `r.role` as `r_role`.
const REQUEST: [&str; 8] = ["r_role", "r_standing", "r_act", "r_kind", "r_audience", "r_label", "r_code", "r_released"];
const POLICY: [&str; 13] = [
    "p_id",
    "p_role",
    "p_standing",
    "p_act",
    "p_kind",
    "p_audience",
    "p_order",
    "p_label",
    "p_code",
    "p_released",
    "p_purpose",
    "p_obligation",
    "p_eft",
];
const UNMATCHED: [&str; 4] = ["p_id", "p_purpose", "p_obligation", "p_eft"];
const DENY_OVERRIDE: &str = "some(where (p_eft == allow)) && !some(where (p_eft == deny))";
const EFFECTS: [&str; 4] =
    ["some(where (p_eft == allow))", DENY_OVERRIDE, "!some(where (p_eft == deny))", "priority(p_eft) || deny"];

/// The checks of the model, as the engine parsed it from `text`.
pub(crate) fn model(model: &dyn Model, text: &str) -> Vec<PolicyProblem> {
    let mut problems = Vec::new();
    let mut at = |key: &str, problem| {
        let begins = |row: &str| row.trim_start().split('=').next().is_some_and(|name| name.trim() == key);
        let line = text.lines().position(begins).map(|index| index + 1);
        problems.push(PolicyProblem { file: PolicyFile::Model, line, problem });
    };
    let definition = |section: &str, key: &str| model.get_model().get(section).and_then(|keys| keys.get(key));
    if definition("r", "r").is_none_or(|found| found.tokens != REQUEST) {
        at("r", PolicyDefect::Definition { key: "r" });
    }
    if definition("p", "p").is_none_or(|found| found.tokens != POLICY) {
        at("p", PolicyDefect::Definition { key: "p" });
    }
    for key in ["g", "g2", "g3", "g4"] {
        if definition("g", key).is_none_or(|found| found.value != "_, _") {
            at(key, PolicyDefect::Definition { key });
        }
    }
    match definition("e", "e").map(|found| found.value.as_str()) {
        None => at("e", PolicyDefect::Definition { key: "e" }),
        Some(DENY_OVERRIDE) => {}
        Some(effect) if EFFECTS.contains(&effect) => at("e", PolicyDefect::EffectNotDenyOverride),
        Some(_) => at("e", PolicyDefect::EffectUnknown),
    }
    let Some(matcher) = definition("m", "m").map(|found| found.value.as_str()) else {
        at("m", PolicyDefect::Definition { key: "m" });
        return problems;
    };
    if matcher.contains("!=") {
        at("m", PolicyDefect::MatcherInequality);
    }
    if matcher.contains("eval") {
        at("m", PolicyDefect::MatcherEval);
    }
    let words: Vec<&str> = matcher.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').collect();
    for attribute in REQUEST.iter().chain(&POLICY).filter(|attribute| !UNMATCHED.contains(attribute)) {
        if !words.contains(attribute) {
            at("m", PolicyDefect::AttributeMissing { attribute: attribute.replacen('_', ".", 1) });
        }
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::active::ActivePolicy;
    use crate::rules::GROUPS_MAX;
    use crate::text::PolicyText;

    /// The problems of the shipped rules with these rows added.
    fn with_rows(rows: &str) -> Vec<PolicyDefect> {
        let mut text = PolicyText::shipped();
        text.rules.push_str(rows);
        problems(text)
    }

    /// The problems of the shipped rules with one text replaced wherever it occurs.
    fn with_rules(from: &str, to: &str) -> Vec<PolicyDefect> {
        let mut text = PolicyText::shipped();
        assert!(text.rules.contains(from), "{from}");
        text.rules = text.rules.replace(from, to);
        problems(text)
    }

    /// The problems of the shipped model with one text replaced.
    fn with_model(from: &str, to: &str) -> Vec<PolicyDefect> {
        let mut text = PolicyText::shipped();
        assert!(text.model.contains(from), "{from}");
        text.model = text.model.replace(from, to);
        problems(text)
    }

    fn problems(text: PolicyText) -> Vec<PolicyDefect> {
        let problems = ActivePolicy::load(text).err().unwrap_or_default();
        problems.into_iter().map(|problem| problem.problem).collect()
    }

    fn unknown(column: &'static str, word: &str) -> Vec<PolicyDefect> {
        vec![PolicyDefect::UnknownWord { column, word: word.to_owned() }]
    }

    #[test]
    fn the_shipped_policy_has_no_problem() {
        assert_eq!(problems(PolicyText::shipped()), []);
    }

    #[test]
    fn a_malformed_row_is_refused() {
        let row = "p, X1, nurse, participant, thread.claim, consultation, any, any, any, any, any, TREAT, none, allow";
        assert_eq!(with_rows(row), []);
        assert_eq!(with_rows(&format!("{row}, more")), [PolicyDefect::RowWidth { found: 15, wanted: 14 }]);
        assert_eq!(with_rows(row.trim_end_matches(", allow")), [PolicyDefect::RowWidth { found: 13, wanted: 14 }]);
        assert_eq!(with_rows("g, nurse"), [PolicyDefect::RowWidth { found: 2, wanted: 3 }]);
        assert_eq!(with_rows("q, nurse, x"), [PolicyDefect::RowKind]);
        assert_eq!(with_rows(&row.replace("X1", "X 1")), [PolicyDefect::RuleId]);
        assert_eq!(with_rows(&row.replace("X1", "")), [PolicyDefect::RuleId]);
    }

    /// The engine would read some of them without their quotes: `"physician"` as the role.
    #[test]
    fn a_row_with_a_quote_is_refused() {
        let row = "p, X1, nurse, participant, thread.claim, consultation, any, any, any, any, any, TREAT, none, allow";
        for quoted in [
            "g, nurse, \"physician\"",
            "g, \"nurse\", people",
            "g, nurse, peo\"ple",
            &row.replace("X1", "\"X1\""),
            &row.replace("participant", "\"participant\""),
            &format!("{row}\""),
            "\"",
        ] {
            assert_eq!(with_rows(quoted), [PolicyDefect::Quoted], "{quoted}");
        }
        assert_eq!(with_rows("# a \"quoted\" word of a comment"), []);
    }

    #[test]
    fn a_member_through_more_groups_than_the_engine_follows_is_refused() {
        let through = |groups: usize| -> String {
            let mut rows = "g, nurse, around1\n".to_owned();
            for number in 2..=groups {
                rows.push_str(&format!("g, around{}, around{number}\n", number - 1));
            }
            let rule = "participant, thread.claim, consultation, any, any, any, any, any, TREAT, none, allow";
            format!("{rows}p, X1, around{groups}, {rule}\n")
        };
        // The first point of the rule is a nurse, for whom the engine is asked.
        assert_eq!(with_rows(&through(GROUPS_MAX)), []);
        let too_deep =
            |groups: usize| PolicyDefect::GroupsTooDeep { name: format!("around{groups}"), groups_max: GROUPS_MAX };
        assert_eq!(with_rows(&through(GROUPS_MAX + 1)), [too_deep(GROUPS_MAX + 1)]);
        assert_eq!(with_rows(&through(GROUPS_MAX + 5)), [too_deep(GROUPS_MAX + 1)], "where it begins");
        // A shorter way leads there too.
        let shorter = format!("{}g, nurse, around{}\n", through(GROUPS_MAX + 1), GROUPS_MAX - 3);
        assert_eq!(with_rows(&shorter), []);
        assert_eq!(with_rows("g, nurse, round\ng, round, about\ng, about, round\n"), [], "they are the same group");
    }

    #[test]
    fn a_word_that_is_not_known_is_refused_in_every_column() {
        let row = "p, X1, nurse, participant, thread.claim, consultation, any, any, any, any, any, TREAT, none, allow";
        let cells: Vec<&str> = row.split(", ").collect();
        let columns = [
            (2, "role"),
            (3, "standing"),
            (4, "act"),
            (5, "kind"),
            (6, "audience"),
            (7, "order"),
            (8, "label"),
            (9, "code"),
            (10, "released"),
            (11, "purpose"),
            (12, "obligation"),
            (13, "eft"),
        ];
        for (index, column) in columns {
            let mut cells = cells.clone();
            cells[index] = "nurze";
            assert_eq!(with_rows(&cells.join(", ")), unknown(column, "nurze"));
        }
        assert_eq!(
            with_rows(&row.replace("any, any, any, any, any", "any, upto, any, any, any")),
            unknown("label", "any")
        );
        assert_eq!(with_rows(&row.replace("any, any, any, any, any", "any, any, N, any, any")), unknown("label", "N"));
        assert_eq!(with_rows("g, nurze, people"), unknown("role", "nurze"));
        assert_eq!(with_rows("g2, thread.reed, reading"), unknown("action", "thread.reed"));
        assert_eq!(with_rows("g4, consultasion, conversations"), unknown("kind", "consultasion"));
    }

    #[test]
    fn a_rule_for_several_standings_is_refused() {
        for standing in ["any", "participant|care_team", "participant care_team", "participant+care_team"] {
            let row = format!(
                "p, X1, nurse, {standing}, thread.claim, consultation, any, any, any, any, any, TREAT, none, allow"
            );
            assert_eq!(with_rows(&row), [PolicyDefect::SeveralStandings]);
        }
    }

    #[test]
    fn a_repeated_id_is_refused() {
        let row =
            "p, R101, nurse, participant, thread.claim, consultation, any, any, any, any, any, TREAT, none, allow";
        assert!(matches!(with_rows(row).as_slice(), [PolicyDefect::DuplicateId { id, .. }] if id == "R101"));
    }

    #[test]
    fn a_group_with_the_name_of_a_word_or_of_another_group_is_refused() {
        let taken = |name: &str| vec![PolicyDefect::NameTaken { name: name.to_owned() }];
        assert_eq!(with_rows("g, nurse, physician"), taken("physician"));
        assert_eq!(with_rows("g, nurse, care_team"), taken("care_team"));
        assert_eq!(with_rows("g, nurse, any"), taken("any"));
        assert_eq!(with_rows("g2, thread.find, staff"), taken("staff"));
        assert_eq!(with_rows("g4, consultation, consultation"), taken("consultation"));
        assert_eq!(with_rows("g4, consultation, thread.use"), taken("thread.use"));
    }

    #[test]
    fn another_order_of_confidentiality_is_refused() {
        assert!(with_rules("g3, R, V\n", "").contains(&PolicyDefect::OrderMissing));
        assert!(with_rules("g3, R, V\n", "g3, V, R\n").contains(&PolicyDefect::OrderMissing));
        assert!(with_rows("g3, V, N\n").contains(&PolicyDefect::OrderMissing));
    }

    #[test]
    fn a_rule_that_never_decides_is_refused() {
        let shadowed = |id: &str, by: &str| vec![PolicyDefect::Shadowed { id: id.to_owned(), by: by.to_owned() }];
        let narrower =
            "p, X1, nurse, participant, thread.post, consultation, everyone, upto, R, none, yes, TREAT, none, allow";
        assert_eq!(with_rows(narrower), shadowed("X1", "R401"));
        let alike =
            "p, X1, clinician, participant, thread.use, consultation, any, any, any, any, any, TREAT, none, allow";
        assert_eq!(with_rows(alike), shadowed("X1", "R401"));
        let denied =
            "p, X1, clinician, participant, any, conversation_with_patient, any, any, any, any, any, none, none, deny";
        assert_eq!(with_rows(denied), [shadowed("R401", "X1"), shadowed("R408", "X1")].concat());
    }

    #[test]
    fn a_role_that_no_rule_allows_anything_is_refused() {
        let without = with_rules(", service,       ", ", administrator, ");
        assert_eq!(without, [PolicyDefect::RoleWithoutRule { role: "service" }]);
    }

    #[test]
    fn an_allow_for_everybody_or_without_a_standing_is_refused() {
        let row = |role: &str, standing: &str, purpose: &str| {
            format!(
                "p, X1, {role}, {standing}, thread.claim, consultation, any, any, any, any, any, {purpose}, none, allow"
            )
        };
        assert_eq!(with_rows(&row("any", "participant", "TREAT")), [PolicyDefect::AllowForEverybody]);
        assert_eq!(with_rows(&row("nurse", "none", "TREAT")), [PolicyDefect::AllowWithoutStanding]);
        let blocked = with_rows(&row("nurse", "blocked", "TREAT"));
        assert!(blocked.contains(&PolicyDefect::AllowWithoutStanding));
        assert_eq!(with_rows(&row("person", "participant", "TREAT")), [PolicyDefect::PersonBeyondSelf]);
        assert_eq!(with_rows(&row("nurse", "participant", "none")), [PolicyDefect::PurposeMissing]);
    }

    #[test]
    fn a_rule_that_opens_an_action_of_threads_to_every_kind_is_refused() {
        let row = |act: &str, kind: &str, effect: &str| {
            let purpose = if effect == "allow" { "TREAT" } else { "none" };
            with_rows(&format!(
                "p, X1, nurse, pool_member, {act}, {kind}, any, any, any, any, any, {purpose}, none, {effect}"
            ))
        };
        let open = |action| vec![PolicyDefect::KindNotNamed { action }];
        assert_eq!(row("thread.claim", "any", "allow"), open("thread.claim"));
        assert_eq!(row("thread.see", "any", "allow"), open("thread.mark_read"));
        assert_eq!(row("consultation.advise", "any", "allow"), open("consultation.advise"));
        assert_eq!(row("any", "any", "allow"), open("consultation.advise"));
        for kind in ["consultation", "conversation_with_patient", "none"] {
            assert_eq!(row("thread.claim", kind, "allow"), []);
        }
        assert_eq!(row("worklist.read", "any", "allow"), []);
        assert_eq!(row("thread.claim", "any", "deny"), []);
    }

    #[test]
    fn a_default_audience_is_of_known_words_and_of_four_cells() {
        assert_eq!(with_rows("a, selv, consultation, everyone"), unknown("standing", "selv"));
        for kind in ["consultasion", "any", "none", "thread.use"] {
            assert_eq!(with_rows(&format!("a, self, {kind}, everyone")), unknown("kind", kind));
        }
        for audience in ["everybody", "any"] {
            assert_eq!(with_rows(&format!("a, self, consultation, {audience}")), unknown("audience", audience));
        }
        assert_eq!(with_rows("a, any, consultation, everyone"), [PolicyDefect::SeveralStandings]);
        assert_eq!(with_rows("a, self, consultation"), [PolicyDefect::RowWidth { found: 3, wanted: 4 }]);
        assert_eq!(with_rows("a, self, consultation, none, x"), [PolicyDefect::RowWidth { found: 5, wanted: 4 }]);
    }

    /// The problems, each with its line, of the shipped rules without this line and with these rows at the end.
    fn without_line(line: &str, rows: &str) -> Vec<PolicyProblem> {
        let mut text = PolicyText::shipped();
        text.rules = text.rules.lines().filter(|row| spaced(row) != line).collect::<Vec<_>>().join("\n") + "\n" + rows;
        ActivePolicy::load(text).err().unwrap_or_default()
    }

    /// A row with one space between its cells.
    fn spaced(row: &str) -> String {
        row.split(',').map(str::trim).collect::<Vec<_>>().join(", ")
    }

    #[test]
    fn a_standing_that_may_post_has_one_default_audience_and_one_that_it_may_post_to() {
        let rules = PolicyText::shipped().rules;
        let end = rules.lines().count() + 1;
        let line_of = |start: &str| 1 + rules.lines().position(|row| spaced(row).starts_with(start)).expect("a row");
        let of_self = "a, self, conversation_with_patient, everyone";
        let at = |line, problem| vec![PolicyProblem { file: PolicyFile::Rules, line: Some(line), problem }];
        let (standing, kind) = ("self", "consultation");
        // Its first rule that lets it post; the line above it is gone.
        assert_eq!(
            without_line(of_self, ""),
            at(line_of("p, R503,") - 1, PolicyDefect::DefaultAudienceMissing { standing, kind })
        );
        assert_eq!(without_line(of_self, of_self), [], "at another place");
        assert_eq!(
            without_line("no line", "a, self, consultation, none"),
            at(end, PolicyDefect::DefaultAudienceTwice { standing, kind, line: line_of(of_self) })
        );
        let refused = |standing, kind| PolicyDefect::DefaultAudienceRefused { standing, kind };
        let to_team = without_line(of_self, "a, self, consultation, clinical_team");
        assert_eq!(to_team, at(end - 1, refused("self", "consultation")), "denied, whatever allows it");
        assert_eq!(
            without_line("no line", "a, last_resort, consultation, none"),
            at(end, refused("last_resort", "consultation")),
            "it may not post at all"
        );
        let of_pools = "a, pool_member, team_thread, everyone";
        let named = without_line(of_pools, "a, pool_member, team_thread, named");
        assert_eq!(named, at(end - 1, refused("pool_member", "team_thread")));
    }

    #[test]
    fn a_text_of_the_time_before_default_audiences_is_accepted() {
        let mut text = PolicyText::shipped();
        text.rules = text.rules.lines().filter(|row| !row.starts_with("a,")).collect::<Vec<_>>().join("\n");
        assert_eq!(problems(text), []);
    }

    #[test]
    fn too_many_rules_are_refused() {
        let row =
            |number| format!("p, X{number}, nurse, participant, any, any, any, any, any, any, any, none, none, deny\n");
        let rows: String = (0..=Rules::COUNT_MAX).map(row).collect();
        assert!(with_rows(&rows).contains(&PolicyDefect::TooManyRules { rules_max: Rules::COUNT_MAX }));
    }

    #[test]
    fn an_effect_under_which_a_deny_does_not_win_is_refused() {
        const SHIPPED: &str = "some(where (p.eft == allow)) && !some(where (p.eft == deny))";
        for effect in ["some(where (p.eft == allow))", "!some(where (p.eft == deny))", "priority(p.eft) || deny"] {
            assert_eq!(with_model(SHIPPED, effect), [PolicyDefect::EffectNotDenyOverride]);
        }
        assert_eq!(with_model(SHIPPED, "some(where (p.eft == alow))"), [PolicyDefect::EffectUnknown]);
    }

    #[test]
    fn a_matcher_that_can_allow_by_mistake_is_refused() {
        assert_eq!(
            with_model("r.audience == p.audience", "!(r.audience != p.audience)"),
            [PolicyDefect::MatcherInequality]
        );
        assert_eq!(
            with_model("r.audience == p.audience", "eval(p.kind) && r.audience == p.audience"),
            [PolicyDefect::MatcherEval]
        );
        let without = with_model("(p.kind == \"any\" || g4(r.kind, p.kind))", "true");
        let missing = |name: &str| PolicyDefect::AttributeMissing { attribute: name.to_owned() };
        assert_eq!(without, [missing("r.kind"), missing("p.kind")]);
    }

    #[test]
    fn a_definition_other_than_expected_is_refused() {
        let other = |key| vec![PolicyDefect::Definition { key }];
        assert_eq!(with_model("r = role, standing", "r = standing, role"), other("r"));
        assert_eq!(with_model("purpose, obligation, eft", "obligation, purpose, eft"), other("p"));
        assert_eq!(with_model("g2 = _, _", "g2 = _, _, _"), other("g2"));
        assert_eq!(with_model("g4 = _, _\n", ""), other("g4"));
        let headless = with_model("[matchers]\nm = ", "[matchers]\nn = ");
        assert!(!headless.is_empty());
    }

    #[test]
    fn all_problems_are_reported_with_their_lines() {
        let mut text = PolicyText::shipped();
        text.model = text.model.replace("r.audience == p.audience", "r.audience != p.audience");
        text.rules.push_str("q, nurse\np, X1\n");
        let problems = ActivePolicy::load(text.clone()).err().expect("refused");
        let line = text.rules.lines().count();
        let m = text.model.lines().position(|row| row.starts_with("m = ")).expect("the matcher") + 1;
        assert_eq!(problems.iter().map(|each| each.line).collect::<Vec<_>>(), [Some(m), Some(line - 1), Some(line)]);
        assert!(problems[0].to_string().starts_with(&format!("model.conf:{m}: ")));
        assert!(problems[2].to_string().starts_with(&format!("policy.csv:{line}: ")));
    }
}
