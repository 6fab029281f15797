use std::time::Duration as Wait;

use serde_json::json;
use tokio::io::AsyncReadExt;

use super::{allowing, call, failed, message};
use crate::value::Value;

/// The grants of these tests: the system's shell takes the place of any program.
const GRANT: &str = "shell=sh,yes,cat,env";

async fn sh(script: &str, options: serde_json::Value) -> crate::task::Outcome {
    call(&allowing(&[GRANT]), "shell::run", json!(["sh", ["-c", script], options])).await
}

fn field<'a>(answer: &'a Value, name: &str) -> &'a str {
    answer.get(name).and_then(Value::as_str).unwrap()
}

#[tokio::test]
async fn a_program_gives_status_and_outputs() {
    let answer = sh("echo out; echo err >&2", json!({})).await.unwrap();
    assert_eq!(answer.to_json(), json!({ "status": 0, "stdout": "out\n", "stderr": "err\n" }));
}

#[tokio::test]
async fn arguments_and_options_may_be_left_out() {
    let host = allowing(&[GRANT]);
    assert_eq!(field(&call(&host, "shell::run", json!(["cat"])).await.unwrap(), "stdout"), "");
    let fed = call(&host, "shell::run", json!(["cat", { "stdin": "fed" }])).await.unwrap();
    assert_eq!(field(&fed, "stdout"), "fed");
}

#[tokio::test]
async fn no_shell_stands_in_between() {
    let host = allowing(&["shell=echo"]);
    let answer = call(&host, "shell::run", json!(["echo", ["$HOME; ls", "`id`", 7, true]])).await.unwrap();
    assert_eq!(field(&answer, "stdout"), "$HOME; ls `id` 7 true\n");
}

#[tokio::test]
async fn another_status_fails_with_the_answer_unless_accepted() {
    let failure = failed(sh("echo first >&2; echo 'see https://u:p@h/x' >&2; exit 3", json!({})).await, "shell");
    assert_eq!(failure.message, "`sh` ended with status 3: see https://h/x");
    assert_eq!(failure.data.get("status"), Some(&Value::Integer(3)));
    assert_eq!(message(sh("exit 4", json!({ "accept": [3] })).await, "shell"), "`sh` ended with status 4");
    let answer = sh("exit 3", json!({ "accept": [3] })).await.unwrap();
    assert_eq!(answer.get("status"), Some(&Value::Integer(3)));
    let killed = failed(sh("kill -9 $$", json!({ "accept": [9, 137] })).await, "shell");
    assert_eq!(killed.message, "`sh` was ended by signal 9");
    assert_eq!(killed.data.get("status"), Some(&Value::Unit));
}

#[tokio::test]
async fn only_granted_programs_run() {
    let host = allowing(&["shell=git", "http=*"]);
    let told = message(call(&host, "shell::run", json!(["rm", ["-rf", "/nowhere"]])).await, "denied");
    assert_eq!(told, "`shell` of `rm` is not allowed; run with `--allow shell=rm`");
    let host = allowing(&["shell=sh"]);
    for program in ["/bin/sh", "./sh", "../bin/sh", "SH", "x$(id)"] {
        message(call(&host, "shell::run", json!([program])).await, "denied");
    }
    // No grant can name these.
    for program in ["", "sh ", "a,b", "*", "git status", "a\0"] {
        let told = message(call(&host, "shell::run", json!([program])).await, "shell");
        let expected =
            format!("`shell::run` cannot run `{program}`: expected a name or a path without blanks, commas and `*`");
        assert_eq!(told, expected);
    }
    let by_path = allowing(&["shell=/bin/sh"]);
    call(&by_path, "shell::run", json!(["/bin/sh", ["-c", "exit 0"]])).await.unwrap();
    message(call(&by_path, "shell::run", json!(["sh"])).await, "denied");
}

#[tokio::test]
async fn a_bare_name_is_looked_for_in_the_programs_own_path() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::copy("/bin/echo", folder.path().join("cat")).unwrap();
    let options = json!({ "stdin": "real", "dir": folder.path(), "env": { "PATH": folder.path() } });
    let answer = call(&allowing(&[GRANT]), "shell::run", json!(["cat", [], options])).await.unwrap();
    assert_eq!(field(&answer, "stdout"), "real", "not the one that the script's PATH names");
    let missing =
        message(call(&allowing(&["shell=no-such-program"]), "shell::run", json!(["no-such-program"])).await, "shell");
    assert_eq!(missing, "there is no program `no-such-program` in the folders of `PATH`");
}

#[tokio::test]
async fn the_environment_is_small() {
    let host = allowing(&[GRANT]);
    let answer = call(&host, "shell::run", json!(["env", [], { "env": { "EXTRA": 5, "LANG": "C" } }])).await.unwrap();
    let mut names: Vec<&str> = field(&answer, "stdout").lines().filter_map(|line| line.split('=').next()).collect();
    names.retain(|name| *name != "HOME" && *name != "PATH");
    names.sort_unstable();
    assert_eq!(names, ["EXTRA", "LANG"], "nothing of this process leaks but PATH, HOME and LANG");
    for name in ["LD_PRELOAD", "DYLD_INSERT_LIBRARIES"] {
        message(sh("true", json!({ "env": { name: "x" } })).await, "denied");
    }
    message(sh("true", json!({ "env": { "A=B": "x" } })).await, "script");
}

#[tokio::test]
async fn a_program_runs_where_it_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let real = folder.path().canonicalize().unwrap();
    let answer = sh("pwd -P", json!({ "dir": folder.path() })).await.unwrap();
    assert_eq!(field(&answer, "stdout").trim_end(), real.to_str().unwrap());
    let host = allowing(&[GRANT]).working_folder(&real);
    std::fs::create_dir(real.join("inner")).unwrap();
    for (dir, expected) in [(json!(()), real.clone()), (json!("inner"), real.join("inner"))] {
        let answer = call(&host, "shell::run", json!(["sh", ["-c", "pwd -P"], { "dir": dir }])).await.unwrap();
        assert_eq!(field(&answer, "stdout").trim_end(), expected.to_str().unwrap());
    }
    message(sh("true", json!({ "dir": "/no/such/folder" })).await, "shell");
}

#[tokio::test]
async fn endless_output_is_cut_off() {
    let host = allowing(&[GRANT]);
    let told = message(call(&host, "shell::run", json!(["yes"])).await, "limit");
    assert_eq!(told, "`yes` wrote more than 1048576 bytes (MAX_OUTPUT_BYTES) to its output");
    let told = message(sh("yes >&2", json!({})).await, "limit");
    assert_eq!(told, "`sh` wrote more than 1048576 bytes (MAX_OUTPUT_BYTES) to its error output");
}

/// A folder with a named pipe, and the end of it that reads. The pipe ends when all programs that write to it have.
fn pipe() -> (tempfile::TempDir, tokio::net::unix::pipe::Receiver) {
    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("pipe");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status().unwrap();
    assert!(made.success());
    (folder, tokio::net::unix::pipe::OpenOptions::new().open_receiver(&pipe).unwrap())
}

async fn end_of(pipe: &mut (impl tokio::io::AsyncRead + Unpin)) -> Vec<u8> {
    let mut read = Vec::new();
    let end = tokio::time::timeout(Wait::from_secs(20), pipe.read_to_end(&mut read));
    end.await.expect("nobody writes to it any more").unwrap();
    read
}

#[tokio::test]
async fn a_program_that_takes_too_long_is_ended_with_all_it_started() {
    let (folder, mut pipe) = pipe();
    // The child of the child holds the pipe open as long as it lives.
    let script = "(exec 3> pipe; echo ready >&3; exec sleep 600) & wait";
    let told = message(sh(script, json!({ "dir": folder.path(), "timeout": "500ms" })).await, "shell");
    assert_eq!(told, "`shell::run` took longer than its time limit of 500ms");
    assert_eq!(end_of(&mut pipe).await, b"ready\n");
}

#[tokio::test]
async fn what_a_program_leaves_behind_does_not_hold_the_call_up() {
    let begun = std::time::Instant::now();
    let answer = sh("echo done; sleep 600 &", json!({})).await.unwrap();
    assert_eq!(field(&answer, "stdout"), "done\n");
    assert!(begun.elapsed() < Wait::from_secs(30));
}

#[tokio::test]
async fn a_call_that_is_dropped_ends_its_program() {
    let (folder, mut pipe) = pipe();
    let options = json!({ "dir": folder.path() });
    let running = tokio::spawn(async move { sh("exec 3> pipe; echo ready >&3; exec sleep 600", options).await });
    let mut ready = [0; 6];
    pipe.read_exact(&mut ready).await.unwrap();
    running.abort();
    assert!(running.await.unwrap_err().is_cancelled());
    assert_eq!(end_of(&mut pipe).await, b"");
}

#[tokio::test]
async fn input_that_nobody_reads_is_no_failure() {
    let input = "x".repeat(900_000);
    let answer = sh("exit 0", json!({ "stdin": input })).await.unwrap();
    assert_eq!(field(&answer, "stdout"), "");
    let echoed = call(&allowing(&[GRANT]), "shell::run", json!(["cat", { "stdin": input }])).await.unwrap();
    assert_eq!(field(&echoed, "stdout").len(), 900_000, "written and read at once");
}

#[tokio::test]
async fn wrong_arguments_say_what_was_expected() {
    let host = allowing(&[GRANT]);
    let wrong = async |arguments: serde_json::Value| message(call(&host, "shell::run", arguments).await, "script");
    let list = "`shell::run` takes its arguments as a list, but was given a value of type string";
    assert_eq!(wrong(json!(["sh", "-c"])).await, list);
    let item = "`shell::run` takes strings as arguments, but was given a value of type list";
    assert_eq!(wrong(json!(["sh", [[]]])).await, item);
    assert_eq!(wrong(json!(["sh", ["a\0b"]])).await, "argument 1 of `shell::run` holds a zero character");
    let option = "`shell::run` has no option `cwd`; there are `accept`, `dir`, `env`, `stdin`, `timeout`, `once`";
    assert_eq!(wrong(json!(["sh", [], { "cwd": "/" }])).await, option);
    assert_eq!(
        wrong(json!(["sh", [], { "accept": [256] }])).await,
        "`accept` of `shell::run` should be from 0 to 255, but is 256"
    );
    assert_eq!(
        wrong(json!([7])).await,
        "`shell::run` takes its program as a string, but was given a value of type integer"
    );
}
