//! Scripts: the only room that knows Rhai. Compiles conditions and bodies, says what is wrong with them before they
//! run, and evaluates them within limits.
//!
//! Rhai's parser reads a script; `analysis` says what is wrong with it; `lower` makes of its tree the code that `run`
//! evaluates on the values tasks hold, with the functions in `builtin`. So nothing is converted on the way in or out,
//! every bound is kept where something grows, and what Rhai leaves silent is an error.

mod analysis;
mod bodies;
mod builtin;
mod code;
mod expressions;
mod fit;
pub(crate) mod fuzz;
mod limits;
mod lower;
mod outcome;
mod outside;
mod parse;
mod run;
mod script;
mod vocabulary;

pub use limits::Limits;
pub(crate) use outcome::Failure;
pub(crate) use vocabulary::Compute;
pub use vocabulary::{Function, FunctionBody};

pub(crate) use expressions::Expressions;
pub(crate) use outcome::{Assigned, Ran, ScriptFinding, ScriptPlace, StartedFlow};
pub(crate) use outside::{Answer, Call, Outside, OutsideRef, Scope};
pub(crate) use script::Script;
pub(crate) use vocabulary::{Flows, Given, Params, Role, Variable, Vocabulary};

#[cfg(test)]
mod tests;
#[cfg(test)]
pub(crate) use tests::changes::{changed, changes};
