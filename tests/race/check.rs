//! What must be true of histories, attributes, answers and calls when all is quiet, whoever was first.

use std::collections::BTreeMap;

use opsflow::task::{Cause, Change};
use opsflow::{Filter, Status, Storage as _, Task, TaskId, Transition, Value};

use super::actors::{Answer, Race, Told};

/// How long a wait of `counter` sleeps at least before its timer comes, in milliseconds.
const TICK: i64 = 5_000;

/// Everything that is wrong.
#[derive(Default)]
pub(super) struct Wrongs(pub(super) Vec<String>);

impl Wrongs {
    fn unless(&mut self, holds: bool, what: impl FnOnce() -> String) {
        if !holds {
            self.0.push(what());
        }
    }
}

/// Checks everything; returns what is wrong, and how many history entries there are.
pub(super) async fn check(race: &Race, answers: &[Answer]) -> (Wrongs, usize) {
    let mut wrongs = Wrongs::default();
    let mut histories = BTreeMap::new();
    let tasks = race.scene.storage.tasks(&Filter::default()).await.unwrap();
    for task in &tasks {
        let history = race.scene.storage.history(task.id, 0, 1_000_000).await.unwrap();
        of_task(&mut wrongs, race, task, &history);
        histories.insert(task.id, history);
    }
    for task in tasks.iter().filter(|task| task.flow == "counter") {
        of_sub_tasks(&mut wrongs, task, &histories[&task.id], &tasks);
    }
    of_answers(&mut wrongs, answers, &histories);
    if !race.jumps {
        of_calls(&mut wrongs, race, &histories);
    }
    let entries = histories.values().map(Vec::len).sum();
    // A failure shows the whole of the first history that it names.
    if let Some((_, history)) =
        histories.iter().find(|(id, _)| wrongs.0.iter().any(|wrong| wrong.contains(&id.to_string())))
    {
        wrongs.0.extend(history.iter().map(|entry| {
            let (from, to) = (&entry.from, &entry.to);
            format!("{}. {} {from} → {to} ({:?} {:?}) {:?}", entry.seq, entry.at, entry.cause, entry.by, entry.changes)
        }));
    }
    (wrongs, entries)
}

/// A task's history is legal and gapless, its attributes are what the history says, its revisions without gap or repeat.
fn of_task(wrongs: &mut Wrongs, race: &Race, task: &Task, history: &[Transition]) {
    let place = |entry: &Transition| format!("{} {}, entry {}: {entry:?}", task.flow, task.id, entry.seq);
    let (first, end) = if task.flow == "counter" { ("open?", "done") } else { ("begin", "done") };
    let mut state = first.to_owned();
    let mut values: BTreeMap<String, Value> = BTreeMap::new();
    let mut ended = false;
    let mut arrived = task.created_at;
    for (at, entry) in history.iter().enumerate() {
        wrongs.unless(entry.seq == at as u64 + 1, || format!("a gap or a repeat: {}", place(entry)));
        wrongs.unless(entry.from == state.as_str(), || format!("it was in `{state}`: {}", place(entry)));
        wrongs.unless(!ended || entry.cause == Cause::Resume, || format!("after the end: {}", place(entry)));
        wrongs.unless(at == 0 || entry.at >= history[at - 1].at, || format!("back in time: {}", place(entry)));
        if entry.to == "tick" && entry.from == "open?" {
            let slept = (entry.at - arrived).num_milliseconds();
            wrongs.unless(slept >= TICK, || format!("after {slept} ms: {}", place(entry)));
        }
        for (name, change) in entry.changes.iter() {
            let known = values.get(name.as_str());
            if let (Some(known), Change::Whole(old, _)) = (known, change) {
                wrongs.unless(known == old, || format!("`{name}` was {known:?}: {}", place(entry)));
            }
            let new = change.apply(known.cloned().unwrap_or_default());
            wrongs.unless(new.is_some(), || format!("`{name}` was {known:?}: {}", place(entry)));
            values.insert(name.to_string(), new.unwrap_or_default());
        }
        if entry.to != entry.from || entry.cause == Cause::Resume {
            arrived = entry.at;
        }
        state = entry.to.to_string();
        ended = entry.cause == Cause::Cancel || entry.cause == Cause::Error || entry.to == end;
    }
    wrongs.unless(task.state == state.as_str(), || format!("{}: in `{}`, not `{state}`", task.id, task.state));
    wrongs.unless(task.has_ended() == ended, || format!("{}: {:?}, ended {ended}", task.id, task.status));
    wrongs.unless(task.status != Status::Failed, || format!("{}: {:?}", task.id, task.error));
    wrongs.unless(task.status != Status::Active, || format!("{}: active, though all is quiet", task.id));
    for (name, value) in values {
        let is = task.attributes.by_name(&name);
        wrongs.unless(is == Some(&value), || format!("{}: `{name}` is {is:?}, by its history {value:?}", task.id));
    }
    let sum: i64 = numbers(history).iter().sum();
    let total = integer(task, "total");
    wrongs.unless(total == sum, || format!("{}: `total` is {total}, by its history {sum}", task.id));
    let mut revisions = race.scene.outside.commits.lock().unwrap().get(&task.id).cloned().unwrap_or_default();
    revisions.sort_unstable();
    wrongs.unless(revisions.iter().copied().eq(1..=task.revision), || {
        format!("{}: at revision {}, commits of {revisions:?}", task.id, task.revision)
    });
}

/// The numbers of the interactions in a history, in order. One that left `last` as it was stood twice in a row.
fn numbers(history: &[Transition]) -> Vec<i64> {
    let of = |entry: &Transition| match entry.changes.get("last") {
        Some(Change::Whole(_, Value::Integer(n))) => *n,
        _ => 0,
    };
    history.iter().filter(|entry| entry.cause == Cause::Interaction).map(of).collect()
}

fn integer(task: &Task, name: &str) -> i64 {
    match task.attributes.by_name(name) {
        Some(Value::Integer(n)) => *n,
        _ => 0,
    }
}

/// Every sub-task that was started is there once, and a parent has seen each that has ended.
fn of_sub_tasks(wrongs: &mut Wrongs, task: &Task, history: &[Transition], tasks: &[Task]) {
    let parts: Vec<&Task> = tasks.iter().filter(|part| part.parent_id == Some(task.id)).collect();
    let spawned = history.iter().filter(|entry| entry.by.as_ref().is_some_and(|by| *by == "spawn!")).count();
    wrongs.unless(parts.len() == spawned, || format!("{}: {spawned} spawned, {} there", task.id, parts.len()));
    let ended = parts.iter().filter(|part| part.has_ended()).count();
    let seen = integer(task, "seen");
    if !task.has_ended() {
        wrongs.unless(seen == ended as i64, || format!("{}: {ended} sub-tasks ended, {seen} seen", task.id));
        let pending = integer(task, "pending");
        wrongs.unless(pending == 0, || format!("{}: {pending} pending, though all is quiet", task.id));
    }
    let rounds = history.iter().filter(|entry| entry.from == "work" && entry.cause == Cause::Action).count();
    let told = integer(task, "rounds");
    wrongs.unless(told == rounds as i64, || format!("{}: {told} rounds, by its history {rounds}", task.id));
    let ticks = history.iter().filter(|entry| entry.from == "tick" && entry.cause == Cause::Action).count();
    let told = integer(task, "ticks");
    wrongs.unless(told == ticks as i64, || format!("{}: {told} ticks, by its history {ticks}", task.id));
}

/// The history has what was acknowledged exactly once, what was refused never, and all repeats of a key once.
fn of_answers(wrongs: &mut Wrongs, answers: &[Answer], histories: &BTreeMap<TaskId, Vec<Transition>>) {
    let mut by_key: BTreeMap<(TaskId, &str), Vec<(i64, bool)>> = BTreeMap::new();
    let mut known: BTreeMap<TaskId, Vec<i64>> = BTreeMap::new();
    let mut cancels: BTreeMap<TaskId, usize> = BTreeMap::new();
    for answer in answers {
        match answer {
            Answer::Interacted { id, name, n, key, told } => {
                let history = &histories[id];
                let is_it = |entry: &&Transition| {
                    entry.cause == Cause::Interaction
                        && entry.by.as_ref().is_some_and(|by| *by == *name)
                        && matches!(entry.changes.get("last"), Some(Change::Whole(_, Value::Integer(last))) if last == n)
                };
                let stands: Vec<u64> = history.iter().filter(is_it).map(|entry| entry.seq).collect();
                let is_done = matches!(told, Told::Done { .. });
                if let Told::Done { seq } = told {
                    wrongs.unless(stands.len() == 1, || format!("{answer:?} stands {} times", stands.len()));
                    let is_seen = stands.first().is_none_or(|stands| stands <= seq);
                    wrongs.unless(is_seen, || format!("{answer:?} is entry {stands:?}: its answer is older"));
                }
                known.entry(*id).or_default().push(*n);
                match key {
                    None => wrongs.unless(is_done || stands.is_empty(), || format!("{answer:?} stands at {stands:?}")),
                    Some(key) => by_key.entry((*id, key)).or_default().push((*n, is_done)),
                }
            }
            Answer::Cancelled { id, told: Told::Done { .. } } => *cancels.entry(*id).or_default() += 1,
            Answer::Cancelled { .. } => {}
        }
    }
    for ((id, key), told) in by_key {
        let stand: Vec<i64> = numbers(&histories[&id]);
        let meant: Vec<i64> = told.iter().map(|(n, _)| *n).collect();
        let stands: Vec<i64> = stand.into_iter().filter(|n| meant.contains(n)).collect();
        let is_done = told.iter().any(|(_, is_done)| *is_done);
        wrongs
            .unless(stands.len() == usize::from(is_done), || format!("{id}, `{key}`: {stands:?} stand, told {told:?}"));
        let all_alike = told.iter().all(|(n, is_done)| !is_done || stands.first() == Some(n));
        wrongs
            .unless(all_alike, || format!("{id}, `{key}`: {stands:?} stands, but others were acknowledged: {told:?}"));
    }
    for (id, history) in histories {
        let stray = |n: &i64| !known.get(id).is_some_and(|known| known.contains(n));
        let strays: Vec<i64> = numbers(history).into_iter().filter(stray).collect();
        wrongs.unless(strays.is_empty(), || format!("{id}: nobody asked for {strays:?}"));
        let entries = history.iter().filter(|entry| entry.cause == Cause::Cancel).count();
        let told = cancels.get(id).copied().unwrap_or_default();
        wrongs.unless(entries == told, || format!("{id}: {told} cancels acknowledged, {entries} in the history"));
    }
}

/// Two workers never run a task at once: each body's call is made once, and once more for each retry.
fn of_calls(wrongs: &mut Wrongs, race: &Race, histories: &BTreeMap<TaskId, Vec<Transition>>) {
    for (call, count) in &*race.scene.outside.calls.lock().unwrap() {
        let resumed = histories[&call.0].iter().filter(|entry| entry.cause == Cause::Resume).count();
        wrongs.unless(*count <= 1 + resumed, || format!("{call:?} was made {count} times"));
    }
}
