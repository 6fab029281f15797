//! `opsflow migrate`

use super::{Bench, fixed};

/// Three states in which tasks sleep.
const FIRST: &str = "flow: parcel
attributes: { to: string, weight: { type: integer, default: 1 } }
states:
  start: { decision: weight > 5, if_true: heavy, if_false: light }
  heavy: { wait_until: [{ if: to != (), go_to: done }] }
  light: { wait_until: [{ if: to != (), go_to: done }] }
  done: { result: '\"old\"' }
interactions:
  send!: { params: { to: string }, action: to = params.to }
";

/// The next version: one of them has another name, one is gone.
const SECOND: &str = "flow: parcel
version: 2
attributes: { to: string, grams: { type: integer, min: 0 }, weight: integer }
starts_with: small
states:
  small: { wait_until: [{ if: to != (), go_to: done }] }
  done: { result: grams }
migrate:
  - from: 1
    states: { light: small }
    action: |
      if weight == 3 { fail(\"odd\", \"three is odd\") }
      grams = weight * 1000
interactions:
  send!: { params: { to: string }, action: to = params.to }
";

/// Tasks of the first version, by weight, and the second in its place.
fn bench(weights: &[i64]) -> (Bench, Vec<String>) {
    let bench = Bench::with(FIRST);
    let ids = weights.iter().map(|weight| bench.task(&["--set", &format!("weight={weight}")], 0)).collect();
    bench.write("flow.yml", SECOND);
    (bench, ids)
}

const DRY: [&str; 3] = ["migrate", "flow.yml", "--dry-run"];

#[test]
fn a_dry_run_says_how_many_map_and_which_do_not_and_why() {
    let (bench, ids) = bench(&[1, 2, 3, 9, 9]);
    let ran = bench.run(&DRY);
    assert_eq!(ran.code, 3, "{}{}", ran.stdout, ran.stderr);
    let expected = "\
VERSION  STATE  BECOMES  TASKS
1        light  small    2
2 tasks do not map: in `heavy` of version 1: version 2 has no such state: say what it has become in `states` of its `migrate` entry, `{ heavy: … }`
  ID, ID
1 task does not map: in `light` of version 1: the action of `migrate` to version 2 failed: three is odd (at flow.yml:12:24)
  ID
";
    assert_eq!(fixed(&ran.stdout), expected);
    assert_eq!(ran.stderr, "2 of 5 tasks of `parcel` map to version 2; nothing was changed\n");
    for id in &ids {
        let task = bench.json(&["show", id], 0);
        assert_eq!((&task["version"], &task["revision"]), (&1.into(), &1.into()));
    }
    let report = bench.json(&DRY, 3);
    assert_eq!((&report["flow"], &report["to"], &report["dry_run"]), (&"parcel".into(), &2.into(), &true.into()));
    let maps = serde_json::json!([{ "version": 1, "state": "light", "becomes": "small", "tasks": 2 }]);
    assert_eq!(report["maps"], maps);
    let heavy = &report["does_not_map"][0];
    assert_eq!((&heavy["state"], &heavy["tasks"]), (&"heavy".into(), &2.into()));
    let mut expected = vec![&ids[3], &ids[4]];
    expected.sort();
    assert_eq!(heavy["ids"], serde_json::json!(expected));
}

#[test]
fn those_that_map_move_and_a_worker_goes_on_with_them() {
    let (bench, ids) = bench(&[1, 2, 9]);
    bench.run(&["migrate", "flow.yml"]).refused(2, "this would migrate 3 tasks; nothing was done");
    let ran = bench.run(&["migrate", "flow.yml", "--to", "2", "--yes"]);
    assert_eq!(ran.code, 3);
    assert!(ran.stdout.contains("1        light  small    2\n1 task does not map: in `heavy`"), "{}", ran.stdout);
    let stderr = fixed(&ran.stderr);
    assert!(stderr.starts_with("migrate 3 tasks\n"), "{stderr}");
    assert!(stderr.contains("light → small  (migrate 1 to 2, N ms)\n"), "{stderr}");
    assert!(stderr.ends_with("2 of 3 tasks of `parcel` moved to version 2; `opsflow worker` continues them\n"));
    let task = bench.json(&["show", &ids[0]], 0);
    assert_eq!((&task["version"], &task["state"], &task["status"]), (&2.into(), &"small".into(), &"waiting".into()));
    let entry = &bench.json(&["history", &ids[0]], 0)[1];
    assert_eq!((&entry["cause"], &entry["by"]), (&"migrate".into(), &"1 to 2".into()));
    assert_eq!(entry["changes"], serde_json::json!({ "grams": [null, 1000] }));
    bench.run(&["interact", &ids[0], "send!", "--set", "to=Ann"]).done();
    assert_eq!(bench.json(&["show", &ids[0]], 0)["output"], 1000);

    // The same command again finds the remaining ones.
    let ran = bench.run(&["migrate", "flow.yml", "--yes"]);
    assert!(
        ran.stderr.ends_with("0 of 1 tasks of `parcel` moved to version 2; nothing was changed\n"),
        "{}",
        ran.stderr
    );
    let report = bench.json(&["migrate", "flow.yml", "--yes"], 3);
    assert_eq!((&report["maps"], &report["does_not_map"][0]["tasks"]), (&serde_json::json!([]), &1.into()));
    bench.run(&["cancel", &ids[2]]).done();
    let ran = bench.run(&["migrate", "flow.yml", "--yes"]).done();
    assert_eq!((ran.stdout.as_str(), ran.stderr.as_str()), ("", "nothing to migrate: 0 tasks\n"));
    let ran = bench.run(&DRY).done();
    assert_eq!(ran.stderr, "0 of 0 tasks of `parcel` map to version 2; nothing was changed\n");
}

#[test]
fn an_ended_task_that_does_not_map_is_refused() {
    let bench = Bench::with(super::FRAIL);
    let ids = [bench.task(&[], 1), bench.task(&[], 1)];
    let newer = super::FRAIL.replace("starts_with", "version: 2\nstarts_with");
    bench.write("workflows/flow.yml", &newer);
    bench.run(&["retry", &ids[0], "--to", "2"]).refused(3, "add an entry `from: [1]`");
    let gone = newer.replace("second", "third").replace("starts_with", "migrate: [{ from: 1 }]\nstarts_with");
    bench.write("workflows/flow.yml", &gone);
    bench.run(&["retry", &ids[0], "--to", "2"]).refused(3, "say what it has become in `states`");
    bench.run(&["retry", "--all", "--yes", "--to", "2"]).refused(3, "say what it has become in `states`");
}

#[test]
fn filters_choose_among_them() {
    let (bench, ids) = bench(&[1, 2, 4]);
    let one = ["migrate", "flow.yml", "--yes", "--where", "weight == 2"];
    assert_eq!(bench.json(&one, 0)["maps"][0]["tasks"], 1);
    assert_eq!(bench.json(&["show", &ids[1]], 0)["version"], 2);
    assert_eq!(bench.json(&["migrate", "flow.yml", "--yes", "--state", "heavy"], 0)["maps"], serde_json::json!([]));
    bench.run(&["migrate", "flow.yml", "--status", "failed"]).refused(2, "`migrate` does not act on failed tasks");
    bench.run(&["migrate", "flow.yml", "--flow", "parcel"]).refused(2, "unexpected argument '--flow'");
}

#[test]
fn the_version_is_held_against_the_library() {
    let (bench, _) = bench(&[1]);
    let to = |version: &str| bench.run(&["migrate", "flow.yml", "--to", version, "--yes"]);
    to("3").refused(2, "flow `parcel`: the library has version 2, not 3");
    to("3").refused(2, "`--to 2`");
    to("x").refused(2, "invalid value 'x'");
    bench.run(&["migrate", "parcle", "--flows", "."]).refused(2, "did you mean `parcel`?");
    assert_eq!(bench.json(&["migrate", "parcel", "--flows", ".", "--yes"], 0)["maps"][0]["tasks"], 1);
}

#[test]
fn a_text_that_was_changed_without_a_version_moves_nothing() {
    let bench = Bench::with(FIRST);
    bench.task(&[], 0);
    bench.write("flow.yml", &FIRST.replace("old", "new"));
    let ran = bench.run(&DRY).done();
    assert!(ran.stderr.starts_with("1 stays: of another definition than the library's"), "{}", ran.stderr);
}

#[test]
fn an_ended_task_is_retried_on_the_newer_version() {
    let bench = Bench::with(&super::FRAIL.replace("starts_with", "version: 1\nstarts_with"));
    let ids = [bench.task(&[], 1), bench.task(&[], 1)];
    let newer =
        super::FRAIL.replace("starts_with", "version: 2\nmigrate: [{ from: 1, action: good = true }]\nstarts_with");
    bench.write("workflows/flow.yml", &newer);
    bench.run(&["retry", &ids[0], "--to", "3"]).refused(2, "flow `frail`: the library has version 2, not 3");
    bench.run(&["retry", &ids[0], "--to", "3"]).refused(2, "write `--to 2`");
    assert_eq!(bench.json(&["retry", &ids[0]], 1)["version"], 1);
    let task = bench.json(&["retry", &ids[0], "--from", "first", "--to", "2"], 0);
    assert_eq!((&task["version"], &task["status"]), (&2.into(), &"completed".into()));
    let history = bench.json(&["history", &ids[0]], 0);
    let causes: Vec<&str> = history.as_array().unwrap().iter().map(|entry| entry["cause"].as_str().unwrap()).collect();
    assert_eq!(causes, ["action", "error", "resume", "error", "migrate", "resume", "action", "action"]);
    let tasks = bench.json(&["retry", "--all", "--to", "2", "--yes"], 0);
    assert_eq!((tasks.as_array().unwrap().len(), &tasks[0]["status"]), (1, &"completed".into()));
}

#[test]
fn a_changed_flow_without_a_new_version_says_what_is_missing() {
    let bench = Bench::with(FIRST);
    bench.task(&[], 0);
    bench.write("flow.yml", &FIRST.replace("old", "new"));
    let told = bench.run(&DRY).done().stderr;
    assert!(told.contains("raise `version` in the file, and add an entry to its `migrate`"), "{told}");
}

#[test]
fn a_missing_value_of_a_new_attribute_says_where_it_comes_from() {
    let bench = Bench::with(FIRST);
    bench.task(&[], 0);
    let newer = FIRST.replace("flow: parcel", "flow: parcel\nversion: 2\nmigrate: [{ from: 1 }]");
    bench.write(
        "flow.yml",
        &newer.replace("to: string, weight", "to: string, centre: { type: string, required: true }, weight"),
    );
    let ran = bench.run(&DRY);
    assert!(
        ran.stdout.contains("assign it in the `action` of its `migrate` entry, or give it a `default`"),
        "{}",
        ran.stdout
    );
}
