//! Checks of missing grants, of wanted tasks, and of clocks that were set back.

use crate::storage::{CallInFlight, Held, MAX_LEASES_AHEAD, Storage, Wanted};
use crate::task::{Claim, HeldUp, Status, Task, TaskId};

use super::sample::{LEASE, asleep, bare, moment, next, step, stored, task, under};
use super::{CheckResult, EmptyStorage, ensure, ensure_eq, good, promises, refused};

promises! {
    "what a task is held up by is kept until somebody takes it" => what_holds_a_task_up_is_kept,
    "a process without a grant is not given what is held up by it; others are" => who_lacks_a_grant_is_passed_over,
    "only what was started below a task is handed out, if that is wanted" => only_what_stands_below_is_handed_out,
    "lost claims are reported" => lost_claims_are_told,
    "a claim that was never given back is reported" => an_abandoned_claim_is_told_of,
    "the claim on a task is reported with its end, if the adapter knows it" => the_claim_is_told,
    "the call in flight is reported until it or the claim ends, if the adapter keeps it" => the_call_in_flight_is_told,
    "a claim that was given while the clock was ahead is over" => a_claim_of_the_future_is_over,
    "what was stored while the clock was ahead is due" => what_was_stored_in_the_future_is_due,
}

/// A missing grant.
fn by(host: &str) -> HeldUp {
    HeldUp { call: "http::get".into(), grant: format!("http={host}"), by_link: false }
}

/// Claims what is due and gives it back.
async fn due(fresh: &dyn Storage, seconds: i64, wanted: &Wanted<'_>) -> Result<Vec<TaskId>, String> {
    let claimed = good(fresh.claim_due(moment(seconds), wanted, 9, LEASE).await)?;
    for claimed in &claimed {
        good(fresh.release(&claimed.claim).await)?;
    }
    Ok(claimed.iter().map(|claimed| claimed.task.id).collect())
}

/// Stores a task that is held up.
async fn held_up(fresh: &dyn Storage, host: &str, change: impl FnOnce(&mut Task)) -> Result<Task, String> {
    let task = stored(fresh, change).await?;
    let claim = good(fresh.claim(task.id, moment(0), LEASE).await)?.claim;
    good(fresh.hold_up(&claim, &by(host)).await)?;
    Ok(Task { held_up_by: Some(Box::new(by(host))), ..task })
}

async fn what_holds_a_task_up_is_kept(fresh: EmptyStorage) -> CheckResult {
    let task = held_up(&*fresh, "a b", |_| ()).await?;
    ensure_eq!(good(fresh.task(task.id).await)?.as_ref(), Some(&task), "the task held up");
    ensure_eq!(good(fresh.next_due(&Wanted::all()).await)?, Some(moment(0)), "when it is due");
    let claimed = good(fresh.claim(task.id, moment(1), LEASE).await)?;
    ensure_eq!(claimed.task.held_up_by, None, "what holds up a task that is taken");
    ensure!(!claimed.abandoned, "a task that was given back as held up was abandoned");
    let stray = good(fresh.claim(stored(&*fresh, |_| ()).await?.id, moment(1), LEASE).await)?.claim;
    good(fresh.release(&stray).await)?;
    good(fresh.hold_up(&stray, &by("c")).await)?;
    ensure_eq!(good(fresh.task(stray.task_id).await)?.and_then(|task| task.held_up_by), None, "after a lost claim");
    let mut stores = next(&claimed.task, "two", 2);
    stores.task.held_up_by = Some(Box::new(by("d")));
    let stored = stores.task.clone();
    good(fresh.commit(under(&claimed.claim, true, stores)).await)?;
    ensure_eq!(
        good(fresh.task(task.id).await)?.and_then(|task| task.held_up_by),
        Some(Box::new(by("d"))),
        "with a commit"
    );
    let free = Task { held_up_by: None, ..*stored };
    good(fresh.commit(next(&free, "three", 3)).await)?;
    ensure_eq!(good(fresh.task(task.id).await)?.and_then(|task| task.held_up_by), None, "after the next commit");
    let mut new = super::sample::task();
    new.held_up_by = Some(Box::new(by("e")));
    good(fresh.commit(bare(new.clone())).await)?;
    ensure_eq!(good(fresh.task(new.id).await)?, Some(new), "a new task that is held up");
    Ok(())
}

async fn who_lacks_a_grant_is_passed_over(fresh: EmptyStorage) -> CheckResult {
    let one = held_up(&*fresh, "one", |_| ()).await?;
    let two = held_up(&*fresh, "two", |task| task.queue = "mail".into()).await?;
    let free = stored(&*fresh, |task| task.updated_at = moment(5)).await?;
    let lacks = [by("one")];
    let wanted = Wanted { lacks: &lacks, ..Wanted::all() };
    ensure_eq!(good(fresh.next_due(&wanted).await)?, Some(moment(0)), "when the other is due");
    let mut claimed = good(fresh.claim_due(moment(9), &wanted, 9, LEASE).await)?;
    claimed.sort_by_key(|claimed| claimed.task.id != two.id);
    let ids: Vec<TaskId> = claimed.iter().map(|claimed| claimed.task.id).collect();
    ensure_eq!(ids, vec![two.id, free.id], "what is handed to who lacks a grant");
    let queues = ["default".into()];
    let wanted = Wanted { queues: &queues, lacks: &lacks, below: None };
    ensure_eq!(good(fresh.next_due(&wanted).await)?, Some(moment(19)), "when the claimed one is due again");
    ensure_eq!(due(&*fresh, 9, &Wanted::of(&queues)).await?, vec![one.id], "what is handed to who has it");
    ensure_eq!(due(&*fresh, 9, &wanted).await?, vec![one.id], "what was given back by who has it");
    Ok(())
}

async fn only_what_stands_below_is_handed_out(fresh: EmptyStorage) -> CheckResult {
    let root = stored(&*fresh, |_| ()).await?;
    let child = stored(&*fresh, |task| task.parent_id = Some(root.id)).await?;
    let below = stored(&*fresh, |task| task.parent_id = Some(child.id)).await?;
    stored(&*fresh, |_| ()).await?;
    let wanted = Wanted { below: Some(root.id), ..Wanted::all() };
    let mut found = due(&*fresh, 1, &wanted).await?;
    let mut all = vec![root.id, child.id, below.id];
    found.sort_unstable();
    all.sort_unstable();
    ensure_eq!(found, all, "what stands below a task");
    let wanted = Wanted { below: Some(below.id), ..Wanted::all() };
    ensure_eq!(due(&*fresh, 1, &wanted).await?, vec![below.id], "what stands below the last");
    ensure_eq!(good(fresh.next_due(&wanted).await)?, Some(moment(0)), "when it is due");
    let wanted = Wanted { below: Some(uuid::Uuid::new_v4()), ..Wanted::all() };
    ensure_eq!(good(fresh.next_due(&wanted).await)?, None, "when something below nothing is due");
    Ok(())
}

async fn lost_claims_are_told(fresh: EmptyStorage) -> CheckResult {
    let (held, lost) = (stored(&*fresh, |_| ()).await?, stored(&*fresh, |_| ()).await?);
    let held = good(fresh.claim(held.id, moment(0), LEASE).await)?.claim;
    let mine = good(fresh.claim(lost.id, moment(0), LEASE).await)?.claim;
    let claims = [held.clone(), mine.clone()];
    ensure_eq!(good(fresh.lost(&claims).await)?, vec![], "claims lost at first");
    let mut steals_claim = next(&lost, "cancelled", 1);
    steals_claim.steals_claim = true;
    good(fresh.commit(steals_claim).await)?;
    ensure_eq!(good(fresh.lost(&claims).await)?, vec![mine], "claims lost to who seized the task");
    Ok(())
}

async fn an_abandoned_claim_is_told_of(fresh: EmptyStorage) -> CheckResult {
    let task = stored(&*fresh, |_| ()).await?;
    let first = good(fresh.claim(task.id, moment(0), LEASE).await)?;
    ensure!(!first.abandoned, "nobody had claimed it before");
    let second = good(fresh.claim_due(moment(10), &Wanted::all(), 1, LEASE).await)?.pop().ok_or("it was not due")?;
    ensure!(second.abandoned, "the claim before was never given back");
    good(fresh.release(&second.claim).await)?;
    let third = good(fresh.claim(task.id, moment(11), LEASE).await)?;
    ensure!(!third.abandoned, "the claim before was given back");
    let fourth = good(fresh.claim(task.id, moment(30), LEASE).await)?;
    ensure!(fourth.abandoned, "by its id, too");
    Ok(())
}

async fn a_claim_of_the_future_is_over(fresh: EmptyStorage) -> CheckResult {
    let (one, two) = (stored(&*fresh, |_| ()).await?, stored(&*fresh, |_| ()).await?);
    let days = 30 * 86_400;
    good(fresh.claim(one.id, moment(days), LEASE).await)?;
    let held = good(fresh.claim(two.id, moment(days), LEASE).await)?.claim;
    good(fresh.claim(one.id, moment(1), LEASE).await)?;
    ensure_eq!(due(&*fresh, 1, &Wanted::all()).await?, vec![two.id], "what is due once the clock was set back");
    ensure!(refused(&fresh.extend(&held, moment(1), LEASE).await), "a claim that was over was extended");
    let task = stored(&*fresh, |_| ()).await?;
    good(fresh.claim(task.id, moment(days), LEASE).await)?;
    good(fresh.commit(next(&task, "two", 2)).await)?;
    let near = stored(&*fresh, |_| ()).await?;
    // A clock that is ahead by less than a lease does no harm.
    let lease = i64::try_from(LEASE.as_secs()).unwrap_or_default();
    let ahead = lease * i64::from(MAX_LEASES_AHEAD - 1);
    good(fresh.claim(near.id, moment(ahead), LEASE).await)?;
    ensure!(refused(&fresh.claim(near.id, moment(0), LEASE).await), "a claim that is a little ahead was over");
    good(fresh.claim(near.id, moment(-1), LEASE).await)?;
    Ok(())
}

async fn what_was_stored_in_the_future_is_due(fresh: EmptyStorage) -> CheckResult {
    let days = 30 * 86_400;
    let active = stored(&*fresh, |task| task.updated_at = moment(days)).await?;
    ensure_eq!(due(&*fresh, 1, &Wanted::all()).await?, vec![active.id], "an active task of the future");
    let parent = asleep(&stored(&*fresh, |_| ()).await?, 1, None);
    good(fresh.commit(parent.clone()).await)?;
    let child = stored(&*fresh, |task| task.parent_id = Some(parent.task.id)).await?;
    let mut ends = next(&child, "done", days);
    ends.task.status = Status::Completed;
    ends.notify_parent = Some(parent.task.id);
    good(fresh.commit(ends).await)?;
    let queue = [task().queue];
    let found = due(&*fresh, 2, &Wanted::of(&queue)).await?;
    ensure!(found.contains(&parent.task.id), "a parent that was woken in the future is not due");
    Ok(())
}

async fn the_claim_is_told(fresh: EmptyStorage) -> CheckResult {
    let task = stored(&*fresh, |_| ()).await?;
    ensure_eq!(good(fresh.held(task.id).await)?, None, "the holder of a task that nobody has claimed");
    ensure_eq!(good(fresh.held(uuid::Uuid::new_v4()).await)?, None, "the holder of no task");
    let claim = good(fresh.claim(task.id, moment(0), LEASE).await)?.claim;
    let Some(held) = good(fresh.held(task.id).await)? else { return Ok(()) };
    ensure_eq!((held.until, &held.call), (claim.until, &None), "the claim");
    ensure!(held.holder.as_ref().is_none_or(|holder| !holder.is_empty()), "the holder has no name");
    let claim = good(fresh.extend(&claim, moment(5), LEASE).await)?;
    ensure_eq!(good(fresh.held(task.id).await)?, Some(Held { until: claim.until, ..held.clone() }), "a claim extended");
    let checkpoint = next(&task, "two", 6);
    good(fresh.commit(under(&claim, false, checkpoint.clone())).await)?;
    let goes_on = Held { until: claim.until, ..held };
    ensure_eq!(good(fresh.held(task.id).await)?, Some(goes_on.clone()), "a claim that goes on");
    good(fresh.release(&claim).await)?;
    ensure_eq!(good(fresh.held(task.id).await)?, None, "a claim that was given back");
    let claim = good(fresh.claim_due(moment(7), &Wanted::all(), 1, LEASE).await)?.pop().ok_or("it was not due")?.claim;
    ensure_eq!(
        good(fresh.held(task.id).await)?,
        Some(Held { until: claim.until, ..goes_on.clone() }),
        "the next claim"
    );
    good(fresh.commit(under(&claim, true, next(&checkpoint.task, "three", 8))).await)?;
    ensure_eq!(good(fresh.held(task.id).await)?, None, "a claim that a commit ended");
    let new = Task { id: uuid::Uuid::new_v4(), ..task };
    let claim = Claim::new(new.id, moment(0), LEASE);
    good(fresh.commit(under(&claim, false, bare(new.clone()))).await)?;
    ensure_eq!(
        good(fresh.held(new.id).await)?,
        Some(Held { until: claim.until, ..goes_on }),
        "a new task stored as claimed"
    );
    Ok(())
}

async fn the_call_in_flight_is_told(fresh: EmptyStorage) -> CheckResult {
    let task = stored(&*fresh, |_| ()).await?;
    let call = CallInFlight { function: "http::post".into(), since: moment(1) };
    let told = async || Ok::<_, String>(good(fresh.held(task.id).await)?.and_then(|held| held.call));
    let claim = good(fresh.claim(task.id, moment(0), LEASE).await)?.claim;
    good(fresh.note_call(&claim, &call).await)?;
    if told().await?.is_none() {
        return Ok(());
    }
    good(fresh.extend(&claim, moment(5), LEASE).await)?;
    ensure_eq!(told().await?, Some(call.clone()), "the call in flight, and when it began");
    good(fresh.append_step(&claim, step(0, None)).await)?;
    ensure_eq!(told().await?, None, "the call after its step was stored");
    good(fresh.note_call(&claim, &call).await)?;
    let checkpoint = next(&task, "two", 6);
    good(fresh.commit(under(&claim, false, checkpoint.clone())).await)?;
    ensure_eq!(told().await?, None, "the call after a commit");
    good(fresh.note_call(&claim, &call).await)?;
    good(fresh.release(&claim).await)?;
    ensure_eq!(told().await?, None, "the call once the claim was given back");
    let second = good(fresh.claim(task.id, moment(7), LEASE).await)?.claim;
    ensure_eq!(told().await?, None, "the call under the next claim");
    good(fresh.note_call(&claim, &call).await)?;
    ensure_eq!(told().await?, None, "the call noted under a lost claim");
    good(fresh.note_call(&second, &call).await)?;
    good(fresh.claim_due(moment(30), &Wanted::all(), 1, LEASE).await)?.pop().ok_or("it was not due")?;
    ensure_eq!(told().await?, None, "the call of a holder who was relieved");
    Ok(())
}
