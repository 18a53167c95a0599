//! Every file begins with a module doc, and is short enough to read.
//!
//! ARCHITECTURE.md is compared with the tree: a wrong path or a missing crate is a finding.

use std::fs;

use crate::crates::crate_names;
use crate::sources::{Source, breaks, kept, none, passes, root, sources};

const LINES_MAX: usize = 800;
const LINES_LONG: usize = 500;

fn no_module_doc(source: &Source) -> Vec<String> {
    match source.text.lines().next().is_some_and(|line| line.starts_with("//! ")) {
        true => Vec::new(),
        false => vec![source.at(0, "the file does not begin by saying what it is for (`//!`)")],
    }
}

fn too_long(source: &Source) -> Vec<String> {
    let lines = source.text.lines().count();
    match lines > LINES_MAX {
        true => vec![source.within("the file", &format!("{lines} lines, and {LINES_MAX} are the most"))],
        false => Vec::new(),
    }
}

/// What stands between backticks.
fn quoted(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

/// The paths from the root that a text names between backticks.
pub fn paths_in(text: &str) -> impl Iterator<Item = &str> {
    let folders = ["crates/", "tests/", "schema/", "policies/", "examples/", "benches/", "deploy/"];
    let is_path = move |quote: &&str| {
        folders.iter().any(|folder| quote.starts_with(folder)) && !quote.contains([' ', '*', '<', '{', '…', '\n'])
    };
    quoted(text).filter(is_path)
}

/// What `text` says about the tree that is not so. `exists` answers for a path from the root.
fn stale_map(text: &str, exists: impl Fn(&str) -> bool) -> Vec<String> {
    let quoted: Vec<&str> = quoted(text).collect();
    let missing = paths_in(text).filter(|path| !exists(path));
    let mut findings: Vec<String> =
        missing.map(|path| format!("ARCHITECTURE.md names {path}, which does not exist")).collect();
    let unnamed = crate_names().filter(|name| !quoted.contains(name));
    findings.extend(unnamed.map(|name| format!("ARCHITECTURE.md does not name the crate `{name}`")));
    findings
}

#[test]
fn every_file_says_first_what_it_is_for() {
    kept(no_module_doc);
}

#[test]
fn no_file_is_too_long() {
    for source in sources() {
        let lines = source.text.lines().count();
        if lines > LINES_LONG {
            eprintln!("warning: {} has {lines} lines; aim below {LINES_LONG}", source.path);
        }
    }
    kept(too_long);
}

#[test]
fn architecture_md_names_every_crate_and_only_paths_that_exist() {
    let text = fs::read_to_string(root().join("ARCHITECTURE.md")).expect("ARCHITECTURE.md is there");
    none(&stale_map(&text, |path| root().join(path).exists()));
}

#[test]
fn a_file_without_a_doc_and_a_file_too_long_are_found() {
    breaks(no_module_doc, "crates/care/src/thread.rs", &["", "use a;\n//! Late.", "/// Not the module's.\nfn f() {}"]);
    passes(no_module_doc, "crates/care/src/thread.rs", &["//! A thread."]);
    breaks(too_long, "crates/care/src/thread.rs", &[&"\n".repeat(LINES_MAX + 1)]);
    passes(too_long, "crates/care/src/thread.rs", &[&"\n".repeat(LINES_MAX)]);
}

#[test]
fn a_stale_map_is_found() {
    let names: String = crate_names().map(|name| format!("`{name}` ")).collect();
    let exists = |path: &str| path == "crates/care/src/thread.rs";
    none(&stale_map(&format!("{names} `crates/care/src/thread.rs` `crates/journal/src/<backend>.rs`"), exists));
    assert_eq!(stale_map(&format!("{names} `crates/care/src/gone.rs`"), exists).len(), 1);
    assert_eq!(stale_map(&names.replace("`vault`", "vault"), exists).len(), 1);
}
