//! Checks of notes.

use serde_json::{Value as Json, json};

use crate::name::Name;
use crate::storage::{MAX_NOTE_BYTES, MAX_NOTE_NAME_BYTES, Storage, StorageError};

use super::sample::together;
use super::{CheckResult, EmptyStorage, ensure, ensure_eq, good, promises};

promises! {
    "a note is read as it was stored" => it_is_read_as_it_was_stored,
    "notes are listed by the beginning of their names" => notes_are_listed,
    "a note changes only from what was read" => it_changes_from_what_was_read,
    "of many that change one note, one does" => one_changes_it,
    "a note has a bound" => it_has_a_bound,
}

async fn it_is_read_as_it_was_stored(fresh: EmptyStorage) -> CheckResult {
    ensure_eq!(good(fresh.note("a").await)?, None, "what nobody stored");
    let notes = [
        ("a", json!({ "rule": "0 3 * * *", "at": 1_795_000_000_000_i64, "of": null, "list": [1, -2, 0.5, true] })),
        ("a/é '%_ \u{1f409}", json!("é '\"%\n \u{1f409}")),
        ("", json!(18_446_744_073_709_551_615_u64)),
        ("null", Json::Null),
    ];
    for (name, note) in &notes {
        ensure!(good(fresh.set_note(name, None, Some(note)).await)?, "`{name}` was not stored");
    }
    for (name, note) in &notes {
        ensure_eq!(good(fresh.note(name).await)?.as_ref(), Some(note), "a note");
    }
    ensure_eq!(good(fresh.note("A").await)?, None, "a note of another name");
    Ok(())
}

async fn notes_are_listed(fresh: EmptyStorage) -> CheckResult {
    let names = ["webhook/b", "token/%", "token/a", "token/a/b", "token", "token0", "toke\u{10ffff}", "", "é/1"];
    for name in names {
        good(fresh.set_note(name, None, Some(&json!(name))).await)?;
    }
    for prefix in ["token/", "token", "", "tok_n", "%", "webhook/b", "x", "é", "toke\u{10ffff}"] {
        let mut expected: Vec<(Name, Json)> = Vec::new();
        expected.extend(names.iter().filter(|name| name.starts_with(prefix)).map(|n| (Name::new(n), json!(n))));
        expected.sort_unstable_by(|(one, _), (two, _)| one.cmp(two));
        ensure_eq!(good(fresh.notes(prefix).await)?, expected, "the notes");
    }
    Ok(())
}

async fn it_changes_from_what_was_read(fresh: EmptyStorage) -> CheckResult {
    let (one, two) = (json!({ "n": 1, "to": "a" }), json!({ "n": 2, "to": "a" }));
    ensure!(!good(fresh.set_note("n", Some(&one), Some(&two)).await)?, "it went on from what nobody stored");
    ensure_eq!(good(fresh.note("n").await)?, None, "what was refused");
    ensure!(good(fresh.set_note("n", None, Some(&one)).await)?, "the first was not stored");
    for before in [None, Some(&two), Some(&Json::Null)] {
        ensure!(!good(fresh.set_note("n", before, Some(&two)).await)?, "it went on from {before:?}");
        ensure!(!good(fresh.set_note("n", before, None).await)?, "it was removed, where {before:?} was read");
        ensure_eq!(good(fresh.note("n").await)?.as_ref(), Some(&one), "the note");
    }
    let same = json!({ "to": "a", "n": 1 });
    ensure!(good(fresh.set_note("n", Some(&same), Some(&two)).await)?, "it did not go on from what was read");
    ensure!(good(fresh.set_note("n", Some(&two), None).await)?, "it was not removed");
    ensure_eq!(good(fresh.note("n").await)?, None, "what was removed");
    ensure!(good(fresh.set_note("n", None, None).await)?, "none is none");
    ensure!(good(fresh.set_note("n", None, Some(&one)).await)?, "it was not stored again");
    Ok(())
}

async fn one_changes_it(fresh: EmptyStorage) -> CheckResult {
    let mut before: Option<Json> = None;
    for round in 1..=3 {
        let racers: Vec<Json> = (0..8).map(|racer| json!([round, racer])).collect();
        let races = racers.iter().map(|after| fresh.set_note("n", before.as_ref(), Some(after))).collect();
        let outcomes = together(races).await;
        let mut won = Vec::new();
        for (after, outcome) in racers.iter().zip(outcomes) {
            won.extend(good(outcome)?.then_some(after));
        }
        ensure_eq!(won.len(), 1, "winners");
        ensure_eq!(good(fresh.note("n").await)?.as_ref(), won.first().copied(), "what was stored");
        before = won.first().copied().cloned();
    }
    Ok(())
}

async fn it_has_a_bound(fresh: EmptyStorage) -> CheckResult {
    let most = json!("x".repeat(MAX_NOTE_BYTES.saturating_sub(2)));
    ensure!(good(fresh.set_note("n", None, Some(&most)).await)?, "the largest note was not stored");
    ensure_eq!(good(fresh.note("n").await)?.as_ref(), Some(&most), "the largest note");
    let more = json!("x".repeat(MAX_NOTE_BYTES));
    let outcome = fresh.set_note("n", Some(&most), Some(&more)).await;
    ensure!(matches!(outcome, Err(StorageError::Note { .. })), "a larger one gave {outcome:?}");
    let name = "n".repeat(MAX_NOTE_NAME_BYTES);
    ensure!(good(fresh.set_note(&name, None, Some(&most)).await)?, "the longest name was not stored");
    let outcome = fresh.set_note(&format!("{name}n"), None, Some(&json!(1))).await;
    ensure!(matches!(outcome, Err(StorageError::Note { .. })), "a longer name gave {outcome:?}");
    ensure_eq!(good(fresh.note("n").await)?.as_ref(), Some(&most), "what was refused");
    Ok(())
}
