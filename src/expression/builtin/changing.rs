//! Functions that change a text, a list or a map in place.

use std::sync::Arc;

use crate::name::Name;
use crate::value::Value;

use super::super::run::{Arguments, Eval, Machine, Operand, failed, place_in};
use super::arguments::{
    clamped, count, integer, list_at, list_mut, map_at, map_mut, not_on, part, text, text_at, value_at,
};

fn put(receiver: &mut Operand, text: Operand) -> Eval {
    *receiver = text;
    Ok(Operand::UNIT)
}

pub(super) fn trim(machine: &mut Machine<'_>, receiver: &mut Operand, _: &mut Arguments) -> Eval {
    let trimmed = text(receiver, "trim")?.trim().to_owned();
    put(receiver, machine.text(trimmed)?)
}

pub(super) fn make_upper(machine: &mut Machine<'_>, receiver: &mut Operand, _: &mut Arguments) -> Eval {
    let upper = text(receiver, "make_upper")?.to_uppercase();
    put(receiver, machine.text(upper)?)
}

pub(super) fn make_lower(machine: &mut Machine<'_>, receiver: &mut Operand, _: &mut Arguments) -> Eval {
    let lower = text(receiver, "make_lower")?.to_lowercase();
    put(receiver, machine.text(lower)?)
}

pub(super) fn replace(machine: &mut Machine<'_>, receiver: &mut Operand, arguments: &mut Arguments) -> Eval {
    let (from, to) = (text_at(arguments, 0, "replace")?, text_at(arguments, 1, "replace")?);
    let text = text(receiver, "replace")?;
    // The length of the result is known before it is built.
    let found = text.matches(from.as_str()).count();
    let grown = found.saturating_mul(to.len()).saturating_add(text.len());
    machine.may_hold_text(grown.saturating_sub(found.saturating_mul(from.len())))?;
    let replaced = text.replace(from.as_str(), &to);
    put(receiver, machine.text(replaced)?)
}

pub(super) fn crop(machine: &mut Machine<'_>, receiver: &mut Operand, arguments: &mut Arguments) -> Eval {
    let text = text(receiver, "crop")?;
    let (start, end) = part(arguments, 0, "crop", text.chars().count())?;
    let cropped = text.chars().skip(start).take(end.saturating_sub(start)).collect();
    put(receiver, machine.text(cropped)?)
}

pub(super) fn truncate(machine: &mut Machine<'_>, receiver: &mut Operand, arguments: &mut Arguments) -> Eval {
    let most = count(arguments, 0, "truncate")?;
    match receiver {
        Operand::Value(Value::Text(text)) => {
            let cut = text.chars().take(most).collect();
            put(receiver, machine.text(cut)?)
        }
        _ => {
            list_mut(receiver, "truncate")?.truncate(most);
            Ok(Operand::UNIT)
        }
    }
}

pub(super) fn pad(machine: &mut Machine<'_>, receiver: &mut Operand, arguments: &mut Arguments) -> Eval {
    let length = count(arguments, 0, "pad")?;
    match receiver {
        Operand::Value(Value::Text(text)) => {
            let with = text_at(arguments, 1, "pad")?;
            let have = text.chars().count();
            let missing = length.saturating_sub(have);
            let each = with.chars().count();
            if missing == 0 || each == 0 {
                return Ok(Operand::UNIT);
            }
            let times = missing.div_ceil(each);
            machine.may_hold_text(text.len().saturating_add(times.saturating_mul(with.len())))?;
            let padded = std::iter::once(text.as_str()).chain(std::iter::repeat_n(with.as_str(), times)).collect();
            put(receiver, machine.text(padded)?)
        }
        _ => {
            let with = value_at(arguments, 1, "pad")?;
            machine.may_hold_items(length)?;
            machine.check(&with, 1)?;
            let items = list_mut(receiver, "pad")?;
            machine.charge_items(length.saturating_sub(items.len()))?;
            if items.len() < length {
                items.resize(length, with);
            }
            Ok(Operand::UNIT)
        }
    }
}

pub(super) fn clear(_: &mut Machine<'_>, receiver: &mut Operand, _: &mut Arguments) -> Eval {
    let empty = match receiver {
        Operand::Value(Value::Text(_)) => Value::text(""),
        Operand::Value(Value::List(_)) => Value::list(Vec::new()),
        Operand::Value(Value::Map(_)) => Value::Map(Arc::default()),
        other => return Err(not_on("clear", other)),
    };
    put(receiver, empty.into())
}

pub(super) fn append(machine: &mut Machine<'_>, receiver: &mut Operand, arguments: &mut Arguments) -> Eval {
    if let Operand::Value(value @ Value::Text(_)) = receiver {
        let mut text = String::new();
        machine.push_text(&mut text, value)?;
        machine.push_text(&mut text, &value_at(arguments, 0, "append")?)?;
        return put(receiver, machine.text(text)?);
    }
    let more = list_at(arguments, 0, "append")?;
    let items = list_mut(receiver, "append")?;
    machine.may_hold_items(items.len().saturating_add(more.len()))?;
    machine.charge_items(more.len())?;
    items.extend(more.iter().cloned());
    Ok(Operand::UNIT)
}

pub(super) fn push(machine: &mut Machine<'_>, receiver: &mut Operand, arguments: &mut Arguments) -> Eval {
    let item = value_at(arguments, 0, "push")?;
    machine.check(&item, 1)?;
    let items = list_mut(receiver, "push")?;
    machine.may_hold_items(items.len().saturating_add(1))?;
    items.push(item);
    Ok(Operand::UNIT)
}

pub(super) fn insert(machine: &mut Machine<'_>, receiver: &mut Operand, arguments: &mut Arguments) -> Eval {
    let (at, item) = (integer(arguments, 0, "insert")?, value_at(arguments, 1, "insert")?);
    machine.check(&item, 1)?;
    let items = list_mut(receiver, "insert")?;
    machine.may_hold_items(items.len().saturating_add(1))?;
    machine.charge(items.len() / 64)?;
    items.insert(clamped(at, items.len()), item);
    Ok(Operand::UNIT)
}

pub(super) fn pop(machine: &mut Machine<'_>, receiver: &mut Operand, arguments: &mut Arguments) -> Eval {
    if let Operand::Value(Value::Text(text)) = receiver {
        let tail = if arguments.is_empty() { 1 } else { count(arguments, 0, "pop")? };
        let kept = text.chars().count().saturating_sub(tail);
        let byte = text.char_indices().nth(kept).map_or(text.len(), |(byte, _)| byte);
        let (head, tail) = text.split_at_checked(byte).unwrap_or((text.as_str(), ""));
        let (head, tail) = (machine.text(head.to_owned())?, machine.text(tail.to_owned())?);
        *receiver = head;
        return Ok(tail);
    }
    if !arguments.is_empty() {
        return Err(failed("`pop` takes the last item of a list, and no argument: `remove(0)` takes the first"));
    }
    Ok(list_mut(receiver, "pop")?.pop().unwrap_or_default().into())
}

pub(super) fn shift(machine: &mut Machine<'_>, receiver: &mut Operand, _: &mut Arguments) -> Eval {
    let items = list_mut(receiver, "shift")?;
    if items.is_empty() {
        return Ok(Operand::UNIT);
    }
    machine.charge(items.len() / 64)?;
    Ok(items.remove(0).into())
}

pub(super) fn remove(machine: &mut Machine<'_>, receiver: &mut Operand, arguments: &mut Arguments) -> Eval {
    match receiver {
        Operand::Value(Value::Text(text)) => {
            let without = text.replace(text_at(arguments, 0, "remove")?.as_str(), "");
            put(receiver, machine.text(without)?)
        }
        Operand::Value(Value::Map(map)) => {
            let name = text_at(arguments, 0, "remove")?;
            Ok(Arc::make_mut(map).remove(name.as_str()).unwrap_or_default().into())
        }
        _ => {
            let at = integer(arguments, 0, "remove")?;
            let items = list_mut(receiver, "remove")?;
            machine.charge(items.len() / 64)?;
            Ok(place_in(at, items.len()).map(|place| items.remove(place)).unwrap_or_default().into())
        }
    }
}

pub(super) fn set(machine: &mut Machine<'_>, receiver: &mut Operand, arguments: &mut Arguments) -> Eval {
    match receiver {
        Operand::Value(Value::Map(_)) => {
            let (name, value) = (text_at(arguments, 0, "set")?, value_at(arguments, 1, "set")?);
            machine.check(&value, 1)?;
            let map = map_mut(receiver, "set")?;
            machine.may_hold_entries(map.len().saturating_add(1))?;
            map.insert(Name::from(name), value);
        }
        Operand::Value(Value::Text(text)) => {
            let (at, with) = (integer(arguments, 0, "set")?, text_at(arguments, 1, "set")?);
            let place = place_in(at, text.chars().count());
            let changed: String = match place {
                Some(place) => {
                    let head = text.chars().take(place);
                    head.chain(with.chars()).chain(text.chars().skip(place.saturating_add(1))).collect()
                }
                None => text.to_string(),
            };
            return put(receiver, machine.text(changed)?);
        }
        _ => {
            let (at, value) = (integer(arguments, 0, "set")?, value_at(arguments, 1, "set")?);
            machine.check(&value, 1)?;
            let items = list_mut(receiver, "set")?;
            if let Some(slot) = place_in(at, items.len()).and_then(|place| items.get_mut(place)) {
                *slot = value;
            }
        }
    }
    Ok(Operand::UNIT)
}

pub(super) fn reverse(machine: &mut Machine<'_>, receiver: &mut Operand, _: &mut Arguments) -> Eval {
    let items = list_mut(receiver, "reverse")?;
    machine.charge(items.len() / 64)?;
    items.reverse();
    Ok(Operand::UNIT)
}

pub(super) fn chop(machine: &mut Machine<'_>, receiver: &mut Operand, arguments: &mut Arguments) -> Eval {
    let most = count(arguments, 0, "chop")?;
    let items = list_mut(receiver, "chop")?;
    machine.charge(items.len() / 64)?;
    items.drain(..items.len().saturating_sub(most));
    Ok(Operand::UNIT)
}

pub(super) fn splice(machine: &mut Machine<'_>, receiver: &mut Operand, arguments: &mut Arguments) -> Eval {
    let Some(Operand::Value(Value::List(with))) = arguments.pop() else {
        return Err(failed("`splice` takes a range, or a start and a length, and then a list"));
    };
    machine.check(&Value::List(Arc::clone(&with)), 0)?;
    let items = list_mut(receiver, "splice")?;
    let (start, end) = part(arguments, 0, "splice", items.len())?;
    machine.may_hold_items(items.len().saturating_add(with.len()).saturating_sub(end - start))?;
    machine.charge_items(with.len())?;
    machine.charge(items.len() / 64)?;
    items.splice(start..end, with.iter().cloned());
    Ok(Operand::UNIT)
}

pub(super) fn mixin(machine: &mut Machine<'_>, receiver: &mut Operand, arguments: &mut Arguments) -> Eval {
    let more = map_at(arguments, 0, "mixin")?;
    let map = map_mut(receiver, "mixin")?;
    machine.may_hold_entries(map.len().saturating_add(more.len()))?;
    machine.charge_entries(more.len())?;
    map.extend(more.iter().map(|(key, value)| (key.clone(), value.clone())));
    Ok(Operand::UNIT)
}

pub(super) fn fill_with(machine: &mut Machine<'_>, receiver: &mut Operand, arguments: &mut Arguments) -> Eval {
    let more = map_at(arguments, 0, "fill_with")?;
    let map = map_mut(receiver, "fill_with")?;
    machine.may_hold_entries(map.len().saturating_add(more.len()))?;
    machine.charge_entries(more.len())?;
    for (key, value) in more.iter() {
        map.entry(key.clone()).or_insert_with(|| value.clone());
    }
    Ok(Operand::UNIT)
}
