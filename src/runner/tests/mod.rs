//! Places, turns, and waiting.

use std::sync::Arc;
use std::time::Duration;

use crate::task::TaskId;

use super::Runner;
use super::locks::{Lost, TaskLocks};
use super::wait::{self, Either};

impl Runner {
    /// At how many tasks somebody is.
    pub(crate) fn at_work(&self) -> usize {
        self.locks.count()
    }

    /// Whether somebody waits to do something to a task.
    pub(crate) fn is_wanted(&self, id: TaskId) -> bool {
        self.locks.is_wanted(id)
    }

    /// Forgets all places, as if nobody were left to leave them.
    pub(crate) fn forget_all(&self) {
        self.locks.clear();
    }
}

#[tokio::test]
async fn turns_come_in_order_and_places_are_left() {
    let locks: Arc<TaskLocks> = Arc::default();
    let id = TaskId::new_v4();
    let first = locks.ticket(id).acquire().await;
    let order = Arc::new(std::sync::Mutex::new(Vec::new()));
    let mut waiting = tokio::task::JoinSet::new();
    for number in 0..3 {
        let (place, order) = (locks.ticket(id), Arc::clone(&order));
        waiting.spawn(async move {
            let urgent = (number == 1).then(|| place.ask());
            let turn = place.acquire().await;
            drop(urgent);
            order.lock().unwrap().push((number, turn.is_wanted()));
        });
        tokio::task::yield_now().await;
    }
    assert!(first.is_wanted());
    assert_eq!(locks.count(), 1);
    drop(first);
    waiting.join_all().await;
    assert_eq!(*order.lock().unwrap(), [(0, true), (1, false), (2, false)]);
    assert_eq!(locks.count(), 0);
}

#[tokio::test]
async fn who_waits_may_give_up() {
    let locks: Arc<TaskLocks> = Arc::default();
    let id = TaskId::new_v4();
    let turn = locks.ticket(id).acquire().await;
    let place = locks.ticket(id);
    let urgent = place.ask();
    assert!(wait::within(Duration::from_millis(1), place.acquire()).await.is_none());
    drop(urgent);
    assert!(!turn.is_wanted());
    drop(turn);
    assert_eq!(locks.count(), 0);
    drop(locks.ticket(id).acquire_now());
    assert_eq!(locks.count(), 0);
}

#[tokio::test]
async fn a_holder_is_told_of_its_loss_and_nobody_else_is() {
    let locks: Arc<TaskLocks> = Arc::default();
    let (id, other) = (TaskId::new_v4(), TaskId::new_v4());
    let (turn, other_turn) = (locks.ticket(id).acquire().await, locks.ticket(other).acquire().await);
    let (lost, other_lost): (Arc<Lost>, Arc<Lost>) = Default::default();
    turn.hold(&lost);
    other_turn.hold(&other_lost);
    let waiting = tokio::spawn({
        let lost = Arc::clone(&lost);
        async move { lost.lost().await }
    });
    tokio::task::yield_now().await;
    locks.seize(id);
    locks.seize(TaskId::new_v4());
    waiting.await.unwrap();
    lost.lost().await;
    assert!(lost.is_lost() && !other_lost.is_lost());
}

#[tokio::test]
async fn the_first_of_two_wins_and_the_left_one_of_a_tie() {
    let never = std::future::pending::<()>();
    assert!(matches!(wait::first(async { 1 }, async { 2 }).await, Either::Left(1)));
    assert!(matches!(wait::first(never, async { 2 }).await, Either::Right(2)));
}
