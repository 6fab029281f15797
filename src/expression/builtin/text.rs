//! Functions of texts that change nothing.

use smol_str::SmolStr;

use crate::value::Value;

use super::super::run::{Arguments, Eval, Machine, Operand, failed};
use super::arguments::{clamped, count, part, text, text_at};
use super::read;

pub(super) fn bytes(_: &mut Machine<'_>, receiver: &mut Operand, _: &mut Arguments) -> Eval {
    Ok(i64::try_from(text(receiver, "bytes")?.len()).unwrap_or(i64::MAX).into())
}

pub(super) fn to_upper(machine: &mut Machine<'_>, receiver: &mut Operand, _: &mut Arguments) -> Eval {
    machine.text(text(receiver, "to_upper")?.to_uppercase())
}

pub(super) fn to_lower(machine: &mut Machine<'_>, receiver: &mut Operand, _: &mut Arguments) -> Eval {
    machine.text(text(receiver, "to_lower")?.to_lowercase())
}

pub(super) fn starts_with(_: &mut Machine<'_>, receiver: &mut Operand, arguments: &mut Arguments) -> Eval {
    let part = text_at(arguments, 0, "starts_with")?;
    Ok(text(receiver, "starts_with")?.starts_with(part.as_str()).into())
}

pub(super) fn ends_with(_: &mut Machine<'_>, receiver: &mut Operand, arguments: &mut Arguments) -> Eval {
    let part = text_at(arguments, 0, "ends_with")?;
    Ok(text(receiver, "ends_with")?.ends_with(part.as_str()).into())
}

pub(super) fn sub_string(machine: &mut Machine<'_>, receiver: &mut Operand, arguments: &mut Arguments) -> Eval {
    let text = text(receiver, "sub_string")?;
    let (start, end) = part(arguments, 0, "sub_string", text.chars().count())?;
    machine.text(text.chars().skip(start).take(end.saturating_sub(start)).collect())
}

pub(super) fn chars(machine: &mut Machine<'_>, receiver: &mut Operand, arguments: &mut Arguments) -> Eval {
    let text = text(receiver, "chars")?;
    let length = text.chars().count();
    let (start, end) = if arguments.is_empty() { (0, length) } else { part(arguments, 0, "chars", length)? };
    machine.may_hold_items(end.saturating_sub(start))?;
    let all = text.chars().skip(start).take(end.saturating_sub(start));
    machine.list(all.map(|c| Value::text(c.encode_utf8(&mut [0; 4]))).collect())
}

pub(super) fn split_rev(machine: &mut Machine<'_>, receiver: &mut Operand, arguments: &mut Arguments) -> Eval {
    let text = text(receiver, "split_rev")?.clone();
    split(machine, &text, arguments, true)
}

/// Splits a text at blanks, at a position, or at a separator, into a limited number of parts.
pub(super) fn split(machine: &mut Machine<'_>, text: &SmolStr, arguments: &Arguments, reverse: bool) -> Eval {
    let name = if reverse { "split_rev" } else { "split" };
    if let Some(Operand::Value(Value::Integer(at))) = arguments.first() {
        let at = clamped(*at, text.chars().count());
        let byte = text.char_indices().nth(at).map_or(text.len(), |(byte, _)| byte);
        let (head, tail) = text.split_at_checked(byte).unwrap_or((text.as_str(), ""));
        return machine.list(vec![Value::text(head), Value::text(tail)]);
    }
    if arguments.is_empty() {
        let parts = text.split_whitespace();
        return listed(machine, if reverse { parts.rev().collect() } else { parts.collect() });
    }
    let at = text_at(arguments, 0, name)?;
    let at = at.as_str();
    let most = if arguments.len() > 1 { count(arguments, 1, name)?.max(1) } else { usize::MAX };
    listed(machine, if reverse { text.rsplitn(most, at).collect() } else { text.splitn(most, at).collect() })
}

fn listed(machine: &mut Machine<'_>, parts: Vec<&str>) -> Eval {
    machine.may_hold_items(parts.len())?;
    machine.list(parts.into_iter().map(Value::text).collect())
}

pub(super) fn parse_int(_: &mut Machine<'_>, receiver: &mut Operand, arguments: &mut Arguments) -> Eval {
    let text = text(receiver, "parse_int")?;
    let base = if arguments.is_empty() { 10 } else { count(arguments, 0, "parse_int")? };
    let base = u32::try_from(base).ok().filter(|base| (2..=36).contains(base));
    let Some(base) = base else { return Err(failed("`parse_int` takes a base from 2 to 36")) };
    i64::from_str_radix(text.trim(), base).map(Operand::from).map_err(|_| no_number(text, "an integer"))
}

pub(super) fn parse_float(_: &mut Machine<'_>, receiver: &mut Operand, _: &mut Arguments) -> Eval {
    let text = text(receiver, "parse_float")?;
    let number = text.trim().parse::<f64>().ok().filter(|number| number.is_finite());
    number.map(Operand::from).ok_or_else(|| no_number(text, "a float"))
}

pub(super) fn parse_decimal(_: &mut Machine<'_>, receiver: &mut Operand, _: &mut Arguments) -> Eval {
    let text = text(receiver, "parse_decimal")?;
    read::decimal(&Value::text(text.trim())).map(Operand::from)
}

fn no_number(text: &str, what: &str) -> Box<super::super::run::Interrupt> {
    failed(format!("{} is not {what}", super::super::run::quoted(&Value::text(text))))
}
