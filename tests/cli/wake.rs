//! `opsflow wake`

use super::{Bench, SIGN_UP};

#[test]
fn a_sleeping_task_is_looked_at_and_sleeps_on() {
    let bench = Bench::with(SIGN_UP);
    let id = bench.task(&["--set", "email=a@b.c"], 0);
    let task = bench.json(&["wake", &id], 0);
    assert_eq!((&task["status"], &task["state"]), (&"waiting".into(), &"name_provided?".into()));
}

#[test]
fn there_is_nothing_to_wake_in_an_ended_one_or_in_none() {
    let bench = Bench::with(SIGN_UP);
    let id = bench.task(&["--set", "email=a@b.c", "--set", "name=Ann"], 0);
    bench.run(&["wake", &id]).refused(3, "done");
    bench.run(&["wake", "00000000-0000-0000-0000-000000000000"]).refused(3, "no task 00000000-");
}

#[test]
fn all_of_them_are_looked_at() {
    let bench = Bench::with(SIGN_UP);
    let ids = [bench.task(&["--set", "email=a@b.c"], 0), bench.task(&["--set", "email=d@e.f"], 0)];
    bench.task(&["--set", "email=a@b.c", "--set", "name=Ann"], 0);
    bench.run(&["wake", "--all"]).refused(2, "this would wake 2 tasks; nothing was done");
    let tasks = bench.json(&["wake", "--all", "--yes"], 0);
    let woken: Vec<&str> = tasks.as_array().unwrap().iter().map(|task| task["id"].as_str().unwrap()).collect();
    assert!(woken.len() == 2 && ids.iter().all(|id| woken.contains(&id.as_str())), "{woken:?}");
    assert!(tasks.as_array().unwrap().iter().all(|task| task["status"] == "waiting"));
    let ran = bench.run(&["wake", "--all", "--yes", "--rate", "1000"]).done();
    assert_eq!(ran.stderr, "wake 2 tasks\nwoken 2\n");
    assert_eq!(ran.stdout.lines().count(), 3, "{}", ran.stdout);
    bench.run(&["wake", "--all", "--status", "failed"]).refused(2, "`wake` takes tasks that are waiting");
    bench.run(&["wake", "--all", "--rate", "0"]).refused(2, "0 is not in 1..=1000000");
}
