//! The tests of the live flows.

use crate::testing::{self, TestOptions, TestReport};

use super::Opsflow;

impl Opsflow {
    /// Runs the tests of the live flows, including those in files beside them, in virtual time. Pure functions run for
    /// real unless a test mocks them. Effects and capabilities are never performed: an unmocked call fails the test.
    /// Neither tasks nor the storage are touched.
    pub fn test(&self, options: &TestOptions) -> TestReport {
        let library = self.library();
        testing::run(library, &library.in_order(), &[], library.all_tests_beside(), options)
    }
}
