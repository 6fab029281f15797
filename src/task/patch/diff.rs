//! Finds how a value changed, as operations whose size grows with the change. The work is proportional to the value;
//! after [`MAX_PATCH_STEPS`] it gives up.

use std::sync::Arc;

use crate::value::{Map, Value};

use super::edits::{Hunk, hunks, part};
use super::same::{fingerprints, same};
use super::{Operation, escaped};

/// The most steps to find a patch: values and pieces of text it compares. After that, the new value is stored whole.
pub(crate) const MAX_PATCH_STEPS: usize = 16_000_000;

/// The steps that are left.
pub(super) struct Steps {
    #[cfg(test)]
    most: usize,
    left: usize,
}

impl Steps {
    pub(super) fn new(most: usize) -> Self {
        Self {
            #[cfg(test)]
            most,
            left: most,
        }
    }

    /// How many were taken.
    #[cfg(test)]
    pub(super) fn taken(&self) -> usize {
        self.most - self.left
    }

    /// Takes some. False once none are left.
    pub(super) fn take(&mut self, steps: usize) -> bool {
        self.left = self.left.saturating_sub(steps);
        self.left > 0
    }

    pub(super) fn are_left(&self) -> bool {
        self.left > 0
    }
}

/// The operations that turn `old` into `new`, in order; the whole new value, if `steps` do not suffice to find them.
pub(super) fn between(old: &Value, new: &Value, steps: usize) -> Vec<Operation> {
    let mut steps = Steps::new(steps);
    let operations = found(old, new, &mut steps);
    if steps.are_left() {
        return operations;
    }
    vec![Operation::Replace { path: String::new(), value: new.clone() }]
}

/// The search, while steps are left.
pub(super) fn found(old: &Value, new: &Value, steps: &mut Steps) -> Vec<Operation> {
    let mut diff = Diff { operations: Vec::new(), bytes: 0, path: String::new(), steps };
    diff.value(old, new);
    diff.operations
}

/// The walk through a value. Once no steps are left, nothing that it has found is used.
pub(super) struct Diff<'s> {
    operations: Vec<Operation>,
    /// Bytes that they take.
    bytes: usize,
    /// Where it looks.
    pub(super) path: String,
    pub(super) steps: &'s mut Steps,
}

impl Diff<'_> {
    fn value(&mut self, old: &Value, new: &Value) {
        if !self.steps.take(1) {
            return;
        }
        match (old, new) {
            (Value::List(old), Value::List(new_items)) => {
                if !Arc::ptr_eq(old, new_items) {
                    self.or_replace(new, |diff| diff.list(old, new_items));
                }
            }
            (Value::Map(old), Value::Map(new_map)) => {
                if !Arc::ptr_eq(old, new_map) {
                    self.or_replace(new, |diff| diff.map(old, new_map));
                }
            }
            (Value::Text(old), Value::Text(text)) => {
                if old != text {
                    self.or_replace(new, |diff| diff.text(old, text));
                }
            }
            _ if same(old, new, self.steps) => {}
            _ => self.push(Operation::Replace { path: self.path.clone(), value: new.clone() }),
        }
    }

    pub(super) fn push(&mut self, operation: Operation) {
        let bytes = operation.bytes();
        self.bytes = self.bytes.saturating_add(bytes);
        if self.steps.take(bytes / BYTES_A_STEP) {
            self.operations.push(operation);
        }
    }

    /// What `find` finds, or the whole value, if that takes less.
    fn or_replace(&mut self, new: &Value, find: impl FnOnce(&mut Self)) {
        let (count, bytes) = (self.operations.len(), self.bytes);
        find(self);
        let found = self.bytes.saturating_sub(bytes);
        let whole = Operation::Replace { path: self.path.clone(), value: Value::Unit }.bytes();
        let Some(most) = found.checked_sub(whole).filter(|most| self.steps.take(most / BYTES_A_STEP)) else { return };
        if new.weight(most).is_some() {
            self.operations.truncate(count);
            self.bytes = bytes;
            self.push(Operation::Replace { path: self.path.clone(), value: new.clone() });
        }
    }

    /// Does `find` one level below.
    fn below(&mut self, token: &str, find: impl FnOnce(&mut Self)) {
        let length = self.path.len();
        self.path.push('/');
        self.path.push_str(token);
        find(self);
        self.path.truncate(length);
    }

    fn map(&mut self, old: &Map, new: &Map) {
        for name in old.keys().filter(|name| !new.contains_key(*name)) {
            self.below(&escaped(name), |diff| diff.push(Operation::Remove { path: diff.path.clone() }));
        }
        for (name, value) in new {
            let is_plain = !matches!(value, Value::List(_) | Value::Map(_));
            match old.get(name) {
                Some(before) if is_plain && same(before, value, self.steps) => {}
                Some(before) => self.below(&escaped(name), |diff| diff.value(before, value)),
                None => self.below(&escaped(name), |diff| {
                    diff.push(Operation::Add { path: diff.path.clone(), value: value.clone() });
                }),
            }
        }
    }

    fn list(&mut self, old: &[Value], new: &[Value]) {
        let start = old.iter().zip(new).take_while(|(old, new)| same(old, new, self.steps)).count();
        let (old, new) = (part(old, &(start..old.len())), part(new, &(start..new.len())));
        let end = old.iter().rev().zip(new.iter().rev()).take_while(|(old, new)| same(old, new, self.steps)).count();
        let (old, new) = (part(old, &(0..old.len() - end)), part(new, &(0..new.len() - end)));
        // One item for one, or nothing on one side: nothing to search.
        let hunks = match (old.len(), new.len()) {
            (0, _) | (_, 0) | (1, 1) => vec![Hunk { old: 0..old.len(), new: 0..new.len() }],
            _ => {
                let fingerprints = (fingerprints(old, self.steps), fingerprints(new, self.steps));
                hunks(&fingerprints.0, &fingerprints.1, self.steps)
            }
        };
        for hunk in hunks {
            // Everything before this place is already final.
            self.items(start + hunk.new.start, part(old, &hunk.old), part(new, &hunk.new));
        }
    }

    /// Items that replaced others, from the item `at` on.
    fn items(&mut self, at: usize, old: &[Value], new: &[Value]) {
        for (number, (old, new)) in old.iter().zip(new).enumerate() {
            self.below(&(at + number).to_string(), |diff| diff.value(old, new));
        }
        let both = old.len().min(new.len());
        for _ in new.len()..old.len() {
            self.below(&(at + both).to_string(), |diff| diff.push(Operation::Remove { path: diff.path.clone() }));
        }
        for (number, value) in new.iter().enumerate().skip(both) {
            let add = |diff: &mut Self| diff.push(Operation::Add { path: diff.path.clone(), value: value.clone() });
            self.below(&(at + number).to_string(), add);
        }
    }
}

/// Bytes of text that one step compares.
pub(super) const BYTES_A_STEP: usize = 32;
