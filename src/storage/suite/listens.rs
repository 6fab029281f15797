//! Checks of listening: a sleeper learns of tasks that are due earlier than it expects.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::mpsc;
use std::task::Poll;
use std::time::Duration;

use tokio::sync::oneshot;

use crate::storage::{Storage, Subscription};
use crate::task::{Claim, Status, Task};

use super::sample::{LEASE, asleep, bare, ended, moment, stored, task, under};
use super::{CheckResult, EmptyStorage, ensure, good, promises};

promises! {
    "a sleeping worker hears of an active task" => an_active_task_is_heard,
    "a sleeping worker hears of a task that wakes earlier" => an_earlier_sleeper_is_heard,
    "a sleeping worker hears of a sub-task" => a_sub_task_is_heard,
    "a sleeping worker hears of a parent that is woken" => a_woken_parent_is_heard,
    "a sleeping worker hears of a claim that is given back" => a_claim_given_back_is_heard,
    "a sleeping worker hears of a lease that will end" => a_lease_is_heard,
}

/// How long a subscriber may take to hear: no storage takes that long.
const PATIENCE: Duration = Duration::from_secs(10);
/// How often each is tried: a subscriber may return without a reason, but not every time.
const ROUNDS: usize = 3;

/// Whether `subscription` learns in time of something due before the moment `before`.
pub(in crate::storage) async fn hears(subscription: &mut Subscription, before: Option<i64>) -> bool {
    let (over, is_over) = oneshot::channel::<()>();
    let (_heard, ends) = mpsc::channel::<()>();
    // A thread, since the caller of the checks may have no timers. It ends with this function.
    std::thread::spawn(move || {
        if ends.recv_timeout(PATIENCE) == Err(mpsc::RecvTimeoutError::Timeout) {
            over.send(()).unwrap_or_default();
        }
    });
    let (mut hears, mut is_over) = (pin!(subscription.due_before(before.map(moment))), pin!(is_over));
    poll_fn(|context| match hears.as_mut().poll(context) {
        Poll::Ready(()) => Poll::Ready(true),
        Poll::Pending => is_over.as_mut().poll(context).map(|_| false),
    })
    .await
}

/// What happens while a subscriber sleeps until `1000`, or until `5` where it says so.
#[derive(Clone, Copy)]
enum Scenario {
    StoresActive,
    StoresSleeper,
    StoresSubTask,
    WakesParent,
    /// Until `5`, since the claim that is given back would end at `10`.
    GivesBack,
    StoresHeld,
}

/// What was stored beforehand.
struct Ready {
    task: Task,
    child: Option<Task>,
    claim: Option<Claim>,
}

impl Scenario {
    const fn sleeps_until(self) -> i64 {
        if matches!(self, Self::GivesBack) { 5 } else { 1000 }
    }

    async fn prepare(self, fresh: &EmptyStorage) -> Result<Ready, String> {
        let mut ready = Ready { task: task(), child: None, claim: None };
        match self {
            Self::StoresActive | Self::StoresSleeper | Self::StoresHeld => {}
            Self::StoresSubTask => ready.task = stored(&**fresh, |task| task.status = Status::Waiting).await?,
            Self::WakesParent => {
                ready.task = stored(&**fresh, |task| task.status = Status::Waiting).await?;
                let below = |task: &mut Task| (task.status, task.parent_id) = (Status::Waiting, Some(ready.task.id));
                ready.child = Some(stored(&**fresh, below).await?);
            }
            Self::GivesBack => {
                ready.task = stored(&**fresh, |_| ()).await?;
                ready.claim = Some(good(fresh.claim(ready.task.id, moment(0), LEASE).await)?.claim);
            }
        }
        Ok(ready)
    }

    async fn perform(self, fresh: &EmptyStorage, ready: Ready) -> CheckResult {
        let Ready { task, child, claim } = ready;
        let sleeper = |task: Task| Task { status: Status::Waiting, wake_at: Some(moment(500)), ..task };
        match self {
            Self::StoresActive => good(fresh.commit(bare(task)).await),
            Self::StoresSleeper => good(fresh.commit(bare(sleeper(task))).await),
            Self::StoresSubTask => {
                let mut starts = asleep(&task, 1, None);
                starts.sub_tasks = vec![sleeper(Task { parent_id: Some(task.id), ..super::task() })];
                good(fresh.commit(starts).await)
            }
            Self::WakesParent => {
                let mut last = ended(&child.ok_or("it has no sub-task")?, 1, 9_999);
                last.notify_parent = Some(task.id);
                good(fresh.commit(last).await)
            }
            Self::GivesBack => match claim {
                Some(claim) => good(fresh.release(&claim).await),
                None => Err("it was not claimed".to_owned()),
            },
            Self::StoresHeld => {
                let claim = Claim::new(task.id, moment(0), LEASE);
                good(fresh.commit(under(&claim, false, bare(task))).await)
            }
        }
    }

    async fn has_subscribers(self, fresh: EmptyStorage) -> CheckResult {
        let mut before = Vec::new();
        let mut asleep = Vec::new();
        for _ in 0..ROUNDS {
            before.push(self.prepare(&fresh).await?);
            asleep.push(self.prepare(&fresh).await?);
        }
        let until = Some(self.sleeps_until());
        let mut subscription = fresh.subscribe();
        for (before, asleep) in before.into_iter().zip(asleep) {
            // Stored after it looked for due tasks, and before it went to sleep.
            self.perform(&fresh, before).await?;
            ensure!(hears(&mut subscription, until).await, "it was missed when it came before the sleep");
            let mut hears = pin!(hears(&mut subscription, until));
            let told = poll_fn(|context| Poll::Ready(hears.as_mut().poll(context))).await;
            self.perform(&fresh, asleep).await?;
            if told.is_pending() {
                ensure!(hears.await, "it was missed when it came within the sleep");
            }
        }
        Ok(())
    }
}

async fn an_active_task_is_heard(fresh: EmptyStorage) -> CheckResult {
    Scenario::StoresActive.has_subscribers(fresh).await
}

async fn an_earlier_sleeper_is_heard(fresh: EmptyStorage) -> CheckResult {
    Scenario::StoresSleeper.has_subscribers(fresh).await
}

async fn a_sub_task_is_heard(fresh: EmptyStorage) -> CheckResult {
    Scenario::StoresSubTask.has_subscribers(fresh).await
}

async fn a_woken_parent_is_heard(fresh: EmptyStorage) -> CheckResult {
    Scenario::WakesParent.has_subscribers(fresh).await
}

async fn a_claim_given_back_is_heard(fresh: EmptyStorage) -> CheckResult {
    Scenario::GivesBack.has_subscribers(fresh).await
}

async fn a_lease_is_heard(fresh: EmptyStorage) -> CheckResult {
    Scenario::StoresHeld.has_subscribers(fresh).await
}
