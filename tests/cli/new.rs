//! `opsflow new`

use super::Bench;

#[test]
fn it_writes_a_flow_that_passes_the_check_and_runs() {
    let bench = Bench::new();
    let ran = bench.run(&["new", "hello"]).done();
    assert_eq!(ran.stdout, "hello.yml\n");
    assert_eq!(ran.stderr, "run it with `opsflow run hello.yml`\n");
    assert_eq!(bench.run(&["fmt", "--check", "hello.yml"]).done().stdout, "");
    let checked = bench.run(&["check", "hello.yml"]).done();
    assert_eq!((checked.stdout.as_str(), checked.stderr.as_str()), ("", "1 file, 1 flow: 0 errors, 0 warnings\n"));
    let task = bench.json(&["run", "hello.yml", "--set", "name=Ann", "--set", "times=2"], 0);
    assert_eq!(task["output"], serde_json::json!(["Hello, Ann!", "Hello, Ann!"]));
    assert_eq!(bench.json(&["run", "hello.yml"], 0)["output"], serde_json::json!(["Hello, World!"]));
}

#[test]
fn its_first_line_names_the_schema_which_is_there() {
    let bench = Bench::new();
    bench.write("sales/readme.txt", "");
    for (name, line) in [("hello", ".opsflow/flow.schema.json"), ("sales/order", "../.opsflow/flow.schema.json")] {
        bench.run(&["new", name]).done();
        let text = std::fs::read_to_string(bench.path(&format!("{name}.yml"))).unwrap();
        assert_eq!(text.lines().next().unwrap(), format!("# yaml-language-server: $schema={line}"));
    }
    let schema = std::fs::read_to_string(bench.path(".opsflow/flow.schema.json")).unwrap();
    assert_eq!(schema, bench.run(&["schema"]).done().stdout);
}

#[test]
fn it_overwrites_nothing() {
    let bench = Bench::new();
    bench.write("hello.yml", "mine");
    bench.run(&["new", "hello"]).refused(3, "`hello.yml` is there already");
    assert_eq!(std::fs::read_to_string(bench.path("hello.yml")).unwrap(), "mine");
}

#[test]
fn names_are_held_to_their_form() {
    let bench = Bench::new();
    for name in ["Hello", "9a", "a b", "../a", "a//b", "", "/etc/a", &"a".repeat(101)] {
        bench.run(&["new", name]).refused(2, "cannot name a flow");
    }
    bench.run(&["new", "sales/order"]).refused(2, "its folder is not there");
    bench.run(&["new", "hello.yml"]).done();
    assert!(std::fs::read_to_string(bench.path("hello.yml")).unwrap().contains("\nflow: hello\n"));
}
