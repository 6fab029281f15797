//! What is known about a value before anything runs. An unknown type is [`Ty::Any`], which is never judged.

use std::collections::BTreeMap;

use crate::name::Name;
use crate::value::{Shape, Type};

/// The type of a value, as far as it is known.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) enum Ty<'v> {
    /// Nothing.
    Any,
    /// `()`.
    Unit,
    /// `true` or `false`.
    Boolean,
    /// A whole number.
    Integer,
    /// A number with a fraction.
    Float,
    /// A number with a fraction, computed from literals: beside a decimal it becomes a decimal.
    Literal,
    /// An exact decimal number.
    Decimal,
    /// Text, or one character of it.
    Text,
    /// A day.
    Date,
    /// A moment.
    DateTime,
    /// A length of time.
    Duration,
    /// `1..5`.
    Range,
    /// `|x| …`.
    Closure,
    /// A list, and what it holds.
    List(Items<'v>),
    /// A map, and what it holds.
    Map(Fields<'v>),
}

/// What a list holds.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) enum Items<'v> {
    /// Anything.
    Any,
    /// What the flow declares.
    Of(&'v Shape),
    /// Maps of the language.
    Records(&'static Record),
}

/// What a map holds.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) enum Fields<'v> {
    /// Anything.
    Any,
    /// What the flow declares.
    Of(&'v BTreeMap<Name, Shape>),
    /// A map of the language.
    Record(&'static Record),
}

/// The fields of a map of the language.
pub(super) type Record = [(&'static str, Ty<'static>)];

const ANY_MAP: Ty<'static> = Ty::Map(Fields::Any);

/// `task`.
pub(super) const TASK: &Record = &[
    ("id", Ty::Text),
    ("flow", Ty::Text),
    ("version", Ty::Integer),
    ("state", Ty::Text),
    ("created_at", Ty::DateTime),
    ("parent_id", Ty::Any),
    ("attempt", Ty::Integer),
    ("visits", Ty::Integer),
    ("key", Ty::Text),
];

/// An item of `sub_tasks`.
pub(super) const SUB_TASK: &Record = &[
    ("id", Ty::Text),
    ("flow", Ty::Text),
    ("state", Ty::Text),
    ("status", Ty::Text),
    ("completed", Ty::Boolean),
    ("failed", Ty::Boolean),
    ("waiting", Ty::Boolean),
    ("active", Ty::Boolean),
    ("attributes", ANY_MAP),
    ("output", Ty::Any),
    ("error", Ty::Any),
];

/// `error`, and what `catch` gives.
pub(super) const ERROR: &Record =
    &[("kind", Ty::Text), ("message", Ty::Text), ("state", Ty::Text), ("attempt", Ty::Integer), ("data", Ty::Any)];

/// The result of `http::get` and the like.
pub(super) const RESPONSE: &Record =
    &[("status", Ty::Integer), ("headers", ANY_MAP), ("body", Ty::Any), ("json", Ty::Any)];

/// The result of `shell::run`.
pub(super) const OUTPUT: &Record = &[("status", Ty::Integer), ("stdout", Ty::Any), ("stderr", Ty::Any)];

const REFERENCE: &Record = &[("type", Ty::Any), ("id", Ty::Any)];

impl<'v> Ty<'v> {
    /// What is known of a value of `shape`.
    pub(super) fn of(shape: &'v Shape) -> Self {
        match shape.kind {
            Type::String => Self::Text,
            Type::Integer => Self::Integer,
            Type::Float => Self::Float,
            Type::Decimal => Self::Decimal,
            Type::Boolean => Self::Boolean,
            Type::Date => Self::Date,
            Type::Datetime => Self::DateTime,
            Type::Duration => Self::Duration,
            Type::List => Self::List(shape.items.as_deref().map_or(Items::Any, Items::Of)),
            Type::Map => Self::Map(shape.fields.as_ref().map_or(Fields::Any, Fields::Of)),
            Type::Ref => Self::Map(Fields::Record(REFERENCE)),
            Type::Refs => Self::List(Items::Records(REFERENCE)),
            Type::Any => Self::Any,
        }
    }

    /// The name of the type in messages.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Any => "any",
            Self::Unit => "()",
            Self::Boolean => "boolean",
            Self::Integer => "integer",
            Self::Float | Self::Literal => "float",
            Self::Decimal => "decimal",
            Self::Text => "string",
            Self::Date => "date",
            Self::DateTime => "datetime",
            Self::Duration => "duration",
            Self::Range => "range",
            Self::Closure => "closure",
            Self::List(_) => "list",
            Self::Map(_) => "map",
        }
    }

    /// Whether it is known to be a number.
    pub(super) const fn is_number(self) -> bool {
        matches!(self, Self::Integer | Self::Float | Self::Literal | Self::Decimal)
    }

    /// Whether a value of this type is also one of `other`, ignoring their content.
    pub(super) fn is_like(self, other: Self) -> bool {
        std::mem::discriminant(&self) == std::mem::discriminant(&other)
    }

    /// The type of a value that is one of two.
    #[must_use]
    pub(super) fn or(self, other: Self) -> Self {
        match (self, other) {
            _ if self == other => self,
            (Self::List(_), Self::List(_)) => Self::List(Items::Any),
            (Self::Map(_), Self::Map(_)) => Self::Map(Fields::Any),
            _ => Self::Any,
        }
    }

    /// The type of an item.
    pub(super) fn item(self) -> Self {
        match self {
            Self::List(Items::Of(shape)) => Self::of(shape),
            Self::List(Items::Records(record)) => Self::Map(Fields::Record(record)),
            Self::Range => Self::Integer,
            Self::Text => Self::Text,
            _ => Self::Any,
        }
    }

    /// The same type without its declared content.
    #[must_use]
    pub(super) const fn opened(self) -> Self {
        match self {
            Self::List(_) => Self::List(Items::Any),
            Self::Map(_) => Self::Map(Fields::Any),
            other => other,
        }
    }
}

impl<'v> Fields<'v> {
    /// The type of the field `name`. `Err` with the existing names if there is no such field.
    pub(super) fn get(self, name: &str) -> Result<Ty<'v>, Vec<&'v str>> {
        match self {
            Self::Any => Ok(Ty::Any),
            Self::Of(fields) => match fields.get(name) {
                Some(shape) => Ok(Ty::of(shape)),
                None => Err(fields.keys().map(Name::as_str).collect()),
            },
            Self::Record(record) => match record.iter().find(|(field, _)| *field == name) {
                Some((_, ty)) => Ok(*ty),
                None => Err(record.iter().map(|(field, _)| *field).collect()),
            },
        }
    }
}
