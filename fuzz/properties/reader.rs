//! Properties of reading and checking a flow file, for any bytes, through the public names.

use std::sync::Arc;

use opsflow::flow::{CheckContext, format};
use opsflow::{Finding, Library, Source};

/// The name of the file.
const NAME: &str = "fuzz.yml";

/// Reads `data` as a flow file, checks the flows in it, and lays it out; panics where a promise is broken.
pub fn reader(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let source = Arc::new(Source::new(NAME, text));
    let findings = findings_of(&source);
    for finding in &findings {
        let (start, end) = (finding.span.start, finding.span.end);
        assert!(start <= end && text.get(start..end).is_some(), "{finding:?} is no place in {} bytes", text.len());
        assert!(!finding.message.is_empty() && !finding.message.contains('\n'), "message {:?}", finding.message);
    }
    laid_out(&source, &findings);
}

/// What is wrong with the file. It holds a flow, or it says why not.
fn findings_of(source: &Arc<Source>) -> Vec<Finding> {
    let library = Library::of_sources([Arc::clone(source)], &CheckContext::default());
    let findings = library.findings();
    assert!(!library.names().is_empty() || !findings.is_empty(), "neither a flow nor a finding");
    for name in library.names() {
        let is_there = library.get(&name).is_some();
        assert!(is_there, "`{name}` is named but not there");
    }
    findings
}

/// A text that was laid out stays as it is, and nothing else is wrong with it.
fn laid_out(source: &Arc<Source>, findings: &[Finding]) {
    let Ok(text) = format(source) else { return };
    let new = Arc::new(Source::new(NAME, text));
    assert_eq!(format(&new).ok().as_deref(), Some(new.text()), "it does not stay as it was laid out");
    let errors = |findings: &[Finding]| findings.iter().filter(|finding| finding.is_error()).count();
    assert_eq!(errors(&findings_of(&new)), errors(findings), "laid out it is right, or wrong, elsewhere");
}
