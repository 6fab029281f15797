//! Closures as values.

use std::sync::Arc;

use crate::value::Value;

use super::super::code::{At, Code};
use super::interrupt::failed;
use super::{Arguments, Eval, Machine, Operand, Pointer};

impl Pointer {
    /// How many more arguments it accepts.
    pub(in super::super) fn takes(&self) -> usize {
        self.code.parameters.saturating_sub(self.curried.len())
    }
}

impl Machine<'_> {
    /// A closure made in the current frame.
    pub(super) fn closure(&self, code: &Arc<Code>) -> Operand {
        let frame = self.frames.len().saturating_sub(1);
        let serial = self.frames.last().map_or(0, |frame| frame.serial);
        Operand::Function(Box::new(Pointer { code: Arc::clone(code), frame, serial, curried: Vec::new() }))
    }

    /// `f.call(…)`, or `value.call(f, …)` with the value as `this`.
    pub(super) fn call_pointer(&mut self, receiver: Operand, mut arguments: Arguments) -> Eval {
        match receiver {
            Operand::Function(pointer) => self.invoke(&pointer, arguments, None),
            other => match arguments.first() {
                Some(Operand::Function(_)) => {
                    let Operand::Function(pointer) = arguments.remove(0) else { return Ok(Operand::UNIT) };
                    self.invoke(&pointer, arguments, Some(other))
                }
                _ => Err(failed(format!("`call` needs a function, not {}", other.described()))),
            },
        }
    }

    /// Calls a closure.
    pub(in super::super) fn invoke(&mut self, pointer: &Pointer, arguments: Arguments, this: Option<Operand>) -> Eval {
        self.invoke_on(pointer, arguments, this).0
    }

    /// Calls a closure. Also returns the final value of `this`.
    fn invoke_on(&mut self, pointer: &Pointer, arguments: Arguments, this: Option<Operand>) -> (Eval, Option<Operand>) {
        let Pointer { code, frame, serial, curried } = pointer;
        let mut all = arguments;
        if !curried.is_empty() {
            let given = std::mem::replace(&mut all, curried.iter().cloned().collect());
            all.extend(given);
        }
        if code.parameters != all.len() {
            let message = format!("the closure takes {} arguments, not {}", code.parameters, all.len());
            return (Err(failed(message)), this);
        }
        if code.captures && self.frames.get(*frame).is_none_or(|own| own.serial != *serial) {
            return (
                Err(failed(
                    "the closure uses variables of a function that has ended: hand them over, by `f.curry(x)` or as arguments",
                )),
                this,
            );
        }
        self.run_code_with(code, all, this, Some(*frame))
    }

    /// Calls a closure without parameters, with an item of a list as `this`. Returns the changed item; the original one
    /// if the call fails.
    pub(in super::super) fn change_item(&mut self, pointer: &Pointer, item: Value) -> (Eval<()>, Value) {
        if let Err(stop) = self.count(At::default()) {
            return (Err(stop), item);
        }
        let (given, this) = self.invoke_on(pointer, Arguments::new(), Some(item.clone().into()));
        match (given, this.map(Operand::into_value)) {
            (Ok(_), Some(Ok(changed))) => (Ok(()), changed),
            (Ok(_), Some(Err(other))) => (Err(failed(format!("a list cannot hold {}", other.described()))), item),
            (Ok(_), None) => (Ok(()), item),
            (Err(stop), _) => (Err(stop), item),
        }
    }

    /// Calls a closure for an item of a list: with the item, also with its index, or with the item as `this`.
    pub(in super::super) fn for_item(&mut self, pointer: &Pointer, item: &Value, number: usize) -> Eval {
        self.count(At::default())?;
        let mut arguments = Arguments::new();
        match pointer.takes() {
            0 => return self.invoke(pointer, arguments, Some(item.clone().into())),
            1 => arguments.push(item.clone().into()),
            _ => {
                arguments.push(item.clone().into());
                arguments.push(i64::try_from(number).unwrap_or(i64::MAX).into());
            }
        }
        self.invoke(pointer, arguments, None)
    }

    /// Calls a closure with its previous result and an item of a list, and with the index if it has three parameters.
    pub(in super::super) fn fold_item(
        &mut self,
        pointer: &Pointer,
        before: Operand,
        item: &Value,
        number: usize,
    ) -> Eval {
        self.count(At::default())?;
        let mut arguments = Arguments::new();
        arguments.push(before);
        arguments.push(item.clone().into());
        if pointer.takes() == 3 {
            arguments.push(i64::try_from(number).unwrap_or(i64::MAX).into());
        }
        self.invoke(pointer, arguments, None)
    }
}
