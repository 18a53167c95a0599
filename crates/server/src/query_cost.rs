//! The cost of a GraphQL document and its limits, checked before execution.
//!
//! The time of every check is linear in the length of the document. The parser is recursive, so a scan of
//! the text bounds the nesting before parsing. Then each selection set is analyzed once. A fragment is
//! analyzed once even if it is spread many times, so a short document that expands to a million fields is
//! refused in a time linear in its text.
//!
//! The cost of an operation is its number of fields, where the fields below a paged field are multiplied by
//! its `first` or `last`, and those below another list by its assumed length. A field that can search counts more, since it
//! looks at its whole list, and so does one that waits for a log. If the size of a page is a variable, the cost is kept as a
//! formula, and the cost of a cached document is evaluated with a few multiplications.
//!
//! To add a limit: 1. add its constant; 2. count it in `Weight` if it adds up through fragments, otherwise
//! where the element is visited; 3. add a document that exceeds it to the tests.

use std::collections::HashMap;

use async_graphql::parser::types::{
    Directive, ExecutableDocument, Field, OperationDefinition, OperationType, Selection, SelectionSet,
};
use async_graphql::{Name, Pos, Positioned, ServerError};
use async_graphql_value::Value;

use crate::fault::{ErrorCode, Refused};
use crate::quotas::ASIDE_FROM;
use crate::shape::Shape;
use crate::strings::skip_string;

/// The length of the text of a document.
pub const DOCUMENT_BYTES_MAX: usize = 64 * 1024;
/// The nesting of brackets of any kind in the text.
pub const TEXT_NESTING_MAX: usize = 50;
/// Operations in one document.
pub const OPERATIONS_MAX: usize = 10;
/// Fragments in one document.
pub const FRAGMENTS_MAX: usize = 100;
/// Fields, spreads and inline fragments in the text of a document.
pub const SELECTIONS_MAX: usize = 2_000;
/// Fields of a document with its fragments expanded.
pub const FIELDS_MAX: u64 = 1_000;
/// Aliases of a document with its fragments expanded.
pub const ALIASES_MAX: u64 = 50;
/// The depth of nested fields.
pub const DEPTH_MAX: u32 = 15;
/// The depth of nested selection sets, including those of fragments.
pub const NESTING_MAX: u32 = 30;
/// Directives on one element.
pub const DIRECTIVES_EACH_MAX: usize = 4;
/// Directives in one document.
pub const DIRECTIVES_MAX: usize = 100;
/// Arguments of one field or directive.
pub const ARGUMENTS_MAX: usize = 32;
/// Variables of one operation.
pub const VARIABLES_MAX: usize = 100;
/// Mutations in one operation, so that aliases cannot be used to guess many values in one request.
pub const MUTATIONS_MAX: u64 = 10;
/// Root fields of a query.
pub const ROOT_FIELDS_MAX: u64 = 30;
/// The depth of nested lists of fields and types in an introspection query.
pub const INTROSPECTION_LISTS_MAX: u32 = 2;
/// The cost of one operation.
pub const COST_MAX: u64 = 20_000;
/// The assumed size of a page if the field has neither `first` nor `last`.
pub const PAGE_DEFAULT: u64 = 20;
/// The assumed length of a list that is not paged.
pub const LIST_DEFAULT: u64 = 10;
/// The assumed number of loose ends.
pub const LOOSE_ENDS: u64 = 100;

/// The weight of a field with the argument `search`: it opens the names of its whole list to search and to sort it, however
/// short the page. So its operation takes a turn.
pub const SEARCH: u64 = ASIDE_FROM;

/// The weight of the readers of a message: it is asked of each person whether they may read it.
pub const READERS: u64 = 20;
/// The cost of a page of access records itself: it waits for the log, so no operation reads one without a turn.
pub const ACCESS_RECORDS: u64 = ASIDE_FROM;
/// The cost of a look at what a change of who may read would do: the policy is asked about each thread of a patient.
pub const CHANGES_OF_ACCESS: u64 = ASIDE_FROM;

/// The cost of one operation as a formula of its variables.
pub(crate) struct CostFormula {
    sums: Vec<Sum>,
    total: Amount,
    roots: Vec<Root>,
}

/// The cost of one field of the root, to say where a cost comes from.
#[derive(Clone)]
struct Root {
    field: Name,
    position: Pos,
    term: Term,
}

impl CostFormula {
    /// The cost; `number` gives the whole number that is the value of a variable.
    ///
    /// # Errors
    /// If it is more than [`COST_MAX`].
    pub(crate) fn evaluate(&self, number: impl Fn(&Name) -> Option<u64>) -> Result<u64, Refused> {
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
            let of_root = |root: &Root| root.term.times.value(&number).saturating_mul(root.term.of.value(&values));
            return Err(too_costly(cost, self.roots.iter().max_by_key(|root| of_root(root))));
        }
        Ok(cost)
    }
}

/// Refuses a text that is too long or too deeply nested to be parsed safely.
pub(crate) fn scan(text: &str) -> Result<(), Refused> {
    if text.len() > DOCUMENT_BYTES_MAX {
        return Err(exceeded("document_bytes_max", DOCUMENT_BYTES_MAX));
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
                    return Err(exceeded("document_nesting_max", TEXT_NESTING_MAX));
                }
                // Skip the whole character, which may have several bytes.
                let next = rest.char_indices().nth(1).map_or(rest.len(), |(at, _)| at);
                rest.get(next..).unwrap_or_default()
            }
        };
    }
    Ok(())
}

/// The cost of every operation of `document`, in the order of its operations.
///
/// # Errors
/// If a limit is exceeded, a fragment is missing, or fragments form a cycle.
pub(crate) fn analyze(document: &ExecutableDocument, shape: &Shape) -> Result<Vec<CostFormula>, Refused> {
    bounded("operations_max", document.operations.iter().count(), OPERATIONS_MAX)?;
    bounded("fragments_max", document.fragments.len(), FRAGMENTS_MAX)?;
    let mut analysis = Analysis::new(document, shape);
    // All fragments, because the validator also visits unused fragments.
    for name in document.fragments.keys() {
        analysis.fragment(name, 0)?;
    }
    let mut weights = Vec::new();
    let mut roots = Vec::new();
    for (_, operation) in document.operations.iter() {
        analysis.roots.clear();
        weights.push(analysis.operation(&operation.node)?);
        roots.push(std::mem::take(&mut analysis.roots));
    }
    let fields = weights.iter().fold(0, |total: u64, weight| total.saturating_add(weight.fields));
    bounded("fields_max", fields, FIELDS_MAX)?;
    let aliases = weights.iter().fold(0, |total: u64, weight| total.saturating_add(weight.aliases));
    bounded("aliases_max", aliases, ALIASES_MAX)?;
    weights
        .into_iter()
        .zip(roots)
        .map(|(weight, roots)| {
            let formula = CostFormula {
                roots,
                sums: match weight.cost {
                    Amount::Fixed(_) => Vec::new(),
                    // Of the fields of the root, none refers to a later sum than the root itself.
                    Amount::Sum(at) => analysis.sums.iter().take(at + 1).cloned().collect(),
                },
                total: weight.cost,
            };
            if let Amount::Fixed(_) = weight.cost {
                formula.evaluate(|_| None)?;
            }
            Ok(formula)
        })
        .collect()
}

/// A fixed cost, or the index of a sum with variables in it.
#[derive(Clone, Copy)]
enum Amount {
    Fixed(u64),
    Sum(usize),
}

impl Amount {
    fn value(self, sums: &[u64]) -> u64 {
        match self {
            Self::Fixed(cost) => cost,
            // A missing sum would be a bug of this module; the operation is then refused.
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
    /// The size of a page by its `first` and `last`, of which one is a variable.
    Page([Size; 2]),
}

/// The value of `first` or `last`.
#[derive(Clone)]
enum Size {
    Absent,
    Known(u64),
    Variable(Name),
}

impl Times {
    /// At least one, so that the fields below an empty page have a cost.
    fn value(&self, number: &impl Fn(&Name) -> Option<u64>) -> u64 {
        match self {
            Self::Known(times) => *times,
            Self::Page(sizes) => {
                let given = sizes.iter().filter_map(|size| match size {
                    Size::Absent => None,
                    Size::Known(size) => Some(*size),
                    Size::Variable(name) => number(name),
                });
                given.max().unwrap_or(PAGE_DEFAULT).max(1)
            }
        }
    }
}

/// The counts of a selection set with its fragments expanded.
#[derive(Clone, Copy)]
struct Weight {
    cost: Amount,
    fields: u64,
    aliases: u64,
    /// The number of fields of the selection set itself.
    width: u64,
    /// The depth of nested fields.
    depth: u32,
    /// The depth of nested selection sets.
    nesting: u32,
    /// The depth of nested introspection lists.
    lists: u32,
}

/// The state of the analysis of a fragment.
enum FragmentState {
    InProgress,
    Done(Weight),
}

struct Analysis<'a> {
    document: &'a ExecutableDocument,
    shape: &'a Shape,
    fragments: HashMap<&'a Name, FragmentState>,
    sums: Vec<Sum>,
    /// The fields of the root of the operation that is analyzed.
    roots: Vec<Root>,
    selections: usize,
    directives: usize,
}

/// A selection set while its selections are added.
struct Tally {
    sum: Sum,
    weight: Weight,
}

impl<'a> Analysis<'a> {
    fn new(document: &'a ExecutableDocument, shape: &'a Shape) -> Self {
        Self {
            document,
            shape,
            fragments: HashMap::new(),
            sums: Vec::new(),
            roots: Vec::new(),
            selections: 0,
            directives: 0,
        }
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

    /// `above` is the number of selection sets that enclose this one. It bounds the recursion. The nesting of
    /// a fragment that was analyzed before is added to it and checked too.
    fn set(&mut self, set: &'a SelectionSet, of: Option<&'a Name>, above: u32) -> Result<Weight, Refused> {
        bounded("nesting_max", above, NESTING_MAX)?;
        let mut tally = Tally::new();
        for selection in &set.items {
            self.selections += 1;
            bounded("selections_max", self.selections, SELECTIONS_MAX)?;
            self.directives(selection.node.directives())?;
            match &selection.node {
                Selection::Field(field) => {
                    let field_type = self.shape.field_type(of, &field.node.name.node);
                    let below = self.below(&field.node, field_type.map(|field_type| &field_type.named), above)?;
                    let times = self.times(&field.node, of);
                    if above == 0
                        && let Some(below) = below
                    {
                        let term = Term { times: times.clone(), of: below.cost };
                        let field = field.node.response_key().node.clone();
                        self.roots.push(Root { field, position: selection.pos, term });
                    }
                    let searches = field_type.is_some_and(|field_type| field_type.arguments.contains_key("search"));
                    let own = match field.node.name.node.as_str() {
                        "accessRecords" => ACCESS_RECORDS,
                        "whatWouldClose"
                        | "whatWouldOpen"
                        | "consentDirectivePreview"
                        | "tightenedDirectivePreview" => CHANGES_OF_ACCESS,
                        _ if searches => SEARCH,
                        _ => 1,
                    };
                    tally.add_field(&field.node, own, below, times);
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

    /// How many values of the field are assumed.
    fn times(&self, field: &Field, of: Option<&Name>) -> Times {
        match self.shape.field_type(of, &field.name.node) {
            Some(field_type) if field_type.paged => page_size(field),
            // It answers all, of threads that are looked at one by one.
            Some(_) if field.name.node == "looseEnds" => Times::Known(LOOSE_ENDS),
            // The policy is asked about one person after the other.
            Some(_) if field.name.node == "readers" => Times::Known(READERS),
            // The rows of a page are counted by its paged field.
            Some(field_type) if field_type.list && !self.shape.is_page(of) => Times::Known(LIST_DEFAULT),
            Some(_) | None => Times::Known(1),
        }
    }

    fn below(&mut self, field: &'a Field, of: Option<&'a Name>, above: u32) -> Result<Option<Weight>, Refused> {
        bounded("arguments_max", field.arguments.len(), ARGUMENTS_MAX)?;
        let set = &field.selection_set.node;
        if set.items.is_empty() { Ok(None) } else { self.set(set, of, above + 1).map(Some) }
    }

    fn fragment(&mut self, name: &'a Name, above: u32) -> Result<Weight, Refused> {
        let wrong = |what: String| Refused::with_message(ErrorCode::GraphqlValidationFailed, what);
        match self.fragments.get(name) {
            Some(FragmentState::Done(weight)) => return Ok(*weight),
            Some(FragmentState::InProgress) => return Err(wrong(format!("fragment \"{name}\" spreads itself"))),
            None => {}
        }
        let Some(fragment) = self.document.fragments.get(name) else {
            return Err(wrong(format!("fragment \"{name}\" is not defined")));
        };
        self.fragments.insert(name, FragmentState::InProgress);
        self.directives(&fragment.node.directives)?;
        let on = &fragment.node.type_condition.node.on.node;
        let weight = self.set(&fragment.node.selection_set.node, Some(on), above)?;
        self.fragments.insert(name, FragmentState::Done(weight));
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

    /// `own` is the cost of the field without those below it.
    fn add_field(&mut self, field: &Field, own: u64, below: Option<Weight>, times: Times) {
        let weight = &mut self.weight;
        weight.fields = weight.fields.saturating_add(1);
        weight.width = weight.width.saturating_add(1);
        weight.aliases = weight.aliases.saturating_add(u64::from(field.alias.is_some()));
        weight.depth = weight.depth.max(1);
        self.sum.fixed = self.sum.fixed.saturating_add(own);
        let Some(below) = below else { return };
        self.add_counts(below);
        let weight = &mut self.weight;
        weight.depth = weight.depth.max(below.depth.saturating_add(1));
        let is_list = matches!(field.name.node.as_str(), "fields" | "inputFields" | "interfaces" | "possibleTypes");
        // These are fields of introspection types; a domain field with such a name is counted as well.
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

/// The requested size of a page. Of two sizes the larger counts; a field with both arguments refuses to answer.
fn page_size(field: &Field) -> Times {
    let sizes = ["first", "last"].map(|argument| match field.get_argument(argument).map(|given| &given.node) {
        Some(Value::Variable(name)) => Size::Variable(name.clone()),
        Some(Value::Number(number)) => Size::Known(number.as_u64().unwrap_or(1)),
        // Null is as good as absent; validation refuses any other value later.
        Some(_) | None => Size::Absent,
    });
    let pages = Times::Page(sizes);
    match &pages {
        Times::Page([Size::Variable(_), _] | [_, Size::Variable(_)]) => pages,
        Times::Page(_) | Times::Known(_) => Times::Known(pages.value(&|_: &Name| None)),
    }
}

fn bounded<N: PartialOrd + std::fmt::Display>(name: &str, count: N, max: N) -> Result<(), Refused> {
    if count > max { Err(exceeded(name, max)) } else { Ok(()) }
}

fn too_costly(cost: u64, dearest: Option<&Root>) -> Refused {
    let most = dearest.map_or(String::new(), |root| format!("; most of it is below \"{}\"", root.field));
    let message = format!("the operation costs {cost}, and cost_max is {COST_MAX}{most}");
    let position = dearest.map(|root| root.position);
    Refused::with_errors(ErrorCode::QueryTooComplex, vec![ServerError::new(message, position)])
}

fn exceeded(name: &str, max: impl std::fmt::Display) -> Refused {
    Refused::with_message(ErrorCode::QueryTooComplex, format!("the document exceeds {name}, which is {max}"))
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;

    use async_graphql::parser::parse_query;

    use super::*;

    const SDL: &str = "
        schema { query: Query mutation: Mutation }
        type Query { me: Person people(first: Int, last: Int): People! hello: String looseEnds: [Person!]!
            whatWouldClose(id: ID): Int whatWouldOpen(id: ID): Person }
        type Mutation { touch: Int }
        type People { nodes: [Person!]! }
        type Person { name: String friends(last: Int): People! self: Person tags: [Person!]!
            patients(first: Int, search: String): People! accessRecords(first: Int): People! }
    ";

    fn costs(text: &str) -> Result<Vec<CostFormula>, String> {
        scan(text).map_err(|refused| refused.to_string())?;
        let document = parse_query(text).map_err(|error| error.to_string())?;
        analyze(&document, &Shape::read(SDL, &[]).unwrap()).map_err(|refused| refused.to_string())
    }

    fn cost(text: &str, number: impl Fn(&Name) -> Option<u64>) -> Result<u64, String> {
        costs(text)?[0].evaluate(number).map_err(|refused| refused.to_string())
    }

    fn assert_refused(text: &str, limit: &str) {
        let message = costs(text).err().unwrap_or_else(|| panic!("accepted, expected {limit}"));
        assert!(message.contains(limit), "expected {limit}: {message}");
    }

    #[test]
    fn a_paged_field_multiplies_the_cost_of_the_fields_below_it() {
        let none = |_: &Name| None;
        assert_eq!(cost("{ hello me { name } }", none), Ok(3));
        // people + 7 x (nodes + name)
        assert_eq!(cost("{ people(first: 7) { nodes { name } } }", none), Ok(1 + 7 * 2));
        assert_eq!(cost("{ people { nodes { name } } }", none), Ok(1 + 20 * 2));
        assert_eq!(cost("{ people(first: 0) { nodes { name } } }", none), Ok(1 + 2));
        assert_eq!(cost("{ people(first: -4) { nodes { name } } }", none), Ok(1 + 2));
        for both in ["first: null, last: 100", "first: 100, last: null", "first: 3, last: 100"] {
            assert_eq!(cost(&format!("{{ people({both}) {{ nodes {{ name }} }} }}"), none), Ok(1 + 100 * 2), "{both}");
        }
        let last = "query($n: Int) { people(first: $f, last: $n) { nodes { name } } }";
        assert_eq!(cost(last, |name| (name == "n").then_some(100)), Ok(1 + 100 * 2));
        assert_eq!(cost("{ me { tags { name } } }", none), Ok(2 + LIST_DEFAULT));
        let cycle = format!("{{ hello me {{ {}name{} }} }}", "tags { self { ".repeat(5), " } }".repeat(5));
        let refused = costs(&cycle).err().unwrap();
        assert!(refused.contains("the operation costs 2") && refused.contains("below \"me\""), "{refused}");
        // However few are asked for: a command that answers with them takes a turn.
        assert_eq!(cost("{ me { accessRecords(first: 1) { __typename } } }", none), Ok(1 + ASIDE_FROM + 1));
        assert_eq!(cost("{ whatWouldClose whatWouldOpen { name } }", none), Ok(2 * ASIDE_FROM + 1));
        assert_eq!(cost("{ looseEnds { name self { name } } }", none), Ok(1 + LOOSE_ENDS * 3));
        let nested = "query($n: Int) { people(first: 3) { nodes { friends(last: $n) { nodes { ...F } } } } }
            fragment F on Person { name friends(last: $n) { nodes { name } } }";
        // F = name + friends + n(nodes + name); people + 3(nodes + friends + n(nodes + F))
        let expected = |n: u64| 1 + 3 * (2 + n * (1 + 2 + n * 2));
        assert_eq!(cost(nested, |_| Some(4)), Ok(expected(4)));
        assert_eq!(cost(nested, none), Ok(expected(20)));
        let expensive = "{ people(first: 100) { nodes { friends(last: 100) { nodes { name } } } } }";
        assert!(costs(expensive).err().unwrap().contains("cost_max"));
        assert!(cost(nested, |_| Some(u64::MAX)).unwrap_err().contains("cost_max"));
    }

    #[test]
    fn a_field_that_can_search_costs_as_much_as_what_is_executed_aside() {
        let number = |name: &Name| (name == "one").then_some(1);
        for arguments in ["(first: 1, search: \"ann\")", "(first: 1)", "(first: $one, search: $words)"] {
            let cost =
                cost(&format!("query($one: Int) {{ me {{ patients{arguments} {{ nodes {{ name }} }} }} }}"), number);
            assert_eq!(cost, Ok(1 + SEARCH + 2), "{arguments}");
            assert!(cost.is_ok_and(|cost| cost >= ASIDE_FROM), "{arguments}");
        }
        let each = "{ people(first: 3) { nodes { patients(first: 1) { nodes { name } } } } }";
        assert_eq!(cost(each, number), Ok(1 + 3 * (1 + SEARCH + 2)));
    }

    #[test]
    fn each_fragment_is_analyzed_once() {
        // Twenty-five levels, each of which spreads the next one twice: 2^25 fields.
        let mut bomb = "{ me { ...f0 } } ".to_owned();
        for level in 0..25 {
            write!(bomb, "fragment f{level} on Person {{ ...f{0} ...f{0} }} ", level + 1).unwrap();
        }
        bomb.push_str("fragment f25 on Person { name }");
        assert!(bomb.len() < 1_300);
        assert_refused(&bomb, "fields_max");
        // The same below an empty page.
        assert_refused(
            &bomb.replace("me {", "people(first: 0) {").replacen("{ ...f0 }", "{ nodes { ...f0 } }", 1),
            "fields_max",
        );
        let cycle = "{ hello } fragment a on Query { ...b } fragment b on Query { ...a }";
        assert_refused(cycle, "spreads itself");
        assert_refused("{ ...gone }", "not defined");
        let mut chain = "{ ...c0 }".to_owned();
        for link in 0..60 {
            write!(chain, "fragment c{link} on Query {{ ...c{} }} ", link + 1).unwrap();
        }
        chain.push_str("fragment c60 on Query { hello }");
        assert_refused(&chain, "nesting_max");
    }

    #[test]
    fn a_document_that_exceeds_a_limit_is_refused() {
        let many = |count: usize, make: &dyn Fn(usize) -> String| (0..count).map(make).collect::<String>();
        let aliases = many(51, &|i| format!("a{i}: name "));
        assert_refused(&format!("{{ me {{ {aliases} }} }}"), "aliases_max");
        assert_refused(&format!("{{ me {{ {} }} }}", "name ".repeat(1_001)), "fields_max");
        assert_refused(&format!("{{ me {{ {} }} }}", "name ".repeat(2_001)), "selections_max");
        assert_refused(&format!("{{ {} }}", "hello ".repeat(31)), "root_fields_max");
        assert_refused(&format!("mutation {{ {} }}", "touch ".repeat(11)), "mutations_max");
        let hidden = "mutation { ...m ...m } fragment m on Mutation { touch touch touch touch touch touch }";
        assert_refused(hidden, "mutations_max");
        assert_refused(&many(11, &|i| format!("query q{i} {{ hello }} ")), "operations_max");
        assert_refused(
            &many(101, &|i| {
                format!("{{ hello }} fragment f{i} on Query {{ hello }} ")[if i == 0 { 0 } else { 10 }..].to_owned()
            }),
            "fragments_max",
        );
        assert_refused(&format!("{{ hello {} }}", "@skip(if: false) ".repeat(50)), "directives_each_max");
        assert_refused(&format!("{{ me {{ {} }} }}", "name @skip(if: false) ".repeat(101)), "directives_max");
        assert_refused(&format!("{{ people({}) {{ nodes {{ name }} }} }}", "first: 1 ".repeat(33)), "arguments_max");
        assert_refused(&format!("query({}) {{ hello }}", many(101, &|i| format!("$v{i}: Int "))), "variables_max");
        assert_refused(&format!("{{ {}name{} }}", "me { ".repeat(15), " }".repeat(15)), "depth_max");
        assert!(costs(&format!("{{ {}name{} }}", "me { ".repeat(14), " }".repeat(14))).is_ok());
        assert_refused(&format!("{{ {}hello{} }}", "... { ".repeat(31), " }".repeat(31)), "nesting_max");
        let rounds =
            format!("{{ __schema {{ types {{ {}name{} }} }} }}", "fields { type { ".repeat(3), "} } ".repeat(3));
        assert_refused(&rounds, "introspection_lists_max");
        assert_refused(&format!("{{ hello }} #{}", " ".repeat(64 * 1024)), "document_bytes_max");
    }

    #[test]
    fn nesting_is_bounded_before_parsing() {
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
        // Brackets after text that only looks like a string or comment are counted.
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
