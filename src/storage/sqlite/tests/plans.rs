//! Costs that must not grow with what sleeps or has ended, as SQLite's own plans tell them.

use rusqlite::{Connection, StatementStatus, params};

use super::{first, next, opened, task};
use crate::storage::sqlite::commit::{DELETE_OLD, FORGET_PARENTS, HOLD_BACK, LET_GO};
use crate::storage::sqlite::due::{
    DUE_IN_LANE, HELD_UP_IN_LANE, NEXT_HELD_UP, NEXT_HELD_UP_PRIORITY, NEXT_HELD_UP_QUEUE, NEXT_IN_LANE, NEXT_PRIORITY,
    NEXT_QUEUE, SET_RIGHT,
};
use crate::storage::sqlite::feed::{FEED, TRIM};
use crate::storage::sqlite::{find, schema};
use crate::storage::suite::moment;
use crate::storage::{Filter, Period, Place, Storage};
use crate::task::{Status, Task};

fn plan(db: &Connection, sql: &str) -> String {
    let mut statement = db.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
    let mut rows = statement.raw_query();
    let mut plan = Vec::new();
    while let Some(row) = rows.next().unwrap() {
        plan.push(row.get::<_, String>(3).unwrap());
    }
    plan.join("; ").replace("USING COVERING INDEX tasks_held_up", "USING INDEX tasks_held_up")
}

#[test]
fn queries_go_by_their_indexes() {
    let folder = tempfile::tempdir().unwrap();
    let db = schema::open(&folder.path().join("tasks.db")).unwrap();
    let keys = plan(&db, NEXT_PRIORITY);
    assert_eq!(keys, "SEARCH tasks USING INDEX tasks_due (queue=? AND priority>?)");
    let keys = plan(&db, NEXT_QUEUE);
    assert_eq!(keys, "SEARCH tasks USING INDEX tasks_due (queue>?)");
    let due = plan(&db, DUE_IN_LANE);
    assert_eq!(due, "SEARCH tasks USING INDEX tasks_due (queue=? AND priority=? AND due_at<?)");
    let next = plan(&db, NEXT_IN_LANE);
    assert_eq!(next, "SEARCH tasks USING INDEX tasks_due (queue=? AND priority=? AND due_at>?)");
    let by = "SEARCH tasks USING INDEX tasks_held_up (held_up_by=? AND queue=? AND priority";
    assert_eq!(plan(&db, HELD_UP_IN_LANE), format!("{by}=? AND due_at<?)"));
    assert_eq!(plan(&db, NEXT_HELD_UP_PRIORITY), format!("{by}>?)"));
    let by = "SEARCH tasks USING INDEX tasks_held_up (held_up_by";
    assert_eq!(plan(&db, NEXT_HELD_UP), format!("{by}>?)"));
    assert_eq!(plan(&db, NEXT_HELD_UP_QUEUE), format!("{by}=? AND queue>?)"));
    assert_eq!(plan(&db, SET_RIGHT), "SEARCH tasks USING INDEX tasks_not_before (not_before>?)");
    for old in [DELETE_OLD, HOLD_BACK] {
        let old = plan(&db, old);
        assert!(old.contains("SEARCH tasks USING INDEX tasks_by_deletion (delete_at<?)"), "{old}");
        // Those that were found are gone through, and nothing else.
        assert!(!old.replace("SCAN old", "").contains("SCAN"), "{old}");
    }
    let let_go = plan(&db, LET_GO);
    assert!(let_go.contains("SCAN gone_parents; SEARCH child USING "), "{let_go}");
    assert!(let_go.contains("INDEX tasks_held_back (parent_id=?)"), "{let_go}");
    let forgets = plan(&db, FORGET_PARENTS);
    assert!(forgets.contains("INDEX tasks_held_back (parent_id=?)"), "{forgets}");
}

#[test]
fn counts_read_an_index_of_what_is_live() {
    let folder = tempfile::tempdir().unwrap();
    let db = schema::open(&folder.path().join("tasks.db")).unwrap();
    assert_eq!(plan(&db, find::COUNTS), "SEARCH tasks USING COVERING INDEX tasks_live (status=?)");
    park(&db, 10);
    let few = steps(&db, find::COUNTS, []);
    db.execute_batch("UPDATE tasks SET id = 'old ' || id, status = 'completed'").unwrap();
    park(&db, 3_000);
    db.execute_batch("UPDATE tasks SET status = 'completed' WHERE id NOT LIKE '3000:_'").unwrap();
    assert!(steps(&db, find::COUNTS, []) <= few, "what has ended costs something");
}

#[test]
fn the_feed_is_read_and_trimmed_by_its_numbers() {
    let folder = tempfile::tempdir().unwrap();
    let db = schema::open(&folder.path().join("tasks.db")).unwrap();
    let by_key = "SEARCH tasks USING INTEGER PRIMARY KEY (rowid=?) LEFT-JOIN";
    assert_eq!(plan(&db, FEED), format!("SEARCH feed USING INTEGER PRIMARY KEY (rowid>?); {by_key}"));
    let trim = plan(&db, TRIM);
    assert!(
        trim.starts_with("SEARCH feed USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)") || trim.contains("rowid<?"),
        "{trim}"
    );
    let fill = "WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 5000)
        INSERT INTO feed (task, seq, revision, status, at) SELECT n, 0, 1, 0, n FROM n";
    db.execute_batch(fill).unwrap();
    let few = steps(&db, FEED, [4990, 5]);
    assert!(few < steps(&db, FEED, [10, 50]) && few < 500, "{few}");
    let portion = steps(&db, TRIM, [9_999, 5]);
    assert!(portion < 1_000, "{portion}");
}

/// Stores tasks that sleep in one queue, before, in and after which there is another.
fn park(db: &Connection, count: u32) {
    let sql = "WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < ?1)
        INSERT INTO tasks (id, flow, version, digest, status, state, queue, priority, revision, seq, created_at,
            updated_at, wake_at, attributes, progress)
        SELECT ?1 || ':' || n, 'f', 1, 'd', 'waiting', 's', CASE n WHEN 1 THEN 'a' WHEN 2 THEN 'z' ELSE 'q' END,
            n = 3, 1, 0, 0, 0, 1000 + n, '{}', '{}' FROM n";
    db.execute(sql, [count]).unwrap();
}

/// What SQLite does, step by step, to answer.
fn steps(db: &Connection, sql: &str, parameters: impl rusqlite::Params) -> i32 {
    let mut statement = db.prepare(sql).unwrap();
    let mut rows = statement.query(parameters).unwrap();
    while rows.next().unwrap().is_some() {}
    drop(rows);
    statement.get_status(StatementStatus::VmStep)
}

#[test]
fn a_look_costs_the_same_however_many_sleep() {
    let folder = tempfile::tempdir().unwrap();
    let db = schema::open(&folder.path().join("tasks.db")).unwrap();
    let looks = |db: &Connection| {
        [
            steps(db, NEXT_QUEUE, ["a"]),
            steps(db, NEXT_QUEUE, ["q"]),
            steps(db, NEXT_PRIORITY, params!["q", 0]),
            steps(db, NEXT_PRIORITY, params!["q", 1]),
            steps(db, NEXT_IN_LANE, params!["q", 0]),
            steps(db, DUE_IN_LANE, params!["q", 0, 1006, 3]),
            steps(db, HOLD_BACK, params![5000, 3]),
            steps(db, DELETE_OLD, params![5000, 3]),
        ]
    };
    park(&db, 10);
    let few = looks(&db);
    park(&db, 3_000);
    let many = looks(&db);
    // One of a few more may be due.
    let same = few.iter().zip(&many).all(|(few, many)| *many <= few + few / 2);
    assert!(same, "{few:?} {many:?}");
}

#[test]
fn lists_go_by_their_indexes() {
    let folder = tempfile::tempdir().unwrap();
    let db = schema::open(&folder.path().join("tasks.db")).unwrap();
    let listing = |filter: &Filter, first| plan(&db, &find::listing(filter, first).sql);
    let all = Filter { limit: Some(10), ..Filter::default() };
    let sorted = "; USE TEMP B-TREE FOR LAST TERM OF ORDER BY";
    assert_eq!(listing(&all, None), format!("SCAN tasks USING INDEX tasks_by_age{sorted}"));
    let page = Filter { after: Some(Place::of(&task())), ..all.clone() };
    assert_eq!(listing(&page, None), format!("SEARCH tasks USING INDEX tasks_by_age (created_at<?){sorted}"));
    for statuses in [vec![Status::Failed], vec![Status::Failed, Status::Waiting]] {
        // By the index of what is live, all in these statuses would be read and sorted for a page.
        let some = Filter { statuses, ..all.clone() };
        assert_eq!(listing(&some, None), format!("SCAN tasks USING INDEX tasks_by_age{sorted}"));
    }
    let created = Period { since: Some(moment(1)), until: Some(moment(2)) };
    let spans = listing(&Filter { created, ..all.clone() }, None);
    assert_eq!(spans, format!("SEARCH tasks USING INDEX tasks_by_age (created_at>? AND created_at<?){sorted}"));
    let short = listing(&Filter { id: "0198".parse().ok(), ..all }, None);
    assert!(short.contains("SEARCH tasks USING INTEGER PRIMARY KEY (rowid=?)"), "{short}");
    assert!(short.contains("(id>? AND id<?)"), "{short}");
    let children = Filter { parent_id: Some(uuid::Uuid::nil()), ..Filter::default() };
    assert_eq!(listing(&children, None), "SEARCH tasks USING INDEX tasks_by_parent (parent_id=?)");
    let page = listing(&children, Some(2));
    assert_eq!(page, "SEARCH tasks USING INDEX tasks_by_parent (parent_id=? AND rowid>?)");
    let found = Filter { reference: Some(("customer".into(), "7".into(), None)), ..Filter::default() };
    let plan = listing(&found, None);
    assert!(plan.contains("SEARCH records USING PRIMARY KEY (kind=? AND id=?)"), "{plan}");
    assert!(plan.contains("SEARCH tasks USING INTEGER PRIMARY KEY (rowid=?)"), "{plan}");
}

#[tokio::test]
async fn however_many_are_kept_for_a_parent_a_look_for_old_tasks_ends() {
    const KEPT: usize = 2_500;
    let folder = tempfile::tempdir().unwrap();
    let storage = opened(&folder.path().join("tasks.db")).await;
    let mut starts = first(&task());
    let parent = Task::clone(&starts.task);
    let old = |_| Task { status: Status::Completed, delete_at: Some(moment(1)), parent_id: Some(parent.id), ..task() };
    starts.sub_tasks = (0..KEPT).map(old).collect();
    storage.commit(starts).await.unwrap();
    assert_eq!(storage.delete_old(moment(2), 10).await.unwrap(), 0);
    let mut last = next(&parent, "done", 3);
    last.task.status = Status::Failed;
    storage.commit(last.clone()).await.unwrap();
    assert_eq!(storage.delete_old(moment(4), 10).await.unwrap(), 10);
    // It goes on, with some of them looked at again, and others not yet.
    let mut again = next(&last.task, "again", 5);
    again.task.status = Status::Active;
    storage.commit(again.clone()).await.unwrap();
    assert_eq!(storage.delete_old(moment(6), 10).await.unwrap(), 0);
    let mut last = next(&again.task, "done", 7);
    last.task.status = Status::Completed;
    storage.commit(last).await.unwrap();
    assert_eq!(storage.delete_old(moment(8), 2 * KEPT).await.unwrap(), KEPT - 10);
}
