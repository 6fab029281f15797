//! The arrows between rooms, and the few other rules of the tree that a compiler does not enforce. See `src/README.md`.

mod code;
mod paths;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use code::Code;

/// Every room with the rooms it may use; what they may use, it may use too. Tests inside of `src` may use anything.
const ARROWS: [(&str, &[&str]); 26] = [
    ("cli", &["wire", "workbench", "picture", "opsflow"]),
    ("server", &["wire", "workbench", "picture", "opsflow"]),
    ("wire", &["opsflow"]),
    ("workbench", &["opsflow"]),
    ("picture", &["flow", "task", "xml"]),
    ("opsflow", &["runner", "executor", "library", "testing", "error"]),
    ("testing", &["interpreter", "library", "mask"]),
    ("executor", &["runner"]),
    ("runner", &["interpreter", "storage", "library", "error"]),
    ("library", &["flow", "definition"]),
    ("interpreter", &["flow", "task", "expression", "host"]),
    ("host", &["task", "expression", "mask"]),
    ("storage", &["task"]),
    ("flow", &["definition", "expression", "task"]),
    ("definition", &["diagnostic", "name", "value", "duration"]),
    ("expression", &["diagnostic", "name", "value", "duration", "clock", "mask"]),
    ("task", &["name", "value", "duration", "clock", "mask", "quoted"]),
    // The errors for embedders contain those of storage and task.
    ("error", &["diagnostic", "name", "storage", "task"]),
    ("value", &["name", "duration"]),
    ("clock", &["duration"]),
    ("diagnostic", &[]),
    ("duration", &[]),
    ("name", &[]),
    ("mask", &[]),
    ("quoted", &[]),
    ("xml", &[]),
];

/// Crates that only one place may name, so that each can be exchanged there.
const DOORS: [(&str, &str); 16] = [
    ("rhai", "expression"),
    ("granit_parser", "definition"),
    ("chrono_tz", "flow"),
    ("rusqlite", "storage/sqlite"),
    ("clap", "cli"),
    ("clap_complete", "cli"),
    ("anstream", "cli"),
    ("anstyle", "cli"),
    ("annotate_snippets", "cli"),
    ("terminal_size", "cli"),
    ("reqwest", "host"),
    ("notify", "library"),
    ("comfy_table", "cli"),
    ("indicatif", "cli"),
    ("resvg", "cli"),
    ("tracing_subscriber", "cli"),
];

/// The most lines of a file; a longer one has more than one purpose.
const MAX_LINES: usize = 500;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every Rust file below `folder`, in order.
fn files(folder: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// The files of `src` without comments, texts and tests.
fn sources() -> Vec<Code> {
    files("src").iter().map(|path| Code::read(root(), path)).filter(|code| !code.is_test()).collect()
}

/// Which rooms a room may use.
fn allowed(room: &str) -> BTreeSet<&'static str> {
    let direct = |room: &str| ARROWS.iter().find(|(from, _)| *from == room).map_or(&[][..], |(_, to)| *to);
    let mut reached = BTreeSet::new();
    let mut open: Vec<&'static str> = direct(room).to_vec();
    while let Some(next) = open.pop() {
        if reached.insert(next) {
            open.extend(direct(next));
        }
    }
    reached
}

fn hold(broken: &[String], rule: &str) {
    assert!(broken.is_empty(), "{rule}:\n{}", broken.join("\n"));
}

#[test]
fn rooms_use_only_what_stands_to_their_right() {
    let mut broken = Vec::new();
    for code in sources() {
        let Some(room) = code.room() else { continue };
        let allowed = allowed(room);
        for (line, target) in paths::rooms_named(&code) {
            let is_room = ARROWS.iter().any(|(name, _)| *name == target);
            if !is_room {
                broken.push(format!("{}:{line}: `{target}` through lib.rs; name its room", code.name));
            } else if target != room && !allowed.contains(target.as_str()) {
                broken.push(format!("{}:{line}: {room} → {target}", code.name));
            }
        }
    }
    hold(&broken, "arrows that the table in tests/architecture does not have");
}

#[test]
fn every_room_stands_in_the_table_and_no_arrow_leads_back() {
    let rooms: BTreeSet<String> = sources().iter().filter_map(|code| code.room().map(str::to_owned)).collect();
    let unknown: Vec<String> = rooms.into_iter().filter(|room| !ARROWS.iter().any(|(name, _)| name == room)).collect();
    hold(&unknown, "rooms that the table in tests/architecture does not know");
    let rings: Vec<String> =
        ARROWS.iter().filter(|(room, _)| allowed(room).contains(room)).map(|(room, _)| (*room).to_owned()).collect();
    hold(&rings, "rooms that may use themselves through others");
}

#[test]
fn a_crate_is_named_behind_its_door_only() {
    let mut broken = Vec::new();
    for code in sources() {
        for (name, door) in DOORS {
            if !code.name.starts_with(&format!("src/{door}/")) && code.name != format!("src/{door}.rs") {
                let lines = paths::lines_naming(&code, name);
                broken.extend(lines.into_iter().map(|line| format!("{}:{line}: {name} outside of {door}", code.name)));
            }
        }
    }
    hold(&broken, "crates named outside of their room");
}

/// The façade is enough for a command line and a server: only `session.rs` opens a storage, and gives it to the builder.
#[test]
fn outer_rooms_use_no_storage_beside_the_facade() {
    let mut broken = Vec::new();
    for code in sources() {
        let is_outer = matches!(code.room(), Some("cli" | "server" | "wire" | "workbench"));
        if is_outer && code.name != "src/cli/session.rs" {
            let lines = code.lines().filter(|(_, text)| text.contains("dyn Storage") || text.contains("impl Storage"));
            broken.extend(lines.map(|(line, text)| format!("{}:{line}: {}", code.name, text.trim())));
        }
    }
    hold(&broken, "the trait of storages named outside of the façade");
}

/// The most names at the root of the crate. Everything else stands in a module.
const MAX_ROOT_NAMES: usize = 26;

#[test]
fn the_root_has_few_names() {
    let text = code::code_of(&std::fs::read_to_string(root().join("src/lib.rs")).unwrap());
    let uses = text.split(';').filter_map(|item| item.split_once("\npub use ").map(|(_, path)| path));
    let names: Vec<String> = uses
        .flat_map(|path| path.split([':', '{', '}', ',']).map(|name| name.trim().to_owned()).collect::<Vec<_>>())
        .filter(|name| name.starts_with(char::is_uppercase))
        .collect();
    assert!(names.contains(&"Opsflow".to_owned()), "{names:?}");
    assert!(names.len() <= MAX_ROOT_NAMES, "{} names: {names:?}", names.len());
}

#[test]
fn no_file_is_too_long() {
    let mut broken = Vec::new();
    for path in files("src").into_iter().chain(files("tests")) {
        let lines = std::fs::read_to_string(&path).unwrap().lines().count();
        if lines > MAX_LINES {
            broken.push(format!("{}: {lines} lines", path.strip_prefix(root()).unwrap().display()));
        }
    }
    hold(&broken, &format!("files of more than {MAX_LINES} lines"));
}

#[test]
fn nothing_is_left_to_do() {
    let mut broken = Vec::new();
    for code in files("src").iter().map(|path| Code::read(root(), path)) {
        let lines = code.lines().filter(|(_, text)| text.contains("todo!") || text.contains("unimplemented!"));
        broken.extend(lines.map(|(line, text)| format!("{}:{line}: {}", code.name, text.trim())));
    }
    hold(&broken, "unwritten parts");
}
