//! The functions that belong to values: Rhai's own, reimplemented for the values of tasks.
//!
//! `list.push(1)` and `push(list, 1)` are the same. The [`Effect`] of a function says whether it changes its value in
//! place. As a statement, such a call changes the variable; elsewhere it gives the changed value.

mod arguments;
mod callback;
mod changing;
mod map;
mod number;
pub(super) mod read;
mod shared;
mod sort;
mod table;
mod text;
mod time;

use std::collections::HashMap;
use std::sync::OnceLock;

use crate::value::Value;

use super::run::{Arguments, Eval, Machine, Operand};

/// What a function does to its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Effect {
    /// Nothing.
    None,
    /// Changes it, and returns the changed value only.
    Changes,
    /// Changes it, and returns something else: what it took out.
    Takes,
}

/// A function that belongs to values.
#[derive(Debug)]
pub(super) struct Builtin {
    /// Its name.
    pub(super) name: &'static str,
    /// The least and the most arguments, without the value.
    pub(super) arguments: (usize, usize),
    /// What it does to the value.
    pub(super) effect: Effect,
    /// Whether it may be written without parentheses: `list.len`.
    pub(super) property: bool,
    /// What it does.
    pub(super) run: fn(&mut Machine<'_>, &mut Operand, &mut Arguments) -> Eval,
}

impl Builtin {
    /// Whether it accepts `count` arguments.
    pub(super) fn takes(&self, count: usize) -> bool {
        (self.arguments.0..=self.arguments.1).contains(&count)
    }

    /// The accepted numbers of arguments, for messages.
    pub(super) fn expected(&self) -> String {
        match self.arguments {
            (0, 0) => "no arguments".to_owned(),
            (1, 1) => "1 argument".to_owned(),
            (least, most) if least == most => format!("{least} arguments"),
            (least, most) => format!("{least} to {most} arguments"),
        }
    }

    /// Its effect on `receiver`. Some names have different meanings for different types, and a closure without
    /// parameters changes the items of a list through `this`.
    pub(super) fn effect_on(&self, receiver: &Operand, arguments: &Arguments) -> Effect {
        match (self.name, receiver) {
            ("for_each", Operand::Value(Value::List(_))) => match arguments.first() {
                Some(Operand::Function(pointer)) if pointer.takes() == 0 => Effect::Takes,
                _ => Effect::None,
            },
            ("remove", Operand::Value(Value::Text(_)) | Operand::Growing(_)) => Effect::Changes,
            ("split", Operand::Value(Value::Text(_)) | Operand::Growing(_)) => Effect::None,
            _ => self.effect,
        }
    }
}

/// The function of this name.
pub(super) fn find(name: &str) -> Option<&'static Builtin> {
    static BY_NAME: OnceLock<HashMap<&'static str, &'static Builtin>> = OnceLock::new();
    BY_NAME.get_or_init(|| table::ALL.iter().map(|builtin| (builtin.name, builtin)).collect()).get(name).copied()
}

/// The names of all of them.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    table::ALL.iter().map(|builtin| builtin.name)
}
