//! Flows in their current state, and the rounds that update it.

use std::collections::HashSet;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use crate::clock::{Clock, SystemClock, Timestamp};
use crate::diagnostic::Finding;
use crate::library::Library;
use crate::name::Name;
use crate::testing::{Coverage, TestOptions, TestResult};

use super::set::{FlowRow, FlowSet, Reloaded};

/// Flows on which somebody works: sets that do not see each other, with their tests.
pub struct Workbench {
    sets: Vec<FlowSet>,
    options: TestOptions,
}

/// The result of one look at the files.
#[derive(Debug)]
#[non_exhaustive]
pub struct Round {
    /// When it was finished.
    pub at: Timestamp,
    /// The time from the first report of a change until everything was tested.
    pub took: Duration,
    /// The saved, new or deleted files, by their names in findings. None for the first look.
    pub files: Option<Vec<String>>,
    /// The new flows.
    pub added: Vec<Name>,
    /// The changed flows.
    pub changed: Vec<Name>,
    /// The flows that are gone.
    pub removed: Vec<Name>,
    /// The broken flows whose last good definition is kept.
    pub kept: Vec<Name>,
    /// The flows of each set whose tests were run.
    tested: Vec<HashSet<Name>>,
    /// Whether nothing has changed.
    pub is_idle: bool,
}

impl Workbench {
    /// The flows of `sets`, not tested yet. `options` say which tests run.
    pub const fn new(sets: Vec<FlowSet>, options: TestOptions) -> Self {
        Self { sets, options }
    }

    /// The live flows of the first set.
    pub fn library(&self) -> Option<&Library> {
        self.sets.first().map(FlowSet::library)
    }

    /// Everything that must be watched.
    pub fn watched(&self) -> Vec<PathBuf> {
        let mut paths: Vec<PathBuf> = self.sets.iter().flat_map(FlowSet::watched).cloned().collect();
        paths.sort();
        paths.dedup();
        paths
    }

    /// Leaves out folders that are gone, and looks into new ones from now on.
    pub fn look_in(&mut self, gone: &[PathBuf], new: &[PathBuf]) {
        self.sets.iter_mut().take(1).for_each(|set| set.look_in(gone, new));
    }

    /// Runs all tests.
    pub fn begin(&mut self, since: Instant) -> Round {
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
    pub fn reload(&mut self, files: &[PathBuf], since: Instant) -> Round {
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
    pub fn tests(&self) -> Vec<&TestResult> {
        self.sets.iter().flat_map(FlowSet::tests).collect()
    }

    /// The results of the tests that ran in `round`.
    pub fn tests_of(&self, round: &Round) -> Vec<&TestResult> {
        let sets = self.sets.iter().zip(&round.tested);
        sets.flat_map(|(set, tested)| set.tests().into_iter().filter(|test| tested.contains(&test.flow))).collect()
    }

    /// The flows with their results.
    pub fn rows(&self) -> Vec<FlowRow<'_>> {
        self.sets.iter().flat_map(FlowSet::rows).collect()
    }

    /// All findings, as `check` reports them.
    pub fn findings(&self) -> Vec<Finding> {
        self.sets.iter().flat_map(FlowSet::findings).collect()
    }

    /// The findings because of which tests cannot run, as `test` reports them.
    pub fn findings_of_tests(&self) -> Vec<Finding> {
        self.sets.iter().flat_map(FlowSet::findings_of_tests).collect()
    }

    /// The coverage of the tests.
    pub fn coverage(&self) -> Coverage {
        Coverage { flows: self.sets.iter().flat_map(|set| set.coverage().flows).collect() }
    }

    /// The sets.
    pub fn sets(&self) -> &[FlowSet] {
        &self.sets
    }
}

impl Round {
    /// Whether it is the first look.
    pub const fn is_first(&self) -> bool {
        self.files.is_none()
    }

    /// Whether tests of a flow were run.
    pub fn has_tested(&self, flow: &Name) -> bool {
        self.tested.iter().any(|tested| tested.contains(flow))
    }

    /// How long it took, in milliseconds.
    pub fn milliseconds(&self) -> u64 {
        self.took.as_millis().try_into().unwrap_or(u64::MAX)
    }
}
