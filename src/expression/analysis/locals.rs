//! The variables that a script has declared, as far as they are in scope.

use std::collections::HashMap;

use super::types::Ty;

/// Variables in scope; a later one hides an earlier one of its name.
#[derive(Default)]
pub(super) struct Locals<'a> {
    declared: Vec<&'a str>,
    by_name: HashMap<&'a str, Vec<Ty<'a>>>,
}

impl<'a> Locals<'a> {
    /// Declares a variable.
    pub(super) fn declare(&mut self, name: &'a str, ty: Ty<'a>) {
        self.declared.push(name);
        self.by_name.entry(name).or_default().push(ty);
    }

    /// The type of the variable `name`.
    pub(super) fn get(&self, name: &str) -> Option<Ty<'a>> {
        self.by_name.get(name).and_then(|types| types.last()).copied()
    }

    /// The start of a block: pass it to [`leave`](Self::leave) to drop what is declared from here on.
    pub(super) fn enter(&self) -> usize {
        self.declared.len()
    }

    /// Leaves the block that began at `mark`.
    pub(super) fn leave(&mut self, mark: usize) {
        for name in self.declared.drain(mark.min(self.declared.len())..) {
            if let Some(types) = self.by_name.get_mut(name) {
                types.pop();
            }
        }
    }

    /// The names in scope, the latest first.
    pub(super) fn names(&self) -> impl Iterator<Item = &'a str> {
        self.declared.iter().rev().copied()
    }
}
