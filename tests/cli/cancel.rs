//! `opsflow cancel`, and `--all`

use super::{Bench, SIGN_UP};

fn three() -> (Bench, Vec<String>) {
    let bench = Bench::with(SIGN_UP);
    let ids = (0..3).map(|n| bench.task(&["--set", &format!("email=a{n}@b.c")], 0)).collect();
    (bench, ids)
}

#[test]
fn one_task() {
    let (bench, ids) = three();
    let task = bench.json(&["cancel", &ids[0]], 0);
    assert_eq!(task["status"], "cancelled");
    assert!(task["ended_at"].is_string());
    bench.run(&["cancel", &ids[0]]).refused(3, "cancelled");
}

#[test]
fn all_of_them_needs_a_yes() {
    let (bench, ids) = three();
    bench.run(&["cancel", "--all", "--flow", "sign_up"]).refused(2, "this would cancel 3 tasks; nothing was done");
    assert_eq!(bench.json(&["list", "--status", "waiting"], 0).as_array().unwrap().len(), 3);
    let email = "email == \"a1@b.c\"";
    let one = bench.json(&["cancel", "--all", "--where", email, "--yes"], 0);
    assert_eq!((one.as_array().unwrap().len(), &one[0]["id"]), (1, &ids[1].as_str().into()));
    let ran = bench.run(&["cancel", "--all", "--yes"]).done();
    assert!(ran.stderr.starts_with("cancel 2 tasks\n"), "{}", ran.stderr);
    assert_eq!(bench.json(&["list", "--status", "cancelled"], 0).as_array().unwrap().len(), 3);
    let ran = bench.run(&["cancel", "--all"]).done();
    assert!(ran.stderr.contains("nothing to cancel: 0 tasks"), "{}", ran.stderr);
    bench
        .run(&["cancel", "--all", "--status", "completed", "--yes"])
        .refused(2, "`cancel` does not act on completed tasks");
}
