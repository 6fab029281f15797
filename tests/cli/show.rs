//! `opsflow show`

use super::{Bench, FRAIL, HELLO, SIGN_UP, fixed};

#[test]
fn it_shows_all_of_a_task() {
    let bench = Bench::with(HELLO);
    let id = bench.task(&["--set", "name=Ann", "--set", "tags=[1,\"x\"]"], 0);
    let shown = fixed(&bench.run(&["show", &id]).done().stdout);
    let expected = "\
completed   done
id          ID
flow        hello (version 1)
queue       default (priority 0)
";
    assert!(shown.starts_with(expected), "{shown}");
    assert!(shown.contains("created     TIME (AGO)\n") && shown.contains("ended       TIME (AGO)\n"), "{shown}");
    assert!(shown.ends_with("attributes\n  name      ANN\n  times     1\n  tags      [1,\"x\"]\n"), "{shown}");
}

#[test]
fn values_stand_below_each_other_and_can_be_seen() {
    let bench = Bench::with(
        "flow: loan\nattributes: { book: string, returned_on: date, note: any, shelf: string }\nstates: { start: result }\n",
    );
    let given = ["--set", "book=Emma", "--set", "returned_on=2026-11-25", "--set", "note= a ", "--set", "shelf="];
    let id = bench.task(&given, 0);
    let shown = bench.run(&["show", &id]).done().stdout;
    let expected =
        "attributes\n  book        Emma\n  returned_on 2026-11-25\n  note        \" a \"\n  shelf       \"\"\n";
    assert!(shown.ends_with(expected), "{shown}");
}

#[test]
fn only_an_ended_one_is_kept_until_then() {
    let bench = Bench::with(SIGN_UP);
    let id = bench.task(&["--set", "email=a@b.c"], 0);
    let shown = bench.run(&["show", &id]).done().stdout;
    assert!(!shown.contains("kept until"), "{shown}");
    bench.run(&["interact", &id, "register!", "--set", "name=Ann"]).done();
    let shown = bench.run(&["show", &id]).done().stdout;
    assert!(shown.contains("\nkept until  "), "{shown}");
}

#[test]
fn a_failed_one_is_shown_all_the_same() {
    let bench = Bench::with(FRAIL);
    let id = bench.task(&[], 1);
    let ran = bench.run(&["show", &id]).done();
    assert!(ran.stdout.contains("\nerror       "), "{}", ran.stdout);
    assert!(ran.stdout.contains("no luck") && ran.stdout.contains("at          flow.yml:12:9\n"), "{}", ran.stdout);
    assert_eq!(bench.json(&["show", &id], 0)["error"]["kind"], "broken");
}

#[test]
fn the_beginning_of_an_id_will_do_while_it_means_one_task() {
    let bench = Bench::with(HELLO);
    let id = bench.task(&["--set", "name=Ann"], 0);
    assert_eq!(bench.json(&["show", &id[..13]], 0)["id"], id.as_str());
    assert_eq!(bench.json(&["show", &id[..4].to_uppercase()], 0)["id"], id.as_str());
    assert_eq!(bench.json(&["show", &id.replace('-', "")], 0)["id"], id.as_str());
}

#[test]
fn it_needs_no_flows() {
    let bench = Bench::with(HELLO);
    let id = bench.task(&["--set", "name=Ann"], 0);
    std::fs::remove_file(bench.path("flow.yml")).unwrap();
    bench.run(&["show", &id]).done();
    bench.run(&["history", &id]).done();
}

#[test]
fn it_says_what_may_be_done_now_and_what_is_waited_for() {
    let bench = Bench::with(&SIGN_UP.replace("interactions:", "timeout: 2h\ninteractions:"));
    let id = bench.task(&["--set", "email=a@b.c"], 0);
    let shown = fixed(&bench.run(&["show", &id]).done().stdout);
    let waits = "waits       sleeps in `name_provided?` until TIME, its timeout, or `register!`\n";
    assert!(shown.contains(waits), "{shown}");
    assert!(shown.contains("interactions\n  register! --set name=… (string, required)\n"), "{shown}");
    assert!(!shown.contains("reset!") && !shown.contains("held"), "{shown}");
    bench.run(&["interact", &id, "register!", "--set", "name=Ann"]).done();
    let shown = bench.run(&["show", &id]).done().stdout;
    assert!(!shown.contains("interactions") && !shown.contains("waits"), "{shown}");
}

#[test]
fn it_counts_sub_tasks_and_says_who_is_at_work() {
    let bench = Bench::with(
        "flow: top\nuses: [shell]\nstarts_with: one\nstates:\n  one: { start: part, go_to: two }\n  two: { action: 'shell::run(\"sleep\", [\"5\"])', go_to: done }\n  done: result\n",
    );
    bench.write("part.yml", "flow: part\nstates: { start: result }\n");
    let mut child = bench.spawn(&["run", "flow.yml", "--allow", "shell=sleep"]);
    let began = std::time::Instant::now();
    let shown = loop {
        let tasks = bench.run(&["list", "--flow", "top", "--json"]).stdout;
        let id = serde_json::from_str::<serde_json::Value>(&tasks)
            .ok()
            .and_then(|tasks| Some(tasks[0]["id"].as_str()?.to_owned()));
        let shown = id.map(|id| bench.run(&["show", &id]).stdout).unwrap_or_default();
        if shown.contains("\ncalls ") || began.elapsed() > std::time::Duration::from_secs(20) {
            break fixed(&shown);
        }
    };
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(shown.contains("\nsub-tasks   1 "), "{shown}");
    assert!(shown.contains("\nunder way   try 1 of `two`, begun TIME (AGO); 0 calls done\n"), "{shown}");
    let holder = shown.split("\nheld by     ").nth(1).and_then(|rest| rest.split(',').next()).unwrap();
    assert!(holder.ends_with(&format!(":{}", child.id())), "{shown}");
    assert!(
        shown.contains(&format!("{holder}, until TIME (AGO)\ncalls       `shell::run` since TIME (AGO)\n")),
        "{shown}"
    );
}

#[test]
fn an_unknown_id_is_not_found_in_either_form() {
    let bench = Bench::with(HELLO);
    bench.run(&["run", "flow.yml", "--set", "name=Ann"]).done();
    for id in ["00000000", "00000000-0000-4000-8000-000000000000"] {
        let ran = bench.run(&["show", "--json", id]);
        let error = &serde_json::from_str::<serde_json::Value>(&ran.stderr).unwrap()["error"];
        assert_eq!((ran.code, &error["kind"]), (3, &"not_found".into()), "{}", ran.stderr);
    }
}
