//! Ctrl-C in the middle of an action.

#![cfg(unix)]

use std::io::{BufRead, BufReader, Read};
use std::process::Command;
use std::time::{Duration, Instant};

use super::Bench;

/// A flow whose second state calls a program that sleeps, unless the file `fast` is there.
const SLOW: &str = r#"flow: slow
uses: [shell]
starts_with: first
states:
  first:
    action: let x = 1
    go_to: naps
  naps:
    action: shell::run("sh", ["-c", "test -e fast || sleep 30"])
    go_to: done
  done: result
"#;

const RUN: [&str; 4] = ["run", "flow.yml", "--allow", "shell=sh"];

#[test]
fn the_task_stays_as_it_is_stored_and_a_worker_goes_on() {
    let bench = Bench::with(SLOW);
    let mut child = bench.spawn(&RUN);
    let mut stderr = BufReader::new(child.stderr.take().unwrap());
    let mut first = String::new();
    while !first.contains("first → naps") {
        assert!(stderr.read_line(&mut first).unwrap() > 0, "{first}");
    }
    std::thread::sleep(Duration::from_millis(200));
    let began = Instant::now();
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    let mut rest = String::new();
    stderr.read_to_string(&mut rest).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130), "{rest}");
    assert!(began.elapsed() < Duration::from_secs(10), "it went on for {:?}", began.elapsed());
    assert!(rest.contains("error: interrupted") && rest.contains("`opsflow worker --allow shell=sh`"), "{rest}");

    let tasks = bench.json(&["list"], 0);
    assert_eq!(tasks[0]["state"], "naps", "{tasks}");
    assert!(rest.contains(tasks[0]["id"].as_str().unwrap()), "{rest}");
    bench.write("fast", "");
    let id = tasks[0]["id"].as_str().unwrap();
    let mut status = tasks[0]["status"].clone();
    while status != "completed" && began.elapsed() < Duration::from_secs(120) {
        bench.run(&["worker", "--once", "--allow", "shell=sh"]).done();
        status = bench.json(&["show", id], 0)["status"].clone();
        std::thread::sleep(Duration::from_millis(200));
    }
    assert_eq!(status, "completed");
}
