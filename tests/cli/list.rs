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
    assert_eq!(listed(&["--limit", "0"]), Vec::<usize>::new());
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
        (&["--flow", "sing_up"][..], "no flow is called `sing_up`, and no task is of one; did you mean `sign_up`?\n"),
        (&["--flow", "prty"], "no flow is called `prty`, and no task is of one; did you mean `party`?\n"),
        (&["--flow", "zebra"], "no flow is called `zebra`, and no task is of one\n"),
        (&["--flow", "party"], ""),
        (&["--flow", "sign_up", "--status", "failed"], ""),
        (&["--queue", "defualt"], "no flow and no task is of the queue `defualt`; did you mean `default`?\n"),
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
    assert_eq!(rows[1], ["ID", "other", "completed", "start", "TIME"]);
    assert_eq!(rows[2], ["ID", "sign_up", "waiting", "name_provided?", "TIME"]);
    assert_eq!(ran.stderr, "at most 2 are shown; `--limit N` shows more\n");
}
