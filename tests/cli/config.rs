//! `opsflow.yml`, and the order of flag, environment, file and default.

use super::{Bench, Ran};

fn says(config: &str) -> Ran {
    let bench = Bench::new();
    bench.write("opsflow.yml", config);
    bench.run(&["list"])
}

#[test]
fn what_is_wrong_in_it_has_a_place() {
    says("storage: memory:x\nstorge: x\n").refused(2, "opsflow.yml:2:1: unknown key `storge`");
    says("storge: x\n").refused(2, "help: did you mean `storage`?");
    says("zebra: x\n").refused(2, "help: the keys are `storage`");
    says("quiet: perhaps\n").refused(2, "opsflow.yml:1:8: `quiet`: `true` or `false` was expected");
    says("color: pink\n").refused(2, "opsflow.yml:1:8: `color`: `auto`, `always` or `never` was expected");
    says("storage: [a]\n").refused(2, "`storage`: a text was expected, like `sqlite:tasks.db`");
    says("allow: { http: x }\n")
        .refused(2, "`allow`: a text was expected, like `http=api.example.com`, or a list of them");
    says("storage: a\nstorage: b\n").refused(2, "`storage` is given twice");
    says("a: [1\n").refused(2, "opsflow.yml:");
    says("- storage\n").refused(2, "opsflow.yml:1:1: keys with their values were expected");
    says("checkpoint: never\n").refused(2, "every_state");
    for lease in ["999ms", "30", "soon", "[]"] {
        let said = says(&format!("lease: {lease}\n"));
        said.refused(
            2,
            "opsflow.yml:1:8: `lease`: a duration of a second or more (MIN_LEASE) was expected, like `30s`",
        );
    }
}

#[test]
fn repeated_keys_grants_and_storages_are_told_at_their_place() {
    for (config, told) in [
        ("json: true\nstorage: sqlite:a\nstorage: sqlite:b\n", "opsflow.yml:3:1: `storage` is given twice"),
        ("json: true\nallow: { http: x }\n", "opsflow.yml:2:8: `allow`: a text was expected"),
        ("json: true\nallow:\n  # these\n  - [a]\n", "opsflow.yml:4:3: `allow`: a text was expected"),
        ("allow: [env=HOME, nonsense]\n", "opsflow.yml:1:19: `nonsense` cannot be allowed"),
        ("json: true\nallow:\n  - env=HOME\n  - htp=x\n", "opsflow.yml:4:5: `htp` cannot be allowed"),
        ("allow: \"shell\"\n", "opsflow.yml:1:9: `shell` does not say what is allowed"),
        ("json: true\nstorage: postgres:x\n", "opsflow.yml:2:10: no storage is called `postgres`"),
        ("storage: sqlite:a.db?fast\n", "opsflow.yml:1:10: `fast` is not an option of `sqlite:`"),
        ("utc: true\n---\nutc: true\n", "opsflow.yml:2:1: the file has one YAML document"),
    ] {
        let ran = says(&config.replace("json: true", "utc: true"));
        ran.refused(2, told);
        assert_eq!(ran.stderr.matches("opsflow.yml:").count(), 1, "{}", ran.stderr);
    }
    let ran = says("storage: postgres://ann:pa55word@db/x\n");
    ran.refused(2, "opsflow.yml:1:10: no storage is called `postgres`");
    assert!(!ran.stderr.contains("pa55word"), "{}", ran.stderr);
}

#[test]
fn all_that_is_wrong_in_it_is_told_at_once() {
    let ran =
        says("# for this project\nstorge: x\nquiet: perhaps\nallow:\n  http: x\nlease: 1\nflows: flows\nquiet: yes\n");
    ran.refused(2, "opsflow.yml:2:1: unknown key `storge`");
    for part in [
        "opsflow.yml:3:8: `quiet`: `true` or `false` was expected",
        "opsflow.yml:5:3: `allow`: a text was expected, like `http=api.example.com`, or a list of them",
        "opsflow.yml:6:8: `lease`: a duration of a second or more (MIN_LEASE) was expected, like `30s`",
    ] {
        assert!(ran.stderr.contains(part), "{part}: {}", ran.stderr);
    }
    assert_eq!(ran.stderr.matches("opsflow.yml:").count(), 5, "{}", ran.stderr);
    let ran = says("quiet: perhaps\nlease: [1\n");
    ran.refused(2, "opsflow.yml:1:8: `quiet`: `true` or `false` was expected");
    assert_eq!(ran.stderr.matches("opsflow.yml:").count(), 2, "broken YAML hides nothing: {}", ran.stderr);
    says("storge: x\n").refused(2, "help: did you mean `storage`?");
}

#[test]
fn an_empty_one_is_fine() {
    for text in ["", "# nothing yet\n\n", "storage:\n"] {
        says(text).done();
    }
}

#[test]
fn a_folder_of_its_name_is_refused() {
    let bench = Bench::new();
    std::fs::create_dir(bench.path("opsflow.yml")).unwrap();
    bench.run(&["list"]).refused(2, "`opsflow.yml` cannot be read");
}

#[test]
fn the_flag_wins_then_the_environment_then_the_file() {
    let bench = Bench::new();
    let stored_at = |command: &mut std::process::Command| {
        let ran = Ran::from(command.output().unwrap()).done();
        ran.stderr.lines().next().unwrap_or_default().split('`').nth(1).unwrap_or_default().to_owned()
    };
    assert_eq!(stored_at(&mut bench.command(&["list"])), "sqlite:.opsflow/tasks.db");
    bench.write("opsflow.yml", "storage: sqlite:file.db\n");
    assert_eq!(stored_at(&mut bench.command(&["list"])), "sqlite:file.db");
    let env = "OPSFLOW_STORAGE";
    assert_eq!(stored_at(bench.command(&["list"]).env(env, "sqlite:env.db")), "sqlite:env.db");
    assert_eq!(stored_at(bench.command(&["list"]).env(env, "")), "sqlite:file.db");
    let flag = ["list", "--storage", "sqlite:flag.db"];
    assert_eq!(stored_at(bench.command(&flag).env(env, "sqlite:env.db")), "sqlite:flag.db");
}

#[test]
fn json_quiet_and_color_stand_there_too() {
    let bench = Bench::new();
    bench.write("opsflow.yml", "json: true\nquiet: true\n");
    let ran = bench.run(&["list"]).done();
    assert_eq!((ran.stdout.as_str(), ran.stderr.as_str()), ("[]\n", ""));
    bench.write("opsflow.yml", "color: always\n");
    assert!(bench.run(&["check", "none.yml"]).stdout.contains("\u{1b}["));
    assert!(!bench.run(&["check", "none.yml", "--color", "never"]).stdout.contains("\u{1b}["));
}

#[test]
fn an_unknown_grant_is_bad_usage() {
    let bench = Bench::with(super::HELLO);
    bench.run(&["run", "flow.yml", "--set", "name=Ann", "--allow", "htp=x"]).refused(2, "did you mean `http`?");
    bench.write("opsflow.yml", "allow: [shell]\n");
    bench.run(&["run", "flow.yml", "--set", "name=Ann"]).refused(2, "does not say what is allowed");
}

#[test]
fn it_is_found_upward_and_its_paths_begin_there() {
    let bench = Bench::new();
    bench.write("opsflow.yml", "storage: sqlite:kept/tasks.db\nflows: flows\n");
    bench.write("flows/hello.yml", super::HELLO);
    bench.write("deep/down/here.txt", "");
    let below = |args: &[&str]| Ran::from(bench.command(args).current_dir(bench.path("deep/down")).output().unwrap());
    below(&["start", "hello", "--set", "name=Ann"]).done();
    assert!(bench.path("kept/tasks.db").exists());
    assert_eq!(bench.json(&["list"], 0).as_array().unwrap().len(), 1);
    bench.write("opsflow.yml", "storge: x\n");
    below(&["list"]).refused(2, "../../opsflow.yml:1:1: unknown key `storge`");
    bench.write("opsflow.yml", "quiet: true\n");
    bench.write("workflows/other.yml", &super::HELLO.replace("flow: hello", "flow: other"));
    below(&["run", "other", "--set", "name=Bob"]).done();
    assert!(bench.path(".opsflow/tasks.db").exists() && !bench.path("deep/down/.opsflow").exists());
}

#[test]
fn a_folder_that_is_named_is_searched_in_depth() {
    let bench = Bench::new();
    bench.write("flows/a/b/hello.yml", super::HELLO);
    bench.write("flows/.hidden/broken.yml", "flow: [\n");
    bench.write("flows/node_modules/broken.yml", "flow: [\n");
    bench.run(&["run", "hello", "--flows", "flows", "--set", "name=Ann", "--quiet"]).done();
    bench.run(&["run", "hello", "--set", "name=Ann"]).refused(2, "no flow is called `hello`");
    assert_eq!(bench.run(&["check", "flows"]).done().stderr, "1 file, 1 flow: 0 errors, 0 warnings\n");
    assert_eq!(bench.run(&["test", "flows"]).done().stderr, "0 tests: 0 passed, 0 failed\n");
    assert_eq!(bench.run(&["fmt", "--check", "."]).stderr, "1 file: 0 would change\n");
}
