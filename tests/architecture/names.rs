//! Files, modules and types have no meaningless names.
//!
//! A module called `utils` or a type called `…Manager` collects unrelated code. Use a noun of the domain.

use syn::visit::{self, Visit};

use crate::sources::{Source, breaks, kept, passes, syntax};

const FILES: &[&str] = &["utils", "util", "common", "helpers", "helper", "types", "models", "services", "misc"];

const ENDINGS: &[&str] = &["Manager", "Service", "Helper", "Helpers", "Util", "Utils"];

fn banned_names(source: &Source) -> Vec<String> {
    let parts = source.path.split('/').map(|part| part.trim_end_matches(".rs"));
    let mut findings: Vec<String> = parts
        .filter(|part| FILES.contains(part))
        .map(|part| source.within("its path", &format!("`{part}` says nothing")))
        .collect();
    let mut names = Names::default();
    match syntax(source, &source.text) {
        Ok(file) => names.visit_file(&file),
        Err(unread) => return unread,
    }
    let modules = names.modules.iter().filter(|name| FILES.contains(&name.as_str()));
    findings.extend(modules.map(|name| source.within(&format!("mod {name}"), "the name says nothing")));
    let types = names.types.iter().filter(|name| ENDINGS.iter().any(|ending| name.ends_with(ending)));
    findings.extend(types.map(|name| source.within(name, "the name ends in a word that says nothing")));
    findings
}

#[derive(Default)]
struct Names {
    modules: Vec<String>,
    types: Vec<String>,
}

impl<'ast> Visit<'ast> for Names {
    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        self.modules.push(item.ident.to_string());
        visit::visit_item_mod(self, item);
    }

    fn visit_item_struct(&mut self, item: &'ast syn::ItemStruct) {
        self.types.push(item.ident.to_string());
    }

    fn visit_item_enum(&mut self, item: &'ast syn::ItemEnum) {
        self.types.push(item.ident.to_string());
    }

    fn visit_item_union(&mut self, item: &'ast syn::ItemUnion) {
        self.types.push(item.ident.to_string());
    }

    fn visit_item_trait(&mut self, item: &'ast syn::ItemTrait) {
        self.types.push(item.ident.to_string());
        visit::visit_item_trait(self, item);
    }

    fn visit_item_type(&mut self, item: &'ast syn::ItemType) {
        self.types.push(item.ident.to_string());
    }
}

#[test]
fn no_file_module_or_type_has_a_meaningless_name() {
    kept(banned_names);
}

#[test]
fn meaningless_names_are_found() {
    breaks(banned_names, "crates/care/src/utils.rs", &[""]);
    breaks(banned_names, "crates/care/src/helpers/thread.rs", &[""]);
    breaks(
        banned_names,
        "crates/care/src/thread.rs",
        &[
            "mod common;",
            "mod a { mod types { } }",
            "struct ThreadManager;",
            "enum ThreadHelper {}",
            "trait ThreadService {}",
            "type TextUtils = ();",
            "fn f() { struct InnerManager; }",
        ],
    );
    passes(banned_names, "crates/care/src/thread.rs", &["enum Role { Service, Manager }", "mod team; struct Thread;"]);
}
