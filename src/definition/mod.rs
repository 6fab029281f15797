//! YAML text → documents, with the place of every key and scalar.

mod document;
mod scalar;

use std::sync::Arc;

use crate::diagnostic::{Finding, Source};

pub use document::{
    ActionDoc, AttributeDoc, BranchDoc, DecisionDoc, Document, InteractionDoc, MigrateDoc, OnTimeoutDoc, PlainValue,
    RetryDoc, RulesDoc, ScheduleDoc, StartDoc, StateDoc, StateKindDoc, TestDoc, WaitDoc,
};
pub use scalar::{Scalar, ScalarStyle};

/// What reading a file gave: the documents that could be made out, and everything that is wrong with any of them. A
/// document with errors stands here too where enough of it is known for the checker to say more.
#[derive(Debug, Default)]
pub struct Parsed {
    /// The flows, in order.
    pub documents: Vec<Document>,
    /// All findings, in order of their place.
    pub findings: Vec<Finding>,
}

/// Reads all flows of a file.
pub fn parse(source: &Arc<Source>) -> Parsed {
    let _ = source;
    Parsed::default()
}
