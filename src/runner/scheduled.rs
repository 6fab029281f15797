//! How far a flow's schedule has come, as a note of the storage.

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::clock::Timestamp;
use crate::name::Name;
use crate::storage::{Storage, StorageError};
use crate::task::TaskId;

/// The names of these notes begin so, followed by the flow.
const PREFIX: &str = "schedule/";

/// The progress of a flow's schedule.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct Scheduled {
    /// The rule it is for: cron and time zone. Under another rule the schedule begins anew.
    pub(crate) rule: Name,
    /// Every run up to this moment has been handled. In milliseconds, so that there is one way to write it.
    #[serde(with = "chrono::serde::ts_milliseconds")]
    pub(crate) seen_until: Timestamp,
    /// The task that was started last, if any.
    pub(crate) task_id: Option<TaskId>,
}

impl Scheduled {
    /// The progress of the schedule of `flow`, if any is stored.
    pub(crate) async fn of(storage: &dyn Storage, flow: &str) -> Result<Option<Self>, StorageError> {
        let name = name(flow);
        let read = |note| {
            let corrupt = |why: serde_json::Error| StorageError::Corrupt {
                place: format!("the note `{name}`"),
                reason: why.to_string(),
            };
            serde_json::from_value(note).map_err(corrupt)
        };
        storage.note(&name).await?.map(read).transpose()
    }

    /// Stores the progress `now`, if the stored one is `before`. False if not: somebody else was first.
    pub(crate) async fn set(
        storage: &dyn Storage,
        flow: &str,
        before: Option<&Self>,
        now: &Self,
    ) -> Result<bool, StorageError> {
        let before = before.map(Self::note);
        storage.set_note(&name(flow), before.as_ref(), Some(&now.note())).await
    }

    fn note(&self) -> Json {
        let task_id = self.task_id.map(|id| id.to_string());
        serde_json::json!({
            "rule": self.rule, "seen_until": self.seen_until.timestamp_millis(), "task_id": task_id,
        })
    }
}

fn name(flow: &str) -> String {
    format!("{PREFIX}{flow}")
}
