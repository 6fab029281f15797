use serde_json::json;

use super::{allowing, call, message};
use crate::value::Value;

#[tokio::test]
async fn a_granted_variable_is_read() {
    let host = allowing(&["env=PATH,OPSFLOW_SURELY_NOT_SET"]);
    let path = call(&host, "env::get", json!(["PATH"])).await.unwrap();
    assert!(std::env::split_paths(path.as_str().unwrap()).any(|folder| folder.is_dir()), "{path:?}");
    assert_eq!(call(&host, "env::get", json!(["OPSFLOW_SURELY_NOT_SET"])).await, Ok(Value::Unit));
}

#[tokio::test]
async fn any_other_is_denied_whether_it_is_set_or_not() {
    let host = allowing(&["env=HOME"]);
    for name in ["PATH", "OPSFLOW_SURELY_NOT_SET"] {
        let expected = format!("`env` of `{name}` is not allowed; run with `--allow env={name}`");
        assert_eq!(message(call(&host, "env::get", json!([name])).await, "denied"), expected);
    }
    message(call(&host, "env::get", json!([7])).await, "script");
    // No grant can name these.
    for name in ["", "A=B", "A,B", "A;id", "1A"] {
        let told = message(call(&host, "env::get", json!([name])).await, "script");
        let why = "names are letters, digits and `_`, and do not begin with a digit";
        assert_eq!(told, format!("`env::get` cannot read `{name}`: {why}"));
    }
}
