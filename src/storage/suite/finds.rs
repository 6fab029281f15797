//! Checks of finding tasks.

use std::cmp::Reverse;

use crate::name::Name;
use crate::storage::{Filter, IdPrefix, Period, Place, Storage, StorageError};
use crate::task::{Status, Task, TaskError, TaskId};
use crate::value::Value;

use super::sample::{bare, customer, ids, moment, next, stored, task};
use super::{CheckResult, EmptyStorage, ensure, ensure_eq, good, promises};

promises! {
    "tasks are listed newest first, page by page" => newest_first,
    "sub-tasks are listed in order of their start" => sub_tasks_in_order,
    "filters mean what they say, alone and together" => filters_mean_what_they_say,
    "tasks are found by the records they name" => tasks_are_found_by_records,
    "pages go on where the last task of a page is deleted" => pages_go_on,
    "sub-tasks after one that is gone are an error" => a_page_after_nothing,
    "tasks are found by several statuses, by time and by error" => by_status_and_time,
    "tasks are found by the beginning of their id" => by_the_beginning_of_an_id,
}

async fn newest_first(fresh: EmptyStorage) -> CheckResult {
    let mut made = Vec::new();
    // Two for each second: within one, by their ids.
    for seconds in [3, 1, 2, 1, 3, 2] {
        made.push((seconds, stored(&*fresh, |task| task.created_at = moment(seconds)).await?.id));
    }
    made.sort_unstable();
    let expected: Vec<TaskId> = made.iter().rev().map(|(_, id)| *id).collect();
    ensure_eq!(ids(&good(fresh.tasks(&Filter::default()).await)?), expected, "the list");
    let mut pages = Vec::new();
    let mut filter = Filter { limit: Some(4), ..Filter::default() };
    for size in [4, 2, 0] {
        let page = good(fresh.tasks(&filter).await)?;
        ensure_eq!(page.len(), size, "the size of a page");
        filter.after = page.last().map(Place::of).or(filter.after);
        pages.extend(ids(&page));
        ensure_eq!(good(fresh.count(&filter).await)?, 6, "the count, whatever the page");
    }
    ensure_eq!(pages, expected, "the pages");
    Ok(())
}

async fn sub_tasks_in_order(fresh: EmptyStorage) -> CheckResult {
    let parent = stored(&*fresh, |_| ()).await?;
    let child = || Task { parent_id: Some(parent.id), created_at: moment(1), ..task() };
    let children: Vec<Task> = (0..5).map(|_| child()).collect();
    let mut starts = next(&parent, "two", 1);
    starts.sub_tasks = children.clone();
    good(fresh.commit(starts).await)?;
    stored(&*fresh, |task| task.parent_id = Some(uuid::Uuid::new_v4())).await?;
    let mut filter = Filter { parent_id: Some(parent.id), ..Filter::default() };
    ensure_eq!(ids(&good(fresh.tasks(&filter).await)?), ids(&children), "the sub-tasks");
    ensure_eq!(good(fresh.count(&filter).await)?, 5, "how many");
    (filter.after, filter.limit) = (children.get(1).map(Place::of), Some(2));
    ensure_eq!(
        ids(&good(fresh.tasks(&filter).await)?).as_slice(),
        ids(&children).get(2..4).unwrap_or_default(),
        "a page"
    );
    Ok(())
}

async fn filters_mean_what_they_say(fresh: EmptyStorage) -> CheckResult {
    let mut made = Vec::new();
    for n in 0..16_i64 {
        let pick = |bit: i64, one: &str, two: &str| Name::new(if n & bit == 0 { one } else { two });
        let change = |task: &mut Task| {
            task.created_at = moment(-n);
            task.status = if n & 1 == 0 { Status::Waiting } else { Status::Failed };
            (task.flow, task.state, task.queue) = (pick(2, "f", "g"), pick(4, "s?", "t!"), pick(8, "q", "r"));
        };
        made.push(stored(&*fresh, change).await?);
    }
    for mask in 0..16_i64 {
        let filter = Filter {
            statuses: if mask & 1 != 0 { vec![Status::Waiting] } else { Vec::new() },
            flow: (mask & 2 != 0).then(|| "g".into()),
            state: (mask & 4 != 0).then(|| "t!".into()),
            queue: (mask & 8 != 0).then(|| "q".into()),
            ..Filter::default()
        };
        let meant = |task: &&Task| {
            (filter.statuses.is_empty() || filter.statuses.contains(&task.status))
                && filter.flow.as_ref().is_none_or(|flow| task.flow == *flow)
                && filter.state.as_ref().is_none_or(|state| task.state == *state)
                && filter.queue.as_ref().is_none_or(|queue| task.queue == *queue)
        };
        let expected: Vec<Task> = made.iter().filter(meant).cloned().collect();
        ensure_eq!(ids(&good(fresh.tasks(&filter).await)?), ids(&expected), "the tasks meant");
        ensure_eq!(good(fresh.count(&filter).await)?, expected.len() as u64, "how many are meant");
    }
    let nobody = Filter { flow: Some("f' OR 1=1 --".into()), ..Filter::default() };
    ensure_eq!(good(fresh.count(&nobody).await)?, 0, "of a flow with a strange name");
    Ok(())
}

async fn tasks_are_found_by_records(fresh: EmptyStorage) -> CheckResult {
    let mut made = Vec::new();
    for (seconds, entries) in [
        (1, vec![customer("7", "buyer")]),
        (2, vec![customer("7", "buyer"), customer("7", "payer"), customer("8", "buyer")]),
        (3, vec![customer("77", "buyer")]),
        (4, vec![]),
    ] {
        let mut checkpoint = bare(task());
        checkpoint.task.created_at = moment(seconds);
        checkpoint.index = Some(entries);
        good(fresh.commit(checkpoint.clone()).await)?;
        made.push(checkpoint.task);
    }
    let find = async |kind: &str, id: &str, attribute: Option<&str>| {
        let reference = Some((kind.into(), id.into(), attribute.map(Name::new)));
        let filter = Filter { reference, ..Filter::default() };
        let found: Vec<TaskId> = ids(&good(fresh.tasks(&filter).await)?);
        ensure_eq!(good(fresh.count(&filter).await)?, found.len() as u64, "the count");
        Ok::<_, String>(found)
    };
    let [first, second, _, _] = made.as_slice() else { return Err("four tasks were made".to_owned()) };
    ensure_eq!(find("customer", "7", None).await?, vec![second.id, first.id], "of customer 7");
    ensure_eq!(find("customer", "7", Some("payer")).await?, vec![second.id], "of payer 7");
    ensure_eq!(find("supplier", "7", None).await?, Vec::<TaskId>::new(), "of supplier 7");
    let unchanged = next(second, "two", 5);
    good(fresh.commit(unchanged.clone()).await)?;
    ensure_eq!(find("customer", "8", None).await?, vec![second.id], "after a commit that says nothing of it");
    let mut replaces = next(&unchanged.task, "three", 6);
    replaces.index = Some(vec![customer("9", "buyer")]);
    good(fresh.commit(replaces.clone()).await)?;
    ensure_eq!(find("customer", "7", None).await?, vec![first.id], "after it names another");
    ensure_eq!(find("customer", "9", Some("buyer")).await?, vec![second.id], "of the other");
    let mut clears = next(&replaces.task, "four", 7);
    clears.index = Some(Vec::new());
    good(fresh.commit(clears).await)?;
    ensure_eq!(find("customer", "9", None).await?, Vec::<TaskId>::new(), "after it names none");
    Ok(())
}

async fn a_page_after_nothing(fresh: EmptyStorage) -> CheckResult {
    let parent = stored(&*fresh, |_| ()).await?;
    let after = Some(Place { created_at: moment(1), id: uuid::Uuid::new_v4() });
    let outcome = fresh.tasks(&Filter { parent_id: Some(parent.id), after, ..Filter::default() }).await;
    ensure!(
        matches!(outcome, Err(StorageError::NotFound(id)) if Some(id) == after.map(|a| a.id)),
        "it gave {outcome:?}"
    );
    Ok(())
}

async fn pages_go_on(fresh: EmptyStorage) -> CheckResult {
    let mut made = Vec::new();
    for seconds in [1, 1, 1, 1, 1, 2, 3] {
        let task = stored(&*fresh, |task| {
            (task.created_at, task.status) = (moment(seconds), Status::Completed);
        });
        made.push(Place::of(&task.await?));
    }
    made.sort_unstable_by_key(|place| Reverse((place.created_at, place.id)));
    let (mut seen, mut after) = (Vec::new(), None);
    loop {
        let page = good(fresh.tasks(&Filter { limit: Some(2), after, ..Filter::default() }).await)?;
        seen.extend(page.iter().map(Place::of));
        let Some(last) = page.last() else { break };
        after = Some(Place::of(last));
        good(fresh.delete(last.id, moment(9)).await)?;
    }
    ensure_eq!(seen, made, "the pages, of each of which the last was deleted");
    let nobody = Some(Place { created_at: moment(2), id: uuid::Uuid::nil() });
    let rest = good(fresh.tasks(&Filter { after: nobody, ..Filter::default() }).await)?;
    ensure!(rest.iter().all(|task| task.created_at == moment(1)), "after the place of nobody");
    Ok(())
}

async fn by_status_and_time(fresh: EmptyStorage) -> CheckResult {
    let mut made = Vec::new();
    for (n, status) in Status::ALL.into_iter().cycle().take(20).enumerate() {
        let n = n as i64;
        let change = |task: &mut Task| {
            (task.created_at, task.updated_at, task.status) = (moment(-n), moment(n % 7), status);
            let kind = Name::new(if n % 2 == 0 { "late" } else { "card/declined" });
            let error =
                TaskError { kind, message: "no".into(), state: "s".into(), attempt: 1, at: None, data: Value::Unit };
            task.error = (status == Status::Failed).then(|| Box::new(error));
        };
        made.push(stored(&*fresh, change).await?);
    }
    let period = |since: Option<i64>, until: Option<i64>| Period { since: since.map(moment), until: until.map(moment) };
    let every = Filter::default();
    let filters = [
        Filter { statuses: vec![Status::Failed, Status::Waiting], ..every.clone() },
        Filter { statuses: Status::ALL.to_vec(), ..every.clone() },
        Filter { created: period(Some(-5), None), ..every.clone() },
        Filter { created: period(Some(-12), Some(-4)), statuses: vec![Status::Active], ..every.clone() },
        Filter { created: period(Some(-4), Some(-12)), ..every.clone() },
        Filter { updated: period(Some(2), Some(4)), ..every.clone() },
        Filter { updated: period(None, Some(1)), ..every.clone() },
        Filter { error_kind: Some("card/declined".into()), ..every.clone() },
        Filter { error_kind: Some("late".into()), created: period(None, Some(-9)), ..every.clone() },
        Filter { error_kind: Some("no".into()), ..every },
    ];
    for filter in filters {
        let meant = |task: &&Task| {
            (filter.statuses.is_empty() || filter.statuses.contains(&task.status))
                && filter.created.holds(task.created_at)
                && filter.updated.holds(task.updated_at)
                && filter.error_kind.as_ref().is_none_or(|k| task.error.as_ref().is_some_and(|e| e.kind == *k))
        };
        let expected: Vec<Task> = made.iter().filter(meant).cloned().collect();
        ensure_eq!(ids(&good(fresh.tasks(&filter).await)?), ids(&expected), "the tasks meant");
        ensure_eq!(good(fresh.count(&filter).await)?, expected.len() as u64, "how many are meant");
    }
    Ok(())
}

async fn by_the_beginning_of_an_id(fresh: EmptyStorage) -> CheckResult {
    let mut made = Vec::new();
    for (seconds, id) in [
        (1, 0x0198_c2f4_77aa_7bcd_8123_4567_89ab_cdef_u128),
        (3, 0x0198_c2f4_77aa_7bcd_8123_4567_89ab_cdee),
        (2, 0x0198_c2f5_0000_0000_0000_0000_0000_0000),
        (4, u128::MAX),
    ] {
        made.push(stored(&*fresh, |task| (task.id, task.created_at) = (TaskId::from_u128(id), moment(seconds))).await?);
    }
    for text in ["0198", "0198c2f4", "0198C2F4-77aa-7bcd-8123-456789abcdee", "0198c2f5", "ffff", "0199", "abcd"] {
        let prefix: IdPrefix = text.parse().map_err(|why| format!("{text}: {why}"))?;
        let mut expected: Vec<&Task> = made.iter().filter(|task| prefix.holds(task.id)).collect();
        expected.sort_unstable_by_key(|task| Reverse(task.created_at));
        let expected: Vec<TaskId> = expected.iter().map(|task| task.id).collect();
        let filter = Filter { id: Some(prefix), ..Filter::default() };
        ensure_eq!(ids(&good(fresh.tasks(&filter).await)?), expected, "the tasks");
        ensure_eq!(good(fresh.count(&filter).await)?, expected.len() as u64, "how many");
    }
    Ok(())
}
