//! Reads whatever the fuzzer makes as a flow file. Begin from the seeds, with nightly Rust:
//! `cargo +nightly fuzz run reader fuzz/corpus/reader fuzz/seeds/reader`

#![no_main]

#[path = "../properties/reader.rs"]
mod properties;

libfuzzer_sys::fuzz_target!(|data: &[u8]| properties::reader(data));
