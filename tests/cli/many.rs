//! What all commands on many tasks have in common: a rate, a report of each failure, Ctrl-C.

use std::time::{Duration, Instant};

use super::{Bench, FRAIL, Ran, SIGN_UP, fixed};

fn sleeping(count: usize) -> (Bench, Vec<String>) {
    let bench = Bench::with(SIGN_UP);
    let ids = (0..count).map(|n| bench.task(&["--set", &format!("email=a{n}@b.c")], 0)).collect();
    (bench, ids)
}

#[test]
fn a_rate_is_kept() {
    let (bench, _) = sleeping(4);
    let began = Instant::now();
    bench.run(&["cancel", "--all", "--yes", "--rate", "5"]).done();
    assert!(began.elapsed() >= Duration::from_millis(570), "{:?}", began.elapsed());
    bench.run(&["cancel", "--rate", "5", "1234"]).refused(2, "`--rate` is for many tasks, but one is named");
}

#[test]
fn what_fails_is_told_and_the_worst_code_kept() {
    let bench = Bench::with(FRAIL);
    let ids = [bench.task(&[], 1), bench.task(&[], 1)];
    let ran = bench.run(&["retry", "--all", "--yes", "--from", "mnd"]);
    assert_eq!(ran.code, 3);
    let told = "error: flow `frail` has no state `mnd`";
    assert_eq!(
        fixed(&ran.stderr).matches("error: task ID: flow `frail` has no state `mnd`\n").count(),
        2,
        "{}",
        ran.stderr
    );
    assert!(!ran.stderr.contains(told) && ids.iter().all(|id| ran.stderr.contains(id)), "{}", ran.stderr);
    assert!(ran.stderr.ends_with("retried 0, failed 2\n"), "{}", ran.stderr);
    let ran = bench.run(&["retry", "--all", "--yes"]);
    assert_eq!((ran.code, ran.stdout.lines().count()), (1, 3), "{}{}", ran.stdout, ran.stderr);
    assert!(ran.stderr.ends_with("retried 2\n"), "{}", ran.stderr);
}

#[test]
fn json_is_one_array_whatever_there_is() {
    let (bench, _) = sleeping(3);
    let ran = bench.run(&["wake", "--all", "--yes", "--json"]).done();
    let tasks: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(ran.stdout, format!("{}\n", serde_json::to_string_pretty(&in_order(&tasks, &ran.stdout)).unwrap()));
    assert_eq!(bench.json(&["retry", "--all", "--yes"], 0), serde_json::json!([]));
    assert_eq!(bench.run(&["delete", "--all", "--yes", "--json"]).done().stdout, "");
}

/// The same array with the keys in the order in which they stand in `text`.
fn in_order(tasks: &serde_json::Value, text: &str) -> Vec<std::collections::BTreeMap<Key, serde_json::Value>> {
    let place = |name: &String| Key(text.find(&format!("\"{name}\":")).unwrap(), name.clone());
    let of = |task: &serde_json::Value| task.as_object().unwrap().iter().map(|(k, v)| (place(k), v.clone())).collect();
    tasks.as_array().unwrap().iter().map(of).collect()
}

/// A key, in the order of its place.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Key(usize, String);

impl serde::Serialize for Key {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.1)
    }
}

#[test]
fn more_than_a_hundred_are_done_though_not_listed() {
    let bench = Bench::with("flow: a\nstates: { start: { wait_until: [{ after: 1h, go_to: done }] }, done: result }\n");
    bench.write(
        "many.yml",
        "flow: b\nstates: { start: { start: a, for_each: (0..120).map(|n| n), go_to: done }, done: result }\n",
    );
    bench.run(&["run", "many.yml", "--flows", "."]).done();
    let ran = bench.run(&["cancel", "--all", "--flow", "a", "--yes", "--quiet"]).done();
    assert_eq!((ran.stdout.lines().count(), ran.stderr.as_str()), (101, ""), "{}", ran.stdout);
    let ran = bench.run(&["delete", "--all", "--flow", "a", "--yes"]).done();
    assert_eq!(ran.stderr, "delete 120 tasks\ndeleted 120\n");
}

#[cfg(unix)]
#[test]
fn ctrl_c_stops_between_two_tasks_and_the_same_call_goes_on() {
    use std::io::{BufRead, BufReader, Read};
    let (bench, _) = sleeping(5);
    let call = ["cancel", "--all", "--yes", "--rate", "2"];
    let mut child = bench.spawn(&call);
    let mut stderr = BufReader::new(child.stderr.take().unwrap());
    let mut told = String::new();
    while !told.contains("(cancel, ") {
        assert!(stderr.read_line(&mut told).unwrap() > 0, "{told}");
    }
    let id = child.id().to_string();
    assert!(std::process::Command::new("kill").args(["-INT", &id]).status().unwrap().success());
    stderr.read_to_string(&mut told).unwrap();
    let output = child.wait_with_output().unwrap();
    let ran =
        Ran { code: output.status.code().unwrap(), stdout: String::from_utf8(output.stdout).unwrap(), stderr: told };
    assert_eq!(ran.code, 130, "{}", ran.stderr);
    let cancelled = bench.json(&["list", "--status", "cancelled"], 0).as_array().unwrap().len();
    assert!((1..5).contains(&cancelled), "{cancelled}");
    assert_eq!(ran.stdout.lines().count(), cancelled + 1, "{}", ran.stdout);
    let help = format!("help: cancelled {cancelled} of 5; the same command continues with the rest\n");
    assert!(ran.stderr.ends_with(&format!("error: interrupted\n{help}")), "{}", ran.stderr);
    let rest = bench.run(&["cancel", "--all", "--yes"]).done();
    assert!(rest.stderr.ends_with(&format!("cancelled {}\n", 5 - cancelled)), "{}", rest.stderr);
}
