//! All integration tests, in one binary.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::disallowed_methods,
    reason = "a test may fail, and reads its files"
)]
#![allow(unreachable_pub, reason = "what the modules of one binary share is not reached from outside")]

mod architecture;
mod cli;
mod crash;
mod docs;
mod fuzz;
#[cfg(target_os = "linux")]
mod hostile;
mod language;
mod model;
mod race;
mod secrets;
mod testing;
mod workflows;

/// What the environment says under `name`: a whole number.
fn number(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("{name}={text} is no whole number")))
}

/// A seed if none is given: a new one every time.
fn any_seed() -> u64 {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_nanos() as u64 % 1_000_000_000
}
