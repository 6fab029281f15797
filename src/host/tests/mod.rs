mod documented;
mod env;
#[cfg(feature = "files")]
mod files;
mod functions;
mod grants;
#[cfg(feature = "http")]
mod http;
#[cfg(feature = "http")]
mod http_hostile;
#[cfg(not(all(feature = "http", feature = "shell", feature = "files")))]
mod left_out;
mod machine;
#[cfg(feature = "http")]
mod server;
#[cfg(all(feature = "shell", unix))]
mod shell;

use serde_json::Value as Json;

use crate::task::{Digest, Outcome, Step, StepFailure, TaskId};
use crate::value::Value;

use super::{Grants, Host, Machine};

/// A machine with these grants.
fn allowing(grants: &[&str]) -> Machine {
    Machine::new().grants(Grants::parse(grants).expect("good grants"))
}

/// Performs a call whose arguments are given as JSON.
async fn call(host: &dyn Host, function: &str, arguments: Json) -> Outcome {
    let Value::List(arguments) = Value::from_json(&arguments).unwrap() else { panic!("arguments are a list") };
    perform(host, function, arguments.to_vec()).await
}

async fn perform(host: &dyn Host, function: &str, arguments: Vec<Value>) -> Outcome {
    let step = Step {
        task_id: TaskId::nil(),
        ordinal: 0,
        function: function.into(),
        arguments,
        digest: Digest::of(function),
        once: None,
    };
    host.perform(&step).await
}

/// The failure of a call that must fail with `kind`.
#[track_caller]
fn failed(outcome: Outcome, kind: &str) -> StepFailure {
    let failure = outcome.expect_err("the call should fail");
    assert_eq!(failure.kind, kind, "{failure}");
    failure
}

/// The message of a call that must fail with `kind`.
#[track_caller]
fn message(outcome: Outcome, kind: &str) -> String {
    failed(outcome, kind).message
}
