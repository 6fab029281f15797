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
    assert_eq!(action.as_object().unwrap().len(), 9);
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

#[test]
fn an_unknown_task_has_none() {
    Bench::new().run(&["history", "00000000-0000-0000-0000-000000000000"]).refused(3, "no task 00000000-");
}
