//! What the cost limits and the check of variables know of the schema.
//!
//! It is read from the schema's own text, so that nothing here leans on the
//! executor's private registry: which type a field leads to, which fields are
//! pages of a longer list, and what each input type accepts.

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

/// What is to be known of one type.
pub(crate) enum Kind {
    /// An object or interface.
    Fields(HashMap<Name, Leads>),
    /// A union: its fields are chosen in fragments.
    Union,
    /// An enum, with the values it accepts.
    Enum(HashSet<Name>),
    /// An input object.
    Input(Input),
    /// A scalar that is not built in. Its own parser judges it later.
    Scalar,
}

/// Where a field leads.
pub(crate) struct Leads {
    /// The type of what it returns, lists and nullability taken off.
    pub to: Name,
    /// Whether it takes `first` or `last`, and so answers as many as it is asked.
    pub paged: bool,
}

/// The fields of an input object.
pub(crate) struct Input {
    /// Each with its type, and whether it may be left out.
    pub fields: HashMap<Name, (Type, bool)>,
    /// Whether exactly one field must be given.
    pub one_of: bool,
}

/// The schema's text could not be read back.
#[derive(Debug, thiserror::Error)]
#[error("the schema's own text does not parse: {0}")]
pub struct SchemaProblem(#[from] async_graphql::parser::Error);

impl Shape {
    /// Reads the schema definition language.
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

    /// The type at the top of an operation. A subscription's is never needed.
    pub(crate) fn root(&self, kind: OperationType) -> Option<&Name> {
        match kind {
            OperationType::Query => self.query.as_ref(),
            OperationType::Mutation => self.mutation.as_ref(),
            OperationType::Subscription => None,
        }
    }

    /// The type of that name, unless it is built in, part of introspection or unknown.
    pub(crate) fn kind(&self, name: &str) -> Option<&Kind> {
        self.types.get(name)
    }

    /// Where that field of that type leads, as far as known.
    pub(crate) fn leads(&self, of: Option<&Name>, field: &str) -> Option<&Leads> {
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
            TypeKind::Object(object) => leading(object.fields),
            TypeKind::Interface(interface) => leading(interface.fields),
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
                (field.node.name.node, (field.node.ty.node, optional))
            })
            .collect();
        Self { fields, one_of }
    }
}

fn leading(fields: Vec<async_graphql::Positioned<FieldDefinition>>) -> Kind {
    let leads = fields.into_iter().map(|field| {
        let paged = field
            .node
            .arguments
            .iter()
            .any(|argument| argument.node.name.node == "first" || argument.node.name.node == "last");
        (field.node.name.node, Leads { to: innermost(&field.node.ty.node).clone(), paged })
    });
    Kind::Fields(leads.collect())
}

fn innermost(ty: &Type) -> &Name {
    match &ty.base {
        BaseType::Named(name) => name,
        BaseType::List(inner) => innermost(inner),
    }
}
