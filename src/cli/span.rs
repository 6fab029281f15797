//! `--since` and `--until`: when a task was started.

use clap::Args;

use crate::clock::{Clock, SystemClock, Timestamp};
use crate::wire;

/// A span of time in which tasks were started.
#[derive(Args, Debug, Default, Clone)]
pub(super) struct Span {
    /// Started since: so long ago, like `2h`, or a moment, like `2026-11-21` or `2026-11-21T09:00:00Z`
    #[arg(long, value_name = "WHEN", value_parser = moment)]
    pub(super) since: Option<Timestamp>,
    /// Started before: as for `--since`
    #[arg(long, value_name = "WHEN", value_parser = moment)]
    pub(super) until: Option<Timestamp>,
}

/// A moment, or a duration before now. A date begins at midnight, in UTC.
fn moment(text: &str) -> Result<Timestamp, String> {
    wire::moment(text, SystemClock.now()).ok_or_else(|| {
        "expected so long ago, like `2h`, or a moment, like `2026-11-21` or `2026-11-21T09:00:00Z`".to_owned()
    })
}
