use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use chrono::{DateTime, FixedOffset, NaiveDate};
use rust_decimal::Decimal;
use serde_json::json;

use super::{call, message, perform};
use crate::duration::Duration;
use crate::expression::{Failure, FunctionBody};
use crate::host::{Host, Machine};
use crate::task::StepFailure;
use crate::value::{Map, Value};

/// Calls a pure function as scripts do.
fn compute(host: &Machine, name: &str, arguments: &[Value]) -> Result<Value, Failure> {
    let functions = host.functions();
    let function = functions.iter().find(|function| function.name == name).expect(name);
    assert!(function.arity.contains(&arguments.len()), "{name}");
    let FunctionBody::Pure(body) = &function.body else { panic!("{name} should be pure") };
    body(arguments)
}

#[test]
fn closures_of_up_to_six_arguments_are_functions() {
    let host = Machine::new()
        .function("none", || 7_i64)
        .function("vat", |net: f64| net * 0.2)
        .function("two", |a: String, b: bool| format!("{a}{b}"))
        .function("six", |a: i64, b: i64, c: i64, d: i64, e: i64, f: i64| vec![a, b, c, d, e, f]);
    assert_eq!(compute(&host, "none", &[]), Ok(Value::Integer(7)));
    assert_eq!(compute(&host, "vat", &[Value::Float(10.0)]), Ok(Value::Float(2.0)));
    assert_eq!(compute(&host, "vat", &[Value::Integer(10)]), Ok(Value::Float(2.0)), "a whole number is good for float");
    assert_eq!(compute(&host, "two", &["x".into(), true.into()]), Ok("xtrue".into()));
    let six: Vec<Value> = (1..=6).map(Value::Integer).collect();
    assert_eq!(compute(&host, "six", &six), Ok(Value::list(six.clone())));
}

#[test]
fn every_type_goes_in_and_comes_out() {
    let date = NaiveDate::from_ymd_opt(2026, 11, 21).unwrap();
    let moment: DateTime<FixedOffset> = "2026-11-21T10:00:00+01:00".parse().unwrap();
    let host = Machine::new()
        .function("value", |v: Value| v)
        .function("optional", |v: Option<String>| v)
        .function("list", |v: Vec<Value>| v)
        .function("map", |v: Map| v)
        .function("date", |v: NaiveDate| v)
        .function("moment", |v: DateTime<FixedOffset>| v)
        .function("decimal", |v: Decimal| v)
        .function("duration", |v: Duration| v)
        .function("json", |v: serde_json::Value| v);
    let same = [
        ("value", Value::Unit),
        ("optional", Value::Unit),
        ("optional", "x".into()),
        ("list", Value::list(vec![1_i64.into(), "a".into()])),
        ("map", Value::map([("a", Value::Unit)])),
        ("date", Value::Date(date)),
        ("moment", Value::DateTime(moment)),
        ("decimal", Value::Decimal("1.10".parse().unwrap())),
        ("duration", Value::Duration(Duration::from_secs(90))),
        ("json", Value::map([("a", Value::list(vec![Value::Number(crate::value::Number::parse("0.5").unwrap())]))])),
    ];
    for (name, value) in same {
        assert_eq!(compute(&host, name, std::slice::from_ref(&value)), Ok(value), "{name}");
    }
}

#[test]
fn a_wrong_argument_names_function_argument_and_types() {
    let host = Machine::new()
        .function("mix", |_: i64, _: Vec<String>| ())
        .function("small", |_: u8| ())
        .function("maybe", |_: Option<NaiveDate>| ());
    let wrong = |name: &str, arguments: &[Value]| {
        let failure = compute(&host, name, arguments).unwrap_err();
        assert_eq!(failure.kind, "script");
        failure.message
    };
    assert_eq!(
        wrong("mix", &[1_i64.into(), Value::list(vec![2_i64.into()])]),
        "`mix` takes a value of type list of string as argument 2, but was given one of type list"
    );
    assert_eq!(
        wrong("mix", &[Value::Float(1.0), Value::list(vec![])]),
        "`mix` takes a value of type integer as argument 1, but was given one of type float"
    );
    assert_eq!(
        wrong("small", &[256_i64.into()]),
        "`small` takes a value of type integer from 0 to 255 as argument 1, but was given one of type integer"
    );
    assert_eq!(
        wrong("maybe", &["2026-11-21".into()]),
        "`maybe` takes a value of type date or () as argument 1, but was given one of type string"
    );
}

#[test]
fn results_that_are_no_values_fail() {
    let host = Machine::new()
        .function("nan", || f64::NAN)
        .function("huge", || u64::MAX)
        .function("refuses", |n: i64| if n > 0 { Ok(n) } else { Err("too small") })
        .function("panics", || -> i64 { panic!("of course") })
        .function("own", || Err::<(), _>(StepFailure::new("declined", "no funds").with_data(Value::Integer(7))));
    let failed = |name: &str, arguments: &[Value]| compute(&host, name, arguments).unwrap_err();
    assert_eq!(failed("nan", &[]).message, "`nan` gave NaN, which is not a number");
    assert_eq!(failed("huge", &[]).message, "`huge` gave 18446744073709551615, a number too large for an integer");
    assert_eq!(compute(&host, "refuses", &[1_i64.into()]), Ok(Value::Integer(1)));
    assert_eq!(failed("refuses", &[0_i64.into()]), Failure::new("script", "`refuses` failed: too small"));
    assert_eq!(failed("panics", &[]), Failure::new("script", "`panics` panicked: of course"));
    let own = failed("own", &[]);
    assert_eq!((own.kind.as_str(), own.message.as_str(), own.data), ("declined", "no funds", Value::Integer(7)));
}

#[tokio::test]
async fn an_effect_is_performed_as_a_step() {
    let sent = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&sent);
    let host = Machine::new().effect("send_email", move |to: String, text: String| {
        let counter = Arc::clone(&counter);
        async move {
            tokio::task::yield_now().await;
            counter.fetch_add(1, Ordering::SeqCst);
            format!("{to}: {text}")
        }
    });
    assert_eq!(call(&host, "send_email", json!(["ann", "hi"])).await, Ok("ann: hi".into()));
    assert_eq!(call(&host, "send_email", json!(["ann", "hi", { "once": "k" }])).await, Ok("ann: hi".into()));
    assert_eq!(sent.load(Ordering::SeqCst), 2);
    let option = message(call(&host, "send_email", json!(["ann", "hi", { "onec": "k" }])).await, "script");
    assert_eq!(option, "`send_email` has no option `onec`; did you mean `once`?");
    let arity = message(call(&host, "send_email", json!(["ann"])).await, "script");
    assert_eq!(arity, "`send_email` takes 2 to 3 arguments, but was given 1");
    let kind = message(call(&host, "send_email", json!(["ann", 7])).await, "script");
    assert_eq!(kind, "`send_email` takes a value of type string as argument 2, but was given one of type integer");
    assert_eq!(sent.load(Ordering::SeqCst), 2, "nothing is sent where the arguments are wrong");
}

#[tokio::test]
async fn an_effect_may_fail_or_panic() {
    let host = Machine::new()
        .effect("fails", || async { Err::<(), _>(std::io::Error::other("no route")) })
        .effect("declines", || async { Err::<(), _>(StepFailure::new("declined", "no funds")) })
        .effect("panics", |later: bool| {
            assert!(later, "at once");
            async { panic!("later") as () }
        });
    assert_eq!(message(call(&host, "fails", json!([])).await, "script"), "`fails` failed: no route");
    assert_eq!(message(call(&host, "declines", json!([])).await, "declined"), "no funds");
    assert_eq!(message(call(&host, "panics", json!([false])).await, "script"), "`panics` panicked: at once");
    assert_eq!(message(call(&host, "panics", json!([true])).await, "script"), "`panics` panicked: later");
}

#[cfg(feature = "runtime")]
#[tokio::test(start_paused = true)]
async fn an_effect_has_a_time_limit() {
    let host = Machine::new().effect("hangs", std::future::pending::<()>);
    let late = message(perform(&host, "hangs", vec![]).await, "time_limit");
    assert_eq!(late, "`hangs` took longer than its time limit of 1m");
    let host = host.effect_time_limit(Duration::from_secs(5));
    let late = message(perform(&host, "hangs", vec![]).await, "time_limit");
    assert_eq!(late, "`hangs` took longer than its time limit of 5s");
}

#[tokio::test]
async fn the_last_function_of_a_name_counts() {
    let host = Machine::new().effect("answer", || async { 1_i64 }).function("answer", || 2_i64);
    assert_eq!(compute(&host, "answer", &[]), Ok(Value::Integer(2)));
    let host = host.effect("answer", || async { 3_i64 });
    assert_eq!(perform(&host, "answer", vec![]).await, Ok(Value::Integer(3)));
    assert_eq!(host.functions().iter().filter(|function| function.name == "answer").count(), 1);
}
