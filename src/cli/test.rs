//! `opsflow test`: runs the tests of flows.

mod coverage;
mod junit;
pub(super) mod print;
mod watch;

use std::path::{Path, PathBuf};
use std::time::Instant;

use crate::diagnostic::has_errors;
use crate::testing::{Coverage, TestOptions, TestReport};
use crate::workbench::{FlowSet, Workbench, in_depth, test_report_json};

use super::check::{HERE, place_of};
use super::exit::{Exit, Failure};
use super::findings;
use super::session::Session;

/// The options of `test`.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Time is virtual and nothing outside is reached: a call that a test does not mock fails it. Tests stand in a flow under \
`tests`, or in a file beside it: `NAME.test.yml`, for `NAME.yml`.

Without a PATH the folder of `--flows` is tested; without that `workflows`, and the flows of this folder. The exit code is \
1 if a test failed or less is covered than `--min`, and 2 if a definition is broken or `--filter` finds no test.

With --watch it stays: at each save it tests what changed, and the flows that start it. In a terminal it shows what fails as it \
is now; elsewhere it adds what was tested, with --json an object a line. It ends with 0 when it is stopped (Ctrl-C).

Examples:
  opsflow test
  opsflow test process_order.yml --filter discount
  opsflow test --coverage --min 90 --junit tests.xml
  opsflow test process_order.yml --watch
  opsflow graph process_order.yml --coverage > covered.svg")]
pub(super) struct Args {
    /// Files, folders, which are searched in depth, and names of flows, whose files are tested [default: the folder of the flows, and this one]
    #[arg(value_name = "PATH|FLOW")]
    paths: Vec<String>,
    /// Only tests whose flow's name or own name has this part
    #[arg(long, value_name = "TEXT")]
    filter: Option<String>,
    /// Show what the tests reach of states, branches and conditions
    #[arg(long)]
    coverage: bool,
    /// Fail if less than so many percent of states, branches or conditions are reached
    #[arg(long, value_name = "PERCENT", value_parser = clap::value_parser!(u8).range(0..=100))]
    min: Option<u8>,
    /// Write what came of the tests to this file, as JUnit's XML
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
    /// Keep running: at each save, test what changed
    #[arg(long)]
    watch: bool,
}

pub(super) async fn command(session: &Session, args: &Args) -> Result<Exit, Failure> {
    let since = Instant::now();
    let options = TestOptions { filter: args.filter.clone(), ..TestOptions::default() };
    if args.watch {
        return watch::command(session, args, options, since).await;
    }
    let (mut state, place) = opened(session, args, options)?;
    state.begin(since);
    let (tests, findings) = (state.tests(), state.findings_of_tests());
    let covered = args.shows_coverage().then(|| state.coverage());
    if let Some(file) = &args.junit {
        write(file, &junit::document(&tests, &findings))?;
    }
    let screen = session.screen();
    if screen.json {
        screen.json(&test_report_json(&tests, &findings, covered.as_ref()))?;
    } else {
        screen.result(&print::tests(&tests, screen.quiet, screen.columns()))?;
        screen.result(&covered.as_ref().map(coverage::table).unwrap_or_default())?;
    }
    screen.note(&findings::apart(&findings, screen.note_columns()));
    let wanting = args.wanting(covered.as_ref());
    screen.note(&wanting);
    screen.aside(&format!("{}{}\n", print::summary(&tests, args.filter.as_deref()), place.of(&state)));
    // A filter that finds nothing is a slip of the pen: nothing was tested.
    let finds_nothing = tests.is_empty() && args.filter.is_some();
    Ok(if has_errors(&findings) || finds_nothing {
        Exit::Usage
    } else if tests.iter().any(|test| !test.passed()) || !wanting.is_empty() {
        Exit::Failed
    } else {
        Exit::Done
    })
}

/// Where the tested flows are, for the end of a line; empty if paths were given.
struct Place(String);

impl Place {
    fn of(&self, bench: &Workbench) -> String {
        let is_here_too = bench.sets().get(1).is_some_and(FlowSet::has_flows);
        format!("{}{}", self.0, if is_here_too { " and in this folder" } else { "" })
    }
}

/// The flows for `args`, not tested yet, and where they are.
fn opened(session: &Session, args: &Args, options: TestOptions) -> Result<(Workbench, Place), Failure> {
    let (sets, place) = match args.paths.as_slice() {
        [] => default(session)?,
        paths => {
            let files = paths.iter().map(|path| session.file_of(path)).collect::<Result<Vec<_>, _>>()?;
            session.are_there(&files, true)?;
            (vec![session.flow_set(&in_depth(&files)?)], String::new())
        }
    };
    Ok((Workbench::new(sets, options), Place(place)))
}

/// The flows if no path is given: those of the folder of flows, and those of this folder, which do not see each other.
fn default(session: &Session) -> Result<(Vec<FlowSet>, String), Failure> {
    let here = PathBuf::from(HERE);
    let Some(folder) = session.folder_for(None)? else {
        return Ok((vec![session.flow_set(&[here])], " in this folder".to_owned()));
    };
    let mut sets = vec![session.flow_set(&session.folders_for(None)?)];
    if session.settings.flows.is_none() {
        sets.push(session.flow_set(&[here]).only_with_flows());
    }
    Ok((sets, place_of(&folder)))
}

impl Args {
    const fn shows_coverage(&self) -> bool {
        self.coverage || self.min.is_some()
    }

    /// Reports coverage below `--min`.
    fn wanting(&self, covered: Option<&Coverage>) -> String {
        let both = self.min.zip(covered);
        both.map(|(min, covered)| coverage::wanting(covered, min.into())).unwrap_or_default()
    }
}

/// Tests the flows of `paths` among their neighbours, since flows may start each other.
pub(super) fn run(session: &Session, paths: &[PathBuf], options: &TestOptions) -> TestReport {
    let mut set = session.flow_set(paths);
    set.test_all(options);
    set.into_report()
}

#[expect(clippy::disallowed_methods, reason = "a file that was asked for")]
fn write(file: &Path, text: &str) -> Result<(), Failure> {
    std::fs::write(file, text).map_err(|why| Failure::storage(format!("`{}` cannot be written: {why}", file.display())))
}
