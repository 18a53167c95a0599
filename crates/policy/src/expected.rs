//! The expected answers as one complete table for each kind of thread, and one for everything outside threads.
//!
//! A table has every action that can be asked about its kind, and for each who may do it: with which purpose and
//! obligation, for which audience, label, code and release. It is generated from the rules and kept in
//! `policies/expected/`; a person reads the difference when it changes. An action that nobody may do is listed too,
//! so a new kind or command without rules is seen.
//!
//! A standing is listed only with the roles that it can be held in ([`Standing::roles`]).

use std::collections::BTreeMap;

use care::words::{Audience, Confidentiality, Purpose, Role, Sensitivity, ThreadKind};

use crate::active::ActivePolicy;
use crate::question::Tuple;
use crate::rules::Answer;
use crate::words::{Action, Obligation, Standing};

/// The name of the file of a kind of thread, or of what is outside threads.
#[must_use]
pub fn file_name(kind: Option<ThreadKind>) -> String {
    format!("{}.txt", kind.map_or("no_thread", ThreadKind::word))
}

/// What a point of the table says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Says {
    May { purpose: Purpose, obligation: Option<Obligation> },
    Never,
}

/// Where it says so: on each of the four axes the coordinates, as far as they are not all.
type Place = [Option<Vec<usize>>; 4];

/// The generated table of one kind.
#[must_use]
pub fn table(policy: &ActivePolicy, kind: Option<ThreadKind>) -> String {
    let mut text = heading(kind);
    let mut actions: Vec<Action> = Action::ALL.to_vec();
    actions.sort_unstable_by_key(|action| action.word());
    for action in actions {
        let lines = lines(policy, kind, action);
        if !lines.keys().any(|(says, _)| matches!(says, Says::May { .. })) {
            text.push_str(&format!("{}: nobody\n", action.word()));
        }
        for ((says, place), held) in lines {
            text.push_str(&format!("{}{}: {}\n", action.word(), told(says, &place), who(&held)));
        }
    }
    text
}

fn heading(kind: Option<ThreadKind>) -> String {
    let about = kind.map_or("outside threads".to_owned(), |kind| format!("about a thread of the kind {}", kind.word()));
    format!(
        "# Who may do what {about}. Generated from policy.csv; README.md says how to read and renew it.\n\
         # \"may never\" wins over every other standing that a person has. What is not listed is refused.\n"
    )
}

/// Who is allowed or denied an action, and where.
fn lines(
    policy: &ActivePolicy,
    kind: Option<ThreadKind>,
    action: Action,
) -> BTreeMap<(Says, Place), Vec<(Standing, Role)>> {
    let mut lines: BTreeMap<(Says, Place), Vec<(Standing, Role)>> = BTreeMap::new();
    for standing in Standing::ALL {
        for role in standing.roles() {
            let points = points(policy, |point| Tuple { standing: *standing, role: *role, action, kind, ..point });
            let mut seen: Vec<Says> = points.iter().flatten().copied().collect();
            seen.sort_unstable();
            seen.dedup();
            for says in seen {
                let wanted: Vec<bool> = points.iter().map(|point| *point == Some(says)).collect();
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
    lines
}

/// The axes that a table is compact over: audience, label, code, released.
const DIMENSIONS: [usize; 4] = [1 + Audience::ALL.len(), Confidentiality::ALL.len(), 1 + Sensitivity::ALL.len(), 2];

/// What the rules say at every point of those axes, the last one fastest.
fn points(policy: &ActivePolicy, at: impl Fn(Tuple) -> Tuple) -> Vec<Option<Says>> {
    let audiences = std::iter::once(None).chain(Audience::ALL.iter().copied().map(Some));
    let mut points = Vec::with_capacity(DIMENSIONS.iter().product());
    for audience in audiences {
        for confidentiality in Confidentiality::ALL {
            for code in std::iter::once(None).chain(Sensitivity::ALL.iter().copied().map(Some)) {
                for released in [false, true] {
                    let tuple = at(Tuple {
                        role: Role::Person,
                        standing: Standing::None,
                        action: Action::PolicyRead,
                        kind: None,
                        audience,
                        confidentiality: *confidentiality,
                        code,
                        released,
                    });
                    points.push(says(policy, &tuple));
                }
            }
        }
    }
    points
}

fn says(policy: &ActivePolicy, tuple: &Tuple) -> Option<Says> {
    match policy.rules().answer(tuple) {
        Answer::Nothing => None,
        Answer::Deny(_) => Some(Says::Never),
        Answer::Allow(rule) => {
            let rule = policy.rules().get(rule)?;
            Some(Says::May { purpose: rule.purpose?, obligation: rule.obligation })
        }
    }
}

/// The wanted points as boxes: coordinates with the same points below them are taken together.
fn boxes(dimensions: &[usize], wanted: &[bool]) -> Vec<Vec<Vec<usize>>> {
    let Some((_, below)) = dimensions.split_first() else {
        return if wanted.contains(&true) { vec![Vec::new()] } else { Vec::new() };
    };
    let mut groups: Vec<(Vec<usize>, Vec<Vec<Vec<usize>>>)> = Vec::new();
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

/// What a line says between its action and its people.
fn told(says: Says, [audience, label, code, released]: &Place) -> String {
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

/// The people of a line: `nurse care_team`, or `any blocked` for a standing in each of its roles.
fn who(held: &[(Standing, Role)]) -> String {
    let mut told = Vec::new();
    for standing in Standing::ALL {
        let roles: Vec<Role> = held.iter().filter(|(each, _)| each == standing).map(|(_, role)| *role).collect();
        if roles.len() > 1 && roles.len() == standing.roles().len() {
            told.push(format!("any {}", standing.word()));
        } else {
            told.extend(roles.iter().map(|role| format!("{} {}", role.word(), standing.word())));
        }
    }
    told.join(", ")
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::decide::tests::shipped;

    /// With `CAREFOLD_BLESS=1` the files are written; the difference is then to be read.
    #[test]
    fn the_tables_are_the_kept_ones() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../policies/expected");
        let bless = std::env::var_os("CAREFOLD_BLESS").is_some_and(|value| value == "1");
        for kind in std::iter::once(None).chain(ThreadKind::ALL.iter().copied().map(Some)) {
            let (file, table) = (folder.join(file_name(kind)), table(&shipped(), kind));
            if bless {
                std::fs::write(&file, &table).expect("the file is written");
            }
            let kept = std::fs::read_to_string(&file).unwrap_or_default();
            assert_eq!(kept, table, "{} is not what the rules say", file.display());
        }
    }
}
