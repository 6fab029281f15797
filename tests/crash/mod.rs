//! The crash test: whatever dies when, at the end everything is as if nothing had. See `README.md`.

mod check;
#[cfg(unix)]
mod fleet;
mod kinds;
mod ledger;
mod points;
#[cfg(unix)]
mod processes;
mod random;
mod settings;
