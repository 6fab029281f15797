//! What is clean here is YAML, and another reader of it (libyaml) finds the same in it: over all YAML that stands in the
//! tree, and over variations of it.

#![expect(clippy::disallowed_methods, reason = "the files of the tree are what is held")]

use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::Deserialize;
use serde_yaml::Value;

use super::super::node::{Content, Node};
use super::super::scalar::ScalarStyle;
use super::super::{parse, tree};
use crate::diagnostic::Source;

/// Parts that mean something to YAML, or to scripts within it.
const PARTS: [&str; 41] = [
    "#", " #", "#{", "`", "'", "\"", ": ", "- ", "? ", "|", ">", "|-", ">+", "|2", "&a ", "*a", "!t ", "!!str ", "%",
    "@", "{", "}", "[", "]", ",", ", ", "\\", "\\n", "\n", "\n  ", "\n    ", "  ", " ", "---\n", "~", "null", "${a}",
    "?", ":", "[?", ":]",
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn files(folder: &str, ending: &str) -> Vec<PathBuf> {
    let mut open = vec![root().join(folder)];
    let mut found = Vec::new();
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else if path.to_str().is_some_and(|name| name.ends_with(ending)) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// All YAML of flows that stands in the tree: files, blocks of the docs, and cases.
fn corpus() -> Vec<String> {
    let text = |path: &PathBuf| std::fs::read_to_string(path).unwrap();
    let mut all: Vec<String> = files("workflows", ".yml").iter().map(text).collect();
    for page in files("docs", ".md").iter().map(text) {
        all.extend(page.split("```yaml\n").skip(1).filter_map(|rest| Some(rest.split_once("```")?.0.to_owned())));
    }
    for cases in files("tests/language", ".yml").iter().map(text) {
        all.extend(cases.split("\n#==").skip(1).map(|case| case.split_once('\n').unwrap_or_default().1.to_owned()));
    }
    assert!(all.len() > 300, "the YAML of the tree is not where it is looked for: {}", all.len());
    all
}

/// Whether `check` has nothing against it, as far as its YAML goes.
fn is_clean(source: &Arc<Source>) -> bool {
    let parsed = parse(source);
    parsed.findings.iter().all(|finding| !finding.is_error() && !finding.message.starts_with("not YAML"))
}

/// Why the other reader finds something else, if it does.
fn differs(text: &str) -> Option<String> {
    let source = Arc::new(Source::new("f.yml", text));
    if !is_clean(&source) {
        return None;
    }
    let mut documents = tree::read(&source).documents;
    documents.retain(|document| !document.root.is_null());
    let others: Result<Vec<Value>, _> = serde_yaml::Deserializer::from_str(text).map(Value::deserialize).collect();
    let others = match others {
        // A document without anything in it is passed by.
        Ok(others) => others.into_iter().filter(|other| !other.is_null()).collect::<Vec<_>>(),
        Err(why) => return Some(format!("it is refused: {why}")),
    };
    if documents.len() != others.len() {
        return Some(format!("{} documents, and {} there", documents.len(), others.len()));
    }
    documents.iter().zip(&others).find_map(|(own, other)| unlike(&own.root, other))
}

/// Where a node and a value of the other reader differ.
fn unlike(node: &Node, value: &Value) -> Option<String> {
    match (&node.content, value) {
        (_, Value::Tagged(tagged)) => unlike(node, &tagged.value),
        (Content::List(items), Value::Sequence(others)) if items.len() == others.len() => {
            items.iter().zip(others).find_map(|(item, other)| unlike(item, other))
        }
        (Content::Map(entries), Value::Mapping(others)) if entries.len() == others.len() => entries
            .iter()
            .zip(others)
            .find_map(|(entry, (key, other))| unlike(&entry.key, key).or_else(|| unlike(&entry.value, other))),
        (Content::Scalar(text, _), Value::String(other)) if **text == **other => None,
        // What a plain scalar is, number or text, is said by whoever reads it.
        (Content::Scalar(text, ScalarStyle::Plain), other) if !matches!(other, Value::String(_)) => {
            let alone: Option<Value> = serde_yaml::from_str(text).ok();
            let is_same = alone.as_ref() == Some(other) || (text.is_empty() && other.is_null());
            (!is_same).then(|| format!("`{text}`, and {other:?} there"))
        }
        (own, other) => Some(format!("{own:?}, and {other:?} there")),
    }
}

#[test]
fn what_is_clean_in_the_tree_is_read_alike_by_others() {
    let corpus = corpus();
    let clean = corpus.iter().filter(|text| is_clean(&Arc::new(Source::new("f.yml", text.as_str())))).count();
    assert!(clean > 200, "{clean} of {}", corpus.len());
    for text in &corpus {
        assert_eq!(differs(text), None, "{text}");
    }
}

#[test]
fn the_comparison_finds_what_yaml_reads_otherwise() {
    let source = Arc::new(Source::new("f.yml", "a: [b, 'c', 5, ~]\nd: |\n  e\n"));
    let own = &tree::read(&source).documents[0].root;
    let other = |text: &str| serde_yaml::from_str::<Value>(text).unwrap();
    assert_eq!(unlike(own, &other("a: [b, c, 5, null]\nd: \"e\\n\"\n")), None);
    for text in
        ["a: [b, c, 5]\nd: \"e\\n\"\n", "a: [b, c, 6, ~]\nd: \"e\\n\"\n", "a: [b, c, 5, ~]\nd: e\n", "a: b\nd: e\n"]
    {
        assert!(unlike(own, &other(text)).is_some(), "{text}");
    }
}

/// Whether libyaml refuses a text that YAML 1.2 allows: a `:` that begins a line within brackets.
fn is_beyond_libyaml(text: &str) -> bool {
    let colon = regex_lite::Regex::new(r"\n[ ]*:").unwrap();
    colon.is_match(text)
}

/// Texts of the tree with one or two parts put in, or put in place of up to two characters, anywhere.
fn variations(corpus: &[String], seed: u64, count: usize, mut each: impl FnMut(&str)) {
    let mut state = seed;
    let mut next = |below: usize| {
        // Knuth's generator: the same variations at each run.
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % below
    };
    for _ in 0..count {
        let mut text: Vec<char> = corpus[next(corpus.len())].chars().collect();
        for _ in 0..1 + next(2) {
            let at = next(text.len() + 1);
            let end = (at + next(3)).min(text.len());
            text.splice(at..end, PARTS[next(PARTS.len())].chars());
        }
        let text: String = text.into_iter().collect();
        if !is_beyond_libyaml(&text) {
            each(&text);
        }
    }
}

#[test]
fn what_is_clean_in_variations_is_read_alike_by_others() {
    let (corpus, mut clean) = (corpus(), 0);
    let seed = std::env::var("OPSFLOW_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(1);
    let count = std::env::var("OPSFLOW_VARIATIONS").ok().and_then(|count| count.parse().ok()).unwrap_or(1_500);
    let mut found = Vec::new();
    variations(&corpus, seed, count, |text| {
        clean += usize::from(is_clean(&Arc::new(Source::new("f.yml", text))));
        found.extend(differs(text).map(|why| format!("{why}:\n{text}")));
    });
    assert!(clean > count / 20, "{clean} of {count}");
    assert!(found.is_empty(), "{} differ:\n{}", found.len(), found.join("\n=====\n"));
}

#[test]
fn a_carriage_return_ends_no_line_by_itself() {
    let found = super::findings("flow: a\ndescription: \"a\rb\"\nstates: { start: result }\n");
    assert!(found.iter().any(|found| found.contains("a carriage return without a line feed")), "{found:?}");
    assert_eq!(super::findings("flow: a\r\nstates: { start: result }\r\n"), [""; 0]);
}

#[test]
fn a_tab_that_indents_is_refused_here_as_elsewhere() {
    let text = "flow: a\nstates:\n \tstart: result\n";
    assert!(serde_yaml::from_str::<Value>(text).is_err());
    assert_eq!(super::findings(text), ["3:2 this is a tab, and YAML needs spaces here | indent with spaces"]);
    let help = "some readers of YAML refuse a tab here; `opsflow fmt` writes blanks";
    for (text, place) in [
        ("flow: a\nstates: {\n \tstart: result }\n", "3:2"),
        ("flow: a\nattributes: { l: { type: any, default:\t[1] } }\nstates: { start: { result: l } }\n", "2:39"),
        ("flow: a\ndescription:\t\"a\"\nstates: { start: result }\n", "2:13"),
        ("flow: a\ndescription: a\t# b\nstates: { start: result }\n", "2:15"),
    ] {
        let warning = format!("{place} not YAML: write a blank in place of this tab | {help}");
        assert_eq!(super::findings(text), [warning], "{text}");
        let text = super::super::format(&Arc::new(Source::new("f.yml", text))).unwrap();
        assert_eq!(super::findings(&text), [""; 0], "{text}");
    }
    let text = "flow: a\ndescription: a\tb # c\td\nstates:\n  start:\n    result: |\n      1\t+ 1\n  \t\n";
    assert_eq!(super::findings(text), [""; 0], "within texts and comments they are harmless");
}
