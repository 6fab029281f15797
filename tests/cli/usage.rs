//! Bad usage, help, and what every command has in common.

use super::Bench;

#[test]
fn bad_usage_is_2_and_says_what_was_expected() {
    let bench = Bench::new();
    for (args, part) in [
        (&["frobnicate"][..], "unrecognized subcommand"),
        (&["list", "--limit", "many"], "a whole number was expected, like 20"),
        (&["list", "--limit", "-1"], "a whole number was expected, like 20"),
        (&["list", "--status", "faild"], "a similar value exists: 'failed'"),
        (&["list", "--ref", "order"], "expected TYPE/ID"),
        (&["list", "--as", "order"], "--ref <TYPE/ID>"),
        (&["run"], "<FILE>"),
        (&["run", "flow.yml", "--set", "name"], "expected NAME=VALUE"),
        (&["show"], "<ID>"),
        (&["cancel"], "<ID"),
        (&["cancel", "1234", "--all"], "cannot be used with"),
        (&["cancel", "1234", "--status", "failed"], "filters choose among many tasks"),
        (&["list", "--color", "pink"], "invalid value 'pink'"),
    ] {
        bench.run(args).refused(2, part);
    }
}

#[test]
fn nothing_at_all_shows_the_help() {
    let ran = Bench::new().run(&[]);
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.contains("Usage: opsflow"), "{}", ran.stderr);
}

#[test]
fn help_and_version_are_results() {
    let bench = Bench::new();
    let help = bench.run(&["--help"]).done();
    assert!(help.stdout.contains("Examples:") && help.stdout.contains("Exit codes:"), "{}", help.stdout);
    assert!(help.stderr.is_empty());
    assert_eq!(bench.run(&["--version"]).done().stdout, format!("opsflow {}\n", env!("CARGO_PKG_VERSION")));
    for command in ["new", "run", "start", "check", "list", "show", "history", "interact", "wake", "cancel", "worker"] {
        let help = bench.run(&[command, "--help"]).done().stdout;
        assert!(help.contains("Usage: opsflow") && help.contains(&format!("\n  opsflow {command} ")), "{help}");
    }
    let help = bench.run(&["help", "--help"]).done().stdout;
    assert!(help.contains("Usage: opsflow"), "{help}");
}

#[test]
fn an_id_is_whole_or_the_beginning_of_one() {
    let bench = Bench::new();
    bench.run(&["show", "nonsense"]).refused(2, "`nonsense` is no id of a task");
    bench.run(&["show", "123"]).refused(2, "too short");
    bench.run(&["show", "1234"]).refused(3, "no task has an id that begins with `1234`");
    bench.run(&["show", "00000000-0000-0000-0000-000000000000"]).refused(3, "no task 00000000-");
}

#[test]
fn looking_makes_no_file() {
    let bench = Bench::new();
    let ran = bench.run(&["list"]).done();
    assert_eq!(ran.stdout, "");
    assert_eq!(ran.stderr, "nothing is stored at `sqlite:.opsflow/tasks.db` yet\nno tasks\n");
    assert_eq!(bench.json(&["list"], 0), serde_json::json!([]));
    assert!(!bench.path(".opsflow").exists());
}

#[test]
fn a_reader_that_goes_away_is_no_trouble() {
    let bench = Bench::new();
    for args in [&["schema"][..], &["--help"], &["completions", "bash"]] {
        let mut child = bench.spawn(args);
        drop(child.stdout.take());
        let ran = super::Ran::from(child.wait_with_output().unwrap());
        assert_eq!((ran.code, ran.stderr.as_str()), (0, ""), "{args:?}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_result_that_cannot_be_written_is_a_failure() {
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let output = Bench::new().command(&["schema"]).stdout(full).output().unwrap();
    super::Ran::from(output).refused(4, "the result cannot be written");
}
