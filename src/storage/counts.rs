//! How many tasks stand where.

use crate::name::Name;
use crate::task::Status;

/// The statuses that [`Storage::counts`](super::Storage::counts) counts: what runs, what sleeps, and what somebody has
/// to look at.
pub const COUNTED: [Status; 3] = [Status::Active, Status::Waiting, Status::Failed];

/// How many tasks of a flow are in one status and state.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub struct TaskCount {
    /// The flow.
    pub flow: Name,
    /// Their status.
    pub status: Status,
    /// Their state.
    pub state: Name,
    /// How many they are.
    pub tasks: u64,
}

impl TaskCount {
    /// So many tasks.
    pub const fn new(flow: Name, status: Status, state: Name, tasks: u64) -> Self {
        Self { flow, status, state, tasks }
    }
}
