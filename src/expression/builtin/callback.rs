//! Functions that call a function for each item of a list or each entry of a map.

use std::sync::Arc;

use crate::value::{Map, Value};

use super::super::run::{Arguments, Eval, Machine, Operand, Pointer, failed};
use super::arguments::{clamped, function, integer, list, list_at, part};

/// The result of a condition in a callback.
pub(super) fn holds(given: &Operand, name: &str) -> Eval<bool> {
    match given {
        Operand::Value(Value::Boolean(holds)) => Ok(*holds),
        other => Err(failed(format!("the function of `{name}` must give true or false, not {}", other.described()))),
    }
}

/// The result of a callback, to be put into a list.
fn kept(given: Operand, name: &str) -> Eval<Value> {
    given.into_value().map_err(|other| failed(format!("`{name}` cannot put {} into a list", other.described())))
}

pub(super) fn for_each(machine: &mut Machine<'_>, receiver: &mut Operand, arguments: &mut Arguments) -> Eval {
    let (items, pointer) = (Arc::clone(list(receiver, "for_each")?), function(arguments, 0, "for_each")?);
    if pointer.takes() == 0 {
        let (mut changed, mut outcome) = (Vec::with_capacity(items.len()), Ok(()));
        for item in items.iter() {
            let item = item.clone();
            if outcome.is_err() {
                changed.push(item);
                continue;
            }
            let (given, item) = machine.change_item(&pointer, item);
            changed.push(item);
            outcome = given;
        }
        let charged = machine.charge_items(changed.len());
        let changed = Value::list(changed);
        outcome = outcome.and(charged);
        outcome = outcome.and_then(|()| machine.check(&changed, 0));
        *receiver = changed.into();
        return outcome.map(|()| Operand::UNIT);
    }
    for (number, item) in items.iter().enumerate() {
        machine.for_item(&pointer, item, number)?;
    }
    Ok(Operand::UNIT)
}

pub(super) fn map(machine: &mut Machine<'_>, receiver: &mut Operand, arguments: &mut Arguments) -> Eval {
    let pointer = function(arguments, 0, "map")?;
    match receiver {
        Operand::Value(Value::Map(map)) => {
            let mut mapped = Map::new();
            for (key, value) in Arc::clone(map).iter() {
                let given = of_entry(machine, &pointer, key, value)?;
                mapped.insert(key.clone(), kept(given, "map")?);
            }
            let mapped = Value::Map(Arc::new(mapped));
            machine.check(&mapped, 0)?;
            Ok(mapped.into())
        }
        Operand::Range(range) => {
            let range = *range;
            machine.may_hold_items(usize::try_from(range.len()).unwrap_or(usize::MAX))?;
            let mut mapped = Vec::new();
            for number in 0..range.len() {
                let item = Value::Integer(range.start.saturating_add(number));
                let given = machine.for_item(&pointer, &item, usize::try_from(number).unwrap_or(usize::MAX))?;
                mapped.push(kept(given, "map")?);
            }
            machine.list(mapped)
        }
        _ => {
            let items = Arc::clone(list(receiver, "map")?);
            let mut mapped = Vec::with_capacity(items.len());
            for (number, item) in items.iter().enumerate() {
                let given = machine.for_item(&pointer, item, number)?;
                mapped.push(kept(given, "map")?);
            }
            machine.list(mapped)
        }
    }
}

/// Calls a function with a key and a value.
fn of_entry(machine: &mut Machine<'_>, pointer: &Pointer, key: &str, value: &Value) -> Eval {
    let mut arguments = Arguments::new();
    arguments.push(Value::text(key).into());
    arguments.push(value.clone().into());
    machine.invoke(pointer, arguments, None)
}

pub(super) fn filter(machine: &mut Machine<'_>, receiver: &mut Operand, arguments: &mut Arguments) -> Eval {
    let (kept, _) = parted(machine, receiver, arguments, "filter")?;
    Ok(kept)
}

pub(super) fn retain(machine: &mut Machine<'_>, receiver: &mut Operand, arguments: &mut Arguments) -> Eval {
    let (kept, _) = parted(machine, receiver, arguments, "retain")?;
    *receiver = kept;
    Ok(Operand::UNIT)
}

pub(super) fn drain(machine: &mut Machine<'_>, receiver: &mut Operand, arguments: &mut Arguments) -> Eval {
    let (drained, rest) = parted(machine, receiver, arguments, "drain")?;
    *receiver = rest;
    Ok(drained)
}

/// Splits a list or a map into what the arguments select and the rest. They are a function, a range, or a start and a
/// length.
fn parted(
    machine: &mut Machine<'_>,
    receiver: &Operand,
    arguments: &Arguments,
    name: &str,
) -> Eval<(Operand, Operand)> {
    if let Operand::Value(Value::Map(map)) = receiver {
        let pointer = function(arguments, 0, name)?;
        let (mut meant, mut rest) = (Map::new(), Map::new());
        for (key, value) in map.iter() {
            let given = of_entry(machine, &pointer, key, value)?;
            let into = if holds(&given, name)? { &mut meant } else { &mut rest };
            into.insert(key.clone(), value.clone());
        }
        return Ok((Value::Map(Arc::new(meant)).into(), Value::Map(Arc::new(rest)).into()));
    }
    let items = list(receiver, name)?;
    let (mut meant, mut rest) = (Vec::new(), Vec::new());
    if let Some(Operand::Function(_)) = arguments.first() {
        let pointer = function(arguments, 0, name)?;
        for (number, item) in items.iter().enumerate() {
            let given = machine.for_item(&pointer, item, number)?;
            let into = if holds(&given, name)? { &mut meant } else { &mut rest };
            into.push(item.clone());
        }
    } else {
        let (start, end) = part(arguments, 0, name, items.len())?;
        machine.charge_items(items.len())?;
        for (number, item) in items.iter().enumerate() {
            let into = if (start..end).contains(&number) { &mut meant } else { &mut rest };
            into.push(item.clone());
        }
    }
    Ok((Value::list(meant).into(), Value::list(rest).into()))
}

/// The items from a start on, with their indexes.
fn from_start(receiver: &Operand, arguments: &Arguments, name: &str) -> Eval<(Arc<Vec<Value>>, usize)> {
    let items = Arc::clone(list(receiver, name)?);
    let start = if arguments.len() > 1 { clamped(integer(arguments, 1, name)?, items.len()) } else { 0 };
    Ok((items, start))
}

pub(super) fn find(machine: &mut Machine<'_>, receiver: &mut Operand, arguments: &mut Arguments) -> Eval {
    let pointer = function(arguments, 0, "find")?;
    let (items, start) = from_start(receiver, arguments, "find")?;
    for (number, item) in items.iter().enumerate().skip(start) {
        if holds(&machine.for_item(&pointer, item, number)?, "find")? {
            return Ok(item.clone().into());
        }
    }
    Ok(Operand::UNIT)
}

pub(super) fn find_map(machine: &mut Machine<'_>, receiver: &mut Operand, arguments: &mut Arguments) -> Eval {
    let pointer = function(arguments, 0, "find_map")?;
    let (items, start) = from_start(receiver, arguments, "find_map")?;
    for (number, item) in items.iter().enumerate().skip(start) {
        let given = machine.for_item(&pointer, item, number)?;
        if !given.is_unit() {
            return Ok(given);
        }
    }
    Ok(Operand::UNIT)
}

pub(super) fn some(machine: &mut Machine<'_>, receiver: &mut Operand, arguments: &mut Arguments) -> Eval {
    until(machine, receiver, arguments, "some", true)
}

pub(super) fn all(machine: &mut Machine<'_>, receiver: &mut Operand, arguments: &mut Arguments) -> Eval {
    until(machine, receiver, arguments, "all", false)
}

fn until(machine: &mut Machine<'_>, receiver: &Operand, arguments: &Arguments, name: &str, wanted: bool) -> Eval {
    let (items, pointer) = (Arc::clone(list(receiver, name)?), function(arguments, 0, name)?);
    for (number, item) in items.iter().enumerate() {
        if holds(&machine.for_item(&pointer, item, number)?, name)? == wanted {
            return Ok(wanted.into());
        }
    }
    Ok((!wanted).into())
}

pub(super) fn reduce(machine: &mut Machine<'_>, receiver: &mut Operand, arguments: &mut Arguments) -> Eval {
    let pointer = function(arguments, 0, "reduce")?;
    let items = Arc::clone(list(receiver, "reduce")?);
    let (mut given, skipped) = match arguments.get(1) {
        Some(first) => (first_value(machine, first)?, 0),
        None => (first_item(items.first()), 1),
    };
    for (number, item) in items.iter().enumerate().skip(skipped) {
        given = machine.fold_item(&pointer, given, item, number)?;
    }
    Ok(given)
}

pub(super) fn reduce_rev(machine: &mut Machine<'_>, receiver: &mut Operand, arguments: &mut Arguments) -> Eval {
    let pointer = function(arguments, 0, "reduce_rev")?;
    let items = Arc::clone(list(receiver, "reduce_rev")?);
    let (mut given, skipped) = match arguments.get(1) {
        Some(first) => (first_value(machine, first)?, 0),
        None => (first_item(items.last()), 1),
    };
    for (number, item) in items.iter().enumerate().rev().skip(skipped) {
        given = machine.fold_item(&pointer, given, item, number)?;
    }
    Ok(given)
}

/// The start value given to a reduction: a value, or the result of a function.
fn first_value(machine: &mut Machine<'_>, first: &Operand) -> Eval {
    match first {
        Operand::Function(pointer) => machine.invoke(pointer, Arguments::new(), None),
        other => Ok(other.clone()),
    }
}

/// The start value of a reduction without one: its first item, or `()` if there is none.
fn first_item(item: Option<&Value>) -> Operand {
    item.map_or(Operand::UNIT, |item| item.clone().into())
}

pub(super) fn zip(machine: &mut Machine<'_>, receiver: &mut Operand, arguments: &mut Arguments) -> Eval {
    let (one, other) = (Arc::clone(list(receiver, "zip")?), list_at(arguments, 0, "zip")?);
    let pointer = function(arguments, 1, "zip")?;
    let mut zipped = Vec::new();
    for (number, (a, b)) in one.iter().zip(other.iter()).enumerate() {
        let given = machine.fold_item(&pointer, a.clone().into(), b, number)?;
        zipped.push(kept(given, "zip")?);
    }
    machine.list(zipped)
}

pub(super) fn dedup(machine: &mut Machine<'_>, receiver: &mut Operand, arguments: &mut Arguments) -> Eval {
    let items = Arc::clone(list(receiver, "dedup")?);
    let pointer = if arguments.is_empty() { None } else { Some(function(arguments, 0, "dedup")?) };
    machine.charge_items(items.len())?;
    let mut kept: Vec<Value> = Vec::new();
    for item in items.iter() {
        let is_repeat = match (kept.last(), &pointer) {
            (None, _) => false,
            (Some(last), None) => machine.same(last, item)?,
            (Some(last), Some(pointer)) => {
                let last: Operand = last.clone().into();
                holds(&machine.fold_item(pointer, last, item, 0)?, "dedup")?
            }
        };
        if !is_repeat {
            kept.push(item.clone());
        }
    }
    *receiver = Value::list(kept).into();
    Ok(Operand::UNIT)
}
