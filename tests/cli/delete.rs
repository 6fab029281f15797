//! `opsflow delete`

use super::{Bench, SIGN_UP};

#[test]
fn an_ended_task_goes_with_its_history() {
    let bench = Bench::with(SIGN_UP);
    let id = bench.task(&["--set", "email=a@b.c", "--set", "name=Ann"], 0);
    let ran = bench.run(&["delete", &id]).done();
    assert_eq!((ran.stdout.as_str(), ran.stderr), ("", format!("deleted {id}\n")));
    bench.run(&["show", &id]).refused(3, "no task");
    bench.run(&["delete", &id]).refused(3, "no task");
}

#[test]
fn one_that_has_not_ended_stays() {
    let bench = Bench::with(SIGN_UP);
    let id = bench.task(&["--set", "email=a@b.c"], 0);
    bench.run(&["delete", &id]).refused(3, &format!("help: cancel it first: `opsflow cancel {id}`"));
    bench.run(&["show", &id]).done();
}

#[test]
fn all_of_them_means_those_that_ended() {
    let bench = Bench::with(SIGN_UP);
    let sleeping = bench.task(&["--set", "email=a@b.c"], 0);
    for _ in 0..2 {
        bench.task(&["--set", "email=a@b.c", "--set", "name=Ann"], 0);
    }
    bench.run(&["delete", "--all"]).refused(2, "this would delete 2 tasks");
    bench.run(&["delete", "--all", "--yes"]).done();
    let left = bench.json(&["list"], 0);
    assert_eq!((left.as_array().unwrap().len(), &left[0]["id"]), (1, &sleeping.as_str().into()));
}
