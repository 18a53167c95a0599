//! How a concept declares its events: the kind and version stand beside the variant, so
//! refactoring Rust cannot rename history.

/// Why an event could not be read or written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EventProblem {
    /// A kind or version that this software does not know: a newer one wrote it.
    #[error("an event of an unknown kind or version: {kind} v{version}")]
    Unknown {
        /// The kind as stored.
        kind: String,
        /// The version as stored.
        version: u16,
    },
    /// The kind is known and its data does not fit.
    #[error("the data of an event of kind {kind} does not fit its shape")]
    Malformed {
        /// The kind as stored.
        kind: String,
    },
    /// A text of it was not sealed, so it is not written.
    #[error("an event of kind {kind} holds text that is not sealed")]
    NotSealed {
        /// The kind.
        kind: &'static str,
    },
}

/// Declares the events of a concept: variants, structs, kinds and versions.
macro_rules! events {
    ($(#[$meta:meta])* $name:ident { $($kind:literal v $version:literal => $variant:ident($data:ty),)+ }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Eq)]
        #[expect(missing_docs, reason = "each variant is documented on the struct of its data")]
        pub enum $name { $($variant($data),)+ }

        impl $name {
            /// Kinds and versions that can be read.
            pub const KINDS: &'static [(&'static str, u16)] = &[$(($kind, $version)),+];

            /// The name on disk.
            #[must_use]
            pub fn kind(&self) -> &'static str {
                match self { $(Self::$variant(_) => $kind),+ }
            }

            /// The version that is written.
            #[must_use]
            pub fn version(&self) -> u16 {
                match self { $(Self::$variant(_) => $version),+ }
            }

            /// Reads an event of this concept; `None` when the kind is another concept's.
            pub(crate) fn decode(kind: &str, version: u16, data: &[u8]) -> Option<Result<Self, $crate::kinds::EventProblem>> {
                match (kind, version) {
                    $(($kind, $version) => Some(
                        serde_json::from_slice(data).map(Self::$variant)
                            .map_err(|_| $crate::kinds::EventProblem::Malformed { kind: kind.to_owned() })
                    ),)+
                    (_, _) => None,
                }
            }

            /// The bytes to store. Fails while a text is not sealed.
            pub(crate) fn encode(&self) -> Result<Vec<u8>, $crate::kinds::EventProblem> {
                match self {
                    $(Self::$variant(data) => serde_json::to_vec(data)),+
                }.map_err(|_| $crate::kinds::EventProblem::NotSealed { kind: self.kind() })
            }
        }

        impl $crate::text::EachText for $name {
            fn each_text(&mut self, visit: &mut dyn FnMut($crate::text::FieldTag, &mut $crate::text::PersonalText)) {
                match self { $(Self::$variant(data) => $crate::text::EachText::each_text(data, visit)),+ }
            }
        }
    };
}
pub(crate) use events;

/// Declares that events hold no personal text, by naming every field.
macro_rules! no_text {
    ($($name:ident { $($field:ident),* $(,)? })+) => {$(
        impl $crate::text::EachText for $name {
            fn each_text(&mut self, _: &mut dyn FnMut($crate::text::FieldTag, &mut $crate::text::PersonalText)) {
                let Self { $($field: _),* } = self;
            }
        }
    )+};
}
pub(crate) use no_text;
