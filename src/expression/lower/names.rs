//! Names and the slots they are stored in.

use crate::name::Name;

use super::super::analysis::variable;
use super::super::code::{FreeVariable, Root};
use super::Lowering;

/// The names of a function. No slot is reused, so a closure that is called later finds its own variables.
#[derive(Default)]
pub(super) struct Level {
    names: Vec<Local>,
    slots: u32,
    /// Whether it uses variables of an outer function.
    pub(super) captures: bool,
}

struct Local {
    name: Name,
    slot: u32,
    constant: bool,
}

impl Level {
    /// How many slots it needs.
    pub(super) fn slots(&self) -> usize {
        usize::try_from(self.slots).unwrap_or(usize::MAX)
    }

    fn find(&self, name: &str) -> Option<&Local> {
        self.names.iter().rev().find(|local| local.name == *name)
    }
}

impl Lowering<'_> {
    /// A new variable of the innermost function.
    pub(super) fn declare(&mut self, name: &str, constant: bool) -> u32 {
        let Some(level) = self.levels.last_mut() else { return 0 };
        let slot = level.slots;
        level.slots = slot.saturating_add(1);
        level.names.push(Local { name: Name::new(name), slot, constant });
        slot
    }

    /// Lowers the content of a block; its names end with it.
    pub(super) fn scoped<T>(&mut self, inside: impl FnOnce(&mut Self) -> T) -> T {
        let before = self.levels.last().map_or(0, |level| level.names.len());
        let lowered = inside(self);
        if let Some(level) = self.levels.last_mut() {
            level.names.truncate(before);
        }
        lowered
    }

    /// The slot of the variable `name`, and whether it may be assigned.
    pub(super) fn resolve(&mut self, name: &str) -> Option<(Root, bool)> {
        for (out, level) in self.levels.iter().rev().enumerate() {
            let Some(local) = level.find(name) else { continue };
            let (slot, open) = (local.slot, !local.constant);
            if out == 0 {
                return Some((Root::Local(slot), open));
            }
            for level in self.levels.iter_mut().rev().take(out) {
                level.captures = true;
            }
            return Some((Root::Outer(u32::try_from(out).ok()?, slot), open));
        }
        // Functions see only their arguments.
        self.role?;
        let free_variable = match self.source.declared.slots.get(name) {
            Some(slot) => FreeVariable::Attribute(*slot),
            None => FreeVariable::Variable(variable(name)?),
        };
        let number = self.free_variables.iter().position(|(_, known)| *known == free_variable).unwrap_or_else(|| {
            self.free_variables.push((Name::new(name), free_variable));
            self.free_variables.len() - 1
        });
        Some((Root::FreeVariable(u32::try_from(number).ok()?), matches!(free_variable, FreeVariable::Attribute(_))))
    }
}
