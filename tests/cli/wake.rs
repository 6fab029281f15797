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
