//! Checks of turns among queues.

use crate::name::Name;
use crate::storage::{Storage, Wanted};
use crate::task::{Status, Task};

use super::sample::{LEASE, moment, stored};
use super::{CheckResult, EmptyStorage, ensure_eq, good, promises};

promises! {
    "queues of one priority take turns, call after call" => queues_take_turns,
    "queues take turns within a call" => queues_take_turns_within_a_call,
    "queues take turns whatever queues the callers ask for" => all_who_ask_share_one_line,
}

/// Stores `count` tasks of a queue that are due from second `first` on, one per second.
async fn fill(fresh: &EmptyStorage, queue: &str, priority: i32, first: i64, count: i64) -> CheckResult {
    for seconds in first..first.saturating_add(count) {
        let change = |task: &mut Task| {
            (task.queue, task.priority) = (queue.into(), priority);
            (task.status, task.wake_at) = (Status::Waiting, Some(moment(seconds)));
        };
        stored(&**fresh, change).await?;
    }
    Ok(())
}

/// The queues served by `calls` calls for up to `limit` tasks of `queues` each, with the due time of each task.
async fn served(fresh: &EmptyStorage, queues: &[&str], limit: usize, calls: usize) -> Result<String, String> {
    let queues: Vec<Name> = queues.iter().map(Name::new).collect();
    let mut served = Vec::new();
    for _ in 0..calls {
        for claimed in good(fresh.claim_due(moment(1_000), &Wanted::of(&queues), limit, LEASE).await)? {
            let due = claimed.task.wake_at.map_or(0, |at| (at - moment(0)).num_seconds());
            served.push(format!("{}{due}", claimed.task.queue));
        }
    }
    Ok(served.join(" "))
}

async fn queues_take_turns(fresh: EmptyStorage) -> CheckResult {
    fill(&fresh, "a", 0, 0, 8).await?;
    fill(&fresh, "b", 0, 50, 2).await?;
    fill(&fresh, "c", 0, 60, 3).await?;
    // It wakes later than anybody asks for.
    fill(&fresh, "d", 0, 5_000, 1).await?;
    ensure_eq!(served(&fresh, &[], 1, 6).await?, "a0 b50 c60 a1 b51 c61", "the first two turns");
    fill(&fresh, "high", 7, 70, 1).await?;
    ensure_eq!(served(&fresh, &[], 1, 4).await?, "high70 a2 c62 a3", "with a higher priority in between");
    fill(&fresh, "b", 0, 80, 1).await?;
    ensure_eq!(served(&fresh, &[], 1, 3).await?, "b80 a4 a5", "of one that was empty for a while");
    ensure_eq!(served(&fresh, &[], 1, 9).await?, "a6 a7", "what is left");
    Ok(())
}

async fn queues_take_turns_within_a_call(fresh: EmptyStorage) -> CheckResult {
    fill(&fresh, "a", 0, 0, 6).await?;
    fill(&fresh, "b", 0, 50, 3).await?;
    fill(&fresh, "low", -1, 0, 2).await?;
    ensure_eq!(served(&fresh, &[], 3, 2).await?, "a0 b50 a1 b51 a2 b52", "two calls for three");
    ensure_eq!(served(&fresh, &[], 4, 1).await?, "a3 a4 a5 low0", "a call that reaches the lower priority");
    Ok(())
}

async fn all_who_ask_share_one_line(fresh: EmptyStorage) -> CheckResult {
    for queue in ["a", "b", "c"] {
        fill(&fresh, queue, 0, 0, 9).await?;
        fill(&fresh, queue, 5, 20, 1).await?;
    }
    ensure_eq!(served(&fresh, &["b"], 1, 1).await?, "b20", "of the higher priority, by its name");
    ensure_eq!(served(&fresh, &[], 1, 2).await?, "a20 c20", "the others of it");
    let mut all = Vec::new();
    for _ in 0..3 {
        all.push(served(&fresh, &["a"], 1, 1).await?);
        all.push(served(&fresh, &["b", "c"], 1, 1).await?);
    }
    ensure_eq!(all.join(" "), "a0 b0 a1 c0 a2 b1", "two who ask in turn for different queues");
    Ok(())
}
