//! `opsflow worker --once`

use super::{Bench, FRAIL};

const NAPS: &str =
    "flow: naps\nqueue: slow\nstates:\n  start:\n    wait_until:\n      - { after: 1s, go_to: done }\n  done: result\n";

#[test]
fn it_does_what_is_due_and_ends() {
    let bench = Bench::with(NAPS);
    let id = bench.task(&[], 0);
    assert_eq!(bench.json(&["worker", "--once"], 0)["advanced"], 0);
    std::thread::sleep(std::time::Duration::from_millis(1100));
    assert_eq!(bench.json(&["worker", "--once", "--queue", "other"], 0)["advanced"], 0);
    let ran = bench.run(&["worker", "--once", "--queue", "slow"]).done();
    assert!(ran.stderr.contains("start → done"), "{}", ran.stderr);
    assert!(ran.stderr.ends_with("scheduled 0, advanced 1, deleted 0\n"), "{}", ran.stderr);
    assert_eq!(ran.stdout, "");
    assert_eq!(bench.json(&["show", &id], 0)["status"], "completed");
}

#[test]
fn nothing_to_do_is_done() {
    assert_eq!(
        Bench::new().json(&["worker", "--once"], 0),
        serde_json::json!({ "scheduled": 0, "advanced": 0, "deleted": 0 })
    );
}

#[test]
fn a_task_that_fails_says_why_and_is_work_done() {
    let bench = Bench::with(FRAIL);
    bench.run(&["start", "flow.yml"]).done();
    let ran = bench.run(&["worker", "--once"]).done();
    let line = ran.stderr.lines().find(|line| line.starts_with("✗ frail ")).unwrap_or(&ran.stderr);
    assert!(line.contains("no luck") && line.ends_with(" (broken)"), "{line}");
}

#[test]
fn schedules_are_kept_from_call_to_call() {
    let bench = Bench::with("flow: often\nschedule: { cron: \"0 0 1 1 *\" }\nstates: { start: result }\n");
    assert!(!bench.path(".opsflow/tasks.db").exists());
    // The first call begins the schedule: there is a storage from then on.
    assert_eq!(bench.json(&["worker", "--once", "--flows", "."], 0)["scheduled"], 0);
    assert!(bench.path(".opsflow/tasks.db").exists());
}
