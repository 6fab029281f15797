//! Restoring a flow from its pinned definition: its file may have changed or gone.

use std::sync::Arc;

use crate::definition::parse;
use crate::diagnostic::{Finding, Source, Span, has_errors};
use crate::task::Definition;

use super::check::Checker;
use super::{CheckContext, Flow};

/// Rebuilds the flow of a pinned definition, with places as they were in its file. It does not need the flows that it
/// may start: they are looked up when they are started. Fails if the program or its functions have changed so much that
/// the definition no longer passes the check.
pub(crate) fn restore(definition: &Definition, context: &CheckContext) -> Result<Flow, Vec<Finding>> {
    let source = Arc::new(Source::part(&definition.file, &*definition.text, definition.first_line));
    let parsed = parse(&source);
    let mut findings = parsed.findings;
    let document = parsed.documents.into_iter().find(|d| d.flow.as_ref().is_some_and(|n| n.value == definition.flow));
    let Some(document) = document else {
        if !has_errors(&findings) {
            let message = format!("the stored definition holds no flow `{}`", definition.flow);
            findings.push(Finding::error(&source, Span::default(), message));
        }
        return Err(findings);
    };
    let (flow, found) = Checker::new(&document, None, context).run();
    findings.extend(found);
    match flow.filter(|_| !has_errors(&findings)) {
        Some(flow) => Ok(Flow { definition: Arc::new(definition.clone()), ..flow }),
        None => Err(findings),
    }
}
