//! The page on capabilities names every function, option and bound there is, and those it names are right.

use std::collections::BTreeSet;

#[cfg(any(feature = "http", feature = "shell"))]
use super::super::known;
use super::super::{Host, Machine};
#[cfg(any(feature = "http", feature = "shell"))]
use crate::expression::Argument;

const PAGE: &str = include_str!("../../../docs/capabilities.md");

/// The first column of the tables within the chapter `title`, of rows that have as many columns.
fn first_column(title: &str, columns: usize) -> BTreeSet<&'static str> {
    let start = PAGE.find(&format!("\n## {title}\n")).expect(title) + 1;
    let chapter = PAGE[start..].split("\n## ").next().unwrap();
    let rows = chapter.lines().filter(|line| line.starts_with("| `"));
    let cells = rows.map(|line| line.trim_matches('|').split(" | ").map(str::trim).collect::<Vec<_>>());
    cells.filter(|cells| cells.len() == columns).map(|cells| cells[0].trim_matches('`')).collect()
}

#[cfg(any(feature = "http", feature = "shell"))]
fn names(options: &[(&'static str, Argument)]) -> BTreeSet<&'static str> {
    options.iter().map(|(name, _)| *name).collect()
}

#[test]
fn every_function_is_on_the_page() {
    for function in Machine::new().functions().iter() {
        assert!(PAGE.contains(&format!("`{}", function.name)), "{}", function.name);
    }
}

#[cfg(feature = "http")]
#[test]
fn every_option_of_http_is_on_the_page() {
    assert_eq!(first_column("http", 3), names(known::HTTP));
}

#[cfg(feature = "shell")]
#[test]
fn every_option_of_shell_is_on_the_page() {
    assert_eq!(first_column("shell", 3), names(known::SHELL));
}

#[cfg(all(feature = "http", feature = "shell", feature = "files"))]
#[test]
fn every_bound_is_on_the_page() {
    use super::super::{files, http, options, shell};
    let mebibytes = |bytes: usize| format!("{} MiB", bytes / 1024 / 1024);
    let bounds = [
        (mebibytes(http::MAX_BODY_BYTES), "a body of more than {} (`MAX_BODY_BYTES`)"),
        ((http::MAX_HEADER_BYTES / 1024).to_string(), "headers of more than {} KiB (`MAX_HEADER_BYTES`)"),
        (known::MAX_REDIRECTS.to_string(), "from 0 to {}; with 0 the redirect itself is the answer | {} |"),
        (http::TIME_LIMIT.as_secs_f64().to_string(), "redirects included | {}s |"),
        (mebibytes(shell::MAX_OUTPUT_BYTES), "more than {} of output, or of error output (`MAX_OUTPUT_BYTES`)"),
        (shell::TIME_LIMIT.as_secs_f64().to_string(), "how long it may run | {}s |"),
        (mebibytes(files::MAX_FILE_BYTES as usize), "a text of more than {} (`MAX_FILE_BYTES`)"),
        (files::MAX_LIST_ENTRIES.to_string(), "a folder of more than {} entries (`MAX_LIST_ENTRIES`)"),
        (files::TIME_LIMIT.to_string(), "the time limit of {} |"),
    ];
    for (value, sentence) in bounds {
        let sentence = sentence.replace("{}", &value);
        assert!(PAGE.contains(&sentence), "{sentence}");
    }
    assert_eq!(options::MAX_TIME_LIMIT.to_string(), "1d");
    assert!(PAGE.contains("at most a day (`MAX_TIME_LIMIT`)"));
}
