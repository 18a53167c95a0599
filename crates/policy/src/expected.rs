//! The expected answers as one complete table for each kind of thread, and one for everything outside threads.
//!
//! A table has every action that can be asked about its kind, and for each who may do it: with which purpose and
//! obligation, for which audience, label, code and release. It is generated from the rules and kept in
//! `policies/expected/`; a person reads the difference when it changes. An action that nobody may do is listed too,
//! so a new kind or command without rules is seen.
//!
//! A table of a kind of thread begins with the default audiences, numbered in the order in which they count.
//!
//! A standing is listed only with the roles that it can be held in ([`Standing::roles`]).
//!
//! To add a kind of thread: `policies/README.md` has the steps.

use std::collections::{BTreeMap, BTreeSet};

use care::lifecycle::ThreadKind;
use care::words::{Audience, Confidentiality, Purpose, Role, Sensitivity};

use crate::active::ActivePolicy;
use crate::question::{Tuple, points};
use crate::rules::{Answer, DefaultAudience, Rule, Rules};
use crate::words::{Action, Obligation, Standing};

/// The generated table of one kind of thread, or of what is outside threads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExpectedTable {
    kind: Option<ThreadKind>,
    lines: Vec<String>,
    nobody: Vec<String>,
    allows: bool,
    /// The numbers of the rules that decide something in it.
    pub(crate) rules: BTreeSet<u16>,
    /// How many points were decided.
    pub(crate) points: usize,
}

/// How the line of a default audience begins.
const DEFAULT_AUDIENCE: &str = "default audience";

/// Outside threads, and each kind of thread: there is a table for each.
pub fn kinds() -> impl Iterator<Item = Option<ThreadKind>> {
    std::iter::once(None).chain(ThreadKind::ALL.iter().copied().map(Some))
}

/// The name of the file of a kind's table.
#[must_use]
pub fn file_name(kind: Option<ThreadKind>) -> String {
    format!("{}.txt", kind.map_or("no_thread", ThreadKind::word))
}

impl ExpectedTable {
    /// What the rules of a policy say about a kind.
    #[must_use]
    pub fn of(policy: &ActivePolicy, kind: Option<ThreadKind>) -> Self {
        let mut table =
            Self { kind, lines: Vec::new(), nobody: Vec::new(), allows: false, rules: BTreeSet::new(), points: 0 };
        let mut actions: Vec<Action> = Action::all().iter().copied().filter(|each| each.is_asked_about(kind)).collect();
        actions.sort_unstable_by_key(|action| action.word());
        table.default_audiences(policy);
        for action in actions {
            table.action(policy, action);
        }
        table
    }

    /// The table as its file.
    #[must_use]
    pub fn text(&self) -> String {
        let about =
            self.kind.map_or("outside threads".to_owned(), |kind| format!("in a thread of the kind {}", kind.word()));
        let heading = format!(
            "# Who may do what {about}. Generated from policy.csv; README.md says how to read and renew it.\n\
             # \"may never\" wins over every other standing that a person has. What is not listed is refused.\n"
        );
        self.lines.iter().fold(heading, |text, line| text + line.as_str() + "\n")
    }

    /// Its lines: the default audiences; then an action, where, for what, and who.
    pub fn lines(&self) -> impl Iterator<Item = &str> {
        self.lines.iter().map(String::as_str)
    }

    /// The lines of actions that nobody may do.
    pub fn nobody(&self) -> impl Iterator<Item = &str> {
        self.nobody.iter().map(String::as_str)
    }

    /// Whether any action of this kind of thread is allowed to anybody.
    #[must_use]
    pub fn allows_something(&self) -> bool {
        self.allows
    }

    fn default_audiences(&mut self, policy: &ActivePolicy) {
        let rows = self.kind.into_iter().flat_map(|kind| policy.rules().default_audiences_of(kind));
        let line = |(number, row): (usize, &DefaultAudience)| {
            format!("{DEFAULT_AUDIENCE} {number}, {}: {}", row.standing.word(), row.audience_word())
        };
        self.lines.extend((1..).zip(rows).map(line));
    }

    fn action(&mut self, policy: &ActivePolicy, action: Action) {
        let mut lines: BTreeMap<(Says, Place), Vec<(Standing, Role)>> = BTreeMap::new();
        for standing in Standing::ALL {
            let about = policy.rules().numbered().filter(|(_, rule)| rule.is_about(*standing, action));
            let about: Vec<(u16, &Rule)> = about.collect();
            for role in standing.roles() {
                let answers: Vec<Option<Says>> =
                    points(*role, *standing, action, self.kind).iter().map(|tuple| self.says(&about, tuple)).collect();
                let seen: BTreeSet<Says> = answers.iter().flatten().copied().collect();
                for says in seen {
                    let wanted: Vec<bool> = answers.iter().map(|answer| *answer == Some(says)).collect();
                    for place in boxes(&DIMENSIONS, &wanted) {
                        let place = std::array::from_fn(|axis| {
                            let all = DIMENSIONS.get(axis).copied();
                            place.get(axis).filter(|on| Some(on.len()) != all).cloned()
                        });
                        lines.entry((says, place)).or_default().push((*standing, *role));
                    }
                }
            }
        }
        if lines.keys().any(|(says, _)| matches!(says, Says::May { .. })) {
            self.allows |= self.kind.is_none_or(|kind| action.kinds().contains(&kind));
        } else {
            let nobody = format!("{}: nobody", action.word());
            self.lines.push(nobody.clone());
            self.nobody.push(nobody);
        }
        let text = lines.into_iter().map(|((says, place), held)| {
            format!("{}{}: {}", action.word(), condition_text(says, &place), holders(&held))
        });
        self.lines.extend(text);
    }

    fn says(&mut self, about: &[(u16, &Rule)], tuple: &Tuple) -> Option<Says> {
        self.points += 1;
        match Rules::answer_of(about.iter().copied(), tuple) {
            Answer::Nothing => None,
            Answer::Deny(rule) => {
                self.rules.insert(rule);
                Some(Says::Never)
            }
            Answer::Allow(number) => {
                self.rules.insert(number);
                let (_, rule) = about.iter().find(|(each, _)| *each == number)?;
                Some(Says::May { purpose: rule.purpose?, obligation: rule.obligation })
            }
        }
    }
}

/// The answer of the rules at a point of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Says {
    May { purpose: Purpose, obligation: Option<Obligation> },
    Never,
}

/// The points with this answer: the coordinates on each of the four axes, or `None` for all of an axis.
type Place = [Option<Vec<usize>>; 4];

/// The lengths of the axes on which a table combines points: audience, label, code, released.
const DIMENSIONS: [usize; 4] = [1 + Audience::ALL.len(), Confidentiality::ALL.len(), 1 + Sensitivity::ALL.len(), 2];

/// A set of coordinates on each axis.
type Cuboid = Vec<Vec<usize>>;

/// The wanted points as boxes: coordinates with the same points on the further axes are combined.
fn boxes(dimensions: &[usize], wanted: &[bool]) -> Vec<Cuboid> {
    let Some((_, below)) = dimensions.split_first() else {
        return if wanted.contains(&true) { vec![Vec::new()] } else { Vec::new() };
    };
    let mut groups: Vec<(Vec<usize>, Vec<Cuboid>)> = Vec::new();
    for (coordinate, part) in wanted.chunks(below.iter().product()).enumerate() {
        let inner = boxes(below, part);
        match groups.iter_mut().find(|(_, known)| *known == inner) {
            Some((coordinates, _)) => coordinates.push(coordinate),
            None => groups.push((vec![coordinate], inner)),
        }
    }
    let each = groups.into_iter().flat_map(|(coordinates, inner)| {
        inner.into_iter().map(move |inner| std::iter::once(coordinates.clone()).chain(inner).collect())
    });
    each.collect()
}

/// The text of a line between its action and its holders.
fn condition_text(says: Says, [audience, label, code, released]: &Place) -> String {
    let word = |axis: &str, on: &Option<Vec<usize>>, word: &dyn Fn(usize) -> Option<&'static str>| {
        let words = |on: &Vec<usize>| on.iter().filter_map(|at| word(*at)).collect::<Vec<_>>().join(" ");
        on.as_ref().map(|on| format!("{axis} {}", words(on)))
    };
    let or_none = |at: usize, word: &dyn Fn(usize) -> Option<&'static str>| match at.checked_sub(1) {
        None => Some("none"),
        Some(at) => word(at),
    };
    let parts = [
        word("audience", audience, &|at| or_none(at, &|at| Audience::ALL.get(at).map(|word| word.word()))),
        word("label", label, &|at| Confidentiality::ALL.get(at).map(|word| word.word())),
        word("code", code, &|at| or_none(at, &|at| Sensitivity::ALL.get(at).map(|word| word.word()))),
        word("released", released, &|at| ["no", "yes"].get(at).copied()),
    ];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    let place = if parts.is_empty() { String::new() } else { format!(" [{}]", parts.join(", ")) };
    match says {
        Says::Never => format!("{place} may never"),
        Says::May { purpose, obligation: None } => format!("{place} {}", purpose.word()),
        Says::May { purpose, obligation: Some(obligation) } => {
            format!("{place} {} {}", purpose.word(), obligation.word())
        }
    }
}

/// The roles and standings of a line: `nurse care_team`, or `any blocked` for a standing in each of its roles.
fn holders(held: &[(Standing, Role)]) -> String {
    let mut holders = Vec::new();
    for standing in Standing::ALL {
        let roles: Vec<Role> = held.iter().filter(|(each, _)| each == standing).map(|(_, role)| *role).collect();
        if roles.len() > 1 && roles.len() == standing.roles().len() {
            holders.push(format!("any {}", standing.word()));
        } else {
            holders.extend(roles.iter().map(|role| format!("{} {}", role.word(), standing.word())));
        }
    }
    holders.join(", ")
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::decide::tests::shipped;

    /// With `CAREFOLD_BLESS=1` the files are written; then review the difference.
    #[test]
    fn the_tables_equal_the_committed_ones() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../policies/expected");
        let bless = std::env::var_os("CAREFOLD_BLESS").is_some_and(|value| value == "1");
        for kind in kinds() {
            let (file, table) = (folder.join(file_name(kind)), ExpectedTable::of(&shipped(), kind).text());
            if bless {
                std::fs::write(&file, &table).expect("the file is written");
            }
            let kept = std::fs::read_to_string(&file).unwrap_or_default();
            assert_eq!(kept, table, "{} is not what the rules say", file.display());
        }
    }

    #[test]
    fn a_table_has_each_action_of_its_kind_and_no_other() {
        for kind in kinds() {
            let table = ExpectedTable::of(&shipped(), kind);
            let of_actions = table.lines().filter(|line| !line.starts_with(DEFAULT_AUDIENCE));
            let listed: BTreeSet<&str> = of_actions.filter_map(|line| line.split([' ', ':']).next()).collect();
            let asked = Action::all().iter().filter(|action| action.is_asked_about(kind)).map(|action| action.word());
            assert_eq!(listed, asked.collect());
        }
    }

    #[test]
    fn the_boxes_cover_exactly_the_wanted_points() {
        let wanted: Vec<bool> = (0..2 * 3 * 2).map(|at| at % 2 == 1 || at >= 10).collect();
        let boxes = boxes(&[2, 3, 2], &wanted);
        let covers = |at: usize| {
            let place = [at / 6, at / 2 % 3, at % 2];
            boxes.iter().filter(|each| each.iter().zip(place).all(|(on, at)| on.contains(&at))).count()
        };
        for (at, wanted) in wanted.iter().enumerate() {
            assert_eq!(covers(at), usize::from(*wanted), "{at}");
        }
    }

    #[test]
    fn a_table_begins_with_the_default_audiences_in_their_order() {
        let lines = |kind| ExpectedTable::of(&shipped(), kind).lines().map(str::to_owned).collect::<Vec<_>>();
        let of_team_threads = lines(Some(ThreadKind::TeamThread));
        let numbered = ["1, assignee: everyone", "2, participant: everyone", "3, pool_member: everyone"];
        assert_eq!(of_team_threads[..3], numbered.map(|line| format!("{DEFAULT_AUDIENCE} {line}")));
        let of_consultations = lines(Some(ThreadKind::Consultation));
        assert!(of_consultations.iter().any(|line| line.ends_with(", delegate: none")), "{of_consultations:?}");
        assert!(!lines(None).iter().any(|line| line.starts_with(DEFAULT_AUDIENCE)));
    }

    #[test]
    fn a_line_contains_the_obligation() {
        let table = ExpectedTable::of(&shipped(), None);
        assert!(table.lines().any(|line| line.starts_with("access.read HOPERAT audit:high: ")));
    }
}
