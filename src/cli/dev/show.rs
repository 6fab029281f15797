//! The output of `dev`: painted on a terminal, in blocks elsewhere, or as JSON objects.

use std::fmt::Write as _;
use std::path::Path;

use crate::library::Library;
use crate::quoted::quoted;
use crate::workbench::{Round, Standing, Workbench, round_json};

use super::super::check::{HERE, count};
use super::super::exit::Failure;
use super::super::findings;
use super::super::screen::{FAINT, STRONG, plain};
use super::super::session::Session;
use super::super::test::print;
use super::follow::{Canvas, Show};
use super::recent::Recent;
use super::render::{self, Body, Section, View};
use super::{IN_MEMORY, called, json, time_of_day};

/// Changed files that are named.
const MAX_NAMED: usize = 3;
/// Lines of the list of flows, in any case.
const LEAST_FLOWS: usize = 3;
/// Lines of the moves of tasks, in any case.
const LEAST_MOVES: usize = 4;

/// The note for a folder without flows.
const NO_FLOWS: &str = "none yet: `opsflow new NAME` writes a starter flow";

/// Shows the rounds of `dev`.
pub(super) struct Desk {
    canvas: Canvas,
    /// The name of the folder.
    place: String,
    /// What to append to `opsflow check` and `opsflow test` for this folder.
    argument: String,
    recent: Recent,
    /// The worker's storage, and how to hand tasks to it; none without a worker.
    worker: Option<(String, String)>,
}

impl Desk {
    pub(super) fn new(session: &Session, folder: &Path, with_worker: bool, recent: Recent) -> Self {
        let is_default = folder == Path::new(HERE) || folder == session.settings.default_flows;
        let argument = if is_default && session.settings.flows.is_none() {
            String::new()
        } else {
            format!(" {}", quoted(&Library::name_of(folder)))
        };
        let worker = with_worker.then(|| (plain(&session.settings.storage), hint(session, folder)));
        Self { canvas: Canvas::on(session.screen()), place: called(folder), argument, recent, worker }
    }

    /// Whether it is painted in a terminal.
    pub(super) const fn is_painted(&self) -> bool {
        self.canvas.paint.is_some()
    }

    /// A round as a block of text: what changed, what is wrong, and a summary.
    fn block(&self, state: &Workbench, round: &Round) -> String {
        let mut text = String::new();
        if let Some(files) = &round.files {
            let _ = writeln!(text, "\n{STRONG}{}{STRONG:#} {}", time_of_day(round.at), plain(&named(files)));
        }
        let found = state.findings();
        let columns = self.canvas.screen.columns();
        text += &findings::apart(&found, columns);
        let tests = state.tests();
        let failed: Vec<_> = tests.iter().filter(|test| !test.passed()).collect();
        text.extend(failed.iter().map(|test| print::failed(test, columns) + "\n"));
        let errors = found.iter().filter(|finding| finding.is_error()).count();
        let (errors, warnings) = (count(errors, "error"), count(found.len() - errors, "warning"));
        let kept = state.rows().iter().filter(|row| row.standing == Standing::Kept).count();
        let kept = if kept > 0 { format!(", {} kept as before", count(kept, "flow")) } else { String::new() };
        let passed = tests.len() - failed.len();
        let subject = plain(&subject(&self.place, state));
        let _ = writeln!(
            text,
            "{subject}: {passed} passed, {} failed; {errors}, {warnings}{kept} ({} ms)",
            failed.len(),
            round.milliseconds()
        );
        text
    }
}

impl Show for Desk {
    fn round(&mut self, state: &Workbench, round: &Round) -> Result<(), Failure> {
        if self.canvas.screen.json {
            return json::line(self.canvas.screen, &round_json(state, round, &state.findings(), None));
        }
        if self.canvas.paint.is_some() {
            self.again(state, round);
            return Ok(());
        }
        self.canvas.screen.result(&self.block(state, round))
    }

    fn view<'a>(&'a self, state: &'a Workbench, round: &Round) -> View<'a> {
        let (cells, bad) = render::cells(&state.rows());
        let flows = Section {
            title: format!("{STRONG}flows{STRONG:#}"),
            body: if cells.is_empty() {
                Body::First(vec![format!("{FAINT}{NO_FLOWS}{FAINT:#}")])
            } else {
                Body::Grid(cells)
            },
            // Flows without problems need no room if something is wrong.
            least: if bad > 1 { LEAST_FLOWS } else { LEAST_FLOWS - 1 },
            more: "flows".to_owned(),
        };
        let mut sections = vec![flows];
        if let Some((storage, hint)) = self.worker.as_ref().filter(|_| !self.canvas.screen.quiet) {
            let mut lines = self.recent.lines();
            if lines.is_empty() {
                lines.push(format!("{FAINT}{hint}{FAINT:#}"));
            }
            let title = format!("{STRONG}tasks{STRONG:#}  {FAINT}{storage}{FAINT:#}");
            sections.push(Section { title, body: Body::Last(lines), least: LEAST_MOVES, more: String::new() });
        }
        View {
            title: "opsflow dev",
            subject: subject(&self.place, state),
            last: last(round),
            trouble: self.canvas.trouble.as_ref(),
            commands: (format!("opsflow check{}", self.argument), format!("opsflow test{} --quiet", self.argument)),
            sections,
            ..View::of(state, round, state.findings())
        }
    }

    fn canvas(&mut self) -> &mut Canvas {
        &mut self.canvas
    }
}

/// How to hand a task to the worker.
fn hint(session: &Session, folder: &Path) -> String {
    if session.is_in_memory() {
        return IN_MEMORY.to_owned();
    }
    let flows = session.settings.flows.as_deref().unwrap_or(&session.settings.default_flows);
    let option =
        if folder == flows { String::new() } else { format!(" --flows {}", quoted(&Library::name_of(folder))) };
    let storage = quoted(&session.settings.storage);
    format!("`opsflow start FLOW{option} --storage {storage}` in another terminal hands over a task")
}

/// What is watched, and how much of it.
pub(in crate::cli) fn subject(place: &str, state: &Workbench) -> String {
    let (flows, tests) = (state.rows().len(), state.tests().len());
    format!("{place}: {}, {}", count(flows, "flow"), count(tests, "test"))
}

/// What happened last, and when.
pub(in crate::cli) fn last(round: &Round) -> String {
    let files = round.files.as_ref().map(|files| format!("{}: ", named(files))).unwrap_or_default();
    format!("{}  {files}checked and tested in {} ms", time_of_day(round.at), round.milliseconds())
}

/// The first of `files`, and how many more.
fn named(files: &[String]) -> String {
    if files.is_empty() {
        return "something changed".to_owned();
    }
    let first: Vec<&str> = files.iter().take(MAX_NAMED).map(String::as_str).collect();
    let more = files.len().saturating_sub(MAX_NAMED);
    if more > 0 { format!("{} and {more} more", first.join(", ")) } else { first.join(", ") }
}
