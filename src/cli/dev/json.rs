//! A round as data: one object per line.

use serde_json::Value;

use super::super::exit::Failure;
use super::super::screen::Screen;

/// Writes an object as a line.
pub(in crate::cli) fn line(screen: Screen, value: &Value) -> Result<(), Failure> {
    screen.result(&format!("{value}\n"))
}
