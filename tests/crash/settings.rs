//! What a run of the crash test is like, from the environment.

use std::io::Write;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

fn number(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok().filter(|text| !text.is_empty())?;
    Some(text.parse().unwrap_or_else(|_| panic!("`{name}` is `{text}`, and no number")))
}

/// `OPSFLOW_CRASH_SEED`, else another one each time.
pub fn seed() -> u64 {
    let now = || SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis();
    number("OPSFLOW_CRASH_SEED").unwrap_or_else(|| u64::try_from(now()).unwrap())
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
