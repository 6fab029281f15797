//! Checks of the feed.

use std::collections::BTreeMap;
use std::pin::Pin;

use uuid::Uuid;

use crate::storage::{Cursor, FeedEntry, Storage, StorageError};
use crate::task::{Status, Task, TaskId};

use super::sample::{asleep, bare, ended, entry, moment, next, stored, task, together};
use super::{CheckResult, EmptyStorage, ensure, ensure_eq, good, promises};

promises! {
    "the feed tells of each start and each history entry, in order" => it_tells_of_everything,
    "the feed is read page by page, and on from any entry" => it_is_read_by_pages,
    "the feed misses nothing while commits overlap" => it_misses_nothing,
    "the feed tells nothing of what was refused" => it_tells_nothing_of_refusals,
    "the feed passes over tasks that are gone" => it_passes_over_the_gone,
    "the feed ends where the next entry will be" => it_has_an_end,
    "a cursor of another store is gone" => of_another_store,
    "old entries of the feed are deleted, but never the last" => old_entries_are_deleted,
}

/// An entry without its cursor.
type Told = (TaskId, u64, u64, Status);

fn told(entries: &[FeedEntry]) -> Vec<Told> {
    entries.iter().map(|entry| (entry.task_id, entry.seq, entry.revision, entry.status)).collect()
}

/// Everything after `after`, read by pages of `limit`, and the place after it.
async fn rest(storage: &dyn Storage, after: Option<Cursor>, limit: usize) -> Result<(Vec<FeedEntry>, Cursor), String> {
    let (mut entries, mut after) = (Vec::new(), after);
    loop {
        let page = good(storage.feed(after.as_ref(), limit).await)?;
        ensure!(page.entries.len() <= limit, "a page of {limit} has {} entries", page.entries.len());
        entries.extend(page.entries);
        if after.as_ref() == Some(&page.next) {
            return Ok((entries, page.next));
        }
        after = Some(page.next);
    }
}

async fn it_tells_of_everything(fresh: EmptyStorage) -> CheckResult {
    let first = stored(&*fresh, |_| ()).await?;
    let mut two = next(&first, "two", 1);
    two.transitions.push(entry(2, "two", "three", 1));
    (two.task.progress.seq, two.task.status) = (2, Status::Waiting);
    two.sub_tasks = vec![Task { parent_id: Some(first.id), ..task() }];
    let child = two.sub_tasks.first().map(|task| task.id).unwrap_or_default();
    good(fresh.commit(two.clone()).await)?;
    let silent = Task { revision: 3, updated_at: moment(2), ..(*two.task).clone() };
    good(fresh.commit(bare(silent.clone())).await)?;
    good(fresh.commit(ended(&silent, 3, 100)).await)?;
    let mut starts = next(&Task { revision: 0, ..task() }, "two", 4);
    starts.task.status = Status::Failed;
    let other = starts.task.id;
    good(fresh.commit(starts).await)?;
    let (entries, _) = rest(&*fresh, None, 100).await?;
    let mut of: BTreeMap<TaskId, Vec<Told>> = BTreeMap::new();
    told(&entries).into_iter().for_each(|told| of.entry(told.0).or_default().push(told));
    let expected = vec![
        (first.id, 0, 1, Status::Active),
        (first.id, 1, 2, Status::Active),
        (first.id, 2, 2, Status::Waiting),
        (first.id, 3, 4, Status::Completed),
    ];
    ensure_eq!(of.remove(&first.id).unwrap_or_default(), expected, "of the first task");
    ensure_eq!(of.remove(&child).unwrap_or_default(), vec![(child, 0, 1, Status::Active)], "of its sub-task");
    let expected = vec![(other, 0, 1, Status::Active), (other, 1, 1, Status::Failed)];
    ensure_eq!(of.remove(&other).unwrap_or_default(), expected, "of a task that is stored when it has failed");
    ensure!(of.is_empty(), "it tells of others: {of:?}");
    Ok(())
}

async fn it_is_read_by_pages(fresh: EmptyStorage) -> CheckResult {
    let page = good(fresh.feed(None, 10).await)?;
    ensure_eq!(page.entries, Vec::new(), "the feed of an empty storage");
    ensure_eq!(good(fresh.feed(Some(&page.next), 10).await)?, page, "the feed after its end");
    let mut at = stored(&*fresh, |_| ()).await?;
    for seconds in 1..12 {
        let moved = next(&at, "on", seconds);
        at = (*moved.task).clone();
        good(fresh.commit(moved).await)?;
    }
    let (all, end) = rest(&*fresh, None, 100).await?;
    ensure_eq!(all.iter().map(|entry| entry.seq).collect::<Vec<_>>(), (0..12).collect::<Vec<u64>>(), "the numbers");
    for limit in [1, 3, 5] {
        ensure_eq!(rest(&*fresh, None, limit).await?, (all.clone(), end.clone()), "the pages");
        ensure_eq!(
            rest(&*fresh, Some(page.next.clone()), limit).await?.0,
            all.clone(),
            "the pages from before it began"
        );
    }
    for (n, entry) in all.iter().enumerate() {
        let text = Cursor::new(entry.cursor.as_str());
        let expected = all.get(n.saturating_add(1)..).unwrap_or_default();
        ensure_eq!(rest(&*fresh, Some(text), 4).await?.0.as_slice(), expected, "what comes after an entry");
    }
    Ok(())
}

async fn it_misses_nothing(fresh: EmptyStorage) -> CheckResult {
    const WRITERS: usize = 8;
    const COMMITS: i64 = 12;
    let write = async |n: usize| {
        let mut at = stored(&*fresh, |task| task.queue = format!("q{n}").into()).await?;
        for seconds in 1..=COMMITS {
            let mut moved = next(&at, "on", seconds);
            if seconds % 3 == 0 {
                moved.sub_tasks = vec![Task { parent_id: Some(at.id), ..task() }];
            }
            at = (*moved.task).clone();
            good(fresh.commit(moved).await)?;
        }
        Ok::<TaskId, String>(at.id)
    };
    type Writing<'w> = Pin<Box<dyn Future<Output = Result<TaskId, String>> + Send + 'w>>;
    let writes: Vec<Writing<'_>> = (0..WRITERS).map(|n| Box::pin(write(n)) as _).collect();
    let entries_of = |count: i64| usize::try_from(count + 1 + count / 3).unwrap_or_default();
    let most = WRITERS.saturating_mul(entries_of(COMMITS));
    let read = async {
        let (mut seen, mut after) = (Vec::new(), None);
        while seen.len() < most {
            let page = good(fresh.feed(after.as_ref(), 7).await)?;
            if after.as_ref() == Some(&page.next) {
                tokio::task::yield_now().await;
            }
            seen.extend(told(&page.entries));
            after = Some(page.next);
        }
        Ok::<_, String>(seen)
    };
    let (written, seen) = tokio::join!(together(writes), read);
    let seen = seen?;
    for id in written {
        let id = id?;
        let of: Vec<u64> = seen.iter().filter(|told| told.0 == id).map(|told| told.1).collect();
        ensure_eq!(of, (0..=COMMITS.unsigned_abs()).collect::<Vec<_>>(), "the entries of a task");
    }
    Ok(())
}

async fn it_tells_nothing_of_refusals(fresh: EmptyStorage) -> CheckResult {
    let first = stored(&*fresh, |_| ()).await?;
    let moved = next(&first, "two", 1);
    good(fresh.commit(moved.clone()).await)?;
    let (before, end) = rest(&*fresh, None, 10).await?;
    let mut late = moved.clone();
    late.sub_tasks = vec![task()];
    ensure!(fresh.commit(late).await.is_err(), "a commit at an old revision was stored");
    let mut gap = next(&moved.task, "three", 2);
    gap.transitions.iter_mut().for_each(|entry| entry.seq = 9);
    ensure!(fresh.commit(gap).await.is_err(), "a gap in the history was stored");
    ensure!(fresh.commit(bare(first)).await.is_err(), "a task was stored twice");
    ensure_eq!(rest(&*fresh, None, 10).await?, (before, end), "the feed");
    Ok(())
}

async fn it_passes_over_the_gone(fresh: EmptyStorage) -> CheckResult {
    let keeps = stored(&*fresh, |_| ()).await?;
    let goes = stored(&*fresh, |_| ()).await?;
    good(fresh.commit(next(&goes, "two", 1)).await)?;
    ensure!(good(fresh.delete(goes.id, moment(2)).await)?, "it was not deleted");
    // Whatever the storage calls it, the next one is another.
    let after = stored(&*fresh, |_| ()).await?;
    let expected = vec![(keeps.id, 0, 1, Status::Active), (after.id, 0, 1, Status::Active)];
    for limit in [1, 2, 10] {
        ensure_eq!(told(&rest(&*fresh, None, limit).await?.0), expected, "the feed");
    }
    Ok(())
}

async fn it_has_an_end(fresh: EmptyStorage) -> CheckResult {
    for round in 0..3 {
        let end = good(fresh.feed_end().await)?;
        ensure_eq!(rest(&*fresh, Some(end.clone()), 10).await?.0, Vec::new(), "what comes after the end");
        let first = stored(&*fresh, |_| ()).await?;
        good(fresh.commit(asleep(&first, round, None)).await)?;
        let expected = vec![(first.id, 0, 1, Status::Active), (first.id, 1, 2, Status::Waiting)];
        ensure_eq!(told(&rest(&*fresh, Some(end), 10).await?.0), expected, "what came after the end");
    }
    Ok(())
}

async fn of_another_store(fresh: EmptyStorage) -> CheckResult {
    stored(&*fresh, |_| ()).await?;
    for cursor in [Cursor::numbered(Uuid::new_v4(), 0), Cursor::numbered(Uuid::new_v4(), 1), Cursor::new("x")] {
        let outcome = fresh.feed(Some(&cursor), 10).await;
        ensure!(matches!(&outcome, Err(StorageError::Gone(gone)) if *gone == cursor), "it gave {outcome:?}");
    }
    Ok(())
}

async fn old_entries_are_deleted(fresh: EmptyStorage) -> CheckResult {
    ensure_eq!(good(fresh.trim_feed(moment(100), 10).await)?, 0, "of an empty feed");
    let mut at = stored(&*fresh, |_| ()).await?;
    for seconds in 1..10 {
        let moved = next(&at, "on", seconds);
        at = (*moved.task).clone();
        good(fresh.commit(moved).await)?;
    }
    let (all, _) = rest(&*fresh, None, 100).await?;
    let seqs = async || Ok::<_, String>(rest(&*fresh, None, 100).await?.0.iter().map(|e| e.seq).collect::<Vec<_>>());
    ensure_eq!(good(fresh.trim_feed(moment(5), 3).await)?, 3, "a portion");
    ensure_eq!(good(fresh.trim_feed(moment(5), 3).await)?, 2, "the rest");
    ensure_eq!(good(fresh.trim_feed(moment(5), 3).await)?, 0, "nothing");
    ensure_eq!(seqs().await?, vec![5, 6, 7, 8, 9], "what is left");
    for (n, entry) in all.iter().enumerate() {
        let outcome = fresh.feed(Some(&entry.cursor), 100).await;
        if n < 4 {
            ensure!(matches!(&outcome, Err(StorageError::Gone(_))), "after entry {n} it gave {outcome:?}");
        } else {
            ensure_eq!(good(outcome)?.entries.len(), all.len().saturating_sub(n).saturating_sub(1), "what is after it");
        }
    }
    ensure_eq!(good(fresh.trim_feed(moment(100), 100).await)?, 4, "all but the last");
    ensure_eq!(seqs().await?, vec![9], "the last");
    ensure!(good(fresh.delete(at.id, moment(100)).await)?, "it was not deleted");
    ensure_eq!(good(fresh.trim_feed(moment(100), 100).await)?, 0, "the last, of a task that is gone");
    let other = stored(&*fresh, |_| ()).await?;
    let after = all.last().map(|entry| entry.cursor.clone());
    ensure_eq!(told(&rest(&*fresh, after, 10).await?.0), vec![(other.id, 0, 1, Status::Active)], "what comes then");
    Ok(())
}
