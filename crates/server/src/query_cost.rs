//! The cost of a GraphQL document and its limits, checked before anything runs.
//!
//! Every check is linear in the text of the document. Nesting is bounded by a scan
//! of the text, before the parser, which recurses, sees it. Then each selection
//! set is weighed once; a fragment is weighed once however often it is spread, so
//! the forty-line document that expands to a million fields costs forty lines.
//!
//! The cost of an operation is its number of fields, those below a paged field
//! multiplied by its `first` or `last`. Where that is a variable, the weight is
//! kept as a short sum, and a cached document is priced in a few multiplications.
//!
//! To add a bound: 1. name it among the constants; 2. count it in `Weight` if it
//! adds up through fragments, else where it stands; 3. show a document beyond it
//! in the tests.

use std::collections::HashMap;

use async_graphql::parser::types::{
    Directive, ExecutableDocument, Field, OperationDefinition, OperationType, Selection, SelectionSet,
};
use async_graphql::{Name, Positioned, Value};

use crate::fault::{ErrorCode, Refused};
use crate::shape::Shape;

/// Of the text of a document.
pub const DOCUMENT_BYTES_MAX: usize = 64 * 1024;
/// Brackets of any kind open at once, in the text.
pub const TEXT_NESTING_MAX: usize = 50;
/// Operations in one document.
pub const OPERATIONS_MAX: usize = 10;
/// Fragments in one document.
pub const FRAGMENTS_MAX: usize = 100;
/// Fields, spreads and inline fragments in the text of a document.
pub const SELECTIONS_MAX: usize = 2_000;
/// Fields of a document once its fragments are spread out.
pub const FIELDS_MAX: u64 = 1_000;
/// Aliases of a document once its fragments are spread out.
pub const ALIASES_MAX: u64 = 50;
/// Fields below one another.
pub const DEPTH_MAX: u32 = 15;
/// Selection sets below one another, fragments counted.
pub const NESTING_MAX: u32 = 30;
/// Directives on one element.
pub const DIRECTIVES_EACH_MAX: usize = 4;
/// Directives in one document.
pub const DIRECTIVES_MAX: usize = 100;
/// Arguments of one field or directive.
pub const ARGUMENTS_MAX: usize = 32;
/// Variables of one operation.
pub const VARIABLES_MAX: usize = 100;
/// Mutations in one operation, so that aliases do not multiply a guess.
pub const MUTATIONS_MAX: u64 = 10;
/// Fields at the top of a query.
pub const ROOT_FIELDS_MAX: u64 = 30;
/// Lists of fields and types below one another in an introspection.
pub const INTROSPECTION_LISTS_MAX: u32 = 2;
/// The cost of one operation.
pub const COST_MAX: u64 = 20_000;
/// How many a paged field is taken to answer if it is not told.
pub const PAGE_DEFAULT: u64 = 20;
/// How many loose ends are taken to be answered.
pub const LOOSE_ENDS: u64 = 100;

/// The price of one operation, to be asked once its variables are known.
pub(crate) struct Price {
    sums: Vec<Sum>,
    total: Amount,
}

impl Price {
    /// The cost, `number` giving the whole number that a variable stands for.
    ///
    /// # Errors
    /// If it is more than [`COST_MAX`].
    pub(crate) fn at(&self, number: impl Fn(&Name) -> Option<u64>) -> Result<u64, Refused> {
        let mut values: Vec<u64> = Vec::with_capacity(self.sums.len());
        // A sum refers only to sums before it.
        for sum in &self.sums {
            let value = sum.terms.iter().fold(sum.fixed, |total, term| {
                let times = term.times.value(&number);
                total.saturating_add(times.saturating_mul(term.of.value(&values)))
            });
            values.push(value);
        }
        let cost = self.total.value(&values);
        if cost > COST_MAX {
            return Err(beyond("cost_max", COST_MAX));
        }
        Ok(cost)
    }
}

/// Refuses a text that is too long, or nested too deep to be parsed safely.
pub(crate) fn scan(text: &str) -> Result<(), Refused> {
    if text.len() > DOCUMENT_BYTES_MAX {
        return Err(beyond("document_bytes_max", DOCUMENT_BYTES_MAX));
    }
    let unparsed = |what: &'static str| Err(Refused::new(ErrorCode::GraphqlParseFailed, what));
    let mut rest = text;
    let mut open = 0_usize;
    while let Some(first) = rest.bytes().next() {
        rest = match first {
            b'"' => match skip_string(rest) {
                Some(after) => after,
                None => return unparsed("a string does not end"),
            },
            b'#' => rest.find(['\n', '\r']).and_then(|end| rest.get(end..)).unwrap_or_default(),
            other => {
                match other {
                    b'{' | b'(' | b'[' => open += 1,
                    b'}' | b')' | b']' => open = open.saturating_sub(1),
                    _ => {}
                }
                if open > TEXT_NESTING_MAX {
                    return unparsed("the document is nested too deep");
                }
                // Leave the rest of a character of several bytes together.
                let next = rest.char_indices().nth(1).map_or(rest.len(), |(at, _)| at);
                rest.get(next..).unwrap_or_default()
            }
        };
    }
    Ok(())
}

/// Weighs every operation of `document`, in the order in which it iterates.
///
/// # Errors
/// If a bound is exceeded, a fragment is missing, or fragments go round in a circle.
pub(crate) fn weigh(document: &ExecutableDocument, shape: &Shape) -> Result<Vec<Price>, Refused> {
    bounded("operations_max", document.operations.iter().count(), OPERATIONS_MAX)?;
    bounded("fragments_max", document.fragments.len(), FRAGMENTS_MAX)?;
    let mut scale = Scale::new(document, shape);
    // All fragments, since the validator walks those that nothing spreads, too.
    for name in document.fragments.keys() {
        scale.fragment(name, 0)?;
    }
    let weights: Vec<Weight> =
        document.operations.iter().map(|(_, operation)| scale.operation(&operation.node)).collect::<Result<_, _>>()?;
    let fields = weights.iter().fold(0, |total: u64, weight| total.saturating_add(weight.fields));
    bounded("fields_max", fields, FIELDS_MAX)?;
    let aliases = weights.iter().fold(0, |total: u64, weight| total.saturating_add(weight.aliases));
    bounded("aliases_max", aliases, ALIASES_MAX)?;
    weights
        .into_iter()
        .map(|weight| {
            let price = Price {
                sums: match weight.cost {
                    Amount::Fixed(_) => Vec::new(),
                    Amount::Sum(at) => scale.sums.iter().take(at + 1).cloned().collect(),
                },
                total: weight.cost,
            };
            if let Amount::Fixed(_) = weight.cost {
                price.at(|_| None)?;
            }
            Ok(price)
        })
        .collect()
}

/// A cost that is known, or the sum at that place, which has variables in it.
#[derive(Clone, Copy)]
enum Amount {
    Fixed(u64),
    Sum(usize),
}

impl Amount {
    fn value(self, sums: &[u64]) -> u64 {
        match self {
            Self::Fixed(cost) => cost,
            // A sum that is not there would be a mistake of ours: never cheap.
            Self::Sum(at) => sums.get(at).copied().unwrap_or(u64::MAX),
        }
    }
}

#[derive(Clone)]
struct Sum {
    fixed: u64,
    terms: Vec<Term>,
}

#[derive(Clone)]
struct Term {
    times: Times,
    of: Amount,
}

#[derive(Clone)]
enum Times {
    Known(u64),
    Variable(Name),
}

impl Times {
    /// At least one: a page of none must not make what is below it free.
    fn value(&self, number: &impl Fn(&Name) -> Option<u64>) -> u64 {
        match self {
            Self::Known(times) => *times,
            Self::Variable(name) => number(name).unwrap_or(PAGE_DEFAULT).max(1),
        }
    }
}

/// What a selection set adds up to, fragments spread out.
#[derive(Clone, Copy)]
struct Weight {
    cost: Amount,
    fields: u64,
    aliases: u64,
    /// Fields at its own level.
    width: u64,
    /// Fields below one another.
    depth: u32,
    /// Selection sets below one another.
    nesting: u32,
    /// Lists of introspection below one another.
    lists: u32,
}

/// A fragment is being weighed, or has been.
enum Slot {
    Open,
    Weighed(Weight),
}

struct Scale<'a> {
    document: &'a ExecutableDocument,
    shape: &'a Shape,
    fragments: HashMap<&'a Name, Slot>,
    sums: Vec<Sum>,
    selections: usize,
    directives: usize,
}

/// A selection set while its selections are added.
struct Tally {
    sum: Sum,
    weight: Weight,
}

impl<'a> Scale<'a> {
    fn new(document: &'a ExecutableDocument, shape: &'a Shape) -> Self {
        Self { document, shape, fragments: HashMap::new(), sums: Vec::new(), selections: 0, directives: 0 }
    }

    fn operation(&mut self, operation: &'a OperationDefinition) -> Result<Weight, Refused> {
        bounded("variables_max", operation.variable_definitions.len(), VARIABLES_MAX)?;
        for variable in &operation.variable_definitions {
            self.directives(&variable.node.directives)?;
        }
        self.directives(&operation.directives)?;
        let root = self.shape.root(operation.ty);
        let weight = self.set(&operation.selection_set.node, root, 0)?;
        match operation.ty {
            OperationType::Mutation => bounded("mutations_max", weight.width, MUTATIONS_MAX)?,
            OperationType::Query | OperationType::Subscription => {
                bounded("root_fields_max", weight.width, ROOT_FIELDS_MAX)?;
            }
        }
        bounded("depth_max", weight.depth, DEPTH_MAX)?;
        bounded("introspection_lists_max", weight.lists, INTROSPECTION_LISTS_MAX)?;
        Ok(weight)
    }

    /// `above` is how many sets are around this one. It bounds the recursion; what
    /// is remembered of a fragment is checked against it as well.
    fn set(&mut self, set: &'a SelectionSet, of: Option<&'a Name>, above: u32) -> Result<Weight, Refused> {
        bounded("nesting_max", above, NESTING_MAX)?;
        let mut tally = Tally::new();
        for selection in &set.items {
            self.selections += 1;
            bounded("selections_max", self.selections, SELECTIONS_MAX)?;
            self.directives(selection.node.directives())?;
            match &selection.node {
                Selection::Field(field) => {
                    let leads = self.shape.leads(of, &field.node.name.node);
                    let below = self.below(&field.node, leads.map(|leads| &leads.to), above)?;
                    let times = match leads {
                        Some(leads) if leads.paged => page(&field.node),
                        // It answers all, of threads that are looked at one by one.
                        Some(_) if field.node.name.node == "looseEnds" => Times::Known(LOOSE_ENDS),
                        Some(_) | None => Times::Known(1),
                    };
                    tally.add_field(&field.node, below, times);
                }
                Selection::InlineFragment(inline) => {
                    let on = inline.node.type_condition.as_ref().map(|on| &on.node.on.node).or(of);
                    let inside = self.set(&inline.node.selection_set.node, on, above + 1)?;
                    tally.add_fragment(inside);
                }
                Selection::FragmentSpread(spread) => {
                    let inside = self.fragment(&spread.node.fragment_name.node, above + 1)?;
                    bounded("nesting_max", above.saturating_add(inside.nesting), NESTING_MAX)?;
                    tally.add_fragment(inside);
                }
            }
        }
        Ok(tally.finish(&mut self.sums))
    }

    fn below(&mut self, field: &'a Field, of: Option<&'a Name>, above: u32) -> Result<Option<Weight>, Refused> {
        bounded("arguments_max", field.arguments.len(), ARGUMENTS_MAX)?;
        let set = &field.selection_set.node;
        if set.items.is_empty() { Ok(None) } else { self.set(set, of, above + 1).map(Some) }
    }

    fn fragment(&mut self, name: &'a Name, above: u32) -> Result<Weight, Refused> {
        let wrong = |what: String| Refused::worded(ErrorCode::GraphqlValidationFailed, what);
        match self.fragments.get(name) {
            Some(Slot::Weighed(weight)) => return Ok(*weight),
            Some(Slot::Open) => return Err(wrong(format!("fragment \"{name}\" spreads itself"))),
            None => {}
        }
        let Some(fragment) = self.document.fragments.get(name) else {
            return Err(wrong(format!("fragment \"{name}\" is not defined")));
        };
        self.fragments.insert(name, Slot::Open);
        self.directives(&fragment.node.directives)?;
        let on = &fragment.node.type_condition.node.on.node;
        let weight = self.set(&fragment.node.selection_set.node, Some(on), above)?;
        self.fragments.insert(name, Slot::Weighed(weight));
        Ok(weight)
    }

    fn directives(&mut self, given: &[Positioned<Directive>]) -> Result<(), Refused> {
        bounded("directives_each_max", given.len(), DIRECTIVES_EACH_MAX)?;
        for directive in given {
            bounded("arguments_max", directive.node.arguments.len(), ARGUMENTS_MAX)?;
        }
        self.directives += given.len();
        bounded("directives_max", self.directives, DIRECTIVES_MAX)
    }
}

impl Tally {
    fn new() -> Self {
        let weight = Weight { cost: Amount::Fixed(0), fields: 0, aliases: 0, width: 0, depth: 0, nesting: 1, lists: 0 };
        Self { sum: Sum { fixed: 0, terms: Vec::new() }, weight }
    }

    fn add_field(&mut self, field: &Field, below: Option<Weight>, times: Times) {
        let weight = &mut self.weight;
        weight.fields = weight.fields.saturating_add(1);
        weight.width = weight.width.saturating_add(1);
        weight.aliases = weight.aliases.saturating_add(u64::from(field.alias.is_some()));
        weight.depth = weight.depth.max(1);
        self.sum.fixed = self.sum.fixed.saturating_add(1);
        let Some(below) = below else { return };
        self.add_counts(below);
        let weight = &mut self.weight;
        weight.depth = weight.depth.max(below.depth.saturating_add(1));
        let is_list = matches!(field.name.node.as_str(), "fields" | "inputFields" | "interfaces" | "possibleTypes");
        // The names are those of introspection; a domain field of that name
        // is counted with them and may be nested as deep.
        weight.lists = weight.lists.max(below.lists.saturating_add(u32::from(is_list)));
        self.add_cost(times, below.cost);
    }

    fn add_fragment(&mut self, inside: Weight) {
        self.add_counts(inside);
        let weight = &mut self.weight;
        weight.width = weight.width.saturating_add(inside.width);
        weight.depth = weight.depth.max(inside.depth);
        weight.lists = weight.lists.max(inside.lists);
        self.add_cost(Times::Known(1), inside.cost);
    }

    fn add_counts(&mut self, inside: Weight) {
        let weight = &mut self.weight;
        weight.fields = weight.fields.saturating_add(inside.fields);
        weight.aliases = weight.aliases.saturating_add(inside.aliases);
        weight.nesting = weight.nesting.max(inside.nesting.saturating_add(1));
    }

    fn add_cost(&mut self, times: Times, of: Amount) {
        match (times, of) {
            (Times::Known(times), Amount::Fixed(cost)) => {
                self.sum.fixed = self.sum.fixed.saturating_add(times.saturating_mul(cost));
            }
            (times, of) => self.sum.terms.push(Term { times, of }),
        }
    }

    fn finish(mut self, sums: &mut Vec<Sum>) -> Weight {
        self.weight.cost = if self.sum.terms.is_empty() {
            Amount::Fixed(self.sum.fixed)
        } else {
            sums.push(self.sum);
            Amount::Sum(sums.len() - 1)
        };
        self.weight
    }
}

/// How many a paged field is asked for. With both arguments the field itself
/// refuses to answer, so either will do.
fn page(field: &Field) -> Times {
    let asked = field.get_argument("first").or_else(|| field.get_argument("last"));
    let Some(asked) = asked else {
        return Times::Known(PAGE_DEFAULT);
    };
    let mut variable = None;
    let literal = asked.node.clone().into_const_with(|name| {
        variable = Some(name);
        Err(())
    });
    match (literal, variable) {
        (_, Some(name)) => Times::Variable(name),
        (Ok(Value::Number(number)), None) => Times::Known(number.as_u64().unwrap_or(1).max(1)),
        // Null is no number; anything else does not pass the validation to come.
        (Ok(_) | Err(()), None) => Times::Known(PAGE_DEFAULT),
    }
}

/// What follows the string at the start of `text`, if it ends.
fn skip_string(text: &str) -> Option<&str> {
    if let Some(block) = text.strip_prefix("\"\"\"") {
        let mut rest = block;
        loop {
            let at = rest.find("\"\"\"")?;
            let (before, after) = (rest.get(..at)?, rest.get(at + 3..)?);
            if !before.ends_with('\\') {
                return Some(after);
            }
            rest = after;
        }
    }
    let mut escaped = false;
    for (at, byte) in text.bytes().enumerate().skip(1) {
        match byte {
            b'\n' | b'\r' => return None,
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return text.get(at + 1..),
            _ => {}
        }
    }
    None
}

fn bounded<N: PartialOrd + std::fmt::Display>(name: &str, count: N, max: N) -> Result<(), Refused> {
    if count > max { Err(beyond(name, max)) } else { Ok(()) }
}

fn beyond(name: &str, max: impl std::fmt::Display) -> Refused {
    Refused::worded(ErrorCode::QueryTooComplex, format!("the document is beyond {name}, which is {max}"))
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;

    use async_graphql::parser::parse_query;

    use super::*;

    const SDL: &str = "
        schema { query: Query mutation: Mutation }
        type Query { me: Person people(first: Int, after: String): People! hello: String looseEnds: [Person!]! }
        type Mutation { touch: Int }
        type People { nodes: [Person!]! }
        type Person { name: String friends(last: Int): People! self: Person }
    ";

    fn prices(text: &str) -> Result<Vec<Price>, String> {
        scan(text).map_err(|refused| refused.to_string())?;
        let document = parse_query(text).map_err(|error| error.to_string())?;
        weigh(&document, &Shape::read(SDL).unwrap()).map_err(|refused| refused.to_string())
    }

    fn cost(text: &str, number: impl Fn(&Name) -> Option<u64>) -> Result<u64, String> {
        prices(text)?[0].at(number).map_err(|refused| refused.to_string())
    }

    fn refused_for(text: &str, bound: &str) {
        let said = prices(text).err().unwrap_or_else(|| panic!("passed, wanted {bound}"));
        assert!(said.contains(bound), "wanted {bound}: {said}");
    }

    #[test]
    fn lists_multiply_what_is_below_them() {
        let none = |_: &Name| None;
        assert_eq!(cost("{ hello me { name } }", none), Ok(3));
        // people + 7 x (nodes + name)
        assert_eq!(cost("{ people(first: 7) { nodes { name } } }", none), Ok(1 + 7 * 2));
        assert_eq!(cost("{ people { nodes { name } } }", none), Ok(1 + 20 * 2));
        assert_eq!(cost("{ people(first: 0) { nodes { name } } }", none), Ok(1 + 2));
        assert_eq!(cost("{ people(first: -4) { nodes { name } } }", none), Ok(1 + 2));
        assert_eq!(cost("{ looseEnds { name self { name } } }", none), Ok(1 + LOOSE_ENDS * 3));
        let nested = "query($n: Int) { people(first: 3) { nodes { friends(last: $n) { nodes { ...F } } } } }
            fragment F on Person { name friends(last: $n) { nodes { name } } }";
        // F = name + friends + n(nodes + name); people + 3(nodes + friends + n(nodes + F))
        let priced = |n: u64| 1 + 3 * (2 + n * (1 + 2 + n * 2));
        assert_eq!(cost(nested, |_| Some(4)), Ok(priced(4)));
        assert_eq!(cost(nested, none), Ok(priced(20)));
        let dear = "{ people(first: 100) { nodes { friends(last: 100) { nodes { name } } } } }";
        assert!(prices(dear).err().unwrap().contains("cost_max"));
        assert!(cost(nested, |_| Some(u64::MAX)).unwrap_err().contains("cost_max"));
    }

    #[test]
    fn fragments_are_weighed_once() {
        // Forty levels, each spreading the next twice: 2^40 fields in two kilobytes.
        let mut bomb = "{ me { ...f0 } } ".to_owned();
        for level in 0..25 {
            write!(bomb, "fragment f{level} on Person {{ ...f{0} ...f{0} }} ", level + 1).unwrap();
        }
        bomb.push_str("fragment f25 on Person { name }");
        assert!(bomb.len() < 1_300);
        refused_for(&bomb, "fields_max");
        // The same below a page of none.
        refused_for(
            &bomb.replace("me {", "people(first: 0) {").replacen("{ ...f0 }", "{ nodes { ...f0 } }", 1),
            "fields_max",
        );
        let endless = "{ hello } fragment a on Query { ...b } fragment b on Query { ...a }";
        refused_for(endless, "spreads itself");
        refused_for("{ ...gone }", "not defined");
        let mut chain = "{ ...c0 }".to_owned();
        for link in 0..60 {
            write!(chain, "fragment c{link} on Query {{ ...c{} }} ", link + 1).unwrap();
        }
        chain.push_str("fragment c60 on Query { hello }");
        refused_for(&chain, "nesting_max");
    }

    #[test]
    fn each_bound_refuses_what_is_beyond_it() {
        let many = |count: usize, make: &dyn Fn(usize) -> String| (0..count).map(make).collect::<String>();
        let aliases = many(51, &|i| format!("a{i}: name "));
        refused_for(&format!("{{ me {{ {aliases} }} }}"), "aliases_max");
        refused_for(&format!("{{ me {{ {} }} }}", "name ".repeat(1_001)), "fields_max");
        refused_for(&format!("{{ me {{ {} }} }}", "name ".repeat(2_001)), "selections_max");
        refused_for(&format!("{{ {} }}", "hello ".repeat(31)), "root_fields_max");
        refused_for(&format!("mutation {{ {} }}", "touch ".repeat(11)), "mutations_max");
        let hidden = "mutation { ...m ...m } fragment m on Mutation { touch touch touch touch touch touch }";
        refused_for(hidden, "mutations_max");
        refused_for(&many(11, &|i| format!("query q{i} {{ hello }} ")), "operations_max");
        refused_for(
            &many(101, &|i| {
                format!("{{ hello }} fragment f{i} on Query {{ hello }} ")[if i == 0 { 0 } else { 10 }..].to_owned()
            }),
            "fragments_max",
        );
        refused_for(&format!("{{ hello {} }}", "@skip(if: false) ".repeat(50)), "directives_each_max");
        refused_for(&format!("{{ me {{ {} }} }}", "name @skip(if: false) ".repeat(101)), "directives_max");
        refused_for(&format!("{{ people({}) {{ nodes {{ name }} }} }}", "first: 1 ".repeat(33)), "arguments_max");
        refused_for(&format!("query({}) {{ hello }}", many(101, &|i| format!("$v{i}: Int "))), "variables_max");
        refused_for(&format!("{{ {}name{} }}", "me { ".repeat(15), " }".repeat(15)), "depth_max");
        assert!(prices(&format!("{{ {}name{} }}", "me { ".repeat(14), " }".repeat(14))).is_ok());
        refused_for(&format!("{{ {}hello{} }}", "... { ".repeat(31), " }".repeat(31)), "nesting_max");
        let rounds =
            format!("{{ __schema {{ types {{ {}name{} }} }} }}", "fields { type { ".repeat(3), "} } ".repeat(3));
        refused_for(&rounds, "introspection_lists_max");
        refused_for(&format!("{{ hello }} #{}", " ".repeat(64 * 1024)), "document_bytes_max");
    }

    #[test]
    fn nesting_is_bounded_before_the_parser() {
        for (open, close) in [("{a", "}"), ("{a(b:[", "])}"), ("(", ")"), ("[", "]"), ("{a(b:{c:", "})}")] {
            for text in [open.repeat(10_000), format!("{}{}", open.repeat(10_000), close.repeat(10_000))] {
                assert!(scan(&text).is_err(), "{open}");
            }
        }
        // Brackets in strings and comments are not nesting.
        let inert = "[".repeat(100);
        for text in [
            format!("{{ hello(a: \"{inert}\") }}"),
            format!("{{ hello(a: \"\\\"{inert}\") }}"),
            format!("{{ hello(a: \"\"\"{inert}\n\\\"\"\"{inert}\"\"\") }}"),
            format!("{{ hello # {inert}\n }}"),
        ] {
            assert!(scan(&text).is_ok(), "{text}");
        }
        // And what only looks like one hides nothing.
        for text in [
            format!("# \"\n{inert}"),
            format!("\"#\" {inert}"),
            format!("\"\\\\\" {inert}"),
            format!("\"\" {inert}"),
            format!("\"\"\"\"\"\" {inert}"),
            format!("\"\n\" {inert}"),
            format!("\"\"\" {inert}"),
            format!("#\r{inert}"),
        ] {
            assert!(scan(&text).is_err(), "{text}");
        }
    }
}
