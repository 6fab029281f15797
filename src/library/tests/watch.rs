//! Files that are changed while a library is watched.

use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use super::*;
use crate::library::{ChangedFiles, Reload, Watcher};

/// How long the report of a change may take before a test fails: far longer than it ever does.
const PATIENCE: Duration = Duration::from_secs(20);

/// A library that is reloaded when its files change.
struct Watched {
    library: Library,
    told: Receiver<(ChangedFiles, Reload)>,
    _watcher: Watcher,
}

impl Watched {
    fn new(paths: &[&Path]) -> Self {
        let (library, _) = Library::open(paths, &CheckContext::default());
        let (tell, told) = channel();
        let own = library.clone();
        let watcher = library.watch(move |changes| drop(tell.send((changes.clone(), own.reload())))).unwrap();
        let watched = Self { library, told, _watcher: watcher };
        let (changes, reload) = watched.next();
        assert!(changes.everything && reload.is_empty(), "{changes:?} {reload:?}");
        watched
    }

    fn next(&self) -> (ChangedFiles, Reload) {
        self.told.recv_timeout(PATIENCE).expect("the change was not told of")
    }

    /// Waits until `file` is reported; `files` may be reported before it.
    fn until_told_of(&self, files: &[&str], file: &str) {
        loop {
            let (changes, _) = self.next();
            let names: Vec<&str> =
                changes.paths.iter().map(|path| path.file_name().unwrap().to_str().unwrap()).collect();
            assert!(!changes.everything && names.iter().all(|name| files.contains(name)), "{changes:?}");
            if names.contains(&file) {
                return;
            }
        }
    }

    /// Waits until the live flow has this result, or is not there.
    fn until(&self, flow: &str, text: Option<&str>) {
        let deadline = Instant::now() + PATIENCE;
        while self.text(flow).as_deref() != text {
            let left = deadline.saturating_duration_since(Instant::now());
            let told = self.told.recv_timeout(left);
            told.unwrap_or_else(|_| panic!("`{flow}` is {:?}, not {text:?}", self.text(flow)));
        }
    }

    /// The result of a live flow.
    fn text(&self, flow: &str) -> Option<String> {
        let flow = self.library.get(flow)?.into_result().unwrap_or_else(|findings| panic!("{findings:?}"));
        Some(flow.definition.text.split("result: ").nth(1).unwrap().trim_end_matches([' ', '}', '\n']).to_owned())
    }
}

/// A flow with a result.
fn giving(name: &str, result: impl std::fmt::Display) -> String {
    format!("flow: {name}\nstates:\n  start: {{ result: {result} }}\n")
}

/// Saves as careful editors do: beside the file, then over it.
fn save_by_rename(path: &Path, text: &str) {
    let beside = path.with_extension("yml~");
    std::fs::write(&beside, text).unwrap();
    std::fs::rename(&beside, path).unwrap();
}

#[test]
fn a_change_is_told_of_by_the_file_that_was_saved() {
    let folder = Folder::new(&[("a.yml", &giving("ant", 1))]);
    let watched = Watched::new(&[folder.0.path()]);
    folder.write("notes.txt", "no flow");
    folder.write("opsflow.yml", "storage: memory");
    std::fs::read(folder.path("a.yml")).unwrap();
    folder.write("a.yml", giving("ant", 2));
    watched.until_told_of(&["a.yml"], "a.yml");
    watched.until("ant", Some("2"));
    save_by_rename(&folder.path("a.yml"), &giving("ant", 3));
    watched.until("ant", Some("3"));
    // Once more, since it is another file by now.
    save_by_rename(&folder.path("a.yml"), &giving("ant", 4));
    watched.until("ant", Some("4"));
    folder.write("b.yaml", giving("bee", 1));
    watched.until("bee", Some("1"));
    std::fs::remove_file(folder.path("b.yaml")).unwrap();
    watched.until("bee", None);
    folder.write("a.test.yml", "flow: ant\ntests: []\n");
    watched.until_told_of(&["a.yml", "b.yaml", "a.test.yml"], "a.test.yml");
}

#[test]
fn a_file_that_was_named_is_watched_with_its_tests_through_saves_by_rename() {
    let folder = Folder::new(&[("a.yml", &giving("ant", 1)), ("b.yml", &giving("bee", 1))]);
    let a = folder.path("a.yml");
    let watched = Watched::new(&[&a]);
    for n in 2..5 {
        save_by_rename(&a, &giving("ant", n));
        watched.until("ant", Some(&n.to_string()));
    }
    folder.write("b.yml", giving("bee", 2));
    folder.write("a.test.yaml", "flow: ant\ntests: []\n");
    watched.until_told_of(&["a.yml", "a.test.yaml"], "a.test.yaml");
}

#[test]
fn a_storm_of_saves_is_few_reloads_and_the_last_text_wins() {
    let folder = Folder::new(&[("a.yml", &giving("ant", 0))]);
    let watched = Watched::new(&[folder.0.path()]);
    let began = Instant::now();
    for n in 1..=1_000 {
        match n % 3 {
            0 => save_by_rename(&folder.path("a.yml"), &giving("ant", n)),
            _ => folder.write("a.yml", giving("ant", n)),
        }
    }
    let took = began.elapsed();
    let mut reloads = 0_u128;
    while watched.text("ant").unwrap() != "1000" {
        let (changes, _) = watched.next();
        assert_eq!(changes.paths, [folder.path("a.yml")]);
        reloads += 1;
    }
    reloads += watched.told.try_iter().count() as u128;
    // One for each 200 ms at most, or for each pause of 20 ms: those are rare.
    assert!(reloads <= 3 + took.as_millis() / 20, "{reloads} reloads in {took:?}");
}

#[test]
fn a_storm_without_an_end_is_told_of_while_it_lasts() {
    let folder = Folder::new(&[("a.yml", &giving("ant", 0))]);
    let watched = Watched::new(&[folder.0.path()]);
    let began = Instant::now();
    let mut n = 0;
    while watched.told.try_recv().is_err() {
        assert!(began.elapsed() < PATIENCE, "nothing is told of until it ends");
        n += 1;
        folder.write("a.yml", giving("ant", n));
    }
}

#[cfg(unix)]
#[test]
fn a_folder_may_be_a_link_that_comes_to_lead_elsewhere() {
    let folder = Folder::new(&[]);
    let (one, two, link) = (folder.path("one"), folder.path("two"), folder.path("flows"));
    std::fs::create_dir(&one).unwrap();
    std::fs::create_dir(&two).unwrap();
    folder.write("one/a.yml", giving("ant", 1));
    folder.write("two/a.yml", giving("ant", 2));
    std::os::unix::fs::symlink(&one, &link).unwrap();
    let watched = Watched::new(&[&link]);
    // What it leads to.
    folder.write("one/b.yml", giving("bee", 1));
    watched.until("bee", Some("1"));
    std::os::unix::fs::symlink(&two, folder.path("next")).unwrap();
    std::fs::rename(folder.path("next"), &link).unwrap();
    watched.until("ant", Some("2"));
    assert_eq!(watched.text("bee"), None);
    save_by_rename(&folder.path("two/a.yml"), &giving("ant", 3));
    watched.until("ant", Some("3"));
    // A link in place of which a folder comes.
    std::fs::remove_file(&link).unwrap();
    std::fs::rename(&one, &link).unwrap();
    watched.until("ant", Some("1"));
    folder.write("flows/a.yml", giving("ant", 4));
    watched.until("ant", Some("4"));
}

#[test]
fn a_folder_that_is_made_again_is_watched_again() {
    let folder = Folder::new(&[]);
    let flows = folder.path("deep/flows");
    std::fs::create_dir_all(&flows).unwrap();
    folder.write("deep/flows/a.yml", giving("ant", 1));
    let watched = Watched::new(&[&flows]);
    for (n, gone) in [(2, "deep/flows"), (4, "deep")] {
        std::fs::remove_dir_all(folder.path(gone)).unwrap();
        std::fs::create_dir_all(&flows).unwrap();
        folder.write("deep/flows/a.yml", giving("ant", n));
        watched.until("ant", Some(&n.to_string()));
        folder.write("deep/flows/a.yml", giving("ant", n + 1));
        watched.until("ant", Some(&(n + 1).to_string()));
    }
    // Moved away, another one comes in its place.
    std::fs::rename(&flows, folder.path("old")).unwrap();
    std::fs::create_dir(&flows).unwrap();
    folder.write("deep/flows/b.yml", giving("bee", 1));
    watched.until("bee", Some("1"));
    watched.until("ant", None);
}

#[test]
fn a_folder_that_is_not_there_yet_is_seen_when_it_comes() {
    let folder = Folder::new(&[]);
    let flows = folder.path("deep/flows");
    let (library, _) = Library::open(&[&flows], &CheckContext::default());
    let (tell, told) = channel();
    let own = library.clone();
    let watcher = library.watch(move |changes| drop(tell.send((changes.clone(), own.reload())))).unwrap();
    let watched = Watched { library, told, _watcher: watcher };
    std::fs::create_dir_all(&flows).unwrap();
    folder.write("deep/flows/a.yml", giving("ant", 1));
    watched.until("ant", Some("1"));
}

/// As Kubernetes lays out the files of a ConfigMap, and exchanges them.
#[cfg(unix)]
#[test]
fn files_that_are_links_through_a_link_are_seen_to_change() {
    use std::os::unix::fs::symlink;
    let folder = Folder::new(&[]);
    for (version, result) in [("flows/..1", 1), ("flows/..2", 2)] {
        std::fs::create_dir_all(folder.path(version)).unwrap();
        folder.write(&format!("{version}/a.yml"), giving("ant", result));
    }
    let flows = folder.path("flows");
    symlink("..1", flows.join("..data")).unwrap();
    symlink("..data/a.yml", flows.join("a.yml")).unwrap();
    let watched = Watched::new(&[&flows]);
    symlink("..2", flows.join("..data_tmp")).unwrap();
    std::fs::rename(flows.join("..data_tmp"), flows.join("..data")).unwrap();
    watched.until("ant", Some("2"));
    folder.write("flows/..2/a.yml", giving("ant", 3));
    watched.until("ant", Some("3"));
}

#[test]
fn a_broken_file_is_told_of_and_its_last_good_flow_stays() {
    let folder = Folder::new(&[("a.yml", &giving("ant", 1)), ("b.yml", &giving("bee", 1))]);
    let watched = Watched::new(&[folder.0.path()]);
    folder.write("a.yml", "flow: ant\nstates: { start: { decision: [{ go_to: nowhere }] } }\n");
    let broken = loop {
        let (_, reload) = watched.next();
        if !reload.findings.is_empty() && !reload.findings[0].message.contains("holds no flow") {
            break reload;
        }
    };
    assert_eq!(broken.kept, ["ant"]);
    assert_eq!(watched.text("ant").unwrap(), "1");
    folder.write("a.yml", giving("ant", 2));
    watched.until("ant", Some("2"));
}

#[test]
fn nothing_is_told_of_once_the_watcher_is_dropped() {
    let folder = Folder::new(&[("a.yml", &giving("ant", 1))]);
    let Watched { library, told, _watcher } = Watched::new(&[folder.0.path()]);
    drop(_watcher);
    folder.write("a.yml", giving("ant", 2));
    // The thread has ended, and with it its reports.
    assert!(told.recv_timeout(PATIENCE).is_err_and(|why| why == std::sync::mpsc::RecvTimeoutError::Disconnected));
    assert_eq!(library.reload().changed, ["ant"]);
}
