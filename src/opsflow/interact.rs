//! Interactions, each applied once, when its turn comes.

use crate::error::Error;
use crate::flow::Flow;
use crate::interpreter::Trigger;
use crate::name::{Name, nearest};
use crate::task::{Attributes, Digest, Hidden, InteractionReceipt, Secrets, Task, TaskId};
use crate::value::{Map, Value};

use super::{Ask, MAX_RACES, Opsflow};

/// Applies an interaction.
pub(super) async fn interact(ops: &Opsflow, id: TaskId, name: &str, params: &Map, ask: &Ask) -> Result<Task, Error> {
    let (key, given) = (ask.key.as_deref(), ask.asked());
    // Invalid requests are refused at once, and a repeat needs no turn.
    let task = ops.runner().storage().task(id).await?.ok_or(Error::NotFound(id))?;
    let flow = ops.flow_of(&task).await?;
    let secrets = Secrets::of(&task.attributes);
    let asked = Asked::read(&flow, name, params, key, &secrets)?;
    if asked.was_applied(ops, id, &secrets).await? {
        return ops.task(id).await;
    }
    given.check(&task)?;
    let (seen, held_up_by) = (task.revision, task.held_up_by.clone());
    if let Some(task) = ops.runner().at_once(task, &flow, asked.into_trigger(), &given).await? {
        return Ok(task);
    }
    for _ in 0..MAX_RACES {
        let mut run = ops.runner().take(id).await?;
        // Keys are stored by commits: if the revision is unchanged, no key was added.
        let is_as_seen = run.task.as_ref().is_some_and(|task| task.revision == seen);
        run.held_up_by = held_up_by.clone().filter(|_| is_as_seen);
        let asked = match Asked::read(run.flow(), name, params, key, &secrets) {
            Ok(asked) if is_as_seen => Ok((asked, false)),
            Ok(asked) => asked.was_applied(ops, id, &secrets).await.map(|was_applied| (asked, was_applied)),
            Err(error) => Err(error),
        };
        match asked {
            Ok((asked, false)) => {
                given.ready(&mut run).await?;
                // An abandoned body is continued for the sake of an interaction, but not for one that is refused
                // anyway.
                if let Err(refusal) = ops.runner().check_allowed(&run, asked.interaction) {
                    run.leave().await?;
                    return Err(refusal);
                }
                if let Some(task) = ops.execute(run, asked.into_trigger()).await? {
                    return Ok(task);
                }
            }
            // The same interaction was applied in the meantime.
            Ok((_, true)) => {
                run.release().await;
                return ops.task(id).await;
            }
            Err(error) => {
                run.release().await;
                return Err(error);
            }
        }
    }
    Err(Error::Conflict(id))
}

/// A request, resolved against the task's flow.
struct Asked {
    interaction: usize,
    params: Attributes,
    applied: Option<InteractionReceipt>,
}

impl Asked {
    /// A refusal shows none of `secrets`, which the task has.
    fn read(flow: &Flow, name: &str, params: &Map, key: Option<&str>, secrets: &Secrets) -> Result<Self, Error> {
        let _hidden = Hidden::new(secrets.clone());
        let known = flow.interactions.iter().enumerate().find(|(_, interaction)| interaction.name == *name);
        let Some((interaction, known)) = known else {
            let names = flow.interactions.iter().map(|interaction| interaction.name.as_str());
            let nearest = nearest(name, names).map(Name::from);
            let name = secrets.name(name.into());
            return Err(Error::Unknown { flow: flow.name.clone(), what: "interaction", name, nearest });
        };
        let params = known.params.read(params);
        let params = params.map_err(|invalid| Error::Input { subject: format!("interaction `{name}`"), invalid })?;
        let applied = key.map(|key| InteractionReceipt {
            key: key.into(),
            interaction: known.name.clone(),
            params: digest(&params),
        });
        Ok(Self { interaction, params, applied })
    }

    /// Whether this very interaction was applied before under its key.
    async fn was_applied(&self, ops: &Opsflow, id: TaskId, secrets: &Secrets) -> Result<bool, Error> {
        let Some(asked) = &self.applied else { return Ok(false) };
        match ops.runner().storage().applied(id, &asked.key).await? {
            None => Ok(false),
            Some(before) if before == *asked => Ok(true),
            Some(before) => {
                let but =
                    if before.interaction == asked.interaction { "other parameters" } else { "another interaction" };
                let (key, interaction) = (secrets.text(asked.key.to_string()), &before.interaction);
                let message = if interaction.is_empty() {
                    format!("the key `{key}` was used before, to start the task")
                } else {
                    format!("the key `{key}` was used before, for `{interaction}`, with {but}")
                };
                Err(Error::Refused { kind: "conflict".into(), message })
            }
        }
    }

    fn into_trigger(self) -> Trigger {
        let Self { interaction, params, applied } = self;
        Trigger::Interact { interaction, params, applied }
    }
}

/// The digest of parameters as they were read, so that different spellings give the same digest.
fn digest(params: &Attributes) -> Digest {
    let values: Map = params.iter().map(|(name, value, _)| (name.clone(), value.clone())).collect();
    Digest::of(Value::from(values).to_json().to_string())
}
