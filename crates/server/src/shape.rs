//! The part of the schema that the cost limits and the check of variables need: the type of each field,
//! which fields are paged, and what each input type accepts.
//!
//! It is parsed from the schema definition, because the registry of the executor is private.

use std::collections::{HashMap, HashSet};

use async_graphql::Name;
use async_graphql::parser::parse_schema;
use async_graphql::parser::types::{
    BaseType, FieldDefinition, InputObjectType, OperationType, SchemaDefinition, Type, TypeDefinition, TypeKind,
    TypeSystemDefinition,
};

/// The types of a schema, by name.
#[derive(Default)]
pub(crate) struct Shape {
    types: HashMap<Name, Kind>,
    query: Option<Name>,
    mutation: Option<Name>,
}

/// One type.
pub(crate) enum Kind {
    /// An object or interface.
    Fields(HashMap<Name, FieldType>),
    /// A union: it has no fields of its own, only fragments select fields.
    Union,
    /// An enum, with the values it accepts.
    Enum(HashSet<Name>),
    /// An input object.
    Input(Input),
    /// A custom scalar. Its own parser checks the value during execution.
    Scalar,
}

/// The type of a field.
pub(crate) struct FieldType {
    /// The named type of its values, without lists and nullability.
    pub named: Name,
    /// Whether it has an argument `first` or `last`, which gives the number of its values.
    pub paged: bool,
}

/// The fields of an input object.
pub(crate) struct Input {
    /// The fields by name.
    pub fields: HashMap<Name, InputField>,
    /// Whether exactly one field must be given.
    pub one_of: bool,
}

/// A field of an input object.
pub(crate) struct InputField {
    /// The type of its value.
    pub ty: Type,
    /// Whether it may be absent: it is nullable or has a default.
    pub optional: bool,
}

/// The schema definition could not be parsed.
#[derive(Debug, thiserror::Error)]
#[error("the definition of the schema does not parse: {0}")]
pub struct SchemaProblem(#[from] async_graphql::parser::Error);

impl Shape {
    /// Parses a schema in the schema definition language.
    pub(crate) fn read(sdl: &str) -> Result<Self, SchemaProblem> {
        let mut shape = Self::default();
        for definition in parse_schema(sdl)?.definitions {
            match definition {
                TypeSystemDefinition::Schema(schema) => shape.roots(schema.node),
                TypeSystemDefinition::Type(defined) => shape.add(defined.node),
                TypeSystemDefinition::Directive(_) => {}
            }
        }
        Ok(shape)
    }

    /// The root type of an operation. The root type of subscriptions is not needed.
    pub(crate) fn root(&self, kind: OperationType) -> Option<&Name> {
        match kind {
            OperationType::Query => self.query.as_ref(),
            OperationType::Mutation => self.mutation.as_ref(),
            OperationType::Subscription => None,
        }
    }

    /// The type with that name; `None` if it is built in, part of introspection or unknown.
    pub(crate) fn kind(&self, name: &str) -> Option<&Kind> {
        self.types.get(name)
    }

    /// The type of that field of that type, if it is known.
    pub(crate) fn field_type(&self, of: Option<&Name>, field: &str) -> Option<&FieldType> {
        match self.kind(of?)? {
            Kind::Fields(fields) => fields.get(field),
            Kind::Union | Kind::Enum(_) | Kind::Input(_) | Kind::Scalar => None,
        }
    }

    fn roots(&mut self, schema: SchemaDefinition) {
        self.query = schema.query.map(|name| name.node);
        self.mutation = schema.mutation.map(|name| name.node);
    }

    fn add(&mut self, defined: TypeDefinition) {
        let one_of = defined.directives.iter().any(|directive| directive.node.name.node == "oneOf");
        let kind = match defined.kind {
            TypeKind::Object(object) => field_types(object.fields),
            TypeKind::Interface(interface) => field_types(interface.fields),
            TypeKind::Union(_) => Kind::Union,
            TypeKind::Enum(values) => {
                Kind::Enum(values.values.into_iter().map(|value| value.node.value.node).collect())
            }
            TypeKind::InputObject(input) => Kind::Input(Input::read(input, one_of)),
            TypeKind::Scalar => Kind::Scalar,
        };
        self.types.insert(defined.name.node, kind);
    }
}

impl Input {
    fn read(input: InputObjectType, one_of: bool) -> Self {
        let fields = input
            .fields
            .into_iter()
            .map(|field| {
                let optional = field.node.ty.node.nullable || field.node.default_value.is_some();
                (field.node.name.node, InputField { ty: field.node.ty.node, optional })
            })
            .collect();
        Self { fields, one_of }
    }
}

fn field_types(fields: Vec<async_graphql::Positioned<FieldDefinition>>) -> Kind {
    let types = fields.into_iter().map(|field| {
        let paged = field
            .node
            .arguments
            .iter()
            .any(|argument| argument.node.name.node == "first" || argument.node.name.node == "last");
        (field.node.name.node, FieldType { named: innermost(&field.node.ty.node).clone(), paged })
    });
    Kind::Fields(types.collect())
}

fn innermost(ty: &Type) -> &Name {
    match &ty.base {
        BaseType::Named(name) => name,
        BaseType::List(inner) => innermost(inner),
    }
}
