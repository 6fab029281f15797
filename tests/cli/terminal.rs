//! What only a person at a terminal sees: colours, questions, and tables as wide as the screen. The terminal comes from
//! `script` (util-linux); without it, these tests do nothing.

#![cfg(target_os = "linux")]

use std::io::{Read, Write};
use std::process::{Child, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::{Bench, FRAIL, HELLO, SIGN_UP};

/// How long anything may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// A command on a terminal of 80 columns.
struct Terminal {
    child: Child,
    shown: Arc<Mutex<String>>,
    reader: JoinHandle<()>,
}

impl Terminal {
    /// None if no terminal is available.
    fn start(bench: &Bench, line: &str) -> Option<Self> {
        let path = std::env::var_os("PATH")?;
        if !std::env::split_paths(&path).any(|folder| folder.join("script").is_file()) {
            // Straight to stderr, which is not kept back when the test succeeds.
            let _ = writeln!(std::io::stderr(), "not run: tests of a terminal need `script` (Debian: bsdutils)");
            return None;
        }
        let line = format!("stty cols 80 rows 24; exec opsflow {line}");
        let mut command = bench.shell(&format!("exec script -qec '{line}' /dev/null"));
        command.env_remove("NO_COLOR").env_remove("COLUMNS").env("TERM", "xterm").stdin(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let shown = Arc::new(Mutex::new(String::new()));
        let (mut screen, written) = (child.stdout.take().unwrap(), Arc::clone(&shown));
        let reader = std::thread::spawn(move || {
            let mut part = [0; 4096];
            while let Ok(length @ 1..) = screen.read(&mut part) {
                *written.lock().unwrap() += &String::from_utf8_lossy(&part[..length]);
            }
        });
        Some(Self { child, shown, reader })
    }

    fn type_in(&mut self, typed: &str) {
        self.child.stdin.as_mut().unwrap().write_all(typed.as_bytes()).unwrap();
    }

    /// Waits until this is shown.
    #[track_caller]
    fn until(&self, part: &str) {
        let began = Instant::now();
        while !self.shown.lock().unwrap().contains(part) {
            assert!(began.elapsed() < PATIENCE, "`{part}` is not shown: {}", self.shown.lock().unwrap());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Everything it has shown, after its end.
    fn ended(mut self) -> String {
        self.child.wait().unwrap();
        self.reader.join().unwrap();
        std::mem::take(&mut *self.shown.lock().unwrap()).replace("\r\n", "\n")
    }
}

/// The output of a command that asks nothing.
fn on_terminal(bench: &Bench, line: &str) -> Option<String> {
    Some(Terminal::start(bench, line)?.ended())
}

/// The output of a command that asks for a confirmation and gets this answer.
fn answered(bench: &Bench, line: &str, answer: &str) -> Option<String> {
    let mut terminal = Terminal::start(bench, line)?;
    terminal.until("? [y/N] ");
    terminal.type_in(answer);
    Some(terminal.ended())
}

#[test]
fn a_question_that_is_answered_by_no_does_nothing_and_says_so() {
    let bench = Bench::with(SIGN_UP);
    let id = bench.task(&["--set", "email=ann@example.com"], 0);
    for line in ["cancel --all", "wake --all"] {
        let Some(shown) = answered(&bench, line, "n\n") else { return };
        assert!(shown.contains("1 task? [y/N] ") && shown.contains("nothing was done\n"), "{line}: {shown}");
        assert_eq!(bench.json(&["show", &id], 0)["status"], "waiting", "{line}");
    }
    let shown = answered(&bench, "cancel --all", "y\n").unwrap();
    assert!(!shown.contains("nothing was done"), "{shown}");
    assert_eq!(bench.json(&["show", &id], 0)["status"], "cancelled");
}

#[test]
fn a_storage_that_is_not_its_own_is_left_alone_by_dev_if_that_is_not_wanted() {
    let bench = Bench::new();
    bench.write("workflows/cron.yml", "flow: cron\nschedule: { cron: \"0 0 1 1 *\" }\nstates: { start: result }\n");
    let Some(mut dev) = Terminal::start(&bench, "dev --storage sqlite:real.db") else { return };
    dev.until("? [y/N] ");
    dev.type_in("n\n");
    dev.until("1 flow, 0 tests");
    // Ctrl-C.
    dev.type_in("\u{3}");
    let shown = dev.ended();
    assert!(shown.contains("fire 1 schedule for the tasks of `sqlite:real.db`? [y/N] "), "{shown}");
    assert!(!bench.path("real.db").exists(), "{shown}");
}

#[test]
fn the_log_of_a_worker_has_colours_on_a_terminal_and_nothing_of_a_library() {
    let bench = Bench::with(FRAIL);
    bench.run(&["start", "flow.yml"]).done();
    let Some(shown) = on_terminal(&bench, "worker --once --log text") else { return };
    assert!(shown.contains("\u{1b}[32m") && shown.contains("\u{1b}[33m"), "no colour of a level: {shown:?}");
    for line in shown.lines().filter(|line| !line.is_empty()) {
        let is_event = line.contains("INFO") || line.contains("WARN") || line.contains("ERROR");
        assert!(is_event || line.contains("scheduled 0, advanced 1, deleted 0"), "{line:?} in {shown:?}");
    }
    assert!(!shown.contains("\\x1b") && !shown.contains("\\u{1b}"), "{shown:?}");
    bench.run(&["start", "flow.yml"]).done();
    let piped = bench.run(&["worker", "--once", "--log", "text"]).done().stderr;
    assert!(!piped.contains('\u{1b}'), "{piped:?}");
}

#[test]
fn results_have_colours_and_tables_fit_the_terminal() {
    let bench = Bench::with(HELLO);
    bench.run(&["run", "flow.yml", "--set", "name=Ann"]).done();
    let Some(shown) = on_terminal(&bench, "list") else { return };
    assert!(shown.contains("\u{1b}[32mcompleted\u{1b}[0m"), "{shown:?}");
    let plain = anstream::adapter::strip_str(&shown).to_string();
    assert!(plain.lines().all(|line| line.chars().count() <= 80), "{plain}");
    let shown = on_terminal(&bench, "check flow.yml --color never").unwrap();
    assert!(!shown.contains('\u{1b}'), "{shown:?}");
}
