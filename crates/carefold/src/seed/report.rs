//! What is wrong in the files of the clinic, and where: what reading and checking report with.

use std::collections::BTreeSet;
use std::fmt;

use serde::de::DeserializeOwned;
use serde_norway::Value;

/// Something that is wrong in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Problem {
    pub file: String,
    /// Which organization, person, patient or step, and which field of it.
    pub place: String,
    pub fault: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, place, fault } = self;
        match place.is_empty() {
            true => write!(f, "{file}: {fault}"),
            false => write!(f, "{file}: {place}: {fault}"),
        }
    }
}

/// The names that the files may use.
#[derive(Debug, Default)]
pub(crate) struct Names {
    pub organizations: BTreeSet<String>,
    pub pools: BTreeSet<String>,
    pub people: BTreeSet<String>,
    pub patients: BTreeSet<String>,
}

/// Where problems of one part of a file are reported.
pub(crate) struct Report<'a> {
    pub problems: &'a mut Vec<Problem>,
    pub file: &'a str,
    /// Which part.
    pub part: String,
}

impl Report<'_> {
    /// Reports a problem of a field, or of all of the part if `field` is empty.
    pub fn add(&mut self, field: &str, fault: impl fmt::Display) {
        let named: Vec<&str> = [self.part.as_str(), field].into_iter().filter(|name| !name.is_empty()).collect();
        let (file, place) = (self.file.to_owned(), named.join(", "));
        self.problems.push(Problem { file, place, fault: fault.to_string() });
    }

    /// The same, for a part of the part.
    pub fn within(&mut self, part: &str) -> Report<'_> {
        let part = if self.part.is_empty() { part.to_owned() } else { format!("{}, {part}", self.part) };
        Report { problems: self.problems, file: self.file, part }
    }

    /// Reads a part, or reports why it cannot be read.
    pub fn read<T: DeserializeOwned>(&mut self, value: &Value) -> Option<T> {
        match serde_path_to_error::deserialize(value.clone()) {
            Ok(read) => Some(read),
            Err(error) => {
                let field = error.path().to_string();
                self.add(if field == "." { "" } else { &field }, error.inner());
                None
            }
        }
    }
}

/// How a step is named in problems.
pub(crate) fn step_part(number: usize) -> String {
    format!("step {number}")
}
