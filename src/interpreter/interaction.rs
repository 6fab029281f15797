//! Interactions: what the outside world does to a task. Its action, the rules it must keep and its own move, or look at
//! the wait, are stored together or refused together.

use crate::flow::{Interaction, StateKind};
use crate::name::Name;
use crate::task::{Applied, Attributes, Cause, TaskError};

use super::Refusal;
use super::burst::{Burst, Entry};

impl Burst<'_> {
    /// Applies an interaction. What comes after is the task's ordinary progress.
    pub(super) fn interact(
        &mut self,
        interaction: &Interaction,
        params: &Attributes,
        applied: Option<Applied>,
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
                self.go(to, entry);
            }
            None => {
                self.stay(entry);
                self.look_again(interaction)?;
            }
        }
        // Somebody did something: whatever went round before, does no more.
        self.task.progress.idle = 0;
        Ok(())
    }

    /// Looks at the wait the task is in, if it is in one.
    fn look_again(&mut self, interaction: &Interaction) -> Result<(), Refusal> {
        let Some(StateKind::Wait(wait)) = self.state().map(|state| &state.kind) else { return Ok(()) };
        let since = self.now;
        if let Some((to, cause)) = self.look(wait).map_err(|why| self.refused(interaction, why))? {
            self.go(to, Entry::new(cause, since));
        }
        Ok(())
    }

    fn check_allowed(&self, interaction: &Interaction) -> Result<(), Refusal> {
        let name = &interaction.name;
        let state = &self.task.state;
        let refuse = |kind: &str, message| Err(Refusal { kind: kind.into(), message, at: None });
        if self.task.status.has_ended() {
            let status = self.task.status.name();
            return refuse("invalid_state", format!("`{name}` is not possible: the task is {status}, in `{state}`"));
        }
        // It may be stored there before it ends: the sub-tasks it has started come first.
        if self.is_at_end() {
            return refuse(
                "invalid_state",
                format!("`{name}` is not possible: the task has come to `{state}`, its end"),
            );
        }
        if let Some(when) = interaction.when.as_ref().filter(|when| !when.contains(&self.state)) {
            let names: Vec<String> =
                when.iter().filter_map(|id| self.world.flow.states.get(*id)).map(|s| format!("`{}`", s.name)).collect();
            let message = format!("`{name}` is not possible in `{state}`, only in {}", names.join(", "));
            return refuse("invalid_state", message);
        }
        if self.task.progress.began_at.is_some() {
            return refuse("conflict", format!("`{name}` is not possible while the body of `{state}` is under way"));
        }
        Ok(())
    }

    fn refused(&self, interaction: &Interaction, why: TaskError) -> Refusal {
        let (name, state): (&Name, &Name) = (&interaction.name, &why.state);
        let why_not = self.secrets.text(why.message);
        Refusal { kind: why.kind, message: format!("`{name}` was refused in `{state}`: {why_not}"), at: why.at }
    }
}
