//! The order flow of the benches: multiply, compare, discount or not, a text, an end.

use std::fmt::Write;
use std::sync::Arc;

use opsflow::flow::CheckContext;
use opsflow::{Library, Map, Opsflow, Source, Storage, Value};

const STATES: &str = "
starts_with: multiply
states:
  multiply: { action: total = quantity * price, go_to: 'large?' }
  large?:
    decision:
      - if: total > 100
        go_to: discount
      - go_to: describe
  discount: { action: total = total - total / 10, go_to: describe }
  describe: { action: 'text = `an order of ${quantity} for ${total}`', go_to: done }
  done: { result: text }
";

/// Its scripts, in order.
#[allow(dead_code, reason = "not every bench runs them bare")]
pub(crate) const SCRIPTS: [&str; 5] = [
    "total = quantity * price",
    "total > 100",
    "total = total - total / 10",
    "text = `an order of ${quantity} for ${total}`",
    "text",
];

/// The flow, with `size` attributes.
pub(crate) fn flow(size: usize) -> String {
    let mut text = "flow: order\nattributes:\n".to_owned();
    text.push_str("  quantity: integer\n  price: integer\n  total: integer\n  text: string\n");
    for number in 4..size {
        writeln!(text, "  field_{number}: {{ type: string, default: value {number} }}").expect("writing to a string");
    }
    text.push_str(STATES);
    text
}

/// Opens the flow over `storage`.
#[allow(dead_code, reason = "not every bench runs it in its own process")]
pub(crate) async fn open(size: usize, storage: impl Storage + 'static) -> Opsflow {
    let library = Library::of_sources([Arc::new(Source::new("order.yml", flow(size)))], &CheckContext::default());
    assert!(library.findings().is_empty(), "{:?}", library.findings());
    Opsflow::builder().library(library).storage(storage).build().await.expect("it opens")
}

/// What the task `number` begins with.
#[allow(dead_code, reason = "not every bench runs it in its own process")]
pub(crate) fn given(number: usize) -> Map {
    let quantity = (number % 40) as i64;
    Map::from([("quantity".into(), Value::Integer(quantity)), ("price".into(), Value::Integer(7))])
}

/// Runs a task of the flow for each of `given`.
#[allow(dead_code, reason = "not every bench runs it in its own process")]
pub(crate) async fn run(ops: &Opsflow, given: Vec<Map>) {
    for given in given {
        let task = ops.call("order", given).await.expect("it runs");
        assert!(task.is_completed(), "{:?}", task.error);
    }
}
