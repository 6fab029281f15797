#![expect(clippy::disallowed_methods, reason = "a test writes the files that change")]

use std::path::{Path, PathBuf};
use std::time::Instant;

use super::{FlowSet, Round, Standing, TooManyFolders, Workbench, belongs_to, check, in_depth, round_json};
use crate::flow::CheckContext;
use crate::testing::TestOptions;

const CHILD: &str = "flow: child\nstates:\n  start: { result: 1 }\ntests:\n  - { name: ends, expect: { output: 1 } }\n";
const PARENT: &str = "flow: parent\nstates:\n  start: { start: child, go_to: done }\n  done: result\n\
                      tests:\n  - { name: starts it, expect: { state: done } }\n";
const OTHER: &str = "flow: other\nstates:\n  start: { result: 1 }\ntests:\n  - { name: ends, expect: { output: 1 } }\n";

fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    files.iter().for_each(|(name, text)| std::fs::write(folder.path().join(name), text).unwrap());
    folder
}

fn bench(folder: &Path) -> Workbench {
    let set = FlowSet::open(&[folder.to_owned()], &[], &CheckContext::default());
    Workbench::new(vec![set], TestOptions::default())
}

fn tested(bench: &Workbench, round: &Round) -> Vec<String> {
    bench.tests_of(round).iter().map(|test| format!("{} {}", test.flow, test.passed())).collect()
}

#[test]
fn what_changed_is_tested_with_those_who_start_it() {
    let folder = folder(&[("child.yml", CHILD), ("other.yml", OTHER), ("parent.yml", PARENT)]);
    let mut bench = bench(folder.path());
    let first = bench.begin(Instant::now());
    assert_eq!(tested(&bench, &first), ["child true", "other true", "parent true"]);
    assert!(bench.reload(&[], Instant::now()).is_idle);

    let file = folder.path().join("child.yml");
    std::fs::write(&file, CHILD.replace("result: 1", "result: 2")).unwrap();
    let second = bench.reload(std::slice::from_ref(&file), Instant::now());
    assert_eq!(tested(&bench, &second), ["child false", "parent true"]);
    assert_eq!(second.changed, ["child"]);
    let json = round_json(&bench, &second, &bench.findings(), None);
    assert_eq!((&json["passed"], &json["failed"], &json["flows"]), (&2.into(), &1.into(), &3.into()));

    std::fs::write(&file, "flow: child\nstates: {}\n").unwrap();
    let third = bench.reload(std::slice::from_ref(&file), Instant::now());
    assert_eq!(third.kept, ["child"], "its last good definition stays");
    let standing = bench.rows().into_iter().find(|row| row.name == "child").map(|row| row.standing);
    assert_eq!(standing, Some(Standing::Kept));
    assert!(bench.findings().iter().any(crate::diagnostic::Finding::is_error));
}

#[test]
fn a_file_is_checked_among_its_neighbours() {
    let folder = folder(&[("broken.yml", "flow: broken\nstates: {}\n"), ("child.yml", CHILD), ("parent.yml", PARENT)]);
    let file = folder.path().join("parent.yml");
    let alone = check(std::slice::from_ref(&file), &[], &CheckContext::default());
    assert!(!alone.findings.is_empty(), "it starts a flow that is not there");
    let among = check(&[file], &[folder.path().to_owned()], &CheckContext::default());
    assert_eq!((among.files, among.flows, among.findings.len()), (1, 1, 0), "{:?}", among.findings);
}

#[test]
fn a_file_belongs_to_its_folder() {
    let folder = folder(&[("a.yml", CHILD)]);
    let belongs = belongs_to(&[folder.path().to_owned(), PathBuf::from("./b.yml")]);
    assert!(belongs(&folder.path().join("a.yml").display().to_string()));
    assert!(belongs("b.yml") && !belongs("c.yml"));
}

#[test]
fn folders_are_searched_in_depth_within_a_bound() {
    let folder = folder(&[]);
    for below in ["a/b", "a/.hidden", "target/c"] {
        std::fs::create_dir_all(folder.path().join(below)).unwrap();
    }
    let root = folder.path().to_owned();
    assert_eq!(in_depth(std::slice::from_ref(&root)), Ok(vec![root.clone(), root.join("a"), root.join("a/b")]));
    (0..=1_000).for_each(|n| std::fs::create_dir(root.join(format!("a/b/{n}"))).unwrap());
    assert_eq!(in_depth(&[root]), Err(TooManyFolders));
}
