//! What the scripts of a flow read besides the task itself.

use super::{Branch, Decision, Flow, PlacedScript, StateKind};

impl Flow {
    /// Whether any script uses the task's sub-tasks: only then must they be read before it runs.
    pub(crate) fn reads_sub_tasks(&self) -> bool {
        *self.reads_sub_tasks.get_or_init(|| {
            self.scripts().iter().any(|placed| placed.script.variables().iter().any(|variable| variable.is_sub_tasks()))
        })
    }

    /// Every script that runs for a task. The flow's functions see only their arguments.
    fn scripts(&self) -> Vec<&PlacedScript> {
        let mut scripts = Vec::new();
        for state in &self.states {
            scripts_of(&state.kind, &mut scripts);
        }
        scripts.extend(self.interactions.iter().filter_map(|interaction| interaction.action.as_ref()));
        scripts.extend(self.on_timeout.iter().filter_map(|timeout| timeout.action.as_ref()));
        scripts.extend(self.migrations.iter().filter_map(|migration| migration.action.as_ref()));
        scripts
    }
}

pub(super) fn scripts_of<'a>(kind: &'a StateKind, scripts: &mut Vec<&'a PlacedScript>) {
    match kind {
        StateKind::Action(action) => {
            scripts.push(&action.script);
            scripts.extend(action.retry.iter().filter_map(|retry| retry.condition.as_ref()));
            scripts.extend(conditions(&action.on_error));
        }
        StateKind::Decision(Decision::Boolean { condition, .. }) => scripts.push(condition),
        StateKind::Decision(Decision::Branches(branches)) => scripts.extend(conditions(branches)),
        StateKind::Wait(wait) => scripts.extend(conditions(&wait.branches)),
        StateKind::Start(start) => {
            scripts.extend(&start.for_each);
            scripts.extend(start.with.iter().map(|(_, value)| value));
        }
        StateKind::Result(output) => scripts.extend(output),
        StateKind::Failure(message) => scripts.push(message),
    }
}

fn conditions(branches: &[Branch]) -> impl Iterator<Item = &PlacedScript> {
    branches.iter().filter_map(|branch| branch.condition.as_ref())
}
