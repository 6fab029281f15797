//! Sorting: stable; it stops at the first comparison that fails.

use std::cmp::Ordering;

use crate::value::{Value, ordering};

use super::super::run::{Arguments, Eval, Machine, Operand, Pointer, failed};
use super::arguments::{function, list};

pub(super) fn sort(machine: &mut Machine<'_>, receiver: &mut Operand, arguments: &mut Arguments) -> Eval {
    let sorted = order(machine, receiver, arguments)?;
    *receiver = sorted;
    Ok(Operand::UNIT)
}

pub(super) fn sort_desc(machine: &mut Machine<'_>, receiver: &mut Operand, arguments: &mut Arguments) -> Eval {
    let sorted = order_desc(machine, receiver, arguments)?;
    *receiver = sorted;
    Ok(Operand::UNIT)
}

pub(super) fn order(machine: &mut Machine<'_>, receiver: &mut Operand, arguments: &mut Arguments) -> Eval {
    let items = copied(machine, receiver, "sort")?;
    let pointer = if arguments.is_empty() { None } else { Some(function(arguments, 0, "sort")?) };
    let sorted = sorted(machine, items, &mut |machine, a, b| match &pointer {
        Some(pointer) => by_function(machine, pointer, a, b),
        None => natural(machine, a, b),
    })?;
    Ok(Value::list(sorted).into())
}

pub(super) fn order_desc(machine: &mut Machine<'_>, receiver: &mut Operand, _: &mut Arguments) -> Eval {
    let items = copied(machine, receiver, "sort_desc")?;
    let sorted = sorted(machine, items, &mut |machine, a, b| natural(machine, b, a))?;
    Ok(Value::list(sorted).into())
}

/// The items, each as a run of its own.
fn copied(machine: &mut Machine<'_>, receiver: &Operand, name: &str) -> Eval<Vec<Value>> {
    let items = list(receiver, name)?;
    machine.charge_items(items.len().saturating_mul(RUN_ITEMS))?;
    Ok(items.to_vec())
}

fn natural(machine: &mut Machine<'_>, a: &Value, b: &Value) -> Eval<Ordering> {
    machine.charge_comparing(a, b)?;
    let order = match (a, b) {
        (Value::Boolean(a), Value::Boolean(b)) => Some(a.cmp(b)),
        _ => ordering(a, b),
    };
    order.ok_or_else(|| {
        failed(format!("{} and {} have no order: `sort` needs a function that compares", a.type_name(), b.type_name()))
    })
}

fn by_function(machine: &mut Machine<'_>, pointer: &Pointer, a: &Value, b: &Value) -> Eval<Ordering> {
    match machine.fold_item(pointer, a.clone().into(), b, 0)? {
        Operand::Value(Value::Integer(number)) => Ok(number.cmp(&0)),
        Operand::Value(Value::Boolean(first)) => Ok(if first { Ordering::Less } else { Ordering::Greater }),
        Operand::Value(Value::Decimal(number)) => Ok(number.cmp(&rust_decimal::Decimal::ZERO)),
        Operand::Value(Value::Duration(length)) => Ok(length.as_millis().cmp(&0)),
        Operand::Value(Value::Float(number)) if !number.is_nan() => {
            Ok(number.partial_cmp(&0.0).unwrap_or(Ordering::Equal))
        }
        Operand::Value(Value::Number(number)) => Ok(number.as_f64().partial_cmp(&0.0).unwrap_or(Ordering::Equal)),
        other => Err(failed(format!(
            "the function of `sort` must give a number or a duration below, at or above 0, or true or false, not {}",
            other.described()
        ))),
    }
}

/// The size of a run of one item, in items.
const RUN_ITEMS: usize = 3;

type Compare<'c> = dyn FnMut(&mut Machine<'_>, &Value, &Value) -> Eval<Ordering> + 'c;

/// Merges runs of one, two, four, … items.
fn sorted(machine: &mut Machine<'_>, items: Vec<Value>, compare: &mut Compare<'_>) -> Eval<Vec<Value>> {
    let mut runs: Vec<Vec<Value>> = items.into_iter().map(|item| vec![item]).collect();
    while runs.len() > 1 {
        let mut merged = Vec::with_capacity(runs.len().div_ceil(2));
        let mut left = runs.into_iter();
        while let Some(a) = left.next() {
            merged.push(match left.next() {
                Some(b) => merge(machine, a, b, compare)?,
                None => a,
            });
        }
        runs = merged;
    }
    Ok(runs.pop().unwrap_or_default())
}

fn merge(machine: &mut Machine<'_>, a: Vec<Value>, b: Vec<Value>, compare: &mut Compare<'_>) -> Eval<Vec<Value>> {
    let mut merged = Vec::with_capacity(a.len().saturating_add(b.len()));
    let (mut a, mut b) = (a.into_iter().peekable(), b.into_iter().peekable());
    while let (Some(first), Some(second)) = (a.peek(), b.peek()) {
        machine.charge(1)?;
        let next = if compare(machine, first, second)? == Ordering::Greater { b.next() } else { a.next() };
        merged.extend(next);
    }
    merged.extend(a);
    merged.extend(b);
    Ok(merged)
}
