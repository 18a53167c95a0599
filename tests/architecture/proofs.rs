//! The proof types `Visible`, `Permit`, `Authorized` and `Identity` are made only by the policy, are not copied, and are
//! used only in their places.

use syn::Visibility;
use syn::visit::{self, Visit};

use crate::sources::{Source, breaks, code, kept, lines_with, passes, syntax};

/// Who was signed in may be kept beside a session; the others are used once.
const PROOFS: &[&str] = &["Visible", "Permit", "Authorized", "Identity"];

/// Ways to make or change a proof that go round the policy.
const FORBIDDEN_TRAITS: &[&str] = &["Default", "From", "TryFrom", "Deserialize", "DerefMut", "FromStr"];

/// Functions without `self` by which a proof may be made. A decision makes the others.
const CONSTRUCTORS: &[(&str, &str)] =
    &[("Identity", "signed_in"), ("Identity", "installation"), ("Identity", "process")];

/// Calls that belong to a place: what is called, where paths may begin, and why.
const PLACES: &[(&str, &[&str], &str)] = &[
    (
        "Identity::signed_in(",
        &["crates/server/src/sign_in", "crates/coordination/src/sign_in"],
        "outside the sign-in: only a verified sign-in is an identity",
    ),
    (
        "Identity::installation(",
        &["crates/coordination/src/", "crates/carefold/src/main.rs", "examples/"],
        "where a person acts: the installation speaks for itself only",
    ),
    (
        "Identity::process(",
        &["crates/coordination/src/processes.rs", "crates/coordination/src/command_context.rs"],
        "outside the processes: nobody else acts in the name of one",
    ),
    (".show(", &["crates/coordination/src/"], "outside coordination, where rows are"),
];

/// What a resolver has no business with.
const NOT_FOR_RESOLVERS: &[&str] = &["rusqlite", "journal::", "vault::", "PersonalText::Open"];

fn leaky_proofs(source: &Source) -> Vec<String> {
    match syntax(source, &source.product()) {
        Ok(file) => {
            let mut proofs = Proofs { source, findings: Vec::new() };
            proofs.visit_file(&file);
            proofs.findings
        }
        Err(unread) => unread,
    }
}

struct Proofs<'a> {
    source: &'a Source,
    findings: Vec<String>,
}

impl Proofs<'_> {
    fn find(&mut self, name: &str, wrong: &str) {
        self.findings.push(self.source.within(name, wrong));
    }

    fn is_forbidden(&self, name: &str, implemented: &str) -> bool {
        let copies = ["Clone", "Copy"].contains(&implemented) && name != "Identity";
        copies || FORBIDDEN_TRAITS.contains(&implemented)
    }
}

impl<'ast> Visit<'ast> for Proofs<'_> {
    fn visit_item_struct(&mut self, item: &'ast syn::ItemStruct) {
        let name = item.ident.to_string();
        if !PROOFS.contains(&name.as_str()) {
            return;
        }
        if item.fields.iter().any(|field| matches!(field.vis, Visibility::Public(_))) {
            self.find(&name, "a public field, by which anybody can make it");
        }
        for attribute in item.attrs.iter().filter(|attribute| attribute.path().is_ident("derive")) {
            let mut derived = Vec::new();
            let read = attribute.parse_nested_meta(|meta| {
                derived.extend(meta.path.segments.last().map(|segment| segment.ident.to_string()));
                Ok(())
            });
            if read.is_err() {
                self.find(&name, "a derive that could not be read");
            }
            for each in derived.iter().filter(|each| self.is_forbidden(&name, each)).collect::<Vec<_>>() {
                self.find(&name, &format!("derives {each}"));
            }
        }
    }

    fn visit_item_impl(&mut self, item: &'ast syn::ItemImpl) {
        let syn::Type::Path(of) = &*item.self_ty else { return };
        let Some(name) = of.path.segments.last().map(|segment| segment.ident.to_string()) else { return };
        if !PROOFS.contains(&name.as_str()) {
            return;
        }
        if let Some(implemented) = item.trait_.as_ref().and_then(|(path, _)| path.segments.last()) {
            let implemented = implemented.ident.to_string();
            if self.is_forbidden(&name, &implemented) {
                self.find(&name, &format!("implements {implemented}"));
            }
        }
        for part in &item.items {
            let syn::ImplItem::Fn(function) = part else { continue };
            let made = function.sig.ident.to_string();
            let public = matches!(function.vis, Visibility::Public(_));
            if public && function.sig.receiver().is_none() && !CONSTRUCTORS.contains(&(name.as_str(), made.as_str())) {
                self.find(&name, &format!("a public constructor `{made}`"));
            }
        }
        visit::visit_item_impl(self, item);
    }
}

fn calls_out_of_place(source: &Source) -> Vec<String> {
    let product = code(&source.product());
    let strayed = PLACES.iter().filter(|(_, homes, _)| !homes.iter().any(|home| source.path.starts_with(home)));
    strayed.flat_map(|(call, _, wrong)| lines_with(source, &product, &[call], wrong)).collect()
}

fn resolvers_that_reach_through(source: &Source) -> Vec<String> {
    match source.path.starts_with("crates/server/src/graphql") {
        true => lines_with(source, &code(&source.text), NOT_FOR_RESOLVERS, "in a resolver, which holds rows of nobody"),
        false => Vec::new(),
    }
}

#[test]
fn proofs_are_made_by_the_policy_alone() {
    kept(leaky_proofs);
    kept(calls_out_of_place);
}

#[test]
fn a_resolver_holds_only_what_is_visible() {
    kept(resolvers_that_reach_through);
}

#[test]
fn a_proof_that_anybody_can_make_is_found() {
    let path = "crates/policy/src/decide.rs";
    breaks(
        leaky_proofs,
        path,
        &[
            "#[derive(Debug, Clone)]\npub struct Permit { rules: u8 }",
            "#[derive(serde::Deserialize)]\npub struct Identity { person: u8 }",
            "pub struct Visible<T>(pub T);",
            "pub struct Authorized<C> { pub command: C }",
            "impl<T: Clone> Clone for Visible<T> { fn clone(&self) -> Self { todo() } }",
            "impl<T> std::ops::DerefMut for Visible<T> {}",
            "impl<T> From<T> for Visible<T> {}",
            "impl Permit { pub fn new(rules: u8) -> Self { Self { rules } } }",
            "mod inner { impl Identity { pub fn anybody() -> Self { Self } } }",
        ],
    );
    passes(
        leaky_proofs,
        path,
        &[
            "#[derive(Debug, Clone, Copy)]\npub struct Identity { person: u8 }",
            "impl Identity { pub fn signed_in(person: u8) -> Self { Self { person } } }",
            "impl Permit { pub(crate) fn new() -> Self { Self } pub fn rules(&self) -> u8 { 1 } }",
            "#[derive(Clone)]\npub struct Question { pub facts: u8 }",
        ],
    );
}

#[test]
fn a_proof_used_out_of_place_is_found() {
    let resolver = "crates/server/src/graphql/thread.rs";
    let calls =
        ["fn f() { Identity::signed_in(a, b) }", "fn f() { Identity::installation() }", "fn f() { p.show(row) }"];
    breaks(calls_out_of_place, resolver, &calls);
    passes(calls_out_of_place, "crates/server/src/sign_in.rs", &calls[..1]);
    passes(calls_out_of_place, "crates/coordination/src/application.rs", &calls[1..]);
    passes(calls_out_of_place, "crates/server/tests/story.rs", &calls);
    breaks(
        resolvers_that_reach_through,
        resolver,
        &["use rusqlite::Connection;", "use coordination::journal::Head;", "fn f() { PersonalText::Open(text) }"],
    );
    passes(resolvers_that_reach_through, resolver, &["/// Never `vault::open`.\nfn journal_head() {}"]);
    passes(resolvers_that_reach_through, "crates/coordination/src/application.rs", &["use vault::Vault;"]);
}
