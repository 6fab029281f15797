//! The functions of the built-in capabilities. They stay known even if a capability is not part of the build, so that
//! flows are checked the same everywhere.

use std::ops::RangeInclusive;

use crate::name::Name;

use super::capability::Signature;

/// Module, function, and the numbers of arguments it accepts.
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

/// Whether `module` is a built-in capability, which a flow must list in `uses`.
pub(super) fn is_capability(module: &str) -> bool {
    FUNCTIONS.iter().any(|(of, ..)| *of == module)
}
