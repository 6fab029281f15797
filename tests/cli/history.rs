//! `opsflow history`

use serde_json::json;

use super::{Bench, FRAIL, HELLO, fixed};

#[test]
fn entries_are_data_with_json() {
    let bench = Bench::with(HELLO);
    let id = bench.task(&["--set", "name=Ann", "--set", "pin=1234"], 0);
    let history = bench.json(&["history", &id], 0);
    let entries = history.as_array().unwrap();
    let seqs: Vec<u64> = entries.iter().map(|entry| entry["seq"].as_u64().unwrap()).collect();
    assert_eq!(seqs, (1..=seqs.len() as u64).collect::<Vec<_>>());
    let action = entries.iter().find(|entry| entry["cause"] == "action").unwrap();
    assert_eq!((&action["from"], &action["to"]), (&json!("greet"), &json!("done")));
    assert_eq!(action["changes"], json!({ "name": ["Ann", "ANN"] }));
    assert_eq!(fixed(action["at"].as_str().unwrap()), "TIME");
    let keys: Vec<&String> = action.as_object().unwrap().keys().collect();
    assert_eq!(keys.len(), 11, "{keys:?}");
    assert_eq!((&action["actor"], &action["error"]), (&json!(null), &json!(null)));
    assert!(!history.to_string().contains("1234"));
}

#[test]
fn people_get_a_table() {
    let bench = Bench::with(FRAIL);
    let id = bench.task(&[], 1);
    let ran = bench.run(&["history", &id]).done();
    let first = ran.stdout.lines().next().unwrap();
    let header: Vec<&str> = first.split_whitespace().collect();
    assert_eq!(header, ["SEQ", "AT", "FROM", "TO", "CAUSE", "BY", "MS", "CHANGES"]);
    assert!(ran.stdout.contains("second"), "{}", ran.stdout);
}

/// A flow whose tries fail, and whose error is caught.
const CAUGHT: &str = r#"flow: caught
uses: [http]
attributes: { pin: { type: string, secret: true, default: hunter2 } }
states:
  start:
    action: |
      if task.attempt == 1 { fail("busy", `not with ${pin}`) }
      fail("gone", "nobody is there");
    retry: { attempts: 2, delay: 0s }
    on_error: [{ go_to: asleep }]
    go_to: done
  asleep:
    wait_until: [{ after: 1h, go_to: done }]
  done: result
"#;

#[test]
fn what_went_wrong_stands_under_its_entry() {
    let bench = Bench::with(CAUGHT);
    let ran = bench.run(&["run", "flow.yml"]).done();
    assert!(ran.stderr.contains("✗ start → asleep  (error, "), "{}", ran.stderr);
    assert!(ran.stderr.contains("  nobody is there (gone)\n"), "{}", ran.stderr);
    let id = bench.json(&["list"], 0)[0]["id"].as_str().unwrap().to_owned();
    let shown = bench.run(&["history", &id]).done().stdout;
    let lines: Vec<&str> = shown.lines().collect();
    assert_eq!(lines[2], "    ✗ try 1: not with [secret] (busy)  flow.yml:7:30", "{shown}");
    assert_eq!(lines[4], "    ✗ try 2: nobody is there (gone)  flow.yml:8:7", "{shown}");
    let history = bench.json(&["history", &id], 0);
    let error = json!({ "kind": "busy", "message": "not with [secret]", "attempt": 1,
        "at": { "file": "flow.yml", "line": 7, "column": 30 } });
    assert_eq!((&history[0]["cause"], &history[0]["error"]), (&json!("retry"), &error));
    let shown = fixed(&bench.run(&["show", &id]).done().stdout);
    assert!(shown.contains("\nlast error  nobody is there (gone) in `start`, at TIME (AGO)\n"), "{shown}");
}

#[test]
fn an_error_that_was_caught_is_a_warning_in_the_log() {
    let bench = Bench::with(CAUGHT);
    bench.run(&["start", "flow.yml"]).done();
    let ran = bench.run(&["worker", "--once", "--log", "json", "--log-level", "warn"]).done();
    let lines: Vec<serde_json::Value> = ran.stderr.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    let said: Vec<&str> = lines.iter().filter_map(|line| line["message"].as_str()).collect();
    assert_eq!(said, ["a try failed; another one follows", "an error was caught"], "{}", ran.stderr);
    assert_eq!((&lines[1]["level"], &lines[1]["kind"]), (&json!("WARN"), &json!("gone")));
    assert_eq!((&lines[1]["from"], &lines[1]["to"]), (&json!("start"), &json!("asleep")));
    assert_eq!(lines[1]["error"], "nobody is there");
}

#[test]
fn the_grant_that_was_missing_is_told_where_the_error_was_caught() {
    let flow = CAUGHT.replace(r#"fail("gone", "nobody is there")"#, r#"http::get("http://127.0.0.1:9/")"#);
    let bench = Bench::with(&flow);
    bench.run(&["start", "flow.yml"]).done();
    let ran = bench.run(&["worker", "--once", "--denied", "fail"]).done();
    assert!(ran.stderr.contains("run with `--allow http=127.0.0.1:9`"), "{}", ran.stderr);
}

/// A flow that changes parts of large values.
const LARGE: &str = r#"flow: large
attributes:
  lines: { type: list, default: [] }
  text: { type: string, default: "" }
  pin: { type: string, secret: true, default: hunter2-hunter2 }
  keys: { type: list, secret: true, default: [] }
states:
  start:
    action: |
      for i in 0..99 { lines.push(`line ${i}`); keys.push(`key ${i}`); text += `word ${i} `; }
    go_to: changes
  changes:
    action: |
      lines.push(decimal("1.10"));
      lines.remove(20);
      lines[40] = date("2026-11-21");
      lines.remove(60);
      lines.remove(60);
      text += `is ${pin}`;
      keys.push("one more key");
    go_to: done
  done: result
"#;

#[test]
fn what_changed_in_a_large_value_is_told_by_its_place() {
    let bench = Bench::with(LARGE);
    let id = bench.task(&[], 0);
    let history = bench.json(&["history", &id], 0);
    let changes = json!({
        "keys": ["[secret]", "[secret]"],
        "lines": { "patch": [
            { "op": "remove", "path": "/20" },
            { "op": "replace", "path": "/40", "value": "2026-11-21" },
            { "op": "remove", "path": "/60" },
            { "op": "remove", "path": "/60" },
            { "op": "add", "path": "/96", "value": "1.10" },
        ] },
        "text": { "patch": [{ "op": "splice", "path": "", "at": 782, "remove": 0, "insert": "is [secret]" }] },
    });
    assert_eq!(history[1]["changes"], changes);
    let shown = bench.run(&["history", &id]).done().stdout;
    let shown = shown.split_whitespace().collect::<Vec<_>>().join(" ");
    for part in [
        r#"lines/20 removed; lines/40 = "2026-11-21"; lines/60 removed; 2 more changes of lines;"#,
        r#"text at 782 + "is [secret]""#,
    ] {
        assert!(shown.contains(part), "{shown}");
    }
    for text in [shown, history.to_string()] {
        assert!(!text.contains("hunter2") && !text.contains("one more key"), "{text}");
    }
}

#[test]
fn an_unknown_task_has_none() {
    Bench::new().run(&["history", "00000000-0000-0000-0000-000000000000"]).refused(3, "no task 00000000-");
}

#[test]
fn who_asked_is_named() {
    let bench = Bench::with(super::SIGN_UP);
    let id = bench.task(&["--set", "email=a@b.c"], 0);
    let mut interacts = bench.command(&["interact", &id, "register!", "--set", "name=Ann", "--quiet"]);
    assert!(interacts.env("USER", "ann").output().unwrap().status.success());
    let history = bench.json(&["history", &id], 0);
    let actor = history[0]["actor"].as_str().unwrap();
    assert!(actor.starts_with("cli:ann@") && actor.len() > "cli:ann@".len(), "{history}");
    assert_eq!(history[1]["actor"], json!(null), "nobody asked for what follows");
}
