//! All integration tests, in one binary.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::disallowed_methods,
    reason = "a test may fail, and reads its files"
)]
#![allow(unreachable_pub, reason = "what the modules of one binary share is not reached from outside")]

mod architecture;
mod cli;
mod docs;
mod language;
mod testing;
mod workflows;
