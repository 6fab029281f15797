//! The built-in functions that work on a value and can be called as its methods, and some that take none.

use super::types::{Items, Ty};

/// The type of a function's result.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) enum Gives {
    /// A value of this type.
    A(Ty<'static>),
    /// A list like the one it was called on.
    Alike,
}

/// A function that works on a value.
pub(in crate::expression) struct Builtin {
    /// Its name.
    pub(in crate::expression) name: &'static str,
    /// The least and the most arguments; in a method call, the receiver is the first.
    pub(in crate::expression) takes: (usize, usize),
    /// The type of its result.
    pub(super) gives: Gives,
    /// Whether it may change its first argument.
    pub(in crate::expression) changes: bool,
}

const ANY: Gives = Gives::A(Ty::Any);
const BOOLEAN: Gives = Gives::A(Ty::Boolean);
const INTEGER: Gives = Gives::A(Ty::Integer);
const FLOAT: Gives = Gives::A(Ty::Float);
const TEXT: Gives = Gives::A(Ty::Text);
const LIST: Gives = Gives::A(Ty::List(Items::Any));

/// A function that computes a result.
const fn of(name: &'static str, least: usize, most: usize, gives: Gives) -> Builtin {
    Builtin { name, takes: (least, most), gives, changes: false }
}

/// A function that changes its first argument.
const fn on(name: &'static str, least: usize, most: usize) -> Builtin {
    Builtin { name, takes: (least, most), gives: ANY, changes: true }
}

/// The functions, in order of their names.
pub(in crate::expression) const BUILTINS: &[Builtin] = &[
    of("E", 0, 0, FLOAT),
    of("PI", 0, 0, FLOAT),
    of("abs", 1, 1, ANY),
    of("acos", 1, 1, FLOAT),
    of("acosh", 1, 1, FLOAT),
    of("all", 2, 2, BOOLEAN),
    of("any", 2, 2, BOOLEAN),
    on("append", 2, 2),
    of("asin", 1, 1, FLOAT),
    of("asinh", 1, 1, FLOAT),
    of("atan", 1, 2, FLOAT),
    of("atanh", 1, 1, FLOAT),
    of("bytes", 1, 1, INTEGER),
    of("call", 1, 20, ANY),
    of("ceiling", 1, 1, ANY),
    of("chars", 1, 3, ANY),
    on("chop", 2, 2),
    on("clear", 1, 1),
    of("contains", 2, 2, BOOLEAN),
    of("cos", 1, 1, ANY),
    of("cosh", 1, 1, FLOAT),
    on("crop", 2, 3),
    of("curry", 2, 20, Gives::A(Ty::Closure)),
    of("day", 1, 1, INTEGER),
    of("day_of_year", 1, 1, INTEGER),
    of("days", 1, 1, INTEGER),
    on("dedup", 1, 2),
    on("drain", 2, 3),
    of("end", 1, 1, INTEGER),
    of("ends_with", 2, 2, BOOLEAN),
    of("exp", 1, 1, ANY),
    of("extract", 2, 3, Gives::Alike),
    on("fill_with", 2, 2),
    of("filter", 2, 2, Gives::Alike),
    of("find", 2, 3, ANY),
    of("find_map", 2, 3, ANY),
    of("floor", 1, 1, ANY),
    on("for_each", 2, 2),
    of("format", 2, 2, TEXT),
    of("fraction", 1, 1, ANY),
    of("get", 2, 2, ANY),
    of("hour", 1, 1, INTEGER),
    of("hours", 1, 1, INTEGER),
    of("hypot", 2, 2, FLOAT),
    of("index_of", 2, 3, INTEGER),
    on("insert", 3, 3),
    of("int", 1, 1, ANY),
    of("is_empty", 1, 1, BOOLEAN),
    of("is_even", 1, 1, BOOLEAN),
    of("is_exclusive", 1, 1, BOOLEAN),
    of("is_finite", 1, 1, BOOLEAN),
    of("is_inclusive", 1, 1, BOOLEAN),
    of("is_infinite", 1, 1, BOOLEAN),
    of("is_nan", 1, 1, BOOLEAN),
    of("is_odd", 1, 1, BOOLEAN),
    of("is_zero", 1, 1, BOOLEAN),
    of("join", 1, 2, TEXT),
    of("keys", 1, 1, LIST),
    of("len", 1, 1, INTEGER),
    of("ln", 1, 1, ANY),
    on("make_lower", 1, 1),
    on("make_upper", 1, 1),
    of("map", 2, 2, ANY),
    of("max", 2, 2, ANY),
    of("millisecond", 1, 1, INTEGER),
    of("milliseconds", 1, 1, INTEGER),
    of("min", 2, 2, ANY),
    of("minute", 1, 1, INTEGER),
    of("minutes", 1, 1, INTEGER),
    on("mixin", 2, 2),
    of("month", 1, 1, INTEGER),
    of("offset", 1, 1, Gives::A(Ty::Duration)),
    of("order", 1, 2, Gives::Alike),
    of("order_by", 2, 2, Gives::Alike),
    of("order_desc", 1, 1, Gives::Alike),
    on("pad", 3, 3),
    of("parse_decimal", 1, 1, Gives::A(Ty::Decimal)),
    of("parse_float", 1, 1, FLOAT),
    of("parse_int", 1, 2, INTEGER),
    of("parse_json", 1, 1, ANY),
    on("pop", 1, 2),
    on("push", 2, 2),
    of("range", 2, 3, ANY),
    of("reduce", 2, 3, ANY),
    of("reduce_rev", 2, 3, ANY),
    on("remove", 2, 2),
    on("replace", 3, 3),
    on("retain", 2, 3),
    on("reverse", 1, 1),
    of("round", 1, 2, ANY),
    of("round_down", 1, 2, ANY),
    of("round_half_down", 1, 2, ANY),
    of("round_half_even", 1, 2, ANY),
    of("round_half_up", 1, 2, ANY),
    of("round_up", 1, 2, ANY),
    of("second", 1, 1, INTEGER),
    of("seconds", 1, 1, INTEGER),
    on("set", 3, 3),
    on("shift", 1, 1),
    of("sign", 1, 1, INTEGER),
    of("sin", 1, 1, ANY),
    of("sinh", 1, 1, FLOAT),
    of("some", 2, 2, BOOLEAN),
    on("sort", 1, 2),
    on("sort_by", 2, 2),
    on("sort_desc", 1, 1),
    on("splice", 3, 4),
    Builtin { name: "split", takes: (1, 3), gives: LIST, changes: true },
    of("split_rev", 1, 3, LIST),
    of("sqrt", 1, 1, ANY),
    of("start", 1, 1, INTEGER),
    of("starts_with", 2, 2, BOOLEAN),
    of("sub_string", 2, 3, TEXT),
    of("tan", 1, 1, ANY),
    of("tanh", 1, 1, FLOAT),
    of("timestamp", 1, 1, INTEGER),
    of("to_binary", 1, 1, TEXT),
    of("to_chars", 1, 1, LIST),
    of("to_decimal", 1, 1, Gives::A(Ty::Decimal)),
    of("to_degrees", 1, 1, FLOAT),
    of("to_float", 1, 1, FLOAT),
    of("to_hex", 1, 1, TEXT),
    of("to_int", 1, 1, INTEGER),
    of("to_json", 1, 1, TEXT),
    of("to_lower", 1, 1, TEXT),
    of("to_octal", 1, 1, TEXT),
    of("to_radians", 1, 1, FLOAT),
    of("to_string", 1, 1, TEXT),
    of("to_upper", 1, 1, TEXT),
    Builtin { name: "trim", takes: (1, 1), gives: TEXT, changes: true },
    on("truncate", 2, 2),
    of("type_of", 1, 1, TEXT),
    of("values", 1, 1, LIST),
    of("week", 1, 1, INTEGER),
    of("weekday", 1, 1, INTEGER),
    of("year", 1, 1, INTEGER),
    of("zip", 3, 3, LIST),
];

/// The properties that values other than maps have, with the types of values that have them.
pub(super) const PROPERTIES: &[(&str, &[&str], Ty<'static>)] = &[
    ("bytes", &["string"], Ty::Integer),
    ("ceiling", &["decimal", "float", "integer"], Ty::Any),
    ("chars", &["string"], Ty::Any),
    ("date", &["date", "datetime"], Ty::Date),
    ("day", &["date", "datetime"], Ty::Integer),
    ("day_of_year", &["date", "datetime"], Ty::Integer),
    ("days", &["duration"], Ty::Integer),
    ("end", &["range"], Ty::Integer),
    ("floor", &["decimal", "float", "integer"], Ty::Any),
    ("fraction", &["decimal", "float", "integer"], Ty::Any),
    ("hour", &["datetime"], Ty::Integer),
    ("hours", &["duration"], Ty::Integer),
    ("int", &["decimal", "float", "integer"], Ty::Any),
    ("is_empty", &["list", "range", "string"], Ty::Boolean),
    ("is_even", &["integer"], Ty::Boolean),
    ("is_exclusive", &["range"], Ty::Boolean),
    ("is_finite", &["float", "integer"], Ty::Boolean),
    ("is_inclusive", &["range"], Ty::Boolean),
    ("is_infinite", &["float", "integer"], Ty::Boolean),
    ("is_nan", &["float", "integer"], Ty::Boolean),
    ("is_odd", &["integer"], Ty::Boolean),
    ("is_zero", &["decimal", "float", "integer"], Ty::Boolean),
    ("len", &["list", "range", "string"], Ty::Integer),
    ("millisecond", &["datetime"], Ty::Integer),
    ("milliseconds", &["duration"], Ty::Integer),
    ("minute", &["datetime"], Ty::Integer),
    ("minutes", &["duration"], Ty::Integer),
    ("month", &["date", "datetime"], Ty::Integer),
    ("offset", &["datetime"], Ty::Duration),
    ("round", &["decimal", "float", "integer"], Ty::Any),
    ("second", &["datetime"], Ty::Integer),
    ("seconds", &["duration"], Ty::Integer),
    ("start", &["range"], Ty::Integer),
    ("timestamp", &["datetime"], Ty::Integer),
    ("week", &["date", "datetime"], Ty::Integer),
    ("weekday", &["date", "datetime"], Ty::Integer),
    ("year", &["date", "datetime"], Ty::Integer),
];

/// The properties that values of the type called `kind` have.
pub(in crate::expression) fn properties_of(kind: &str) -> Vec<&'static str> {
    PROPERTIES.iter().filter(|(_, kinds, _)| kinds.contains(&kind)).map(|(name, ..)| *name).collect()
}

/// The function called `name`.
pub(super) fn builtin(name: &str) -> Option<&'static Builtin> {
    let at = BUILTINS.binary_search_by(|builtin| builtin.name.cmp(name)).ok()?;
    BUILTINS.get(at)
}
