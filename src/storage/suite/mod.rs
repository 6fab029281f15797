//! The promises of a [`Storage`], as checks that the author of any adapter can run.
//!
//! Each check gets a fresh, empty storage. Time is an input of every call, so nothing sleeps but a subscriber, and that only
//! if it is not told.
//!
//! ```
//! # use std::sync::Arc;
//! # use opsflow::{Memory, storage::suite};
//! # async fn adapter() -> Result<(), suite::Broken> {
//! suite::run(async || Ok(Arc::new(Memory::new()) as _)).await?;
//! # Ok(()) }
//! ```

mod around;
mod claims;
mod commits;
mod counts;
mod deletes;
mod faulty;
mod feeds;
mod finds;
mod held;
mod journals;
mod listens;
mod notes;
mod rests;
mod sample;
mod turns;

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use super::{Storage, StorageError};

pub use around::{Around, Write};
pub use faulty::{CrashPoint, Faulty};
#[cfg(test)]
pub(in crate::storage) use listens::hears;
pub use sample::{moment, next, task};

/// What a check is given: an empty storage.
pub type EmptyStorage = Arc<dyn Storage>;

/// The result of a check: nothing, or how a promise was broken.
pub type CheckResult = Result<(), String>;

/// A check: its name, and how to run it.
pub struct Check {
    /// The promise, in a few words.
    pub promise: &'static str,
    run: fn(EmptyStorage) -> Pin<Box<dyn Future<Output = CheckResult> + Send>>,
}

impl Check {
    /// Runs it on an empty storage.
    pub async fn run(&self, fresh: EmptyStorage) -> CheckResult {
        (self.run)(fresh).await
    }
}

impl fmt::Debug for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.promise)
    }
}

/// The promises that a storage does not keep.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken(Vec<(&'static str, String)>);

impl Broken {
    /// Each broken promise with what was found.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.0.iter().map(|(promise, found)| (*promise, found.as_str()))
    }
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {} promises broken", self.0.len(), checks().count())?;
        self.iter().try_for_each(|(promise, found)| write!(f, "\n{promise}: {found}"))
    }
}

impl std::error::Error for Broken {}

/// Every check.
pub fn checks() -> impl Iterator<Item = &'static Check> {
    [
        commits::CHECKS,
        claims::CHECKS,
        held::CHECKS,
        turns::CHECKS,
        rests::CHECKS,
        journals::CHECKS,
        notes::CHECKS,
        listens::CHECKS,
        finds::CHECKS,
        counts::CHECKS,
        feeds::CHECKS,
        deletes::CHECKS,
    ]
    .into_iter()
    .flatten()
}

/// Runs every check, each on a new storage from `make`, and reports all promises that are not kept.
pub async fn run(make: impl AsyncFn() -> Result<EmptyStorage, StorageError>) -> Result<(), Broken> {
    let mut broken = Vec::new();
    for check in checks() {
        let verdict = match make().await {
            Ok(fresh) => check.run(fresh).await,
            Err(why) => Err(format!("no storage to check: {why}")),
        };
        if let Err(found) = verdict {
            broken.push((check.promise, found));
        }
    }
    if broken.is_empty() { Ok(()) } else { Err(Broken(broken)) }
}

/// Names checks by their promises.
macro_rules! promises {
    ($($promise:literal => $check:ident),+ $(,)?) => {
        pub(super) const CHECKS: &[crate::storage::suite::Check] =
            &[$(crate::storage::suite::Check { promise: $promise, run: |fresh| Box::pin($check(fresh)) }),+];
    };
}

/// Ends a check with the reason, unless the condition holds.
macro_rules! ensure {
    ($holds:expr, $($found:tt)+) => {
        if !$holds {
            return Err(format!($($found)+));
        }
    };
}

/// Ends a check unless both sides are equal.
macro_rules! ensure_eq {
    ($left:expr, $right:expr, $what:literal) => {
        match (&$left, &$right) {
            (left, right) => {
                if left != right {
                    return Err(format!("{}: {left:?} in place of {right:?}", $what));
                }
            }
        }
    };
}

use {ensure, ensure_eq, promises};

/// What a call gave, if it went well.
fn good<T>(outcome: Result<T, StorageError>) -> Result<T, String> {
    outcome.map_err(|why| why.to_string())
}

/// Whether a call was refused because somebody else was first.
fn refused<T>(outcome: &Result<T, StorageError>) -> bool {
    matches!(outcome, Err(StorageError::Conflict(_)))
}
