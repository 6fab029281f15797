//! Checks of counting tasks by flow, status and state.

use std::collections::BTreeMap;

use crate::name::Name;
use crate::storage::{COUNTED, Storage, TaskCount};
use crate::task::{Status, Task};

use super::sample::{asleep, bare, ended, moment, next, stored, task, together};
use super::{CheckResult, EmptyStorage, ensure_eq, good, promises};

promises! {
    "active, waiting and failed tasks are counted by flow and state" => they_are_counted,
    "counts follow each commit and each deletion" => counts_follow,
    "counts are those of one moment" => counts_of_one_moment,
}

/// What is to be counted of `tasks`.
fn expected(tasks: &[Task]) -> Vec<TaskCount> {
    let mut counts: BTreeMap<(Name, Status, Name), u64> = BTreeMap::new();
    for task in tasks.iter().filter(|task| COUNTED.contains(&task.status)) {
        let count = counts.entry((task.flow.clone(), task.status, task.state.clone())).or_default();
        *count = count.saturating_add(1);
    }
    counts.into_iter().map(|((flow, status, state), tasks)| TaskCount::new(flow, status, state, tasks)).collect()
}

async fn they_are_counted(fresh: EmptyStorage) -> CheckResult {
    ensure_eq!(good(fresh.counts().await)?, Vec::new(), "the counts of nothing");
    let mut made = Vec::new();
    for n in 0..60_usize {
        let pick = |bit: usize, one: &str, two: &str| Name::new(if n & bit == 0 { one } else { two });
        let change = |task: &mut Task| {
            (task.flow, task.state) = (pick(1, "shop/order", "b"), pick(2, "paid?", "start"));
            task.status = Status::ALL.get(n % Status::ALL.len()).copied().unwrap_or(Status::Active);
        };
        made.push(stored(&*fresh, change).await?);
    }
    ensure_eq!(good(fresh.counts().await)?, expected(&made), "the counts");
    Ok(())
}

async fn counts_follow(fresh: EmptyStorage) -> CheckResult {
    let mut first = stored(&*fresh, |_| ()).await?;
    let mut starts = next(&first, "two", 1);
    let child = Task { parent_id: Some(first.id), flow: "child".into(), ..task() };
    starts.sub_tasks = vec![child.clone()];
    good(fresh.commit(starts.clone()).await)?;
    first = (*starts.task).clone();
    ensure_eq!(good(fresh.counts().await)?, expected(&[first.clone(), child.clone()]), "after a start");
    ensure_eq!(fresh.commit(starts).await.is_err(), true, "whether a repeat was refused");
    ensure_eq!(good(fresh.counts().await)?, expected(&[first.clone(), child.clone()]), "after a refused commit");
    let sleeps = asleep(&first, 2, None);
    first = (*sleeps.task).clone();
    good(fresh.commit(sleeps).await)?;
    ensure_eq!(good(fresh.counts().await)?, expected(&[first.clone(), child.clone()]), "while it sleeps");
    let ends = ended(&first, 3, 100);
    first = (*ends.task).clone();
    good(fresh.commit(ends).await)?;
    ensure_eq!(good(fresh.counts().await)?, expected(&[first.clone(), child.clone()]), "after its end");
    good(fresh.delete(child.id, moment(3)).await)?;
    ensure_eq!(good(fresh.counts().await)?, Vec::new(), "after a deletion");
    let mut again = next(&first, "two", 4);
    (again.task.status, again.task.flow) = (Status::Failed, "renamed".into());
    good(fresh.commit(again.clone()).await)?;
    ensure_eq!(good(fresh.counts().await)?, expected(&[*again.task]), "after a retry that failed");
    Ok(())
}

/// One task moves to and fro between two states; whoever looks finds it in one of them.
async fn counts_of_one_moment(fresh: EmptyStorage) -> CheckResult {
    let mut at = stored(&*fresh, |_| ()).await?;
    for round in 0..20 {
        let moved = next(&at, if round % 2 == 0 { "one" } else { "two" }, round);
        at = (*moved.task).clone();
        let other = bare(Task { status: Status::Completed, ..task() });
        let writes = together(vec![fresh.commit(moved), fresh.commit(other)]);
        let (writes, counts) = tokio::join!(writes, fresh.counts());
        for write in writes {
            good(write)?;
        }
        ensure_eq!(good(counts)?.iter().map(|count| count.tasks).sum::<u64>(), 1, "how many there are");
    }
    Ok(())
}
