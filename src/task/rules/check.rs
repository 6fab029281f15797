//! Whether a value keeps its rules.

use crate::value::{MAX_VALUE_DEPTH, Map, Type, Value};

use super::convert::is_textual;
use super::measure::{check_bounds, is_same};
use super::quote::{but_is, example, listed, quoted, wrong_type};
use super::{Attribute, Invalid, Rules};

/// The message for a required value that is absent.
pub(crate) const MISSING: &str = "is required, but has no value";

/// Checks the value of an attribute.
pub(super) fn check(rules: &Rules, value: &Value) -> Result<(), Invalid> {
    check_kept(value, 0)?;
    Check { hidden: false }.value(rules, value)
}

/// Refuses what no storage can keep: NaN, infinity, and endless nesting.
fn check_kept(value: &Value, depth: usize) -> Result<(), Invalid> {
    match value {
        Value::Float(number) if !number.is_finite() => Err(Invalid::new("must be a finite number")),
        Value::List(_) | Value::Map(_) if depth >= MAX_VALUE_DEPTH => Err(Invalid::new(format!(
            "holds lists and maps that are nested more than {MAX_VALUE_DEPTH} deep (MAX_VALUE_DEPTH)"
        ))),
        Value::List(items) => items.iter().try_for_each(|item| check_kept(item, depth + 1)),
        Value::Map(map) => map.values().try_for_each(|value| check_kept(value, depth + 1)),
        _ => Ok(()),
    }
}

/// Whether a value is of a type. A whole number fits floats and decimals.
pub(super) fn fits(kind: Type, value: &Value) -> bool {
    matches!(
        (kind, value),
        (Type::Any, _)
            | (Type::String, Value::Text(_))
            | (Type::Integer, Value::Integer(_))
            | (Type::Float, Value::Float(_) | Value::Number(_) | Value::Integer(_))
            | (Type::Decimal, Value::Decimal(_) | Value::Integer(_))
            | (Type::Boolean, Value::Boolean(_))
            | (Type::Date, Value::Date(_))
            | (Type::Datetime, Value::DateTime(_))
            | (Type::Duration, Value::Duration(_))
            | (Type::List | Type::Refs, Value::List(_))
            | (Type::Map | Type::Ref, Value::Map(_))
    )
}

/// The context in which a value is checked.
#[derive(Clone, Copy)]
struct Check {
    /// Whether it is part of a secret.
    hidden: bool,
}

impl Check {
    fn value(self, rules: &Rules, value: &Value) -> Result<(), Invalid> {
        if value.is_unit() {
            return if rules.required { Err(Invalid::new(MISSING)) } else { Ok(()) };
        }
        if rules.required && value.as_str() == Some("") {
            return Err(Invalid::new("is required, but is empty"));
        }
        let within = Self { hidden: self.hidden || rules.secret };
        if !fits(rules.kind, value) {
            return Err(wrong_by_handler(rules, value, within.hidden));
        }
        check_choice(rules, value, within.hidden)?;
        check_bounds(rules, value, within.hidden)?;
        check_pattern(rules, value, within.hidden)?;
        match (rules.kind, value) {
            (Type::Ref, _) => check_reference(rules, value, within.hidden),
            (Type::Refs, Value::List(items)) => each(items, |item| check_reference(rules, item, within.hidden)),
            (_, Value::List(items)) => match &rules.items {
                Some(inner) => each(items, |item| within.value(inner, item)),
                None => Ok(()),
            },
            (_, Value::Map(map)) => rules.fields.as_ref().map_or(Ok(()), |fields| within.fields(fields, map)),
            _ => Ok(()),
        }
    }

    fn fields(self, fields: &[Attribute], map: &Map) -> Result<(), Invalid> {
        let unknown = map.keys().find(|name| !fields.iter().any(|field| field.name == **name));
        match unknown {
            Some(_) if self.hidden => return Err(Invalid::new("holds a field that is not declared")),
            Some(name) => return Err(Invalid::unknown(name, fields.iter().map(|field| field.name.as_str()))),
            None => {}
        }
        fields.iter().try_for_each(|field| {
            let value = map.get(&field.name).unwrap_or(&Value::Unit);
            self.value(&field.rules, value).map_err(|why| why.of(field))
        })
    }
}

/// A handler must assign a value of a type that is written as text; the text alone is not enough.
fn wrong_by_handler(rules: &Rules, value: &Value, hidden: bool) -> Invalid {
    let invalid = wrong_type(rules, value, hidden);
    let kind = rules.kind;
    match (value, example(kind)) {
        (Value::Text(_) | Value::Float(_), Some(example)) if is_textual(kind) => {
            invalid.with_help(format!("a script makes one by `{kind}(\"{example}\")`"))
        }
        _ => invalid,
    }
}

fn each(items: &[Value], check: impl Fn(&Value) -> Result<(), Invalid>) -> Result<(), Invalid> {
    items.iter().enumerate().try_for_each(|(at, item)| check(item).map_err(|why| why.at(at)))
}

fn check_choice(rules: &Rules, value: &Value, hidden: bool) -> Result<(), Invalid> {
    let Some(choices) = &rules.one_of else { return Ok(()) };
    if choices.iter().any(|choice| is_same(rules.kind, value, choice)) {
        return Ok(());
    }
    if hidden || rules.holds_secret() {
        return Err(Invalid::new("must be one of the values that `one_of` lists"));
    }
    let but = but_is(rules, value, hidden);
    let invalid = Invalid::new(format!("must be one of {} (`one_of`){but}", listed(choices)));
    let near = value.as_str().and_then(|text| crate::name::nearest(text, choices.iter().filter_map(Value::as_str)));
    Err(match near {
        Some(near) => invalid.with_help(format!("did you mean `{near}`?")),
        None => invalid,
    })
}

fn check_pattern(rules: &Rules, value: &Value, hidden: bool) -> Result<(), Invalid> {
    let Some(pattern) = &rules.pattern else { return Ok(()) };
    if value.as_str().is_some_and(|text| pattern.matches(text)) {
        return Ok(());
    }
    let but = but_is(rules, value, hidden);
    Err(Invalid::new(format!("must match `{}` as a whole (`pattern`){but}", pattern.as_str())))
}

/// A reference is a map with a type and an id, and nothing else.
fn check_reference(rules: &Rules, value: &Value, hidden: bool) -> Result<(), Invalid> {
    let is_name = |part: Option<&Value>| part.and_then(Value::as_str).is_some_and(|text| !text.is_empty());
    let is_id = is_name(value.get("id")) || matches!(value.get("id"), Some(Value::Integer(_)));
    let has_more = matches!(value, Value::Map(map) if map.len() > 2);
    if !is_name(value.get("type")) || !is_id || has_more {
        let but = but_is(rules, value, hidden);
        let invalid = Invalid::new(format!("must be a `ref`: a map of `type` and `id`, both text{but}"));
        return Err(match example(Type::Ref) {
            Some(example) => invalid.with_help(format!("write it like `{example}`")),
            None => invalid,
        });
    }
    match (&rules.model, value.get("type")) {
        (Some(model), Some(kind)) if kind.as_str() != Some(model) => {
            let but =
                if hidden || rules.holds_secret() { String::new() } else { format!(", but names {}", quoted(kind)) };
            Err(Invalid::new(format!("must name a record of type `{model}` (`model`){but}")))
        }
        _ => Ok(()),
    }
}
