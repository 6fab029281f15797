//! Acting on many tasks: some concurrently, so that their writes are flushed together.
//!
//! It may be interrupted and repeated at any time: a task is either done or not, and one whose status has changed by
//! its turn is passed over.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::time::{Instant, Sleep};

use crate::error::Error;
use crate::opsflow::Opsflow;
use crate::storage::StorageError;
use crate::task::{Status, TaskId};

/// Tasks that are processed concurrently.
const AT_ONCE: usize = 32;
/// How early a task may start after a late one: timers are no finer.
const SLACK: Duration = Duration::from_millis(10);

/// An action that is done to many tasks.
#[derive(Clone, Copy, Debug)]
pub struct Verb {
    /// As in `cancel 3 tasks`.
    pub name: &'static str,
    /// As in `cancelled 3`.
    pub done: &'static str,
    /// The statuses of tasks that it accepts.
    pub fit: &'static [Status],
    /// Whether running actions are finished when it is told to stop. Otherwise they are dropped, and their tasks stay
    /// as they are stored.
    pub finishes: bool,
}

/// Tells a bulk action to stop.
pub trait StopSignal {
    /// How often it was told so far. The caller is woken at the next time.
    fn times(&mut self, context: &mut Context<'_>) -> u32;
}

/// Never stops.
#[derive(Clone, Copy, Debug, Default)]
pub struct NeverStops;

impl StopSignal for NeverStops {
    fn times(&mut self, _: &mut Context<'_>) -> u32 {
        0
    }
}

/// Does one thing to many tasks.
#[derive(Debug)]
pub struct Bulk<'a> {
    /// Where the tasks are.
    pub ops: &'a Opsflow,
    /// What is done.
    pub verb: &'a Verb,
    /// Tasks per second; as fast as possible, if absent.
    pub rate: Option<u32>,
}

/// What came of one task.
#[derive(Debug)]
#[non_exhaustive]
pub enum BulkOutcome<T> {
    /// It was done.
    Done(T),
    /// It is gone, or its status no longer allows this.
    PassedOver,
    /// It failed.
    Failed(Error),
}

/// How a bulk action ended.
#[derive(Debug)]
#[non_exhaustive]
pub enum BulkEnd {
    /// Every task had its turn.
    Complete,
    /// It was told to stop before every task had its turn.
    Stopped {
        /// Whether running actions were dropped.
        are_dropped: bool,
    },
    /// The storage failed.
    Failed(Error),
}

/// An action on a task that is running.
type UnderWay<'f, T> = Pin<Box<dyn Future<Output = (TaskId, Result<T, Error>)> + 'f>>;

/// The running actions, and what starts more or ends them all.
struct Flight<'f, T, S> {
    under_way: Vec<UnderWay<'f, T>>,
    pace: Pace,
    stop: &'f mut S,
    /// How many times it must be told to stop until running actions are dropped.
    bound: u32,
}

/// What happens next.
enum Progress<T> {
    /// Some are done.
    Done(Vec<(TaskId, Result<T, Error>)>),
    /// The next task may start.
    Begin,
    /// It was told to stop, and nothing more is to be waited for.
    Stop,
}

impl Bulk<'_> {
    /// Does `act` to each task, and then `report`s what came of it, one at a time. A storage that fails ends it, after
    /// what was done before is reported.
    pub async fn each<T, E>(
        self,
        ids: Vec<TaskId>,
        stop: &mut impl StopSignal,
        act: impl AsyncFn(TaskId) -> Result<T, Error>,
        mut report: impl FnMut(TaskId, BulkOutcome<T>) -> Result<(), E>,
    ) -> Result<BulkEnd, E> {
        let (act, mut ids, mut failed) = (&act, ids.into_iter(), None);
        let bound = 1 + u32::from(self.verb.finishes);
        let mut flight = Flight { under_way: Vec::new(), pace: Pace::new(self.rate), stop, bound };
        while failed.is_none() && (ids.len() > 0 || !flight.under_way.is_empty()) {
            match flight.next(ids.len() > 0).await {
                Progress::Begin => {
                    if let Some(id) = ids.next() {
                        flight.under_way.push(Box::pin(async move { (id, act(id).await) }));
                    }
                }
                Progress::Done(some) => {
                    for (id, outcome) in some {
                        match self.outcome(id, outcome).await {
                            Ok(outcome) => report(id, outcome)?,
                            Err(error) => drop(failed.get_or_insert(error)),
                        }
                    }
                }
                Progress::Stop => return Ok(BulkEnd::Stopped { are_dropped: !flight.under_way.is_empty() }),
            }
        }
        Ok(failed.map_or(BulkEnd::Complete, BulkEnd::Failed))
    }

    /// What came of a task; an error if the storage failed.
    async fn outcome<T>(&self, id: TaskId, outcome: Result<T, Error>) -> Result<BulkOutcome<T>, Error> {
        match outcome {
            Ok(value) => Ok(BulkOutcome::Done(value)),
            Err(error @ Error::Storage(StorageError::Engine { .. })) => Err(error),
            Err(error) if self.is_elsewhere(id, &error).await? => Ok(BulkOutcome::PassedOver),
            Err(error) => Ok(BulkOutcome::Failed(error)),
        }
    }

    /// Whether the task is gone, or its status no longer allows this.
    async fn is_elsewhere(&self, id: TaskId, error: &Error) -> Result<bool, Error> {
        match error {
            Error::NotFound(_) => Ok(true),
            Error::Refused { .. } | Error::Conflict(_) => match self.ops.task(id).await {
                Ok(task) => Ok(!self.verb.fit.contains(&task.status)),
                Err(Error::NotFound(_)) => Ok(true),
                Err(error) => Err(error),
            },
            _ => Ok(false),
        }
    }
}

impl<T, S: StopSignal> Flight<'_, T, S> {
    /// Waits for the next event; `more` says whether there are tasks to start.
    async fn next(&mut self, more: bool) -> Progress<T> {
        poll_fn(|context| {
            let mut done = Vec::new();
            self.under_way.retain_mut(|task| match task.as_mut().poll(context) {
                Poll::Ready(outcome) => {
                    done.push(outcome);
                    false
                }
                Poll::Pending => true,
            });
            if !done.is_empty() {
                return Poll::Ready(Progress::Done(done));
            }
            let told = self.stop.times(context);
            if told >= self.bound || (told > 0 && self.under_way.is_empty()) {
                return Poll::Ready(Progress::Stop);
            }
            let has_room = told == 0 && more && self.under_way.len() < AT_ONCE;
            if has_room && self.pace.is_time(context) { Poll::Ready(Progress::Begin) } else { Poll::Pending }
        })
        .await
    }
}

/// Limits the tasks per second.
struct Pace {
    /// None if there is no limit.
    period: Option<Duration>,
    next: Pin<Box<Sleep>>,
}

impl Pace {
    fn new(rate: Option<u32>) -> Self {
        let period = rate.map(|rate| Duration::from_secs(1) / rate.max(1));
        Self { period, next: Box::pin(tokio::time::sleep_until(Instant::now())) }
    }

    /// Whether the next may start.
    fn is_time(&mut self, context: &mut Context<'_>) -> bool {
        let Some(period) = self.period else { return true };
        if self.next.as_mut().poll(context).is_pending() {
            return false;
        }
        // Missed slots are not made up for.
        let due = self.next.deadline();
        let earliest = Instant::now().checked_sub(SLACK).unwrap_or(due);
        self.next.as_mut().reset(due.max(earliest) + period);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Was told to stop so often.
    struct Told(u32);

    impl StopSignal for Told {
        fn times(&mut self, _: &mut Context<'_>) -> u32 {
            self.0
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_rate_is_kept_and_nothing_made_up_for() {
        let mut pace = Pace::new(Some(10));
        let eleven = async |pace: &mut Pace| {
            let began = Instant::now();
            for _ in 0..11 {
                poll_fn(|context| if pace.is_time(context) { Poll::Ready(()) } else { Poll::Pending }).await;
            }
            began.elapsed()
        };
        let took = eleven(&mut pace).await;
        assert!(took >= Duration::from_millis(990) && took < Duration::from_millis(1_050), "{took:?}");
        tokio::time::sleep(Duration::from_secs(5)).await;
        let took = eleven(&mut pace).await;
        assert!(took >= Duration::from_millis(970), "{took:?}");
        let mut unbound = Pace::new(None);
        assert_eq!(eleven(&mut unbound).await, Duration::ZERO);
    }

    /// Few run at a time, and none starts after it was told to stop.
    #[tokio::test(start_paused = true)]
    async fn few_are_under_way_and_none_begins_after_a_stop() {
        for (finishes, times, is_stopped) in [(true, 0, false), (true, 1, false), (true, 2, true), (false, 1, true)] {
            let (_keep, wait) = tokio::sync::oneshot::channel::<()>();
            let mut flight = Flight::<(), Told> {
                under_way: vec![Box::pin(async move {
                    drop(wait.await);
                    (TaskId::nil(), Ok(()))
                })],
                pace: Pace::new(None),
                stop: &mut Told(times),
                bound: 1 + u32::from(finishes),
            };
            let next = tokio::time::timeout(Duration::from_secs(1), flight.next(true)).await;
            match next {
                Ok(Progress::Begin) => assert_eq!(times, 0),
                Ok(Progress::Stop) => assert!(is_stopped, "{finishes} {times}"),
                Ok(Progress::Done(_)) => panic!("nothing is done"),
                Err(_) => assert!(times > 0 && !is_stopped, "{finishes} {times}"),
            }
            let idle = (0..AT_ONCE).map(|_| Box::pin(std::future::pending()) as _);
            flight.under_way = idle.collect();
            let next = tokio::time::timeout(Duration::from_secs(1), flight.next(true)).await;
            assert_eq!(matches!(next, Ok(Progress::Stop)), is_stopped, "there is room for one too many");
            flight.under_way.clear();
            let next = tokio::time::timeout(Duration::from_secs(1), flight.next(true)).await;
            assert_eq!(matches!(next, Ok(Progress::Stop)), times > 0, "{finishes} {times}");
        }
    }
}
