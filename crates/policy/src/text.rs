//! A policy version as text: the model, the rules, the cases and the expected tables, in files or as one text.
//!
//! The one text goes into the event that puts a version in force, so that the log alone can say
//! years later who was allowed what; the version is the SHA-256 of it. Its form is a line
//! `carefold policy 1`, then for each file a line with its name and its length in bytes, and the
//! file. That form can never change, or old versions would change their names.

use std::io;
use std::path::Path;

use aws_lc_rs::digest;
use data_encoding::HEXLOWER;

use crate::problem::{PolicyDefect, PolicyFile, PolicyProblem};

/// The text of a policy version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyText {
    /// `model.conf`.
    pub model: String,
    /// `policy.csv`.
    pub rules: String,
    /// The files of sentences, by name, in the order of their names.
    pub cases: Vec<CaseFile>,
    /// The tables of expected answers, by name, in the order of their names.
    pub expected: Vec<CaseFile>,
}

/// One file of sentences, or one table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseFile {
    /// Its name, as `patient.yaml` or `consultation.txt`.
    pub name: String,
    /// Its text.
    pub text: String,
}

const HEADING: &str = "carefold policy 1\n";
const MODEL: &str = "model.conf";
const RULES: &str = "policy.csv";

/// The suffix of a file of sentences.
const CASES: &str = "yaml";
/// The suffix of a table of expected answers.
const EXPECTED: &str = "txt";

impl PolicyText {
    /// The version that this program was built with.
    #[must_use]
    pub fn shipped() -> Self {
        Self {
            model: include_str!("../../../policies/model.conf").to_owned(),
            rules: include_str!("../../../policies/policy.csv").to_owned(),
            // `build.rs` lists the files.
            cases: include!(concat!(env!("OUT_DIR"), "/cases.rs")),
            expected: include!(concat!(env!("OUT_DIR"), "/expected.rs")),
        }
    }

    /// Reads a folder laid out as `policies/` is.
    ///
    /// # Errors
    /// When a file cannot be read, or is in `cases/` or `expected/` and would not be read.
    pub fn read_folder(folder: &Path) -> io::Result<Self> {
        let read = |name| read_text(&folder.join(name));
        let cases = read_files(&folder.join("cases"), CASES)?;
        let expected = read_files(&folder.join("expected"), EXPECTED)?;
        Ok(Self { model: read(MODEL)?, rules: read(RULES)?, cases, expected })
    }

    /// The one text.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut text = HEADING.to_owned();
        let mut put = |name: &str, file: &str| text.push_str(&format!("{name} {}\n{file}", file.len()));
        put(MODEL, &self.model);
        put(RULES, &self.rules);
        for file in self.cases.iter().chain(&self.expected) {
            put(&file.name, &file.text);
        }
        text
    }

    /// Reads what [`Self::to_text`] wrote.
    ///
    /// # Errors
    /// A problem when the text does not have that form.
    pub fn from_text(text: &str) -> Result<Self, PolicyProblem> {
        Self::split(text).ok_or_else(|| PolicyProblem::of(PolicyFile::Whole, PolicyDefect::NotAPolicyText))
    }

    fn split(text: &str) -> Option<Self> {
        let mut rest = text.strip_prefix(HEADING)?;
        let mut files = Vec::new();
        while !rest.is_empty() {
            let (heading, after) = rest.split_once('\n')?;
            let (name, length) = heading.rsplit_once(' ')?;
            let (file, after) = after.split_at_checked(length.parse().ok()?)?;
            files.push(CaseFile { name: name.to_owned(), text: file.to_owned() });
            rest = after;
        }
        let mut files = files.into_iter();
        let model = files.next().filter(|file| file.name == MODEL)?.text;
        let rules = files.next().filter(|file| file.name == RULES)?.text;
        let (expected, cases): (Vec<_>, Vec<_>) = files.partition(|file| has_suffix(&file.name, EXPECTED));
        let read = Self { model, rules, cases, expected };
        // In another order it would be written otherwise, and so be another version.
        (read.to_text() == text).then_some(read)
    }

    /// SHA-256 of the one text, in hexadecimal: the name of the version.
    #[must_use]
    pub fn version(&self) -> String {
        HEXLOWER.encode(digest::digest(&digest::SHA256, self.to_text().as_bytes()).as_ref())
    }
}

fn has_suffix(name: &str, suffix: &str) -> bool {
    Path::new(name).extension().is_some_and(|extension| extension == suffix)
}

/// A file of text, without the byte order mark that some editors write before it.
fn read_text(path: &Path) -> io::Result<String> {
    let text = std::fs::read_to_string(path).map_err(|error| named(path, &error))?;
    Ok(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text))
}

/// The same error with the path that it is about.
fn named(path: &Path, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{}: {error}", path.display()))
}

/// The files of a folder, in the order of their names. A file or folder that would not be read is an error: its author
/// believes that it is. Hidden files are those of editors and file systems.
fn read_files(folder: &Path, suffix: &str) -> io::Result<Vec<CaseFile>> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(|error| named(folder, &error))? {
        let path = entry.map_err(|error| named(folder, &error))?.path();
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        if has_suffix(&name, suffix) && path.is_file() {
            files.push(CaseFile { name, text: read_text(&path)? });
        } else if !name.starts_with('.') {
            let left_out = format!("{} is left out: only files *.{suffix} are read here", path.display());
            return Err(io::Error::new(io::ErrorKind::InvalidInput, left_out));
        }
    }
    files.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn folder() -> std::path::PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../policies")
    }

    #[test]
    fn the_shipped_text_is_the_folder_with_every_file() {
        assert_eq!(PolicyText::read_folder(&folder()).expect("the folder"), PolicyText::shipped());
    }

    #[test]
    fn a_byte_order_mark_is_accepted_and_a_file_that_would_not_be_read_is_named() {
        let place = tempfile::tempdir().expect("a directory");
        let put = |name: &str, text: &str| std::fs::write(place.path().join(name), text).expect("written");
        let refused =
            |name: &str| PolicyText::read_folder(place.path()).map_err(|error| error.to_string().contains(name));
        for folder in ["cases", "expected"] {
            let path = place.path().join(folder);
            assert_eq!(refused(path.to_str().expect("text")).map(drop), Err(true));
            std::fs::create_dir(path).expect("made");
        }
        assert_eq!(refused("model.conf").map(drop), Err(true));
        put("model.conf", "\u{feff}m");
        put("policy.csv", "\u{feff}r");
        put("cases/a.yaml", "\u{feff}c");
        put("cases/.a.yaml.swp", "an editor's");
        let read = PolicyText::read_folder(place.path()).expect("read");
        assert_eq!((read.model.as_str(), read.rules.as_str(), read.cases[0].text.as_str()), ("m", "r", "c"));
        put("cases/extra.yml", "c");
        assert_eq!(refused("extra.yml").map(drop), Err(true));
        std::fs::remove_file(place.path().join("cases/extra.yml")).expect("removed");
        std::fs::create_dir(place.path().join("cases/more.yaml")).expect("made");
        assert_eq!(refused("more.yaml").map(drop), Err(true));
        std::fs::remove_dir(place.path().join("cases/more.yaml")).expect("removed");
        put("expected/notes.md", "t");
        assert_eq!(refused("notes.md").map(drop), Err(true));
    }

    #[test]
    fn every_file_is_part_of_the_version() {
        let shipped = PolicyText::shipped();
        let mut other = shipped.clone();
        other.cases[0].text.push(' ');
        assert_ne!(other.version(), shipped.version());
        let mut other = shipped.clone();
        other.expected[0].text.push(' ');
        assert_ne!(other.version(), shipped.version());
        assert_eq!(shipped.version().len(), 64);
    }

    #[test]
    fn a_version_has_its_known_name_for_ever() {
        let file = |name: &str, text: &str| CaseFile { name: name.to_owned(), text: text.to_owned() };
        let cases = vec![file("a.yaml", "c\n")];
        let text = PolicyText { model: "m\n".into(), rules: "r\n".into(), cases, expected: Vec::new() };
        assert_eq!(text.to_text(), "carefold policy 1\nmodel.conf 2\nm\npolicy.csv 2\nr\na.yaml 2\nc\n");
        assert_eq!(text.version(), "4ee7e38f6082ed6e12a7de5267019cee258e98978f76b071717327eb320e930b");
    }

    #[test]
    fn a_text_of_another_form_is_refused() {
        let whole = PolicyText::shipped().to_text();
        let newer = whole.replacen("policy 1", "policy 2", 1);
        let table_first = "carefold policy 1\nmodel.conf 0\npolicy.csv 0\na.txt 0\nb.yaml 0\n";
        for text in ["", &newer, &whole[..whole.len() - 1], &format!("{whole} "), table_first] {
            assert!(PolicyText::from_text(text).is_err());
        }
    }

    proptest! {
        #[test]
        fn the_one_text_reads_back(model: String, rules: String, case: String, table: String) {
            let cases = vec![CaseFile { name: "a b.yaml".into(), text: case }];
            let expected = vec![CaseFile { name: "a.txt".into(), text: table }];
            let text = PolicyText { model, rules, cases, expected };
            prop_assert_eq!(PolicyText::from_text(&text.to_text()), Ok(text));
        }
    }
}
