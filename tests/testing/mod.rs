//! What tests of flows say when they run: see README.md.

mod embedded;

use std::path::{Path, PathBuf};

use crate::cli::Bench;

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/testing").join(name)
}

/// The files of flows of a folder, without their ending.
fn flows(name: &str) -> Vec<String> {
    let entries = std::fs::read_dir(folder(name)).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut flows: Vec<String> = names
        .filter_map(|name| Some(name.strip_suffix(".yml")?.to_owned()).filter(|n| !n.ends_with(".test")))
        .collect();
    flows.sort();
    flows
}

/// A folder with the files of another.
fn bench(name: &str) -> Bench {
    let bench = Bench::new();
    for entry in std::fs::read_dir(folder(name)).unwrap() {
        let path = entry.unwrap().path();
        bench.write(path.file_name().unwrap().to_str().unwrap(), &std::fs::read_to_string(&path).unwrap());
    }
    bench
}

#[test]
fn what_should_pass_passes() {
    let bench = bench("passes");
    for flow in flows("passes") {
        let ran = bench.run(&["test", &format!("{flow}.yml")]);
        assert_eq!(ran.code, 0, "{flow}: {}{}", ran.stdout, ran.stderr);
        assert!(
            ran.stdout.contains(&format!("{flow}  {flow}.")) && !ran.stdout.contains('✗'),
            "{flow}: {}",
            ran.stdout
        );
    }
}

#[test]
fn what_should_fail_says_why() {
    let bench = bench("fails");
    for flow in flows("fails") {
        let ran = bench.run(&["test", &format!("{flow}.yml")]);
        assert_eq!(ran.code, 1, "{flow}: {}{}", ran.stdout, ran.stderr);
        insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true }, {
            insta::assert_snapshot!(flow.as_str(), format!("{}{}", ran.stdout, ran.stderr));
        });
    }
}

#[test]
fn it_is_the_same_whenever_it_runs_and_on_however_many_threads() {
    let shown = || {
        let ran = bench("fails").run(&["test", ".", "--coverage"]);
        format!("{}{}", ran.stdout, ran.stderr)
    };
    let first = shown();
    assert!(first.contains("everything differs"));
    for _ in 0..3 {
        assert_eq!(shown(), first);
    }
}
