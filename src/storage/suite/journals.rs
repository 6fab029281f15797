//! Checks of the journal: the steps of the body in progress.

use crate::storage::{Storage, Wanted};
use crate::task::StepFailure;
use crate::value::Value;

use super::sample::{LEASE, moment, next, step, stored, under};
use super::{CheckResult, EmptyStorage, ensure, ensure_eq, good, promises, refused};

promises! {
    "steps are given back with the claim" => steps_are_given_back,
    "steps are appended in order, by the holder only" => steps_are_fenced,
    "the journal ends with its checkpoint, results kept by key stay" => the_journal_ends,
    "a step does not change the task's revision" => a_step_leaves_the_revision,
}

async fn steps_are_given_back(fresh: EmptyStorage) -> CheckResult {
    let task = stored(&*fresh, |_| ()).await?;
    let claimed = good(fresh.claim(task.id, moment(0), LEASE).await)?;
    ensure_eq!(claimed.journal, Default::default(), "a new task's journal");
    let failure = StepFailure { kind: "http".into(), message: "500".into(), data: Value::list(vec![Value::Unit]) };
    let mut failed = step(2, Some("charge"));
    failed.outcome = Err(failure);
    let steps = [step(0, None), step(1, Some("mail")), failed, step(3, Some("charge"))];
    for step in &steps {
        good(fresh.append_step(&claimed.claim, step.clone()).await)?;
    }
    // Both ways of claiming return the journal.
    let again = good(fresh.claim(task.id, moment(10), LEASE).await)?.journal;
    ensure_eq!(again.steps, steps.to_vec(), "the steps");
    ensure_eq!(again.once, vec![step(3, Some("charge")), step(1, Some("mail"))], "the results kept by key");
    let due = good(fresh.claim_due(moment(20), &Wanted::all(), 1, LEASE).await)?.pop().ok_or("it was not due")?;
    ensure_eq!(due.journal, again, "the journal of a due task");
    Ok(())
}

async fn steps_are_fenced(fresh: EmptyStorage) -> CheckResult {
    let task = stored(&*fresh, |_| ()).await?;
    let first = good(fresh.claim(task.id, moment(0), LEASE).await)?.claim;
    ensure!(refused(&fresh.append_step(&first, step(1, None)).await), "a step was skipped");
    good(fresh.append_step(&first, step(0, None)).await)?;
    ensure!(refused(&fresh.append_step(&first, step(0, None)).await), "a step was stored twice");
    let second = good(fresh.claim(task.id, moment(10), LEASE).await)?.claim;
    ensure!(refused(&fresh.append_step(&first, step(1, None)).await), "a lost claim could store a step");
    good(fresh.append_step(&second, step(1, None)).await)?;
    good(fresh.release(&second).await)?;
    ensure!(refused(&fresh.append_step(&second, step(2, None)).await), "a claim given back could store a step");
    let journal = good(fresh.claim(task.id, moment(11), LEASE).await)?.journal;
    ensure_eq!(journal.steps, vec![step(0, None), step(1, None)], "the steps");
    Ok(())
}

async fn the_journal_ends(fresh: EmptyStorage) -> CheckResult {
    let task = stored(&*fresh, |_| ()).await?;
    let claim = good(fresh.claim(task.id, moment(0), LEASE).await)?.claim;
    good(fresh.append_step(&claim, step(0, Some("key"))).await)?;
    let goes_on = next(&task, "two", 1);
    good(fresh.commit(under(&claim, false, goes_on.clone())).await)?;
    good(fresh.append_step(&claim, step(1, None)).await)?;
    let mut ends = next(&goes_on.task, "three", 2);
    ends.ends_journal = true;
    good(fresh.commit(under(&claim, false, ends)).await)?;
    let mut again = step(0, Some("key"));
    again.ms = 99;
    good(fresh.append_step(&claim, again.clone()).await)?;
    let journal = good(fresh.claim(task.id, moment(10), LEASE).await)?.journal;
    ensure_eq!(journal.steps, vec![again], "the steps of the next body");
    ensure_eq!(journal.once, vec![step(0, Some("key"))], "the result kept first under the key");
    Ok(())
}

async fn a_step_leaves_the_revision(fresh: EmptyStorage) -> CheckResult {
    let task = stored(&*fresh, |_| ()).await?;
    let claim = good(fresh.claim(task.id, moment(0), LEASE).await)?.claim;
    good(fresh.append_step(&claim, step(0, None)).await)?;
    ensure_eq!(good(fresh.task(task.id).await)?, Some(task.clone()), "the task");
    good(fresh.commit(under(&claim, true, next(&task, "two", 1))).await)
}
