//! A flow's tests: played in virtual time, with mocks in the place of everything outside. Neither files nor network nor
//! the machine's clock are reached, so a test gives the same whenever it runs.
//!
//! `stage` holds the tasks of a test and drives them by the interpreter, as a runner would between processes; `play`
//! takes the test's steps; `answers` gives what is mocked; `expect` holds the task against what is expected; `coverage`
//! notes what was reached; `report` is what comes of it, `shown` and `difference` how values are read beside each other.

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

pub use coverage::{Coverage, CoveredBranch, CoveredExpression, CoveredState, Evaluated, FlowCoverage, Share};
pub use difference::Line;
pub use report::{Passage, TestFailure, TestReport, TestResult};

/// Bytes of stack of a thread that runs tests: scripts are nested within bounds, but may be deep.
const STACK_BYTES: usize = 16 * 1024 * 1024;
/// Threads that run tests at once.
const MAX_THREADS: usize = 64;

/// Which tests are run, and how.
#[derive(Clone, Debug, Default)]
pub struct TestOptions {
    /// Only tests whose flow's name or own name has this part, whatever its case.
    pub filter: Option<String>,
    /// Threads; as many as there are processors, if none is said.
    pub threads: Option<NonZero<usize>>,
}

/// A test with its flow.
type Planned = (Arc<Flow>, Arc<Test>);

/// What the tests of each flow reached, kept from one run to the next: of a flow that others start, theirs count, too.
#[derive(Default)]
pub(crate) struct Reached(BTreeMap<Name, Recorded>);

impl Reached {
    /// Forgets the tests of a flow that is gone.
    #[cfg(feature = "cli")]
    pub(crate) fn forget(&mut self, flow: &Name) {
        self.0.remove(flow);
    }

    /// What all of them reached of `flows`; a broken flow has none.
    #[cfg(feature = "cli")]
    pub(crate) fn of(&self, library: &Library, flows: &[Name]) -> Coverage {
        let mut all = Recorded::default();
        self.0.values().for_each(|recorded| all.add(recorded));
        let good = |name: &Name| library.get(name).and_then(|entry| entry.into_result().ok());
        Coverage::of(&flows.iter().filter_map(good).collect::<Vec<_>>(), &all)
    }
}

/// Runs the tests of `flows`, and those that `beside` holds in files of their own, also of the flows `only`.
pub(crate) fn run(
    library: &Library,
    flows: &[Name],
    only: &[Name],
    beside: Beside,
    options: &TestOptions,
) -> TestReport {
    run_again(library, flows, only, beside, options, &mut Reached::default())
}

/// Does the same as [`run`], and notes what was reached in the place of what these flows' tests had reached before.
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

/// Plays all, on several threads, and gives what came of them in their order.
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
            // Where there can be no more threads, those there are do it.
            if thread.spawn_scoped(scope, work).is_err() {
                break;
            }
        }
    });
    // And if there were none, this one does.
    work();
    let mut done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    done.sort_by_key(|(number, _)| *number);
    done.into_iter().map(|(_, played)| played).collect()
}
