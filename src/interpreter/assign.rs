//! Takes over what a handler assigned, if the attribute rules hold; otherwise nothing of it.

use crate::expression::{Assigned, Failure};
use crate::flow::PlacedScript;
use crate::task::{Changes, MAX_CHECK_STEPS, MAX_TASK_BYTES, SECRET, is_same_as_written};
use crate::value::Value;

use super::execution::Execution;

impl Execution<'_> {
    /// Assigns everything that `script` assigned, or nothing: then a failure of kind `validation` says why, and where.
    pub(super) fn assign(&mut self, mut assigned: Assigned, script: &PlacedScript) -> Result<Changes, Failure> {
        let set = &self.world.flow.attributes;
        if set.holds_secret() {
            for (slot, value) in &assigned {
                set.get(*slot).into_iter().for_each(|attribute| self.secrets.add_value(&attribute.rules, value));
            }
        }
        let steps = assigned.iter().fold(0_usize, |steps, (slot, value)| {
            let attribute = set.get(*slot).filter(|_| !set.takes_as_it_is(*slot, value));
            attribute.map_or(0, |attribute| attribute.rules.steps(value)).saturating_add(steps)
        });
        if steps > MAX_CHECK_STEPS {
            let message = format!(
                "what was assigned takes more than {MAX_CHECK_STEPS} steps to check, like long texts against a large \
                 `pattern` (MAX_CHECK_STEPS)"
            );
            return Err(Failure::new("limit", message));
        }
        let mut broken = None;
        // Each new value is swapped with the old one.
        for (number, (slot, value)) in assigned.iter_mut().enumerate() {
            *value = self.task.attributes.set(*slot, std::mem::take(value));
            if let Err(why) = self.task.attributes.settle(*slot) {
                broken = Some((number, *slot, why));
                break;
            }
        }
        if set.holds_secret() {
            self.secrets.add(&self.task.attributes);
        }
        let is_heavy = broken.is_none() && self.is_too_heavy(&assigned);
        if is_heavy {
            for (slot, value) in assigned.into_iter().rev() {
                self.task.attributes.set(slot, value);
            }
            return Err(too_heavy("attributes"));
        }
        if let Some((last, slot, why)) = broken {
            let at = script.script.assigned_at(slot);
            for (slot, value) in assigned.into_iter().take(last + 1).rev() {
                self.task.attributes.set(slot, value);
            }
            let help = why.help.as_ref().map(|help| format!("; {help}")).unwrap_or_default();
            return Err(Failure { at, ..Failure::new("validation", format!("{why}{help}")) });
        }
        let mut changes = Changes::with_capacity(assigned.len());
        for (slot, old) in assigned {
            let (Some(attribute), new) = (set.get(slot), self.task.attributes.get(slot)) else { continue };
            if !is_same_as_written(&old, new) {
                let shown = if attribute.rules.holds_secret() {
                    (masked(&old), masked(new))
                } else {
                    (self.secrets.value(old), self.secrets.value(new.clone()))
                };
                changes.insert(attribute.name.clone(), shown);
                self.touch(slot);
            }
        }
        Ok(changes)
    }
}

impl Execution<'_> {
    /// Whether the attributes weigh too much after some were assigned. While each assigned value stays within its
    /// share, the others need not be weighed.
    fn is_too_heavy(&self, assigned: &Assigned) -> bool {
        let attributes = &self.task.attributes;
        let share = MAX_TASK_BYTES / attributes.set_of().len().max(1) / 2;
        assigned.iter().any(|(slot, _)| !attributes.get(*slot).is_within(share))
            && attributes.weight(MAX_TASK_BYTES).is_none()
    }

    /// Whether the task's attributes together with another stored value weigh too much.
    pub(super) fn is_too_heavy_with(&self, other: &Value) -> bool {
        if other.is_surely_within(SMALL_BYTES) {
            return false;
        }
        let Some(bytes) = other.weight(MAX_TASK_BYTES) else { return true };
        bytes > SMALL_BYTES && self.task.attributes.weight(MAX_TASK_BYTES - bytes).is_none()
    }
}

/// A value up to this size is stored with a task without weighing the rest.
const SMALL_BYTES: usize = 1024;

/// The failure of a task that weighs too much.
pub(super) fn too_heavy(what: &str) -> Failure {
    Failure::new("limit", format!("the task's {what} may take {MAX_TASK_BYTES} bytes in all (MAX_TASK_BYTES)"))
}

/// What stands in history for a secret value.
pub(super) fn masked(value: &Value) -> Value {
    if value.is_unit() { Value::Unit } else { Value::text(SECRET) }
}
