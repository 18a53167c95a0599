//! The part of the schema that the cost limits and the check of variables need: the type of each field,
//! which fields are paged, and what each input type accepts.
//!
//! It is parsed from the schema definition, because the registry of the executor is private.

use std::collections::{HashMap, HashSet};

use async_graphql::parser::parse_schema;
use async_graphql::parser::types::{
    BaseType, FieldDefinition, InputObjectType, InputValueDefinition, OperationType, SchemaDefinition, Type,
    TypeDefinition, TypeKind, TypeSystemDefinition,
};
use async_graphql::{Name, Value};

/// The types of a schema, by name.
#[derive(Default)]
pub(crate) struct Shape {
    types: HashMap<Name, Kind>,
    directives: HashMap<Name, Arguments>,
    /// The types of paged fields: their lists are the rows of the page.
    pages: HashSet<Name>,
    query: Option<Name>,
    mutation: Option<Name>,
}

/// One type.
pub(crate) enum Kind {
    /// An object or interface.
    Fields(HashMap<Name, FieldType>),
    /// A union: it has no fields of its own, only fragments select fields.
    Union,
    /// An enum, with the values it accepts, in their order.
    Enum(Vec<Name>),
    /// An input object.
    Input(Input),
    /// A custom scalar.
    Scalar(Scalar),
}

/// A custom scalar and its check.
#[derive(Clone, Copy)]
pub struct Scalar {
    /// Its name in the schema.
    pub name: &'static str,
    /// The form of its values in words, for the author of a client.
    pub form: &'static str,
    /// Whether a value is of that form.
    pub accepts: fn(Value) -> bool,
}

/// The arguments of a field or a directive by name.
pub(crate) type Arguments = HashMap<Name, InputField>;

/// The type of a field.
pub(crate) struct FieldType {
    /// The named type of its values, without lists and nullability.
    pub named: Name,
    /// Whether it has an argument `first` or `last`, which gives the number of its values.
    pub paged: bool,
    /// Whether it is a list.
    pub list: bool,
    /// Its arguments.
    pub arguments: Arguments,
}

/// The fields of an input object.
pub(crate) struct Input {
    /// The fields by name.
    pub fields: HashMap<Name, InputField>,
    /// Whether exactly one field must be given.
    pub one_of: bool,
}

/// A field of an input object, or an argument.
pub(crate) struct InputField {
    /// The type of its value.
    pub ty: Type,
    /// Whether it has a default.
    pub has_default: bool,
}

/// The schema cannot be served.
#[derive(Debug, thiserror::Error)]
pub enum SchemaProblem {
    /// Its definition could not be parsed.
    #[error("the definition of the schema does not parse: {0}")]
    Definition(#[from] async_graphql::parser::Error),
    /// A custom scalar would be checked only when a field is reached.
    #[error("the scalar {0} has no check")]
    Scalar(Name),
}

impl Shape {
    /// Parses a schema in the schema definition language.
    ///
    /// # Errors
    /// If it cannot be parsed, or has a scalar that is not one of `scalars`.
    pub(crate) fn read(sdl: &str, scalars: &[Scalar]) -> Result<Self, SchemaProblem> {
        let mut shape = Self::default();
        for definition in parse_schema(sdl)?.definitions {
            match definition {
                TypeSystemDefinition::Schema(schema) => shape.roots(schema.node),
                TypeSystemDefinition::Type(defined) => shape.add(defined.node, scalars)?,
                TypeSystemDefinition::Directive(directive) => {
                    shape.directives.insert(directive.node.name.node, input_fields(directive.node.arguments));
                }
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
            Kind::Union | Kind::Enum(_) | Kind::Input(_) | Kind::Scalar(_) => None,
        }
    }

    /// The arguments of that directive, if it is known.
    pub(crate) fn directive(&self, name: &Name) -> Option<&Arguments> {
        self.directives.get(name)
    }

    /// Whether the lists of that type are the rows of a page.
    pub(crate) fn is_page(&self, name: Option<&Name>) -> bool {
        name.is_some_and(|name| self.pages.contains(name))
    }

    fn roots(&mut self, schema: SchemaDefinition) {
        self.query = schema.query.map(|name| name.node);
        self.mutation = schema.mutation.map(|name| name.node);
    }

    fn add(&mut self, defined: TypeDefinition, scalars: &[Scalar]) -> Result<(), SchemaProblem> {
        let one_of = defined.directives.iter().any(|directive| directive.node.name.node == "oneOf");
        let kind = match defined.kind {
            TypeKind::Object(object) => field_types(object.fields),
            TypeKind::Interface(interface) => field_types(interface.fields),
            TypeKind::Union(_) => Kind::Union,
            TypeKind::Enum(values) => {
                Kind::Enum(values.values.into_iter().map(|value| value.node.value.node).collect())
            }
            TypeKind::InputObject(input) => Kind::Input(Input::read(input, one_of)),
            TypeKind::Scalar => {
                let name = &defined.name.node;
                let check = scalars.iter().find(|scalar| name == scalar.name);
                Kind::Scalar(*check.ok_or_else(|| SchemaProblem::Scalar(name.clone()))?)
            }
        };
        if let Kind::Fields(fields) = &kind {
            let paged = fields.values().filter(|field| field.paged && !field.list);
            self.pages.extend(paged.map(|field| field.named.clone()));
        }
        self.types.insert(defined.name.node, kind);
        Ok(())
    }
}

impl Input {
    fn read(input: InputObjectType, one_of: bool) -> Self {
        let fields = input_fields(input.fields);
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
        let ty = &field.node.ty.node;
        let (named, list) = (innermost(ty).clone(), matches!(ty.base, BaseType::List(_)));
        (field.node.name.node, FieldType { named, paged, list, arguments: input_fields(field.node.arguments) })
    });
    Kind::Fields(types.collect())
}

fn input_fields(given: Vec<async_graphql::Positioned<InputValueDefinition>>) -> Arguments {
    let fields = given.into_iter().map(|field| {
        let has_default = field.node.default_value.is_some();
        (field.node.name.node, InputField { ty: field.node.ty.node, has_default })
    });
    fields.collect()
}

fn innermost(ty: &Type) -> &Name {
    match &ty.base {
        BaseType::Named(name) => name,
        BaseType::List(inner) => innermost(inner),
    }
}
