//! Filters: the options of `list`, shared by every command with `--all`.

use std::collections::HashSet;

use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};

use crate::library::Library;
use crate::name::Name;
use crate::storage::{Filter, Storage, StorageError};
use crate::task::{Status, Task, TaskId};

use super::condition::{Condition, attributes_in};
use super::exit::Failure;
use super::ids;
use super::many::Verb;
use super::screen::Screen;
use super::session::Running;
use super::span::Span;
use super::unknown::{Asked, tell};

/// Tasks read per page.
const PAGE: usize = 500;

/// Tasks that one command may process.
const MAX_TASKS: usize = 1_000_000;

/// The options that say which tasks are meant.
#[derive(Args, Debug, Default, Clone)]
pub(super) struct Filters {
    /// Of this flow
    #[arg(long, value_name = "FLOW", value_parser = some_name)]
    flow: Option<String>,
    #[command(flatten)]
    narrow: Narrow,
}

/// The options that say which tasks of a flow are meant.
#[derive(Args, Debug, Default, Clone)]
pub(super) struct Narrow {
    /// In this status
    #[arg(long, value_name = "STATUS", value_parser = status())]
    status: Option<Status>,
    /// In this state
    #[arg(long, value_name = "STATE", value_parser = some_name)]
    state: Option<String>,
    /// In this queue
    #[arg(long, value_name = "QUEUE", value_parser = some_name)]
    queue: Option<String>,
    /// Started by this task
    #[arg(long, value_name = "ID")]
    parent: Option<String>,
    /// Found by this record, through an attribute in their flow's `index`
    #[arg(long = "ref", value_name = "TYPE/ID", value_parser = record)]
    reference: Option<(String, String)>,
    /// The attribute that names the record
    #[arg(long = "as", value_name = "ATTRIBUTE", requires = "reference")]
    attribute: Option<String>,
    #[command(flatten)]
    span: Span,
    /// For which this holds: an expression over the attributes, like `total > 100 && vip`
    #[arg(long = "where", value_name = "EXPR")]
    condition: Option<String>,
}

/// What `list` shows in place of the status of a task whose next call needs a grant.
const HELD_UP: [&str; 3] = ["held up", "held_up", "held-up"];

/// Help for a status that is none, if it is clear what was meant.
pub(super) fn status_meant(given: &str) -> Option<&'static str> {
    let is_held_up = HELD_UP.iter().any(|name| name.eq_ignore_ascii_case(given));
    is_held_up.then_some("held-up tasks are `active`: `--status active` finds them among others, and `list` marks them")
}

/// A status by its name; completions know the names.
fn status() -> impl TypedValueParser<Value = Status> {
    PossibleValuesParser::new(Status::ALL.map(Status::name))
        .try_map(|name| Status::ALL.into_iter().find(|status| status.name() == name).ok_or("no such status"))
}

/// A name; it must not be empty.
pub(super) fn some_name(text: &str) -> Result<String, String> {
    if text.is_empty() { Err("a name was expected".to_owned()) } else { Ok(text.to_owned()) }
}

fn record(text: &str) -> Result<(String, String), String> {
    match text.split_once('/') {
        Some((kind, id)) if !kind.is_empty() && !id.is_empty() => Ok((kind.to_owned(), id.to_owned())),
        _ => Err("expected TYPE/ID, like order/17".to_owned()),
    }
}

impl Narrow {
    /// These filters for the flow called `flow`.
    pub(super) fn of(&self, flow: &str) -> Filters {
        Filters { flow: Some(flow.to_owned()), narrow: self.clone() }
    }

    fn are_given(&self) -> bool {
        let texts = [&self.state, &self.queue, &self.parent, &self.attribute, &self.condition];
        self.status.is_some()
            || self.span.is_given()
            || self.reference.is_some()
            || texts.iter().any(|text| text.is_some())
    }
}

impl Filters {
    /// Whether any was given.
    pub(super) fn are_given(&self) -> bool {
        self.flow.is_some() || self.narrow.are_given()
    }

    /// The filter for the storage.
    async fn filter(&self, storage: &dyn Storage) -> Result<Filter, Failure> {
        let name = |text: &Option<String>| text.as_deref().map(Name::from);
        let narrow = &self.narrow;
        let parent_id = match &narrow.parent {
            Some(parent) => Some(ids::resolve(storage, parent).await?),
            None => None,
        };
        let attribute = name(&narrow.attribute);
        let reference = narrow.reference.as_ref();
        Ok(Filter {
            status: narrow.status,
            flow: name(&self.flow),
            state: name(&narrow.state),
            queue: name(&narrow.queue),
            parent_id,
            reference: reference.map(|(kind, id)| (Name::new(kind), Name::new(id), attribute)),
            after: None,
            limit: None,
            max_bytes: None,
        })
    }

    /// Reports names in the filters that nothing has: to be called if no task was found.
    pub(super) async fn tell_unknown(
        &self,
        screen: Screen,
        running: &Running,
        library: &Library,
    ) -> Result<(), Failure> {
        let narrow = &self.narrow;
        let flow = self.flow.as_deref().map(Asked::Flow);
        let queue = narrow.queue.as_deref().map(Asked::Queue);
        let state = narrow.state.as_deref().map(Asked::State);
        let attributes = narrow.condition.as_deref().map(attributes_in).unwrap_or_default();
        let attributes = attributes.iter().map(|name| Asked::Attribute(name));
        let asked = [flow, queue, state].into_iter().flatten().chain(attributes);
        tell(screen, running, library, asked).await
    }

    /// Whether only the sub-tasks of one task are selected.
    pub(super) const fn are_of_parent(&self) -> bool {
        self.narrow.parent.is_some()
    }

    /// The selected tasks, newest first, at most `limit`.
    pub(super) async fn find(&self, running: &Running, screen: Screen, limit: usize) -> Result<Found, Failure> {
        let storage = running.storage.as_ref();
        let filter = self.filter(storage).await?;
        // Sub-tasks of one parent come in the order of their start: the newest are last.
        let is_of_parent = self.are_of_parent();
        let most = if is_of_parent { MAX_TASKS } else { limit };
        let mut pages = Pages::new(storage, filter.clone());
        let mut tasks: Vec<Task> = Vec::new();
        let mut condition = self.condition(running);
        let chooses = condition.is_some() || self.narrow.span.is_given();
        while tasks.len() < most {
            let wanted = if chooses { PAGE } else { PAGE.min(most - tasks.len()) };
            let Some(mut page) = pages.next(wanted).await? else { break };
            let is_past = !is_of_parent && page.last().is_some_and(|task| self.narrow.span.is_past(task));
            page.retain(|task| self.narrow.span.holds(task));
            match &mut condition {
                Some(condition) => tasks.extend(condition.hold(page).await?),
                None => tasks.extend(page),
            }
            if is_past {
                break;
            }
        }
        if let Some(condition) = condition {
            condition.finish(screen)?;
        }
        let is_cut = tasks.len() >= limit;
        let total = match (is_of_parent, chooses) {
            (true, _) => Some(tasks.len() as u64),
            (false, false) if is_cut => Some(storage.count(&filter).await?),
            _ => None,
        };
        if is_of_parent {
            tasks.reverse();
        }
        tasks.truncate(limit);
        Ok(Found { tasks, total, is_cut })
    }

    /// The ids of the selected tasks whose status `verb` accepts, and that it `wants`. Read page by page, so that only
    /// the ids are kept.
    pub(super) async fn gather(
        &self,
        running: &Running,
        screen: Screen,
        verb: &Verb,
        mut wants: impl FnMut(&Task) -> bool,
    ) -> Result<Vec<TaskId>, Failure> {
        let storage = running.storage.as_ref();
        let filter = self.filter(storage).await?;
        let mut condition = self.condition(running);
        let (mut ids, mut seen) = (Vec::new(), HashSet::new());
        for status in self.statuses(verb)? {
            let mut pages = Pages::new(storage, Filter { status: Some(status), ..filter.clone() });
            while let Some(mut page) = pages.next(PAGE).await? {
                page.retain(|task| self.narrow.span.holds(task));
                if let Some(condition) = &mut condition {
                    page = condition.hold(page).await?;
                }
                // A task whose status changes meanwhile may occur twice.
                ids.extend(page.iter().filter(|task| wants(task)).map(|task| task.id).filter(|id| seen.insert(*id)));
                if ids.len() > MAX_TASKS {
                    let message = format!("more than {MAX_TASKS} tasks are selected (MAX_TASKS); nothing was done");
                    return Err(Failure::usage(message).with_help("narrow them down with filters"));
                }
            }
        }
        if let Some(condition) = condition {
            condition.finish(screen)?;
        }
        Ok(ids)
    }

    fn condition<'a>(&'a self, running: &'a Running) -> Option<Condition<'a>> {
        self.narrow.condition.as_deref().map(|text| Condition::new(text, &running.ops))
    }

    /// The selected statuses among those that `verb` accepts.
    fn statuses(&self, verb: &Verb) -> Result<Vec<Status>, Failure> {
        match self.narrow.status {
            Some(status) if !verb.fit.contains(&status) => {
                let names: Vec<&str> = verb.fit.iter().map(|status| status.name()).collect();
                let message = format!("`{}` does not act on {} tasks", verb.name, status.name());
                let help = format!("`{}` takes tasks that are {}", verb.name, names.join(", "));
                Err(Failure::usage(message).with_help(help))
            }
            Some(status) => Ok(vec![status]),
            None => Ok(verb.fit.to_vec()),
        }
    }
}

/// Tasks that were found.
pub(super) struct Found {
    /// Newest first.
    pub(super) tasks: Vec<Task>,
    /// The total number, if it is known.
    pub(super) total: Option<u64>,
    /// Whether there may be more.
    pub(super) is_cut: bool,
}

/// The tasks that match a filter, page by page.
struct Pages<'s> {
    storage: &'s dyn Storage,
    filter: Filter,
    /// The ids of the page before.
    before: Vec<TaskId>,
    is_over: bool,
}

impl<'s> Pages<'s> {
    const fn new(storage: &'s dyn Storage, filter: Filter) -> Self {
        Self { storage, filter, before: Vec::new(), is_over: false }
    }

    /// The next page, with up to `wanted` tasks. None after the last.
    async fn next(&mut self, wanted: usize) -> Result<Option<Vec<Task>>, Failure> {
        if self.is_over {
            return Ok(None);
        }
        self.filter.limit = Some(wanted);
        let page = loop {
            self.filter.after = self.before.last().copied();
            match self.storage.tasks(&self.filter).await {
                // The last task of the page was deleted meanwhile; the one before it gives the same place.
                Err(StorageError::NotFound(_)) if self.before.len() > 1 => drop(self.before.pop()),
                page => break page?,
            }
        };
        self.is_over = page.len() < wanted;
        self.before = page.iter().map(|task| task.id).collect();
        Ok(Some(page))
    }
}
