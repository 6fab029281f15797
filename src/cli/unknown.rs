//! Unknown names of a flow, a queue, a state or an attribute. They are not an error, since a flow may have been
//! removed, but an empty result because of one is explained.

use std::collections::HashSet;
use std::sync::Arc;

use crate::flow::Flow;
use crate::library::Library;
use crate::name::{Name, nearest};
use crate::storage::Filter;
use crate::task::{AttributeSet, Task};

use super::exit::Failure;
use super::screen::{Screen, plain};
use super::session::Running;

/// The newest tasks, whose names count as known.
const MAX_KNOWN_TASKS: usize = 500;

/// A name that the user asked for.
#[derive(Clone, Copy)]
pub(super) enum Asked<'a> {
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

    /// The message that nothing has it.
    fn is_unknown(self) -> String {
        let name = plain(self.name());
        match self {
            Self::Flow(_) => format!("there is no flow `{name}`, and no task of one"),
            Self::Queue(_) => format!("no flow and no task has the queue `{name}`"),
            Self::State(_) => format!("no flow has a state `{name}`, and no task is in one"),
            Self::Attribute(_) => format!("no flow and no task has an attribute `{name}`"),
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

/// Reports each name that no flow of `library` and no stored task has, with the one that may have been meant.
pub(super) async fn tell(
    screen: Screen,
    running: &Running,
    library: &Library,
    asked: impl IntoIterator<Item = Asked<'_>>,
) -> Result<(), Failure> {
    for note in notes(running, library, asked).await? {
        screen.aside(&format!("{note}\n"));
    }
    Ok(())
}

/// The notes about names that no flow of `library` and no stored task has.
pub(super) async fn notes(
    running: &Running,
    library: &Library,
    asked: impl IntoIterator<Item = Asked<'_>>,
) -> Result<Vec<String>, Failure> {
    let (mut known, mut notes) = (None, Vec::new());
    for asked in asked {
        if let Some(filter) = asked.filter()
            && !running.storage.tasks(&filter).await?.is_empty()
        {
            continue;
        }
        let known = match &mut known {
            Some(known) => known,
            empty => empty.insert(Known::look(running, library).await?),
        };
        let names = known.names(asked);
        if names.contains(asked.name()) {
            continue;
        }
        let meant = nearest(asked.name(), names.iter().map(Name::as_str));
        let meant = meant.map(|name| format!("; did you mean `{name}`?")).unwrap_or_default();
        notes.push(format!("{}{meant}", asked.is_unknown()));
    }
    Ok(notes)
}

/// The flows of the library, and the newest tasks with their flows.
struct Known {
    flows: Vec<Arc<Flow>>,
    tasks: Vec<Task>,
    /// The names of broken flows.
    names: Vec<Name>,
}

impl Known {
    async fn look(running: &Running, library: &Library) -> Result<Self, Failure> {
        let names = library.names();
        let mut flows: Vec<_> =
            names.iter().filter_map(|name| library.get(name.as_str())?.into_result().ok()).collect();
        let newest = Filter { limit: Some(MAX_KNOWN_TASKS), ..Filter::default() };
        let tasks = running.storage.tasks(&newest).await?;
        let mut seen: HashSet<_> = flows.iter().map(|flow| flow.definition.digest.clone()).collect();
        for task in tasks.iter().filter(|task| seen.insert(task.digest.clone())).collect::<Vec<_>>() {
            flows.extend(running.ops.flow_of(task).await.ok());
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
