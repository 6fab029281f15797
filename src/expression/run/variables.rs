//! Variables: slots of running functions, and what the script mentions from outside.

use crate::value::Value;

use super::super::code::{FreeVariable, Root};
use super::{Machine, Operand};

impl Machine<'_> {
    /// The value of a variable, copied (which is cheap).
    pub(super) fn variable(&mut self, root: Root) -> Operand {
        match self.peek(root) {
            Ok(value) => Operand::Value(value.clone()),
            Err(other) => other,
        }
    }

    /// The value of a variable in place, or a copy of what is not a value.
    pub(super) fn peek(&mut self, root: Root) -> Result<&Value, Operand> {
        let operand = match root {
            Root::FreeVariable(number) => {
                let number = index(number);
                if !matches!(self.kept.get(number), Some(Some(_))) {
                    match self.free_variables.get(number) {
                        Some(FreeVariable::Attribute(slot)) => return Ok(self.scope.attribute(*slot)),
                        Some(FreeVariable::Variable(_)) => {}
                        None => return Ok(&Value::Unit),
                    }
                }
                self.kept_at(number)
            }
            root => self.slot(root),
        };
        if let Operand::Growing(text) = operand {
            *operand = Operand::Value(Value::Text(std::mem::take(text).into()));
        }
        match operand {
            Operand::Value(value) => Ok(value),
            other => Err(other.clone()),
        }
    }

    /// A variable to be changed. An attribute counts as assigned from here on.
    pub(super) fn slot(&mut self, root: Root) -> &mut Operand {
        let place = match root {
            Root::Local(slot) => self.frames.last().map(|frame| frame.base.saturating_add(index(slot))),
            Root::Outer(out, slot) => {
                let mut frame = self.frames.last();
                for _ in 0..out {
                    frame = frame.and_then(|frame| frame.outer).and_then(|outer| self.frames.get(outer));
                }
                frame.map(|frame| frame.base.saturating_add(index(slot)))
            }
            Root::FreeVariable(number) => return self.kept_at(index(number)),
            Root::This => {
                return match self.frames.last_mut().and_then(|frame| frame.this.as_mut()) {
                    Some(this) => this,
                    None => &mut self.spare,
                };
            }
        };
        match place.and_then(|place| self.stack.get_mut(place)) {
            Some(slot) => slot,
            None => &mut self.spare,
        }
    }

    /// Reports a new value of an attribute: if that is secret, no message may show it from here on.
    pub(super) fn tell_assigned(&self, number: u32, value: &Value) {
        if let Some(FreeVariable::Attribute(slot)) = self.free_variables.get(index(number)) {
            self.scope.assigned(*slot, value);
        }
    }

    /// Reports all attributes that were changed so far, when a run stops early.
    pub(in super::super) fn tell_kept(&self) {
        for (free_variable, kept) in self.free_variables.iter().zip(&self.kept) {
            if let (FreeVariable::Attribute(slot), Some(Operand::Value(value))) = (free_variable, kept) {
                self.scope.assigned(*slot, value);
            }
        }
    }

    /// The kept value of a mention, fetched from outside at first.
    fn kept_at(&mut self, number: usize) -> &mut Operand {
        if self.kept.len() < self.free_variables.len() {
            self.kept.resize_with(self.free_variables.len(), || None);
        }
        let Some(kept) = self.kept.get_mut(number) else { return &mut self.spare };
        kept.get_or_insert_with(|| {
            Operand::Value(match self.free_variables.get(number) {
                Some(FreeVariable::Attribute(slot)) => self.scope.attribute(*slot).clone(),
                Some(FreeVariable::Variable(variable)) => self.scope.variable(*variable),
                None => Value::Unit,
            })
        })
    }
}

/// A slot as an index.
fn index(slot: u32) -> usize {
    usize::try_from(slot).unwrap_or(usize::MAX)
}
