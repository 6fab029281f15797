//! The functions of the built-in capabilities, and what they take. They stay known even if a capability is not part of the
//! build, so that flows are checked the same everywhere.

use std::ops::RangeInclusive;

use crate::expression::{Argument, Gives, Takes};
use crate::name::{CAPABILITIES, Name};

use super::capability::Signature;

use Argument::{Any, Key, Number, Numbers, Pairs, PairsOfLists, Text, Texts, Time};

/// Redirects that are followed, at most and unless `redirects` says otherwise.
pub(super) const MAX_REDIRECTS: i64 = 10;
/// The least and the greatest status of a response.
pub(super) const MIN_STATUS: i64 = 100;
pub(super) const MAX_STATUS: i64 = 599;
/// The greatest status that a program ends with.
pub(super) const MAX_EXIT: i64 = 255;

/// Arguments or options by name.
type Named = &'static [(&'static str, Argument)];

/// The option of every step.
pub(super) const ONCE: Named = &[("once", Key)];

/// The options of the functions of `http`.
pub(super) const HTTP: Named = &[
    ("headers", PairsOfLists),
    ("query", PairsOfLists),
    ("json", Any),
    ("body", Text),
    ("form", PairsOfLists),
    ("accept", Numbers(MIN_STATUS, MAX_STATUS)),
    ("timeout", Time),
    ("redirects", Number(0, MAX_REDIRECTS)),
    ("once", Key),
];

/// The options of `shell::run`.
pub(super) const SHELL: Named = &[
    ("accept", Numbers(0, MAX_EXIT)),
    ("dir", Text),
    ("env", Pairs),
    ("stdin", Text),
    ("timeout", Time),
    ("once", Key),
];

/// What effects of the embedding program take: of their own arguments nothing is known.
pub(super) const OF_EFFECTS: Takes = Takes { arguments: &[], options: Some(ONCE), gives: None };

const URL: Named = &[("URL", Text)];
const PATH: Named = &[("path", Text)];
const PATH_AND_TEXT: Named = &[("path", Text), ("text", Text)];
const PROGRAM: Named = &[("program", Text), ("arguments", Texts)];
const NAME: Named = &[("name", Text)];

/// A server may answer with any status of three digits.
const RESPONSE: Gives = Gives::Fields(&[
    ("status", Gives::Number(MIN_STATUS, 999)),
    ("headers", Gives::Headers),
    ("body", Gives::Text),
    ("json", Gives::Any),
]);
const ENDED: Gives =
    Gives::Fields(&[("status", Gives::Number(0, MAX_EXIT)), ("stdout", Gives::Text), ("stderr", Gives::Text)]);

/// Module, function, how many arguments it takes, which, its options, and what it gives.
type Known = (&'static str, &'static str, RangeInclusive<usize>, Named, Option<Named>, Gives);

const FUNCTIONS: [Known; 14] = [
    ("http", "get", 1..=2, URL, Some(HTTP), RESPONSE),
    ("http", "post", 1..=2, URL, Some(HTTP), RESPONSE),
    ("http", "put", 1..=2, URL, Some(HTTP), RESPONSE),
    ("http", "patch", 1..=2, URL, Some(HTTP), RESPONSE),
    ("http", "delete", 1..=2, URL, Some(HTTP), RESPONSE),
    ("shell", "run", 1..=3, PROGRAM, Some(SHELL), ENDED),
    ("files", "read", 1..=2, PATH, Some(ONCE), Gives::Text),
    ("files", "write", 2..=3, PATH_AND_TEXT, Some(ONCE), Gives::Nothing),
    ("files", "append", 2..=3, PATH_AND_TEXT, Some(ONCE), Gives::Nothing),
    ("files", "list", 1..=2, PATH, Some(ONCE), Gives::Texts),
    ("files", "exists", 1..=2, PATH, Some(ONCE), Gives::Boolean),
    ("files", "delete", 1..=2, PATH, Some(ONCE), Gives::Boolean),
    ("files", "make_folder", 1..=2, PATH, Some(ONCE), Gives::Nothing),
    ("env", "get", 1..=1, NAME, None, Gives::TextOrNothing),
];

/// The functions of the capability `module`.
pub(super) fn signatures(module: &str) -> Vec<Signature> {
    let functions = FUNCTIONS.iter().filter(|(of, ..)| *of == module);
    functions.map(|(_, name, arity, ..)| Signature { name: Name::new(name), arity: arity.clone() }).collect()
}

/// What the function `name` takes and gives: `http::get`.
pub(super) fn takes(name: &str) -> Takes {
    let inner = name.split_once("::");
    let known = FUNCTIONS.iter().find(|(module, function, ..)| inner == Some((*module, *function)));
    known.map_or_else(Takes::default, |(.., arguments, options, gives)| Takes {
        arguments,
        options: *options,
        gives: Some(*gives),
    })
}

/// Whether `module` is a built-in capability, which a flow must list in `uses`.
pub(super) fn is_capability(module: &str) -> bool {
    CAPABILITIES.contains(&module)
}
