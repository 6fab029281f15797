//! Assignments.

use std::sync::Arc;

use crate::value::Value;

use super::super::code::{Assign, FreeVariable, Node, Operator, Root};
use super::super::fit::Fit;
use super::interrupt::failed;
use super::{Eval, Machine, Operand};

/// The shortest text that grows in place, rather than being copied with every `+=`.
pub(in super::super) const GROWING_BYTES: usize = 64;

impl Machine<'_> {
    /// `place = value`, `place += value`.
    pub(super) fn assign(&mut self, assign: &Assign) -> Eval<()> {
        let value = self.evaluate(&assign.value)?;
        let keys = self.keys(&assign.segments)?;
        let Some(operator) = assign.operator else {
            if keys.is_empty() {
                self.may_keep(assign, &value)?;
            }
            return self.put(assign.root, &keys, value);
        };
        let value = match value.into_value() {
            Ok(value) => value,
            // `list += range` has no meaning either.
            Err(other) => {
                return Err(failed(format!("`{}=` cannot be used with {}", operator.sign(), other.described())));
            }
        };
        if keys.is_empty() && operator == Operator::Add && self.grow(assign.root, &value)? {
            return Ok(());
        }
        let taken = if keys.is_empty() {
            self.take(assign.root, &keys)?
        } else {
            // A missing map entry counts as an entry without a value.
            match self.read(assign.root, &assign.segments, &keys)? {
                Some(operand) if !operand.is_unit() => {
                    drop(operand);
                    self.take(assign.root, &keys)?
                }
                _ => Operand::UNIT,
            }
        };
        let mut current = match taken.into_value() {
            Ok(value) => value,
            Err(other) => {
                let stop = failed(format!("`{}=` cannot be used on {}", operator.sign(), other.described()));
                self.put(assign.root, &keys, other)?;
                return Err(stop);
            }
        };
        let outcome = self.combine(operator, &mut current, value);
        self.put(assign.root, &keys, current.into())?;
        outcome
    }

    /// A value on its way into an attribute, where `+=` may also add an item to a list.
    pub(super) fn fitted(&mut self, node: &Node, fit: &Fit) -> Eval {
        let given = self.evaluate(node)?;
        let Operand::Value(value) = &given else { return Ok(given) };
        let fit = fit.of_added(value);
        self.charge_items(fit.cost(value))?;
        Ok(fit.convert(value).map_or(given, Operand::Value))
    }

    /// Checks that a variable may hold an operand: an attribute holds values only.
    fn may_keep(&self, assign: &Assign, operand: &Operand) -> Eval<()> {
        let is_attribute = match assign.root {
            Root::FreeVariable(number) => {
                let number = usize::try_from(number).unwrap_or(usize::MAX);
                matches!(self.free_variables.get(number), Some(FreeVariable::Attribute(_)))
            }
            _ => false,
        };
        match operand {
            Operand::Range(_) | Operand::Function(_) if is_attribute => {
                Err(failed(format!("{} cannot be kept in attribute `{}`", operand.described(), assign.name)))
            }
            _ => Ok(()),
        }
    }

    /// `text += more` for a variable: the text grows in place. False if the variable holds no text.
    fn grow(&mut self, root: Root, more: &Value) -> Eval<bool> {
        let held = match self.slot(root) {
            Operand::Growing(text) => text.len(),
            Operand::Value(Value::Text(text)) if text.len() >= GROWING_BYTES => text.len(),
            _ => return Ok(false),
        };
        let mut tail = String::new();
        self.push_text(&mut tail, more)?;
        let is_value = matches!(self.slot(root), Operand::Value(_));
        self.charge_bytes(if is_value { held } else { 0 })?;
        let most = self.limits().max_string_bytes;
        if held.saturating_add(tail.len()) > most {
            self.may_grow_text(held.saturating_add(tail.len()), 0)?;
        }
        match self.slot(root) {
            Operand::Growing(text) => text.push_str(&tail),
            slot => {
                if let Operand::Value(Value::Text(text)) = slot {
                    let mut text = text.to_string();
                    text.push_str(&tail);
                    *slot = Operand::Growing(text);
                }
            }
        }
        Ok(true)
    }

    /// `current += value` and the like, in place where possible.
    fn combine(&mut self, operator: Operator, current: &mut Value, value: Value) -> Eval<()> {
        match (operator, &mut *current, value) {
            (Operator::Add, Value::List(items), Value::List(more)) => {
                self.may_hold_items(items.len().saturating_add(more.len()))?;
                self.check(&Value::List(Arc::clone(&more)), 0)?;
                self.charge_items(more.len())?;
                if Arc::strong_count(items) > 1 {
                    self.charge_items(items.len())?;
                }
                Arc::make_mut(items).extend(more.iter().cloned());
            }
            (Operator::Add, Value::List(items), item) => {
                self.may_hold_items(items.len().saturating_add(1))?;
                self.check(&item, 1)?;
                if Arc::strong_count(items) > 1 {
                    self.charge_items(items.len())?;
                }
                Arc::make_mut(items).push(item);
            }
            (Operator::Add, Value::Map(map), Value::Map(more)) => {
                self.may_hold_entries(map.len().saturating_add(more.len()))?;
                self.charge_entries(more.len().saturating_add(if Arc::strong_count(map) > 1 { map.len() } else { 0 }))?;
                Arc::make_mut(map).extend(more.iter().map(|(k, v)| (k.clone(), v.clone())));
            }
            (operator, _, value) => {
                let outcome = self.binary(operator, current, &value)?;
                if let Operand::Value(outcome) = outcome {
                    *current = outcome;
                }
            }
        }
        Ok(())
    }
}
