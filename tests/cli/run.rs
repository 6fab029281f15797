//! `opsflow run`

use serde_json::json;

use super::{Bench, FRAIL, HELLO, SIGN_UP, fixed};

#[test]
fn moves_go_to_stderr_and_the_outcome_to_stdout() {
    let ran = Bench::with(HELLO).run(&["run", "flow.yml", "--set", "name=Ann", "--set", "pin=1234"]).done();
    let expected = "\
completed   done
id          ID
output      Hello ANN
attributes
  name      ANN
  times     1
  pin       [secret]
";
    assert_eq!(fixed(&ran.stdout), expected);
    let moves = fixed(&ran.stderr);
    assert!(moves.contains("✓ greet → done  (action, N ms)\n"), "{moves}");
    assert!(!ran.stderr.contains("1234"));
}

#[test]
fn a_secret_is_printed_nowhere() {
    let flow = r#"flow: leaky
attributes: { pin: { type: string, secret: true }, copy: string, fails: boolean }
starts_with: copy
states:
  copy:
    action: |
      copy = pin;
      log(`it is ${pin}`);
      if fails == true { fail("wrong", `no ${pin}`, #{ pin: pin }) }
    go_to: done
  done: { result: "`x ${pin} y`" }
"#;
    let bench = Bench::with(flow);
    let ran = bench.run(&["run", "flow.yml", "--set", "pin=hunter2"]).done();
    let expected = "\
completed   done
id          ID
output      x [secret] y
attributes
  pin       [secret]
  copy      [secret]
";
    assert_eq!(fixed(&ran.stdout), expected);
    assert!(ran.stderr.contains("it is [secret]"), "{}", ran.stderr);
    let ran = bench.run(&["run", "flow.yml", "--set", "pin=hunter2", "--set", "fails=true"]);
    assert!(ran.stdout.contains("error       in `copy`: no [secret] (wrong)\n"), "{}", ran.stdout);
    assert!(ran.stdout.contains("data        {\"pin\":\"[secret]\"}\n"), "{}", ran.stdout);
    assert!(ran.stderr.contains("no [secret] (wrong)"), "{}", ran.stderr);
    let printed = bench.run(&["list", "--json"]).done().stdout;
    let tasks: serde_json::Value = serde_json::from_str(&printed).unwrap();
    let mut said = format!("{}{}{printed}", ran.stdout, ran.stderr);
    for task in tasks.as_array().unwrap() {
        for command in [["show", "--json"], ["history", "--json"], ["show", "--quiet"], ["history", "--quiet"]] {
            let ran = bench.run(&[command[0], task["id"].as_str().unwrap(), command[1]]).done();
            said += &format!("{}{}", ran.stdout, ran.stderr);
        }
    }
    assert!(tasks.as_array().is_some_and(|tasks| tasks.len() == 2));
    assert!(!said.contains("hunter2"), "{said}");
}

#[test]
fn quiet_leaves_the_moves_out() {
    let ran = Bench::with(HELLO).run(&["run", "flow.yml", "--set", "name=Ann", "--quiet"]).done();
    assert_eq!(ran.stderr, "");
    assert!(ran.stdout.starts_with("completed"));
}

#[test]
fn json_is_exactly_the_task_in_its_order_of_keys() {
    let bench = Bench::with(HELLO);
    let text = bench.run(&["run", "flow.yml", "--set", "name=Ann", "--json"]).done().stdout;
    let task: serde_json::Value = serde_json::from_str(&text).unwrap();
    let keys = [
        "id",
        "flow",
        "version",
        "status",
        "state",
        "attributes",
        "output",
        "error",
        "parent_id",
        "queue",
        "priority",
        "revision",
        "created_at",
        "updated_at",
        "wake_at",
        "timeout_at",
        "delete_at",
        "ended_at",
    ];
    assert_eq!(task.as_object().unwrap().len(), keys.len());
    let places: Vec<usize> = keys.iter().map(|key| text.find(&format!("\n  \"{key}\":")).unwrap()).collect();
    assert!(places.is_sorted(), "{text}");
    assert_eq!(task["attributes"], json!({ "name": "ANN", "times": 1 }));
    assert_eq!((&task["status"], &task["error"], &task["wake_at"]), (&json!("completed"), &json!(null), &json!(null)));
    assert_eq!(fixed(task["created_at"].as_str().unwrap()), "TIME");
    assert_eq!(bench.json(&["show", task["id"].as_str().unwrap()], 0), task);
}

#[test]
fn values_are_read_as_their_types() {
    let bench = Bench::with(HELLO);
    let args = ["run", "flow.yml", "--set", "name=42", "--set", "times=7", "--set", "tags=[\"a\",1]"];
    let more = ["--set", "day=2026-11-21", "--set", "anything={\"a\":[true]}"];
    let task = bench.json(&[&args[..], &more].concat(), 0);
    let expected =
        json!({ "name": "42", "times": 7, "tags": ["a", 1], "day": "2026-11-21", "anything": { "a": [true] } });
    assert_eq!(task["attributes"], expected);
    let task = bench.json(&["run", "flow.yml", "--set", "name=a=b", "--set", "anything=just text"], 0);
    assert_eq!(task["attributes"], json!({ "name": "A=B", "times": 1, "anything": "just text" }));
}

#[test]
fn a_failed_task_is_1_and_says_where() {
    let bench = Bench::with(FRAIL);
    let ran = bench.run(&["run", "flow.yml"]);
    assert_eq!(ran.code, 1);
    assert!(ran.stderr.contains("flow.yml:12:9: "), "{}", ran.stderr);
    assert!(ran.stderr.contains("12 |         fail(\"broken\", \"no luck\");"), "{}", ran.stderr);
    assert!(ran.stderr.contains("✗ "), "{}", ran.stderr);
    assert!(ran.stdout.starts_with("failed      second\n"), "{}", ran.stdout);
    let task = bench.json(&["run", "flow.yml"], 1);
    assert_eq!((&task["status"], &task["error"]["kind"]), (&json!("failed"), &json!("broken")));
    assert_eq!((&task["error"]["state"], &task["error"]["attempt"]), (&json!("second"), &json!(1)));
    assert_eq!(task["error"]["at"], json!({ "file": "flow.yml", "line": 12, "column": 9 }));
}

/// A flow whose first try fails.
const TRIES: &str = r#"flow: tries
attributes: { pin: { type: string, secret: true } }
states:
  start:
    action: |
      if task.attempt == 1 { fail("busy", `not with ${pin}`) }
    retry: { attempts: 3, delay: 10s }
    go_to: done
  done: result
"#;

#[test]
fn a_failed_try_says_why_and_when_the_next_one_comes() {
    let bench = Bench::with(TRIES);
    let ran = bench.run(&["run", "flow.yml", "--set", "pin=hunter2"]).done();
    let line = "! start: try 1 of 3 failed: not with [secret] (busy), again AGO  (N ms)\n";
    assert!(fixed(&ran.stderr).starts_with(line), "{}", ran.stderr);
    assert!(!ran.stderr.contains("✓"), "{}", ran.stderr);
    let id = bench.json(&["list"], 0)[0]["id"].as_str().unwrap().to_owned();
    let shown = fixed(&bench.run(&["show", &id]).done().stdout);
    assert!(shown.contains("\ntried       1 of 3 failed: not with [secret] (busy), again at TIME (AGO)\n"), "{shown}");
    bench.write("flow.yml", &TRIES.replace("10s", "0s"));
    let ran = bench.run(&["run", "flow.yml", "--set", "pin=hunter2"]).done();
    assert!(
        ran.stderr.contains("! start: try 1 of 3 failed: not with [secret] (busy), again at once  "),
        "{}",
        ran.stderr
    );
    assert!(ran.stderr.contains("✓ start → done "), "{}", ran.stderr);
    let quiet = bench.run(&["run", "flow.yml", "--set", "pin=hunter2", "--quiet"]).done();
    assert_eq!(quiet.stderr, "");
}

#[test]
fn a_task_that_sleeps_is_0() {
    let bench = Bench::with(SIGN_UP);
    let ran = bench.run(&["run", "flow.yml", "--set", "email=a@b.c"]).done();
    assert!(ran.stdout.starts_with("waiting     name_provided?\n"), "{}", ran.stdout);
    assert!(ran.stderr.contains("sleeps in `name_provided?`"), "{}", ran.stderr);
}

#[test]
fn the_worker_that_is_advised_may_do_what_the_flow_needs() {
    let flow = "flow: naps\nuses: [env, files]\nstates:\n  start:\n    wait_until:\n      - { after: 1h, go_to: done }\n  done: result\n";
    let bench = Bench::with(flow);
    let hint = |args: &[&str]| bench.run(&[&["run", "flow.yml"], args].concat()).done().stderr;
    let advised = hint(&[]);
    assert!(advised.contains("; `opsflow worker --allow env=… --allow files=…` does what comes due"), "{advised}");
    let advised = hint(&["--allow", "env=HOME,LANG", "--allow", "shell=ls"]);
    assert!(advised.contains("`opsflow worker --allow env=HOME,LANG --allow files=…`"), "{advised}");
    bench.write("opsflow.yml", "allow: [env=HOME, files=my notes]\n");
    let advised = hint(&[]);
    assert!(advised.contains("; `opsflow worker` does what comes due"), "{advised}");
    bench.write("opsflow.yml", "allow: files=my notes\n");
    let advised = hint(&[]);
    assert!(advised.contains("`opsflow worker --allow 'files=my notes' --allow env=…`"), "{advised}");
}

#[test]
fn the_worker_that_is_advised_may_do_what_sub_flows_need() {
    let parent = "flow: parent\nuses: [env]\nstates:\n  start: { start: child, go_to: wait }\n  wait:\n    wait_until: [{ after: 1h, go_to: done }]\n  done: result\n";
    let child = "flow: child\nuses: [http, env]\nstates:\n  start:\n    action: start(\"pet\", #{})\n    go_to: done\n  done: result\n";
    let pet =
        "flow: pet\nuses: [files]\nstates: { start: { start: parent, for_each: '[]', go_to: done }, done: result }\n";
    let bench = Bench::with(&format!("{parent}---\n{child}---\n{pet}"));
    let advised = "`opsflow worker --allow env=… --allow http=… --allow files=…`";
    let ran = bench.run(&["start", "flow.yml"]).done();
    assert_eq!(ran.stderr, format!("waits for a worker: {advised}\n"));
    let ran = bench.run(&["run", "flow.yml"]).done();
    assert!(ran.stderr.ends_with(&format!("; {advised} does what comes due\n")), "{}", ran.stderr);
    // Without the file, the definition is known because the task was pinned with it: the flow starts itself.
    let id = bench.json(&["list", "--flow", "parent"], 0)[0]["id"].as_str().unwrap().to_owned();
    std::fs::remove_file(bench.path("flow.yml")).unwrap();
    let ran = bench.run(&["wake", &id]).done();
    assert!(ran.stderr.contains("`opsflow worker --allow env=… --allow http=…`"), "{}", ran.stderr);
}

#[test]
fn another_flow_of_the_file_may_be_named() {
    let bench = Bench::with(&format!("{HELLO}---\nflow: other\nstates: {{ start: result }}\n"));
    assert_eq!(bench.json(&["run", "flow.yml", "other"], 0)["flow"], "other");
    bench.run(&["run", "flow.yml", "othr"]).refused(2, "did you mean `other`?");
    bench.run(&["run", "flow.yml", "zebra"]).refused(2, "it holds `hello`, `other`");
}

#[test]
fn broken_definitions_are_2_with_their_findings() {
    let bench = Bench::with(&HELLO.replace("go_to: done", "go_to: dne"));
    let ran = bench.run(&["run", "flow.yml", "--set", "name=Ann"]);
    ran.refused(2, "flow.yml:13:12: unknown state `dne`");
    assert!(!bench.path(".opsflow").exists());
    bench.run(&["run", "none.yml"]).refused(2, "there is no file `none.yml`");
    bench.run(&["run", "."]).refused(2, "a folder");
    bench.write("empty.yml", "# nothing\n");
    bench.run(&["run", "empty.yml"]).refused(2, "empty.yml:1:1: ");
    bench.write("yaml.yml", "flow: [a\n");
    bench.run(&["run", "yaml.yml"]).refused(2, "yaml.yml:");
}

#[test]
fn a_file_that_is_not_there_has_a_neighbour() {
    let bench = Bench::new();
    bench.write("loan.yml", HELLO);
    bench.write("workflows/party.yml", SIGN_UP);
    bench.run(&["run", "loan"]).refused(2, "error: no flow is called `loan`\nhelp: did you mean `loan.yml`?");
    bench.run(&["run", "lone.yml"]).refused(2, "did you mean `loan.yml`?");
    bench.run(&["run", "party.yml"]).refused(2, "did you mean `workflows/party.yml`?");
    bench.run(&["start", "loan"]).refused(2, "did you mean `loan.yml`?");
    let ran = bench.run(&["run", "zebra.yml"]);
    ran.refused(2, "there is no file `zebra.yml`\n");
    assert!(!ran.stderr.contains("help"), "{}", ran.stderr);
}

#[test]
fn a_broken_neighbour_matters_to_who_names_its_flow() {
    let bench = Bench::with(HELLO);
    bench.write("broken.yml", "flow: broken\nstates: 1\n");
    bench.run(&["run", "flow.yml", "--set", "name=Ann"]).done();
    bench.write("starts.yml", "flow: starts\nstates:\n  start: { start: broken, go_to: done }\n  done: result\n");
    bench.run(&["run", "starts.yml"]).refused(2, "starts.yml:3:19: flow `broken`, which is started here, is broken");
}

#[test]
fn sub_tasks_are_named_in_the_moves() {
    let bench = Bench::with(
        "flow: parent\nstates:\n  start: { start: child, go_to: wait }\n  wait:\n    wait_until:\n      - if: active_sub_tasks.len() == 0\n        go_to: done\n  done: result\n",
    );
    bench
        .write("child.yml", "flow: child\nstates:\n  start:\n    action: let x = 1\n    go_to: done\n  done: result\n");
    let ran = bench.run(&["run", "flow.yml"]).done();
    assert!(ran.stdout.starts_with("completed"), "{}", ran.stdout);
    assert!(ran.stderr.lines().any(|line| line.starts_with("✓ child ")), "{}", ran.stderr);
}

#[test]
fn waiting_for_the_end_goes_on_when_the_time_comes() {
    let flow = "flow: naps\nstates:\n  start:\n    wait_until:\n      - { after: 1s, go_to: done }\n  done: result\n";
    let bench = Bench::with(flow);
    assert_eq!(bench.json(&["run", "flow.yml"], 0)["status"], "waiting");
    let ran = bench.run(&["run", "flow.yml", "--wait"]).done();
    assert!(ran.stdout.starts_with("completed"), "{}", ran.stdout);
    assert!(fixed(&ran.stderr).starts_with("task ID sleeps in `start` until TIME"), "{}", ran.stderr);
}

#[test]
fn waiting_for_the_end_hears_of_it_when_another_process_brings_it() {
    let bench = Bench::with(SIGN_UP);
    let mut waiting = bench.spawn(&["run", "flow.yml", "--set", "email=a@b.c", "--wait", "--json"]);
    let mut stderr = std::io::BufReader::new(waiting.stderr.take().unwrap());
    let mut line = String::new();
    std::io::BufRead::read_line(&mut stderr, &mut line).unwrap();
    let id = line.split_whitespace().nth(1).unwrap_or_default();
    assert!(line.contains("sleeps in `name_provided?`"), "{line}");
    bench.run(&["interact", id, "register!", "--set", "name=Ann"]).done();
    let began = std::time::Instant::now();
    let ran = super::Ran::from(waiting.wait_with_output().unwrap()).done();
    assert!(began.elapsed() < std::time::Duration::from_secs(5), "{:?}", began.elapsed());
    assert!(ran.stdout.contains("\"output\": \"Ann\""), "{}", ran.stdout);
}

#[test]
fn waiting_for_the_end_runs_sub_tasks_beside_each_other() {
    let flow = "flow: parent\nstates:\n  start: { start: child, for_each: '[1, 2, 3, 4, 5]', go_to: wait }\n  wait:\n    wait_until:\n      - if: active_sub_tasks.len() == 0\n        go_to: done\n  done: result\n---\nflow: child\nstates:\n  start:\n    wait_until:\n      - { after: 500ms, go_to: done }\n  done: result\n";
    let bench = Bench::with(flow);
    let began = std::time::Instant::now();
    let ran = bench.run(&["run", "flow.yml", "--wait"]).done();
    assert!(ran.stdout.starts_with("completed"), "{}", ran.stdout);
    assert!(began.elapsed() < std::time::Duration::from_millis(2400), "{:?}", began.elapsed());
    assert_eq!(ran.stderr.lines().filter(|line| line.starts_with("✓ child ")).count(), 5, "{}", ran.stderr);
}

#[test]
fn a_capability_needs_a_grant() {
    let flow = "flow: env\nuses: [env]\nattributes: { value: string }\nstates:\n  start:\n    action: value = env::get(\"GREETING\")\n    go_to: done\n  done: result\n";
    let bench = Bench::with(flow);
    assert_eq!(bench.json(&["run", "flow.yml"], 3)["status"], "active");
    let args = ["run", "flow.yml", "--json", "--allow", "env=GREETING"];
    let ran = super::Ran::from(bench.command(&args).env("GREETING", "hi").output().unwrap()).done();
    assert!(ran.stdout.contains("\"value\": \"hi\""), "{}", ran.stdout);
    let granted =
        bench.command(&["run", "flow.yml"]).env("GREETING", "hi").env("OPSFLOW_ALLOW", "env=GREETING").output();
    super::Ran::from(granted.unwrap()).done();
}

#[test]
fn what_a_script_says_steers_no_terminal() {
    let flow = "flow: loud\nattributes: { text: string }\nstates:\n  start:\n    action: |\n      text = \"a\\x1b[2Jb\";\n      log(text);\n    go_to: done\n  done: { result: text }\n";
    let ran = Bench::with(flow).run(&["run", "flow.yml"]).done();
    assert!(!ran.stdout.contains('\u{1b}') && !ran.stderr.contains('\u{1b}'), "{:?} {:?}", ran.stdout, ran.stderr);
    assert!(ran.stdout.contains("a\\u{1b}[2Jb"), "{}", ran.stdout);
}

#[test]
fn tasks_may_be_kept_nowhere() {
    let bench = Bench::with(HELLO);
    bench.run(&["run", "flow.yml", "--set", "name=Ann", "--storage", "memory:"]).done();
    assert!(!bench.path(".opsflow").exists());
    bench.write("naps.yml", SIGN_UP);
    let ran = bench.run(&["run", "naps.yml", "--set", "email=a@b.c", "--storage", "memory:"]).done();
    assert!(ran.stderr.contains("; nothing is kept in `memory:`") && !ran.stderr.contains("worker"), "{}", ran.stderr);
}

#[test]
fn a_flow_is_named_like_a_file() {
    let bench = Bench::new();
    bench.write("workflows/hello.yml", HELLO);
    let task = bench.json(&["run", "hello", "--set", "name=Ann"], 0);
    assert_eq!(task["flow"], "hello");
    bench.run(&["run", "helo", "--set", "name=Ann"]).refused(2, "did you mean `hello`?");
    assert!(bench.run(&["graph", "hello", "--format", "text"]).done().stdout.contains("greet"));
    assert!(bench.run(&["graph", "hello", "--coverage", "--format", "text"]).done().stdout.contains("greet"));
    let id = task["id"].as_str().unwrap();
    bench.run(&["graph", "hello", "--task", id, "--format", "text"]).done();
    bench.run(&["graph", "other", "--task", id]).refused(2, "is one of `hello`, not of `other`");
    bench.run(&["test", "hello"]).done();
    bench.run(&["test", "helo"]).refused(2, "helo");
}

#[test]
fn a_value_comes_from_a_file_or_stdin() {
    let bench = Bench::with(HELLO);
    bench.write("name.txt", "Ann\n");
    bench.write("tags.json", "[1,\n2]\n");
    let task = bench.json(&["run", "flow.yml", "--set", "name=@name.txt", "--set", "tags=@tags.json"], 0);
    assert_eq!(task["attributes"], json!({ "name": "ANN", "times": 1, "tags": [1, 2] }));
    let ran = bench.feed(&["run", "flow.yml", "--set", "name=@-", "--json"], b"Bob\r\n").done();
    assert_eq!(serde_json::from_str::<serde_json::Value>(&ran.stdout).unwrap()["attributes"]["name"], "BOB");
    assert_eq!(bench.json(&["run", "flow.yml", "--set", "name=@@ann"], 0)["attributes"]["name"], "@ANN");
    bench
        .run(&["run", "flow.yml", "--set", "name=@ann"])
        .refused(2, "write `@@ann` for a text that begins with `@`".replace("@@ann", "@@").as_str());
}
