//! Putting it together, as embedders do.

use crate::error::Error;
use crate::{Map, Opsflow, Value, attributes};

#[test]
fn attributes_are_written_like_json() {
    let given = attributes! { date: "2026-11-21", guests: ["Ann", "Bob"], n: 3, place: attributes! { roof: true }, };
    assert_eq!(given.get("guests"), Some(&Value::from(["Ann", "Bob"])));
    assert_eq!(given.get("n"), Some(&Value::Integer(3)));
    assert_eq!(given.get("place").and_then(|place| place.get("roof")), Some(&Value::Boolean(true)));
    assert_eq!(attributes! {}, Map::new());
}

#[tokio::test]
#[expect(clippy::disallowed_methods, reason = "a test writes its files")]
async fn flows_functions_and_effects_are_put_together_in_any_order() {
    let folder = tempfile::tempdir().unwrap();
    let flow = "flow: taxed\nattributes: { net: float, tax: float }\nstates:\n  start: { action: 'tax = vat(net); tell(`${tax}`)', go_to: done }\n  done: { result: tax }\n";
    std::fs::write(folder.path().join("taxed.yml"), flow).unwrap();
    std::fs::write(folder.path().join("broken.yml"), "flow: broken\nstates: { start: { action: 1 } }\n").unwrap();
    let builder = Opsflow::builder().flows(folder.path()).unwrap();
    let ops = builder
        .function("vat", |net: f64| net * 0.5)
        .effect("tell", |text: String| async move { format!("told {text}") })
        .build()
        .await
        .unwrap();
    let task = ops.call("taxed", attributes! { net: 3.0 }).await.unwrap();
    assert_eq!(task.output, Value::Float(1.5));
    let broken = ops.call("broken", Map::new()).await.unwrap_err();
    assert!(matches!(&broken, Error::Definition(findings) if !findings.is_empty()), "{broken}");
    assert!(!format!("{broken:?}").contains("states:"), "a program that ends with it prints no whole file: {broken:?}");
    let missing = Opsflow::builder().flows(folder.path().join("nowhere")).err().unwrap();
    assert!(matches!(missing, Error::Definition(_)), "{missing}");
}
