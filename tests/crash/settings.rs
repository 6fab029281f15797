//! What a run of the crash test is like, from the environment.

use std::io::Write;
use std::time::Duration;

use crate::number;

/// `OPSFLOW_CRASH_SEED`, else another one each time.
pub fn seed() -> u64 {
    number("OPSFLOW_CRASH_SEED").unwrap_or_else(crate::any_seed)
}

/// `OPSFLOW_CRASH_ROUNDS`: how often it is run, each time with the next seed.
pub fn rounds(usual: u64) -> u64 {
    number("OPSFLOW_CRASH_ROUNDS").map_or(usual, |rounds| rounds.saturating_mul(usual))
}

/// `OPSFLOW_CRASH_TASKS`: tasks that are handed over in a round.
pub fn tasks(usual: u64) -> u64 {
    number("OPSFLOW_CRASH_TASKS").unwrap_or(usual)
}

/// `OPSFLOW_CRASH_SECONDS`: how long a round kills.
pub fn killing(usual: Duration) -> Duration {
    number("OPSFLOW_CRASH_SECONDS").map_or(usual, Duration::from_secs)
}

/// Says something also when the test succeeds: straight to stderr, which is not kept back.
pub fn say(text: &str) {
    let _ = writeln!(std::io::stderr(), "crash test: {text}");
}
