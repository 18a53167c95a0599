//! No dependency cycles among the files of a crate, nor among its modules.
//!
//! A file depends on another where its product code names something that the other defines: by `crate::`, `super::`
//! or `self::`, by the name of a module below it or that it has imported, in a `use`, in a path in the code, or in
//! the arguments of a macro. A name that a file only passes on (`pub use`) leads to the file that defines it, and is
//! no dependency of the file that passes it on, unless that file also uses it. A module is a file at the top of a
//! crate together with the folder of its name.
//!
//! Not seen: a method that is called on a value whose type is never named, and what a macro expands to.

#![expect(clippy::wildcard_enum_match_arm, reason = "the enums of Rust's syntax are not ours, and grow")]

use std::collections::{BTreeMap, BTreeSet};

use syn::visit::{self, Visit};

use crate::sources::{Source, none, sources, syntax};

/// The names of a path, from left to right.
type Names = Vec<String>;
/// Of a node on others, with the names that make it so.
type Dependencies = BTreeMap<String, BTreeMap<String, BTreeSet<String>>>;

/// A `use` of one name, or of all names of a module.
struct Import {
    /// `None` when it imports all.
    name: Option<String>,
    path: Names,
    passes_on: bool,
}

/// What a file says of names.
#[derive(Default)]
struct File {
    path: String,
    /// What it defines at its top, modules within the file included.
    defines: BTreeSet<String>,
    imports: Vec<Import>,
    /// Each path in its code, made absolute where it begins with `crate`, `self` or `super`.
    paths: BTreeSet<Names>,
    /// The module that is being read, which differs from the file's own within a module in the file.
    module: Names,
    depth: usize,
}

/// The crate of a source and its module there; the crate's root is the module without a name.
fn place(path: &str) -> Option<(String, Names)> {
    let (name, inside) = match path.strip_prefix("tests/stores/") {
        Some(inside) => ("test_stores", inside),
        None => path.strip_prefix("crates/")?.split_once("/src/")?,
    };
    let mut module: Names = inside.trim_end_matches(".rs").split('/').map(str::to_owned).collect();
    module.pop_if(|last| ["lib", "main", "mod"].contains(&last.as_str()));
    Some((name.to_owned(), module))
}

/// What a source of a crate says when the crate is no test; the crate of what tests need lies among the tests.
fn product(source: &Source) -> String {
    match source.path.strip_prefix("tests/stores/") {
        Some(inside) => Source::new(&format!("crates/test_stores/src/{inside}"), &source.text).product(),
        None => source.product(),
    }
}

impl File {
    fn read(source: &Source, module: &Names) -> Self {
        let mut file = Self { path: source.path.clone(), module: module.clone(), ..Self::default() };
        match syntax(source, &product(source)) {
            Ok(syntax) => file.visit_file(&syntax),
            Err(problem) => none(&problem),
        }
        file
    }

    /// A path from the root of the crate: `crate` first, or a name that is looked up where it stands.
    fn absolute(&self, path: Names) -> Names {
        let mut base = self.module.clone();
        let mut rest = path.iter().peekable();
        if rest.next_if(|name| *name == "crate").is_some() {
            base.clear();
        } else if !path.first().is_some_and(|first| first == "self" || first == "super") {
            return path;
        }
        while let Some(name) = rest.next_if(|name| *name == "self" || *name == "super") {
            if name == "super" {
                base.pop();
            }
        }
        ["crate".to_owned()].into_iter().chain(base).chain(rest.cloned()).collect()
    }

    fn import(&mut self, tree: &syn::UseTree, before: &Names, passes_on: bool) {
        let with = |name: &syn::Ident| before.iter().cloned().chain([name.to_string()]).collect::<Names>();
        let (name, path) = match tree {
            syn::UseTree::Path(path) => return self.import(&path.tree, &with(&path.ident), passes_on),
            syn::UseTree::Group(group) => {
                return group.items.iter().for_each(|tree| self.import(tree, before, passes_on));
            }
            syn::UseTree::Name(name) if name.ident == "self" => (before.last().cloned(), before.clone()),
            syn::UseTree::Rename(rename) if rename.ident == "self" => (Some(rename.rename.to_string()), before.clone()),
            syn::UseTree::Name(name) => (Some(name.ident.to_string()), with(&name.ident)),
            syn::UseTree::Rename(rename) => (Some(rename.rename.to_string()), with(&rename.ident)),
            syn::UseTree::Glob(_) => (None, before.clone()),
        };
        let path = self.absolute(path);
        self.imports.push(Import { name, path, passes_on });
    }
}

impl<'ast> Visit<'ast> for File {
    fn visit_item(&mut self, item: &'ast syn::Item) {
        if let (0, Some(name)) = (self.depth, defined(item)) {
            self.defines.insert(name);
        }
        self.depth += 1;
        visit::visit_item(self, item);
        self.depth -= 1;
    }

    fn visit_item_mod(&mut self, module: &'ast syn::ItemMod) {
        self.module.push(module.ident.to_string());
        visit::visit_item_mod(self, module);
        self.module.pop();
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        self.import(&item.tree, &Names::new(), !matches!(item.vis, syn::Visibility::Inherited));
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let names = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        self.paths.insert(self.absolute(names));
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, call: &'ast syn::Macro) {
        self.visit_path(&call.path);
        for path in paths_in(&call.tokens.to_string()) {
            self.paths.insert(self.absolute(path));
        }
    }

    fn visit_attribute(&mut self, _: &'ast syn::Attribute) {}

    fn visit_visibility(&mut self, _: &'ast syn::Visibility) {}
}

/// The name that an item gives to what it defines here.
fn defined(item: &syn::Item) -> Option<String> {
    let name = match item {
        syn::Item::Const(item) => &item.ident,
        syn::Item::Enum(item) => &item.ident,
        syn::Item::Fn(item) => &item.sig.ident,
        syn::Item::Macro(item) => item.ident.as_ref()?,
        syn::Item::Mod(item) => item.content.as_ref().map(|_| &item.ident)?,
        syn::Item::Static(item) => &item.ident,
        syn::Item::Struct(item) => &item.ident,
        syn::Item::Trait(item) => &item.ident,
        syn::Item::Type(item) => &item.ident,
        syn::Item::Union(item) => &item.ident,
        _ => return None,
    };
    Some(name.to_string())
}

/// The paths in the arguments of a macro, which are not parsed: names joined by `::`, outside of texts.
fn paths_in(tokens: &str) -> Vec<Names> {
    let mut paths: Vec<Names> = Vec::new();
    let mut joined = false;
    let mut rest = tokens.trim_start();
    while let Some(first) = rest.chars().next() {
        let length = if let Some(text) = rest.strip_prefix('"') {
            let mut escaped = false;
            let end = text.find(|c| {
                let ends = c == '"' && !escaped;
                escaped = c == '\\' && !escaped;
                ends
            });
            end.map_or(rest.len(), |end| end + 2)
        } else if first.is_alphabetic() || first == '_' {
            let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
            let name = rest.get(..end).unwrap_or_default().to_owned();
            match paths.last_mut() {
                Some(path) if joined => path.push(name),
                _ => paths.push(vec![name]),
            }
            end
        } else if rest.starts_with("::") {
            2
        } else {
            first.len_utf8()
        };
        joined = rest.starts_with("::");
        rest = rest.get(length..).unwrap_or_default().trim_start();
    }
    paths
}

/// The files of a crate, by their modules.
struct Crate(BTreeMap<Names, File>);

impl Crate {
    /// The file that defines what `path` means in `module`; `None` for a module itself and for what is not of this crate.
    fn definition(&self, module: &Names, path: &[String], steps: usize) -> Option<&Names> {
        let (first, rest) = path.split_first()?;
        // Two modules may import all names of each other.
        let steps = steps.checked_sub(1)?;
        if first == "crate" {
            return self.definition(&Names::new(), rest, steps);
        }
        let below: Names = module.iter().cloned().chain([first.clone()]).collect();
        if let Some((below, _)) = self.0.get_key_value(&below) {
            return self.definition(below, rest, steps);
        }
        let (module, file) = self.0.get_key_value(module)?;
        if file.defines.contains(first) {
            return Some(module);
        }
        let named = file.imports.iter().filter(|import| import.name.as_ref() == Some(first));
        let all = file.imports.iter().filter(|import| import.name.is_none());
        let by_name = named.map(|import| [&import.path, rest].concat());
        let by_all = all.map(|import| [&import.path, path].concat());
        // A path that begins with the name it imports is one of another crate.
        let mut led = by_name.chain(by_all).filter(|led| led != path);
        led.find_map(|led| self.definition(module, &led, steps))
    }

    /// Each file with the files that it depends on.
    fn dependencies(&self) -> Dependencies {
        let mut dependencies = Dependencies::new();
        for (module, file) in &self.0 {
            let used = dependencies.entry(file.path.clone()).or_default();
            let imported = file.imports.iter().filter(|import| !import.passes_on).map(|import| &import.path);
            for path in file.paths.iter().chain(imported) {
                let target = self.definition(module, path, STEPS_MAX).and_then(|target| self.0.get(target));
                if let Some(target) = target.filter(|target| target.path != file.path) {
                    used.entry(target.path.clone()).or_default().extend(path.last().cloned());
                }
            }
        }
        dependencies
    }
}

/// No name is passed on more often.
const STEPS_MAX: usize = 24;

fn crates(sources: &[Source]) -> BTreeMap<String, Crate> {
    let mut crates: BTreeMap<String, Crate> = BTreeMap::new();
    for source in sources {
        if let Some((name, module)) = place(&source.path).filter(|_| !product(source).is_empty()) {
            let file = File::read(source, &module);
            crates.entry(name).or_insert_with(|| Crate(BTreeMap::new())).0.insert(module, file);
        }
    }
    crates
}

/// The top modules of a crate with those that they depend on; the root is none of them.
fn of_modules(files: &Dependencies) -> Dependencies {
    let module = |path: &String| place(path)?.1.into_iter().next();
    let mut modules = Dependencies::new();
    for (from, used) in files {
        for (to, names) in used {
            if let (Some(from), Some(to)) = (module(from), module(to))
                && from != to
            {
                modules.entry(from).or_default().entry(to).or_default().extend(names.iter().cloned());
            }
        }
    }
    modules
}

/// All that `from` leads to.
fn reached(dependencies: &Dependencies, from: &str) -> BTreeSet<String> {
    let mut reached = BTreeSet::new();
    let mut next = vec![from];
    while let Some(node) = next.pop() {
        for to in dependencies.get(node).into_iter().flat_map(BTreeMap::keys) {
            if reached.insert(to.clone()) {
                next.push(to);
            }
        }
    }
    reached
}

/// One finding for each circle, with the dependencies that make it.
fn circles(dependencies: &Dependencies) -> Vec<String> {
    let reached: BTreeMap<&String, BTreeSet<String>> =
        dependencies.keys().map(|node| (node, reached(dependencies, node))).collect();
    let both = |one: &String, other: &String| {
        let leads = |from: &String, to: &String| reached.get(from).is_some_and(|reached| reached.contains(to));
        leads(one, other) && leads(other, one)
    };
    let mut findings = Vec::new();
    let mut told = BTreeSet::new();
    for node in dependencies.keys() {
        let within: Vec<&String> = dependencies.keys().filter(|other| both(node, other)).collect();
        if within.is_empty() || !told.insert(within.clone()) {
            continue;
        }
        let mut finding = format!("{within:?} form a circle");
        for from in &within {
            for (to, names) in dependencies.get(*from).into_iter().flatten().filter(|(to, _)| within.contains(to)) {
                finding.push_str(&format!("\n    {from} on {to}: {names:?}"));
            }
        }
        findings.push(finding);
    }
    findings
}

/// The circles of files and of modules.
fn findings(sources: &[Source]) -> Vec<String> {
    let of = |(name, files): (String, Crate)| {
        let circles = all_circles(&files.dependencies());
        circles.into_iter().map(move |circle| format!("{name}: {circle}"))
    };
    crates(sources).into_iter().flat_map(of).collect()
}

/// The circles among files, and among the modules that they make.
fn all_circles(files: &Dependencies) -> Vec<String> {
    [circles(files), circles(&of_modules(files))].concat()
}

#[test]
fn no_files_and_no_modules_form_a_circle() {
    none(&findings(&sources()));
}

#[test]
fn a_circle_is_found_however_it_is_named() {
    let file = |name: &str, text: &str| Source::new(&format!("crates/care/src/{name}.rs"), text);
    let found = |files: &[Source]| findings(files).len();
    let below = "mod inner;\npub struct A;\nfn f() -> inner::B { inner::B }";
    for back in [
        "use super::A;\npub struct B(A);",
        "use super::*;\npub struct B(A);",
        "use crate::a::A;\npub struct B(A);",
        "use crate::a;\npub struct B(a::A);",
        "pub struct B(super::A);",
        "pub struct B(self::super::A);",
        "pub struct B;\nfn f() {\n    use super::A as Other;\n}",
        "pub struct B;\nfn f() {\n    print!(\"{}\", super::A);\n}",
        "pub struct B;\nmod within {\n    pub struct C(super::super::A);\n}",
        "pub use super::A;\npub struct B(A);",
        "use crate::A;\npub struct B(A);",
    ] {
        let files = [file("lib", "mod a;\npub use a::A;"), file("a", below), file("a/inner", back)];
        assert_eq!(found(&files), 1, "{back}");
    }
    let modules = [
        file("a/one", "use crate::b::B;"),
        file("a/two", "pub struct A;"),
        file("b", "pub struct B(crate::a::two::A);"),
        file("a", "pub mod one;\npub mod two;"),
    ];
    let findings = findings(&modules);
    assert!(findings.len() == 1 && findings.concat().contains(r#"care: ["a", "b"]"#), "{findings:?}");
    let root =
        [file("main", "mod a;\npub struct Root;\nfn main() { a::f() }"), file("a", "use super::Root;\npub fn f() {}")];
    assert_eq!(found(&root), 1, "the root is a file too");
}

#[test]
fn files_without_a_circle_pass() {
    let file = |name: &str, text: &str| Source::new(&format!("crates/care/src/{name}.rs"), text);
    let line = [
        file("lib", "mod a;\nmod b;\npub use a::A;\npub use b::B;"),
        file("a", "use crate::B;\npub struct A(B);"),
        file("b", "//! See crate::a.\npub struct B;"),
    ];
    none(&findings(&line));
    let passed_on = [
        file("a", "mod inner;\nmod other;\npub use inner::A;\npub use other::*;"),
        file("a/inner", "use super::B;\npub struct A(B);"),
        file("a/other", "pub struct B;\nfn f() { print!(\"super::A\"); }"),
    ];
    none(&findings(&passed_on));
    let tested = [
        file("a", "use crate::b::B;\npub struct A(B);"),
        file("b", "pub struct B;\n#[cfg(test)]\nmod tests {\n    use crate::a::A;\n}"),
    ];
    none(&findings(&tested));
}
