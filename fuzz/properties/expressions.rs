//! Properties of compiling and running scripts, for any text, through the public names.

use std::sync::Arc;

use opsflow::clock::VirtualClock;
use opsflow::flow::CheckContext;
use opsflow::host::{Host, Limits, Machine};
use opsflow::value::Stored;
use opsflow::{Error, Library, Opsflow, Source, Status, Task, Timestamp, Value, attributes};

/// The body of the functions that scripts may call.
const OWN: &str = "fn own(x) { this ?? x }\nfn deep(x) { deep([x]) }";

/// The bounds for scripts: as strict as for users, but faster to reach.
fn limits() -> Limits {
    Limits {
        max_operations: 20_000,
        max_string_bytes: 64 * 1024,
        max_list_items: 5_000,
        max_map_entries: 1_000,
        ..Limits::default()
    }
}

/// A flow that runs `text` in an action, and in a condition.
fn flow(text: &str) -> Option<String> {
    // JSON's texts are YAML's, and no line break is lost in them.
    let (text, own) = (serde_json::to_string(text).ok()?, serde_json::to_string(OWN).ok()?);
    Some(format!(
        "flow: fuzz\nattributes: {{ n: integer, f: float, d: decimal, t: string, l: list, m: map, u: any, day: date, at: datetime, \
         wait: duration }}\nfunctions: {own}\nstarts_with: act\nstates:\n  act:\n    action: {text}\n    go_to: which?\n    \
         on_error: [{{ go_to: which? }}]\n  which?: {{ decision: {text}, if_true: yes!, if_false: no! }}\n  yes!: result\n  no!: result\n"
    ))
}

fn machine(now: Timestamp) -> Machine {
    let send = |args: Value| async move { Ok::<_, opsflow::task::StepFailure>(args) };
    Machine::new().clock(VirtualClock::new(now)).effect("send", send)
}

/// Runs a task of the flow, if it can be run at all.
async fn run(source: &Arc<Source>, now: Timestamp) -> Option<Task> {
    let machine = machine(now);
    let context = CheckContext { functions: machine.functions(), limits: limits() };
    let library = Library::of_sources([Arc::clone(source)], &context);
    for finding in library.findings() {
        let place = source.text().get(finding.span.start..finding.span.end);
        assert!(place.is_some(), "{finding:?} is no place in {:?}", source.text());
        assert!(!finding.message.is_empty() && !finding.message.contains('\n'), "message {finding:?}");
    }
    let ops = Opsflow::builder().library(library).host(machine).limits(limits()).build().await.ok()?;
    let given = attributes! {
        n: 5, f: 1.5, d: "19.90", t: " some text ", l: [3, 1], m: attributes! { a: [3, 1], b: true }, day: "1969-12-31",
        at: "1970-01-01T00:00:00Z", wait: "90s"
    };
    match ops.call("fuzz", given).await {
        Ok(task) => Some(task),
        Err(Error::Definition(findings)) => {
            assert!(findings.iter().any(opsflow::Finding::is_error), "refused without a finding");
            None
        }
        Err(error) => panic!("{error}"),
    }
}

/// Compiles `data` as an action and a condition, and runs them; panics where a promise is broken.
pub fn expressions(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let Some(flow) = flow(text) else { return };
    let source = Arc::new(Source::new("fuzz.yml", flow));
    let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_time().build() else { return };
    let now = Timestamp::default();
    let Some(first) = runtime.block_on(run(&source, now)) else { return };
    held(text, &first);
    let again = runtime.block_on(run(&source, now));
    let (first, again) = (said(&first), again.as_ref().map(said));
    // Only chance may make a difference.
    let has_chance = ["random", "uuid"].iter().any(|chance| text.contains(chance));
    assert!(has_chance || again.as_ref() == Some(&first), "the same again differs: {text:?}\n{first}\n{again:?}");
}

/// What came of a task, without its id.
fn said(task: &Task) -> String {
    let error = task.error.as_ref().map(|error| format!("{}: {} at {:?}", error.kind, error.message, error.at));
    format!("{:?} {} {:?} {:?} {error:?}", task.status, task.state, task.attributes, task.output)
}

/// What was assigned can be stored and read again, and no failure is a panic.
fn held(text: &str, task: &Task) {
    for (name, value, _) in task.attributes.iter() {
        let stored = serde_json::to_string(&Stored(value)).unwrap_or_default();
        let again = serde_json::from_str::<Stored>(&stored).ok().map(|Stored(again)| again);
        assert_eq!(again.as_ref(), Some(value), "`{name}` is not as it was stored: {text:?}");
    }
    if let Some(error) = task.error.as_ref().filter(|_| task.status == Status::Failed) {
        assert!(!error.message.contains("panicked"), "{}: {text:?}", error.message);
    }
}
