//! `opsflow check`

use super::{Bench, HELLO};

#[test]
fn nothing_wrong_is_0() {
    let ran = Bench::with(HELLO).run(&["check", "flow.yml"]).done();
    assert_eq!((ran.stdout.as_str(), ran.stderr.as_str()), ("", "1 file, 1 flow: 0 errors, 0 warnings\n"));
}

#[test]
fn every_finding_has_its_place_its_excerpt_and_its_help() {
    let bench = Bench::with(&HELLO.replace("go_to: done", "go_to: dne").replace("times: {", "tiems: { tpye: list,"));
    let ran = bench.run(&["check", "flow.yml"]);
    assert_eq!(ran.code, 2);
    let line = |part: &str| ran.stdout.lines().any(|line| line.starts_with(part));
    assert!(line("flow.yml:4:12: unknown key `tpye`"), "{}", ran.stdout);
    assert!(line("flow.yml:13:12: unknown state `dne`"), "{}", ran.stdout);
    assert!(line("13 |     go_to: dne"), "{}", ran.stdout);
    assert!(line("   |            ^^^"), "{}", ran.stdout);
    assert!(line("help: did you mean `done`?"), "{}", ran.stdout);
    assert!(ran.stderr.ends_with("errors, 1 warning\n") || ran.stderr.contains("errors, "), "{}", ran.stderr);
}

#[test]
fn findings_are_data_with_json() {
    let bench = Bench::with(&HELLO.replace("go_to: done", "go_to: dne"));
    let found = bench.json(&["check", "flow.yml"], 2);
    let finding = found.as_array().unwrap().iter().find(|f| f["line"] == 13).unwrap();
    assert_eq!(finding["file"], "flow.yml");
    assert_eq!((&finding["column"], &finding["end_column"]), (&12.into(), &15.into()));
    assert_eq!(finding["severity"], "error");
    assert_eq!(finding["help"], "did you mean `done`?");
    assert_eq!(Bench::with(HELLO).json(&["check", "flow.yml"], 0), serde_json::json!([]));
}

#[test]
fn a_warning_stops_nothing() {
    let bench = Bench::with(&HELLO.replace("  done:", "  lonely: { result: 1 }\n  done:"));
    let ran = bench.run(&["check", "flow.yml"]).done();
    assert!(ran.stdout.starts_with("flow.yml:14:3: warning: "), "{}", ran.stdout);
    assert_eq!(ran.stderr, "1 file, 1 flow: 0 errors, 1 warning\n");
}

#[test]
fn what_cannot_be_read_is_a_finding() {
    let bench = Bench::new();
    let ran = bench.run(&["check", "none.yml"]);
    assert_eq!((ran.code, ran.stdout.lines().next().unwrap()), (2, "none.yml:1:1: there is no such file or folder"));
    bench.write("empty.yml", "");
    assert_eq!(bench.run(&["check", "empty.yml"]).code, 2);
    std::fs::write(bench.path("latin.yml"), b"flow: gr\xfcn").unwrap();
    assert!(bench.run(&["check", "latin.yml"]).stdout.starts_with("latin.yml:1:9: the file is not UTF-8"));
    bench.write("deep.yml", &"[".repeat(100_000));
    assert_eq!(bench.run(&["check", "deep.yml"]).code, 2);
}

#[test]
fn without_a_path_the_folder_of_the_flows_is_meant() {
    let bench = Bench::with("flow: here\nstates: { start: result }\n");
    assert_eq!(bench.run(&["check"]).done().stderr, "1 file, 1 flow in this folder: 0 errors, 0 warnings\n");
    bench.write("workflows/bad.yml", "flow: bad\nstates: 1\n");
    bench.write("compose.yml", "services: {}\n");
    let ran = bench.run(&["check"]);
    assert!(ran.stdout.starts_with("workflows/bad.yml:2:9: "), "{}", ran.stdout);
    let summary = "2 files, 2 flows in `workflows` and in this folder: 1 error, 0 warnings\n";
    assert_eq!(ran.stderr, summary, "{}", ran.stdout);
    bench.write("flow.yml", "flow: bad\nstates: 2\n");
    let ran = bench.run(&["check"]);
    assert!(ran.stdout.contains("\nflow.yml:2:9: ") && !ran.stdout.contains("is already at"), "{}", ran.stdout);
    std::fs::remove_file(bench.path("flow.yml")).unwrap();
    assert_eq!(bench.run(&["check"]).stderr, "1 file, 1 flow in `workflows`: 1 error, 0 warnings\n");
    bench.write("mine/worse.yml", "flow: worse\nstates: 1\n");
    assert!(bench.run(&["check", "--flows", "mine"]).stdout.starts_with("mine/worse.yml:2:9: "));
    bench.run(&["check", "--flows", "none"]).refused(2, "the flows `none` are not there");
}

#[test]
fn a_file_is_seen_among_its_neighbours_but_answers_for_itself() {
    let bench = Bench::with("flow: a\nstates:\n  start: { start: b, go_to: done }\n  done: result\n");
    bench.write("b.yml", "flow: b\nstates: { start: result }\n");
    bench.write("broken.yml", "flow: broken\nstates: 1\n");
    let ran = bench.run(&["check", "flow.yml"]).done();
    assert_eq!(ran.stdout, "");
    assert_eq!(bench.run(&["check", "."]).code, 2);
}

#[test]
fn paths_are_shown_without_what_says_nothing() {
    let bench = Bench::with("flow: a\nstates: 1\n");
    for path in ["flow.yml", "./flow.yml", "././flow.yml", ".", "./"] {
        let ran = bench.run(&["check", path]);
        assert!(ran.stdout.starts_with("flow.yml:2:9: "), "{path}: {}", ran.stdout);
        assert_eq!(ran.stderr, "1 file, 1 flow: 1 error, 0 warnings\n", "{path}");
    }
}

#[test]
fn a_file_that_is_not_there_has_a_neighbour() {
    let bench = Bench::new();
    bench.write("loan.yml", HELLO);
    let ran = bench.run(&["check", "lone.yml"]);
    assert_eq!(ran.stdout, "lone.yml:1:1: there is no such file or folder\nhelp: did you mean `loan.yml`?\n\n");
    assert_eq!(ran.stderr, "0 files, 0 flows: 1 error, 0 warnings\n");
}

#[test]
fn strict_takes_warnings_for_errors() {
    let bench = Bench::with("flow: a\nstates: { start: { result: #{ a: 1 } } }\n");
    let ran = bench.run(&["check", "flow.yml"]).done();
    assert!(ran.stdout.starts_with("flow.yml:2:28: warning: not YAML: quote it\n"), "{}", ran.stdout);
    let ran = bench.run(&["check", "flow.yml", "--strict"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (2, "1 file, 1 flow: 1 error, 0 warnings\n"));
    assert!(ran.stdout.starts_with("flow.yml:2:28: not YAML: quote it\n"), "{}", ran.stdout);
    assert_eq!(bench.json(&["check", "flow.yml", "--strict"], 2)[0]["severity"], "error");
    assert_eq!(bench.run(&["fmt", "--check", "flow.yml"]).code, 1);
    bench.run(&["fmt", "flow.yml"]).done();
    bench.run(&["check", "flow.yml", "--strict"]).done();
    assert_eq!(bench.json(&["run", "flow.yml"], 0)["output"], serde_json::json!({ "a": 1 }));
}

#[test]
fn hidden_files_hold_no_flows() {
    let bench = Bench::new();
    bench.write("workflows/a.yml", "flow: a\nstates: { start: result }\n");
    bench.write("workflows/.a.yml", "flow: [\n");
    bench.write("workflows/.#a.yml", "flow: a\nstates: { start: result }\n");
    bench.write("workflows/.b.test.yml", "flow: [\n");
    for command in [&["check"][..], &["check", "workflows", "--strict"], &["run", "a"], &["test", "workflows"]] {
        bench.run(command).done();
    }
    // One that is named is meant.
    assert_eq!(bench.run(&["check", "workflows/.a.yml"]).code, 2);
}

#[test]
fn a_flow_whose_name_stands_twice_is_refused_wherever_it_is_named() {
    let bench = Bench::new();
    bench.write("workflows/a.yml", "flow: twin\nstates: { start: result }\n");
    bench.write("workflows/b.yml", "flow: twin\nstates: { start: result }\n");
    bench.write("workflows/c.yml", "flow: other\nstates: { start: result }\n");
    let told = ":1:7: a flow called `twin` is already at workflows/";
    for command in [
        &["run", "twin"][..],
        &["run", "workflows/a.yml"],
        &["run", "workflows/b.yml"],
        &["start", "twin"],
        &["start", "workflows/a.yml"],
        &["graph", "twin"],
        &["test", "twin"],
    ] {
        let ran = bench.run(command);
        assert!(ran.code == 2 && ran.stderr.contains(told), "{command:?}: {} {}", ran.code, ran.stderr);
    }
    assert!(!bench.path(".opsflow").exists(), "a task was stored");
    bench.run(&["run", "other"]).done();
}
