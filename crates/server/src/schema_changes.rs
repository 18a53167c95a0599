//! The changes of the schema that break a client which was written for a released one.
//!
//! Breaking are: a type, field, argument, word or implementation that is gone; a value that may be null or of another
//! type than before; an argument or input field that is new and required, or takes less than before.

use std::collections::BTreeMap;

use async_graphql::Positioned;
use async_graphql::parser::types::{
    BaseType, FieldDefinition, InputValueDefinition, Type, TypeKind, TypeSystemDefinition,
};
use async_graphql::parser::{Error, parse_schema};

/// A schema, with its parts by their places such as `Thread.owner`.
#[derive(Default)]
struct Parts {
    /// Types with their kind, words of enums, implementations and members: what must stay.
    names: BTreeMap<String, &'static str>,
    /// What a client gets.
    outputs: BTreeMap<String, Type>,
    /// What a client gives.
    inputs: BTreeMap<String, Given>,
}

struct Given {
    ty: Type,
    required: bool,
    /// The place of which this is an argument or a field.
    of: String,
}

/// The breaking changes from a released schema to the current one, each in one line.
///
/// # Errors
/// If one of them is no schema.
pub fn breaking(released: &str, current: &str) -> Result<Vec<String>, Error> {
    let (old, new) = (Parts::read(released)?, Parts::read(current)?);
    let mut found = Vec::new();
    for (place, kind) in &old.names {
        match new.names.get(place) {
            Some(now) if now == kind => {}
            Some(now) => found.push(format!("{place} was {kind} and is {now}")),
            None => found.push(format!("{place} is gone")),
        }
    }
    for (place, was) in &old.outputs {
        match new.outputs.get(place) {
            Some(is) if fits(is, was) => {}
            Some(is) => found.push(format!("{place} was {was} and is {is}")),
            None => found.push(format!("{place} is gone")),
        }
    }
    for (place, was) in &old.inputs {
        match new.inputs.get(place) {
            Some(is) if is.required && !was.required => found.push(format!("{place} is required now")),
            Some(is) if fits(&was.ty, &is.ty) || (!is.required && bases_fit(&was.ty, &is.ty)) => {}
            Some(is) => found.push(format!("{place} took {} and takes {}", was.ty, is.ty)),
            None => found.push(format!("{place} is gone")),
        }
    }
    for (place, is) in &new.inputs {
        let known = old.outputs.contains_key(&is.of) || old.names.contains_key(&is.of);
        if is.required && known && !old.inputs.contains_key(place) {
            found.push(format!("{place} is new and required"));
        }
    }
    Ok(found)
}

/// Whether every value of `given` is one of `place`.
fn fits(given: &Type, place: &Type) -> bool {
    (place.nullable || !given.nullable) && bases_fit(given, place)
}

fn bases_fit(given: &Type, place: &Type) -> bool {
    match (&given.base, &place.base) {
        (BaseType::Named(given), BaseType::Named(place)) => given == place,
        (BaseType::List(given), BaseType::List(place)) => fits(given, place),
        (BaseType::Named(_), BaseType::List(_)) | (BaseType::List(_), BaseType::Named(_)) => false,
    }
}

impl Parts {
    fn read(sdl: &str) -> Result<Self, Error> {
        let mut parts = Self::default();
        for definition in parse_schema(sdl)?.definitions {
            let TypeSystemDefinition::Type(defined) = definition else { continue };
            let name = defined.node.name.node.to_string();
            let kind = match defined.node.kind {
                TypeKind::Scalar => "a scalar",
                TypeKind::Object(object) => {
                    parts.names(&name, "an implementation", object.implements.iter().map(|each| each.node.as_str()));
                    parts.outputs(&name, object.fields);
                    "an object"
                }
                TypeKind::Interface(interface) => {
                    parts.outputs(&name, interface.fields);
                    "an interface"
                }
                TypeKind::Union(union) => {
                    parts.names(&name, "a member", union.members.iter().map(|each| each.node.as_str()));
                    "a union"
                }
                TypeKind::Enum(words) => {
                    parts.names(&name, "a word", words.values.iter().map(|each| each.node.value.node.as_str()));
                    "an enum"
                }
                TypeKind::InputObject(input) => {
                    parts.inputs(&name, input.fields);
                    "an input"
                }
            };
            parts.names.insert(name, kind);
        }
        Ok(parts)
    }

    fn names<'a>(&mut self, of: &str, kind: &'static str, names: impl Iterator<Item = &'a str>) {
        self.names.extend(names.map(|name| (format!("{of}.{name}"), kind)));
    }

    fn outputs(&mut self, of: &str, fields: Vec<Positioned<FieldDefinition>>) {
        for field in fields {
            let place = format!("{of}.{}", field.node.name.node);
            self.inputs(&place, field.node.arguments);
            self.outputs.insert(place, field.node.ty.node);
        }
    }

    fn inputs(&mut self, of: &str, given: Vec<Positioned<InputValueDefinition>>) {
        for each in given {
            let ty = each.node.ty.node;
            let required = !ty.nullable && each.node.default_value.is_none();
            let place = format!("{of}.{}", each.node.name.node);
            self.inputs.insert(place, Given { ty, required, of: of.to_owned() });
        }
    }
}

/// Each field, input field and word of an enum, with its type, as introspection tells it.
#[cfg(test)]
pub(crate) fn fields(sdl: &str) -> Result<std::collections::BTreeSet<String>, Error> {
    let parts = Parts::read(sdl)?;
    let outputs = parts.outputs.iter().map(|(place, ty)| format!("{place}: {ty}"));
    let inputs = parts.inputs.iter().filter(|(_, given)| parts.names.contains_key(&given.of));
    let words = parts.names.iter().filter(|(_, kind)| **kind == "a word");
    let given = inputs.map(|(place, given)| format!("{place}: {}", given.ty));
    Ok(outputs.chain(given).chain(words.map(|(place, _)| format!("{place}: "))).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    const RELEASED: &str = "type Query implements Node { id: ID! a(x: Int, y: Int!): String b: [Int!] }
        interface Node { id: ID! } enum Word { ONE TWO } input In { f: Int g: Int! = 1 } schema { query: Query }";

    #[test]
    fn a_change_that_breaks_a_client_is_found_and_no_other() {
        assert_eq!(breaking(RELEASED, RELEASED), Ok(vec![]));
        for (was, is, expected) in [
            ("b: [Int!]", "", Some("Query.b is gone")),
            ("b: [Int!]", "b: [Int]", Some("Query.b was [Int!] and is [Int]")),
            ("b: [Int!]", "b: [Int!]! c(z: Int!): Int", None),
            ("id: ID! a", "id: ID a", Some("Query.id was ID! and is ID")),
            ("x: Int,", "", Some("Query.a.x is gone")),
            ("x: Int,", "x: Int!,", Some("Query.a.x is required now")),
            ("x: Int,", "x: ID,", Some("Query.a.x took Int and takes ID")),
            ("y: Int!", "y: Int", None),
            ("x: Int,", "x: Int, z: Int!,", Some("Query.a.z is new and required")),
            ("x: Int,", "x: Int, z: Int! = 3,", None),
            ("implements Node", "", Some("Query.Node is gone")),
            ("ONE TWO", "ONE", Some("Word.TWO is gone")),
            ("ONE TWO", "ONE TWO THREE", None),
            ("f: Int", "f: Int h: Int!", Some("In.h is new and required")),
            ("f: Int", "f: Int h: Int", None),
            ("g: Int! = 1", "g: Int!", Some("In.g is required now")),
            ("enum Word { ONE TWO }", "scalar Word", Some("Word was an enum and is a scalar")),
        ] {
            let found = breaking(RELEASED, &RELEASED.replacen(was, is, 1)).unwrap();
            assert!(expected.is_none_or(|expected| found.iter().any(|each| each == expected)), "{was} {is}: {found:?}");
            assert_eq!(found.is_empty(), expected.is_none(), "{was} {is}: {found:?}");
        }
    }
}
