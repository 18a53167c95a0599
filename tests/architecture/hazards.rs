//! The hazard log (`docs/hazards.yaml`) says what is so: every test that it names exists, and what is not controlled says
//! what is missing.
//!
//! A test is named as `path/from/the/root::name`. In a Rust file, the name is that of a test function, or of a story that a
//! macro makes a test of on each store. In `tests/browser` it is that of a check or a story, as far as it is always the same.

use std::collections::BTreeSet;
use std::{fs, io};

use serde::Deserialize;

use crate::files::paths_in;
use crate::sources::{none, root, sources};

const LOG: &str = "docs/hazards.yaml";

const SEVERITIES: &[&str] = &["minor", "significant", "considerable", "major", "catastrophic"];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Log {
    hazards: Vec<Hazard>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Hazard {
    id: String,
    hazard: String,
    cause: String,
    severity: String,
    status: Status,
    control: Option<String>,
    #[serde(default)]
    tests: Vec<String>,
    missing: Option<String>,
}

#[derive(Deserialize, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
enum Status {
    Controlled,
    Partly,
    Open,
}

/// What is wrong with the text of the log. `is_test` answers for the name of a test, `is_path` for a path from the root.
fn wrong(text: &str, is_test: impl Fn(&str) -> bool, is_path: impl Fn(&str) -> bool) -> Vec<String> {
    let log: Log = match serde_norway::from_str(text) {
        Ok(log) => log,
        Err(problem) => return vec![format!("{LOG} cannot be read: {problem}")],
    };
    if log.hazards.is_empty() {
        return vec![format!("{LOG} has no hazard")];
    }
    let mut ids = BTreeSet::new();
    let mut findings = Vec::new();
    for hazard in &log.hazards {
        let mut found = hazard.wrong();
        if !ids.insert(hazard.id.as_str()) {
            found.push("another hazard has this id".to_owned());
        }
        let stale = hazard.tests.iter().filter(|test| !is_test(test));
        found.extend(stale.map(|test| format!("the test {test} does not exist")));
        let said = [&hazard.control, &hazard.missing].into_iter().flatten();
        let gone = said.flat_map(|said| paths_in(said)).filter(|path| !is_path(path));
        found.extend(gone.map(|path| format!("{path} does not exist")));
        findings.extend(found.into_iter().map(|problem| format!("{LOG}: {}: {problem}", hazard.id)));
    }
    findings
}

impl Hazard {
    /// What is wrong with a hazard by itself.
    fn wrong(&self) -> Vec<String> {
        let is_said = |text: &Option<String>| text.as_ref().is_some_and(|text| !text.trim().is_empty());
        let is_word = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        let has_tests = !self.tests.is_empty();
        let once: BTreeSet<&String> = self.tests.iter().collect();
        let shown = is_said(&self.control) && has_tests;
        let rules = [
            (self.id.is_empty() || !self.id.chars().all(is_word), "the id is not lower-case words with hyphens"),
            (self.hazard.trim().is_empty() || self.cause.trim().is_empty(), "hazard and cause are sentences"),
            (!SEVERITIES.contains(&self.severity.as_str()), "the severity is none of the words"),
            (once.len() < self.tests.len(), "a test is named twice"),
            (
                self.status != Status::Open && !shown,
                "a control and a test that shows it are needed, or the status is open",
            ),
            (self.status == Status::Open && has_tests, "tests show something, so the status is not open"),
            (
                self.status == Status::Controlled && self.missing.is_some(),
                "something is missing, so it is not controlled",
            ),
            (self.status != Status::Controlled && !is_said(&self.missing), "it does not say what is missing"),
        ];
        rules.into_iter().filter(|(is_broken, _)| *is_broken).map(|(_, problem)| problem.to_owned()).collect()
    }
}

/// The names of the tests of a Rust file. rustfmt's layout is relied upon: an attribute has a line of its own.
fn rust_tests(text: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut is_test = false;
    for line in text.lines().map(str::trim) {
        if line.starts_with("#[") {
            is_test |= line.starts_with("#[test]") || line.starts_with("#[tokio::test");
        } else if !line.starts_with("//") {
            let function = line.strip_prefix("async ").unwrap_or(line).strip_prefix("fn ");
            found.extend(function.filter(|_| is_test).and_then(|rest| rest.split_once('(')).map(|(name, _)| name));
            is_test = false;
        }
    }
    let macros = ["on_each_store!(", "on_each_network_store!("];
    let stories = macros.iter().flat_map(|call| text.split(*call).skip(1)).filter_map(|rest| rest.split_once(')'));
    found.extend(stories.flat_map(|(names, _)| names.split(',')).map(str::trim));
    found.into_iter().filter(|name| !name.is_empty()).map(str::to_owned).collect()
}

/// The names of the checks and stories of a file of the browser's tests, up to the first part that differs.
fn browser_tests(text: &str) -> BTreeSet<String> {
    let calls = ["check(", "story(browser, world, "];
    let named = calls.iter().flat_map(|call| text.split(*call).skip(1)).filter_map(|rest| {
        let quote = rest.chars().next().filter(|c| ['"', '`'].contains(c))?;
        let (name, _) = rest.get(1..)?.split_once(quote)?;
        Some(name.split("${").next()?.trim_end_matches([' ', ',', ':']).to_owned())
    });
    named.filter(|name| !name.is_empty()).collect()
}

/// Every test, as the log names it.
fn tests() -> io::Result<BTreeSet<String>> {
    let named = |path: &str, names: BTreeSet<String>| {
        let path = path.to_owned();
        names.into_iter().map(move |name| format!("{path}::{name}"))
    };
    let sources = sources();
    let rust = sources.iter().filter(|source| !source.is_rule());
    let mut found: BTreeSet<String> = rust.flat_map(|source| named(&source.path, rust_tests(&source.text))).collect();
    for entry in fs::read_dir(root().join("tests/browser"))? {
        let path = format!("tests/browser/{}", entry?.file_name().to_string_lossy());
        if path.ends_with(".mjs") {
            let text = fs::read_to_string(root().join(&path))?;
            found.extend(named(&path, browser_tests(&text)));
        }
    }
    Ok(found)
}

#[test]
fn the_hazard_log_names_tests_that_exist_and_says_what_is_missing() {
    let text = fs::read_to_string(root().join(LOG)).expect("the hazard log");
    let tests = tests().expect("the tests");
    none(&wrong(&text, |test| tests.contains(test), |path| root().join(path).exists()));
}

#[test]
fn a_hazard_log_that_promises_too_much_is_found() {
    let one = "
  - id: sent-twice
    hazard: A message is there twice.
    cause: A button is pressed twice.
    severity: minor
    status: controlled
    control: The form has a key, in `crates/care/src/key.rs`.
    tests: [a.rs::once]
";
    let found = |hazards: &str| {
        let text = format!("hazards:{hazards}");
        wrong(&text, |test| test == "a.rs::once", |path| path == "crates/care/src/key.rs").len()
    };
    assert_eq!(found(one), 0);
    for (part, other) in [
        ("sent-twice", "Sent twice"),
        ("A message is there twice.", "' '"),
        ("severity: minor", "severity: bad"),
        ("severity: minor", ""),
        ("status: controlled", "status: done"),
        ("status: controlled", "status: partly"),
        ("status: controlled", "status: open\n    missing: All of it."),
        ("status: controlled", "status: controlled\n    missing: A part of it."),
        ("status: controlled", "status: controlled\n    note: Nobody reads this."),
        ("tests: [a.rs::once]", ""),
        ("tests: [a.rs::once]", "tests: [a.rs::gone]"),
        ("tests: [a.rs::once]", "tests: [a.rs::once, a.rs::once]"),
        ("control: The form has a key, in `crates/care/src/key.rs`.", ""),
        ("crates/care/src/key.rs", "crates/care/src/gone.rs"),
    ] {
        assert_eq!(found(&one.replace(part, other)), 1, "{part} as {other}");
    }
    assert_eq!(found(&format!("{one}{one}")), 1, "an id for two hazards");
    assert_eq!(found(" []"), 1);
    let open = "
  - id: sent-twice
    hazard: A message is there twice.
    cause: A button is pressed twice.
    severity: minor
    status: open
    missing: A key.
";
    assert_eq!((found(open), found(&open.replace("A key.", "' '"))), (0, 1));
    let partly = one.replace("status: controlled", "status: partly\n    missing: Other clients.");
    assert_eq!(found(&partly), 0);
}

#[test]
fn the_names_of_tests_are_found_and_no_others() {
    let rust = "#[test]\nfn one() {}\nfn not_one() {}\n    // Why.\n    #[tokio::test(flavor = \"x\")]\n    #[expect(y)]\n    \
                async fn two() {}\n#[cfg(test)]\nfn neither() {}\nx::on_each_store!(three);\non_each_network_store!(\n    four,\n    five,\n);\n";
    assert_eq!(Vec::from_iter(rust_tests(rust)), ["five", "four", "one", "three", "two"]);
    let browser = "export async function check(name, run) {}\nawait check(\"one, and two\", async () => {});\nawait check(title, f(\"no\"));\n\
                   await page.locator(\"x\").check();\nawait story(browser, world, `three, ${how} a script`, [\"x\"], f);\nawait check(`${name} of`, f);\n";
    assert_eq!(Vec::from_iter(browser_tests(browser)), ["one, and two", "three"]);
}
