//! The watched flows in their current state, and the rounds that update it.

use std::collections::HashSet;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use crate::clock::{Clock, SystemClock, Timestamp};
use crate::diagnostic::Finding;
use crate::library::Library;
use crate::name::Name;
use crate::testing::{Coverage, TestOptions, TestResult};

use super::super::check::{HERE, place_of};
use super::super::exit::Failure;
use super::super::session::Session;
use super::set::{Reloaded, Row, Set};

/// Sets of flows that do not see each other, with their tests.
pub(in crate::cli) struct State {
    sets: Vec<Set>,
    /// Where they are, for the end of a line; empty if paths were given.
    place: String,
    options: TestOptions,
}

/// The result of one look at the files.
pub(in crate::cli) struct Round {
    /// When it was finished.
    pub(in crate::cli) at: Timestamp,
    /// The time from the first report of a change until everything was tested.
    pub(in crate::cli) took: Duration,
    /// The saved, new or deleted files, by their names in findings. None for the first look.
    pub(in crate::cli) files: Option<Vec<String>>,
    pub(in crate::cli) added: Vec<Name>,
    pub(in crate::cli) changed: Vec<Name>,
    pub(in crate::cli) removed: Vec<Name>,
    /// The broken flows whose last good definition is kept.
    pub(in crate::cli) kept: Vec<Name>,
    /// The flows of each set whose tests were run.
    tested: Vec<HashSet<Name>>,
    /// Whether nothing has changed.
    pub(super) is_idle: bool,
}

impl State {
    /// The flows of `paths`, not tested yet.
    pub(in crate::cli) fn of(session: &Session, paths: &[PathBuf], options: TestOptions) -> Self {
        Self { sets: vec![Set::open(session, paths)], place: String::new(), options }
    }

    /// The flows if no path is given: those of the folder of flows, and those of this folder, which do not see each
    /// other.
    pub(in crate::cli) fn of_here(session: &Session, options: TestOptions) -> Result<Self, Failure> {
        let here = PathBuf::from(HERE);
        let Some(folder) = session.folder_for(None)? else {
            let place = " in this folder".to_owned();
            return Ok(Self { place, ..Self::of(session, &[here], options) });
        };
        let place = place_of(&folder);
        let mut sets = vec![Set::open(session, &session.folders_for(None)?)];
        if session.settings.flows.is_none() {
            sets.push(Set::open(session, &[here]).only_with_flows());
        }
        Ok(Self { sets, place, options })
    }

    /// The live flows of the first set.
    pub(in crate::cli) fn library(&self) -> Option<&Library> {
        self.sets.first().map(Set::library)
    }

    /// Everything that must be watched.
    pub(in crate::cli) fn watched(&self) -> Vec<PathBuf> {
        let mut paths: Vec<PathBuf> = self.sets.iter().flat_map(Set::watched).cloned().collect();
        paths.sort();
        paths.dedup();
        paths
    }

    /// Leaves out folders that are gone, and looks into new ones from now on.
    pub(super) fn look_in(&mut self, gone: &[PathBuf], new: &[PathBuf]) {
        self.sets.iter_mut().take(1).for_each(|set| set.look_in(gone, new));
    }

    /// Runs all tests.
    pub(in crate::cli) fn begin(&mut self, since: Instant) -> Round {
        let tested = self.sets.iter_mut().map(|set| set.test_all(&self.options)).collect();
        Round {
            at: SystemClock.now(),
            took: since.elapsed(),
            files: None,
            added: Vec::new(),
            changed: Vec::new(),
            removed: Vec::new(),
            kept: Vec::new(),
            tested,
            is_idle: false,
        }
    }

    /// Reads the files as they are now, of which `files` were reported as changed, and tests what is affected.
    pub(in crate::cli) fn reload(&mut self, files: &[PathBuf], since: Instant) -> Round {
        let files = files.iter().map(|path| Library::name_of(path)).collect();
        let (mut added, mut changed, mut removed, mut kept) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        let (mut tested, mut is_idle) = (Vec::new(), true);
        for set in &mut self.sets {
            let Reloaded { reload, tested: of_set, is_idle: set_is_idle } = set.reload(&self.options);
            is_idle &= set_is_idle;
            added.extend(reload.added);
            changed.extend(reload.changed);
            removed.extend(reload.removed);
            kept.extend(reload.kept);
            tested.push(of_set);
        }
        let (at, took, files) = (SystemClock.now(), since.elapsed(), Some(files));
        Round { at, took, files, added, changed, removed, kept, tested, is_idle }
    }

    /// The latest result of every test.
    pub(in crate::cli) fn tests(&self) -> Vec<&TestResult> {
        self.sets.iter().flat_map(Set::tests).collect()
    }

    /// The results of the tests that ran in `round`.
    pub(in crate::cli) fn tests_of(&self, round: &Round) -> Vec<&TestResult> {
        let sets = self.sets.iter().zip(&round.tested);
        sets.flat_map(|(set, tested)| set.tests().into_iter().filter(|test| tested.contains(&test.flow))).collect()
    }

    /// The flows with their results.
    pub(in crate::cli) fn rows(&self) -> Vec<Row<'_>> {
        self.sets.iter().flat_map(Set::rows).collect()
    }

    /// All findings, as `check` reports them.
    pub(super) fn findings(&self) -> Vec<Finding> {
        self.sets.iter().flat_map(Set::findings).collect()
    }

    /// The findings because of which tests cannot run, as `test` reports them.
    pub(in crate::cli) fn findings_of_tests(&self) -> Vec<Finding> {
        self.sets.iter().flat_map(Set::findings_of_tests).collect()
    }

    /// The coverage of the tests.
    pub(in crate::cli) fn coverage(&self) -> Coverage {
        Coverage { flows: self.sets.iter().flat_map(|set| set.coverage().flows).collect() }
    }

    /// Where the flows are, for the end of a line.
    pub(in crate::cli) fn place(&self) -> String {
        let here = self.sets.get(1).filter(|set| set.has_flows());
        format!("{}{}", self.place, if here.is_some() { " and in this folder" } else { "" })
    }
}

impl Round {
    /// Whether it is the first look.
    pub(in crate::cli) const fn is_first(&self) -> bool {
        self.files.is_none()
    }

    /// Whether tests of a flow were run.
    pub(in crate::cli) fn has_tested(&self, flow: &Name) -> bool {
        self.tested.iter().any(|tested| tested.contains(flow))
    }

    /// How long it took, in milliseconds.
    pub(in crate::cli) fn milliseconds(&self) -> u64 {
        self.took.as_millis().try_into().unwrap_or(u64::MAX)
    }
}
