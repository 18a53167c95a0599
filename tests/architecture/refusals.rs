//! Each refusal has a test that names it.

#![expect(clippy::wildcard_enum_match_arm, reason = "the enums of Rust's syntax are not ours, and grow")]

use crate::sources::{Source, mentions, none, sources, syntax};

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
fn every_refusal_has_a_test() {
    none(&untested_refusals(&sources()));
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
