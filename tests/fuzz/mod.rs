//! What the fuzzer checks, on its seeds and on pieces of them: the program of the fuzzer itself needs another compiler.

#[path = "../../fuzz/properties/expressions.rs"]
mod expressions;
#[path = "../../fuzz/properties/reader.rs"]
mod reader;

use std::path::Path;

/// The seeds of a target.
fn seeds(target: &str) -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/seeds").join(target);
    let mut paths: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths.iter().map(|path| std::fs::read_to_string(path).unwrap()).collect()
}

#[test]
fn every_seed_of_a_flow_file_holds() {
    let seeds = seeds("reader");
    assert!(seeds.len() >= 6);
    for seed in &seeds {
        reader::reader(seed.as_bytes());
        // Cut off anywhere, it is another file.
        for (at, _) in seed.char_indices().step_by(23) {
            reader::reader(&seed.as_bytes()[..at]);
        }
    }
    reader::reader(b"\xff\xfe");
}

#[test]
fn every_seed_of_a_script_holds() {
    let seeds = seeds("expressions");
    assert!(seeds.len() >= 6);
    for seed in &seeds {
        expressions::expressions(seed.as_bytes());
        seed.lines().for_each(|line| expressions::expressions(line.as_bytes()));
    }
    expressions::expressions(b"\xff\xfe");
}
