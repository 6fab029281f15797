//! What built-in functions are given: values that they can never take, and items that do not fit the list they go into.

use rhai::Expr;

use super::super::parse::place;
use super::fits::Wanted;
use super::names::shown;
use super::options::given;
use super::types::{Fields, Items, Ty};
use super::walk::{Walk, start};

/// What a function takes as an argument.
#[derive(Clone, Copy, PartialEq)]
enum Takes {
    Any,
    Whole,
    /// A whole number or a range.
    Place,
    Text,
    Closure,
    List,
    Map,
    /// A text, or what it says already.
    Day,
    Moment,
    Length,
    Number,
}

use Takes::{Any, Closure, Day, Length, List, Map, Moment, Number, Place, Text, Whole};

/// Functions of the language that are called by name alone: what they take.
const OF_LANGUAGE: [(&str, &[Takes]); 6] = [
    ("date", &[Day]),
    ("datetime", &[Moment]),
    ("decimal", &[Number]),
    ("duration", &[Length]),
    ("range", &[Whole, Whole, Whole]),
    ("start", &[Text, Map]),
];

/// Functions that work on a value: what they take besides.
const ON_VALUES: [(&str, &[Takes]); 34] = [
    ("all", &[Closure]),
    ("any", &[Closure]),
    ("chars", &[Place, Whole]),
    ("chop", &[Whole]),
    ("crop", &[Place, Whole]),
    ("ends_with", &[Text]),
    ("extract", &[Place, Whole]),
    ("fill_with", &[Map]),
    ("filter", &[Closure]),
    ("find", &[Closure, Whole]),
    ("find_map", &[Closure, Whole]),
    ("for_each", &[Closure]),
    ("format", &[Text]),
    ("insert", &[Whole, Any]),
    ("map", &[Closure]),
    ("mixin", &[Map]),
    ("order_by", &[Closure]),
    ("pad", &[Whole, Any]),
    ("parse_int", &[Whole]),
    ("reduce", &[Closure]),
    ("reduce_rev", &[Closure]),
    ("replace", &[Text, Text]),
    ("round", &[Whole]),
    ("round_down", &[Whole]),
    ("round_half_down", &[Whole]),
    ("round_half_even", &[Whole]),
    ("round_half_up", &[Whole]),
    ("round_up", &[Whole]),
    ("some", &[Closure]),
    ("sort_by", &[Closure]),
    ("starts_with", &[Text]),
    ("sub_string", &[Place, Whole]),
    ("truncate", &[Whole]),
    ("zip", &[List, Closure]),
];

impl Takes {
    /// Whether a value whose type is known may be taken.
    fn takes(self, ty: Ty<'_>) -> bool {
        match self {
            _ if ty == Ty::Any => true,
            Any => true,
            Whole => ty == Ty::Integer,
            Place => matches!(ty, Ty::Integer | Ty::Range),
            Text => ty == Ty::Text,
            Closure => ty == Ty::Closure,
            List => matches!(ty, Ty::List(_)),
            Map => matches!(ty, Ty::Map(_)),
            Day | Moment => matches!(ty, Ty::Text | Ty::Date | Ty::DateTime),
            Length => matches!(ty, Ty::Text | Ty::Duration),
            Number => ty == Ty::Text || ty.is_number(),
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Any => "anything",
            Whole => "a whole number",
            Place => "a whole number or a range",
            Text => "a string",
            Closure => "a closure, like `|x| …`",
            List => "a list",
            Map => "a map, like `#{ key: value }`",
            Day => "a day as a string, like `\"2026-11-21\"`",
            Moment => "a moment as a string, like `\"2026-11-21T09:00:00Z\"`",
            Length => "a duration as a string, like `\"1h\"`",
            Number => "a number, or a string that is one",
        }
    }
}

impl<'a> Walk<'a> {
    /// Reports arguments that a function of the language can never take.
    pub(super) fn given_to_language(&mut self, name: &str, args: &'a [Expr], types: &[Ty<'a>]) {
        if let Some((_, takes)) = OF_LANGUAGE.iter().find(|(known, _)| *known == name) {
            self.given_to(name, takes, args, types);
        }
        if name == "log" && args.len() > 1 {
            self.given_to(name, &[Text, Any, Map], args, types);
        }
    }

    /// Reports arguments that a function that works on `receiver` can never take. `declared` is the declaration of the
    /// attribute, or of the part of one, that it changes.
    pub(super) fn given_on(&mut self, name: &str, (receiver, declared): (Ty<'a>, Ty<'a>), args: &'a [Expr]) {
        let types: Vec<Ty<'a>> = args.iter().map(|argument| self.known_of(argument)).collect();
        let takes: &[Takes] = match (name, receiver) {
            ("join", Ty::Text) => return self.joins_by(args),
            // Reported where templates are.
            ("format", Ty::Text) => return,
            ("contains" | "index_of", Ty::Text) => &[Text],
            ("append" | "splice", Ty::List(_)) if args.len() == 1 => &[List],
            ("set", Ty::Map(_)) => &[Text, Any],
            ("set", Ty::List(_)) => &[Whole, Any],
            ("join", Ty::List(_)) => &[Text],
            _ => ON_VALUES.iter().find(|(known, _)| *known == name).map_or(&[], |(_, takes)| *takes),
        };
        self.given_to(name, takes, args, &types);
        self.goes_in(name, declared, args);
    }

    fn given_to(&mut self, name: &str, takes: &[Takes], args: &'a [Expr], types: &[Ty<'a>]) {
        for ((takes, argument), ty) in takes.iter().zip(args).zip(types) {
            if !takes.takes(*ty) {
                let message = format!("`{}` takes {} here, and is given {}", shown(name), takes.name(), given(*ty));
                let help = (name == "append").then(|| "`push` adds one item: `list.push(item)`".to_owned());
                self.at_expr(argument, message, help);
            }
        }
    }

    /// `",".join(list)`.
    fn joins_by(&mut self, args: &'a [Expr]) {
        let Some(list) = args.first() else { return };
        let name = match list {
            Expr::Variable(it, ..) => shown(&it.1),
            _ => "list".to_owned(),
        };
        let at = start(list);
        let help = format!("write `{name}.join(\", \")`");
        self.finding(at, self.width(at), "`join` is called on the list".to_owned(), Some(help));
    }

    /// Whether what is put into an attribute's list or map fits its declaration.
    fn goes_in(&mut self, name: &str, declared: Ty<'a>, args: &'a [Expr]) {
        let (wanted, put) = match (name, declared, args) {
            ("push", list @ Ty::List(Items::Of(_)), [item])
            | ("insert" | "pad" | "set", list @ Ty::List(Items::Of(_)), [_, item]) => (list.item(), item),
            ("append", list @ Ty::List(Items::Of(_)), [items])
            | ("splice", list @ Ty::List(Items::Of(_)), [.., items]) => (list, items),
            ("mixin" | "fill_with", map @ Ty::Map(Fields::Of(_)), [more]) => (map, more),
            ("set", Ty::Map(fields @ Fields::Of(_)), [Expr::StringConstant(key, at), value]) => {
                (self.field(fields, key, place(*at)), value)
            }
            _ => return,
        };
        let given = self.known_of(put);
        let what = if matches!(wanted, Ty::List(_)) && name != "push" { "the list" } else { "an item" };
        self.must_fit(Wanted { what, ty: wanted }, put, given);
    }
}
