//! opsflow runs flowcharts: tasks whose flow is written in YAML, with Rhai for conditions and bodies.

#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing,
        clippy::string_slice,
        reason = "a test may fail"
    )
)]

#[cfg(feature = "cli")]
pub mod cli;
pub mod clock;
mod definition;
pub mod diagnostic;
mod duration;
mod error;
mod executor;
mod expression;
pub mod flow;
pub mod host;
mod interpreter;
pub mod library;
mod mask;
mod name;
mod opsflow;
#[cfg(any(feature = "picture", test))]
pub mod picture;
mod quoted;
mod runner;
pub mod storage;
pub mod task;
mod testing;
pub mod value;
#[cfg(any(feature = "wire", test))]
pub mod wire;
#[cfg(feature = "workbench")]
pub mod workbench;
#[cfg(any(feature = "cli", feature = "picture", test))]
mod xml;

/// The blocks of Rust in the documents.
#[cfg(all(doctest, feature = "sqlite", feature = "picture", feature = "suite"))]
mod documents {
    #[doc = include_str!("../README.md")]
    mod readme {}
    #[doc = include_str!("../docs/embedding.md")]
    mod embedding {}
}

/// Events of all tasks, in one durable order.
pub mod events {
    pub use crate::opsflow::{EventFilter, EventFollower, EventPage, EventTask, EventType, TaskEvent};
}

/// What reading tasks gives.
pub mod list {
    pub use crate::opsflow::{HistoryPages, InProgress, TaskPages};
}

/// What is asked of a task, and how.
pub mod request {
    pub use crate::opsflow::{Ask, What, attributes_of};
}

/// Running a flow's own tests.
pub mod test {
    pub use crate::testing::{
        Coverage, CoverageCount, CoveredBranch, CoveredExpression, CoveredState, DiffLine, ExpressionCoverage,
        FlowCoverage, PathStep, TestFailure, TestOptions, TestReport, TestResult,
    };
}

/// Running what is due.
pub mod worker {
    pub use crate::opsflow::{DueReport, SkippedTask, WorkerConfig, WorkerReport};
}

// What most programs need. The rest stands in the modules.
pub use clock::Timestamp;
pub use diagnostic::{Finding, Source};
pub use duration::Duration;
pub use error::Error;
pub use flow::Flow;
pub use host::Grants;
pub use library::Library;
pub use name::Name;
pub use opsflow::{Builder, DueReport, Event, Opsflow, WorkerConfig, WorkerReport};
#[cfg(feature = "sqlite")]
pub use storage::Sqlite;
pub use storage::{Filter, Memory, Storage};
pub use task::{Status, Task, TaskId, Transition};
pub use value::{Map, Value};
