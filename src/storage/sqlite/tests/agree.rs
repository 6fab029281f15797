//! Memory and file do the same, whatever is asked of them in whatever order.

use std::collections::HashMap;
use std::time::Duration as Lease;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use super::{first, next, opened, task};
use crate::storage::suite::moment;
use crate::storage::{Claimed, Filter, Memory, Storage, StorageError, Wanted};
use crate::task::{Cause, Claim, Digest, HeldUp, InteractionReceipt, Journal, Status, StepRecord, Task, TaskId};
use crate::value::Value;

const TASKS: usize = 4;
const CASES: u32 = 60;

/// Something to ask of both.
#[derive(Clone, Debug)]
enum Ask {
    Commit {
        one: usize,
        status: usize,
        wake_in: Option<i64>,
        revision_off: bool,
        claimed: bool,
        releases: bool,
        more: u8,
    },
    Claim {
        one: usize,
    },
    ClaimDue {
        limit: usize,
        queue: Option<u8>,
        lacks: u8,
        below: Option<usize>,
    },
    Extend {
        one: usize,
        by: u64,
    },
    HoldUp {
        one: usize,
        by: u8,
    },
    Release {
        one: usize,
    },
    Step {
        one: usize,
        ordinal: u32,
    },
    Delete {
        one: usize,
    },
    DeleteOld {
        limit: usize,
    },
    Tick {
        by: i64,
    },
}

fn ask() -> impl Strategy<Value = Ask> {
    let one = 0..TASKS;
    let wake_in = prop::option::of(0..20_i64);
    let commit =
        (one.clone(), 0..5_usize, wake_in, prop::bool::weighted(0.1), any::<bool>(), any::<bool>(), any::<u8>());
    prop_oneof![
        8 => commit.prop_map(|(one, status, wake_in, revision_off, claimed, releases, more)| Ask::Commit {
            one, status, wake_in, revision_off, claimed, releases, more
        }),
        3 => one.clone().prop_map(|one| Ask::Claim { one }),
        4 => (1..4_usize, prop::option::of(0..3_u8), 0..4_u8, prop::option::weighted(0.2, 0..2_usize))
            .prop_map(|(limit, queue, lacks, below)| Ask::ClaimDue { limit, queue, lacks, below }),
        2 => (one.clone(), 0..3_u8).prop_map(|(one, by)| Ask::HoldUp { one, by }),
        1 => (one.clone(), 0..30_u64).prop_map(|(one, by)| Ask::Extend { one, by }),
        2 => one.clone().prop_map(|one| Ask::Release { one }),
        3 => (one.clone(), 0..3_u32).prop_map(|(one, ordinal)| Ask::Step { one, ordinal }),
        1 => one.prop_map(|one| Ask::Delete { one }),
        1 => (1..3_usize).prop_map(|limit| Ask::DeleteOld { limit }),
        4 => prop_oneof![9 => 1..12_i64, 1 => -90..0_i64].prop_map(|by| Ask::Tick { by }),
    ]
}

/// One of the two, with the last claim it gave on each task.
struct Asked<'a> {
    storage: &'a dyn Storage,
    claims: HashMap<TaskId, Claim>,
    now: i64,
}

fn kind<T>(outcome: Result<T, StorageError>) -> Result<T, String> {
    outcome.map_err(|why| format!("{why:?}"))
}

impl Asked<'_> {
    /// Asks, and returns the answer without its random parts.
    async fn ask(&mut self, ids: &[TaskId], ask: &Ask) -> String {
        let (now, storage, lease) = (moment(self.now), self.storage, Lease::from_secs(10));
        let held = |one: &usize| self.claims.get(&ids[*one]).cloned();
        match ask {
            Ask::Tick { by } => {
                self.now += by;
                String::new()
            }
            Ask::Commit { .. } => format!("{:?}", self.commit(ids, ask).await),
            Ask::Claim { one } => {
                let claimed = kind(storage.claim(ids[*one], now, lease).await);
                format!("{:?}", claimed.map(|claimed| self.took(claimed)))
            }
            Ask::ClaimDue { limit, queue, lacks, below } => {
                let queues: Vec<_> = queue.iter().map(|queue| queue_name(*queue)).collect();
                let lacks: Vec<_> = (0..*lacks).map(held_up).collect();
                let wanted = Wanted { queues: &queues, lacks: &lacks, below: below.map(|one| ids[one]) };
                let claimed = kind(storage.claim_due(now, &wanted, *limit, lease).await);
                format!("{:?}", claimed.map(|all| all.into_iter().map(|one| self.took(one)).collect::<Vec<_>>()))
            }
            Ask::Extend { one, by } => match held(one) {
                Some(claim) => {
                    format!(
                        "{:?}",
                        kind(storage.extend(&claim, now, Lease::from_secs(*by)).await).map(|claim| claim.until)
                    )
                }
                None => String::new(),
            },
            Ask::HoldUp { one, by } => match held(one) {
                Some(claim) => format!("{:?}", kind(storage.hold_up(&claim, &held_up(*by)).await)),
                None => String::new(),
            },
            Ask::Release { one } => match held(one) {
                Some(claim) => format!("{:?}", kind(storage.release(&claim).await)),
                None => String::new(),
            },
            Ask::Step { one, ordinal } => match held(one) {
                Some(claim) => format!("{:?}", kind(storage.append_step(&claim, step(*ordinal)).await)),
                None => String::new(),
            },
            Ask::Delete { one } => format!("{:?}", kind(storage.delete(ids[*one], now).await)),
            Ask::DeleteOld { limit } => format!("{:?}", kind(storage.delete_old(now, *limit).await)),
        }
    }

    async fn commit(&mut self, ids: &[TaskId], ask: &Ask) -> Result<(), String> {
        let Ask::Commit { one, status, wake_in, revision_off, claimed, releases, more } = ask else { return Ok(()) };
        let before = kind(self.storage.task(ids[*one]).await)?;
        let mut checkpoint = match &before {
            Some(task) => next(task, "on", self.now),
            None => {
                first(&Task { id: ids[*one], created_at: moment(self.now), updated_at: moment(self.now), ..task() })
            }
        };
        let task = &mut checkpoint.task;
        task.revision += u64::from(*revision_off);
        task.status = Status::ALL[*status];
        task.wake_at = wake_in.map(|by| moment(self.now + by));
        task.delete_at = Some(moment(self.now + 15));
        (task.queue, task.priority) = (queue_name(more % 3), i32::from(more / 64));
        // The first task is the parent of the others.
        task.parent_id = (*one > 0).then_some(ids[0]);
        checkpoint.notify_parent = task.parent_id.filter(|_| task.status.has_ended());
        checkpoint.acked_wakes = u64::from(more % 2);
        checkpoint.ends_journal = more % 5 == 0;
        checkpoint.not_before = (more % 7 < 3).then(|| moment(self.now + i64::from(more % 11)));
        let key = format!("key {}", more % 16);
        let params = Digest::of(&key);
        checkpoint.applied =
            (more % 3 == 0).then(|| InteractionReceipt { key: key.into(), interaction: "act!".into(), params });
        checkpoint.transitions.iter_mut().for_each(|entry| entry.cause = [Cause::Wake, Cause::Timer][*one % 2]);
        checkpoint.claim = self.claims.get(&ids[*one]).filter(|_| *claimed).cloned();
        checkpoint.releases = *releases;
        kind(self.storage.commit(checkpoint).await)
    }

    fn took(&mut self, claimed: Claimed) -> (Task, u64, Journal, bool) {
        self.claims.insert(claimed.task.id, claimed.claim);
        (claimed.task, claimed.wakes, claimed.journal, claimed.abandoned)
    }

    /// All that can be seen.
    async fn all(&self, ids: &[TaskId]) -> String {
        let storage = self.storage;
        let mut seen = String::new();
        for lacks in 0..3 {
            let lacks: Vec<_> = (0..lacks).map(held_up).collect();
            for below in [None, Some(ids[0])] {
                let wanted = Wanted { lacks: &lacks, below, ..Wanted::all() };
                seen += &format!("{:?}", kind(storage.next_due(&wanted).await));
            }
        }
        let claims: Vec<Claim> = ids.iter().filter_map(|id| self.claims.get(id)).cloned().collect();
        let lost = kind(storage.lost(&claims).await).map(|lost| lost.iter().map(|c| c.task_id).collect::<Vec<_>>());
        seen += &format!("{lost:?}");
        for filter in [Filter::default(), Filter { parent_id: Some(ids[0]), ..Filter::default() }] {
            seen += &format!("{:?} {:?}", kind(storage.tasks(&filter).await), kind(storage.count(&filter).await));
        }
        for id in ids {
            seen += &format!("{:?}", kind(storage.history(*id, 0, usize::MAX).await));
        }
        seen
    }
}

fn held_up(by: u8) -> HeldUp {
    HeldUp { call: "http::get".into(), grant: format!("http=host_{by}"), by_link: false }
}

fn queue_name(queue: u8) -> crate::name::Name {
    format!("queue_{queue}").into()
}

fn step(ordinal: u32) -> StepRecord {
    StepRecord {
        ordinal,
        function: "http::post".into(),
        digest: Digest::of("call"),
        outcome: Ok(Value::Integer(ordinal.into())),
        once: (ordinal == 1).then(|| "once".into()),
        at: moment(0),
        ms: 1,
    }
}

#[test]
fn memory_and_file_agree() {
    let folder = tempfile::tempdir().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let mut runner = TestRunner::new(Config { cases: CASES, failure_persistence: None, ..Config::default() });
    let outcome = runner.run(&prop::collection::vec(ask(), 1..60), |asks| {
        runtime.block_on(async {
            let ids: Vec<TaskId> = (0..TASKS).map(|_| uuid::Uuid::new_v4()).collect();
            let file = opened(&folder.path().join(format!("{}.db", ids[0]))).await;
            let memory = Memory::new();
            let mut file = Asked { storage: &file, claims: HashMap::new(), now: 0 };
            let mut memory = Asked { storage: &memory, claims: HashMap::new(), now: 0 };
            for ask in &asks {
                prop_assert_eq!(file.ask(&ids, ask).await, memory.ask(&ids, ask).await, "{:?}", ask);
                prop_assert_eq!(file.all(&ids).await, memory.all(&ids).await, "{:?}", ask);
            }
            Ok(())
        })
    });
    outcome.unwrap();
}
