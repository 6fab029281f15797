//! Schedules: several processes, crashes, clocks that are set, flows that are broken.

use std::sync::Arc;

use chrono::DateTime;

use crate::clock::{Timestamp, VirtualClock};
use crate::error::Error;
use crate::runner::Scheduled;
use crate::storage::suite::{CrashPoint, Faulty};
use crate::storage::{Filter, Memory, Storage};
use crate::task::Status;

use super::{Bench, Outside, now, on_each};

const HOURLY: &str = r#"
flow: hourly
schedule: { cron: "0 * * * *", overlap: skip }
states:
  start: { wait_until: [{ after: 90m, go_to: done }] }
  done: result
"#;

const BESIDE: &str = r#"
flow: hourly
schedule: { cron: "0 * * * *", overlap: allow }
states:
  start: { wait_until: [{ after: 90m, go_to: done }] }
  done: result
"#;

/// A Monday, nine o'clock and a half.
const START: &str = "2026-11-23T09:30:00Z";

fn moment(text: &str) -> Timestamp {
    DateTime::parse_from_rfc3339(text).unwrap().to_utc()
}

fn over(storage: Arc<dyn Storage>, flows: &str) -> Bench {
    let clock = Arc::new(VirtualClock::new(moment(START)));
    Bench::put_together(storage, flows, clock, Outside::default())
}

/// The tasks of a flow, oldest first: when they were started, and whether they have ended.
async fn tasks(bench: &Bench) -> Vec<String> {
    let mut tasks = bench.storage.tasks(&Filter::default()).await.unwrap();
    tasks.sort_by_key(|task| task.created_at);
    let line = |task: &crate::Task| format!("{} {}", task.created_at.format("%dT%H:%M"), task.status.name());
    tasks.iter().map(line).collect()
}

async fn seen(bench: &Bench) -> Scheduled {
    Scheduled::of(&*bench.storage, "hourly").await.unwrap().unwrap()
}

#[tokio::test]
async fn one_of_many_processes_starts_a_run() {
    on_each(HOURLY, async |bench| {
        bench.clock.set(moment(START));
        let others = [bench.elsewhere(), bench.elsewhere()];
        assert_eq!(bench.ops.next_schedule(&[]), Some(moment(START)), "nobody has looked yet");
        for each in [&bench, &others[0], &others[1]] {
            assert_eq!(each.due().await.scheduled, 0);
            assert_eq!(each.ops.next_schedule(&[]), Some(moment("2026-11-23T10:00:00Z")));
        }
        bench.turn("30m");
        let runs = tokio::join!(bench.ops.run_due(&[]), others[0].ops.run_due(&[]), others[1].ops.run_due(&[]));
        let started: usize = [runs.0, runs.1, runs.2].into_iter().map(|due| due.unwrap().scheduled).sum();
        assert_eq!(started, 1);
        assert_eq!(tasks(&bench).await, ["23T10:00 waiting"]);
        // A process that was slow finds that it is done.
        for each in [&others[0], &bench, &others[1]] {
            bench.turn("1s");
            assert_eq!(each.due().await.scheduled, 0);
        }
        assert_eq!(others[1].ops.next_schedule(&[]), Some(moment("2026-11-23T11:00:00Z")));
        assert_eq!(seen(&bench).await.seen_until, moment("2026-11-23T10:00:00Z"));
    })
    .await;
}

/// Looks, dies at a write, and lets another process go on `later`.
async fn die_and_go_on(flows: &str, later: &str) -> Vec<(Vec<String>, Timestamp)> {
    let mut outcomes = Vec::new();
    for stop in [CrashPoint::Before, CrashPoint::After] {
        for at in 1.. {
            let memory: Arc<Memory> = Arc::new(Memory::new());
            over(memory.clone(), flows).due().await;
            let faulty = Arc::new(Faulty::new(Arc::clone(&memory), at, stop));
            let dying = over(faulty.clone(), flows);
            dying.turn("30m");
            let outcome = dying.ops.runner().fire_schedules(&[]).await;
            if !faulty.has_stopped() {
                assert_eq!(outcome.unwrap(), 1);
                assert_eq!(at, 4, "the run is named, its task stored, and the schedule moved on");
                break;
            }
            assert!(matches!(outcome, Err(Error::Storage(_))), "{outcome:?}");
            let next = Bench::put_together(memory, flows, Arc::clone(&dying.clock), Outside::default());
            next.turn(later);
            next.ops.runner().fire_schedules(&[]).await.unwrap();
            outcomes.push((tasks(&next).await, seen(&next).await.seen_until));
        }
    }
    outcomes
}

#[tokio::test]
async fn a_process_may_die_at_any_write() {
    for flows in [HOURLY, BESIDE] {
        for (tasks, seen_until) in die_and_go_on(flows, "1m").await {
            assert_eq!(tasks.len(), 1, "{tasks:?}");
            assert_eq!(seen_until, moment("2026-11-23T10:00:00Z"));
        }
    }
}

#[tokio::test]
async fn the_next_run_knows_what_a_dead_process_had_started() {
    for (tasks, seen_until) in die_and_go_on(HOURLY, "1h").await {
        // If the task was started at ten, it still waits at eleven.
        assert_eq!(tasks.len(), 1, "{tasks:?}");
        assert_eq!(seen_until, moment("2026-11-23T11:00:00Z"));
    }
    let counts: Vec<usize> = die_and_go_on(BESIDE, "1h").await.iter().map(|(tasks, _)| tasks.len()).collect();
    // Dying before each of the three writes, then after each: the second stores its task, and the next run adds one.
    assert_eq!(counts, [1, 1, 2, 1, 2, 2]);
}

#[tokio::test]
async fn a_run_that_was_named_and_not_stored_is_no_run_before() {
    // Another process has named the run, and is slow to store its task: both make the same one.
    let bench = over(Arc::new(Memory::new()), HOURLY);
    bench.due().await;
    bench.turn("30m");
    let before = seen(&bench).await;
    let id = crate::runner::run_id("hourly", moment("2026-11-23T10:00:00Z"));
    let named = Scheduled { task_id: Some(id), ..before.clone() };
    assert!(Scheduled::set(&*bench.storage, "hourly", Some(&before), &named).await.unwrap());
    assert_eq!(bench.due().await.scheduled, 1);
    assert_eq!(bench.task(id).await.status, Status::Waiting);
    assert_eq!(seen(&bench).await.seen_until, moment("2026-11-23T10:00:00Z"));
}

#[tokio::test]
async fn a_clock_that_is_set_back_fires_nothing_twice() {
    let bench = over(Arc::new(Memory::new()), BESIDE);
    bench.due().await;
    bench.turn("3h");
    assert_eq!(bench.due().await.scheduled, 1);
    // By hours: times that were seen to come again, and do not count.
    bench.clock.set(moment("2026-11-23T09:45:00Z"));
    assert_eq!(bench.due().await.scheduled, 0);
    assert_eq!(bench.ops.next_schedule(&[]), Some(moment("2026-11-23T13:00:00Z")));
    for _ in 0..12 {
        bench.turn("15m");
        assert_eq!(bench.due().await.scheduled, 0, "{:?}", bench.clock);
    }
    bench.turn("15m");
    assert_eq!(bench.due().await.scheduled, 1);
    assert_eq!(tasks(&bench).await.len(), 2);
}

#[tokio::test]
async fn a_clock_that_was_years_ahead_does_not_stop_a_schedule() {
    let bench = over(Arc::new(Memory::new()), BESIDE);
    bench.due().await;
    bench.turn("30m");
    assert_eq!(bench.due().await.scheduled, 1);
    bench.clock.set(moment("2036-01-01T00:30:00Z"));
    assert_eq!(bench.due().await.scheduled, 1);
    bench.clock.set(moment("2026-11-23T09:55:00Z"));
    assert_eq!(bench.due().await.scheduled, 0);
    // The run of ten was started before the clock went wrong.
    bench.turn("5m");
    assert_eq!(bench.due().await.scheduled, 0);
    bench.turn("1h");
    assert_eq!(bench.due().await.scheduled, 1);
    assert_eq!(seen(&bench).await.seen_until, moment("2026-11-23T11:00:00Z"));
}

const QUEUES: &str = r#"
flow: slow
queue: slow
schedule: { cron: "0 * * * *" }
states: { start: result }
---
flow: quick
queue: quick
schedule: { cron: "0 */2 * * *" }
states: { start: result }
---
flow: neither
states: { start: result }
"#;

#[tokio::test]
async fn a_worker_looks_after_the_schedules_of_its_queues() {
    let bench = over(Arc::new(Memory::new()), QUEUES);
    let quick = ["quick".into()];
    bench.ops.run_due(&quick).await.unwrap();
    assert!(Scheduled::of(&*bench.storage, "slow").await.unwrap().is_none());
    assert_eq!(bench.ops.next_schedule(&quick), Some(moment("2026-11-23T10:00:00Z")));
    assert_eq!(bench.ops.next_schedule(&["other".into()]), None);
    bench.turn("30m");
    let due = bench.ops.run_due(&quick).await.unwrap();
    assert_eq!((due.scheduled, due.advanced), (1, 1));
    assert_eq!(tasks(&bench).await, ["23T10:00 completed"]);
    assert_eq!(bench.ops.next_schedule(&quick), Some(moment("2026-11-23T12:00:00Z")));
}

#[test]
fn a_broken_flow_keeps_no_other_from_its_time() {
    let broken = "flow: broken\nschedule: { cron: \"0 * * * *\" }\nstates: { start: { go_to: nowhere } }\n---";
    let source = crate::Source::new("flows.yml", format!("{broken}{HOURLY}"));
    let library = crate::Library::of_sources([Arc::new(source)], &Default::default());
    let clock = Arc::new(VirtualClock::new(moment(START)));
    let ops = now(super::Opsflow::builder().library(library.clone()).clock(Arc::clone(&clock)).build()).unwrap();
    assert_eq!(library.scheduled().join(" "), "broken hourly");
    assert_eq!(now(ops.run_due(&[])).unwrap().scheduled, 0);
    clock.set(moment("2026-11-23T10:00:00Z"));
    assert_eq!(now(ops.run_due(&[])).unwrap().scheduled, 1);
    assert_eq!(ops.next_schedule(&[]), Some(moment("2026-11-23T11:00:00Z")));
}

#[tokio::test]
async fn a_rule_of_another_time_fires_nothing_for_what_was_before_it() {
    let bench = over(Arc::new(Memory::new()), HOURLY);
    bench.due().await;
    bench.turn("30m");
    bench.due().await;
    bench.turn("45m");
    // The task that was started by the rule before still counts.
    let changed = bench.with_flows(&HOURLY.replace("0 * * * *", "*/20 * * * *"));
    assert_eq!(changed.due().await.scheduled, 0);
    bench.turn("15m");
    assert_eq!(changed.due().await.scheduled, 0);
    assert_eq!(seen(&changed).await.seen_until, moment("2026-11-23T11:00:00Z"));
    assert_eq!(seen(&changed).await.rule, "*/20 * * * * UTC");
}

#[tokio::test(start_paused = true)]
async fn a_worker_fires_them_as_they_come_due() {
    let bench = over(Arc::new(Memory::new()), BESIDE);
    let (ops, clock) = (bench.ops.clone(), Arc::clone(&bench.clock));
    let firing = tokio::spawn(async move { crate::runner::keep_firing(ops.runner(), &[]).await });
    let turning = async {
        for _ in 0..4 * 60 * 2 {
            tokio::time::sleep(std::time::Duration::from_secs(15)).await;
            clock.advance(crate::Duration::from_secs(15));
        }
    };
    turning.await;
    firing.abort();
    assert_eq!(tasks(&bench).await, ["23T10:00 waiting", "23T11:00 waiting"]);
}
