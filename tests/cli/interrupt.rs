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

/// A flow whose program starts another one, writes the ids of both, does `more`, and takes forever.
#[cfg(target_os = "linux")]
fn takes_forever(more: &str) -> String {
    format!(
        r#"flow: naps
uses: [shell]
states:
  start: {{ action: 'shell::run("sh", ["-c", "sleep 300 & echo $$ $! > pids.new; mv pids.new pids; {more} wait"])', go_to: done }}
  done: result
"#
    )
}

#[cfg(target_os = "linux")]
fn ends_with_its_worker(more: &str, kill: impl FnOnce(&mut std::process::Child)) {
    let bench = Bench::with(&takes_forever(more));
    let mut child = bench.spawn(&["run", "flow.yml", "--allow", "shell=sh"]);
    let pids = bench.path("pids");
    until("the program runs", || pids.exists());
    let pids = std::fs::read_to_string(pids).unwrap();
    let alive = || {
        // A zombie that nobody asks for its status has ended.
        let stat = |pid: &str| std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        pids.split_whitespace()
            .any(|pid| stat(pid).rsplit(')').next().is_some_and(|rest| rest.trim().starts_with(['R', 'S', 'D'])))
    };
    kill(&mut child);
    child.wait().unwrap();
    until("the programs have ended", || !alive());
}

#[cfg(target_os = "linux")]
#[test]
fn programs_end_with_a_worker_that_is_killed() {
    ends_with_its_worker("", |worker| worker.kill().unwrap());
}

#[cfg(target_os = "linux")]
#[test]
fn programs_that_have_just_started_end_with_it_too() {
    for _ in 0..10 {
        // The worker is killed by the program itself, perhaps before it knows that the program runs.
        ends_with_its_worker("kill -9 $PPID;", |_| {});
    }
}

#[cfg(target_os = "linux")]
#[track_caller]
fn until(what: &str, holds: impl Fn() -> bool) {
    let began = Instant::now();
    while !holds() {
        assert!(began.elapsed() < Duration::from_secs(30), "{what}: not within 30 s");
        std::thread::sleep(Duration::from_millis(5));
    }
}
