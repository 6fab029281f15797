//! The actors that work on the tasks, and the answers they got.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use opsflow::{Error, Filter, Map, Task, TaskId, Value};

use super::scene::Scene;

/// Keys that the actors share, for each task.
const KEYS: u64 = 12;
/// Numbers that come with a key begin here; those of interactions without one are below.
const KEYED: i64 = 1_000_000;

/// Random numbers, the same for the same seed.
#[derive(Clone)]
pub(super) struct Chance(u64);

impl Chance {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A number below `bound`.
    pub(super) fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % bound
    }

    fn one_of<T: Copy>(&mut self, all: &[T]) -> Option<T> {
        let count = u64::try_from(all.len()).unwrap();
        (count > 0).then(|| all[usize::try_from(self.below(count)).unwrap()])
    }
}

/// What an actor did, and the answer.
#[derive(Debug)]
pub(super) enum Answer {
    Interacted { id: TaskId, name: &'static str, n: i64, key: Option<String>, told: Told },
    Cancelled { id: TaskId, told: Told },
}

#[derive(Debug)]
pub(super) enum Told {
    /// It was done: the returned task was at this history entry.
    Done { seq: u64 },
    /// It was refused, for this reason, and nothing was changed.
    Refused(#[expect(dead_code, reason = "told when a test fails")] String),
}

/// What the actors share.
pub(super) struct Race {
    pub(super) scene: Scene,
    /// The tasks. The last may be cancelled and retried.
    pub(super) tasks: Vec<TaskId>,
    /// Whether the clock jumps so far that leases end while they are held.
    pub(super) jumps: bool,
    pub(super) numbers: AtomicI64,
}

/// One actor: it does `acts` things one after the other.
pub(super) async fn live(race: Arc<Race>, mut chance: Chance, acts: usize) -> Result<Vec<Answer>, String> {
    let mut answers = Vec::new();
    for _ in 0..acts {
        let ops = &race.scene.processes[usize::try_from(chance.below(2)).unwrap()];
        let id = chance.one_of(&race.tasks).unwrap();
        let may_end = race.tasks.last() == Some(&id);
        match chance.below(100) {
            0..60 => answers.push(interact(&race, id, &mut chance).await?),
            60..70 => {
                let parts = Filter { parent_id: Some(id), ..Filter::default() };
                let parts: Vec<TaskId> = ops.find(&parts).await.map_err(why)?.iter().map(|task| task.id).collect();
                if let Some(part) = chance.one_of(&parts) {
                    let n = race.numbers.fetch_add(1, Ordering::Relaxed);
                    answers.push(interact_as(&race, part, "finish!", n, None, &mut chance).await?);
                }
            }
            70..80 => drop(told(ops.wake(id).await)?),
            80..90 => drop(ops.run_due(&[]).await.map_err(why)?),
            90..93 if may_end => answers.push(Answer::Cancelled { id, told: told(ops.cancel(id).await)? }),
            93..96 if may_end => drop(told(ops.retry(id, None).await)?),
            96..99 if race.jumps => race.scene.clock.advance("31s".parse().unwrap()),
            _ => race.scene.clock.advance("900ms".parse().unwrap()),
        }
    }
    Ok(answers)
}

async fn interact(race: &Race, id: TaskId, chance: &mut Chance) -> Result<Answer, String> {
    let may_end = race.tasks.last() == Some(&id);
    let name = match chance.below(40) {
        0..20 => "add!",
        20..32 => "push!",
        // Who is cancelled takes sub-tasks along, whose histories then end so: those are looked at elsewhere.
        32..36 if !may_end => "spawn!",
        36 if chance.below(8) == 0 => "close!",
        37..39 => "refuse!",
        _ => "add!",
    };
    if chance.below(2) == 0 {
        let n = race.numbers.fetch_add(1, Ordering::Relaxed);
        return interact_as(race, id, name, n, None, chance).await;
    }
    // The same key means the same, but for one in eight: that one must not get through if another has.
    let key = chance.below(KEYS);
    let other = i64::from(chance.below(8) == 0);
    let n = KEYED + i64::try_from(key).unwrap() * 10 + other;
    let name = if key.is_multiple_of(3) { "push!" } else { "add!" };
    interact_as(race, id, name, n, Some(format!("key-{key}")), chance).await
}

async fn interact_as(
    race: &Race,
    id: TaskId,
    name: &'static str,
    n: i64,
    key: Option<String>,
    chance: &mut Chance,
) -> Result<Answer, String> {
    let ops = &race.scene.processes[usize::try_from(chance.below(2)).unwrap()];
    let params = Map::from_iter([("n".into(), Value::Integer(n))]);
    let told = told(ops.interact(id, name, params, key.as_deref()).await)?;
    Ok(Answer::Interacted { id, name, n, key, told })
}

fn told(outcome: Result<Task, Error>) -> Result<Told, String> {
    match outcome {
        Ok(task) => Ok(Told::Done { seq: task.progress.seq }),
        Err(Error::Refused { kind, .. }) => Ok(Told::Refused(kind.to_string())),
        Err(Error::Conflict(_)) => Ok(Told::Refused("conflict".to_owned())),
        Err(other) => Err(other.to_string()),
    }
}

fn why(error: Error) -> String {
    error.to_string()
}
