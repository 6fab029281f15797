//! `opsflow dev`, by real changes of files.

#![cfg(unix)]

use std::collections::VecDeque;
use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::Bench;

/// How long anything may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// A flow with a test, and what comes out of it.
fn flow(name: &str, output: u32) -> String {
    format!(
        "flow: {name}\nstates:\n  start: {{ result: {output} }}\ntests:\n  - name: it ends\n    expect: {{ output: {output} }}\n"
    )
}

/// A flow that starts another one, with a test.
fn starting(name: &str, other: &str) -> String {
    format!(
        "flow: {name}\nstates:\n  start: {{ start: {other}, go_to: done }}\n  done: result\ntests:\n  - name: it starts it\n    expect: {{ status: completed }}\n"
    )
}

const BROKEN: &str = "flow: tea\nstates:\n  start: { decision: true, if_true: nowhere, if_false: nowhere }\n";

/// A flow that takes its time.
fn nap(output: u32) -> String {
    format!(
        "flow: nap\nstates:\n  start: {{ action: let x = 1, go_to: asleep }}\n  asleep:\n    wait_until:\n      - {{ after: 2s, go_to: done }}\n  done: {{ result: {output} }}\n"
    )
}

/// A command that stays, and what it prints.
pub(super) struct Staying {
    child: Child,
    out: Receiver<String>,
    err: Receiver<String>,
    seen: VecDeque<String>,
}

impl Staying {
    pub(super) fn start(bench: &Bench, args: &[&str]) -> Self {
        let mut child = bench.command(args).stdin(Stdio::null()).spawn().unwrap();
        let out = lines(child.stdout.take().unwrap());
        let err = lines(child.stderr.take().unwrap());
        Self { child, out, err, seen: VecDeque::new() }
    }

    /// The next line that it prints.
    #[track_caller]
    pub(super) fn line(&mut self) -> String {
        let line = self.out.recv_timeout(PATIENCE);
        let line = line.unwrap_or_else(|why| {
            panic!("it prints nothing more: {why}: {:?}; {:?}", self.seen, self.err.try_iter().collect::<Vec<_>>())
        });
        self.seen.push_back(line.clone());
        line
    }

    /// The next object that it prints.
    #[track_caller]
    pub(super) fn object(&mut self) -> Value {
        let line = self.line();
        serde_json::from_str(&line).unwrap_or_else(|why| panic!("{why}: {line}"))
    }

    /// The first of the objects to come that is as it should be. One save may be seen as several.
    #[track_caller]
    pub(super) fn until(&mut self, holds: impl Fn(&Value) -> bool) -> Value {
        loop {
            let object = self.object();
            if holds(&object) {
                return object;
            }
        }
    }

    /// The first line to come on stderr with this part.
    #[track_caller]
    pub(super) fn says(&mut self, part: &str) -> String {
        loop {
            let line = self.err.recv_timeout(PATIENCE);
            let line = line.unwrap_or_else(|why| panic!("it does not say `{part}`: {why}"));
            if line.contains(part) {
                return line;
            }
        }
    }

    /// Tells it to end, and gives its exit code.
    pub(super) fn stopped(mut self, signal: &str) -> Option<i32> {
        assert!(Command::new("kill").args([signal, &self.child.id().to_string()]).status().unwrap().success());
        self.child.wait().unwrap().code()
    }
}

impl Drop for Staying {
    fn drop(&mut self) {
        // It has ended, unless a test failed.
        let _ = self.child.kill();
    }
}

fn lines(stream: impl Read + Send + 'static) -> Receiver<String> {
    let (line, lines) = channel();
    std::thread::spawn(move || {
        BufReader::new(stream).lines().map_while(Result::ok).try_for_each(|text| line.send(text))
    });
    lines
}

/// Saves as many editors do: into another file, which takes the place of the first.
fn save_by_rename(bench: &Bench, name: &str, text: &str) {
    bench.write(".saved~", text);
    fs::rename(bench.path(".saved~"), bench.path(name)).unwrap();
}

fn names(object: &Value, key: &str) -> Vec<String> {
    object[key].as_array().unwrap().iter().map(|name| name.as_str().unwrap().to_owned()).collect()
}

/// The flows of the tests that were run.
fn tested(object: &Value) -> Vec<String> {
    let mut flows: Vec<String> =
        object["tests"].as_array().unwrap().iter().map(|test| test["flow"].as_str().unwrap().to_owned()).collect();
    flows.dedup();
    flows
}

fn kitchen() -> Bench {
    let bench = Bench::new();
    bench.write("workflows/tea.yml", &flow("tea", 1));
    bench.write("workflows/milk.yml", &flow("milk", 1));
    bench.write("workflows/party.yml", &starting("party", "tea"));
    bench.write("workflows/feast.yml", &starting("feast", "party"));
    bench
}

#[test]
fn what_changed_is_tested_with_all_that_start_it() {
    let bench = kitchen();
    let mut dev = Staying::start(&bench, &["dev", "--json", "--no-worker"]);
    let first = dev.object();
    assert_eq!((&first["files"], &first["flows"], &first["passed"]), (&Value::Null, &json!(4), &json!(4)), "{first}");
    assert_eq!(tested(&first), ["feast", "milk", "party", "tea"]);
    bench.write("workflows/tea.yml", &flow("tea", 2));
    let second = dev.until(|round| round["changed"] == json!(["tea"]));
    assert_eq!(second["files"], json!(["workflows/tea.yml"]), "{second}");
    assert_eq!(tested(&second), ["feast", "party", "tea"]);
    assert_eq!((&second["passed"], &second["failed"], &second["findings"]), (&json!(4), &json!(0), &json!([])));
    save_by_rename(&bench, "workflows/milk.yml", &flow("milk", 2).replace("output: 2", "output: 3"));
    let third = dev.until(|round| round["changed"] == json!(["milk"]));
    assert_eq!((tested(&third), &third["failed"]), (vec!["milk".to_owned()], &json!(1)), "{third}");
    assert_eq!(third["tests"][0]["failures"][0]["expected"], "3");
    assert!(!bench.path(".opsflow").exists(), "nothing is stored without a worker");
    assert_eq!(dev.stopped("-INT"), Some(0));
}

#[test]
fn tests_that_changed_are_run_wherever_they_stand() {
    let bench = kitchen();
    let mut dev = Staying::start(&bench, &["dev", "--json", "--no-worker"]);
    dev.object();
    bench.write("workflows/milk.yml", &flow("milk", 1).replace("it ends", "it is milk"));
    let round = dev.until(|round| !tested(round).is_empty());
    assert_eq!((tested(&round), &round["tests"][0]["name"]), (vec!["milk".to_owned()], &json!("it is milk")));
    bench.write("workflows/tea.test.yml", "flow: tea\ntests:\n  - name: beside\n    expect: { output: 2 }\n");
    let round = dev.until(|round| round["failed"] == 1);
    assert_eq!((tested(&round), &round["passed"]), (vec!["tea".to_owned()], &json!(4)));
    assert_eq!(round["files"], json!(["workflows/tea.test.yml"]));
    bench.write("workflows/tea.test.yml", "flow: coffee\ntests: []\n");
    let round = dev.until(|round| round["findings"] != json!([]));
    assert_eq!(round["findings"][0]["message"], "no flow is called `coffee`");
    assert_eq!(round["failed"], 0);
    bench.write("workflows/coffee.yml", &flow("coffee", 1));
    let round = dev.until(|round| round["added"] == json!(["coffee"]));
    assert_eq!(round["findings"], json!([]), "what was wrong with a file of tests is looked at again");
    fs::remove_file(bench.path("workflows/tea.test.yml")).unwrap();
    fs::remove_file(bench.path("workflows/coffee.yml")).unwrap();
    let round = dev.until(|round| round["removed"] == json!(["coffee"]));
    assert_eq!((&round["passed"], &round["flows"]), (&json!(4), &json!(4)), "{round}");
    assert_eq!(dev.stopped("-TERM"), Some(0));
}

#[test]
fn a_broken_file_keeps_its_flow_until_it_is_repaired() {
    let bench = kitchen();
    let mut dev = Staying::start(&bench, &["dev", "--json", "--no-worker"]);
    dev.object();
    bench.write("workflows/tea.yml", BROKEN);
    let of_tea = |round: &Value| {
        let findings = round["findings"].as_array().unwrap().iter();
        findings.filter(|finding| finding["file"] == "workflows/tea.yml").cloned().collect::<Vec<_>>()
    };
    let round = dev.until(|round| of_tea(round).len() == 2);
    assert_eq!((names(&round, "kept"), tested(&round)), (vec!["tea".to_owned()], Vec::new()), "{round}");
    assert_eq!(of_tea(&round)[0]["line"], 3);
    assert_eq!(round["findings"].as_array().unwrap().len(), 4, "those of the flows that start it, too");
    assert_eq!((&round["flows"], &round["passed"]), (&json!(4), &json!(4)), "its tests stand as they were");
    save_by_rename(&bench, "workflows/tea.yml", "flow: [tea\n");
    let round = dev.until(|round| of_tea(round).iter().any(|found| found["help"] == "close the bracket"));
    assert!(names(&round, "kept").contains(&"tea".to_owned()), "{round}");
    assert!(!tested(&round).contains(&"milk".to_owned()), "what has nothing to do with it stays as it was: {round}");
    save_by_rename(&bench, "workflows/tea.yml", &flow("tea", 3));
    let round = dev.until(|round| round["findings"] == json!([]));
    assert_eq!((names(&round, "kept"), names(&round, "changed")), (Vec::new(), vec!["tea".to_owned()]));
    assert_eq!(tested(&round), ["feast", "party", "tea"]);
}

#[test]
fn a_storm_of_saves_ends_with_what_was_saved_last() {
    let bench = kitchen();
    let mut dev = Staying::start(&bench, &["dev", "--json", "--no-worker"]);
    dev.object();
    for number in 0..1_000 {
        bench.write(&format!("workflows/storm_{}.yml", number % 10), &flow(&format!("storm_{}", number % 10), number));
    }
    bench.write("workflows/last.yml", &flow("last", 1));
    let mut rounds = 1;
    while dev.object()["flows"] != 15 {
        rounds += 1;
    }
    assert!(rounds < 200, "{rounds} rounds");
    bench.write("workflows/last.yml", &flow("last", 2));
    let last = dev.until(|round| names(round, "changed").contains(&"last".to_owned()));
    assert_eq!((&last["passed"], &last["failed"], &last["findings"]), (&json!(15), &json!(0), &json!([])), "{last}");
}

#[test]
fn a_folder_may_be_replaced_by_a_link() {
    let bench = kitchen();
    let mut dev = Staying::start(&bench, &["dev", "--json", "--no-worker"]);
    dev.object();
    bench.write("others/tea.yml", &flow("tea", 7));
    fs::rename(bench.path("workflows"), bench.path("before")).unwrap();
    std::os::unix::fs::symlink(bench.path("others"), bench.path("workflows")).unwrap();
    let round = dev.until(|round| round["flows"] == 1);
    assert_eq!(
        (names(&round, "removed"), &round["passed"]),
        (vec!["feast".into(), "milk".into(), "party".into()], &json!(1))
    );
    bench.write("others/tea.yml", &flow("tea", 8).replace("output: 8", "output: 9"));
    dev.until(|round| round["failed"] == 1);
}

#[test]
fn a_task_in_flight_keeps_its_flow_and_new_ones_take_the_new() {
    let bench = Bench::new();
    bench.write("workflows/nap.yml", &nap(1));
    let mut dev = Staying::start(&bench, &["dev", "--json"]);
    dev.object();
    let start =
        || bench.json(&["start", "nap", "--storage", "sqlite:.opsflow/dev.db"], 0)["id"].as_str().unwrap().to_owned();
    let old = start();
    dev.says("start → asleep");
    bench.write("workflows/nap.yml", "flow: nap\nstates: { start: { go_to: nowhere } }\n");
    dev.until(|round| round["kept"] == json!(["nap"]));
    bench.write("workflows/nap.yml", &nap(2));
    dev.until(|round| round["changed"] == json!(["nap"]) && round["kept"] == json!([]));
    let new = start();
    assert_eq!(ended(&bench, &old)["output"], 1, "the task in flight");
    assert_eq!(ended(&bench, &new)["output"], 2, "the new one");
    assert_eq!(dev.stopped("-INT"), Some(0));
}

fn ended(bench: &Bench, id: &str) -> Value {
    let began = Instant::now();
    loop {
        let task = bench.json(&["show", id, "--storage", "sqlite:.opsflow/dev.db"], 0);
        if task["status"] == "completed" {
            return task;
        }
        assert!(began.elapsed() < PATIENCE, "{task}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn where_nothing_can_be_painted_it_adds_blocks() {
    let bench = kitchen();
    let mut dev = Staying::start(&bench, &["dev", "workflows", "--no-worker"]);
    let first = dev.line();
    assert!(first.starts_with("workflows: 4 flows, 4 tests: 4 passed, 0 failed; 0 errors, 0 warnings ("), "{first}");
    save_by_rename(&bench, "workflows/milk.yml", &BROKEN.replace("tea", "milk"));
    let mut block = vec![dev.line()];
    while !block.last().is_some_and(|line| line.starts_with("workflows: ")) {
        block.push(dev.line());
    }
    let text = block.join("\n");
    assert_eq!(block[0], "");
    assert!(block[1].ends_with(" workflows/milk.yml"), "{text}");
    assert!(text.contains("\nworkflows/milk.yml:3:37: unknown state `nowhere`"), "{text}");
    let last = block.last().unwrap();
    assert!(
        last.starts_with("workflows: 4 flows, 4 tests: 4 passed, 0 failed; 2 errors, 0 warnings, 1 flow kept"),
        "{text}"
    );
    assert!(!text.contains('\u{1b}'), "{text}");
}

#[test]
fn the_folder_is_the_one_that_is_there() {
    let bench = Bench::new();
    bench.run(&["dev", "nowhere"]).refused(2, "there is no folder `nowhere`");
    bench.run(&["dev", "--flows", "nowhere"]).refused(2, "the flows `nowhere` are not there");
    bench.write("here.yml", &flow("here", 1));
    let mut dev = Staying::start(&bench, &["dev", "--no-worker"]);
    assert!(dev.line().starts_with("this folder: 1 flow, 1 test: 1 passed"));
    drop(dev);
    bench.write("others/tea.yml", &flow("tea", 1));
    bench.write("others/milk.yml", &flow("milk", 1));
    let mut dev = Staying::start(&bench, &["dev", "--flows", "others", "--no-worker"]);
    assert!(dev.line().starts_with("others: 2 flows, 2 tests: 2 passed"));
}

#[test]
fn nothing_can_be_handed_to_a_worker_in_memory() {
    let mut dev = Staying::start(&kitchen(), &["dev", "--storage", "memory:"]);
    dev.says("`memory:` keeps nothing: no other process can give this worker a task");
    assert_eq!(dev.stopped("-INT"), Some(0));
}

#[test]
fn it_has_a_storage_of_its_own_and_asks_before_it_takes_another() {
    let bench = Bench::new();
    bench.write("workflows/nap.yml", &nap(1).replace("flow: nap", "flow: nap\nschedule: { cron: '0 0 1 1 *' }"));
    bench.write("opsflow.yml", "storage: sqlite:real.db\n");
    let ran = bench.run(&["dev", "--storage", "sqlite:real.db"]);
    ran.refused(
        2,
        "error: this would fire 1 schedule for the tasks of `sqlite:real.db`; nothing was done\nhelp: add `--yes`",
    );
    let mut dev = Staying::start(&bench, &["dev", "--json"]);
    dev.object();
    assert_eq!(dev.stopped("-INT"), Some(0));
    assert!(bench.path(".opsflow/dev.db").exists() && !bench.path("real.db").exists());
}

#[test]
fn folders_that_are_made_later_are_watched_too() {
    let bench = kitchen();
    let mut dev = Staying::start(&bench, &["dev", "workflows", "--json", "--no-worker"]);
    dev.object();
    bench.write("workflows/new/deep/coffee.yml", &flow("coffee", 1));
    let round = dev.until(|round| round["added"] == json!(["coffee"]));
    assert_eq!((&round["flows"], tested(&round)), (&json!(5), vec!["coffee".to_owned()]), "{round}");
    bench.write("workflows/new/deep/coffee.yml", &flow("coffee", 2).replace("output: 2", "output: 3"));
    dev.until(|round| round["changed"] == json!(["coffee"]) && round["failed"] == 1);
    fs::remove_dir_all(bench.path("workflows/new")).unwrap();
    let round = dev.until(|round| round["removed"] == json!(["coffee"]) && round["findings"] == json!([]));
    assert_eq!((&round["flows"], &round["failed"]), (&json!(4), &json!(0)), "{round}");
}

#[test]
fn what_other_processes_do_with_its_tasks_is_shown_with_the_task() {
    let bench = Bench::new();
    let asked = "flow: asked
states:
  start:
    wait_until:
      - { if: answer != (), go_to: done }
  done: { result: answer }
attributes: { answer: string }
interactions:
  answer!: { params: { answer: string }, action: answer = params.answer }
";
    bench.write("workflows/asked.yml", asked);
    bench.write("workflows/cron.yml", "flow: cron\nschedule: { cron: '0 0 1 1 *' }\nstates: { start: result }\n");
    let storage = ["--storage", "sqlite:real.db"];
    let before = bench.json(&[&["run", "asked"], &storage[..]].concat(), 0)["id"].as_str().unwrap().to_owned();
    let mut dev = Staying::start(&bench, &[&["dev", "--json", "--yes"], &storage[..]].concat());
    dev.object();
    let id = bench.json(&[&["run", "asked"], &storage[..]].concat(), 0)["id"].as_str().unwrap().to_owned();
    let line = dev.says("start  (started)");
    assert!(line.contains(&format!("asked {}", &id[..8])), "{line}");
    bench.run(&[&["cancel", &before], &storage[..]].concat()).done();
    let line = dev.says("cancel");
    assert!(line.contains(&format!("asked {}", &before[..8])), "what was there before is not told again: {line}");
    assert_eq!(dev.stopped("-INT"), Some(0));
}
