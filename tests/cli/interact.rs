//! `opsflow interact`

use serde_json::json;

use super::{Bench, SIGN_UP};

fn waiting() -> (Bench, String) {
    let bench = Bench::with(SIGN_UP);
    let id = bench.task(&["--set", "email=a@b.c"], 0);
    (bench, id)
}

#[test]
fn it_goes_on_from_there() {
    let (bench, id) = waiting();
    let task = bench.json(&["interact", &id, "register!", "--set", "name=Ann"], 0);
    assert_eq!((&task["status"], &task["output"]), (&json!("completed"), &json!("Ann")));
    let history = bench.json(&["history", &id], 0);
    let entry = history.as_array().unwrap().iter().find(|entry| entry["cause"] == "interaction").unwrap();
    assert!(entry["by"].as_str().unwrap().contains("register!"), "{entry}");
}

#[test]
fn parameters_may_come_as_json() {
    let (bench, id) = waiting();
    let ran = bench.feed(&["interact", &id, "register!", "--input", "-", "--json"], b"{ \"name\": \"Ann\" }").done();
    assert!(ran.stdout.contains("\"completed\""), "{}", ran.stdout);
}

#[test]
fn in_the_wrong_state_it_is_refused_and_changes_nothing() {
    let (bench, id) = waiting();
    let before = bench.json(&["show", &id], 0);
    bench.run(&["interact", &id, "reset!"]).refused(3, "name_provided?");
    assert_eq!(bench.json(&["show", &id], 0), before);
    bench.run(&["interact", &id, "register!", "--set", "name=Ann"]).done();
    bench.run(&["interact", &id, "register!", "--set", "name=Bob"]).refused(3, "done");
}

#[test]
fn an_unknown_one_is_refused_with_what_there_is() {
    let (bench, id) = waiting();
    bench.run(&["interact", &id, "registr!"]).refused(3, "did you mean `register!`?");
    bench.run(&["interact", &id, "zebra"]).refused(3, "it has `register!`, `reset!`");
}

#[test]
fn without_a_name_those_that_are_possible_now_are_named() {
    let (bench, id) = waiting();
    bench.run(&["interact", &id]).refused(2, "the name of the interaction is missing\nhelp: possible now: `register!`");
    bench.run(&["interact", &id, "register!", "--set", "name=Ann"]).done();
    bench.run(&["interact", &id]).refused(2, "none is possible now: the task is completed in `done`");
}

#[test]
fn bad_parameters_are_bad_input() {
    let (bench, id) = waiting();
    let before = bench.json(&["show", &id], 0);
    bench.run(&["interact", &id, "register!"]).refused(2, "`name`");
    bench.run(&["interact", &id, "register!", "--set", "nme=Ann"]).refused(2, "did you mean `name`?");
    bench.run(&["interact", &id, "register!", "--set", "name=a very long name"]).refused(2, "`name`");
    assert_eq!(bench.json(&["show", &id], 0), before);
}

#[test]
fn a_key_makes_a_repeat_do_nothing() {
    let (bench, id) = waiting();
    let args = ["interact", &id, "register!", "--set", "name=Ann", "--key", "once"];
    let first = bench.json(&args, 0);
    let second = bench.json(&args, 0);
    assert_eq!(first, second);
    bench.run(&["interact", &id, "register!", "--set", "name=Bob", "--key", "once"]).refused(3, "once");
}
