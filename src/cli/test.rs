//! `opsflow test`: runs the tests of flows.

mod coverage;
mod json;
mod junit;
mod print;

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use crate::diagnostic::{Finding, has_errors};
use crate::library::Library;
use crate::name::Name;
use crate::testing::{self, TestOptions, TestReport};

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
1 if a test failed or less is covered than `--min`, and 2 if a definition is broken.

Examples:
  opsflow test
  opsflow test process_order.yml --filter discount
  opsflow test --coverage --min 90 --junit tests.xml
  opsflow graph process_order.yml --coverage > covered.svg")]
pub(super) struct Args {
    /// Files and folders; folders are not searched in depth [default: the folder of the flows, and this one]
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
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
}

pub(super) fn command(session: &Session, args: &Args) -> Result<Exit, Failure> {
    let options = TestOptions { filter: args.filter.clone(), ..TestOptions::default() };
    let (report, place) = match args.paths.as_slice() {
        [] => default(session, &options)?,
        paths => (run(session, paths, &options), String::new()),
    };
    let screen = session.screen();
    if let Some(file) = &args.junit {
        write(file, &junit::document(&report))?;
    }
    let shows_coverage = args.coverage || args.min.is_some();
    if screen.json {
        screen.json(&json::of(&report, shows_coverage))?;
    } else {
        screen.result(&print::tests(&report, screen.quiet))?;
        if shows_coverage {
            screen.result(&coverage::table(&report.coverage))?;
        }
    }
    screen.note(&report.findings.iter().map(|finding| findings::one(finding) + "\n").collect::<String>());
    let wanting = args.min.map(|min| coverage::wanting(&report.coverage, min.into())).unwrap_or_default();
    screen.note(&wanting);
    screen.aside(&format!("{}{place}\n", print::summary(&report, args.filter.as_deref())));
    Ok(if has_errors(&report.findings) {
        Exit::Usage
    } else if report.failed().next().is_some() || !wanting.is_empty() {
        Exit::Failed
    } else {
        Exit::Done
    })
}

/// Tests what is there where no path is named, and says where that was: the folder of the flows, and the flows of this one,
/// which do not see each other.
fn default(session: &Session, options: &TestOptions) -> Result<(TestReport, String), Failure> {
    let here = PathBuf::from(HERE);
    let Some(folder) = session.folder_for(None)? else {
        return Ok((run(session, &[here], options), " in this folder".to_owned()));
    };
    let place = place_of(&folder);
    let mut report = run(session, std::slice::from_ref(&folder), options);
    if session.settings.flows.is_some() {
        return Ok((report, place));
    }
    let own = run(session, &[here], options);
    // A file of this folder that holds no flow is none of ours.
    let with_flows: HashSet<String> = Library::open(&[Path::new(HERE)], &session.surroundings())
        .0
        .files()
        .into_iter()
        .filter_map(|(name, flows)| (flows > 0).then_some(name))
        .collect();
    report.findings.extend(own.findings.into_iter().filter(|finding| with_flows.contains(finding.source.name())));
    if own.coverage.flows.is_empty() {
        return Ok((report, place));
    }
    report.tests.extend(own.tests);
    report.coverage.flows.extend(own.coverage.flows);
    Ok((report, format!("{place} and in this folder")))
}

/// Tests the flows of `paths`. They are seen among their neighbours, since they may start each other.
pub(super) fn run(session: &Session, paths: &[PathBuf], options: &TestOptions) -> TestReport {
    let is_tests = |path: &Path| Library::is_file_of_tests(path);
    let mut all: Vec<PathBuf> = paths.iter().filter(|path| !is_tests(path)).cloned().collect();
    for file in paths.iter().filter(|path| !path.is_dir()) {
        all.extend(session.folder_for(Some(file)).ok().flatten());
    }
    let among: Vec<&Path> = all.iter().map(PathBuf::as_path).collect();
    let (library, mut found) = Library::load(&among, &session.surroundings());
    let asked: Vec<&Path> = paths.iter().map(PathBuf::as_path).collect();
    let beside = library.tests_beside(&asked);
    let is_meant = super::check::meant(paths);
    let files = library.files_with_flows();
    let own = files.into_iter().filter(|(file, _)| is_meant(file)).flat_map(|(_, flows)| flows);
    let flows: Vec<Name> = own.collect();
    // A file of tests that was asked for brings its flows with it, without what stands in them.
    let only: Vec<Name> =
        beside.tests.iter().map(|(flow, _)| flow.name.clone()).filter(|name| !flows.contains(name)).collect();
    let mut report = testing::run(&library, &flows, &only, beside, options);
    found.retain(|finding| finding.is_error() && is_meant(finding.source.name()));
    found.append(&mut report.findings);
    let mut seen = HashSet::new();
    found.retain(|finding: &Finding| seen.insert(format!("{}:{}", finding.span.start, finding)));
    TestReport { findings: found, ..report }
}

#[expect(clippy::disallowed_methods, reason = "a file that was asked for")]
fn write(file: &Path, text: &str) -> Result<(), Failure> {
    std::fs::write(file, text).map_err(|why| Failure::storage(format!("`{}` cannot be written: {why}", file.display())))
}
