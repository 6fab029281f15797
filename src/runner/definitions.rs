//! Which flow a task runs by: the library's if it is exactly the definition that the task is pinned to, else the pinned
//! one.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::error::Error;
use crate::flow::{Flow, restore};
use crate::interpreter::Flows;
use crate::library::{Entry, Library};
use crate::name::Name;
use crate::storage::StorageError;
use crate::task::{Digest, Task};

use super::Runner;

/// How many pinned definitions are kept ready. Above this number all are dropped, and rebuilt when needed.
const MAX_RESTORED: usize = 256;

/// Pinned definitions, checked.
#[derive(Default)]
pub(super) struct Restored(Mutex<HashMap<Digest, Arc<Flow>>>);

impl Restored {
    fn get(&self, digest: &Digest) -> Option<Arc<Flow>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(digest).cloned()
    }

    fn keep(&self, digest: Digest, flow: &Arc<Flow>) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= MAX_RESTORED {
            kept.clear();
        }
        kept.insert(digest, Arc::clone(flow));
    }
}

/// The flows a task may start: the newest in the library, else the ones pinned with the task.
pub(super) struct Live {
    library: Library,
    pinned: HashMap<Name, Arc<Flow>>,
}

impl Live {
    /// The flows of the library only.
    pub(super) fn of(library: &Library) -> Self {
        Self { library: library.clone(), pinned: HashMap::new() }
    }
}

impl Flows for Live {
    fn flow(&self, name: &str) -> Option<Arc<Flow>> {
        good(&self.library, name).or_else(|| self.pinned.get(name).cloned())
    }
}

/// A flow of the library, if it is there and not broken.
fn good(library: &Library, name: &str) -> Option<Arc<Flow>> {
    match library.get(name)? {
        Entry::Good(flow) => Some(flow),
        Entry::Broken(_) => None,
    }
}

impl Runner {
    /// The flow that new tasks of this name use.
    pub(crate) fn flow_named(&self, name: &str) -> Result<Arc<Flow>, Error> {
        match self.library.get(name) {
            Some(Entry::Good(flow)) => Ok(flow),
            Some(Entry::Broken(findings)) => Err(Error::Definition(findings.to_vec())),
            None => Err(Error::UnknownFlow { name: name.into(), nearest: self.library.nearest(name) }),
        }
    }

    /// The flow that a task uses.
    pub(crate) async fn flow_of(&self, task: &Task) -> Result<Arc<Flow>, Error> {
        match good(&self.library, &task.flow).filter(|flow| flow.definition.digest == task.digest) {
            Some(flow) => Ok(flow),
            None => self.pinned(&task.digest).await,
        }
    }

    async fn pinned(&self, digest: &Digest) -> Result<Arc<Flow>, Error> {
        if let Some(flow) = self.restored.get(digest) {
            return Ok(flow);
        }
        let Some(definition) = self.storage.definition(digest).await? else {
            let place = format!("definition {digest}");
            return Err(Error::Storage(StorageError::Corrupt { place, reason: "it is not stored".to_owned() }));
        };
        let flow = Arc::new(restore(&definition, &self.context).map_err(Error::Definition)?);
        self.restored.keep(digest.clone(), &flow);
        Ok(flow)
    }

    /// The capabilities that a task's flow lists, and those of the flows that it may start.
    #[cfg(feature = "cli")]
    pub(crate) async fn uses_of(&self, task: &Task) -> Result<Vec<Name>, Error> {
        let flow = self.flow_of(task).await?;
        let flows = self.flows_for(task, &flow).await?;
        Ok(crate::flow::uses_with_sub_flows(&flow, |name| flows.flow(name)))
    }

    /// The flows that a task of `flow` may start.
    pub(super) async fn flows_for(&self, task: &Task, flow: &Arc<Flow>) -> Result<Arc<dyn Flows>, Error> {
        let mut pinned = HashMap::new();
        for (name, digest) in task.progress.pins.iter() {
            if good(&self.library, name).is_some() {
                continue;
            }
            if *digest == flow.definition.digest {
                pinned.insert(name.clone(), Arc::clone(flow));
                continue;
            }
            match self.pinned(digest).await {
                Ok(flow) => {
                    pinned.insert(name.clone(), flow);
                }
                // A broken sub-flow matters only when it is started.
                Err(error) if super::is_of_one_task(&error) => {
                    tracing::warn!(task = %task.id, flow = %name, %error, "a pinned definition cannot be used");
                }
                Err(error) => return Err(error),
            }
        }
        if pinned.is_empty() {
            return Ok(Arc::clone(&self.live));
        }
        Ok(Arc::new(Live { library: self.library.clone(), pinned }))
    }
}
