//! What a handler assigned becomes the task's, if the rules of the attributes hold; else none of it does.

use std::collections::BTreeMap;

use crate::expression::{Assigned, Failure};
use crate::name::Name;
use crate::task::SECRET;
use crate::value::Value;

use super::burst::Burst;

/// Attributes changed: old and new value; secrets are masked, wherever their texts occur.
pub(super) type Changes = BTreeMap<Name, (Value, Value)>;

impl Burst<'_> {
    /// Assigns all of `assigned`, or nothing: then a failure of kind `validation` says why.
    pub(super) fn assign(&mut self, assigned: Assigned) -> Result<Changes, Failure> {
        let set = std::sync::Arc::clone(&self.world.flow.attributes);
        let mut before: Vec<(usize, Value)> = Vec::with_capacity(assigned.len());
        let mut broken = None;
        for (slot, value) in assigned {
            before.push((slot, self.task.attributes.set(slot, value)));
            if let Err(why) = self.task.attributes.settle(slot) {
                broken = Some(why);
                break;
            }
        }
        self.secrets.add(&self.task.attributes);
        if let Some(why) = broken {
            for (slot, value) in before.into_iter().rev() {
                self.task.attributes.set(slot, value);
            }
            let help = why.help.as_ref().map(|help| format!("; {help}")).unwrap_or_default();
            return Err(Failure::new("validation", format!("{why}{help}")));
        }
        let mut changes = Changes::new();
        for (slot, old) in before {
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

fn masked(value: &Value) -> Value {
    if value.is_unit() { Value::Unit } else { Value::text(SECRET) }
}
