//! The documents: every block of code in them is executed.
//!
//! - A `yaml` block is a flow. It is written into the folder of its page, under the flow's name, and checked: without any
//!   finding, unless the block after it shows what `opsflow check` says of it. A block that begins with a comment like
//!   `# opsflow.yml` is that file.
//! - A `console` block holds commands behind `$ ` and what a terminal shows of them, which is compared: see `console.rs`.
//! - A `sh` block holds commands to type, one a line; those of `opsflow` must end well.
//! - A `rust` block is a doctest of `lib.rs`. A `json` block must be JSON. `text` and `yaml,ignore` are not executed.
//!
//! The blocks of a page share a folder, in which the shipped flows lie as they do in the repository.

mod blocks;
mod console;
mod limits;
mod pictures;

use std::path::{Path, PathBuf};

use crate::cli::Bench;
use blocks::Block;
use console::Console;

/// Blocks that are not executed, in all pages together: few, or the promise is worth nothing.
const MAX_NOT_EXECUTED: usize = 12;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Every page, by its path in the repository.
fn pages() -> Vec<String> {
    let mut pages: Vec<String> =
        ["README.md", "workflows/README.md", "schemas/README.md", "tests/editor/README.md", "tests/pictures/README.md"]
            .map(str::to_owned)
            .to_vec();
    let docs = std::fs::read_dir(root().join("docs")).unwrap();
    let names = docs.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    pages.extend(names.filter(|name| name.ends_with(".md")).map(|name| format!("docs/{name}")));
    pages.sort();
    pages
}

fn blocks(page: &str) -> Vec<Block> {
    let text = std::fs::read_to_string(root().join(page)).unwrap_or_else(|why| panic!("{page}: {why}"));
    Block::all(page, &text)
}

/// A folder with the shipped flows in it.
pub fn bench() -> Bench {
    let bench = Bench::new();
    for folder in ["workflows", "workflows/invoices"] {
        for entry in std::fs::read_dir(root().join(folder)).unwrap() {
            let path = entry.unwrap().path();
            if path.is_file() {
                let name = path.strip_prefix(root()).unwrap().to_str().unwrap().to_owned();
                bench.write(&name, &std::fs::read_to_string(&path).unwrap());
            }
        }
    }
    bench
}

/// Executes a page's blocks in order.
fn execute(page: &str) {
    let bench = bench();
    let blocks = blocks(page);
    let mut console = Console::default();
    for (block, next) in blocks.iter().zip(blocks.iter().skip(1).map(Some).chain([None])) {
        match block.language.as_str() {
            "yaml" => yaml(&bench, block, next),
            "console" => console.run(&bench, block),
            "sh" => commands(&bench, block),
            "json" => {
                drop(serde_json::from_str::<serde_json::Value>(&block.text).unwrap_or_else(|why| block.fail(why)))
            }
            _ => {}
        }
    }
}

fn yaml(bench: &Bench, block: &Block, next: Option<&Block>) {
    let file = block.file();
    bench.write(&file, &block.text);
    let is_shown = next.is_some_and(|next| next.language == "console" && next.text.contains(&format!("check {file}")));
    if is_shown || !block.text.lines().any(|line| line.starts_with("flow:")) {
        return;
    }
    let ran = bench.run(&["check", &file, "--quiet"]);
    if ran.code != 0 || !ran.stdout.is_empty() {
        block.fail(format!("{}{}", ran.stdout, ran.stderr));
    }
}

fn commands(bench: &Bench, block: &Block) {
    for line in block.text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let ours = line.strip_prefix("cargo run --release -- ").map(|rest| format!("opsflow {rest}"));
        let line = ours.as_deref().unwrap_or(line);
        if !line.contains("opsflow ") {
            let known = ["cargo ", "git clone ", "cd ", "npm ", ".ci/run"];
            assert!(
                known.iter().any(|known| line.starts_with(known)),
                "{}: `{line}` is no known command",
                block.place()
            );
            continue;
        }
        let output = bench.shell(line).output().unwrap();
        if !output.status.success() {
            block.fail(format!("`{line}` failed: {}", String::from_utf8_lossy(&output.stderr)));
        }
    }
}

macro_rules! pages {
    ($($test:ident $page:literal)*) => {
        const TESTED: &[&str] = &[$($page),*];
        $(
            #[test]
            fn $test() {
                execute($page);
            }
        )*
    };
}

pages! {
    readme "README.md"
    capabilities "docs/capabilities.md"
    command_line "docs/command-line.md"
    compared "docs/compared.md"
    embedding "docs/embedding.md"
    language "docs/language.md"
    limits_page "docs/limits.md"
    operations "docs/operations.md"
    pictures_page "docs/pictures.md"
    testing "docs/testing.md"
    docs "docs/README.md"
    schemas "schemas/README.md"
    editor "tests/editor/README.md"
    pictures_of_others "tests/pictures/README.md"
    workflows "workflows/README.md"
}

#[test]
fn no_page_is_forgotten() {
    let mut tested: Vec<&str> = TESTED.to_vec();
    tested.sort_unstable();
    assert_eq!(tested, pages(), "the pages there are and the list in tests/docs.rs differ");
}

#[test]
fn every_block_says_how_it_is_executed() {
    let all: Vec<Block> = pages().iter().flat_map(|page| blocks(page)).collect();
    let not_executed = all.iter().filter(|block| matches!(block.language.as_str(), "text" | "yaml,ignore")).count();
    assert!(not_executed <= MAX_NOT_EXECUTED, "{not_executed} blocks are not executed (MAX_NOT_EXECUTED)");
    let lib = std::fs::read_to_string(root().join("src/lib.rs")).unwrap();
    for block in all {
        match block.language.split(',').next().unwrap_or_default() {
            "rust" => assert!(
                lib.contains(&format!("include_str!(\"../{}\")", block.page)),
                "{}: {} is no doctest of src/lib.rs",
                block.place(),
                block.page
            ),
            "yaml" | "console" | "sh" | "json" | "text" => {}
            other => panic!("{}: a block of `{other}` is not executed", block.place()),
        }
    }
}

#[test]
fn links_within_the_repository_lead_somewhere() {
    let link = regex_lite::Regex::new(r"\]\(([^)#\s]+)(#[^)]*)?\)").unwrap();
    for page in pages() {
        let text = std::fs::read_to_string(root().join(&page)).unwrap();
        let folder = Path::new(&page).parent().unwrap().to_path_buf();
        for found in link.captures_iter(&text) {
            let target = &found[1];
            if !target.contains("://") {
                assert!(root().join(&folder).join(target).exists(), "{page}: `{target}` is not there");
            }
        }
    }
}
