//! The table of functions by name.

use super::Builtin;
use super::Effect::{Changes, None, Takes};
use super::{callback, changing, map, number, shared, sort, text, time};

/// A row: the name, the numbers of arguments, the effect, whether it is also a property, its implementation.
macro_rules! table {
    ($($name:literal $least:literal $most:literal $effect:ident $property:literal $run:path;)*) => {
        &[$(Builtin {
            name: $name,
            arguments: ($least, $most),
            effect: $effect,
            property: $property,
            run: $run,
        }),*]
    };
}

/// All of them.
pub(super) const ALL: &[Builtin] = table! {
    "len" 0 0 None true shared::len;
    "is_empty" 0 0 None true shared::is_empty;
    "contains" 1 1 None false shared::contains;
    "index_of" 1 2 None false shared::index_of;
    "get" 1 1 None false shared::get;
    "max" 1 1 None false shared::max;
    "min" 1 1 None false shared::min;
    "type_of" 0 0 None false shared::type_of;
    "to_string" 0 0 None false shared::to_text;
    "to_json" 0 0 None false shared::to_json;
    "extract" 1 2 None false shared::extract;
    "split" 0 2 Takes false shared::split;

    "bytes" 0 0 None true text::bytes;
    "to_upper" 0 0 None false text::to_upper;
    "to_lower" 0 0 None false text::to_lower;
    "starts_with" 1 1 None false text::starts_with;
    "ends_with" 1 1 None false text::ends_with;
    "sub_string" 1 2 None false text::sub_string;
    "chars" 0 2 None true text::chars;
    "to_chars" 0 0 None false text::chars;
    "split_rev" 0 2 None false text::split_rev;
    "parse_int" 0 1 None false text::parse_int;
    "parse_float" 0 0 None false text::parse_float;
    "parse_decimal" 0 0 None false text::parse_decimal;

    "trim" 0 0 Changes false changing::trim;
    "make_upper" 0 0 Changes false changing::make_upper;
    "make_lower" 0 0 Changes false changing::make_lower;
    "replace" 2 2 Changes false changing::replace;
    "crop" 1 2 Changes false changing::crop;
    "truncate" 1 1 Changes false changing::truncate;
    "pad" 2 2 Changes false changing::pad;
    "clear" 0 0 Changes false changing::clear;
    "append" 1 1 Changes false changing::append;
    "push" 1 1 Changes false changing::push;
    "insert" 2 2 Changes false changing::insert;
    "set" 2 2 Changes false changing::set;
    "reverse" 0 0 Changes false changing::reverse;
    "chop" 1 1 Changes false changing::chop;
    "splice" 2 3 Changes false changing::splice;
    "mixin" 1 1 Changes false changing::mixin;
    "fill_with" 1 1 Changes false changing::fill_with;
    "sort" 0 1 Changes false sort::sort;
    "sort_by" 1 1 Changes false sort::sort;
    "sort_desc" 0 0 Changes false sort::sort_desc;
    "dedup" 0 1 Changes false callback::dedup;
    "retain" 1 2 Changes false callback::retain;
    "drain" 1 2 Takes false callback::drain;
    "pop" 0 1 Takes false changing::pop;
    "shift" 0 0 Takes false changing::shift;
    "remove" 1 1 Takes false changing::remove;

    "order" 0 1 None false sort::order;
    "order_by" 1 1 None false sort::order;
    "order_desc" 0 0 None false sort::order_desc;
    "for_each" 1 1 Changes false callback::for_each;
    "map" 1 1 None false callback::map;
    "filter" 1 1 None false callback::filter;
    "find" 1 2 None false callback::find;
    "find_map" 1 2 None false callback::find_map;
    "some" 1 1 None false callback::some;
    "any" 1 1 None false callback::some;
    "all" 1 1 None false callback::all;
    "reduce" 1 2 None false callback::reduce;
    "reduce_rev" 1 2 None false callback::reduce_rev;
    "zip" 2 2 None false callback::zip;
    "join" 0 1 None false map::join;
    "keys" 0 0 None false map::keys;
    "values" 0 0 None false map::values;

    "abs" 0 0 None false number::abs;
    "sign" 0 0 None false number::sign;
    "is_zero" 0 0 None true number::is_zero;
    "is_odd" 0 0 None true number::is_odd;
    "is_even" 0 0 None true number::is_even;
    "is_nan" 0 0 None true number::is_nan;
    "is_finite" 0 0 None true number::is_finite;
    "is_infinite" 0 0 None true number::is_infinite;
    "floor" 0 0 None true number::floor;
    "ceiling" 0 0 None true number::ceiling;
    "round" 0 1 None true number::round;
    "round_up" 0 1 None false number::round_up;
    "round_down" 0 1 None false number::round_down;
    "round_half_up" 0 1 None false number::round_half_up;
    "round_half_down" 0 1 None false number::round_half_down;
    "round_half_even" 0 1 None false number::round_half_even;
    "int" 0 0 None true number::int;
    "fraction" 0 0 None true number::fraction;
    "to_int" 0 0 None false number::to_int;
    "to_float" 0 0 None false number::to_float;
    "to_decimal" 0 0 None false number::to_decimal;
    "to_hex" 0 0 None false number::to_hex;
    "to_octal" 0 0 None false number::to_octal;
    "to_binary" 0 0 None false number::to_binary;
    "sqrt" 0 0 None false number::sqrt;
    "exp" 0 0 None false number::exp;
    "ln" 0 0 None false number::ln;
    "log" 0 1 None false number::log;
    "sin" 0 0 None false number::sin;
    "cos" 0 0 None false number::cos;
    "tan" 0 0 None false number::tan;
    "sinh" 0 0 None false number::sinh;
    "cosh" 0 0 None false number::cosh;
    "tanh" 0 0 None false number::tanh;
    "asin" 0 0 None false number::asin;
    "acos" 0 0 None false number::acos;
    "asinh" 0 0 None false number::asinh;
    "acosh" 0 0 None false number::acosh;
    "atanh" 0 0 None false number::atanh;
    "atan" 0 1 None false number::atan;
    "hypot" 1 1 None false number::hypot;
    "to_degrees" 0 0 None false number::to_degrees;
    "to_radians" 0 0 None false number::to_radians;
    "start" 0 0 None true number::start;
    "end" 0 0 None true number::end;
    "is_inclusive" 0 0 None true number::is_inclusive;
    "is_exclusive" 0 0 None true number::is_exclusive;

    "year" 0 0 None true time::year;
    "month" 0 0 None true time::month;
    "day" 0 0 None true time::day;
    "weekday" 0 0 None true time::weekday;
    "day_of_year" 0 0 None true time::day_of_year;
    "week" 0 0 None true time::week;
    "hour" 0 0 None true time::hour;
    "minute" 0 0 None true time::minute;
    "second" 0 0 None true time::second;
    "millisecond" 0 0 None true time::millisecond;
    "timestamp" 0 0 None true time::timestamp;
    "offset" 0 0 None true time::offset;
    "date" 0 0 None true time::date;
    "days" 0 0 None true time::days;
    "hours" 0 0 None true time::hours;
    "minutes" 0 0 None true time::minutes;
    "seconds" 0 0 None true time::seconds;
    "milliseconds" 0 0 None true time::milliseconds;
    "format" 1 1 None false time::format;
};
