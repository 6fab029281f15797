//! The functions of the capabilities that come with the program. They stay in the vocabulary where a capability was
//! left out of the build, so that a flow is checked alike everywhere.

use std::ops::RangeInclusive;

use crate::name::Name;

use super::capability::Signature;

/// Module, function, and how many arguments it takes.
const FUNCTIONS: [(&str, &str, RangeInclusive<usize>); 14] = [
    ("http", "get", 1..=2),
    ("http", "post", 1..=2),
    ("http", "put", 1..=2),
    ("http", "patch", 1..=2),
    ("http", "delete", 1..=2),
    ("shell", "run", 1..=3),
    ("files", "read", 1..=2),
    ("files", "write", 2..=3),
    ("files", "append", 2..=3),
    ("files", "list", 1..=2),
    ("files", "exists", 1..=2),
    ("files", "delete", 1..=2),
    ("files", "make_folder", 1..=2),
    ("env", "get", 1..=1),
];

/// The functions of the capability `module`.
pub(super) fn signatures(module: &str) -> Vec<Signature> {
    let functions = FUNCTIONS.iter().filter(|(of, ..)| *of == module);
    functions.map(|(_, name, arity)| Signature { name: Name::new(name), arity: arity.clone() }).collect()
}

/// Whether `module` is a capability of the language, which a flow's `uses` must name.
pub(super) fn is_capability(module: &str) -> bool {
    FUNCTIONS.iter().any(|(of, ..)| *of == module)
}
