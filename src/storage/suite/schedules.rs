//! Checks of the progress of schedules.

use crate::storage::Storage;
use crate::task::Scheduled;

use super::sample::{moment, together};
use super::{CheckResult, EmptyStorage, ensure, ensure_eq, good, promises};

promises! {
    "how far a schedule has come is read as it was stored" => it_is_read_as_it_was_stored,
    "a schedule advances only from where it was read" => it_goes_on_from_where_it_was_read,
    "of many processes that fire one run of a schedule, one does" => one_sees_to_a_run,
}

fn at(seconds: i64, task_id: Option<u128>) -> Scheduled {
    let task_id = task_id.map(uuid::Uuid::from_u128);
    Scheduled { flow: "nightly".into(), rule: "0 3 * * * Europe/Rome".into(), seen_until: moment(seconds), task_id }
}

async fn it_is_read_as_it_was_stored(fresh: EmptyStorage) -> CheckResult {
    ensure_eq!(good(fresh.scheduled("nightly").await)?, None, "what nobody stored");
    let other = Scheduled { flow: "weekly".into(), ..at(7, None) };
    for scheduled in [&at(1, Some(5)), &other] {
        ensure!(good(fresh.set_scheduled(None, scheduled).await)?, "the first was not stored");
        ensure_eq!(good(fresh.scheduled(&scheduled.flow).await)?.as_ref(), Some(scheduled), "what was stored first");
    }
    let ruled = Scheduled { rule: "@daily UTC".into(), ..at(2, None) };
    ensure!(good(fresh.set_scheduled(Some(&at(1, Some(5))), &ruled).await)?, "another rule was not stored");
    ensure_eq!(good(fresh.scheduled("nightly").await)?, Some(ruled), "what was stored last");
    ensure_eq!(good(fresh.scheduled("weekly").await)?, Some(other), "another flow's");
    Ok(())
}

async fn it_goes_on_from_where_it_was_read(fresh: EmptyStorage) -> CheckResult {
    let first = at(1, Some(1));
    ensure!(!good(fresh.set_scheduled(Some(&first), &at(2, None)).await)?, "it went on from what nobody stored");
    ensure_eq!(good(fresh.scheduled("nightly").await)?, None, "what was refused");
    ensure!(good(fresh.set_scheduled(None, &first).await)?, "the first was not stored");
    let ruled = Scheduled { rule: "@daily UTC".into(), ..first.clone() };
    for before in [None, Some(at(2, Some(1))), Some(at(1, None)), Some(at(1, Some(2))), Some(ruled)] {
        let stored = good(fresh.set_scheduled(before.as_ref(), &at(9, Some(9))).await)?;
        ensure!(!stored, "it went on from {before:?}");
        ensure_eq!(good(fresh.scheduled("nightly").await)?.as_ref(), Some(&first), "how far it has come");
    }
    ensure!(good(fresh.set_scheduled(Some(&first), &at(9, None)).await)?, "it did not go on from where it was");
    Ok(())
}

async fn one_sees_to_a_run(fresh: EmptyStorage) -> CheckResult {
    let mut before = None;
    for round in 1..=3 {
        let racers: Vec<_> = (0..8).map(|n| at(round, Some(n))).collect();
        let outcomes = together(racers.iter().map(|now| fresh.set_scheduled(before.as_ref(), now)).collect()).await;
        let mut won = Vec::new();
        for (now, outcome) in racers.iter().zip(outcomes) {
            won.extend(good(outcome)?.then_some(now));
        }
        ensure_eq!(won.len(), 1, "winners");
        ensure_eq!(good(fresh.scheduled("nightly").await)?.as_ref(), won.first().copied(), "what was stored");
        before = won.first().copied().cloned();
    }
    Ok(())
}
