//! Checks of deletion, explicit and by retention period.

use std::sync::Arc;

use crate::name::Name;
use crate::storage::{Filter, Storage};
use crate::task::{Pins, Status, Task};

use super::sample::{LEASE, applied, bare, customer, definition, ended, moment, next, step, stored, task, under};
use super::{CheckResult, EmptyStorage, ensure, ensure_eq, good, promises, refused};

promises! {
    "a task is deleted with all that belongs to it" => all_is_deleted,
    "a claimed task is not deleted" => a_claimed_task_stays,
    "ended tasks are deleted when their time is over" => old_tasks_are_deleted,
    "a sub-task is kept until its parent ends" => sub_tasks_wait_for_their_parent,
    "what is kept for a parent keeps nothing else, and goes with the parent" => what_is_kept_goes_with_its_parent,
    "definitions are kept while a task is pinned to them" => definitions_go_with_their_last_task,
}

/// A task with everything that can belong to one.
async fn laden(fresh: &EmptyStorage) -> Result<Task, String> {
    let first = stored(&**fresh, |_| ()).await?;
    let claim = good(fresh.claim(first.id, moment(0), LEASE).await)?.claim;
    good(fresh.append_step(&claim, step(0, Some("key"))).await)?;
    let mut checkpoint = ended(&first, 1, 100);
    checkpoint.index = Some(vec![customer("7", "buyer")]);
    checkpoint.applied = Some(applied("key"));
    good(fresh.commit(under(&claim, true, checkpoint.clone())).await)?;
    Ok(*checkpoint.task)
}

/// Whether nothing of `task` is left, not even for a new task with its id.
async fn nothing_is_left(fresh: &EmptyStorage, task: &Task) -> CheckResult {
    ensure_eq!(good(fresh.task(task.id).await)?, None, "the task");
    ensure_eq!(good(fresh.history(task.id, 0, 9).await)?, Vec::new(), "its history");
    ensure_eq!(good(fresh.applied(task.id, "key").await)?, None, "its key");
    let reference = Some(("customer".into(), "7".into(), None));
    ensure_eq!(good(fresh.count(&Filter { reference, ..Filter::default() }).await)?, 0, "its records");
    good(fresh.commit(bare(Task { id: task.id, ..super::task() })).await)?;
    let claimed = good(fresh.claim(task.id, moment(0), LEASE).await)?;
    ensure_eq!((claimed.wakes, claimed.journal), Default::default(), "its journal");
    let mut again = next(&claimed.task, "two", 1);
    again.applied = Some(applied("key"));
    good(fresh.commit(under(&claimed.claim, true, again)).await)
}

async fn all_is_deleted(fresh: EmptyStorage) -> CheckResult {
    let task = laden(&fresh).await?;
    let other = stored(&*fresh, |t| t.parent_id = Some(task.id)).await?;
    ensure!(good(fresh.delete(task.id, moment(2)).await)?, "it was not there");
    ensure!(!good(fresh.delete(task.id, moment(2)).await)?, "it was deleted twice");
    ensure_eq!(good(fresh.task(other.id).await)?, Some(other), "its sub-task");
    nothing_is_left(&fresh, &task).await
}

async fn a_claimed_task_stays(fresh: EmptyStorage) -> CheckResult {
    let task = laden(&fresh).await?;
    good(fresh.claim(task.id, moment(100), LEASE).await)?;
    ensure!(refused(&fresh.delete(task.id, moment(109)).await), "a claimed task was deleted");
    ensure_eq!(good(fresh.delete_old(moment(109), 9).await)?, 0, "claimed tasks deleted");
    ensure!(good(fresh.delete(task.id, moment(110)).await)?, "a claim that is over keeps the task");
    Ok(())
}

async fn old_tasks_are_deleted(fresh: EmptyStorage) -> CheckResult {
    let task = laden(&fresh).await?;
    stored(&*fresh, |task| (task.status, task.delete_at) = (Status::Waiting, Some(moment(1)))).await?;
    stored(&*fresh, |task| task.status = Status::Failed).await?;
    ensure_eq!(good(fresh.delete_old(moment(99), 9).await)?, 0, "deleted before their time");
    ensure_eq!(good(fresh.delete_old(moment(100), 9).await)?, 1, "deleted when it comes");
    ensure_eq!(good(fresh.count(&Filter::default()).await)?, 2, "tasks left");
    nothing_is_left(&fresh, &task).await?;
    for status in [Status::Failed, Status::Cancelled, Status::Completed] {
        stored(&*fresh, |task| (task.status, task.delete_at) = (status, Some(moment(1)))).await?;
    }
    ensure_eq!(good(fresh.delete_old(moment(100), 2).await)?, 2, "deleted, two at most");
    ensure_eq!(good(fresh.delete_old(moment(100), 2).await)?, 1, "deleted, the rest");
    Ok(())
}

async fn sub_tasks_wait_for_their_parent(fresh: EmptyStorage) -> CheckResult {
    let parent = stored(&*fresh, |_| ()).await?;
    let absent = uuid::Uuid::new_v4();
    for parent in [parent.id, absent] {
        let old = |task: &mut Task| (task.status, task.delete_at) = (Status::Completed, Some(moment(1)));
        stored(&*fresh, |task| (task.parent_id, ()) = (Some(parent), old(task))).await?;
    }
    ensure_eq!(good(fresh.delete_old(moment(5), 9).await)?, 1, "deleted while the parent lives");
    ensure_eq!(good(fresh.tasks(&Filter { parent_id: Some(absent), ..Filter::default() }).await)?.len(), 0, "orphans");
    good(fresh.commit(ended(&parent, 6, 1000)).await)?;
    ensure_eq!(good(fresh.delete_old(moment(7), 9).await)?, 1, "deleted once the parent has ended");
    ensure_eq!(good(fresh.count(&Filter::default()).await)?, 1, "tasks left");
    Ok(())
}

async fn what_is_kept_goes_with_its_parent(fresh: EmptyStorage) -> CheckResult {
    let old = |task: &mut Task| (task.status, task.delete_at) = (Status::Completed, Some(moment(1)));
    let [ends, is_deleted, goes_on] = [
        stored(&*fresh, |_| ()).await?,
        stored(&*fresh, |_| ()).await?,
        stored(&*fresh, |task| task.status = Status::Waiting).await?,
    ];
    for parent in [&ends, &is_deleted, &goes_on] {
        for _ in 0..3 {
            stored(&*fresh, |task| (task.parent_id, ()) = (Some(parent.id), old(task))).await?;
        }
    }
    for _ in 0..3 {
        stored(&*fresh, old).await?;
    }
    // Tasks that are kept come before those that are not.
    ensure_eq!(good(fresh.delete_old(moment(2), 2).await)?, 2, "deleted, two at most");
    ensure_eq!(good(fresh.delete_old(moment(2), 2).await)?, 1, "deleted, the rest");
    ensure_eq!(good(fresh.delete_old(moment(2), 2).await)?, 0, "deleted while the parents live");
    good(fresh.commit(ended(&ends, 3, 1000)).await)?;
    good(fresh.commit(next(&goes_on, "on", 3)).await)?;
    ensure!(good(fresh.delete(is_deleted.id, moment(3)).await)?, "a parent was not there");
    ensure_eq!(good(fresh.delete_old(moment(4), 4).await)?, 4, "deleted once two parents are gone, four at most");
    ensure_eq!(good(fresh.delete_old(moment(4), 4).await)?, 2, "deleted, the rest");
    // An ended parent may be retried before anybody looked.
    let on = next(&goes_on, "on", 3).task;
    let last = ended(&on, 5, 1000);
    good(fresh.commit(last.clone()).await)?;
    let mut again = next(&last.task, "again", 6);
    (again.task.status, again.task.ended_at) = (Status::Active, None);
    good(fresh.commit(again.clone()).await)?;
    ensure_eq!(good(fresh.delete_old(moment(7), 9).await)?, 0, "deleted while the parent lives again");
    good(fresh.commit(ended(&again.task, 8, 1000)).await)?;
    ensure_eq!(good(fresh.delete_old(moment(9), 9).await)?, 3, "deleted once it has ended again");
    Ok(())
}

async fn definitions_go_with_their_last_task(fresh: EmptyStorage) -> CheckResult {
    let [sample, pinned, moved, never] = ["sample", "pinned", "moved", "never"].map(definition);
    let mut first = bare(task());
    first.definitions = [&sample, &pinned, &moved, &never].map(Arc::clone).to_vec();
    first.task.progress.pins = Pins::from([(Name::new("pinned"), pinned.digest.clone())]);
    good(fresh.commit(first.clone()).await)?;
    let second = stored(&*fresh, |_| ()).await?;
    let left = async || {
        good(fresh.delete_old(moment(2000), 9).await)?;
        let mut left = Vec::new();
        for definition in [&sample, &pinned, &moved, &never] {
            left.extend(good(fresh.definition(&definition.digest).await)?.map(|kept| kept.flow.to_string()));
        }
        Ok::<_, String>(left.join(" "))
    };
    ensure_eq!(left().await?, "sample pinned", "kept for two tasks");
    let mut moves = next(&first.task, "two", 1);
    moves.definitions = vec![Arc::clone(&moved)];
    moves.task.digest = moved.digest.clone();
    good(fresh.commit(moves.clone()).await)?;
    ensure_eq!(left().await?, "sample pinned moved", "kept after one of them has moved");
    good(fresh.delete(second.id, moment(2)).await)?;
    ensure_eq!(left().await?, "pinned moved", "kept for the one that has moved");
    let mut unpins = next(&moves.task, "three", 2);
    unpins.task.progress.pins = Pins::default();
    good(fresh.commit(unpins.clone()).await)?;
    ensure_eq!(left().await?, "moved", "kept once it pins nothing else");
    good(fresh.commit(ended(&unpins.task, 3, 1000)).await)?;
    ensure_eq!(left().await?, "", "kept once all are gone");
    Ok(())
}
