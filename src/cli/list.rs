//! `opsflow list`: tasks, newest first.

use std::collections::BTreeMap;

use super::exit::{Exit, Failure};
use crate::name::Name;
use crate::task::Task;
use crate::wire::{Asked, Found, unknown};

use super::filters::{Filters, some_name, tell_unknown};
use super::print::{self, Columns};
use super::screen::plain;
use super::session::{Running, Session};
use super::tree::{MAX_TREE, Tree};

/// The options of `list`.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
In `--where`, write attributes by their names, and `task` for the task itself. If the flow of a task has no such attribute, \
it has no value; a task for which the expression fails is left out, and counted on stderr.

On a terminal, or where COLUMNS is set, the table fits the width; from 140 columns on it has more columns.

Examples:
  opsflow list --status waiting --flow plan_a_party --since 2d
  opsflow list --flow process_order --show amount,customer
  opsflow list --tree
  opsflow list --where 'guests.len() > 10' --json
  opsflow list --ref order/17 --as main_order")]
pub(super) struct Args {
    #[command(flatten)]
    filters: Filters,
    /// At most this many
    #[arg(long, value_name = "N", default_value = "100", value_parser = limit, allow_negative_numbers = true)]
    limit: usize,
    /// Show sub-tasks below the tasks that started them
    #[arg(long)]
    tree: bool,
    /// Attributes that have a column of their own
    #[arg(long, value_name = "NAME,…", value_delimiter = ',', value_parser = some_name)]
    show: Vec<String>,
}

/// What tasks of a list are held up by takes no more lines than this below it.
const MAX_HELD_UP_LINES: usize = 10;

fn limit(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(0) => Err("a whole number of 1 or more was expected, like 20".to_owned()),
        Ok(limit) => Ok(limit),
        Err(_) => Err("a whole number was expected, like 20".to_owned()),
    }
}

pub(super) async fn command(session: &Session, args: &Args) -> Result<Exit, Failure> {
    let (running, screen) = (session.open_storage().await?, session.screen());
    let Found { tasks, total, is_cut, .. } = args.filters.find(&running, screen, args.limit).await?;
    let found = tasks.len();
    let tree = if args.tree {
        Tree::of(&running.ops, tasks, args.filters.are_of_parent()).await?
    } else {
        Tree { tasks, ..Tree::default() }
    };
    let attributes = args.show.iter().map(Name::new).collect();
    print::tasks_with(screen, &tree.tasks, &Columns { attributes, branches: tree.branches })?;
    if found == 0 && args.filters.are_given() {
        let library = session.library(None).unwrap_or_default();
        args.filters.tell_unknown(screen, &running, &library).await?;
    }
    tell_unknown_columns(session, &running, &args.show, &tree.tasks).await?;
    if !screen.json {
        screen.aside(&held_up(&tree.tasks));
        screen.aside(&cut(found, total, is_cut));
        if tree.is_cut {
            screen.aside(&format!(
                "a tree has at most {MAX_TREE} tasks (MAX_TREE); `--parent ID` shows the sub-tasks of one\n"
            ));
        }
    }
    Ok(Exit::Done)
}

/// What tasks of the list are held up by.
fn held_up(tasks: &[Task]) -> String {
    let mut by = BTreeMap::<String, usize>::new();
    for task in tasks {
        if let Some(what) = &task.held_up_by {
            *by.entry(plain(&what.to_string())).or_default() += 1;
        }
    }
    let mut text = String::new();
    for (what, count) in by.iter().take(MAX_HELD_UP_LINES) {
        let tasks = if *count == 1 { "task" } else { "tasks" };
        text += &format!("{count} {tasks} held up: {what}\n");
    }
    if by.len() > MAX_HELD_UP_LINES {
        text +=
            &format!("{} other grants are missing, too; `opsflow show ID` says which\n", by.len() - MAX_HELD_UP_LINES);
    }
    text
}

/// The note below a list that was cut.
fn cut(found: usize, total: Option<u64>, is_cut: bool) -> String {
    match total.filter(|_| is_cut) {
        Some(total) if total <= found as u64 => String::new(),
        Some(total) => format!("{} of {}; `--limit N` shows more\n", thousands(found as u64), thousands(total)),
        None if is_cut => format!("the newest {} are shown; `--limit N` shows more\n", thousands(found as u64)),
        None => String::new(),
    }
}

/// `1,234`.
fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Reports requested columns that no task has.
async fn tell_unknown_columns(
    session: &Session,
    running: &Running,
    names: &[String],
    tasks: &[Task],
) -> Result<(), Failure> {
    let is_known = |name: &String| tasks.iter().any(|task| task.attributes.by_name(name).is_some());
    let asked: Vec<_> = names.iter().filter(|name| !is_known(name)).map(|name| Asked::Attribute(name)).collect();
    if asked.is_empty() {
        return Ok(());
    }
    let library = session.library(None).unwrap_or_default();
    tell_unknown(session.screen(), &unknown(&running.ops, &library, asked).await?);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{cut, thousands};

    #[test]
    fn a_list_that_was_cut_says_of_how_many() {
        assert_eq!(cut(20, Some(1_234), true), "20 of 1,234; `--limit N` shows more\n");
        assert_eq!(cut(20, Some(20), true), "");
        assert_eq!(cut(20, None, true), "the newest 20 are shown; `--limit N` shows more\n");
        assert_eq!(cut(3, Some(3), false), "");
        assert_eq!([0, 999, 1_000, 1_234_567].map(thousands), ["0", "999", "1,000", "1,234,567"]);
    }
}
