//! Properties that the reader must have for any input.

use std::sync::Arc;

use crate::diagnostic::{Finding, Position, Source, Span};

use crate::definition::document::{DecisionDoc, Document, StateKindDoc};
use crate::definition::limits::MAX_FINDINGS;
use crate::definition::{Scalar, format, parse, parse_tests};

/// Reads `data` as a flow file and checks the reader's promises.
pub(super) fn reader(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let source = Arc::new(Source::new("fuzz.yml", text));
    let parsed = parse(&source);
    assert!(parsed.findings.len() <= MAX_FINDINGS + 1, "{} findings", parsed.findings.len());
    assert!(parsed.findings.is_sorted_by_key(|finding| finding.span.start), "findings are in no order");
    for finding in &parsed.findings {
        within(&source, finding.span);
        assert!(!finding.message.is_empty() && !finding.message.contains('\n'), "message {:?}", finding.message);
    }
    assert!(!parsed.documents.is_empty() || !parsed.findings.is_empty(), "neither a flow nor a finding");
    for document in &parsed.documents {
        within(&source, document.span);
        scripts(document).for_each(|scalar| placed(&source, scalar));
    }
    let (tests, findings) = parse_tests(&source);
    assert!(!tests.is_empty() || !findings.is_empty(), "neither tests nor a finding");
    findings.iter().for_each(|finding| within(&source, finding.span));
    laid_out(&source, &parsed.documents);
    if parsed.findings.is_empty() && !text.contains('%') {
        parsed.documents.iter().for_each(|document| pinned(document, &source));
    }
}

/// A formatted text says the same, and is left unchanged by a second formatting.
fn laid_out(source: &Arc<Source>, documents: &[Document]) {
    let Ok(text) = format(source) else { return };
    let new = Arc::new(Source::new("fuzz.yml", text));
    assert_eq!(format(&new).ok().as_deref(), Some(new.text()), "it does not stay as it was laid out");
    let again = parse(&new).documents;
    let said = |documents: &[Document]| -> Vec<Arc<str>> {
        documents.iter().flat_map(scripts).map(|scalar| Arc::clone(&scalar.text)).collect()
    };
    assert!(said(documents) == said(&again), "laid out it says something else");
}

/// A place is within the text and cuts no character.
fn within(source: &Source, span: Span) {
    let text = source.text();
    let is_place = span.start <= span.end && text.get(span.start..span.end).is_some();
    assert!(is_place, "{span:?} is no place in {} bytes", text.len());
}

/// Every character of a script has a place, and the places are in order.
fn placed(source: &Source, scalar: &Scalar) {
    const MOST: usize = 200;
    within(source, scalar.span);
    let mut before = scalar.span.start;
    for (line, content) in scalar.text.lines().take(MOST).enumerate() {
        for (column, c) in content.chars().take(MOST).enumerate() {
            let span = scalar.locate(source, Position { line: line + 1, column: column + 1 });
            within(source, span);
            assert!(scalar.span.start <= span.start && span.end <= scalar.span.end, "{span:?} is not in {scalar:?}");
            if !c.is_whitespace() {
                assert!(span.start >= before, "{span:?} comes before {before} in {scalar:?}");
                before = span.start;
            }
        }
    }
}

/// A flow without errors is the same when its document is read alone, as a pinned definition is.
fn pinned(document: &Document, source: &Source) {
    let part = Arc::new(Source::part("pinned.yml", source.slice(document.span), 1));
    let again = parse(&part);
    let findings: Vec<String> = again.findings.iter().map(Finding::to_string).collect();
    assert!(findings.is_empty(), "read by itself: {findings:?}");
    let names = again.documents.iter().map(|d| d.flow.as_ref().map(|n| &n.value));
    assert!(names.eq([document.flow.as_ref().map(|n| &n.value)]), "read by itself it is another flow");
    let texts = |document: &Document| scripts(document).map(|s| Arc::clone(&s.text)).collect::<Vec<_>>();
    assert!(again.documents.iter().all(|d| texts(d) == texts(document)), "read by itself its scripts differ");
}

/// The scripts of a document's states and functions.
fn scripts(document: &Document) -> impl Iterator<Item = &Scalar> {
    document.states.iter().flat_map(|state| of_state(&state.kind)).chain(&document.functions)
}

fn of_state(kind: &StateKindDoc) -> Vec<&Scalar> {
    match kind {
        StateKindDoc::Action(action) => {
            let conditions = action.on_error.iter().filter_map(|branch| branch.condition.as_ref());
            std::iter::once(&action.script).chain(conditions).collect()
        }
        StateKindDoc::Decision(DecisionDoc::Boolean { condition, .. }) => vec![condition],
        StateKindDoc::Decision(DecisionDoc::Branches(branches)) => {
            branches.iter().filter_map(|branch| branch.condition.as_ref()).collect()
        }
        StateKindDoc::WaitUntil(wait) => wait.branches.iter().filter_map(|b| b.condition.as_ref()).collect(),
        StateKindDoc::Start(start) => start.for_each.iter().chain(start.with.iter().map(|(_, value)| value)).collect(),
        StateKindDoc::Result(expression) => expression.iter().collect(),
        StateKindDoc::Failure(message) => vec![message],
        StateKindDoc::Broken => Vec::new(),
    }
}
