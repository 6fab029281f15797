//! `opsflow retry`

use super::{Bench, FRAIL};

#[test]
fn it_goes_on_where_the_task_ended_or_elsewhere() {
    let bench = Bench::with(FRAIL);
    let id = bench.task(&[], 1);
    assert_eq!(bench.json(&["retry", &id], 1)["state"], "second");
    let task = bench.json(&["retry", &id, "--from", "mend"], 0);
    assert_eq!((&task["status"], &task["error"]), (&"completed".into(), &serde_json::Value::Null));
    bench.run(&["retry", &id]).refused(3, "done");
}

#[test]
fn an_unknown_state_is_refused() {
    let bench = Bench::with(FRAIL);
    let id = bench.task(&[], 1);
    bench.run(&["retry", &id, "--from", "mnd"]).refused(3, "did you mean `mend`?");
    assert_eq!(bench.json(&["show", &id], 0)["status"], "failed");
}

#[test]
fn all_of_them() {
    let bench = Bench::with(FRAIL);
    let ids = [bench.task(&[], 1), bench.task(&[], 1)];
    bench.run(&["retry", "--all"]).refused(2, "this would retry 2 tasks");
    let tasks = bench.json(&["retry", "--all", "--status", "failed", "--from", "mend", "--yes"], 0);
    assert_eq!(tasks.as_array().unwrap().len(), ids.len());
    assert!(tasks.as_array().unwrap().iter().all(|task| task["status"] == "completed"));
}

#[test]
fn a_flow_that_has_changed_is_told_of() {
    let bench = Bench::new();
    bench.write("workflows/frail.yml", FRAIL);
    let id = bench.json(&["run", "frail"], 1)["id"].as_str().unwrap().to_owned();
    assert!(!bench.run(&["retry", &id]).stderr.contains("has changed"));
    bench.write("workflows/frail.yml", &FRAIL.replace("!good", "false"));
    let ran = bench.run(&["retry", &id]);
    let told = "flow `frail` has changed since the task began: it keeps the definition it started with; a new `version` of it with a `migrate` can take it over, by `--to`\n";
    assert!(ran.code == 1 && ran.stderr.starts_with(told), "{}", ran.stderr);
    let version = FRAIL.replace("flow: frail", "flow: frail\nversion: 2\nmigrate: [{ from: 1 }]");
    bench.write("workflows/frail.yml", &version);
    let ran = bench.run(&["retry", &id]);
    assert!(ran.stderr.contains("`--to 2` moves it to the newest first\n"), "{}", ran.stderr);
    bench.write("workflows/frail.yml", &version.replace("from: 1", "from: 3").replace("version: 2", "version: 4"));
    let ran = bench.run(&["retry", &id]);
    let told = "`--to` cannot move it, since `migrate` of version 4 has no entry for version 1\n";
    assert!(ran.stderr.contains(told), "{}", ran.stderr);
    bench.run(&["retry", &id, "--to", "4"]).refused(3, "has no entry for version 1");
}

#[test]
fn a_flow_that_is_not_at_hand_is_asked_for() {
    let bench = Bench::new();
    bench.write("elsewhere/frail.yml", FRAIL);
    let id = bench.json(&["run", "elsewhere/frail.yml"], 1)["id"].as_str().unwrap().to_owned();
    let ran = bench.run(&["retry", &id, "--to", "99"]);
    ran.refused(2, "no flow is called `frail`");
    let help = "help: name the folder of its new version with `--flows`; without `--to` the task continues with the definition that it has\n";
    assert!(ran.stderr.contains(help), "{}", ran.stderr);
    bench.run(&["retry", &id, "--to", "99", "--flows", "elsewhere"]).refused(2, "the library has version 1, not 99");
}
