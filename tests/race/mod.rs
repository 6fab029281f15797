//! Many hands on the same few tasks, through two processes over one store. Whoever is first: no transition is lost, and
//! none is doubled.
//!
//! `OPSFLOW_RACE_ROUNDS` says how many races there are for each storage, `OPSFLOW_RACE_SEED` what their actors do. Who is
//! first, no seed says.

mod actors;
mod check;
mod scene;

use std::sync::Arc;
use std::sync::atomic::AtomicI64;

use opsflow::storage::Durability;
use opsflow::{Map, Memory, Sqlite, Storage};

use actors::{Chance, Race, live};
use check::check;
use scene::Scene;

/// Actors of a race.
const ACTORS: u64 = 8;
/// What each of them does.
const ACTS: usize = 60;
/// Tasks they work on.
const TASKS: usize = 3;

#[test]
fn many_hands_on_tasks_in_memory_lose_and_double_nothing() {
    races(async |_| {
        let memory: Arc<dyn Storage> = Arc::new(Memory::new());
        [Arc::clone(&memory), memory]
    });
}

#[test]
fn many_hands_of_two_processes_on_one_sqlite_file_lose_and_double_nothing() {
    races(async |folder| {
        let open = async || {
            let options = Sqlite::options().durability(Durability::Normal);
            Arc::new(options.open(folder.join("tasks.db")).await.unwrap()) as Arc<dyn Storage>
        };
        [open().await, open().await]
    });
}

/// Runs some races; in every other one the clock jumps beyond leases.
fn races(open: impl AsyncFn(&std::path::Path) -> [Arc<dyn Storage>; 2]) {
    let seed = crate::number("OPSFLOW_RACE_SEED").unwrap_or_else(crate::any_seed);
    let rounds = crate::number("OPSFLOW_RACE_ROUNDS").unwrap_or(2);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(4).enable_all().build().unwrap();
    for round in 0..rounds {
        let folder = tempfile::tempdir().unwrap();
        let outcome = runtime.block_on(async {
            let scene = Scene::new(open(folder.path()).await).await;
            race(scene, seed.wrapping_add(round), round % 2 == 1).await
        });
        match outcome {
            Ok(entries) => say(&format!("OPSFLOW_RACE_SEED={seed}, round {round}: {entries} history entries")),
            Err(why) => panic!("OPSFLOW_RACE_SEED={seed}, round {round}:\n{why}"),
        }
    }
}

async fn race(scene: Scene, seed: u64, jumps: bool) -> Result<usize, String> {
    let mut tasks = Vec::new();
    for _ in 0..TASKS {
        tasks.push(scene.processes[0].call("counter", Map::new()).await.map_err(|why| why.to_string())?.id);
    }
    let race = Arc::new(Race { scene, tasks, jumps, numbers: AtomicI64::new(1) });
    let mut actors = tokio::task::JoinSet::new();
    for actor in 0..ACTORS {
        actors.spawn(live(Arc::clone(&race), Chance::new(seed.wrapping_mul(1_000).wrapping_add(actor)), ACTS));
    }
    let mut answers = Vec::new();
    for lived in actors.join_all().await {
        answers.extend(lived?);
    }
    // Unfinished work continues once its lease is over.
    race.scene.clock.advance("31s".parse().unwrap());
    for ops in race.scene.processes.iter().chain(&race.scene.processes) {
        ops.run_due(&[]).await.map_err(|why| why.to_string())?;
    }
    let (wrongs, entries) = check(&race, &answers).await;
    if wrongs.0.is_empty() { Ok(entries) } else { Err(wrongs.0.join("\n")) }
}

/// Prints the figures of a run; seen with `--nocapture`.
#[expect(clippy::print_stdout, reason = "the seed of a run is part of what it says")]
fn say(text: &str) {
    println!("{text}");
}
