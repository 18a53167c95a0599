//! What was released or promised stays: each event version has its golden file, and each refusal
//! a test that names it.

#![expect(clippy::wildcard_enum_match_arm, reason = "the enums of Rust's syntax are not ours, and grow")]

use std::collections::BTreeSet;
use std::fs;

use care::event::Event;

use crate::sources::{Source, mentions, none, root, sources, syntax};

/// Golden files that are missing, and those of no event.
fn unequal(kinds: &BTreeSet<String>, files: &BTreeSet<String>) -> Vec<String> {
    let missing = kinds.difference(files).map(|name| format!("schema/events/{name} is missing: `just bless`"));
    let left = files.difference(kinds).map(|name| format!("schema/events/{name} is of no event that can be read"));
    missing.chain(left).collect()
}

/// Reasons to refuse that no test names. A variant that only carries another concept's refusal is
/// no reason of its own.
fn untested_refusals(sources: &[Source]) -> Vec<String> {
    let tested: Vec<String> = sources
        .iter()
        .filter(|source| !source.is_rule())
        .map(Source::tests)
        .filter(|text| !text.trim().is_empty())
        .collect();
    let mut findings = Vec::new();
    for source in sources.iter().filter(|source| source.path.starts_with("crates/")) {
        match syntax(source, &source.product()) {
            Ok(file) => {
                let untested =
                    refusals(&file).into_iter().filter(|name| !tested.iter().any(|text| mentions(text, name)));
                findings.extend(untested.map(|name| source.within(&name, "no test names this refusal")));
            }
            Err(unread) => findings.extend(unread),
        }
    }
    findings
}

fn refusals(file: &syn::File) -> Vec<String> {
    let enums = file.items.iter().filter_map(|item| match item {
        syn::Item::Enum(item) if item.ident.to_string().ends_with("Refusal") => Some(item),
        _ => None,
    });
    let carries = |field: &syn::Field| match &field.ty {
        syn::Type::Path(of) => of.path.segments.last().is_some_and(|last| last.ident.to_string().ends_with("Refusal")),
        _ => false,
    };
    let reasons = enums.flat_map(|item| item.variants.iter().map(move |variant| (item, variant)));
    reasons
        .filter(|(_, variant)| !variant.fields.iter().any(carries))
        .map(|(item, variant)| format!("{}::{}", item.ident, variant.ident))
        .collect()
}

#[test]
fn every_released_event_has_its_golden_file() {
    let kinds = Event::kinds().iter().map(|(kind, version)| format!("{kind}.v{version}.json")).collect();
    let entries = fs::read_dir(root().join("schema/events")).expect("schema/events is there");
    let files = entries.map(|entry| entry.expect("readable").file_name().to_string_lossy().into_owned()).collect();
    none(&unequal(&kinds, &files));
}

#[test]
fn every_refusal_has_a_test() {
    none(&untested_refusals(&sources()));
}

#[test]
fn a_missing_or_left_golden_file_is_found() {
    let set = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<BTreeSet<_>>();
    none(&unequal(&set(&["a.v1.json"]), &set(&["a.v1.json"])));
    assert_eq!(unequal(&set(&["a.v1.json", "a.v2.json"]), &set(&["a.v1.json"])).len(), 1);
    assert_eq!(unequal(&set(&[]), &set(&["a.v1.json"])).len(), 1);
}

#[test]
fn a_refusal_without_a_test_is_found() {
    let declared = "pub enum VisitRefusal { Closed, Late { by: u8 }, Conversation(ConversationRefusal) }\n";
    let tests = |body: &str| format!("{declared}#[cfg(test)]\nmod tests {{\n    fn f() {{ {body} }}\n}}\n");
    let find = |text: &str| untested_refusals(&[Source::new("crates/care/src/visit.rs", text)]);
    assert_eq!(find(declared).len(), 2);
    assert_eq!(find(&tests("g(VisitRefusal::Closed)")).len(), 1);
    assert_eq!(find(&tests("g(VisitRefusal::Closed, VisitRefusal::LateAgain)")).len(), 1);
    none(&find(&tests("g(VisitRefusal::Closed, VisitRefusal::Late { by: 1 })")));
    let product_only = format!("{declared}fn g() {{ h(VisitRefusal::Closed, VisitRefusal::Late {{ by: 1 }}) }}");
    assert_eq!(find(&product_only).len(), 2);
}
