//! Interactions: how the outside world acts on a task. An interaction's action, the rules it must keep and its own move
//! (or the look at the wait) are stored together or refused together.

use crate::flow::{Flow, Interaction, State, StateKind};
use crate::name::Name;
use crate::task::{Attributes, Cause, InteractionReceipt, Task, TaskError};

use super::Refusal;
use super::entry::Entry;
use super::execution::Execution;

impl Execution<'_> {
    /// Applies an interaction. What follows is the task's ordinary progress.
    pub(super) fn interact(
        &mut self,
        interaction: &Interaction,
        params: &Attributes,
        applied: Option<InteractionReceipt>,
    ) -> Result<(), Refusal> {
        self.check_allowed(interaction)?;
        let entry = Entry { by: Some(interaction.name.clone()), ..Entry::new(Cause::Interaction, self.now) };
        let changes = match &interaction.action {
            Some(action) => self.body(action, Some(params)).map_err(|why| self.refused(interaction, why))?,
            None => Default::default(),
        };
        let entry = Entry { changes, ..entry };
        self.applied = applied;
        match interaction.go_to {
            Some(to) => {
                let _ = self.go(to, entry);
            }
            None => {
                self.stay(entry);
                self.look_again(interaction)?;
            }
        }
        // Something has changed from outside, so the count of idle moves begins anew.
        self.task.progress.idle = 0;
        Ok(())
    }

    /// Looks at the branches of the wait that the task is in, if it is in one.
    fn look_again(&mut self, interaction: &Interaction) -> Result<(), Refusal> {
        let Some(StateKind::Wait(wait)) = self.state().map(|state| &state.kind) else { return Ok(()) };
        self.refill();
        let since = self.now;
        if let Some((to, cause)) = self.look(wait).map_err(|why| self.refused(interaction, why))? {
            let _ = self.go(to, Entry::new(cause, since));
        }
        Ok(())
    }

    fn check_allowed(&self, interaction: &Interaction) -> Result<(), Refusal> {
        check_allowed(self.world.flow, &self.task, interaction)?;
        let name = &interaction.name;
        let state = &self.task.state;
        let refuse = |kind: &str, message| Err(Refusal { kind: kind.into(), message, at: None });
        if self.task.progress.began_at.is_some() {
            return refuse("conflict", format!("`{name}` is not possible while the body of `{state}` is running"));
        }
        Ok(())
    }

    fn refused(&self, interaction: &Interaction, why: TaskError) -> Refusal {
        let (name, state): (&Name, &Name) = (&interaction.name, &why.state);
        let why_not = self.secrets.text(why.message);
        Refusal { kind: why.kind, message: format!("`{name}` was refused in `{state}`: {why_not}"), at: why.at }
    }
}

/// Whether the state of a task allows an interaction.
pub(crate) fn check_allowed(flow: &Flow, task: &Task, interaction: &Interaction) -> Result<(), Refusal> {
    let (name, state) = (&interaction.name, &task.state);
    let refuse = |message| Err(Refusal { kind: "invalid_state".into(), message, at: None });
    if task.status.has_ended() {
        let status = task.status.name();
        return refuse(format!("`{name}` is not possible: the task is {status}, in `{state}`"));
    }
    let id = flow.state_ids.get(state);
    // A task may be stored in an end state before it ends, because its new sub-tasks are stored first.
    if id.and_then(|id| flow.states.get(*id)).is_some_and(State::is_end) {
        return refuse(format!("`{name}` is not possible: the task has reached `{state}`, its end"));
    }
    if let Some(when) = interaction.when.as_ref().filter(|when| id.is_none_or(|id| !when.contains(id))) {
        let names: Vec<String> =
            when.iter().filter_map(|id| flow.states.get(*id)).map(|s| format!("`{}`", s.name)).collect();
        return refuse(format!("`{name}` is not possible in `{state}`, only in {}", names.join(", ")));
    }
    Ok(())
}
