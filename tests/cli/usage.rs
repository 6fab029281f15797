//! Bad usage, help, and what every command has in common.

use serde_json::{Value, json};

use super::{Bench, HELLO, SIGN_UP};

#[test]
fn bad_usage_is_2_and_says_what_was_expected() {
    let bench = Bench::new();
    for (args, part) in [
        (&["frobnicate"][..], "unrecognized subcommand"),
        (&["list", "--limit", "many"], "a whole number was expected, like 20"),
        (&["list", "--limit", "0"], "a whole number of 1 or more was expected, like 20"),
        (&["list", "--limit", "-1"], "a whole number was expected, like 20"),
        (&["list", "--status", "faild"], "a similar value exists: 'failed'"),
        (&["list", "--ref", "order"], "expected TYPE/ID"),
        (&["list", "--as", "order"], "--ref <TYPE/ID>"),
        (&["run"], "<FILE|FLOW>"),
        (&["run", "flow.yml", "--set", "name"], "expected NAME=VALUE"),
        (&["show"], "<ID>"),
        (&["cancel"], "<ID"),
        (&["cancel", "1234", "--all"], "cannot be used with"),
        (&["cancel", "1234", "--status", "failed"], "filters choose among many tasks"),
        (&["list", "--color", "pink"], "invalid value 'pink'"),
        (&["version"], "`opsflow --version` says"),
        (&["run", "flow.yml", "--detach"], "`opsflow start FILE` hands a task to a worker"),
        (&["interact", "1234", "go!", "--param", "by=bob"], "values are given as `--set NAME=VALUE`"),
        (&["interact", "go!", "1234"], "the id comes first: `opsflow interact 1234 'go!'`"),
        (&["retry", "1234", "--set", "amount=5"], "`retry` takes the task up as it is"),
        (&["cancel", "1234", "--reason", "late"], "no reason is kept with it"),
        (&["cancel", "--flow", "f"], "`opsflow cancel --flow f --all` does it to each task"),
    ] {
        bench.run(args).refused(2, part);
    }
}

#[test]
fn options_of_other_tools_are_answered_by_what_is_meant() {
    let bench = Bench::with(HELLO);
    for (args, part) in [
        (&["fmt", "--write"][..], "`fmt` writes by itself; with `--check` it only shows what would change"),
        (&["fmt", "-w", "flow.yml"], "`fmt` writes by itself"),
        (&["list", "--all"], "`--limit N` shows more or fewer"),
        (&["list", "--db", "x"], "tasks are kept where `--storage sqlite:PATH` says"),
        (&["list", "--status", "done"], "write `--status completed`"),
        (&["list", "--status", "pending"], "write `--status active`"),
        (&["migrate", "hello", "--version", "2"], "raise `version` there"),
        (&["migrate", "hello", "-y"], "write `--yes`"),
        (&["cancel", "--all", "-y"], "write `--yes`"),
        (&["graph", "flow.yml", "-f", "png"], "the ending says how it is drawn: `-o FILE.svg`"),
        (&["worker", "--lease", "10"], "say the unit: `10s`, `10m` or `10h`"),
        (&["worker", "--allow", "http", "localhost:8099"], "a grant is one word: `--allow http=localhost:8099`"),
    ] {
        bench.run(args).refused(2, part);
    }
}

#[test]
fn a_path_that_is_not_there_is_answered_by_what_is_meant() {
    let bench = Bench::new();
    std::fs::create_dir(bench.path("workflows")).unwrap();
    bench.write("workflows/claims.yml", "flow: expense_claim\nstates: { start: result }\n");
    for command in ["check", "fmt"] {
        bench
            .run(&[command, "expense_claim"])
            .refused(2, "there is no file or folder `expense_claim`\nhelp: did you mean `workflows/claims.yml`?");
        bench.run(&[command, "claims"]).refused(2, "did you mean `workflows/claims.yml`?");
        bench.run(&[command, "workflow"]).refused(2, "did you mean `workflows`?");
    }
    bench.run(&["test", "expense_claim"]).done();
    bench
        .run(&["test", "expense_clam"])
        .refused(2, "there is no flow, file or folder `expense_clam`\nhelp: did you mean `expense_claim`?");
}

#[test]
fn a_command_of_another_tool_is_answered_by_the_one_that_is_meant() {
    let bench = Bench::with(HELLO);
    for (word, meant) in [
        ("validate", "`opsflow check`"),
        ("ps", "`opsflow list`"),
        ("ls", "`opsflow list`"),
        ("logs", "`opsflow history ID`"),
        ("status", "`opsflow show ID`"),
        ("exec", "`opsflow run FILE`"),
        ("stop", "`opsflow cancel ID`"),
        ("kill", "`opsflow cancel ID`"),
        ("apply", "`opsflow start FILE`"),
    ] {
        let ran = bench.run(&[word, "x"]);
        ran.refused(2, &format!("error: there is no command `{word}`\nhelp: "));
        ran.refused(2, meant);
    }
    for word in ["serve", "explore", "lsp", "doctor", "copy", "import", "token", "top", "debug", "record"] {
        bench.run(&[word, "--x"]).refused(2, &format!("the command `{word}` is planned, but not part of this version"));
    }
    let ran = bench.run(&["flow.yml", "--set", "name=Ann Lee"]);
    ran.refused(
        2,
        "error: `flow.yml` is a file, not a command\nhelp: `opsflow run flow.yml --set 'name=Ann Lee'` runs it\n",
    );
}

#[test]
fn a_value_without_set_is_answered_by_how_it_is_given() {
    let bench = Bench::with(HELLO);
    let help = "help: to give `day` a value, write `--set day=2026-11-21`\n";
    for args in [
        &["run", "flow.yml", "--day", "2026-11-21"][..],
        &["run", "flow.yml", "--day=2026-11-21"],
        &["run", "flow.yml", "day=2026-11-21"],
        &["run", "flow.yml", "hello", "day=2026-11-21"],
        &["start", "flow.yml", "day=2026-11-21"],
        &["interact", "1234", "register!", "--day", "2026-11-21"],
    ] {
        bench.run(args).refused(2, help);
    }
    let ran = bench.run(&["run", "flow.yml", "--input", r#"{"name":"Ann"}"#]);
    ran.refused(2, "`echo '{…}' | opsflow … --input -`");
    bench.write("flow.yml", &HELLO.replace(", secret: true", ""));
    let ran = bench.run(&["run", "flow.yml", "--input", r#"{"name":"Ann"}"#]);
    ran.refused(2, r#"`echo '{"name":"Ann"}' | opsflow … --input -`"#);
    let ran = bench.run(&["run", "flow.yml", "--set", "name=Ann", "--allow", "api.example.com"]);
    ran.refused(2, "help: write `--allow http=api.example.com`\n");
}

/// The one line of stderr that is an object.
fn error(ran: &super::Ran, code: i32) -> Value {
    assert_eq!((ran.code, ran.stdout.as_str()), (code, ""), "{}", ran.stderr);
    let line = ran.stderr.lines().last().unwrap();
    serde_json::from_str::<Value>(line).unwrap_or_else(|why| panic!("{why}: {}", ran.stderr))["error"].take()
}

#[test]
fn with_json_refusals_and_errors_are_data() {
    let bench = Bench::with(SIGN_UP);
    let id = bench.task(&["--set", "email=a@b.c"], 0);
    let told = |args: &[&str], code| error(&bench.run(&[args, &["--json"]].concat()), code);
    let refused = told(&["interact", &id, "reset!"], 3);
    assert_eq!(refused["kind"], "invalid_state");
    assert_eq!((&refused["state"], &refused["status"]), (&json!("name_provided?"), &json!("waiting")));
    assert_eq!((&refused["task"], &refused["flow"], &refused["exit"]), (&json!(id), &json!("sign_up"), &json!(3)));
    assert_eq!(told(&["interact", &id, "registr!"], 3)["help"], "did you mean `register!`?");
    let missing = told(&["interact", &id, "register!"], 2);
    assert_eq!(missing["kind"], "validation");
    assert_eq!(missing["invalid"][0]["path"], "name");
    assert_eq!(told(&["show", "00000000-0000-0000-0000-000000000000"], 3)["kind"], "not_found");
    assert_eq!(told(&["run", "flwo.yml"], 2)["help"], "did you mean `flow.yml`?");
    assert_eq!(told(&["ps"], 2)["kind"], "usage");
    assert_eq!(told(&["list", "--limit", "x"], 2)["kind"], "usage");
    bench.write("flow.yml", &SIGN_UP.replace("go_to: done", "go_to: dnoe"));
    let broken = told(&["run", "flow.yml", "--set", "email=a@b.c"], 2);
    assert_eq!((&broken["kind"], &broken["findings"][0]["line"]), (&json!("definition"), &json!(12)));
    bench.write("opsflow.yml", "storage: [1]\n");
    assert_eq!(told(&["list"], 2)["findings"][0]["file"], "opsflow.yml");
}

#[test]
fn a_refusal_names_kind_and_state() {
    let bench = Bench::with(SIGN_UP);
    let id = bench.task(&["--set", "email=a@b.c"], 0);
    for args in [&["interact", &id, "reset!"][..], &["retry", &id], &["delete", &id]] {
        let ran = bench.run(args);
        ran.refused(3, "(invalid_state)\n");
        ran.refused(3, "`name_provided?`");
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
    for command in
        ["new", "run", "start", "check", "list", "show", "history", "events", "interact", "wake", "cancel", "worker"]
    {
        let help = bench.run(&[command, "--help"]).done().stdout;
        assert!(help.contains("Usage: opsflow") && help.contains(&format!("\n  opsflow {command} ")), "{help}");
    }
    let help = bench.run(&["help", "--help"]).done().stdout;
    assert!(help.contains("Usage: opsflow"), "{help}");
}

#[test]
fn an_id_is_whole_or_the_beginning_of_one() {
    let bench = Bench::new();
    bench.run(&["show", "nonsense"]).refused(2, "`nonsense` is not the id of a task");
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
