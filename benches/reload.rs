//! How soon a saved file is live: one changed flow among 200 of 30 states.
//! `cargo bench --bench reload`

#![allow(
    clippy::print_stdout,
    clippy::expect_used,
    clippy::disallowed_methods,
    clippy::indexing_slicing,
    reason = "a program that writes files, measures and prints"
)]

#[path = "common/flows.rs"]
mod flows;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::mpsc::channel;
use std::time::{Duration, Instant};

use opsflow::Library;
use opsflow::flow::CheckContext;

use flows::{STATES, flow};

const FLOWS: usize = 200;
const ROUNDS: usize = 25;
/// How long to wait for the report of a save.
const PATIENCE: Duration = Duration::from_secs(10);

fn main() {
    let folder = tempfile::tempdir().expect("a folder");
    let files: Vec<PathBuf> = (0..FLOWS).map(|n| folder.path().join(format!("flow_{n}.yml"))).collect();
    for (n, file) in files.iter().enumerate() {
        fs::write(file, flow(n)).expect("a file");
    }
    let bare = timed(|_| {}, |_| assert_eq!(read_bare(folder.path()), FLOWS));
    let (library, findings) = Library::load(&[folder.path()], &CheckContext::default());
    assert!(findings.is_empty(), "{}", findings.first().expect("one"));
    let changed = timed(
        |round| save(&files, round),
        |round| assert_eq!(library.reload().changed, [format!("flow_{round}").as_str()]),
    );
    let unchanged = timed(|_| {}, |_| assert!(library.reload().is_empty()));
    let live = saved_to_live(&library, &files);
    println!("{FLOWS} flows of {STATES} states, median and worst of {ROUNDS}:");
    for (what, times) in [
        ("read from disk, nothing else:", bare),
        ("reloaded, nothing changed:", unchanged),
        ("reloaded, one flow changed:", changed),
        ("from its save to its being live:", live),
    ] {
        let [median, worst] = [times[ROUNDS / 2], times[ROUNDS - 1]].map(|time| time.as_secs_f64() * 1000.0);
        println!("  {what:33} {median:6.1} ms {worst:6.1} ms");
    }
}

/// Changes one of the files.
fn save(files: &[PathBuf], round: usize) {
    let text = fs::read_to_string(&files[round]).expect("a file");
    fs::write(&files[round], text.replace("total * 2", "total * 2 + 1")).expect("a file");
}

/// From the end of a save until the watcher has reloaded it.
fn saved_to_live(library: &Library, files: &[PathBuf]) -> Vec<Duration> {
    let (tell, told) = channel();
    let live = library.clone();
    let watcher = library.watch(move |_| drop(tell.send((live.reload(), Instant::now()))));
    let watcher = watcher.expect("a watcher");
    drop(told.recv_timeout(PATIENCE).expect("it begins"));
    let mut times: Vec<Duration> = Vec::new();
    for round in 0..ROUNDS {
        save(files, round);
        let saved = Instant::now();
        let name = format!("flow_{round}");
        let at = loop {
            let (reload, at) = told.recv_timeout(PATIENCE).expect("a save is told of");
            if reload.changed == [name.as_str()] {
                break at;
            }
        };
        times.push(at.saturating_duration_since(saved));
    }
    drop(watcher);
    times.sort();
    times
}

/// The times of several runs, the shortest first; `prepare` comes before each.
fn timed(mut prepare: impl FnMut(usize), mut run: impl FnMut(usize)) -> Vec<Duration> {
    let timed = |round| {
        prepare(round);
        let began = Instant::now();
        run(round);
        began.elapsed()
    };
    let mut times: Vec<Duration> = (0..ROUNDS).map(timed).collect();
    times.sort();
    times
}

/// Reads all files of a folder.
fn read_bare(folder: &Path) -> usize {
    let entries = fs::read_dir(folder).expect("a folder");
    let read = |entry: std::io::Result<fs::DirEntry>| fs::read(entry.expect("an entry").path()).expect("a file");
    entries.map(read).filter(|bytes| !bytes.is_empty()).count()
}
