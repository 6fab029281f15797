//! The checker: whatever happened, at the end everything is as if nothing had.

use std::collections::HashSet;
use std::time::Duration;

use opsflow::{Filter, Status, Storage, Task, TaskId, Timestamp, Transition, Value};

use super::kinds::{ANSWER_KEY, Handed, Kind, ONCE_KEY};
use super::ledger::Ledger;

/// Findings that are shown.
const MAX_SHOWN: usize = 20;

/// Holds all that is stored and written outside against what the tasks are to come to. Gives how many lines were written
/// again; panics, with `about`, if anything is wrong.
pub async fn check(storage: &dyn Storage, handed: &[Handed], ledger: &Ledger, now: Timestamp, about: &str) -> usize {
    let mut checker = Checker { storage, now, findings: Vec::new(), all: Vec::new() };
    for task in handed {
        checker.task(*task).await;
    }
    checker.nothing_else().await;
    checker.nothing_held_or_due().await;
    let Checker { mut findings, all, .. } = checker;
    let repeats = ledger.check(&all, &mut findings);
    let shown = findings.iter().take(MAX_SHOWN).map(String::as_str).collect::<Vec<_>>().join("\n  ");
    assert!(findings.is_empty(), "{about}: {} findings\n  {shown}", findings.len());
    repeats
}

struct Checker<'a> {
    storage: &'a dyn Storage,
    now: Timestamp,
    findings: Vec<String>,
    /// All expected tasks, including sub-tasks.
    all: Vec<Handed>,
}

impl Checker<'_> {
    async fn task(&mut self, handed: Handed) {
        self.all.push(handed);
        let Handed { id, kind, number } = handed;
        let Some(task) = self.storage.task(id).await.unwrap() else {
            return self.find(kind, id, "it is gone");
        };
        self.end(&task, kind, number);
        self.checkpoint(&task, kind, number).await;
        self.history(&task, kind).await;
        if !kind.sub_tasks.is_empty() {
            self.sub_tasks(&task, kind).await;
        }
    }

    fn find(&mut self, kind: &Kind, id: TaskId, what: &str) {
        self.findings.push(format!("`{}` {id}: {what}", kind.flow));
    }

    fn is(&mut self, kind: &Kind, id: TaskId, holds: bool, what: impl FnOnce() -> String) {
        if !holds {
            self.find(kind, id, &what());
        }
    }

    /// The right end, and the right output.
    fn end(&mut self, task: &Task, kind: &Kind, number: i64) {
        let ended = (task.status, task.state.as_str());
        self.is(kind, task.id, ended == (kind.status, kind.state), || format!("it is {ended:?}: {:?}", task.error));
        let output = (kind.output)(number).map_or(Value::Unit, Value::Integer);
        self.is(kind, task.id, task.output == output, || format!("it gave {:?} and not {output:?}", task.output));
        if kind.flow == "breaks" {
            let said = task.error.as_ref().map_or("", |error| error.message.as_str());
            let part = format!("number {number} is broken");
            self.is(kind, task.id, said.contains(&part), || format!("it failed with `{said}`"));
        }
    }

    /// What is stored with it fits together, and nothing is left of what was under way.
    async fn checkpoint(&mut self, task: &Task, kind: &Kind, number: i64) {
        let id = task.id;
        let progress = &task.progress;
        let under_way = (progress.began_at, progress.retry_at, task.wake_at);
        self.is(kind, id, under_way == (None, None, None), || format!("something is under way: {under_way:?}"));
        self.is(kind, id, task.ended_at.is_some() && task.delete_at.is_some(), || "it has no end".to_owned());
        // What reaches outside or is cancelled is stored before that; all else may be one write.
        let least = if kind.lines.is_empty() && kind.status == Status::Completed { 1 } else { 2 };
        self.is(kind, id, task.revision >= least, || format!("it is at revision {}", task.revision));
        let started = progress.started;
        self.is(kind, id, started == kind.sub_tasks.len() as u64, || format!("it started {started} sub-tasks"));
        let journal = self.storage.journal(id).await.unwrap();
        self.is(kind, id, journal.steps.is_empty(), || format!("its journal has {:?}", journal.steps));
        let once: Vec<&str> = journal.once.iter().filter_map(|step| step.once.as_deref()).collect();
        let expected: &[&str] = if kind.flow == "pays" { &[ONCE_KEY] } else { &[] };
        self.is(kind, id, once == expected, || format!("it keeps the results of {once:?}"));
        let is_pinned = self.storage.definition(&task.digest).await.unwrap().is_some();
        self.is(kind, id, is_pinned, || "its definition is gone".to_owned());
        if kind.flow == "notes" {
            let reference = ("person".into(), format!("p{number}").into(), Some("owner".into()));
            let filter = Filter { reference: Some(reference), ..Filter::default() };
            let found: Vec<TaskId> = self.storage.tasks(&filter).await.unwrap().iter().map(|task| task.id).collect();
            self.is(kind, id, found == [id], || format!("by its owner {found:?} are found"));
        }
        if kind.flow == "asks" {
            let applied = self.storage.applied(id, ANSWER_KEY).await.unwrap();
            let is_kept = applied.is_some_and(|applied| applied.interaction == "answer!");
            self.is(kind, id, is_kept, || "the key of its interaction is gone".to_owned());
        }
    }

    /// Its history is the one that its flow leads to: legal, without gap, ended once.
    async fn history(&mut self, task: &Task, kind: &Kind) {
        let id = task.id;
        let history = self.storage.history(id, 0, usize::MAX).await.unwrap();
        let shown = history.iter().map(written).collect::<Vec<_>>().join(" ");
        self.is(kind, id, shown == kind.history, || format!("its history is `{shown}` and not `{}`", kind.history));
        let seqs: Vec<u64> = history.iter().map(|entry| entry.seq).collect();
        let is_gapless = seqs.iter().copied().eq(1..=task.progress.seq);
        self.is(kind, id, is_gapless, || format!("its entries are {seqs:?}, and the last {}", task.progress.seq));
        for pair in history.windows(2) {
            self.is(kind, id, pair[0].to == pair[1].from, || format!("`{}` follows `{}`", pair[1].from, pair[0].to));
            self.is(kind, id, pair[0].at <= pair[1].at, || format!("entry {} is older than its own", pair[1].seq));
        }
        if let Some(last) = history.last() {
            self.is(kind, id, last.to == task.state, || format!("its last entry leads to `{}`", last.to));
            self.is(kind, id, Some(last.at) <= task.ended_at, || "it ended before its last entry".to_owned());
        }
    }

    /// Each sub-task is there once, and ended as expected.
    async fn sub_tasks(&mut self, task: &Task, kind: &Kind) {
        let filter = Filter { parent_id: Some(task.id), ..Filter::default() };
        let there = self.storage.tasks(&filter).await.unwrap();
        let flows: Vec<&str> = there.iter().map(|task| task.flow.as_str()).collect();
        let expected: Vec<&str> = kind.sub_tasks.iter().map(|kind| kind.flow).collect();
        self.is(kind, task.id, flows == expected, || format!("its sub-tasks are {flows:?}"));
        for (number, (sub_task, kind)) in (1..).zip(there.iter().zip(kind.sub_tasks)) {
            let given = sub_task.attributes.by_name("number").cloned();
            self.is(kind, sub_task.id, given == Some(Value::Integer(number)), || format!("it was given {given:?}"));
            Box::pin(self.task(Handed { id: sub_task.id, kind, number })).await;
        }
    }

    /// No other task is there.
    async fn nothing_else(&mut self) {
        let known: HashSet<TaskId> = self.all.iter().map(|task| task.id).collect();
        for task in self.storage.tasks(&Filter::default()).await.unwrap() {
            if !known.contains(&task.id) {
                self.findings.push(format!("`{}` {}: nobody started it", task.flow, task.id));
            }
        }
        if known.len() != self.all.len() {
            self.findings.push("two tasks have one id".to_owned());
        }
    }

    /// Nobody holds a task, and nothing is due, now or later.
    async fn nothing_held_or_due(&mut self) {
        let lease = Duration::from_secs(1);
        if let Some(due) = self.storage.next_due(&opsflow::storage::Wanted::all()).await.unwrap() {
            self.findings.push(format!("something is due at {due}"));
        }
        let later = self.now + opsflow::Duration::from_secs(30 * 86_400).to_delta();
        for claimed in self.storage.claim_due(later, &opsflow::storage::Wanted::all(), 10, lease).await.unwrap() {
            self.findings.push(format!("`{}` {} is due", claimed.task.flow, claimed.task.id));
        }
        for task in self.all.clone() {
            match self.storage.claim(task.id, self.now, lease).await {
                Ok(claimed) => self.storage.release(&claimed.claim).await.unwrap(),
                Err(error) => self.find(task.kind, task.id, &format!("it is held: {error}")),
            }
        }
    }
}

/// An entry as `Kind::history` writes it.
fn written(entry: &Transition) -> String {
    let cause = format!("{:?}", entry.cause).to_lowercase();
    let mut text = format!("{}>{}:{cause}", entry.from, entry.to);
    if !entry.steps.is_empty() {
        text += &format!("+{}", entry.steps.len());
    }
    for step in entry.steps.iter().filter(|step| step.call != "files::append" || step.outcome != "ok") {
        text += &format!("({}: {})", step.call, step.outcome);
    }
    if let Some(by) = &entry.by {
        text += &format!("@{by}");
    }
    text
}
