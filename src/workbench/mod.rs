//! Flows while somebody works on them: what changed is checked and tested anew, and what was wrong before is known. It
//! knows no terminal; `opsflow dev`, `opsflow test`, a page and an editor show what it finds.

mod bench;
mod check;
mod folders;
mod json;
mod set;
#[cfg(test)]
mod tests;
mod watch;

pub use bench::{Round, Workbench};
pub use check::{Checked, belongs_to, check};
pub use folders::{TooManyFolders, in_depth};
pub use json::{coverage_json, round_json, test_report_json};
pub use set::{FlowRow, FlowSet, Reloaded, Standing};
pub use watch::{Changes, FolderWatcher, NewFolders};
