//! Acting on many tasks: some concurrently, so that their writes are flushed together.
//!
//! It may be interrupted and repeated at any time: a task is either done or not, and one whose status has changed by
//! its turn is skipped.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::time::{Instant, Sleep};

use crate::error::Error;
use crate::storage::StorageError;
use crate::task::TaskId;

use super::bar::Bar;
use super::exit::{Exit, Failure};
use super::many::Verb;
use super::screen::Screen;
use super::session::Running;
use super::stop::SignalCounter;

/// Tasks that are processed concurrently.
const AT_ONCE: usize = 32;
/// How early a task may start after a late one: timers are no finer.
const SLACK: Duration = Duration::from_millis(10);

/// Everything needed to act on many tasks.
pub(super) struct Work<'a> {
    pub(super) running: &'a Running,
    pub(super) screen: Screen,
    pub(super) bar: &'a Bar,
    /// The command of a worker that continues what is left.
    pub(super) worker: &'a str,
    pub(super) verb: &'a Verb,
    /// Tasks per second.
    pub(super) rate: Option<u32>,
}

/// How many were processed, and with which result.
#[derive(Debug)]
pub(super) struct Tally {
    total: usize,
    done: usize,
    passed_over: usize,
    failed: usize,
    worst: Exit,
    /// Why it ended early.
    stopped: Option<Failure>,
}

/// An action on a task that is running.
type UnderWay<'f, T> = Pin<Box<dyn Future<Output = (TaskId, Result<T, Error>)> + 'f>>;

/// The running actions, and what starts more or ends them all.
struct Flight<'f, T> {
    under_way: Vec<UnderWay<'f, T>>,
    pace: Pace,
    stop: SignalCounter,
    /// How many signals it takes until running actions are dropped.
    bound: u32,
}

/// What happens next.
enum Progress<T> {
    /// Some are done.
    Done(Vec<(TaskId, Result<T, Error>)>),
    /// It was told to stop, and waits for nothing more.
    Begin,
    /// It was told to stop, and nothing more is to be waited for.
    Stop,
}

impl Work<'_> {
    /// Does `act` to each task, and then `done`, one at a time, which gives the exit code. Failures are reported, and
    /// the worst exit code is kept; a storage failure ends it.
    pub(super) async fn each<T>(
        self,
        ids: Vec<TaskId>,
        act: impl AsyncFn(TaskId) -> Result<T, Error>,
        mut done: impl FnMut(T) -> Result<Exit, Failure>,
    ) -> Result<Tally, Failure> {
        let total = ids.len();
        let mut tally = Tally { total, done: 0, passed_over: 0, failed: 0, worst: Exit::Done, stopped: None };
        let (act, mut ids) = (&act, ids.into_iter());
        let bound = 1 + u32::from(self.verb.finishes);
        let mut flight =
            Flight { under_way: Vec::new(), pace: Pace::new(self.rate), stop: SignalCounter::new(), bound };
        self.bar.show(self.screen, total);
        while tally.stopped.is_none() && (ids.len() > 0 || !flight.under_way.is_empty()) {
            match flight.next(ids.len() > 0).await {
                Progress::Begin => {
                    if let Some(id) = ids.next() {
                        flight.under_way.push(Box::pin(async move { (id, act(id).await) }));
                    }
                }
                Progress::Done(some) => {
                    for (id, outcome) in some {
                        self.bar.advance();
                        match outcome {
                            Ok(value) => tally.take(done(value)?),
                            Err(error) => self.failed(&mut tally, id, error).await?,
                        }
                    }
                }
                Progress::Stop => {
                    tally.stopped = Some(self.interrupted(&tally, flight.stop.exit(), !flight.under_way.is_empty()))
                }
            }
        }
        self.bar.clear();
        Ok(tally)
    }

    /// Handles a failed action.
    async fn failed(&self, tally: &mut Tally, id: TaskId, error: Error) -> Result<(), Failure> {
        if self.is_elsewhere(id, &error).await? {
            tally.passed_over += 1;
            return Ok(());
        }
        let is_of_storage = matches!(error, Error::Storage(StorageError::Engine { .. }));
        let mut failure = Failure::from(error);
        tally.worst = tally.worst.max(failure.exit);
        tally.failed += 1;
        if is_of_storage {
            tally.stopped.get_or_insert(failure);
            return Ok(());
        }
        let named = id.to_string();
        failure.message =
            failure.message.map(|text| if text.contains(&named) { text } else { format!("task {named}: {text}") });
        self.bar.above(|| self.screen.failure(&failure));
        Ok(())
    }

    /// Whether the task is gone, or its status no longer allows this.
    async fn is_elsewhere(&self, id: TaskId, error: &Error) -> Result<bool, Failure> {
        match error {
            Error::NotFound(_) => Ok(true),
            Error::Refused { .. } | Error::Conflict(_) => {
                let task = self.running.storage.task(id).await?;
                Ok(task.is_none_or(|task| !self.verb.fit.contains(&task.status)))
            }
            _ => Ok(false),
        }
    }

    fn interrupted(&self, tally: &Tally, exit: Exit, are_dropped: bool) -> Failure {
        let (verb, done, total) = (self.verb.done, tally.done, tally.total);
        let dropped = if are_dropped {
            format!("; what was running stays as it is stored, and `{}` continues it", self.worker)
        } else {
            String::new()
        };
        Failure::interrupted(
            exit,
            format!("{verb} {done} of {total}{dropped}; the same command continues with the rest"),
        )
    }
}

impl<T> Flight<'_, T> {
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

impl Tally {
    fn take(&mut self, exit: Exit) {
        // Refusals are reported where they are counted.
        self.done += usize::from(exit != Exit::Refused);
        self.worst = self.worst.max(exit);
    }

    /// How many were skipped.
    pub(super) const fn passed_over(&self) -> usize {
        self.passed_over
    }

    /// Reports how many were done, and returns the exit code.
    pub(super) fn finish(self, screen: Screen, verb: &Verb) -> Result<Exit, Failure> {
        if self.total > 0 && self.stopped.as_ref().is_none_or(|failure| !failure.exit.is_by_signal()) {
            let mut text = format!("{} {}", verb.done, self.done);
            if self.passed_over > 0 {
                text += &format!(", skipped {}", self.passed_over);
            }
            if self.failed > 0 {
                text += &format!(", failed {}", self.failed);
            }
            screen.aside(&format!("{text}\n"));
        }
        self.end()
    }

    /// The exit code.
    pub(super) fn end(self) -> Result<Exit, Failure> {
        self.stopped.map_or(Ok(self.worst), Err)
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

    /// Few run at a time, and none starts after Ctrl-C.
    #[tokio::test(start_paused = true)]
    async fn few_are_under_way_and_ctrl_c_lets_none_begin() {
        for (finishes, times, is_stopped) in [(true, 0, false), (true, 1, false), (true, 2, true), (false, 1, true)] {
            let (_keep, wait) = tokio::sync::oneshot::channel::<()>();
            let mut flight = Flight::<()> {
                under_way: vec![Box::pin(async move {
                    drop(wait.await);
                    (TaskId::nil(), Ok(()))
                })],
                pace: Pace::new(None),
                stop: SignalCounter::told(times),
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
