//! Reads the files under `examples/clinic`, which are part of the program, and reports every problem in them at once.
//!
//! Each organization, person, patient and step is read by itself, so that a problem in one hides none in another.
//!
//! To add a file of threads: 1. write it; 2. add it to [`THREADS`].

use std::collections::BTreeSet;

use care::words::ConsultationState;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_norway::Value;

use crate::seed::check;
use crate::seed::clinic::{Clinic, Step, Thread};
use crate::seed::report::{Names, Problem, Report, step_part};
use crate::seed::written::Word;

/// A file and its text.
#[derive(Debug, Clone, Copy)]
pub(crate) struct File<'a> {
    pub name: &'a str,
    pub text: &'a str,
}

macro_rules! file {
    ($name:literal) => {
        File { name: $name, text: include_str!(concat!("../../../../examples/clinic/", $name)) }
    };
}

const CAST: File<'_> = file!("clinic.yaml");
/// The times of a thread depend on its number, so a new file belongs at the end.
const THREADS: [File<'_>; 5] = [
    file!("cardiology.yaml"),
    file!("dermatology.yaml"),
    file!("endocrinology.yaml"),
    file!("general_medicine.yaml"),
    file!("home.yaml"),
];

const TEAM_THREADS: File<'_> = file!("team_threads.yaml");
const FAMILIES: File<'_> = file!("families.yaml");

/// The files of a clinic.
pub(crate) struct Files<'a> {
    pub cast: File<'a>,
    pub threads: &'a [File<'a>],
    pub team_threads: File<'a>,
    pub families: File<'a>,
}

/// Everything that is wrong in the files.
#[derive(Debug, thiserror::Error)]
#[error("the demo clinic has problems:\n{}", .0.iter().map(Problem::to_string).collect::<Vec<_>>().join("\n"))]
pub(crate) struct Problems(pub Vec<Problem>);

/// The clinic that is part of the program.
///
/// # Errors
/// Everything that is wrong in its files.
pub(crate) fn embedded() -> Result<Clinic, Problems> {
    read(&Files { cast: CAST, threads: &THREADS, team_threads: TEAM_THREADS, families: FAMILIES })
}

/// `clinic.yaml`.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct WrittenCast {
    administrator: String,
    registrar: String,
    organizations: Vec<Value>,
    people: Vec<Value>,
    patients: Vec<Value>,
}

/// A file of threads.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct WrittenThreads {
    threads: Vec<Value>,
}

/// The file of team threads.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct WrittenTeamThreads {
    team_threads: Vec<Value>,
}

/// The file of who helps.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct WrittenFamilies {
    families: Vec<Value>,
    #[serde(default)]
    outside: Vec<Value>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenThread {
    key: String,
    begins_days_ago: u16,
    state: Word<ConsultationState>,
    steps: Vec<Value>,
}

/// Reads a clinic.
///
/// # Errors
/// Everything that is wrong in the files.
pub(crate) fn read(files: &Files<'_>) -> Result<Clinic, Problems> {
    let Files { cast, threads, team_threads, families } = *files;
    // Without the cast no name is known, so nothing else can be checked.
    let written: WrittenCast = cast.read().map_err(|problem| Problems(vec![problem]))?;
    let names = Names {
        organizations: names(&written.organizations, "key"),
        pools: written.organizations.iter().flat_map(|each| names(items(each, "pools"), "key")).collect(),
        people: names(&written.people, "handle"),
        patients: names(&written.patients, "key"),
    };
    let mut problems = Vec::new();
    let mut parts = Parts { file: cast.name, problems: &mut problems };
    let organizations = parts.read("organization", "key", &written.organizations, check::organization);
    let people =
        parts.read("person", "handle", &written.people, |person, report| check::person(person, &names, report));
    let patients =
        parts.read("patient", "key", &written.patients, |patient, report| check::patient(patient, &names, report));
    let WrittenCast { administrator, registrar, .. } = written;
    let mut clinic = Clinic {
        administrator,
        registrar,
        organizations,
        people,
        patients,
        threads: Vec::new(),
        team_threads: Vec::new(),
        families: Vec::new(),
        outside: Vec::new(),
    };
    check::cast(&clinic, &names, &mut Report { problems: &mut problems, file: cast.name, part: String::new() });
    for file in threads {
        match file.read::<WrittenThreads>() {
            Ok(written) => {
                for value in &written.threads {
                    let part = format!("thread {}", name(value, "key"));
                    let mut report = Report { problems: &mut problems, file: file.name, part };
                    if clinic.threads.iter().any(|thread| thread.key == name(value, "key")) {
                        report.add("key", "is used twice");
                    }
                    let read = thread(value, &mut report);
                    if let Some(thread) = &read {
                        check::thread(thread, &clinic, &names, &mut report);
                    }
                    clinic.threads.extend(read);
                }
            }
            Err(problem) => problems.push(problem),
        }
    }
    match team_threads.read::<WrittenTeamThreads>() {
        Ok(written) => {
            let mut parts = Parts { file: team_threads.name, problems: &mut problems };
            let read = parts.read("team thread", "key", &written.team_threads, |thread, report| {
                check::team_thread(thread, &clinic, &names, report);
            });
            clinic.team_threads = read;
        }
        Err(problem) => problems.push(problem),
    }
    match families.read::<WrittenFamilies>() {
        Ok(written) => {
            let mut parts = Parts { file: families.name, problems: &mut problems };
            clinic.families =
                parts.read("help", "key", &written.families, |help, report| check::help(help, &names, report));
            clinic.outside =
                parts.read("outside", "key", &written.outside, |sent, report| check::outside(sent, &names, report));
        }
        Err(problem) => problems.push(problem),
    }
    if problems.is_empty() { Ok(clinic) } else { Err(Problems(problems)) }
}

impl File<'_> {
    fn read<T: DeserializeOwned>(&self) -> Result<T, Problem> {
        serde_norway::from_str(self.text).map_err(|error| {
            // The parser's message names the line.
            Problem { file: self.name.to_owned(), place: String::new(), fault: error.to_string() }
        })
    }
}

/// Reads the lists of a file.
struct Parts<'a> {
    file: &'a str,
    problems: &'a mut Vec<Problem>,
}

impl Parts<'_> {
    /// Reads and checks each part of a list; `field` names it.
    fn read<T: DeserializeOwned>(
        &mut self,
        word: &str,
        field: &str,
        values: &[Value],
        check: impl Fn(&T, &mut Report<'_>),
    ) -> Vec<T> {
        let (mut read, mut seen) = (Vec::new(), BTreeSet::new());
        for value in values {
            let part = format!("{word} {}", name(value, field));
            let mut report = Report { problems: self.problems, file: self.file, part };
            if !seen.insert(name(value, field)) {
                report.add(field, "is used twice");
            }
            if let Some(part) = report.read(value) {
                check(&part, &mut report);
                read.push(part);
            }
        }
        read
    }
}

/// Reads a thread. `None` if it or one of its steps cannot be read, which is reported.
fn thread(value: &Value, report: &mut Report<'_>) -> Option<Thread> {
    let WrittenThread { key, begins_days_ago, state, steps } = report.read(value)?;
    let read: Vec<Option<Step>> =
        (1..).zip(&steps).map(|(number, step)| report.within(&step_part(number)).read(step)).collect();
    let steps = read.into_iter().collect::<Option<_>>()?;
    Some(Thread { key, begins_days_ago, state: state.0, steps })
}

fn items<'a>(value: &'a Value, field: &str) -> &'a [Value] {
    value.get(field).and_then(Value::as_sequence).map_or(&[], Vec::as_slice)
}

/// The name of a part, even where the rest of it cannot be read.
fn name<'a>(value: &'a Value, field: &str) -> &'a str {
    value.get(field).and_then(Value::as_str).unwrap_or("without a name")
}

fn names(values: &[Value], field: &str) -> BTreeSet<String> {
    values.iter().filter_map(|value| value.get(field)?.as_str()).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests;
