//! What a value becomes as soon as it is assigned to an attribute, so that the script goes on with the type that is
//! declared: a whole number a decimal, and in lists and maps, where mostly stands what came as JSON, a text a date.

use std::convert::Infallible;

use rust_decimal::Decimal;

use crate::name::Name;
use crate::value::{Shape, Type, Value, with_entries, with_items};

/// What of a value is converted. What cannot be converted stays, for the rules to refuse.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Fit {
    /// A number becomes a float or a decimal.
    Number(Type),
    /// A number becomes a decimal, and a text what it is a text of.
    Inside(Type),
    /// The items of a list.
    Items(Box<Fit>),
    /// The fields of a map.
    Fields(Vec<(Name, Fit)>),
}

impl Fit {
    /// What is converted of a value of this shape; none, if nothing is.
    pub(super) fn of(shape: &Shape) -> Option<Self> {
        Self::at(shape, false)
    }

    fn at(shape: &Shape, inside: bool) -> Option<Self> {
        match shape.kind {
            Type::Decimal | Type::Date | Type::Datetime | Type::Duration if inside => Some(Self::Inside(shape.kind)),
            Type::Float | Type::Decimal => Some(Self::Number(shape.kind)),
            Type::List => Some(Self::Items(Box::new(Self::at(shape.items.as_deref()?, true)?))),
            Type::Map => {
                let fields = shape.fields.as_ref()?.iter();
                let fields: Vec<_> =
                    fields.filter_map(|(name, shape)| Some((name.clone(), Self::at(shape, true)?))).collect();
                (!fields.is_empty()).then_some(Self::Fields(fields))
            }
            _ => None,
        }
    }

    /// What is converted of an item, or of the field `name`.
    pub(super) fn part(&self, name: Option<&str>) -> Option<&Self> {
        match (self, name) {
            (Self::Items(item), _) => Some(item),
            (Self::Fields(fields), Some(name)) => fields.iter().find(|(own, _)| own == name).map(|(_, fit)| fit),
            _ => None,
        }
    }

    /// The same for a value that may be added to a list as an item of it.
    pub(super) fn of_added(&self, value: &Value) -> &Self {
        match (self, value) {
            (Self::Items(_), Value::List(_)) => self,
            (Self::Items(item), _) => item,
            _ => self,
        }
    }

    /// The converted value; none, if it stays as it is.
    pub(super) fn convert(&self, value: &Value) -> Option<Value> {
        match (self, value) {
            (Self::Number(Type::Float), Value::Integer(number)) => Some(Value::Float(*number as f64)),
            (Self::Number(Type::Float), Value::Number(number)) => Some(Value::Float(number.as_f64())),
            (Self::Number(Type::Decimal) | Self::Inside(Type::Decimal), Value::Integer(number)) => {
                Some(Value::Decimal(Decimal::from(*number)))
            }
            (Self::Number(Type::Decimal) | Self::Inside(Type::Decimal), Value::Number(number)) => {
                number.decimal().map(Value::Decimal)
            }
            (Self::Inside(kind), Value::Text(text)) => Value::from_text(*kind, text),
            (Self::Items(item), Value::List(items)) => {
                let Ok(new) = with_items(items, |_, value| Ok::<_, Infallible>(item.convert(value)));
                new
            }
            (Self::Fields(fields), Value::Map(map)) => with_entries(
                map,
                fields.iter().filter_map(|(name, fit)| Some((name.clone(), fit.convert(map.get(name)?)?))),
            ),
            _ => None,
        }
    }

    /// How many values are looked at.
    pub(super) fn cost(&self, value: &Value) -> usize {
        match (self, value) {
            (Self::Items(item), Value::List(items)) => {
                items.iter().fold(items.len(), |cost, value| cost.saturating_add(item.cost(value)))
            }
            (Self::Fields(fields), Value::Map(map)) => {
                let parts = fields.iter().filter_map(|(name, fit)| Some(fit.cost(map.get(name)?)));
                parts.fold(fields.len(), usize::saturating_add)
            }
            _ => 0,
        }
    }
}
