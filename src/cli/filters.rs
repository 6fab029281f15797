//! Which tasks are meant: the options of `list`, shared by every command that takes `--all`.

use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};

use crate::name::{Name, nearest};
use crate::storage::{Filter, Storage};
use crate::task::{Status, Task};

use super::condition::Condition;
use super::exit::Failure;
use super::ids;
use super::screen::Screen;
use super::session::Running;

/// Tasks read from the storage in one go.
const PAGE: usize = 500;

/// The options that say which tasks are meant.
#[derive(Args, Debug, Default, Clone)]
pub(super) struct Filters {
    /// In this status
    #[arg(long, value_name = "STATUS", value_parser = status())]
    pub(super) status: Option<Status>,
    /// Of this flow
    #[arg(long, value_name = "FLOW")]
    flow: Option<String>,
    /// In this state
    #[arg(long, value_name = "STATE")]
    state: Option<String>,
    /// In this queue
    #[arg(long, value_name = "QUEUE")]
    queue: Option<String>,
    /// Started by this task
    #[arg(long, value_name = "ID")]
    parent: Option<String>,
    /// Found under this record, by an attribute that their flow indexes
    #[arg(long = "ref", value_name = "TYPE/ID", value_parser = record)]
    reference: Option<(String, String)>,
    /// The attribute that names the record
    #[arg(long = "as", value_name = "ATTRIBUTE", requires = "reference")]
    attribute: Option<String>,
    /// For which this holds: an expression over the attributes, like `total > 100 && vip`
    #[arg(long = "where", value_name = "EXPR")]
    condition: Option<String>,
}

/// A status by its name; completions know the names.
fn status() -> impl TypedValueParser<Value = Status> {
    PossibleValuesParser::new(Status::ALL.map(Status::name))
        .try_map(|name| Status::ALL.into_iter().find(|status| status.name() == name).ok_or("no such status"))
}

fn record(text: &str) -> Result<(String, String), String> {
    match text.split_once('/') {
        Some((kind, id)) if !kind.is_empty() && !id.is_empty() => Ok((kind.to_owned(), id.to_owned())),
        _ => Err("expected TYPE/ID, like order/17".to_owned()),
    }
}

impl Filters {
    /// Whether any was given.
    pub(super) fn are_given(&self) -> bool {
        let texts = [&self.flow, &self.state, &self.queue, &self.parent, &self.attribute, &self.condition];
        self.status.is_some() || self.reference.is_some() || texts.iter().any(|text| text.is_some())
    }

    /// The same, in this status.
    pub(super) fn in_status(&self, status: Status) -> Self {
        Self { status: Some(status), ..self.clone() }
    }

    /// What the storage is asked.
    async fn filter(&self, storage: &dyn Storage) -> Result<Filter, Failure> {
        let name = |text: &Option<String>| text.as_deref().map(Name::from);
        let parent_id = match &self.parent {
            Some(parent) => Some(ids::resolve(storage, parent).await?),
            None => None,
        };
        let attribute = name(&self.attribute);
        let reference = self.reference.as_ref();
        Ok(Filter {
            status: self.status,
            flow: name(&self.flow),
            state: name(&self.state),
            queue: name(&self.queue),
            parent_id,
            reference: reference.map(|(kind, id)| (Name::new(kind), Name::new(id), attribute)),
            after: None,
            limit: None,
        })
    }

    /// The flow that may have been meant, if no task is of the one that was named. Only the newest tasks are asked.
    pub(super) async fn flow_meant(&self, running: &Running) -> Result<Option<String>, Failure> {
        let Some(named) = &self.flow else { return Ok(None) };
        let storage = running.storage.as_ref();
        let of_it = Filter { flow: Some(Name::new(named)), limit: Some(1), ..Filter::default() };
        if !storage.tasks(&of_it).await?.is_empty() {
            return Ok(None);
        }
        let newest = storage.tasks(&Filter { limit: Some(PAGE), ..Filter::default() }).await?;
        Ok(nearest(named, newest.iter().map(|task| task.flow.as_str())).map(str::to_owned))
    }

    /// The tasks that are meant, newest first, at most `limit`.
    pub(super) async fn find(&self, running: &Running, screen: Screen, limit: usize) -> Result<Vec<Task>, Failure> {
        let storage = running.storage.as_ref();
        let mut filter = self.filter(storage).await?;
        let mut found: Vec<Task> = Vec::new();
        let mut condition = self.condition.as_deref().map(|text| Condition::new(text, &running.ops));
        while found.len() < limit {
            let wanted = if condition.is_some() { PAGE } else { PAGE.min(limit - found.len()) };
            filter.limit = Some(wanted);
            let page = storage.tasks(&filter).await?;
            filter.after = page.last().map(|task| task.id);
            let is_last = page.len() < wanted;
            match &mut condition {
                Some(condition) => found.extend(condition.hold(page).await?),
                None => found.extend(page),
            }
            if is_last {
                break;
            }
        }
        if let Some(condition) = condition {
            condition.finish(screen)?;
        }
        found.truncate(limit);
        Ok(found)
    }
}
