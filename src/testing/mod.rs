//! A flow's tests: run in virtual time, with mocks for everything outside. They use no files, no network and no real
//! clock, so a test always gives the same result.
//!
//! `stage` holds the tasks of a test and drives them with the interpreter, as a runner would between processes. `play`
//! runs the test's steps, `answers` provides the mocks, `expect` compares the task with what is expected, `coverage`
//! records what was reached. `report` is the result; `shown` and `difference` present values side by side.

mod answers;
mod begins;
mod compare;
mod coverage;
mod difference;
mod expect;
mod play;
mod report;
mod scripts;
mod shown;
mod stage;
mod uncalled;

use std::collections::BTreeMap;
use std::num::NonZero;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use crate::flow::{Flow, Test};
use crate::library::{Beside, Entry, Library};
use crate::name::Name;

use coverage::Recorded;
use uncalled::Shared;

pub use coverage::{
    Coverage, CoverageCount, CoveredBranch, CoveredExpression, CoveredState, ExpressionCoverage, FlowCoverage,
};
pub use difference::DiffLine;
pub use report::{PathStep, TestFailure, TestReport, TestResult};

/// Bytes of stack of a thread that runs tests: scripts may be nested deeply, within bounds.
const STACK_BYTES: usize = 16 * 1024 * 1024;
/// Threads that run tests at once.
const MAX_THREADS: usize = 64;

/// Which tests are run, and how.
#[derive(Clone, Debug, Default)]
pub struct TestOptions {
    /// Only tests whose own name or flow's name contains this text, in any case.
    pub filter: Option<String>,
    /// The number of threads; by default as many as there are processors.
    pub threads: Option<NonZero<usize>>,
}

/// A test with its flow.
type Planned = (Arc<Flow>, Arc<Test>);

/// The coverage by the tests of each flow, kept from one run to the next. A flow is also covered by the tests of flows
/// that start it.
#[derive(Default)]
pub(crate) struct Reached(BTreeMap<Name, Recorded>);

impl Reached {
    /// Forgets the tests of a removed flow.
    #[cfg(feature = "workbench")]
    pub(crate) fn forget(&mut self, flow: &Name) {
        self.0.remove(flow);
    }

    /// The coverage of `flows` by all tests; a broken flow has none.
    #[cfg(feature = "workbench")]
    pub(crate) fn of(&self, library: &Library, flows: &[Name]) -> Coverage {
        let mut all = Recorded::default();
        self.0.values().for_each(|recorded| all.add(recorded));
        let good = |name: &Name| library.get(name).and_then(|entry| entry.into_result().ok());
        Coverage::of(&flows.iter().filter_map(good).collect::<Vec<_>>(), &all)
    }
}

/// Runs the tests of `flows`, and those in files of their own in `beside`, also for the flows `only`.
pub(crate) fn run(
    library: &Library,
    flows: &[Name],
    only: &[Name],
    beside: Beside,
    options: &TestOptions,
) -> TestReport {
    run_again(library, flows, only, beside, options, &mut Reached::default())
}

/// Like [`run`], but replaces the recorded coverage by the tests of these flows.
pub(crate) fn run_again(
    library: &Library,
    flows: &[Name],
    only: &[Name],
    beside: Beside,
    options: &TestOptions,
    reached: &mut Reached,
) -> TestReport {
    let (mut planned, mut tested, mut findings): (Vec<Planned>, Vec<Arc<Flow>>, _) =
        (Vec::new(), Vec::new(), Vec::new());
    for (number, name) in flows.iter().chain(only).enumerate() {
        match library.get(name) {
            Some(Entry::Good(flow)) => {
                let inside = flow.tests.iter().filter(|_| number < flows.len());
                planned.extend(inside.map(|test| (Arc::clone(&flow), Arc::clone(test))));
                let own =
                    beside.tests.iter().filter(|(tested, _)| tested.name == flow.name).flat_map(|(_, tests)| tests);
                planned.extend(own.map(|test| (Arc::clone(&flow), Arc::clone(test))));
                tested.push(flow);
            }
            Some(Entry::Broken(found)) => findings.extend(found.iter().cloned()),
            None => {}
        }
    }
    findings.extend(beside.findings);
    let shared = Shared::of(&planned);
    if let Some(filter) = options.filter.as_ref().map(|filter| filter.to_lowercase()) {
        let is_meant = |text: &str| text.to_lowercase().contains(&filter);
        planned.retain(|(flow, test)| is_meant(&flow.name) || is_meant(&test.name.value));
    }
    let mut recorded = Recorded::default();
    let mut tests = Vec::with_capacity(planned.len());
    flows.iter().chain(only).for_each(|flow| drop(reached.0.remove(flow)));
    for (result, of_test) in played(library, &planned, options) {
        recorded.add(&of_test);
        match reached.0.get_mut(&result.flow) {
            Some(all) => all.add(&of_test),
            None => drop(reached.0.insert(result.flow.clone(), of_test)),
        }
        tests.push(result);
    }
    shared.keep_uncalled(&mut tests);
    findings.extend(tests.iter().flat_map(|test| &test.warnings).cloned());
    TestReport { tests, coverage: Coverage::of(&tested, &recorded), findings }
}

/// Runs all tests on several threads, and returns their results in order.
fn played(library: &Library, planned: &[Planned], options: &TestOptions) -> Vec<(TestResult, Recorded)> {
    let processors = || std::thread::available_parallelism().map_or(1, NonZero::get);
    let threads = options.threads.map_or_else(processors, NonZero::get).min(planned.len()).min(MAX_THREADS);
    let next = AtomicUsize::new(0);
    let done = Mutex::new(Vec::with_capacity(planned.len()));
    let work = || {
        while let number = next.fetch_add(1, Ordering::Relaxed)
            && let Some((flow, test)) = planned.get(number)
        {
            let played = play::play(library, flow, test);
            done.lock().unwrap_or_else(PoisonError::into_inner).push((number, played));
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..threads {
            let thread = std::thread::Builder::new().name("opsflow-test".to_owned()).stack_size(STACK_BYTES);
            // If no more threads can be made, the existing ones do the work.
            if thread.spawn_scoped(scope, work).is_err() {
                break;
            }
        }
    });
    // If there are none at all, this thread does.
    work();
    let mut done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    done.sort_by_key(|(number, _)| *number);
    done.into_iter().map(|(_, played)| played).collect()
}
