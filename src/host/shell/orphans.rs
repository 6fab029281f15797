//! Ends the programs of this process when the process itself ends. A process that is killed cannot do that, so a small
//! script of the system's shell does: it reads a pipe whose other end only this process holds, and when the pipe closes,
//! it kills the process groups that are still in its list.
//!
//! A program's group is known only after its start. So the script is told of the start before, with the pipe that will be
//! the program's output: if this process is killed in between, the script finds the program by that pipe, in `/proc`.

use std::fs::File;
use std::io::Write;
use std::os::fd::OwnedFd;
use std::os::unix::fs::MetadataExt;
use std::os::unix::process::CommandExt;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};

use rustix::process::Pid;
use tokio::process::ChildStdout;

/// The system's shell.
const SHELL: &str = "/bin/sh";

/// What it runs. Signals to the worker's group are the worker's to handle: it may go on for a grace period.
const SCRIPT: &str = r#"trap '' HUP INT TERM
PATH=/usr/bin:/bin
groups= pipes=
remove() {
  rest=
  for other in $2; do [ "$other" = "$1" ] || rest="$rest $other"; done
}
while read -r what one two; do
  case $what in
    starts) pipes="$pipes $one" ;;
    failed) remove "$one" "$pipes"; pipes=$rest ;;
    began) remove "$one" "$pipes"; pipes=$rest; groups="$groups $two" ;;
    ended) remove "$one" "$groups"; groups=$rest ;;
  esac
done
for group in $groups; do kill -s KILL -- "-$group"; done
[ -z "$pipes" ] || ls -l /proc/[0-9]*/fd/1 | while read -r line; do
  for pipe in $pipes; do
    case $line in
      *" -> pipe:[$pipe]")
        process=${line#*/proc/}
        process=${process%%/*}
        kill -s KILL -- "-$process"
        kill -s KILL "$process" ;;
    esac
  done
done"#;

/// A program that is about to start.
pub(super) struct Start {
    /// What it will write its output to.
    pub(super) output: Stdio,
    /// What it wrote.
    pub(super) read: ChildStdout,
    /// The pipe between them.
    pub(super) pipe: Pipe,
}

/// A pipe, by its number in the system.
#[derive(Clone, Copy)]
pub(super) struct Pipe(u64);

/// The running programs.
#[derive(Default)]
pub(super) struct Orphans(Mutex<Option<Watcher>>);

/// The shell, and the pipe that it reads.
struct Watcher {
    shell: Child,
    pipe: Option<ChildStdin>,
}

impl Orphans {
    /// Prepares the start of a program. After it, call [`began`](Self::began) or [`failed`](Self::failed).
    pub(super) fn starts(&self) -> std::io::Result<Start> {
        let (read, output) = std::io::pipe()?;
        let pipe = Pipe(File::from(OwnedFd::from(output.try_clone()?)).metadata()?.ino());
        let read = ChildStdout::from_std(OwnedFd::from(read).into())?;
        self.record(&format!("starts {}\n", pipe.0));
        Ok(Start { output: output.into(), read, pipe })
    }

    /// Records that the program with this output has started, in the process group `group`.
    pub(super) fn began(&self, pipe: Pipe, group: Pid) {
        self.record(&format!("began {} {}\n", pipe.0, group.as_raw_nonzero()));
    }

    /// Records that the program with this output could not be started.
    pub(super) fn failed(&self, pipe: Pipe) {
        self.record(&format!("failed {}\n", pipe.0));
    }

    fn record(&self, line: &str) {
        let mut known = self.lock();
        if watcher(&mut known).is_some_and(|watcher| watcher.tell(line)) {
            return;
        }
        // Somebody has killed the shell.
        *known = None;
        if let Some(new) = watcher(&mut known) {
            new.tell(line);
        }
    }

    /// Records that a program has ended, with everything it had started.
    pub(super) fn ended(&self, group: Pid) {
        if let Some(watcher) = &mut *self.lock() {
            watcher.tell(&format!("ended {}\n", group.as_raw_nonzero()));
        }
    }

    fn lock(&self) -> MutexGuard<'_, Option<Watcher>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The shell, started if it is not there. None if it cannot be started.
fn watcher(known: &mut Option<Watcher>) -> Option<&mut Watcher> {
    if known.is_none() {
        match Watcher::start() {
            Ok(new) => *known = Some(new),
            Err(error) => {
                tracing::warn!(%error, "cannot run `{SHELL}`: programs would outlive this process, if it were killed");
            }
        }
    }
    known.as_mut()
}

impl Watcher {
    fn start() -> std::io::Result<Self> {
        let mut shell = Command::new(SHELL);
        shell.args(["-c", SCRIPT]).env_clear().current_dir("/").process_group(0);
        shell.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        let mut shell = shell.spawn()?;
        let pipe = shell.stdin.take();
        Ok(Self { shell, pipe })
    }

    /// Writes a line to the shell. Returns whether that worked.
    fn tell(&mut self, line: &str) -> bool {
        self.pipe.as_mut().is_some_and(|pipe| pipe.write_all(line.as_bytes()).is_ok())
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        // Its input ends, and so does the shell. Its status must be collected, or it stays a zombie.
        drop(self.pipe.take());
        let _ = self.shell.wait();
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::os::unix::process::ExitStatusExt;

    use super::*;

    fn sleeping(start: Start) -> (Child, Pipe) {
        let mut command = Command::new("sleep");
        command.arg("60").stdout(start.output).process_group(0);
        (command.spawn().unwrap(), start.pipe)
    }

    #[tokio::test]
    async fn a_program_ends_with_its_process_even_if_nobody_had_time_to_record_it() {
        let orphans = Orphans::default();
        let (mut unknown, _) = sleeping(orphans.starts().unwrap());
        let (mut known, pipe) = sleeping(orphans.starts().unwrap());
        orphans.began(pipe, Pid::from_child(&known));
        let (mut other, pipe) = sleeping(orphans.starts().unwrap());
        orphans.failed(pipe);
        drop(orphans);
        assert!(other.try_wait().unwrap().is_none(), "only what is in its list is killed");
        other.kill().unwrap();
        for child in [&mut unknown, &mut known] {
            assert_eq!(child.wait().unwrap().signal(), Some(9));
        }
        other.wait().unwrap();
    }
}
