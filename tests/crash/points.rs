//! A process that dies at every commit point: its storage stops at the n-th write, before or after it, for every n. The
//! next one goes on over what is stored, and may die as well.

use std::sync::{Arc, LazyLock, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use chrono::TimeDelta;
use opsflow::clock::{Clock, SystemClock, VirtualClock};
use opsflow::flow::CheckContext;
use opsflow::host::{Capability, Host, Machine, Signature};
use opsflow::storage::Durability;
use opsflow::storage::suite::{CrashPoint, Faulty};
use opsflow::task::Outcome;
use opsflow::{
    Error, Filter, Library, Memory, Name, Opsflow, Source, Sqlite, Status, Storage, Timestamp, Value, WorkerConfig,
    attributes,
};
use tempfile::TempDir;
use tokio::sync::oneshot;
use tokio::task::JoinSet;

use super::check::check;
use super::kinds::{ANSWER, ANSWER_KEY, FLOWS, Handed, Kind, NUMBERS, kind, mixed};
use super::ledger::{Death, Ledger};
use super::random::Random;
use super::settings;

/// How many looks at what is due, with a pause between two, until all tasks must have ended.
const MAX_LOOKS: usize = 50;
/// How many checks of a worker's progress until all tasks must have ended.
const MAX_GLANCES: usize = 3_000;
/// The time between two.
const GLANCE: Duration = Duration::from_millis(20);
/// Writes of a worker at which it dies, one after the other.
const MAX_WRITES: u64 = 120;
/// The while.
const WHILE: opsflow::Duration = opsflow::Duration::from_millis(150);
/// Longer than a lease.
const LEASE_OVER: opsflow::Duration = opsflow::Duration::from_secs(31);
/// The most steps a process has in flight: `MAX_AT_ONCE`.
const IN_FLIGHT: usize = 16;

/// The world outside: the capability `files`, that keeps lines.
#[derive(Clone, Default)]
struct Outside(Arc<Mutex<Vec<String>>>);

#[async_trait]
impl Capability for Outside {
    fn name(&self) -> Name {
        "files".into()
    }

    fn functions(&self) -> Vec<Signature> {
        vec![Signature { name: "append".into(), arity: 2..=3 }]
    }

    async fn call(&self, _function: &str, arguments: &[Value]) -> Outcome {
        self.0.lock().unwrap().push(arguments[1].to_text().trim().to_owned());
        // Others come between the call and its outcome.
        tokio::task::yield_now().await;
        Ok(Value::Unit)
    }
}

/// How a task is handed over.
#[derive(Clone, Copy, Debug)]
enum Way {
    /// It is run at once.
    Call,
    /// It is left for whoever looks at what is due.
    Later,
}

/// A clock that can be turned. It stands otherwise, or goes on as the machine's does.
struct Turned {
    goes: bool,
    hands: VirtualClock,
    began: Timestamp,
}

impl Turned {
    fn new(goes: bool) -> Arc<Self> {
        let began = SystemClock.now();
        Arc::new(Self { goes, hands: VirtualClock::new(began), began })
    }
}

impl Clock for Turned {
    fn now(&self) -> Timestamp {
        let passed = if self.goes { SystemClock.now() - self.began } else { TimeDelta::zero() };
        self.hands.now() + passed
    }
}

/// What outlives every process.
struct World {
    storage: Arc<dyn Storage>,
    clock: Arc<Turned>,
    outside: Outside,
    plan: Vec<(&'static Kind, i64, Way)>,
    handed: Vec<Handed>,
    deaths: Vec<Death>,
}

impl World {
    fn new(storage: Arc<dyn Storage>, plan: impl IntoIterator<Item = (&'static Kind, Way)>) -> Self {
        Self {
            storage,
            clock: Turned::new(false),
            outside: Outside::default(),
            plan: (1..).zip(plan).map(|(place, (kind, way))| (kind, place * NUMBERS, way)).collect(),
            handed: Vec::new(),
            deaths: Vec::new(),
        }
    }

    /// A process over `storage`.
    async fn process(&self, storage: Arc<dyn Storage>) -> Opsflow {
        let builder = Opsflow::builder().clock(Arc::clone(&self.clock)).capability(self.outside.clone());
        builder.library(library()).storage(storage).build().await.unwrap()
    }

    /// The same with a worker that stays in each process, and time that passes by itself.
    fn with_worker(self) -> Self {
        Self { clock: Turned::new(true), ..self }
    }

    /// Does all there is to do until every task has ended, or the storage fails.
    async fn drive(&mut self, ops: &Opsflow) -> Result<(), Error> {
        if !self.clock.goes {
            return self.look_after(ops).await;
        }
        let (stop, told) = oneshot::channel::<()>();
        let worker = tokio::spawn({
            let ops = ops.clone();
            async move { ops.work(WorkerConfig::default(), async { told.await.unwrap_or_default() }).await }
        });
        let outcome = self.look_after(ops).await;
        let is_dead = outcome.is_err();
        if is_dead {
            worker.abort();
        }
        drop(stop);
        let worked = worker.await;
        assert!(is_dead || worked.is_ok(), "{worked:?}");
        outcome
    }

    async fn look_after(&mut self, ops: &Opsflow) -> Result<(), Error> {
        let mut answered = Vec::new();
        for look in 0..if self.clock.goes { MAX_GLANCES } else { MAX_LOOKS } {
            while let Some((kind, number, way)) = self.plan.pop() {
                let given = attributes! { number: number };
                let outcome = match way {
                    Way::Call => ops.call(kind.flow, given).await,
                    Way::Later => ops.later(kind.flow, given).await,
                };
                // It may be stored although no answer came.
                self.find_handed().await;
                if self.handed.iter().all(|task| task.number != number) {
                    self.plan.push((kind, number, way));
                }
                outcome?;
            }
            if look > 0 && !self.clock.goes {
                ops.run_due(&[]).await?;
            }
            for task in &self.handed {
                match task.kind.flow {
                    "asks" if !answered.contains(&task.id) => {
                        let answer = attributes! { by: ANSWER };
                        ops.interact(task.id, "answer!", answer.clone(), Some(ANSWER_KEY)).await?;
                        ops.interact(task.id, "answer!", answer, Some(ANSWER_KEY)).await?;
                        answered.push(task.id);
                    }
                    "parks" if ops.task(task.id).await?.state == "never?" => match ops.cancel(task.id).await {
                        Ok(_) | Err(Error::Refused { .. }) => {}
                        Err(error) => return Err(error),
                    },
                    _ => {}
                }
            }
            let unfinished = [Status::Active, Status::Waiting];
            let mut left = 0;
            for status in unfinished {
                left += self.storage.count(&Filter { statuses: vec![status], ..Filter::default() }).await?;
            }
            if left == 0 {
                return Ok(());
            }
            if self.clock.goes {
                tokio::time::sleep(GLANCE).await;
                // A worker outlives errors of its storage; this one has died.
                ops.find(&Filter { limit: Some(1), ..Filter::default() }).await?;
            } else {
                self.clock.hands.advance(WHILE);
            }
        }
        Ok(())
    }

    /// Takes note of the tasks that are stored.
    async fn find_handed(&mut self) {
        for task in self.storage.tasks(&Filter::default()).await.unwrap() {
            if task.parent_id.is_none() && self.handed.iter().all(|handed| handed.id != task.id) {
                let Some(Value::Integer(number)) = task.attributes.by_name("number").cloned() else {
                    panic!("{task:?}")
                };
                self.handed.push(Handed { id: task.id, kind: kind(&task.flow), number: number - number % NUMBERS });
            }
        }
    }

    /// Lets a process die at its `at`-th write. False if all was done before.
    async fn die(&mut self, at: u64, stop: CrashPoint) -> bool {
        let faulty = Arc::new(Faulty::new(Arc::clone(&self.storage), at, stop));
        let ops = self.process(Arc::clone(&faulty) as _).await;
        let outcome = self.drive(&ops).await;
        drop(ops);
        if !faulty.has_stopped() {
            outcome.unwrap();
            return false;
        }
        self.deaths.push(Death { lines: self.outside.0.lock().unwrap().len(), in_flight: IN_FLIGHT });
        self.clock.hands.advance(LEASE_OVER);
        true
    }

    /// The last process lives, and everything must be as if none had died.
    async fn end(mut self, about: &str) -> usize {
        let ops = self.process(Arc::clone(&self.storage)).await;
        self.drive(&ops).await.unwrap();
        let ledger = Ledger { lines: self.outside.0.lock().unwrap().clone(), deaths: self.deaths };
        check(&*self.storage, &self.handed, &ledger, self.clock.now(), about).await
    }
}

/// The flows, which are checked once for all.
fn library() -> Library {
    static LIBRARY: LazyLock<Library> = LazyLock::new(|| {
        let context = CheckContext { functions: Machine::new().functions(), ..CheckContext::default() };
        let library = Library::of_sources([Arc::new(Source::new("flows.yml", FLOWS))], &context);
        assert!(library.findings().is_empty(), "{:?}", library.findings());
        library
    });
    LIBRARY.clone()
}

/// Each kind of task once.
fn one_of_each() -> impl Iterator<Item = &'static Kind> {
    super::kinds::KINDS.iter().map(|each| kind(each.flow))
}

#[tokio::test]
async fn a_process_may_die_at_every_write() {
    let mut repeats = 0;
    for way in [Way::Call, Way::Later] {
        for stop in [CrashPoint::Before, CrashPoint::After] {
            let mut at = 1;
            loop {
                let mut world = World::new(Arc::new(Memory::new()), one_of_each().map(|kind| (kind, way)));
                if !world.die(at, stop).await {
                    break;
                }
                repeats += world.end(&format!("{way:?}: it died {stop:?} write {at}")).await;
                at += 1;
            }
            assert!(at > 60, "{way:?}: only {at} writes");
        }
    }
    // Those calls whose outcomes were not stored were made again.
    assert!(repeats > 10, "{repeats}");
}

/// All worlds at once: what they do is to wait, mostly.
#[tokio::test]
async fn a_worker_that_stays_may_die_at_every_write() {
    let mut worlds = JoinSet::new();
    for at in 1..=MAX_WRITES {
        let stop = if at % 2 == 0 { CrashPoint::Before } else { CrashPoint::After };
        worlds.spawn(async move {
            let plan = one_of_each().map(|kind| (kind, Way::Later));
            let mut world = World::new(Arc::new(Memory::new()), plan).with_worker();
            let has_died = world.die(at, stop).await;
            let repeats = world.end(&format!("a worker died {stop:?} write {at}")).await;
            (usize::from(has_died), repeats)
        });
    }
    let (mut deaths, mut repeats) = (0, 0);
    for (died, again) in worlds.join_all().await {
        deaths += died;
        repeats += again;
    }
    assert!(deaths > 60 && repeats > 3, "{deaths} deaths, {repeats} repeats");
}

#[tokio::test]
async fn those_that_go_on_may_die_as_well() {
    let seed = settings::seed();
    let mut deaths = 0;
    for round in 0..settings::rounds(40) {
        let about = format!("OPSFLOW_CRASH_SEED={seed}, round {round}");
        let mut random = Random::new(seed.wrapping_add(round));
        let plan: Vec<(&Kind, Way)> = mixed(random.number(1, 30))
            .map(|kind| (kind, if random.chance(30) { Way::Call } else { Way::Later }))
            .collect();
        let folder = TempDir::new().unwrap();
        let storage: Arc<dyn Storage> = if random.chance(20) {
            let options = Sqlite::options().durability(Durability::Normal);
            Arc::new(options.open(folder.path().join("tasks.db")).await.unwrap())
        } else {
            Arc::new(Memory::new())
        };
        let mut world = World::new(storage, plan);
        for _ in 0..random.number(1, 20) {
            let stop = if random.chance(50) { CrashPoint::Before } else { CrashPoint::After };
            if !world.die(random.number(1, 60), stop).await {
                break;
            }
            deaths += 1;
        }
        world.end(&about).await;
    }
    settings::say(&format!("OPSFLOW_CRASH_SEED={seed}: {deaths} deaths at a write"));
}
