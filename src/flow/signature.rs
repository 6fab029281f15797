//! What flows know about each other.

use crate::definition::{AttributeDoc, Document, RulesDoc};
use crate::name::Name;
use crate::value::{Shape, Type};

/// What a flow needs to know about one that it starts. Available for every flow of a library before any of them is
/// checked.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Signature {
    /// Its name.
    pub(crate) name: Name,
    /// Its attributes.
    pub(crate) attributes: Vec<Parameter>,
    /// Its states.
    pub(crate) states: Vec<Name>,
}

/// An attribute of a flow that may be started.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Parameter {
    /// Its name.
    pub(crate) name: Name,
    /// Whether it must be given.
    pub(crate) required: bool,
    /// The declared type of its values.
    pub(crate) shape: Shape,
}

impl Signature {
    /// The signature of a document.
    pub(crate) fn of(document: &Document) -> Option<Self> {
        let attributes = document.attributes.iter().map(|a| {
            // A default of null is no default.
            let has_default = a.rules.default.as_ref().is_some_and(|d| !d.value.value.is_unit());
            let required = a.rules.required.as_ref().is_some_and(|r| r.value) && !has_default;
            Parameter { name: a.name.value.clone(), required, shape: shape(&a.rules) }
        });
        let (attributes, states) =
            (attributes.collect(), document.states.iter().map(|s| s.name.value.clone()).collect());
        Some(Self { name: document.flow.as_ref()?.value.clone(), attributes, states })
    }

    /// The declared type of the attribute `name`.
    pub(crate) fn shape(&self, name: &Name) -> Option<&Shape> {
        self.attributes.iter().find(|attribute| attribute.name == *name).map(|attribute| &attribute.shape)
    }
}

/// The declared type of a value, as far as it is known.
fn shape(rules: &RulesDoc) -> Shape {
    let field = |field: &AttributeDoc| (field.name.value.clone(), shape(&field.rules));
    Shape {
        kind: rules.kind.as_ref().map_or(Type::Any, |kind| kind.value),
        items: rules.items.as_ref().map(|items| Box::new(shape(items))),
        fields: rules.fields.as_ref().map(|fields| fields.iter().map(field).collect()),
        secret: rules.secret.as_ref().is_some_and(|secret| secret.value),
    }
}
