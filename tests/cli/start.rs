//! `opsflow start`

use super::{Bench, HELLO};

#[test]
fn it_leaves_the_task_in_its_first_state() {
    let bench = Bench::with(HELLO);
    let task = bench.json(&["start", "flow.yml", "--set", "name=Ann"], 0);
    assert_eq!((&task["status"], &task["state"]), (&"waiting".into(), &"greet".into()));
    assert_eq!(bench.json(&["worker", "--once"], 0)["advanced"], 1);
    assert_eq!(bench.json(&["show", task["id"].as_str().unwrap()], 0)["status"], "completed");
}

#[test]
fn a_flow_of_the_folder_is_named_without_its_file() {
    let bench = Bench::new();
    bench.write("workflows/hello.yml", HELLO);
    assert_eq!(bench.json(&["start", "hello", "--set", "name=Ann"], 0)["flow"], "hello");
    bench.run(&["start", "helo"]).refused(2, "did you mean `hello`?");
    bench.run(&["start", "hello"]).refused(2, "`name`");
    bench.write("mine/other.yml", "flow: other\nstates: { start: result }\n");
    assert_eq!(bench.json(&["start", "other", "--flows", "mine"], 0)["flow"], "other");
    Bench::new().run(&["start", "hello"]).refused(2, "no flow is called `hello`");
}

#[test]
fn it_says_what_runs_the_task() {
    let bench = Bench::with(HELLO);
    let ran = bench.run(&["start", "flow.yml", "--set", "name=Ann"]).done();
    assert_eq!(ran.stderr, "waits for a worker: `opsflow worker`\n");
    assert_eq!(bench.run(&["start", "flow.yml", "--set", "name=Ann", "--quiet"]).done().stderr, "");
}

#[test]
fn what_is_kept_nowhere_cannot_be_left_to_others() {
    let ran = Bench::with(HELLO).run(&["start", "flow.yml", "--set", "name=Ann", "--storage", "memory:"]);
    ran.refused(2, "gone before a worker can take it");
}

#[test]
fn a_key_starts_one_task() {
    let bench = Bench::with(HELLO);
    let start = |name: &str, key: &str| bench.run(&["start", "flow.yml", "--set", name, "--key", key, "--json"]);
    let id = |ran: super::Ran| serde_json::from_str::<serde_json::Value>(&ran.done().stdout).unwrap()["id"].clone();
    let first = id(start("name=Ann", "order-17"));
    assert_eq!(bench.json(&["worker", "--once"], 0)["advanced"], 1);
    let again = start("name=Ann", "order-17");
    assert!(again.stderr.is_empty(), "no worker is needed: {}", again.stderr);
    assert_eq!(id(again), first);
    start("name=Bob", "order-17").refused(3, "the key `order-17` was used before, to start task");
    assert_ne!(id(start("name=Ann", "order-18")), first);
    assert_eq!(bench.json(&["list"], 0).as_array().unwrap().len(), 2);
    start("name=Ann", "").refused(2, "--key");
}
