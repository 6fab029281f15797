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
use super::lacking::MAX_LACKING;
use super::lease_guard::LeaseGuard;
use super::run::{Run, RunMode};
use super::{Runner, is_of_one_task};

/// Tasks that run concurrently. Their steps are in flight at the same time; one thread computes for all.
const MAX_AT_ONCE: usize = 16;
/// Tasks that may be put in quarantine during one call. With more, the call ends.
const MAX_QUARANTINED: usize = 10_000;
/// Tasks that are deleted in one write.
const MAX_DELETED_AT_ONCE: usize = 1_000;

/// What a call of `run_due` has done.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DueReport {
    /// Tasks started by schedules.
    pub scheduled: usize,
    /// Tasks advanced.
    pub advanced: usize,
    /// Tasks deleted because their retention period was over.
    pub deleted: usize,
    /// Tasks that could not be continued: their definition no longer passes this program's check or is not stored, or
    /// this process lacks a grant for their next call. They stay due.
    pub skipped: Vec<SkippedTask>,
}

/// A task that could not be continued.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SkippedTask {
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
    Quarantine(LeaseGuard, Option<SkippedTask>),
    /// This process lacks a grant that the task needs.
    HeldUp(SkippedTask),
}

/// Runs a claimed task until it rests, and returns the grant it is held up by, if any.
pub(crate) type Execute<'a> =
    dyn Fn(Run) -> Pin<Box<dyn Future<Output = Result<Option<HeldUp>, Error>> + Send + 'a>> + Send + Sync + 'a;

type Looking<'a> = Pin<Box<dyn Future<Output = Result<Looked, Error>> + Send + 'a>>;

impl Runner {
    /// Does everything that is due in `queues` (all, if empty) with `run`, then deletes old tasks. Timers that come due
    /// meanwhile are left for the next call. A storage error ends it; tasks in progress are released as they are
    /// stored.
    pub(crate) async fn run_due<'a>(&'a self, run: &'a Execute<'a>, queues: &[Name]) -> Result<DueReport, Error> {
        let mut due = DueReport::default();
        let mut quarantine = Vec::new();
        let (began, looks_since) = (self.host.now(), Instant::now());
        let mut held_up = HashSet::new();
        let mut at_work: Vec<Looking<'a>> = Vec::new();
        loop {
            let free = MAX_AT_ONCE.saturating_sub(at_work.len());
            // No task is looked at twice for want of the same grant, however long the call takes.
            let lacks = self.lacking.since(Some(looks_since));
            if free > 0 && quarantine.len() < MAX_QUARANTINED && lacks.len() < MAX_LACKING {
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
                    Looked::HeldUp(skipped) if held_up.insert(skipped.task_id) => due.skipped.push(skipped),
                    Looked::HeldUp(_) => {}
                    Looked::Quarantine(guard, skipped) => {
                        quarantine.push(guard);
                        due.skipped.extend(skipped);
                    }
                }
            }
        }
        for guard in quarantine {
            guard.release().await;
        }
        due.deleted = self.delete_old().await?;
        while !self.trim_feed().await? {}
        Ok(due)
    }

    /// Runs a due task that was just claimed.
    fn look<'a>(&'a self, run: &'a Execute<'a>, claimed: Claimed, began: Timestamp) -> Looking<'a> {
        let task = &claimed.task;
        let task_id = task.id;
        let comes_anew =
            task.status == Status::Waiting && claimed.wakes == 0 && task.wake_at.is_some_and(|at| at > began);
        let task_guard = self.locks.ticket(task_id).acquire_now();
        let guard = LeaseGuard::new(claimed.claim.clone(), Arc::clone(&self.storage), task_guard);
        Box::pin(async move {
            if comes_anew {
                return Ok(Looked::Quarantine(guard, None));
            }
            let outcome = match self.in_hand(guard, claimed, RunMode::Drain).await {
                Ok(task) => run(task).await.map_err(|error| (None, error)),
                Err((guard, error)) => Err((Some(guard), error)),
            };
            match outcome {
                Ok(None) => Ok(Looked::Advanced),
                Ok(Some(by)) => {
                    let reason = format!("held up: {by}");
                    Ok(Looked::HeldUp(SkippedTask { task_id, reason, held_up_by: Some(by) }))
                }
                Err((Some(guard), error)) if is_of_one_task(&error) => {
                    tracing::error!(task = %task_id, %error, "a due task is left as it is");
                    Ok(Looked::Quarantine(
                        guard,
                        Some(SkippedTask { task_id, reason: error.to_string(), held_up_by: None }),
                    ))
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
