//! Storages that cannot be used: always 4, always by name, never a panic.

use super::{Bench, HELLO, Ran};

fn with(storage: &str, bench: &Bench) -> [Ran; 2] {
    let run = bench.run(&["run", "flow.yml", "--set", "name=Ann", "--quiet", "--storage", storage]);
    [bench.run(&["list", "--storage", storage]), run]
}

#[test]
fn a_folder() {
    let bench = Bench::with(HELLO);
    std::fs::create_dir(bench.path("tasks")).unwrap();
    for ran in with("sqlite:tasks", &bench) {
        ran.refused(4, "tasks: it is a folder");
        assert!(
            ran.stderr.contains("help: name a file in it, like `--storage sqlite:tasks/tasks.db`"),
            "{}",
            ran.stderr
        );
    }
}

#[test]
fn no_path_at_all() {
    let bench = Bench::with(HELLO);
    for ran in ["sqlite", "sqlite:", "sqlite://"].into_iter().flat_map(|storage| with(storage, &bench)) {
        ran.refused(2, "error: the path of the storage is missing: write `sqlite:PATH`\n");
    }
}

#[test]
fn a_file_that_is_no_storage() {
    let bench = Bench::with(HELLO);
    bench.write("tasks.db", &"no database, ".repeat(1000));
    for ran in with("sqlite:tasks.db", &bench) {
        ran.refused(4, "tasks.db is damaged");
        assert!(ran.stderr.contains("help: is this the right path?"), "{}", ran.stderr);
    }
}

#[cfg(feature = "sqlite")]
#[test]
fn one_that_a_newer_program_wrote() {
    let bench = Bench::with(HELLO);
    bench.run(&["run", "flow.yml", "--set", "name=Ann", "--storage", "sqlite:tasks.db"]).done();
    let database = rusqlite::Connection::open(bench.path("tasks.db")).unwrap();
    database.pragma_update(None, "user_version", 99).unwrap();
    with("sqlite:tasks.db", &bench).iter().for_each(|ran| ran.refused(4, "schema 99, newer than"));
}

#[cfg(feature = "sqlite")]
#[test]
fn one_that_is_locked() {
    let bench = Bench::with(HELLO);
    bench.run(&["run", "flow.yml", "--set", "name=Ann", "--storage", "sqlite:tasks.db"]).done();
    let database = rusqlite::Connection::open(bench.path("tasks.db")).unwrap();
    database.execute_batch("BEGIN EXCLUSIVE").unwrap();
    let args = ["run", "flow.yml", "--set", "name=Ann", "--quiet", "--storage", "sqlite:tasks.db"];
    bench.run(&args).refused(4, "locked by another process");
}

#[cfg(target_os = "linux")]
#[test]
fn a_place_where_nothing_can_be_written() {
    let bench = Bench::with(HELLO);
    let args = ["run", "flow.yml", "--set", "name=Ann", "--storage", "sqlite:/proc/tasks.db"];
    bench.run(&args).refused(4, "/proc/tasks.db: ");
}

#[test]
fn a_url_that_nobody_knows_is_bad_usage() {
    let bench = Bench::with(HELLO);
    for ran in with("carrier-pigeon://secret@loft", &bench) {
        ran.refused(2, "no storage is called `carrier-pigeon`");
        assert!(!ran.stderr.contains("secret"), "{}", ran.stderr);
    }
}
