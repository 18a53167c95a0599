//! The kind of a thread, as a word of the schema that is also given in inputs.

use std::borrow::Cow;

use async_graphql::parser::types::Field;
use async_graphql::registry::{EnumBuilder, MetaEnumValue, MetaTypeId, Registry};
use async_graphql::{
    ContextSelectionSet, InputType, InputValueError, InputValueResult, Name, OutputType, Positioned, ServerResult,
    Value,
};
use care::lifecycle;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The kind of a thread. Its values are the kinds that care lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ThreadKind(lifecycle::ThreadKind);

impl From<lifecycle::ThreadKind> for ThreadKind {
    fn from(kind: lifecycle::ThreadKind) -> Self {
        Self(kind)
    }
}

impl From<ThreadKind> for lifecycle::ThreadKind {
    fn from(ThreadKind(kind): ThreadKind) -> Self {
        kind
    }
}

impl ThreadKind {
    fn name(self) -> String {
        self.0.word().to_ascii_uppercase()
    }

    fn of_name(name: &str) -> Option<Self> {
        lifecycle::ThreadKind::ALL.iter().copied().map(Self).find(|kind| kind.name() == name)
    }
}

impl OutputType for ThreadKind {
    fn type_name() -> Cow<'static, str> {
        "ThreadKind".into()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        registry.create_output_type::<Self, _>(MetaTypeId::Enum, |_| {
            let values = lifecycle::ThreadKind::ALL.iter().map(|kind| {
                let mut value = MetaEnumValue::new(Self(*kind).name());
                value.description = Some(kind.description().to_owned());
                (value.name.clone(), value)
            });
            let kinds = EnumBuilder::new("ThreadKind", values.collect());
            kinds.description(Some("The kinds of threads.".to_owned())).build()
        })
    }

    async fn resolve(&self, _: &ContextSelectionSet<'_>, _: &Positioned<Field>) -> ServerResult<Value> {
        Ok(Value::Enum(Name::new(self.name())))
    }
}

impl InputType for ThreadKind {
    type RawValueType = Self;

    fn type_name() -> Cow<'static, str> {
        <Self as OutputType>::type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        <Self as OutputType>::create_type_info(registry)
    }

    fn parse(value: Option<Value>) -> InputValueResult<Self> {
        let value = value.unwrap_or_default();
        let kind = if let Value::Enum(name) = &value {
            Self::of_name(name)
        } else if let Value::String(name) = &value {
            // It is that of a variable.
            Self::of_name(name)
        } else {
            None
        };
        kind.ok_or_else(|| InputValueError::expected_type(value))
    }

    fn to_value(&self) -> Value {
        Value::Enum(Name::new(self.name()))
    }

    fn as_raw_value(&self) -> Option<&Self> {
        Some(self)
    }
}

impl Serialize for ThreadKind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.name())
    }
}

impl<'de> Deserialize<'de> for ThreadKind {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        Self::of_name(&name).ok_or_else(|| serde::de::Error::custom("there is no such kind of thread"))
    }
}

#[cfg(test)]
mod tests {
    use care::lifecycle::ThreadKind;

    #[test]
    fn each_kind_has_a_type_and_a_query_of_its_name() {
        let sdl = crate::graphql::sdl().to_ascii_lowercase();
        for kind in ThreadKind::ALL {
            let name = kind.word().replace('_', "");
            assert!(sdl.contains(&format!("\n\t{name}(id: id!): {name}\n")), "{name}");
        }
    }
}
