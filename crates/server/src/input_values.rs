//! Checks every input value of an operation before anything runs: literals, defaults and variables, custom scalars
//! included, as strictly as the specification says.
//!
//! The executor parses an argument only when it reaches the field, so a mutation whose second field has a wrong
//! argument would already have executed its first field. It also ignores unknown fields of an input object, takes a
//! string for an enum, and takes a `String!` variable for an `ID!`. A literal or a use of a variable that does not
//! fit is an error of validation; the value of a variable that does not fit is an error of input. An error names the
//! place, and no value except a word that is none of an enum.
//!
//! To add a custom scalar: list it in `graphql::scalars::CHECKED`.

use std::collections::{HashMap, HashSet};

use async_graphql::parser::types::{
    BaseType, Directive, ExecutableDocument, Field, OperationDefinition, Selection, SelectionSet, Type,
};
use async_graphql::{Name, Pos, Positioned, ServerError, Value as ConstValue, Variables};
use async_graphql_value::Value;

use crate::fault::{ErrorCode, Refused};
use crate::shape::{Arguments, Input, InputField, Kind, Shape};

/// The variables that one operation declares.
pub(crate) struct DeclaredVariables {
    variables: Vec<DeclaredVariable>,
}

/// A variable that an operation declares.
struct DeclaredVariable {
    name: Name,
    ty: Type,
    default: Option<ConstValue>,
    /// Whether null is refused though its type is nullable: it has a default, and is used where null does not fit.
    never_null: bool,
}

/// A use of a variable in the document.
struct Use {
    variable: Name,
    position: Pos,
    /// The type of the place.
    ty: Type,
    /// Whether the place has a default.
    has_default: bool,
}

/// What a part of a document uses.
#[derive(Default)]
struct Uses {
    variables: Vec<Use>,
    fragments: HashSet<Name>,
}

/// Checks the literals of a document and how it uses its variables.
///
/// The fragments of `document` form no cycle, and its nesting is bounded. Unknown fields, arguments and types are left
/// to the validator.
///
/// # Errors
/// The literals and the uses that do not fit.
pub(crate) fn check(document: &ExecutableDocument, shape: &Shape) -> Result<Vec<DeclaredVariables>, Refused> {
    let mut errors = Vec::new();
    let mut fragments = HashMap::new();
    for (name, fragment) in &document.fragments {
        let mut visit = Visit { shape, errors: &mut errors, uses: Uses::default() };
        visit.directives(&fragment.node.directives);
        visit.set(&fragment.node.selection_set.node, Some(&fragment.node.type_condition.node.on.node));
        fragments.insert(name, visit.uses);
    }
    let mut declared = Vec::new();
    for (_, operation) in document.operations.iter() {
        let operation = &operation.node;
        let mut visit = Visit { shape, errors: &mut errors, uses: Uses::default() };
        visit.defaults(operation);
        visit.directives(&operation.directives);
        visit.set(&operation.selection_set.node, shape.root(operation.ty));
        let uses = visit.uses;
        let mut variables = DeclaredVariables::of(operation);
        let mut seen: HashSet<&Name> = HashSet::new();
        let mut pending = vec![&uses];
        while let Some(part) = pending.pop() {
            for each in &part.variables {
                errors.extend(variables.misuse(each));
            }
            for name in &part.fragments {
                if let Some(fragment) = fragments.get(name)
                    && seen.insert(name)
                {
                    pending.push(fragment);
                }
            }
        }
        declared.push(variables);
    }
    if errors.is_empty() { Ok(declared) } else { Err(Refused::with_errors(ErrorCode::GraphqlValidationFailed, errors)) }
}

/// A part of a document that is visited.
struct Visit<'a> {
    shape: &'a Shape,
    errors: &'a mut Vec<ServerError>,
    uses: Uses,
}

impl Visit<'_> {
    fn defaults(&mut self, operation: &OperationDefinition) {
        for variable in &operation.variable_definitions {
            if let Some(default) = &variable.node.default_value {
                let literal = Positioned::new(default.node.clone().into_value(), default.pos);
                let place = format!("the default of \"${}\"", variable.node.name.node);
                let ty = &variable.node.var_type.node;
                self.literal(&place, &InputField { ty: ty.clone(), has_default: false }, &literal);
            }
            self.directives(&variable.node.directives);
        }
    }

    fn set(&mut self, set: &SelectionSet, of: Option<&Name>) {
        for selection in &set.items {
            self.directives(selection.node.directives());
            match &selection.node {
                Selection::Field(field) => self.field(&field.node, of),
                Selection::InlineFragment(inline) => {
                    let on = inline.node.type_condition.as_ref().map(|on| &on.node.on.node).or(of);
                    self.set(&inline.node.selection_set.node, on);
                }
                Selection::FragmentSpread(spread) => {
                    self.uses.fragments.insert(spread.node.fragment_name.node.clone());
                }
            }
        }
    }

    fn field(&mut self, field: &Field, of: Option<&Name>) {
        let shape = self.shape;
        let known = shape.field_type(of, &field.name.node);
        if let Some(known) = known {
            self.arguments(&field.arguments, &known.arguments);
        }
        self.set(&field.selection_set.node, known.map(|known| &known.named));
    }

    fn directives(&mut self, given: &[Positioned<Directive>]) {
        let shape = self.shape;
        for directive in given {
            if let Some(arguments) = shape.directive(&directive.node.name.node) {
                self.arguments(&directive.node.arguments, arguments);
            }
        }
    }

    fn arguments(&mut self, given: &[(Positioned<Name>, Positioned<Value>)], known: &Arguments) {
        for (name, value) in given {
            if let Some(argument) = known.get(&name.node) {
                self.literal(&format!("argument \"{}\"", name.node), argument, value);
            }
        }
    }

    fn literal(&mut self, place: &str, field: &InputField, value: &Positioned<Value>) {
        let mut check = Check { shape: self.shape, source: Source::Document(value.pos), uses: Vec::new() };
        let fits = check.field(field, &value.node);
        self.uses.variables.append(&mut check.uses);
        if let Err(misfit) = fits {
            let message = format!("{place}{} {}", misfit.place, misfit.what);
            self.errors.push(ServerError::new(message, Some(value.pos)));
        }
    }
}

impl DeclaredVariables {
    /// The variables that `operation` declares.
    fn of(operation: &OperationDefinition) -> Self {
        let variables = operation
            .variable_definitions
            .iter()
            .map(|variable| DeclaredVariable {
                name: variable.node.name.node.clone(),
                ty: variable.node.var_type.node.clone(),
                default: variable.node.default_value.as_ref().map(|default| default.node.clone()),
                never_null: false,
            })
            .collect();
        Self { variables }
    }

    /// Refuses `given` if a variable is missing or does not fit its type.
    pub(crate) fn check(&self, shape: &Shape, given: &Variables) -> Result<(), Refused> {
        for DeclaredVariable { name, ty, default, never_null } in &self.variables {
            match given.get(name) {
                None if ty.nullable || default.is_some() => {}
                None => return Err(refused(&format!("variable \"${name}\" of type \"{ty}\" is missing"))),
                Some(ConstValue::Null) if *never_null => {
                    return Err(refused(&format!("variable \"${name}\" is used where null does not fit")));
                }
                Some(value) => Check { shape, source: Source::Json, uses: Vec::new() }
                    .value(ty, &value.clone().into_value())
                    .map_err(|misfit| refused(&format!("variable \"${name}{}\" {}", misfit.place, misfit.what)))?,
            }
        }
        Ok(())
    }

    /// The value of a variable, or its default, if that is a whole number.
    pub(crate) fn whole_number(&self, name: &str, given: &Variables) -> Option<u64> {
        let default = || self.variables.iter().find(|declared| declared.name == name)?.default.as_ref();
        match given.get(name).or_else(default)? {
            ConstValue::Number(number) => number.as_u64(),
            ConstValue::Null
            | ConstValue::String(_)
            | ConstValue::Boolean(_)
            | ConstValue::Binary(_)
            | ConstValue::Enum(_)
            | ConstValue::List(_)
            | ConstValue::Object(_) => None,
        }
    }

    /// The error of a use that the variable's type does not allow. Undeclared variables are left to the validator.
    fn misuse(&mut self, each: &Use) -> Option<ServerError> {
        let declared = self.variables.iter_mut().find(|declared| declared.name == each.variable)?;
        let fits = if each.ty.nullable || !declared.ty.nullable {
            is_subtype(&declared.ty, &each.ty)
        } else {
            declared.never_null = true;
            let has_default = declared.default.as_ref().is_some_and(|default| *default != ConstValue::Null);
            (has_default || each.has_default) && bases_fit(&declared.ty.base, &each.ty.base)
        };
        let message = || {
            let (name, ty, place) = (&declared.name, &declared.ty, &each.ty);
            format!("variable \"${name}\" of type \"{ty}\" is used where \"{place}\" is expected")
        };
        (!fits).then(|| ServerError::new(message(), Some(each.position)))
    }
}

/// Whether every value of `given` is one of `place`.
fn is_subtype(given: &Type, place: &Type) -> bool {
    (place.nullable || !given.nullable) && bases_fit(&given.base, &place.base)
}

fn bases_fit(given: &BaseType, place: &BaseType) -> bool {
    match (given, place) {
        (BaseType::Named(given), BaseType::Named(place)) => given == place,
        (BaseType::List(given), BaseType::List(place)) => is_subtype(given, place),
        (BaseType::Named(_), BaseType::List(_)) | (BaseType::List(_), BaseType::Named(_)) => false,
    }
}

/// A part of a value that does not fit its type.
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

fn under(step: &str, found: Misfit) -> Misfit {
    Misfit { place: format!("{step}{}", found.place), what: found.what }
}

/// Where a value was written.
#[derive(Clone, Copy)]
enum Source {
    /// In the document: a word of an enum is a name, and a variable can stand for a value.
    Document(Pos),
    /// In the variables, as JSON: a word of an enum is a string.
    Json,
}

/// The check of one value.
struct Check<'a> {
    shape: &'a Shape,
    source: Source,
    uses: Vec<Use>,
}

impl Check<'_> {
    /// Checks the value of an argument or of a field of an input object.
    fn field(&mut self, field: &InputField, value: &Value) -> Result<(), Misfit> {
        if self.uses(value, &field.ty, field.has_default) { Ok(()) } else { self.value(&field.ty, value) }
    }

    fn value(&mut self, ty: &Type, value: &Value) -> Result<(), Misfit> {
        if self.uses(value, ty, false) {
            return Ok(());
        }
        if *value == Value::Null {
            return if ty.nullable { Ok(()) } else { Err(misfit(format!("must be \"{ty}\", not null"))) };
        }
        match (&ty.base, value) {
            (BaseType::List(inner), Value::List(items)) => items.iter().enumerate().try_for_each(|(index, item)| {
                self.value(inner, item).map_err(|found| under(&format!("[{index}]"), found))
            }),
            // GraphQL's input coercion: a single value is a list of one.
            (BaseType::List(inner), single) => self.value(inner, single),
            (BaseType::Named(name), value) => self.named(name, value),
        }
    }

    fn named(&mut self, name: &Name, value: &Value) -> Result<(), Misfit> {
        match self.shape.kind(name) {
            Some(Kind::Input(input)) => self.object(input, value),
            Some(Kind::Enum(words)) => self.word(name, words, value),
            Some(Kind::Scalar(scalar)) => match value.clone().into_const().is_some_and(scalar.accepts) {
                true => Ok(()),
                false => Err(misfit(format!("must be \"{name}\": {}", scalar.form))),
            },
            Some(Kind::Fields(_) | Kind::Union) => Ok(()),
            None => built_in(name, value),
        }
    }

    fn word(&self, name: &Name, words: &[Name], value: &Value) -> Result<(), Misfit> {
        let word = match (self.source, value) {
            (Source::Document(_) | Source::Json, Value::Enum(word)) => word.as_str(),
            (Source::Json, Value::String(word)) => word.as_str(),
            (Source::Document(_), Value::String(_)) => {
                return Err(misfit(format!("must be a word of \"{name}\" without quotes")));
            }
            _ => return Err(misfit(format!("must be a word of \"{name}\""))),
        };
        if words.iter().any(|known| known == word) {
            return Ok(());
        }
        let allowed = words.iter().map(Name::as_str).collect::<Vec<_>>().join(", ");
        // Only a word is quoted: any other text may be about a person.
        let is_word = word.len() <= 64 && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        let quoted = if is_word { format!("\"{word}\"") } else { "the text".to_owned() };
        Err(misfit(format!("must be a word of \"{name}\": {quoted} is none of {allowed}")))
    }

    fn object(&mut self, input: &Input, value: &Value) -> Result<(), Misfit> {
        let Value::Object(members) = value else {
            return Err(misfit("must be an object"));
        };
        if let Some(unknown) = members.keys().find(|member| !input.fields.contains_key(*member)) {
            return Err(misfit(format!("has no field \"{unknown}\"")));
        }
        for (name, field) in &input.fields {
            match members.get(name) {
                None if field.ty.nullable || field.has_default => {}
                None => return Err(misfit(format!("lacks its field \"{name}\""))),
                Some(member) if input.one_of => {
                    let never_null = Type { base: field.ty.base.clone(), nullable: false };
                    self.value(&never_null, member).map_err(|found| under(&format!(".{name}"), found))?;
                }
                Some(member) => self.field(field, member).map_err(|found| under(&format!(".{name}"), found))?,
            }
        }
        if input.one_of && members.len() != 1 {
            return Err(misfit("must have exactly one field"));
        }
        Ok(())
    }

    /// Whether the value is a variable. Its use is noted.
    fn uses(&mut self, value: &Value, ty: &Type, has_default: bool) -> bool {
        let (Value::Variable(name), Source::Document(position)) = (value, self.source) else { return false };
        self.uses.push(Use { variable: name.clone(), position, ty: ty.clone(), has_default });
        true
    }
}

fn built_in(name: &Name, value: &Value) -> Result<(), Misfit> {
    let fits = match (name.as_str(), value) {
        ("Int", Value::Number(number)) => number.as_i64().is_some_and(|number| i32::try_from(number).is_ok()),
        ("Float", Value::Number(_)) | ("String", Value::String(_)) | ("Boolean", Value::Boolean(_)) => true,
        ("ID", Value::String(_)) => true,
        ("ID", Value::Number(number)) => number.is_i64() || number.is_u64(),
        _ => false,
    };
    if fits { Ok(()) } else { Err(misfit(format!("must be \"{name}\""))) }
}

#[cfg(test)]
mod tests {
    use async_graphql::parser::parse_query;
    use serde_json::json;

    use super::*;
    use crate::shape::Scalar;

    const SDL: &str = r#"
        input Note { text: String!, mark: Mark, tags: [String!], day: Day, more: [Note!], n: Int! = 3 }
        input Either @oneOf { a: Int b: Int }
        enum Mark { RED BLUE }
        scalar Day
        type Query { x(id: ID, sure: ID!, mark: Mark, notes: [Note!], either: Either, n: Int! = 3, day: Day): Int }
        directive @include(if: Boolean!) on FIELD
        schema { query: Query }
    "#;

    fn shape() -> Shape {
        let is_day = |value| matches!(value, ConstValue::String(text) if text.len() == 10);
        Shape::read(SDL, &[Scalar { name: "Day", form: "a day", accepts: is_day }]).unwrap()
    }

    fn checked(declared: &str, given: serde_json::Value) -> Result<(), String> {
        let document = parse_query(format!("query({declared}) {{ x }}")).unwrap();
        let (_, operation) = document.operations.iter().next().unwrap();
        let shape = shape();
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
            ("$v: Day!", json!({ "v": "2026-01-01" })),
            ("$v: Note!", json!({ "v": { "text": "t", "more": [{ "text": "u", "mark": "BLUE" }] } })),
            ("$v: Either!", json!({ "v": { "a": 1 } })),
        ] {
            assert_eq!(checked(declared, given.clone()), Ok(()), "{declared} {given}");
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
            ("$v: Int", json!({ "v": 2_147_483_648_u64 }), "$v\""),
            ("$v: Day", json!({ "v": "tomorrow" }), "$v\" must be \"Day\": a day"),
            ("$v: [Note!]", json!({ "v": [{ "text": "t", "day": 3 }] }), "$v[0].day\""),
            ("$v: String", json!({ "v": true }), "$v\""),
            ("$v: Boolean", json!({ "v": "true" }), "$v\""),
            ("$v: [Int!]", json!({ "v": [1, null] }), "$v[1]\""),
            ("$v: Mark", json!({ "v": "GREEN" }), "$v\" must be a word of \"Mark\": \"GREEN\" is none of RED, BLUE"),
            ("$v: Mark", json!({ "v": 1 }), "$v\""),
            ("$v: Note", json!({ "v": "text" }), "$v\""),
            ("$v: Note", json!({ "v": {} }), "lacks its field \"text\""),
            ("$v: Note", json!({ "v": { "text": "t", "author": "x" } }), "no field \"author\""),
            ("$v: Note", json!({ "v": { "text": "t", "more": [{ "text": 3 }] } }), "$v.more[0].text\""),
            ("$v: Note", json!({ "v": { "text": "t", "n": null } }), "$v.n\""),
            ("$v: Either", json!({ "v": { "a": 1, "b": 2 } }), "exactly one"),
            ("$v: Either", json!({ "v": { "a": null } }), "$v.a\""),
        ] {
            let message = checked(declared, given.clone()).unwrap_err();
            assert!(message.starts_with("BAD_USER_INPUT"), "{message}");
            assert!(message.contains(place), "{declared} {given}: {message}");
        }
    }

    fn document(text: &str) -> Result<(), String> {
        check(&parse_query(text).unwrap(), &shape()).map(drop).map_err(|refused| refused.to_string())
    }

    #[test]
    fn a_literal_and_a_use_that_fit_pass() {
        for text in [
            "{ x(id: \"a\", sure: 7, mark: RED, notes: { text: \"t\" }, either: { a: 1 }, n: 3, day: \"2026-01-01\") }",
            "query($v: ID!) { x(id: $v, sure: $v) }",
            "query($v: ID = \"a\") { x(sure: $v) }",
            "query($v: Int) { x(n: $v) }",
            "query($v: Mark) { x(mark: $v, notes: [{ text: \"t\", mark: $v, tags: null }]) }",
            "query($v: [Note!]!) { x(notes: $v) }",
            "query($v: Int!) { x(either: { a: $v }) }",
            "query($v: String!) { ...F } fragment F on Query { x(notes: [{ text: $v, tags: [$v] }]) }",
            "query($v: Boolean!) { x(sure: 1) @include(if: $v) }",
        ] {
            assert_eq!(document(text), Ok(()), "{text}");
        }
    }

    #[test]
    fn a_literal_or_a_use_that_does_not_fit_is_an_error_of_validation() {
        for (text, message) in [
            (
                "query($v: String!) { x(sure: $v) }",
                "variable \"$v\" of type \"String!\" is used where \"ID!\" is expected",
            ),
            ("query($v: Int!) { x(sure: $v) }", "of type \"Int!\" is used where \"ID!\""),
            ("query($v: String!) { x(mark: $v) }", "of type \"String!\" is used where \"Mark\""),
            ("query($v: ID) { x(sure: $v) }", "of type \"ID\" is used where \"ID!\""),
            ("query($v: ID = null) { x(sure: $v) }", "of type \"ID\" is used where \"ID!\""),
            ("query($v: [Note]) { x(notes: $v) }", "of type \"[Note]\" is used where \"[Note!]\""),
            ("query($v: Note!) { x(notes: $v) }", "of type \"Note!\" is used where \"[Note!]\""),
            ("query($v: Int) { x(either: { a: $v }) }", "is used where \"Int!\""),
            ("query($v: Int!) { ...F } fragment F on Query { x(notes: [{ text: $v }]) }", "is used where \"String!\""),
            ("query($v: String!) { x(sure: 1) @include(if: $v) }", "is used where \"Boolean!\""),
            ("{ x(mark: \"RED\") }", "argument \"mark\" must be a word of \"Mark\" without quotes"),
            ("{ x(mark: GREEN) }", "\"GREEN\" is none of RED, BLUE"),
            ("{ x(notes: [{ text: \"t\", day: \"tomorrow\" }]) }", "argument \"notes\"[0].day must be \"Day\": a day"),
            ("{ x(sure: null) }", "argument \"sure\" must be \"ID!\", not null"),
            ("{ x(n: 2147483648) }", "argument \"n\" must be \"Int\""),
            ("{ x(either: { a: 1, b: 2 }) }", "exactly one"),
            ("query($v: Mark = \"RED\") { x(mark: $v) }", "the default of \"$v\" must be"),
        ] {
            let refused = document(text).unwrap_err();
            assert!(refused.starts_with("GRAPHQL_VALIDATION_FAILED") && refused.contains(message), "{text}: {refused}");
        }
    }

    #[test]
    fn null_for_a_variable_with_a_default_is_refused_where_null_does_not_fit() {
        let parsed = parse_query("query($v: Int = 4, $w: Int) { x(sure: 1, n: $v) y: x(sure: 1, n: $w) }").unwrap();
        let declared = check(&parsed, &shape()).unwrap();
        let given = |given| declared[0].check(&shape(), &Variables::from_json(given)).is_ok();
        assert!(given(json!({})) && given(json!({ "v": 1, "w": 2 })));
        assert!(!given(json!({ "v": null })) && !given(json!({ "w": null })));
    }
}
