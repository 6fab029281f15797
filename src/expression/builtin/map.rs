//! Functions of maps, and of lists as texts.

use crate::value::Value;

use super::super::run::{Arguments, Eval, Machine, Operand};
use super::arguments::{map, text_at};

pub(super) fn keys(machine: &mut Machine<'_>, receiver: &mut Operand, _: &mut Arguments) -> Eval {
    machine.list(map(receiver, "keys")?.keys().map(Value::text).collect())
}

pub(super) fn values(machine: &mut Machine<'_>, receiver: &mut Operand, _: &mut Arguments) -> Eval {
    machine.list(map(receiver, "values")?.values().cloned().collect())
}

/// The texts of a list, joined by a separator.
pub(super) fn join(machine: &mut Machine<'_>, receiver: &mut Operand, arguments: &mut Arguments) -> Eval {
    let items = std::sync::Arc::clone(super::arguments::list(receiver, "join")?);
    let between = if arguments.is_empty() { "".into() } else { text_at(arguments, 0, "join")? };
    let mut joined = String::new();
    for (number, item) in items.iter().enumerate() {
        if number > 0 {
            joined.push_str(&between);
        }
        machine.push_text(&mut joined, item)?;
    }
    machine.text(joined)
}
