//! Payloads: what every mutation answers with. Each stands beside its mutation under `commands/`.
//!
//! To add one: 1. declare it with `payload!` beside its mutation, with the field that its entity
//! goes into; 2. give it a variant in `payloads.rs`.

use async_graphql::ID;

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

/// Declares a payload: what all of them have, and the field of its entity.
macro_rules! payload {
    ($(#[$meta:meta])* $name:ident { $(#[$field_meta:meta])* $field:ident: $ty:ty }) => {
        $(#[$meta])*
        #[derive(async_graphql::SimpleObject)]
        pub struct $name {
            /// The key that you sent.
            pub client_mutation_id: async_graphql::ID,
            /// The position to read at or after to see the effect. Null if the command had none.
            pub position: Option<$crate::graphql::scalars::Position>,
            /// Whether the command had been carried out before under this key.
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
}
pub(super) use payload;
