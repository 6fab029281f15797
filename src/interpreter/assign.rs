//! What a handler assigned becomes the task's, if the rules of the attributes hold; else none of it does.

use crate::expression::{Assigned, Failure};
use crate::flow::PlacedScript;
use crate::task::{Changes, SECRET};
use crate::value::Value;

use super::burst::Burst;

impl Burst<'_> {
    /// Assigns all of what `script` assigned, or nothing: then a failure of kind `validation` says why, and where.
    pub(super) fn assign(&mut self, mut assigned: Assigned, script: &PlacedScript) -> Result<Changes, Failure> {
        let set = &self.world.flow.attributes;
        let mut broken = None;
        // Each new value changes places with the one before.
        for (number, (slot, value)) in assigned.iter_mut().enumerate() {
            *value = self.task.attributes.set(*slot, std::mem::take(value));
            if let Err(why) = self.task.attributes.settle(*slot) {
                broken = Some((number, *slot, why));
                break;
            }
        }
        self.secrets.add(&self.task.attributes);
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
            if old != *new {
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

/// What stands in history for a secret value.
pub(super) fn masked(value: &Value) -> Value {
    if value.is_unit() { Value::Unit } else { Value::text(SECRET) }
}
