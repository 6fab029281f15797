//! `opsflow check`: all findings in all files.

use std::path::{Path, PathBuf};

use crate::diagnostic::{Finding, Severity, has_errors};
use crate::library::Library;
use crate::workbench::{self, Checked, in_depth};

use super::exit::{Exit, Failure};
use super::findings;
use super::screen::plain;
use super::session::Session;

/// The working folder.
pub(super) const HERE: &str = ".";

/// The options of `check`.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Findings read `file:line:column: message` on their first line; warnings have `warning: ` before the message, and stop \
nothing. A finding about a whole file is at 1:1. With --json they are an array of \
`{ severity, file, line, column, end_line, end_column, message, help }`.

Without a PATH it checks the folder of `--flows`; without that, `workflows` and, separately, the flows of this folder.

Examples:
  opsflow check
  opsflow check plan_a_party.yml --json")]
pub(super) struct Args {
    /// Files and folders, which are searched in depth [default: the folder of the flows, and this one]
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Treat warnings as errors: exit with 2 if there are any
    #[arg(long)]
    strict: bool,
}

pub(super) fn command(session: &Session, args: &Args) -> Result<Exit, Failure> {
    let (checked, place) = match args.paths.as_slice() {
        [] => default(session)?,
        given => {
            session.are_there(given, false)?;
            (check(session, &in_depth(given)?)?, String::new())
        }
    };
    let Checked { files, flows, findings: mut found, .. } = checked;
    if args.strict {
        found.iter_mut().for_each(|finding| finding.severity = Severity::Error);
    }
    let screen = session.screen();
    if screen.json {
        screen.json(&found)?;
    } else {
        screen.result(&findings::apart(&found, screen.columns()))?;
    }
    let errors = found.iter().filter(|finding| finding.is_error()).count();
    let looked_at = format!("{}, {}{place}", count(files, "file"), count(flows, "flow"));
    let warnings = count(found.len() - errors, "warning");
    screen.aside(&format!("{looked_at}: {}, {warnings}\n", count(errors, "error")));
    Ok(if has_errors(&found) { Exit::Usage } else { Exit::Done })
}

/// Checks the default places if no path is given, and says where they are. The flows of this folder do not see those of
/// the folder `workflows`, as when they are run; files of this folder that contain no flow are ignored then.
fn default(session: &Session) -> Result<(Checked, String), Failure> {
    let here = PathBuf::from(HERE);
    let Some(folder) = session.folder_for(None)? else {
        return Ok((check(session, &[here])?, " in this folder".to_owned()));
    };
    let place = place_of(&folder);
    let mut checked = check(session, &session.folders_for(None)?)?;
    if session.settings.flows.is_some() {
        return Ok((checked, place));
    }
    let (library, found) = Library::load(&[&here], &session.context());
    let with_flows: Vec<(String, usize)> = library.files().into_iter().filter(|(_, flows)| *flows > 0).collect();
    if with_flows.is_empty() {
        return Ok((checked, place));
    }
    checked.files += with_flows.len();
    checked.flows += with_flows.iter().map(|(_, flows)| flows).sum::<usize>();
    let holds_flows = |finding: &Finding| with_flows.iter().any(|(name, _)| name == finding.source.name());
    checked.findings.extend(found.into_iter().filter(holds_flows));
    Ok((checked, format!("{place} and in this folder")))
}

/// Checks `paths` among their neighbours.
fn check(session: &Session, paths: &[PathBuf]) -> Result<Checked, Failure> {
    Ok(workbench::check(paths, &session.neighbours(paths)?, &session.context()))
}

/// Where something was done, for the last line.
pub(super) fn place_of(folder: &Path) -> String {
    format!(" in `{}`", plain(&Library::name_of(folder)))
}

pub(super) fn count(n: usize, what: &str) -> String {
    if n == 1 { format!("1 {what}") } else { format!("{n} {what}s") }
}
