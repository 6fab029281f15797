//! Mocks that nothing calls. Tests may share mocks by an anchor of YAML: what one of them calls is called.

use std::collections::{BTreeMap, BTreeSet};

use super::Planned;
use super::report::TestResult;

/// Where a mock stands: file and first byte.
type Place = (String, usize);

/// How many tests have each mock.
pub(super) struct Shared(BTreeMap<Place, usize>);

impl Shared {
    /// Of all tests, also of those that are not run.
    pub(super) fn of(planned: &[Planned]) -> Self {
        let mut shared = BTreeMap::new();
        for (_, test) in planned {
            for mock in test.mocks.iter().chain(&test.starts) {
                *shared.entry((test.source.name().to_owned(), mock.name.span.start)).or_default() += 1;
            }
        }
        Self(shared)
    }

    /// Leaves of the warnings one for each mock that no test calls. One that was not run, or failed, may call it.
    pub(super) fn keep_uncalled(&self, tests: &mut [TestResult]) {
        let mut warned: BTreeMap<Place, usize> = BTreeMap::new();
        for warning in tests.iter().flat_map(|test| &test.warnings) {
            *warned.entry((warning.source.name().to_owned(), warning.span.start)).or_default() += 1;
        }
        warned.retain(|place, count| self.0.get(place) == Some(count));
        let mut told = BTreeSet::new();
        for test in tests {
            test.warnings.retain(|warning| {
                let place = (warning.source.name().to_owned(), warning.span.start);
                warned.contains_key(&place) && told.insert(place)
            });
        }
    }
}
