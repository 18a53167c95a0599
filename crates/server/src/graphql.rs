//! The schema: what can be asked and done over GraphQL, as care speaks of it.
//!
//! A file here is a concept; its objects are newtypes over rows that a reader let out, so a
//! resolver cannot answer what nobody permitted. `commands/` holds the mutations, `words.rs` the
//! vocabularies, `inputs/` holds and reads what commands take and `problem.rs` says what was wrong.
//!
//! To add a field: 1. give its concept's row the column in `coordination`; 2. add the method
//! here, without `async` unless an interface has it; 3. bless the schema (`CAREFOLD_BLESS=1`).
//!
//! To add a mutation: 1. its command in `care`; 2. its input in the concept's file under `inputs/`;
//! 3. its field and its payload in the concept's file under `commands/`; 4. an arm for each new refusal in `problem.rs`; 5. bless.
//!
//! An id that is malformed, of another type, unknown or not for the viewer to know goes one way
//! through the same calls; never answer earlier for one of them.

pub mod access_record;
pub mod calendar_preview;
pub mod commands;
pub mod connection;
pub mod consent_text;
pub mod delegation;
mod delegation_queries;
pub mod delegation_words;
mod description;
pub mod directive;
pub mod directive_words;
pub mod draft;
pub mod help_reminder;
pub mod id;
pub mod inputs;
pub mod invitation;
pub mod legal_authority;
pub mod lists;
pub mod message;
mod mutation_input;
mod mutation_name;
pub mod node;
pub mod organization;
pub mod outside_message;
pub mod outside_message_words;
pub mod patient;
pub mod payload;
pub mod permission;
pub mod person;
pub mod preview;
pub mod problem;
pub mod readership;
pub mod scalars;
pub mod scope;
pub mod subscription;
pub mod thread;
pub mod thread_kind;
pub mod timeline;
pub mod viewer;
pub mod waiting_directive;
pub mod words;

use std::sync::Arc;

use async_graphql::{Context, ID, MergedObject, Object, Result, SDLExportOptions, Schema, SchemaBuilder};
use care::ids::{OrganizationId, PatientId, PoolId, ThreadId};
use coordination::reader::Reader;

use self::calendar_preview::PreviewQueries;
use self::commands::Mutation;
use self::delegation_queries::DelegationQueries;
use self::draft::Draft;
use self::id::{NodeId, decode_id};
use self::lists::ListQueries;
use self::message::Message;
use self::node::Node;
use self::organization::{Organization, Pool};
use self::outside_message::OutsideMessageQueries;
use self::patient::Patient;
use self::payload::Payload;
use self::person::Person;
use self::subscription::Subscription;
use self::thread::{KindQueries, Recommendation, Thread};
use self::viewer::Viewer;

/// The queries. An object is null if it does not exist, and also if you may not know of it.
#[derive(MergedObject, Default)]
pub struct Query(AnyQueries, KindQueries, PreviewQueries, ListQueries, DelegationQueries, OutsideMessageQueries);

/// The queries that belong to no single kind of thread.
#[derive(Default)]
pub struct AnyQueries;

/// The reader that a query's session opened.
fn reader<'a>(context: &Context<'a>) -> Result<&'a Arc<Reader>> {
    context.data::<Arc<Reader>>()
}

fn thread(reader: &Arc<Reader>, id: ThreadId) -> Result<Option<Thread>> {
    Ok(reader.thread(id)?.map(|view| Thread::of(reader, view)))
}

fn patient(reader: &Arc<Reader>, id: PatientId) -> Result<Option<Patient>> {
    Ok(reader.patient(id)?.map(|view| Patient::of(reader, view)))
}

fn organization(reader: &Arc<Reader>, id: OrganizationId) -> Result<Option<Organization>> {
    Ok(reader.organization(id)?.map(|row| Organization::of(reader, row)))
}

fn pool(reader: &Arc<Reader>, id: PoolId) -> Result<Option<Pool>> {
    Ok(reader.pool(id)?.map(|row| Pool::of(reader, row)))
}

#[Object]
impl AnyQueries {
    /// The signed-in person.
    async fn viewer(&self, context: &Context<'_>) -> Result<Viewer> {
        Ok(Viewer(Arc::clone(reader(context)?)))
    }

    /// The node with this id. Null if there is none, or you may not know of it.
    async fn node(&self, context: &Context<'_>, id: ID) -> Option<Result<Node>> {
        let found = |reader| {
            Ok(match NodeId::read(&id) {
                NodeId::Thread(id) => thread(reader, id)?.map(Node::from),
                NodeId::Patient(id) => patient(reader, id)?.map(Node::Patient),
                NodeId::Organization(id) => organization(reader, id)?.map(Node::Organization),
                NodeId::Pool(id) => pool(reader, id)?.map(Node::Pool),
                NodeId::Person(id) => reader.person_by_id(id)?.map(Person).map(Node::Person),
                NodeId::Message(id) => Message::found(reader, id)?.map(Node::Message),
                NodeId::Recommendation(id) => Recommendation::found(reader, id)?.map(Node::Recommendation),
                NodeId::Draft(id) => reader.draft(id)?.map(|view| Node::Draft(Draft::of(reader, view))),
            })
        };
        reader(context).and_then(found).transpose()
    }

    /// A thread, whatever its kind.
    async fn thread(&self, context: &Context<'_>, id: ID) -> Option<Result<Thread>> {
        reader(context).and_then(|reader| thread(reader, decode_id(&id))).transpose()
    }

    /// A patient.
    async fn patient(&self, context: &Context<'_>, id: ID) -> Option<Result<Patient>> {
        reader(context).and_then(|reader| patient(reader, decode_id(&id))).transpose()
    }

    /// An organization.
    async fn organization(&self, context: &Context<'_>, id: ID) -> Option<Result<Organization>> {
        reader(context).and_then(|reader| organization(reader, decode_id(&id))).transpose()
    }

    /// A pool.
    async fn pool(&self, context: &Context<'_>, id: ID) -> Option<Result<Pool>> {
        reader(context).and_then(|reader| pool(reader, decode_id(&id))).transpose()
    }
}

/// The schema, to be finished by who serves it.
#[must_use]
pub fn schema() -> SchemaBuilder<Query, Mutation, Subscription> {
    // No field leads to a payload as such, but a client can treat all of them alike. It is registered after the mutations.
    Schema::build(Query::default(), Mutation::default(), Subscription)
        .register_output_type::<Payload>()
        .override_output_type_description::<Query>(&description::QUERY)
        .override_output_type_description::<Mutation>(&description::MUTATION)
}

/// The schema as text, as it stands in `schema/schema.graphql`.
#[must_use]
pub fn sdl() -> String {
    schema().finish().sdl_with_options(SDLExportOptions::new().prefer_single_line_descriptions().include_specified_by())
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../schema/schema.graphql");

    #[test]
    fn the_reviewed_schema_is_that_of_the_code() {
        let sdl = sdl();
        if std::env::var_os("CAREFOLD_BLESS").is_some_and(|value| value == "1") {
            std::fs::write(FILE, &sdl).expect("schema/schema.graphql is written");
        }
        let reviewed = std::fs::read_to_string(FILE).unwrap_or_default();
        assert!(
            reviewed == sdl,
            "schema/schema.graphql is not the code's; look at `CAREFOLD_BLESS=1 cargo test -p server` and its diff"
        );
    }

    #[test]
    fn every_scalar_has_a_description() {
        let sdl = sdl();
        for (at, _) in sdl.match_indices("\nscalar ") {
            let before = sdl.get(..at).expect("text");
            assert!(before.ends_with('"'), "{}", sdl.get(at..at + 30).unwrap_or_default());
        }
        assert!(sdl.contains("scalar DateTime @specifiedBy("), "the specification of DateTime is named");
        // No other scalar has a specification of its own, so its description states the whole form.
        let unspecified = sdl.matches("\nscalar ").count() - sdl.matches("@specifiedBy(url: \"").count();
        assert_eq!(sdl.matches("base64url (RFC 4648, section 5) without padding").count(), unspecified);
    }

    #[test]
    fn all_keys_and_page_arguments_are_described_alike() {
        let sdl = sdl();
        let key = "Your key for this command. A repeat with the same key has no further effect; with another input it is\n\
            \t`IDEMPOTENCY_MISMATCH`.\n\t\"\"\"\n\tclientMutationId: ID!\n";
        let inputs = sdl.split("\ninput ").skip(1).filter_map(|input| input.split("\n}").next());
        let with_key = inputs
            .filter(|input| input.contains("clientMutationId"))
            .inspect(|input| assert!(input.contains(key.trim_end()), "{input}"));
        assert!(with_key.count() > 40);
        let viewer =
            sdl.split("\ntype Viewer ").nth(1).and_then(|viewer| viewer.split("\n}").next()).expect("a viewer");
        assert!(!viewer.contains("`last`") && viewer.matches("20 without `first`.").count() == 5, "{viewer}");
        for argument in ["first: Int", "after: String", "search: String", "list: Worklist!"] {
            let described = viewer.matches(&format!("\"\n\t\t{argument}")).count();
            assert!(described > 0 && described == viewer.matches(argument).count(), "{argument}");
        }
    }

    /// Each field of the schema with its type, as introspection tells it.
    #[tokio::test]
    async fn introspection_tells_the_reviewed_schema() {
        let of = format!("name kind {}{}", "ofType { name kind ".repeat(5), "}".repeat(5));
        let query = format!(
            "{{ __schema {{ types {{ name fields {{ name type {{ {of} }} }} inputFields {{ name type {{ {of} }} }}
                enumValues {{ name }} }} }} }}"
        );
        let told = schema().finish().execute(query).await.data.into_json().expect("JSON");
        let mut fields = std::collections::BTreeSet::new();
        for ty in told["__schema"]["types"].as_array().expect("types") {
            let name = ty["name"].as_str().expect("a name");
            for list in ["fields", "inputFields", "enumValues"] {
                for field in ty[list].as_array().into_iter().flatten().filter(|_| !name.starts_with("__")) {
                    fields.insert(format!(
                        "{name}.{}: {}",
                        field["name"].as_str().expect("a name"),
                        written(&field["type"])
                    ));
                }
            }
        }
        assert_eq!(fields, crate::schema_changes::fields(&sdl()).expect("it parses"));
        assert!(fields.len() > 300, "{}", fields.len());
    }

    fn written(ty: &serde_json::Value) -> String {
        match ty["kind"].as_str() {
            Some("NON_NULL") => format!("{}!", written(&ty["ofType"])),
            Some("LIST") => format!("[{}]", written(&ty["ofType"])),
            _ => ty["name"].as_str().unwrap_or_default().to_owned(),
        }
    }

    #[tokio::test]
    async fn the_example_queries_fit_the_schema() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/queries");
        let documents = crate::documents::Documents::new(schema, &scalars::CHECKED).expect("the schema is read");
        let mut checked = 0;
        for entry in std::fs::read_dir(folder).expect("the examples") {
            let path = entry.expect("an entry").path();
            let text = std::fs::read_to_string(&path).expect("readable");
            let read = documents.read(&text).await;
            assert!(read.is_ok(), "{}: {:?}", path.display(), read.err());
            checked += 1;
        }
        assert!(checked >= 15, "{checked}");
    }

    /// A value of an input type, written in a document: what must be given, and of a oneOf its first field.
    fn literal(types: &serde_json::Value, ty: &serde_json::Value) -> String {
        if ty["kind"] == "NON_NULL" {
            return literal(types, &ty["ofType"]);
        }
        let named = |each: &&serde_json::Value| each["name"] == ty["name"];
        match (ty["kind"].as_str(), ty["name"].as_str()) {
            (Some("LIST"), _) => "[]".to_owned(),
            (Some("ENUM"), _) => {
                let declared = types.as_array().expect("types").iter().find(named).expect("an enum");
                declared["enumValues"][0]["name"].as_str().expect("a value").to_owned()
            }
            (Some("INPUT_OBJECT"), _) => {
                let declared = types.as_array().expect("types").iter().find(named).expect("an input");
                let fields = declared["inputFields"].as_array().expect("fields");
                let required = fields.iter().filter(|field| field["type"]["kind"] == "NON_NULL");
                let given = if declared["isOneOf"] == true {
                    fields.iter().take(1).collect()
                } else {
                    required.collect::<Vec<_>>()
                };
                let given = given.iter().map(|field| {
                    format!("{}: {}", field["name"].as_str().expect("a name"), literal(types, &field["type"]))
                });
                format!("{{ {} }}", given.collect::<Vec<_>>().join(", "))
            }
            (_, Some("Int")) => "1".to_owned(),
            (_, Some("Boolean")) => "true".to_owned(),
            (_, Some("DateTime")) => "\"2026-11-23T09:00:00Z\"".to_owned(),
            _ => "\"x\"".to_owned(),
        }
    }

    #[tokio::test]
    async fn an_error_of_one_mutation_leaves_the_payloads_of_the_others() {
        let of = format!("kind name {}{}", "ofType { kind name ".repeat(5), "}".repeat(5));
        let query = format!(
            "{{ __schema {{ mutationType {{ fields {{ name args {{ name type {{ {of} }} }} }} }}
                types {{ name isOneOf enumValues {{ name }} inputFields {{ name type {{ {of} }} }} }} }} }}"
        );
        let told = schema().finish().execute(query).await.data.into_json().expect("JSON");
        let mutations = told["__schema"]["mutationType"]["fields"].as_array().expect("mutations");
        let mut document = String::new();
        for mutation in mutations {
            let arguments = mutation["args"].as_array().expect("arguments").iter().map(|argument| {
                let value = literal(&told["__schema"]["types"], &argument["type"]);
                format!("{}: {value}", argument["name"].as_str().expect("a name"))
            });
            let arguments = arguments.collect::<Vec<_>>().join(", ");
            let name = mutation["name"].as_str().expect("a name");
            document.push_str(&format!("{name}({arguments}) {{ replayed }} "));
        }
        // Without the context of a request every mutation fails, as it does by a fault of the server.
        let answer = schema().finish().execute(format!("mutation {{ {document} }}")).await;
        let data = answer.data.into_json().expect("JSON");
        assert_eq!(
            (answer.errors.len(), data.as_object().map_or(0, |all| all.len())),
            (mutations.len(), mutations.len())
        );
        assert!(answer.errors.iter().all(|error| error.path.len() == 1), "{:?}", answer.errors);
        assert!(mutations.len() > 40, "{}", mutations.len());
    }
}
