//! Literals.

use rhai::{Dynamic, Expr};
use rust_decimal::Decimal;

use crate::name::Name;
use crate::value::{Shape, Type, Value};

use super::super::code::{At, Mention, Root, Segment, Step};
use super::Lowering;

/// A literal as a value. None for what is no plain value: a range, a function.
pub(super) fn value(literal: &Dynamic) -> Option<Value> {
    Some(match literal {
        it if it.is_unit() => Value::Unit,
        it if it.is_bool() => Value::Boolean(it.as_bool().ok()?),
        it if it.is_int() => Value::Integer(it.as_int().ok()?),
        it if it.is_float() => Value::Float(it.as_float().ok()?),
        it if it.is_decimal() => Value::Decimal(it.as_decimal().ok()?),
        it if it.is_char() => Value::text(it.as_char().ok()?.to_string()),
        it if it.is_string() => Value::text(&*it.as_immutable_string_ref().ok()?),
        it if it.is_array() => Value::list(it.as_array_ref().ok()?.iter().map(value).collect::<Option<_>>()?),
        it if it.is_map() => {
            let entries =
                it.as_map_ref().ok()?.iter().map(|(k, v)| Some((Name::new(k), value(v)?))).collect::<Option<Vec<_>>>();
            Value::map(entries?)
        }
        _ => return None,
    })
}

/// The exact number that a float prints as.
pub(in super::super) fn exact(number: f64) -> Option<Decimal> {
    let text = format!("{number:?}");
    text.parse().ok().or_else(|| Decimal::from_scientific(&text).ok())
}

impl Lowering<'_> {
    /// The exact number of a literal with a fraction, as it is written, or of what is made of such literals alone.
    pub(super) fn exact(&self, expr: &Expr) -> Option<Decimal> {
        match expr {
            Expr::FnCall(call, _) if call.op_token.is_some() => self.exact_of_operation(&call.name, &call.args),
            _ => self.exact_as_written(expr),
        }
    }

    fn exact_of_operation(&self, sign: &str, sides: &[Expr]) -> Option<Decimal> {
        let has_fraction = |side: &Expr| self.exact(side).is_some();
        let number = |side: &Expr| match side {
            Expr::IntegerConstant(number, _) => Some(Decimal::from(*number)),
            side => self.exact(side),
        };
        match sides {
            [only] if sign == "-" => self.exact(only).map(|number| -number),
            [left, right] if has_fraction(left) || has_fraction(right) => {
                let (left, right) = (number(left)?, number(right)?);
                match sign {
                    "+" => left.checked_add(right),
                    "-" => left.checked_sub(right),
                    "*" => left.checked_mul(right),
                    "/" => left.checked_div(right),
                    _ => None,
                }
            }
            _ => None,
        }
    }

    /// What is declared at the end of a way into an attribute.
    pub(super) fn declared_at(&self, root: Root, segments: &[Segment]) -> Option<&Shape> {
        let Root::Mention(number) = root else { return None };
        let (_, Mention::Attribute(slot)) = self.mentions.get(usize::try_from(number).ok()?)? else { return None };
        let (_, shape) = self.source.vocabulary.attributes.get(*slot)?;
        segments.iter().try_fold(shape, |shape, segment| match &segment.step {
            Step::Field(name) => shape.fields.as_ref()?.get(name),
            Step::Index(_) => shape.items.as_deref(),
            Step::Method(_) => None,
        })
    }

    /// Whether a value is a decimal in any case, as far as that can be seen without a run.
    pub(super) fn is_decimal(&self, expr: &Expr) -> bool {
        match expr {
            Expr::Variable(it, ..) if self.is_own(&it.1) => false,
            Expr::Variable(it, ..) => {
                let slot = self.source.declared.slots.get(it.1.as_str()).filter(|_| self.role.is_some());
                let shape = slot.and_then(|slot| self.source.vocabulary.attributes.get(*slot));
                shape.is_some_and(|(_, shape)| shape.kind == Type::Decimal)
            }
            Expr::FnCall(call, _) if call.op_token.is_some() => call.args.iter().any(|side| self.is_decimal(side)),
            Expr::FnCall(call, _) => call.name == "decimal" && call.namespace.is_empty(),
            _ => false,
        }
    }

    fn exact_as_written(&self, expr: &Expr) -> Option<Decimal> {
        let Expr::FloatConstant(number, at) = expr else { return None };
        let number = **number;
        let written = self.text.rest(At::from(*at).position());
        let digits = written.trim_start_matches('-').trim_start();
        let end = digits.find(|c: char| !matches!(c, '0'..='9' | '.' | '_')).unwrap_or(digits.len());
        let digits = digits.get(..end).unwrap_or_default().replace('_', "");
        let decimal = digits.trim_end_matches('.').parse::<Decimal>().ok();
        // With an exponent, or folded by the parser, the text says something else.
        let same = |d: &Decimal| d.to_string().parse::<f64>().is_ok_and(|f| f == number.abs());
        match decimal.filter(same) {
            Some(decimal) if number < 0.0 => Some(-decimal),
            Some(decimal) => Some(decimal),
            None => exact(number),
        }
    }
}
