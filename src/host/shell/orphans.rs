//! Ends the programs of this process when the process itself ends. A process that is killed cannot do that, so a small
//! script of the system's shell does: it reads a pipe whose other end only this process holds, and when the pipe closes,
//! it kills the process groups that are still in its list.

use std::io::Write;
use std::os::unix::process::CommandExt;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};

use rustix::process::Pid;

/// The system's shell.
const SHELL: &str = "/bin/sh";

/// What it runs. Signals to the worker's group are the worker's to handle: it may go on for a grace period.
const SCRIPT: &str = r#"trap '' HUP INT TERM
groups=
while read -r what group; do
  case $what in
    began) groups="$groups $group" ;;
    ended)
      rest=
      for other in $groups; do [ "$other" = "$group" ] || rest="$rest $other"; done
      groups=$rest ;;
  esac
done
for group in $groups; do kill -s KILL -- "-$group"; done"#;

/// The running programs.
#[derive(Default)]
pub(super) struct Orphans(Mutex<Option<Watcher>>);

/// The shell, and the pipe that it reads.
struct Watcher {
    shell: Child,
    pipe: Option<ChildStdin>,
}

impl Orphans {
    /// Starts the shell, so that a program that is about to start can be recorded at once.
    pub(super) fn prepare(&self) {
        watcher(&mut self.lock());
    }

    /// Records that a program with the process group `group` has started.
    pub(super) fn began(&self, group: Pid) {
        let mut known = self.lock();
        let line = format!("began {}\n", group.as_raw_nonzero());
        if watcher(&mut known).is_some_and(|watcher| watcher.tell(&line)) {
            return;
        }
        // Somebody has killed the shell.
        *known = None;
        if let Some(new) = watcher(&mut known) {
            new.tell(&line);
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
