//! What is documented of the API: the types of the schema as introspection tells them, with their fields, arguments and
//! descriptions, and a search.

use std::sync::LazyLock;

use crate::graphql;
use async_graphql::Positioned;
use async_graphql::parser::parse_schema;
use async_graphql::parser::types::{
    BaseType, FieldDefinition, InputValueDefinition, Type, TypeDefinition, TypeKind, TypeSystemDefinition,
};

/// A type of the schema.
pub(crate) struct DocumentedType {
    pub name: String,
    pub kind: &'static str,
    pub description: String,
    pub parts: Vec<Part>,
    /// The interfaces that it has, or the types of which it is one.
    pub related: Vec<String>,
}

/// A field, an argument, or a word of an enum.
pub(crate) struct Part {
    pub name: String,
    /// Its type as it is written; empty for a word.
    pub ty: String,
    /// The name of the type in it.
    pub named: String,
    pub description: String,
    pub default: Option<String>,
    pub arguments: Vec<Self>,
}

/// What the page shows: the type that was chosen, and what was found.
pub(crate) struct Shown<'a> {
    pub find: &'a str,
    pub chosen: Option<&'static DocumentedType>,
    pub found: Vec<Found>,
    /// Whether more was found.
    pub more: bool,
}

/// A place of the schema that was found.
pub(crate) struct Found {
    pub of: &'static DocumentedType,
    pub part: Option<&'static Part>,
}

/// The most places that a search shows.
pub(crate) const FOUND_MAX: usize = 100;

/// The scalars of GraphQL itself, which a schema uses without defining them.
const OF_GRAPHQL: &str = r#"
"The id of a thing: a text that only this API reads."
scalar ID
"A text of Unicode characters."
scalar String
"A whole number of 32 bits with a sign."
scalar Int
"True or false."
scalar Boolean
"#;

pub(crate) static TYPES: LazyLock<Vec<DocumentedType>> = LazyLock::new(|| {
    // The schema is that of this program, and a test reads it.
    let schemas = [graphql::sdl(), OF_GRAPHQL.to_owned()].into_iter().map(parse_schema);
    let log = |error: &async_graphql::parser::Error| tracing::error!(%error, "the schema could not be documented");
    let schemas = schemas.filter_map(|schema| schema.inspect_err(log).ok());
    let types = schemas.flat_map(|schema| schema.definitions).filter_map(|definition| match definition {
        TypeSystemDefinition::Type(defined) => Some(DocumentedType::of(defined.node)),
        TypeSystemDefinition::Schema(_) | TypeSystemDefinition::Directive(_) => None,
    });
    let mut types: Vec<DocumentedType> = types.collect();
    // The queries and mutations are what a reader begins with.
    let place = |name: &str| match name {
        "Query" => 0,
        "Mutation" => 1,
        _ => 2,
    };
    types.sort_by(|one, other| (place(&one.name), &one.name).cmp(&(place(&other.name), &other.name)));
    types
});

fn text(description: Option<Positioned<String>>) -> String {
    description.map(|description| description.node).unwrap_or_default()
}

fn named(ty: &Type) -> String {
    match &ty.base {
        BaseType::Named(name) => name.to_string(),
        BaseType::List(of) => named(of),
    }
}

impl DocumentedType {
    fn of(defined: TypeDefinition) -> Self {
        let names =
            |names: Vec<Positioned<async_graphql::Name>>| names.iter().map(|name| name.node.to_string()).collect();
        let (kind, parts, related) = match defined.kind {
            TypeKind::Scalar => ("scalar", Vec::new(), Vec::new()),
            TypeKind::Object(object) => (
                "type",
                object.fields.into_iter().map(|field| Part::of_field(field.node)).collect(),
                names(object.implements),
            ),
            TypeKind::Interface(interface) => (
                "interface",
                interface.fields.into_iter().map(|field| Part::of_field(field.node)).collect(),
                names(interface.implements),
            ),
            TypeKind::Union(union) => ("union", Vec::new(), names(union.members)),
            TypeKind::Enum(words) => {
                let word = |word: async_graphql::parser::types::EnumValueDefinition| Part {
                    name: word.value.node.to_string(),
                    ty: String::new(),
                    named: String::new(),
                    description: text(word.description),
                    default: None,
                    arguments: Vec::new(),
                };
                ("enum", words.values.into_iter().map(|each| word(each.node)).collect(), Vec::new())
            }
            TypeKind::InputObject(input) => {
                ("input", input.fields.into_iter().map(|field| Part::of_input(field.node)).collect(), Vec::new())
            }
        };
        Self { name: defined.name.node.to_string(), kind, description: text(defined.description), parts, related }
    }

    fn holds(&self, words: &[String]) -> bool {
        holds(&[&self.name, &self.description], words)
    }
}

impl Part {
    fn of_field(field: FieldDefinition) -> Self {
        let ty = &field.ty.node;
        Self {
            name: field.name.node.to_string(),
            ty: ty.to_string(),
            named: named(ty),
            description: text(field.description),
            default: None,
            arguments: field.arguments.into_iter().map(|argument| Self::of_input(argument.node)).collect(),
        }
    }

    fn of_input(input: InputValueDefinition) -> Self {
        let ty = &input.ty.node;
        Self {
            name: input.name.node.to_string(),
            ty: ty.to_string(),
            named: named(ty),
            description: text(input.description),
            default: input.default_value.map(|value| value.node.to_string()),
            arguments: Vec::new(),
        }
    }
}

/// Whether each of the words stands in one of the texts, in any case of letters.
fn holds(texts: &[&str], words: &[String]) -> bool {
    let texts: Vec<String> = texts.iter().map(|text| text.to_lowercase()).collect();
    words.iter().all(|word| texts.iter().any(|text| text.contains(word)))
}

/// The types, and the parts of types, that have each word of a search. Without a word, all types.
pub(crate) fn found(find: &str) -> Vec<Found> {
    let words: Vec<String> = find.split_whitespace().map(str::to_lowercase).collect();
    if words.is_empty() {
        return TYPES.iter().map(|of| Found { of, part: None }).collect();
    }
    let types = TYPES.iter().filter(|of| of.holds(&words)).map(|of| Found { of, part: None });
    let parts = TYPES.iter().flat_map(|of| of.parts.iter().map(move |part| (of, part)));
    let parts = parts.filter(|(of, part)| {
        let whole = format!("{}.{}", of.name, part.name);
        let arguments = part.arguments.iter().map(|argument| argument.name.as_str());
        let texts: Vec<&str> = [whole.as_str(), &part.description].into_iter().chain(arguments).collect();
        holds(&texts, &words)
    });
    types.chain(parts.map(|(of, part)| Found { of, part: Some(part) })).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_and_field_is_documented_and_found() {
        let thread = TYPES.iter().find(|of| of.name == "Mutation").unwrap();
        let post = thread.parts.iter().find(|part| part.name == "postMessage").unwrap();
        assert_eq!((post.named.as_str(), post.arguments.len()), ("PostMessagePayload", 2));
        assert!(TYPES.iter().all(|of| !of.description.is_empty()), "a description for each type");
        assert_eq!(TYPES.first().map(|of| of.name.as_str()), Some("Query"));
        let places = |find: &str| -> Vec<String> {
            let found = found(find).into_iter();
            found.map(|found| format!("{} {}", found.of.name, found.part.map_or("", |part| &part.name))).collect()
        };
        assert!(places("mutation.postmessage").contains(&"Mutation postMessage".to_owned()));
        assert!(places("THREADID message").contains(&"Mutation postMessage".to_owned()), "by an argument");
        assert!(places("nonsense-word").is_empty());
        assert_eq!(places("").len(), TYPES.len());
    }
}
