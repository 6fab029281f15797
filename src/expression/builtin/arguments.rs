//! Reading the arguments of functions.

use std::sync::Arc;

use smol_str::SmolStr;

use crate::value::{Map, Value};

use super::super::run::{Arguments, Eval, Interrupt, Operand, Pointer, failed};

/// The error for a function that does not exist for this value.
pub(super) fn not_on(name: &str, receiver: &Operand) -> Box<Interrupt> {
    failed(format!("`{name}` cannot be used on {}", receiver.described()))
}

/// The receiver as a text.
pub(super) fn text<'r>(receiver: &'r Operand, name: &str) -> Eval<&'r SmolStr> {
    match receiver {
        Operand::Value(Value::Text(text)) => Ok(text),
        other => Err(not_on(name, other)),
    }
}

/// The receiver as a list.
pub(super) fn list<'r>(receiver: &'r Operand, name: &str) -> Eval<&'r Arc<Vec<Value>>> {
    match receiver {
        Operand::Value(Value::List(items)) => Ok(items),
        other => Err(not_on(name, other)),
    }
}

/// The receiver as a list to be changed.
pub(super) fn list_mut<'r>(receiver: &'r mut Operand, name: &str) -> Eval<&'r mut Vec<Value>> {
    match receiver {
        Operand::Value(Value::List(items)) => Ok(Arc::make_mut(items)),
        other => Err(not_on(name, other)),
    }
}

/// The receiver as a map.
pub(super) fn map<'r>(receiver: &'r Operand, name: &str) -> Eval<&'r Arc<Map>> {
    match receiver {
        Operand::Value(Value::Map(map)) => Ok(map),
        other => Err(not_on(name, other)),
    }
}

/// The receiver as a map to be changed.
pub(super) fn map_mut<'r>(receiver: &'r mut Operand, name: &str) -> Eval<&'r mut Map> {
    match receiver {
        Operand::Value(Value::Map(map)) => Ok(Arc::make_mut(map)),
        other => Err(not_on(name, other)),
    }
}

/// Ordinals, for messages.
const ORDINALS: [&str; 4] = ["first", "second", "third", "fourth"];

fn wrong(name: &str, position: usize, expected: &str, given: Option<&Operand>) -> Box<Interrupt> {
    let ordinal = ORDINALS.get(position).copied().unwrap_or("last");
    let given = given.map_or_else(|| "nothing".to_owned(), Operand::described);
    failed(format!("the {ordinal} argument of `{name}` must be {expected}, not {given}"))
}

/// An argument that is a whole number.
pub(super) fn integer(arguments: &Arguments, position: usize, name: &str) -> Eval<i64> {
    match arguments.get(position) {
        Some(Operand::Value(Value::Integer(number))) => Ok(*number),
        other => Err(wrong(name, position, "an integer", other)),
    }
}

/// An argument that is a text.
pub(super) fn text_at(arguments: &Arguments, position: usize, name: &str) -> Eval<SmolStr> {
    match arguments.get(position) {
        Some(Operand::Value(Value::Text(text))) => Ok(text.clone()),
        other => Err(wrong(name, position, "a string", other)),
    }
}

/// An argument that is a list.
pub(super) fn list_at(arguments: &Arguments, position: usize, name: &str) -> Eval<Arc<Vec<Value>>> {
    match arguments.get(position) {
        Some(Operand::Value(Value::List(items))) => Ok(Arc::clone(items)),
        other => Err(wrong(name, position, "a list", other)),
    }
}

/// An argument that is a map.
pub(super) fn map_at(arguments: &Arguments, position: usize, name: &str) -> Eval<Arc<Map>> {
    match arguments.get(position) {
        Some(Operand::Value(Value::Map(map))) => Ok(Arc::clone(map)),
        other => Err(wrong(name, position, "a map", other)),
    }
}

/// An argument that is a value.
pub(super) fn value_at(arguments: &Arguments, position: usize, name: &str) -> Eval<Value> {
    match arguments.get(position) {
        Some(Operand::Value(value)) => Ok(value.clone()),
        other => Err(wrong(name, position, "a value", other)),
    }
}

/// An argument that is a function.
pub(super) fn function(arguments: &Arguments, position: usize, name: &str) -> Eval<Pointer> {
    match arguments.get(position) {
        Some(Operand::Function(pointer)) => Ok((**pointer).clone()),
        other => Err(wrong(name, position, "a function", other)),
    }
}

/// The part of `length` that the arguments from `position` on select: a range, a start and a length, or a start.
pub(super) fn part(arguments: &Arguments, position: usize, name: &str, length: usize) -> Eval<(usize, usize)> {
    if let Some(Operand::Range(range)) = arguments.get(position) {
        let start = clamped(range.start, length);
        // A range that ends before it begins is empty; its end counts from the front.
        let end = usize::try_from(range.behind().clamp(0, i128::from(i64::MAX))).unwrap_or(usize::MAX).min(length);
        return Ok((start, end.max(start)));
    }
    let start = integer(arguments, position, name)?;
    let from = clamped(start, length);
    let behind = position.saturating_add(1);
    let count = if arguments.len() > behind { integer(arguments, behind, name)? } else { i64::MAX };
    let count = usize::try_from(count.max(0)).unwrap_or(usize::MAX);
    Ok((from, from.saturating_add(count).min(length)))
}

/// A position in `length`; a negative one counts from the end.
pub(super) fn clamped(index: i64, length: usize) -> usize {
    let distance = usize::try_from(index.unsigned_abs()).unwrap_or(usize::MAX);
    if index < 0 { length.saturating_sub(distance) } else { distance.min(length) }
}

/// A length that is not negative.
pub(super) fn count(arguments: &Arguments, position: usize, name: &str) -> Eval<usize> {
    Ok(usize::try_from(integer(arguments, position, name)?.max(0)).unwrap_or(usize::MAX))
}
