//! `opsflow events`

use std::io::{BufRead, BufReader};
use std::process::Stdio;

use serde_json::{Value, json};

use super::{Bench, HELLO, SIGN_UP, fixed};

/// The events that the command prints.
fn events(bench: &Bench, args: &[&str]) -> Vec<Value> {
    let ran = bench.run(&[&["events"], args].concat()).done();
    ran.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Type, flow, status and state of each.
fn told(events: &[Value]) -> Vec<String> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let line = |event: &Value| {
        let task = &event["task"];
        [&event["type"], &task["flow"], &task["status"], &task["state"]].map(text).join(" ")
    };
    events.iter().map(line).collect()
}

fn bench() -> (Bench, String, String) {
    let bench = Bench::with(HELLO);
    bench.write("sign_up.yml", SIGN_UP);
    let hello = bench.task(&["--set", "name=Ann", "--set", "pin=123456"], 0);
    let ran = bench.json(&["run", "sign_up.yml", "--set", "email=a@b.c"], 0);
    let sign_up = ran["id"].as_str().unwrap().to_owned();
    bench.run(&["interact", &sign_up, "register!", "--set", "name=Ann"]).done();
    (bench, hello, sign_up)
}

#[test]
fn each_start_and_each_move_is_a_line() {
    let (bench, hello, sign_up) = bench();
    let all = events(&bench, &[]);
    let expected = [
        "started hello active greet",
        "ended hello completed done",
        "started sign_up waiting name_provided?",
        "moved sign_up active name_provided?",
        "ended sign_up completed done",
    ];
    assert_eq!(told(&all), expected);
    let text = |event: &Value| fixed(&event.to_string());
    let cursor = |event: &Value| event["cursor"].as_str().unwrap().to_owned();
    let first = json!({ "type": "started", "cursor": cursor(&all[0]), "entry": null, "task": {
        "id": hello, "flow": "hello", "version": 1, "status": "active", "state": "greet", "revision": 1, "parent_id": null
    } });
    assert_eq!(all[0], first);
    assert_eq!(all[1]["entry"], bench.json(&["history", &hello], 0)[0]);
    assert_eq!(all[3]["entry"]["by"], "register!");
    assert_eq!(all[4]["task"]["id"], sign_up.as_str());
    assert!(!all.iter().any(|event| text(event).contains("123456")));
}

#[test]
fn keys_come_in_one_order() {
    let (bench, ..) = bench();
    let ran = bench.run(&["events"]).done();
    let last = ran.stdout.lines().nth(1).unwrap();
    let cursor = regex_lite::Regex::new(r"[0-9a-f]{32}-\d+").unwrap();
    let expected = r#"{"type":"ended","cursor":"CURSOR","task":{"id":"ID","flow":"hello","version":1,"status":"completed","state":"done","revision":1,"parent_id":null},"entry":{"seq":1,"at":"TIME","from":"greet","to":"done","cause":"action","by":null,"actor":null,"changes":{"name":["Ann","ANN"]},"error":null,"steps":[],"ms":MS}}"#;
    let ms = regex_lite::Regex::new(r#""ms":\d+"#).unwrap();
    assert_eq!(ms.replace(&fixed(&cursor.replace(last, "CURSOR")), "\"ms\":MS"), expected);
}

#[test]
fn they_are_chosen_by_flow_and_by_task() {
    let (bench, hello, sign_up) = bench();
    assert_eq!(events(&bench, &["--flow", "sign_up"]).len(), 3);
    assert_eq!(events(&bench, &["--flow", "sign"]).len(), 0);
    assert_eq!(events(&bench, &["--task", &hello[..8]]).len(), 2);
    assert_eq!(events(&bench, &["--task", &sign_up, "--flow", "hello"]).len(), 0);
    bench.run(&["events", "--task", "ffff"]).refused(3, "no task has an id that begins with `ffff`");
}

#[test]
fn they_go_on_after_a_cursor() {
    let (bench, hello, _) = bench();
    let all = events(&bench, &[]);
    for (n, event) in all.iter().enumerate() {
        let after = events(&bench, &["--after", event["cursor"].as_str().unwrap()]);
        assert_eq!(after, all[n + 1..]);
    }
    assert_eq!(events(&bench, &["--after", "end"]), Vec::<Value>::new());
    bench.run(&["delete", &hello]).done();
    assert_eq!(told(&events(&bench, &[])), told(&all[2..]), "of a task that is gone there is nothing");
    let ran = bench.run(&["events", "--after", "0123-1"]);
    ran.refused(3, "the cursor `0123-1` is of another store, or older than what the feed keeps");
    ran.refused(3, "`--after end`");
    assert_eq!(Bench::new().run(&["events"]).done().stdout, "");
}

#[test]
fn they_are_followed_until_the_end() {
    let (bench, ..) = bench();
    let mut command = bench.command(&["events", "--follow"]);
    let mut follows = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut lines = BufReader::new(follows.stdout.take().unwrap()).lines();
    for _ in 0..5 {
        lines.next().unwrap().unwrap();
    }
    let id = bench.task(&["--set", "name=Bob"], 0);
    let event: Value = serde_json::from_str(&lines.next().unwrap().unwrap()).unwrap();
    assert_eq!((&event["type"], &event["task"]["id"]), (&json!("started"), &json!(id)));
    assert!(lines.next().unwrap().unwrap().contains("ended"));
    follows.kill().unwrap();
    follows.wait().unwrap();
}
