use serde_json::json;

use super::{allowing, call, message};

#[tokio::test]
async fn a_capability_left_out_of_the_build_says_so() {
    let host = allowing(&["http=*", "shell=ls", "files=."]);
    let calls = [
        (cfg!(feature = "http"), "http", "get", "http://localhost/"),
        (cfg!(feature = "shell"), "shell", "run", "ls"),
        (cfg!(feature = "files"), "files", "read", "x"),
    ];
    for (_, name, function, argument) in calls.into_iter().filter(|(built_in, ..)| !built_in) {
        let told = message(call(&host, &format!("{name}::{function}"), json!([argument])).await, "denied");
        let expected = format!("`{name}::{function}` cannot be called: this program was built without `{name}`");
        assert_eq!(told, format!("{expected}; build it with the feature `{name}`"));
    }
}
