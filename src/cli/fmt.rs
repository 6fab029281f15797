//! `opsflow fmt`: formats flow files.

use std::collections::HashSet;
use std::fs::{self, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::Serialize;

use crate::definition::format;
use crate::diagnostic::{Finding, Source};
use crate::library::Library;
use crate::workbench::in_depth;

use super::diff::unified;
use super::exit::{Exit, Failure};
use super::screen::{Screen, plain};
use super::session::Session;

/// The working folder.
const HERE: &str = ".";
/// The argument that means stdin.
const STDIN: &str = "-";
/// Bytes read from stdin: more than any file may have, so that the reader reports the bound.
const MAX_STDIN_BYTES: u64 = 5 * 1024 * 1024;

/// The options of `fmt`.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Two blanks of indentation per level, one blank inside `{ }`, at most one blank line in a row, no trailing blanks. \
Comments, quotes, the order of keys, line breaks and every script stay. The meaning of a file never changes.

In folders, files with flows and `.test.yml` files are formatted, and others left alone. A file that is not valid YAML is \
left alone and reported.

It prints the names of the files that changed, with --check what would change in them. With --json it is an array of \
`{ file, changed }` for all files.

Exit codes: 1 if files would change (--check), 2 if one is not valid YAML.

Examples:
  opsflow fmt
  opsflow fmt --check workflows
  opsflow fmt - < flow.yml")]
pub(super) struct Args {
    /// Files and folders, or `-` for stdin to stdout; folders are searched in depth [default: as for `check`]
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Change nothing; show what would change, and exit with 1 if anything would
    #[arg(long)]
    check: bool,
}

/// A file that was formatted or checked.
#[derive(Serialize)]
struct Looked {
    file: String,
    changed: bool,
}

pub(super) fn command(session: &Session, args: &Args) -> Result<Exit, Failure> {
    let screen = session.screen();
    if let [only] = args.paths.as_slice()
        && only.as_os_str() == STDIN
    {
        return from_stdin(screen, args.check);
    }
    session.are_there(&args.paths, false)?;
    let (texts, mut wrong) = texts(session, &args.paths)?;
    let mut looked = Vec::new();
    for (path, source) in texts {
        let new = match format(&source) {
            Ok(new) => new,
            Err(findings) => {
                wrong.extend(findings);
                continue;
            }
        };
        let changed = new != source.text();
        if changed && args.check && !screen.json {
            screen.result(&unified(source.name(), source.text(), &new))?;
        } else if changed && !args.check {
            replace(&path, &new).map_err(|why| {
                Failure::storage(format!("`{}` cannot be written: {why}; it is as it was", plain(source.name())))
            })?;
            if !screen.json {
                screen.result(&format!("{}\n", plain(source.name())))?;
            }
        }
        looked.push(Looked { file: source.name().to_owned(), changed });
    }
    let changed = looked.iter().filter(|file| file.changed).count();
    if screen.json {
        screen.json(&looked)?;
    }
    let files = if looked.len() == 1 { "1 file".to_owned() } else { format!("{} files", looked.len()) };
    screen.aside(&format!("{files}: {changed} {}\n", if args.check { "would change" } else { "changed" }));
    if !wrong.is_empty() {
        return Err(Failure::findings(wrong));
    }
    Ok(if args.check && changed > 0 { Exit::Failed } else { Exit::Done })
}

/// A file's path and text.
type Text = (PathBuf, Arc<Source>);

/// The texts of `paths`, or of the default places; each file once.
fn texts(session: &Session, paths: &[PathBuf]) -> Result<(Vec<Text>, Vec<Finding>), Failure> {
    let default = || -> Result<Vec<PathBuf>, Failure> {
        Ok(match session.folder_for(None)? {
            Some(_) if session.settings.flows.is_some() => session.folders_for(None)?,
            Some(folder) => vec![folder, PathBuf::from(HERE)],
            None => vec![PathBuf::from(HERE)],
        })
    };
    let paths = if paths.is_empty() { default()? } else { in_depth(paths)? };
    let (mut texts, mut wrong, mut seen) = (Vec::new(), Vec::new(), HashSet::new());
    for path in &paths {
        for text in Library::texts(path) {
            match text {
                Ok((file, source)) if !path.is_dir() || is_ours(session, &file, &source) => {
                    if seen.insert(file.canonicalize().unwrap_or_else(|_| file.clone())) {
                        texts.push((file, source));
                    }
                }
                Ok(_) => {}
                Err(finding) => wrong.push(finding),
            }
        }
    }
    Ok((texts, wrong))
}

/// Whether a file that was not given explicitly holds a flow, broken or not, or tests.
fn is_ours(session: &Session, file: &Path, source: &Arc<Source>) -> bool {
    let name = file.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
    let holds_flows = || {
        let library = Library::of_sources([Arc::clone(source)], &session.context());
        library.files().iter().any(|(_, flows)| *flows > 0)
    };
    name.ends_with(".test") || source.text().lines().any(|line| line.starts_with("flow:")) || holds_flows()
}

/// Formats stdin to stdout.
fn from_stdin(screen: Screen, is_check: bool) -> Result<Exit, Failure> {
    let unreadable = |why: io::Error| Failure::usage(format!("stdin cannot be read: {why}"));
    let mut text = String::new();
    io::stdin().lock().take(MAX_STDIN_BYTES).read_to_string(&mut text).map_err(unreadable)?;
    let source = Arc::new(Source::new("<stdin>", text));
    let new = format(&source).map_err(Failure::findings)?;
    if !is_check {
        io::stdout().lock().write_all(new.as_bytes()).or_else(gone)?;
        return Ok(Exit::Done);
    }
    if new == source.text() {
        return Ok(Exit::Done);
    }
    screen.result(&unified(source.name(), source.text(), &new))?;
    Ok(Exit::Failed)
}

/// A closed pipe is no error: its reader has what it wanted.
fn gone(why: io::Error) -> Result<(), Failure> {
    match why.kind() {
        io::ErrorKind::BrokenPipe => Ok(()),
        _ => Err(Failure::storage(format!("the result cannot be written: {why}"))),
    }
}

/// Replaces a file atomically: readers see the old text or the new one. The target of a link is replaced, not the link.
fn replace(path: &Path, text: &str) -> io::Result<()> {
    let file = path.canonicalize()?;
    let permissions = fs::metadata(&file)?.permissions();
    if permissions.readonly() {
        return Err(io::Error::new(io::ErrorKind::PermissionDenied, "it is read-only"));
    }
    let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let beside = file.with_file_name(format!(".{name}.{}.tmp", std::process::id()));
    let written = OpenOptions::new().write(true).create_new(true).open(&beside).and_then(|mut new| {
        new.write_all(text.as_bytes())?;
        new.set_permissions(permissions)?;
        new.sync_all()?;
        fs::rename(&beside, &file)
    });
    if written.as_ref().is_err_and(|why| why.kind() != io::ErrorKind::AlreadyExists) {
        // The temporary file is useless. An error in removing it would hide the real one.
        let _ = fs::remove_file(&beside);
    }
    written
}
