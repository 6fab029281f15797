//! The command line, from outside: what it prints where, and how it ends. One file per command.

mod cancel;
mod check;
mod completions;
mod config;
mod delete;
mod dev;
mod events;
mod findings;
mod fmt;
mod grants;
mod graph;
mod history;
mod input;
mod interact;
mod interrupt;
mod list;
mod many;
mod migrate;
mod new;
#[cfg(feature = "sqlite")]
mod older;
mod retry;
mod run;
mod schema;
mod secrets;
mod show;
mod start;
mod storage;
mod terminal;
mod test;
mod usage;
mod values;
mod wake;
mod worker;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

/// A flow that ends at once.
pub const HELLO: &str = r#"flow: hello
attributes:
  name: { type: string, required: true, max: 20 }
  times: { type: integer, default: 1 }
  tags: list
  day: date
  anything: any
  pin: { type: string, secret: true }
starts_with: greet
states:
  greet:
    action: name = name.to_upper()
    go_to: done
  done: { result: "`Hello ${name}`" }
"#;

/// A flow that sleeps until somebody registers.
pub const SIGN_UP: &str = r#"flow: sign_up
attributes:
  email: { type: string, required: true }
  name: string
  account: ref
index: [account]
starts_with: name_provided?
states:
  name_provided?:
    wait_until:
      - if: name != ()
        go_to: done
    delay: 1h
  done: { result: name }
interactions:
  register!:
    params: { name: { type: string, required: true, max: 10 } }
    when: [name_provided?]
    action: name = params.name
  reset!:
    when: [done]
    action: name = ()
"#;

/// A flow that fails unless `good` is true.
pub const FRAIL: &str = r#"flow: frail
attributes:
  good: { type: boolean, default: false }
starts_with: first
states:
  first:
    action: let x = 1
    go_to: second
  second:
    action: |
      if !good {
        fail("broken", "no luck");
      }
    go_to: done
  mend:
    action: good = true
    go_to: second
  done: result
interactions:
  mend!: { go_to: mend }
"#;

/// A folder of its own, and the program in it with nothing around it.
pub struct Bench {
    folder: TempDir,
}

/// How a call ended.
pub struct Ran {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Bench {
    pub fn new() -> Self {
        Self { folder: TempDir::new().unwrap() }
    }

    /// A bench with one file, `flow.yml`.
    pub fn with(flow: &str) -> Self {
        let bench = Self::new();
        bench.write("flow.yml", flow);
        bench
    }

    /// Leaves the folder where it is after the test, and gives its place.
    pub fn keep(&mut self) -> &Path {
        self.folder.disable_cleanup(true);
        self.folder.path()
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = self.bare(env!("CARGO_BIN_EXE_opsflow"));
        command.args(args);
        command
    }

    /// A line of a shell that finds the program as `opsflow`.
    pub fn shell(&self, line: &str) -> Command {
        let program = Path::new(env!("CARGO_BIN_EXE_opsflow")).parent().unwrap().to_path_buf();
        let path = std::env::var_os("PATH").unwrap_or_default();
        let path = std::env::join_paths(std::iter::once(program).chain(std::env::split_paths(&path))).unwrap();
        let mut command = self.bare("sh");
        command.args(["-c", line]).env("PATH", path);
        command
    }

    /// A program in the folder, with nothing around it but where programs are found.
    fn bare(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command.current_dir(self.folder.path()).env_clear().env("NO_COLOR", "1").env("COLUMNS", "100");
        if let Some(path) = std::env::var_os("PATH") {
            command.env("PATH", path);
        }
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    pub fn run(&self, args: &[&str]) -> Ran {
        Ran::from(self.command(args).output().unwrap())
    }

    /// Runs with `text` on stdin.
    pub fn feed(&self, args: &[&str], text: &[u8]) -> Ran {
        let mut child = self.command(args).stdin(Stdio::piped()).spawn().unwrap();
        // It may refuse before it has read all.
        let _ = child.stdin.take().unwrap().write_all(text);
        Ran::from(child.wait_with_output().unwrap())
    }

    pub fn spawn(&self, args: &[&str]) -> Child {
        self.command(args).spawn().unwrap()
    }

    /// Runs with `--json` and gives what was printed; the call must end with `code`.
    pub fn json(&self, args: &[&str], code: i32) -> Value {
        let ran = self.run(&[args, &["--json"]].concat());
        assert_eq!(ran.code, code, "{args:?}: {}", ran.stderr);
        serde_json::from_str(&ran.stdout).unwrap_or_else(|why| panic!("{args:?}: {why}: {}", ran.stdout))
    }

    /// Runs a flow of `flow.yml` and gives the task's id; the call must end with `code`.
    pub fn task(&self, args: &[&str], code: i32) -> String {
        self.json(&[&["run", "flow.yml"], args].concat(), code)["id"].as_str().unwrap().to_owned()
    }
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code().expect("it was ended by a signal"),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

impl Ran {
    /// Asserts that it ended with `code`, saying `part` on stderr and nothing on stdout, and did not panic.
    #[track_caller]
    pub fn refused(&self, code: i32, part: &str) {
        assert_eq!(self.code, code, "{}{}", self.stdout, self.stderr);
        assert!(self.stderr.contains(part), "`{part}` is not in:\n{}", self.stderr);
        assert!(self.stdout.is_empty(), "{}", self.stdout);
        assert!(!self.stderr.contains("panicked"), "{}", self.stderr);
    }

    #[track_caller]
    pub fn done(self) -> Self {
        assert_eq!(self.code, 0, "{}{}", self.stdout, self.stderr);
        self
    }
}

/// `text` with ids, moments and milliseconds replaced by `ID`, `TIME` (`AGO`, seen from now) and `N ms`.
pub fn fixed(text: &str) -> String {
    let rules = [
        (r"\b[0-9a-f]{8}\b((-[0-9a-f]{4}){3}-[0-9a-f]{12})?", "ID"),
        (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", "TIME"),
        (r"\bin \d+(s|m|h|d|mo)\b|\b\d+(s|m|h|d|mo) ago\b|\bnow\b", "AGO"),
        (r"\b\d+ ms", "N ms"),
    ];
    rules.iter().fold(text.to_owned(), |text, (pattern, with)| {
        regex_lite::Regex::new(pattern).unwrap().replace_all(&text, *with).into_owned()
    })
}

#[test]
fn every_command_has_its_tests() {
    let names = |folder: &str| -> Vec<String> {
        let entries = std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)).unwrap();
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    };
    let tests = names("tests/cli");
    let commands = Bench::new().run(&["help"]).done().stdout;
    let commands: Vec<&str> = commands
        .lines()
        .skip_while(|line| *line != "Commands:")
        .skip(1)
        .take_while(|line| !line.is_empty())
        .filter_map(|line| line.split_whitespace().next())
        .filter(|name| *name != "help")
        .collect();
    assert!(commands.contains(&"run") && commands.len() > 10, "{commands:?}");
    for command in commands {
        let file = format!("{command}.rs");
        assert!(tests.contains(&file), "tests/cli/{file} is missing");
        assert!(names("src/cli").contains(&file), "src/cli/{file} is missing");
    }
}
