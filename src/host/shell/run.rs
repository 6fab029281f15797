//! Runs a program to its end, or kills it.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use tokio::io::AsyncWriteExt;
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

use crate::task::{Outcome, StepFailure};
use crate::value::Value;

use super::super::redact;
use super::Orphans;
use super::call::Call;
#[cfg(unix)]
use super::orphans::{Pipe, Start};
use super::output::collect;

/// The environment variables that a program inherits, if they are set.
const VARIABLES: [&str; 3] = ["PATH", "HOME", "LANG"];

/// How long output is still read after a program has ended and its remaining processes were killed.
const DRAIN_TIME: Duration = Duration::from_secs(1);

/// Characters of a program's error output that a message quotes.
const MAX_QUOTED_CHARS: usize = 200;

/// Runs `call`; relative paths start at `start`, or at the working folder.
pub(super) async fn run(call: &Call<'_>, start: Option<&Path>, orphans: &Orphans) -> Outcome {
    let program = call.program;
    let Started { mut child, output: stdout, group } = start_program(call, start, orphans)?;
    let input = feed(child.stdin.take(), call.input.unwrap_or_default());
    let stderr = child.stderr.take();
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let status = {
        let outputs = async {
            tokio::try_join!(
                collect(stdout, &mut out, program, "its output"),
                collect(stderr, &mut err, program, "its error output"),
            )
        };
        let mut outputs = std::pin::pin!(outputs);
        let ended = async {
            let status = tokio::select! {
                status = child.wait() => status,
                never = async { input.await; std::future::pending().await } => never,
            };
            status.map_err(|error| StepFailure::new("shell", format!("`{program}`: {error}")))
        };
        let mut ended = std::pin::pin!(ended);
        tokio::select! {
            biased;
            read = &mut outputs => {
                read?;
                ended.await?
            }
            status = &mut ended => {
                // Processes that the program has left behind could keep its output open forever.
                drop(group);
                if let Ok(read) = tokio::time::timeout(DRAIN_TIME, outputs).await {
                    read?;
                }
                status?
            }
        }
    };
    answer(call, status, &out, &err)
}

/// A program that runs.
struct Started<'a> {
    child: Child,
    output: Option<ChildStdout>,
    group: Group<'a>,
}

/// Starts the program; if this process is killed meanwhile, the program ends with it.
#[cfg(unix)]
fn start_program<'a>(call: &Call<'_>, start: Option<&Path>, orphans: &'a Orphans) -> Result<Started<'a>, StepFailure> {
    let mut command = command(call, start)?;
    let Start { output, read, pipe } = orphans.starts().map_err(|error| could_not_run(call, &error))?;
    let spawned = command.stdout(output).spawn();
    let child = spawned.map_err(|error| {
        orphans.failed(pipe);
        could_not_run(call, &error)
    })?;
    let group = Group::of(&child, pipe, orphans);
    Ok(Started { child, output: Some(read), group })
}

#[cfg(not(unix))]
fn start_program<'a>(call: &Call<'_>, start: Option<&Path>, orphans: &'a Orphans) -> Result<Started<'a>, StepFailure> {
    let mut child = command(call, start)?.spawn().map_err(|error| could_not_run(call, &error))?;
    let output = child.stdout.take();
    Ok(Started { child, output, group: Group { orphans } })
}

fn could_not_run(call: &Call<'_>, error: &std::io::Error) -> StepFailure {
    StepFailure::new("shell", format!("could not run `{}`: {error}", call.program))
}

fn command(call: &Call<'_>, start: Option<&Path>) -> Result<Command, StepFailure> {
    let failed = |error: std::io::Error| StepFailure::new("shell", format!("the working folder: {error}"));
    let start = start.map_or_else(std::env::current_dir, std::path::absolute).map_err(failed)?;
    let mut command = Command::new(find(call.program, &start)?);
    command.args(&call.arguments).current_dir(call.folder.map_or_else(|| start.clone(), |folder| start.join(folder)));
    command.env_clear().envs(VARIABLES.iter().filter_map(|name| Some((name, variable(name)?))));
    command.envs(call.variables.iter().map(|(name, text)| (name, text)));
    command.stdin(if call.input.is_some() { Stdio::piped() } else { Stdio::null() });
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    #[cfg(unix)]
    command.process_group(0);
    Ok(command)
}

/// The program's file: a bare name is looked up in this process's `PATH`, whatever the script sets.
fn find(program: &str, start: &Path) -> Result<PathBuf, StepFailure> {
    if program.contains('/') {
        return Ok(start.join(program));
    }
    let path = variable("PATH").unwrap_or_default();
    let folders = std::env::split_paths(&path).filter(|folder| folder.is_absolute());
    let mut files = folders.map(|folder| folder.join(program));
    files
        .find(|file| is_program(file))
        .ok_or_else(|| StepFailure::new("shell", format!("there is no program `{program}` in the folders of `PATH`")))
}

#[cfg(unix)]
fn is_program(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    file.metadata().is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn is_program(file: &Path) -> bool {
    file.is_file()
}

#[expect(clippy::disallowed_methods, reason = "a program needs to know where programs are")]
fn variable(name: &str) -> Option<OsString> {
    std::env::var_os(name)
}

/// Writes the input. It is no error if the program does not read all of it.
async fn feed(pipe: Option<ChildStdin>, text: &str) {
    if let Some(mut pipe) = pipe {
        let _ = pipe.write_all(text.as_bytes()).await;
        let _ = pipe.shutdown().await;
    }
}

/// A program and everything it has started; killed when this is dropped.
struct Group<'a> {
    #[cfg(unix)]
    id: Option<rustix::process::Pid>,
    #[cfg_attr(not(unix), expect(dead_code, reason = "there is nothing to tell it"))]
    orphans: &'a Orphans,
}

#[cfg(unix)]
impl<'a> Group<'a> {
    fn of(child: &Child, pipe: Pipe, orphans: &'a Orphans) -> Self {
        let id = child.id().and_then(|id| i32::try_from(id).ok()).and_then(rustix::process::Pid::from_raw);
        match id {
            Some(id) => orphans.began(pipe, id),
            None => orphans.failed(pipe),
        }
        Self { id, orphans }
    }
}

impl Drop for Group<'_> {
    fn drop(&mut self) {
        #[cfg(unix)]
        if let Some(id) = self.id {
            // It is no error if the group is empty.
            let _ = rustix::process::kill_process_group(id, rustix::process::Signal::KILL);
            self.orphans.ended(id);
        }
    }
}

fn answer(call: &Call<'_>, status: ExitStatus, out: &[u8], err: &[u8]) -> Outcome {
    let (out, err) = (String::from_utf8_lossy(out), String::from_utf8_lossy(err));
    let code = status.code().map(i64::from);
    let answer = Value::map([
        ("status", code.map_or(Value::Unit, Value::Integer)),
        ("stdout", Value::text(&out)),
        ("stderr", Value::text(&err)),
    ]);
    match code {
        Some(code) => judged(call, code, answer),
        None => Err(failed(format!("`{}` was ended by {}", call.program, signal(status)), answer)),
    }
}

/// What a program gives that has ended with `status`: a failure, if that is not 0 and was not accepted.
pub(in super::super) fn judged(call: &Call<'_>, status: i64, answer: Value) -> Outcome {
    if status == 0 || call.accept.contains(&status) {
        return Ok(answer);
    }
    Err(failed(format!("`{}` ended with status {status}", call.program), answer))
}

/// The failure of a program that has `ended` like this; it quotes the last line of its error output.
fn failed(ended: String, answer: Value) -> StepFailure {
    let err = answer.get("stderr").and_then(Value::as_str).unwrap_or_default();
    // A secret may begin or end with blanks, and have several lines.
    let err = redact::text(err);
    let quoted = err.lines().map(str::trim).rfind(|line| !line.is_empty()).unwrap_or_default();
    let quoted: String = quoted.chars().take(MAX_QUOTED_CHARS).collect();
    let message = if quoted.is_empty() { ended } else { format!("{ended}: {quoted}") };
    StepFailure::new("shell", message).with_data(answer)
}

#[cfg(unix)]
fn signal(status: ExitStatus) -> String {
    use std::os::unix::process::ExitStatusExt;
    status.signal().map_or_else(|| "a signal".to_owned(), |number| format!("signal {number}"))
}

#[cfg(not(unix))]
fn signal(_status: ExitStatus) -> String {
    "the system".to_owned()
}
