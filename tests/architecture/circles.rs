//! No circle among the modules of a crate: data flows one way.
//!
//! A module is a file at the top of a crate together with the folder of its name. It points at
//! another where its product code names it as `crate::that`; a path inside a comment does not count.

use std::collections::{BTreeMap, BTreeSet};

use crate::sources::{Source, code, none, sources};

/// Who names whom, within one crate.
type Arrows = BTreeMap<String, BTreeSet<String>>;

/// The crate and the module that a source belongs to; none for the crate's root and for tests.
fn place(source: &Source) -> Option<(String, String)> {
    let (name, inside) = source.path.strip_prefix("crates/")?.split_once("/src/")?;
    let module = inside.split('/').next()?.trim_end_matches(".rs");
    // A file of scenarios is a test, wherever it lies.
    let counts = module != "lib" && !source.is_test() && !inside.ends_with("/scenarios.rs");
    counts.then(|| (name.to_owned(), module.to_owned()))
}

fn arrows(sources: &[Source]) -> BTreeMap<String, Arrows> {
    let mut crates: BTreeMap<String, Arrows> = BTreeMap::new();
    for source in sources {
        let Some((name, module)) = place(source) else { continue };
        let text = code(&source.product());
        let targets = text.match_indices("crate::").map(|(at, found)| {
            let rest = &text[at + found.len()..];
            let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
            rest[..end].to_owned()
        });
        let known = crates.entry(name).or_default().entry(module.clone()).or_default();
        known.extend(targets.filter(|target| *target != module));
    }
    for modules in crates.values_mut() {
        let names: BTreeSet<String> = modules.keys().cloned().collect();
        modules.values_mut().for_each(|targets| targets.retain(|target| names.contains(target)));
    }
    crates
}

/// Takes away whatever points at nothing that is left; what remains goes round.
fn circles(sources: &[Source]) -> Vec<String> {
    let mut findings = Vec::new();
    for (name, mut modules) in arrows(sources) {
        loop {
            let done: Vec<String> =
                modules.iter().filter(|(_, targets)| targets.is_empty()).map(|(module, _)| module.clone()).collect();
            if done.is_empty() {
                break;
            }
            for module in done {
                modules.remove(&module);
                modules.values_mut().for_each(|targets| {
                    targets.remove(&module);
                });
            }
        }
        // A module that only leads to a circle is not in it.
        let pointed_at: BTreeSet<&String> = modules.values().flatten().collect();
        let within: Vec<&String> = modules.keys().filter(|module| pointed_at.contains(module)).collect();
        if !within.is_empty() {
            findings.push(format!("{name}: {within:?} go round in a circle"));
        }
    }
    findings
}

#[test]
fn no_modules_go_round_in_a_circle() {
    none(&circles(&sources()));
}

#[test]
fn a_circle_is_found_and_a_line_is_none() {
    let file = |name: &str, text: &str| Source::new(&format!("crates/care/src/{name}.rs"), text);
    let line =
        [file("a", "use crate::b::B;"), file("b", "use crate::c::C;"), file("c", "//! See crate::a.\nstruct C;")];
    assert!(circles(&line).is_empty());
    let round =
        [file("a", "use crate::b::B;"), file("b/inner", "fn f() -> crate::a::A {}"), file("d", "use crate::a::A;")];
    assert_eq!(circles(&round), [r#"care: ["a", "b"] go round in a circle"#]);
    let tested = [file("a", "use crate::b::B;"), file("b", "#[cfg(test)]\nmod tests {\n    use crate::a::A;\n}")];
    assert!(circles(&tested).is_empty());
}
