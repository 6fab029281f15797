//! `list --tree`: tasks with their sub-tasks below them.

use std::collections::{HashMap, HashSet};

use crate::error::Error;
use crate::opsflow::Opsflow;
use crate::storage::Filter;
use crate::task::{Task, TaskId};

use super::exit::Failure;

/// Tasks of one tree list.
pub(super) const MAX_TREE: usize = 10_000;
/// How many ancestors of a task are followed.
const MAX_ABOVE: usize = 1_000;

/// Tasks in display order, and the lines that lead to each.
#[derive(Default)]
pub(super) struct Tree {
    pub(super) tasks: Vec<Task>,
    /// What stands before the id of a sub-task: `│ └ `.
    pub(super) branches: HashMap<TaskId, String>,
    /// Whether there are more than are shown.
    pub(super) is_cut: bool,
}

/// A task on its way into the tree.
struct Node {
    /// The lines that pass it; none above a root.
    above: Option<String>,
    /// Whether no sibling stands below it.
    is_last: bool,
    task: Task,
}

impl Node {
    /// What stands before its id.
    fn branch(&self) -> String {
        match &self.above {
            None => String::new(),
            Some(above) => format!("{above}{}", if self.is_last { "└ " } else { "├ " }),
        }
    }

    /// The lines that pass its sub-tasks.
    fn below(&self) -> String {
        match &self.above {
            None => String::new(),
            Some(above) => format!("{above}{}", if self.is_last { "  " } else { "│ " }),
        }
    }
}

impl Tree {
    /// The trees of `found`: their descendants and, unless they are `tops`, their ancestors.
    pub(super) async fn of(ops: &Opsflow, found: Vec<Task>, are_tops: bool) -> Result<Self, Failure> {
        let (mut roots, mut seen) = (Vec::new(), HashSet::new());
        for task in found {
            let top = if are_tops { task } else { top(ops, task).await? };
            if seen.insert(top.id) {
                roots.push(top);
            }
        }
        let mut tree = Self::default();
        let mut open: Vec<Node> =
            roots.into_iter().rev().map(|task| Node { above: None, is_last: true, task }).collect();
        while let Some(node) = open.pop() {
            if tree.tasks.len() >= MAX_TREE {
                tree.is_cut = true;
                break;
            }
            if node.task.progress.started > 0 {
                let filter = Filter { parent_id: Some(node.task.id), limit: Some(MAX_TREE), ..Filter::default() };
                let children = ops.find(&filter).await?.into_iter().enumerate();
                let above = node.below();
                // The storage returns them in the order of their start; here the newest come first, too.
                open.extend(children.map(|(n, task)| Node { above: Some(above.clone()), is_last: n == 0, task }));
            }
            tree.branches.insert(node.task.id, node.branch());
            tree.tasks.push(node.task);
        }
        Ok(tree)
    }
}

/// The topmost ancestor of `task`, as far as it is stored.
async fn top(ops: &Opsflow, mut task: Task) -> Result<Task, Failure> {
    for _ in 0..MAX_ABOVE {
        let Some(parent) = task.parent_id else { break };
        task = match ops.task(parent).await {
            Ok(parent) => parent,
            Err(Error::NotFound(_)) => break,
            Err(error) => return Err(error.into()),
        };
    }
    Ok(task)
}
