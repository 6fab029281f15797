//! What flows know of each other.

use crate::definition::Document;
use crate::name::Name;

/// What a flow needs of another that it starts: known of every flow of a library before any of them is checked.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Signature {
    /// Its name.
    pub(crate) name: Name,
    /// Its attributes, and which of them must be given.
    pub(crate) attributes: Vec<(Name, bool)>,
    /// Its states.
    pub(crate) states: Vec<Name>,
}

impl Signature {
    /// The signature of a document.
    pub(crate) fn of(document: &Document) -> Option<Self> {
        let attributes = document.attributes.iter().map(|a| {
            // A default of null is none.
            let has_default = a.rules.default.as_ref().is_some_and(|d| !d.value.value.is_unit());
            let required = a.rules.required.as_ref().is_some_and(|r| r.value) && !has_default;
            (a.name.value.clone(), required)
        });
        let (attributes, states) =
            (attributes.collect(), document.states.iter().map(|s| s.name.value.clone()).collect());
        Some(Self { name: document.flow.as_ref()?.value.clone(), attributes, states })
    }
}
