//! Scripts that try to end the process: by memory, by time, by the stack. Each runs in a process whose memory is bounded,
//! many in one, and the process lives on.

use std::process::Command;
use std::sync::Arc;

use opsflow::flow::CheckContext;
use opsflow::host::{Host, Limits, Machine};
use opsflow::{Grants, Library, Opsflow, Source, Sqlite, Task, attributes};

/// The scripts, one a line.
const SCRIPTS: &str = include_str!("scripts.txt");
/// Whole flows.
const FLOWS: &str = include_str!("flows.yml");
/// What stands around a script.
const HEAD: &str = r#"
uses: [files, http, shell]
attributes: { a: any, m: any, t: { type: any, default: x }, n: { type: integer, default: 0 }, x: any, y: any, z: any }
functions: |
  fn big() { let t = "x"; t.pad(1000000, "x"); t }
  fn big_of(t) { big() }
  fn t_big() { big() }
  fn quotes() { let t = "\""; t.pad(1000000, "\""); t }
  fn line() { let t = "x"; t.pad(400, "x"); t }
  fn brackets() { let t = "[]"; t.pad(600000, ",[]"); "[" + t + "]" }
  fn commas() { let t = "1"; t.pad(100000, ",1"); "[" + t + "]" }
  fn i_text(l) { `${l.len()}` }
  fn many() { range(0, 99000, 1) }
  fn copies(v, k) { let l = []; l.pad(k, v); l }
  fn doubled(v, k) { for i in 0..k { v = [v, v] } v }
  fn deep(k) { let l = []; for i in 0..k { l = [l] } l }
  fn forever(n) { forever(n + 1) }
  fn ping(n) { pong(n) }
  fn pong(n) { ping(n) }
  fn nested(n) { [[[[[[[[[[[[nested(n + 1)]]]]]]]]]]]] }
  fn nested_in_maps(n) { #{ a: #{ a: #{ a: #{ a: #{ a: #{ a: #{ a: #{ a: #{ a: #{ a: #{ a: #{ a: nested_in_maps(n + 1) } } } } } } } } } } } } }
  fn nested_in_closures(n) { [1].map(|i| [1].map(|i| [1].map(|i| nested_in_closures(n + 1)))) }
  fn fib(n) { if n < 2 { n } else { fib(n - 1) + fib(n - 2) } }
states:
  start: { action: "a = []; m = #{}", go_to: hostile }
  hostile:
    action: |
"#;
const TAIL: &str = "    go_to: done\n  done: result\n";

/// Processes that the scripts are shared among, as many at a time as there are processors.
const PARTS: usize = 4;
/// The memory limit of a process, in KiB: threads and the program itself take most of it.
const ADDRESSES: u64 = 3 << 20;
/// The memory a script may take, in KiB.
const MEMORY: u64 = 200 << 10;
/// The CPU time a script may take, in hundredths of a second. Without optimisation everything takes longer.
const TIME: u64 = if cfg!(debug_assertions) { 2000 } else { 200 };
/// The environment variable that tells the process its part.
const PART: &str = "OPSFLOW_HOSTILE_PART";

/// A hostile flow.
struct Case {
    name: String,
    /// The bound that ends it, or `ends`.
    bound: String,
    text: String,
}

fn cases() -> Vec<Case> {
    let scripts = SCRIPTS.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once(" | "));
    let scripts = scripts.enumerate().map(|(number, (bound, script))| {
        let name = format!("script_{number}");
        let text = format!("flow: {name}\ndescription: '{}'{HEAD}      {script}\n{TAIL}", script.replace('\'', "''"));
        Case { name, bound: bound.to_owned(), text }
    });
    let flows = FLOWS.split("---\n").filter(|text| text.contains("\ndescription: ")).map(|text| {
        let value = |key: &str| text.lines().find_map(|line| line.strip_prefix(key)).unwrap().to_owned();
        Case { name: value("flow: "), bound: value("description: "), text: text.to_owned() }
    });
    scripts.chain(flows).collect()
}

#[test]
fn no_script_ends_the_process() {
    assert!(cases().len() >= 150, "{}", cases().len());
    let parts: Vec<usize> = (0..PARTS).collect();
    let outcomes: Vec<String> = parts
        .chunks(2)
        .flat_map(|parts| {
            std::thread::scope(|scope| {
                let running: Vec<_> = parts.iter().map(|part| scope.spawn(move || run_part(*part))).collect();
                running.into_iter().map(|run| run.join().unwrap()).collect::<Vec<_>>()
            })
        })
        .collect();
    let (seen, wrong): (Vec<&str>, Vec<&str>) = outcomes
        .iter()
        .flat_map(|printed| printed.lines())
        .filter(|line| line.starts_with("hostile"))
        .partition(|line| line.starts_with("hostile ok"));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(seen.len(), cases().len(), "a process has ended before its scripts: {}", outcomes.join("\n"));
}

/// Runs a part of the scripts in a process of its own. Returns what it printed.
fn run_part(part: usize) -> String {
    let program = std::env::current_exe().unwrap();
    let bounded = format!("ulimit -v {ADDRESSES}; exec \"$0\" \"$@\"");
    let output = Command::new("sh")
        .args(["-c", &bounded])
        .arg(program)
        .args(["hostile::a_part_of_the_scripts", "--exact", "--ignored", "--nocapture"])
        .env(PART, part.to_string())
        .output()
        .unwrap();
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

#[tokio::test]
#[ignore = "is run by `no_script_ends_the_process`, in a bounded process"]
#[allow(clippy::print_stdout, reason = "it is what the process tells")]
async fn a_part_of_the_scripts() {
    let part: usize = std::env::var(PART).unwrap().parse().unwrap();
    let all = cases();
    let folder = tempfile::TempDir::new().unwrap();
    std::fs::write(folder.path().join("large"), "x".repeat(8_000_000)).unwrap();
    std::env::set_current_dir(folder.path()).unwrap();
    let text = all
        .iter()
        .map(|case| case.text.as_str())
        .chain(FLOWS.split("---\n").filter(|t| t.starts_with("flow: ") && !t.contains("\ndescription: ")));
    let text = text.collect::<Vec<_>>().join("\n---\n");
    let storage = Sqlite::open(folder.path().join("tasks.db")).await.unwrap();
    let grants =
        Grants::parse([format!("files={}", folder.path().display()), "http=localhost".into(), "shell=true".into()]);
    // On a busy machine the time limit would end scripts that another bound is to end.
    let limits = Limits { max_wall_time: std::time::Duration::from_secs(600), ..Limits::default() };
    let machine = Machine::new().grants(grants.unwrap());
    let context = CheckContext { functions: Host::functions(&machine), limits: limits.clone() };
    let library = Library::of_sources([Arc::new(Source::new("hostile.yml", text.as_str()))], &context);
    let builder = Opsflow::builder().library(library).storage(storage).host(machine).limits(limits);
    let ops = builder.build().await.unwrap();
    for case in all.iter().skip(part).step_by(PARTS) {
        std::fs::write("/proc/self/clear_refs", "5").unwrap();
        let (before, begun) = (resident("VmRSS"), processor_time());
        let outcome = ops.call(&case.name, attributes! {}).await;
        let (memory, time) = (resident("VmHWM").saturating_sub(before), processor_time() - begun);
        let wrong = match &outcome {
            Ok(task) => wrong(case, task),
            Err(error) => Some(format!("{error}: {error:?}").chars().take(600).collect()),
        };
        let wrong = wrong
            .or_else(|| (memory > MEMORY).then(|| format!("it took {} MB of memory", memory >> 10)))
            .or_else(|| (time > TIME).then(|| format!("it took {time} hundredths of a second")));
        let shown: String = case.text.lines().rev().skip(2).take(1).collect();
        match wrong {
            None => println!("hostile ok {} {} {} MB {time}", case.name, case.bound, memory >> 10),
            Some(why) => println!(
                "hostile: {} ({}) {}: {why} [{} MB, {time}]",
                case.name,
                case.bound,
                shown.trim(),
                memory >> 10
            ),
        }
    }
    let small = ops.call("small", attributes! { x: 1 }).await.unwrap();
    assert!(small.is_completed(), "{small:?}");
}

/// What is wrong with how a task ended.
fn wrong(case: &Case, task: &Task) -> Option<String> {
    if case.bound == "ends" {
        return None;
    }
    let Some(error) = &task.error else { return Some("it went well".to_owned()) };
    let is_it = error.kind == "limit" && error.message.contains(&case.bound);
    (!is_it).then(|| format!("{}: {}", error.kind, error.message.chars().take(200).collect::<String>()))
}

/// This process's memory as Linux reports it, in KiB.
fn resident(what: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with(what)).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

/// The CPU time of this process, in hundredths of a second.
fn processor_time() -> u64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
    fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap()
}
