//! Unknown names of a flow, a queue, a state or an attribute. They are not an error, since a flow may have been
//! removed, but an empty result because of one is explained.

use std::collections::HashSet;
use std::fmt;
use std::sync::Arc;

use crate::flow::Flow;
use crate::library::Library;
use crate::name::{Name, nearest};
use crate::opsflow::Opsflow;
use crate::storage::Filter;
use crate::task::{AttributeSet, Task};

use super::error::RequestError;

/// The newest tasks, whose names count as known.
const MAX_KNOWN_TASKS: usize = 500;

/// A name that the user asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked<'a> {
    /// Of a flow.
    Flow(&'a str),
    /// Of a queue.
    Queue(&'a str),
    /// Of a state.
    State(&'a str),
    /// Of an attribute.
    Attribute(&'a str),
}

impl<'a> Asked<'a> {
    const fn name(self) -> &'a str {
        match self {
            Self::Flow(name) | Self::Queue(name) | Self::State(name) | Self::Attribute(name) => name,
        }
    }

    /// The names of this kind in a flow.
    fn of_flow(self, flow: &Flow) -> Vec<Name> {
        match self {
            Self::Flow(_) => vec![flow.name.clone()],
            Self::Queue(_) => vec![flow.queue.clone()],
            Self::State(_) => flow.states.iter().map(|state| state.name.clone()).collect(),
            Self::Attribute(_) => names(&flow.attributes),
        }
    }

    fn of_task(self, task: &Task) -> Vec<Name> {
        match self {
            Self::Flow(_) => vec![task.flow.clone()],
            Self::Queue(_) => vec![task.queue.clone()],
            Self::State(_) => vec![task.state.clone()],
            Self::Attribute(_) => names(task.attributes.set_of()),
        }
    }

    /// The filter for stored tasks that have it; none for attributes, for which only the newest tasks are searched.
    fn filter(self) -> Option<Filter> {
        let (name, one) = (Some(Name::new(self.name())), Filter { limit: Some(1), ..Filter::default() });
        match self {
            Self::Flow(_) => Some(Filter { flow: name, ..one }),
            Self::Queue(_) => Some(Filter { queue: name, ..one }),
            Self::State(_) => Some(Filter { state: name, ..one }),
            Self::Attribute(_) => None,
        }
    }
}

fn names(attributes: &AttributeSet) -> Vec<Name> {
    attributes.iter().map(|attribute| attribute.name.clone()).collect()
}

/// A name that nothing has.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct UnknownName {
    /// What was asked for: that nothing has it.
    pub message: String,
    /// The name that may have been meant.
    pub nearest: Option<Name>,
}

impl UnknownName {
    fn new(asked: Asked<'_>, nearest: Option<Name>) -> Self {
        let name = asked.name();
        let message = match asked {
            Asked::Flow(_) => format!("there is no flow `{name}`, and no task of one"),
            Asked::Queue(_) => format!("no flow and no task has the queue `{name}`"),
            Asked::State(_) => format!("no flow has a state `{name}`, and no task is in one"),
            Asked::Attribute(_) => format!("no flow and no task has an attribute `{name}`"),
        };
        Self { message, nearest }
    }
}

impl fmt::Display for UnknownName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        self.nearest.iter().try_for_each(|name| write!(f, "; did you mean `{name}`?"))
    }
}

/// The names that no flow of `library` and no stored task has.
pub async fn unknown(
    ops: &Opsflow,
    library: &Library,
    asked: impl IntoIterator<Item = Asked<'_>>,
) -> Result<Vec<UnknownName>, RequestError> {
    let (mut known, mut unknown) = (None, Vec::new());
    for asked in asked {
        if let Some(filter) = asked.filter()
            && !ops.find(&filter).await?.is_empty()
        {
            continue;
        }
        let known = match &mut known {
            Some(known) => known,
            empty => empty.insert(Known::look(ops, library).await?),
        };
        let names = known.names(asked);
        if names.contains(asked.name()) {
            continue;
        }
        let meant = nearest(asked.name(), names.iter().map(Name::as_str));
        unknown.push(UnknownName::new(asked, meant.map(Name::from)));
    }
    Ok(unknown)
}

/// The flows of the library, and the newest tasks with their flows.
struct Known {
    flows: Vec<Arc<Flow>>,
    tasks: Vec<Task>,
    /// The names of broken flows.
    names: Vec<Name>,
}

impl Known {
    async fn look(ops: &Opsflow, library: &Library) -> Result<Self, RequestError> {
        let names = library.names();
        let mut flows: Vec<_> =
            names.iter().filter_map(|name| library.get(name.as_str())?.into_result().ok()).collect();
        let newest = Filter { limit: Some(MAX_KNOWN_TASKS), ..Filter::default() };
        let tasks = ops.find(&newest).await?;
        let mut seen: HashSet<_> = flows.iter().map(|flow| flow.definition.digest.clone()).collect();
        for task in tasks.iter().filter(|task| seen.insert(task.digest.clone())).collect::<Vec<_>>() {
            flows.extend(ops.flow_of(task).await.ok());
        }
        Ok(Self { flows, tasks, names })
    }

    fn names(&self, asked: Asked<'_>) -> HashSet<Name> {
        let of_flows = self.flows.iter().flat_map(|flow| asked.of_flow(flow));
        let of_tasks = self.tasks.iter().flat_map(|task| asked.of_task(task));
        let broken = self.names.iter().filter(|_| matches!(asked, Asked::Flow(_))).cloned();
        of_flows.chain(of_tasks).chain(broken).collect()
    }
}
