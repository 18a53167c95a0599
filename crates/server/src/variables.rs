//! Checks the variables against their declared types before execution.
//!
//! The executor parses an argument only when it reaches the field, so a mutation whose second field has a
//! wrong argument would already have executed its first field; and it ignores unknown fields of an input
//! object. This check refuses the whole request. The error names the place and never the value. The values
//! of custom scalars are checked by their parsers.

use async_graphql::parser::types::{BaseType, OperationDefinition, Type};
use async_graphql::{Name, Value, Variables};

use crate::fault::{ErrorCode, Refused};
use crate::shape::{Input, InputField, Kind, Shape};

/// The variables that one operation declares.
pub(crate) struct DeclaredVariables {
    variables: Vec<DeclaredVariable>,
}

/// A variable that an operation declares.
struct DeclaredVariable {
    name: Name,
    ty: Type,
    default: Option<Value>,
}

impl DeclaredVariables {
    /// The variables that `operation` declares.
    pub(crate) fn of(operation: &OperationDefinition) -> Self {
        let variables = operation
            .variable_definitions
            .iter()
            .map(|variable| DeclaredVariable {
                name: variable.node.name.node.clone(),
                ty: variable.node.var_type.node.clone(),
                default: variable.node.default_value().cloned(),
            })
            .collect();
        Self { variables }
    }

    /// Refuses `given` if a variable is missing or does not fit its type.
    pub(crate) fn check(&self, shape: &Shape, given: &Variables) -> Result<(), Refused> {
        for DeclaredVariable { name, ty, default } in &self.variables {
            match given.get(name) {
                None if ty.nullable || default.is_some() => {}
                None => return Err(refused(&format!("variable \"${name}\" of type \"{ty}\" is missing"))),
                Some(value) => fits(shape, ty, value)
                    .map_err(|misfit| refused(&format!("variable \"${name}{}\" {}", misfit.place, misfit.what)))?,
            }
        }
        Ok(())
    }

    /// The value of a variable, or its default, if that is a whole number.
    pub(crate) fn whole_number(&self, name: &str, given: &Variables) -> Option<u64> {
        let default = || self.variables.iter().find(|declared| declared.name == name)?.default.as_ref();
        match given.get(name).or_else(default)? {
            Value::Number(number) => number.as_u64(),
            Value::Null
            | Value::String(_)
            | Value::Boolean(_)
            | Value::Binary(_)
            | Value::Enum(_)
            | Value::List(_)
            | Value::Object(_) => None,
        }
    }
}

/// A part of a variable that does not fit its type.
struct Misfit {
    place: String,
    what: String,
}

fn refused(message: &str) -> Refused {
    Refused::with_message(ErrorCode::BadUserInput, message)
}

fn misfit(what: impl Into<String>) -> Misfit {
    Misfit { place: String::new(), what: what.into() }
}

fn fits(shape: &Shape, ty: &Type, value: &Value) -> Result<(), Misfit> {
    if *value == Value::Null {
        return if ty.nullable { Ok(()) } else { Err(misfit(format!("must be \"{ty}\", not null"))) };
    }
    match (&ty.base, value) {
        (BaseType::List(inner), Value::List(items)) => items.iter().enumerate().try_for_each(|(index, item)| {
            fits(shape, inner, item).map_err(|found| under(&format!("[{index}]"), found))
        }),
        // GraphQL's input coercion: a single value is a list of one.
        (BaseType::List(inner), single) => fits(shape, inner, single),
        (BaseType::Named(name), value) => match shape.kind(name) {
            Some(Kind::Input(input)) => fits_input(shape, input, value),
            Some(Kind::Enum(values)) if values.contains(enum_value(value)) => Ok(()),
            Some(Kind::Enum(_)) => Err(misfit(format!("must be a value of \"{name}\""))),
            Some(Kind::Scalar | Kind::Fields(_) | Kind::Union) => Ok(()),
            None => fits_built_in(name, value),
        },
    }
}

fn under(step: &str, found: Misfit) -> Misfit {
    Misfit { place: format!("{step}{}", found.place), what: found.what }
}

/// The name of an enum value, which is a string in JSON.
fn enum_value(value: &Value) -> &str {
    match value {
        Value::Enum(name) => name,
        Value::String(name) => name,
        Value::Null | Value::Number(_) | Value::Boolean(_) | Value::Binary(_) | Value::List(_) | Value::Object(_) => "",
    }
}

fn fits_built_in(name: &Name, value: &Value) -> Result<(), Misfit> {
    let fits = match (name.as_str(), value) {
        ("Int", Value::Number(number)) => number.is_i64() || number.is_u64(),
        ("Float", Value::Number(_)) | ("String", Value::String(_)) | ("Boolean", Value::Boolean(_)) => true,
        ("ID", Value::String(_)) => true,
        ("ID", Value::Number(number)) => number.is_i64() || number.is_u64(),
        _ => false,
    };
    if fits { Ok(()) } else { Err(misfit(format!("must be \"{name}\""))) }
}

fn fits_input(shape: &Shape, input: &Input, value: &Value) -> Result<(), Misfit> {
    let Value::Object(members) = value else {
        return Err(misfit("must be an object"));
    };
    if let Some(unknown) = members.keys().find(|member| !input.fields.contains_key(*member)) {
        return Err(misfit(format!("has no field \"{unknown}\"")));
    }
    for (name, InputField { ty, optional }) in &input.fields {
        match members.get(name) {
            None if *optional => {}
            None => return Err(misfit(format!("lacks its field \"{name}\""))),
            Some(value) => fits(shape, ty, value).map_err(|found| under(&format!(".{name}"), found))?,
        }
    }
    if input.one_of && (members.len() != 1 || members.values().any(|value| *value == Value::Null)) {
        return Err(misfit("must have exactly one field"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use async_graphql::parser::parse_query;
    use serde_json::json;

    use super::*;

    const SDL: &str = r#"
        input Note { text: String!, mark: Mark, tags: [String!], day: Day, more: [Note!], n: Int! = 3 }
        input Either @oneOf { a: Int b: Int }
        enum Mark { RED BLUE }
        scalar Day
        type Query { x: Int }
        schema { query: Query }
    "#;

    fn check(declared: &str, given: serde_json::Value) -> Result<(), String> {
        let document = parse_query(format!("query({declared}) {{ x }}")).unwrap();
        let (_, operation) = document.operations.iter().next().unwrap();
        let shape = Shape::read(SDL).unwrap();
        DeclaredVariables::of(&operation.node)
            .check(&shape, &Variables::from_json(given))
            .map_err(|refused| refused.to_string())
    }

    #[test]
    fn a_value_of_the_declared_type_passes() {
        for (declared, given) in [
            ("$v: ID!", json!({ "v": "a" })),
            ("$v: ID!", json!({ "v": 7 })),
            ("$v: Int", json!({})),
            ("$v: Int", json!({ "v": null, "unasked": 1 })),
            ("$v: Int! = 4", json!({})),
            ("$v: Float!", json!({ "v": 1 })),
            ("$v: [Int!]!", json!({ "v": [1, 2] })),
            ("$v: [Int!]!", json!({ "v": 1 })),
            ("$v: Mark!", json!({ "v": "RED" })),
            ("$v: Day!", json!({ "v": { "any": "thing" } })),
            ("$v: Note!", json!({ "v": { "text": "t", "more": [{ "text": "u", "mark": "BLUE" }] } })),
            ("$v: Either!", json!({ "v": { "a": 1 } })),
        ] {
            assert_eq!(check(declared, given.clone()), Ok(()), "{declared} {given}");
        }
    }

    #[test]
    fn a_value_of_another_type_is_refused_and_its_place_is_named() {
        for (declared, given, place) in [
            ("$v: ID!", json!({}), "$v\" of type \"ID!\" is missing"),
            ("$v: ID!", json!({ "v": null }), "$v\""),
            ("$v: ID!", json!({ "v": 1.5 }), "$v\""),
            ("$v: Int!", json!({ "v": "1" }), "$v\""),
            ("$v: Int!", json!({ "v": 1.0e300 }), "$v\""),
            ("$v: Int! = 4", json!({ "v": null }), "$v\""),
            ("$v: String", json!({ "v": true }), "$v\""),
            ("$v: Boolean", json!({ "v": "true" }), "$v\""),
            ("$v: [Int!]", json!({ "v": [1, null] }), "$v[1]\""),
            ("$v: Mark", json!({ "v": "GREEN" }), "$v\""),
            ("$v: Mark", json!({ "v": 1 }), "$v\""),
            ("$v: Note", json!({ "v": "text" }), "$v\""),
            ("$v: Note", json!({ "v": {} }), "lacks its field \"text\""),
            ("$v: Note", json!({ "v": { "text": "t", "author": "x" } }), "no field \"author\""),
            ("$v: Note", json!({ "v": { "text": "t", "more": [{ "text": 3 }] } }), "$v.more[0].text\""),
            ("$v: Note", json!({ "v": { "text": "t", "n": null } }), "$v.n\""),
            ("$v: Either", json!({ "v": { "a": 1, "b": 2 } }), "exactly one"),
            ("$v: Either", json!({ "v": { "a": null } }), "exactly one"),
        ] {
            let message = check(declared, given.clone()).unwrap_err();
            assert!(message.starts_with("BAD_USER_INPUT"), "{message}");
            assert!(message.contains(place), "{declared} {given}: {message}");
        }
    }
}
