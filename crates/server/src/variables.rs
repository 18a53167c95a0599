//! Variables are held against their declared types before anything runs.
//!
//! The executor parses an argument only when it reaches the field, so a mutation
//! with a bad second field would already have run its first; and it passes over
//! members of an input object that it does not know. Here the whole request is
//! refused instead, naming the place and never the value. What a scalar of our own
//! accepts is left to its parser.

use async_graphql::parser::types::{BaseType, OperationDefinition, Type};
use async_graphql::{Name, Value, Variables};

use crate::fault::{ErrorCode, Refused};
use crate::shape::{Input, Kind, Shape};

/// What the variables of one operation must be.
pub(crate) struct Declared {
    variables: Vec<(Name, Type, Option<Value>)>,
}

impl Declared {
    /// As the operation declares them.
    pub(crate) fn of(operation: &OperationDefinition) -> Self {
        let variables = operation
            .variable_definitions
            .iter()
            .map(|variable| {
                let default = variable.node.default_value().cloned();
                (variable.node.name.node.clone(), variable.node.var_type.node.clone(), default)
            })
            .collect();
        Self { variables }
    }

    /// Refuses `given` if a variable is missing, or does not fit its type.
    pub(crate) fn check(&self, shape: &Shape, given: &Variables) -> Result<(), Refused> {
        for (name, ty, default) in &self.variables {
            match given.get(name) {
                None if ty.nullable || default.is_some() => {}
                None => return Err(refused(&format!("variable \"${name}\" of type \"{ty}\" is missing"))),
                Some(value) => fits(shape, ty, value)
                    .map_err(|misfit| refused(&format!("variable \"${name}{}\" {}", misfit.place, misfit.what)))?,
            }
        }
        Ok(())
    }

    /// The whole number a variable stands for, its default included.
    pub(crate) fn whole_number(&self, name: &str, given: &Variables) -> Option<u64> {
        let default = || {
            let declared = self.variables.iter().find(|(declared, ..)| declared == name)?;
            declared.2.as_ref()
        };
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

/// Where in a variable something does not fit, and what.
struct Misfit {
    place: String,
    what: String,
}

fn refused(message: &str) -> Refused {
    Refused::worded(ErrorCode::BadUserInput, message)
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
        // One value stands for a list of one, as the language has it.
        (BaseType::List(inner), single) => fits(shape, inner, single),
        (BaseType::Named(name), value) => match shape.kind(name) {
            Some(Kind::Input(input)) => fits_input(shape, input, value),
            Some(Kind::Enum(values)) if values.contains(named(value)) => Ok(()),
            Some(Kind::Enum(_)) => Err(misfit(format!("must be a value of \"{name}\""))),
            Some(Kind::Scalar | Kind::Fields(_) | Kind::Union) => Ok(()),
            None => fits_built_in(name, value),
        },
    }
}

fn under(step: &str, found: Misfit) -> Misfit {
    Misfit { place: format!("{step}{}", found.place), what: found.what }
}

/// In JSON an enum value is a string.
fn named(value: &Value) -> &str {
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
    for (name, (ty, optional)) in &input.fields {
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
        Declared::of(&operation.node).check(&shape, &Variables::from_json(given)).map_err(|refused| refused.to_string())
    }

    #[test]
    fn what_fits_passes() {
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
    fn what_does_not_fit_is_refused_at_its_place() {
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
            let said = check(declared, given.clone()).unwrap_err();
            assert!(said.starts_with("BAD_USER_INPUT"), "{said}");
            assert!(said.contains(place), "{declared} {given}: {said}");
        }
    }
}
