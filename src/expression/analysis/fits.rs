//! Whether a value that is assigned or passed fits the declaration there, and what to write instead.

use rhai::{ASTFlags, Expr};

use super::super::bodies::closure;
use super::names::shown;
use super::types::{Fields, Items, Ty};
use super::walk::{Place, Walk, start};
use crate::diagnostic::Position;
use crate::duration::Duration;
use crate::value::{Type, Value};

/// The declaration that a value must fit.
#[derive(Clone, Copy)]
pub(super) struct Wanted<'t, 'a> {
    /// Its name in messages: `attribute `total``.
    pub(super) what: &'t str,
    /// The declared type.
    pub(super) ty: Ty<'a>,
}

impl<'a> Walk<'a> {
    /// Reports a value that can never fit the declaration of its target; `given` is its type. In literal lists and
    /// maps, every part is checked.
    pub(super) fn must_fit(&mut self, wanted: Wanted<'_, 'a>, expr: &'a Expr, given: Ty<'a>) {
        if closure(expr).is_some() || matches!(given, Ty::Range | Ty::Closure) {
            return self.cannot_be_kept(wanted, expr, given);
        }
        if !given.may_be(wanted.ty) {
            let article = if given.name().starts_with(['a', 'i']) { "an" } else { "a" };
            let message =
                format!("{} is of type {}, and is given {article} {}", wanted.what, wanted.ty.name(), given.name());
            let at = start(expr);
            let help = match (wanted.ty, given) {
                (Ty::Integer | Ty::Float | Ty::Decimal, Ty::Duration) => Some(self.count_of(at)),
                _ => cure(wanted.ty, expr, given),
            };
            return self.finding(at, self.width_of(expr, at), message, help);
        }
        self.loses_fraction(wanted, expr);
        match (wanted.ty, expr) {
            (list @ Ty::List(Items::Of(_)), Expr::Array(items, _)) => {
                for item in items {
                    let given = self.known_of(item);
                    self.must_fit(Wanted { what: "an item", ty: list.item() }, item, given);
                }
            }
            (Ty::Map(fields @ Fields::Of(_)), Expr::Map(map, _)) => {
                for (key, value) in &map.0 {
                    match fields.get(&key.name) {
                        Ok(ty) => {
                            let given = self.known_of(value);
                            let what = format!("field `{}`", shown(&key.name));
                            self.must_fit(Wanted { what: &what, ty }, value, given);
                        }
                        Err(known) => {
                            let at = super::super::parse::place(key.pos);
                            self.unknown_field(&key.name, &known, at, self.width(at));
                        }
                    }
                }
            }
            _ => {}
        }
    }

    /// `n = today() - day`: how to count what a duration holds. `at` is the place of the duration.
    fn count_of(&self, at: Position) -> String {
        let written = self.known.text.rest(at).split([';', '}']).next().unwrap_or_default().trim();
        let written = if written.contains(' ') { format!("({})", shown(written)) } else { shown(written) };
        format!("count its days: `{written}.days`; or `hours`, `minutes`, `seconds`")
    }

    /// Reports a range or a closure, which scripts can use but tasks cannot keep.
    fn cannot_be_kept(&mut self, wanted: Wanted<'_, 'a>, expr: &'a Expr, given: Ty<'a>) {
        let at = start(expr);
        let (what, help) = match given {
            Ty::Range => ("a range", "make a list of it: `(0..3).map(|i| i)`"),
            _ => ("a closure", "keep it in a variable of the script: `let f = |x| …`, and call it by `f.call(x)`"),
        };
        self.finding(at, self.width(at), format!("{what} cannot be kept in {}", wanted.what), Some(help.to_owned()));
    }

    /// The type of an expression that was analysed before, without analysing it again.
    pub(super) fn known_of(&self, expr: &'a Expr) -> Ty<'a> {
        match expr {
            _ if closure(expr).is_some() => Ty::Closure,
            Expr::BoolConstant(..) => Ty::Boolean,
            Expr::IntegerConstant(..) => Ty::Integer,
            Expr::FloatConstant(..) => Ty::Literal,
            Expr::StringConstant(..) | Expr::InterpolatedString(..) | Expr::CharConstant(..) => Ty::Text,
            Expr::Array(..) => Ty::List(Items::Any),
            Expr::Map(..) => Ty::Map(Fields::Any),
            Expr::Unit(_) => Ty::Unit,
            Expr::FnCall(call, _) if call.op_token.is_none() && call.namespace.is_empty() => {
                super::calls::given_by(&call.name, call.args.len())
            }
            Expr::Variable(it, ..) if self.locals.get(&it.1).is_none() && matches!(self.place, Place::Script(_)) => {
                let slot = self.known.declared.slots.get(it.1.as_str());
                let shape = slot.and_then(|slot| self.known.vocabulary.attributes.get(*slot));
                shape.map_or(Ty::Any, |(_, shape)| self.doubted(&it.1, Ty::of(shape)))
            }
            _ => Ty::Any,
        }
    }

    /// The declaration of an attribute, or of a part of one; of a variable of the script there is none.
    pub(super) fn declared_of(&self, target: &'a Expr) -> Ty<'a> {
        let is_attribute = super::expressions::root(target).is_some_and(|(name, _)| self.locals.get(name).is_none());
        let is_kept = is_attribute && matches!(self.place, Place::Script(_));
        if is_kept { self.declared_at(target) } else { Ty::Any }
    }

    /// The declaration at the end of a path into an attribute.
    pub(super) fn declared_at(&self, target: &'a Expr) -> Ty<'a> {
        let (chain, mut flags, mut dot) = match target {
            Expr::Dot(chain, flags, _) => (chain, *flags, true),
            Expr::Index(chain, flags, _) => (chain, *flags, false),
            Expr::Variable(it, ..) => {
                let slot = self.known.declared.slots.get(it.1.as_str());
                let shape = slot.and_then(|slot| self.known.vocabulary.attributes.get(*slot));
                return shape.map_or(Ty::Any, |(_, shape)| Ty::of(shape));
            }
            _ => return Ty::Any,
        };
        let (mut ty, mut rest) = (self.declared_at(&chain.lhs), &chain.rhs);
        loop {
            let goes_on = dot || !flags.contains(ASTFlags::BREAK);
            let (link, next) = match rest {
                Expr::Dot(inner, flags, _) if goes_on => (&inner.lhs, Some((&inner.rhs, *flags, true))),
                Expr::Index(inner, flags, _) if goes_on => (&inner.lhs, Some((&inner.rhs, *flags, false))),
                last => (last, None),
            };
            ty = part_of(ty, link, dot);
            match next {
                Some(next) => (rest, flags, dot) = next,
                None => return ty,
            }
        }
    }

    /// The width of a literal or a name.
    pub(super) fn width_of(&self, expr: &Expr, at: crate::diagnostic::Position) -> usize {
        match expr {
            Expr::StringConstant(text, _) if self.known.text.rest(at).starts_with(&format!("\"{text}\"")) => {
                text.chars().count() + 2
            }
            Expr::FloatConstant(..) => {
                let rest = self.known.text.rest(at);
                rest.find(|c: char| !matches!(c, '0'..='9' | '.' | '_')).unwrap_or(rest.len()).max(1)
            }
            _ => self.width(at),
        }
    }
}

impl Ty<'_> {
    /// Whether a value of this type may be one of `declared`, as far as both are known.
    fn may_be(self, declared: Self) -> bool {
        match (self, declared) {
            (Self::Any | Self::Unit, _) | (_, Self::Any) => true,
            (Self::Integer, Self::Float | Self::Decimal) | (Self::Literal, Self::Float | Self::Decimal) => true,
            (given, declared) => given.is_like(declared),
        }
    }
}

/// The declaration of a field or an item.
pub(super) fn part_of<'a>(ty: Ty<'a>, link: &Expr, dot: bool) -> Ty<'a> {
    match (ty, link) {
        (Ty::Map(fields), Expr::Property(it, _)) if dot => fields.get(&it.2).unwrap_or(Ty::Any),
        (Ty::Map(fields), Expr::StringConstant(key, _)) if !dot => fields.get(key).unwrap_or(Ty::Any),
        (list @ Ty::List(_), _) if !dot => list.item(),
        _ => Ty::Any,
    }
}

/// What to write where `wanted` is declared.
fn cure<'v>(wanted: Ty<'v>, expr: &Expr, given: Ty<'v>) -> Option<String> {
    let text = match expr {
        Expr::StringConstant(text, _) => Some(text.as_str()),
        _ => None,
    };
    let name = match expr {
        Expr::Variable(it, ..) => shown(&it.1),
        _ => "…".to_owned(),
    };
    let called = match expr {
        Expr::FnCall(call, _) => call.name.as_str(),
        _ => "",
    };
    Some(match (wanted, given) {
        (Ty::Text, Ty::Integer) => match expr {
            Expr::IntegerConstant(number, _) => format!("write `\"{number}\"` for a text"),
            _ => format!("write `{name}.to_string()`"),
        },
        (Ty::Text, _) => format!("write `{name}.to_string()`, or `${{…}}` in backticks"),
        (Ty::Date, Ty::DateTime) if called == "now" => "write `today()`".to_owned(),
        (Ty::Date, Ty::DateTime) => format!("the day of a moment is `date({name})`"),
        (Ty::DateTime, Ty::Date) if called == "today" => "write `now()`".to_owned(),
        (Ty::Date, Ty::Text) => written("date", Type::Date, text, "2026-11-21"),
        (Ty::DateTime, Ty::Text | Ty::Date) => written("datetime", Type::Datetime, text, "2026-11-21T09:00:00Z"),
        (Ty::Duration, Ty::Text) => match text.filter(|text| text.parse::<Duration>().is_ok()) {
            Some(text) => format!("write `duration(\"{text}\")`"),
            None => "write it like `duration(\"1h 30m\")`".to_owned(),
        },
        (Ty::Duration, _) => "write it like `duration(\"1h 30m\")`".to_owned(),
        (Ty::Decimal, Ty::Float) => format!("write `decimal({name})`"),
        (Ty::Decimal, Ty::Text) => written("decimal", Type::Decimal, text, "1.20"),
        (Ty::Integer, Ty::Float | Ty::Literal | Ty::Decimal) => {
            let number = if name == "…" { "(…)" } else { name.as_str() };
            format!("round it: `{number}.round().to_int()`, or declare a `decimal`")
        }
        (Ty::Float, Ty::Decimal) => format!("write `{name}.to_float()`, or declare a `decimal`"),
        (Ty::Integer | Ty::Float, Ty::Text) => {
            match text.filter(|text| text.parse::<f64>().is_ok_and(f64::is_finite)) {
                Some(number) => format!("write `{}` without quotes", shown(number)),
                None if wanted == Ty::Integer => format!("write `parse_int({name})`"),
                None => format!("write `parse_float({name})`"),
            }
        }
        (Ty::Boolean, Ty::Text) if matches!(text, Some("true" | "false")) => {
            format!("write `{}` without quotes", text.unwrap_or_default())
        }
        (Ty::Boolean, _) => "write `true`, `false` or a comparison".to_owned(),
        (Ty::Map(_), Ty::List(_)) => "a map is written `#{ key: value }`, and an empty one `#{}`".to_owned(),
        (Ty::List(_), _) => "a list is written `[item, item]`, and an empty one `[]`".to_owned(),
        _ => return None,
    })
}

/// `date("…")` and the like, for a text that can be read that way; else an example.
fn written(function: &str, kind: Type, text: Option<&str>, example: &str) -> String {
    match text.filter(|text| Value::from_text(kind, text).is_some()) {
        Some(text) => format!("write `{function}(\"{text}\")`"),
        None => format!("write it like `{function}(\"{example}\")`"),
    }
}
