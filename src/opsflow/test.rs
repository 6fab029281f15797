//! The tests of the live flows.

use crate::testing::{self, TestOptions, TestReport};

use super::Opsflow;

impl Opsflow {
    /// Runs the tests of the live flows, those in files beside them included, in virtual time. Functions that only compute
    /// run as they are, unless a test mocks them; effects and capabilities are never reached: a call that no test mocks
    /// fails it. Neither tasks nor the storage are touched.
    pub fn test(&self, options: &TestOptions) -> TestReport {
        let library = self.library();
        testing::run(library, &library.in_order(), &[], library.all_tests_beside(), options)
    }
}
