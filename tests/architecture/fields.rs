//! `redact` and `each_text` name every field, so that the compiler reports a field that is added later.

use syn::visit::{self, Visit};

use crate::sources::{Source, breaks, kept, passes, syntax};

const COMPLETE: &[&str] = &["redact", "each_text"];

fn forgetful(source: &Source) -> Vec<String> {
    match syntax(source, &source.product()) {
        Ok(file) => {
            let mut functions = Functions { source, findings: Vec::new() };
            functions.visit_file(&file);
            functions.findings
        }
        Err(unread) => unread,
    }
}

struct Functions<'a> {
    source: &'a Source,
    findings: Vec<String>,
}

impl Functions<'_> {
    fn judge(&mut self, name: &str, seen: &Seen) {
        if seen.rest {
            self.findings.push(self.source.within(&format!("fn {name}"), "`..` leaves fields unasked"));
        }
        if !seen.destructures && !seen.passes_on {
            self.findings.push(self.source.within(&format!("fn {name}"), "it names no field and asks no other"));
        }
    }
}

impl<'ast> Visit<'ast> for Functions<'_> {
    fn visit_item_fn(&mut self, function: &'ast syn::ItemFn) {
        if COMPLETE.iter().any(|name| function.sig.ident == name) {
            let mut seen = Seen::default();
            seen.visit_item_fn(function);
            self.judge(&function.sig.ident.to_string(), &seen);
        }
        visit::visit_item_fn(self, function);
    }

    fn visit_impl_item_fn(&mut self, function: &'ast syn::ImplItemFn) {
        if COMPLETE.iter().any(|name| function.sig.ident == name) {
            let mut seen = Seen::default();
            seen.visit_impl_item_fn(function);
            self.judge(&function.sig.ident.to_string(), &seen);
        }
        visit::visit_impl_item_fn(self, function);
    }
}

/// What a function does with fields.
#[derive(Default)]
struct Seen {
    rest: bool,
    destructures: bool,
    passes_on: bool,
}

impl<'ast> Visit<'ast> for Seen {
    fn visit_pat_struct(&mut self, pattern: &'ast syn::PatStruct) {
        self.destructures = true;
        self.rest |= pattern.rest.is_some();
        visit::visit_pat_struct(self, pattern);
    }

    fn visit_pat_tuple_struct(&mut self, pattern: &'ast syn::PatTupleStruct) {
        self.rest |= pattern.elems.iter().any(|element| matches!(element, syn::Pat::Rest(_)));
        visit::visit_pat_tuple_struct(self, pattern);
    }

    fn visit_expr_method_call(&mut self, call: &'ast syn::ExprMethodCall) {
        self.passes_on |= COMPLETE.iter().any(|name| call.method == name);
        visit::visit_expr_method_call(self, call);
    }

    fn visit_expr_path(&mut self, path: &'ast syn::ExprPath) {
        let last = path.path.segments.last();
        self.passes_on |= last.is_some_and(|last| COMPLETE.iter().any(|name| last.ident == name));
        visit::visit_expr_path(self, path);
    }

    fn visit_macro(&mut self, called: &'ast syn::Macro) {
        let tokens = called.tokens.to_string();
        self.passes_on |= COMPLETE.iter().any(|name| crate::sources::mentions(&tokens, name));
    }
}

#[test]
fn redaction_and_sealing_name_every_field() {
    kept(forgetful);
}

#[test]
fn a_field_that_nobody_asked_about_is_found() {
    let path = "crates/coordination/src/read_models/thread.rs";
    breaks(
        forgetful,
        path,
        &[
            "impl Redact for Row { fn redact(self, p: &Permit) -> Self { let Self { name, .. } = self; f(name) } }",
            "impl Redact for Row { fn redact(mut self, p: &Permit) -> Self { self.name = None; self } }",
            "impl EachText for Row { fn each_text(&mut self, v: V) { v(TAG, &mut self.name) } }",
            "impl EachText for E { fn each_text(&mut self, v: V) { match self { Self::A(..) => {} } } }",
            "fn redact(Row { name, .. }: Row) -> Row { f(name) }",
        ],
    );
    passes(
        forgetful,
        path,
        &[
            "impl Redact for Row { fn redact(self, p: &Permit) -> Self { let Self { id, name } = self; f(id, name) } }",
            "impl EachText for E { fn each_text(&mut self, v: V) { match self { Self::A(a) => a.each_text(v) } } }",
            "impl EachText for E { fn each_text(&mut self, v: V) { every!(self, a => a.each_text(v)) } }",
            "impl EachText for A { fn each_text(&mut self, v: V) { let Self { id: _ } = self; } }",
            "trait EachText { fn each_text(&mut self, v: V); }",
            "fn other() { let Row { name, .. } = row; }",
        ],
    );
}
