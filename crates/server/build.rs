//! Makes one method of each text of the pages, and the list of the example queries. A text that a template names and no
//! language has is a compile error.
//!
//! `texts/en.ftl` is the reference: every other language must have the same texts with the same variables. To add a
//! language, add its file.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::fmt::Write as _;
use std::path::Path;

use fluent_syntax::ast::{Entry, Expression, InlineExpression, Pattern, PatternElement};

/// The variables of each text, by its key.
type Keys = BTreeMap<String, BTreeSet<String>>;

const REFERENCE: &str = "en";

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=texts");
    println!("cargo::rerun-if-changed=build.rs");
    let folder = Path::new(&std::env::var("CARGO_MANIFEST_DIR")?).join("texts");
    let mut languages = BTreeMap::new();
    for entry in std::fs::read_dir(&folder)? {
        let path = entry?.path();
        let Some(name) = path.file_name().and_then(|name| name.to_str()?.strip_suffix(".ftl")) else { continue };
        languages.insert(name.to_owned(), keys(name, &std::fs::read_to_string(&path)?)?);
    }
    let reference = languages.get(REFERENCE).ok_or("texts/en.ftl is missing")?;
    let mut wrong = String::new();
    for (name, other) in &languages {
        compare(&mut wrong, name, reference, other)?;
    }
    if !wrong.is_empty() {
        return Err(wrong.into());
    }
    let out = Path::new(&std::env::var("OUT_DIR")?).join("texts.rs");
    std::fs::write(out, generated(&folder, &languages, reference)?)?;
    let examples = Path::new(&std::env::var("CARGO_MANIFEST_DIR")?).join("../../examples/queries");
    println!("cargo::rerun-if-changed={}", examples.display());
    std::fs::write(Path::new(&std::env::var("OUT_DIR")?).join("examples.rs"), documents(&examples)?)?;
    Ok(())
}

/// The constant with each example query, by its name.
fn documents(folder: &Path) -> Result<String, Box<dyn Error>> {
    let mut documents = BTreeMap::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let Some(name) = path.file_name().and_then(|name| name.to_str()?.strip_suffix(".graphql")) else { continue };
        println!("cargo::rerun-if-changed={}", path.display());
        documents.insert(name.to_owned(), std::fs::read_to_string(&path)?);
    }
    let mut out = String::from("pub(crate) const EXAMPLES: &[Example] = &[\n");
    for (name, text) in &documents {
        writeln!(out, "Example {{ name: {name:?}, text: {text:?} }},")?;
    }
    out.push_str("];\n");
    Ok(out)
}

fn compare(wrong: &mut String, name: &str, reference: &Keys, other: &Keys) -> std::fmt::Result {
    for (key, variables) in reference {
        match other.get(key) {
            None => writeln!(wrong, "texts/{name}.ftl lacks `{key}`")?,
            Some(own) if own != variables => {
                writeln!(wrong, "texts/{name}.ftl: `{key}` has the variables {own:?}, and {variables:?} are needed")?;
            }
            Some(_) => {}
        }
    }
    other
        .keys()
        .filter(|key| !reference.contains_key(*key))
        .try_for_each(|key| writeln!(wrong, "texts/{name}.ftl: `{key}` is not in texts/{REFERENCE}.ftl"))
}

fn generated(folder: &Path, languages: &BTreeMap<String, Keys>, reference: &Keys) -> Result<String, std::fmt::Error> {
    let mut out = String::from("impl Texts {\n");
    for (key, variables) in reference {
        let name = key.replace('-', "_");
        if variables.is_empty() {
            writeln!(out, "pub(crate) fn {name}(&self) -> Cow<'_, str> {{ self.say({key:?}, None) }}")?;
            continue;
        }
        let parameters: String = variables.iter().map(|variable| format!(", {variable}: impl Argument")).collect();
        let set: String =
            variables.iter().map(|variable| format!("all.set({variable:?}, {variable}.value());")).collect();
        writeln!(
            out,
            "pub(crate) fn {name}(&self{parameters}) -> String {{ let mut all = FluentArgs::new(); {set} self.say({key:?}, Some(&all)).into_owned() }}"
        )?;
    }
    out.push_str("}\nconst SOURCES: &[(&str, &str)] = &[\n");
    for name in languages.keys() {
        let path = folder.join(format!("{name}.ftl"));
        writeln!(out, "({name:?}, include_str!({path:?})),")?;
    }
    out.push_str("];\n");
    Ok(out)
}

fn keys(name: &str, text: &str) -> Result<Keys, Box<dyn Error>> {
    let resource =
        fluent_syntax::parser::parse(text).map_err(|(_, problems)| format!("texts/{name}.ftl: {problems:?}"))?;
    let mut found = Keys::new();
    for entry in &resource.body {
        if let Entry::Message(message) = entry
            && let Some(pattern) = &message.value
        {
            let mut variables = BTreeSet::new();
            of_pattern(pattern, &mut variables);
            if found.insert(message.id.name.to_owned(), variables).is_some() {
                return Err(format!("texts/{name}.ftl has `{}` twice", message.id.name).into());
            }
        }
    }
    Ok(found)
}

fn of_pattern(pattern: &Pattern<&str>, into: &mut BTreeSet<String>) {
    for element in &pattern.elements {
        if let PatternElement::Placeable { expression } = element {
            of_expression(expression, into);
        }
    }
}

fn of_expression(expression: &Expression<&str>, into: &mut BTreeSet<String>) {
    match expression {
        Expression::Select { selector, variants } => {
            of_inline(selector, into);
            variants.iter().for_each(|variant| of_pattern(&variant.value, into));
        }
        Expression::Inline(inline) => of_inline(inline, into),
    }
}

fn of_inline(inline: &InlineExpression<&str>, into: &mut BTreeSet<String>) {
    match inline {
        InlineExpression::VariableReference { id } => {
            into.insert(id.name.to_owned());
        }
        InlineExpression::Placeable { expression } => of_expression(expression, into),
        InlineExpression::FunctionReference { arguments, .. } => {
            arguments.positional.iter().for_each(|argument| of_inline(argument, into));
        }
        InlineExpression::StringLiteral { .. }
        | InlineExpression::NumberLiteral { .. }
        | InlineExpression::MessageReference { .. }
        | InlineExpression::TermReference { .. } => {}
    }
}
