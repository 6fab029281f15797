//! Literals.

use rhai::Dynamic;
use rust_decimal::Decimal;

use crate::name::Name;
use crate::value::{Number, Shape, Type, Value};

use super::super::code::{At, FreeVariable, Kind, Node, Root, Segment, Step};
use super::super::fit::Fit;
use super::Lowering;

/// A literal as a value. None for a range or a function.
pub(super) fn value(literal: &Dynamic) -> Option<Value> {
    Some(match literal {
        it if it.is_unit() => Value::Unit,
        it if it.is_bool() => Value::Boolean(it.as_bool().ok()?),
        it if it.is_int() => Value::Integer(it.as_int().ok()?),
        it if it.is_float() => printed(it.as_float().ok()?),
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
    /// A number with a fraction, with the digits that are written: where a decimal is meant, it is that decimal.
    pub(super) fn number(&self, number: f64, at: At) -> Value {
        let written = self.text.rest(at.position());
        let digits = written.trim_start_matches('-').trim_start();
        let end = digits.find(|c: char| !matches!(c, '0'..='9' | '.' | '_')).unwrap_or(digits.len());
        let digits = digits.get(..end).unwrap_or_default().replace('_', "");
        let read = Number::parse(digits.trim_end_matches('.'));
        // With an exponent, or after constant folding, the text is something else.
        match read.filter(|read| read.as_f64() == number.abs()) {
            Some(read) => Value::Number(if number.is_sign_negative() { read.negated() } else { read }),
            None => printed(number),
        }
    }

    /// The declaration at the end of a path into an attribute.
    pub(super) fn declared_at(&self, root: Root, segments: &[Segment]) -> Option<&Shape> {
        let Root::FreeVariable(number) = root else { return None };
        let (_, FreeVariable::Attribute(slot)) = self.free_variables.get(usize::try_from(number).ok()?)? else {
            return None;
        };
        let (_, shape) = self.source.vocabulary.attributes.get(*slot)?;
        segments.iter().try_fold(shape, |shape, segment| match &segment.step {
            Step::Field(name) => shape.fields.as_ref()?.get(name),
            Step::Index(_) => shape.items.as_deref(),
            Step::Method(_) => None,
        })
    }

    /// What is converted of a value that goes to the end of a way into an attribute.
    pub(super) fn fit_at(&self, root: Root, segments: &[Segment]) -> Option<Fit> {
        let shape = self.declared_at(root, segments)?;
        let fit = Fit::of(shape)?;
        match fit {
            // A part of a list or a map may have come as JSON.
            Fit::Number(Type::Decimal) if !segments.is_empty() => Some(Fit::Inside(Type::Decimal)),
            fit => Some(fit),
        }
    }
}

/// A number that the text does not say.
fn printed(number: f64) -> Value {
    Number::parse(&format!("{number:?}")).map_or(Value::Float(number), Value::Number)
}

/// A node whose value is converted on its way into an attribute. A literal is converted here.
pub(super) fn fitted(node: Node, fit: Fit) -> Node {
    let at = node.at;
    match &node.kind {
        Kind::Constant(value) => {
            let kind = Kind::Constant(fit.of_added(value).convert(value).unwrap_or_else(|| value.clone()));
            Node { at, kind }
        }
        _ => Node { at, kind: Kind::Fitted(Box::new((node, fit))) },
    }
}
