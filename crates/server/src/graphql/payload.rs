//! Payloads: what every mutation answers with. Each stands beside its mutation under `commands/`.
//!
//! To add one: declare it with `payload!` beside its mutation, with the field that its entity goes into.

use std::borrow::Cow;

use async_graphql::indexmap::{IndexMap, IndexSet};
use async_graphql::parser::types::Field;
use async_graphql::registry::{MetaField, MetaType, MetaTypeId, MetaTypeName, Registry};
use async_graphql::{ContextSelectionSet, ID, OutputType, Positioned, ServerResult, Value};

use super::problem::Problem;
use super::scalars::Position;

/// The result of a mutation, before its payload gives the entity a name.
pub(super) struct Answer<T> {
    pub client_mutation_id: ID,
    pub position: Option<Position>,
    pub replayed: bool,
    pub problems: Vec<Problem>,
    pub entity: Option<T>,
}

impl<T> Answer<T> {
    /// That of a command without effect, with what its payload shows all the same.
    pub fn without_effect(client_mutation_id: &ID, problems: Vec<Problem>, entity: Option<T>) -> Self {
        Self { client_mutation_id: client_mutation_id.clone(), position: None, replayed: false, problems, entity }
    }
}

/// The interface of all payloads: what every mutation answers with has its fields. It is no value; it is made of
/// the mutations that are registered before it.
pub(super) enum Payload {}

impl Payload {
    /// What the mutations answer with, and the fields that all of that has.
    fn answers(registry: &Registry) -> (IndexSet<String>, IndexMap<String, MetaField>) {
        let fields = |name: &str| registry.types.get(name).and_then(MetaType::fields);
        let mutations = registry.mutation_type.as_deref().and_then(fields);
        let answers = mutations.into_iter().flat_map(IndexMap::values);
        let names: IndexSet<String> =
            answers.map(|answer| MetaTypeName::concrete_typename(&answer.ty).to_owned()).collect();
        let mut of_answers = names.iter().filter_map(|name| fields(name));
        let mut shared = of_answers.next().cloned().unwrap_or_default();
        for fields in of_answers {
            shared.retain(|name, _| fields.contains_key(name));
        }
        (names, shared)
    }
}

impl OutputType for Payload {
    fn type_name() -> Cow<'static, str> {
        "Payload".into()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        registry.create_output_type::<Self, _>(MetaTypeId::Interface, |registry| {
            let (possible_types, fields) = Self::answers(registry);
            for name in &possible_types {
                registry.add_implements(name, "Payload");
            }
            MetaType::Interface {
                name: "Payload".to_owned(),
                description: Some("The fields of every payload.".to_owned()),
                fields,
                possible_types,
                extends: false,
                keys: None,
                visible: None,
                inaccessible: false,
                tags: Vec::new(),
                rust_typename: Some(std::any::type_name::<Self>()),
                directive_invocations: Vec::new(),
                requires_scopes: Vec::new(),
            }
        })
    }

    async fn resolve(&self, _: &ContextSelectionSet<'_>, _: &Positioned<Field>) -> ServerResult<Value> {
        match *self {}
    }
}

/// Declares a payload: what all of them have, and the field of its entity. Payloads with the same field follow it.
macro_rules! payload {
    ($(#[$meta:meta])* $name:ident { $(#[$field_meta:meta])* $field:ident: $ty:ty }) => {
        $(#[$meta])*
        #[derive(async_graphql::SimpleObject)]
        pub struct $name {
            /// The key that you sent.
            pub client_mutation_id: async_graphql::ID,
            /// The position to send in the header `x-read-after` to see the effect. Null if the command had none.
            pub position: Option<$crate::graphql::scalars::Position>,
            /// Whether the command had been carried out before under this key: then it had no further effect.
            pub replayed: bool,
            /// Why the command had no effect. Empty if it had one.
            pub problems: Vec<$crate::graphql::problem::Problem>,
            $(#[$field_meta])*
            pub $field: Option<$ty>,
        }

        impl From<$crate::graphql::payload::Answer<$ty>> for $name {
            fn from(answer: $crate::graphql::payload::Answer<$ty>) -> Self {
                let $crate::graphql::payload::Answer { client_mutation_id, position, replayed, problems, entity } =
                    answer;
                Self { client_mutation_id, position, replayed, problems, $field: entity }
            }
        }
    };
    ($entity:tt $($(#[$meta:meta])* $name:ident)+) => {$(
        payload! { $(#[$meta])* $name $entity }
    )+};
}
pub(super) use payload;
