//! Tests of the reader.

use std::sync::Arc;

use crate::diagnostic::Source;

use super::{Document, Parsed, parse};

mod findings;
mod flows;
mod format;
mod fuzz;
mod hostile;
mod locate;
#[cfg(feature = "cli")]
mod others;
mod properties;
#[cfg(feature = "cli")]
mod schema;
mod traps;

/// Reads `text` as the file `f.yml`.
fn read(text: &str) -> Parsed {
    parse(&Arc::new(Source::new("f.yml", text)))
}

/// The findings of `text` as `line:column message | help`.
fn findings(text: &str) -> Vec<String> {
    let line = |finding: &crate::diagnostic::Finding| {
        let place = finding.position();
        let help = finding.help.as_ref().map(|help| format!(" | {help}")).unwrap_or_default();
        format!("{}:{} {}{help}", place.line, place.column, finding.message)
    };
    read(text).findings.iter().map(line).collect()
}

/// The one flow of `text`, which nothing is wrong with.
fn flow(text: &str) -> Document {
    let parsed = read(text);
    assert!(parsed.findings.is_empty(), "{:#?}", findings(text));
    assert_eq!(parsed.documents.len(), 1);
    parsed.documents.into_iter().next().unwrap()
}
