//! Performing a step. No thread blocks while it runs.

use std::convert::Infallible;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use crate::clock::Timestamp;
use crate::error::Error;
use crate::mask::Masking;
use crate::name::Name;
use crate::storage::{CallInFlight, StorageError};
use crate::task::{Claim, HeldUp, MAX_JOURNAL_BYTES, Outcome, Secrets, Step, StepFailure, StepRecord};

use super::Runner;
use super::run::Run;
use super::wait::{self, Either};

/// A call that takes longer is noted in the storage, so that `show` can tell what its holder waits for.
const LONG_CALL: Duration = Duration::from_secs(1);

/// The result of performing a step.
pub(super) enum Performed {
    /// Its outcome is in the journal.
    Stored,
    /// Only the call itself showed that this process lacks a grant for it. Nothing is stored of it.
    HeldUp(HeldUp),
    /// The try's time limit is over; the step was dropped.
    Late,
    /// Somebody else has the task; the step was dropped, or its outcome is not stored.
    Lost,
}

impl Runner {
    /// Performs a step and appends its outcome to the journal, in the storage and in memory.
    pub(super) async fn perform(
        &self,
        run: &mut Run,
        step: Step,
        deadline: Option<Timestamp>,
    ) -> Result<Performed, Error> {
        let Some(guard) = &mut run.guard else { return Ok(Performed::Lost) };
        guard.heartbeat(&self.host, self.lease);
        let began = self.host.now();
        if deadline.is_some_and(|deadline| deadline <= began) {
            return Ok(Performed::Late);
        }
        // The journal is weighed once; then each step adds its own weight.
        let weight = *run.journal_bytes.get_or_insert_with(|| run.journal.weight());
        let outcome = if weight >= MAX_JOURNAL_BYTES {
            Err(too_heavy("calls"))
        } else {
            let gives_up = wait::first(guard.lost(), wait::until(deadline, &*self.host));
            let performed = async {
                let performed = hiding(run.secrets.of_call(&step.arguments), self.host.perform(&step));
                let noted = self.note_if_long(guard.claim(), &step.function, began);
                // The call is polled first: one that is answered at once sets no timer.
                let Either::Left(outcome) = wait::first(performed, noted).await;
                outcome
            };
            match wait::first(performed, gives_up).await {
                Either::Left(outcome) => outcome,
                Either::Right(Either::Left(())) => return Ok(Performed::Lost),
                Either::Right(Either::Right(())) => return Ok(Performed::Late),
            }
        };
        if let Err(failure) = &outcome
            && let Some(by) = self.host.lacked(&step, failure)
        {
            return Ok(Performed::HeldUp(by));
        }
        let at = self.host.now();
        let ms = u64::try_from(at.signed_duration_since(began).num_milliseconds()).unwrap_or_default();
        let Step { ordinal, function, digest, once, .. } = step;
        let outcome = outcome.map_err(StepFailure::with_bounded_kind);
        let mut record = StepRecord { ordinal, function, digest, outcome, once, at, ms };
        let bytes = record.weight(MAX_JOURNAL_BYTES).unwrap_or_else(|| {
            record.outcome = Err(too_heavy("call"));
            0
        });
        match self.storage.append_step(guard.claim(), record.clone()).await {
            Ok(()) => {}
            Err(StorageError::Conflict(_)) => return Ok(Performed::Lost),
            Err(error) => return Err(error.into()),
        }
        run.journal_bytes = Some(weight.saturating_add(bytes));
        let journal = Arc::make_mut(&mut run.journal);
        // The first result under a key is kept.
        if record.outcome.is_ok() && record.once.is_some() && !journal.once.iter().any(|kept| kept.once == record.once)
        {
            journal.once.push(record.clone());
        }
        journal.steps.push(record);
        Ok(Performed::Stored)
    }

    /// Notes a call in the storage once it takes long, and then waits forever.
    async fn note_if_long(&self, claim: &Claim, function: &Name, since: Timestamp) -> Infallible {
        if wait::pause(LONG_CALL).await {
            let call = CallInFlight { function: function.clone(), since };
            if let Err(error) = self.storage.note_call(claim, &call).await {
                tracing::debug!(task = %claim.task_id, %error, "a call in flight was not noted");
            }
        }
        std::future::pending().await
    }
}

/// The failure of a call whose outcome would make the journal too large.
fn too_heavy(whose: &str) -> StepFailure {
    let bound = format!("{MAX_JOURNAL_BYTES} bytes (MAX_JOURNAL_BYTES)");
    let message = match whose {
        "call" => format!("the result of the call takes more than {bound}"),
        _ => format!(
            "the results of the calls of this body take {bound} or more: split the calls over several states or sub-tasks"
        ),
    };
    StepFailure::new("limit", message)
}

/// Performs a call with `secrets` set on the polling thread: a capability must mask what it shortens and quotes. Its failure
/// is masked again, since capabilities may work on other threads.
async fn hiding(secrets: Secrets, call: impl Future<Output = Outcome>) -> Outcome {
    if secrets.is_empty() {
        return call.await;
    }
    let secrets = Arc::new(secrets);
    let mut call = std::pin::pin!(call);
    let outcome = std::future::poll_fn(|context| {
        let _masking = Masking::new(Rc::new(Arc::clone(&secrets)));
        call.as_mut().poll(context)
    })
    .await;
    outcome.map_err(|failure| secrets.failure(failure))
}
