//! Documents that have been read: parsed, checked against the cost limits and validated once,
//! then kept by their text and only executed.
//!
//! Two schemas are built of the same types. The strict one validates a document
//! and runs nothing; the fast one runs documents that the strict one has passed,
//! without validating them again. Only such documents are kept, so that a caller
//! who sends rubbish uses no memory.

use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, PoisonError};

use async_graphql::extensions::{Extension, ExtensionContext, ExtensionFactory, NextValidation};
use async_graphql::parser::parse_query;
use async_graphql::parser::types::{DocumentOperations, ExecutableDocument, OperationType, Selection, SelectionSet};
use async_graphql::{
    Executor, Name, ObjectType, Positioned, Request, Response, Schema, SchemaBuilder, ServerError, SubscriptionType,
    ValidationMode, ValidationResult, Variables,
};
use lru::LruCache;

use crate::fault::{ErrorCode, Refused};
use crate::query_cost::{self, Price};
use crate::shape::{SchemaProblem, Shape};
use crate::variables::Declared;

/// A schema, and the documents it has seen. `E` is an async-graphql `Schema`.
pub struct Documents<E> {
    strict: E,
    fast: E,
    shape: Shape,
    kept: Mutex<Kept>,
}

/// A document that may be executed.
pub(crate) struct Document {
    operations: Vec<Operation>,
}

/// One operation of a document, alone with the fragments it needs.
pub(crate) struct Operation {
    name: Option<Name>,
    /// Whether it asks, changes or subscribes.
    pub(crate) kind: OperationType,
    declared: Declared,
    price: Price,
    alone: ExecutableDocument,
}

/// Documents kept at most.
const ENTRIES_MAX: NonZeroUsize = NonZeroUsize::new(512).unwrap();
/// Bytes of their texts together. Parsed, a document takes some twenty times that.
const TEXT_BYTES_MAX: usize = 1024 * 1024;

impl<Q, M, S> Documents<Schema<Q, M, S>>
where
    Q: ObjectType + 'static,
    M: ObjectType + 'static,
    S: SubscriptionType + 'static,
{
    /// `build` is called twice and must build the same schema both times. Limits
    /// and suggestions are set here.
    ///
    /// # Errors
    /// If the schema's definition cannot be read back, which a test should show.
    pub fn new(build: impl Fn() -> SchemaBuilder<Q, M, S>) -> Result<Self, SchemaProblem> {
        let fast = build().disable_suggestions().validation_mode(ValidationMode::Fast).finish();
        let strict = build().disable_suggestions().extension(ValidateOnly).finish();
        let shape = Shape::read(&fast.sdl())?;
        Ok(Self { strict, fast, shape, kept: Mutex::new(Kept::new()) })
    }
}

impl<E: Executor> Documents<E> {
    /// The document of this text, read now or before.
    ///
    /// # Errors
    /// If it does not parse, exceeds a bound, or does not fit the schema.
    pub(crate) async fn read(&self, text: &str) -> Result<Arc<Document>, Refused> {
        if let Some(known) = self.kept().get(text) {
            return Ok(known);
        }
        query_cost::scan(text)?;
        let parsed =
            parse_query(text).map_err(|error| Refused::because(ErrorCode::GraphqlParseFailed, vec![error.into()]))?;
        let prices = query_cost::weigh(&parsed, &self.shape)?;
        self.validate(parsed.clone()).await?;
        let document = Arc::new(Document::new(&parsed, prices));
        self.kept().keep(text, Arc::clone(&document));
        Ok(document)
    }

    /// What the operation costs with these variables.
    ///
    /// # Errors
    /// If a variable does not fit its type, or the cost is beyond its bound.
    pub(crate) fn price(&self, operation: &Operation, variables: &Variables) -> Result<u64, Refused> {
        operation.declared.check(&self.shape, variables)?;
        operation.price.at(|name| operation.declared.whole_number(name, variables))
    }

    /// Runs the operation. `request` carries variables and data, and no text.
    pub(crate) async fn execute(&self, operation: &Operation, mut request: Request) -> Response {
        request.set_parsed_query(operation.alone.clone());
        self.fast.execute(request).await
    }

    async fn validate(&self, parsed: ExecutableDocument) -> Result<(), Refused> {
        let mut request = Request::new("");
        request.set_parsed_query(parsed);
        let errors = self.strict.execute(request).await.errors;
        if errors.iter().any(|error| error.source::<Valid>().is_some()) {
            return Ok(());
        }
        Err(Refused::because(ErrorCode::GraphqlValidationFailed, errors))
    }

    fn kept(&self) -> std::sync::MutexGuard<'_, Kept> {
        // A panic while it was held can only have lost an entry.
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Document {
    /// `prices` are in the order of the document's operations.
    fn new(parsed: &ExecutableDocument, prices: Vec<Price>) -> Self {
        let operations = parsed
            .operations
            .iter()
            .zip(prices)
            .map(|((name, operation), price)| Operation {
                name: name.cloned(),
                kind: operation.node.ty,
                declared: Declared::of(&operation.node),
                price,
                alone: ExecutableDocument {
                    fragments: fragments_of(parsed, &operation.node.selection_set.node),
                    operations: DocumentOperations::Single(operation.clone()),
                },
            })
            .collect();
        Self { operations }
    }

    /// The operation of that name; without a name, the only one.
    ///
    /// # Errors
    /// If there is none of that name, or several to choose from.
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

/// Those that the selection spreads, and those that they spread.
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

/// The least recently used go first, when there are too many or their texts too long.
struct Kept {
    documents: LruCache<Box<str>, Arc<Document>>,
    text_bytes: usize,
}

impl Kept {
    fn new() -> Self {
        Self { documents: LruCache::new(ENTRIES_MAX), text_bytes: 0 }
    }

    fn get(&mut self, text: &str) -> Option<Arc<Document>> {
        self.documents.get(text).map(Arc::clone)
    }

    fn keep(&mut self, text: &str, document: Arc<Document>) {
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

/// On the strict schema alone: ends a request after its validation.
struct ValidateOnly;

/// Says that validation found nothing.
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

    use super::*;

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
        Documents::new(|| Schema::build(Query, Mutation, EmptySubscription)).unwrap()
    }

    #[tokio::test]
    async fn validation_runs_nothing_and_execution_runs_once() {
        let documents = documents();
        let text = "query A { seen ...F } mutation B { run } fragment F on Query { seen }";
        let read = documents.read(text).await.unwrap();
        assert_eq!(RUN.load(Ordering::SeqCst), 0);
        let again = documents.read(text).await.unwrap();
        assert!(Arc::ptr_eq(&read, &again), "the second time it is the kept one");
        let chosen = read.operation(Some("B")).unwrap();
        let response = documents.execute(chosen, Request::new("")).await;
        assert_eq!(response.errors, vec![]);
        assert_eq!(RUN.load(Ordering::SeqCst), 1);
        assert!(read.operation(None).is_err());
        assert!(read.operation(Some("C")).is_err());
        let first = read.operation(Some("A")).unwrap();
        assert_eq!(first.alone.fragments.len(), 1);
        assert_eq!(chosen.alone.fragments.len(), 0);
    }

    #[tokio::test]
    async fn only_valid_documents_are_kept() {
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
        }
        assert_eq!(documents.kept().documents.len(), 0);
    }

    #[tokio::test]
    async fn what_is_kept_is_bounded_by_its_text() {
        let documents = documents();
        let padding = "#".repeat(60_000);
        for number in 0..40 {
            documents.read(&format!("{{ seen }} # {number} {padding}")).await.unwrap();
        }
        let kept = documents.kept();
        let held: usize = kept.documents.iter().map(|(text, _)| text.len()).sum();
        assert_eq!(kept.text_bytes, held);
        assert!(held <= TEXT_BYTES_MAX && kept.documents.len() == 17, "{}", kept.documents.len());
    }
}
