//! `list --tree`: tasks with their sub-tasks below them.

use std::collections::{HashMap, HashSet};

use crate::storage::{Filter, Storage};
use crate::task::{Task, TaskId};

use super::exit::Failure;

/// Tasks of one tree list.
pub(super) const MAX_TREE: usize = 10_000;
/// How many ancestors of a task are followed.
const MAX_ABOVE: usize = 1_000;

/// Tasks in display order, and the depth of each.
#[derive(Default)]
pub(super) struct Tree {
    pub(super) tasks: Vec<Task>,
    pub(super) depths: HashMap<TaskId, usize>,
    /// Whether there are more than are shown.
    pub(super) is_cut: bool,
}

impl Tree {
    /// The trees of `found`: their descendants and, unless they are `tops`, their ancestors.
    pub(super) async fn of(storage: &dyn Storage, found: Vec<Task>, are_tops: bool) -> Result<Self, Failure> {
        let (mut roots, mut seen) = (Vec::new(), HashSet::new());
        for task in found {
            let top = if are_tops { task } else { top(storage, task).await? };
            if seen.insert(top.id) {
                roots.push(top);
            }
        }
        let mut tree = Self::default();
        let mut open: Vec<(usize, Task)> = roots.into_iter().rev().map(|task| (0, task)).collect();
        while let Some((depth, task)) = open.pop() {
            if tree.tasks.len() >= MAX_TREE {
                tree.is_cut = true;
                break;
            }
            if task.progress.started > 0 {
                let filter = Filter { parent_id: Some(task.id), limit: Some(MAX_TREE), ..Filter::default() };
                // The storage returns them in the order of their start; here the newest come first, too.
                open.extend(storage.tasks(&filter).await?.into_iter().map(|child| (depth + 1, child)));
            }
            tree.depths.insert(task.id, depth);
            tree.tasks.push(task);
        }
        Ok(tree)
    }
}

/// The topmost ancestor of `task`, as far as it is stored.
async fn top(storage: &dyn Storage, mut task: Task) -> Result<Task, Failure> {
    for _ in 0..MAX_ABOVE {
        let Some(parent) = task.parent_id else { break };
        let Some(parent) = storage.task(parent).await? else { break };
        task = parent;
    }
    Ok(task)
}
