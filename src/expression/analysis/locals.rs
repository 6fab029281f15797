//! The variables that a script has declared, as far as they are in scope.

use std::collections::HashMap;

use super::types::Ty;
use crate::diagnostic::Position;

/// Where a variable comes from.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Origin<'a> {
    /// `let`, or a counter.
    Declared,
    /// `for`: a copy of an item of this variable, where it is one.
    Item(Option<&'a str>),
    /// An argument of a closure: a copy of what it is called with.
    Argument,
    /// An argument of a function of the flow: a copy as well.
    OfFunction,
}

/// A variable in scope.
pub(super) struct Local<'a> {
    pub(super) name: &'a str,
    pub(super) ty: Ty<'a>,
    pub(super) origin: Origin<'a>,
    /// How many loops and closures are around its declaration.
    depth: usize,
    /// Where it was changed, if nothing has read it since.
    pub(super) changed: Option<Position>,
    /// Whether an inner loop or closure uses it, so that the order of the text says nothing.
    is_shared: bool,
}

/// Variables in scope; a later one hides an earlier one of its name.
#[derive(Default)]
pub(super) struct Locals<'a> {
    declared: Vec<Local<'a>>,
    by_name: HashMap<&'a str, Vec<usize>>,
    /// How many loops and closures are around the current place.
    pub(super) depth: usize,
}

impl<'a> Locals<'a> {
    /// Declares a variable.
    pub(super) fn declare(&mut self, name: &'a str, ty: Ty<'a>, origin: Origin<'a>) {
        self.by_name.entry(name).or_default().push(self.declared.len());
        self.declared.push(Local { name, ty, origin, depth: self.depth, changed: None, is_shared: false });
    }

    /// The type of the variable `name`.
    pub(super) fn get(&self, name: &str) -> Option<Ty<'a>> {
        let index = self.by_name.get(name).and_then(|all| all.last())?;
        self.declared.get(*index).map(|local| local.ty)
    }

    fn latest(&mut self, name: &str) -> Option<&mut Local<'a>> {
        let index = self.by_name.get(name).and_then(|all| all.last())?;
        self.declared.get_mut(*index)
    }

    /// Records that the variable `name` is read, and returns its type.
    pub(super) fn read(&mut self, name: &str) -> Option<Ty<'a>> {
        let depth = self.depth;
        let local = self.latest(name)?;
        local.changed = None;
        local.is_shared |= local.depth != depth;
        Some(local.ty)
    }

    /// Records that the variable `name`, or a part of it, is changed at `at`. A variable of its own may get another
    /// value for the next round of a loop; copies, and parts, are changed only to be read.
    pub(super) fn changed(&mut self, name: &str, at: Position, is_part: bool) {
        let depth = self.depth;
        let Some(local) = self.latest(name) else { return };
        local.is_shared |= local.depth != depth;
        if is_part || local.origin != Origin::Declared {
            local.changed = Some(at);
        }
    }

    /// The start of a block: pass it to [`leave`](Self::leave) to drop what is declared from here on.
    pub(super) fn enter(&self) -> usize {
        self.declared.len()
    }

    /// Leaves the block that began at `mark`, and returns the variables that were changed in vain.
    pub(super) fn leave(&mut self, mark: usize) -> Vec<Local<'a>> {
        let left = self.declared.split_off(mark.min(self.declared.len()));
        for local in &left {
            if let Some(all) = self.by_name.get_mut(local.name) {
                all.pop();
            }
        }
        left.into_iter().filter(|local| local.changed.is_some() && !local.is_shared).collect()
    }

    /// The names in scope, the latest first.
    pub(super) fn names(&self) -> impl Iterator<Item = &'a str> {
        self.declared.iter().rev().map(|local| local.name)
    }
}
