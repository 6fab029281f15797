//! `opsflow test --watch`: on each save, tests what changed.

use std::time::Instant;

use crate::quoted::quoted;
use crate::testing::{Coverage, FlowCoverage, TestOptions};
use crate::workbench::{Changes, FolderWatcher, Round, Workbench, round_json};

use super::super::dev::follow::{Canvas, Follow, Show};
use super::super::dev::recent::Recent;
use super::super::dev::render::{Body, Section, View};
use super::super::dev::show::{last, subject};
use super::super::dev::{self, json};
use super::super::exit::{Exit, Failure};
use super::super::findings;
use super::super::screen::STRONG;
use super::super::session::Session;
use super::{Args, Place, coverage, junit, opened, print, write};

/// Lines of the list of tests and of the coverage table, in any case.
const LEAST_LINES: usize = 4;

/// Shows the rounds.
struct Board<'a> {
    args: &'a Args,
    place: Place,
    canvas: Canvas,
}

pub(super) async fn command(
    session: &Session,
    args: &Args,
    options: TestOptions,
    begun: Instant,
) -> Result<Exit, Failure> {
    let signals = dev::signals()?;
    let changes = Changes::default();
    let (bench, place) = opened(session, args, options)?;
    let watcher = FolderWatcher::none(&bench.watched(), &changes)?;
    let mut board = Board { args, place, canvas: Canvas::on(session.screen()) };
    let mut follow = Follow { changes, signals, recent: Recent::default(), watcher };
    follow.run(bench, begun, &mut board).await.map(|_| Exit::Done)
}

/// Whether a flow is fully covered.
fn is_full(flow: &FlowCoverage) -> bool {
    [flow.states(), flow.branches(), flow.expressions()].iter().all(|share| share.reached == share.all)
}

impl Board<'_> {
    fn covered(&self, state: &Workbench) -> Option<Coverage> {
        self.args.shows_coverage().then(|| state.coverage())
    }

    /// The command that does the same once.
    fn call(&self) -> String {
        let paths = self.args.paths.iter().map(|path| format!(" {}", quoted(path)));
        let filter = self.args.filter.iter().map(|filter| format!(" --filter {}", quoted(filter)));
        std::iter::once("opsflow test".to_owned()).chain(paths).chain(filter).collect()
    }

    fn subject(&self, state: &Workbench) -> String {
        let paths: Vec<String> = self.args.paths.iter().map(|path| dev::called(std::path::Path::new(path))).collect();
        let place = if paths.is_empty() {
            self.place.of(state).replacen(" in ", "", 1).replace('`', "")
        } else {
            paths.join(", ")
        };
        subject(&place, state)
    }

    /// The results of a round, as `test` prints them.
    fn block(&self, state: &Workbench, round: &Round, covered: Option<&Coverage>) -> Result<(), Failure> {
        let (tests, found) = (state.tests_of(round), state.findings_of_tests());
        let screen = self.canvas.screen;
        screen.result(&print::tests(&tests, screen.quiet, screen.columns()))?;
        screen.result(&covered.map(coverage::table).unwrap_or_default())?;
        screen.note(&findings::apart(&found, screen.note_columns()));
        screen.note(&self.args.wanting(covered));
        let summary = print::summary(&tests, self.args.filter.as_deref());
        screen.aside(&format!("{summary}{} ({} ms)\n\n", self.place.of(state), round.milliseconds()));
        Ok(())
    }
}

impl Show for Board<'_> {
    fn round(&mut self, state: &Workbench, round: &Round) -> Result<(), Failure> {
        if let Some(file) = &self.args.junit {
            write(file, &junit::document(&state.tests(), &state.findings_of_tests()))?;
        }
        let covered = self.covered(state);
        if self.canvas.screen.json {
            return json::line(
                self.canvas.screen,
                &round_json(state, round, &state.findings_of_tests(), covered.as_ref()),
            );
        }
        if self.canvas.paint.is_some() {
            self.again(state, round);
            return Ok(());
        }
        self.block(state, round, covered.as_ref())
    }

    fn view<'a>(&'a self, state: &'a Workbench, round: &Round) -> View<'a> {
        let command = self.call();
        let mut sections = Vec::new();
        if let Some(mut covered) = self.covered(state) {
            // First what was just tested, then what is not fully covered.
            covered.flows.sort_by_key(|flow| (round.is_first() || !round.has_tested(&flow.flow), is_full(flow)));
            let text = self.args.wanting(Some(&covered)) + coverage::table(&covered).trim_start();
            let mut lines = text.lines().map(str::to_owned);
            sections.push(Section {
                title: lines.next().unwrap_or_default(),
                body: Body::First(lines.collect()),
                least: LEAST_LINES,
                more: format!("lines: `{command} --coverage`"),
            });
        }
        let lines = print::list(&state.tests_of(round));
        if !self.canvas.screen.quiet && !lines.is_empty() {
            sections.push(Section {
                title: format!("{STRONG}tested{STRONG:#}"),
                body: Body::First(lines.lines().map(str::to_owned).collect()),
                least: LEAST_LINES,
                more: format!("lines: `{command}`"),
            });
        }
        View {
            title: "opsflow test --watch",
            subject: self.subject(state),
            last: last(round),
            trouble: self.canvas.trouble.as_ref(),
            commands: (format!("{command} --quiet"), format!("{command} --quiet")),
            sections,
            ..View::of(state, round, state.findings_of_tests())
        }
    }

    fn canvas(&mut self) -> &mut Canvas {
        &mut self.canvas
    }
}
