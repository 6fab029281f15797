//! Functions as values.

use std::sync::Arc;

use crate::value::Value;

use super::super::builtin;
use super::super::code::Code;
use super::operand::Callee;
use super::stop::failed;
use super::{Arguments, Machine, Operand, Pointer, Run};

impl Machine<'_> {
    /// A closure that is made here.
    pub(super) fn closure(&self, code: &Arc<Code>) -> Operand {
        let frame = self.frames.len().saturating_sub(1);
        let serial = self.frames.last().map_or(0, |frame| frame.serial);
        let callee = Callee::Closure { code: Arc::clone(code), frame, serial };
        Operand::Function(Box::new(Pointer { callee, curried: Vec::new() }))
    }

    /// `f.call(…)`, or `value.call(f, …)` with the value as `this`.
    pub(super) fn call_pointer(&mut self, receiver: Operand, mut arguments: Arguments) -> Run {
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

    /// Calls a function.
    pub(in super::super) fn invoke(&mut self, pointer: &Pointer, arguments: Arguments, this: Option<Operand>) -> Run {
        let mut all = Arguments::new();
        all.extend(pointer.curried.iter().cloned());
        all.extend(arguments);
        match &pointer.callee {
            Callee::Closure { code, frame, serial } => {
                if code.parameters != all.len() {
                    return Err(failed(format!("the closure takes {} arguments, not {}", code.parameters, all.len())));
                }
                let alive = self.frames.get(*frame).is_some_and(|own| own.serial == *serial);
                if code.captures && !alive {
                    return Err(failed("the closure uses variables of a function that has ended"));
                }
                self.run_code_with(code, all, this, Some(*frame)).0
            }
            Callee::Named(name) => {
                if let Some(number) = self.scripting.callable.own(name, all.len()) {
                    let Some(code) = self.function(number) else { return Ok(Operand::UNIT) };
                    return self.run_code_with(&code, all, this, None).0;
                }
                match builtin::find(name) {
                    Some(builtin) if !all.is_empty() => {
                        let mut receiver = all.remove(0);
                        let effect = builtin.effect_on(&receiver);
                        let given = self.apply(builtin, &mut receiver, &mut all)?;
                        Ok(if effect == builtin::Effect::Changes { receiver } else { given })
                    }
                    _ => Err(self.unknown(name, None)),
                }
            }
        }
    }

    /// How many arguments a function takes; none if that depends.
    fn takes(&self, pointer: &Pointer, wanted: usize) -> usize {
        let takes = match &pointer.callee {
            Callee::Closure { code, .. } => code.parameters,
            Callee::Named(name) => {
                let own = self.scripting.callable.all_own(name);
                let full = wanted.saturating_add(pointer.curried.len());
                let best = own.iter().map(|(parameters, _)| *parameters).filter(|count| *count <= full).max();
                best.unwrap_or_else(|| pointer.curried.len().saturating_add(wanted.saturating_sub(1)))
            }
        };
        takes.saturating_sub(pointer.curried.len())
    }

    /// Calls a function for an item of a list: with the item, with its number, too, or with the item as `this`.
    pub(in super::super) fn for_item(&mut self, pointer: &Pointer, item: &Value, number: usize) -> Run {
        self.count(super::super::code::At::default())?;
        let mut arguments = Arguments::new();
        match self.takes(pointer, 2) {
            0 => return self.invoke(pointer, arguments, Some(item.clone().into())),
            1 => arguments.push(item.clone().into()),
            _ => {
                arguments.push(item.clone().into());
                arguments.push(i64::try_from(number).unwrap_or(i64::MAX).into());
            }
        }
        self.invoke(pointer, arguments, None)
    }

    /// Calls a function with what it gave before and an item of a list.
    pub(in super::super) fn fold_item(
        &mut self,
        pointer: &Pointer,
        before: Operand,
        item: &Value,
        number: usize,
    ) -> Run {
        self.count(super::super::code::At::default())?;
        let mut arguments = Arguments::new();
        arguments.push(before);
        arguments.push(item.clone().into());
        if self.takes(pointer, 3) == 3 {
            arguments.push(i64::try_from(number).unwrap_or(i64::MAX).into());
        }
        self.invoke(pointer, arguments, None)
    }
}
