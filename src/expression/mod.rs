//! Scripts. This is the only room that knows Rhai. It compiles conditions and bodies, reports their errors before they
//! run, and evaluates them within limits.
//!
//! Rhai's parser reads a script, `analysis` finds its errors, and `lower` turns its tree into the code that `run`
//! evaluates, directly on the values of tasks and with the functions in `builtin`. So nothing is converted on the way
//! in or out, every bound is checked where something grows, and what Rhai ignores silently is an error.

mod analysis;
mod bodies;
mod builtin;
mod code;
mod direct;
mod expressions;
mod fit;
mod gives;
mod limits;
mod lower;
mod outcome;
mod outside;
mod parse;
mod run;
mod script;
mod takes;
mod vocabulary;

pub use limits::Limits;
pub(crate) use outcome::MAX_KIND_BYTES;
pub use outcome::{Failure, ScriptPlace};
pub(crate) use vocabulary::Compute;
pub use vocabulary::{Function, FunctionBody};

pub(crate) use expressions::Expressions;
pub(crate) use gives::Gives;
pub(crate) use outcome::{Assigned, Ran, ScriptFinding, StartedFlow};
pub(crate) use outside::{Answer, Call, Outside, OutsideRef, Scope};
pub(crate) use script::Script;
pub(crate) use takes::{Argument, Takes};
pub(crate) use vocabulary::{Flows, Given, Params, Role, Variable, Vocabulary};

#[cfg(test)]
mod tests;
#[cfg(test)]
pub(crate) use tests::changes::{changed, changes};
