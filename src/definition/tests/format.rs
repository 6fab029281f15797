//! Tests of the one layout.

use std::sync::Arc;

use crate::definition::{Document, format, format::laid_out, parse};
use crate::diagnostic::Source;

mod generated;
mod layout;

fn source(text: &str) -> Arc<Source> {
    Arc::new(Source::new("f.yml", text))
}

/// What `text` looks like when laid out; fails if the layout had to be given up.
#[track_caller]
fn formatted(text: &str) -> String {
    laid_out(&source(text)).unwrap().unwrap_or_else(|| panic!("given up:\n{text}"))
}

/// How scripts are written, as a document shows it.
const STYLES: [&str; 5] =
    ["style: Plain", "style: SingleQuoted", "style: DoubleQuoted", "style: Literal", "style: Folded"];

/// All that documents say, without where.
fn without_places(text: &str) -> Vec<String> {
    let nowhere = Arc::new(Source::new("", ""));
    let said = |document: &Document| {
        let document = Document { source: Arc::clone(&nowhere), ..document.clone() };
        // Quotes are written where they are wanting, so how a script is written may change.
        let parts = STYLES.iter().fold(format!("{document:?}"), |text, style| text.replace(style, "style"));
        let mut parts = parts.split("Span { start: ");
        let first = parts.next().unwrap_or_default().to_owned();
        parts.fold(first, |text, part| text + part.split_once('}').map_or(part, |(_, rest)| rest))
    };
    parse(&source(text)).documents.iter().map(said).collect()
}

/// Formats `text`, and holds the layout to its promises.
#[track_caller]
fn hold(text: &str) -> String {
    let new = formatted(text);
    assert_eq!(without_places(text), without_places(&new), "{text}\nbecame\n{new}");
    new
}

/// The YAML of the cases of the language, shipped flows, and the reader's seeds.
#[expect(clippy::disallowed_methods, reason = "what is shipped stands in files")]
fn shipped() -> Vec<(String, String)> {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut texts = Vec::new();
    for folder in ["workflows", "examples", "src/cli", "tests/language", "fuzz/seeds/reader"] {
        for entry in std::fs::read_dir(root.join(folder)).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_none_or(|extension| extension != "yml") {
                continue;
            }
            let text = std::fs::read_to_string(&path).unwrap();
            let cases = text.split("\n#== ").enumerate().map(|(number, case)| {
                let case = case.split("\n#-- run").next().unwrap_or_default();
                (format!("{} {number}", path.display()), format!("# {case}\n"))
            });
            match folder {
                "tests/language" => texts.extend(cases),
                _ => texts.push((path.display().to_string(), text)),
            }
        }
    }
    texts
}

#[test]
fn what_is_shipped_says_the_same_in_its_layout() {
    let mut held = 0;
    for (name, text) in shipped() {
        if let Ok(new) = format(&source(&text)) {
            assert_eq!(hold(&text), new, "{name}");
            held += 1;
        }
    }
    assert!(held > 400, "only {held}");
}

#[test]
fn what_is_no_yaml_is_refused_with_its_findings() {
    let findings = format(&source("flow: a\nstates: { a: result\n")).unwrap_err();
    assert_eq!(findings.len(), 1);
    // Whether it is a flow at all does not matter.
    assert_eq!(formatted("a:   [ 1 ]"), "a: [1]\n");
}
