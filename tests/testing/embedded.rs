//! Tests of flows in a program with functions and effects of its own.

use std::num::NonZero;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use opsflow::flow::CheckContext;
use opsflow::host::Machine;
use opsflow::test::TestOptions;
use opsflow::{Library, Opsflow, Source};

const FLOW: &str = r#"
flow: charge
attributes: { net: { type: float, default: 100 }, receipt: string }
starts_with: charge
states:
  charge:
    action: receipt = send_bill("ann", net + vat(net))
    on_error: [{ if: error.kind == "declined", go_to: declined }]
    go_to: large?
  large?: { decision: vat(net) > 50.0, if_true: large, if_false: small }
  large: result
  small: { result: receipt }
  declined: result
tests:
  - name: the function is the program's, the effect is mocked
    mocks: { send_bill: R1 }
    expect: { state: small, output: R1, calls: { send_bill: [[ann, 120]] } }
  - name: the function is mocked too
    mocks: { send_bill: R2, vat: { script: args[0] } }
    expect: { state: large, calls: { send_bill: [[ann, 200]] } }
  - name: a call counts once, however often its body is repeated
    mocks: { send_bill: R1 }
    expect: { calls: { vat: [[100], [100]], send_bill: 1 }, if: vat(net) == 20.0 }
  - name: it has its answers in turn
    mocks: { send_bill: R1, vat: [20, 60] }
    expect: { state: large, calls: { vat: 2, send_bill: [[ann, 120]] } }
  - name: the effect fails
    mocks: { send_bill: { fail: { kind: declined } } }
    expect: { state: declined }
  - name: the effect is forgotten
    expect: { state: small }
"#;

async fn program(sent: &Arc<AtomicUsize>) -> Opsflow {
    let counted = Arc::clone(sent);
    let machine = Machine::new().function("vat", |net: f64| net * 0.2).effect("send_bill", move |_: String, _: f64| {
        counted.fetch_add(1, Ordering::SeqCst);
        async { "sent" }
    });
    let context = CheckContext { functions: opsflow::host::Host::functions(&machine), ..CheckContext::default() };
    let library = Library::of_sources([Arc::new(Source::new("charge.yml", FLOW))], &context);
    Opsflow::builder().library(library).host(machine).build().await.unwrap()
}

#[tokio::test]
async fn a_program_tests_its_flows_with_its_own_functions() {
    let sent = Arc::new(AtomicUsize::new(0));
    let ops = program(&sent).await;
    let report = ops.test(&TestOptions::default());
    let failed: Vec<&str> = report.failed().map(|test| test.name.as_str()).collect();
    assert_eq!(failed, ["the effect is forgotten"], "{report}");
    let text = report.to_string();
    assert!(text.contains("charge.yml:30:11: `send_bill` is called in `charge`, and is not mocked"), "{text}");
    assert!(text.contains("\n  2026-11-23 09:00:00  active in `charge`\n"), "{text}");
    assert!(text.ends_with("6 tests: 5 passed, 1 failed"), "{text}");
    assert_eq!(sent.load(Ordering::SeqCst), 0, "nothing was reached");
    assert!(!report.passed());
    let shares = (report.coverage.states().percent(), report.coverage.branches().percent());
    assert_eq!(shares, (100, 100), "{:#?}", report.coverage);
    assert!(ops.find(&Default::default()).await.unwrap().is_empty(), "no task was stored");
}

#[tokio::test]
async fn tests_can_be_chosen() {
    let ops = program(&Arc::default()).await;
    for (filter, count) in [("MOCKED", 2), ("charge", 6), ("nothing", 0)] {
        let threads = NonZero::new(1);
        let report = ops.test(&TestOptions { filter: Some(filter.to_owned()), threads });
        assert_eq!(report.tests.len(), count, "{filter}");
    }
}
