use std::sync::Arc;

use async_trait::async_trait;
use serde_json::json;

use super::{allowing, call, message};
use crate::clock::{Clock, SystemClock, VirtualClock, from_millis};
use crate::duration::Duration;
use crate::expression::FunctionBody;
use crate::host::{Capability, Host, Machine, Signature};
use crate::name::Name;
use crate::task::{Outcome, StepFailure};
use crate::value::Value;

/// A capability of an embedding program.
struct Mail;

#[async_trait]
impl Capability for Mail {
    fn name(&self) -> Name {
        "mail".into()
    }

    fn functions(&self) -> Vec<Signature> {
        ["send", "hang", "explode"].map(|name| Signature { name: name.into(), arity: 0..=1 }).into()
    }

    fn time_limit(&self, function: &str, _arguments: &[Value]) -> Duration {
        Duration::from_millis(if function == "hang" { 20 } else { 60_000 })
    }

    async fn call(&self, function: &str, arguments: &[Value]) -> Outcome {
        match function {
            "send" => Ok(arguments.first().cloned().unwrap_or_default()),
            "hang" => std::future::pending().await,
            _ => panic!("no stamps"),
        }
    }
}

fn names(host: &Machine) -> Vec<String> {
    let mut names: Vec<String> = host.functions().iter().map(|function| function.name.to_string()).collect();
    names.sort();
    names
}

#[test]
fn the_vocabulary_is_the_same_in_every_build() {
    let known = [
        "env::get",
        "files::append",
        "files::delete",
        "files::exists",
        "files::list",
        "files::make_folder",
        "files::read",
        "files::write",
        "http::delete",
        "http::get",
        "http::patch",
        "http::post",
        "http::put",
        "shell::run",
    ];
    assert_eq!(names(&Machine::new()), known);
    for function in Machine::new().functions().iter() {
        let module = function.name.split_once("::").map(|(module, _)| module);
        assert!(matches!(&function.body, FunctionBody::Effect { capability } if capability.as_deref() == module));
    }
}

#[test]
fn the_clock_is_the_one_given() {
    let moment = from_millis(1_700_000_000_000);
    assert_eq!(Machine::new().clock(VirtualClock::new(moment)).now(), moment);
    let before = SystemClock.now();
    assert!(Machine::default().now() >= before);
}

#[tokio::test]
async fn a_capability_of_the_embedding_program_is_called() {
    let host = Machine::new().capability(Mail);
    assert_eq!(call(&host, "mail::send", json!(["hello"])).await, Ok(Value::text("hello")));
    let uses = host.functions().iter().find(|function| function.name == "mail::send").map(|f| f.body.clone());
    assert!(matches!(uses, Some(FunctionBody::Effect { capability: None })), "a flow need not name it");
    let two = message(call(&host, "mail::send", json!([1, 2])).await, "script");
    assert_eq!(two, "`mail::send` takes 0 to 1 arguments, but was given 2");
}

#[cfg(feature = "runtime")]
#[tokio::test(start_paused = true)]
async fn a_call_that_takes_too_long_is_dropped() {
    let host = Machine::new().capability(Mail);
    let late = message(call(&host, "mail::hang", json!([])).await, "mail");
    assert_eq!(late, "`mail::hang` took longer than its time limit of 20ms");
}

#[cfg(feature = "runtime")]
#[test]
fn a_call_outside_a_runtime_fails_in_words() {
    let host = allowing(&["env=HOME"]);
    let future = call(&host, "env::get", json!(["HOME"]));
    let mut future = std::pin::pin!(future);
    let waker = std::task::Waker::noop();
    let polled = future.as_mut().poll(&mut std::task::Context::from_waker(waker));
    let std::task::Poll::Ready(outcome) = polled else { panic!("it should not wait") };
    assert_eq!(message(outcome, "env"), "`env::get` needs a tokio runtime, and none is running");
}

#[tokio::test]
async fn a_panic_is_a_failure() {
    let host = Machine::new().capability(Mail);
    let panic = message(call(&host, "mail::explode", json!([])).await, "script");
    assert_eq!(panic, "`mail::explode` panicked: no stamps");
}

#[tokio::test]
async fn an_unknown_function_is_a_failure_with_the_nearest_name() {
    let missing = message(call(&Machine::new(), "http::gte", json!([""])).await, "script");
    assert_eq!(missing, "this program has no function `http::gte`; did you mean `http::get`?");
}

/// Stands in for `env`, whatever is granted afterwards.
struct NoEnvironment;

#[async_trait]
impl Capability for NoEnvironment {
    fn name(&self) -> Name {
        "env".into()
    }

    fn functions(&self) -> Vec<Signature> {
        vec![Signature { name: "find".into(), arity: 1..=1 }]
    }

    async fn call(&self, _function: &str, _arguments: &[Value]) -> Outcome {
        Err(StepFailure::new("denied", "no environment here"))
    }
}

#[tokio::test]
async fn a_capability_can_be_replaced() {
    let host = Machine::new().capability(NoEnvironment).grants(crate::host::Grants::parse(["env=HOME"]).unwrap());
    assert!(names(&host).contains(&"env::find".to_owned()) && !names(&host).contains(&"env::get".to_owned()));
    let find = host.functions().iter().find(|function| function.name == "env::find").map(|f| f.body.clone());
    assert!(matches!(find, Some(FunctionBody::Effect { capability: Some(name) }) if name == "env"));
    assert_eq!(message(call(&host, "env::find", json!(["HOME"])).await, "denied"), "no environment here");
    message(call(&host, "env::get", json!(["HOME"])).await, "script");
}

#[test]
fn the_list_of_functions_is_shared_until_it_grows() {
    let host = Machine::new();
    assert!(Arc::ptr_eq(&host.functions(), &host.clone().functions()));
    assert_eq!(host.clone().function("twice", |n: i64| n * 2).functions().len(), host.functions().len() + 1);
}
