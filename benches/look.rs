//! What the runner's look costs, whatever sleeps: when the next task is due, and claiming a few that are. And what looking
//! for old tasks costs, whatever is kept for parents that go on.
//! `cargo bench --bench look`; `--bench look -- FOLDER` measures another disk.

#![expect(clippy::print_stdout, reason = "a bench prints what it measured")]
#![expect(clippy::unwrap_used, reason = "a bench that fails may stop")]

use std::path::Path;
use std::time::{Duration, Instant};

use opsflow::storage::Durability;
use opsflow::storage::suite::{moment, next, task};
use opsflow::task::Checkpoint;
use opsflow::{Memory, Sqlite, Status, Storage, Task};

/// Tasks that sleep while the runner looks.
const SIZES: [usize; 3] = [1_000, 100_000, 1_000_000];
/// Tasks that one look finds due.
const DUE: usize = 5;
const LOOKS: usize = 200;
const ROUNDS: usize = 5;
/// Tasks stored by one commit while the storage is filled.
const GROUP: usize = 10_000;
/// Ended sub-tasks whose parent goes on.
const KEPT: usize = 100_000;
/// When the look happens, in the seconds of the suite; the parked ones wake within a day after it.
const NOW: i64 = 1_000;
const LEASE: Duration = Duration::from_secs(30);

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).build().unwrap();
    let given = std::env::args().skip(1).find(|argument| !argument.starts_with("--"));
    let folder = match given {
        Some(folder) => tempfile::tempdir_in(folder).unwrap(),
        None => tempfile::tempdir().unwrap(),
    };
    runtime.block_on(async {
        let memory = SIZES.map(|_| Memory::new());
        compare("in memory", &memory).await;
        drop(memory);
        kept_for_parents("in memory", &Memory::new()).await;
        let mut files = Vec::new();
        for size in SIZES {
            files.push(file(folder.path(), size).await);
        }
        compare("on SQLite", &files).await;
        kept_for_parents("on SQLite", &file(folder.path(), 0).await).await;
        for (size, file) in SIZES.into_iter().zip(files) {
            drop(file);
            let bytes = std::fs::metadata(path(folder.path(), size)).unwrap().len();
            println!("  {size:9} parked: {:6.0} bytes a task in the file", bytes as f64 / size as f64);
        }
    });
}

fn path(folder: &Path, size: usize) -> std::path::PathBuf {
    folder.join(format!("{size}.db"))
}

async fn file(folder: &Path, size: usize) -> Sqlite {
    Sqlite::options().durability(Durability::Normal).open(path(folder, size)).await.unwrap()
}

/// A task as it sleeps until `wakes`, with a history of one entry. Its id is as those of called tasks: newer is greater.
fn parked(wakes: i64) -> Task {
    let checkpoint = next(&Task { id: uuid::Uuid::now_v7(), ..task() }, "waiting", 1);
    Task { revision: 1, status: Status::Waiting, wake_at: Some(moment(wakes)), ..*checkpoint.task }
}

async fn fill(storage: &impl Storage, size: usize) {
    for first in (0..size).step_by(GROUP) {
        let last = (first + GROUP).min(size);
        let parked = |n: usize| parked(NOW + 1 + n as i64 % 86_400);
        let checkpoint = Checkpoint {
            sub_tasks: (first + 1..last).map(parked).collect(),
            ..Checkpoint::of(Box::new(parked(first)))
        };
        storage.commit(checkpoint).await.unwrap();
    }
    assert_eq!(storage.count(&opsflow::Filter::default()).await.unwrap(), size as u64);
}

/// Fills the storages, and looks at them in turn, so that none has the quieter machine.
async fn compare(place: &str, storages: &[impl Storage]) {
    println!("{LOOKS} looks that find {DUE} due tasks each, {place}, best of {ROUNDS}:");
    for (size, storage) in SIZES.iter().zip(storages) {
        let start = Instant::now();
        fill(storage, *size).await;
        println!("  {size:9} parked: filled in {:6.2} s", start.elapsed().as_secs_f64());
    }
    let mut best = SIZES.map(|_| Duration::MAX);
    for _ in 0..ROUNDS {
        for (storage, best) in storages.iter().zip(&mut best) {
            *best = look(storage).await.min(*best);
        }
    }
    let micros = |took: &Duration| took.as_secs_f64() * 1e6;
    let [least, ..] = best;
    for (size, took) in SIZES.iter().zip(&best) {
        println!("  {size:9} parked: {:8.2} µs a look  {:.2} x", micros(took), took.div_duration_f64(least));
    }
}

/// The median of many looks, each of which finds a few tasks that have just come due.
async fn look(storage: &impl Storage) -> Duration {
    let mut took = Vec::with_capacity(LOOKS);
    for _ in 0..LOOKS {
        for n in 0..DUE {
            let due = Checkpoint::of(Box::new(parked(NOW - n as i64)));
            storage.commit(due).await.unwrap();
        }
        let start = Instant::now();
        assert!(storage.next_due(&opsflow::storage::Wanted::all()).await.unwrap() <= Some(moment(NOW)));
        let claimed = storage.claim_due(moment(NOW), &opsflow::storage::Wanted::all(), 2 * DUE, LEASE).await.unwrap();
        took.push(start.elapsed());
        assert_eq!(claimed.len(), DUE);
        for one in claimed {
            assert!(storage.delete(one.task.id, moment(NOW + 60)).await.unwrap());
        }
    }
    took.sort_unstable();
    took.get(LOOKS / 2).copied().unwrap_or_default()
}

/// Looks for old tasks where all that are old enough are sub-tasks whose parent goes on.
async fn kept_for_parents(place: &str, storage: &impl Storage) {
    let parent = parked(NOW);
    let old = |_| Task {
        parent_id: Some(parent.id),
        status: Status::Completed,
        wake_at: None,
        delete_at: Some(moment(0)),
        ..parked(NOW)
    };
    for _ in 0..KEPT / GROUP {
        let parked = Checkpoint::of(Box::new(parked(NOW)));
        storage.commit(Checkpoint { sub_tasks: (0..GROUP).map(old).collect(), ..parked }).await.unwrap();
    }
    storage.commit(Checkpoint::of(Box::new(parent.clone()))).await.unwrap();
    let mut took = Vec::new();
    for _ in 0..LOOKS {
        let start = Instant::now();
        assert_eq!(storage.delete_old(moment(NOW), 1_000).await.unwrap(), 0);
        took.push(start.elapsed());
    }
    let first = took.first().map_or(0.0, Duration::as_secs_f64);
    took.sort_unstable();
    let median = took.get(LOOKS / 2).map_or(0.0, Duration::as_secs_f64);
    println!("looking for old tasks, {KEPT} kept for a parent, {place}:");
    println!("  the first time {:.1} ms, then {:.2} µs", first * 1e3, median * 1e6);
    let mut ends = next(&parent, "done", 2);
    ends.transitions.clear();
    ends.task.status = Status::Completed;
    let start = Instant::now();
    storage.commit(ends).await.unwrap();
    println!("  the parent's end {:.1} ms", start.elapsed().as_secs_f64() * 1e3);
    assert_eq!(storage.delete_old(moment(NOW), KEPT).await.unwrap(), KEPT);
}
