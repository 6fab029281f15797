//! `opsflow new`: writes a starter flow.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::{Path, PathBuf};

use crate::name::is_flow_name;

use super::exit::{Exit, Failure};
use super::session::Session;

/// The starter flow, complete except for its name.
const STARTER: &str = include_str!("starter.yml");
/// The name in it, to be replaced.
const STARTER_NAME: &str = "my_flow";
/// The path of the schema for editors.
const SCHEMA: &str = ".opsflow/flow.schema.json";
/// Characters of a name.
const MAX_NAME_CHARS: usize = 100;

/// The options of `new`.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
The flow has tests of its own; `opsflow test` runs them. Its first line names the schema, `.opsflow/flow.schema.json`, which is\nwritten too: editors use it to complete and check.

Example:
  opsflow new hello && opsflow test hello.yml && opsflow run hello.yml --set name=Ann")]
pub(super) struct Args {
    /// The flow's name; it is written to NAME.yml
    #[arg(value_name = "NAME")]
    name: String,
}

pub(super) fn command(session: &Session, args: &Args) -> Result<Exit, Failure> {
    let name = args.name.strip_suffix(".yml").or_else(|| args.name.strip_suffix(".yaml")).unwrap_or(&args.name);
    if !is_flow_name(name) || name.len() > MAX_NAME_CHARS {
        let help =
            "names are lower-case letters, digits and `_`, beginning with a letter, in parts joined by `.` or `/`";
        let message = format!("`{}` cannot name a flow", args.name);
        return Err(
            Failure::usage(message).with_help(format!("{help}; at most {MAX_NAME_CHARS} characters (MAX_NAME_CHARS)"))
        );
    }
    let path = PathBuf::from(format!("{name}.yml"));
    let file = path.display().to_string();
    let up = "../".repeat(name.matches('/').count());
    let text = format!("# yaml-language-server: $schema={up}{SCHEMA}\n{}", STARTER.replace(STARTER_NAME, name));
    let failed = |why: std::io::Error| match why.kind() {
        std::io::ErrorKind::AlreadyExists => {
            Failure::refused(format!("`{file}` is there already; nothing was written")).with_help("choose another name")
        }
        std::io::ErrorKind::NotFound => Failure::usage(format!("`{file}` cannot be written: its folder is not there")),
        _ => Failure::storage(format!("`{file}` cannot be written: {why}")),
    };
    let mut opened = OpenOptions::new().write(true).create_new(true).open(&path).map_err(failed)?;
    opened.write_all(text.as_bytes()).map_err(failed)?;
    write_schema().map_err(|why| Failure::storage(format!("`{SCHEMA}` cannot be written: {why}")))?;
    session.screen().result(&format!("{file}\n"))?;
    session.screen().aside(&format!("run it with `opsflow run {file}`\n"));
    Ok(Exit::Done)
}

/// Writes the schema of this version, so that an editor needs no network.
#[expect(clippy::disallowed_methods, reason = "the schema stands beside the flows")]
fn write_schema() -> std::io::Result<()> {
    let path = Path::new(SCHEMA);
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let text = serde_json::to_string_pretty(&crate::definition::schema()).map_err(std::io::Error::other)?;
    std::fs::write(path, format!("{text}\n"))
}
