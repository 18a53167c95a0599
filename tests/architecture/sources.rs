//! The source files of the repository, and what every rule does with them.
//!
//! Rules about what runs in production look at [`Source::product`]: the text without its tests.
//! Rules about words look at [`code`], which leaves comments out. Both keep every line at its
//! number, so a finding can name it.

use std::fs;
use std::path::{Path, PathBuf};

/// A Rust file of the repository.
pub struct Source {
    /// From the root of the repository, with `/`.
    pub path: String,
    /// As it stands.
    pub text: String,
    /// Whether the file is a module under `#[cfg(test)]`, or within one.
    in_test_module: bool,
}

impl Source {
    /// A source as a rule's own test makes it up.
    pub fn new(path: &str, text: &str) -> Self {
        Self { path: path.to_owned(), text: text.to_owned(), in_test_module: false }
    }

    /// Whether the whole file is test code.
    pub fn is_test(&self) -> bool {
        let folder = |name: &str| self.path.split('/').any(|part| part == name);
        self.in_test_module || folder("tests") || folder("benches")
    }

    /// The text without items under `#[cfg(test)]`; their lines are empty.
    pub fn product(&self) -> String {
        if self.is_test() { String::new() } else { split(&self.text).0 }
    }

    /// What [`product`](Self::product) leaves out; the other lines are empty.
    pub fn tests(&self) -> String {
        if self.is_test() { self.text.clone() } else { split(&self.text).1 }
    }

    /// Whether the file belongs to these rules, whose snippets break them on purpose.
    pub fn is_rule(&self) -> bool {
        self.path.starts_with("tests/architecture/")
    }

    /// Where the modules lie that this file declares under `#[cfg(test)]`, without `.rs`.
    fn test_modules(&self) -> Vec<String> {
        let (folder, file) = self.path.rsplit_once('/').unwrap_or_default();
        let home = match ["lib.rs", "main.rs", "mod.rs"].contains(&file) {
            true => folder,
            false => self.path.trim_end_matches(".rs"),
        };
        let tests = split(&self.text).1;
        let declared = tests.lines().filter_map(|line| line.trim_end().strip_suffix(';')?.rsplit_once("mod "));
        declared.map(|(_, name)| format!("{home}/{name}")).collect()
    }

    /// A finding about a line, counted from 0.
    pub fn at(&self, line: usize, wrong: &str) -> String {
        format!("{}:{}: {wrong}", self.path, line + 1)
    }

    /// A finding about an item, by name.
    pub fn within(&self, item: &str, wrong: &str) -> String {
        format!("{}: in {item}: {wrong}", self.path)
    }
}

/// Product and tests, each with the other's lines emptied. rustfmt's layout is relied upon: the
/// item under `#[cfg(test)]` ends on its first line, or at the next `}` at the attribute's indent.
fn split(text: &str) -> (String, String) {
    let lines: Vec<&str> = text.lines().collect();
    let mut is_test = vec![false; lines.len()];
    let mut next = 0;
    while let Some(line) = lines.get(next) {
        let begin = next;
        next += 1;
        if line.trim_start().starts_with("#[cfg(test)]") {
            let heads = lines.iter().take(begin).rev().take_while(|line| is_head(line)).count();
            let body = begin + lines.iter().skip(begin).take_while(|line| is_head(line)).count();
            next = end_of_item(&lines, body, indent(line));
            is_test.iter_mut().take(next).skip(begin - heads).for_each(|line| *line = true);
        }
    }
    let only = |tests: bool| {
        let kept = lines.iter().zip(&is_test).map(|(line, is_test)| if *is_test == tests { *line } else { "" });
        kept.map(|line| format!("{line}\n")).collect()
    };
    (only(false), only(true))
}

/// The line after the item whose first line, below its attributes, is `first`.
fn end_of_item(lines: &[&str], first: usize, indented: usize) -> usize {
    let ends_at_once = lines.get(first).is_some_and(|line| line.ends_with([';', ',', '}']));
    let closes = |line: &&str| indent(line) == indented && line.trim_start().starts_with('}');
    match ends_at_once {
        true => first + 1,
        false => first + 1 + lines.iter().skip(first).position(closes).unwrap_or(lines.len() - first),
    }
}

fn indent(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

/// Whether a line is an attribute or a comment that belongs to the item below it.
fn is_head(line: &str) -> bool {
    let line = line.trim_start();
    line.starts_with("#[") || (line.starts_with("//") && !line.starts_with("//!"))
}

/// The text without comments; every line keeps its number.
pub fn code(text: &str) -> String {
    let lines = text.lines().map(|line| match line.trim_start().starts_with("//") {
        true => "",
        false => line.split(" // ").next().unwrap_or(line),
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// Whether `text` holds `word`, not as a part of a longer name.
pub fn mentions(text: &str, word: &str) -> bool {
    let part_of_name = |c: char| c.is_alphanumeric() || c == '_';
    let opens = word.starts_with(part_of_name);
    let closes = word.ends_with(part_of_name);
    text.match_indices(word).any(|(at, _)| {
        let before = text.get(..at).and_then(|before| before.chars().next_back());
        let after = text.get(at + word.len()..).and_then(|after| after.chars().next());
        let longer = (opens && before.is_some_and(part_of_name)) || (closes && after.is_some_and(part_of_name));
        !longer
    })
}

/// One finding for each line of `text` that mentions one of `words`.
pub fn lines_with(source: &Source, text: &str, words: &[&str], wrong: &str) -> Vec<String> {
    let lines = text.lines().enumerate();
    lines
        .flat_map(|(number, line)| words.iter().map(move |word| (number, line, *word)))
        .filter(|(_, line, word)| mentions(line, word))
        .map(|(number, _, word)| source.at(number, &format!("`{word}` {wrong}")))
        .collect()
}

/// The syntax of a text of this source, or the finding that there is none.
pub fn syntax(source: &Source, text: &str) -> Result<syn::File, Vec<String>> {
    syn::parse_file(text).map_err(|problem| vec![source.within("the file", &format!("does not parse: {problem}"))])
}

/// The root of the repository.
pub fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

/// Every Rust file of the repository.
pub fn sources() -> Vec<Source> {
    let mut found = Vec::new();
    for folder in ["crates", "tests", "examples"] {
        collect(&root().join(folder), &mut found);
    }
    found.sort();
    let mut sources: Vec<Source> = found
        .iter()
        .filter_map(|path| {
            let relative = path.strip_prefix(root()).ok()?.to_string_lossy().replace('\\', "/");
            fs::read_to_string(path).ok().map(|text| Source::new(&relative, &text))
        })
        .collect();
    assert!(sources.iter().any(|source| source.path == "crates/care/src/event.rs"), "the sources were not found");
    assert_eq!(sources.len(), found.len(), "a source could not be read");
    mark_test_modules(&mut sources);
    sources
}

fn mark_test_modules(sources: &mut [Source]) {
    let modules: Vec<String> = sources.iter().flat_map(Source::test_modules).collect();
    for source in sources {
        let below = |module: &String| {
            source.path.strip_prefix(module.as_str()).is_some_and(|rest| rest == ".rs" || rest.starts_with('/'))
        };
        source.in_test_module = modules.iter().any(below);
    }
}

fn collect(folder: &Path, found: &mut Vec<PathBuf>) {
    // A folder that is not there yet holds no source; `sources` asserts that the crates are there.
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        let skipped = ["node_modules", "target"].iter().any(|name| path.ends_with(name));
        if path.is_dir() && !skipped {
            collect(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// Runs a rule over every source and fails with every finding.
#[track_caller]
pub fn kept(rule: impl Fn(&Source) -> Vec<String>) {
    none(&sources().iter().flat_map(rule).collect::<Vec<_>>());
}

/// Fails with the findings, unless there are none.
#[track_caller]
pub fn none(findings: &[String]) {
    assert!(findings.is_empty(), "{} finding(s):\n{}\n", findings.len(), findings.join("\n"));
}

/// Fails unless each snippet breaks the rule, which is the proof that the rule can fail.
#[track_caller]
pub fn breaks(rule: impl Fn(&Source) -> Vec<String>, path: &str, snippets: &[&str]) {
    for snippet in snippets {
        assert!(!rule(&Source::new(path, snippet)).is_empty(), "the rule let this pass in {path}:\n{snippet}");
    }
}

/// Fails unless the rule lets each snippet pass.
#[track_caller]
pub fn passes(rule: impl Fn(&Source) -> Vec<String>, path: &str, snippets: &[&str]) {
    for snippet in snippets {
        none(&rule(&Source::new(path, snippet)));
    }
}

#[test]
fn product_and_tests_are_distinguished_and_lines_keep_their_numbers() {
    let text = "fn a() {}\n#[cfg(test)]\nuse b;\nimpl C {\n    #[cfg(test)]\n    fn d() {\n        e();\n    }\n    fn f() {}\n}\n\
                #[cfg(test)]\n#[expect(x)]\nmod tests {\n    fn g() {}\n}\n";
    let source = Source::new("crates/x/src/x.rs", text);
    let product: Vec<_> = source.product().lines().map(str::to_owned).collect();
    assert_eq!(product.len(), text.lines().count());
    assert_eq!(product.concat(), "fn a() {}impl C {    fn f() {}}");
    assert_eq!(product[8], "    fn f() {}");
    assert!(source.tests().contains("fn g") && source.tests().contains("e();") && !source.tests().contains("fn f"));
    let headed = Source::new("crates/x/src/x.rs", "/// Words.\n#[cfg(test)]\npub(crate) mod words {\n}\nfn a() {}\n");
    assert_eq!(headed.product().trim(), "fn a() {}");
    assert_eq!(Source::new("tests/story.rs", text).product(), "");
    assert_eq!(Source::new("crates/x/tests/story.rs", text).tests(), text);
}

#[test]
fn a_module_under_cfg_test_is_test_code_with_all_that_is_below() {
    let declares = "#[cfg(test)]\npub(crate) mod contract;\nmod memory;\n";
    let paths = ["lib.rs", "contract.rs", "contract/killing.rs", "memory.rs", "contracts.rs"];
    let mut sources = paths.map(|file| Source::new(&format!("crates/journal/src/{file}"), declares));
    mark_test_modules(&mut sources[..]);
    assert_eq!(sources.map(|source| source.is_test()), [false, true, true, false, false]);
}

#[test]
fn a_word_is_found_whole_and_outside_comments() {
    assert!(mentions("let x = rand::fill();", "rand"));
    assert!(!mentions("let operand = 1;", "rand") && !mentions("random()", "rand"));
    assert!(mentions("Utc::now)", "Utc::now") && !mentions("Utc::now_or", "Utc::now"));
    assert_eq!(code("/// a\nb // c\n    //! d"), "\nb\n");
}
