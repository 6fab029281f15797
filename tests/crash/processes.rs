//! Real processes on one store, killed again and again.

use std::sync::Arc;
use std::time::{Duration, Instant};

use opsflow::clock::{Clock, SystemClock};
use opsflow::storage::Durability;
use opsflow::{Filter, Opsflow, Sqlite, Status, Storage, attributes};

use crate::cli::Bench;

use super::check::check;
use super::fleet::{Errand, Fleet, IN_FLIGHT, Went};
use super::kinds::{ANSWER, ANSWER_KEY, FLOWS, Handed, Kind, NUMBERS, mixed};
use super::ledger::{Death, Ledger};
use super::random::Random;
use super::settings;

/// The arguments of the commands.
const CONFIG: &str = "storage: sqlite:tasks.db\nflows: flows\nallow: [files=ledger]\nquiet: true\nlease: 5s\n";
/// Longer than that lease.
const LEASE_OVER: Duration = Duration::from_millis(5500);
/// Where the steps write.
const LINES: &str = "ledger/lines";
/// Workers on the store.
const WORKERS: usize = 3;
/// Errands under way at once.
const ERRANDS: usize = 2;
/// How long all tasks may take to end once the killing is over.
const DRAIN: Duration = Duration::from_secs(60);
/// A look at everything.
const TICK: Duration = Duration::from_millis(2);
/// A look at how much is left.
const COUNT: Duration = Duration::from_millis(100);

/// One round.
struct Storm {
    fleet: Fleet,
    random: Random,
    runtime: tokio::runtime::Runtime,
    storage: Arc<dyn Storage>,
    ops: Opsflow,
    handed: Vec<Handed>,
    errands: Vec<Errand>,
    /// How many bytes had been written when somebody died, and how many steps that one had in flight at most.
    deaths: Vec<(u64, usize)>,
    died: Instant,
}

impl Storm {
    fn new(seed: u64) -> Self {
        let bench = Bench::new();
        bench.write("opsflow.yml", CONFIG);
        bench.write("flows/flows.yml", FLOWS);
        bench.write(LINES, "");
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let (storage, ops) = runtime.block_on(async {
            let options = Sqlite::options().durability(Durability::Normal);
            let storage: Arc<dyn Storage> = Arc::new(options.open(bench.path("tasks.db")).await.unwrap());
            let builder = Opsflow::builder().flows(bench.path("flows")).unwrap();
            let ops = builder.storage(Arc::clone(&storage)).build().await.unwrap();
            (storage, ops)
        });
        Self {
            fleet: Fleet::new(bench, WORKERS),
            random: Random::new(seed),
            runtime,
            storage,
            ops,
            handed: Vec::new(),
            errands: Vec::new(),
            deaths: Vec::new(),
            died: Instant::now(),
        }
    }

    /// Starts a task, and the errands that act on it.
    fn hand_over(&mut self, kind: &'static Kind, number: i64) {
        let task = self.runtime.block_on(self.ops.later(kind.flow, attributes! { number: number })).unwrap();
        self.handed.push(Handed { id: task.id, kind, number });
        let id = task.id.to_string();
        let due = Instant::now() + self.random.millis(0, 2000);
        match kind.flow {
            "asks" => {
                let by = format!("by={ANSWER}");
                let args = ["interact", &id, "answer!", "--set", &by, "--key", ANSWER_KEY];
                let again = u64::from(self.random.chance(50));
                self.errands.push(Errand::new(&args, due, again));
            }
            "parks" => self.errands.push(Errand::new(&["cancel", &id], due, 0)),
            _ => {}
        }
    }

    fn note_death(&mut self, in_flight: usize) {
        let bytes = std::fs::metadata(self.fleet.path(LINES)).unwrap().len();
        self.deaths.push((bytes, in_flight));
        self.died = Instant::now();
    }

    /// Looks after workers and errands.
    fn tend(&mut self, kills: bool) {
        for _ in 0..self.fleet.tend(kills, &mut self.random) {
            self.note_death(IN_FLIGHT);
        }
        let mut running = self.errands.iter().filter(|errand| errand.is_running()).count();
        let mut place = 0;
        while place < self.errands.len() {
            let ready = running < ERRANDS && self.errands[place].is_due() && self.may_start(place);
            let errand = &mut self.errands[place];
            if ready {
                errand.start(&self.fleet, kills, &mut self.random);
                running += 1;
            }
            match errand.tend() {
                Went::On => place += 1,
                Went::Killed => self.note_death(1),
                Went::Done => drop(self.errands.remove(place)),
            }
        }
    }

    /// A task of `parks` is cancelled once it waits: only then is its history the one that is expected.
    fn may_start(&mut self, place: usize) -> bool {
        let Some(id) = self.errands[place].cancels() else { return true };
        let task = self.runtime.block_on(self.storage.task(id)).unwrap().unwrap();
        if task.state != "never?" {
            self.errands[place].put_off();
            return false;
        }
        true
    }

    fn unfinished(&self) -> u64 {
        let count = |status| async move {
            let filter = Filter { statuses: vec![status], ..Filter::default() };
            self.storage.count(&filter).await.unwrap()
        };
        self.runtime.block_on(async { count(Status::Active).await + count(Status::Waiting).await })
    }

    /// Kills for a while, then waits until all has ended.
    fn rage(&mut self, tasks: u64, killing: Duration, about: &str) {
        let began = Instant::now();
        let mut plan: Vec<(Duration, &Kind, i64)> = mixed(tasks)
            .zip((1..).map(|place| place * NUMBERS))
            .map(|(kind, number)| (killing.mul_f64(self.random.number(0, 900) as f64 / 1000.0), kind, number))
            .collect();
        plan.sort_by_key(|(at, ..)| std::cmp::Reverse(*at));
        let mut look = killing;
        loop {
            let passed = began.elapsed();
            assert!(passed < killing + DRAIN, "{about}: {} tasks never end", self.unfinished());
            while let Some((_, kind, number)) = plan.pop_if(|(at, ..)| *at <= passed) {
                self.hand_over(kind, number);
            }
            self.tend(passed < killing);
            if passed >= look {
                if plan.is_empty() && self.errands.is_empty() && self.unfinished() == 0 {
                    return;
                }
                look = passed + COUNT;
            }
            std::thread::sleep(TICK);
        }
    }

    /// Compares what is stored with what is expected.
    fn judge(mut self, about: &str) {
        self.fleet.end();
        let said = std::fs::read_to_string(self.fleet.path("stderr")).unwrap();
        assert!(!said.contains("panicked"), "{about}: {said}");
        // The lease of a dead process is over.
        std::thread::sleep((self.died + LEASE_OVER).saturating_duration_since(Instant::now()));
        let written = std::fs::read_to_string(self.fleet.path(LINES)).unwrap();
        let lines_until =
            |bytes: u64| written.bytes().take(usize::try_from(bytes).unwrap()).filter(|b| *b == b'\n').count();
        let deaths =
            self.deaths.iter().map(|(bytes, in_flight)| Death { lines: lines_until(*bytes), in_flight: *in_flight });
        let lines = written.split('\n').skip(1).map(str::to_owned);
        let ledger = Ledger { lines: lines.collect(), deaths: deaths.collect() };
        let repeats = self.runtime.block_on(check(&*self.storage, &self.handed, &ledger, SystemClock.now(), about));
        let Fleet { killed, told, .. } = self.fleet;
        let errands = self.deaths.iter().filter(|(_, in_flight)| *in_flight == 1).count();
        settings::say(&format!(
            "{about}: {} tasks, {} lines, {repeats} of them again; {killed} workers and {errands} commands killed, {told} \
             workers told to end",
            self.handed.len(),
            ledger.lines.len(),
        ));
        assert!(killed > 0, "{about}: nobody was killed");
    }
}

#[test]
fn workers_may_be_killed_at_any_time() {
    let first = settings::seed();
    for round in 0..settings::rounds(1) {
        let seed = first.wrapping_add(round);
        let about = format!("OPSFLOW_CRASH_SEED={seed}");
        settings::say(&about);
        let mut storm = Storm::new(seed);
        storm.rage(settings::tasks(300), settings::killing(Duration::from_secs(6)), &about);
        storm.judge(&about);
    }
}
