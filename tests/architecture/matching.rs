//! No wildcard over events, commands, refusals or states, so that the compiler reports every `match` that does not handle
//! a new one.
//!
//! Clippy sees a bare `_` arm; this rule also sees tuples, names that catch everything, and
//! wildcards within `Some`, `Ok` and `Err`. `if let` and `let else` ask about one case only and
//! are no answer to all of them, so they pass. Arms within `macro_rules!` are not read.

#![expect(clippy::wildcard_enum_match_arm, reason = "the enums of Rust's syntax are not ours, and grow")]

use std::collections::BTreeSet;

use syn::visit::{self, Visit};
use syn::{Pat, Path};

use crate::sources::{Source, breaks, none, passes, sources, syntax};

/// How the names of such enums end.
const ENDINGS: &[&str] = &["Event", "Command", "Refusal", "State", "Lifecycle"];

/// Those that are called otherwise. A type that implements `Aggregate` or `Kind` is a state by that.
const NAMES: &[&str] =
    &["Role", "Standing", "Action", "Audience", "Purpose", "Owner", "PersonalText", "Thread", "Capacity"];

fn wildcard_arms(source: &Source, states: &BTreeSet<String>) -> Vec<String> {
    match syntax(source, &source.product()) {
        Ok(file) => {
            let mut matches =
                Matches { source, states, place: "the file".to_owned(), myself: None, findings: Vec::new() };
            matches.visit_file(&file);
            matches.findings
        }
        Err(unread) => unread,
    }
}

/// The types of a source that implement `Aggregate` or `Kind`.
fn states(source: &Source) -> BTreeSet<String> {
    let Ok(file) = syntax(source, &source.product()) else {
        return BTreeSet::new();
    };
    let of_state = |item: &syn::Item| match item {
        syn::Item::Impl(item)
            if item.trait_.as_ref().is_some_and(|(path, _)| ["Aggregate", "Kind"].contains(&last(path).as_str())) =>
        {
            type_name(&item.self_ty)
        }
        _ => None,
    };
    file.items.iter().filter_map(of_state).collect()
}

struct Matches<'a> {
    source: &'a Source,
    states: &'a BTreeSet<String>,
    /// The function that is read.
    place: String,
    /// What `Self` means here.
    myself: Option<String>,
    findings: Vec<String>,
}

impl Matches<'_> {
    /// Where, within `Some`, `Ok` and `Err`, a pattern names one of our enums, and where it
    /// catches everything.
    fn read(&self, pattern: &Pat, within: &str, ours: &mut Vec<String>, all: &mut Vec<String>) {
        match pattern {
            Pat::Or(or) => or.cases.iter().for_each(|case| self.read(case, within, ours, all)),
            Pat::Paren(inner) => self.read(&inner.pat, within, ours, all),
            Pat::Reference(inner) => self.read(&inner.pat, within, ours, all),
            // What a guard lets through is not everything.
            Pat::Guard(inner) => self.read(&inner.pat, within, ours, &mut Vec::new()),
            Pat::TupleStruct(inner) if ["Some", "Ok", "Err"].contains(&last(&inner.path).as_str()) => {
                let deeper = format!("{within}/{}", last(&inner.path));
                inner.elems.iter().for_each(|element| self.read(element, &deeper, ours, all));
            }
            Pat::Tuple(tuple) if !tuple.elems.iter().all(catches_all) => {
                tuple.elems.iter().for_each(|element| self.read(element, within, ours, &mut Vec::new()));
            }
            Pat::Slice(slice) => {
                slice.elems.iter().for_each(|element| self.read(element, within, ours, &mut Vec::new()));
            }
            Pat::Ident(bound) if bound.subpat.is_some() => {
                bound.subpat.iter().for_each(|(_, inner)| self.read(inner, within, ours, all));
            }
            Pat::TupleStruct(named) if self.is_ours(&named.path) => ours.push(within.to_owned()),
            Pat::Struct(named) if self.is_ours(&named.path) => ours.push(within.to_owned()),
            Pat::Path(named) if self.is_ours(&named.path) => ours.push(within.to_owned()),
            // Within a wrapper a name hands the value on, as `Some(role) => grant(role)` does.
            Pat::Ident(_) if !within.is_empty() => {}
            other if catches_all(other) => all.push(within.to_owned()),
            _ => {}
        }
    }

    fn is_ours(&self, path: &Path) -> bool {
        let owner = path.segments.iter().rev().nth(1).map(|segment| segment.ident.to_string());
        let owner = if owner.as_deref() == Some("Self") { self.myself.clone() } else { owner };
        owner.is_some_and(|name| {
            ENDINGS.iter().any(|ending| name.ends_with(ending))
                || NAMES.contains(&name.as_str())
                || self.states.contains(&name)
        })
    }
}

impl<'ast> Visit<'ast> for Matches<'_> {
    fn visit_item_impl(&mut self, item: &'ast syn::ItemImpl) {
        let outer = std::mem::replace(&mut self.myself, type_name(&item.self_ty));
        visit::visit_item_impl(self, item);
        self.myself = outer;
    }

    fn visit_signature(&mut self, signature: &'ast syn::Signature) {
        self.place = format!("fn {}", signature.ident);
        visit::visit_signature(self, signature);
    }

    fn visit_expr_match(&mut self, found: &'ast syn::ExprMatch) {
        let (mut ours, mut all) = (Vec::new(), Vec::new());
        found.arms.iter().for_each(|arm| self.read(&arm.pat, "", &mut ours, &mut all));
        if all.iter().any(|wild| ours.iter().any(|named| named.starts_with(wild.as_str()))) {
            self.findings.push(self.source.within(&self.place, "a wildcard arm over one of our enums"));
        }
        visit::visit_expr_match(self, found);
    }

    fn visit_macro(&mut self, found: &'ast syn::Macro) {
        // The arguments of most macros are expressions or statements, and may hold a match.
        let arguments = syn::punctuated::Punctuated::<syn::Expr, syn::Token![,]>::parse_terminated;
        if let Ok(arguments) = found.parse_body_with(arguments) {
            // Not borrowed from the file, so visited by a visitor of its own.
            let mut inner = Matches {
                source: self.source,
                states: self.states,
                place: self.place.clone(),
                myself: self.myself.clone(),
                findings: Vec::new(),
            };
            arguments.iter().for_each(|argument| inner.visit_expr(argument));
            self.findings.append(&mut inner.findings);
        }
    }
}

fn catches_all(pattern: &Pat) -> bool {
    match pattern {
        Pat::Wild(_) | Pat::Rest(_) => true,
        // `None` and constants look like names too, but begin as no binding does.
        Pat::Ident(bound) => bound.subpat.is_none() && !bound.ident.to_string().starts_with(char::is_uppercase),
        Pat::Tuple(tuple) => tuple.elems.iter().all(catches_all),
        Pat::Or(or) => or.cases.iter().any(catches_all),
        Pat::Paren(inner) => catches_all(&inner.pat),
        Pat::Reference(inner) => catches_all(&inner.pat),
        _ => false,
    }
}

fn last(path: &Path) -> String {
    path.segments.last().map(|segment| segment.ident.to_string()).unwrap_or_default()
}

fn type_name(of: &syn::Type) -> Option<String> {
    match of {
        syn::Type::Path(of) => Some(last(&of.path)),
        _ => None,
    }
}

#[test]
fn every_reader_answers_for_every_event_and_state() {
    let sources = sources();
    let states: BTreeSet<String> = sources.iter().flat_map(states).collect();
    assert!(states.contains("Patient"), "the deciders were not found: {states:?}");
    none(&sources.iter().flat_map(|source| wildcard_arms(source, &states)).collect::<Vec<_>>());
}

#[test]
fn wildcards_over_our_enums_are_found() {
    let states = states(&Source::new("crates/care/src/visit.rs", "impl Aggregate for Visit {}"));
    let rule = |source: &Source| wildcard_arms(source, &states);
    let path = "crates/care/src/visit.rs";
    breaks(
        rule,
        path,
        &[
            "fn f() { match x { VisitEvent::Begun(_) => 1, _ => 2 } }",
            "fn f() { match x { Visit::Begun { .. } => 1, other => 2 } }",
            "impl Visit { fn f(&self) { match self { Self::Begun => 1, _ => 2 } } }",
            "fn f() { match (s, c) { (State::A, VisitCommand::B(_)) => 1, (_, _) => 2 } }",
            "fn f() { match (s, c) { (State::A, _) => 1, _ => 2 } }",
            "fn f() { match x { Role::Nurse | Role::Physician => 1, Role::Family | _ => 2 } }",
            "fn f() { match x { Some(VisitEvent::Begun(_)) => 1, Some(_) => 2, None => 3 } }",
            "fn f() { match x { Err(VisitRefusal::Closed) => 1, Err(_) => 2, Ok(_) => 3 } }",
            "fn f() { match x { &Owner::Pool(_) => 1, &_ => 2 } }",
            "fn f() { assert!(match x { Standing::Self_ => true, _ => false }) }",
            "fn f() { g(|| match x { VisitEvent::Begun(_) if late => 1, VisitEvent::Ended => 2, _ => 3 }) }",
        ],
    );
    passes(
        rule,
        path,
        &[
            "fn f() { match x { VisitEvent::Begun(_) => 1, VisitEvent::Ended { .. } => 2 } }",
            "fn f() { match word { \"nurse\" => Ok(Role::Nurse), _ => Err(UnknownWord) } }",
            "fn f() { match x { Ok(VisitEvent::Begun(_)) => 1, Ok(VisitEvent::Ended) => 2, Err(_) => 3 } }",
            "fn f() { match (s, c) { (State::A, VisitCommand::B) => 1, (_, VisitCommand::C) => 2 } }",
            "fn f() { match x { ordering::Less => 1, _ => 2 } }",
            "fn f() { match x { Some(Role::Nurse) => 1, None => 2 } }",
            "fn f() { match x { Some(Role::Person) => refuse(), Some(role) => grant(role), None => 2 } }",
            "#[cfg(test)]\nmod tests {\n    fn f() { match x { VisitEvent::Begun(_) => 1, _ => 2 } }\n}",
        ],
    );
}
