//! New tasks.

use std::sync::Arc;

use uuid::Uuid;

use crate::error::Error;
use crate::flow::Flow;
use crate::interpreter::{self, NewTask, Trigger};
use crate::name::Name;
use crate::task::{Checkpoint, Digest, InteractionReceipt, Journal, Origin, Task, TaskId};
use crate::value::{Map, Value};

use super::run::{Run, RunMode};
use super::{Runner, refused};

/// Derives the ids of tasks that are started under a key.
const KEYED: Uuid = Uuid::from_u128(0x3d5b_6a0e_91c7_4c28_b7f4_0e62_d81f_57aa);

/// How far a new task has come.
pub(crate) enum Begun {
    /// It has ended, or sleeps, and is stored.
    Rests(Box<Task>),
    /// There is more to do. The task is not stored yet, so no other process knows of it.
    Goes(Box<Run>),
}

impl Runner {
    /// Begins a task of the flow called `name`. Most tasks end or fall asleep in their first burst, without a step or a
    /// sub-task. Such a task is stored in one write and needs no claim.
    pub(crate) async fn begin(&self, name: &str, given: &Map, origin: Origin) -> Result<Begun, Error> {
        let flow = self.flow_named(name)?;
        let task = self.new_task(Uuid::new_v4(), &flow, given, false, origin)?;
        if self.slow.has(&flow.definition.digest) {
            let run = Run::new(task, flow, Arc::clone(&self.live), Journal::default(), RunMode::Foreground);
            return Ok(Begun::Goes(Box::new(run)));
        }
        let id = task.id;
        let advanced = self.advance_unheld(&flow, &self.live, task, Trigger::Due).map_err(refused)?;
        if !advanced.is_all() {
            return Ok(Begun::Goes(Box::new(Run::ahead(advanced, flow, Arc::clone(&self.live)))));
        }
        Ok(Begun::Rests(match self.put_unheld(advanced).await? {
            Some(task) => task,
            None => Box::new(self.stored(id).await?),
        }))
    }

    /// Stores a new task as due, for a worker to take.
    pub(crate) async fn leave(&self, name: &str, given: &Map, origin: Origin) -> Result<Task, Error> {
        let flow = self.flow_named(name)?;
        let task = self.new_task(Uuid::new_v4(), &flow, given, true, origin)?;
        self.put_new(&flow, task, None).await
    }

    /// The same, once for each `key`: a repeat returns the task that there is. The same key with other attributes is
    /// refused.
    pub(crate) async fn leave_once(&self, name: &str, given: &Map, key: &str, origin: Origin) -> Result<Task, Error> {
        let flow = self.flow_named(name)?;
        let id = keyed_id(&flow.name, key);
        let params = Digest::of(Value::from(given.clone()).to_json().to_string());
        let receipt = InteractionReceipt { key: key.into(), interaction: Name::default(), params };
        // A repeat is known even if the flow has changed since, and would not take these attributes any more.
        if self.storage.task(id).await?.is_some() {
            return self.started_before(id, &receipt).await;
        }
        let task = self.new_task(id, &flow, given, true, origin)?;
        match self.put_new(&flow, task, Some(receipt.clone())).await {
            Err(Error::Conflict(_)) => self.started_before(id, &receipt).await,
            outcome => outcome,
        }
    }

    /// The task that was started under a key before.
    async fn started_before(&self, id: TaskId, receipt: &InteractionReceipt) -> Result<Task, Error> {
        match self.storage.applied(id, &receipt.key).await? {
            Some(before) if before == *receipt => self.stored(id).await,
            Some(_) => {
                let message =
                    format!("the key `{}` was used before, to start task {id} with other attributes", receipt.key);
                Err(Error::Refused { kind: "conflict".into(), message })
            }
            None => Err(Error::Conflict(id)),
        }
    }

    /// The same with a given id. `Conflict` if that task exists; nothing is stored then.
    pub(super) async fn leave_as(&self, id: TaskId, flow: &Arc<Flow>, given: &Map) -> Result<Task, Error> {
        let task = self.new_task(id, flow, given, true, Origin::default())?;
        self.put_new(flow, task, None).await
    }

    async fn put_new(&self, flow: &Flow, task: Box<Task>, applied: Option<InteractionReceipt>) -> Result<Task, Error> {
        let checkpoint = interpreter::checkpoint_of_new(flow, &*self.live, task);
        let checkpoint = Checkpoint { applied, ..checkpoint };
        let task = checkpoint.task.clone();
        self.storage.commit(checkpoint).await?;
        Ok(*task)
    }

    fn new_task(&self, id: TaskId, flow: &Flow, given: &Map, later: bool, origin: Origin) -> Result<Box<Task>, Error> {
        let attributes = flow.attributes.read(given);
        let attributes =
            attributes.map_err(|invalid| Error::Input { subject: format!("flow `{}`", flow.name), invalid })?;
        let new = NewTask { id, attributes, parent: None, now: self.host.now(), later };
        let mut task = interpreter::begin(flow, &*self.live, new);
        task.progress.origin = Some(origin).filter(|origin| *origin != Origin::default()).map(Box::new);
        Ok(task)
    }
}

/// The id of the task of `flow` that is started under `key`.
fn keyed_id(flow: &str, key: &str) -> TaskId {
    Uuid::new_v5(&KEYED, format!("{flow} {key}").as_bytes())
}
