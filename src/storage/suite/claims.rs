//! Checks of claims, leases, wakes and due tasks.

use crate::name::Name;
use crate::storage::{Storage, StorageError, Wanted};
use crate::task::{Status, Task, TaskId};

use super::sample::{LEASE, asleep, bare, ended, moment, next, step, stored, task, under};
use super::{CheckResult, EmptyStorage, ensure, ensure_eq, good, promises, refused};

promises! {
    "a claim keeps others away until its lease ends" => a_claim_keeps_others_away,
    "a commit under a lost claim is refused" => a_lost_claim_is_refused,
    "a lease that is over but not retaken still holds" => an_expired_claim_still_holds,
    "a commit can end its claim" => a_commit_can_end_its_claim,
    "a commit can take a task from its holder" => a_commit_can_seize_a_task,
    "a new task can be stored as claimed" => a_new_task_can_be_claimed,
    "a claim is extended and given back only by its holder" => only_the_holder_extends_and_releases,
    "a task of any status can be claimed by its id" => any_status_can_be_claimed,
    "what is due is handed out once" => what_is_due_is_handed_out_once,
    "what is due comes by priority, then by age if no queue was served before" => what_is_due_comes_in_order,
    "queues are kept apart" => queues_are_kept_apart,
    "a sub-task's end wakes its parent" => a_sub_task_wakes_its_parent,
    "a wake that comes meanwhile is not missed" => a_wake_meanwhile_is_not_missed,
    "the next due time is known" => the_next_due_time_is_known,
}

async fn a_claim_keeps_others_away(fresh: EmptyStorage) -> CheckResult {
    let task = stored(&*fresh, |_| ()).await?;
    let first = good(fresh.claim(task.id, moment(0), LEASE).await)?;
    ensure_eq!(first.task, task, "the task claimed");
    ensure_eq!((first.claim.task_id, first.claim.until, first.wakes), (task.id, moment(10), 0), "the claim");
    ensure!(refused(&fresh.claim(task.id, moment(9), LEASE).await), "it was claimed twice");
    ensure!(refused(&fresh.commit(next(&task, "two", 9)).await), "it was changed past its holder");
    ensure_eq!(good(fresh.claim_due(moment(9), &Wanted::all(), 9, LEASE).await)?.len(), 0, "tasks handed out");
    let second = good(fresh.claim(task.id, moment(10), LEASE).await)?;
    ensure!(first.claim.token != second.claim.token, "two claims have one token");
    let nobody = uuid::Uuid::new_v4();
    let outcome = fresh.claim(nobody, moment(0), LEASE).await;
    ensure!(matches!(outcome, Err(StorageError::NotFound(id)) if id == nobody), "a task nobody stored: {outcome:?}");
    Ok(())
}

async fn a_lost_claim_is_refused(fresh: EmptyStorage) -> CheckResult {
    let task = stored(&*fresh, |_| ()).await?;
    let first = good(fresh.claim(task.id, moment(0), LEASE).await)?.claim;
    let second =
        good(fresh.claim_due(moment(10), &Wanted::all(), 1, LEASE).await)?.pop().ok_or("it was not due again")?.claim;
    let checkpoint = next(&task, "two", 11);
    ensure!(refused(&fresh.commit(under(&first, true, checkpoint.clone())).await), "a lost claim could commit");
    good(fresh.commit(under(&second, false, checkpoint.clone())).await)?;
    good(fresh.release(&second).await)?;
    let third = next(&checkpoint.task, "three", 12);
    ensure!(refused(&fresh.commit(under(&second, true, third.clone())).await), "a claim given back could commit");
    let other = stored(&*fresh, |_| ()).await?;
    let stray = good(fresh.claim(other.id, moment(0), LEASE).await)?.claim;
    ensure!(refused(&fresh.commit(under(&stray, true, third.clone())).await), "another task's claim could commit");
    good(fresh.commit(third).await)
}

async fn an_expired_claim_still_holds(fresh: EmptyStorage) -> CheckResult {
    let task = stored(&*fresh, |_| ()).await?;
    let claim = good(fresh.claim(task.id, moment(0), LEASE).await)?.claim;
    let late = next(&task, "two", 500);
    good(fresh.commit(under(&claim, false, late.clone())).await)?;
    // A commit without a claim ends an expired one.
    let past = next(&late.task, "three", 501);
    good(fresh.commit(past.clone()).await)?;
    let outcome = fresh.commit(under(&claim, true, next(&past.task, "four", 502))).await;
    ensure!(refused(&outcome), "a claim that was passed over could commit");
    Ok(())
}

async fn a_commit_can_end_its_claim(fresh: EmptyStorage) -> CheckResult {
    let task = stored(&*fresh, |_| ()).await?;
    let claim = good(fresh.claim(task.id, moment(0), LEASE).await)?.claim;
    let kept = next(&task, "two", 1);
    good(fresh.commit(under(&claim, false, kept.clone())).await)?;
    ensure!(refused(&fresh.claim(task.id, moment(2), LEASE).await), "a commit ended a claim it should keep");
    good(fresh.commit(under(&claim, true, next(&kept.task, "three", 2))).await)?;
    let taken = good(fresh.claim_due(moment(2), &Wanted::all(), 9, LEASE).await)?;
    ensure_eq!(taken.len(), 1, "tasks due after the claim ended");
    Ok(())
}

async fn a_new_task_can_be_claimed(fresh: EmptyStorage) -> CheckResult {
    let (held, free) = (task(), task());
    let claim = |task: &Task| crate::task::Claim::new(task.id, moment(0), LEASE);
    let mine = claim(&held);
    good(fresh.commit(under(&mine, false, bare(held.clone()))).await)?;
    good(fresh.commit(under(&claim(&free), true, bare(free.clone()))).await)?;
    let due: Vec<_> =
        good(fresh.claim_due(moment(1), &Wanted::all(), 9, LEASE).await)?.iter().map(|c| c.task.id).collect();
    ensure_eq!(due, vec![free.id], "tasks due");
    good(fresh.commit(under(&mine, true, next(&held, "two", 2))).await)
}

async fn only_the_holder_extends_and_releases(fresh: EmptyStorage) -> CheckResult {
    let task = stored(&*fresh, |_| ()).await?;
    let first = good(fresh.claim(task.id, moment(0), LEASE).await)?.claim;
    let longer = good(fresh.extend(&first, moment(0), 6 * LEASE).await)?;
    ensure_eq!((longer.until, longer.token), (moment(60), first.token), "the claim extended");
    ensure!(refused(&fresh.claim(task.id, moment(59), LEASE).await), "an extended claim ended early");
    let second = good(fresh.claim(task.id, moment(60), LEASE).await)?.claim;
    ensure!(refused(&fresh.extend(&first, moment(60), LEASE).await), "a lost claim was extended");
    good(fresh.release(&first).await)?;
    ensure!(refused(&fresh.claim(task.id, moment(61), LEASE).await), "a lost claim gave the task away");
    good(fresh.release(&second).await)?;
    good(fresh.release(&second).await)?;
    good(fresh.claim(task.id, moment(61), LEASE).await)?;
    Ok(())
}

async fn any_status_can_be_claimed(fresh: EmptyStorage) -> CheckResult {
    for status in Status::ALL {
        let task = stored(&*fresh, |task| task.status = status).await?;
        good(fresh.claim(task.id, moment(0), LEASE).await)?;
    }
    Ok(())
}

async fn what_is_due_is_handed_out_once(fresh: EmptyStorage) -> CheckResult {
    let active = stored(&*fresh, |_| ()).await?;
    let mut sleepers = Vec::new();
    for wake_at in [Some(5), Some(6), None] {
        let checkpoint = asleep(&stored(&*fresh, |_| ()).await?, 1, wake_at);
        good(fresh.commit(checkpoint.clone()).await)?;
        sleepers.push(*checkpoint.task);
    }
    good(fresh.commit(ended(&stored(&*fresh, |_| ()).await?, 1, 90)).await)?;
    let early: Vec<TaskId> =
        good(fresh.claim_due(moment(4), &Wanted::all(), 9, LEASE).await)?.iter().map(|c| c.task.id).collect();
    ensure_eq!(early, vec![active.id], "due before the first wakes");
    let mut late = good(fresh.claim_due(moment(5), &Wanted::all(), 9, LEASE).await)?;
    let claimed = late.pop().ok_or("the first sleeper was not due")?;
    ensure_eq!(Some(&claimed.task), sleepers.first(), "due when the first wakes");
    ensure!(late.is_empty(), "handed out too early: {late:?}");
    let again: Vec<_> = good(fresh.claim_due(moment(14), &Wanted::all(), 9, LEASE).await)?;
    let mut again: Vec<TaskId> = again.iter().map(|c| c.task.id).collect();
    let mut expected: Vec<TaskId> = vec![active.id];
    expected.extend(sleepers.get(1).map(|task| task.id));
    again.sort_unstable();
    expected.sort_unstable();
    ensure_eq!(again, expected, "due when the first lease is over");
    ensure!(refused(&fresh.claim(claimed.task.id, moment(14), LEASE).await), "a live claim was taken");
    Ok(())
}

async fn what_is_due_comes_in_order(fresh: EmptyStorage) -> CheckResult {
    let mut made = Vec::new();
    for (priority, queue, wake_at) in [(0, "a", 7), (0, "b", 3), (5, "b", 9), (-5, "a", 1), (0, "a", 5), (5, "a", 8)] {
        let change = |task: &mut Task| {
            (task.priority, task.queue) = (priority, queue.into());
            (task.status, task.wake_at) = (Status::Waiting, Some(moment(wake_at)));
        };
        made.push(((-priority, wake_at), stored(&*fresh, change).await?.id));
    }
    made.sort_unstable();
    let expected: Vec<TaskId> = made.into_iter().map(|(_, id)| id).collect();
    let mut taken: Vec<TaskId> = Vec::new();
    for _ in 0..3 {
        taken.extend(good(fresh.claim_due(moment(20), &Wanted::all(), 2, LEASE).await)?.iter().map(|c| c.task.id));
    }
    ensure_eq!(taken, expected, "the order");
    ensure_eq!(good(fresh.claim_due(moment(20), &Wanted::all(), 2, LEASE).await)?.len(), 0, "tasks left");
    Ok(())
}

async fn queues_are_kept_apart(fresh: EmptyStorage) -> CheckResult {
    let mut of = Vec::new();
    for queue in ["mail", "slow", "mail", "default"] {
        of.push(stored(&*fresh, |task| task.queue = queue.into()).await?);
    }
    let queues = |names: &[&str]| names.iter().map(Name::new).collect::<Vec<_>>();
    ensure_eq!(
        good(fresh.claim_due(moment(1), &Wanted::of(&queues(&["nobody"])), 9, LEASE).await)?.len(),
        0,
        "of an unknown queue"
    );
    ensure_eq!(good(fresh.next_due(&Wanted::of(&queues(&["nobody"]))).await)?, None, "the next of an unknown queue");
    let taken = good(fresh.claim_due(moment(1), &Wanted::of(&queues(&["mail", "default"])), 9, LEASE).await)?;
    let mut taken: Vec<TaskId> = taken.iter().map(|claimed| claimed.task.id).collect();
    let mut expected: Vec<TaskId> = of.iter().filter(|task| task.queue != "slow").map(|task| task.id).collect();
    taken.sort_unstable();
    expected.sort_unstable();
    ensure_eq!(taken, expected, "of two queues");
    Ok(())
}

async fn a_commit_can_seize_a_task(fresh: EmptyStorage) -> CheckResult {
    let task = stored(&*fresh, |_| ()).await?;
    let claim = good(fresh.claim(task.id, moment(0), LEASE).await)?.claim;
    good(fresh.append_step(&claim, step(0, Some("key"))).await)?;
    let journal = good(fresh.journal(task.id).await)?;
    ensure_eq!(journal.steps, vec![step(0, Some("key"))], "the journal of a task that is held");
    let nobody = uuid::Uuid::new_v4();
    let outcome = fresh.journal(nobody).await;
    ensure!(matches!(outcome, Err(StorageError::NotFound(id)) if id == nobody), "a journal nobody wrote: {outcome:?}");

    let mut steals_claim = ended(&task, 1, 90);
    (steals_claim.steals_claim, steals_claim.ends_journal) = (true, true);
    ensure!(refused(&fresh.commit(under(&claim, true, steals_claim.clone())).await), "it seized what it says it holds");
    let mut stale = steals_claim.clone();
    stale.task.revision += 1;
    ensure!(refused(&fresh.commit(stale).await), "a revision was skipped");
    good(fresh.commit(steals_claim.clone()).await)?;
    let late = next(&steals_claim.task, "two", 2);
    ensure!(refused(&fresh.commit(under(&claim, true, late.clone())).await), "who lost the task could commit");
    ensure!(refused(&fresh.append_step(&claim, step(1, None)).await), "who lost the task could store a step");
    ensure!(refused(&fresh.extend(&claim, moment(60), LEASE).await), "who lost the task could hold it longer");
    let again = good(fresh.claim(task.id, moment(2), LEASE).await)?;
    ensure_eq!((again.task, again.journal.steps), (*steals_claim.task, Vec::new()), "the task");
    ensure_eq!(again.journal.once, vec![step(0, Some("key"))], "the results kept by key");
    good(fresh.commit(under(&again.claim, true, late)).await)
}

async fn a_sub_task_wakes_its_parent(fresh: EmptyStorage) -> CheckResult {
    let sleeps = asleep(&stored(&*fresh, |_| ()).await?, 1, Some(1000));
    good(fresh.commit(sleeps.clone()).await)?;
    let parent = sleeps.task;
    for seconds in [2, 3] {
        let child = stored(&*fresh, |task| task.parent_id = Some(parent.id)).await?;
        let mut last = ended(&child, seconds, 9);
        last.notify_parent = Some(parent.id);
        good(fresh.commit(last).await)?;
    }
    ensure_eq!(good(fresh.next_due(&Wanted::all()).await)?, Some(moment(2)), "when it is due");
    let claimed =
        good(fresh.claim_due(moment(3), &Wanted::all(), 9, LEASE).await)?.pop().ok_or("the parent was not due")?;
    ensure_eq!((claimed.task.id, claimed.task.revision, claimed.wakes), (parent.id, 2, 2), "the parent");
    let mut seen = asleep(&claimed.task, 4, Some(1000));
    seen.acked_wakes = 2;
    good(fresh.commit(under(&claimed.claim, true, seen)).await)?;
    ensure_eq!(
        good(fresh.claim_due(moment(999), &Wanted::all(), 9, LEASE).await)?.len(),
        0,
        "tasks due once it was seen"
    );
    let mut orphan = ended(&stored(&*fresh, |_| ()).await?, 2, 9);
    orphan.notify_parent = Some(uuid::Uuid::new_v4());
    good(fresh.commit(orphan).await)
}

async fn a_wake_meanwhile_is_not_missed(fresh: EmptyStorage) -> CheckResult {
    let parent = stored(&*fresh, |_| ()).await?;
    let claimed = good(fresh.claim(parent.id, moment(1), LEASE).await)?;
    let child = stored(&*fresh, |task| (task.queue, task.parent_id) = ("other".into(), Some(parent.id))).await?;
    let mut last = ended(&child, 2, 9);
    last.notify_parent = Some(parent.id);
    good(fresh.commit(last).await)?;
    let mut sleeps = asleep(&claimed.task, 3, None);
    sleeps.acked_wakes = claimed.wakes;
    good(fresh.commit(under(&claimed.claim, true, sleeps)).await)?;
    let again = good(fresh.claim_due(moment(3), &Wanted::all(), 9, LEASE).await)?.pop().ok_or("the wake was missed")?;
    ensure_eq!((again.task.id, again.wakes), (parent.id, 1), "the parent");
    let mut too_many = asleep(&again.task, 4, None);
    too_many.acked_wakes = 100;
    good(fresh.commit(under(&again.claim, true, too_many)).await)?;
    ensure_eq!(good(fresh.next_due(&Wanted::all()).await)?, None, "when it is due after all was seen");
    Ok(())
}

async fn the_next_due_time_is_known(fresh: EmptyStorage) -> CheckResult {
    ensure_eq!(good(fresh.next_due(&Wanted::all()).await)?, None, "of an empty storage");
    let sleeper = stored(&*fresh, |task| (task.status, task.wake_at) = (Status::Waiting, Some(moment(70)))).await?;
    good(fresh.commit(ended(&stored(&*fresh, |_| ()).await?, 1, 9)).await)?;
    ensure_eq!(good(fresh.next_due(&Wanted::all()).await)?, Some(moment(70)), "of a sleeper");
    let active = stored(&*fresh, |task| task.queue = "mail".into()).await?;
    ensure_eq!(good(fresh.next_due(&Wanted::all()).await)?, Some(moment(0)), "of an active one");
    ensure_eq!(
        good(fresh.next_due(&Wanted::of(&["default".into()])).await)?,
        Some(moment(70)),
        "of the sleeper's queue"
    );
    let claim = good(fresh.claim(active.id, moment(1), LEASE).await)?.claim;
    ensure_eq!(good(fresh.next_due(&Wanted::all()).await)?, Some(moment(11)), "of an active one under a claim");
    good(fresh.claim(sleeper.id, moment(90), LEASE).await)?;
    ensure_eq!(
        good(fresh.next_due(&Wanted::of(&["default".into()])).await)?,
        Some(moment(100)),
        "of a sleeper under a claim"
    );
    good(fresh.commit(under(&claim, true, ended(&active, 2, 9))).await)?;
    ensure_eq!(good(fresh.next_due(&Wanted::of(&["mail".into()])).await)?, None, "of a queue in which all have ended");
    Ok(())
}
