//! Functions that exist for several types.

use std::cmp::Ordering;

use crate::value::{Value, ordering};

use super::super::run::{Arguments, Eval, Machine, Operand, beside_decimal, failed};
use super::arguments::{clamped, function, integer, not_on, part, text_at, value_at};

pub(super) fn len(_: &mut Machine<'_>, receiver: &mut Operand, _: &mut Arguments) -> Eval {
    let length = match receiver {
        Operand::Value(Value::Text(text)) => text.chars().count(),
        Operand::Value(Value::List(items)) => items.len(),
        Operand::Value(Value::Map(map)) => map.len(),
        Operand::Range(range) => return Ok(range.len().into()),
        other => return Err(not_on("len", other)),
    };
    Ok(i64::try_from(length).unwrap_or(i64::MAX).into())
}

pub(super) fn is_empty(machine: &mut Machine<'_>, receiver: &mut Operand, arguments: &mut Arguments) -> Eval {
    match len(machine, receiver, arguments) {
        Ok(length) => Ok(matches!(length, Operand::Value(Value::Integer(0))).into()),
        Err(_) => Err(not_on("is_empty", receiver)),
    }
}

pub(super) fn contains(machine: &mut Machine<'_>, receiver: &mut Operand, arguments: &mut Arguments) -> Eval {
    let item = value_at(arguments, 0, "contains")?;
    machine.contains(receiver, &item).map(Operand::from)
}

pub(super) fn index_of(machine: &mut Machine<'_>, receiver: &mut Operand, arguments: &mut Arguments) -> Eval {
    let start = if arguments.len() > 1 { integer(arguments, 1, "index_of")? } else { 0 };
    let found = match receiver {
        Operand::Value(Value::Text(text)) => {
            let part = text_at(arguments, 0, "index_of")?;
            let skipped = clamped(start, text.chars().count());
            let from = text.char_indices().nth(skipped).map_or(text.len(), |(byte, _)| byte);
            let rest = text.get(from..).unwrap_or_default();
            rest.find(part.as_str()).map(|byte| skipped + rest.get(..byte).unwrap_or_default().chars().count())
        }
        Operand::Value(Value::List(items)) => {
            let items = std::sync::Arc::clone(items);
            let skipped = clamped(start, items.len());
            machine.charge(items.len() / 8)?;
            let mut found = None;
            for (number, item) in items.iter().enumerate().skip(skipped) {
                let is_it = match arguments.first() {
                    Some(Operand::Function(_)) => {
                        let pointer = function(arguments, 0, "index_of")?;
                        let given = machine.for_item(&pointer, item, number)?;
                        super::callback::holds(&given, "index_of")?
                    }
                    _ => machine.same(item, &value_at(arguments, 0, "index_of")?)?,
                };
                if is_it {
                    found = Some(number);
                    break;
                }
            }
            found
        }
        other => return Err(not_on("index_of", other)),
    };
    Ok(found.and_then(|place| i64::try_from(place).ok()).unwrap_or(-1).into())
}

pub(super) fn get(machine: &mut Machine<'_>, receiver: &mut Operand, arguments: &mut Arguments) -> Eval {
    let _ = machine;
    Ok(match receiver {
        Operand::Value(Value::Map(map)) => map.get(text_at(arguments, 0, "get")?.as_str()).cloned().unwrap_or_default(),
        Operand::Value(Value::List(items)) => {
            let place = super::super::run::place_in(integer(arguments, 0, "get")?, items.len());
            place.and_then(|place| items.get(place)).cloned().unwrap_or_default()
        }
        Operand::Value(Value::Text(text)) => {
            let place = super::super::run::place_in(integer(arguments, 0, "get")?, text.chars().count());
            let c = place.and_then(|place| text.chars().nth(place));
            c.map(|c| Value::text(c.encode_utf8(&mut [0; 4]))).unwrap_or_default()
        }
        other => return Err(not_on("get", other)),
    }
    .into())
}

/// Splits a text or a list. A list is cut in two, and the part that is cut off is returned.
pub(super) fn split(machine: &mut Machine<'_>, receiver: &mut Operand, arguments: &mut Arguments) -> Eval {
    match receiver {
        Operand::Value(Value::Text(text)) => {
            let text = text.clone();
            super::text::split(machine, &text, arguments, false)
        }
        Operand::Value(Value::List(_)) => {
            let items = super::arguments::list_mut(receiver, "split")?;
            let at = clamped(integer(arguments, 0, "split")?, items.len());
            let tail = items.split_off(at);
            machine.list(tail)
        }
        other => Err(not_on("split", other)),
    }
}

pub(super) fn max(_: &mut Machine<'_>, receiver: &mut Operand, arguments: &mut Arguments) -> Eval {
    pick("max", receiver, arguments, Ordering::Less)
}

pub(super) fn min(_: &mut Machine<'_>, receiver: &mut Operand, arguments: &mut Arguments) -> Eval {
    pick("min", receiver, arguments, Ordering::Greater)
}

/// The larger or smaller of two values.
fn pick(name: &str, receiver: &mut Operand, arguments: &mut Arguments, wrong: Ordering) -> Eval {
    let second = value_at(arguments, 0, name)?;
    let Operand::Value(first) = receiver else { return Err(not_on(name, receiver)) };
    let (first, second) = beside_decimal(first, &second);
    match ordering(&first, &second) {
        Some(order) => Ok(if order == wrong { second } else { first }.into_owned().into()),
        None => Err(failed(format!("`{name}` cannot compare {} with {}", first.type_name(), second.type_name()))),
    }
}

pub(super) fn type_of(_: &mut Machine<'_>, receiver: &mut Operand, _: &mut Arguments) -> Eval {
    Ok(Value::text(receiver.type_name()).into())
}

pub(super) fn to_text(machine: &mut Machine<'_>, receiver: &mut Operand, _: &mut Arguments) -> Eval {
    let Operand::Value(value) = receiver else { return Err(not_on("to_string", receiver)) };
    let mut text = String::new();
    machine.push_text(&mut text, value)?;
    machine.text(text)
}

/// The value as JSON, with texts in quotes.
pub(super) fn to_json(machine: &mut Machine<'_>, receiver: &mut Operand, _: &mut Arguments) -> Eval {
    if let Operand::Range(range) = receiver {
        let mut items = Vec::new();
        for number in (range.start..).take_while(|number| range.contains(*number)) {
            machine.may_hold_items(items.len().saturating_add(1))?;
            items.push(Value::Integer(number));
        }
        *receiver = machine.list(items)?;
    }
    let Operand::Value(value) = receiver else { return Err(not_on("to_json", receiver)) };
    machine.check(value, 0)?;
    // The text is built after it is known that it is not too long.
    let mut text = String::new();
    machine.push_text(&mut text, value)?;
    match value {
        Value::List(_) | Value::Map(_) => machine.text(text),
        other => machine.text(other.to_json_text()),
    }
}

pub(super) fn extract(machine: &mut Machine<'_>, receiver: &mut Operand, arguments: &mut Arguments) -> Eval {
    let items = super::arguments::list(receiver, "extract")?;
    let (start, end) = part(arguments, 0, "extract", items.len())?;
    let part = items.get(start..end).unwrap_or_default().to_vec();
    machine.list(part)
}
