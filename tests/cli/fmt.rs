//! `opsflow fmt`

use super::{Bench, HELLO};

const UNTIDY: &str = "flow:   a # its name\r\nstates:\r\n    start:   {go_to: end,action: x = 1}\r\n\r\n\r\n    # the end\r\n    end: result";
const TIDY: &str =
    "flow: a # its name\nstates:\n  start: { go_to: end, action: x = 1 }\n\n  # the end\n  end: result\n";

fn text(bench: &Bench, name: &str) -> String {
    std::fs::read_to_string(bench.path(name)).unwrap()
}

#[test]
fn files_are_laid_out_and_named() {
    let bench = Bench::with(UNTIDY);
    bench.write("tidy.yml", HELLO);
    let ran = bench.run(&["fmt", "flow.yml", "tidy.yml", "./flow.yml"]).done();
    assert_eq!((ran.stdout.as_str(), ran.stderr.as_str()), ("flow.yml\n", "2 files: 1 changed\n"));
    assert_eq!((text(&bench, "flow.yml"), text(&bench, "tidy.yml")), (TIDY.replace('\n', "\r\n"), HELLO.to_owned()));
    let ran = bench.run(&["fmt", "flow.yml"]).done();
    assert_eq!((ran.stdout.as_str(), ran.stderr.as_str()), ("", "1 file: 0 changed\n"));
    let names = std::fs::read_dir(bench.path(".")).unwrap().count();
    assert_eq!(names, 2, "nothing is left beside them");
}

#[test]
fn a_check_shows_what_would_change_and_changes_nothing() {
    let bench = Bench::with(&UNTIDY.replace('\r', ""));
    let ran = bench.run(&["fmt", "--check", "flow.yml"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (1, "1 file: 1 would change\n"));
    let expected = "--- flow.yml\n+++ flow.yml\n@@ -1,7 +1,6 @@\n-flow:   a # its name\n+flow: a # its name\n states:\n\
                    -    start:   {go_to: end,action: x = 1}\n+  start: { go_to: end, action: x = 1 }\n \n-\n\
                    -    # the end\n-    end: result\n\\ No newline at end of file\n+  # the end\n+  end: result\n";
    assert_eq!(ran.stdout, expected);
    assert_eq!(text(&bench, "flow.yml"), UNTIDY.replace('\r', ""));
    assert_eq!(
        bench.json(&["fmt", "--check", "flow.yml"], 1),
        serde_json::json!([{ "file": "flow.yml", "changed": true }])
    );
    assert_eq!(bench.json(&["fmt", "flow.yml"], 0), serde_json::json!([{ "file": "flow.yml", "changed": true }]));
    let ran = bench.run(&["fmt", "--check", "flow.yml"]).done();
    assert_eq!((ran.stdout.as_str(), ran.stderr.as_str()), ("", "1 file: 0 would change\n"));
}

#[test]
fn what_is_no_yaml_is_not_touched_and_the_rest_is() {
    let bench = Bench::with(UNTIDY);
    let broken = "flow:  b\nstates: { a: result\n";
    bench.write("broken.yml", broken);
    let ran = bench.run(&["fmt", "broken.yml", "flow.yml", "none.yml"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (2, "flow.yml\n"));
    assert!(ran.stderr.contains("broken.yml:2:9: the `{` that opens here is not closed"), "{}", ran.stderr);
    assert!(ran.stderr.contains("none.yml:1:1: there is no such file or folder"), "{}", ran.stderr);
    assert_eq!(text(&bench, "broken.yml"), broken);
    bench.write("broken.yml", "flow:  b\nstates: 1\n");
    bench.run(&["fmt", "broken.yml"]).done();
    assert_eq!(text(&bench, "broken.yml"), "flow: b\nstates: 1\n", "whether it is a good flow is for `check` to say");
}

#[test]
fn in_folders_flows_and_tests_are_meant() {
    let bench = Bench::with(UNTIDY);
    let foreign = "services:   {}\n";
    bench.write("compose.yml", foreign);
    bench.write("flow.test.yml", "tests:\n-   name: a\n");
    bench.write("opsflow.yml", "json:   false\n");
    bench.write("workflows/b.yml", UNTIDY);
    let ran = bench.run(&["fmt"]).done();
    assert_eq!(ran.stdout, "workflows/b.yml\nflow.test.yml\nflow.yml\n", "{}", ran.stderr);
    assert_eq!(text(&bench, "flow.test.yml"), "tests:\n  - name: a\n");
    assert_eq!(text(&bench, "compose.yml"), foreign);
    assert_eq!(bench.run(&["fmt", "compose.yml"]).done().stdout, "compose.yml\n", "a file that is named is meant");
    bench.write("mine/c.yml", UNTIDY);
    assert_eq!(bench.run(&["fmt", "--flows", "mine"]).done().stdout, "mine/c.yml\n");
}

#[test]
fn stdin_goes_to_stdout() {
    let bench = Bench::new();
    assert_eq!(bench.feed(&["fmt", "-"], UNTIDY.as_bytes()).done().stdout, TIDY.replace('\n', "\r\n"));
    let ran = bench.feed(&["fmt", "-", "--check"], UNTIDY.as_bytes());
    assert_eq!(ran.code, 1);
    assert!(ran.stdout.contains("+flow: a # its name"), "{}", ran.stdout);
    bench.feed(&["fmt", "-", "--check"], TIDY.as_bytes()).done();
    bench.feed(&["fmt", "-"], b"a: {").refused(2, "<stdin>:1:4: the `{` that opens here is not closed");
    bench.feed(&["fmt", "-"], b"\xff").refused(2, "stdin cannot be read");
}

#[cfg(unix)]
#[test]
fn links_and_permissions_stay() {
    use std::os::unix::fs::PermissionsExt;

    let bench = Bench::with(UNTIDY);
    bench.write("flows/real.yml", UNTIDY);
    let real = bench.path("flows/real.yml");
    std::fs::set_permissions(&real, std::fs::Permissions::from_mode(0o640)).unwrap();
    std::os::unix::fs::symlink("flows/real.yml", bench.path("link.yml")).unwrap();
    assert_eq!(bench.run(&["fmt", "link.yml"]).done().stdout, "link.yml\n");
    assert!(std::fs::symlink_metadata(bench.path("link.yml")).unwrap().is_symlink());
    assert_eq!(text(&bench, "flows/real.yml"), TIDY.replace('\n', "\r\n"));
    assert_eq!(std::fs::metadata(&real).unwrap().permissions().mode() & 0o777, 0o640);
    std::fs::set_permissions(bench.path("flow.yml"), std::fs::Permissions::from_mode(0o444)).unwrap();
    bench.run(&["fmt", "flow.yml"]).refused(4, "`flow.yml` cannot be written: it is read-only; it is as it was");
    assert_eq!(text(&bench, "flow.yml"), UNTIDY);
}
