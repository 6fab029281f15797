//! The JSON Schema: it is what the table of keys makes of it, takes every good flow, and refuses broken ones.

use serde_json::Value;

use super::flows::{EVERYTHING, PARTY};
use super::read;
use crate::definition::{keys, schema, tests_schema};

/// The schema in the repository.
const WRITTEN: &str = include_str!("../../../schemas/flow.schema.json");
/// That of files of tests.
const WRITTEN_TESTS: &str = include_str!("../../../schemas/tests.schema.json");

fn printed() -> String {
    serde_json::to_string_pretty(&schema()).unwrap() + "\n"
}

fn printed_tests() -> String {
    serde_json::to_string_pretty(&tests_schema()).unwrap() + "\n"
}

/// What an editor makes of a file.
fn json_of(text: &str) -> Value {
    serde_yaml::from_str(text).unwrap_or_else(|why| panic!("{why}: {text}"))
}

#[test]
fn the_written_schema_is_the_one_the_reader_goes_by() {
    assert!(
        WRITTEN == printed(),
        "schemas/flow.schema.json is not what the keys say; write it again:\n  \
         cargo test --lib definition::tests::schema::write -- --ignored"
    );
}

#[test]
fn the_written_schema_of_tests_is_the_one_the_reader_goes_by() {
    assert!(
        WRITTEN_TESTS == printed_tests(),
        "schemas/tests.schema.json is not what the keys say; write it again, as above"
    );
    assert!(jsonschema::meta::is_valid(&tests_schema()));
    let valid = jsonschema::validator_for(&tests_schema()).unwrap();
    let file = "flow: a\ntests:\n  - name: x\n    mocks: { http::post: 1, start: { b: { status: failed } } }\n    steps: [wake, { advance: 1d }]\n    expect: { calls: { http::post: [[1]] }, started: { b: 1 } }\n";
    assert!(valid.is_valid(&json_of(file)));
    for broken in ["flow: a\n", "tests: []\n", "flow: a\ntests: [{ expect: {} }]\n", "flow: a\ntests: []\nstates: {}\n"]
    {
        assert!(!valid.is_valid(&json_of(broken)), "{broken}");
    }
}

#[test]
#[ignore = "writes schemas/flow.schema.json and schemas/tests.schema.json"]
#[expect(clippy::disallowed_methods, reason = "this is how the generated file is written")]
fn write() {
    std::fs::write(concat!(env!("CARGO_MANIFEST_DIR"), "/schemas/flow.schema.json"), printed()).unwrap();
    std::fs::write(concat!(env!("CARGO_MANIFEST_DIR"), "/schemas/tests.schema.json"), printed_tests()).unwrap();
}

#[test]
fn it_is_a_schema_in_itself() {
    assert!(jsonschema::meta::is_valid(&schema()));
    let text = printed();
    let definitions = schema()["definitions"].as_object().unwrap().clone();
    for name in definitions.keys() {
        assert!(text.contains(&format!("\"#/definitions/{name}\"")), "nothing refers to `{name}`");
    }
    for part in text.split("\"#/definitions/").skip(1) {
        let name = part.split('"').next().unwrap();
        assert!(definitions.contains_key(name), "`{name}` is referred to and not defined");
    }
}

#[test]
fn every_key_has_words_that_say_what_it_means() {
    let tables = [keys::FLOW, keys::RULES, keys::STATE, keys::RETRY, keys::BRANCH, keys::WAIT_BRANCH, keys::TEST];
    let tables = tables.into_iter().chain([
        keys::EXPECT,
        keys::STEP,
        keys::ANSWER,
        keys::TESTS_FILE,
        keys::MIGRATED,
        keys::SCHEDULED,
    ]);
    let kinds = keys::KINDS.iter().map(|(_, keys)| *keys);
    for key in tables.chain(kinds).flatten() {
        assert!(key.about.ends_with('.') && key.about.len() > 4, "{}", key.name);
    }
}

/// Flows that the reader takes.
fn good() -> Vec<String> {
    let state = |state: &str| format!("flow: a\nstates:\n  s: {state}\n  r: result\n");
    let mut good = vec![PARTY.to_owned(), EVERYTHING.to_owned()];
    good.extend(
        [
            "result",
            "{ result: 1 }",
            "{ result: [a, b] }",
            "{ failure: '`x`' }",
            "{ decision: true, if_true: r, if_false: r, label: x }",
            "{ decision: [{ if: 'a', go_to: r }, { go_to: r }], description: }",
            "{ wait_until: [{ after: 1h30m, if: 'x', go_to: r }], timeout: 1w 2d }",
            "{ start: b, with: { a: 1, b: 'c' }, for_each: [1], go_to: r }",
            "{ action: '', go_to: r, on_error: [{ go_to: r }], retry: {} }",
        ]
        .map(state),
    );
    good.extend(
        [
            "attributes:\n",
            "attributes: { a: any, b: { items: { type: map, fields: { c: string } } } }\n",
            "index: a\nuses: http\n",
            "uses: []\ntests: []\nmigrate: []\n",
            "on_timeout: { go_to: s }\n",
            "tests: [{ name: 1, steps: [wake, { interact: a! }, { interact: { b: } }, { wake: }] }]\n",
        ]
        .map(|keys| format!("flow: a.b/c\n{keys}states: {{ s: result }}\n")),
    );
    good
}

/// Flows that the reader refuses, by what the schema can say.
fn broken() -> Vec<String> {
    let state = |state: &str| format!("flow: a\nstates:\n  s: {state}\n  r: result\n");
    let mut broken: Vec<String> = [
        "results",
        "{}",
        "[result]",
        "{ label: x }",
        "{ action: x }",
        "{ action: x, result: y, go_to: r }",
        "{ action: x, goto: r }",
        "{ action: x, go_to: [r] }",
        "{ action: x, go_to: r, time_limit: 5 }",
        "{ action: x, go_to: r, time_limit: 5 m }",
        "{ action: x, go_to: r, retry: { attempts: 0 } }",
        "{ action: x, go_to: r, retry: { backoff: 0.5 } }",
        "{ action: x, go_to: r, retry: { jitter: maybe } }",
        "{ action: x, go_to: r, on_error: { if: a } }",
        "{ action: { a: b }, go_to: r }",
        "{ decision: x, if_true: r }",
        "{ decision: x, if_true: r, if_false: r, retry: {} }",
        "{ decision: [] }",
        "{ decision: [{ if: a }] }",
        "{ decision: [{ if: a, go_to: r, after: 1d }] }",
        "{ decision: [{ go_to: r }], if_true: r }",
        "{ wait_until: x }",
        "{ wait_until: [{ after: soon, go_to: r }] }",
        "{ start: b }",
        "{ result: x, go_to: r }",
        "{ failure: }",
    ]
    .into_iter()
    .map(state)
    .collect();
    broken.extend(
        [
            "stats: {}\n",
            "version: one\n",
            "version: 0\n",
            "priority: 99999999999\n",
            "delay: 10\n",
            "timeout: 1y\n",
            "attributes: { a: strng }\n",
            "attributes: { A: string }\n",
            "attributes: { a: { type: int } }\n",
            "attributes: { a: { requird: true } }\n",
            "attributes: { a: { fields: { b: { items: txt } } } }\n",
            "attributes: [a]\n",
            "interactions: { a: {} }\n",
            "interactions: { a: { action: x, wen: [s] } }\n",
            "on_timeout: {}\n",
            "schedule: { timezone: UTC }\n",
            "schedule: { cron: x, overlap: maybe }\n",
            "migrate: [{ states: { a: b } }]\n",
            "tests: [{ name: x }]\n",
            "tests: [{ name: x, expect: { stat: s } }]\n",
            "tests: [{ name: x, steps: [waek] }]\n",
            "tests: [{ name: x, steps: [{ expct: {} }] }]\n",
            "tests: [{ name: x, expect: { status: done } }]\n",
        ]
        .map(|keys| format!("flow: a\n{keys}states: {{ s: result }}\n")),
    );
    broken
        .extend(["flow: a\n", "states: { s: result }\n", "flow: My Flow\nstates: { s: result }\n"].map(str::to_owned));
    broken.extend(["- a\n", "flow: a\nstates: {}\n", "flow: a\nstates: { A B: result }\n"].map(str::to_owned));
    broken
}

#[test]
fn it_takes_what_the_reader_takes() {
    let validator = jsonschema::validator_for(&schema()).unwrap();
    for text in good() {
        assert!(!crate::diagnostic::has_errors(&super::read(&text).findings), "{text}");
        let json = json_of(&text);
        let errors: Vec<String> = validator.iter_errors(&json).map(|e| format!("{}: {e}", e.instance_path())).collect();
        assert_eq!(errors, [""; 0], "{text}");
    }
}

#[test]
fn it_refuses_what_the_reader_refuses() {
    let validator = jsonschema::validator_for(&schema()).unwrap();
    for text in broken() {
        assert!(!read(&text).findings.is_empty(), "the reader takes {text}");
        assert!(!validator.is_valid(&json_of(&text)), "the schema takes {text}");
    }
}
