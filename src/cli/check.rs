//! `opsflow check`: all findings in all files.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use crate::diagnostic::{Finding, has_errors};
use crate::library::Library;

use super::exit::{Exit, Failure};
use super::findings;
use super::session::Session;

/// The options of `check`.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Findings read `file:line:column: message` on their first line; warnings have `warning: ` before the message, and stop \
nothing. With --json they are an array of \
`{ severity, file, line, column, end_line, end_column, message, help }`.")]
pub(super) struct Args {
    /// Files and folders; folders are not searched in depth [default: the flows' folder, else this one]
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
}

pub(super) fn command(session: &Session, args: &Args) -> Result<Exit, Failure> {
    let paths = match args.paths.as_slice() {
        [] => vec![session.folder_for(None)?.unwrap_or_else(|| PathBuf::from("."))],
        given => given.to_vec(),
    };
    let found = findings_of(session, &paths)?;
    let screen = session.screen();
    if screen.json {
        screen.json(&found)?;
    } else {
        screen.result(&found.iter().map(|finding| findings::one(finding) + "\n").collect::<String>())?;
    }
    let errors = found.iter().filter(|finding| finding.is_error()).count();
    screen.aside(&format!("{}, {}\n", count(errors, "error"), count(found.len() - errors, "warning")));
    Ok(if has_errors(&found) { Exit::Usage } else { Exit::Done })
}

/// What is wrong in `paths`. Files are seen among their neighbours, since they may start each other's flows; what is
/// wrong in the neighbours is theirs.
fn findings_of(session: &Session, paths: &[PathBuf]) -> Result<Vec<Finding>, Failure> {
    let mut all: Vec<PathBuf> = paths.to_vec();
    for file in paths.iter().filter(|path| !path.is_dir()) {
        all.extend(session.folder_for(Some(file))?);
    }
    let asked: Vec<&Path> = paths.iter().map(PathBuf::as_path).collect();
    let among: Vec<&Path> = all.iter().map(PathBuf::as_path).collect();
    let mut found = Library::load(&among, &session.surroundings()).1;
    if all.len() > paths.len() {
        let folders: Vec<&Path> = asked.iter().copied().filter(|path| path.is_dir()).collect();
        let files: HashSet<String> = asked.iter().map(|path| path.display().to_string()).collect();
        found.retain(|finding| {
            let name = finding.source.name();
            files.contains(name) || folders.iter().any(|folder| Path::new(name).parent() == Some(*folder))
        });
    }
    Ok(found)
}

fn count(n: usize, what: &str) -> String {
    if n == 1 { format!("1 {what}") } else { format!("{n} {what}s") }
}
