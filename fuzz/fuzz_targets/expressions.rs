//! Compiles and runs whatever the fuzzer makes as a script. Begin from the seeds, with nightly Rust:
//! `cargo +nightly fuzz run expressions fuzz/corpus/expressions fuzz/seeds/expressions`

#![no_main]

#[path = "../properties/expressions.rs"]
mod properties;

libfuzzer_sys::fuzz_target!(|data: &[u8]| properties::expressions(data));
