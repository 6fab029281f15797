//! The language's own tests: see README.md beside this file.

mod case;
mod expect;
mod findings;
mod mocks;
mod runs;

use std::path::{Path, PathBuf};
use std::time::Duration;

use case::Case;

/// The chapters of the language.
const CHAPTERS: [&str; 18] = [
    "files",
    "flow",
    "attributes",
    "values",
    "scripts",
    "action",
    "decision",
    "wait_until",
    "start",
    "result",
    "failure",
    "history",
    "interactions",
    "tasks",
    "tests",
    "versions",
    "schedule",
    "cures",
];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/language")
}

fn cases(chapter: &str) -> Vec<Case> {
    let path = folder().join(format!("{chapter}.yml"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|why| panic!("{}: {why}", path.display()));
    Case::all(chapter, &text)
}

#[test]
fn every_file_is_a_chapter() {
    let mut found: Vec<String> = std::fs::read_dir(folder())
        .unwrap()
        .filter_map(|entry| Some(entry.ok()?.file_name().to_str()?.strip_suffix(".yml")?.to_owned()))
        .collect();
    let mut chapters = CHAPTERS.map(str::to_owned).to_vec();
    found.sort();
    chapters.sort();
    assert_eq!(found, chapters, "the files of tests/language and the list of chapters in mod.rs differ");
}

#[test]
fn findings_are_exactly_those_written_at_their_lines() {
    let failures: Vec<String> =
        CHAPTERS.iter().flat_map(|chapter| cases(chapter)).filter_map(|case| findings::check(&case).err()).collect();
    assert!(failures.is_empty(), "{} cases fail:\n\n{}", failures.len(), failures.join("\n"));
}

#[tokio::test(start_paused = true)]
async fn runs_do_what_is_written_after_the_flow() {
    play(false).await;
}

#[tokio::test(start_paused = true)]
async fn runs_do_the_same_where_every_state_is_stored() {
    play(true).await;
}

/// The time that is always left to the threads scripts run on before timers may run ahead by another [`STRIDE`].
const GRACE: Duration = Duration::from_millis(5);

/// How far timers run ahead at most without [`GRACE`].
const STRIDE: Duration = Duration::from_millis(250);

/// Keeps the paused clock from running ahead while a script is under way: tokio takes the whole runtime for idle then,
/// since it knows nothing of other threads, and what waits for the script would give up.
async fn hold_the_clock() {
    loop {
        // No time passes as long as tokio knows of a blocking task.
        tokio::task::spawn_blocking(|| std::thread::sleep(GRACE)).await.unwrap();
        tokio::time::sleep(STRIDE).await;
    }
}

async fn play(every_state: bool) {
    let mut failures = Vec::new();
    tokio::spawn(hold_the_clock());
    for case in CHAPTERS.iter().flat_map(|chapter| cases(chapter)) {
        for run in &case.runs {
            failures.extend(runs::run(&case, run, every_state).await.err());
        }
    }
    assert!(failures.is_empty(), "{} runs fail:\n\n{}", failures.len(), failures.join("\n"));
}

#[test]
fn every_run_is_written_as_it_should_be() {
    for case in CHAPTERS.iter().flat_map(|chapter| cases(chapter)) {
        for run in &case.runs {
            runs::script(run).unwrap_or_else(|why| panic!("{}.yml:{}: {why}", case.chapter, run.line));
        }
    }
}

#[test]
fn no_case_has_the_title_of_another() {
    for chapter in CHAPTERS {
        let mut titles: Vec<String> = cases(chapter).into_iter().map(|case| case.title).collect();
        let all = titles.len();
        titles.sort();
        titles.dedup();
        assert_eq!(titles.len(), all, "two cases of {chapter}.yml have the same title");
        assert!(all > 0, "{chapter}.yml holds no case");
    }
}
