//! A storage that an older program wrote, before values kept their types inside of lists and maps: it is read, and its
//! tasks go on.

use serde_json::{Value, json};

use super::Bench;

/// The tasks that wait, that have failed, that wait for nothing but a look at their sub-tasks, and that are within a body.
const WAITS: &str = "cf7fa64e-ae0b-4bf4-8b48-b12cf1c9862e";
const FAILED: &str = "ca0ad797-4a36-4d66-8dae-cc9992457811";
const PARENT: &str = "1982dbea-8bc0-411c-9cd7-ffffceb18219";
const WITHIN: &str = "f1e2d995-448e-4c31-acd2-004d7190d410";

/// A bench with the storage, and with no flow: what the tasks go on with is what they have brought.
fn bench() -> Bench {
    let bench = Bench::new();
    let old = rusqlite::Connection::open(bench.path("tasks.db")).unwrap();
    old.execute_batch(include_str!("../../src/storage/sqlite/schema_1.sql")).unwrap();
    old.execute_batch(include_str!("../../src/storage/sqlite/schema_2.sql")).unwrap();
    old.execute_batch(include_str!("older/tasks.sql")).unwrap();
    old.pragma_update(None, "application_id", 0x6f70_7366_i64).unwrap();
    old.pragma_update(None, "user_version", 2).unwrap();
    bench
}

/// A bench with a storage that the program wrote which knew schema 4, and no flow.
fn bench_of_schema_4() -> Bench {
    let bench = Bench::new();
    let old = rusqlite::Connection::open(bench.path("tasks.db")).unwrap();
    old.execute_batch(include_str!("older/schema_4.sql")).unwrap();
    bench
}

#[test]
fn a_storage_of_schema_4_is_read_and_goes_on() {
    const PAID: &str = "148e6281-c080-42c0-9ac7-3c600364138e";
    const LEFT: &str = "9e7bcca5-94ce-42f2-a1f8-5e02ce7b10ec";
    let bench = bench_of_schema_4();
    let listed = json_of(&bench, &["list"]);
    let of = |key: &str| listed.as_array().unwrap().iter().map(|task| task[key].clone()).collect::<Vec<_>>();
    assert_eq!(of("status"), ["waiting", "failed", "waiting", "completed"]);
    assert_eq!(of("flow"), ["shop", "breaks", "shop", "nightly"]);
    let history = json_of(&bench, &["history", PAID]);
    assert_eq!((&history[0]["cause"], &history[1]["by"]), (&json!("action"), &json!("remark!")));
    assert_eq!(json_of(&bench, &["list", "--ref", "customer/7"])[0]["id"], PAID);
    // What was applied under a key is not applied again, and other content is refused.
    let remark = |note: &str| bench.run(&on_storage(&["interact", PAID, "remark!", "--key", "k1", "--set", note]));
    remark("note=first").done();
    assert_eq!(remark("note=second").code, 3);
    assert_eq!(json_of(&bench, &["show", PAID])["revision"], 2);
    bench.run(&on_storage(&["interact", PAID, "pay!"])).done();
    assert_eq!(json_of(&bench, &["show", PAID])["output"], "11.50");
    bench.write("go", "");
    bench.run(&on_storage(&["worker", "--once"])).done();
    assert_eq!(json_of(&bench, &["show", LEFT])["state"], "paid?");
}

fn on_storage<'a>(args: &[&'a str]) -> Vec<&'a str> {
    [args, &["--storage", "sqlite:tasks.db"]].concat()
}

fn json_of(bench: &Bench, args: &[&str]) -> Value {
    bench.json(&on_storage(args), 0)
}

/// What the older program put into a list without declared items: text.
fn bag() -> Value {
    json!(["19.90", "2026-11-21", "2026-11-21T09:00:00+01:00", "1h 30m", 0.2, 1.5, { "price": "19.90" }])
}

/// What a task ends with that had the attributes of the fixture.
fn output(read: &Value, bag: &Value) -> Value {
    json!({ "price": "39.80", "dearest": true, "days": [21, 21], "bag": bag, "read": read })
}

#[test]
fn tasks_are_shown_as_they_were() {
    let bench = bench();
    let task = json_of(&bench, &["show", WAITS]);
    let lines = json!([{ "due": "2026-11-21", "price": "10.5" }, { "due": "2026-11-21", "price": "9" }]);
    let attributes = json!({
        "price": "19.90", "due": "2026-11-21", "at": "2026-11-21T09:00:00+01:00", "wait": "1h 30m", "rate": 0.2,
        "lines": lines, "bag": bag(), "read": null, "how": "waits"
    });
    for (name, value) in task["attributes"].as_object().unwrap() {
        assert_eq!(value, &attributes[name], "{name}");
    }
    let error = &json_of(&bench, &["show", FAILED])["error"];
    assert_eq!(error["data"], json!({ "bag": bag(), "due": "2026-11-21", "price": "19.90" }));
    let history = json_of(&bench, &["history", WAITS]);
    assert_eq!(history[0]["changes"]["bag"], json!([[], bag()]), "{history}");
}

#[test]
fn a_waiting_task_goes_on_with_typed_values() {
    let bench = bench();
    bench.run(&on_storage(&["interact", WAITS, "read!", "--set", "read=[1.10]", "--set", "price=1.10"])).done();
    let mut bag = bag();
    bag.as_array_mut().unwrap().push(json!("1.10"));
    assert_eq!(json_of(&bench, &["show", WAITS])["output"], output(&json!([1.10]), &bag));
    let db = rusqlite::Connection::open(bench.path("tasks.db")).unwrap();
    let cell: String = db.query_row("SELECT attributes FROM tasks WHERE id = ?", [WAITS], |row| row.get(0)).unwrap();
    assert!(
        cell.contains(r#"{"$opsflow":"decimal 10.5"}"#) && cell.contains(r#"{"$opsflow":"date 2026-11-21"}"#),
        "{cell}"
    );
}

#[test]
fn a_body_goes_on_behind_the_calls_it_has_made() {
    let bench = bench();
    bench.write("go", "");
    // Nobody listens at that port: neither call is made again.
    let allow = ["--allow", "files=.", "--allow", "http=127.0.0.1:18977", "--allow", "shell=sh"];
    bench.run(&on_storage(&[&["worker", "--once"], allow.as_slice()].concat())).done();
    let task = json_of(&bench, &["show", WITHIN]);
    assert_eq!(task["error"], Value::Null);
    let answer = json!({ "n": 1.5, "price": 1_234_567_890_123_456.8, "t": [2, "x"] });
    let first = "{\"rate\": 1.10, \"price\": 1234567890123456.78}\n";
    let read = json!({ "rate": 1.1, "price": 1_234_567_890_123_456.8, "answer": [answer, first] });
    assert_eq!(task["output"], output(&read, &bag()));
}

#[test]
fn sub_tasks_and_errors_are_read() {
    let bench = bench();
    bench.run(&on_storage(&["interact", PARENT, "read!", "--set", "read=1"])).done();
    let mut bag = bag();
    bag.as_array_mut().unwrap().push(json!("1.10"));
    assert_eq!(json_of(&bench, &["show", PARENT])["output"], output(&json!(["19.90", "39.80"]), &bag));
    assert_eq!(bench.run(&on_storage(&["retry", FAILED])).code, 1);
    assert_eq!(json_of(&bench, &["show", FAILED])["error"]["kind"], "late");
}
