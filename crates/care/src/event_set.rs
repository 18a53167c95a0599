//! How events are declared: the kind and version on disk stand beside the variant, so that
//! renaming Rust cannot rename history; and sets of events join to larger sets, so that reading and
//! writing rest on one list.
//!
//! A released event never changes. To change the shape of one: 1. keep its old struct and its golden
//! line; 2. declare the new shape as the next version, `v 2 => Variant from v 1 OldStruct`; 3.
//! convert with `impl From<OldStruct> for Struct`, purely; 4. bless the new golden line. New
//! optional fields need no new version. `#[serde(untagged)]` is not used in events: it cannot tell
//! a word of newer software from damaged data.

use crate::text::EachText;

/// Why an event could not be read or written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EventProblem {
    /// A kind, version or word that this software does not know: newer software wrote it.
    #[error("an event of an unknown kind or version, or with an unknown word: {kind} v{version}")]
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

impl EventProblem {
    /// Tells a word that this software does not know from data that is broken. serde_json keeps
    /// nothing of the reason but its text, which begins so; a test holds it.
    pub(crate) fn of(kind: &str, version: u16, error: &serde_json::Error) -> Self {
        let text = error.to_string();
        if ["unknown variant", "not a word of"].iter().any(|start| text.starts_with(start)) {
            Self::Unknown { kind: kind.to_owned(), version }
        } else {
            Self::Malformed { kind: kind.to_owned() }
        }
    }
}

/// A closed set of events.
pub trait EventSet: EachText + Sized {
    /// Kinds and versions that can be read.
    fn kinds() -> Vec<(&'static str, u16)>;

    /// The name on disk.
    fn kind(&self) -> &'static str;

    /// The version that is written.
    fn version(&self) -> u16;

    /// The bytes to store.
    ///
    /// # Errors
    /// [`EventProblem::NotSealed`] while a text of it is open or destroyed.
    fn encode(&self) -> Result<Vec<u8>, EventProblem>;

    /// Reads an event of the set; none when the kind is of another set.
    fn decode(kind: &str, version: u16, data: &[u8]) -> Option<Result<Self, EventProblem>>;
}

/// Declares the events of a concept: each variant holds the struct of the same name.
macro_rules! events {
    ($(#[$meta:meta])* $name:ident {
        $($kind:literal v $version:literal => $variant:ident $(from v $old:literal $old_data:ty)*,)*
    }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub enum $name { $(#[doc = concat!("`", $kind, "`")] $variant($variant)),* }

        impl $crate::event_set::EventSet for $name {
            fn kinds() -> Vec<(&'static str, u16)> {
                vec![$(($kind, $version), $(($kind, $old),)*)*]
            }
            fn kind(&self) -> &'static str {
                match *self { $(Self::$variant(_) => $kind),* }
            }
            fn version(&self) -> u16 {
                match *self { $(Self::$variant(_) => $version),* }
            }
            fn encode(&self) -> Result<Vec<u8>, $crate::event_set::EventProblem> {
                match *self { $(Self::$variant(ref data) => serde_json::to_vec(data)
                    .map_err(|_| $crate::event_set::EventProblem::NotSealed { kind: $kind })),* }
            }
            fn decode(kind: &str, version: u16, data: &[u8]) -> Option<Result<Self, $crate::event_set::EventProblem>> {
                let _ = data;
                match (kind, version) {
                    $(($kind, $version) => Some(serde_json::from_slice(data).map(Self::$variant)
                        .map_err(|error| $crate::event_set::EventProblem::of(kind, version, &error))),
                    $(($kind, $old) => Some(serde_json::from_slice::<$old_data>(data).map(|old| Self::$variant(old.into()))
                        .map_err(|error| $crate::event_set::EventProblem::of(kind, version, &error))),)*)*
                    (_, _) => None,
                }
            }
        }

        impl $crate::text::EachText for $name {
            fn each_text(&mut self, visit: &mut dyn FnMut($crate::text::FieldTag, &mut $crate::text::PersonalText)) {
                let _ = &visit;
                match *self { $(Self::$variant(ref mut data) => $crate::text::EachText::each_text(data, visit)),* }
            }
        }
    };
}
pub(crate) use events;

/// Joins sets of events to a larger one: an enum, its conversions, and an [`EventSet`] of all.
macro_rules! event_union {
    ($(#[$meta:meta])* $name:ident { $($(#[$vmeta:meta])* $variant:ident($set:ty),)+ }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub enum $name { $($(#[$vmeta])* $variant($set)),+ }

        $(impl From<$set> for $name {
            fn from(event: $set) -> Self { Self::$variant(event) }
        })+


        impl $crate::event_set::EventSet for $name {
            fn kinds() -> Vec<(&'static str, u16)> {
                [$(<$set as $crate::event_set::EventSet>::kinds()),+].concat()
            }
            fn kind(&self) -> &'static str {
                match self { $(Self::$variant(event) => $crate::event_set::EventSet::kind(event)),+ }
            }
            fn version(&self) -> u16 {
                match self { $(Self::$variant(event) => $crate::event_set::EventSet::version(event)),+ }
            }
            fn encode(&self) -> Result<Vec<u8>, $crate::event_set::EventProblem> {
                match self { $(Self::$variant(event) => $crate::event_set::EventSet::encode(event)),+ }
            }
            fn decode(kind: &str, version: u16, data: &[u8]) -> Option<Result<Self, $crate::event_set::EventProblem>> {
                None$(.or_else(|| <$set as $crate::event_set::EventSet>::decode(kind, version, data)
                    .map(|event| event.map(Self::$variant))))+
            }
        }

        impl $crate::text::EachText for $name {
            fn each_text(&mut self, visit: &mut dyn FnMut($crate::text::FieldTag, &mut $crate::text::PersonalText)) {
                match self { $(Self::$variant(event) => $crate::text::EachText::each_text(event, visit)),+ }
            }
        }
    };
}
pub(crate) use event_union;

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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::{Role, Topic};
    use serde::{Deserialize, Serialize};

    #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
    pub struct Moved {
        pub to: Place,
    }
    #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
    pub struct MovedV1 {
        pub room: String,
    }
    #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
    #[serde(rename_all = "snake_case")]
    pub enum Place {
        Room(String),
        Role { role: Role, topic: Topic },
        Home,
    }

    impl From<MovedV1> for Moved {
        fn from(old: MovedV1) -> Self {
            Self { to: Place::Room(old.room) }
        }
    }

    events! {
        Moves { "patient.moved" v 2 => Moved from v 1 MovedV1, }
    }
    no_text! { Moved { to } }

    #[test]
    fn an_older_version_is_read_as_the_newest() {
        let read = Moves::decode("patient.moved", 1, br#"{"room":"12"}"#);
        assert_eq!(read, Some(Ok(Moves::Moved(Moved { to: Place::Room("12".into()) }))));
        assert_eq!(Moves::kinds(), [("patient.moved", 2), ("patient.moved", 1)]);
        assert_eq!(Moves::decode("patient.moved", 3, b"{}"), None);
    }

    #[test]
    fn a_word_of_newer_software_is_distinguished_from_damage() {
        let unknown = EventProblem::Unknown { kind: "patient.moved".into(), version: 2 };
        for data in [
            r#"{"to":"garden"}"#,
            r#"{"to":{"garden":1}}"#,
            r#"{"to":{"role":{"role":"midwife","topic":"results"}}}"#,
            r#"{"to":{"role":{"topic":"weather","role":"nurse"}}}"#,
        ] {
            assert_eq!(Moves::decode("patient.moved", 2, data.as_bytes()), Some(Err(unknown.clone())), "{data}");
        }
        let malformed = EventProblem::Malformed { kind: "patient.moved".into() };
        for data in [r#"{"to":{"room":12}}"#, "{}", "", r#"{"to":{"role":{"role":"nurse"}}}"#] {
            assert_eq!(Moves::decode("patient.moved", 2, data.as_bytes()), Some(Err(malformed.clone())), "{data}");
        }
    }
}
