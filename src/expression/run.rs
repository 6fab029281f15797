//! Evaluates code on the values of tasks, within limits.

mod assign;
mod bounds;
mod call;
mod chain;
mod compare;
mod control;
mod evaluate;
mod interrupt;
mod language;
mod operand;
mod operator;
mod place;
mod pointer;
mod variables;

use std::sync::Arc;
use std::time::Instant;

use crate::name::Name;
use crate::value::Value;

use super::code::{Code, FreeVariable};
use super::expressions::Scripting;
use super::{Assigned, Limits, OutsideRef, Scope};

pub(super) use assign::GROWING_BYTES;
pub(super) use bounds::{BYTES_PER_OPERATION, BYTES_READ_PER_OPERATION, BYTES_WEIGHED_PER_OPERATION, too_deep};
pub(super) use call::Arguments;
pub(super) use compare::{beside_decimal, shallow};
pub(super) use interrupt::{Eval, Interrupt, failed, quoted};
pub(super) use language::LEVELS;
pub(super) use operand::{Operand, Pointer, Range, described};
pub(super) use operator::{arithmetic, digits, in_calendar, whole};
pub(super) use place::place_in;

/// One run of a script.
pub(super) struct Machine<'a> {
    scope: &'a dyn Scope,
    outside: Option<&'a OutsideRef>,
    scripting: &'a Scripting,
    free_variables: &'a [FreeVariable],
    names: &'a [Name],
    /// Operations left.
    left: u64,
    /// Operations that the repeats of the body have cost so far: each repeat starts at its beginning.
    repeated: u64,
    /// When the clock was first read.
    started: Option<Instant>,
    /// The slots of all functions that are running.
    stack: Vec<Operand>,
    /// The functions that are running, the innermost last.
    frames: rhai::StaticVec<Frame>,
    /// How many frames there have been.
    serial: u64,
    /// Values of what the script mentions, if they were assigned or had to be built.
    kept: rhai::StaticVec<Option<Operand>>,
    /// Stands in for a slot that does not exist. No code asks for one.
    spare: Operand,
    /// The position of the machine's stack when the run began.
    stack_mark: usize,
}

/// A function that is running.
struct Frame {
    /// Its first slot.
    base: usize,
    /// The frame whose variables it sees, for a closure.
    outer: Option<usize>,
    /// Its number, for closures that outlive it.
    serial: u64,
    /// Whether its code stands in the flow's functions.
    in_functions: bool,
    /// `this`
    this: Option<Operand>,
}

impl<'a> Machine<'a> {
    /// A machine for one run of `code`.
    pub(super) fn new(
        scripting: &'a Scripting,
        (free_variables, names): (&'a [FreeVariable], &'a [Name]),
        scope: &'a dyn Scope,
        outside: Option<&'a OutsideRef>,
    ) -> Self {
        let most = scripting.vocabulary.limits.max_operations;
        Self {
            scope,
            outside,
            scripting,
            free_variables,
            names,
            left: scope.operations_left().map_or(most, |left| left.get().min(most)),
            repeated: 0,
            started: None,
            stack: Vec::new(),
            frames: rhai::StaticVec::new(),
            serial: 0,
            kept: rhai::StaticVec::new(),
            spare: Operand::UNIT,
            stack_mark: bounds::stack_address(),
        }
    }

    /// Passes the operations that are left to the next evaluation of the same handler.
    pub(super) fn hand_over(&self) {
        if let Some(left) = self.scope.operations_left() {
            left.set(self.left);
        }
    }

    /// Runs a script's code to its end.
    pub(super) fn start(&mut self, code: &Code) -> Eval {
        self.run_code(code)
    }

    /// The result of a script, as a value.
    pub(super) fn finished(&mut self, code: &Code, given: Operand) -> Eval<Value> {
        let value = match given.into_value() {
            Ok(value) => value,
            Err(other) => {
                return Err(self.at_body(code, failed(format!("expected a value, not {}", other.described()))));
            }
        };
        let may_leave = self.check(&value, 0).and_then(|()| self.may_leave(&value, "the value"));
        may_leave.map_err(|stop| self.at_body(code, stop))?;
        Ok(value)
    }

    /// Adds the script's own place to an error that concerns all of it.
    pub(super) fn at_body(&self, code: &Code, stop: Box<Interrupt>) -> Box<Interrupt> {
        self.placed(stop, code.body.at)
    }

    /// The assigned values, by slot.
    pub(super) fn assigned(&mut self, code: &Code) -> Eval<Assigned> {
        let mut assigned = Assigned::new();
        for (number, (free_variable, name)) in self.free_variables.iter().zip(self.names).enumerate() {
            let FreeVariable::Attribute(slot) = free_variable else { continue };
            if let Some(operand) = self.kept.get_mut(number).and_then(Option::take) {
                let value = self.keepable(operand, name).map_err(|stop| self.at_body(code, stop))?;
                assigned.push((*slot, value));
            }
        }
        Ok(assigned)
    }

    /// A value that an attribute can keep.
    fn keepable(&mut self, operand: Operand, attribute: &Name) -> Eval<Value> {
        match operand.into_value() {
            Ok(value) => {
                let may_leave = self.check(&value, 0).and_then(|()| self.may_leave(&value, "the value"));
                may_leave.map_err(|stop| stop.about(attribute))?;
                Ok(value)
            }
            Err(other) => Err(failed(format!("{} cannot be kept in attribute `{attribute}`", other.described()))),
        }
    }

    fn limits(&self) -> &'a Limits {
        &self.scripting.vocabulary.limits
    }

    fn function(&self, number: usize) -> Option<Arc<Code>> {
        self.scripting.functions.get(number).cloned()
    }
}
