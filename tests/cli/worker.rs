//! `opsflow worker`

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use serde_json::Value;

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
fn a_queue_that_nothing_is_of_is_told_of() {
    let bench = Bench::with(NAPS);
    bench.run(&["worker", "--once", "--queue", ""]).refused(2, "a name was expected");
    bench.run(&["worker", "--queue", ""]).refused(2, "a name was expected");
    let told = |args: &[&str]| bench.run(&[&["worker", "--once", "--flows", "flow.yml"], args].concat()).done().stderr;
    let note = "no flow and no task has the queue `slwo`; did you mean `slow`?\n";
    assert!(told(&["--queue", "slwo"]).contains(note), "{}", told(&["--queue", "slwo"]));
    assert!(!told(&["--queue", "slow"]).contains("no flow"), "{}", told(&["--queue", "slow"]));
    let mut child = bench.spawn(&["worker", "--flows", "flow.yml", "--queue", "slwo"]);
    let mut line = String::new();
    BufReader::new(child.stderr.take().unwrap()).read_line(&mut line).unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(line.contains("WARN") && line.contains(note.trim_end()), "{line}");
    bench.task(&[], 0);
    std::fs::remove_file(bench.path("flow.yml")).unwrap();
    let ran = bench.run(&["worker", "--once", "--queue", "slow", "--queue", "slwo"]).done();
    assert!(ran.stderr.contains(note), "{}", ran.stderr);
}

#[test]
fn its_lease_is_a_second_or_more() {
    let bench = Bench::new();
    bench.run(&["worker", "--once", "--lease", "999ms"]).refused(2, "`999ms` is shorter than 1 s (MIN_LEASE)");
    bench.run(&["worker", "--once", "--lease", "30"]).refused(2, "`30` is not a duration");
    bench.run(&["worker", "--once", "--lease", "1s"]).done();
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
fn a_failed_try_is_a_warning_of_its_own() {
    let flow = "flow: tries\nstates:\n  start:\n    action: fail(\"busy\", \"not yet\")\n    retry: { attempts: 2, delay: 1h }\n    go_to: done\n  done: result\n";
    let bench = Bench::with(flow);
    bench.run(&["start", "flow.yml"]).done();
    let ran = bench.run(&["worker", "--once", "--log", "json", "--log-level", "warn"]).done();
    let line: Value = serde_json::from_str(ran.stderr.lines().next().unwrap_or_default()).unwrap();
    assert_eq!((&line["level"], &line["error"], &line["kind"]), (&"WARN".into(), &"not yet".into(), &"busy".into()));
    assert_eq!((&line["attempt"], &line["attempts"], &line["state"]), (&1.into(), &2.into(), &"start".into()));
    assert!(line["again_at"].is_string(), "{line}");
}

#[test]
fn what_it_is_asked_must_make_sense() {
    let bench = Bench::new();
    for (args, part) in [
        (["worker", "--concurrency", "0"], "1..=10000"),
        (["worker", "--concurrency", "many"], "invalid digit"),
        (["worker", "--grace", "soon"], "`soon` is not a duration"),
        (["worker", "--log", "xml"], "possible values: text, json"),
        (["worker", "--log-level", "loud"], "possible values: error, warn, info"),
    ] {
        bench.run(&args).refused(2, part);
    }
    bench.run(&["worker", "--once", "--grace", "1s"]).refused(2, "cannot be used with");
}

/// How long anything may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// A worker that stays, and what it logs.
struct Worker {
    child: Child,
    log: Receiver<String>,
}

impl Worker {
    fn start(bench: &Bench, args: &[&str]) -> Self {
        let mut child = bench.spawn(&[&["worker", "--log", "json"], args].concat());
        let stderr = BufReader::new(child.stderr.take().unwrap());
        let (line, log) = channel();
        std::thread::spawn(move || stderr.lines().map_while(Result::ok).try_for_each(|text| line.send(text)));
        let mut worker = Self { child, log };
        worker.logs("worker started");
        worker
    }

    /// The next line of the log with this message.
    fn logs(&mut self, message: &str) -> Value {
        loop {
            let event = self.next(message);
            if event["message"] == message {
                return event;
            }
        }
    }

    /// The next line of the log; `wanted` is named if none comes.
    fn next(&mut self, wanted: &str) -> Value {
        let line = self.log.recv_timeout(PATIENCE);
        let line = line.unwrap_or_else(|why| panic!("it does not log `{wanted}`: {why}"));
        serde_json::from_str(&line).unwrap_or_else(|why| panic!("{why}: {line}"))
    }

    fn signal(&self, name: &str) {
        assert!(Command::new("kill").args([name, &self.child.id().to_string()]).status().unwrap().success());
    }

    /// Its exit code, and the rest of its log.
    fn ended(mut self) -> (Option<i32>, String) {
        let mut rest = String::new();
        while let Ok(line) = self.log.recv_timeout(PATIENCE) {
            rest += &line;
        }
        (self.child.wait().unwrap().code(), rest)
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        // It has ended, unless a test failed.
        let _ = self.child.kill();
    }
}

/// Waits until a task has this status.
#[track_caller]
fn wait_for(bench: &Bench, id: &str, status: &str) -> Value {
    let began = Instant::now();
    loop {
        let task = bench.json(&["show", id], 0);
        if task["status"] == status {
            return task;
        }
        assert!(began.elapsed() < PATIENCE, "{task}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn start(bench: &Bench, flow: &str) -> String {
    bench.json(&["start", flow], 0)["id"].as_str().unwrap().to_owned()
}

const WORK: &str = r#"flow: work
attributes: { pin: { type: string, secret: true, default: "hunter2" } }
starts_with: tell
states:
  tell:
    action: 'log("warn", "pin " + pin + "\nsecond line", #{ pin: pin })'
    go_to: nap
  nap:
    wait_until:
      - { after: 200ms, go_to: done }
  done: { result: pin }
---
flow: breaks
states:
  start:
    action: fail("broken", "no luck")
    go_to: done
  done: result
"#;

#[cfg(unix)]
#[test]
fn a_worker_takes_what_others_start_and_ends_when_it_is_told_to() {
    let bench = Bench::with(WORK);
    bench.write("workflows/work.yml", WORK);
    let mut worker = Worker::start(&bench, &["--concurrency", "2"]);
    let id = start(&bench, "work");
    let line = worker.logs("pin [secret]\nsecond line");
    assert_eq!((&line["level"], &line["task"]), (&Value::from("WARN"), &Value::from(&*id)));
    assert_eq!(line["fields"], r#"{"pin":"[secret]"}"#);
    let moved = worker.logs("moved");
    assert_eq!((&moved["from"], &moved["to"], &moved["cause"]), (&"tell".into(), &"nap".into(), &"action".into()));
    assert_eq!((&moved["flow"], &moved["level"]), (&"work".into(), &"INFO".into()));
    let moved = worker.logs("moved");
    assert_eq!((&moved["to"], &moved["cause"]), (&"done".into(), &"timer".into()));
    wait_for(&bench, &id, "completed");
    let id = start(&bench, "breaks");
    let failed = worker.logs("task failed");
    assert_eq!((&failed["level"], &failed["kind"]), (&"WARN".into(), &"broken".into()));
    assert_eq!((&failed["task"], &failed["error"]), (&Value::from(&*id), &"in `start`: no luck".into()));
    assert!(failed["at"].as_str().is_some_and(|at| at.ends_with("work.yml:16:13")), "{failed}");
    worker.signal("-TERM");
    let stopped = worker.logs("worker stopped");
    assert_eq!((&stopped["advanced"], &stopped["given_back"]), (&3.into(), &0.into()));
    assert_eq!(worker.ended(), (Some(0), String::new()));
}

#[cfg(unix)]
#[test]
fn the_log_is_text_unless_json_is_wanted_and_quiet_means_warnings() {
    let bench = Bench::with(WORK);
    start(&bench, "flow.yml");
    let mut child = bench.spawn(&["worker", "--quiet"]);
    let mut log = BufReader::new(child.stderr.take().unwrap());
    let mut first = String::new();
    log.read_line(&mut first).unwrap();
    assert!(first.contains(" WARN pin [secret]\\nsecond line task="), "{first}");
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    let mut rest = String::new();
    log.read_to_string(&mut rest).unwrap();
    assert_eq!((child.wait().unwrap().code(), rest.as_str()), (Some(0), ""));
    // A look that ends logs as well, if it is asked to.
    start(&bench, "flow.yml");
    let ran = bench.run(&["worker", "--once", "--log", "text", "--log-level", "debug"]).done();
    assert!(ran.stderr.contains(" INFO moved task="), "{}", ran.stderr);
    assert!(!ran.stderr.contains("hunter2") && !ran.stderr.contains('✓'), "{}", ran.stderr);
}

/// A flow whose second step takes until the file `fast` is there.
const SLOW: &str = r#"flow: slow
uses: [shell]
starts_with: naps
states:
  naps:
    action: |
      shell::run("sh", ["-c", "echo first >> calls"]);
      shell::run("sh", ["-c", "echo second >> calls; while ! test -e fast; do sleep 0.05; done"]);
      shell::run("sh", ["-c", "echo third >> calls"]);
    go_to: done
  done: result
"#;

const ALLOW: [&str; 2] = ["--allow", "shell=sh"];

fn calls(bench: &Bench) -> String {
    std::fs::read_to_string(bench.path("calls")).unwrap_or_default()
}

fn wait_for_calls(bench: &Bench, expected: &str) {
    let began = Instant::now();
    while calls(bench) != expected {
        assert!(began.elapsed() < PATIENCE, "{}", calls(bench));
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[cfg(unix)]
#[test]
fn what_takes_longer_than_the_grace_period_is_gone_on_with_by_another() {
    let bench = Bench::with(SLOW);
    let id = start(&bench, "flow.yml");
    let worker = Worker::start(&bench, &[&ALLOW[..], &["--grace", "100ms"]].concat());
    wait_for_calls(&bench, "first\nsecond\n");
    worker.signal("-TERM");
    let (code, log) = worker.ended();
    assert_eq!(code, Some(0), "{log}");
    assert!(log.contains("\"given_back\":1"), "{log}");
    assert_eq!(bench.json(&["show", &id], 0)["status"], "active");
    bench.write("fast", "");
    // Its claim was given back, so nobody waits for its end. The step in flight is repeated, the one before is not.
    let worker = Worker::start(&bench, &ALLOW);
    wait_for(&bench, &id, "completed");
    assert_eq!(calls(&bench), "first\nsecond\nsecond\nthird\n");
    worker.signal("-INT");
    assert_eq!(worker.ended().0, Some(0));
}

#[cfg(unix)]
#[test]
fn within_the_grace_period_a_step_is_finished_and_a_second_signal_cuts_it_short() {
    let bench = Bench::with(SLOW);
    let id = start(&bench, "flow.yml");
    let mut worker = Worker::start(&bench, &ALLOW);
    wait_for_calls(&bench, "first\nsecond\n");
    worker.signal("-INT");
    worker.logs("worker stopping");
    bench.write("fast", "");
    let (code, log) = worker.ended();
    assert_eq!(code, Some(0), "{log}");
    // The step was finished and is not repeated; the next one is another worker's.
    assert_eq!(calls(&bench), "first\nsecond\n");
    bench.run(&[&["worker", "--once"], &ALLOW[..]].concat()).done();
    assert_eq!(calls(&bench), "first\nsecond\nthird\n");
    wait_for(&bench, &id, "completed");

    for (signal, code) in [("-TERM", 143), ("-INT", 130)] {
        std::fs::remove_file(bench.path("fast")).unwrap();
        std::fs::remove_file(bench.path("calls")).unwrap();
        let id = start(&bench, "flow.yml");
        let mut worker = Worker::start(&bench, &[&ALLOW[..], &["--grace", "1h"]].concat());
        wait_for_calls(&bench, "first\nsecond\n");
        worker.signal("-TERM");
        worker.logs("worker stopping");
        worker.signal(signal);
        assert_eq!(worker.ended().0, Some(code));
        bench.write("fast", "");
        bench.run(&[&["worker", "--once"], &ALLOW[..]].concat()).done();
        wait_for(&bench, &id, "completed");
    }
}

#[test]
fn schedules_are_kept_from_call_to_call() {
    let bench = Bench::with("flow: often\nschedule: { cron: \"0 0 1 1 *\" }\nstates: { start: result }\n");
    assert!(!bench.path(".opsflow/tasks.db").exists());
    // The first call begins the schedule: there is a storage from then on.
    assert_eq!(bench.json(&["worker", "--once", "--flows", "."], 0)["scheduled"], 0);
    assert!(bench.path(".opsflow/tasks.db").exists());
}

const BOSS: &str = "flow: boss\nstates:\n  start: { start: giver, go_to: waits }\n  waits: { wait_until: [{ if: active_sub_tasks.is_empty(), go_to: done }] }\n  done: result\n";

/// A flow that gives a result after a while.
fn giver(result: u32) -> String {
    let done = format!("done: {{ result: {result} }}");
    NAPS.replace("naps", "giver").replace("done: result", &done)
}

#[test]
fn it_watches_its_flows_and_keeps_what_a_broken_file_held() {
    let bench = Bench::new();
    // The folder is made while it works.
    let mut worker = Worker::start(&bench, &["--watch"]);
    bench.write("workflows/boss.yml", BOSS);
    bench.write("workflows/giver.yml", &giver(1));
    while !worker.logs("flows reloaded")["added"].as_str().unwrap_or_default().contains("giver") {}
    let first = bench.json(&["start", "giver"], 0)["id"].as_str().unwrap().to_owned();
    bench.write("workflows/giver.yml", &giver(2));
    while worker.logs("flows reloaded")["changed"] != "giver" {}
    // A sub-task shows which definition the worker itself has.
    let boss = bench.json(&["start", "boss"], 0)["id"].as_str().unwrap().to_owned();
    bench.write("workflows/giver.yml", &giver(3).replace("go_to: done", "go_to: dnoe"));
    let warning = loop {
        let event = worker.next("dnoe");
        if event["message"].as_str().is_some_and(|text| text.starts_with("workflows/giver")) {
            break event;
        }
    };
    assert_eq!(warning["message"], "workflows/giver.yml:6:29: unknown state `dnoe` in `go_to`");
    assert_eq!((&warning["level"], &warning["help"]), (&"WARN".into(), &"did you mean `done`?".into()));
    while worker.logs("moved")["flow"] != "boss" {}
    for (args, output) in [(&["show", &first][..], 1), (&["list", "--parent", &boss], 2)] {
        let task = || match bench.json(args, 0) {
            Value::Array(tasks) => tasks.into_iter().next().unwrap_or_default(),
            task => task,
        };
        while task()["status"] != "completed" {
            worker.next("its end");
        }
        assert_eq!(task()["output"], output, "{args:?}");
    }
    bench.run(&["worker", "--once", "--watch"]).refused(2, "cannot be used with");
}
