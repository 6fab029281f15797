//! A process that is killed while it writes.

use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};

use super::{first, next, task};
use crate::storage::{Sqlite, Storage};
use crate::task::{Status, Task, TaskId};

/// Names the file to the process that is to be killed.
const FILE: &str = "OPSFLOW_CRASH_TEST_FILE";

#[test]
#[ignore = "the test below runs it, and kills it"]
#[expect(clippy::disallowed_methods, reason = "the only way to tell a test process anything")]
fn writes_until_it_is_killed() {
    let file = std::env::var(FILE).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let storage = Sqlite::open(file).await.unwrap();
        let mut task = task();
        storage.commit(first(&task)).await.unwrap();
        let mut out = std::io::stdout();
        loop {
            let mut checkpoint = next(&task, "on", 1);
            let mut child = super::task();
            (child.parent_id, child.status) = (Some(task.id), Status::Waiting);
            checkpoint.sub_tasks = vec![child];
            task = Task::clone(&checkpoint.task);
            storage.commit(checkpoint).await.unwrap();
            writeln!(out, "\nstored {} {}", task.id, task.revision).unwrap();
        }
    });
}

#[test]
fn what_was_acknowledged_survives_and_checkpoints_are_whole() {
    for lines in [1, 20, 200] {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("tasks.db");
        let (id, acknowledged) = kill_after(lines, &file);
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let storage = Sqlite::open(&file).await.unwrap();
            let task = storage.task(id).await.unwrap().unwrap();
            assert!(task.revision >= acknowledged, "{} of {acknowledged}", task.revision);
            let history = storage.history(id, 0, usize::MAX).await.unwrap();
            let seqs: Vec<u64> = history.iter().map(|entry| entry.seq).collect();
            assert_eq!(seqs, (1..task.revision).collect::<Vec<_>>());
            let filter = crate::storage::Filter { parent_id: Some(id), ..Default::default() };
            assert_eq!(storage.count(&filter).await.unwrap(), task.revision - 1);
        });
    }
}

/// Kills a writer after it has acknowledged `lines` commits; returns its task and the last acknowledged revision.
fn kill_after(lines: usize, file: &std::path::Path) -> (TaskId, u64) {
    let name = "storage::sqlite::tests::crash::writes_until_it_is_killed";
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", name, "--ignored", "--nocapture"])
        .env(FILE, file)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut last = None;
    let mut seen = 0;
    for line in BufReader::new(child.stdout.take().unwrap()).lines() {
        let line = line.unwrap();
        if let Some((id, revision)) = line.strip_prefix("stored ").and_then(|rest| rest.split_once(' ')) {
            last = Some((id.parse().unwrap(), revision.parse().unwrap()));
            seen += 1;
            if seen == lines {
                child.kill().unwrap();
            }
        }
    }
    child.wait().unwrap();
    last.unwrap()
}
