//! `opsflow schema`

use super::Bench;

#[test]
fn it_prints_the_schema_of_flow_files() {
    let schema: serde_json::Value = serde_json::from_str(&Bench::new().run(&["schema"]).done().stdout).unwrap();
    assert_eq!(schema, opsflow::flow::schema());
    assert!(schema["properties"]["states"].is_object());
}

#[test]
fn it_prints_the_schema_of_files_of_tests() {
    let ran = Bench::new().run(&["schema", "--tests"]).done();
    let schema: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(schema, opsflow::flow::tests_schema());
    assert!(schema["properties"]["tests"].is_object() && schema["properties"]["states"].is_null());
}
