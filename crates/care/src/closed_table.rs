//! A lifecycle's table, and the walk through it: every pair of a state and a step does what the table says.
//!
//! A table is a text with a row a line: the states in which steps are taken (`any` for all but the start), the steps,
//! the next state (`=` where it stays), and the events (`nothing` for none). A row with `-` for the next state names a
//! refusal in place of the events. What has no row is refused because of the state. So a row without a path in the code
//! fails as a path without a row does.
//!
//! To add a lifecycle: 1. its table beside it; 2. [`Walked`] for it, in its scenarios; 3. a test that calls [`complaints`],
//! which the kinds of threads have in `lifecycle.rs`. The table of a kind of thread has the commands of the conversation
//! too: `conversation::scenarios::each_command` has one of each, and `thread/table_walk.rs` says what came of it.

use std::collections::{BTreeMap, BTreeSet};

use crate::command_name::CommandName;

/// The state before the first event.
pub(crate) const START: &str = "start";

/// What came of a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It was taken.
    Stepped {
        /// The state after it.
        to: String,
        /// The kinds of its events.
        events: Vec<&'static str>,
    },
    /// It was refused, since there is nothing yet.
    Missing,
    /// It was refused by the state, which the refusal names.
    NotInState(String),
    /// It was refused by this rule.
    Refused(String),
}

/// A lifecycle that is compared with its table.
pub(crate) trait Walked {
    /// The text of its table.
    const TABLE: &'static str;

    /// The words of its states.
    fn states() -> Vec<&'static str>;

    /// The names of its commands, each of which is at least one step.
    fn commands() -> Vec<CommandName>;

    /// Its steps: the name of a command, or that and a case of it, as `thread.close` or `thread.close/overdue`.
    fn steps() -> Vec<&'static str>;

    /// What comes of the step in the state, when everything else is as the step needs it.
    fn take(state: &str, step: &str) -> Outcome;
}

/// What a step does in a state.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Row {
    /// It is taken.
    Taken { to: String, events: Vec<String> },
    /// It is refused by this rule.
    Refused(String),
}

fn listed(words: &str) -> impl Iterator<Item = &str> {
    words.split(',').map(str::trim)
}

/// The rows, by state and step; or why the text is no table.
fn read(table: &str, all: &[&str]) -> Result<BTreeMap<(String, String), Row>, String> {
    let mut rows = BTreeMap::new();
    for line in table.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let columns: Vec<&str> = line.split('|').map(str::trim).collect();
        let [states, steps, to, outcome] = columns[..] else { return Err(format!("four columns: {line}")) };
        let states: Vec<&str> = if states == "any" { all.to_vec() } else { listed(states).collect() };
        for (state, step) in states.into_iter().flat_map(|state| listed(steps).map(move |step| (state, step))) {
            let row = match to {
                "-" => Row::Refused(outcome.to_owned()),
                to => Row::Taken {
                    to: if to == "=" { state } else { to }.to_owned(),
                    events: listed(outcome).filter(|event| *event != "nothing").map(str::to_owned).collect(),
                },
            };
            if rows.insert((state.to_owned(), step.to_owned()), row).is_some() {
                return Err(format!("two rows: {state} {step}"));
            }
        }
    }
    Ok(rows)
}

/// Everything in which a lifecycle and its table differ.
pub(crate) fn complaints<W: Walked>() -> Vec<String> {
    compared::<W>(W::TABLE)
}

fn compared<W: Walked>(table: &str) -> Vec<String> {
    let rows = match read(table, &W::states()) {
        Ok(rows) => rows,
        Err(problem) => return vec![problem],
    };
    let states: Vec<&str> = [START].into_iter().chain(W::states()).collect();
    let mut found = Vec::new();
    let known_steps: BTreeSet<&str> = W::steps().into_iter().collect();
    for ((state, step), row) in &rows {
        let leads_somewhere = match row {
            Row::Taken { to, events: _ } => states.contains(&to.as_str()),
            Row::Refused(_) => true,
        };
        if !states.contains(&state.as_str()) || !leads_somewhere || !known_steps.contains(step.as_str()) {
            found.push(format!("{state} {step}: a row with a state or a step that there is not"));
        }
    }
    for state in W::states() {
        let leads_there = |from: &str, row: &Row| matches!(row, Row::Taken { to, .. } if to == state) && from != state;
        if !rows.iter().any(|((from, _), row)| leads_there(from, row)) {
            found.push(format!("{state}: no step leads there"));
        }
    }
    for command in W::commands() {
        if !known_steps.iter().any(|step| step.split('/').next() == Some(command.word())) {
            found.push(format!("{}: no step of this command", command.word()));
        }
    }
    for step in W::steps() {
        if !rows.keys().any(|(_, each)| each == step) {
            found.push(format!("{step}: no row"));
        }
    }
    for state in states {
        for step in W::steps() {
            let expected = match rows.get(&(state.to_owned(), step.to_owned())) {
                Some(Row::Taken { to, events }) => Ok((to, events)),
                Some(Row::Refused(rule)) => Err(Outcome::Refused(rule.clone())),
                None if state == START => Err(Outcome::Missing),
                None => Err(Outcome::NotInState(state.to_owned())),
            };
            let outcome = W::take(state, step);
            let is_so = match (&expected, &outcome) {
                (Ok((to, events)), Outcome::Stepped { to: stepped, events: happened }) => {
                    stepped == *to && happened == *events
                }
                (Ok(_), Outcome::Missing | Outcome::NotInState(_) | Outcome::Refused(_)) => false,
                (Err(refused), outcome) => refused == outcome,
            };
            if !is_so {
                found.push(format!("{state} {step}: the table says {expected:?}, and it is {outcome:?}"));
            }
        }
    }
    found
}

/// A door, for which the walk is tried.
struct Door;

impl Walked for Door {
    const TABLE: &'static str = DOOR;

    fn states() -> Vec<&'static str> {
        vec!["open", "shut"]
    }

    fn commands() -> Vec<CommandName> {
        vec![CommandName::declared("door.build"), CommandName::declared("door.shut")]
    }

    fn steps() -> Vec<&'static str> {
        vec!["door.build", "door.shut", "door.knock"]
    }

    fn take(state: &str, step: &str) -> Outcome {
        match (state, step) {
            (START, "door.build") => Outcome::Stepped { to: "open".into(), events: vec!["door.built"] },
            ("open", "door.shut") => Outcome::Stepped { to: "shut".into(), events: vec!["door.moved", "door.locked"] },
            ("shut", "door.knock") => Outcome::Stepped { to: "shut".into(), events: vec![] },
            ("open" | "shut", "door.build") => Outcome::Refused("Exists".into()),
            (START, _) => Outcome::Missing,
            (state, _) => Outcome::NotInState(state.to_owned()),
        }
    }
}

const DOOR: &str = "
    # A door.
    start | door.build | open | door.built
    open  | door.shut  | shut | door.moved, door.locked
    any | door.build | - | Exists
    shut | door.knock | = | nothing
";

#[test]
fn a_lifecycle_that_is_as_its_table_says_has_no_complaint() {
    assert_eq!(complaints::<Door>(), Vec::<String>::new());
}

#[test]
fn each_difference_from_the_table_is_found() {
    let changed = |from: &str, to: &str| compared::<Door>(&DOOR.replacen(from, to, 1)).join("\n");
    for (from, to, complaint) in [
        ("open  | door.shut", "start, open | door.shut", "start door.shut: the table says Ok"),
        ("open  | door.shut", "shut | door.shut", "open door.shut: the table says Err"),
        ("open  | door.shut  | shut", "open | door.shut | =", "shut: no step leads there"),
        ("door.moved, door.locked", "door.moved", "open door.shut: the table says Ok"),
        ("door.shut ", "door.slam ", "door.shut: no row"),
        ("door.shut ", "door.slam ", "a step that there is not"),
        ("| open |", "| ajar |", "a state or a step that there is not"),
        ("| - | Exists", "| - | Missing", "open door.build: the table says Err"),
        ("| - | Exists", "| = | door.built", "shut door.build: the table says Ok"),
        ("any | door.build", "open | door.build", "shut door.build: the table says Err"),
        ("| door.built", "", "four columns"),
        ("# A door.", "open | door.shut | open | door.moved", "two rows"),
    ] {
        let found = changed(from, to);
        assert!(found.contains(complaint), "{from} {to}: {found}");
    }
}

/// A door with a command that no step takes, and with a path that no row allows.
struct Gate;

impl Walked for Gate {
    const TABLE: &'static str = DOOR;

    fn states() -> Vec<&'static str> {
        Door::states()
    }

    fn commands() -> Vec<CommandName> {
        [Door::commands(), vec![CommandName::declared("door.paint")]].concat()
    }

    fn steps() -> Vec<&'static str> {
        Door::steps()
    }

    fn take(state: &str, step: &str) -> Outcome {
        match (state, step) {
            ("shut", "door.shut") => Outcome::Stepped { to: "shut".into(), events: vec![] },
            ("shut", "door.build") => Outcome::Refused("Locked".into()),
            (state, step) => Door::take(state, step),
        }
    }
}

#[test]
fn a_path_without_a_row_and_a_command_without_a_step_are_found() {
    let found = complaints::<Gate>();
    assert_eq!(found.len(), 3, "{found:?}");
    assert!(found[0].starts_with("door.paint: no step"), "{found:?}");
    assert!(found[1].starts_with("shut door.build: the table says Err"), "{found:?}");
    assert!(found[2].starts_with("shut door.shut: the table says Err"), "{found:?}");
}
