//! What storing costs: one commit for each task of five states, beside bare SQLite doing the same and doing it the
//! usual way, with a commit for each state. `cargo bench --bench storage`; `--bench storage -- FOLDER` measures another
//! disk.

#![expect(clippy::print_stdout, reason = "a bench prints what it measured")]
#![expect(clippy::unwrap_used, reason = "a bench that fails may stop")]

#[path = "common/rows.rs"]
mod rows;

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use opsflow::storage::suite::{moment, next, task};
use opsflow::task::{Attribute, AttributeSet, Attributes, Checkpoint, Rules};
use opsflow::{Memory, Sqlite, Status, Storage, Value};

use rows::{Bare, STATES, done};

const ROUNDS: usize = 5;
const TASKS: usize = 400;
const CLIENTS: usize = 64;
const PARKED: usize = 200_000;
/// Bytes of data that parked tasks carry.
const OWN: [usize; 2] = [0, 1000];

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap();
    let given = std::env::args().skip(1).find(|argument| !argument.starts_with("--"));
    let folder = match given {
        Some(folder) => tempfile::tempdir_in(folder).unwrap(),
        None => tempfile::tempdir().unwrap(),
    };
    runtime.block_on(async {
        compare(folder.path()).await;
        many_clients(folder.path()).await;
        start_to_end(folder.path()).await;
        parked().await;
    });
}

/// The three ways, alternating and several times, so that none has the quieter disk.
async fn compare(folder: &Path) {
    let ours = Sqlite::open(folder.join("ours.db")).await.unwrap();
    let mut bare = [Bare::open(&folder.join("one.db")).await, Bare::open(&folder.join("five.db")).await];
    let mut best = [Duration::MAX; 3];
    for _ in 0..ROUNDS {
        let checkpoints: Vec<_> = (0..TASKS).map(|_| done()).collect();
        let start = Instant::now();
        for checkpoint in checkpoints {
            ours.commit(checkpoint).await.unwrap();
        }
        let mut took = vec![start.elapsed()];
        for (bare, commits) in bare.iter_mut().zip([1, STATES]) {
            let checkpoints: Vec<_> = (0..TASKS).map(|_| done()).collect();
            let start = Instant::now();
            checkpoints.iter().for_each(|checkpoint| bare.store(checkpoint, commits));
            took.push(start.elapsed());
        }
        best.iter_mut().zip(took).for_each(|(best, took)| *best = took.min(*best));
    }
    let [ours, one, five] = best;
    let rate = |took: Duration| TASKS as f64 / took.as_secs_f64();
    println!("one commit a task, opsflow        {:8.0} tasks/s", rate(ours));
    println!("one commit a task, bare SQLite    {:8.0} tasks/s   cost {:.3}×", rate(one), ours.div_duration_f64(one));
    println!("five commits a task, bare SQLite  {:8.0} tasks/s   gain {:.2}×", rate(five), five.div_duration_f64(ours));
}

async fn many_clients(folder: &Path) {
    let storage = Arc::new(Sqlite::open(folder.join("many.db")).await.unwrap());
    let start = Instant::now();
    let clients: Vec<_> = (0..CLIENTS)
        .map(|_| {
            let storage = Arc::clone(&storage);
            tokio::spawn(async move {
                for _ in 0..TASKS {
                    storage.commit(done()).await.unwrap();
                }
            })
        })
        .collect();
    for client in clients {
        client.await.unwrap();
    }
    let rate = (CLIENTS * TASKS) as f64 / start.elapsed().as_secs_f64();
    println!("one commit a task, {CLIENTS} clients     {rate:8.0} tasks/s");
}

async fn start_to_end(folder: &Path) {
    let mut took: Vec<Duration> = Vec::new();
    for n in 0..20 {
        let path = folder.join(format!("new_{n}.db"));
        let start = Instant::now();
        let storage = Sqlite::open(path).await.unwrap();
        storage.commit(done()).await.unwrap();
        drop(storage);
        took.push(start.elapsed());
    }
    took.sort_unstable();
    let median = took.get(took.len() / 2).map_or(0.0, |took| took.as_secs_f64() * 1000.0);
    println!("new file, one commit, close       {median:8.2} ms (median)");
}

/// What a task that sleeps costs in memory beside its own data, which is the text it carries: row, sets and tables, the task
/// itself, its first history entry and its count of visits are not its own data.
async fn parked() {
    let mut kept = Vec::new();
    for own in OWN {
        let checkpoints = Parked::new(own);
        let storage = Memory::new();
        let before = resident();
        let start = Instant::now();
        for n in 0..PARKED {
            storage.commit(checkpoints.make(n)).await.unwrap();
        }
        let rate = PARKED as f64 / start.elapsed().as_secs_f64();
        let size = resident().saturating_sub(before) / PARKED;
        println!(
            "parked in memory, {own:4} bytes each  {rate:8.0} tasks/s   {} bytes a task beside its own data",
            size.saturating_sub(own)
        );
        // Memory freed by the previous run would not be counted.
        kept.push(storage);
    }
}

/// Makes tasks that sleep and carry a text of some length, as they come from a flow.
struct Parked {
    attributes: Arc<AttributeSet>,
    own: usize,
}

impl Parked {
    fn new(own: usize) -> Self {
        let text = Attribute { name: "text".into(), rules: Rules::default(), default: None };
        Self { attributes: Arc::new(AttributeSet::new(vec![text])), own }
    }

    fn make(&self, n: usize) -> Checkpoint {
        let mut checkpoint = next(&task(), "waiting", 1);
        let task = &mut *checkpoint.task;
        (task.revision, task.status, task.wake_at) = (1, Status::Waiting, Some(moment(n as i64 % 86_400)));
        task.attributes = Attributes::new(Arc::clone(&self.attributes));
        if self.own > 0 {
            task.attributes.set(0, Value::text("x".repeat(self.own)));
        }
        // Room for eight, as the interpreter makes it.
        task.progress.visits = Vec::with_capacity(8);
        task.progress.visits.push(("start".into(), 1));
        checkpoint
    }
}

/// Bytes of memory in use, where the system tells.
fn resident() -> usize {
    let mut text = String::new();
    let Ok(mut file) = std::fs::File::open("/proc/self/statm") else { return 0 };
    std::io::Read::read_to_string(&mut file, &mut text).unwrap();
    text.split(' ').nth(1).and_then(|pages| pages.parse::<usize>().ok()).unwrap_or_default() * 4096
}
