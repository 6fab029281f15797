//! Due work: tasks whose time has come, that were woken, that nobody has taken yet or whose process died; and tasks to
//! delete.

use std::collections::HashSet;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use tokio::time::Instant;

use crate::clock::Timestamp;
use crate::error::Error;
use crate::name::Name;
use crate::storage::{Claimed, Wanted};
use crate::task::{HeldUp, Status, TaskId};

use super::beside::some;
use super::hold::Hold;
use super::lacking::MAX_LACKING;
use super::run::{Manner, Run};
use super::{Runner, is_of_one_task};

/// Tasks that run concurrently. Their steps are in flight at the same time; one thread computes for all.
const MAX_AT_ONCE: usize = 16;
/// Tasks that may be put aside during one call. With more, the call ends.
const MAX_ASIDE: usize = 10_000;
/// Tasks that are deleted in one write.
const MAX_DELETED_AT_ONCE: usize = 1_000;

/// What a call of `run_due` has done.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Due {
    /// Tasks started by schedules.
    pub scheduled: usize,
    /// Tasks advanced.
    pub advanced: usize,
    /// Tasks deleted because their retention period was over.
    pub deleted: usize,
    /// Tasks that could not be continued: their definition no longer passes this program's check or is not stored, or
    /// this process lacks a grant for their next call. They stay due.
    pub left: Vec<Left>,
}

/// A task that could not be continued.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Left {
    /// The task.
    pub task_id: TaskId,
    /// Why.
    pub reason: String,
    /// The missing grant, if it is held up.
    pub held_up_by: Option<HeldUp>,
}

/// The result of looking at a due task.
enum Looked {
    Advanced,
    /// The claim is kept until the call ends, so that the task is not taken again.
    Aside(Hold, Option<Left>),
    /// This process lacks a grant that the task needs.
    HeldUp(Left),
}

/// Runs a claimed task until it rests, and returns the grant it is held up by, if any.
pub(crate) type Execute<'a> =
    dyn Fn(Run) -> Pin<Box<dyn Future<Output = Result<Option<HeldUp>, Error>> + Send + 'a>> + Send + Sync + 'a;

type Looking<'a> = Pin<Box<dyn Future<Output = Result<Looked, Error>> + Send + 'a>>;

impl Runner {
    /// Does everything that is due in `queues` (all, if empty) with `run`, then deletes old tasks. Timers that come due
    /// meanwhile are left for the next call. A storage error ends it; tasks in progress are released as they are
    /// stored.
    pub(crate) async fn run_due<'a>(&'a self, run: &'a Execute<'a>, queues: &[Name]) -> Result<Due, Error> {
        let mut due = Due::default();
        let mut aside = Vec::new();
        let (began, looks_since) = (self.host.now(), Instant::now());
        let mut held_up = HashSet::new();
        let mut at_work: Vec<Looking<'a>> = Vec::new();
        loop {
            let free = MAX_AT_ONCE.saturating_sub(at_work.len());
            // No task is looked at twice for want of the same grant, however long the call takes.
            let lacks = self.lacking.since(Some(looks_since));
            if free > 0 && aside.len() < MAX_ASIDE && lacks.len() < MAX_LACKING {
                let wanted = Wanted { queues, lacks: &lacks, below: None };
                let claimed = self.storage.claim_due(self.host.now(), &wanted, free, self.lease).await?;
                at_work.extend(claimed.into_iter().map(|claimed| self.look(run, claimed, began)));
            }
            if at_work.is_empty() {
                break;
            }
            for looked in some(&mut at_work).await {
                match looked? {
                    Looked::Advanced => due.advanced = due.advanced.saturating_add(1),
                    Looked::HeldUp(left) if held_up.insert(left.task_id) => due.left.push(left),
                    Looked::HeldUp(_) => {}
                    Looked::Aside(hold, left) => {
                        aside.push(hold);
                        due.left.extend(left);
                    }
                }
            }
        }
        for hold in aside {
            hold.release().await;
        }
        due.deleted = self.delete_old().await?;
        Ok(due)
    }

    /// Runs a due task that was just claimed.
    fn look<'a>(&'a self, run: &'a Execute<'a>, claimed: Claimed, began: Timestamp) -> Looking<'a> {
        let task = &claimed.task;
        let task_id = task.id;
        let comes_anew =
            task.status == Status::Waiting && claimed.wakes == 0 && task.wake_at.is_some_and(|at| at > began);
        let turn = self.seats.sit(task_id).turn_now();
        let hold = Hold::new(claimed.claim.clone(), Arc::clone(&self.storage), turn);
        Box::pin(async move {
            if comes_anew {
                return Ok(Looked::Aside(hold, None));
            }
            let outcome = match self.in_hand(hold, claimed, Manner::Queues).await {
                Ok(task) => run(task).await.map_err(|error| (None, error)),
                Err((hold, error)) => Err((Some(hold), error)),
            };
            match outcome {
                Ok(None) => Ok(Looked::Advanced),
                Ok(Some(by)) => {
                    let reason = format!("held up: {by}");
                    Ok(Looked::HeldUp(Left { task_id, reason, held_up_by: Some(by) }))
                }
                Err((Some(hold), error)) if is_of_one_task(&error) => {
                    tracing::error!(task = %task_id, %error, "a due task is left as it is");
                    Ok(Looked::Aside(hold, Some(Left { task_id, reason: error.to_string(), held_up_by: None })))
                }
                Err((_, error)) => Err(error),
            }
        })
    }

    async fn delete_old(&self) -> Result<usize, Error> {
        let mut deleted = 0_usize;
        loop {
            let some = self.storage.delete_old(self.host.now(), MAX_DELETED_AT_ONCE).await?;
            deleted = deleted.saturating_add(some);
            if some < MAX_DELETED_AT_ONCE {
                return Ok(deleted);
            }
        }
    }
}
