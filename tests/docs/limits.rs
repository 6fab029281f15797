//! `docs/limits.md` against the code: every bound that a message names is in a table, with its value.

use std::collections::BTreeSet;
use std::path::Path;

use regex_lite::Regex;

use super::root;

/// A bound: the room that holds it, its name, its value as the page writes it.
type Bound = (String, String, String);

/// The sources of the program, tests left out: the room of each, and its text.
fn sources() -> Vec<(String, String)> {
    let mut sources = Vec::new();
    gather(&root().join("src"), &mut sources);
    assert!(sources.len() > 100, "the sources are not where they are looked for");
    sources
}

fn gather(folder: &Path, sources: &mut Vec<(String, String)>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && !path.ends_with("tests") {
            gather(&path, sources);
        } else if path.extension().is_some_and(|end| end == "rs")
            && !path.ends_with("tests.rs")
            && !path.ends_with("fuzz.rs")
        {
            let room = path.strip_prefix(root().join("src")).unwrap().iter().next().unwrap().to_str().unwrap();
            sources.push((room.trim_end_matches(".rs").to_owned(), std::fs::read_to_string(&path).unwrap()));
        }
    }
}

/// Every bound there is in the code: constants, and the fields of `Limits`.
fn bounds(sources: &[(String, String)]) -> BTreeSet<Bound> {
    let constant = Regex::new(r"const ([A-Z][A-Z_]+): [A-Za-z0-9:]+ = ([^;]+);").unwrap();
    let field = Regex::new(r"(?m)^ +(max_[a-z_]+): ([^,{}]*[0-9][^,{}]*),$").unwrap();
    let mut bounds = BTreeSet::new();
    for (room, text) in sources {
        for found in constant.captures_iter(text).chain(field.captures_iter(text)) {
            if let Some(number) = number(&found[2], text) {
                bounds.insert((room.clone(), found[1].to_owned(), written(&found[1], &found[2], number)));
            }
        }
    }
    bounds
}

/// What a product of numbers and of constants of the same file comes to, in bytes, pieces or milliseconds.
fn number(expression: &str, file: &str) -> Option<u64> {
    let inner = expression.split_once('(').map_or(expression, |(_, rest)| rest.trim_end_matches(')'));
    let unit = if expression.contains("from_secs") { 1000 } else { 1 };
    inner.split('*').map(str::trim).try_fold(unit, |product, factor| {
        let value = factor.replace('_', "").parse().ok().or_else(|| {
            let constant = Regex::new(&format!(r"const {factor}: [a-z0-9]+ = ([^;]+);")).ok()?;
            number(&constant.captures(file)?[1], file)
        })?;
        Some(product * value)
    })
}

/// A value as the page writes it.
fn written(name: &str, expression: &str, number: u64) -> String {
    if expression.contains("Duration") {
        return [(3_600_000, "h"), (1000, "s"), (1, "ms")]
            .iter()
            .find(|(unit, _)| number.is_multiple_of(*unit))
            .map(|(unit, name)| format!("{}{name}", number / unit))
            .unwrap();
    }
    let is_bytes = name.to_lowercase().ends_with("bytes");
    match number {
        _ if is_bytes && number.is_multiple_of(1 << 20) => format!("{} MiB", number >> 20),
        _ if is_bytes && number.is_multiple_of(1 << 10) => format!("{} KiB", number >> 10),
        _ if is_bytes => format!("{} bytes", thousands(number)),
        _ => thousands(number),
    }
}

fn thousands(number: u64) -> String {
    if number < 1000 { number.to_string() } else { format!("{},{:03}", thousands(number / 1000), number % 1000) }
}

/// The names and values of the page's tables.
fn rows() -> BTreeSet<(String, String)> {
    let page = std::fs::read_to_string(root().join("docs/limits.md")).unwrap();
    let row = Regex::new(r"(?m)^\| `([A-Za-z_]+)` \| ([^|]+) \|").unwrap();
    row.captures_iter(&page).map(|found| (found[1].to_owned(), found[2].to_owned())).collect()
}

#[test]
fn every_row_has_the_value_of_the_code() {
    let bounds = bounds(&sources());
    for (name, value) in rows() {
        let known: Vec<&Bound> = bounds.iter().filter(|bound| bound.1 == name).collect();
        assert!(known.iter().any(|bound| bound.2 == value), "`{name}` is not {value}: {known:?}");
    }
}

#[test]
fn every_bound_that_a_message_names_is_listed() {
    let sources = sources();
    let (bounds, rows) = (bounds(&sources), rows());
    let named = Regex::new(
        r#"(?m)^ *[^/ ].*? \(((?:MAX|max)_[A-Za-z_]+)\)|"((?:MAX|max)_[A-Za-z_]+)"|^ *\(((?:MAX|max)_[A-Za-z_]+)\)"#,
    )
    .unwrap();
    let mut seen = 0;
    for (room, text) in &sources {
        for found in named.captures_iter(text) {
            let name = found.get(1).or(found.get(2)).or(found.get(3)).unwrap().as_str();
            for (_, name, value) in bounds.iter().filter(|bound| (&bound.0, bound.1.as_str()) == (room, name)) {
                assert!(
                    rows.contains(&(name.clone(), value.clone())),
                    "docs/limits.md lacks `{name}`, {value} ({room})"
                );
                seen += 1;
            }
        }
    }
    assert!(seen > 30, "only {seen} messages that name a bound were found");
}

#[test]
fn every_bound_of_scripts_is_listed() {
    let names: BTreeSet<String> = rows().into_iter().map(|(name, _)| name).collect();
    let fields = format!("{:?}", opsflow::host::Limits::default());
    for found in Regex::new(r"([a-z_]+): ").unwrap().captures_iter(&fields) {
        assert!(names.contains(&found[1]), "docs/limits.md lacks `{}`", &found[1]);
    }
}
