//! How events are declared: the kind and version on disk stand beside the variant, so that
//! renaming Rust cannot rename history; and sets of events join to larger sets, so that reading and
//! writing rest on one list.
//!
//! A released event never changes. To change the shape of one: 1. keep its old struct and its golden
//! line; 2. declare the new shape as the next version, `v 2 => Variant from v 1 OldStruct`; 3.
//! convert with `impl From<OldStruct> for Struct`, purely; 4. bless the new golden line.
//! `#[serde(untagged)]` is not used in events: it cannot tell a word of newer software from damaged data.
//!
//! Two additions need no new version: a word of a vocabulary, and an optional field that is not written when it has its
//! default. An older program stops at the first event with such a word or field, as at a new kind of event, because
//! either may narrow what the event means; after its upgrade it goes on from there. A field that narrows nothing may be
//! ignored by older programs if its name says so: it begins with [`MAY_BE_IGNORED`].

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::text::{EachText, PersonalText};

/// The beginning of the name of a field that a program may ignore when it does not know it.
pub(crate) const MAY_BE_IGNORED: char = '_';

/// Why an event could not be read or written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EventProblem {
    /// A kind, version, word or field that this software does not know: newer software wrote it.
    #[error("an event of an unknown kind or version, or with an unknown word or field: {kind} v{version}")]
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

/// Tells a word that this software does not know from data that is broken. serde_json keeps
/// nothing of the reason but its text, which begins so; a test holds it.
pub(crate) fn is_of_newer_software(error: &serde_json::Error) -> bool {
    let text = error.to_string();
    ["unknown variant", "not a word of"].iter().any(|start| text.starts_with(start))
}

impl EventProblem {
    /// The problem of data that serde_json could not read.
    pub(crate) fn of(kind: &str, version: u16, error: &serde_json::Error) -> Self {
        if is_of_newer_software(error) {
            Self::Unknown { kind: kind.to_owned(), version }
        } else {
            Self::Malformed { kind: kind.to_owned() }
        }
    }
}

/// Reads the data of an event and notices the fields that this software does not know.
pub(crate) fn read_data<T: DeserializeOwned + Serialize>(
    kind: &str,
    version: u16,
    data: &[u8],
) -> Result<T, EventProblem> {
    let read: T = serde_json::from_slice(data).map_err(|error| EventProblem::of(kind, version, &error))?;
    // What this software wrote is written again byte by byte, so only foreign data are compared field by field.
    if serde_json::to_vec(&read).is_ok_and(|again| again == data) {
        return Ok(read);
    }
    let stored: Value = serde_json::from_slice(data).map_err(|error| EventProblem::of(kind, version, &error))?;
    match serde_json::to_value(&read) {
        Ok(known) if has_unknown_field(&stored, &known) => {
            Err(EventProblem::Unknown { kind: kind.to_owned(), version })
        }
        Ok(_) | Err(_) => Ok(read),
    }
}

/// Whether `stored` has a field with a value that `known`, the same after it was read, does not have.
fn has_unknown_field(stored: &Value, known: &Value) -> bool {
    match (stored, known) {
        (Value::Object(stored), Value::Object(known)) => stored.iter().any(|(name, value)| match known.get(name) {
            Some(known) => has_unknown_field(value, known),
            // Where a field has no value, nothing is lost.
            None => !value.is_null() && !name.starts_with(MAY_BE_IGNORED),
        }),
        (Value::Array(stored), Value::Array(known)) => {
            stored.iter().zip(known).any(|(stored, known)| has_unknown_field(stored, known))
        }
        (
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) | Value::Object(_),
            _,
        ) => false,
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

        $(impl From<$variant> for $name {
            fn from(event: $variant) -> Self { Self::$variant(event) }
        })*

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
                    $(($kind, $version) => Some($crate::event_set::read_data(kind, version, data).map(Self::$variant)),
                    $(($kind, $old) => Some($crate::event_set::read_data::<$old_data>(kind, version, data)
                        .map(|old| Self::$variant(old.into()))),)*)*
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

/// The personal texts of a field: one, one that may be absent, or those of each element.
pub(crate) trait PersonalTexts {
    fn texts(&mut self) -> impl Iterator<Item = &mut PersonalText>;
}

impl PersonalTexts for PersonalText {
    fn texts(&mut self) -> impl Iterator<Item = &mut PersonalText> {
        std::iter::once(self)
    }
}

impl PersonalTexts for Option<PersonalText> {
    fn texts(&mut self) -> impl Iterator<Item = &mut PersonalText> {
        self.iter_mut()
    }
}

impl<T: PersonalTexts> PersonalTexts for Vec<T> {
    fn texts(&mut self) -> impl Iterator<Item = &mut PersonalText> {
        self.iter_mut().flat_map(T::texts)
    }
}

/// Declares which fields of events hold personal texts, each with its tag, and names every other field.
macro_rules! texts {
    ($($name:ident { $($field:ident: $tag:literal),+; $($rest:ident),* })+) => {$(
        impl $crate::text::EachText for $name {
            fn each_text(&mut self, visit: &mut dyn FnMut($crate::text::FieldTag, &mut $crate::text::PersonalText)) {
                let Self { $($field,)+ $($rest: _),* } = self;
                $(for text in $crate::event_set::PersonalTexts::texts($field) {
                    visit($crate::text::FieldTag($tag), text);
                })+
            }
        }
    )+};
}
pub(crate) use texts;

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
            r#"{"to":"home","suspended":true}"#,
            r#"{"to":{"role":{"role":"nurse","topic":"results","only_at_night":true}}}"#,
        ] {
            assert_eq!(Moves::decode("patient.moved", 2, data.as_bytes()), Some(Err(unknown.clone())), "{data}");
        }
        let home = Ok(Moves::Moved(Moved { to: Place::Home }));
        for data in [r#"{"to":"home","_printed_as":"A4"}"#, r#"{ "to": "home", "suspended": null }"#] {
            assert_eq!(Moves::decode("patient.moved", 2, data.as_bytes()), Some(home.clone()), "{data}");
        }
        let malformed = EventProblem::Malformed { kind: "patient.moved".into() };
        for data in [r#"{"to":{"room":12}}"#, "{}", "", r#"{"to":{"role":{"role":"nurse"}}}"#] {
            assert_eq!(Moves::decode("patient.moved", 2, data.as_bytes()), Some(Err(malformed.clone())), "{data}");
        }
    }
}
