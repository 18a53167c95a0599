//! The document cache: a document is parsed, checked against the cost limits and validated once, then
//! cached under its text.
//!
//! Two schemas are built from the same types. The strict schema validates a document and executes nothing;
//! the fast schema executes documents that the strict schema accepted, without validating them again. Only
//! valid documents are cached, so that a caller who sends invalid documents uses no memory.

use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, MutexGuard};

use async_graphql::extensions::{Extension, ExtensionContext, ExtensionFactory, NextValidation};
use async_graphql::parser::parse_query;
use async_graphql::parser::types::{DocumentOperations, ExecutableDocument, OperationType, Selection, SelectionSet};
use async_graphql::{
    Executor, Name, ObjectType, Positioned, Request, Response, Schema, SchemaBuilder, ServerError, SubscriptionType,
    ValidationMode, ValidationResult, Variables,
};
use futures_util::stream::BoxStream;
use lru::LruCache;

use crate::fault::{ErrorCode, Refused};
use crate::input_values::{self, DeclaredVariables};
use crate::lock::locked;
use crate::query_cost::{self, CostFormula};
use crate::shape::{Scalar, SchemaProblem, Shape};
use crate::strings;

/// A schema and its cached documents. `E` is an async-graphql `Schema`.
pub struct Documents<E> {
    strict: E,
    fast: E,
    shape: Shape,
    cache: Mutex<Cache>,
}

/// A valid document.
pub(crate) struct Document {
    operations: Vec<Operation>,
}

/// One operation of a document with the fragments it uses.
pub(crate) struct Operation {
    name: Option<Name>,
    /// Query, mutation or subscription.
    pub(crate) kind: OperationType,
    /// The length of the whole document.
    pub(crate) document_bytes: u64,
    declared: DeclaredVariables,
    cost: CostFormula,
    executable: ExecutableDocument,
}

/// The largest number of cached documents.
const ENTRIES_MAX: NonZeroUsize = NonZeroUsize::new(512).unwrap();
/// The largest sum of the lengths of their texts. A parsed document takes about twenty times its text.
const TEXT_BYTES_MAX: usize = 1024 * 1024;

impl<Q, M, S> Documents<Schema<Q, M, S>>
where
    Q: ObjectType + 'static,
    M: ObjectType + 'static,
    S: SubscriptionType + 'static,
{
    /// `build` is called twice and must build the same schema both times. This sets the validation mode and
    /// disables suggestions.
    ///
    /// # Errors
    /// If the schema's definition cannot be parsed, or a custom scalar is not one of `scalars`. Any test that
    /// builds the schema finds this.
    pub fn new(build: impl Fn() -> SchemaBuilder<Q, M, S>, scalars: &[Scalar]) -> Result<Self, SchemaProblem> {
        let fast = build().disable_suggestions().validation_mode(ValidationMode::Fast).finish();
        let strict = build().disable_suggestions().extension(ValidateOnly).finish();
        let shape = Shape::read(&fast.sdl(), scalars)?;
        Ok(Self { strict, fast, shape, cache: Mutex::new(Cache::new()) })
    }
}

impl<E: Executor> Documents<E> {
    /// The document with this text, from the cache if it is there.
    ///
    /// # Errors
    /// If it does not parse, exceeds a limit, or is invalid for the schema.
    pub(crate) async fn read(&self, text: &str) -> Result<Arc<Document>, Refused> {
        if let Some(cached) = self.cache().get(text) {
            return Ok(cached);
        }
        query_cost::scan(text)?;
        let parsed = parse_query(strings::readable(text)?).map_err(unparsed)?;
        let costs = query_cost::analyze(&parsed, &self.shape)?;
        let declared = input_values::check(&parsed, &self.shape)?;
        self.validate(parsed.clone()).await?;
        let document = Arc::new(Document::new(&parsed, text, declared, costs));
        if document.operations.iter().any(|operation| !operation.has_one_event()) {
            // The library does not check this rule of the specification (section 5.2.4.1).
            let what = "a subscription has exactly one field at its root, and no field of introspection";
            return Err(Refused::new(ErrorCode::GraphqlValidationFailed, what));
        }
        self.cache().insert(text, Arc::clone(&document));
        Ok(document)
    }

    /// The cost of the operation with these variables.
    ///
    /// # Errors
    /// If a variable does not fit its type, or the cost exceeds its limit.
    pub(crate) fn cost(&self, operation: &Operation, variables: &Variables) -> Result<u64, Refused> {
        operation.declared.check(&self.shape, variables)?;
        operation.cost.evaluate(|name| operation.declared.whole_number(name, variables))
    }

    /// Executes the operation. `request` has variables and data, and no document text.
    pub(crate) async fn execute(&self, operation: &Operation, mut request: Request) -> Response {
        request.set_parsed_query(operation.executable.clone());
        self.fast.execute(request).await
    }

    /// Executes a subscription. `request` has variables and data, and no document text.
    pub(crate) fn subscribe(&self, operation: &Operation, mut request: Request) -> BoxStream<'static, Response> {
        request.set_parsed_query(operation.executable.clone());
        self.fast.execute_stream(request, None)
    }

    async fn validate(&self, parsed: ExecutableDocument) -> Result<(), Refused> {
        let mut request = Request::new("");
        request.set_parsed_query(parsed);
        let errors = self.strict.execute(request).await.errors;
        if errors.iter().any(|error| error.source::<Valid>().is_some()) {
            return Ok(());
        }
        Err(Refused::with_errors(ErrorCode::GraphqlValidationFailed, errors))
    }

    fn cache(&self) -> MutexGuard<'_, Cache> {
        locked(&self.cache)
    }
}

impl Document {
    /// `declared` and `costs` are in the order of the document's operations.
    fn new(parsed: &ExecutableDocument, text: &str, declared: Vec<DeclaredVariables>, costs: Vec<CostFormula>) -> Self {
        let operations = parsed
            .operations
            .iter()
            .zip(declared.into_iter().zip(costs))
            .map(|((name, operation), (declared, cost))| Operation {
                name: name.cloned(),
                kind: operation.node.ty,
                document_bytes: u64::try_from(text.len()).unwrap_or(u64::MAX),
                declared,
                cost,
                executable: ExecutableDocument {
                    fragments: fragments_of(parsed, &operation.node.selection_set.node),
                    operations: DocumentOperations::Single(operation.clone()),
                },
            })
            .collect();
        Self { operations }
    }

    /// The operation with that name; without a name, the only operation of the document.
    ///
    /// # Errors
    /// If no operation has that name, or if there are several and no name is given.
    pub(crate) fn operation(&self, name: Option<&str>) -> Result<&Operation, Refused> {
        let unclear = |what| Refused::new(ErrorCode::BadUserInput, what);
        match (name, self.operations.as_slice()) {
            (None, [only]) => Ok(only),
            (None, _) => Err(unclear("the document has several operations; name one")),
            (Some(name), all) => all
                .iter()
                .find(|operation| operation.name.as_ref().is_some_and(|known| known == name))
                .ok_or_else(|| unclear("the document has no operation of that name")),
        }
    }
}

impl Operation {
    /// Whether it subscribes to one thing, if it is a subscription.
    fn has_one_event(&self) -> bool {
        let is_one = || matches!(self.roots().as_slice(), [only] if !only.starts_with("__"));
        self.kind != OperationType::Subscription || is_one()
    }

    /// How many commands it has, if it is a mutation.
    pub(crate) fn commands(&self) -> u64 {
        u64::try_from(self.roots().len()).unwrap_or(u64::MAX)
    }

    /// The fields of its root, those of fragments included.
    fn roots(&self) -> Vec<&str> {
        let DocumentOperations::Single(operation) = &self.executable.operations else { return Vec::new() };
        let (mut fields, mut pending) = (Vec::new(), vec![&operation.node.selection_set.node]);
        // Fragments do not refer to themselves in a valid document.
        while let Some(set) = pending.pop() {
            for selection in &set.items {
                match &selection.node {
                    Selection::Field(field) => fields.push(field.node.name.node.as_str()),
                    Selection::InlineFragment(inline) => pending.push(&inline.node.selection_set.node),
                    Selection::FragmentSpread(spread) => {
                        let fragment = self.executable.fragments.get(&spread.node.fragment_name.node);
                        pending.extend(fragment.map(|fragment| &fragment.node.selection_set.node));
                    }
                }
            }
        }
        fields
    }
}

/// The parser's error in one line: its own message draws the place over several.
fn unparsed(error: async_graphql::parser::Error) -> Refused {
    let mut error = ServerError::from(error);
    if let Some((_, what)) = error.message.rsplit_once("= ") {
        error.message = what.trim().to_owned();
    }
    if let Some(at) = error.locations.first() {
        error.message =
            format!("the document does not parse at line {}, column {}: {}", at.line, at.column, error.message);
    }
    Refused::with_errors(ErrorCode::GraphqlParseFailed, vec![error])
}

/// The fragments that the selection set spreads, directly or through other fragments.
fn fragments_of(
    parsed: &ExecutableDocument,
    set: &SelectionSet,
) -> std::collections::HashMap<Name, Positioned<async_graphql::parser::types::FragmentDefinition>> {
    let mut found = std::collections::HashMap::new();
    let mut pending = vec![set];
    while let Some(set) = pending.pop() {
        for selection in &set.items {
            match &selection.node {
                Selection::Field(field) => pending.push(&field.node.selection_set.node),
                Selection::InlineFragment(inline) => pending.push(&inline.node.selection_set.node),
                Selection::FragmentSpread(spread) => {
                    let name = &spread.node.fragment_name.node;
                    if let Some(fragment) = parsed.fragments.get(name)
                        && found.insert(name.clone(), fragment.clone()).is_none()
                    {
                        pending.push(&fragment.node.selection_set.node);
                    }
                }
            }
        }
    }
    found
}

/// Evicts the least recently used documents when there are too many or their texts are too long.
struct Cache {
    documents: LruCache<Box<str>, Arc<Document>>,
    text_bytes: usize,
}

impl Cache {
    fn new() -> Self {
        Self { documents: LruCache::new(ENTRIES_MAX), text_bytes: 0 }
    }

    fn get(&mut self, text: &str) -> Option<Arc<Document>> {
        self.documents.get(text).map(Arc::clone)
    }

    fn insert(&mut self, text: &str, document: Arc<Document>) {
        self.text_bytes += text.len();
        if let Some((replaced, _)) = self.documents.push(text.into(), document) {
            self.text_bytes -= replaced.len();
        }
        while self.text_bytes > TEXT_BYTES_MAX
            && let Some((oldest, _)) = self.documents.pop_lru()
        {
            self.text_bytes -= oldest.len();
        }
    }
}

/// An extension of the strict schema: ends a request after its validation.
struct ValidateOnly;

/// Marks the error that ends a request whose validation succeeded.
struct Valid;

impl ExtensionFactory for ValidateOnly {
    fn create(&self) -> Arc<dyn Extension> {
        Arc::new(Self)
    }
}

#[async_graphql::async_trait::async_trait]
impl Extension for ValidateOnly {
    async fn validation(
        &self,
        context: &ExtensionContext<'_>,
        next: NextValidation<'_>,
    ) -> Result<ValidationResult, Vec<ServerError>> {
        next.run(context).await?;
        let mut passed = ServerError::new("valid", None);
        passed.source = Some(Arc::new(Valid));
        Err(vec![passed])
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use async_graphql::{EmptySubscription, Object};
    use test_fuzz::{Target, corpus};

    use super::*;
    use crate::query_cost::COST_MAX;

    static RUN: AtomicUsize = AtomicUsize::new(0);

    struct Query;

    #[Object]
    impl Query {
        async fn seen(&self) -> i32 {
            1
        }
    }

    struct Mutation;

    #[Object]
    impl Mutation {
        async fn run(&self) -> usize {
            RUN.fetch_add(1, Ordering::SeqCst)
        }
    }

    fn documents() -> Documents<Schema<Query, Mutation, EmptySubscription>> {
        Documents::new(|| Schema::build(Query, Mutation, EmptySubscription), &[]).unwrap()
    }

    #[tokio::test]
    async fn validation_runs_nothing_and_execution_runs_once() {
        let documents = documents();
        let text = "query A { seen ...F } mutation B { run } fragment F on Query { seen }";
        let read = documents.read(text).await.unwrap();
        assert_eq!(RUN.load(Ordering::SeqCst), 0);
        let again = documents.read(text).await.unwrap();
        assert!(Arc::ptr_eq(&read, &again), "the second read is answered from the cache");
        let chosen = read.operation(Some("B")).unwrap();
        let response = documents.execute(chosen, Request::new("")).await;
        assert_eq!(response.errors, vec![]);
        assert_eq!(RUN.load(Ordering::SeqCst), 1);
        assert!(read.operation(None).is_err());
        assert!(read.operation(Some("C")).is_err());
        let first = read.operation(Some("A")).unwrap();
        assert_eq!(first.executable.fragments.len(), 1);
        assert_eq!(chosen.executable.fragments.len(), 0);
    }

    #[tokio::test]
    async fn only_valid_documents_are_cached() {
        let documents = documents();
        for (text, code) in [
            ("{ seem }", ErrorCode::GraphqlValidationFailed),
            ("{ seen(a: 1) }", ErrorCode::GraphqlValidationFailed),
            ("query($unused: Int) { seen }", ErrorCode::GraphqlValidationFailed),
            ("{ seen", ErrorCode::GraphqlParseFailed),
            ("", ErrorCode::GraphqlParseFailed),
        ] {
            let refused = documents.read(text).await.err().unwrap();
            assert_eq!(refused.code(), code, "{text}");
            assert!(!refused.to_string().contains("Did you mean"), "{refused}");
            assert!(!refused.to_string().contains('\n'), "{refused}");
        }
        assert_eq!(documents.cache().documents.len(), 0);
    }

    /// Whether the executor refuses a value that it was given, and not what was done with it.
    fn refuses_input(error: &ServerError) -> bool {
        let begins = ["Failed to parse", "Expected input type"];
        begins.iter().any(|words| error.message.starts_with(words)) || error.message.ends_with("is not defined.")
    }

    #[test]
    fn a_changed_document_is_refused_by_its_code_and_no_input_of_an_accepted_one_is_refused_later() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let documents = Documents::new(crate::graphql::schema, &crate::graphql::scalars::CHECKED).unwrap();
        let mut inputs = corpus(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/corpus/documents"));
        inputs.extend(corpus(concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/queries")));
        let words = &[
            "{", "}", "(", ")", "[", "]", "...", "$", ":", "!", "@skip(", "\"", "\"\"\"", "#", "\\u{", "on ", "null",
            "{id}", "\n---\n",
        ];
        let target = Target { name: "documents", inputs, words, bytes_max: 16 * 1024, tries: 100 };
        let seen = target.run(|input| {
            let Ok(text) = std::str::from_utf8(input) else { return "NoText".to_owned() };
            // After the document come its variables.
            let (text, variables) = text.split_once("\n---\n").unwrap_or((text, "null"));
            let variables = Variables::from_json(serde_json::from_str(variables).unwrap_or_default());
            let costs = |document: &Document| {
                let cost = |operation| documents.cost(operation, &variables).ok();
                let mut costs: Vec<Option<u64>> = document.operations.iter().map(cost).collect();
                costs.sort_unstable();
                costs
            };
            let read = runtime.block_on(documents.read(text));
            let again = runtime.block_on(documents.read(&format!("{text}\n# a comment")));
            let accepted = |read: &Result<Arc<Document>, Refused>| read.as_ref().ok().map(|read| costs(read));
            assert_eq!(accepted(&again), accepted(&read), "a comment changes nothing");
            let document = match read {
                Ok(document) => document,
                Err(refused) => {
                    let code = refused.code();
                    let of_documents =
                        [ErrorCode::GraphqlParseFailed, ErrorCode::GraphqlValidationFailed, ErrorCode::QueryTooComplex];
                    assert!(of_documents.contains(&code), "{refused}");
                    return code.name().to_owned();
                }
            };
            let mut word = "accepted";
            for operation in &document.operations {
                match documents.cost(operation, &variables) {
                    Ok(cost) => assert!(cost <= COST_MAX),
                    Err(refused) => {
                        let code = refused.code();
                        assert!(matches!(code, ErrorCode::BadUserInput | ErrorCode::QueryTooComplex), "{refused}");
                        word = code.name();
                        continue;
                    }
                }
                if operation.kind != OperationType::Subscription {
                    // Without a session, each field at the root fails after its arguments were read.
                    let request = Request::new("").variables(variables.clone());
                    let errors = runtime.block_on(documents.execute(operation, request)).errors;
                    assert_eq!(errors.iter().find(|error| refuses_input(error)), None);
                    word = "executed";
                }
            }
            word.to_owned()
        });
        for word in ["executed", "BAD_USER_INPUT", "GRAPHQL_PARSE_FAILED", "GRAPHQL_VALIDATION_FAILED"] {
            assert!(seen.contains_key(word), "{word}: {seen:?}");
        }
    }

    #[tokio::test]
    async fn the_cache_is_bounded_by_the_length_of_its_texts() {
        let documents = documents();
        let padding = "#".repeat(60_000);
        for number in 0..40 {
            documents.read(&format!("{{ seen }} # {number} {padding}")).await.unwrap();
        }
        let cache = documents.cache();
        let text_bytes: usize = cache.documents.iter().map(|(text, _)| text.len()).sum();
        assert_eq!(cache.text_bytes, text_bytes);
        assert!(text_bytes <= TEXT_BYTES_MAX && cache.documents.len() == 17, "{}", cache.documents.len());
    }
}
