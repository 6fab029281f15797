//! The processes: workers that are killed and come again, and errands (`opsflow interact`, `opsflow cancel`) that are
//! killed and repeated. Nothing of it outlives the test, however that ends.

use std::fs::{File, OpenOptions};
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use opsflow::TaskId;

use crate::cli::Bench;

use super::random::Random;

/// The command line of a worker. It must live until it is told to end, and then end well.
const WORKER: [&str; 3] = ["worker", "--concurrency", "8"];
/// The most steps it has in flight.
pub const IN_FLIGHT: usize = 8;
/// How long a worker may take to end after it was told to.
const PATIENCE: Duration = Duration::from_secs(20);
/// Lines of stderr that are shown.
const MAX_SAID: usize = 20;
/// How long the place of a worker that has ended stays empty.
const AWAY: Duration = Duration::from_millis(30);

/// A process that ends with the test.
pub struct Running(Child);

impl Running {
    fn start(command: &mut Command) -> Self {
        Self(command.spawn().unwrap())
    }

    /// How it ended, if it has.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        self.0.try_wait().unwrap()
    }

    /// Kills it, and returns when it has stopped completely.
    pub fn kill(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }

    /// Tells it to end.
    fn terminate(&self) {
        let told = Command::new("kill").args(["-TERM", &self.0.id().to_string()]).status().unwrap();
        assert!(told.success(), "a worker could not be told to end");
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended long ago.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A worker, or its place while there is none.
enum Worker {
    Away {
        until: Instant,
    },
    /// It works, and is to be killed or ended at this time.
    Works(Running, Instant),
    /// It was told to end, and must have ended by this time.
    Ends(Running, Instant),
}

/// All that runs on the store.
pub struct Fleet {
    bench: Bench,
    workers: Vec<Worker>,
    /// How many were killed, and how many were told to end.
    pub killed: usize,
    pub told: usize,
}

impl Fleet {
    /// No process yet, in a folder of its own.
    pub fn new(bench: Bench, workers: usize) -> Self {
        let away = || Worker::Away { until: Instant::now() };
        Self { bench, workers: std::iter::repeat_with(away).take(workers).collect(), killed: 0, told: 0 }
    }

    /// A process of the program, whose errors are kept.
    pub fn start(&self, args: &[&str]) -> Running {
        Running::start(self.bench.command(args).stdout(Stdio::null()).stderr(self.log()))
    }

    fn log(&self) -> File {
        OpenOptions::new().create(true).append(true).open(self.bench.path("stderr")).unwrap()
    }

    /// A path in the folder.
    pub fn path(&self, name: &str) -> PathBuf {
        self.bench.path(name)
    }

    /// Starts the workers that are missing, takes note of those that have ended, and strikes those whose time has come, if
    /// it `strikes`. Gives how many have died.
    pub fn tend(&mut self, strikes: bool, random: &mut Random) -> usize {
        let mut died = 0;
        for place in 0..self.workers.len() {
            let now = Instant::now();
            let worker = std::mem::replace(&mut self.workers[place], Worker::Away { until: now });
            self.workers[place] = match worker {
                Worker::Away { until } if until > now => Worker::Away { until },
                Worker::Away { .. } => {
                    let longest = random.number(0, 800);
                    Worker::Works(self.start(&WORKER), now + random.millis(5, 5 + longest))
                }
                Worker::Works(mut running, struck) => match running.ended() {
                    Some(how) => {
                        panic!("a worker ended with {how}, and nobody had told it to: {}", self.said())
                    }
                    None if !strikes || struck > now => Worker::Works(running, struck),
                    None if random.chance(20) => {
                        running.terminate();
                        self.told += 1;
                        Worker::Ends(running, now + PATIENCE)
                    }
                    None => {
                        running.kill();
                        self.killed += 1;
                        died += 1;
                        Worker::Away { until: now + random.millis(0, 200) }
                    }
                },
                Worker::Ends(mut running, by) => match running.ended() {
                    Some(how) if how.success() => Worker::Away { until: now + AWAY },
                    // The signal came before it had a handler. It had not begun to work, and nothing was in flight.
                    Some(how) if how.code().is_none() => Worker::Away { until: now + AWAY },
                    Some(how) => panic!("a worker that was told to end ended with {how}: {}", self.said()),
                    None => {
                        assert!(now < by, "a worker that was told to end goes on and on");
                        Worker::Ends(running, by)
                    }
                },
            };
        }
        died
    }

    /// Ends all workers gracefully.
    pub fn end(&mut self) {
        let by = Instant::now() + PATIENCE;
        for worker in std::mem::take(&mut self.workers) {
            let (Worker::Works(mut running, _) | Worker::Ends(mut running, _)) = worker else { continue };
            if running.ended().is_none() {
                running.terminate();
            }
            loop {
                if let Some(how) = running.ended() {
                    assert!(how.success() || how.code().is_none(), "a worker ended with {how}: {}", self.said());
                    break;
                }
                assert!(Instant::now() < by, "a worker goes on and on");
                std::thread::sleep(Duration::from_millis(5));
            }
        }
    }

    /// The last lines on stderr, of all processes.
    pub fn said(&self) -> String {
        let said = std::fs::read_to_string(self.bench.path("stderr")).unwrap_or_default();
        let lines: Vec<&str> = said.lines().collect();
        lines[lines.len().saturating_sub(MAX_SAID)..].join("\n")
    }
}

impl Drop for Fleet {
    fn drop(&mut self) {
        self.workers.clear();
        if std::thread::panicking() {
            let kept = self.bench.keep();
            super::settings::say(&format!("the store and what was said are kept in {}", kept.display()));
        }
    }
}

/// Something that is done by a command, killed now and then, and repeated until it is done.
pub struct Errand {
    args: Vec<String>,
    due: Instant,
    running: Option<(Running, Option<Instant>)>,
    tries: usize,
    was_killed: bool,
    /// How often it is done again after it was done.
    again: u64,
}

/// What a look at an errand found.
pub enum Went {
    On,
    /// It was killed.
    Killed,
    Done,
}

impl Errand {
    /// Tries of one errand, killed ones included.
    const MAX_TRIES: usize = 50;
    /// Kills of one errand.
    const MAX_KILLS: usize = 4;

    pub fn new(args: &[&str], due: Instant, again: u64) -> Self {
        let args = args.iter().map(|arg| (*arg).to_owned()).collect();
        Self { args, due, running: None, tries: 0, was_killed: false, again }
    }

    /// The task that it cancels, if that is what it does.
    pub fn cancels(&self) -> Option<TaskId> {
        (self.args[0] == "cancel").then(|| self.args[1].parse().unwrap())
    }

    /// Its time has not come yet.
    pub fn put_off(&mut self) {
        self.due = Instant::now() + Duration::from_millis(100);
    }

    pub fn is_running(&self) -> bool {
        self.running.is_some()
    }

    pub fn is_due(&self) -> bool {
        self.running.is_none() && self.due <= Instant::now()
    }

    /// Starts it; it may be killed if `kills`.
    pub fn start(&mut self, fleet: &Fleet, kills: bool, random: &mut Random) {
        self.tries += 1;
        assert!(self.tries < Self::MAX_TRIES, "{:?} is never done: {}", self.args, fleet.said());
        let args: Vec<&str> = self.args.iter().map(String::as_str).collect();
        let kill = kills && self.tries <= Self::MAX_KILLS && random.chance(40);
        let kill = kill.then(|| Instant::now() + random.millis(3, 50));
        self.running = Some((fleet.start(&args), kill));
    }

    /// Looks how far it has come.
    pub fn tend(&mut self) -> Went {
        let Some((running, kill)) = &mut self.running else { return Went::On };
        if let Some(how) = running.ended() {
            self.running = None;
            self.due = Instant::now() + Duration::from_millis(50);
            return match how.code() {
                Some(0) if self.again > 0 => {
                    self.again -= 1;
                    Went::On
                }
                Some(0) => Went::Done,
                // The killed process had already done it. A cancel is then refused: it needs no key.
                Some(3) if self.was_killed && self.args[0] == "cancel" => Went::Done,
                // A dead process still holds the task, until its lease is over.
                Some(3) => Went::On,
                _ => panic!("{:?} ended with {how}", self.args),
            };
        }
        if kill.is_some_and(|at| at <= Instant::now()) {
            running.kill();
            self.running = None;
            self.was_killed = true;
            return Went::Killed;
        }
        Went::On
    }
}
