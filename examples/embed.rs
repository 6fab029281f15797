//! opsflow inside of a program: flows of its own, a function and an effect that scripts call, and tasks that it drives.
//!
//! `cargo run --example embed`

#![expect(clippy::print_stdout, reason = "an example shows what it does")]

use std::error::Error;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use opsflow::{Event, Memory, Opsflow, Status, Value, attributes};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let sent = Arc::new(AtomicUsize::new(0));
    let mailer = Arc::clone(&sent);
    let ops = Opsflow::builder()
        .flows(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/invoice.yml"))?
        // Computes from nothing but its arguments: it may run again at any time.
        .function("vat", |net: f64| net * 0.2)
        // Reaches outside: each call is a durable step. A program would hand the mail to its mail server here.
        .effect("send_email", move |to: String, text: String| {
            let number = mailer.fetch_add(1, Ordering::SeqCst) + 1;
            async move {
                println!("  mail to {to}: {text}");
                Ok::<String, String>(format!("message-{number}"))
            }
        })
        // `Sqlite::open("tasks.db").await?` in place of this keeps tasks when the process ends.
        .storage(Memory::new())
        .on_event(|event| {
            if let Event::Moved { transition, .. } = event {
                println!("  {} → {}", transition.from, transition.to);
            }
        })
        .build()
        .await?;

    println!("an invoice is written and sent");
    let task = ops.call("invoice", attributes! { customer: "ann@example.com", net: 100.0 }).await?;
    assert_eq!((task.status, task.state.as_str()), (Status::Waiting, "paid?"));
    assert_eq!(sent.load(Ordering::SeqCst), 1);

    println!("the money arrives");
    let task = ops.interact(task.id, "pay!", attributes! {}, Some("transfer-17")).await?;
    assert_eq!((task.status, &task.output), (Status::Completed, &Value::Float(120.0)));

    println!("its history");
    for entry in ops.history(task.id).await? {
        let steps: Vec<&str> = entry.steps.iter().map(|step| step.call.as_str()).collect();
        println!("  {}. {} → {} {steps:?}", entry.seq, entry.from, entry.to);
    }
    Ok(())
}
