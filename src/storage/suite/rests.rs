//! Checks of parents that rest between looks.

use crate::storage::{Storage, Wanted};
use crate::task::{Checkpoint, Task};

use super::sample::{LEASE, asleep, ended, moment, stored, under};
use super::{CheckResult, EmptyStorage, ensure_eq, good, promises};

promises! {
    "a parent that rests is not due by its sub-tasks before" => it_rests,
    "a parent that rests is due at its own time" => its_own_time_comes,
    "wakes left over wait until the rest is over" => wakes_left_over_wait,
    "a commit without a rest ends the one before" => a_commit_ends_it,
}

/// Stores the end of a sub-task of `parent`.
async fn wake(fresh: &EmptyStorage, parent: &Task, seconds: i64) -> CheckResult {
    let child = stored(&**fresh, |task| (task.queue, task.parent_id) = ("children".into(), Some(parent.id))).await?;
    let mut last = ended(&child, seconds, 9_999);
    last.notify_parent = Some(parent.id);
    good(fresh.commit(last).await)
}

/// Stores a parent that sleeps until `wake_at` and rests until `not_before`.
async fn resting(fresh: &EmptyStorage, wake_at: Option<i64>, not_before: i64) -> Result<Checkpoint, String> {
    let mut sleeps = asleep(&stored(&**fresh, |_| ()).await?, 1, wake_at);
    sleeps.not_before = Some(moment(not_before));
    good(fresh.commit(sleeps.clone()).await)?;
    Ok(sleeps)
}

async fn due(fresh: &EmptyStorage) -> Result<Option<crate::clock::Timestamp>, String> {
    good(fresh.next_due(&Wanted::of(&["default".into()])).await)
}

async fn it_rests(fresh: EmptyStorage) -> CheckResult {
    let parent = resting(&fresh, None, 50).await?.task;
    ensure_eq!(due(&fresh).await?, None, "when it is due before a sub-task has ended");
    wake(&fresh, &parent, 2).await?;
    wake(&fresh, &parent, 3).await?;
    ensure_eq!(due(&fresh).await?, Some(moment(50)), "when it is due after two have");
    ensure_eq!(
        good(fresh.claim_due(moment(49), &Wanted::all(), 9, LEASE).await)?.len(),
        0,
        "tasks handed out while it rests"
    );
    let claimed =
        good(fresh.claim_due(moment(50), &Wanted::all(), 9, LEASE).await)?.pop().ok_or("it was not due then")?;
    ensure_eq!((claimed.task.id, claimed.wakes), (parent.id, 2), "the parent and its wakes");
    let late = resting(&fresh, None, 60).await?.task;
    wake(&fresh, &late, 70).await?;
    let next = good(fresh.claim_due(moment(70), &Wanted::all(), 9, LEASE).await)?;
    let next: Vec<_> = next.iter().map(|claimed| claimed.task.id).collect();
    ensure_eq!(next, vec![parent.id, late.id], "due at once, by a sub-task that ended after its rest");
    Ok(())
}

async fn its_own_time_comes(fresh: EmptyStorage) -> CheckResult {
    let parent = resting(&fresh, Some(20), 50).await?.task;
    ensure_eq!(due(&fresh).await?, Some(moment(20)), "when it is due");
    wake(&fresh, &parent, 2).await?;
    ensure_eq!(due(&fresh).await?, Some(moment(20)), "when it is due after a sub-task has ended");
    let claimed =
        good(fresh.claim_due(moment(20), &Wanted::all(), 9, LEASE).await)?.pop().ok_or("it was not due then")?;
    ensure_eq!((claimed.task.id, claimed.wakes), (parent.id, 1), "the parent and its wakes");
    Ok(())
}

async fn wakes_left_over_wait(fresh: EmptyStorage) -> CheckResult {
    let sleeps = asleep(&stored(&*fresh, |_| ()).await?, 1, None);
    good(fresh.commit(sleeps.clone()).await)?;
    wake(&fresh, &sleeps.task, 2).await?;
    let claimed =
        good(fresh.claim_due(moment(3), &Wanted::all(), 9, LEASE).await)?.pop().ok_or("the parent was not due")?;
    wake(&fresh, &sleeps.task, 4).await?;
    let mut looked = asleep(&claimed.task, 5, None);
    (looked.acked_wakes, looked.not_before) = (claimed.wakes, Some(moment(50)));
    good(fresh.commit(under(&claimed.claim, true, looked.clone())).await)?;
    ensure_eq!(due(&fresh).await?, Some(moment(50)), "when it is due by the wake that came while it was looked at");
    wake(&fresh, &sleeps.task, 6).await?;
    let again =
        good(fresh.claim_due(moment(50), &Wanted::all(), 9, LEASE).await)?.pop().ok_or("it was not due then")?;
    ensure_eq!((again.task.id, again.wakes), (sleeps.task.id, 2), "the parent and its wakes");
    let mut seen = asleep(&again.task, 51, None);
    (seen.acked_wakes, seen.not_before) = (2, Some(moment(90)));
    good(fresh.commit(under(&again.claim, true, seen)).await)?;
    ensure_eq!(due(&fresh).await?, None, "when it is due once all were seen");
    Ok(())
}

async fn a_commit_ends_it(fresh: EmptyStorage) -> CheckResult {
    let rests = resting(&fresh, None, 50).await?;
    wake(&fresh, &rests.task, 2).await?;
    let shorter = Checkpoint { not_before: Some(moment(30)), ..asleep(&rests.task, 3, None) };
    good(fresh.commit(shorter.clone()).await)?;
    ensure_eq!(due(&fresh).await?, Some(moment(30)), "when it is due after a shorter rest");
    let clears = asleep(&shorter.task, 4, None);
    good(fresh.commit(clears.clone()).await)?;
    let next = good(fresh.claim_due(moment(4), &Wanted::all(), 9, LEASE).await)?.pop().ok_or("its wake still waits")?;
    let mut seen = asleep(&next.task, 5, None);
    seen.acked_wakes = next.wakes;
    good(fresh.commit(under(&next.claim, true, seen)).await)?;
    wake(&fresh, &clears.task, 6).await?;
    ensure_eq!(due(&fresh).await?, Some(moment(6)), "when it is due by a sub-task that ended after the rest was over");
    Ok(())
}
