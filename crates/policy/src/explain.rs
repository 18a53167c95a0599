//! Why an action is allowed or refused: the rules that matched, and for a refusal the nearest rules with the attributes
//! in which they did not match.
//!
//! The engine makes the decision; the reasons are computed from the rows, and tests prove that both agree. An
//! explanation contains only words of the policy.

use std::fmt;

use care::command_name::Named as _;
use care::conversation::PostMessage;

use crate::active::ActivePolicy;
use crate::question::{Axis, Question, Tuple};
use crate::reach::HeldStanding;
use crate::rules::{DefaultAudience, Effect, Rule};
use crate::words::Action;

/// A decision with its reasons.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    /// The version that decided.
    pub version: String,
    /// Whether it is allowed.
    pub allowed: bool,
    /// The rules that matched under any standing and code, in the order of the file.
    pub matched: Vec<Matched>,
    /// For a refusal without a deny: the allowing rules that would match, and that the patient's directives close.
    pub closed: Vec<Closed>,
    /// For a refusal without a deny: the allowing rules with the fewest attributes that did not match.
    pub nearest: Vec<NearMiss>,
    /// Of a message in a thread: the row that says its audience where the author names none.
    pub default_audience: Option<ByDefault>,
}

/// A default audience, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ByDefault {
    /// The standing that it is of.
    pub standing: &'static str,
    /// The audience, or `none` where the author has to name one.
    pub audience: &'static str,
    /// The line of its row.
    pub line: usize,
}

/// A rule that matched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Matched {
    /// Its id.
    pub rule: String,
    /// What it says.
    pub effect: Effect,
}

/// A rule that would have allowed it except for a directive of the patient.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Closed {
    /// Its id.
    pub rule: String,
    /// Whether it allows only what the patient permits.
    pub asks_permission: bool,
}

/// A rule that would have allowed it except for these attributes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NearMiss {
    /// Its id.
    pub rule: String,
    /// The attributes that did not match.
    pub failing: Vec<Failing>,
}

/// An attribute in which the request does not match a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failing {
    /// On which axis.
    pub axis: Axis,
    /// The cell of the rule, as written.
    pub wanted: String,
    /// The value of the request.
    pub found: &'static str,
}

/// Decides the question and says why.
#[must_use]
pub fn explain(policy: &ActivePolicy, question: &Question<'_>) -> Explanation {
    let allowed = policy.decided(question).is_some();
    let held = question.thing.held;
    // A standing whose reach lacks the verb cannot allow, but can deny.
    let reaching = || held.iter().filter(|held| held.reach.verbs.contains(question.action.verb()));
    let tuples = || reaching().flat_map(|held| question.tuples(*held));
    // What the patient's directives keep from somebody, no rule allows.
    let open_tuples = |rule: &Rule| {
        let open: Vec<HeldStanding> = reaching().filter(|held| rule.is_open_to(held.reach)).copied().collect();
        open.into_iter().flat_map(|held| question.tuples(held))
    };
    let every_tuple = || held.iter().flat_map(|held| question.tuples(*held));
    let speaks = |rule: &Rule| match rule.effect {
        Effect::Allow => open_tuples(rule).any(|tuple| rule.matches(&tuple)),
        Effect::Deny => every_tuple().any(|tuple| rule.matches(&tuple)),
    };
    let matched: Vec<Matched> = policy
        .rules()
        .iter()
        .filter(|rule| speaks(rule))
        .map(|rule| Matched { rule: rule.id.clone(), effect: rule.effect })
        .collect();
    let denied = matched.iter().any(|matched| matched.effect == Effect::Deny);
    let mut nearest = Vec::new();
    let mut closed = Vec::new();
    if !allowed && !denied {
        let is_closed = |rule: &&Rule| {
            let would = tuples().any(|tuple| rule.matches(&tuple));
            rule.effect == Effect::Allow && would && !speaks(rule)
        };
        let close = |rule: &Rule| Closed { rule: rule.id.clone(), asks_permission: rule.asks_permission() };
        closed.extend(policy.rules().iter().filter(is_closed).map(close));
        // With several standings or codes a rule may miss each of them; the nearest one counts.
        let misses = |rule: &Rule| {
            let each = tuples().map(|tuple| {
                let missed = rule.span.missed(&tuple).zip(std::iter::repeat(tuple));
                let fail = |(axis, tuple): (Axis, Tuple)| Failing {
                    axis,
                    wanted: rule.written(axis),
                    found: tuple.request().get(axis as usize).copied().unwrap_or_default(),
                };
                missed.map(fail).collect::<Vec<_>>()
            });
            each.filter(|failing| !failing.is_empty()).min_by_key(Vec::len)
        };
        let allows = policy.rules().iter().filter(|rule| rule.effect == Effect::Allow);
        nearest.extend(allows.filter_map(|rule| Some(NearMiss { rule: rule.id.clone(), failing: misses(rule)? })));
        // A rule for another action or kind of thread is about something else, however few attributes differ.
        let distance = |miss: &NearMiss| {
            let is_about_it = !miss.failing.iter().any(|failing| matches!(failing.axis, Axis::Action | Axis::Kind));
            (!is_about_it, miss.failing.len())
        };
        let fewest = nearest.iter().map(distance).min();
        nearest.retain(|miss| Some(distance(miss)) == fewest);
    }
    let posts = question.action == Action::Command(PostMessage::NAME);
    let kind = question.thing.kind.filter(|_| posts);
    let by_default = |row: &DefaultAudience| ByDefault {
        standing: row.standing.word(),
        audience: row.audience_word(),
        line: row.line,
    };
    let default_audience = kind.and_then(|kind| policy.rules().default_audience(kind, held)).map(by_default);
    Explanation { version: policy.version().to_owned(), allowed, matched, closed, nearest, default_audience }
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { version, allowed, matched, closed, nearest, default_audience } = self;
        writeln!(f, "{} by policy {version}", if *allowed { "allowed" } else { "refused" })?;
        if matched.is_empty() {
            writeln!(f, "  no rule allows it")?;
        }
        for Matched { rule, effect } in matched {
            let says = match effect {
                Effect::Allow => "allowed",
                Effect::Deny => "denied",
            };
            writeln!(f, "  {says} by {rule}")?;
        }
        for Closed { rule, asks_permission } in closed {
            let why = if *asks_permission {
                "a permission of the patient"
            } else {
                "that no directive of the patient denies it"
            };
            writeln!(f, "  {rule} would allow it, but needs {why}")?;
        }
        for NearMiss { rule, failing } in nearest {
            let reason = |Failing { axis, wanted, found }: &Failing| {
                format!("its {} is \"{wanted}\" and not \"{found}\"", axis.word())
            };
            writeln!(
                f,
                "  {rule} would allow it, but {}",
                failing.iter().map(reason).collect::<Vec<_>>().join(", and ")
            )?;
        }
        if let Some(ByDefault { standing, audience, line }) = default_audience {
            writeln!(f, "  the default audience of {standing} is {audience}, by line {line}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use care::lifecycle::ThreadKind;
    use care::words::{Audience, Confidentiality, Role};

    use super::*;
    use crate::decide::tests::shipped;
    use crate::question::ThingFacts;
    use crate::reach::HeldStanding;
    use crate::words::{Action, Read, Standing};

    fn thread(held: &[HeldStanding]) -> ThingFacts<'_> {
        ThingFacts { kind: Some(ThreadKind::Consultation), ..ThingFacts::unlabelled(held) }
    }

    const PATIENT: HeldStanding = HeldStanding::full(Standing::Self_, Role::Person);

    #[test]
    fn a_refusal_names_the_rule_that_needs_a_permission_of_the_patient() {
        let held = [HeldStanding::full(Standing::CareTeam, Role::Nurse)];
        let facts = ThingFacts { confidentiality: Confidentiality::Restricted, ..thread(&held) };
        let explanation = explain(&shipped(), &facts.asking(Action::Read(Read::ThreadRead), None));
        assert!(!explanation.allowed && explanation.matched.is_empty());
        assert_eq!(explanation.closed, [Closed { rule: "R424".into(), asks_permission: true }]);
        let text = explanation.to_string();
        assert!(text.contains("R424 would allow it, but needs a permission of the patient"), "{text}");
    }

    #[test]
    fn a_refusal_names_the_nearest_rule_and_what_kept_it() {
        let held = [PATIENT];
        let explanation = explain(&shipped(), &thread(&held).asking(Action::Read(Read::ThreadRead), None));
        assert!(!explanation.allowed);
        assert!(explanation.matched.is_empty());
        let failing = Failing { axis: Axis::Released, wanted: "yes".into(), found: "no" };
        assert!(explanation.nearest.contains(&NearMiss { rule: "R502".into(), failing: vec![failing] }));
        let text = explanation.to_string();
        assert!(text.contains("\n  no rule allows it\n"), "{text}");
        assert!(text.contains("R502 would allow it, but its released is \"yes\" and not \"no\""));
        assert!(explanation.nearest.iter().all(|miss| miss.failing.len() == 1));
    }

    #[test]
    fn a_bound_is_shown_as_it_is_written() {
        let held = [HeldStanding::full(Standing::CareTeam, Role::Nurse)];
        let facts = ThingFacts { confidentiality: Confidentiality::VeryRestricted, ..thread(&held) };
        let explanation =
            explain(&shipped(), &facts.asking(Action::Command(PostMessage::NAME), Some(Audience::Everyone)));
        let failing = Failing { axis: Axis::Confidentiality, wanted: "upto N".into(), found: "V" };
        assert!(explanation.nearest.contains(&NearMiss { rule: "R403".into(), failing: vec![failing] }));
        let said = explanation.default_audience.as_ref().map(|found| (found.standing, found.audience));
        assert_eq!(said, Some(("care_team", "clinical_team")));
        assert!(explanation.to_string().contains("\n  the default audience of care_team is clinical_team, by line "));
        let reading = explain(&shipped(), &facts.asking(Action::Read(Read::ThreadRead), None));
        assert_eq!(reading.default_audience, None, "it is of messages that are written");
    }

    #[test]
    fn an_allow_names_its_rules_and_a_deny_hides_no_allow() {
        let policy = shipped();
        let blocked = HeldStanding::full(Standing::Blocked, Role::Nurse);
        let nurse = HeldStanding::full(Standing::CareTeam, Role::Nurse);
        let held = [nurse, blocked];
        let allowed = explain(&policy, &thread(&held[..1]).asking(Action::Read(Read::ThreadFind), None));
        assert!(allowed.allowed && allowed.nearest.is_empty());
        let rules = ["R403", "R416"].map(|rule| Matched { rule: rule.into(), effect: Effect::Allow });
        assert_eq!(allowed.matched, rules);
        assert!(allowed.to_string().ends_with("\n  allowed by R403\n  allowed by R416\n"), "{allowed}");
        let refused = explain(&policy, &thread(&held).asking(Action::Read(Read::ThreadFind), None));
        assert!(!refused.allowed && refused.nearest.is_empty());
        assert_eq!(refused.matched.last(), Some(&Matched { rule: "D901".into(), effect: Effect::Deny }));
        assert!(
            refused.to_string().ends_with("\n  allowed by R403\n  allowed by R416\n  denied by D901\n"),
            "{refused}"
        );
    }
}
