//! Random values of all types, on every way through a task: they come back as they were, with type and digits.

use std::path::Path;
use std::sync::Arc;

use opsflow::clock::VirtualClock;
use opsflow::flow::CheckContext;
use opsflow::host::{Host as _, Machine};
use opsflow::storage::Durability;
use opsflow::value::{Stored, Type};
use opsflow::{Duration, Library, Map, Memory, Opsflow, Source, Sqlite, Storage, Value};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

/// How many values are sent on their way where nobody says.
const CASES: u32 = 40;

const FLOW: &str = r#"flow: keeper
attributes: { a: any, map: map, list: list, stepped: any, outputs: any, views: any, errors: any, caught: any, told: any }
starts_with: steps
states:
  steps:
    action: |
      let first = given();
      let second = #{ v: [given()] };
      if task.attempt == 1 { fail("again", "once more", [first, second]) }
      stepped = [first, second];
      map = #{ a: a };
      list = [a, [a]];
    retry: { attempts: 2, delay: 10s, if: 'error.data.len() == 2' }
    go_to: starts
  starts: { action: 'start("part", #{ v: a }); start("part", #{ v: [a], fails: true })', go_to: parts? }
  parts?: { wait_until: [{ if: active_sub_tasks.is_empty(), go_to: looks }] }
  looks:
    action: |
      outputs = completed_sub_tasks.map(|s| s.output);
      views = sub_tasks.map(|s| s.attributes.get("v"));
      errors = failed_sub_tasks.map(|s| s.error.data);
    go_to: fails
  fails: { action: 'fail("mine", "x", #{ v: a })', go_to: told?, on_error: [{ go_to: catches }] }
  catches: { action: caught = error.data, go_to: told? }
  told?: { wait_until: [{ if: told != (), go_to: done }] }
  done: { result: '[a, map, list, stepped, outputs, views, errors, caught, told]' }
interactions:
  tell!: { params: { v: any, list: list }, action: 'told = [params.v, params.list]' }
---
flow: part
attributes: { v: any, fails: { type: boolean, default: false } }
states:
  start: { decision: fails, if_true: fails, if_false: done }
  fails: { action: 'fail("mine", "x", v)', go_to: done }
  done: { result: v }
"#;

fn value() -> impl Strategy<Value = Value> {
    let of = |kind: Type, text: String| Value::from_text(kind, &text).unwrap();
    let decimal = (any::<i64>(), 0..18_u32).prop_map(|(digits, scale)| {
        let power = 10_i128.pow(scale);
        let (whole, rest) = (i128::from(digits) / power, (i128::from(digits) % power).abs());
        let sign = if digits < 0 && whole == 0 { "-" } else { "" };
        if scale == 0 { whole.to_string() } else { format!("{sign}{whole}.{rest:0width$}", width = scale as usize) }
    });
    let day = (0..9999_i32, 1..13, 1..29).prop_map(|(year, month, day)| format!("{year:04}-{month:02}-{day:02}"));
    let zone = prop_oneof![Just("Z"), Just("+05:30"), Just("-11:00")];
    let moment = (day.clone(), 0..24, 0..60, 0..1000, zone)
        .prop_map(|(day, hour, minute, ms, zone)| format!("{day}T{hour:02}:{minute:02}:07.{ms:03}{zone}"));
    let leaf = prop_oneof![
        1 => Just(Value::Unit),
        1 => any::<bool>().prop_map(Value::Boolean),
        2 => any::<i64>().prop_map(Value::Integer),
        2 => any::<f64>().prop_filter("a number", |number| number.is_finite()).prop_map(Value::Float),
        4 => decimal.clone().prop_map(move |text| of(Type::Decimal, text)),
        3 => decimal.prop_map(|text| Value::from_json_text(&format!("[{text}]")).unwrap()),
        3 => day.prop_map(move |text| of(Type::Date, text)),
        3 => moment.prop_map(move |text| of(Type::Datetime, text)),
        3 => (-1_000_000_000_000..1_000_000_000_000_i64)
            .prop_map(|ms| Value::Duration(Duration::from_millis(ms))),
        2 => "[a-z0-9.é \"\\\\]{0,12}".prop_map(Value::from),
        1 => prop_oneof![Just("decimal 1.10"), Just("2026-11-21"), Just("1h")].prop_map(Value::from),
    ];
    let key = prop_oneof![4 => "[a-z]{1,3}", 1 => Just("$opsflow".to_owned()), 1 => Just(String::new())];
    leaf.prop_recursive(4, 24, 4, move |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::list),
            proptest::collection::vec((key.clone(), inner), 0..4).prop_map(Value::map),
        ]
    })
}

/// What nothing may be lost of: types, digits and zeros.
fn written(value: &Value) -> String {
    serde_json::to_string(&Stored(value)).unwrap()
}

/// A process that has the value to give.
async fn process(storage: impl Storage + 'static, clock: &Arc<VirtualClock>, value: &Value) -> Opsflow {
    let given = value.clone();
    let machine = Machine::new().clock(Arc::clone(clock)).effect("given", move || {
        let given = given.clone();
        async move { given }
    });
    let context = CheckContext { functions: machine.functions(), ..CheckContext::default() };
    let library = Library::of_sources([Arc::new(Source::new("keeper.yml", FLOW))], &context);
    assert!(library.findings().iter().all(|finding| !finding.is_error()), "{:?}", library.findings());
    Opsflow::builder().library(library).storage(storage).host(machine).build().await.unwrap()
}

/// The storage of a process: all of one file, or of one memory.
enum Kept<'a> {
    File(&'a Path),
    Memory(Arc<Memory>),
}

impl Kept<'_> {
    async fn open(&self, clock: &Arc<VirtualClock>, value: &Value) -> Opsflow {
        match self {
            Self::File(path) => {
                // No machine is crashed here.
                let file = Sqlite::options().durability(Durability::Normal).open(path);
                process(file.await.unwrap(), clock, value).await
            }
            Self::Memory(memory) => process(Arc::clone(memory), clock, value).await,
        }
    }
}

/// Sends a value on its way. Every step of it is another process.
async fn sent(kept: &Kept<'_>, value: &Value) -> Result<(), String> {
    let clock = Arc::new(VirtualClock::new("2026-11-23T09:00:00Z".parse().unwrap()));
    let params =
        |pairs: [(&str, Value); 2]| pairs.into_iter().map(|(name, value)| (name.into(), value)).collect::<Map>();
    let id = kept.open(&clock, value).await.later("keeper", Map::from([("a".into(), value.clone())])).await.unwrap().id;
    for _ in 0..8 {
        kept.open(&clock, value).await.run_due(&[]).await.unwrap();
        clock.advance(Duration::from_secs(20));
    }
    let told = params([("v", value.clone()), ("list", Value::list(vec![value.clone()]))]);
    let task = kept.open(&clock, value).await.interact(id, "tell!", told, None).await.unwrap();
    if !task.is_completed() {
        return Err(format!("{} in {}: {:?}", task.status.name(), task.state, task.error));
    }
    let task = kept.open(&clock, value).await.task(id).await.unwrap();
    let list = |items: Vec<Value>| Value::list(items);
    let map = |name: &str, inside: Value| Value::map([(name, inside)]);
    let v = || value.clone();
    let expected = list(vec![
        v(),
        map("a", v()),
        list(vec![v(), list(vec![v()])]),
        list(vec![v(), map("v", list(vec![v()]))]),
        list(vec![v()]),
        list(vec![v(), list(vec![v()])]),
        list(vec![list(vec![v()])]),
        map("v", v()),
        list(vec![v(), list(vec![v()])]),
    ]);
    let (given, wanted) = (written(&task.output), written(&expected));
    if given == wanted { Ok(()) } else { Err(format!("{wanted}\nbecame\n{given}")) }
}

#[test]
fn every_value_comes_back_as_it_was() {
    let seed = crate::number("OPSFLOW_MODEL_SEED").unwrap_or_else(crate::any_seed);
    let cases = crate::number("OPSFLOW_VALUE_CASES").unwrap_or(u64::from(CASES));
    let config = Config { cases: u32::try_from(cases).unwrap(), failure_persistence: None, ..Config::default() };
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    let outcome = TestRunner::new_with_rng(config, rng).run(&value(), |value| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let folder = tempfile::TempDir::new().unwrap();
        let file = folder.path().join("tasks.db");
        runtime.block_on(async {
            for kept in [Kept::Memory(Arc::new(Memory::new())), Kept::File(&file)] {
                sent(&kept, &value).await.map_err(proptest::test_runner::TestCaseError::fail)?;
            }
            Ok(())
        })
    });
    if let Err(why) = outcome {
        panic!("OPSFLOW_MODEL_SEED={seed}: {why}");
    }
}
