//! `opsflow list`

use super::{Bench, SIGN_UP, fixed};

fn bench() -> (Bench, Vec<String>) {
    let bench = Bench::with(SIGN_UP);
    bench.write(
        "other.yml",
        "flow: other\nattributes: { size: { type: integer, default: 3 } }\nstates: { start: result }\n",
    );
    let mut ids = vec![bench.task(&["--set", "email=a@b.c"], 0)];
    ids.push(bench.task(&["--set", "email=d@e.f", "--set", "name=Ann"], 0));
    ids.push(bench.task(&["--set", "email=g@h.i", "--set", "account={\"type\":\"account\",\"id\":\"7\"}"], 0));
    ids.push(bench.json(&["run", "other.yml"], 0)["id"].as_str().unwrap().to_owned());
    (bench, ids)
}

#[test]
fn filters_choose_and_the_newest_come_first() {
    let (bench, ids) = bench();
    let listed = |args: &[&str]| -> Vec<usize> {
        let tasks = bench.json(&[&["list"], args].concat(), 0);
        let place = |task: &serde_json::Value| ids.iter().position(|id| task["id"] == id.as_str()).unwrap();
        tasks.as_array().unwrap().iter().map(place).collect()
    };
    assert_eq!(listed(&[]), [3, 2, 1, 0]);
    assert_eq!(listed(&["--limit", "2"]), [3, 2]);
    assert_eq!(listed(&["--status", "waiting"]), [2, 0]);
    assert_eq!(listed(&["--flow", "other"]), [3]);
    assert_eq!(listed(&["--flow", "sign_up", "--state", "done"]), [1]);
    assert_eq!(listed(&["--queue", "none"]), Vec::<usize>::new());
    assert_eq!(listed(&["--ref", "account/7"]), [2]);
    assert_eq!(listed(&["--ref", "account/7", "--as", "account"]), [2]);
    assert_eq!(listed(&["--ref", "account/7", "--as", "owner"]), Vec::<usize>::new());
    assert_eq!(listed(&["--parent", &ids[0]]), Vec::<usize>::new());
    assert_eq!(listed(&["--where", "name == \"Ann\""]), [1]);
    assert_eq!(listed(&["--where", "email != () && email.ends_with(\"c\")"]), [0]);
    assert_eq!(listed(&["--where", "size != ()", "--limit", "1"]), [3]);
    assert_eq!(listed(&["--where", "task.flow == \"other\""]), [3]);
}

#[test]
fn a_condition_that_means_nothing_is_refused() {
    let (bench, _) = bench();
    let asked = |condition: &str| bench.run(&["list", "--where", condition]);
    asked("nme == 1").refused(2, "--where:1:1: ");
    asked("status == \"failed\"").refused(2, "use the filter `--status`");
    asked("task.status == \"failed\"").refused(2, "use the filter `--status`");
    asked("sub_tasks.len() > 0").refused(2, "the attributes of tasks and `task`, and nothing else");
    asked("flow == \"other\"").refused(2, "write `task.flow`");
    asked("nme == 1").refused(2, "did you mean `name`?");
    asked("name ==").refused(2, "--where:1:");
    asked("1 + 1").refused(2, "must give true or false");
    asked("1 / (task.version - 1) == 1").refused(2, "fails for every task");
    asked("now() > task.created_at").refused(2, "may only look at the task");
    let ran = asked("size > 2").done();
    assert_eq!(ran.stdout.lines().count(), 2, "{}", ran.stdout);
    assert!(ran.stderr.contains("3 of 4 tasks left out"), "{}", ran.stderr);
}

#[test]
fn where_there_is_no_task_no_name_is_known() {
    let (bench, _) = bench();
    let asked = |condition: &str| bench.run(&["list", "--status", "failed", "--where", condition]);
    assert_eq!(asked("email == \"a\"").done().stdout, "");
    asked("email ==").refused(2, "--where:1:");
}

#[test]
fn a_name_that_nothing_has_has_a_neighbour() {
    let (bench, _) = bench();
    bench.write("workflows/party.yml", "flow: party\nqueue: slow\nstates: { start: result }\n");
    for (args, note) in [
        (&["--flow", "sing_up"][..], "there is no flow `sing_up`, and no task of one; did you mean `sign_up`?\n"),
        (&["--flow", "prty"], "there is no flow `prty`, and no task of one; did you mean `party`?\n"),
        (&["--flow", "zebra"], "there is no flow `zebra`, and no task of one\n"),
        (&["--flow", "party"], ""),
        (&["--flow", "sign_up", "--status", "failed"], ""),
        (&["--queue", "defualt"], "no flow and no task has the queue `defualt`; did you mean `default`?\n"),
        (&["--queue", "slow"], ""),
        (&["--state", "dnoe"], "no flow has a state `dnoe`, and no task is in one; did you mean `done`?\n"),
        (
            &["--status", "failed", "--where", "nmae == 1 && name == ()"],
            "no flow and no task has an attribute `nmae`; did you mean `name`?\n",
        ),
    ] {
        let args = [&["list"], args].concat();
        assert_eq!(bench.run(&args).done().stderr, format!("no tasks\n{note}"), "{args:?}");
        assert_eq!(bench.run(&[&args[..], &["--quiet"]].concat()).done().stderr, "", "{args:?}");
    }
    let ran = bench.run(&["cancel", "--all", "--flow", "sing_up", "--yes"]).done();
    assert!(ran.stderr.ends_with("did you mean `sign_up`?\n"), "{}", ran.stderr);
    for option in ["--flow", "--queue", "--state"] {
        bench.run(&["list", option, ""]).refused(2, "a name was expected");
    }
}

#[test]
fn people_get_a_table() {
    let (bench, _) = bench();
    let ran = bench.run(&["list", "--limit", "2"]).done();
    let rows: Vec<Vec<String>> =
        fixed(&ran.stdout).lines().map(|line| line.split_whitespace().map(str::to_owned).collect()).collect();
    assert_eq!(rows[0], ["ID", "FLOW", "STATUS", "STATE", "UPDATED"]);
    assert_eq!(rows[1], ["ID", "other", "completed", "start", "AGO"]);
    assert_eq!(rows[2], ["ID", "sign_up", "waiting", "name_provided?", "AGO"]);
    assert_eq!(ran.stderr, "2 of 4; `--limit N` shows more\n");
}

#[test]
fn short_ids_and_relative_times_are_for_people() {
    let (bench, ids) = bench();
    let shown = bench.run(&["list"]).done().stdout;
    for id in &ids {
        assert!(shown.contains(&id[..8]) && !shown.contains(id.as_str()), "{shown}");
    }
    bench.run(&["show", &ids[0][..8]]).done();
    bench.run(&["show", &format!("{}…", &ids[0][..8])]).done();
    let utc = fixed(&bench.run(&["list", "--utc"]).done().stdout);
    assert!(utc.contains("TIME") && !utc.contains("AGO"), "{utc}");
    bench.write("opsflow.yml", "utc: true\n");
    assert_eq!(fixed(&bench.run(&["list"]).done().stdout), utc);
}

#[test]
fn a_table_fits_the_screen_and_uses_a_wide_one() {
    let bench = Bench::with(&SIGN_UP.replace("name_provided?", "name_provided_by_whoever_it_is_that_signs_up_here?"));
    bench.write("other.yml", &SIGN_UP.replace("sign_up", "a_flow_whose_name_is_as_long_as_that_of_few_others_is"));
    let id = bench.task(&["--set", "email=a@b.c"], 0);
    bench.json(&["run", "other.yml", "--set", "email=someone.with.a.long.name@example.com"], 0);
    let lines = |columns: &str, args: &[&str]| -> Vec<String> {
        let output = bench.command(args).env("COLUMNS", columns).output().unwrap();
        super::Ran::from(output).done().stdout.lines().map(str::to_owned).collect()
    };
    for args in [&["list", "--show", "email,name"][..], &["history", &id]] {
        let narrow = lines("80", args);
        assert!(narrow.iter().all(|line| line.chars().count() <= 80), "{narrow:#?}");
        let wide = lines("200", args);
        assert!(wide.iter().all(|line| line.chars().count() <= 200), "{wide:#?}");
    }
    let wide = lines("200", &["list"]);
    assert!(wide[0].ends_with("UPDATED  CREATED  WAKES   QUEUE"), "{wide:#?}");
    assert!(wide.iter().any(|line| line.contains("name_provided_by_whoever_it_is_that_signs_up_here?")), "{wide:#?}");
    assert!(lines("80", &["list"]).iter().any(|line| line.contains("name_pro") && line.contains('…')));
}

#[test]
fn attributes_have_columns() {
    let (bench, _) = bench();
    let ran = bench.run(&["list", "--flow", "sign_up", "--show", "email,name"]).done();
    let rows: Vec<&str> = ran.stdout.lines().collect();
    assert!(rows[0].contains("STATE           EMAIL  NAME  UPDATED"), "{}", ran.stdout);
    assert!(rows[2].contains("done            d@e.f  Ann   "), "{}", ran.stdout);
    let ran = bench.run(&["list", "--show", "emial"]).done();
    assert_eq!(ran.stderr, "no flow and no task has an attribute `emial`; did you mean `email`?\n");
}

#[test]
fn a_span_of_time_chooses_by_the_start() {
    let (bench, ids) = bench();
    let count = |args: &[&str]| bench.json(&[&["list"], args].concat(), 0).as_array().unwrap().len();
    assert_eq!(count(&["--since", "1h"]), 4);
    assert_eq!(count(&["--until", "1h"]), 0);
    assert_eq!(count(&["--since", "2020-01-01", "--until", "2099-01-01T00:00:00Z"]), 4);
    let second = bench.json(&["show", &ids[1]], 0)["created_at"].as_str().unwrap().to_owned();
    assert_eq!(count(&["--since", &second]), 3);
    assert_eq!(count(&["--until", &second]), 1);
    bench.run(&["list", "--since", "yesterday"]).refused(2, "expected so long ago, like `2h`, or a moment");
    let ran = bench.run(&["delete", "--all", "--until", "1h", "--yes"]).done();
    assert_eq!(ran.stderr, "nothing to delete: 0 tasks\n");
}

#[test]
fn sub_tasks_stand_below_their_parents_and_in_one_order() {
    let bench = Bench::with(
        "flow: top\nstarts_with: one\nstates:\n  one: { start: part, with: { n: '1' }, go_to: two }\n  two: { start: part, with: { n: '2' }, go_to: wait }\n  wait: { wait_until: [{ if: 'false', go_to: wait }], delay: 1h }\n",
    );
    bench.write("part.yml", "flow: part\nattributes: { n: integer }\nstates: { start: result }\n");
    let top = bench.task(&[], 0);
    let part: Vec<i64> = bench
        .json(&["list", "--flow", "part"], 0)
        .as_array()
        .unwrap()
        .iter()
        .map(|task| task["attributes"]["n"].as_i64().unwrap())
        .collect();
    let of_parent: Vec<i64> = bench
        .json(&["list", "--parent", &top], 0)
        .as_array()
        .unwrap()
        .iter()
        .map(|task| task["attributes"]["n"].as_i64().unwrap())
        .collect();
    assert_eq!(of_parent, part);
    let newest = bench.json(&["list", "--parent", &top, "--limit", "1"], 0);
    assert_eq!(newest[0]["attributes"]["n"], part[0]);
    assert!(bench.run(&["list", "--parent", &top, "--limit", "1"]).done().stderr.starts_with("1 of 2; "));
    let shown = fixed(&bench.run(&["list", "--tree"]).done().stdout);
    let first: Vec<&str> = shown.lines().skip(1).map(|line| line.split("  ").next().unwrap()).collect();
    assert_eq!(first, ["ID", "├ ID", "└ ID"], "{shown}");
    let of_part = bench.run(&["list", "--tree", "--flow", "part"]).done().stdout;
    assert_eq!(fixed(&of_part), shown, "a part stands below its parent");
}

#[test]
fn a_line_passes_sub_tasks_that_stand_between_siblings() {
    let bench = Bench::with(
        "flow: top\nstarts_with: one\nstates:\n  one: { start: middle, go_to: two }\n  two: { start: middle, go_to: end }\n  end: result\n",
    );
    bench.write(
        "middle.yml",
        "flow: middle\nstarts_with: one\nstates:\n  one: { start: leaf, go_to: two }\n  two: { start: leaf, go_to: end }\n  end: result\n",
    );
    bench.write("leaf.yml", "flow: leaf\nstates: { start: result }\n");
    bench.task(&[], 0);
    bench.task(&[], 0);
    let shown = fixed(&bench.run(&["list", "--tree"]).done().stdout);
    let first: Vec<&str> = shown.lines().skip(1).map(|line| line.split("  completed").next().unwrap()).collect();
    let tree = [
        "ID         top",
        "├ ID       middle",
        "│ ├ ID     leaf",
        "│ └ ID     leaf",
        "└ ID       middle",
        "  ├ ID     leaf",
        "  └ ID     leaf",
    ];
    let words = |lines: &[&str]| {
        lines.iter().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect::<Vec<_>>()
    };
    assert_eq!(words(&first), words(&[tree, tree].concat()), "{shown}");
    assert!(shown.lines().any(|line| line.starts_with("  └ ID")), "{shown}");
}

#[test]
fn held_up_is_no_status_but_a_mark() {
    let bench = Bench::with(SIGN_UP);
    for given in ["held up", "held_up"] {
        let ran = bench.run(&["list", "--status", given]);
        ran.refused(
            2,
            &format!("error: `{given}` is not a status\nhelp: held-up tasks are `active`: `--status active` finds"),
        );
    }
    bench.run(&["list", "--status", "held"]).refused(2, "[possible values: active, waiting,");
}
