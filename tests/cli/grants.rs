//! Tasks whose next call needs a grant that the process lacks: they stay due for a process that has it.

use std::io::{BufRead, BufReader};
use std::process::Child;
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::{Bench, Ran};

/// A task that calls a capability after an interaction.
const PAY: &str = r#"flow: pay
uses: [env]
attributes: { ok: { type: boolean, default: false }, seen: string }
starts_with: w
states:
  w: { wait_until: [{ if: ok, go_to: pay }] }
  pay: { action: 'seen = env::get("GREETING")', go_to: d, retry: { attempts: 5 } }
  d: { result: seen }
interactions: { ok!: { action: ok = true }, early!: { when: [w], action: ok = true } }
"#;

/// One that calls at once, and another beside it that is nobody's business.
const CALLS: &str = r#"flow: calls
uses: [env]
attributes: { seen: string }
states:
  start: { action: 'seen = env::get("GREETING")', go_to: d, time_limit: 100ms }
  d: { result: seen }
"#;

const HARMLESS: &str = r#"flow: harmless
states:
  start: { wait_until: [{ after: 300ms, go_to: d }] }
  d: result
"#;

const ALLOW: [&str; 2] = ["--allow", "env=GREETING"];

fn granted(bench: &Bench, args: &[&str]) -> Ran {
    let args = [args, &ALLOW].concat();
    Ran::from(bench.command(&args).env("GREETING", "hi").output().unwrap())
}

#[track_caller]
fn is_held_up(bench: &Bench, id: &str, state: &str) {
    let task = bench.json(&["show", id], 0);
    assert_eq!((&task["status"], &task["state"], &task["error"]), (&"active".into(), &state.into(), &().into()));
    let shown = bench.run(&["show", id]).done().stdout;
    assert!(shown.contains("held up by  `env::get` needs `--allow env=GREETING`\n"), "{shown}");
    let list = bench.run(&["list"]).done();
    assert!(list.stdout.contains("held up"), "{}", list.stdout);
    assert!(list.stderr.contains("held up: `env::get` needs `--allow env=GREETING`\n"), "{}", list.stderr);
}

#[test]
fn an_interaction_is_stored_and_what_follows_waits_for_who_may_do_it() {
    let bench = Bench::with(PAY);
    let id = bench.task(&[], 0);
    let ran = bench.run(&["interact", &id, "ok!"]).done();
    let told = "is held up in `pay` of flow `pay`: `env::get` needs `--allow env=GREETING`; it is due, and `opsflow worker \
                --allow env=GREETING` continues it\n";
    assert!(ran.stderr.contains(told), "{}", ran.stderr);
    is_held_up(&bench, &id, "pay");
    let revision = bench.json(&["show", &id], 0)["revision"].clone();
    let ran = bench.run(&["wake", &id]);
    assert!(ran.code == 3 && ran.stderr.contains(told), "{} {}", ran.code, ran.stderr);
    let ran = bench.run(&["worker", "--once"]).done();
    assert!(ran.stderr.contains("held up: `env::get` needs"), "{}", ran.stderr);
    bench.run(&["interact", &id, "early!"]).refused(3, "`early!` is not possible in `pay`");
    assert_eq!(bench.json(&["show", &id], 0)["revision"], revision);
    is_held_up(&bench, &id, "pay");
    granted(&bench, &["worker", "--once"]).done();
    let task = bench.json(&["show", &id], 0);
    assert_eq!((&task["status"], &task["output"]), (&"completed".into(), &"hi".into()));
    assert_eq!(bench.json(&["history", &id], 0).as_array().unwrap().len(), 3);
}

#[test]
fn a_retry_is_stored_too() {
    let bench = Bench::with(PAY);
    let id = bench.task(&["--set", "ok=false"], 0);
    bench.run(&["cancel", &id]).done();
    let ran = bench.run(&["retry", &id, "--from", "pay"]).done();
    assert!(ran.stderr.contains("is held up in `pay`"), "{}", ran.stderr);
    is_held_up(&bench, &id, "pay");
    assert!(granted(&bench, &["wake", &id]).done().stdout.starts_with("completed"));
}

#[test]
fn a_new_task_that_cannot_go_on_is_there_and_due() {
    let bench = Bench::with(CALLS);
    for wait in [&[][..], &["--wait"]] {
        let ran = bench.run(&[&["run", "flow.yml", "--json"], wait].concat());
        assert_eq!(ran.code, 3, "{}", ran.stderr);
        let last = ran.stderr.lines().last().unwrap();
        let error = &serde_json::from_str::<serde_json::Value>(last).unwrap()["error"];
        let message = error["message"].as_str().unwrap();
        assert!(message.ends_with("is held up in `start` of flow `calls`: `env::get` needs `--allow env=GREETING`"));
        assert_eq!((&error["kind"], &error["exit"], &error["state"]), (&"conflict".into(), &3.into(), &"start".into()));
        assert_eq!(error["help"], "it is due, and `opsflow worker --allow env=GREETING` continues it");
        let id = serde_json::from_str::<serde_json::Value>(&ran.stdout).unwrap()["id"].as_str().unwrap().to_owned();
        is_held_up(&bench, &id, "start");
        // Its time limit does not run as long as no process may begin.
        std::thread::sleep(Duration::from_millis(150));
        assert!(granted(&bench, &["wake", &id]).done().stdout.starts_with("completed"));
    }
}

#[test]
fn who_waits_for_a_task_touches_no_other() {
    let bench = Bench::with(CALLS);
    let id = bench.json(&["start", "flow.yml"], 0)["id"].as_str().unwrap().to_owned();
    let before = bench.json(&["show", &id], 0);
    bench.write("harmless.yml", HARMLESS);
    bench.run(&["run", "harmless.yml", "--wait"]).done();
    granted(&bench, &["run", "harmless.yml", "--wait"]).done();
    assert_eq!(bench.json(&["show", &id], 0), before);
}

/// A worker that stays, and what it has logged so far.
struct Logging {
    child: Child,
    log: Arc<Mutex<String>>,
    reader: JoinHandle<()>,
}

impl Logging {
    fn start(bench: &Bench, args: &[&str]) -> Self {
        let mut child = bench.spawn(args);
        let log = Arc::new(Mutex::new(String::new()));
        let (stderr, written) = (BufReader::new(child.stderr.take().unwrap()), Arc::clone(&log));
        let reader = std::thread::spawn(move || {
            for line in stderr.lines().map_while(Result::ok) {
                *written.lock().unwrap() += &format!("{line}\n");
            }
        });
        Self { child, log, reader }
    }

    /// Waits until this was logged.
    #[track_caller]
    fn until(&self, part: &str) {
        let began = Instant::now();
        while !self.log.lock().unwrap().contains(part) {
            assert!(began.elapsed() < Duration::from_secs(20), "`{part}` is not logged: {}", self.log.lock().unwrap());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Ends it, and returns all that it logged.
    fn ended(mut self) -> String {
        let _ = (self.child.kill(), self.child.wait());
        self.reader.join().unwrap();
        std::mem::take(&mut self.log.lock().unwrap())
    }
}

#[test]
fn a_worker_puts_it_aside_and_another_takes_it_meanwhile() {
    let bench = Bench::with(CALLS);
    let ids: Vec<_> = (0..20).map(|_| bench.json(&["start", "flow.yml"], 0)["id"].clone()).collect();
    let lacks = Logging::start(&bench, &["worker", "--concurrency", "2", "--log", "json"]);
    lacks.until("held up");
    // Tasks it may not run do not delay those it may.
    bench.write("harmless.yml", HARMLESS);
    let harmless = bench.json(&["start", "harmless.yml"], 0)["id"].as_str().unwrap().to_owned();
    let mut has = bench.command(&[&["worker"], &ALLOW[..]].concat()).env("GREETING", "hi").spawn().unwrap();
    let status = |id: &str| bench.json(&["show", id], 0)["status"].clone();
    let began = Instant::now();
    let mut all: Vec<&str> = ids.iter().map(|id| id.as_str().unwrap()).collect();
    all.push(&harmless);
    while !all.iter().all(|id| status(id) == "completed") {
        assert!(began.elapsed() < Duration::from_secs(20), "{:?}", all.iter().map(|id| status(id)).collect::<Vec<_>>());
        std::thread::sleep(Duration::from_millis(50));
    }
    let _ = (has.kill(), has.wait());
    let log = lacks.ended();
    for id in ids.iter().map(|id| id.as_str().unwrap()) {
        let told = log.lines().filter(|line| line.contains("held up") && line.contains(id)).count();
        assert!(told <= 1, "{log}");
    }
    assert!(log.contains("held up: another worker may continue it"), "{log}");
}

#[test]
fn a_worker_may_be_told_to_fail_them() {
    let bench = Bench::with(CALLS);
    let id = bench.json(&["start", "flow.yml"], 0)["id"].as_str().unwrap().to_owned();
    bench.run(&["worker", "--once", "--denied", "fail"]).done();
    let task = bench.json(&["show", &id], 0);
    assert_eq!((&task["status"], &task["error"]["kind"]), (&"failed".into(), &"denied".into()));
}

#[test]
fn a_cancel_ends_a_call_under_way_in_another_process_within_a_second() {
    let flow = "flow: a\nuses: [shell]\nstates:\n  start:\n    action: |\n      shell::run(\"sh\", [\"-c\", \"touch begun; sleep 20; touch ended\"]);\n    go_to: done\n  done: result\n";
    let bench = Bench::with(flow);
    let id = bench.json(&["start", "flow.yml"], 0)["id"].as_str().unwrap().to_owned();
    let worker = Logging::start(&bench, &["worker", "--allow", "shell=sh"]);
    let began = Instant::now();
    while !bench.path("begun").exists() {
        assert!(began.elapsed() < Duration::from_secs(20));
        std::thread::sleep(Duration::from_millis(20));
    }
    bench.run(&["cancel", &id]).done();
    let cancelled = Instant::now();
    worker.until("the task was cancelled: its running step is dropped");
    // Long before its lease is renewed: a second, plus some time for a busy machine.
    assert!(cancelled.elapsed() < Duration::from_secs(5), "{:?}", cancelled.elapsed());
    let log = worker.ended();
    assert!(!log.contains("claim was lost"), "{log}");
}

#[test]
fn a_body_that_ends_its_process_each_time_ends_some_time() {
    let flow = "flow: a\nuses: [shell]\nrecoveries: 1\nstates:\n  start:\n    action: |\n      shell::run(\"sh\", [\"-c\", \"echo x >> runs; kill -9 $PPID; sleep 5\"]);\n    go_to: done\n    on_error:\n      - { if: error.kind == \"crash\", go_to: crashed }\n  done: result\n  crashed: { result: error.message }\n";
    let bench = Bench::with(flow);
    let id = bench.json(&["start", "flow.yml"], 0)["id"].as_str().unwrap().to_owned();
    let args = ["worker", "--once", "--allow", "shell=sh", "--lease", "1s"];
    let runs = || std::fs::read_to_string(bench.path("runs")).map_or(0, |runs| runs.lines().count());
    let began = Instant::now();
    let task = loop {
        let before = runs();
        let is_killed = bench.spawn(&args).wait().unwrap().code().is_none();
        assert_eq!(is_killed, runs() > before, "each run of the body ends its process");
        let task = bench.json(&["show", &id], 0);
        if task["status"] != "active" {
            break task;
        }
        // Nobody takes it over before the claim of the dead worker has ended.
        assert!(began.elapsed() < Duration::from_secs(20), "{task}");
        std::thread::sleep(Duration::from_millis(20));
    };
    assert_eq!(runs(), 2, "the first, and one more");
    assert_eq!(task["state"], "crashed", "{task}");
    let message = task["output"].as_str().unwrap();
    assert!(message.contains("2 times") && message.contains("`recoveries` (1)"), "{message}");
}

#[test]
fn who_waits_hears_of_a_missing_grant_also_after_a_sleep() {
    let bench = Bench::with(&CALLS.replace(
        "states:\n  start:",
        "starts_with: w\nstates:\n  w: { wait_until: [{ after: 50ms, go_to: start }] }\n  start:",
    ));
    let ran = bench.run(&["run", "flow.yml", "--wait"]);
    assert_eq!(ran.code, 3, "{}", ran.stderr);
    assert!(ran.stderr.contains("is held up in `start`"), "{}", ran.stderr);
}

/// The task of a body that is held up at its second call, twice, for longer than its time limit in all.
#[track_caller]
fn held_up_beyond_its_limit(bench: &Bench, flow: &str, some: &[&str]) -> String {
    bench.write("flow.yml", flow);
    let id = bench.json(&["start", "flow.yml"], 0)["id"].as_str().unwrap().to_owned();
    let lacking = |args: &[&str]| {
        let ran = Ran::from(bench.command(args).env("GREETING", "hi").output().unwrap());
        assert!(ran.stderr.contains("needs `--allow"), "{} {}", ran.code, ran.stderr);
        let task = bench.json(&["show", &id], 0);
        assert_eq!((&task["status"], &task["error"]), (&"active".into(), &().into()), "{task}");
    };
    lacking(&[&["worker", "--once"], some].concat());
    for args in [&["worker", "--once"][..], &[&["worker", "--once"], some].concat(), &["wake", &id]] {
        std::thread::sleep(Duration::from_millis(1_100));
        lacking(args);
    }
    id
}

#[test]
fn the_time_limit_of_a_try_stops_while_it_is_held_up() {
    let bench = Bench::new();
    std::fs::create_dir(bench.path("other")).unwrap();
    let flow = CALLS.replace("[env]", "[env, files]").replace("100ms", "1s");
    let one = "files::append(\"a.log\", \"one\\n\"); ";
    let second = flow.replace("'seen", &format!("'{one}seen"));
    let first = flow.replace("\"GREETING\")'", &format!("\"GREETING\"); {one}'"));
    let env_and_other = ["--allow", "env=GREETING", "--allow", "files=other"];
    // Whether the folder is the right one shows only in the call.
    for (flow, some) in [(&second, &["--allow", "files=."][..]), (&first, &env_and_other)] {
        let id = held_up_beyond_its_limit(&bench, flow, some);
        let all = ["worker", "--once", "--allow", "files=.", "--allow", "env=GREETING"];
        Ran::from(bench.command(&all).env("GREETING", "hi").output().unwrap()).done();
        let task = bench.json(&["show", &id], 0);
        assert_eq!((&task["status"], &task["output"]), (&"completed".into(), &"hi".into()), "{task}");
    }
    assert_eq!(std::fs::read_to_string(bench.path("a.log")).unwrap(), "one\none\n");
    let id = held_up_beyond_its_limit(&bench, &second, &["--allow", "files=."]);
    bench.run(&["cancel", &id]).done();
    let history = bench.json(&["history", &id], 0);
    let steps: Vec<_> = history[0]["steps"].as_array().unwrap().iter().map(|step| &step["call"]).collect();
    assert_eq!(steps, ["files::append"], "{history}");
}

#[test]
fn who_lacks_the_grant_does_not_end_a_try_whose_time_is_over() {
    let call = "shell::run(\"sh\", [\"-c\", \"touch begun; sleep 5\"])";
    let bench = Bench::with(&CALLS.replace("[env]", "[shell]").replace("seen = env::get(\"GREETING\")", call));
    bench.write("flow.yml", &std::fs::read_to_string(bench.path("flow.yml")).unwrap().replace("100ms", "1s"));
    let id = bench.json(&["start", "flow.yml"], 0)["id"].as_str().unwrap().to_owned();
    let args = ["worker", "--once", "--allow", "shell=sh", "--lease", "1s"];
    let mut dies = bench.spawn(&args);
    while !bench.path("begun").exists() {
        std::thread::sleep(Duration::from_millis(10));
    }
    dies.kill().unwrap();
    dies.wait().unwrap();
    std::thread::sleep(Duration::from_millis(1_500));
    let ran = bench.run(&["worker", "--once"]).done();
    assert!(ran.stderr.contains("held up"), "{}", ran.stderr);
    assert_eq!(bench.json(&["show", &id], 0)["status"], "active");
    bench.run(&args).done();
    let task = bench.json(&["show", &id], 0);
    assert_eq!((&task["status"], &task["error"]["kind"]), (&"failed".into(), &"time_limit".into()));
    let history = bench.json(&["history", &id], 0);
    assert_eq!(history[0]["steps"][0]["outcome"], "unknown", "{history}");
}

/// What a call is held up by is written so that a shell takes it as it is.
#[test]
fn a_missing_grant_is_one_word_for_a_shell() {
    let cases = [
        ("shell::run(\"x$(id)\")", "shell::run", "'shell=x$(id)'"),
        ("shell::run(\"a;id\")", "shell::run", "'shell=a;id'"),
        ("files::read(\"/tmp/$(id)/x\")", "files::read", "'files=/tmp/$(id)'"),
        ("files::read(\"/tmp/it's/x\")", "files::read", r"'files=/tmp/it'\''s'"),
        ("http::get(\"http://[::1]:81/\")", "http::get", "'http=[::1]:81'"),
        ("http::get(\"https://api.example.com/\")", "http::get", "http=api.example.com"),
    ];
    for (call, function, word) in cases {
        let script = call.replace('\'', "''");
        let flow = CALLS.replace("[env]", "[shell, files, http]").replace("seen = env::get(\"GREETING\")", &script);
        let bench = Bench::with(&flow);
        let ran = bench.run(&["run", "flow.yml"]);
        assert_eq!(ran.code, 3, "{}", ran.stderr);
        assert!(ran.stderr.contains(&format!("`{function}` needs `--allow {word}`;")), "{call}: {}", ran.stderr);
        assert!(
            ran.stderr.contains(&format!("`opsflow worker --allow {word}` continues it")),
            "{call}: {}",
            ran.stderr
        );
        let ran = bench.run(&["worker", "--once", "--denied", "fail"]);
        assert!(ran.stderr.contains(&format!("run with `--allow {word}`")), "{call}: {}", ran.stderr);
    }
}

#[test]
fn what_no_grant_can_allow_fails_at_once() {
    let cases = [
        ("http::get(\"http://*/\")", "http"),
        ("http::get(\"http://$(id)/\")", "http"),
        ("http::get(\"http://x.example:0/\")", "http"),
        ("shell::run(\"\")", "shell"),
        ("shell::run(\"a,b\")", "shell"),
        ("env::get(\"\")", "script"),
        ("env::get(\"A=B\")", "script"),
    ];
    for (call, kind) in cases {
        let flow = CALLS.replace("[env]", "[shell, env, http]").replace("seen = env::get(\"GREETING\")", call);
        let task = Bench::with(&flow).json(&["run", "flow.yml"], 1);
        assert_eq!((&task["status"], &task["error"]["kind"]), (&"failed".into(), &kind.into()), "{call}");
    }
}

#[test]
fn quiet_says_nothing_of_a_call_that_waits_for_a_grant_if_what_was_asked_is_done() {
    let bench = Bench::with(PAY);
    let id = bench.task(&[], 0);
    assert_eq!(bench.run(&["interact", &id, "ok!", "--quiet"]).done().stderr, "");
    is_held_up(&bench, &id, "pay");
    let bench = Bench::with(CALLS);
    let ran = bench.run(&["run", "flow.yml", "--quiet"]);
    assert_eq!(ran.code, 3);
    assert!(ran.stderr.contains("is held up in `start`"), "{}", ran.stderr);
}

#[test]
fn one_look_at_all_that_is_due_tells_of_a_task_once() {
    let bench = Bench::with(
        "flow: parent\nuses: [shell]\nstates:\n  start: { start: child, for_each: '[1, 2, 3]', with: { n: item }, go_to: slow }\n  \
         slow: { action: 'shell::run(\"sleep\", [\"1.5\"])', go_to: done }\n  done: result\n",
    );
    let child = "flow: child\nuses: [env]\nattributes: { n: { type: integer, required: true } }\nstates:\n  \
                 start: { action: 'env::get(`N${n}`)', go_to: done }\n  done: result\n";
    bench.write("child.yml", child);
    bench.json(&["start", "flow.yml"], 0);
    // The pause after which a worker looks again is over before this look is.
    let args = ["worker", "--once", "--allow", "shell=sleep"];
    for (more, times) in [(&[][..], 1), (&["-q"], 0), (&["--log", "text"], 1)] {
        let ran = bench.run(&[&args, more].concat()).done();
        for n in 1..=3 {
            let told = ran.stderr.matches(&format!("--allow env=N{n}`")).count();
            assert_eq!(told, times, "{}", ran.stderr);
        }
    }
}

#[test]
#[cfg(unix)]
fn a_link_that_leads_out_is_told_as_one() {
    let flow =
        "flow: a\nuses: [files]\nstates: { start: { action: 'files::read(\"link/secret\")', go_to: d }, d: result }\n";
    let bench = Bench::with(flow);
    let outside = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink(outside.path(), bench.path("link")).unwrap();
    let grant = outside.path().canonicalize().unwrap();
    let told = format!("`files::read` needs `--allow files={}`, since a link leads there", grant.display());
    let ran = bench.run(&["run", "flow.yml", "--allow", "files=."]);
    assert!(ran.stderr.contains(&told), "{}", ran.stderr);
    assert!(bench.run(&["list"]).stdout.contains("held up") && ran.code == 3, "{}", ran.stderr);
}
