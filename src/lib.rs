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
mod clock;
mod definition;
mod diagnostic;
mod duration;
mod error;
mod executor;
mod expression;
mod flow;
mod host;
mod interpreter;
mod library;
mod mask;
mod name;
mod opsflow;
#[cfg(any(feature = "picture", test))]
pub mod picture;
mod quoted;
mod runner;
mod storage;
mod task;
mod testing;
mod value;
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

pub use clock::{Clock, SystemClock, Timestamp, VirtualClock};
pub use definition::{format, schema, tests_schema};
pub use diagnostic::{Finding, Position, Severity, Source, Span};
pub use duration::{Duration, InvalidDuration, MAX_DURATION};
pub use error::Error;
pub use expression::{Function, FunctionBody, Limits};
pub use flow::{CheckContext, Flow};
pub use host::{
    Capability, Effect, FromValue, Grants, Host, IntoEffect, IntoFunction, IntoValue, InvalidGrant, Machine, Signature,
};
#[cfg(feature = "watch")]
pub use library::{ChangedFiles, WatchError, Watcher};
pub use library::{Entry, Library, LoadedFile, Reload};
pub use name::Name;
pub use opsflow::{
    Ask, Builder, DueReport, Event, EventFilter, EventFollower, EventPage, EventTask, EventType, InProgress, Opsflow,
    SkippedTask, TaskEvent, TaskPages, What, WorkerConfig, WorkerReport,
};
#[cfg(any(feature = "suite", test))]
pub use storage::suite as storage_suite;
pub use storage::{
    COUNTED, CallInFlight, Claimed, CommitQueue, Cursor, EngineErrorKind, FeedEntry, FeedPage, Filter, Held, IdPrefix,
    InvalidPrefix, MAX_BATCH, MAX_FEED_ENTRIES, MAX_LEASES_AHEAD, MAX_NOT_BEFORE, MAX_NOTE_BYTES, MAX_NOTE_NAME_BYTES,
    MIN_PREFIX, Memory, Notifier, Period, Place, Storage, StorageError, Subscription, TaskCount, Wanted, note_text,
    open as open_storage,
};
#[cfg(feature = "sqlite")]
pub use storage::{Durability, Sqlite, SqliteOptions};
pub use storage::{QueueKey, Ready, RoundRobin, entries_follow};
pub use task::{
    At, Attribute, AttributeSet, Attributes, Cause, Change, Changes, Checkpoint, Claim, Definition, Digest, EntryError,
    HeldUp, IndexEntry, InteractionReceipt, Invalid, InvalidInput, Journal, MAX_WHOLE_CHANGE_BYTES,
    MIN_SECRET_CHARACTERS, NextTry, Operation, Origin, Outcome, Pattern, Rules, SECRET, Status, Step, StepFailure,
    StepRecord, StepSummary, Task, TaskError, TaskId, Transition,
};
pub use testing::{
    Coverage, CoverageCount, CoveredBranch, CoveredExpression, CoveredState, DiffLine, ExpressionCoverage,
    FlowCoverage, PathStep, TestFailure, TestOptions, TestReport, TestResult,
};
pub use value::{InvalidValue, MAX_VALUE_BYTES, MAX_VALUE_DEPTH, Map, Number, Shape, Stored, Type, Value};
