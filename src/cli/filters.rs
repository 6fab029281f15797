//! Filters: the options of `list`, shared by every command with `--all`.

use std::sync::Arc;

use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};

use crate::diagnostic::Source;
use crate::library::Library;
use crate::name::Name;
use crate::task::{Status, Task, TaskId};
use crate::wire::{Found, Query, Skipped, UnknownName, Verb};

use super::exit::Failure;
use super::screen::{Screen, plain};
use super::session::Running;
use super::span::Span;

/// What findings call the condition.
const WHERE: &str = "--where";

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
}

impl Filters {
    /// Whether any was given.
    pub(super) fn are_given(&self) -> bool {
        self.query().is_given()
    }

    /// What they ask for.
    fn query(&self) -> Query {
        let name = |text: &Option<String>| text.as_deref().map(Name::from);
        let narrow = &self.narrow;
        Query {
            flow: name(&self.flow),
            status: narrow.status,
            state: name(&narrow.state),
            queue: name(&narrow.queue),
            parent: narrow.parent.clone(),
            reference: narrow.reference.as_ref().map(|(kind, id)| (Name::new(kind), Name::new(id))),
            attribute: name(&narrow.attribute),
            since: narrow.span.since,
            until: narrow.span.until,
            condition: narrow.condition.as_ref().map(|text| Arc::new(Source::new(WHERE, text))),
        }
    }

    /// Reports names in the filters that nothing has: to be called if no task was found.
    pub(super) async fn tell_unknown(
        &self,
        screen: Screen,
        running: &Running,
        library: &Library,
    ) -> Result<(), Failure> {
        tell_unknown(screen, &self.query().unknown_names(&running.ops, library).await?);
        Ok(())
    }

    /// Whether only the sub-tasks of one task are selected.
    pub(super) const fn are_of_parent(&self) -> bool {
        self.narrow.parent.is_some()
    }

    /// The selected tasks, newest first, at most `limit`.
    pub(super) async fn find(&self, running: &Running, screen: Screen, limit: usize) -> Result<Found, Failure> {
        let found = self.query().find(&running.ops, limit).await?;
        tell_skipped(screen, found.skipped.as_ref());
        Ok(found)
    }

    /// The ids of the selected tasks whose status `verb` accepts, and that it `wants`.
    pub(super) async fn gather(
        &self,
        running: &Running,
        screen: Screen,
        verb: &Verb,
        wants: impl FnMut(&Task) -> bool,
    ) -> Result<Vec<TaskId>, Failure> {
        let selection = self.query().select(&running.ops, verb, wants).await?;
        tell_skipped(screen, selection.skipped.as_ref());
        Ok(selection.ids)
    }
}

/// Reports tasks that were left out, since the condition fails for them.
fn tell_skipped(screen: Screen, skipped: Option<&Skipped>) {
    if let Some(skipped) = skipped {
        screen.note(&plain(&format!("{skipped}\n")));
    }
}

/// Reports names that nothing has.
pub(super) fn tell_unknown(screen: Screen, names: &[UnknownName]) {
    for name in names {
        screen.aside(&format!("{}\n", plain(&name.to_string())));
    }
}
